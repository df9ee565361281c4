# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The machines that an inventory file names: its `hosts`, its `csv` files."""

from __future__ import annotations

import csv
import ipaddress
import pathlib
import re
import string
import typing as t
import uuid
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Entry, Place, Value
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._ranges import expand_names

Values = dict[str, Value]
#: Evaluates a Jinja expression of the inventory file with these values.
Render = t.Callable[[str, Values], Value]

#: Columns and keys that mean something here. Every other column is a host variable.
KNOWN: t.Final = ("name", "bmc_host", "bmc_port", "rack", "position", "maker", "serial", "mac", "guid", "groups")
_NAME: t.Final = re.compile(r"[\w][\w.:-]*")
_HOST: t.Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*(%[A-Za-z0-9_.-]+)?")
_VARIABLE: t.Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GROUPS: t.Final = re.compile(r"[\s,;]+")
_MAC: t.Final = re.compile(r"[0-9a-f]{12}")
_PUNCTUATION: t.Final = str.maketrans("", "", ":-. ")
#: So many wrong lines are told at once.
_TOLD: t.Final = 20


class WrongLine(BadOption):
    """A line of a CSV file cannot be right. The message begins with the file and the line's number."""


@dataclass
class Sources:
    """Makes entries. A wrong line of a CSV file is noted, so that all of them can be told at once."""

    port: int = 623
    render: Render | None = None
    wrong: list[str] = field(default_factory=list)
    _entries: dict[str, Entry] = field(default_factory=dict)

    def entries(self, hosts: t.Sequence[Values], files: t.Sequence[Values], folder: pathlib.Path) -> list[Entry]:
        """All entries, in order. A later source adds to an earlier one's host of the same name, and goes over it."""
        for number, item in enumerate(hosts, 1):
            for entry in self._of_hosts(item, f"hosts, item {number}"):
                self._take(entry)
        for item in files:
            for entry in self._of_csv(item, folder):
                self._take(entry)
        return list(self._entries.values())

    def complain(self) -> str:
        """What to say about the wrong lines; empty if there are none."""
        more = f"\n... and {len(self.wrong) - _TOLD} more" if len(self.wrong) > _TOLD else ""
        return "\n".join(self.wrong[:_TOLD]) + more

    def _take(self, entry: Entry) -> None:
        old = self._entries.get(entry.name)
        self._entries[entry.name] = entry if old is None else _merged(old, entry)

    def _of_hosts(self, item: Values, source: str) -> t.Iterator[Entry]:
        names = expand_names(str(item["name"]))
        matcher = _pattern(item.get("pattern"), source)
        for index, name in enumerate(names):
            values: Values = {**(item.get("vars") or {}), **_given(item, ("rack", "position")), "index": index}
            if item.get("per_rack"):
                values["rack"] = int(item.get("rack") or 1) + index // item["per_rack"]
                values["position"] = 1 + index % item["per_rack"]
            if matcher is not None:
                values.update(_from_name(matcher, name, source))
            given = {**item, **values, "name": name}
            variables = {key: value for key, value in values.items() if key != "index"}
            try:
                yield self._entry(given, {**values, "name": name}, variables, source)
            except BadOption as error:
                raise BadOption(f"{source}, {name}: {error}") from None

    def _of_csv(self, item: Values, folder: pathlib.Path) -> t.Iterator[Entry]:
        path = pathlib.Path(str(item["path"])).expanduser()
        try:
            with (folder / path).open(newline="", encoding=item.get("encoding") or "utf-8-sig") as file:
                reader = csv.reader(file, delimiter=str(item.get("delimiter") or ","), strict=True)
                yield from self._of_lines(item, str(path), reader)
        except OSError as error:
            raise BadOption(f"csv: {path} cannot be read: {error.strerror}") from None
        except (UnicodeError, LookupError) as error:
            raise BadOption(f"csv: {path} is not text of the encoding {item.get('encoding') or 'utf-8'}: {error}") from None

    def _of_lines(self, item: Values, name: str, reader: t.Any) -> t.Iterator[Entry]:
        columns: dict[str, int] | None = None
        width = 0
        seen: dict[str, int] = {}
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                self.wrong.append(f"{name}:{reader.line_num}: {error}")
                continue
            if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
                continue
            if columns is None:
                columns, width = _columns(item, name, cells), len(cells)
                continue
            try:
                yield self._line(item, columns, width, cells, f"{name}:{reader.line_num}", seen, reader.line_num)
            except BadOption as error:
                self.wrong.append(f"{name}:{reader.line_num}: {error}")
        if columns is None:
            raise BadOption(f"csv: {name} is empty; its first line has to name the columns")

    def _line(
        self, item: Values, columns: dict[str, int], width: int, cells: list[str], source: str, seen: dict[str, int], number: int
    ) -> Entry:
        if len(cells) != width:
            raise WrongLine(f"{len(cells)} columns instead of {width}")
        found: Values = {key: cells[index].strip() for key, index in columns.items()}
        values: Values = {**(item.get("vars") or {}), **{key: value for key, value in found.items() if value != ""}}
        for key in ("rack", "position"):
            if key in values:
                values[key] = _number(values[key])
        name = values.get("name")
        if name is None:
            raise WrongLine("the name is missing")
        if name in seen:
            raise WrongLine(f"{name} is in line {seen[name]} already")
        seen[name] = number
        given = {"bmc_host": item.get("bmc_host"), **values, "groups": [*(item.get("groups") or []), *_GROUPS.split(values.get("groups", ""))]}
        variables = {key: value for key, value in values.items() if key not in KNOWN or key in ("rack", "position")}
        return self._entry(given, values, variables, source)

    def _entry(self, given: Values, values: Values, variables: Values, source: str) -> Entry:
        name = str(given["name"])
        if not _NAME.fullmatch(name):
            raise BadOption(f"{name!r} cannot be the name of a host")
        host = self._fill(given.get("bmc_host"), values)
        if not host:
            raise BadOption("bmc_host is missing")
        if not _HOST.fullmatch(host):
            raise BadOption(f"bmc_host {host!r} is neither a name nor an address")
        if re.fullmatch(r"[0-9.]+", host):
            _address(host)
        return Entry(
            name=name,
            place=Place(_canonical(host), _port(given.get("bmc_port") or self.port)),
            source=source,
            maker=_text(given.get("maker")),
            serial=_text(self._fill(given.get("serial"), values)),
            mac=_mac(self._fill(given.get("mac"), values)),
            guid=_guid(self._fill(given.get("guid"), values)),
            groups=tuple(str(group) for group in given.get("groups") or () if group),
            variables=variables,
        )

    def _fill(self, pattern: Value, values: Values) -> str:
        """A pattern's text: `{name}-sp`, `10.1.{rack}.{position}`, or Jinja."""
        if pattern is None:
            return ""
        if "{{" in str(pattern) or "{%" in str(pattern):
            # Only what stands in the inventory file is an expression. `render` refuses anything else.
            return "" if self.render is None else str(self.render(pattern, values)).strip()
        return fill(str(pattern), values)


def fill(pattern: str, values: t.Mapping[str, Value]) -> str:
    """Put values into `{name}`, with a format if wanted: `{rack:02d}`. Raises BadOption."""
    text = []
    try:
        for literal, key, form, conversion in string.Formatter().parse(pattern):
            text.append(literal)
            if key is None:
                continue
            if conversion or key not in values or values[key] is None:
                raise BadOption(f"{pattern!r}: there is no {key!r} here; there is {', '.join(sorted(values)) or 'nothing'}")
            text.append(format(values[key], form or ""))
    except (ValueError, TypeError) as error:
        raise BadOption(f"{pattern!r} is not a pattern such as {{name}}-sp: {error}") from None
    return "".join(text)


def _columns(item: Values, name: str, header: list[str]) -> dict[str, int]:
    """Which variable is in which column."""
    titles = [cell.strip() for cell in header]
    wanted: t.Mapping[str, str] = item.get("columns") or {title: title for title in titles if title}
    missing = sorted({str(title) for title in wanted.values()} - set(titles))
    if missing:
        raise BadOption(f"csv: {name} has no column {', '.join(map(repr, missing))}; it has {', '.join(map(repr, titles))}")
    twice = sorted({title for title in wanted.values() if titles.count(title) > 1})
    if twice:
        raise BadOption(f"csv: {name} has more than one column {', '.join(map(repr, twice))}")
    if "name" not in wanted:
        raise BadOption(f"csv: {name}: no column is the name; say which with columns: {{name: ...}}")
    wrong = [key for key in wanted if not _VARIABLE.fullmatch(key)]
    if wrong:
        raise BadOption(f"csv: {name}: {', '.join(map(repr, wrong))} cannot be a variable; name it with columns")
    return {key: titles.index(title) for key, title in wanted.items()}


def _merged(old: Entry, new: Entry) -> Entry:
    return Entry(
        name=new.name,
        place=new.place,
        source=new.source,
        maker=new.maker or old.maker,
        serial=new.serial or old.serial,
        mac=new.mac or old.mac,
        guid=new.guid or old.guid,
        groups=tuple(dict.fromkeys([*old.groups, *new.groups])),
        variables={**old.variables, **new.variables},
    )


def _given(item: Values, keys: t.Iterable[str]) -> Values:
    return {key: item[key] for key in keys if item.get(key) is not None}


def _pattern(text: Value, source: str) -> re.Pattern[str] | None:
    if not text:
        return None
    try:
        return re.compile(str(text))
    except re.error as error:
        raise BadOption(f"{source}: pattern {text!r} is not a regular expression: {error}") from None


def _from_name(matcher: re.Pattern[str], name: str, source: str) -> Values:
    match = matcher.fullmatch(name)
    if match is None:
        raise BadOption(f"{source}: {name} does not match the pattern {matcher.pattern!r}")
    return {key: int(value) if value.isdecimal() else value for key, value in match.groupdict().items() if value is not None}


def _number(text: Value) -> Value:
    """A number where the text is one as people write it: "07" stays a text."""
    return int(text) if str(text).isdecimal() and str(int(text)) == text else text


def _text(value: Value) -> str | None:
    return str(value).strip() or None if value is not None else None


def _canonical(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host


def _address(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError as error:
        raise BadOption(f"bmc_host: {error}") from None


def _port(value: Value) -> int:
    if not str(value).isdecimal() or not 1 <= int(value) <= 65535:
        raise BadOption(f"bmc_port {value!r} is not a UDP port")
    return int(value)


def _mac(text: str) -> str | None:
    if not text:
        return None
    digits = text.lower().translate(_PUNCTUATION)
    if not _MAC.fullmatch(digits):
        raise BadOption(f"mac {text!r} is not a MAC address")
    return ":".join(digits[index : index + 2] for index in range(0, 12, 2))


def _guid(text: str) -> str | None:
    if not text:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise BadOption(f"guid {text!r} is not a GUID") from None

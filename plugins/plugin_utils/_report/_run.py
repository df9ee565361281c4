# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""From the module's options and the hosts' variables to the files and the result."""

from __future__ import annotations

import datetime
import os
import pathlib
import tempfile
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._audit import describe
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import CATALOGUE, fingerprint
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report import _html, _json, _junit, _sarif
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._gate import Comparison, Earlier, Gate, compare, judge, load
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Finding, Host, Json, Reader, Report, Unreadable, build

#: What a format's file ends in, in the order in which they are written and listed.
ENDINGS: t.Final = {"json": ".json", "junit": ".junit.xml", "sarif": ".sarif", "html": ".html"}

#: Some variables of a host by their names; None for a host that the inventory does not have.
Variables = t.Callable[[str, t.Sequence[str]], Json | None]


class Failure(Exception):
    """Ends the task, with one sentence."""

    def __init__(self, text: str, reason: str = "bad_option") -> None:
        super().__init__(text)
        self.reason = reason


def run(params: t.Mapping[str, t.Any], variables: Variables, *, check_mode: bool) -> Json:
    """The module's result. Raises Failure."""
    _check(params)
    earlier = {name: _load(name, params[name]) for name in ("baseline", "previous")}
    report = _report(params, variables)
    gate = judge(report, params["fail_on"], earlier["baseline"])
    comparison = compare(report, earlier["previous"]) if earlier["previous"] else None
    folder = pathlib.Path(params["dest"])
    changed = False
    files = []
    _prepare(folder, check_mode)
    for ending, text in _texts(params, report, gate, comparison):
        path = folder / f"{params['name']}{ending}"
        changed |= _write(path, text.encode("utf-8", "replace"), check_mode)
        files.append(str(path))
    return {"changed": changed, "files": files, **_verdict(report, gate), **({"compared": comparison.counts()} if comparison else {})}


def _check(params: t.Mapping[str, t.Any]) -> None:
    name = params["name"]
    if not name or name.startswith(".") or "/" in name or "\0" in name:
        raise Failure(f"name is {name!r}; it is the beginning of a file's name, without a folder")
    if not params["hosts"]:
        raise Failure("hosts is empty: there is nothing to report")
    if not params["formats"]:
        raise Failure("formats is empty: there is nothing to write")


def _load(option: str, path: str | None) -> Earlier | None:
    if not path:
        return None
    try:
        return load(pathlib.Path(path))
    except Unreadable as error:
        raise Failure(f"{option}: {error}", "bad_file") from error


def _report(params: t.Mapping[str, t.Any], variables: Variables) -> Report:
    reader = Reader({control.id for control in CATALOGUE})
    names = (params["rack"], params["rack_position"], params["variable"])
    hosts: list[Host] = []
    unknown = []
    for name in dict.fromkeys(map(str, params["hosts"])):
        found = variables(name, names)
        if found is None:
            unknown.append(name)
        else:
            rack, position, result = (found[variable] for variable in names)
            hosts.append(reader.host(name, _plain(rack), _plain(position), result))
    if unknown:
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        raise Failure(f"hosts: the inventory does not have {', '.join(unknown[:10])}{more}")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return build(params["title"], hosts, [describe(control) for control in CATALOGUE], fingerprint(), today)


def _plain(value: t.Any) -> str:
    return "" if value is None else str(value)


def _texts(params: t.Mapping[str, t.Any], report: Report, gate: Gate, comparison: Comparison | None) -> t.Iterator[tuple[str, str]]:
    """The ending and the text of each file that is wanted."""
    wanted = params["formats"]
    source = _json.write(report, gate, comparison) if {"json", "html"} & set(wanted) else ""
    makers: dict[str, t.Callable[[], str]] = {
        "json": lambda: source,
        "junit": lambda: _junit.write(report),
        "sarif": lambda: _sarif.write(report, params["name"], params["location"], comparison),
        "html": lambda: _html.write(report.title, source),
    }
    for name, ending in ENDINGS.items():
        if name in wanted:
            yield ending, makers[name]()


def _prepare(folder: pathlib.Path, check_mode: bool) -> None:
    """Make the folder; in check mode look whether it could be made."""
    if check_mode:
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise Failure(f"dest: {folder} cannot be made: {there} is no folder that can be written to", "not_written")
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"dest: {folder} cannot be made: {error.strerror}", "not_written") from error


def _write(path: pathlib.Path, content: bytes, check_mode: bool) -> bool:
    """Whether the file differs; it is then written, as a whole or not at all."""
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        if not check_mode:
            _replace(path, content)
    except OSError as error:
        raise Failure(f"dest: {path} cannot be written: {error.strerror}", "not_written") from error
    return True


def _replace(path: pathlib.Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # As any new file, but not for everybody: it says which BMCs are weak. mkstemp leaves it to the owner alone.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o660 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _verdict(report: Report, gate: Gate) -> Json:
    def tell(pairs: t.Iterable[tuple[Host, Finding]]) -> list[Json]:
        return [
            {"host": host.name, "control": finding.control, "severity": finding.severity, "title": report.control[finding.control]["title"]}
            for host, finding in pairs
        ]

    return {
        "ok": gate.ok,
        "open": tell(gate.open),
        "accepted": tell(gate.accepted),
        "not_audited": [{"host": host.name, "reason": host.reason, "msg": host.msg} for host in gate.not_audited],
        "summary": report.summary(),
    }

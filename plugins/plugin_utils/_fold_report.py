# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The outcomes of a task on many hosts, folded: as lines for people, as a document for programs."""

from __future__ import annotations

import typing as t
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from ansible.module_utils.common.yaml import yaml_dump

from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_nodes import fold, natural
from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_outcome import BAD, Outcome, Status, headline

#: Characters up to which a result stands in the line of its hosts.
IN_LINE: t.Final = 100
#: Different messages that are shown of one cause, the most frequent first.
MESSAGES: t.Final = 5

_ORDER: t.Final = {status: number for number, status in enumerate(Status)}


@dataclass(frozen=True)
class Line:
    """A line of text and what it is about, which gives its colour."""

    text: str
    kind: str = "plain"


@dataclass
class TaskReport:
    """What is known of one task."""

    name: str
    action: str
    path: str | None = None
    outcomes: dict[Outcome, list[str]] = field(default_factory=lambda: defaultdict(list))
    warnings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    #: Hosts by how the task as a whole ended; a failure that the play goes on from counts as "ignored".
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    #: Hosts that the task was started on and that have not answered.
    waiting: set[str] = field(default_factory=set)

    @property
    def done(self) -> int:
        """Hosts that have answered."""
        return self.counts.total()

    def groups(self) -> list[tuple[Outcome, list[str]]]:
        """Outcomes with their hosts, in the order in which they are shown."""
        return sorted(self.outcomes.items(), key=_rank)


def _rank(group: tuple[Outcome, list[str]]) -> tuple[t.Any, ...]:
    one, hosts = group
    return (one.status in BAD, not one.ignored, _ORDER[one.status], one.item or "", -len(hosts), one.cause, one.body, one.diff)


def printable(text: str) -> str:
    """The text with control characters shown rather than sent: what a BMC says must not move the cursor."""
    return "".join(char if char.isprintable() or char in "\n\t" else char.encode("unicode_escape").decode() for char in text)


# For people.


def lines(task: TaskReport, diff: t.Callable[[str], str], indent: str = "") -> list[Line]:
    """The task's outcomes. `diff` draws a diff that is given as JSON."""
    found: list[Line] = []
    bad: dict[tuple[t.Any, ...], list[tuple[Outcome, list[str]]]] = defaultdict(list)
    for one, hosts in task.groups():
        if one.status in BAD:
            bad[(one.status, one.ignored, one.item, one.cause)].append((one, hosts))
        else:
            found += _good(one, hosts, diff)
    for groups in sorted(bad.values(), key=lambda groups: (not groups[0][0].ignored, -sum(len(hosts) for _one, hosts in groups))):
        found += _failures(groups)
    for text, hosts in sorted(task.warnings.items()):
        found.append(Line(f"warning: {printable(text)} ({len(hosts)}): {fold(hosts)}", "warning"))
    if task.waiting:
        found.append(Line(f"no result ({len(task.waiting)}): {fold(task.waiting)}", "failed"))
    return [Line(_indented(line.text, indent), line.kind) for line in found]


def _indented(text: str, indent: str) -> str:
    return "\n".join(f"{indent}{line}" if line else "" for line in text.split("\n"))


def _good(one: Outcome, hosts: list[str], diff: t.Callable[[str], str]) -> list[Line]:
    text = printable(say(one.data()))
    words = [] if one.status is Status.OK and (text or one.item) else [one.status.value]
    words += [printable(one.item)] if one.item is not None else []
    inline = text if "\n" not in text and len(text) <= IN_LINE else ""
    head = ": ".join([*words, *([inline] if inline else [])]) or one.status.value
    found = [Line(f"{head} ({len(hosts)}): {fold(hosts)}", one.status.value)]
    if text and not inline:
        found.append(Line(_indented(text, "    "), one.status.value))
    if one.diff:
        found.append(Line(_indented(diff(one.diff).rstrip("\n"), "    ")))
    return found


def _failures(groups: list[tuple[Outcome, list[str]]]) -> list[Line]:
    """One cause: its hosts, then what was said, each with its hosts if there are several."""
    first = groups[0][0]
    hosts = [host for _one, group in groups for host in group]
    words = [first.status.value, *([printable(first.item)] if first.item is not None else []), *([first.cause] if first.cause else [])]
    kind = "skipped" if first.ignored else first.status.value
    head = ": ".join(words) + (", ignored" if first.ignored else "")
    found = [Line(f"{head} ({len(hosts)}): {fold(hosts)}", kind)]
    for one, group in groups[:MESSAGES]:
        message = printable(str(one.data().get("msg", "")))
        if len(groups) > 1:
            message = f"{message} ({len(group)}): {fold(group)}"
        if message:
            found.append(Line(_indented(message, "    "), kind))
    if len(groups) > MESSAGES:
        rest = sum(len(group) for _one, group in groups[MESSAGES:])
        found.append(Line(f"    and {len(groups) - MESSAGES} other messages ({rest})", kind))
    return found


def say(data: t.Mapping[str, t.Any]) -> str:
    """A result's fields as a person reads them: a word, a text, `key=value`, or YAML."""
    word = headline(data)
    if word is not None:
        return word
    if len(data) == 1:
        (key,) = data
        if key in ("msg", "stdout") or "." in key:
            return _scalar(data[key])
    if "stdout" in data:
        rest = {key: value for key, value in data.items() if key != "stdout"}
        return "\n".join(part for part in (_scalar(data["stdout"]), say(rest)) if part)
    if all(not isinstance(value, (dict, list)) for value in data.values()):
        flat = ", ".join(f"{key}={_scalar(value)}" for key, value in zip(_short(data), data.values(), strict=True))
        if len(flat) <= IN_LINE and "\n" not in flat:
            return flat
    return _yaml(data)


def _short(names: t.Collection[str]) -> list[str]:
    """Paths by their last step, where that is enough to tell them apart."""
    last = [name.rsplit(".", 1)[-1] for name in names]
    return last if len(set(last)) == len(last) else list(names)


def _scalar(value: t.Any) -> str:
    if isinstance(value, str):
        return value.rstrip("\n")
    return "none" if value is None else _yaml(value)


def _yaml(value: t.Any) -> str:
    text = str(yaml_dump(value, default_flow_style=False, allow_unicode=True, width=120))
    return text.removesuffix("...\n").rstrip("\n")


def summary(counts: t.Mapping[str, int], seconds: float, waiting: int = 0) -> str:
    """`1800 hosts: 1796 ok, 4 failed in 24 s`."""
    words = [f"{counts[name]} {name}" for name in (*(status.value for status in Status), "ignored") if counts.get(name)]
    words += [f"{waiting} without a result"] if waiting else []
    hosts = sum(counts.values()) + waiting
    return f"{hosts} {'host' if hosts == 1 else 'hosts'}: {', '.join(words) or 'nothing done'} in {duration(seconds)}"


def duration(seconds: float) -> str:
    """`24 s`, `3:07`, `1:02:09`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


# For programs.


def nodes(hosts: t.Collection[str]) -> dict[str, t.Any]:
    """A set of hosts: how many, folded, and one by one."""
    return {"count": len(hosts), "nodes": fold(hosts), "hosts": sorted(hosts, key=natural)}


def document(task: TaskReport) -> dict[str, t.Any]:
    """The task for programs."""
    found: dict[str, t.Any] = {
        "task": task.name,
        "action": task.action,
        "seconds": round(task.seconds, 3),
        "counts": dict(sorted(task.counts.items())),
        "results": [_group(one, hosts) for one, hosts in task.groups()],
        "warnings": [{"message": text, **nodes(hosts)} for text, hosts in sorted(task.warnings.items())],
    }
    if task.waiting:
        found["waiting"] = nodes(task.waiting)
    return found


def _group(one: Outcome, hosts: list[str]) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {"status": one.status.value, **nodes(hosts)}
    if one.status in BAD:
        found |= {"cause": one.cause, "ignored": one.ignored}
    if one.item is not None:
        found["item"] = one.item
    found["result"] = one.data()
    if one.diff:
        found["diff"] = Outcome(one.status, one.diff).data()
    return found

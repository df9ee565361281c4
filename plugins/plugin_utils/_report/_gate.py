# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What counts: the limit, the accepted baseline, and the comparison with an earlier report."""

from __future__ import annotations

import collections
import itertools
import json
import pathlib
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import State
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import FORMAT, SEVERITIES, VERSION, Finding, Host, Json, Report, Unreadable

#: `fail_on`, from the strictest limit to none.
LIMITS: t.Final = (*SEVERITIES, "never")

#: A host and a control: what findings of two reports are told apart by.
Key = tuple[str, str]
#: The channels or accounts that a finding fails for; empty where it is about the BMC as a whole.
Subjects = frozenset[str]


@dataclass(frozen=True)
class Earlier:
    """What is needed of an earlier report."""

    title: str
    date: str
    states: t.Mapping[Key, str]
    subjects: t.Mapping[Key, Subjects] = field(default_factory=dict)

    def accepts(self, key: Key, finding: Finding) -> bool:
        """Whether it failed then too, for every channel and account that it fails for now."""
        return key in self.open and _failing(finding.rest) <= self.subjects.get(key, frozenset())

    @property
    def open(self) -> set[Key]:
        """What failed then."""
        return {key for key, state in self.states.items() if state == State.FAIL.value}


def load(path: pathlib.Path) -> Earlier:
    """Read a JSON report. Raises Unreadable, with a sentence that names the file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Unreadable(f"{path} is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Unreadable(f"{path} is no report of lightsout.bmc.compliance_report; take the .json of an earlier run")
    version = document.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise Unreadable(f"{path} has version {version} of the format; this release reads up to {VERSION}: it was written by a newer one")
    try:
        findings = [(finding["id"], finding["state"], _failing(finding)) for finding in document["findings"]]
        found = {(host["name"], findings[number][0]): findings[number][1:] for host in document["hosts"] for number in host["findings"]}
        states = {key: state for key, (state, _subjects) in found.items()}
        return Earlier(str(document["title"]), str(document["date"]), states, {key: subjects for key, (_state, subjects) in found.items()})
    except (KeyError, IndexError, TypeError) as error:
        raise Unreadable(f"{path} is damaged: {type(error).__name__}: {error}") from error


def _failing(finding: t.Mapping[str, t.Any]) -> Subjects:
    return frozenset(part["subject"] for part in finding["parts"] if part["state"] == State.FAIL.value)


@dataclass(frozen=True)
class Gate:
    """What is open at or above the limit."""

    fail_on: str
    open: tuple[tuple[Host, Finding], ...]  #: counts
    accepted: tuple[tuple[Host, Finding], ...]  #: would count, but is in the baseline
    not_audited: tuple[Host, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing counts, and each host was audited."""
        return not self.open and not self.not_audited


def judge(report: Report, fail_on: str, baseline: Earlier | None) -> Gate:
    """Sort what is open into what counts and what was accepted."""
    counting = SEVERITIES[: LIMITS.index(fail_on) + 1] if fail_on != "never" else ()
    at_or_above = [pair for pair in report.open() if pair[1].severity in counting]
    accepted = [baseline is not None and baseline.accepts(key_of(pair), pair[1]) for pair in at_or_above]
    return Gate(
        fail_on=fail_on,
        open=tuple(itertools.compress(at_or_above, (not known for known in accepted))),
        accepted=tuple(itertools.compress(at_or_above, accepted)),
        not_audited=tuple(host for host in report.hosts if not host.audited),
    )


def key_of(pair: tuple[Host, Finding]) -> Key:
    """Host and control."""
    return pair[0].name, pair[1].control


#: In which of these a finding is that failed earlier or fails now.
CHANGES: t.Final = ("new", "fixed", "still_open", "waived", "unclear")


@dataclass(frozen=True)
class Comparison:
    """What became of what failed."""

    title: str
    date: str
    lists: t.Mapping[str, tuple[Key, ...]]  #: by the words of CHANGES, sorted

    def counts(self) -> dict[str, int]:
        """How many in each."""
        return {change: len(self.lists[change]) for change in CHANGES}

    def as_dict(self) -> Json:
        """For the report."""
        return {"previous": {"title": self.title, "date": self.date}, **{change: [list(key) for key in self.lists[change]] for change in CHANGES}}


def compare(report: Report, earlier: Earlier) -> Comparison:
    """A finding is fixed only if it is known to hold now: a BMC that was not audited has mended nothing."""
    now = {(host.name, finding.control): finding.state for host in report.hosts for finding in host.findings}
    found: dict[str, list[Key]] = collections.defaultdict(list)
    for key, state in now.items():
        if state == State.FAIL.value and key not in earlier.open:
            found["new"].append(key)
    for key in earlier.open:
        found[_became(now.get(key))].append(key)
    return Comparison(earlier.title, earlier.date, {change: tuple(sorted(found[change])) for change in CHANGES})


def _became(state: str | None) -> str:
    if state == State.FAIL.value:
        return "still_open"
    if state in (State.PASS.value, State.NOT_APPLICABLE.value):
        return "fixed"
    return "waived" if state == State.WAIVED.value else "unclear"

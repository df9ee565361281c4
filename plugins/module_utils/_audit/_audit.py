# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Looks at the controls of a profile, one after another, and says what was found. Changes nothing."""

from __future__ import annotations

import collections
import datetime
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import RANKING, Control, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import CANNOT_SAY, unknown
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._waiver import Waiver


@dataclass(frozen=True)
class Finding:
    """What is known of one control on one BMC."""

    control: Control
    verdicts: tuple[Verdict, ...]  #: at least one
    evidence: list[dict[str, str]]
    waiver: Waiver | None
    today: datetime.date

    @property
    def found(self) -> State:
        """The state without regard to a waiver."""
        states = {verdict.state for verdict in self.verdicts}
        return next(state for state in RANKING if state in states)

    @property
    def state(self) -> State:
        """The state that counts."""
        waived = self.found is State.FAIL and self.waiver is not None and self.waiver.holds(self.today)
        return State.WAIVED if waived else self.found

    def as_dict(self, *, texts: bool) -> dict[str, t.Any]:
        """For results. Without `texts`, what the catalogue says for every BMC alike is left out."""
        speaking = [verdict for verdict in self.verdicts if verdict.state is self.found]
        result: dict[str, t.Any] = {
            "id": self.control.id,
            "state": self.state.value,
            "severity": self.control.severity.value,
            "expected": _joined(self._expected(verdict) for verdict in speaking),
            "actual": _joined(_with_subject(verdict, verdict.actual) for verdict in speaking),
            "reason": _joined(_with_subject(verdict, verdict.reason) for verdict in speaking if verdict.reason),
            "method": speaking[0].method.value,
            "evidence": self.evidence,
            "parts": [self._part(verdict) for verdict in self.verdicts if verdict.subject],
            "fixes": [dict(verdict.fix) for verdict in self.verdicts if verdict.fix is not None],
            "waiver": self.waiver.as_dict(self.today) if self.waiver and self.found is State.FAIL else None,
        }
        return {**result, **describe(self.control)} if texts else result

    def _expected(self, verdict: Verdict) -> str:
        return verdict.expected or self.control.expected

    def _part(self, verdict: Verdict) -> dict[str, str]:
        return {
            "subject": verdict.subject,
            "state": verdict.state.value,
            "expected": self._expected(verdict),
            "actual": verdict.actual,
            "reason": verdict.reason,
        }


def _joined(texts: t.Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _with_subject(verdict: Verdict, text: str) -> str:
    return f"{verdict.subject}: {text}" if verdict.subject else text


def describe(control: Control) -> dict[str, t.Any]:
    """What the catalogue says of a control."""
    remedy = control.remedy
    return {
        "id": control.id,
        "title": control.title,
        "severity": control.severity.value,
        "profile": control.profile.value,
        "rationale": control.rationale,
        "how": remedy.how,
        "fixable": remedy.fixable.value,
        "disruption": remedy.disruption.value,
        "disturbs": remedy.disturbs,
        "needs_reset": remedy.needs_reset,
        "references": list(control.sources),
    }


def audit(
    case: Case, controls: t.Iterable[Control], waivers: t.Mapping[str, Waiver], today: datetime.date
) -> list[Finding]:
    """A finding for each control. Raises what ends the session: Unreachable, SessionLost."""
    return [_look_at(case, control, waivers.get(control.id), today) for control in controls]


def _look_at(case: Case, control: Control, waiver: Waiver | None, today: datetime.date) -> Finding:
    case.reader.begin()
    try:
        verdicts = tuple(control.check(case))
    except CANNOT_SAY as error:
        verdicts = (unknown(error),)
    if not verdicts:
        # Nothing that could fail is no pass.
        verdicts = (Verdict(State.NOT_APPLICABLE, "nothing there", reason="the BMC has nothing that this control is about"),)
    return Finding(control, tuple(_as_it_can_be_shown(case, verdict) for verdict in verdicts), case.reader.trail, waiver, today)


def _as_it_can_be_shown(case: Case, verdict: Verdict) -> Verdict:
    """Ansible puts asterisks for the task's secrets wherever they are. Those are no name and no choice to write."""
    if verdict.fix is None or not case.would_be_masked(verdict.fix):
        return verdict
    return replace(verdict, fix=None, actual=f"{verdict.actual}; a secret of the task is like a part of what mends it, so that cannot be shown")


def summary(findings: t.Iterable[Finding]) -> dict[str, int]:
    """How many findings are in each state."""
    counted = collections.Counter(finding.state for finding in findings)
    return {state.value: counted[state] for state in State}

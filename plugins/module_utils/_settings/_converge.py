# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""From options to a converged BMC: plan everything, then write everything, in one session.

Nothing is written before the whole of it is planned, so a value that cannot be is found
while the BMC is as it was.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BadOption,
    BmcError,
    Unsupported,
    WouldLockOut,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut, Line, Proof, all_or_nothing, carry_out
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress, write_safely
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Plan, again
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

UNSUPPORTED_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "on_unsupported": {"type": "str", "default": "fail", "choices": ["fail", "report"]},
}

PROOF_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "verify_login": {"type": "bool", "default": True},
    "verify_timeout": {"type": "int", "default": 60},
    "verify_host": {"type": "str"},
}

SELF_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {"allow_self": {"type": "bool", "default": False}}


@dataclass
class Converged:
    """What a converge found and did."""

    cuts: tuple[Cut, ...]
    progress: Progress = field(default_factory=Progress)
    #: What a look from outside showed: keys of the result.
    seen: dict[str, t.Any] = field(default_factory=dict)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """One for each instance."""
        return tuple(cut.plan for cut in self.cuts)

    @property
    def changed(self) -> bool:
        """Whether any setting differed, of those that the BMC has and tells."""
        refused = {(missing.label, missing.setting) for missing in self.progress.missing}
        return any(
            (plan.instance.label, name) not in refused
            for plan in self.plans
            for change in plan.changes
            for name in change.names
            if not change.blind
        )

    @property
    def blind(self) -> list[str]:
        """Settings that are written each time, because the BMC does not tell them."""
        return [
            f"{change.instance.label}: {name}"
            for plan in self.plans
            for change in plan.changes
            for name in change.names
            if change.blind
        ]

    @property
    def missing(self) -> list[dict[str, str]]:
        """What the BMC does not support, as results show it."""
        found = [missing for plan in self.plans for missing in plan.missing] + self.progress.missing
        return [missing.as_dict() for missing in found]


def converge(line: Line, cuts: t.Sequence[Cut], *, check_mode: bool, proof: Proof, strict: bool) -> Converged:
    """Carry out plans. With `strict`, a setting that the BMC lacks is a failure, found before the first write.

    A BmcError that leaves here carries `progress`: what had been written by then.
    """
    result = Converged(tuple(cuts))
    if strict:
        _refuse_missing(result, "Nothing was written")
    _refuse_homeless(cuts, proof)
    _refuse_occupied(line, cuts, proof)
    if check_mode:
        return result
    try:
        for cut in cuts:
            if not cut.at_once(proof):
                with all_or_nothing(line, cut, result.progress):
                    write_safely(line.bmc, cut.plan, result.progress)
        _write_what_cuts(line, cuts, proof, result.progress)
        if strict:
            _refuse_missing(result, "The rest was written")
        for cut in cuts:
            # Where no login proved that the BMC is still there, there is nothing to look at either.
            if cut.look is not None and result.progress.verified is not False:
                result.seen.update(cut.look(line.bmc, result.progress))
    except BmcError as error:
        error.progress = result.progress
        raise
    return result


def _write_what_cuts(line: Line, cuts: t.Sequence[Cut], proof: Proof, progress: Progress) -> None:
    """One plan at a time. Once the way in is closed, as the task says that it may be, nothing can be written any more."""
    ordered = sorted(cuts, key=lambda cut: cut.final)
    for number, cut in enumerate(ordered, 1):
        not_yet_there = not cut.moves and any(later.moves_away for later in ordered[number:])
        now = replace(proof, host=None) if not_yet_there else proof
        with all_or_nothing(line, cut, progress):
            carry_out(line, cut, now, progress)
        _the_first_once_more(line, cut, now, progress)


def _the_first_once_more(line: Line, cut: Cut, proof: Proof, progress: Progress) -> None:
    """A BMC that restarted between the two copies has the stored one in force, which was the old one then."""
    if cut.first is None or not cut.plan.changes:
        return
    now = again(Reader(line.bmc, after_write=True), cut.first.plan, cut.first.plan.wanted)
    if now.changes:
        left = replace(cut.first, plan=replace(cut.first.plan, changes=now.changes))
        write_safely(line.bmc, left.plan, progress)
        carry_out(line, left, proof, progress)


def _refuse_missing(result: Converged, state: str) -> None:
    found = [missing for plan in result.plans for missing in plan.missing] + result.progress.missing
    if found:
        raise Unsupported(
            f"the BMC does not support {'; '.join(str(missing) for missing in found)}. {state}. "
            "Leave these out, or set on_unsupported: report"
        )


def _refuse_occupied(line: Line, cuts: t.Sequence[Cut], proof: Proof) -> None:
    """Two BMCs with one address cannot be told apart, and nothing could be put back."""
    home = line.bmc.connection
    if home.interface != "lan" or not proof.wanted:
        return
    for cut in cuts:
        future = cut.after(home) if cut.plan.cutting else home
        if future.host == home.host:
            continue
        place = future.at(proof.host) if proof.host else future
        if place.host != home.host and line.answers(place):
            raise WouldLockOut(
                f"{cut.plan.instance.label}: a BMC answers at {place} already, and this one would move there. Nothing was "
                "written. If it is the same one, use that address, or set verify_login: false"
            )


def _refuse_homeless(cuts: t.Sequence[Cut], proof: Proof) -> None:
    """A change is not made where its proof could not even be tried."""
    for cut in cuts:
        if cut.homeless and proof.wanted and proof.host is None:
            raise WouldLockOut(
                f"{cut.plan.instance.label}: {cut.homeless}. Nothing was written. Say with verify_host where the BMC "
                "will answer, or set verify_login: false if it need not be reached from here"
            )


def proof_from(params: t.Mapping[str, t.Any]) -> Proof:
    """The proof options. Raises BadOption."""
    timeout = params["verify_timeout"]
    if not 1 <= timeout <= 3600:
        raise BadOption(f"verify_timeout is {timeout}; it must be 1 to 3600 seconds")
    return Proof(params["verify_login"], float(timeout), params["verify_host"])

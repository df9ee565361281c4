# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the BMC's journal says about a schedule: who lost the console unasked, and how long it lay free."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from tests.integration.console_schedules.journal import ENDS, Change
from tests.integration.console_schedules.schedule import ACCOUNTS, KEEPERS, OTHERS, OURS, Schedule

#: Seconds between two looks of the guard.
INTERVAL: t.Final = 1.0
#: Seconds more for a login and the machine's load; and for the start of a console server, an interpreter or two.
LOAD: t.Final = 2.0
START: t.Final = 5.0
#: Accounts of somebody else's tools.
STRANGERS: t.Final = frozenset(ACCOUNTS[party] for party in OTHERS)
#: Seconds by which two programs' words about one moment may differ.
_BLUR: t.Final = 0.2


@dataclass
class Diary:
    """What the parties were told, by the one who told them. Times are seconds since 1970."""

    told: list[tuple[float, float, str]] = field(default_factory=list)  #: to leave, or killed: from when on, and when it had left
    dead: set[int] = field(default_factory=set)  #: UDP ports of what was killed
    up: list[tuple[float, float, str]] = field(default_factory=list)  #: from when to when a keeper was there


@dataclass(frozen=True)
class Verdict:
    """What came of a schedule."""

    faults: tuple[str, ...]
    gaps: tuple[float, ...]  #: seconds for which the console lay free while a keeper was there
    echoes: int = 0  #: how often one who had it typed, and saw it


def judge(schedule: Schedule, changes: t.Sequence[Change], diary: Diary) -> Verdict:
    """Look through the journal of one schedule."""
    names = {schedule.account(party): party for party in schedule.parties}
    faults: list[str] = []
    robbed: set[int] = set()
    now: Change | None = None
    for change in changes:
        if change.what == "activated":
            now = change
        elif change.what in ENDS and now is not None:
            fault = _unasked(schedule, now, change, diary, names)
            if now.user not in names and now.user in STRANGERS:
                fault = ""  # somebody else's tool, late from another schedule
            # Others' tools whose console was taken end it once more when they leave, whoever has it by then.
            if fault and not (change.by in robbed and names.get(change.by_user) in OTHERS):
                faults.append(f"{change.at:.2f}: {fault}")
            if change.by != now.session:
                robbed.add(now.session)
            now = None
    gaps = list(_gaps(changes, diary))
    faults += [f"{at:.2f}: the console lay free for {gap:.1f} s, at most {limit:.1f} s were promised" for at, gap, limit in gaps if gap > limit]
    return Verdict(tuple(faults), tuple(gap for _at, gap, _limit in gaps))


def _unasked(schedule: Schedule, held: Change, end: Change, diary: Diary, names: t.Mapping[int, str]) -> str:
    """Why this end of a holding is a fault; empty where it is none."""
    loser, taker = names.get(held.user, "nobody known"), names.get(end.by_user, "nobody known")
    parties = [party for party in schedule.parties if schedule.account(party) == held.user]
    if end.by != held.session:
        if taker == "thief":
            return ""
        if end.by_user == held.user and taker in OURS and held.port in diary.dead:
            return ""  # what a run of our own left behind
        return f"{taker} took the console from {loser} (port {held.port})"
    if end.what == "expired":
        return "" if held.port in diary.dead else f"the BMC missed {loser} (port {held.port}), who was there"
    if end.what == "ended":
        return f"all sessions of the BMC ended, that of {loser} too"
    told = any(party in parties and held.at - _BLUR <= gone and at <= end.at + _BLUR for at, gone, party in diary.told)
    return "" if told or "module" in parties else f"{loser} gave the console up, and nobody had told it to"


def _gaps(changes: t.Sequence[Change], diary: Diary) -> t.Iterator[tuple[float, float, float]]:
    """When the console was free while a keeper was there: from when, how long, and how long it might."""
    for since, until, _keeper in diary.up:
        free: float | None = 0.0
        for change in [*changes, None]:
            if free is not None and (change is None or change.what == "activated"):
                start, end = max(free, since), until if change is None else min(change.at, until)
                if end > start:
                    yield start, end - start, max(free, since + START) + INTERVAL + LOAD - start
            if change is not None:
                free = None if change.what == "activated" else change.at if change.what in ENDS else free


def keepers(schedule: Schedule) -> list[str]:
    """The parties that take the console back."""
    return [party for party in schedule.parties if party in KEEPERS]

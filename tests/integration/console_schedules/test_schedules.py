# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sample of the random schedules, and the judge: what it must not let pass. `make schedules` carries out a thousand."""

from __future__ import annotations

import os
import time
import typing as t

import pytest

from tests.integration.console_schedules.journal import Change
from tests.integration.console_schedules.judge import Diary, judge
from tests.integration.console_schedules.run import carry_out, summary
from tests.integration.console_schedules.schedule import KEEPERS, OTHERS, OURS, Schedule, draw
from tests.integration.console_server.conftest import need

#: How many, and after how many seconds no further one is begun.
SAMPLE, SECONDS, FEWEST = 60, 45.0, 12


def test_nobody_loses_a_console_unasked_and_every_console_is_held_again() -> None:
    for program in ("ipmitool", "ipmiconsole", "conserver", "console"):
        need(program)
    first = int(os.environ.get("LIGHTSOUT_SEED", "1"))
    start = time.monotonic()
    outcomes = carry_out(range(first, first + SAMPLE), seconds=SECONDS)
    print(summary(outcomes, time.monotonic() - start))
    assert len(outcomes) >= FEWEST, "the machine is too slow for a sample"
    faults = [str(outcome) for outcome in outcomes if outcome.verdict.faults]
    assert not faults, f"{len(faults)} of the schedules with the seeds {first} to {first + SAMPLE - 1}:\n" + "\n".join(faults)
    assert sum(outcome.verdict.echoes for outcome in outcomes) >= len(outcomes) / 3


def test_a_seed_is_a_schedule() -> None:
    assert draw(47) == draw(47) != draw(48)


def test_every_schedule_has_one_of_ours_and_all_kinds_occur() -> None:
    drawn = [draw(seed) for seed in range(300)]
    assert all(set(one.parties) & set(OURS) and 2 <= len(one.parties) <= 3 for one in drawn)
    assert {party for one in drawn for party in one.parties} == {*OURS, *OTHERS}
    assert {step.action for one in drawn for step in one.steps} == {"open", "leave", "crash", "type", "restart"}
    assert sum(bool(set(one.parties) & KEEPERS) for one in drawn) > 150


SCHEDULE = Schedule(0, "plain", ("server", "solo", "ipmitool", "thief"), False, "socket", ())
SERVER, SOLO, TOOL, THIEF = (SCHEDULE.account(party) for party in SCHEDULE.parties)


def change(at: float, what: str, user: int, by: int | None = None) -> Change:
    """A user's session and port are told from the user."""
    return Change(at, what, 1, 100 + user, user, 40000 + user, 100 + (by or user), by or user)


def faults(*changes: Change, **diary: t.Any) -> tuple[str, ...]:
    return judge(SCHEDULE, changes, Diary(**diary)).faults


class TestJudge:
    """Each fault is found, and nothing else is."""

    def test_ours_took_a_living_session(self) -> None:
        (fault,) = faults(change(1, "activated", TOOL), change(2, "taken", TOOL, by=SERVER))
        assert "server took the console from ipmitool" in fault

    def test_ours_took_it_back_from_the_thief(self) -> None:
        changes = change(1, "activated", SERVER), change(2, "taken", SERVER, by=THIEF), change(2, "activated", THIEF)
        (fault,) = faults(*changes, change(3, "taken", THIEF, by=SERVER))
        assert "server took the console from thief" in fault

    def test_ours_took_a_session_of_another_account_that_died(self) -> None:
        assert faults(change(1, "activated", TOOL), change(2, "taken", TOOL, by=SERVER), dead={40000 + TOOL})

    def test_a_thief_steals_and_a_dead_run_of_our_own_is_freed(self) -> None:
        assert not faults(change(1, "activated", SERVER), change(2, "taken", SERVER, by=THIEF))
        taken = Change(2, "taken", 1, 100, SERVER, 40001, 101, SERVER)
        assert not faults(Change(1, "activated", 1, 100, SERVER, 40001, 100, SERVER), taken, dead={40001})
        assert faults(Change(1, "activated", 1, 100, SERVER, 40001, 100, SERVER), taken)

    def test_somebody_was_missed_who_was_there(self) -> None:
        assert "missed server" in faults(change(1, "activated", SERVER), change(2, "expired", SERVER))[0]
        assert not faults(change(1, "activated", SERVER), change(2, "expired", SERVER), dead={40000 + SERVER})

    @pytest.mark.parametrize("what", ["released", "closed"])
    def test_ours_gave_it_up_untold(self, what: str) -> None:
        changes = change(1, "activated", SERVER), change(5, what, SERVER)
        assert "nobody had told it to" in faults(*changes)[0]
        assert not faults(*changes, told=[(4.9, 5.1, "server")])
        assert faults(*changes, told=[(4.9, 5.1, "solo")])
        assert faults(*changes, told=[(0.1, 0.2, "server")])

    def test_one_that_was_robbed_ends_it_once_more(self) -> None:
        robbed = change(1, "activated", TOOL), change(2, "taken", TOOL, by=THIEF), change(2, "activated", THIEF)
        assert not faults(*robbed, change(3, "taken", THIEF, by=TOOL))

    def test_it_lay_free_for_too_long(self) -> None:
        changes = change(101, "activated", TOOL), change(110, "released", TOOL)
        told = [(110.0, 110.0, "ipmitool"), (120.0, 120.0, "server")]
        up = [(100.0, 120.0, "server")]
        late = judge(SCHEDULE, (*changes, change(113.5, "activated", SERVER)), Diary(told=told, up=up))
        assert "lay free for 3.5 s, at most 3.0 s" in late.faults[0] and late.gaps == (1.0, 3.5)
        assert judge(SCHEDULE, changes, Diary(told=told, up=up)).gaps == (1.0, 10.0)
        soon = judge(SCHEDULE, (*changes, change(112.5, "activated", SERVER)), Diary(told=told, up=up))
        assert not soon.faults

    def test_a_start_takes_its_time(self) -> None:
        assert not faults(change(107.5, "activated", SERVER), up=[(100.0, 120.0, "server")])
        assert faults(change(108.5, "activated", SERVER), up=[(100.0, 120.0, "server")])

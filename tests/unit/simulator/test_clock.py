# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock: held, running, and pushed forward."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.simulator.clock import Clock


def test_a_new_clock_stands_still() -> None:
    clock = Clock(1000.0)
    assert clock.now() == 1000.0
    clock.advance(5)
    assert clock.now() == 1005.0
    with pytest.raises(ValueError, match="only moves ahead"):
        clock.advance(-1)


def test_timers_fire_in_their_order_and_at_their_time() -> None:
    clock = Clock(0.0)
    seen: list[tuple[str, float]] = []

    def first() -> None:
        seen.append(("first", clock.now()))
        clock.call_later(1, lambda: seen.append(("nested", clock.now())))

    clock.call_later(3, lambda: seen.append(("last", clock.now())))
    clock.call_later(1, first)
    cancelled = clock.call_later(2, lambda: seen.append(("cancelled", clock.now())))
    cancelled.cancel()
    clock.advance(2.5)
    assert seen == [("first", 1.0), ("nested", 2.0)]
    clock.advance(0.5)
    assert seen[-1] == ("last", 3.0)


def test_a_timer_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock(0.0)
    seen: list[int] = []

    def fail() -> None:
        raise RuntimeError("broken")

    clock.call_later(1, fail)
    clock.call_later(2, lambda: seen.append(1))
    with caplog.at_level(logging.ERROR):
        clock.advance(2)
    assert seen == [1]
    assert "broken" in caplog.text


async def test_a_running_clock_wakes_by_itself() -> None:
    clock = Clock(1000.0)
    clock.run(asyncio.get_running_loop())
    done = asyncio.Event()
    clock.call_later(0.02, done.set)
    await asyncio.wait_for(done.wait(), 5)
    assert clock.now() >= 1000.02


async def test_an_earlier_timer_is_not_late_for_a_later_one() -> None:
    clock = Clock()
    clock.run(asyncio.get_running_loop())
    done = asyncio.Event()
    clock.call_later(3600, lambda: None)
    clock.call_later(0.01, done.set)
    await asyncio.wait_for(done.wait(), 5)


async def test_pushing_and_holding_a_running_clock() -> None:
    clock = Clock(0.0)
    clock.run(asyncio.get_running_loop())
    seen: list[str] = []
    clock.call_later(3600, lambda: seen.append("an hour"))
    clock.advance(3601)
    assert seen == ["an hour"]
    clock.hold()
    stopped = clock.now()
    assert stopped >= 3601
    await asyncio.sleep(0.01)
    assert clock.now() == stopped
    clock.run(asyncio.get_running_loop())
    assert clock.now() == pytest.approx(stopped, abs=1)

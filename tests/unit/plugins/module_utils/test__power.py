# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power: which control is sent, how long the state is waited for, and what a lost answer comes to."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    CompletionError,
    NotNow,
    NotReached,
    SessionLost,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._chassis import ChassisControl
from ansible_collections.lightsout.bmc.plugins.module_utils._power import STATES, Done, Order, carry_out, step
from tests.unit.plugins.scripted import DROPPED, LOST, Scripted

STATUS, CONTROL = "00/01", "00/02"
DOWN, UP, CYCLE, RESET, SOFT = (f"00/02 0{number}" for number in (0, 1, 2, 3, 5))


class Host:
    """A chassis that does what it is told, some time later."""

    def __init__(self, on: bool, *, delay: float = 0.0, obeys: bool = True, off_phase: float = 4.0) -> None:
        self.bmc = Scripted()
        self.delay, self.obeys, self.off_phase = delay, obeys, off_phase
        #: When it was or will be on or off: the last entry whose time has come holds.
        self.plan: list[tuple[float, bool]] = [(0.0, on)]
        self.bmc.on(STATUS, lambda data: bytes([0, self.on, 0, 0]))
        self.bmc.on(CONTROL, self._control)

    @property
    def on(self) -> bool:
        return [state for when, state in self.plan if when <= self.bmc.clock.now()][-1]

    def _control(self, data: bytes) -> bytes:
        then = self.bmc.clock.now() + self.delay
        if data[0] == ChassisControl.CYCLE:
            self.plan += [(then, False), (then + self.off_phase, True)]
        elif data[0] != ChassisControl.RESET and (data[0] != ChassisControl.SOFT or self.obeys):
            self.plan.append((then, data[0] == ChassisControl.UP))
        return b"\0"

    def order(self, state: str, *, check_mode: bool = False, **options: t.Any) -> Done:
        return carry_out(self.bmc.bmc(), Order(state, **{"timeout": 60.0, **options}), check_mode=check_mode)


@pytest.mark.parametrize(
    ("state", "from_off", "from_on"),
    [
        ("on", ChassisControl.UP, None),
        ("off", None, ChassisControl.DOWN),
        ("shutdown", None, ChassisControl.SOFT),
        ("boot", ChassisControl.UP, ChassisControl.RESET),
        ("reset", NotNow, ChassisControl.RESET),
        ("cycle", NotNow, ChassisControl.CYCLE),
    ],
)
def test_which_control_leads_there(state: str, from_off: t.Any, from_on: ChassisControl | None) -> None:
    assert step(state, True).control is from_on
    if from_off is NotNow:
        with pytest.raises(NotNow, match="the host is off. state=boot"):
            step(state, False)
    else:
        assert step(state, False).control is from_off


def test_every_state_is_known() -> None:
    assert all(step(state, True) for state in STATES)


class TestWaiting:
    """The state is polled until it is there."""

    @pytest.mark.parametrize(("state", "on", "sent"), [("on", False, UP), ("off", True, DOWN), ("shutdown", True, SOFT)])
    def test_until_it_is_reached(self, state: str, on: bool, sent: str) -> None:
        host = Host(on, delay=7.0)
        word = {True: "on", False: "off"}
        assert host.order(state) == Done(True, word[on], word[not on])
        assert host.bmc.written == [sent]
        assert 7.0 <= sum(host.bmc.clock.pauses) < 10.0

    @pytest.mark.parametrize(("state", "on"), [("on", True), ("off", False), ("shutdown", False)])
    def test_what_is_so_already_is_left_alone(self, state: str, on: bool) -> None:
        host = Host(on)
        assert host.order(state).changed is False
        assert host.bmc.asked == [STATUS]

    @pytest.mark.parametrize("state", ["on", "boot"])
    def test_check_mode_only_looks(self, state: str) -> None:
        host = Host(False)
        assert host.order(state, check_mode=True) == Done(True, "off", "on")
        assert host.bmc.asked == [STATUS]

    def test_quick_at_first_then_sparing(self) -> None:
        host = Host(False, delay=9.0)
        host.order("on")
        assert host.bmc.clock.pauses[:6] == [0.2, 0.3, 0.5, 1.0, 2.0, 2.0]

    def test_not_within_the_timeout(self) -> None:
        host = Host(False, delay=100.0)
        with pytest.raises(NotReached, match="after 20 seconds the host is still off"):
            host.order("on", timeout=20.0)
        assert sum(host.bmc.clock.pauses) == pytest.approx(20.0)

    def test_a_shutdown_that_the_host_ignores_names_force_after(self) -> None:
        with pytest.raises(NotReached, match="still on.*force_after"):
            Host(True, obeys=False).order("shutdown", timeout=5.0)

    def test_a_cycle_is_seen_off_and_on_again(self) -> None:
        host = Host(True, delay=1.0, off_phase=5.0)
        host.order("cycle")
        assert sum(host.bmc.clock.pauses) >= 6.0
        assert host.on

    def test_an_off_phase_too_short_to_be_seen(self) -> None:
        host = Host(True, off_phase=0.0)
        assert host.order("cycle").powerstate == "on"

    def test_a_reset_leaves_it_on(self) -> None:
        host = Host(True)
        assert host.order("reset") == Done(True, "on", "on")
        assert host.bmc.written == [RESET]

    def test_a_bmc_that_is_silent_for_a_while(self) -> None:
        host = Host(False, delay=3.0)
        host.bmc.once(STATUS, "00 00 00 00", DROPPED)
        assert host.order("on").powerstate == "on"

    def test_a_bmc_that_stays_silent(self) -> None:
        host = Host(False)
        host.bmc.once(STATUS, "00 00 00 00", *[DROPPED] * 9)
        with pytest.raises(SessionLost):
            host.order("on", timeout=30.0)


class TestForce:
    """`force_after`: one operation that ends with the host off."""

    def test_a_host_that_obeys_is_not_forced(self) -> None:
        host = Host(True, delay=3.0)
        assert host.order("shutdown", force_after=10) == Done(True, "on", "off", forced=False)
        assert host.bmc.written == [SOFT]

    def test_one_that_does_not_is(self) -> None:
        host = Host(True, obeys=False)
        assert host.order("shutdown", force_after=10) == Done(True, "on", "off", forced=True)
        assert host.bmc.written == [SOFT, DOWN]
        assert sum(host.bmc.clock.pauses) == pytest.approx(10.0)

    @pytest.mark.parametrize("code", ["D5", "C1", "CC"])
    def test_one_that_cannot_be_asked_is_at_once(self, code: str) -> None:
        host = Host(True)
        host.bmc.on(SOFT, code)
        assert host.order("shutdown", force_after=600).forced is True
        assert host.bmc.clock.pauses == []

    def test_without_it_such_a_refusal_is_a_failure(self) -> None:
        host = Host(True)
        host.bmc.on(SOFT, "D5")
        with pytest.raises(CompletionError):
            host.order("shutdown")
        assert host.bmc.written == [SOFT]


class TestLostAnswers:
    """No second restart."""

    @pytest.mark.parametrize(("state", "sent"), [("reset", RESET), ("cycle", CYCLE)])
    def test_a_restart_is_not_sent_again(self, state: str, sent: str) -> None:
        host = Host(True)
        host.bmc.once(CONTROL, DROPPED)
        with pytest.raises(AnswerLost, match="whether the host was restarted is not known"):
            host.order(state)
        assert host.bmc.written == [sent]

    def test_up_that_was_done_is_not_sent_again(self) -> None:
        host = Host(False, delay=2.0)
        host.bmc.once(CONTROL, LOST)
        assert host.order("on").powerstate == "on"
        assert host.bmc.written == [UP]

    def test_up_that_was_not_done_is(self) -> None:
        host = Host(False)
        host.bmc.once(CONTROL, DROPPED)
        assert host.order("on").powerstate == "on"
        assert host.bmc.written == [UP, UP]

    def test_soft_is_waited_for(self) -> None:
        host = Host(True, delay=2.0)
        host.bmc.once(CONTROL, LOST)
        assert host.order("shutdown").powerstate == "off"
        assert host.bmc.written == [SOFT]


def test_a_bridged_order_goes_to_its_controller() -> None:
    host = Host(False)
    host.order("on", bridge=0x72)
    assert set(host.bmc.bridges) == {0x72}

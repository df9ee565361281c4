# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chassis table: what each option writes, and what a BMC does not tell or have."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, NotVerified, Unsupported
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._chassis import CHASSIS, INSTANCE, check_chassis, plan_chassis
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import Converged, converge
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Refused, read_values, show
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import DROPPED, LOST, Scripted

STATUS, IDENTIFY, POLICY, PANEL, INTERVAL = "00/01", "00/04", "00/06", "00/0A", "00/0B"
ASK = "00/06 03"


class Machine:
    """A chassis: policy in bits 6:5, light and buttons as the status shows them."""

    def __init__(
        self, *, policy: int = 0, policies: int = 7, light: int | None = 0, buttons: int | None = 0xF0, forces: bool = True
    ) -> None:
        self.bmc = Scripted()
        self.policy, self.policies, self.light, self.buttons, self.forces = policy, policies, light, buttons, forces
        for request, handler in {
            STATUS: self._status,
            IDENTIFY: self._identify,
            POLICY: self._set_policy,
            PANEL: self._set_panel,
            INTERVAL: lambda data: b"\0",
        }.items():
            self.bmc.on(request, handler)

    def _status(self, data: bytes) -> bytes:
        misc = 0 if self.light is None else 0x40 | self.light << 4
        return bytes([0, self.policy << 5 | 1, 0, misc, *([] if self.buttons is None else [self.buttons])])

    def _identify(self, data: bytes) -> bytes:
        if len(data) > 1 and not self.forces:
            return b"\xc7"
        if self.light is not None:
            self.light = 2 if data[1:] == b"\x01" else 1 if data[0] else 0
        return b"\0"

    def _set_policy(self, data: bytes) -> bytes:
        if data[0] != 3:
            self.policy = data[0]
        return bytes([0, self.policies])

    def _set_panel(self, data: bytes) -> bytes:
        if self.buttons is not None:
            self.buttons = self.buttons & 0xF0 | data[0]
        return b"\0"

    def set(self, *, strict: bool = True, check_mode: bool = False, **options: t.Any) -> Converged:
        self.bmc.forget()
        bmc = self.bmc.bmc()
        planned = plan_chassis(Reader(bmc), options)
        line = Line(bmc, _no_further_session)
        return converge(line, planned.cuts, check_mode=check_mode, proof=Proof(), strict=strict)


def _no_further_session(connection: object, deadline: float) -> t.NoReturn:
    raise AssertionError("nothing of the chassis needs a fresh login")


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({"power_restore_policy": "previous"}, "00/06 01"),
        ({"power_restore_policy": "always_on"}, "00/06 02"),
        ({"identify": "on"}, "00/04 00 01"),
        ({"identify": "timed"}, "00/04 0F"),
        ({"identify": "timed", "identify_seconds": 255}, "00/04 FF"),
        ({"power_button": False}, "00/0A 01"),
        ({"reset_button": False, "standby_button": False}, "00/0A 0A"),
        ({"diagnostic_button": False}, "00/0A 04"),
    ],
)
def test_what_an_option_writes_once(options: dict[str, t.Any], written: str) -> None:
    machine = Machine()
    first = machine.set(**options)
    assert (machine.bmc.written, first.changed) == ([written], True)
    again = machine.set(**options)
    assert (machine.bmc.written, again.changed, machine.bmc.asked) == ([], False, [STATUS])


def test_check_mode_writes_nothing() -> None:
    machine = Machine()
    options = {"power_restore_policy": "previous", "identify": "on", "power_button": False, "power_cycle_interval": 3}
    assert machine.set(check_mode=True, **options).changed is True
    assert machine.bmc.written == []


def test_the_other_buttons_stay() -> None:
    machine = Machine(buttons=0xF4)
    machine.set(power_button=False)
    assert machine.bmc.written == ["00/0A 05"]
    machine.set(diagnostic_button=True)
    assert machine.bmc.written == ["00/0A 01"]


def test_everything_is_read_at_once() -> None:
    machine = Machine(policy=1)
    machine.set(power_restore_policy="previous", identify="off", power_button=True, power="on", intrusion=False)
    assert machine.bmc.asked == [STATUS]


class TestPolicies:
    """A BMC need not have all of them, and tells when it is asked."""

    def test_it_is_asked_before_anything_is_written(self) -> None:
        machine = Machine(policies=5)
        with pytest.raises(Unsupported, match="the BMC has no previous; it has always_off, always_on"):
            machine.set(power_restore_policy="previous", power_button=False)
        assert (machine.bmc.asked_for(ASK), machine.bmc.written) == ([ASK], [])

    def test_the_rest_is_done_when_asked_to(self) -> None:
        machine = Machine(policies=5)
        done = machine.set(strict=False, power_restore_policy="previous", power_button=False)
        assert [missing["setting"] for missing in done.missing] == ["power_restore_policy"]
        assert machine.bmc.written == ["00/0A 01"]

    @pytest.mark.parametrize("code", ["CC", "C7"])
    def test_one_that_does_not_know_the_question_is_tried(self, code: str) -> None:
        machine = Machine()
        machine.bmc.on(ASK, code)
        assert machine.set(power_restore_policy="always_on").changed is True

    def test_one_without_the_command_is_unsupported(self) -> None:
        machine = Machine()
        machine.bmc.on(POLICY, "C1").on(ASK, "C1")
        with pytest.raises(Unsupported, match="power_restore_policy .completion code 0xC1"):
            machine.set(power_restore_policy="always_on")

    def test_one_that_does_not_know_its_own_is_written_each_time(self) -> None:
        machine = Machine(policy=3)
        machine.bmc.on(POLICY, "00 07")
        done = machine.set(power_restore_policy="always_on")
        assert (done.changed, done.blind, machine.bmc.written) == (False, ["chassis: power_restore_policy"], ["00/06 02"])


class TestIdentify:
    """The light."""

    def test_a_timed_one_that_is_on_is_as_asked(self) -> None:
        assert Machine(light=1).set(identify="timed", identify_seconds=200).changed is False

    def test_one_that_stays_on_becomes_timed(self) -> None:
        machine = Machine(light=2)
        machine.set(identify="timed", identify_seconds=9)
        assert machine.bmc.written == ["00/04 09"]

    def test_it_is_switched_off(self) -> None:
        machine = Machine(light=2)
        assert machine.set(identify="off").changed is True
        assert machine.bmc.written == ["00/04 00"]

    def test_a_bmc_that_cannot_leave_it_on_says_what_to_do(self) -> None:
        machine = Machine(forces=False)
        with pytest.raises(Unsupported, match="0xC7.*use identify: timed.*255.*The rest was written"):
            machine.set(identify="on", power_button=False)
        assert machine.bmc.written == ["00/0A 01", "00/04 00 01"]
        done = machine.set(strict=False, identify="on")
        assert (done.changed, [missing["setting"] for missing in done.missing]) == (False, ["identify"])

    @pytest.mark.parametrize("shown", [None, 3])
    def test_one_that_is_not_told_is_written_each_time_and_is_no_change(self, shown: int | None) -> None:
        machine = Machine(light=shown)
        machine.bmc.on(IDENTIFY, "00")
        for _run in range(2):
            done = machine.set(identify="on")
            assert (done.changed, done.blind, machine.bmc.written) == (False, ["chassis: identify"], ["00/04 00 01"])

    def test_an_ignored_write_is_not_believed(self) -> None:
        machine = Machine()
        machine.bmc.on(IDENTIFY, "00")
        with pytest.raises(NotVerified, match="identify"):
            machine.set(identify="on")

    def test_a_lost_answer_is_looked_up(self) -> None:
        machine = Machine()
        machine.bmc.once(IDENTIFY, LOST)
        machine.set(identify="on")
        assert machine.bmc.written == ["00/04 00 01"]
        machine.bmc.once(IDENTIFY, DROPPED)
        machine.set(identify="off")
        assert machine.bmc.written == ["00/04 00", "00/04 00"]


class TestButtons:
    """The front panel."""

    def test_one_that_cannot_be_disabled_is_unsupported(self) -> None:
        machine = Machine(buttons=0x10)
        with pytest.raises(Unsupported, match="reset_button .the BMC cannot disable it"):
            machine.set(power_button=False, reset_button=False)
        assert machine.bmc.written == []
        machine.set(strict=False, power_button=False, reset_button=False)
        assert machine.bmc.written == ["00/0A 01"]

    def test_one_that_works_anyway_is_as_asked(self) -> None:
        assert Machine(buttons=0x00).set(power_button=True).changed is False

    def test_a_bmc_that_does_not_tell_wants_all_four(self) -> None:
        machine = Machine(buttons=None)
        with pytest.raises(Unsupported, match="give all four"):
            machine.set(power_button=False)
        done = machine.set(power_button=False, reset_button=False, diagnostic_button=True, standby_button=True)
        assert (done.changed, machine.bmc.written) == (False, ["00/0A 03"])


def test_the_interval_is_written_each_time() -> None:
    machine = Machine()
    done = machine.set(power_cycle_interval=10)
    assert (done.changed, done.blind, machine.bmc.asked) == (False, ["chassis: power_cycle_interval"], ["00/0B 0A"])


def test_an_interval_that_the_bmc_lacks_is_unsupported() -> None:
    machine = Machine()
    machine.bmc.on(INTERVAL, "C1")
    with pytest.raises(Unsupported, match="power_cycle_interval .completion code 0xC1"):
        machine.set(power_cycle_interval=10)


def test_a_refusal_names_the_setting() -> None:
    machine = Machine()
    machine.bmc.on(PANEL, "D4")
    with pytest.raises(Refused, match="chassis: power_button.*0xD4"):
        machine.set(power_button=False)


def test_facts_can_be_named_and_not_set() -> None:
    machine = Machine()
    assert machine.set(power="on", power_fault=False, fan_fault=False).changed is False
    with pytest.raises(Unsupported, match="power .read only"):
        machine.set(power="off")
    assert machine.bmc.written == []


def test_what_is_read_and_how_it_shows() -> None:
    values, missing = read_values(Reader(Machine(policy=2, light=2, buttons=0xF1).bmc.bmc()), INSTANCE)
    assert missing == []
    assert show(CHASSIS, values) == {
        "power": "on",
        "power_restore_policy": "always_on",
        "identify": "on",
        **dict.fromkeys(
            ("power_fault", "power_control_fault", "power_overload", "interlock", "intrusion", "drive_fault", "fan_fault"), False
        ),
        "power_button": False,
        "reset_button": True,
        "diagnostic_button": True,
        "standby_button": True,
    }


@pytest.mark.parametrize("light", [None, 3])
def test_what_is_not_told_is_left_out(light: int | None) -> None:
    values, missing = read_values(Reader(Machine(policy=3, light=light, buttons=None).bmc.bmc()), INSTANCE)
    assert missing == []
    assert not {"power_restore_policy", "identify", "power_button", "power_cycle_interval"} & set(show(CHASSIS, values))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"identify_seconds": 10}, "identify: timed only"),
        ({"identify": "on", "identify_seconds": 10}, "identify: timed only"),
        ({"identify": "timed", "identify_seconds": 0}, "1 to 255"),
        ({"identify": "timed", "identify_seconds": 256}, "1 to 255"),
        ({"power_cycle_interval": 256}, "^power_cycle_interval: 256 must be 0 to 255 seconds"),
    ],
)
def test_what_cannot_be(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadOption, match=message):
        check_chassis(options)

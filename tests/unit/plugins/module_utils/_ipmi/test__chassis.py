# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chassis: status, control, identify, power settings."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _chassis as chassis
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._chassis import (
    Button,
    ChassisControl,
    ChassisStatus,
    FrontPanel,
    IdentifyState,
    PowerEvent,
    PowerOnHours,
    PowerRestorePolicy,
    RestartCause,
    SystemRestart,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

OFF = ChassisStatus(
    power_on=False,
    overload=False,
    interlock=False,
    power_fault=False,
    control_fault=False,
    restore_policy=PowerRestorePolicy.ALWAYS_OFF,
    last_events=frozenset(),
    intrusion=False,
    front_panel_lockout=False,
    drive_fault=False,
    fan_fault=False,
    identify=None,
    front_panel=None,
)

# ipmi.md 5.7, command 01, bit by bit.
STATUS: list[tuple[str, ChassisStatus]] = [
    ("00 00 00", OFF),
    ("01 00 00", replace(OFF, power_on=True)),
    ("02 00 00", replace(OFF, overload=True)),
    ("04 00 00", replace(OFF, interlock=True)),
    ("08 00 00", replace(OFF, power_fault=True)),
    ("10 00 00", replace(OFF, control_fault=True)),
    ("20 00 00", replace(OFF, restore_policy=PowerRestorePolicy.PREVIOUS)),
    ("40 00 00", replace(OFF, restore_policy=PowerRestorePolicy.ALWAYS_ON)),
    ("60 00 00", replace(OFF, restore_policy=PowerRestorePolicy.UNKNOWN)),
    ("80 E0 80", OFF),
    ("00 01 00", replace(OFF, last_events=frozenset({PowerEvent.AC_FAILED}))),
    ("00 02 00", replace(OFF, last_events=frozenset({PowerEvent.OVERLOAD}))),
    ("00 04 00", replace(OFF, last_events=frozenset({PowerEvent.INTERLOCK}))),
    ("00 18 00", replace(OFF, last_events=frozenset({PowerEvent.FAULT, PowerEvent.ON_BY_COMMAND}))),
    ("00 00 01", replace(OFF, intrusion=True)),
    ("00 00 02", replace(OFF, front_panel_lockout=True)),
    ("00 00 04", replace(OFF, drive_fault=True)),
    ("00 00 08", replace(OFF, fan_fault=True)),
    ("00 00 30", OFF),
    ("00 00 40", replace(OFF, identify=IdentifyState.OFF)),
    ("00 00 50", replace(OFF, identify=IdentifyState.TIMED)),
    ("00 00 60", replace(OFF, identify=IdentifyState.INDEFINITE)),
    ("00 00 70", replace(OFF, identify=3)),
    ("00 00 00 00", replace(OFF, front_panel=FrontPanel(frozenset(), frozenset()))),
    (
        "00 00 00 B1 FF",
        replace(
            OFF,
            front_panel=FrontPanel(
                frozenset({Button.STANDBY, Button.RESET, Button.POWER}), frozenset({Button.POWER})
            ),
        ),
    ),
    (
        "00 00 00 4E",
        replace(
            OFF,
            front_panel=FrontPanel(
                frozenset({Button.DIAGNOSTIC}), frozenset({Button.STANDBY, Button.DIAGNOSTIC, Button.RESET})
            ),
        ),
    ),
]


@pytest.mark.parametrize(("wire", "status"), STATUS)
def test_status(wire: str, status: ChassisStatus) -> None:
    assert ChassisStatus.from_wire(bytes.fromhex(wire)) == status


@given(st.binary(min_size=3, max_size=6))
def test_every_status_can_be_read(answer: bytes) -> None:
    status = ChassisStatus.from_wire(answer)
    assert status.power_on is bool(answer[0] & 1)
    assert status.restore_policy == answer[0] >> 5 & 3
    assert sum(1 << event for event in status.last_events) == answer[1] & 0x1F
    assert (status.identify is None) is (answer[2] & 0x40 == 0)
    if len(answer) == 3:
        assert status.front_panel is None
    else:
        assert status.front_panel is not None
        allowed = sum(16 << button for button in status.front_panel.can_disable)
        assert allowed | sum(1 << button for button in status.front_panel.disabled) == answer[3]


@pytest.mark.parametrize(
    ("decode", "size"),
    [
        (ChassisStatus.from_wire, 3),
        (SystemRestart.from_wire, 1),
        (PowerOnHours.from_wire, 5),
        (chassis.supported_policies, 1),
    ],
)
def test_short_answers(decode: t.Callable[[bytes], object], size: int) -> None:
    for short in range(size):
        with pytest.raises(MalformedData):
            decode(bytes(short))


@pytest.mark.parametrize(
    ("control", "byte"),
    [
        # ipmi.md 5.7, command 02; 8: power on 01.
        (ChassisControl.DOWN, 0),
        (ChassisControl.UP, 1),
        (ChassisControl.CYCLE, 2),
        (ChassisControl.RESET, 3),
        (ChassisControl.DIAG, 4),
        (ChassisControl.SOFT, 5),
    ],
)
def test_control(control: ChassisControl, byte: int) -> None:
    assert chassis.control_request(control) == bytes([byte])


@pytest.mark.parametrize(
    ("seconds", "force", "wire"),
    [
        # ipmi.md 5.7, command 04; 8: 10 s, force.
        (None, False, ""),
        (10, False, "0A"),
        (0, False, "00"),
        (255, False, "FF"),
        (None, True, "00 01"),
        (10, True, "0A 01"),
    ],
)
def test_identify(seconds: int | None, force: bool, wire: str) -> None:
    assert chassis.identify_request(seconds, force=force) == bytes.fromhex(wire)


def test_restore_policy() -> None:
    # ipmi.md 5.7, command 06.
    assert chassis.restore_policy_request(PowerRestorePolicy.ALWAYS_OFF) == b"\0"
    assert chassis.restore_policy_request(PowerRestorePolicy.PREVIOUS) == b"\1"
    assert chassis.restore_policy_request(PowerRestorePolicy.ALWAYS_ON) == b"\2"
    assert chassis.restore_policy_request(None) == b"\3"
    with pytest.raises(ValueError, match="always_off, previous or always_on"):
        chassis.restore_policy_request(PowerRestorePolicy.UNKNOWN)


def test_supported_policies() -> None:
    assert chassis.supported_policies(b"\x05") == {PowerRestorePolicy.ALWAYS_OFF, PowerRestorePolicy.ALWAYS_ON}
    assert chassis.supported_policies(b"\xff\xff") == {
        PowerRestorePolicy.ALWAYS_OFF,
        PowerRestorePolicy.PREVIOUS,
        PowerRestorePolicy.ALWAYS_ON,
    }
    assert chassis.supported_policies(b"\x00") == frozenset()


def test_front_panel() -> None:
    # ipmi.md 5.7, command 0A: b3 standby, b2 diag, b1 reset, b0 power disable.
    assert chassis.front_panel_request(set()) == b"\0"
    assert chassis.front_panel_request({Button.POWER, Button.RESET}) == b"\3"
    assert chassis.front_panel_request(set(Button)) == b"\x0f"


def test_power_cycle_interval() -> None:
    assert chassis.power_cycle_interval_request(0) == b"\0"
    assert chassis.power_cycle_interval_request(255) == b"\xff"


@pytest.mark.parametrize(
    ("wire", "restart"),
    [
        # ipmi.md 5.7, command 07.
        ("01 01", SystemRestart(RestartCause.CHASSIS_CONTROL, 1)),
        ("04 00", SystemRestart(RestartCause.WATCHDOG, 0)),
        ("FB F2 99", SystemRestart(RestartCause.RTC, 2)),
        ("0D 0F", SystemRestart(13, 15)),
        ("03", SystemRestart(RestartCause.POWER_BUTTON, None)),
    ],
)
def test_restart_cause(wire: str, restart: SystemRestart) -> None:
    assert SystemRestart.from_wire(bytes.fromhex(wire)) == restart


def test_restart_causes_are_numbered() -> None:
    assert [int(cause) for cause in RestartCause] == list(range(12))
    assert RestartCause(10) is RestartCause.SOFT_RESET


def test_power_on_hours() -> None:
    # ipmi.md 5.7, command 0F: minutes per count, counter LS first.
    hours = PowerOnHours.from_wire(bytes.fromhex("3C 10 27 00 00"))
    assert hours == PowerOnHours(60, 10000)
    assert hours.hours == 10000
    assert PowerOnHours.from_wire(bytes.fromhex("06 19 00 00 00 FF")).hours == 2


@pytest.mark.parametrize(
    "make",
    [
        lambda: chassis.identify_request(256),
        lambda: chassis.identify_request(-1, force=True),
        lambda: chassis.power_cycle_interval_request(256),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be 0 to 255"):
        make()

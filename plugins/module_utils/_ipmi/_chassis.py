# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Chassis: status, control, identify, power settings (IPMI 2.0, 28.2 to 28.14).

`from_wire` takes an answer's data, ignores what a BMC appends and raises MalformedData
for too few bytes. Requests raise ValueError for values out of range.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import known
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, require, u32


class PowerRestorePolicy(IntEnum):
    """What the host does when mains power comes back."""

    ALWAYS_OFF = 0
    PREVIOUS = 1  #: as before
    ALWAYS_ON = 2
    UNKNOWN = 3


class PowerEvent(IntEnum):
    """How the last power event came about, by its bit."""

    AC_FAILED = 0
    OVERLOAD = 1
    INTERLOCK = 2
    FAULT = 3
    ON_BY_COMMAND = 4  #: switched on by an IPMI command


class IdentifyState(IntEnum):
    """What the identify light does."""

    OFF = 0
    TIMED = 1
    INDEFINITE = 2


class Button(IntEnum):
    """A front panel button, by its bit."""

    POWER = 0
    RESET = 1
    DIAGNOSTIC = 2  #: diagnostic interrupt
    STANDBY = 3


Bit = t.TypeVar("Bit", bound=IntEnum)


def _bits(kind: type[Bit], byte: int) -> frozenset[Bit]:
    return frozenset(bit for bit in kind if byte >> bit & 1)


@dataclass(frozen=True)
class FrontPanel:
    """Which front panel buttons can be disabled, and which are."""

    can_disable: frozenset[Button]
    disabled: frozenset[Button]


@dataclass(frozen=True)
class ChassisStatus:
    """The chassis's state (28.2, Get Chassis Status).

    Three or four bytes. 1: restore policy 6:5, control fault 4, power fault 3, interlock 2, overload 1,
    on 0. 2: last power event. 3: identify known 6, identify 5:4, fan fault 3, drive fault 2, front
    panel lockout 1, intrusion 0. 4: front panel, can disable 7:4, disabled 3:0; optional.
    """

    power_on: bool
    overload: bool  #: switched off because of it
    interlock: bool  #: the interlock switch is open
    power_fault: bool  #: of the main power
    control_fault: bool  #: switching on or off failed
    restore_policy: PowerRestorePolicy
    last_events: frozenset[PowerEvent]
    intrusion: bool  #: the chassis was opened
    front_panel_lockout: bool  #: power and reset buttons are disabled
    drive_fault: bool
    fan_fault: bool  #: cooling or fan
    identify: IdentifyState | int | None  #: None: the BMC does not tell
    front_panel: FrontPanel | None  #: None: the BMC does not tell

    @classmethod
    def from_wire(cls, answer: bytes) -> ChassisStatus:
        """Read the three or four bytes."""
        require(answer, 3, "chassis status")
        power, event, misc = answer[:3]
        panel = answer[3] if len(answer) > 3 else None
        return cls(
            power_on=bool(power & 0x01),
            overload=bool(power & 0x02),
            interlock=bool(power & 0x04),
            power_fault=bool(power & 0x08),
            control_fault=bool(power & 0x10),
            restore_policy=PowerRestorePolicy(power >> 5 & 0x03),
            last_events=_bits(PowerEvent, event),
            intrusion=bool(misc & 0x01),
            front_panel_lockout=bool(misc & 0x02),
            drive_fault=bool(misc & 0x04),
            fan_fault=bool(misc & 0x08),
            identify=known(IdentifyState, misc >> 4 & 0x03) if misc & 0x40 else None,
            front_panel=None if panel is None else FrontPanel(_bits(Button, panel >> 4), _bits(Button, panel & 0x0F)),
        )


class ChassisControl(IntEnum):
    """What Chassis Control (28.3) can do. One byte, bits 3:0."""

    DOWN = 0  #: off at once, without the operating system's help
    UP = 1
    CYCLE = 2  #: off, a pause, on
    RESET = 3  #: hard reset
    DIAG = 4  #: diagnostic interrupt, usually an NMI
    SOFT = 5  #: asks the operating system to shut down (ACPI)


def control_request(control: ChassisControl) -> bytes:
    """Data of Chassis Control (28.3)."""
    return bytes([control])


def identify_request(seconds: int | None = None, *, force: bool = False) -> bytes:
    """Data of Chassis Identify (28.5).

    `seconds` 0 to 255; 0 switches it off, None leaves the time to the BMC (15 seconds). `force`
    switches it on until it is switched off; BMCs of IPMI 1.5 refuse that.
    """
    if seconds is not None:
        in_range(seconds, 0, 255, "the identify time")
    if force:
        return bytes([seconds or 0, 0x01])
    return b"" if seconds is None else bytes([seconds])


def restore_policy_request(policy: PowerRestorePolicy | None) -> bytes:
    """Data of Set Power Restore Policy (28.8). None changes nothing: the answer tells what is supported."""
    if policy is PowerRestorePolicy.UNKNOWN:
        raise ValueError("the power restore policy must be always_off, previous or always_on")
    return bytes([0x03 if policy is None else policy])


def supported_policies(answer: bytes) -> frozenset[PowerRestorePolicy]:
    """What Set Power Restore Policy answers: one byte, bit n for policy n. Raises MalformedData."""
    require(answer, 1, "power restore policy support")
    return _bits(PowerRestorePolicy, answer[0] & 0x07)


def front_panel_request(disabled: t.AbstractSet[Button]) -> bytes:
    """Data of Set Front Panel Enables (28.6): the buttons that are disabled; the others are enabled."""
    return bytes([sum(1 << button for button in disabled)])


def power_cycle_interval_request(seconds: int) -> bytes:
    """Data of Set Power Cycle Interval (28.9): how long a cycle is off, 0 to 255 seconds, 0 as short as possible."""
    in_range(seconds, 0, 255, "the power cycle interval")
    return bytes([seconds])


class RestartCause(IntEnum):
    """Why the host started."""

    UNKNOWN = 0
    CHASSIS_CONTROL = 1  #: a command
    RESET_BUTTON = 2
    POWER_BUTTON = 3
    WATCHDOG = 4
    OEM = 5
    ALWAYS_RESTORE = 6  #: mains power came back, policy always on
    PREVIOUS_RESTORE = 7  #: mains power came back, policy previous
    PEF_RESET = 8
    PEF_CYCLE = 9
    SOFT_RESET = 10  #: for example Ctrl-Alt-Del
    RTC = 11  #: real time clock


@dataclass(frozen=True)
class SystemRestart:
    """The host's last start (28.11, Get System Restart Cause). Two bytes: cause 3:0; channel 3:0."""

    cause: RestartCause | int
    channel: int | None  #: that the command came over; None: the BMC does not tell

    @classmethod
    def from_wire(cls, answer: bytes) -> SystemRestart:
        """Read the answer; the channel may be missing."""
        require(answer, 1, "system restart cause")
        return cls(known(RestartCause, answer[0] & 0x0F), answer[1] & 0x0F if len(answer) > 1 else None)


@dataclass(frozen=True)
class PowerOnHours:
    """How long the host was on (28.14, Get POH Counter). Five bytes: minutes per count; counter, the low byte first."""

    minutes_per_count: int  #: 0 to 255
    counter: int

    @classmethod
    def from_wire(cls, answer: bytes) -> PowerOnHours:
        """Read the five bytes."""
        require(answer, 5, "POH counter")
        return cls(answer[0], u32(answer, 1))

    @property
    def hours(self) -> int:
        """Whole hours."""
        return self.minutes_per_count * self.counter // 60

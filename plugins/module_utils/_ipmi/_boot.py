# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""System boot options (IPMI 2.0, 28.12 and 28.13, table 28-14).

Each record is one parameter's data. `from_wire` ignores what a BMC appends and raises
MalformedData for too few bytes.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import known
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, in_range, require


class BootParameter(IntEnum):
    """Numbers of the boot option parameters. 96 to 127 are the maker's own."""

    SET_IN_PROGRESS = 0
    SERVICE_PARTITION_SELECTOR = 1
    SERVICE_PARTITION_SCAN = 2
    VALID_BIT_CLEARING = 3
    ACKNOWLEDGE = 4
    BOOT_FLAGS = 5
    INITIATOR_INFO = 6
    INITIATOR_MAILBOX = 7


def get_request(parameter: int, set_selector: int = 0, block_selector: int = 0) -> bytes:
    """Data of Get System Boot Options. Parameter 0 to 127; ValueError otherwise."""
    in_range(parameter, 0, 0x7F, "the boot parameter")
    return bytes([parameter, set_selector, block_selector])


def set_request(parameter: int, data: bytes) -> bytes:
    """Data of Set System Boot Options; the parameter is marked valid. Parameter 0 to 127; ValueError otherwise."""
    in_range(parameter, 0, 0x7F, "the boot parameter")
    return bytes([parameter]) + data


def payload(answer: bytes, parameter: int | None = None) -> bytes:
    """The parameter's data: the answer without version and parameter number.

    Raises MalformedData if the answer is too short, or is about another parameter than `parameter`.
    """
    require(answer, 2, "boot option")
    answered = answer[1] & 0x7F
    if parameter is not None and answered != parameter:
        raise MalformedData("boot option", answer, f"parameter {answered} instead of {int(parameter)}")
    return answer[2:]


class BootDevice(IntEnum):
    """What to boot from. The numbers that are missing are reserved."""

    NONE = 0  #: no override
    PXE = 1
    DISK = 2
    SAFE = 3  #: disk, in safe mode
    DIAGNOSTIC = 4  #: diagnostic partition
    CDROM = 5
    SETUP = 6  #: BIOS setup
    REMOTE_FLOPPY = 7  #: connected by the BMC; also its primary removable medium
    REMOTE_CDROM = 8
    REMOTE_MEDIA = 9  #: primary remote medium
    REMOTE_DISK = 11
    FLOPPY = 15  #: also the primary removable medium


class Verbosity(IntEnum):
    """How much the BIOS shows."""

    DEFAULT = 0
    QUIET = 1
    VERBOSE = 2


class ConsoleRedirection(IntEnum):
    """What the BIOS does with its serial console."""

    DEFAULT = 0  #: as in the BIOS setup
    SUPPRESS = 1
    ENABLE = 2


class BootMux(IntEnum):
    """Who has the serial connector once the BIOS is done."""

    DEFAULT = 0  #: as recommended
    TO_BMC = 1
    TO_SYSTEM = 2


#: The bits of the five bytes that have no meaning yet.
_RESERVED: t.Final = bytes([0x1F, 0x00, 0x00, 0xF0, 0xE0])


@dataclass(frozen=True)
class BootFlags:
    """Parameter 5, boot flags. Five bytes.

    1: valid 7, persistent 6, EFI 5. 2: clear CMOS 7, lock keyboard 6, device 5:2, screen blank 1,
    lock reset 0. 3: lock power 7, verbosity 6:5, force progress traps 4, password bypass 3, lock
    sleep 2, console redirection 1:0. 4: shared mode 3, mux 2:0. 5: device instance 4:0.

    Without `valid` the rest means nothing: there is no override.
    """

    valid: bool = False
    persistent: bool = False  #: for every boot, else for the next one
    uefi: bool = False  #: else legacy (PC compatible)
    device: BootDevice | int = BootDevice.NONE  #: 0 to 15
    clear_cmos: bool = False
    lock_keyboard: bool = False
    screen_blank: bool = False
    lock_reset: bool = False  #: the reset button
    lock_power: bool = False  #: the power button
    verbosity: Verbosity | int = Verbosity.DEFAULT  #: 0 to 3
    force_progress_traps: bool = False  #: the BIOS sends progress events as traps
    password_bypass: bool = False  #: of the BIOS's user password
    lock_sleep: bool = False  #: the sleep button
    console_redirection: ConsoleRedirection | int = ConsoleRedirection.DEFAULT  #: 0 to 3
    shared_mode: bool = False  #: the channel's access mode is set to shared for the boot
    mux: BootMux | int = BootMux.DEFAULT  #: 0 to 7
    device_instance: int = 0  #: 0 any; 1 to 15 external, 17 to 31 internal, counted
    reserved: bytes = bytes(5)  #: bits without a meaning, as read; they are written back

    def __post_init__(self) -> None:
        in_range(self.device, 0, 15, "the boot device")
        in_range(self.verbosity, 0, 3, "the verbosity")
        in_range(self.console_redirection, 0, 3, "the console redirection")
        in_range(self.mux, 0, 7, "the mux setting")
        in_range(self.device_instance, 0, 31, "the device instance")
        if len(self.reserved) != 5 or _and(self.reserved, _RESERVED) != self.reserved:
            raise ValueError("the reserved bits must lie outside the fields")

    @classmethod
    def from_wire(cls, data: bytes) -> BootFlags:
        """Read the five bytes."""
        require(data, 5, "boot flags")
        return cls(
            valid=bool(data[0] & 0x80),
            persistent=bool(data[0] & 0x40),
            uefi=bool(data[0] & 0x20),
            clear_cmos=bool(data[1] & 0x80),
            lock_keyboard=bool(data[1] & 0x40),
            device=known(BootDevice, data[1] >> 2 & 0x0F),
            screen_blank=bool(data[1] & 0x02),
            lock_reset=bool(data[1] & 0x01),
            lock_power=bool(data[2] & 0x80),
            verbosity=known(Verbosity, data[2] >> 5 & 0x03),
            force_progress_traps=bool(data[2] & 0x10),
            password_bypass=bool(data[2] & 0x08),
            lock_sleep=bool(data[2] & 0x04),
            console_redirection=known(ConsoleRedirection, data[2] & 0x03),
            shared_mode=bool(data[3] & 0x08),
            mux=known(BootMux, data[3] & 0x07),
            device_instance=data[4] & 0x1F,
            reserved=_and(data[:5], _RESERVED),
        )

    def to_wire(self) -> bytes:
        """The five bytes."""
        return bytes(
            [
                self.reserved[0] | self.valid << 7 | self.persistent << 6 | self.uefi << 5,
                self.clear_cmos << 7
                | self.lock_keyboard << 6
                | self.device << 2
                | self.screen_blank << 1
                | self.lock_reset,
                self.lock_power << 7
                | self.verbosity << 5
                | self.force_progress_traps << 4
                | self.password_bypass << 3
                | self.lock_sleep << 2
                | self.console_redirection,
                self.reserved[3] | self.shared_mode << 3 | self.mux,
                self.reserved[4] | self.device_instance,
            ]
        )


def _and(bits: bytes, mask: bytes) -> bytes:
    return bytes(bits[at] & mask[at] for at in range(len(mask)))


@dataclass(frozen=True)
class BootClearMask:
    """Parameter 3, boot flag valid bit clearing. One byte. True: the BMC then does NOT clear the valid bit."""

    pef: bool = False  #: bit 4: a reset or power cycle by an event filter
    timeout: bool = False  #: bit 3: no power on or reset within 60 seconds of setting the flags
    watchdog: bool = False  #: bit 2: a reset by the watchdog
    reset: bool = False  #: bit 1: a reset by the button, or a soft reset
    power: bool = False  #: bit 0: a power on by the button, or a wake event

    @classmethod
    def from_wire(cls, data: bytes) -> BootClearMask:
        """Read the byte."""
        require(data, 1, "boot flag valid bit clearing")
        pef, timeout, watchdog, reset, power = (bool(data[0] >> bit & 1) for bit in (4, 3, 2, 1, 0))
        return cls(pef, timeout, watchdog, reset, power)

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.pef << 4 | self.timeout << 3 | self.watchdog << 2 | self.reset << 1 | self.power])


class BootAgent(IntFlag):
    """Who acts on boot options."""

    BIOS = 0x01
    LOADER = 0x02  #: operating system loader
    SERVICE = 0x04  #: operating system or service partition
    SMS = 0x08  #: system management software
    OEM = 0x10


_AGENTS: t.Final = 0x1F


@dataclass(frozen=True)
class BootAcknowledge:
    """Parameter 4, boot info acknowledge. Two bytes: write mask; data."""

    mask: BootAgent  #: which bits are written; reads as 0
    handled: BootAgent  #: the agents that have handled the options

    @classmethod
    def from_wire(cls, data: bytes) -> BootAcknowledge:
        """Read the two bytes."""
        require(data, 2, "boot info acknowledge")
        return cls(BootAgent(data[0] & _AGENTS), BootAgent(data[1] & _AGENTS))

    def to_wire(self) -> bytes:
        """The two bytes."""
        return bytes([self.mask, self.handled])


#: What is written to parameter 4 before the boot flags, so that the BIOS looks at them.
ACKNOWLEDGE_BIOS: t.Final = BootAcknowledge(BootAgent.BIOS, BootAgent.BIOS).to_wire()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System boot options."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _boot as boot
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._boot import (
    BootAcknowledge,
    BootAgent,
    BootClearMask,
    BootDevice,
    BootFlags,
    BootMux,
    BootParameter,
    ConsoleRedirection,
    Verbosity,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

PXE = BootFlags(valid=True, device=BootDevice.PXE)

# ipmi.md 5.7, parameter 5, bit by bit; those marked "8" are golden transcripts of section 8.
FLAGS: list[tuple[str, BootFlags]] = [
    ("00 00 00 00 00", BootFlags()),
    ("80 04 00 00 00", PXE),  # 8: once, legacy
    ("A0 04 00 00 00", replace(PXE, uefi=True)),
    ("C0 04 00 00 00", replace(PXE, persistent=True)),
    ("E0 04 00 00 00", replace(PXE, persistent=True, uefi=True)),  # 8
    ("80 08 00 00 00", replace(PXE, device=BootDevice.DISK)),
    ("80 0C 00 00 00", replace(PXE, device=BootDevice.SAFE)),
    ("80 10 00 00 00", replace(PXE, device=BootDevice.DIAGNOSTIC)),
    ("80 14 00 00 00", replace(PXE, device=BootDevice.CDROM)),
    ("80 18 00 00 00", replace(PXE, device=BootDevice.SETUP)),
    ("80 1C 00 00 00", replace(PXE, device=BootDevice.REMOTE_FLOPPY)),
    ("80 20 00 00 00", replace(PXE, device=BootDevice.REMOTE_CDROM)),
    ("80 24 00 00 00", replace(PXE, device=BootDevice.REMOTE_MEDIA)),
    ("80 2C 00 00 00", replace(PXE, device=BootDevice.REMOTE_DISK)),
    ("80 3C 00 00 00", replace(PXE, device=BootDevice.FLOPPY)),
    ("80 28 00 00 00", replace(PXE, device=10)),
    ("00 80 00 00 00", BootFlags(clear_cmos=True)),
    ("00 40 00 00 00", BootFlags(lock_keyboard=True)),
    ("00 02 00 00 00", BootFlags(screen_blank=True)),
    ("00 01 00 00 00", BootFlags(lock_reset=True)),
    ("00 00 80 00 00", BootFlags(lock_power=True)),
    ("00 00 20 00 00", BootFlags(verbosity=Verbosity.QUIET)),
    ("00 00 40 00 00", BootFlags(verbosity=Verbosity.VERBOSE)),
    ("00 00 60 00 00", BootFlags(verbosity=3)),
    ("00 00 10 00 00", BootFlags(force_progress_traps=True)),
    ("00 00 08 00 00", BootFlags(password_bypass=True)),
    ("00 00 04 00 00", BootFlags(lock_sleep=True)),
    ("00 00 01 00 00", BootFlags(console_redirection=ConsoleRedirection.SUPPRESS)),
    ("00 00 02 00 00", BootFlags(console_redirection=ConsoleRedirection.ENABLE)),
    ("00 00 00 08 00", BootFlags(shared_mode=True)),
    ("00 00 00 01 00", BootFlags(mux=BootMux.TO_BMC)),
    ("00 00 00 02 00", BootFlags(mux=BootMux.TO_SYSTEM)),
    ("00 00 00 07 00", BootFlags(mux=7)),
    ("00 00 00 00 11", BootFlags(device_instance=17)),
    ("1F 00 00 F0 E0", BootFlags(reserved=bytes.fromhex("1F 00 00 F0 E0"))),
]


@pytest.mark.parametrize(("wire", "flags"), FLAGS)
def test_flags(wire: str, flags: BootFlags) -> None:
    data = bytes.fromhex(wire)
    assert flags.to_wire() == data
    assert BootFlags.from_wire(data) == flags


def test_a_tail_of_twelve_bytes_is_ignored() -> None:
    # ipmi.md 2.2, HP DL380 G5.
    assert BootFlags.from_wire(bytes.fromhex("80 04 00 00 00") + b"\xff" * 12) == PXE


def test_requests_may_lack_what_is_unknown() -> None:
    flags = BootFlags.from_wire(bytes.fromhex("9F 04 00 F0 E1"))
    assert replace(flags, reserved=bytes(5)).to_wire() == bytes.fromhex("80 04 00 00 01")


@pytest.mark.parametrize("size", range(5))
def test_short_flags(size: int) -> None:
    with pytest.raises(MalformedData, match="boot flags"):
        BootFlags.from_wire(bytes(size))


@given(st.binary(min_size=5, max_size=5))
def test_every_bit_of_the_flags_comes_back(data: bytes) -> None:
    assert BootFlags.from_wire(data).to_wire() == data


@pytest.mark.parametrize(
    ("wire", "mask"),
    [
        # ipmi.md 5.7, parameter 3.
        ("00", BootClearMask()),
        ("10", BootClearMask(pef=True)),
        ("08", BootClearMask(timeout=True)),
        ("04", BootClearMask(watchdog=True)),
        ("02", BootClearMask(reset=True)),
        ("01", BootClearMask(power=True)),
        ("1F", BootClearMask(True, True, True, True, True)),
    ],
)
def test_clear_mask(wire: str, mask: BootClearMask) -> None:
    data = bytes.fromhex(wire)
    assert mask.to_wire() == data
    assert BootClearMask.from_wire(data) == mask
    assert BootClearMask.from_wire(bytes([data[0] | 0xE0, 0xFF])) == mask


def test_acknowledge() -> None:
    # ipmi.md 5.7 parameter 4, and 8: 04 01 01.
    assert bytes.fromhex("01 01") == boot.ACKNOWLEDGE_BIOS
    record = BootAcknowledge(BootAgent(0), BootAgent.BIOS | BootAgent.SMS)
    assert BootAcknowledge.from_wire(bytes.fromhex("00 09")) == record
    assert BootAcknowledge.from_wire(bytes.fromhex("E0 E9 77")) == record
    assert record.to_wire() == bytes.fromhex("00 09")
    assert BootAcknowledge(BootAgent.OEM, BootAgent.LOADER | BootAgent.SERVICE).to_wire() == bytes.fromhex("10 06")


@pytest.mark.parametrize(
    ("decode", "size"), [(BootClearMask.from_wire, 1), (BootAcknowledge.from_wire, 2), (boot.payload, 2)]
)
def test_short_answers(decode: t.Callable[[bytes], object], size: int) -> None:
    for short in range(size):
        with pytest.raises(MalformedData):
            decode(bytes(short))


def test_requests() -> None:
    # ipmi.md 8: bootdev pxe once.
    assert boot.set_request(BootParameter.SET_IN_PROGRESS, b"\1") == bytes.fromhex("00 01")
    assert boot.set_request(BootParameter.ACKNOWLEDGE, boot.ACKNOWLEDGE_BIOS) == bytes.fromhex("04 01 01")
    assert boot.set_request(BootParameter.BOOT_FLAGS, PXE.to_wire()) == bytes.fromhex("05 80 04 00 00 00")
    clear_mask = boot.set_request(BootParameter.VALID_BIT_CLEARING, BootClearMask(timeout=True).to_wire())
    assert clear_mask == bytes.fromhex("03 08")
    assert boot.get_request(BootParameter.BOOT_FLAGS) == bytes.fromhex("05 00 00")
    assert boot.get_request(BootParameter.INITIATOR_MAILBOX, 1, 2) == bytes.fromhex("07 01 02")


def test_payload() -> None:
    answer = bytes.fromhex("01 05 80 04 00 00 00")
    assert boot.payload(answer) == answer[2:]
    assert boot.payload(answer, BootParameter.BOOT_FLAGS) == answer[2:]
    # ipmi.md 5.7: b7 says "invalid or locked", b6:0 is the parameter.
    assert boot.payload(bytes.fromhex("01 85 00"), BootParameter.BOOT_FLAGS) == b"\0"
    assert boot.payload(bytes.fromhex("01 04"), BootParameter.ACKNOWLEDGE) == b""
    with pytest.raises(MalformedData, match="parameter 5 instead of 4"):
        boot.payload(answer, BootParameter.ACKNOWLEDGE)


def test_parameter_numbers() -> None:
    # ipmi.md 5.7.
    assert [int(parameter) for parameter in BootParameter] == list(range(8))
    assert BootParameter(3) is BootParameter.VALID_BIT_CLEARING
    assert BootParameter(5) is BootParameter.BOOT_FLAGS


@pytest.mark.parametrize(
    "make",
    [
        lambda: BootFlags(device=16),
        lambda: BootFlags(verbosity=4),
        lambda: BootFlags(console_redirection=4),
        lambda: BootFlags(mux=8),
        lambda: BootFlags(device_instance=32),
        lambda: BootFlags(reserved=bytes(4)),
        lambda: BootFlags(reserved=bytes.fromhex("80 00 00 00 00")),
        lambda: boot.get_request(128),
        lambda: boot.set_request(-1, b""),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must"):
        make()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The system event log and its clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sel import SelInfo, SelTime, UtcOffset
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData


@pytest.mark.parametrize(
    ("wire", "entries", "free", "overflow", "fill"),
    [
        ("51 00 00 00 20 FF FF FF FF FF FF FF FF 0F", 0, 512, False, 0.0),
        ("51 80 01 00 08 00 00 00 00 00 00 00 00 0F", 384, 128, False, 0.75),
        ("51 00 02 00 00 00 00 00 00 00 00 00 00 0F", 512, 0, False, 1.0),
        # Events were lost: whatever the numbers say, it is full.
        ("51 01 00 10 00 00 00 00 00 00 00 00 00 8F", 1, 1, True, 1.0),
        ("51 00 00 00 00 00 00 00 00 00 00 00 00 00", 0, 0, False, None),
        # A tail is ignored.
        ("51 01 00 30 00 00 00 00 00 00 00 00 00 0F AA", 1, 3, False, 0.25),
    ],
)
def test_fill(wire: str, entries: int, free: int, overflow: bool, fill: float | None) -> None:
    info = SelInfo.from_wire(bytes.fromhex(wire))
    assert (info.entries, info.free_records, info.overflow, info.fill) == (entries, free, overflow, fill)


@pytest.mark.parametrize(
    ("wire", "raw", "is_set"),
    [
        # ipmi.md 5.11, 48: FFFFFFFF unset; values below 20000000h count from SEL start.
        ("FF FF FF FF", 0xFFFFFFFF, False),
        ("00 00 00 00", 0, False),
        ("FF FF FF 1F", 0x1FFFFFFF, False),
        ("00 00 00 20", 0x20000000, True),
        ("80 43 6D 38", 946684800, True),
        ("FE FF FF FF", 0xFFFFFFFE, True),
    ],
)
def test_time(wire: str, raw: int, is_set: bool) -> None:
    time = SelTime.from_wire(bytes.fromhex(wire))
    assert (time.raw, time.is_set) == (raw, is_set)
    assert time.to_wire() == bytes.fromhex(wire)


@pytest.mark.parametrize(
    ("wire", "minutes"),
    [
        # ipmi.md 5.11, 5C: signed 16 minutes, -1440 to 1440, 07FF unset.
        ("00 00", 0),
        ("3C 00", 60),
        ("C4 FF", -60),
        ("A0 05", 1440),
        ("60 FA", -1440),
        ("FF 07", None),
    ],
)
def test_offset(wire: str, minutes: int | None) -> None:
    assert UtcOffset.from_wire(bytes.fromhex(wire)) == UtcOffset(minutes)
    assert UtcOffset(minutes).to_wire() == bytes.fromhex(wire)


@pytest.mark.parametrize("wire", ["A1 05", "5F FA", "FF 7F"])
def test_an_offset_that_cannot_be_is_unspecified(wire: str) -> None:
    assert UtcOffset.from_wire(bytes.fromhex(wire)).minutes is None


@given(st.integers(0, 0xFFFFFFFF))
def test_every_time_comes_back(raw: int) -> None:
    assert SelTime.from_wire(SelTime(raw).to_wire()).raw == raw


def test_short_answers() -> None:
    with pytest.raises(MalformedData):
        SelInfo.from_wire(bytes(13))
    with pytest.raises(MalformedData):
        SelTime.from_wire(bytes(3))
    with pytest.raises(MalformedData):
        UtcOffset.from_wire(bytes(1))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        SelTime(1 << 32).to_wire()
    with pytest.raises(ValueError, match="-1440 to 1440 minutes, not 1441"):
        UtcOffset(1441).to_wire()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers, text and malformed answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _wire as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData


def test_numbers_have_the_low_byte_first() -> None:
    data = bytes.fromhex("FF 6F 02 00 01")
    assert wire.u16(data, 1) == 0x26F
    assert wire.u24(data, 1) == 0x00026F
    assert wire.u32(data, 1) == 0x0100026F
    assert wire.put_u16(0x26F) == bytes.fromhex("6F 02")
    assert wire.put_u24(0x1BF2) == bytes.fromhex("F2 1B 00")
    assert wire.put_u32(0x01020304) == bytes.fromhex("04 03 02 01")


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFFFF), st.binary(max_size=3))
def test_numbers_come_back(two: int, three: int, four: int, before: bytes) -> None:
    data = before + wire.put_u16(two) + wire.put_u24(three) + wire.put_u32(four)
    at = len(before)
    assert (wire.u16(data, at), wire.u24(data, at + 2), wire.u32(data, at + 5)) == (two, three, four)


def test_numbers_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="0 to 65535"):
        wire.put_u16(0x10000)
    with pytest.raises(ValueError, match="0 to 16777215"):
        wire.put_u24(-1)
    with pytest.raises(MalformedData, match="offset 1 of 2 bytes"):
        wire.u16(b"\x01\x02", 1)


def test_require_accepts_a_tail_and_names_what_is_short() -> None:
    wire.require(b"123", 2, "a thing")
    with pytest.raises(MalformedData, match=r"^a thing: 1 byte instead of 2$") as caught:
        wire.require(b"1", 2, "a thing")
    assert caught.value.what == "a thing"
    assert caught.value.data == b"1"


def test_malformed_data_does_not_show_the_bytes() -> None:
    error = MalformedData("LAN parameter community string", b"s3cret")
    assert "s3cret" not in f"{error}{error!r}"
    assert str(error) == "LAN parameter community string: 6 bytes that mean nothing"
    assert isinstance(error, ValueError)


@pytest.mark.parametrize(("value", "good"), [(500, True), (128000, True), (0, False), (750, False), (128500, False)])
def test_in_range(value: int, good: bool) -> None:
    if good:
        wire.in_range(value, 500, 128000, "the interval", step=500)
        return
    with pytest.raises(ValueError, match=f"the interval must be 500 to 128000 in steps of 500, not {value}"):
        wire.in_range(value, 500, 128000, "the interval", step=500)


def test_text_is_padded_with_nul_and_cut_at_the_first() -> None:
    assert wire.padded("bob", 5) == b"bob\0\0"
    assert wire.padded("", 2) == b"\0\0"
    assert wire.padded("12345", 5) == b"12345"
    assert wire.unpadded(b"bob\0x\0") == "bob"
    assert wire.unpadded(b"12345") == "12345"
    assert wire.unpadded(b"\xfc\0") == "ü"


@pytest.mark.parametrize("text", ["123456", "a\0b", "π"])
def test_text_that_cannot_be_stored_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="the text ") as caught:
        wire.padded(text, 5)
    assert text not in str(caught.value)


@given(st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=16))
def test_text_comes_back(text: str) -> None:
    assert wire.unpadded(wire.padded(text, 16)) == text

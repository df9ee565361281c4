# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System info parameters: texts in blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _system_info as system_info
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._system_info import FirstBlock, SystemInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData


def read_back(requests: list[bytes]) -> str:
    """The text that a BMC tells that was written so."""
    first, *further = [request[2:] for request in requests]
    block = FirstBlock.from_wire(first)
    assert block.blocks == len(further)
    return system_info.text_of(block, further)


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        # ipmi.md 5.9, 59: set 0: encoding, length, 14 bytes; later sets 16.
        ("", ["02 00 00 00" + "00" * 14]),
        ("node7", ["02 00 00 05 6E 6F 64 65 37" + "00" * 9]),
        ("0123456789abcd", ["02 00 00 0E" + b"0123456789abcd".hex()]),
        ("0123456789abcde", ["02 00 00 0F" + b"0123456789abcd".hex(), "02 01 65" + "00" * 15]),
        ("zürich", ["02 00 00 06 7A FC 72 69 63 68" + "00" * 8]),
        ("\u0416", ["02 00 01 02 D0 96" + "00" * 12]),
    ],
)
def test_set_requests(text: str, wire: list[str]) -> None:
    requests = system_info.set_requests(SystemInfo.SYSTEM_NAME, text)
    assert requests == [bytes.fromhex(one) for one in wire]
    assert read_back(requests) == text


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=16))
def test_every_text_comes_back(text: str) -> None:
    assert read_back(system_info.set_requests(2, text)) == text


def test_the_longest_text_takes_five_blocks() -> None:
    requests = system_info.set_requests(2, "x" * 64)
    assert [request[1] for request in requests] == [0, 1, 2, 3, 4]
    assert read_back(requests) == "x" * 64
    with pytest.raises(ValueError, match="65 bytes; at most 64"):
        system_info.set_requests(2, "x" * 65)
    with pytest.raises(ValueError, match="NUL"):
        system_info.set_requests(2, "a\0")


def test_get_requests() -> None:
    assert system_info.get_request(SystemInfo.SYSTEM_NAME) == bytes.fromhex("00 02 00 00")
    assert system_info.get_request(2, 3) == bytes.fromhex("00 02 03 00")


def test_answers() -> None:
    assert system_info.block_of(bytes.fromhex("11 00 00 02 61 62")) == bytes.fromhex("00 02 61 62")
    assert system_info.text_of(FirstBlock.from_wire(bytes.fromhex("02 04 61 00 62 00")), []) == "ab"
    assert system_info.text_of(FirstBlock.from_wire(bytes.fromhex("00 0E 61 62 00 FF FF")), []) == "ab"
    assert FirstBlock.from_wire(bytes.fromhex("00 00")) == FirstBlock(0, 0, b"")


@pytest.mark.parametrize("wire", ["", "11"])
def test_short_answers(wire: str) -> None:
    with pytest.raises(MalformedData):
        system_info.block_of(bytes.fromhex(wire))
    with pytest.raises(MalformedData):
        FirstBlock.from_wire(bytes.fromhex(wire))


@pytest.mark.parametrize("wire", ["05 02 61 62", "01 02 FC 62", "02 03 61 00 62"])
def test_bytes_that_the_encoding_does_not_have(wire: str) -> None:
    with pytest.raises(MalformedData, match="encoding"):
        system_info.text_of(FirstBlock.from_wire(bytes.fromhex(wire)), [])

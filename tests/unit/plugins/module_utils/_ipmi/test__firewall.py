# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware firewall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _firewall as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._firewall import LunSupport, NetFnSupport
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

NONE, BASE, RESTRICTED = LunSupport.NONE, LunSupport.BASE, LunSupport.RESTRICTED


@pytest.mark.parametrize(
    ("data", "luns"),
    [
        ("01" + "00" * 16, (BASE, NONE, NONE, NONE)),
        ("02" + "00" * 16, (RESTRICTED, NONE, NONE, NONE)),
        ("64", (NONE, BASE, RESTRICTED, BASE)),
        ("C0", (NONE, NONE, NONE, LunSupport.RESERVED)),
    ],
)
def test_logical_units(data: str, luns: tuple[LunSupport, ...]) -> None:
    assert NetFnSupport.from_wire(bytes.fromhex(data)).luns == luns


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        ((14, 0x06, 0x7F), "0E 06 00"),
        ((1, 0x06, 0x80), "01 46 00"),
        ((1, 0x0C, 0x01, 3), "01 0C 03"),
        ((0, 0x2A, 0xFF), "00 6A 00"),
    ],
)
def test_requests(asked: tuple[int, ...], request_: str) -> None:
    assert wire.mask_request(*asked) == bytes.fromhex(request_)


@pytest.mark.parametrize("asked", [(16, 6, 1), (1, 7, 1), (1, 0x2C, 1), (1, 6, 256), (1, 6, 1, 4)])
def test_what_cannot_be_asked_is_refused(asked: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must be"):
        wire.mask_request(*asked)


def test_the_low_bit_of_the_low_byte_is_the_first_command() -> None:
    mask = bytes.fromhex("02 01" + "00" * 13 + "80")
    assert wire.marked(mask, 0) == {0x01, 0x08, 0x7F}
    assert wire.marked(mask, 0x80) == {0x81, 0x88, 0xFF}
    assert len(wire.marked(mask, 0, bit=False)) == 125


@given(st.binary(min_size=16, max_size=16), st.sampled_from([0x00, 0x80]))
def test_a_command_is_marked_one_way_or_the_other(mask: bytes, first: int) -> None:
    yes, no = wire.marked(mask, first), wire.marked(mask, first, bit=False)
    assert not yes & no
    assert yes | no == set(range(first, first + 128))
    assert {wire.first_of(command) for command in yes | no} == {first}


def test_short_answers() -> None:
    with pytest.raises(MalformedData):
        NetFnSupport.from_wire(b"")
    with pytest.raises(MalformedData):
        wire.marked(bytes(15), 0)
    with pytest.raises(ValueError, match="channel"):
        wire.netfn_request(16)
    assert wire.netfn_request(14) == b"\x0e"

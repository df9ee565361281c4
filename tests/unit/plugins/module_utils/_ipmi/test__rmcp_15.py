# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPMI 1.5 packets outside a session: requests to bytes, bytes to answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _rmcp_15 as rmcp_15
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_CHANNEL_AUTH_CAPABILITIES,
    GET_SESSION_CHALLENGE,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_15 import Answer
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType

#: RMCP header; type none, session sequence and ID 0; then the message's length.
HEAD = "06 00 FF 07 00 00 00 00 00 00 00 00 00 "
#: To 81h, network function 07h; from 20h, sequence 3, command 39h; refused with 81h.
REFUSED = HEAD + "08 81 1C 63 20 0C 39 81 1A"


def test_a_request() -> None:
    packet = rmcp_15.request_packet(GET_CHANNEL_AUTH_CAPABILITIES, bytes.fromhex("8E 04"), 1)
    assert packet == bytes.fromhex(HEAD + "09 20 18 C8 81 04 38 8E 04 B1")


@pytest.mark.parametrize("number", [-1, 64])
def test_a_sequence_number_has_six_bits(number: int) -> None:
    with pytest.raises(ValueError, match="0 to 63"):
        rmcp_15.request_packet(GET_SESSION_CHALLENGE, b"", number)


def test_a_refusing_answer() -> None:
    assert rmcp_15.answer_in(bytes.fromhex(REFUSED), GET_SESSION_CHALLENGE) == Answer(3, 0x81, b"")


def test_an_answer_with_data() -> None:
    packet = bytes.fromhex(HEAD + "0A 81 1C 63 20 0C 39 00 AA BB 36")
    assert rmcp_15.answer_in(packet, GET_SESSION_CHALLENGE) == Answer(3, 0, b"\xaa\xbb")


@pytest.mark.parametrize(
    "packet",
    [
        REFUSED.replace("0C 39 81 1A", "0C 38 81 1B"),  # another command
        REFUSED.replace("81 1A", "81 1B"),  # a damaged message
        REFUSED.replace("1C 63", "1C 64"),  # damaged addresses
        REFUSED.replace("81 1C 63", "81 18 67"),  # a request
        REFUSED.replace("07 00 00", "07 06 00"),  # RMCP+
        REFUSED.replace("FF 07", "FF 06"),  # ASF
        REFUSED[:-6],
        HEAD + "00",
        "06 00",
        "",
    ],
)
def test_what_is_no_answer(packet: str) -> None:
    assert rmcp_15.answer_in(bytes.fromhex(packet), GET_SESSION_CHALLENGE) is None


@given(st.binary(max_size=64))
def test_no_packet_makes_it_fail(packet: bytes) -> None:
    assert rmcp_15.answer_in(packet, GET_SESSION_CHALLENGE) is None or len(packet) > 20


def test_a_challenge_is_asked_for() -> None:
    wanted = bytes.fromhex("02 61 64 6D 69 6E 00 00 00 00 00 00 00 00 00 00 00")
    assert rmcp_15.challenge_request(AuthType.MD5, "admin") == wanted


def test_no_challenge_is_asked_for_with_a_name_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="at most 16"):
        rmcp_15.challenge_request(AuthType.MD5, "a" * 17)


def test_no_challenge_is_asked_for_over_rmcp_plus() -> None:
    with pytest.raises(ValueError, match="type 6"):
        rmcp_15.challenge_request(AuthType.RMCP_PLUS, "admin")

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open Session: requests to bytes, bytes to answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _rmcp_open as rmcp_open
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_open import SUITES, OpenResponse
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

#: RMCP header; type RMCP+, payload type Open Session Response, session ID and sequence 0.
HEAD = "06 00 FF 07 06 11 00 00 00 00 00 00 00 00 "
ACCEPTED = HEAD + "24 00 07 00 04 00 A4 A3 A2 A0 44 33 22 11 00 00 00 08 03 00 00 00 01 00 00 08 04 00 00 00 02 00 00 08 01 00 00 00"
REFUSED = HEAD + "08 00 07 11 00 00 A4 A3 A2 A0"


@pytest.mark.parametrize(
    ("suite", "privilege", "wire"),
    [
        # Table 22-20: suite 3 is SHA1, SHA1-96, AES; 17 is SHA256, SHA256-128, AES.
        (3, 0, "07 00 00 00 A4 A3 A2 A0 00 00 00 08 01 00 00 00 01 00 00 08 01 00 00 00 02 00 00 08 01 00 00 00"),
        (17, 4, "07 04 00 00 A4 A3 A2 A0 00 00 00 08 03 00 00 00 01 00 00 08 04 00 00 00 02 00 00 08 01 00 00 00"),
        (0, 0, "07 00 00 00 A4 A3 A2 A0 00 00 00 08 00 00 00 00 01 00 00 08 00 00 00 00 02 00 00 08 00 00 00 00"),
        (8, 5, "07 05 00 00 A4 A3 A2 A0 00 00 00 08 02 00 00 00 01 00 00 08 02 00 00 00 02 00 00 08 01 00 00 00"),
    ],
)
def test_a_request(suite: int, privilege: int, wire: str) -> None:
    packet = rmcp_open.open_request(7, 0xA0A2A3A4, SUITES[suite], privilege)
    assert packet == bytes.fromhex("06 00 FF 07 06 10 00 00 00 00 00 00 00 00 20 00 " + wire)


def test_the_suites_are_the_specifications_twenty() -> None:
    assert sorted(SUITES) == list(range(20))
    assert len(set(SUITES.values())) == 20


def test_an_accepting_answer() -> None:
    answer = rmcp_open.open_response(bytes.fromhex(ACCEPTED), 7)
    assert answer == OpenResponse(7, 0, 4, 0x11223344, (3, 4, 1))


def test_a_refusing_answer() -> None:
    assert rmcp_open.open_response(bytes.fromhex(REFUSED), 7) == OpenResponse(7, 0x11, 0, None, None)


@pytest.mark.parametrize(
    "packet",
    [
        REFUSED.replace("08 00 07", "08 00 06"),  # another tag
        REFUSED.replace("06 11", "06 13"),  # RAKP 2
        REFUSED.replace("07 06 11", "07 00 11"),  # IPMI 1.5
        REFUSED.replace("FF 07", "FF 06"),  # ASF
        HEAD + "00 00",
        "06",
        "",
    ],
)
def test_other_packets_are_none_of_ours(packet: str) -> None:
    assert rmcp_open.open_response(bytes.fromhex(packet), 7) is None


@pytest.mark.parametrize("packet", [ACCEPTED[:-6], REFUSED[:-3], HEAD + "01 00 07", HEAD + "08 00 07 00 04 00 A4 A3 A2 A0"])
def test_what_is_cut_short_is_malformed(packet: str) -> None:
    with pytest.raises(MalformedData, match="Open Session Response"):
        rmcp_open.open_response(bytes.fromhex(packet), 7)


def test_what_a_bmc_appends_is_ignored() -> None:
    assert rmcp_open.open_response(bytes.fromhex(ACCEPTED + " FF FF"), 7) == OpenResponse(7, 0, 4, 0x11223344, (3, 4, 1))


@given(st.binary(max_size=80))
def test_any_packet_is_read_or_malformed(packet: bytes) -> None:
    try:
        answer = rmcp_open.open_response(bytes.fromhex(HEAD) + packet, 7)
    except MalformedData:
        return
    assert answer is None or answer.tag == 7


@pytest.mark.parametrize(("tag", "console_id", "privilege"), [(256, 1, 0), (0, 0, 0), (0, 1 << 32, 0), (0, 1, 6)])
def test_what_cannot_be_sent(tag: int, console_id: int, privilege: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        rmcp_open.open_request(tag, console_id, SUITES[3], privilege)

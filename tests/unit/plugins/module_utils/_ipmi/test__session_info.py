# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions that a BMC has open."""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _session_info as session_info
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._session_info import SessionInfo, SessionProtocol
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

SIX = SessionInfo(1, 63, 1, 2, Privilege.ADMINISTRATOR, SessionProtocol.RMCP_PLUS, 1)


@pytest.mark.parametrize(
    ("wire", "info"),
    [
        # ipmi.md 8: current session, without an address.
        ("01 3F 01 02 04 11", SIX),
        # ipmi.md 5.6, command 3D: length 3 = no such session.
        ("00 04 02", SessionInfo(0, 4, 2)),
        ("00 C4 C2", SessionInfo(0, 4, 2)),
        ("00 04 02 00 00 00", SessionInfo(0, 4, 2)),
        # Length 18 = LAN.
        (
            "05 04 02 03 03 02 0A 01 02 03 52 54 00 AB CD EF 39 30",
            SessionInfo(
                5,
                4,
                2,
                3,
                Privilege.OPERATOR,
                SessionProtocol.IPMI_1_5,
                2,
                IPv4Address("10.1.2.3"),
                "52:54:00:ab:cd:ef",
                12345,
            ),
        ),
        (
            "05 04 02 03 07 22 0A 01 02 03 52 54 00 AB CD EF 39 30 FF",
            SessionInfo(5, 4, 2, 3, 7, 2, 2, IPv4Address("10.1.2.3"), "52:54:00:ab:cd:ef", 12345),
        ),
        # Serial: what follows the six bytes is something else.
        ("01 3F 01 02 04 11 00 01 0A 01 02 03", SIX),
    ],
)
def test_from_wire(wire: str, info: SessionInfo) -> None:
    assert SessionInfo.from_wire(bytes.fromhex(wire)) == info


@pytest.mark.parametrize("size", range(3))
def test_short_answers(size: int) -> None:
    with pytest.raises(MalformedData, match="session info"):
        SessionInfo.from_wire(bytes(size))


@given(st.binary(min_size=3, max_size=20))
def test_every_answer_can_be_read(answer: bytes) -> None:
    info = SessionInfo.from_wire(answer)
    assert (info.handle, info.slots, info.active) == (answer[0], answer[1] & 0x3F, answer[2] & 0x3F)
    known = answer[0] != 0 and len(answer) >= 6
    assert [value is not None for value in (info.user_id, info.privilege, info.protocol, info.channel)] == [known] * 4
    has_address = answer[0] != 0 and len(answer) >= 18
    assert [value is not None for value in (info.address, info.mac, info.port)] == [has_address] * 3


def test_requests() -> None:
    # ipmi.md 5.6, command 3D.
    assert session_info.current_request() == bytes.fromhex("00")
    assert session_info.nth_request(3) == bytes.fromhex("03")
    assert session_info.handle_request(5) == bytes.fromhex("FE 05")
    assert session_info.id_request(0x01020304) == bytes.fromhex("FF 04 03 02 01")


@pytest.mark.parametrize(
    "make",
    [
        lambda: session_info.nth_request(0),
        lambda: session_info.nth_request(254),
        lambda: session_info.handle_request(0),
        lambda: session_info.handle_request(256),
        lambda: session_info.id_request(1 << 32),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Sessions that a BMC has open (IPMI 2.0, 22.20, Get Session Info)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, known
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, put_u32, require, u16


class SessionProtocol(IntEnum):
    """How a LAN session talks."""

    IPMI_1_5 = 0
    RMCP_PLUS = 1


@dataclass(frozen=True)
class SessionInfo:
    """One session, and how many there are.

    Three bytes where there is no such session, six without an address, eighteen on a LAN:
    handle; slots 5:0; active 5:0; user 5:0; privilege 3:0; protocol 7:4, channel 3:0; IPv4
    address, four bytes, and MAC, six bytes, in network order; port, two bytes, the low one first.
    """

    handle: int  #: 0: there is no such session; what is about it is then None
    slots: int  #: sessions at a time, 0 to 63
    active: int  #: sessions open now, 0 to 63
    user_id: int | None = None  #: 0 to 63
    privilege: Privilege | int | None = None  #: in use now
    protocol: SessionProtocol | int | None = None
    channel: int | None = None  #: 0 to 15
    address: ipaddress.IPv4Address | None = None  #: of the client
    mac: str | None = None  #: of the client or the gateway, "aa:bb:cc:dd:ee:ff"
    port: int | None = None  #: of the client, UDP

    @classmethod
    def from_wire(cls, answer: bytes) -> SessionInfo:
        """Read any of the forms. What a serial session tells besides is left out. Raises MalformedData."""
        require(answer, 3, "session info")
        handle, slots, active = answer[0], answer[1] & 0x3F, answer[2] & 0x3F
        if handle == 0 or len(answer) < 6:
            return cls(handle, slots, active)
        has_address = len(answer) >= 18
        return cls(
            handle,
            slots,
            active,
            user_id=answer[3] & 0x3F,
            privilege=known(Privilege, answer[4] & 0x0F),
            protocol=known(SessionProtocol, answer[5] >> 4),
            channel=answer[5] & 0x0F,
            address=ipaddress.IPv4Address(bytes(answer[6:10])) if has_address else None,
            mac=bytes(answer[10:16]).hex(":") if has_address else None,
            port=u16(answer, 16) if has_address else None,
        )


def current_request() -> bytes:
    """Data of Get Session Info for the session that asks."""
    return b"\x00"


def nth_request(index: int) -> bytes:
    """Data of Get Session Info for the Nth active session, 1 to 253; ValueError otherwise."""
    in_range(index, 1, 0xFD, "the session's number")
    return bytes([index])


def handle_request(handle: int) -> bytes:
    """Data of Get Session Info by the handle, 1 to 255; ValueError otherwise."""
    in_range(handle, 1, 0xFF, "the session handle")
    return bytes([0xFE, handle])


def id_request(session_id: int) -> bytes:
    """Data of Get Session Info by the session ID, 32 bits; ValueError otherwise."""
    return b"\xff" + put_u32(session_id)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The first exchange of an RMCP+ login: Open Session (IPMI 2.0, 13.17 and 13.18), whole packets.

It needs no account, so it tells which cipher suites a BMC really takes. Requests are whole
packets, RMCP header (13.1.3) and session header (13.6) included, outside any session.
"""

from __future__ import annotations

import struct
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import (
    AuthAlgorithm,
    ConfidentialityAlgorithm,
    IntegrityAlgorithm,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, in_range, put_u16, put_u32, require, u16, u32

#: RMCP header: version 1.0, reserved, sequence FFh: no acknowledge wanted, class IPMI.
_RMCP_IPMI: t.Final = b"\x06\x00\xff\x07"
#: The session header's authentication type of RMCP+.
_RMCP_PLUS: t.Final = 0x06
#: Payload types (table 13-16).
_OPEN_REQUEST, _OPEN_RESPONSE = 0x10, 0x11
#: Type, payload type, session ID 0, sequence 0, and two bytes for the payload's length.
_SESSION_HEADER: t.Final = 12
_START: t.Final = len(_RMCP_IPMI) + _SESSION_HEADER
#: A record for each kind of algorithm: kind, reserved, length, number, reserved.
_ALGORITHM: t.Final = struct.Struct("BxxBBxxx")


@dataclass(frozen=True)
class Algorithms:
    """What a cipher suite is made of (table 22-20)."""

    authentication: AuthAlgorithm
    integrity: IntegrityAlgorithm
    confidentiality: ConfidentialityAlgorithm


def _algorithms(*numbers: int) -> Algorithms:
    authentication, integrity, confidentiality = numbers
    return Algorithms(
        AuthAlgorithm(authentication), IntegrityAlgorithm(integrity), ConfidentialityAlgorithm(confidentiality)
    )


#: The specification's cipher suites by ID (table 22-20), and the later ones with SHA-256.
SUITES: t.Final[t.Mapping[int, Algorithms]] = {
    suite: _algorithms(*numbers)
    for suite, numbers in enumerate(
        [
            (0, 0, 0),
            (1, 0, 0),
            (1, 1, 0),
            (1, 1, 1),
            (1, 1, 2),
            (1, 1, 3),
            (2, 0, 0),
            (2, 2, 0),
            (2, 2, 1),
            (2, 2, 2),
            (2, 2, 3),
            (2, 3, 0),
            (2, 3, 1),
            (2, 3, 2),
            (2, 3, 3),
            (3, 0, 0),
            (3, 4, 0),
            (3, 4, 1),
            (3, 4, 2),
            (3, 4, 3),
        ]
    )
}


def open_request(tag: int, console_id: int, suite: Algorithms, privilege: int = 0) -> bytes:
    """An Open Session Request.

    Tag 0 to 255; the console's session ID, 1 to FFFFFFFFh; privilege 0 (the highest that the suite
    allows) to 5. Raises ValueError.
    """
    in_range(tag, 0, 255, "the tag")
    in_range(console_id, 1, 0xFFFFFFFF, "the session ID")
    in_range(privilege, 0, 5, "the privilege")
    numbers = (suite.authentication, suite.integrity, suite.confidentiality)
    records = b"".join(_ALGORITHM.pack(kind, 8, number) for kind, number in enumerate(numbers))
    return packet_of(_OPEN_REQUEST, bytes([tag, privilege, 0, 0]) + put_u32(console_id) + records)


def packet_of(kind: int, payload: bytes) -> bytes:
    """A whole packet outside any session; `kind` is a payload type of table 13-16."""
    return _RMCP_IPMI + bytes([_RMCP_PLUS, kind]) + bytes(8) + put_u16(len(payload)) + payload


@dataclass(frozen=True)
class OpenResponse:
    """An Open Session Response.

    Tag; status; highest privilege 3:0; reserved; the console's session ID; then, if the status is
    0, the BMC's session ID and the three algorithms that it chose.
    """

    tag: int
    status: int  #: of table 13-15; 0 is no error
    privilege: int  #: 0 to 15; means nothing after an error
    bmc_id: int | None  #: None after an error
    algorithms: tuple[int, int, int] | None  #: authentication, integrity, confidentiality; None after an error

    @classmethod
    def from_wire(cls, payload: bytes) -> OpenResponse:
        """Read the payload. Raises MalformedData."""
        require(payload, 2, "Open Session Response")
        if payload[1]:
            return cls(payload[0], payload[1], 0, None, None)
        require(payload, 36, "Open Session Response")
        numbers = tuple(payload[offset] & 0x3F for offset in (16, 24, 32))
        return cls(payload[0], 0, payload[2] & 0x0F, u32(payload, 8), t.cast("tuple[int, int, int]", numbers))


def open_response(packet: bytes, tag: int) -> OpenResponse | None:
    """The answer with this tag in a packet; None for any other packet. Raises MalformedData if it is cut short."""
    payload = payload_of(packet, _OPEN_RESPONSE, tag, "Open Session Response")
    return None if payload is None else OpenResponse.from_wire(payload)


def payload_of(packet: bytes, kind: int, tag: int, what: str) -> bytes | None:
    """The payload of this type and with this tag in a packet; None for any other packet. Raises MalformedData if it is cut short."""
    if len(packet) <= _START or packet[:1] != _RMCP_IPMI[:1] or packet[3:4] != _RMCP_IPMI[3:]:
        return None
    if packet[4] != _RMCP_PLUS or packet[5] & 0x3F != kind or packet[_START] != tag:
        return None
    length = u16(packet, _START - 2)
    payload = packet[_START : _START + length]
    if len(payload) < length:
        raise MalformedData(what, packet, f"{len(payload)} bytes instead of {length}")
    return payload

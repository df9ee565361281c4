# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packets to fields and back: RMCP, ASF ping and pong, IPMI 1.5 and 2.0 session headers, messages.

Integers are least significant byte first unless told otherwise. Parsing raises BadPacket.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .crypto import BadPacket

RMCP_VERSION = 6
RMCP_NO_ACK = 0xFF
CLASS_ASF = 6
CLASS_IPMI = 7
CLASS_ACK = 0x80
RMCP_IPMI = bytes((RMCP_VERSION, 0, RMCP_NO_ACK, CLASS_IPMI))
ASF_IANA = 4542
ASF_PONG = 0x40
ASF_PING = 0x80

AUTH_NONE = 0
AUTH_MD5 = 2
AUTH_PASSWORD = 4
AUTH_RMCPP = 6

PAYLOAD_IPMI = 0x00
PAYLOAD_SOL = 0x01
PAYLOAD_OPEN_REQUEST = 0x10
PAYLOAD_OPEN_RESPONSE = 0x11
PAYLOAD_RAKP1 = 0x12
PAYLOAD_RAKP2 = 0x13
PAYLOAD_RAKP3 = 0x14
PAYLOAD_RAKP4 = 0x15

BMC_ADDRESS = 0x20
CONSOLE_ADDRESS = 0x81

_HEADER_15 = struct.Struct("<BI4s")
_HEADER_20 = struct.Struct("<BB4sIH")
_ASF = struct.Struct(">IBBBB")


def pong(ping: bytes) -> bytes | None:
    """Answer an ASF presence ping (IPMI 13.2.4); None if `ping`, after the RMCP header, is none."""
    if len(ping) < _ASF.size:
        return None
    iana, kind, tag, _reserved, _length = _ASF.unpack_from(ping)
    if iana != ASF_IANA or kind != ASF_PING:
        return None
    header = bytes((RMCP_VERSION, 0, RMCP_NO_ACK, CLASS_ASF))
    # 81h: IPMI is there, ASF version 1.0
    body = struct.pack(">IIBB6x", ASF_IANA, 0, 0x81, 0)
    return header + _ASF.pack(ASF_IANA, ASF_PONG, tag, 0, len(body)) + body


@dataclass(frozen=True)
class Packet15:
    """An IPMI 1.5 session packet (13.6)."""

    auth_type: int
    sequence: int
    session_id: bytes
    auth_code: bytes
    message: bytes


def parse_15(data: bytes) -> Packet15:
    """`data` starts at the authentication type."""
    if len(data) < 10:
        raise BadPacket("short 1.5 header")
    auth_type, sequence, session_id = _HEADER_15.unpack_from(data)
    at = 9
    auth_code = b""
    if auth_type != AUTH_NONE:
        auth_code, at = data[9:25], 25
        if len(data) < 26:
            raise BadPacket("short 1.5 header")
    length = data[at]
    message = data[at + 1 : at + 1 + length]
    # One byte more is the pad that old Ethernet controllers need (13.6).
    if len(message) != length or len(data) - at - 1 - length > 1:
        raise BadPacket("1.5 length")
    return Packet15(auth_type, sequence, session_id, auth_code, message)


def build_15(packet: Packet15) -> bytes:
    """The whole datagram, RMCP header included."""
    head = _HEADER_15.pack(packet.auth_type, packet.sequence, packet.session_id)
    return b"".join(
        (RMCP_IPMI, head, packet.auth_code, bytes((len(packet.message),)), packet.message)
    )


@dataclass(frozen=True)
class Packet20:
    """An RMCP+ session packet (13.6); `payload` is still encrypted if `encrypted`."""

    kind: int  # payload type, 0 to 63
    encrypted: bool
    authenticated: bool
    session_id: bytes
    sequence: int
    payload: bytes
    signed: bytes  # what the AuthCode covers
    auth_code: bytes


def parse_20(data: bytes, code_length: int) -> Packet20:
    """`data` starts at the authentication type; `code_length` is that of the session's AuthCode."""
    if len(data) < 12:
        raise BadPacket("short 2.0 header")
    _auth, kind, session_id, sequence, length = _HEADER_20.unpack_from(data)
    payload = data[12 : 12 + length]
    if len(payload) != length:
        raise BadPacket("2.0 length")
    authenticated = bool(kind & 0x40)
    signed, code = b"", b""
    if authenticated and code_length:
        signed, code = _trailer(data, 12 + length, code_length)
    return Packet20(
        kind & 0x3F, bool(kind & 0x80), authenticated, session_id, sequence, payload, signed, code
    )


def _trailer(data: bytes, end: int, code_length: int) -> tuple[bytes, bytes]:
    signed, code = data[:-code_length], data[-code_length:]
    if len(signed) < end + 2 or signed[-1] != 7:
        raise BadPacket("2.0 trailer")
    if len(signed) - end - 2 != signed[-2]:
        raise BadPacket("2.0 integrity pad")
    return signed, code


def header_20(kind: int, session_id: bytes, sequence: int, payload: bytes) -> bytes:
    """From the authentication type to the end of the payload; `kind` with its flag bits."""
    return _HEADER_20.pack(AUTH_RMCPP, kind, session_id, sequence, len(payload)) + payload


def integrity_pad(body: bytes) -> bytes:
    """Pad of FF, its length and the next header, so that the AuthCode covers whole 4 bytes."""
    pad = -(len(body) + 2) % 4
    return body + b"\xff" * pad + bytes((pad, 7))


def session_of(data: bytes) -> bytes:
    """The session id in an RMCP+ packet."""
    if len(data) < 12:
        raise BadPacket("short 2.0 header")
    return data[2:6]


@dataclass(frozen=True)
class Message:
    """An IPMI LAN request (13.8)."""

    netfn: int
    lun: int
    requester: int
    requester_lun: int
    sequence: int
    cmd: int
    data: bytes


def checksum(data: bytes) -> int:
    """Two's complement of the sum."""
    return -sum(data) & 0xFF


def parse_message(data: bytes) -> Message:
    """A request to the BMC. Raises BadPacket on wrong checksums, responses, other addresses."""
    return parse_request(data, BMC_ADDRESS)


def parse_request(data: bytes, responder: int) -> Message:
    """A request to the controller at `responder`, an IPMB address."""
    if len(data) < 7:
        raise BadPacket("short message")
    if sum(data[:3]) & 0xFF or sum(data[3:]) & 0xFF:
        raise BadPacket("checksum")
    if data[0] != responder or data[1] & 4:
        raise BadPacket("not a request to this controller")
    return Message(
        netfn=data[1] >> 2,
        lun=data[1] & 3,
        requester=data[3],
        requester_lun=data[4] & 3,
        sequence=data[4] >> 2,
        cmd=data[5],
        data=data[6:-1],
    )


def build_response(request: Message, body: bytes) -> bytes:
    """The response; `body` is completion code and data."""
    return _response(request, request.requester, BMC_ADDRESS, body)


def build_bridged(request: Message, responder: int, body: bytes) -> bytes:
    """The response of a controller behind the BMC, as the BMC passes it on to the console."""
    return _response(request, CONSOLE_ADDRESS, responder, body)


def _response(request: Message, requester: int, responder: int, body: bytes) -> bytes:
    head = bytes((requester, (request.netfn | 1) << 2 | request.requester_lun))
    tail = bytes((responder, request.sequence << 2 | request.lun, request.cmd)) + body
    return head + bytes((checksum(head),)) + tail + bytes((checksum(tail),))

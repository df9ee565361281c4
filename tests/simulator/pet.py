# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Platform event traps: an SNMP v1 trap as the PET specification 1.0 lays it out."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from .sensors import BY_NUMBER

ENTERPRISE = (1, 3, 6, 1, 4, 1, 3183, 1, 1)
ENTERPRISE_SPECIFIC = 6
SEQUENCE, INTEGER, OCTETS, OID, IP_ADDRESS, TICKS, TRAP = 0x30, 0x02, 0x04, 0x06, 0x40, 0x43, 0xA4
EPOCH_1998 = 883_612_800  # PET counts seconds from 1 January 1998
IPMI_SOURCE = 0x20  # trap source type: IPMI
NO_LANGUAGE = 0xFF
END_OF_OEM = 0xC1


@dataclass(frozen=True)
class Trap:
    """One trap to one destination."""

    community: bytes
    agent: bytes  # the BMC's IPv4 address
    guid: bytes  # 16 bytes as they go over the wire
    sequence: int  # 16 bits; what PET Acknowledge names
    time: int  # seconds since 1970
    utc_offset: int  # minutes
    severity: int
    event: bytes  # revision, sensor type, number, direction and type, data 1 to 3
    manufacturer: int
    product: int

    @property
    def specific(self) -> int:
        """b23:16 sensor type, b15:8 event type, b7 deassertion, b3:0 offset."""
        kind, direction = self.event[1], self.event[3]
        return kind << 16 | (direction & 0x7F) << 8 | direction & 0x80 | self.event[4] & 0x0F

    def variable(self) -> bytes:
        """The 47 bytes of the trap's one variable; numbers are most significant byte first."""
        sensor = BY_NUMBER.get(self.event[2])
        entity = (sensor.entity, sensor.instance) if sensor else (0, 0)
        return (
            self.guid
            + self.sequence.to_bytes(2, "big")
            + max(0, self.time - EPOCH_1998).to_bytes(4, "big")
            + self.utc_offset.to_bytes(2, "big", signed=True)
            + bytes((IPMI_SOURCE, IPMI_SOURCE, self.severity, 0x20, self.event[2], *entity))
            + self.event[4:7].ljust(8, b"\xff")
            + bytes((NO_LANGUAGE,))
            + self.manufacturer.to_bytes(4, "big")
            + self.product.to_bytes(2, "big")
            + bytes((END_OF_OEM,))
        )

    def packet(self) -> bytes:
        """The whole SNMP message."""
        name = _tlv(OID, _oid((*ENTERPRISE, 1)))
        bindings = _tlv(SEQUENCE, _tlv(SEQUENCE, name + _tlv(OCTETS, self.variable())))
        trap = (
            _tlv(OID, _oid(ENTERPRISE))
            + _tlv(IP_ADDRESS, self.agent)
            + _integer(ENTERPRISE_SPECIFIC)
            + _integer(self.specific)
            + _tlv(TICKS, b"\0")
            + bindings
        )
        return _tlv(SEQUENCE, _integer(0) + _tlv(OCTETS, self.community) + _tlv(TRAP, trap))


def send(packet: bytes, source: bytes, destination: bytes, port: int) -> None:
    """Send from the BMC's address. Raises OSError where the host cannot."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setblocking(False)
        out.bind((socket.inet_ntoa(source), 0))
        out.sendto(packet, (socket.inet_ntoa(destination), port))


def _tlv(kind: int, body: bytes) -> bytes:
    """Type, length, value (BER). No part of a trap is as long as 128 bytes."""
    return bytes((kind, len(body))) + body


def _integer(value: int) -> bytes:
    return _tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _oid(parts: tuple[int, ...]) -> bytes:
    coded = bytes((parts[0] * 40 + parts[1],))
    for part in parts[2:]:
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.insert(0, part & 0x7F | 0x80)
        coded += bytes(groups)
    return coded

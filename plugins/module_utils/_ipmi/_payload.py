# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Payloads: who may use Serial over LAN, where it is active, switching it on (IPMI 2.0, 24.1 to 24.7).

`from_wire` takes an answer's data, ignores what a BMC appends and raises MalformedData
for too few bytes. Numbers have the low byte first. User IDs are 1 to 63, channels 0 to 15,
instances 1 to 15; ValueError otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, require, u16, u32

_SOL_BIT = 0x02


class PayloadType(IntEnum):
    """Payload types of RMCP+ (table 13-16) that can be activated."""

    SOL = 1


def _instance(instance: int) -> int:
    in_range(instance, 1, 15, "the payload instance")
    return instance


def _target(channel: int, user_id: int) -> tuple[int, int]:
    in_range(channel, 0, 15, "the channel")
    in_range(user_id, 1, 63, "the user ID")
    return channel, user_id


@dataclass(frozen=True)
class UserPayloadAccess:
    """Which payloads a user may use on a channel (24.7, Get User Payload Access).

    Four bytes: standard payloads 1 (bit 1 is SOL) and 2, OEM payloads 1 and 2.
    """

    sol: bool
    #: All four bytes, for the payloads that have no field here. Its SOL bit always follows `sol`.
    raw: bytes = bytes(4)

    def __post_init__(self) -> None:
        if len(self.raw) != 4:
            raise ValueError(f"the payload access must have 4 bytes, not {len(self.raw)}")
        first = self.raw[0] & ~_SOL_BIT | (_SOL_BIT if self.sol else 0)
        object.__setattr__(self, "raw", bytes([first]) + self.raw[1:])

    @classmethod
    def from_wire(cls, answer: bytes) -> UserPayloadAccess:
        """Read the four bytes."""
        require(answer, 4, "user payload access")
        return cls(bool(answer[0] & _SOL_BIT), bytes(answer[:4]))

    def set_requests(self, channel: int, user_id: int, before: UserPayloadAccess) -> tuple[bytes, ...]:
        """Data of Set User Payload Access (24.6) that leads from `before` to this: none, one or two requests.

        A request either enables or disables, and touches only the bits that are set in it.
        """
        channel, user_id = _target(channel, user_id)
        added = _without(self.raw, before.raw)
        removed = _without(before.raw, self.raw)
        requests = ((0x00, added), (0x40, removed))
        return tuple(bytes([channel, operation | user_id]) + bits for operation, bits in requests if any(bits))


def _without(bits: bytes, others: bytes) -> bytes:
    return bytes(bits[at] & ~others[at] for at in range(len(bits)))


def get_access_request(channel: int, user_id: int) -> bytes:
    """Data of Get User Payload Access (24.7)."""
    return bytes(_target(channel, user_id))


@dataclass(frozen=True)
class PayloadStatus:
    """Which instances of a payload are active (24.4, Get Payload Activation Status).

    Three bytes: capacity 3:0; a bit for each instance, two bytes, the low one first, bit 0 is instance 1.
    """

    capacity: int  #: instances at a time, 1 to 15
    active: frozenset[int]  #: instances, 1 to 16

    @classmethod
    def from_wire(cls, answer: bytes) -> PayloadStatus:
        """Read the three bytes. A capacity of 0, which some BMCs report, is 1."""
        require(answer, 3, "payload activation status")
        bits = u16(answer, 1)
        return cls(answer[0] & 0x0F or 1, frozenset(bit + 1 for bit in range(16) if bits >> bit & 1))


def status_request(payload_type: int = PayloadType.SOL) -> bytes:
    """Data of Get Payload Activation Status (24.4)."""
    return bytes([payload_type])


@dataclass(frozen=True)
class PayloadInstance:
    """Who uses an instance of a payload (24.5, Get Payload Instance Info).

    Twelve bytes: session ID, four bytes, the low one first; eight bytes about the payload, of SOL the
    first is the serial port.
    """

    session_id: int  #: of the session that activated it; 0: it is inactive
    serial_port: int | None  #: 1 to 255; 0 or None: the BMC does not say

    @classmethod
    def from_wire(cls, answer: bytes) -> PayloadInstance:
        """Read the answer; the part about the payload may be missing."""
        require(answer, 4, "payload instance info")
        return cls(u32(answer), answer[4] if len(answer) > 4 else None)

    @property
    def is_active(self) -> bool:
        """Whether somebody uses it."""
        return self.session_id != 0


def instance_request(instance: int = 1, payload_type: int = PayloadType.SOL) -> bytes:
    """Data of Get Payload Instance Info (24.5)."""
    return bytes([payload_type, _instance(instance)])


class SerialAlerts(IntEnum):
    """What becomes of serial and modem alerts while SOL is active."""

    FAIL = 0
    DEFERRED = 1
    SUCCEED = 2


def activate_request(
    instance: int = 1,
    *,
    encrypt: bool = True,
    authenticate: bool = True,
    serial_alerts: SerialAlerts = SerialAlerts.DEFERRED,
    hold_handshake: bool = True,
    test_mode: bool = False,
) -> bytes:
    """Data of Activate Payload (24.1) for SOL.

    `hold_handshake`: CTS and DCD stay off until the client asks for them, so that nothing
    of the host's output is lost before the client listens. `test_mode`: the host's port is left alone.
    """
    flags = encrypt << 7 | authenticate << 6 | test_mode << 5 | serial_alerts << 2 | hold_handshake << 1
    return bytes([PayloadType.SOL, _instance(instance), flags, 0, 0, 0])


@dataclass(frozen=True)
class ActivatedPayload:
    """Where an activated payload is reached (24.1, Activate Payload).

    Twelve bytes: four about the payload; size to the BMC; size from the BMC; UDP port; VLAN, each
    two bytes, the low one first.
    """

    inbound_size: int  #: largest payload to the BMC in bytes. Some BMCs swap its bytes
    outbound_size: int  #: largest payload from the BMC in bytes. Some BMCs swap its bytes
    port: int  #: UDP
    vlan_id: int | None  #: None: as the session

    @classmethod
    def from_wire(cls, answer: bytes) -> ActivatedPayload:
        """Read the answer; the VLAN may be missing."""
        require(answer, 10, "activated payload")
        vlan = u16(answer, 10) if len(answer) >= 12 else 0xFFFF
        return cls(u16(answer, 4), u16(answer, 6), u16(answer, 8), None if vlan == 0xFFFF else vlan & 0xFFF)


def deactivate_request(instance: int = 1, payload_type: int = PayloadType.SOL) -> bytes:
    """Data of Deactivate Payload (24.2). Completion code 80h: it was inactive already, which is as good."""
    return bytes([payload_type, _instance(instance), 0, 0, 0, 0])

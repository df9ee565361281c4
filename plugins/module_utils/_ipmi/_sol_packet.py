# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Packets of Serial over LAN, payload type 1 of RMCP+ (IPMI 2.0, 15.9, tables 15-2 to 15-4).

Four bytes and then characters: sequence 3:0; acknowledged sequence 3:0; how many characters of that
packet were accepted; operation (to the BMC) or status (from the BMC). A sequence of 0 is a packet
without characters that wants no acknowledgement; an acknowledged sequence of 0 acknowledges nothing.
Sequences are 0 to 15, counts 0 to 255; ValueError otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, require

#: Bytes before the characters.
HEADER = 4
#: The last sequence number; 1 follows it.
LAST_SEQUENCE = 15
#: As many characters can be acknowledged at a time.
MOST_CHARACTERS = 255


class Operation(IntFlag):
    """What a packet asks of the BMC (table 15-2)."""

    NONE = 0
    NACK = 0x40  #: the packet acknowledged here was not taken as a whole
    RING = 0x20  #: ring wake-up
    BREAK = 0x10  #: a break on the serial line
    CTS_PAUSE = 0x08  #: CTS off: the BMC sends no more characters until a packet comes without this bit
    DROP_DCD_DSR = 0x04  #: DCD and DSR off
    FLUSH_INBOUND = 0x02  #: forget the host's characters that were not sent yet
    FLUSH_OUTBOUND = 0x01  #: forget the characters that the host did not get yet


class Status(IntFlag):
    """What the BMC says of itself (table 15-2)."""

    NONE = 0
    NACK = 0x40  #: the packet acknowledged here was not taken as a whole
    UNAVAILABLE = 0x20  #: no characters can be passed on: the host is powered off, or its port is taken
    DEACTIVATING = 0x10  #: the BMC ends this payload
    OVERRUN = 0x08  #: characters of the host were lost since the last packet
    BREAK = 0x04  #: the host sent a break


@dataclass(frozen=True)
class ConsolePacket:
    """A packet to the BMC."""

    sequence: int = 0  #: 1 to 15; 0: it acknowledges only
    acknowledged: int = 0  #: sequence of the BMC's packet; 0: none
    accepted: int = 0  #: characters of that packet
    operation: Operation = Operation.NONE
    characters: bytes = b""

    @classmethod
    def from_wire(cls, payload: bytes) -> ConsolePacket:
        """Read a payload. Raises MalformedData."""
        require(payload, HEADER, "SOL packet to the BMC")
        return cls(payload[0] & 0x0F, payload[1] & 0x0F, payload[2], Operation(payload[3]), bytes(payload[HEADER:]))

    def to_wire(self) -> bytes:
        """The payload."""
        return _header(self.sequence, self.acknowledged, self.accepted, self.operation) + self.characters


@dataclass(frozen=True)
class BmcPacket:
    """A packet from the BMC."""

    sequence: int = 0  #: 1 to 15; 0: it acknowledges or tells its status only
    acknowledged: int = 0  #: sequence of the console's packet; 0: none
    accepted: int = 0  #: characters of that packet
    status: Status = Status.NONE
    characters: bytes = b""

    @classmethod
    def from_wire(cls, payload: bytes) -> BmcPacket:
        """Read a payload. Raises MalformedData."""
        require(payload, HEADER, "SOL packet from the BMC")
        return cls(payload[0] & 0x0F, payload[1] & 0x0F, payload[2], Status(payload[3]), bytes(payload[HEADER:]))

    def to_wire(self) -> bytes:
        """The payload."""
        return _header(self.sequence, self.acknowledged, self.accepted, self.status) + self.characters


def next_sequence(sequence: int) -> int:
    """The number after `sequence`: 1 to 15, then 1 again. After 0 comes 1."""
    in_range(sequence, 0, LAST_SEQUENCE, "the packet's sequence")
    return sequence % LAST_SEQUENCE + 1


def _header(sequence: int, acknowledged: int, accepted: int, flags: int) -> bytes:
    in_range(sequence, 0, LAST_SEQUENCE, "the packet's sequence")
    in_range(acknowledged, 0, LAST_SEQUENCE, "the acknowledged sequence")
    in_range(accepted, 0, MOST_CHARACTERS, "the number of accepted characters")
    return bytes([sequence, acknowledged, accepted, flags])

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Serial over LAN configuration parameters (IPMI 2.0, 26.2 and 26.3, table 26-5).

Each record is one parameter's data: what follows the revision byte in an answer, or
the parameter number in a request. `from_wire` ignores what a BMC appends and raises
MalformedData for too few bytes. Reserved bits are dropped and written as 0. Records
check their fields' ranges and raise ValueError.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, known
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, put_u16, require, u16


class SolParameter(IntEnum):
    """Numbers of the SOL configuration parameters. 192 to 255 are the maker's own."""

    SET_IN_PROGRESS = 0
    ENABLE = 1
    AUTHENTICATION = 2
    ACCUMULATE = 3
    RETRY = 4
    BIT_RATE_NON_VOLATILE = 5
    BIT_RATE_VOLATILE = 6
    PAYLOAD_CHANNEL = 7
    PAYLOAD_PORT = 8


@dataclass(frozen=True)
class SolEnable:
    """Parameter 1, SOL enable. One byte, bit 0."""

    enabled: bool

    @classmethod
    def from_wire(cls, data: bytes) -> SolEnable:
        """Read the byte."""
        require(data, 1, "SOL enable")
        return cls(bool(data[0] & 0x01))

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.enabled])


@dataclass(frozen=True)
class SolAuthentication:
    """Parameter 2, SOL authentication. One byte: force encryption 7, force authentication 6, privilege 3:0."""

    force_encryption: bool  #: else the client chooses
    force_authentication: bool  #: else the client chooses
    privilege: Privilege | int  #: lowest that may activate SOL; 0 to 15

    def __post_init__(self) -> None:
        in_range(self.privilege, 0, 15, "the SOL privilege")

    @classmethod
    def from_wire(cls, data: bytes) -> SolAuthentication:
        """Read the byte. A privilege that the specification lacks is kept."""
        require(data, 1, "SOL authentication")
        return cls(bool(data[0] & 0x80), bool(data[0] & 0x40), known(Privilege, data[0] & 0x0F))

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.force_encryption << 7 | self.force_authentication << 6 | self.privilege])


@dataclass(frozen=True)
class SolAccumulate:
    """Parameter 3, character accumulate interval and send threshold. Two bytes: interval in steps of 5 ms; threshold."""

    #: How long the BMC collects characters before it sends them: 5 to 1275 in steps of 5. 0 is reserved, and still
    #: read from some BMCs.
    interval_ms: int
    send_threshold: int  #: sent at once when so many characters are there, 0 to 255; 0 is none

    def __post_init__(self) -> None:
        in_range(self.interval_ms, 0, 1275, "the accumulate interval", step=5)
        in_range(self.send_threshold, 0, 255, "the send threshold")

    @classmethod
    def from_wire(cls, data: bytes) -> SolAccumulate:
        """Read the two bytes."""
        require(data, 2, "SOL character accumulate interval and send threshold")
        return cls(data[0] * 5, data[1])

    def to_wire(self) -> bytes:
        """The two bytes."""
        return bytes([self.interval_ms // 5, self.send_threshold])


@dataclass(frozen=True)
class SolRetry:
    """Parameter 4, SOL retry. Two bytes: count 2:0; interval in steps of 10 ms."""

    count: int  #: repetitions of a packet that is not acknowledged, 0 to 7
    interval_ms: int  #: 0 to 2550 in steps of 10

    def __post_init__(self) -> None:
        in_range(self.count, 0, 7, "the retry count")
        in_range(self.interval_ms, 0, 2550, "the retry interval", step=10)

    @classmethod
    def from_wire(cls, data: bytes) -> SolRetry:
        """Read the two bytes."""
        require(data, 2, "SOL retry")
        return cls(data[0] & 0x07, data[1] * 10)

    def to_wire(self) -> bytes:
        """The two bytes."""
        return bytes([self.count, self.interval_ms // 10])


#: Bit rates in bit/s by their code.
BIT_RATES: t.Final[t.Mapping[int, int]] = {0x6: 9600, 0x7: 19200, 0x8: 38400, 0x9: 57600, 0xA: 115200}
_CODES: t.Final = {rate: code for code, rate in BIT_RATES.items()}


@dataclass(frozen=True)
class SolBitRate:
    """Parameters 5 (non-volatile) and 6 (volatile, in use), SOL bit rate. One byte, bits 3:0."""

    bit_rate: int | None  #: bit/s: 9600, 19200, 38400, 57600, 115200. None: as the serial configuration says
    #: A code that the specification lacks, as read: 1 to 15; `bit_rate` is then None. 0 otherwise.
    unknown_code: int = 0

    def __post_init__(self) -> None:
        if self.bit_rate is not None and self.bit_rate not in _CODES:
            raise ValueError(f"the bit rate must be one of {', '.join(map(str, _CODES))}, not {self.bit_rate}")
        in_range(self.unknown_code, 0, 15, "the bit rate's code")
        if self.unknown_code and (self.bit_rate is not None or self.unknown_code in BIT_RATES):
            raise ValueError("the bit rate must have no unknown code where it is known")

    @classmethod
    def from_wire(cls, data: bytes) -> SolBitRate:
        """Read the byte."""
        require(data, 1, "SOL bit rate")
        code = data[0] & 0x0F
        return cls(BIT_RATES[code]) if code in BIT_RATES else cls(None, unknown_code=code)

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.unknown_code if self.bit_rate is None else _CODES[self.bit_rate]])


@dataclass(frozen=True)
class SolPayloadChannel:
    """Parameter 7, SOL payload channel. One byte; read only on most BMCs."""

    channel: int | None  #: channel whose SOL configuration is in use, 0 to 15; None (FFh): there is none

    def __post_init__(self) -> None:
        if self.channel is not None:
            in_range(self.channel, 0, 15, "the payload channel")

    @classmethod
    def from_wire(cls, data: bytes) -> SolPayloadChannel:
        """Read the byte."""
        require(data, 1, "SOL payload channel")
        return cls(None if data[0] == 0xFF else data[0] & 0x0F)

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([0xFF if self.channel is None else self.channel])


@dataclass(frozen=True)
class SolPayloadPort:
    """Parameter 8, SOL payload port number. Two bytes, the low one first."""

    port: int  #: UDP, 0 to 65535; usually 623, that of the session

    def __post_init__(self) -> None:
        in_range(self.port, 0, 0xFFFF, "the payload port")

    @classmethod
    def from_wire(cls, data: bytes) -> SolPayloadPort:
        """Read the two bytes."""
        require(data, 2, "SOL payload port")
        return cls(u16(data))

    def to_wire(self) -> bytes:
        """The two bytes."""
        return put_u16(self.port)

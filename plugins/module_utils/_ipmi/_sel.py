# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The system event log: how full it is, and its clock (IPMI 2.0, 31.2, 31.10, 31.11, 31.11a, 31.11b)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import put_u32, require, u16, u32

#: Times below count from the start of the controller, not from 1970.
_FIRST_TIME: t.Final = 0x20000000
_UNSPECIFIED_TIME: t.Final = 0xFFFFFFFF
_UNSPECIFIED_OFFSET: t.Final = 0x07FF
#: Largest UTC offset either way, in minutes.
MAX_OFFSET: t.Final = 1440

#: Bytes of a record.
_RECORD: t.Final = 16


@dataclass(frozen=True)
class SelInfo:
    """Get SEL Info. Fourteen bytes: version; entries, free bytes, two each; two times; overflow in bit 7 of the last."""

    entries: int  #: 0 to 65535
    free: int  #: bytes, 0 to 65535; a record takes 16. 65535 says that or more
    overflow: bool  #: events were lost for want of space

    @classmethod
    def from_wire(cls, answer: bytes) -> SelInfo:
        """Read the fourteen bytes. Raises MalformedData."""
        require(answer, 14, "SEL info")
        return cls(u16(answer, 1), u16(answer, 3), bool(answer[13] & 0x80))

    @property
    def free_records(self) -> int:
        """How many records still fit, at least."""
        return self.free // _RECORD

    @property
    def fill(self) -> float | None:
        """How full it is, 0 to 1. None where nothing is in it and nothing fits, which no log can be."""
        whole = self.entries + self.free_records
        if self.overflow:
            return 1.0
        # More than 65535 bytes are not told: it is then at most as full as this says.
        return self.entries / whole if whole else None


@dataclass(frozen=True)
class SelTime:
    """The clock. Four bytes, the low one first: seconds since 1970, by the site's choice in UTC or local time."""

    raw: int  #: 32 bits

    @classmethod
    def from_wire(cls, answer: bytes) -> SelTime:
        """Read the four bytes."""
        require(answer, 4, "SEL time")
        return cls(u32(answer))

    def to_wire(self) -> bytes:
        """Data of Set SEL Time. ValueError for what does not fit."""
        return put_u32(self.raw)

    @property
    def is_set(self) -> bool:
        """Whether somebody has set it (37.1, Time Stamp Format)."""
        return _FIRST_TIME <= self.raw < _UNSPECIFIED_TIME


@dataclass(frozen=True)
class UtcOffset:
    """How far the clock is ahead of UTC. Two bytes, signed, the low one first: minutes; 07FFh is unspecified."""

    minutes: int | None  #: -1440 to 1440; None: unspecified

    @classmethod
    def from_wire(cls, answer: bytes) -> UtcOffset:
        """Read the two bytes. What is out of range counts as unspecified."""
        require(answer, 2, "SEL time UTC offset")
        number = u16(answer)
        minutes = number - 0x10000 if number & 0x8000 else number
        return cls(minutes if -MAX_OFFSET <= minutes <= MAX_OFFSET else None)

    def to_wire(self) -> bytes:
        """Data of Set SEL Time UTC Offset. ValueError for what is out of range."""
        if self.minutes is None:
            return _UNSPECIFIED_OFFSET.to_bytes(2, "little")
        if not -MAX_OFFSET <= self.minutes <= MAX_OFFSET:
            raise ValueError(f"the UTC offset must be {-MAX_OFFSET} to {MAX_OFFSET} minutes, not {self.minutes}")
        return self.minutes.to_bytes(2, "little", signed=True)

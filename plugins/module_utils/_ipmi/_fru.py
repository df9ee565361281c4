# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""FRU inventory: who made a machine, its model and its serial numbers.

IPMI 2.0, chapter 34, for the two commands; Platform Management FRU Information Storage Definition 1.0 for what is
stored. `from_wire` raises MalformedData for what does not follow them, a wrong checksum included.
"""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, in_range, put_u16, require, u16

#: Offsets and lengths in a FRU count in these.
UNIT: t.Final = 8
#: Bytes of the common header, and of an area's begin that says how long it is.
HEADER_SIZE: t.Final = 8
AREA_HEAD: t.Final = 2
_FORMAT: t.Final = 0x01
#: The board's date counts minutes from here.
_EPOCH: t.Final = datetime.datetime(1996, 1, 1, tzinfo=datetime.timezone.utc)  # noqa: UP017  (this runs on Python 3.9 too)
#: Languages whose text is one byte a character: unspecified, and English.
_ENGLISH: t.Final = frozenset({0, 25})
_END: t.Final = 0xC1
_BINARY, _BCD_PLUS, _SIX_BIT, _TEXT = range(4)
_BCD_DIGITS: t.Final = "0123456789 -.:,_"


def area_info_request(device: int = 0) -> bytes:
    """Data of Get FRU Inventory Area Info (34.1); `device` 0 is the machine itself."""
    in_range(device, 0, 0xFE, "the FRU device")
    return bytes([device])


def read_request(device: int, offset: int, count: int) -> bytes:
    """Data of Read FRU Data (34.2); offset and count in bytes or 16-bit words, as the area's info says."""
    in_range(device, 0, 0xFE, "the FRU device")
    in_range(count, 1, 0xFF, "the number of bytes")
    return bytes([device]) + put_u16(offset) + bytes([count])


def read_answer(answer: bytes) -> bytes:
    """The data of an answer to Read FRU Data. By words, the count is of words, so that it is not looked at."""
    require(answer, 2, "FRU data")
    return bytes(answer[1:])


@dataclass(frozen=True)
class AreaInfo:
    """How large a FRU is (34.1). Three bytes: size in bytes, two, the low one first; by words 0."""

    size: int
    by_words: bool

    @classmethod
    def from_wire(cls, answer: bytes) -> AreaInfo:
        """Read the answer."""
        require(answer, 3, "FRU inventory area info")
        return cls(u16(answer), bool(answer[2] & 0x01))


@dataclass(frozen=True)
class Header:
    """Where a FRU's areas begin (section 8), as bytes from its start; 0 for one that it does not have."""

    chassis: int = 0
    board: int = 0
    product: int = 0

    @classmethod
    def from_wire(cls, data: bytes) -> Header:
        """Eight bytes: format 3:0; offsets of internal, chassis, board, product, multi-record area; pad; checksum."""
        require(data, HEADER_SIZE, "FRU header")
        _check(data[:HEADER_SIZE], "FRU header")
        return cls(chassis=data[2] * UNIT, board=data[3] * UNIT, product=data[4] * UNIT)


def area_size(head: bytes) -> int:
    """The length in bytes of a chassis, board or product area, from its first two bytes."""
    require(head, AREA_HEAD, "FRU area")
    if head[0] & 0x0F != _FORMAT or head[1] == 0:
        raise MalformedData("FRU area", head, "neither of format 1 nor of a length")
    return head[1] * UNIT


@dataclass(frozen=True)
class Chassis:
    """The chassis area (section 10): type (SMBIOS), part number, serial number."""

    kind: int
    part_number: str
    serial: str

    @classmethod
    def from_wire(cls, data: bytes) -> Chassis:
        """Read a whole area."""
        area = _area(data, 3, "FRU chassis area")
        part_number, serial = _texts(area[3:], 2, english=True)
        return cls(area[2], part_number, serial)


@dataclass(frozen=True)
class Board:
    """The board area (section 11): language, date of making (three bytes, minutes since 1996), five texts."""

    made: datetime.datetime | None
    manufacturer: str
    product: str
    serial: str
    part_number: str

    @classmethod
    def from_wire(cls, data: bytes) -> Board:
        """Read a whole area. Date 0 is "unspecified"."""
        area = _area(data, 6, "FRU board area")
        minutes = int.from_bytes(area[3:6], "little")
        made = _EPOCH + datetime.timedelta(minutes=minutes) if minutes else None
        manufacturer, product, serial, part_number = _texts(area[6:], 4, english=area[2] in _ENGLISH)
        return cls(made, manufacturer, product, serial, part_number)


@dataclass(frozen=True)
class Product:
    """The product area (section 12): language, manufacturer, name, part number, version, serial, asset tag."""

    manufacturer: str
    name: str
    part_number: str
    version: str
    serial: str
    asset_tag: str

    @classmethod
    def from_wire(cls, data: bytes) -> Product:
        """Read a whole area."""
        area = _area(data, 3, "FRU product area")
        return cls(*_texts(area[3:], 6, english=area[2] in _ENGLISH))


def _check(data: bytes, what: str) -> None:
    if data[0] & 0x0F != _FORMAT:
        raise MalformedData(what, data, f"format {data[0] & 0x0F} instead of {_FORMAT}")
    if sum(data) & 0xFF:
        raise MalformedData(what, data, "its checksum is wrong")


def _area(data: bytes, head: int, what: str) -> bytes:
    """The area without its checksum."""
    size = area_size(data)
    require(data, max(size, head + 1), what)
    _check(data[:size], what)
    return bytes(data[: size - 1])


def _texts(data: bytes, number: int, *, english: bool) -> list[str]:
    """The first fields of an area (section 13). Those behind the end mark are empty."""
    found: list[str] = []
    offset = 0
    while len(found) < number and offset < len(data) and data[offset] != _END:
        kind, size = data[offset] >> 6, data[offset] & 0x3F
        raw = data[offset + 1 : offset + 1 + size]
        require(raw, size, "FRU field")
        # Serial numbers are digits and Latin letters whatever the language, and are stored as one byte each.
        found.append(_text(kind, raw, english=english or _is_ascii(raw)).strip(" \0"))
        offset += 1 + size
    return found + [""] * (number - len(found))


def _is_ascii(raw: bytes) -> bool:
    return all(0x20 <= byte < 0x7F for byte in raw)


def _text(kind: int, raw: bytes, *, english: bool) -> str:
    if kind == _BINARY:
        return raw.hex()
    if kind == _BCD_PLUS:
        return "".join(_BCD_DIGITS[byte >> 4] + _BCD_DIGITS[byte & 0x0F] for byte in raw)
    if kind == _SIX_BIT:
        bits = int.from_bytes(raw, "little")
        return "".join(chr(0x20 + (bits >> 6 * index & 0x3F)) for index in range(len(raw) * 8 // 6))
    return raw.decode("latin-1") if english else raw.decode("utf-16-le", "replace")

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""System info parameters: texts that the BMC keeps about the system (IPMI 2.0, 22.14a and 22.14b)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, in_range, require

#: Bytes of a block; in the first one the encoding and the length come before the text.
BLOCK: t.Final = 16
#: Longest text in bytes that every BMC with this command holds.
MAX_TEXT: t.Final = 64


class SystemInfo(IntEnum):
    """The parameters that hold a text (table 22-16c)."""

    FIRMWARE_VERSION = 1
    SYSTEM_NAME = 2
    PRIMARY_OS = 3
    OS_NAME = 4


class Encoding(IntEnum):
    """How a text is encoded. Bits 3:0."""

    LATIN_1 = 0  #: ASCII and Latin-1
    UTF_8 = 1
    UNICODE = 2  #: two bytes for each character, the low one first


_CODECS: t.Final = {Encoding.LATIN_1: "latin-1", Encoding.UTF_8: "utf-8", Encoding.UNICODE: "utf-16-le"}


@dataclass(frozen=True)
class FirstBlock:
    """The first block of a text: encoding, length in bytes, and up to 14 bytes of the text."""

    encoding: int
    length: int  #: of the whole text, 0 to 255
    data: bytes

    @classmethod
    def from_wire(cls, data: bytes) -> FirstBlock:
        """Read the block. A BMC that holds no text may leave out its bytes."""
        require(data, 2, "system info text")
        return cls(data[0] & 0x0F, data[1], bytes(data[2:BLOCK]))

    @property
    def blocks(self) -> int:
        """How many further blocks there are."""
        return max(0, -(-(self.length + 2) // BLOCK) - 1)


def get_request(parameter: int, block: int = 0) -> bytes:
    """Data of Get System Info Parameters. The block, 0 to 255, is the set selector."""
    in_range(block, 0, 255, "the block")
    return bytes([0, parameter, block, 0])


def block_of(answer: bytes) -> bytes:
    """The block without the revision and the block's number before it. Raises MalformedData."""
    require(answer, 2, "system info parameter")
    return bytes(answer[2:])


def text_of(first: FirstBlock, further: t.Sequence[bytes]) -> str:
    """The text of its blocks, up to the first NUL. Raises MalformedData for bytes that its encoding does not have."""
    raw = b"".join([first.data, *(block[:BLOCK] for block in further)])[: first.length]
    try:
        text = raw.decode(_CODECS[Encoding(first.encoding)])
    except ValueError:
        raise MalformedData("system info text", raw, f"not in the encoding {first.encoding} that it names") from None
    return text.split("\0", 1)[0]


def encoded(text: str) -> tuple[Encoding, bytes]:
    """A text in the first encoding that has all its characters. ValueError for a NUL, or more than 64 bytes."""
    if "\0" in text:
        raise ValueError("the text contains a NUL character")
    encoding = Encoding.LATIN_1
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        encoding, raw = Encoding.UTF_8, text.encode("utf-8")
    if len(raw) > MAX_TEXT:
        raise ValueError(f"the text has {len(raw)} bytes; at most {MAX_TEXT} are possible")
    return encoding, raw


def set_requests(parameter: int, text: str) -> list[bytes]:
    """Data of each Set System Info Parameters that a text takes, filled up with NUL to whole blocks."""
    encoding, raw = encoded(text)
    whole = bytes([encoding, len(raw)]) + raw
    blocks = [whole[start : start + BLOCK].ljust(BLOCK, b"\0") for start in range(0, len(whole), BLOCK)]
    return [bytes([parameter, number]) + block for number, block in enumerate(blocks)]

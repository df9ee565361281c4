# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""DCMI: asset tag and management controller identifier string (DCMI 1.5, 6.4.2, 6.4.3, 6.4.6).

Both are texts that go over the wire in parts of at most 16 bytes. The first byte of every request and
of every answer names the group.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, in_range, padded, require

#: The group extension of DCMI.
GROUP: t.Final = 0xDC
#: Most bytes of a text in one message.
BLOCK: t.Final = 16
#: Longest asset tag, and longest identifier string without the NUL at its end, in bytes.
MAX_TEXT: t.Final = 63


@dataclass(frozen=True)
class TextPart:
    """A part of a text, as Get Asset Tag and Get Management Controller Identifier String answer it.

    Group; length of the whole text, which counts the NUL of an identifier string; the part.
    """

    total: int  #: 0 to 255
    data: bytes

    @classmethod
    def from_wire(cls, answer: bytes) -> TextPart:
        """Read the answer. Raises MalformedData if it is short or not of the group."""
        return cls(_in_group(answer, 2, "DCMI text")[0], bytes(answer[2:]))


def get_request(offset: int, count: int = BLOCK) -> bytes:
    """Data of Get Asset Tag and Get Management Controller Identifier String: offset 0 to 63, count 0 to 16."""
    in_range(offset, 0, MAX_TEXT, "the offset")
    in_range(count, 0, BLOCK, "the number of bytes")
    return bytes([GROUP, offset, count])


def asset_tag_requests(text: str, at_least: int = 0) -> list[bytes]:
    """Data of each Set Asset Tag that a text (Latin-1, at most 63 bytes) takes; ValueError for more.

    `at_least` fills it up with NUL, for BMCs that keep what stands behind the last byte written.
    An empty text is a single NUL.
    """
    raw = padded(text, MAX_TEXT).rstrip(b"\0")
    return _set_requests(raw.ljust(max(1, at_least), b"\0"))


def controller_id_requests(text: str) -> list[bytes]:
    """Data of each Set Management Controller Identifier String; the text as in `asset_tag_requests`.

    The NUL at its end is written with it, and completes it.
    """
    return _set_requests(padded(text, MAX_TEXT).rstrip(b"\0") + b"\0")


def total_length(answer: bytes) -> int:
    """What Set Asset Tag answers: the length of the whole text. Raises MalformedData."""
    return _in_group(answer, 2, "DCMI text length")[0]


def _set_requests(raw: bytes) -> list[bytes]:
    parts = [(offset, raw[offset : offset + BLOCK]) for offset in range(0, len(raw), BLOCK)]
    return [bytes([GROUP, offset, len(part)]) + part for offset, part in parts]


def _in_group(answer: bytes, size: int, what: str) -> bytes:
    require(answer, size, what)
    if answer[0] != GROUP:
        raise MalformedData(what, answer, f"group 0x{answer[0]:02X} instead of 0x{GROUP:02X}")
    return bytes(answer[1:])

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A FRU image with chassis, board and product areas (Platform Management FRU Information 1.0)."""

from __future__ import annotations

END_OF_FIELDS = 0xC1
RACK_MOUNT_CHASSIS = 0x17
MINUTES_TO_2026 = 15_779_520  # board's date: minutes since 1 January 1996


def build_fru(
    *, maker: str, model: str, serial: str, part_number: str, asset_tag: str, size: int
) -> bytes:
    """The image, `size` bytes long. Raises ValueError if the areas do not fit."""
    date = MINUTES_TO_2026.to_bytes(3, "little")
    chassis = _area(bytes((RACK_MOUNT_CHASSIS,)), (part_number, serial))
    board = _area(b"\x00" + date, (maker, f"{model} board", f"{serial}B", part_number, ""))
    product = _area(b"\x00", (maker, model, part_number, "1", serial, asset_tag, ""))
    # Common header: version, then offsets in 8 bytes of internal, chassis, board, product,
    # multi-record areas; padding; checksum.
    starts = [1, 1 + len(chassis) // 8, 1 + (len(chassis) + len(board)) // 8]
    header = _sealed(bytes((1, 0, *starts, 0, 0)))
    image = header + chassis + board + product
    if len(image) > size:
        raise ValueError(f"FRU needs {len(image)} bytes, the BMC has {size}")
    return image.ljust(size, b"\xff")


def _area(head: bytes, texts: tuple[str, ...]) -> bytes:
    """Version, length in 8 bytes, head, fields (C0 + length = 8-bit text), end, pad, checksum."""
    body = head + b"".join(_field(text) for text in texts) + bytes((END_OF_FIELDS,))
    length = (2 + len(body) + 1 + 7) // 8
    return _sealed((bytes((1, length)) + body).ljust(length * 8 - 1, b"\0"))


def _field(text: str) -> bytes:
    # A field of one character would read as the end mark C1: it gets a blank.
    raw = text.encode("latin-1")[:63]
    raw = raw + b" " if len(raw) == 1 else raw
    return bytes((0xC0 | len(raw),)) + raw


def _sealed(data: bytes) -> bytes:
    return data + bytes((-sum(data) & 0xFF,))

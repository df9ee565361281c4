# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FRU inventory (IPMI section 34)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from .common import CANNOT_RETURN, NOT_PRESENT, OUT_OF_RANGE

BY_BYTES = 0x00
MOST = 0xC8  # bytes in one answer


def _image(ctx: Context, device: int) -> bytes:
    image = ctx.bmc.state.fru.get(device)
    if image is None:
        raise Completion(NOT_PRESENT)
    return image


@command(0x0A, 0x10)
def get_fru_area_info(ctx: Context, data: bytes) -> bytes:
    """Get FRU Inventory Area Info: size 2; b0 0 read by bytes."""
    need(data, 1)
    return len(_image(ctx, data[0])).to_bytes(2, "little") + bytes((BY_BYTES,))


@command(0x0A, 0x11)
def read_fru(ctx: Context, data: bytes) -> bytes:
    """Read FRU Data: device, offset 2, count. Returns count, data."""
    need(data, 4)
    image = _image(ctx, data[0])
    offset, count = int.from_bytes(data[1:3], "little"), data[3]
    if offset >= len(image):
        raise Completion(OUT_OF_RANGE)
    if not 0 < count <= MOST:
        raise Completion(CANNOT_RETURN)
    part = image[offset : offset + count]
    return bytes((len(part),)) + part


@command(0x0A, 0x12, privilege=Privilege.OPERATOR)
def write_fru(ctx: Context, data: bytes) -> bytes:
    """Write FRU Data: device, offset 2, data. Returns the count."""
    need_at_least(data, 4)
    image = _image(ctx, data[0])
    offset, part = int.from_bytes(data[1:3], "little"), data[3:]
    if offset + len(part) > len(image):
        raise Completion(OUT_OF_RANGE)
    ctx.bmc.state.fru[data[0]] = image[:offset] + part + image[offset + len(part) :]
    return bytes((len(part),))

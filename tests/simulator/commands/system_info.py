# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System info: names that the host or its keeper leaves with the BMC (IPMI section 22.14)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from .common import (
    OUT_OF_RANGE,
    PARAMETER_UNSUPPORTED,
    REVISION,
    REVISION_ONLY,
    WRONG_LENGTH,
    refuse_if,
    set_in_progress,
)

BLOCK = 16
BLOCKS = 5
# 1 firmware version, 2 system name, 3 primary OS, 4 OS, 5 OS version, 6 BMC URL, 7 hypervisor URL
TEXTS = range(1, 8)


@command(0x06, 0x59)
def get_system_info(ctx: Context, data: bytes) -> bytes:
    """Get System Info: b7 revision only; parameter; set; block."""
    need(data, 4)
    device = ctx.bmc.state.device
    refuse_if(ctx.bmc.state.traits.device.system_info_code)
    if data[0] & REVISION_ONLY:
        return bytes((REVISION,))
    which, block = data[1], data[2]
    if which == 0:
        return bytes((REVISION, device.system_info_set))
    if which in ctx.bmc.state.traits.device.system_info_oem:
        return bytes((REVISION, block)) + ctx.bmc.state.traits.device.system_info_oem[which]
    if which not in TEXTS:
        raise Completion(PARAMETER_UNSUPPORTED)
    if block >= BLOCKS:
        raise Completion(OUT_OF_RANGE)
    # Block 0 starts with the encoding and the length of the text.
    whole = device.system_info.get(which, b"").ljust(BLOCK * BLOCKS, b"\0")
    return bytes((REVISION, block)) + whole[block * BLOCK : (block + 1) * BLOCK]


@command(0x06, 0x58, privilege=Privilege.ADMINISTRATOR)
def set_system_info(ctx: Context, data: bytes) -> bytes:
    """Set System Info: parameter; block; up to 16 bytes."""
    need_at_least(data, 2)
    device = ctx.bmc.state.device
    refuse_if(ctx.bmc.state.traits.device.system_info_code)
    which = data[0]
    if which == 0:
        device.system_info_set = set_in_progress(device.system_info_set, data[1:], 0)
        return b""
    if which not in TEXTS:
        raise Completion(PARAMETER_UNSUPPORTED)
    block, part = data[1], data[2:]
    if block >= BLOCKS:
        raise Completion(OUT_OF_RANGE)
    if not 0 < len(part) <= BLOCK or (block == 0 and len(part) < 2):
        raise Completion(WRONG_LENGTH)
    whole = device.system_info.get(which, b"").ljust(BLOCK * BLOCKS, b"\0")
    padded = part.ljust(BLOCK, b"\0")
    device.system_info[which] = whole[: block * BLOCK] + padded + whole[(block + 1) * BLOCK :]
    return b""

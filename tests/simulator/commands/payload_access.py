# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which payloads users and channels have (IPMI section 24.6 to 24.9)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need
from .common import INVALID_FIELD, channel_of, lan_of, refuse_if, user_of

PAYLOAD_NOT_THERE = 0x80
OEM_FIRST = 0x20  # payload type of the lowest OEM bit
SETUP_PAYLOADS = 0x003F  # open session and RAKP messages 1 to 4, requests and responses
VERSION = 0x10  # b7:4 major, b3:0 minor


def _types(mask: bytes) -> set[int]:
    """Payload types of standard 1, standard 2, OEM 1, OEM 2."""
    bits = int.from_bytes(mask, "little")
    standard = {bit for bit in range(16) if bits >> bit & 1}
    return standard | {OEM_FIRST + bit for bit in range(16) if bits >> (16 + bit) & 1}


def _mask(types: set[int]) -> bytes:
    bits = sum(1 << (kind if kind < OEM_FIRST else kind - OEM_FIRST + 16) for kind in types)
    return bits.to_bytes(4, "little")


@command(0x06, 0x4C, privilege=Privilege.ADMINISTRATOR)
def set_user_payload_access(ctx: Context, data: bytes) -> bytes:
    """Set User Payload Access (IPMI 24.6): only the bits that are set are touched."""
    need(data, 6)
    channel, _unused = lan_of(ctx, data[0])
    operation = data[1] >> 6  # b7:6 0 enable, 1 disable; b5:0 user
    number, user = user_of(ctx.bmc.state, data[1])
    if operation > 1:
        raise Completion(INVALID_FIELD)
    traits = ctx.bmc.state.traits.users
    if number in traits.reserved:
        raise Completion(traits.reserved_code)
    if not user.name:
        refuse_if(traits.payload_without_name_code)
    present = user.payloads.get(channel, set())
    named = _types(data[2:6])
    user.payloads[channel] = present - named if operation else present | named
    return b""


@command(0x06, 0x4D, privilege=Privilege.OPERATOR)
def get_user_payload_access(ctx: Context, data: bytes) -> bytes:
    """Get User Payload Access (IPMI 24.7): standard 1, standard 2, OEM 1, OEM 2."""
    need(data, 2)
    channel, _unused = lan_of(ctx, data[0])
    _slot, user = user_of(ctx.bmc.state, data[1])
    if not user.name:
        refuse_if(ctx.bmc.state.traits.users.payload_without_name_code)
    return _mask(user.payloads.get(channel, set()))


@command(0x06, 0x4E)
def get_channel_payload_support(ctx: Context, data: bytes) -> bytes:
    """Get Channel Payload Support (IPMI 24.8): standard, setup, OEM types, 2 reserved."""
    need(data, 1)
    types = ctx.bmc.state.channels[channel_of(ctx, data[0])].payload_types
    setup = SETUP_PAYLOADS if types else 0
    return types.to_bytes(2, "little") + setup.to_bytes(2, "little") + bytes(4)


@command(0x06, 0x4F)
def get_channel_payload_version(ctx: Context, data: bytes) -> bytes:
    """Get Channel Payload Version (IPMI 24.9): channel, payload type."""
    need(data, 2)
    types = ctx.bmc.state.channels[channel_of(ctx, data[0])].payload_types
    kind = data[1] & 0x3F
    if kind > 15 or not types >> kind & 1:
        raise Completion(PAYLOAD_NOT_THERE)
    return bytes((VERSION,))

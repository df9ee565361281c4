# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Channels: access settings, information, keys (IPMI section 22.22 to 22.25)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..state import Access, BmcState, Channel
from ..traits import DeviceTraits
from .common import INVALID_FIELD, channel_of, in_range, lan_of, refuse_if

CHANNEL_HAS_NO_SESSIONS = 0x82
MODE_UNSUPPORTED = 0x83
KEY_LOCKED, KEY_SHORT, KEY_LONG = 0x80, 0x81, 0x82
LEAVE, NON_VOLATILE, VOLATILE = 0, 1, 2
READ_KEY, SET_KEY, LOCK_KEY = 0, 1, 2
KEY_BYTES = 20
IPMI_VENDOR = bytes((0xF2, 0x1B, 0x00))  # IANA 7154, least significant byte first


def _session_channel(ctx: Context, byte: int) -> tuple[int, Channel]:
    number = channel_of(ctx, byte)
    channel = ctx.bmc.state.channels[number]
    if channel.session_support == 0:
        raise Completion(CHANNEL_HAS_NO_SESSIONS)
    return number, channel


def _copies(state: BmcState, number: int, which: int) -> list[Access]:
    """The copies that a write with selector 0, 1 or 2 changes."""
    channel = state.channels[number]
    if which == LEAVE:
        return []
    if which == VOLATILE:
        return [channel.volatile]
    if which == NON_VOLATILE:
        both = state.traits.channels[number].non_volatile_sets_both
        return [channel.non_volatile, channel.volatile] if both else [channel.non_volatile]
    raise Completion(INVALID_FIELD)


@command(0x06, 0x40, privilege=Privilege.ADMINISTRATOR)
def set_channel_access(ctx: Context, data: bytes) -> bytes:
    """Set Channel Access (IPMI 22.22). Bits 5:3 switch off."""
    need(data, 3)
    number, _unused = _session_channel(ctx, data[0])
    state = ctx.bmc.state
    access_copies = _copies(state, number, data[1] >> 6)
    limit_copies = _copies(state, number, data[2] >> 6)
    mode = data[1] & 0x07  # 0 disabled, 1 pre-boot only, 2 always, 3 shared
    if access_copies and mode not in state.traits.channels[number].modes:
        raise Completion(MODE_UNSUPPORTED)
    limit = data[2] & 0x0F
    if limit_copies:
        in_range(limit, 1, 5)
    for copy in access_copies:
        copy.pef_alerting = not data[1] & 0x20
        copy.per_message_auth = not data[1] & 0x10
        copy.user_level_auth = not data[1] & 0x08
        copy.mode = mode
    for copy in limit_copies:
        copy.privilege_limit = limit
    return b""


@command(0x06, 0x41)
def get_channel_access(ctx: Context, data: bytes) -> bytes:
    """Get Channel Access (IPMI 22.23): b7:6 1 non-volatile, 2 volatile."""
    need(data, 2)
    _unused, channel = _session_channel(ctx, data[0])
    which = data[1] >> 6
    if which not in (NON_VOLATILE, VOLATILE):
        raise Completion(INVALID_FIELD)
    access = channel.volatile if which == VOLATILE else channel.non_volatile
    off = (not access.pef_alerting) << 5
    off |= (not access.per_message_auth) << 4 | (not access.user_level_auth) << 3
    return bytes((off | access.mode, access.privilege_limit))


@command(0x06, 0x42)
def get_channel_info(ctx: Context, data: bytes) -> bytes:
    """Get Channel Info (IPMI 22.24)."""
    need(data, 1)
    number = channel_of(ctx, data[0])
    channel = ctx.bmc.state.channels[number]
    active = ctx.bmc.sessions.active_count(number)
    head = bytes(
        (
            number,
            channel.medium,  # b6:0
            channel.protocol,  # b4:0
            channel.session_support << 6 | active,  # b7:6, b5:0
        )
    )
    return head + IPMI_VENDOR + bytes(2)


@command(0x06, 0x56, privilege=Privilege.ADMINISTRATOR)
def set_channel_security_keys(ctx: Context, data: bytes) -> bytes:
    """Set Channel Security Keys (IPMI 22.25): channel; b1:0 operation; 0 Kr, 1 Kg; 20 bytes."""
    need_at_least(data, 3)
    number, _unused = lan_of(ctx, data[0])
    operation, which, key = data[1] & 0x03, data[2], data[3:]
    if which > 1:
        raise Completion(INVALID_FIELD)
    channel, traits = ctx.bmc.state.channels[number], ctx.bmc.state.traits.device
    if operation == SET_KEY:
        _store_key(channel, which, key)
        return bytes((_lock_state(channel, traits),))
    need(data, 3)
    if operation == READ_KEY:
        refuse_if(KEY_LOCKED if channel.keys_locked else traits.kg_read_code)
        stored = channel.kg if which else channel.kr
        return bytes((_lock_state(channel, traits),)) + (stored or bytes(KEY_BYTES))
    if operation != LOCK_KEY or not traits.kg_lockable:
        raise Completion(INVALID_FIELD)
    channel.keys_locked = True
    return bytes((_lock_state(channel, traits),))


def _store_key(channel: Channel, which: int, key: bytes) -> None:
    if channel.keys_locked:
        raise Completion(KEY_LOCKED)
    if len(key) != KEY_BYTES:
        raise Completion(KEY_SHORT if len(key) < KEY_BYTES else KEY_LONG)
    value = key if any(key) else None
    if which:
        channel.kg = value
    else:
        channel.kr = value


def _lock_state(channel: Channel, traits: DeviceTraits) -> int:
    """0 cannot be locked, 1 locked, 2 unlocked."""
    if not traits.kg_lockable:
        return 0
    return 1 if channel.keys_locked else 2

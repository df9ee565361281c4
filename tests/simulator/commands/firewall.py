# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware firewall: which commands a channel carries out (IPMI section 21).

All commands are those of the controller's first logical unit. What a channel has disabled is
answered D4; `registry.dispatch` looks. Sub-functions are not there.
"""

from __future__ import annotations

from collections.abc import Callable

from ..registry import HANDLERS, Completion, Context, Privilege, command, need
from .common import INVALID_FIELD, PRESENT_CHANNEL, in_range

LUN_BASE, LUN_RESTRICTED = 0x01, 0x02  # of Get NetFn Support
NETFN_BYTES, MASK_BYTES, HALF = 4, 16, 0x80
UPPER_HALF = 0x40  # commands 80h to FFh
OWNED = 0x2C  # from here on a body or a maker has to be named as well
HOST = 0x0F  # the system interface, which no test goes through
# What opens and closes a session, and the way back.
FIXED = {(0x06, cmd) for cmd in (0x01, 0x09, 0x0A, 0x0C, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x54, 0x60, 0x61)}


def _channel(ctx: Context, byte: int) -> int:
    number = byte & 0x0F
    number = ctx.channel if number == PRESENT_CHANNEL else number
    if number not in ctx.bmc.state.channels and number != HOST:
        raise Completion(INVALID_FIELD)
    return number


def _there(ctx: Context) -> set[tuple[int, int]]:
    """The commands that this BMC has."""
    return {pair for pair in HANDLERS if ctx.bmc.personality.refused_command(*pair) is None}


def _asked(ctx: Context, data: bytes) -> tuple[int, int, int, int]:
    """Channel; operation and network function; logical unit: channel, network function, first command, unit."""
    channel, net_fn, lun = _channel(ctx, data[0]), data[1] & 0x3F, data[2]
    in_range(data[1] >> 6, 0, 1)
    in_range(net_fn & 0x3E, 0, OWNED - 2)
    in_range(lun, 0, 3)
    return channel, net_fn & 0x3E, HALF if data[1] & UPPER_HALF else 0, lun


def _mask(first: int, holds: Callable[[int], bool]) -> bytes:
    bits = sum(holds(first + number) << number for number in range(HALF))
    return bits.to_bytes(MASK_BYTES, "little")


@command(0x06, 0x09)
def get_netfn_support(ctx: Context, data: bytes) -> bytes:
    """Get NetFn Support: two bits for each unit; for each unit a bit for each pair of network functions."""
    need(data, 1)
    disabled = ctx.bmc.state.firewall.get(_channel(ctx, data[0]), {})
    pairs = sum(1 << (net_fn >> 1) for net_fn in {net_fn for net_fn, _unused in _there(ctx)})
    support = LUN_RESTRICTED if any(disabled.values()) else LUN_BASE
    return bytes((support,)) + pairs.to_bytes(NETFN_BYTES, "little") + bytes(3 * NETFN_BYTES)


@command(0x06, 0x0A)
def get_command_support(ctx: Context, data: bytes) -> bytes:
    """Get Command Support: a bit that is set says that the command is not there."""
    need(data, 3)
    _unused, net_fn, first, lun = _asked(ctx, data)
    there = set() if lun else _there(ctx)
    return _mask(first, lambda cmd: (net_fn, cmd) not in there)


@command(0x06, 0x0C)
def get_configurable_commands(ctx: Context, data: bytes) -> bytes:
    """Get Configurable Commands."""
    need(data, 3)
    _unused, net_fn, first, lun = _asked(ctx, data)
    configurable = set() if lun else _there(ctx) - FIXED
    return _mask(first, lambda cmd: (net_fn, cmd) in configurable)


@command(0x06, 0x60, privilege=Privilege.ADMINISTRATOR)
def set_command_enables(ctx: Context, data: bytes) -> bytes:
    """Set Command Enables: as Get Command Enables; 16 bytes of mask, 1 enabled. CC for what cannot be configured."""
    need(data, 3 + MASK_BYTES)
    channel, net_fn, first, lun = _asked(ctx, data)
    present = _enables(ctx, channel, net_fn, first, lun)
    changed = int.from_bytes(present, "little") ^ int.from_bytes(data[3:], "little")
    commands = {first + bit for bit in range(HALF) if changed >> bit & 1}
    configurable = set() if lun else _there(ctx) - FIXED
    if any((net_fn, cmd) not in configurable for cmd in commands):
        raise Completion(INVALID_FIELD)
    if commands:
        disabled = ctx.bmc.state.firewall.setdefault(channel, {}).setdefault(net_fn, set())
        disabled ^= commands
    return b""


@command(0x06, 0x61)
def get_command_enables(ctx: Context, data: bytes) -> bytes:
    """Get Command Enables: a bit that is set says that the channel carries the command out."""
    need(data, 3)
    return _enables(ctx, *_asked(ctx, data))


def _enables(ctx: Context, channel: int, net_fn: int, first: int, lun: int) -> bytes:
    disabled = ctx.bmc.state.firewall.get(channel, {}).get(net_fn, set())
    there = set() if lun else _there(ctx)
    return _mask(first, lambda cmd: (net_fn, cmd) in there and cmd not in disabled)

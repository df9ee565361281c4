# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chassis: status, control, identify, policies (IPMI section 28.1 to 28.11, 28.14)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need
from ..state import ChassisState
from .common import INVALID_FIELD, WRONG_LENGTH, in_range

IDENTIFY_OFF, IDENTIFY_TIMED, IDENTIFY_ON = 0, 1, 2
IDENTIFY_DEFAULT = 15  # seconds
NO_CHANGE = 3
INVALID_COMMAND = 0xC1


@command(0x00, 0x00)
def get_capabilities(ctx: Context, data: bytes) -> bytes:
    """Get Chassis Capabilities: flags; addresses of FRU, SDR, SEL, management, bridge device."""
    need(data, 0)
    return ctx.bmc.state.chassis.capabilities


@command(0x00, 0x05, privilege=Privilege.ADMINISTRATOR)
def set_capabilities(ctx: Context, data: bytes) -> bytes:
    """Set Chassis Capabilities; the bridge's address may be left out."""
    need(data, 5, 6)
    chassis = ctx.bmc.state.chassis
    chassis.capabilities = data + chassis.capabilities[len(data) :]
    return b""


def identify_state(chassis: ChassisState, now: float) -> int:
    """0 off, 1 timed, 2 until told otherwise; a timed one ends by itself."""
    if chassis.identify_until is not None and now >= chassis.identify_until:
        chassis.identify, chassis.identify_until = IDENTIFY_OFF, None
    return chassis.identify


@command(0x00, 0x01)
def get_status(ctx: Context, data: bytes) -> bytes:
    """Get Chassis Status (IPMI 28.2)."""
    need(data, 0)
    chassis, traits = ctx.bmc.state.chassis, ctx.bmc.state.traits.chassis
    light = identify_state(chassis, ctx.bmc.clock.now())
    if traits.identify_shown is not None:
        light = traits.identify_shown
    status = bytes(
        (
            chassis.restore_policy << 5 | ctx.bmc.power.on,  # b6:5 policy, b0 on
            chassis.last_event,  # b4 on by IPMI, b0 AC failed
            0x40 | light << 4,  # b6 state is valid, b5:4
        )
    )
    if not traits.status_front_panel:
        return status
    # b7:4 what may be disabled, b3:0 what is: standby, diagnostic, reset, power button
    return status + bytes((traits.front_panel << 4 | chassis.front_panel,))


@command(0x00, 0x02, privilege=Privilege.OPERATOR)
def control(ctx: Context, data: bytes) -> bytes:
    """Chassis Control: b3:0 0 down, 1 up, 2 cycle, 3 hard reset, 4 interrupt, 5 soft down."""
    need(data, 1)
    operation = data[0] & 0x0F
    in_range(operation, 0, 5)
    ctx.bmc.power.control(operation, ctx.channel)
    return b""


@command(0x00, 0x04, privilege=Privilege.OPERATOR)
def identify(ctx: Context, data: bytes) -> bytes:
    """Chassis Identify: nothing for 15 s; or seconds, 0 off; or seconds and b0 for good."""
    need(data, 0, 1, 2)
    chassis = ctx.bmc.state.chassis
    if len(data) == 2 and not ctx.bmc.state.traits.chassis.identify_force:
        raise Completion(WRONG_LENGTH)
    seconds = data[0] if data else IDENTIFY_DEFAULT
    if len(data) == 2 and data[1] & 1:
        chassis.identify, chassis.identify_until = IDENTIFY_ON, None
    elif seconds:
        chassis.identify = IDENTIFY_TIMED
        chassis.identify_until = ctx.bmc.clock.now() + seconds
    else:
        chassis.identify, chassis.identify_until = IDENTIFY_OFF, None
    return b""


@command(0x00, 0x06, privilege=Privilege.OPERATOR)
def set_restore_policy(ctx: Context, data: bytes) -> bytes:
    """Set Power Restore Policy: b2:0 0 off, 1 previous, 2 on, 3 no change. Returns what there is."""
    need(data, 1)
    supported = ctx.bmc.state.traits.chassis.restore_policies
    policy = data[0] & 0x07
    if policy != NO_CHANGE:
        if policy > NO_CHANGE or not supported >> policy & 1:
            raise Completion(INVALID_FIELD)
        ctx.bmc.state.chassis.restore_policy = policy
    return bytes((supported,))


@command(0x00, 0x07)
def get_restart_cause(ctx: Context, data: bytes) -> bytes:
    """Get System Restart Cause: b3:0 cause; channel."""
    need(data, 0)
    chassis = ctx.bmc.state.chassis
    return bytes((chassis.restart_cause, chassis.restart_channel))


@command(0x00, 0x0A, privilege=Privilege.ADMINISTRATOR)
def set_front_panel(ctx: Context, data: bytes) -> bytes:
    """Set Front Panel Enables: b3 standby, b2 diagnostic, b1 reset, b0 power: 1 disables."""
    need(data, 1)
    if data[0] & 0x0F & ~ctx.bmc.state.traits.chassis.front_panel:
        raise Completion(INVALID_FIELD)
    ctx.bmc.state.chassis.front_panel = data[0] & 0x0F
    return b""


@command(0x00, 0x0B, privilege=Privilege.ADMINISTRATOR)
def set_cycle_interval(ctx: Context, data: bytes) -> bytes:
    """Set Power Cycle Interval: seconds, 0 for no delay."""
    need(data, 1)
    ctx.bmc.state.chassis.cycle_interval = data[0]
    return b""


@command(0x00, 0x0F)
def get_poh(ctx: Context, data: bytes) -> bytes:
    """Get POH Counter: minutes a count; counter, 4 bytes least significant first."""
    need(data, 0)
    minutes = ctx.bmc.state.traits.chassis.poh_minutes
    if not minutes:
        raise Completion(INVALID_COMMAND)
    chassis = ctx.bmc.state.chassis
    since = chassis.powered_since
    spell = 0.0 if since is None else ctx.bmc.clock.now() - since
    count = int((chassis.poh + spell) / 60 / minutes)
    return bytes((minutes,)) + count.to_bytes(4, "little")

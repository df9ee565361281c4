# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Activating payloads (06/48 to 06/4B; IPMI 24.1 to 24.4)."""

from __future__ import annotations

from ..protocol.packets import PAYLOAD_SOL
from ..protocol.session import Session
from ..registry import Completion, Context, Privilege, command, need

UNSUPPORTED_TYPE = 0xCC
NO_VLAN = 0xFFFF
SERIAL_PORT = 1


def _session(ctx: Context) -> Session:
    """SOL is there for RMCP+ sessions only."""
    session = ctx.session
    if session is None or session.suite is None:
        raise Completion(0xD4)
    return session


def _sol_only(kind: int) -> None:
    if kind & 0x3F != PAYLOAD_SOL:
        raise Completion(UNSUPPORTED_TYPE)


@command(0x06, 0x48, privilege=Privilege.USER)
def activate_payload(ctx: Context, data: bytes) -> bytes:
    """Activate Payload: b5:0 type; b3:0 instance; auxiliary data, 4 bytes."""
    need(data, 6)
    _sol_only(data[0])
    session = _session(ctx)
    ctx.bmc.sol.activate(session, data[1] & 0x0F, data[2:])
    quirks = ctx.bmc.personality.sol_quirks
    sizes = quirks.inbound_size.to_bytes(2, "little") + quirks.outbound_size.to_bytes(2, "little")
    tail = ctx.bmc.sol.port.to_bytes(2, "little") + NO_VLAN.to_bytes(2, "little")
    return bytes(4) + sizes + tail


@command(0x06, 0x49, privilege=Privilege.USER)
def deactivate_payload(ctx: Context, data: bytes) -> bytes:
    """Deactivate Payload: type; instance; auxiliary data. 80h where it is not active."""
    need(data, 6)
    _sol_only(data[0])
    ctx.bmc.sol.deactivate(data[1] & 0x0F, _session(ctx))
    return b""


@command(0x06, 0x4A, privilege=Privilege.USER)
def activation_status(ctx: Context, data: bytes) -> bytes:
    """Get Payload Activation Status: capacity; 2 bytes, bit 0 is instance 1."""
    need(data, 1)
    _sol_only(data[0])
    bits = sum(1 << (instance - 1) for instance in ctx.bmc.sol.active())
    return bytes((ctx.bmc.sol.capacity,)) + bits.to_bytes(2, "little")


@command(0x06, 0x4B, privilege=Privilege.USER)
def instance_info(ctx: Context, data: bytes) -> bytes:
    """Get Payload Instance Info: session id, 0 if inactive; 8 bytes, the first is the port."""
    need(data, 2)
    _sol_only(data[0])
    session = ctx.bmc.sol.active().get(data[1] & 0x0F)
    number = 0 if session is None else session.id
    return number.to_bytes(4, "little") + bytes((SERIAL_PORT,)) + bytes(7)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The watchdog timer: it counts and tells, but takes no action on the host (IPMI section 27)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need
from ..state import Watchdog

NEVER_SET = 0x80
TICK = 0.1  # seconds


def _left(timer: Watchdog, now: float) -> int:
    """Ticks of 100 ms to go; a timer that has run out stops and notes its use."""
    if timer.started_at is None:
        return timer.initial
    left = timer.initial - int((now - timer.started_at) / TICK)
    if left > 0:
        return left
    timer.started_at = None
    timer.expired |= 1 << (timer.use & 0x07)
    return 0


@command(0x06, 0x22, privilege=Privilege.OPERATOR)
def reset_watchdog(ctx: Context, data: bytes) -> bytes:
    """Reset Watchdog Timer: starts the count again."""
    need(data, 0)
    timer = ctx.bmc.state.watchdog
    if not timer.use:
        raise Completion(NEVER_SET)
    timer.started_at = ctx.bmc.clock.now()
    return b""


@command(0x06, 0x24, privilege=Privilege.OPERATOR)
def set_watchdog(ctx: Context, data: bytes) -> bytes:
    """Set Watchdog Timer."""
    need(data, 6)
    timer = ctx.bmc.state.watchdog
    if not data[0] & 0x40:  # b6: do not stop a running timer
        timer.started_at = None
    timer.use = data[0] & 0x87  # b7 do not log, b2:0 use
    timer.action = data[1] & 0x77  # b6:4 interrupt before, b2:0 action
    timer.pre_timeout = data[2]  # seconds
    timer.expired &= ~data[3]
    timer.initial = int.from_bytes(data[4:6], "little")  # 100 ms units
    return b""


@command(0x06, 0x25)
def get_watchdog(ctx: Context, data: bytes) -> bytes:
    """Get Watchdog Timer."""
    need(data, 0)
    timer = ctx.bmc.state.watchdog
    left = _left(timer, ctx.bmc.clock.now())
    running = timer.started_at is not None
    head = bytes((timer.use | running << 6, timer.action, timer.pre_timeout, timer.expired & 0x3E))
    return head + timer.initial.to_bytes(2, "little") + left.to_bytes(2, "little")

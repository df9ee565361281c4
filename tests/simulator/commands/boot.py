# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System boot options (IPMI section 28.12, 28.13)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..state import BootOptions
from ..traits import ChassisTraits
from .common import (
    INVALID_FIELD,
    OUT_OF_RANGE,
    Parameter,
    get_parameter,
    number,
    raw,
    refuse_if,
    set_in_progress,
    set_parameter,
)

VERSION = 0x01
KEEP, FLAGS = 3, 5
VALID = 0x80
KEEP_ON_TIMEOUT = 0x08
MARK_INVALID = 0x80
MAILBOX_BLOCKS = 16


def _write_acknowledge(boot: BootOptions, data: bytes) -> None:
    mask, bits = data[0], data[1] & 0x1F  # b4 OEM b3 SMS b2 OS b1 loader b0 BIOS has handled
    boot.acknowledge = boot.acknowledge & ~mask | bits & mask


def _read_mailbox(boot: BootOptions, selector: int, _block: int) -> bytes:
    if selector >= MAILBOX_BLOCKS:
        raise Completion(OUT_OF_RANGE)
    return bytes((selector,)) + boot.mailbox.get(selector, bytes(16))


def _write_mailbox(boot: BootOptions, data: bytes) -> None:
    if data[0] >= MAILBOX_BLOCKS:
        raise Completion(OUT_OF_RANGE)
    boot.mailbox[data[0]] = data[1:]


PARAMETERS: dict[int, Parameter[BootOptions]] = {
    0: number("set_in_progress"),
    1: number("partition"),
    2: number("scan", mask=0x03),
    3: number("keep_valid", mask=0x1F),  # b4 PEF b3 60 s b2 watchdog b1 reset b0 power button
    # the write mask reads as 0
    4: Parameter(lambda b, _set, _block: bytes((0, b.acknowledge)), _write_acknowledge, (2,)),
    5: raw("flags", 5),  # b7 valid b6 persistent b5 EFI; b5:2 device; ...; mux; instance
    6: raw("initiator", 9),  # channel, session id, time
    7: Parameter(_read_mailbox, _write_mailbox, (17,)),
}


@command(0x00, 0x09, privilege=Privilege.OPERATOR)
def get_boot_options(ctx: Context, data: bytes) -> bytes:
    """Get System Boot Options: b6:0 parameter; set; block."""
    need(data, 3)
    boot, traits = ctx.bmc.state.chassis.boot, ctx.bmc.state.traits.chassis
    boot.expire(ctx.bmc.clock.now())
    which = data[0] & 0x7F
    value = get_parameter(PARAMETERS, traits.boot, boot, bytes((which,)) + data[1:])
    return bytes((VERSION, (which in boot.invalid) << 7 | which)) + value


@command(0x00, 0x08, privilege=Privilege.OPERATOR)
def set_boot_options(ctx: Context, data: bytes) -> bytes:
    """Set System Boot Options: b7 mark invalid, b6:0 parameter; data (none: only the mark)."""
    need_at_least(data, 1)
    boot, traits = ctx.bmc.state.chassis.boot, ctx.bmc.state.traits.chassis
    which = data[0] & 0x7F
    if which not in PARAMETERS or len(data) > 1:
        _store(boot, traits, bytes((which,)) + data[1:])
    if data[0] & MARK_INVALID:
        boot.invalid.add(which)
    else:
        boot.invalid.discard(which)
    if which in (KEEP, FLAGS) and len(data) > 1:
        _time_flags(boot, traits, ctx.bmc.clock.now())
    return b""


def _store(boot: BootOptions, traits: ChassisTraits, request: bytes) -> None:
    if request[0] == 0:
        refuse_if(traits.boot.unsupported.get(0, 0))
        boot.set_in_progress = set_in_progress(boot.set_in_progress, request[1:], 0)
        return
    if request[0] == FLAGS and len(request) == 6:
        device = request[2] >> 2 & 0x0F
        if request[1] & VALID and device not in traits.boot_devices:
            raise Completion(traits.boot_device_code or INVALID_FIELD)
    set_parameter(PARAMETERS, traits.boot, boot, request)


def _time_flags(boot: BootOptions, traits: ChassisTraits, now: float) -> None:
    """Without a chassis control within the minute the flags lose "valid"."""
    timed = boot.flags[0] & VALID and not boot.keep_valid & KEEP_ON_TIMEOUT
    boot.flags_expire_at = now + traits.boot_timeout if timed else None

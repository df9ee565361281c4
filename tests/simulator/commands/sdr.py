# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SDR repository, and the same records as device SDRs (IPMI section 33, 35.2 to 35.4)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need
from ..sensors import REPOSITORY, SENSORS
from .common import (
    CANNOT_RETURN,
    NOT_PRESENT,
    OUT_OF_RANGE,
    RESERVATION_CANCELLED,
    advance,
)
from .sel import bmc_time

VERSION = 0x51
FIRST, LAST, NONE = 0x0000, 0xFFFF, 0xFFFF
WHOLE = 0xFF
NEVER = 0x00000000
SUPPORT = 0x22  # b6:5 non-modal update, b1 reserve
MOST = 0xF0  # bytes in one answer
LUN_0_HAS_SENSORS = 0x01


@command(0x0A, 0x20)
def get_repository_info(ctx: Context, data: bytes) -> bytes:
    """Get SDR Repository Info: version, records 2, free 2, last add 4, last erase 4, operations."""
    need(data, 0)
    count = len(REPOSITORY).to_bytes(2, "little")
    times = NEVER.to_bytes(4, "little") * 2
    return bytes((VERSION,)) + count + bytes(2) + times + bytes((SUPPORT,))


@command(0x0A, 0x21)
def get_allocation_info(ctx: Context, data: bytes) -> bytes:
    """Get SDR Repository Allocation Info: units, unit size, free, largest free, largest record."""
    need(data, 0)
    numbers = (len(REPOSITORY), 64, 0, 0)
    return b"".join(n.to_bytes(2, "little") for n in numbers) + b"\x01"


def _reserve(ctx: Context, data: bytes) -> bytes:
    need(data, 0)
    sdr = ctx.bmc.state.sdr
    sdr.reservation = advance(sdr.reservation)
    return sdr.reservation.to_bytes(2, "little")


def _get(ctx: Context, data: bytes) -> bytes:
    """Reservation 2, record 2, offset, bytes (FF all). Returns the next id, data."""
    need(data, 6)
    given, wanted = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "little")
    offset, count = data[4], data[5]
    # Only a read from the middle needs a reservation; a wrong one is refused in any case.
    if (offset or given) and (not given or given != ctx.bmc.state.sdr.reservation):
        raise Completion(RESERVATION_CANCELLED)
    record_id = {FIRST: 1, LAST: len(REPOSITORY)}.get(wanted, wanted)
    record = REPOSITORY.get(record_id)
    if record is None:
        raise Completion(NOT_PRESENT)
    if offset > len(record):
        raise Completion(OUT_OF_RANGE)
    limit = ctx.bmc.state.traits.records.sdr_read_max or MOST
    part = record[offset:] if count == WHOLE else record[offset : offset + count]
    if len(part) > limit:
        raise Completion(CANNOT_RETURN)
    following = record_id + 1 if record_id + 1 in REPOSITORY else NONE
    return following.to_bytes(2, "little") + part


@command(0x0A, 0x22)
def reserve_repository(ctx: Context, data: bytes) -> bytes:
    """Reserve SDR Repository."""
    return _reserve(ctx, data)


@command(0x0A, 0x23)
def get_sdr(ctx: Context, data: bytes) -> bytes:
    """Get SDR."""
    return _get(ctx, data)


@command(0x0A, 0x28)
def get_repository_time(ctx: Context, data: bytes) -> bytes:
    """Get SDR Repository Time: the same clock as the SEL's."""
    need(data, 0)
    return bmc_time(ctx.bmc.state, ctx.bmc.clock.now()).to_bytes(4, "little")


@command(0x0A, 0x2C, privilege=Privilege.OPERATOR)
def run_init_agent(ctx: Context, data: bytes) -> bytes:
    """Run Initialization Agent: b0 run. Returns b0 done."""
    need(data, 1)
    return b"\x01"


@command(0x04, 0x20)
def get_device_sdr_info(ctx: Context, data: bytes) -> bytes:
    """Get Device SDR Info: b0 count records, else sensors. Returns the count; LUNs with sensors."""
    need(data, 0, 1)
    count = len(REPOSITORY) if data and data[0] & 1 else len(SENSORS)
    return bytes((count, LUN_0_HAS_SENSORS))


@command(0x04, 0x21)
def get_device_sdr(ctx: Context, data: bytes) -> bytes:
    """Get Device SDR."""
    return _get(ctx, data)


@command(0x04, 0x22)
def reserve_device_sdr(ctx: Context, data: bytes) -> bytes:
    """Reserve Device SDR Repository."""
    return _reserve(ctx, data)

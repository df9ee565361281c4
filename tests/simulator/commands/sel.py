# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The system event log and its clock (IPMI section 31)."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need
from ..state import BmcState, SelEntry, SelState
from .common import (
    INVALID_FIELD,
    NOT_PRESENT,
    OUT_OF_RANGE,
    RESERVATION_CANCELLED,
    advance,
    in_range,
)

VERSION = 0x51
RECORD = 16
OUT_OF_SPACE = 0xC4
ERASING = 0x81
FIRST, LAST, NONE = 0x0000, 0xFFFF, 0xFFFF
LOGGING = 0x08  # of the global enables
WHOLE = 0xFF
SUPPORT = 0x0B  # b3 delete, b1 reserve, b0 allocation information
SYSTEM_EVENT = 0x02
OEM_WITH_TIME = range(0xC0, 0xE0)
CLEAR_MARK = b"CLR"
ERASE_START, ERASE_STATUS = 0xAA, 0x00
UTC_UNKNOWN = 0x07FF


def bmc_time(state: BmcState, now: float) -> int:
    """The controller's own time, seconds since 1970."""
    return int(now + state.sel.time_offset) & 0xFFFFFFFF


def add_record(state: BmcState, now: float, record: bytes) -> int:
    """Append 16 bytes; the id, and the time where the type has one, are the BMC's. Returns the id."""
    sel = state.sel
    if len(sel.entries) >= state.traits.records.sel_space:
        sel.overflow = True
        raise Completion(OUT_OF_SPACE)
    stamp = bmc_time(state, now)
    record_id, kind = sel.next_id, record[2]
    sel.next_id = record_id % 0xFFFE + 1
    data = record_id.to_bytes(2, "little") + record[2:]
    if kind == SYSTEM_EVENT or kind in OEM_WITH_TIME:
        data = data[:3] + stamp.to_bytes(4, "little") + data[7:]
    sel.entries.append(SelEntry(record_id, data))
    sel.last_add = stamp
    return record_id


def add_event(state: BmcState, now: float, generator: bytes, event: bytes) -> int:
    """Log a system event: generator id (2), then revision, sensor type, number, type, data 1 to 3.

    0 where the BMC's global enables say that events are not logged; else the record's id.
    """
    if not state.device.global_enables & LOGGING:
        return 0
    record = b"\0\0" + bytes((SYSTEM_EVENT,)) + bytes(4) + generator + event
    return add_record(state, now, record)


def _find(sel: SelState, record_id: int) -> int:
    """The place of a record; 0 is the first, FFFF the last."""
    if sel.entries and record_id in (FIRST, LAST):
        return 0 if record_id == FIRST else len(sel.entries) - 1
    for place, entry in enumerate(sel.entries):
        if entry.record_id == record_id:
            return place
    raise Completion(NOT_PRESENT)


def _check_reservation(sel: SelState, given: int) -> None:
    if given != sel.reservation or not given:
        raise Completion(RESERVATION_CANCELLED)


def _check_erasing(ctx: Context) -> None:
    if ctx.bmc.clock.now() < ctx.bmc.state.sel.erasing_until:
        raise Completion(ERASING)


@command(0x0A, 0x40)
def get_sel_info(ctx: Context, data: bytes) -> bytes:
    """Get SEL Info (IPMI 31.2)."""
    need(data, 0)
    _check_erasing(ctx)
    sel = ctx.bmc.state.sel
    free = (ctx.bmc.state.traits.records.sel_space - len(sel.entries)) * RECORD
    return (
        bytes((VERSION,))
        + len(sel.entries).to_bytes(2, "little")
        + min(free, 0xFFFF).to_bytes(2, "little")  # FFFF: that or more
        + sel.last_add.to_bytes(4, "little")
        + sel.last_erase.to_bytes(4, "little")
        + bytes((sel.overflow << 7 | SUPPORT,))
    )


@command(0x0A, 0x41)
def get_sel_allocation(ctx: Context, data: bytes) -> bytes:
    """Get SEL Allocation Info: units, unit size, free units, largest block; largest record."""
    need(data, 0)
    space = ctx.bmc.state.traits.records.sel_space
    free = space - len(ctx.bmc.state.sel.entries)
    numbers = (space, RECORD, free, free)
    return b"".join(n.to_bytes(2, "little") for n in numbers) + b"\x01"


@command(0x0A, 0x42)
def reserve_sel(ctx: Context, data: bytes) -> bytes:
    """Reserve SEL: a new id; the one before is cancelled."""
    need(data, 0)
    _check_erasing(ctx)
    sel = ctx.bmc.state.sel
    sel.reservation = advance(sel.reservation)
    return sel.reservation.to_bytes(2, "little")


@command(0x0A, 0x43)
def get_sel_entry(ctx: Context, data: bytes) -> bytes:
    """Get SEL Entry: reservation 2, record 2, offset, bytes (FF all)."""
    need(data, 6)
    _check_erasing(ctx)
    sel = ctx.bmc.state.sel
    offset, count = data[4], data[5]
    # A whole record needs no reservation.
    if offset or int.from_bytes(data[:2], "little"):
        _check_reservation(sel, int.from_bytes(data[:2], "little"))
    place = _find(sel, int.from_bytes(data[2:4], "little"))
    in_range(offset, 0, RECORD - 1, OUT_OF_RANGE)
    last = place + 1 == len(sel.entries)
    following = NONE if last else sel.entries[place + 1].record_id
    end = RECORD if count == WHOLE else offset + count
    return following.to_bytes(2, "little") + sel.entries[place].data[offset:end]


@command(0x0A, 0x44, privilege=Privilege.OPERATOR)
def add_sel_entry(ctx: Context, data: bytes) -> bytes:
    """Add SEL Entry: the record of 16 bytes. Returns its id."""
    need(data, RECORD)
    _check_erasing(ctx)
    return add_record(ctx.bmc.state, ctx.bmc.clock.now(), data).to_bytes(2, "little")


@command(0x0A, 0x46, privilege=Privilege.OPERATOR)
def delete_sel_entry(ctx: Context, data: bytes) -> bytes:
    """Delete SEL Entry: reservation 2, record 2. Returns its id."""
    need(data, 4)
    _check_erasing(ctx)
    sel = ctx.bmc.state.sel
    _check_reservation(sel, int.from_bytes(data[:2], "little"))
    entry = sel.entries.pop(_find(sel, int.from_bytes(data[2:4], "little")))
    sel.reservation = advance(sel.reservation)
    sel.last_erase = bmc_time(ctx.bmc.state, ctx.bmc.clock.now())
    return entry.record_id.to_bytes(2, "little")


@command(0x0A, 0x47, privilege=Privilege.OPERATOR)
def clear_sel(ctx: Context, data: bytes) -> bytes:
    """Clear SEL: reservation 2, "CLR", AA start or 00 status. Returns 0 running, 1 done."""
    need(data, 6)
    state, now = ctx.bmc.state, ctx.bmc.clock.now()
    _check_reservation(state.sel, int.from_bytes(data[:2], "little"))
    if data[2:5] != CLEAR_MARK or data[5] not in (ERASE_START, ERASE_STATUS):
        raise Completion(INVALID_FIELD)
    if data[5] == ERASE_START:
        state.sel.entries.clear()
        state.sel.overflow = False
        state.sel.last_erase = bmc_time(state, now)
        state.sel.erasing_until = now + state.traits.records.sel_erase_seconds
    return bytes((now >= state.sel.erasing_until,))


@command(0x0A, 0x48)
def get_sel_time(ctx: Context, data: bytes) -> bytes:
    """Get SEL Time: seconds since 1970, 4 bytes least significant first."""
    need(data, 0)
    return bmc_time(ctx.bmc.state, ctx.bmc.clock.now()).to_bytes(4, "little")


@command(0x0A, 0x49, privilege=Privilege.OPERATOR)
def set_sel_time(ctx: Context, data: bytes) -> bytes:
    """Set SEL Time."""
    need(data, 4)
    wanted = int.from_bytes(data, "little")
    ctx.bmc.state.sel.time_offset = float(wanted - int(ctx.bmc.clock.now()))
    return b""


@command(0x0A, 0x5C)
def get_utc_offset(ctx: Context, data: bytes) -> bytes:
    """Get SEL Time UTC Offset: minutes, signed 16 bits."""
    need(data, 0)
    _check_utc(ctx)
    return ctx.bmc.state.sel.utc_offset.to_bytes(2, "little", signed=True)


@command(0x0A, 0x5D, privilege=Privilege.OPERATOR)
def set_utc_offset(ctx: Context, data: bytes) -> bytes:
    """Set SEL Time UTC Offset: -1440 to 1440 minutes, 07FF unknown."""
    need(data, 2)
    _check_utc(ctx)
    minutes = int.from_bytes(data, "little", signed=True)
    if minutes != UTC_UNKNOWN:
        in_range(minutes, -1440, 1440, OUT_OF_RANGE)
    ctx.bmc.state.sel.utc_offset = minutes
    return b""


def _check_utc(ctx: Context) -> None:
    if not ctx.bmc.state.traits.records.sel_utc_offset:
        raise Completion(0xC1)

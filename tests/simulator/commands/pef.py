# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Platform events, event filtering, alerts (IPMI section 17, 29.3, 30)."""

from __future__ import annotations

from ..alerting import Event, alert, process
from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..state import PefState
from ..traits import PefTraits
from .common import (
    INVALID_FIELD,
    OUT_OF_RANGE,
    REVISION,
    REVISION_ONLY,
    WRONG_LENGTH,
    Parameter,
    get_parameter,
    lan_of,
    number,
    raw,
    refuse_if,
    set_in_progress,
    set_parameter,
)
from .sel import add_event

VERSION = 0x51
SOFTWARE_GENERATOR = b"\x41\x00"
EVENT = 7  # revision, sensor type, number, direction and type, data 1 to 3
STRING, BLOCK = 64, 16
POSTPONE_OFF, POSTPONE_FOR_NOW, POSTPONE_READ = 0x00, 0xFE, 0xFF
SEND, STATUS, CLEAR = 0, 1, 2
MONITOR = 0x01  # severity
TEST_EVENT = bytes((0x04, 0x09, 0x00, 0x6F, 0x00, 0xFF, 0xFF))
SEVERITIES = (0x00, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20)


def _entry(entries: list[bytes], index: int, low: int = 1) -> int:
    """The place of an entry; filters and policies count from 1, strings from 0."""
    place = (index & 0x7F) - low
    if not 0 <= place < len(entries):
        raise Completion(OUT_OF_RANGE)
    return place


def _read_filter(pef: PefState, selector: int, _block: int) -> bytes:
    return bytes((selector & 0x7F,)) + pef.filters[_entry(pef.filters, selector)]


def _write_filter(pef: PefState, data: bytes) -> None:
    pef.filters[_entry(pef.filters, data[0])] = data[1:]


def _read_configuration(pef: PefState, selector: int, _block: int) -> bytes:
    return _read_filter(pef, selector, 0)[:2]


def _write_configuration(pef: PefState, data: bytes) -> None:
    place = _entry(pef.filters, data[0])
    pef.filters[place] = data[1:] + pef.filters[place][1:]


def _read_policy(pef: PefState, selector: int, _block: int) -> bytes:
    return bytes((selector & 0x7F,)) + pef.policies[_entry(pef.policies, selector)]


def _write_policy(pef: PefState, data: bytes) -> None:
    if data[1] & 0x07 > 4:
        raise Completion(INVALID_FIELD)
    pef.policies[_entry(pef.policies, data[0])] = data[1:]


def _read_key(pef: PefState, selector: int, _block: int) -> bytes:
    return bytes((selector & 0x7F,)) + pef.string_keys[_entry(pef.string_keys, selector, 0)]


def _write_key(pef: PefState, data: bytes) -> None:
    pef.string_keys[_entry(pef.string_keys, data[0], 0)] = data[1:]


def _string_place(block: int) -> int:
    if not 1 <= block <= STRING // BLOCK:
        raise Completion(OUT_OF_RANGE)
    return (block - 1) * BLOCK


def _read_string(pef: PefState, selector: int, block: int) -> bytes:
    text = pef.strings[_entry(pef.strings, selector, 0)].ljust(STRING, b"\0")
    at = _string_place(block)
    return bytes((selector & 0x7F, block)) + text[at : at + BLOCK]


def _write_string(pef: PefState, data: bytes) -> None:
    place, at, part = _entry(pef.strings, data[0], 0), _string_place(data[1]), data[2:]
    text = pef.strings[place].ljust(STRING, b"\0")
    whole = text[:at] + part.ljust(BLOCK, b"\0") + text[at + BLOCK :]
    pef.strings[place] = whole.rstrip(b"\0")


PARAMETERS: dict[int, Parameter[PefState]] = {
    0: number("set_in_progress"),
    1: number("control", mask=0x0F),  # b3 alert delay, b2 PEF delay, b1 event messages, b0 PEF
    2: number("actions", mask=0x3F),  # b5 interrupt b4 OEM b3 cycle b2 reset b1 off b0 alert
    3: number("startup_delay"),  # seconds
    4: number("alert_startup_delay"),
    5: Parameter(lambda pef, _set, _block: bytes((len(pef.filters),))),
    6: Parameter(_read_filter, _write_filter, (21,)),
    7: Parameter(_read_configuration, _write_configuration, (2,)),
    8: Parameter(lambda pef, _set, _block: bytes((len(pef.policies),))),
    9: Parameter(_read_policy, _write_policy, (4,)),
    10: raw("guid", 17),  # b0 use it; GUID
    11: Parameter(lambda pef, _set, _block: bytes((len(pef.strings) - 1,))),
    12: Parameter(_read_key, _write_key, (3,)),  # event filter, string set
    13: Parameter(_read_string, _write_string, tuple(range(3, 3 + BLOCK))),
}


def _whole(request: bytes) -> bool:
    """What a BMC that judges an entry as a whole asks of filters (6) and policies (9)."""
    if request[0] == 6 and len(request) == 22:
        return request[5] in SEVERITIES and bool(request[4] & 0x0F or not request[3] & 1)
    if request[0] == 9 and len(request) == 5:
        return bool(request[2] >> 4 and request[3])
    return True


@command(0x04, 0x10)
def get_pef_capabilities(ctx: Context, data: bytes) -> bytes:
    """Get PEF Capabilities: version; b5 interrupt .. b0 alert; filters."""
    need(data, 0)
    traits = ctx.bmc.state.traits.pef
    return bytes((VERSION, traits.actions, traits.filters))


@command(0x04, 0x11, privilege=Privilege.ADMINISTRATOR)
def arm_postpone(ctx: Context, data: bytes) -> bytes:
    """Arm PEF Postpone Timer: 0 off, FE off for now, FF read, else seconds. Returns what is left."""
    need(data, 1)
    pef, now = ctx.bmc.state.pef, ctx.bmc.clock.now()
    if data[0] != POSTPONE_READ:
        pef.postpone = data[0]
        timed = data[0] not in (POSTPONE_OFF, POSTPONE_FOR_NOW)
        pef.postpone_until = now + data[0] if timed else None
    if pef.postpone_until is None:
        return bytes((pef.postpone,))
    return bytes((max(0, round(pef.postpone_until - now)),))


@command(0x04, 0x12, privilege=Privilege.ADMINISTRATOR)
def set_pef(ctx: Context, data: bytes) -> bytes:
    """Set PEF Configuration: b6:0 parameter; data."""
    need_at_least(data, 2)
    state = ctx.bmc.state
    request = bytes((data[0] & 0x7F,)) + data[1:]
    traits: PefTraits = state.traits.pef
    if request[0] == 0:
        refuse_if(traits.parameters.unsupported.get(0, 0))
        state.pef.set_in_progress = set_in_progress(state.pef.set_in_progress, request[1:], 0)
        return b""
    if traits.whole_entries and not _whole(request):
        raise Completion(INVALID_FIELD)
    set_parameter(PARAMETERS, traits.parameters, state.pef, request)
    return b""


@command(0x04, 0x13, privilege=Privilege.OPERATOR)
def get_pef(ctx: Context, data: bytes) -> bytes:
    """Get PEF Configuration: b7 revision only, b6:0 parameter; set; block."""
    need(data, 3)
    if data[0] & REVISION_ONLY:
        return bytes((REVISION,))
    state = ctx.bmc.state
    return bytes((REVISION,)) + get_parameter(
        PARAMETERS, state.traits.pef.parameters, state.pef, data
    )


@command(0x04, 0x14, privilege=Privilege.ADMINISTRATOR)
def set_last_event(ctx: Context, data: bytes) -> bytes:
    """Set Last Processed Event: b0 0 by software, 1 by the BMC; record 2."""
    need(data, 3)
    record = int.from_bytes(data[1:], "little")
    if data[0] & 1:
        ctx.bmc.state.pef.last_bmc = record
    else:
        ctx.bmc.state.pef.last_software = record
    return b""


@command(0x04, 0x15, privilege=Privilege.ADMINISTRATOR)
def get_last_event(ctx: Context, data: bytes) -> bytes:
    """Get Last Processed Event: last SEL addition 4, last record 2, by software 2, by BMC 2."""
    need(data, 0)
    state = ctx.bmc.state
    last = state.sel.entries[-1].record_id if state.sel.entries else 0xFFFF
    records = (last, state.pef.last_software, state.pef.last_bmc)
    return state.sel.last_add.to_bytes(4, "little") + b"".join(
        record.to_bytes(2, "little") for record in records
    )


@command(0x04, 0x16, privilege=Privilege.ADMINISTRATOR)
def alert_immediate(ctx: Context, data: bytes) -> bytes:
    """Alert Immediate: channel; b7:6 0 send 1 status 2 clear, b3:0 destination; string; event."""
    need(data, 3, 11)
    channel, lan = lan_of(ctx, data[0])
    operation, destination = data[1] >> 6, data[1] & 0x0F
    pef = ctx.bmc.state.pef
    if operation == STATUS:
        return bytes((pef.alert_status,))
    if operation == CLEAR:
        pef.alert_status = 0
        return b""
    if operation != SEND:
        raise Completion(INVALID_FIELD)
    if destination >= len(lan.destinations):
        raise Completion(OUT_OF_RANGE)
    refuse_if(ctx.bmc.state.traits.pef.alert_code)
    if not any(lan.destinations[destination].address):
        raise Completion(INVALID_FIELD)
    # Generator, then the event; without one it is the test event of the PET specification.
    event = data[4:11] if len(data) == 11 else TEST_EVENT
    alert(ctx.bmc, channel, destination, event, MONITOR)
    return b""


@command(0x04, 0x17, sessionless=True)
def acknowledge_trap(ctx: Context, data: bytes) -> bytes:
    """PET Acknowledge: sequence 2, time 4, source type, device, sensor, event data 3."""
    need(data, 12)
    pef = ctx.bmc.state.pef
    pef.acknowledged += 1
    pef.waiting.discard(int.from_bytes(data[:2], "little"))
    return b""


@command(0x04, 0x02, privilege=Privilege.OPERATOR)
def platform_event(ctx: Context, data: bytes) -> bytes:
    """Platform Event: revision, sensor type, number, direction and type, data 1 to 3.

    Events with fewer than three data bytes have FF in the rest. The system interface puts a
    generator id before them.
    """
    if len(data) not in range(EVENT - 2, EVENT + 2):
        raise Completion(WRONG_LENGTH)
    generator = SOFTWARE_GENERATOR
    if len(data) == EVENT + 1:
        generator, data = bytes((data[0], 0)), data[1:]
    state = ctx.bmc.state
    body = data.ljust(EVENT, b"\xff")
    record = add_event(state, ctx.bmc.clock.now(), generator, body)
    process(ctx.bmc, Event(generator, body), record)
    return b""

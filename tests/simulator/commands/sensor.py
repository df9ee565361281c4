# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sensors: readings, thresholds, hysteresis, events (IPMI section 35) and event receiver."""

from __future__ import annotations

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..sensors import BY_NUMBER, LC, LNC, LNR, UC, UNC, UNR, Analog, Sensor, natural_reading
from ..state import SensorState
from .common import ILLEGAL_FOR_RECORD, INVALID_FIELD, NOT_PRESENT

EVENTS_ON, SCANNING_ON, UNAVAILABLE = 0x80, 0x40, 0x20
LEAVE, ENABLE, DISABLE = 0, 1, 2


def _sensor(ctx: Context, number: int) -> tuple[Sensor, SensorState]:
    sensor = BY_NUMBER.get(number)
    if sensor is None:
        raise Completion(NOT_PRESENT)
    return sensor, ctx.bmc.state.sdr.sensors[number]


def _analog(ctx: Context, number: int) -> tuple[Sensor, SensorState, Analog]:
    sensor, state = _sensor(ctx, number)
    if sensor.analog is None:
        raise Completion(ILLEGAL_FOR_RECORD)
    return sensor, state, sensor.analog


def reading(ctx: Context, sensor: Sensor) -> int | None:
    """Raw reading or states now; None is not available."""
    forced = ctx.bmc.state.sdr.sensors[sensor.number].forced
    return natural_reading(sensor, ctx.bmc.power.on) if forced is None else forced


def _crossed(sensor: Sensor, state: SensorState, raw: int) -> int:
    """b0 at or below LNC, b1 LC, b2 LNR, b3 at or above UNC, b4 UC, b5 UNR."""
    low, high = (LNC, LC, LNR), (UNC, UC, UNR)
    bits = sum(1 << place for place in low if raw <= state.thresholds[place])
    bits |= sum(1 << place for place in high if raw >= state.thresholds[place])
    return bits & sensor.threshold_mask


@command(0x04, 0x2D)
def get_sensor_reading(ctx: Context, data: bytes) -> bytes:
    """Get Sensor Reading: reading; b7 events, b6 scanning, b5 not available; states 2."""
    need(data, 1)
    sensor, state = _sensor(ctx, data[0])
    flags = EVENTS_ON * state.events | SCANNING_ON * state.scanning
    raw = reading(ctx, sensor) if state.scanning else None
    if raw is None:
        return bytes((0, flags | UNAVAILABLE, 0x00, 0x80))
    if sensor.analog:
        return bytes((raw & 0xFF, flags, 0xC0 | _crossed(sensor, state, raw)))
    return bytes((0, flags, raw & 0xFF, 0x80 | raw >> 8))


@command(0x04, 0x26, privilege=Privilege.OPERATOR)
def set_thresholds(ctx: Context, data: bytes) -> bytes:
    """Set Sensor Thresholds: number; mask b5:0 UNR..LNC; LNC LC LNR UNC UC UNR."""
    need(data, 8)
    sensor, state, _unused = _analog(ctx, data[0])
    mask = data[1] & 0x3F
    if mask & ~sensor.threshold_mask:
        raise Completion(INVALID_FIELD)
    pairs = zip(state.thresholds, data[2:], strict=True)
    state.thresholds = bytes(
        new if mask >> place & 1 else old for place, (old, new) in enumerate(pairs)
    )
    return b""


@command(0x04, 0x27)
def get_thresholds(ctx: Context, data: bytes) -> bytes:
    """Get Sensor Thresholds: mask of what is there; LNC LC LNR UNC UC UNR."""
    need(data, 1)
    sensor, state, _unused = _analog(ctx, data[0])
    return bytes((sensor.threshold_mask,)) + state.thresholds


@command(0x04, 0x24, privilege=Privilege.OPERATOR)
def set_hysteresis(ctx: Context, data: bytes) -> bytes:
    """Set Sensor Hysteresis: number; FF; positive going; negative going (raw)."""
    need(data, 4)
    _first, state, _second = _analog(ctx, data[0])
    state.positive_hysteresis, state.negative_hysteresis = data[2], data[3]
    return b""


@command(0x04, 0x25)
def get_hysteresis(ctx: Context, data: bytes) -> bytes:
    """Get Sensor Hysteresis: number; FF."""
    need(data, 2)
    _first, state, _second = _analog(ctx, data[0])
    return bytes((state.positive_hysteresis, state.negative_hysteresis))


@command(0x04, 0x28, privilege=Privilege.OPERATOR)
def set_event_enable(ctx: Context, data: bytes) -> bytes:
    """Set Sensor Event Enable: number; b7 events, b6 scanning, b5:4 1 enable 2 disable; masks."""
    need_at_least(data, 2)
    need(data, 2, 3, 4, 5, 6)
    sensor, state = _sensor(ctx, data[0])
    masks = data[2:].ljust(4, b"\0")
    up = int.from_bytes(masks[:2], "little") & sensor.events
    down = int.from_bytes(masks[2:], "little") & sensor.events
    what = data[1] >> 4 & 0x03
    if what == ENABLE:
        state.assertions, state.deassertions = state.assertions | up, state.deassertions | down
    elif what == DISABLE:
        state.assertions, state.deassertions = state.assertions & ~up, state.deassertions & ~down
    elif what != LEAVE:
        raise Completion(INVALID_FIELD)
    state.events, state.scanning = bool(data[1] & EVENTS_ON), bool(data[1] & SCANNING_ON)
    return b""


@command(0x04, 0x29)
def get_event_enable(ctx: Context, data: bytes) -> bytes:
    """Get Sensor Event Enable: b7 events, b6 scanning; assertion mask 2, deassertion mask 2."""
    need(data, 1)
    _unused, state = _sensor(ctx, data[0])
    masks = state.assertions.to_bytes(2, "little") + state.deassertions.to_bytes(2, "little")
    return bytes((EVENTS_ON * state.events | SCANNING_ON * state.scanning,)) + masks


@command(0x04, 0x2A, privilege=Privilege.OPERATOR)
def rearm_events(ctx: Context, data: bytes) -> bytes:
    """Re-arm Sensor Events: number; b7 not all; masks. All sensors here re-arm by themselves."""
    need(data, 2, 3, 4, 5, 6)
    _sensor(ctx, data[0])
    return b""


@command(0x04, 0x2B)
def get_event_status(ctx: Context, data: bytes) -> bytes:
    """Get Sensor Event Status: flags; assertions 2; deassertions 2."""
    need(data, 1)
    sensor, state = _sensor(ctx, data[0])
    flags = EVENTS_ON * state.events | SCANNING_ON * state.scanning
    raw = reading(ctx, sensor)
    if raw is None:
        return bytes((flags | UNAVAILABLE,)) + bytes(4)
    now = raw if sensor.analog is None else _event_bits(_crossed(sensor, state, raw))
    return bytes((flags,)) + (now & sensor.events).to_bytes(2, "little") + bytes(2)


def _event_bits(crossed: int) -> int:
    """Thresholds crossed to event offsets: LNC 0, LC 2, LNR 4 going low; UNC 7, UC 9, UNR 11."""
    offsets = (0, 2, 4, 7, 9, 11)
    return sum(1 << bit for place, bit in enumerate(offsets) if crossed >> place & 1)


@command(0x04, 0x2F)
def get_sensor_type(ctx: Context, data: bytes) -> bytes:
    """Get Sensor Type: sensor type; b6:0 event type."""
    need(data, 1)
    sensor, _unused = _sensor(ctx, data[0])
    return bytes((sensor.kind, sensor.event_type))


@command(0x04, 0x23)
def get_reading_factors(ctx: Context, data: bytes) -> bytes:
    """Get Sensor Reading Factors: number, reading. Returns next reading, M, B, accuracy, exponents."""
    need(data, 2)
    _first, _second, analog = _analog(ctx, data[0])
    m = bytes((analog.factor & 0xFF, analog.factor >> 8 << 6))
    return bytes((0,)) + m + bytes((0, 0, 0, analog.exponent << 4 & 0xF0))


@command(0x04, 0x00, privilege=Privilege.ADMINISTRATOR)
def set_event_receiver(ctx: Context, data: bytes) -> bytes:
    """Set Event Receiver: address (FF off); b1:0 LUN."""
    need(data, 2)
    sdr = ctx.bmc.state.sdr
    sdr.receiver_address, sdr.receiver_lun = data[0], data[1] & 0x03
    return b""


@command(0x04, 0x01)
def get_event_receiver(ctx: Context, data: bytes) -> bytes:
    """Get Event Receiver."""
    need(data, 0)
    sdr = ctx.bmc.state.sdr
    return bytes((sdr.receiver_address, sdr.receiver_lun))

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DCMI: the group extension whose messages start with DC (DCMI 1.5 section 6)."""

from __future__ import annotations

from collections.abc import Callable

from ..registry import Completion, Context, Handler, Privilege, command
from ..sensors import BY_NUMBER, POWER_SENSOR, SENSOR_RECORDS, SENSORS, TEMPERATURE, Sensor
from ..state import DcmiState
from .common import INVALID_FIELD, OUT_OF_RANGE, PARAMETER_UNSUPPORTED, WRONG_LENGTH
from .sensor import reading

GROUP = 0xDC
INVALID_COMMAND = 0xC1
PARAMETER_REVISION = 2
CONFIG_REVISION = 1
BLOCK = 16
TEXT = 64  # a controller's string with its zero; an asset tag has one character less
NO_LIMIT_SET, LIMIT_RANGE, CORRECTION_RANGE, PERIOD_RANGE = 0x80, 0x84, 0x85, 0x89
ACTIONS = (0x00, 0x01, 0x11)
MOST_WATTS = 1500
# DCMI's entity ids to those of the records: inlet, processor, baseboard.
ENTITIES = {0x40: 0x37, 0x41: 0x03, 0x42: 0x07, 0x37: 0x37, 0x03: 0x03, 0x07: 0x07}
PER_ANSWER = 8


def _dcmi(
    cmd: int, lengths: tuple[int, ...], privilege: Privilege = Privilege.USER
) -> Callable[[Handler], Handler]:
    """Register a handler that gets the data after DC; DC is put before what it answers."""

    def register(handler: Handler) -> Handler:
        def guarded(ctx: Context, data: bytes) -> bytes:
            if not data:
                raise Completion(WRONG_LENGTH)
            if data[0] != GROUP or not ctx.bmc.state.traits.dcmi.supported:
                raise Completion(INVALID_COMMAND)
            if lengths and len(data) - 1 not in lengths:
                raise Completion(WRONG_LENGTH, bytes((GROUP,)))
            try:
                return bytes((GROUP,)) + handler(ctx, data[1:])
            except Completion as refusal:
                raise Completion(refusal.code, bytes((GROUP,)) + refusal.data) from refusal

        return command(0x2C, cmd, privilege=privilege)(guarded)

    return register


@_dcmi(0x01, (1,))
def get_capabilities(ctx: Context, data: bytes) -> bytes:
    """Get DCMI Capability Info: version, revision, then the parameter's bytes."""
    dcmi, lan = ctx.bmc.state.traits.dcmi, ctx.bmc.state.first_lan_channel()
    entries = ctx.bmc.state.traits.records.sel_space & 0x0FFF
    parameters = {
        1: bytes((0x00, dcmi.power, 0x07)),  # b0 power management; in band, serial, LAN access
        2: entries.to_bytes(2, "little") + bytes((0x00, 0x07, 0x05)),  # SEL; ids; sampling in s
        3: bytes((0x20, 0x00)),  # power management: address; channel and revision
        4: bytes((lan, 0xFF, 0xFF)),  # LAN, second LAN, serial channel
        5: bytes((0x01, 0x01)),  # one averaging period, of a second
    }
    if data[0] not in parameters:
        raise Completion(INVALID_FIELD)
    return bytes((*dcmi.version, PARAMETER_REVISION)) + parameters[data[0]]


@_dcmi(0x02, (3,))
def get_power_reading(ctx: Context, data: bytes) -> bytes:
    """Get Power Reading: now, least, most, mean (W, 2 each), time 4, period in ms 4, b6 active."""
    if not ctx.bmc.state.traits.dcmi.power:
        raise Completion(INVALID_COMMAND)
    if data[0] not in (1, 2):
        raise Completion(INVALID_FIELD)
    sensor = BY_NUMBER[POWER_SENSOR]
    raw = reading(ctx, sensor) or 0
    now = raw * (sensor.analog.factor if sensor.analog else 1)
    watts = (now, min(now, 16), max(now, 184), now)
    head = b"".join(value.to_bytes(2, "little") for value in watts)
    stamp = int(ctx.bmc.clock.now()).to_bytes(4, "little")
    return head + stamp + (1000).to_bytes(4, "little") + b"\x40"


@_dcmi(0x03, (2,))
def get_power_limit(ctx: Context, data: bytes) -> bytes:
    """Get Power Limit: 2 reserved, action, W 2, correction in ms 4, 2 reserved, period in s 2."""
    limit = ctx.bmc.state.dcmi.limit
    body = (
        bytes((0, 0, limit.action))
        + limit.watts.to_bytes(2, "little")
        + limit.correction.to_bytes(4, "little")
        + bytes(2)
        + limit.period.to_bytes(2, "little")
    )
    if not limit.active:
        raise Completion(NO_LIMIT_SET, body)
    return body


@_dcmi(0x04, (14,), Privilege.OPERATOR)
def set_power_limit(ctx: Context, data: bytes) -> bytes:
    """Set Power Limit: 3 reserved, action, W 2, correction in ms 4, 2 reserved, period in s 2."""
    action, watts = data[3], int.from_bytes(data[4:6], "little")
    correction = int.from_bytes(data[6:10], "little")
    period = int.from_bytes(data[12:14], "little")
    if action not in ACTIONS:
        raise Completion(INVALID_FIELD)
    if watts > MOST_WATTS:
        raise Completion(LIMIT_RANGE)
    if not correction:
        raise Completion(CORRECTION_RANGE)
    if not period:
        raise Completion(PERIOD_RANGE)
    limit = ctx.bmc.state.dcmi.limit
    limit.action, limit.watts, limit.correction, limit.period = action, watts, correction, period
    return b""


@_dcmi(0x05, (3,), Privilege.OPERATOR)
def activate_power_limit(ctx: Context, data: bytes) -> bytes:
    """Activate/Deactivate Power Limit: 1 active, 0 not; 2 reserved."""
    if data[0] > 1:
        raise Completion(INVALID_FIELD)
    ctx.bmc.state.dcmi.limit.active = bool(data[0])
    return b""


def _read_text(text: bytes, data: bytes, most: int) -> bytes:
    """Offset, count to the text's length and its part."""
    offset, count = data
    if count > BLOCK or offset + count > most:
        raise Completion(OUT_OF_RANGE)
    return text[offset : offset + count]


def _write_text(text: bytes, data: bytes, most: int) -> bytes:
    """Offset, count, part: the new text, which ends where the write ends."""
    if len(data) < 3:
        raise Completion(WRONG_LENGTH)
    offset, count, part = data[0], data[1], data[2:]
    if len(part) != count:
        raise Completion(WRONG_LENGTH)
    if count > BLOCK or offset + count > most:
        raise Completion(OUT_OF_RANGE)
    return text.ljust(offset, b"\0")[:offset] + part


@_dcmi(0x06, (2,))
def get_asset_tag(ctx: Context, data: bytes) -> bytes:
    """Get Asset Tag: offset, count (16 at most). Returns the whole length, part."""
    tag = ctx.bmc.state.dcmi.asset_tag.rstrip(b"\0")
    return bytes((len(tag),)) + _read_text(tag, data, TEXT)


@_dcmi(0x08, (), Privilege.OPERATOR)
def set_asset_tag(ctx: Context, data: bytes) -> bytes:
    """Set Asset Tag: offset, count, part. Returns the whole length."""
    dcmi = ctx.bmc.state.dcmi
    dcmi.asset_tag = _write_text(dcmi.asset_tag, data, TEXT)
    return bytes((len(dcmi.asset_tag),))


@_dcmi(0x09, (2,))
def get_controller_id(ctx: Context, data: bytes) -> bytes:
    """Get Management Controller Identifier String: the length counts the zero at its end."""
    text = ctx.bmc.state.dcmi.controller_id.split(b"\0", 1)[0] + b"\0"
    return bytes((len(text),)) + _read_text(text.ljust(TEXT, b"\0"), data, TEXT)


@_dcmi(0x0A, (), Privilege.ADMINISTRATOR)
def set_controller_id(ctx: Context, data: bytes) -> bytes:
    """Set Management Controller Identifier String. Returns the offset last written."""
    dcmi = ctx.bmc.state.dcmi
    dcmi.controller_id = _write_text(dcmi.controller_id, data, TEXT)
    return bytes((len(dcmi.controller_id),))


@_dcmi(0x0B, (7,), Privilege.ADMINISTRATOR)
def set_thermal_limit(ctx: Context, data: bytes) -> bytes:
    """Set Thermal Limit: entity, instance, action, degrees, seconds 2; one reserved."""
    _inlet(data[:2])
    ctx.bmc.state.dcmi.thermal[data[1]] = data[2:6]
    return b""


@_dcmi(0x0C, (2,))
def get_thermal_limit(ctx: Context, data: bytes) -> bytes:
    """Get Thermal Limit: entity, instance. Returns action, degrees, seconds 2."""
    _inlet(data)
    return ctx.bmc.state.dcmi.thermal.get(data[1], bytes(4))


def _inlet(data: bytes) -> None:
    if ENTITIES.get(data[0]) != 0x37 or data[1] != 1:
        raise Completion(INVALID_FIELD)


def _temperatures(entity: int, instance: int) -> list[Sensor]:
    wanted = ENTITIES.get(entity)
    found = [s for s in SENSORS if s.kind == TEMPERATURE and s.entity == wanted]
    return [s for s in found if instance in (0, s.instance)]


@_dcmi(0x07, (4,))
def get_sensor_info(ctx: Context, data: bytes) -> bytes:
    """Get DCMI Sensor Info: sensor type, entity, instance (0 all), first. Returns record ids."""
    if data[0] != TEMPERATURE:
        raise Completion(INVALID_FIELD)
    found = _temperatures(data[1], data[2])
    chosen = found[max(0, data[3] - 1) :][:PER_ANSWER]
    ids = b"".join(SENSOR_RECORDS[s.number].to_bytes(2, "little") for s in chosen)
    return bytes((len(found), len(chosen))) + ids


@_dcmi(0x10, (4,))
def get_temperatures(ctx: Context, data: bytes) -> bytes:
    """Get Temperature Readings: sensor type, entity, instance, first. Degrees and instance each."""
    if data[0] != TEMPERATURE:
        raise Completion(INVALID_FIELD)
    found = _temperatures(data[1], data[2])
    chosen = found[max(0, data[3] - 1) :][:PER_ANSWER]
    pairs = b"".join(bytes(((reading(ctx, s) or 0) & 0x7F, s.instance)) for s in chosen)
    return bytes((len(found), len(chosen))) + pairs


# Configuration parameter to the attribute and its length (DCMI table 6-6).
CONFIGURATION: dict[int, tuple[str, int]] = {
    2: ("discovery", 1),  # b7 random back-off, b1 DHCP options 60 and 43, b0 option 12
    3: ("initial_timeout", 1),  # seconds
    4: ("contact_timeout", 2),
    5: ("retry_interval", 2),
}
ACTIVATE_DHCP = 1


@_dcmi(0x12, (), Privilege.ADMINISTRATOR)
def set_configuration(ctx: Context, data: bytes) -> bytes:
    """Set DCMI Configuration: parameter, set selector, value."""
    if len(data) < 3:
        raise Completion(WRONG_LENGTH)
    which, value = data[0], data[2:]
    if which == ACTIVATE_DHCP:
        return b""
    attribute, length = _configuration(which)
    if len(value) != length:
        raise Completion(WRONG_LENGTH)
    setattr(ctx.bmc.state.dcmi, attribute, int.from_bytes(value, "little"))
    return b""


@_dcmi(0x13, (2,))
def get_configuration(ctx: Context, data: bytes) -> bytes:
    """Get DCMI Configuration: parameter, set selector. Returns version, revision, value."""
    version = bytes((*ctx.bmc.state.traits.dcmi.version, CONFIG_REVISION))
    if data[0] == ACTIVATE_DHCP:
        return version + b"\0"  # write only: reads as 0
    attribute, length = _configuration(data[0])
    return version + _number(ctx.bmc.state.dcmi, attribute).to_bytes(length, "little")


def _number(dcmi: DcmiState, attribute: str) -> int:
    value = getattr(dcmi, attribute)
    assert isinstance(value, int)
    return value


def _configuration(which: int) -> tuple[str, int]:
    if which not in CONFIGURATION:
        raise Completion(PARAMETER_UNSUPPORTED)
    return CONFIGURATION[which]

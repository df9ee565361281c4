# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sensors of a simulated server and their SDR records (IPMI section 43)."""

from __future__ import annotations

from dataclasses import dataclass

THRESHOLD, SENSOR_SPECIFIC = 0x01, 0x6F
DEGREES, VOLTS, WATTS, RPM, UNSPECIFIED = 1, 4, 6, 18, 0
TEMPERATURE, VOLTAGE, FAN, INTRUSION, POWER_SUPPLY, OTHER_UNITS = 0x01, 0x02, 0x04, 0x05, 0x08, 0x0B
PROCESSOR, BOARD, SUPPLY, COOLING, INLET, MANAGEMENT = 0x03, 0x07, 0x0A, 0x1D, 0x37, 0x2E
SDR_VERSION = 0x51
FULL, COMPACT, FRU_LOCATOR, MC_LOCATOR = 0x01, 0x02, 0x11, 0x12
LATIN = 0xC0  # name's type and length: 8-bit text
BMC_ADDRESS = 0x20
# Six thresholds in the order of the commands 04/26 and 04/27.
LNC, LC, LNR, UNC, UC, UNR = range(6)


@dataclass(frozen=True)
class Analog:
    """value = (factor * raw) * 10 ** exponent; raw values throughout."""

    factor: int
    exponent: int
    unit: int
    thresholds: tuple[int | None, ...]  # LNC LC LNR UNC UC UNR
    hysteresis: int = 2


@dataclass(frozen=True)
class Sensor:
    """One sensor. `on` and `off` are its reading by the host's power: None is not available."""

    number: int
    name: str
    kind: int
    entity: int
    instance: int
    on: int | None
    off: int | None
    analog: Analog | None = None
    states: int = 0  # a discrete sensor's states that can be

    @property
    def event_type(self) -> int:
        return THRESHOLD if self.analog else SENSOR_SPECIFIC

    @property
    def threshold_mask(self) -> int:
        """Bits of the thresholds that there are: b0 LNC .. b5 UNR."""
        present = self.analog.thresholds if self.analog else ()
        return sum(1 << place for place, value in enumerate(present) if value is not None)

    @property
    def initial_thresholds(self) -> bytes:
        return bytes(value or 0 for value in (self.analog.thresholds if self.analog else (0,) * 6))

    @property
    def events(self) -> int:
        """Event mask: a threshold sensor's crossings outwards, or the states."""
        if not self.analog:
            return self.states
        crossings = (0, 2, 4, 7, 9, 11)  # going low for the lower three, high for the upper
        mask = self.threshold_mask
        return sum(1 << bit for place, bit in enumerate(crossings) if mask >> place & 1)


def _temperature(high: int, critical: int, dead: int) -> Analog:
    return Analog(1, 0, DEGREES, (5, 2, 0, high, critical, dead))


def _fan() -> Analog:
    return Analog(75, 0, RPM, (12, 8, 4, None, None, None))


SENSORS: tuple[Sensor, ...] = (
    Sensor(0x01, "CPU1 Temp", TEMPERATURE, PROCESSOR, 1, 46, None, _temperature(85, 90, 95)),
    Sensor(0x02, "CPU2 Temp", TEMPERATURE, PROCESSOR, 2, 44, None, _temperature(85, 90, 95)),
    Sensor(0x0B, "System Temp", TEMPERATURE, BOARD, 1, 31, 24, _temperature(75, 80, 85)),
    Sensor(0x0C, "Inlet Temp", TEMPERATURE, INLET, 1, 22, 21, _temperature(40, 45, 50)),
    Sensor(0x41, "FAN1", FAN, COOLING, 1, 64, None, _fan()),
    Sensor(0x42, "FAN2", FAN, COOLING, 2, 63, None, _fan()),
    Sensor(0x43, "FAN3", FAN, COOLING, 3, 65, None, _fan()),
    Sensor(0x30, "12V", VOLTAGE, BOARD, 1, 200, None,
           Analog(6, -2, VOLTS, (179, 176, 173, 223, 226, 230))),
    Sensor(0x31, "3.3VSB", VOLTAGE, BOARD, 1, 194, 194,
           Analog(17, -3, VOLTS, (174, 171, 168, 214, 218, 222))),
    Sensor(0x33, "VBAT", VOLTAGE, BOARD, 1, 186, 186,
           Analog(16, -3, VOLTS, (156, 151, 146, 225, 231, 237))),
    Sensor(0x50, "PS1 Power", OTHER_UNITS, SUPPLY, 1, 46, 4,
           Analog(4, 0, WATTS, (None, None, None, 200, 220, None))),
    Sensor(0xC8, "PS1 Status", POWER_SUPPLY, SUPPLY, 1, 0x0001, 0x0001, states=0x000F),
    Sensor(0xC9, "PS2 Status", POWER_SUPPLY, SUPPLY, 2, 0x0001, 0x0001, states=0x000F),
    Sensor(0xAA, "Chassis Intru", INTRUSION, BOARD, 1, 0x0000, 0x0000, states=0x0001),
)  # fmt: skip
BY_NUMBER: dict[int, Sensor] = {sensor.number: sensor for sensor in SENSORS}
POWER_SENSOR = 0x50


def _record(record_id: int, kind: int, body: bytes) -> bytes:
    return record_id.to_bytes(2, "little") + bytes((SDR_VERSION, kind, len(body))) + body


def _name(text: str) -> bytes:
    return bytes((LATIN | len(text),)) + text.encode("ascii")


def _key(sensor: Sensor) -> bytes:
    """Owner address, owner LUN, number, entity, its instance."""
    return bytes((BMC_ADDRESS, 0, sensor.number, sensor.entity, sensor.instance))


def _full(sensor: Sensor, analog: Analog) -> bytes:
    events, mask = sensor.events.to_bytes(2, "little"), sensor.threshold_mask
    # The record's mask has b0 LNC b1 LC b2 LNR b3 UNC b4 UC b5 UNR, as the commands have.
    body = _key(sensor) + bytes((0x7F, 0x68, sensor.kind, THRESHOLD))  # all initialised; settable
    body += events + events + bytes((mask, mask))  # assert, deassert; readable, settable
    body += bytes((0x00, analog.unit, 0, 0))  # unsigned; base and modifier unit; linear
    body += bytes((analog.factor & 0xFF, analog.factor >> 8 << 6, 0, 0, 0))  # M, tolerance, B
    body += bytes((analog.exponent << 4 & 0xF0, 0x01, sensor.on or 0, 0xFF, 0x00, 0xFF, 0x00))
    low = sensor.initial_thresholds
    body += bytes((low[UNR], low[UC], low[UNC], low[LNR], low[LC], low[LNC]))
    body += bytes((analog.hysteresis, analog.hysteresis, 0, 0, 0))
    return body + _name(sensor.name)


def _compact(sensor: Sensor) -> bytes:
    states = sensor.states.to_bytes(2, "little")
    body = _key(sensor) + bytes((0x67, 0x40, sensor.kind, SENSOR_SPECIFIC))
    body += states + states + states  # assert, deassert, readable
    body += bytes((0xC0, UNSPECIFIED, 0))  # no analog reading
    body += bytes((0x01, 0x00, 0, 0, 0, 0, 0, 0))  # shared by nobody; hysteresis; reserved; OEM
    return body + _name(sensor.name)


def _mc_locator(name: str) -> bytes:
    head = bytes((BMC_ADDRESS, 0, 0, 0xBF, 0, 0, 0, MANAGEMENT, 1, 0))
    return head + _name(name)


def _fru_locator(name: str) -> bytes:
    # Logical FRU device 0 behind the BMC; device type 10h.
    head = bytes((BMC_ADDRESS, 0x00, 0x80, 0, 0, 0x10, 0, BOARD, 1, 0))
    return head + _name(name)


def build_repository() -> dict[int, bytes]:
    """Record id to record; the ids start at 1."""
    bodies: list[tuple[int, bytes]] = [(MC_LOCATOR, _mc_locator("BMC"))]
    bodies.append((FRU_LOCATOR, _fru_locator("System FRU")))
    for sensor in SENSORS:
        analog = sensor.analog
        body = (FULL, _full(sensor, analog)) if analog else (COMPACT, _compact(sensor))
        bodies.append(body)
    return {place: _record(place, kind, body) for place, (kind, body) in enumerate(bodies, 1)}


REPOSITORY: dict[int, bytes] = build_repository()
SENSOR_RECORDS: dict[int, int] = {
    sensor.number: place for place, sensor in enumerate(SENSORS, 1 + len(REPOSITORY) - len(SENSORS))
}


def natural_reading(sensor: Sensor, power: bool) -> int | None:
    """What the sensor shows by itself."""
    return sensor.on if power else sensor.off

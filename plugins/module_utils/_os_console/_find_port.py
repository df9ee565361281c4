# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which serial port of a machine is the one that its BMC carries over the network.

The order is confluent's: what the task says, the firmware (SPCR), the maker's habit, the one port at whose other end something is (carrier),
the only port, what the BMC says of itself. Where none of these answers, the failure names what was seen.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence
from typing import Protocol

from ._model import Port
from ._part import Refused
from ._spcr import AddressSpace, BadSpcr, Spcr
from ._usual_ports import usual_port

NUMBERS = range(4)


@dataclasses.dataclass(frozen=True)
class Uart:
    """A serial port that really is in the machine. carrier: whether the other end says that it is there; None where that cannot be told."""

    number: int
    address: int
    carrier: bool | None = None

    @property
    def name(self) -> str:
        """For messages: ttyS1 (2F8h, carrier)."""
        carrier = {True: ", carrier", False: ", no carrier", None: ""}[self.carrier]
        return f"ttyS{self.number} ({self.address:X}h{carrier})"


class Machine(Protocol):
    """What can be known of the machine on which we run."""

    def spcr(self) -> bytes | None:
        """ACPI's SPCR table, None where the firmware has none or the system does not show it."""

    def vendor(self) -> str | None:
        """The maker of the system, as DMI has it."""

    def uarts(self) -> Sequence[Uart]:
        """The serial ports that are there, by number. Empty where that cannot be told."""


class FoundBy(enum.Enum):
    """What named the port."""

    GIVEN = "given"
    SPCR = "spcr"
    VENDOR = "vendor"
    CARRIER = "carrier"
    ONLY = "only_port"
    BMC = "bmc"


@dataclasses.dataclass(frozen=True)
class Found:
    """The port. bit_rate: bit/s that the firmware uses on it, where it says so. notes: what contradicts."""

    port: Port
    found_by: FoundBy
    bit_rate: int | None = None
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Firmware:
    """What SPCR comes to: a port of ours or none, and what is odd about it."""

    number: int | None = None
    bit_rate: int | None = None
    notes: tuple[str, ...] = ()


def find_port(machine: Machine, given: int | None = None, hint: int | None = None, bit_rate: int | None = None) -> Found:
    """Name the port. Raises Refused where nothing does.

    given: what the task says, 0 to 3. hint: what the BMC says (Get Payload Instance Info tells it as 1 for the first port; here 0 to 3).
    bit_rate: the wish, in bit/s, which is compared with the firmware's.
    """
    uarts = tuple(machine.uarts())
    firmware = _firmware(machine.spcr(), uarts)
    number, found_by = _choose(machine, uarts, firmware, given, hint)
    return Found(
        Port(number),
        found_by,
        firmware.bit_rate if firmware.number == number else None,
        firmware.notes + _contradictions(number, found_by, uarts, firmware, hint, bit_rate),
    )


def _choose(machine: Machine, uarts: tuple[Uart, ...], firmware: _Firmware, given: int | None, hint: int | None) -> tuple[int, FoundBy]:
    there = {uart.number for uart in uarts}
    vendor = machine.vendor() or ""
    habit = usual_port(vendor)
    carrying = [uart.number for uart in uarts if uart.carrier]
    ways = (
        (given, FoundBy.GIVEN),
        (firmware.number, FoundBy.SPCR),
        (habit.number if habit and habit.number in there else None, FoundBy.VENDOR),
        (carrying[0] if len(carrying) == 1 else None, FoundBy.CARRIER),
        (uarts[0].number if len(uarts) == 1 else None, FoundBy.ONLY),
        (hint, FoundBy.BMC),
    )
    for number, found_by in ways:
        if number is not None and number in NUMBERS:
            return number, found_by
    raise Refused(_what_was_seen(uarts, firmware, vendor))


def _firmware(table: bytes | None, uarts: tuple[Uart, ...]) -> _Firmware:
    if table is None:
        return _Firmware()
    try:
        spcr = Spcr.from_bytes(table)
    except BadSpcr as error:
        return _Firmware(notes=(f"the firmware's SPCR table is not usable: {error}",))
    if not spcr.enabled:
        return _Firmware(notes=("the firmware's SPCR table says that its console is not redirected",))
    # A port may be at another address than a PC's usual one; the kernel's list knows.
    seen = {uart.address: uart.number for uart in uarts}
    usual = {Port(number).address: number for number in NUMBERS} if spcr.space == AddressSpace.IO else {}
    number = seen.get(spcr.address, usual.get(spcr.address))
    if number is None:
        return _Firmware(notes=(f"the firmware's console (SPCR) is at {spcr.address:X}h, which is none of ttyS0 to ttyS3",))
    return _Firmware(number, spcr.bit_rate)


def _contradictions(number: int, found_by: FoundBy, uarts: tuple[Uart, ...], firmware: _Firmware, hint: int | None, bit_rate: int | None) -> tuple[str, ...]:
    notes = []
    if uarts and number not in {uart.number for uart in uarts}:
        notes.append(f"the system sees no serial port ttyS{number}, only {_listed(uarts)}")
    if firmware.number is not None and firmware.number != number:
        notes.append(f"the firmware's own console (SPCR) is on ttyS{firmware.number}")
    if hint is not None and hint != number and found_by is not FoundBy.BMC:
        notes.append(f"the BMC says that its console is on port {hint + 1}, which is ttyS{hint}")
    if bit_rate is not None and firmware.number == number and firmware.bit_rate not in (None, bit_rate):
        notes.append(f"the firmware (SPCR) runs ttyS{number} at {firmware.bit_rate} bit/s, not at {bit_rate}: set it to the same rate")
    return tuple(notes)


def _listed(uarts: tuple[Uart, ...]) -> str:
    return ", ".join(uart.name for uart in uarts) or "none"


def _what_was_seen(uarts: tuple[Uart, ...], firmware: _Firmware, vendor: str) -> str:
    seen = [
        "; ".join(firmware.notes) or "the firmware has no SPCR table",
        f"the maker is {vendor!r}, of whom no usual port is known or there" if vendor else "the maker is not known",
        f"serial ports: {_listed(uarts)}",
        "the BMC named no port",
    ]
    return f"cannot tell which serial port the BMC carries ({'; '.join(seen)}). Say it with the option port, 0 for ttyS0 (COM1)"

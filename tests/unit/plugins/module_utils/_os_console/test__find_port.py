# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The port is named by the first that knows it, and contradictions are told."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._find_port import Found, FoundBy, Uart, find_port
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import Port
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused

COM1 = Uart(0, 0x3F8)
COM2 = Uart(1, 0x2F8)


def spcr(address: int, rate_code: int = 7, space: int = 1) -> bytes:
    """A table of the firmware that names this address."""
    raw = bytearray(80)
    raw[:4] = b"SPCR"
    raw[4], raw[8], raw[40], raw[58] = 80, 2, space, rate_code
    raw[44:52] = address.to_bytes(8, "little")
    raw[9] = -sum(raw) & 0xFF
    return bytes(raw)


@dataclasses.dataclass
class Scripted:
    """A machine that shows what a test says."""

    table: bytes | None = None
    maker: str | None = None
    ports: tuple[Uart, ...] = ()

    def spcr(self) -> bytes | None:
        return self.table

    def vendor(self) -> str | None:
        return self.maker

    def uarts(self) -> tuple[Uart, ...]:
        return self.ports


def carrier(uart: Uart, there: bool = True) -> Uart:
    return dataclasses.replace(uart, carrier=there)


BOTH = (carrier(COM1), carrier(COM2, False))

#: Each machine also shows what a later way would take, so that the order itself is tried.
ORDER = [
    pytest.param(Scripted(spcr(0x2F8), "Supermicro", BOTH), {"given": 3, "hint": 0}, 3, FoundBy.GIVEN, id="given"),
    pytest.param(Scripted(spcr(0x3F8), "Supermicro", (carrier(COM1, False), carrier(COM2))), {"hint": 1}, 0, FoundBy.SPCR, id="SPCR"),
    pytest.param(Scripted(None, "Supermicro", BOTH), {"hint": 0}, 1, FoundBy.VENDOR, id="maker"),
    pytest.param(Scripted(None, "HPE", (carrier(COM1, False), carrier(COM2))), {"hint": 0}, 1, FoundBy.CARRIER, id="carrier"),
    pytest.param(Scripted(None, "HPE", (COM2,)), {"hint": 0}, 1, FoundBy.ONLY, id="only port"),
    pytest.param(Scripted(None, None, (COM1, COM2)), {"hint": 1}, 1, FoundBy.BMC, id="BMC"),
    pytest.param(Scripted(None, "Supermicro", (carrier(COM1),)), {}, 0, FoundBy.CARRIER, id="the maker's port is not there"),
    pytest.param(Scripted(None, None, (carrier(COM1), carrier(COM2))), {"hint": 0}, 0, FoundBy.BMC, id="two with carrier tell nothing"),
    pytest.param(Scripted(spcr(0), None, (COM2,)), {}, 1, FoundBy.ONLY, id="firmware without redirection"),
    pytest.param(Scripted(b"nonsense", None, (COM2,)), {}, 1, FoundBy.ONLY, id="firmware with a broken table"),
    pytest.param(Scripted(spcr(0xE0), None, (COM1, Uart(2, 0xE0))), {}, 2, FoundBy.SPCR, id="a port at an unusual address"),
    pytest.param(Scripted(spcr(0x2F8, space=0), None, (COM1,)), {}, 0, FoundBy.ONLY, id="an address in memory is no I/O address"),
]


@pytest.mark.parametrize(("machine", "said", "number", "found_by"), ORDER)
def test_the_first_that_knows_the_port_names_it(machine: Scripted, said: dict[str, int], number: int, found_by: FoundBy) -> None:
    found = find_port(machine, **said)
    assert (found.port, found.found_by) == (Port(number), found_by)


def test_the_firmware_tells_its_rate_too() -> None:
    assert find_port(Scripted(spcr(0x2F8, 4), None, (COM1, COM2))) == Found(Port(1), FoundBy.SPCR, 19200)


@pytest.mark.parametrize(
    ("machine", "said", "note"),
    [
        (Scripted(spcr(0x2F8, 4)), {"bit_rate": 115200}, "runs ttyS1 at 19200 bit/s, not at 115200"),
        (Scripted(spcr(0x3F8)), {"given": 1}, "own console (SPCR) is on ttyS0"),
        (Scripted(ports=(COM1,)), {"given": 1}, r"sees no serial port ttyS1, only ttyS0 (3F8h)"),
        (Scripted(ports=(COM1,)), {"hint": 1}, "the BMC says that its console is on port 2, which is ttyS1"),
        (Scripted(spcr(0x4000)), {"given": 0}, "(SPCR) is at 4000h, which is none of"),
        (Scripted(b"short"), {"given": 0}, "SPCR table is not usable: 5 bytes are too few"),
        (Scripted(spcr(0)), {"given": 0}, "not redirected"),
    ],
)
def test_what_contradicts_is_told(machine: Scripted, said: dict[str, int], note: str) -> None:
    notes = find_port(machine, **said).notes
    assert len(notes) == 1 and note in notes[0]


@pytest.mark.parametrize("rate_code", [7, 0])
def test_a_rate_that_agrees_or_is_open_is_no_contradiction(rate_code: int) -> None:
    assert find_port(Scripted(spcr(0x2F8, rate_code), None, (COM1, COM2)), hint=1, bit_rate=115200).notes == ()


def test_where_nothing_names_the_port_the_failure_says_what_was_seen() -> None:
    machine = Scripted(None, "Acme", (carrier(COM1), carrier(COM2)))
    with pytest.raises(Refused) as refused:
        find_port(machine)
    for seen in ("no SPCR table", "'Acme'", "ttyS0 (3F8h, carrier), ttyS1 (2F8h, carrier)", "BMC named no port", "option port"):
        assert seen in str(refused.value)

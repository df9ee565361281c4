# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEF at work: filters, actions, policies, traps and their acknowledges."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.simulator.alerting import Event, matches, run_policy
from tests.unit.simulator.clients import witness
from tests.unit.simulator.handlers import Bench

HOT = "04 01 01 01 59 5b 5a"  # CPU1 Temp: upper critical, going high
EVENT = Event(b"\x20\x00", bytes.fromhex(HOT))
ANY = "80 01 01 10 ff ff ff ff ff 00 00 00 00 00 00 00 00 00 00 00"


@dataclass
class Catcher:
    """Takes traps."""

    sock: socket.socket

    @property
    def port(self) -> int:
        port: int = self.sock.getsockname()[1]
        return port

    def traps(self) -> list[bytes]:
        """What has come so far; the loopback delivers before `sendto` returns."""
        found = []
        while True:
            try:
                found.append(self.sock.recv(1500))
            except BlockingIOError:
                return found


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield Catcher(sock)


def alarmed(catcher: Catcher, kind: str = "00 02 01") -> Bench:
    """A BMC whose destination 1 is the catcher: type, timeout, retries as in parameter 18."""
    bench = Bench(pef={"trap_port": catcher.port})
    bench.script(
        f"""
        0c/01 01 12 01 {kind} -> 00
        0c/01 01 13 01 00 00 7f 00 00 01 00 00 00 00 00 00 -> 00
        04/12 01 01 -> 00
        04/12 02 3f -> 00
        04/12 06 01 {ANY} -> 00
        04/12 09 01 18 11 00 -> 00
        """
    )
    return bench


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ((0, 0x00), False),
        ((0, 0x80), True),
        ((4, 0x20), True),
        ((4, 0x21), False),
        ((6, 0x01), True),
        ((6, 0x02), False),
        ((7, 0x01), True),
        ((7, 0x0C), False),
        ((8, 0x01), True),
        ((8, 0x6F), False),
    ],
)
def test_a_filter_s_fields(change: tuple[int, int], taken: bool) -> None:
    entry = bytearray.fromhex(ANY)
    entry[change[0]] = change[1]
    assert matches(bytes(entry), EVENT) is taken


@pytest.mark.parametrize(
    ("masks", "taken"),
    [
        ("00 02 00 00 00 00 00 00 00 00 00", True),  # offset 9
        ("00 04 00 00 00 00 00 00 00 00 00", False),
        ("00 00 f0 f0 50 00 00 00 00 00 00", True),  # data 1: high nibble has to be 5
        ("00 00 f0 f0 60 00 00 00 00 00 00", False),
        ("00 00 00 00 00 ff ff 5b 00 00 00", True),
        ("00 00 00 00 00 ff ff 5a 00 00 00", False),
        ("00 00 00 00 00 0f 00 04 00 00 00", False),  # data 2: none of the four is as wanted
        ("00 00 00 00 00 0f 00 05 00 00 00", True),
    ],
)
def test_a_filter_s_masks(masks: str, taken: bool) -> None:
    entry = bytes.fromhex(ANY)[:9] + bytes.fromhex(masks)
    assert matches(entry, EVENT) is taken


def test_an_event_becomes_a_trap(catcher: Catcher) -> None:
    bench = alarmed(catcher)
    bench.script(f"04/02 {HOT} -> 00")
    (trap,) = catcher.traps()
    assert trap[:2] == bytes((0x30, len(trap) - 2))
    assert b"\x04\x06public" in trap
    assert bytes.fromhex("02010602030101") in trap  # enterprise specific; sensor type 1, event 1
    assert bench.state.device.guid + b"\x00\x01" in trap
    assert bytes.fromhex("20 20 10 20 01 03 01 59 5b 5a ff ff ff ff ff ff 00 00 7e d9") in trap
    bench.script("04/16 01 41 00 -> 00 01\n0a/43 00 00 00 00 00 ff -> 00 ff ff 01 00 ..")


@pytest.mark.parametrize(
    "step",
    [
        "04/12 01 00",  # PEF off
        "04/12 02 3e",  # the alert action off
        "04/12 07 01 00",  # the filter off
        "04/12 09 01 10 11 00",  # the policy off
        "04/12 09 01 28 11 00",  # another policy's number
        "06/40 01 a2 84",  # the channel's alerts off
        "0c/01 01 12 01 06 02 01",  # an OEM destination
        "0c/01 01 13 01 00 00 00 00 00 00 00 00 00 00 00 00",  # no address
    ],
)
def test_what_keeps_a_trap_in(catcher: Catcher, step: str) -> None:
    bench = alarmed(catcher)
    bench.script(f"{step} -> 00\n04/02 {HOT} -> 00")
    assert catcher.traps() == []


def test_postponed_filters(catcher: Catcher) -> None:
    bench = alarmed(catcher)
    bench.script(f"04/11 0a -> 00 0a\n04/02 {HOT} -> 00")
    bench.clock.advance(11)
    assert catcher.traps() == []
    bench.script(f"04/02 {HOT} -> 00\n04/11 fe -> 00 fe\n04/02 {HOT} -> 00")
    assert len(catcher.traps()) == 1


def test_a_trap_is_repeated_until_acknowledged(catcher: Catcher) -> None:
    bench = alarmed(catcher, "80 04 03")
    bench.script(f"04/02 {HOT} -> 00")
    bench.clock.advance(5.5)
    assert len(catcher.traps()) == 2
    bench.script("04/17 01 00 00 00 00 00 20 20 01 59 5b 5a -> 00")
    bench.clock.advance(60)
    assert catcher.traps() == []


def test_a_trap_that_nobody_acknowledges(catcher: Catcher) -> None:
    bench = alarmed(catcher, "80 04 03")
    bench.script(f"04/02 {HOT} -> 00")
    bench.clock.advance(60)
    assert len(catcher.traps()) == 4
    bench.script("04/16 01 41 00 -> 00 03")


@pytest.mark.parametrize(
    ("second", "sent"),
    [("18", 2), ("19", 1), ("1a", 1), ("1b", 1), ("1c", 1)],
)
def test_rules_after_an_alert_that_was_sent(catcher: Catcher, second: str, sent: int) -> None:
    bench = alarmed(catcher)
    bench.script(f"04/12 09 02 {second} 11 00 -> 00")
    run_policy(bench.bmc, 1, EVENT.body, 0x10)
    assert len(catcher.traps()) == sent


@pytest.mark.parametrize("second", ["18", "19", "1a", "1b", "1c"])
def test_rules_after_an_alert_that_failed(catcher: Catcher, second: str) -> None:
    bench = alarmed(catcher)
    # Destination 2 has no address, and comes first.
    bench.script(f"04/12 09 01 18 12 00 -> 00\n04/12 09 02 {second} 11 00 -> 00")
    run_policy(bench.bmc, 1, EVENT.body, 0x10)
    assert len(catcher.traps()) == 1


def test_an_event_can_power_the_host_off(catcher: Catcher) -> None:
    bench = alarmed(catcher)
    bench.script(f"00/02 01 -> 00\n04/12 06 01 {ANY.replace('80 01 01', '80 02 01')} -> 00")
    bench.clock.advance(5)
    bench.script(f"00/01 -> 00 01 ..\n04/12 02 01 -> 00\n04/02 {HOT} -> 00")
    bench.clock.advance(5)
    bench.script(f"00/01 -> 00 01 ..\n04/12 02 03 -> 00\n04/02 {HOT} -> 00")
    bench.clock.advance(5)
    bench.script("00/01 -> 00 00 ..")
    assert catcher.traps() == []


def test_alert_immediate_carries_its_event(catcher: Catcher) -> None:
    bench = alarmed(catcher)
    bench.script(f"04/16 01 01 00 20 {HOT} -> 00\n04/16 01 01 00 -> 00\n04/16 01 41 00 -> 00 01")
    with_event, test_event = catcher.traps()
    assert bytes.fromhex("59 5b 5a") in with_event
    assert bytes.fromhex("02010602 03096f00") in test_event


async def test_freeipmi_reads_the_trap(catcher: Catcher, tmp_path: Path) -> None:
    async with witness(tmp_path, personality={"pef": {"trap_port": catcher.port}}) as running:
        await running.commit(
            "pef",
            PEF_Conf__Enable_PEF="Yes",
            PEF_Conf__Enable_Alert_Action="Yes",
            Lan_Alert_Destination_1__Alert_IP_Address="127.0.0.1",
            Alert_Policy_1__Policy_Enabled="Yes",
            Alert_Policy_1__Policy_Number="1",
            Alert_Policy_1__Destination_Selector="1",
            Alert_Policy_1__Channel_Number="1",
            Event_Filter_1__Event_Filter_Action_Alert="Yes",
            Event_Filter_1__Alert_Policy_Number="1",
            Event_Filter_1__Enable_Filter="Yes",
        )
        for key in range(4, 9):  # anything from anywhere
            entry = bytearray(running.bmc.state.pef.filters[0])
            entry[key] = 0xFF
            running.bmc.state.pef.filters[0] = bytes(entry)
        await running.ipmitool("raw", "4", "2", *(f"0x{byte:02x}" for byte in EVENT.body))
        (trap,) = catcher.traps()
        variable = [f"{byte:02x}" for byte in trap[-47:]]
        text = await running.freeipmi("ipmi-pet", "--quiet-cache", str(0x010109), *variable)
        assert "CPU1 Temp" in text
        assert "Upper Critical - going high" in text
        await running.freeipmi(
            "ipmi-pet", "--quiet-cache", "--pet-acknowledge", str(0x010109), *variable
        )
        assert running.bmc.state.pef.acknowledged == 1

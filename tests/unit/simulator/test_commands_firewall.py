# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The firmware firewall, with ipmitool as its client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.simulator import personalities
from tests.simulator.clock import Clock
from tests.simulator.faults import is_write
from tests.simulator.rack import Rack, parse
from tests.simulator.state import BmcState
from tests.unit.simulator.client import START, Client
from tests.unit.simulator.clients import Witness, witness
from tests.unit.simulator.handlers import Bench

NONE = "00 " * 16
#: Every chassis command of the simulator is enabled: 00 to 02, 04 to 0B, 0F.
CHASSIS = "f7 8f " + "00 " * 14
WITHOUT_CONTROL = "f3 8f " + "00 " * 14


def test_a_command_is_disabled_and_enabled_again() -> None:
    Bench().script(
        f"""
        06/61 01 00 00 -> 00 {CHASSIS.strip()}
        06/0c 01 00 00 -> 00 {CHASSIS.strip()}
        06/09 01 -> 00 01 ..
        00/02 01 -> 00
        06/60 01 00 00 {WITHOUT_CONTROL} -> 00
        06/61 01 00 00 -> 00 {WITHOUT_CONTROL.strip()}
        06/0c 01 00 00 -> 00 {CHASSIS.strip()}
        06/09 01 -> 00 02 ..
        00/02 01 -> d4
        00/01 -> 00 ..
        06/60 0e 00 00 {CHASSIS} -> 00
        06/09 0e -> 00 01 ..
        00/02 01 -> 00
        """
    )


def test_support_counts_the_other_way_round() -> None:
    bench = Bench(commands={"refused": {"00/0F": 0xC1}})
    bench.script(
        f"""
        06/0a 01 00 00 -> 00 08 f0 {"ff " * 13}ff
        06/61 01 00 00 -> 00 f7 0f {"00 " * 13}00
        06/0a 01 40 00 -> 00 {"ff " * 15}ff
        06/0a 01 00 01 -> 00 {"ff " * 15}ff
        06/61 01 00 01 -> 00 {NONE.strip()}
        """
    )


def test_each_channel_has_its_own() -> None:
    Bench().script(
        f"""
        06/60 0f 00 00 {WITHOUT_CONTROL} -> 00
        06/61 0f 00 00 -> 00 {WITHOUT_CONTROL.strip()}
        06/61 01 00 00 -> 00 {CHASSIS.strip()}
        00/02 01 -> 00
        """
    )


def test_the_ways_in_and_back_cannot_be_disabled() -> None:
    bench = Bench()
    enables = bytearray.fromhex(bench.ask("06/61", "01 06 00")[3:])
    for command in (0x01, 0x38, 0x3B, 0x60, 0x61):
        enables[command >> 3] &= ~(1 << (command & 7))
        assert bench.ask("06/60", f"01 06 00 {enables.hex()}") == "cc"
        enables[command >> 3] |= 1 << (command & 7)
    assert bench.state.firewall == {}


def test_what_is_not_there_cannot_be_enabled() -> None:
    Bench().script(f"06/60 01 00 00 ff ff {'00 ' * 14} -> cc")


@pytest.mark.parametrize("request_", ["02 00 00", "01 80 00", "01 2c 00", "01 00 04"])
def test_what_cannot_be_asked(request_: str) -> None:
    bench = Bench()
    for command in ("06/0a", "06/0c", "06/61"):
        assert bench.ask(command, request_) == "cc"
        assert bench.ask(command, request_[:5]) == "c7"
    assert bench.ask("06/60", f"{request_} {NONE}") == "cc"
    assert bench.ask("06/09", "02") == "cc"


def test_only_the_one_that_sets_is_a_write() -> None:
    assert is_write(0x06, 0x60, b"\x01\x00\x00" + bytes(16))
    assert not any(is_write(0x06, command, b"\x01\x00\x00") for command in (0x09, 0x0A, 0x0C, 0x61))


def test_it_survives_a_restart(tmp_path: Path) -> None:
    def rack() -> Rack:
        file = parse({"bmcs": [{"name": "a", "address": "127.0.0.1", "users": {2: {"name": "admin", "password": "secret"}}}]})
        return Rack.build(file, Clock(START), state_folder=tmp_path)

    first = rack()
    assert Client(first.bmcs["a"]).login().ask("06/60", f"01 00 00 {WITHOUT_CONTROL}") == "00"
    first.close()
    second = rack().bmcs["a"]
    assert second.state.firewall == {1: {0: {2}}}
    assert Client(second).login().ask("00/02", "01") == "d4"


@pytest.mark.parametrize(
    ("maker", "there"),
    [("idrac9", True), ("idrac10", True), ("megarac_hpe", True), ("openbmc", False), ("nvidia_openbmc", False), ("supermicro_x14", False)],
)
def test_who_has_one(maker: str, there: bool) -> None:
    personality = personalities.load(maker)
    refused = [personality.refused_command(0x06, command) for command in (0x09, 0x0A, 0x0C, 0x60, 0x61)]
    assert refused == [None if there else 0xC1] * 5
    assert BmcState.new(personality).firewall == {}


@pytest_asyncio.fixture
async def bmc(tmp_path: Path) -> AsyncIterator[Witness]:
    async with witness(tmp_path) as running:
        yield running


async def test_ipmitool_shows_and_sets_it(bmc: Witness) -> None:
    at = ("channel", "1", "lun", "0", "netfn", "0")
    # Its exit code is 1: it asks for sub-functions too, which are not there.
    await bmc.ipmitool("firewall", "disable", *at, "command", "2", status=1)
    assert bmc.bmc.state.firewall == {1: {0: {2}}}
    shown = await bmc.ipmitool("firewall", "info", *at)
    lines = {name.strip(): value.replace(" ", "") for name, _mark, value in (line.partition(":") for line in shown.splitlines())}
    assert lines["support"] == lines["configurable"] == "f78f" + "00" * 30
    assert lines["enabled"] == "f38f" + "00" * 30
    assert "Insufficient privilege level" in await bmc.ipmitool("chassis", "power", "on", status=1)
    await bmc.ipmitool("firewall", "enable", *at, "command", "2", status=1)
    await bmc.ipmitool("chassis", "power", "on")

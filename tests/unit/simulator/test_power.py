# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's power, on a clock that the tests drive."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.bmc import Bmc
from tests.unit.simulator.client import START, Client, make_bmc

ON, CYCLE, RESET, NMI, SOFT, OFF = "01", "02", "03", "04", "05", "00"
SLOW = {"on_delay": 5.0, "off_delay": 2.0, "soft_delay": 30.0, "reset_delay": 1.0, "boot_read_delay": 10.0}


def host(on: bool, **power: Any) -> Client:
    return Client(make_bmc({"power": "on" if on else "off"}, power={**SLOW, **power})).login()


def events(bmc: Bmc) -> list[str]:
    return [f"{event.what} {event.detail}".strip() for event in bmc.power.history]


def is_on(client: Client) -> bool:
    """Get Chassis Status: completion code, then b0 of the power state."""
    answer = client.ask("00/01")
    return bool(int(answer.split()[1], 16) & 1)


def test_power_on_takes_its_time() -> None:
    client = host(False)
    assert client.ask("00/02", ON) == "00"
    client.bmc.clock.advance(4.9)
    assert not is_on(client)
    client.bmc.clock.advance(0.2)
    assert is_on(client)
    assert [event.at for event in client.bmc.power.history] == [START + 5]


def test_power_off() -> None:
    client = host(True)
    client.ask("00/02", OFF)
    assert is_on(client)
    client.bmc.clock.advance(2)
    assert not is_on(client)


def test_a_later_command_takes_the_place_of_an_earlier_one() -> None:
    client = host(False)
    client.ask("00/02", ON)
    client.bmc.clock.advance(1)
    client.ask("00/02", OFF)
    client.bmc.clock.advance(20)
    assert not is_on(client)
    assert events(client.bmc) == ["off"]


def test_cycle_is_off_then_on() -> None:
    client = host(True)
    client.ask("00/0B", "03")
    client.ask("00/02", CYCLE)
    client.bmc.clock.advance(2)
    assert not is_on(client)
    client.bmc.clock.advance(7.9)
    assert not is_on(client)
    client.bmc.clock.advance(0.2)
    assert is_on(client)
    client.bmc.clock.advance(10)
    assert events(client.bmc) == ["off", "on", "boot default"]


def test_reset_stays_on_and_boots() -> None:
    client = host(True)
    client.ask("00/02", RESET)
    client.bmc.clock.advance(11)
    assert is_on(client)
    assert events(client.bmc) == ["reset", "boot default"]
    assert client.ask("00/07") == "00 01 01"


def test_soft_shutdown() -> None:
    client = host(True)
    client.ask("00/02", SOFT)
    client.bmc.clock.advance(29)
    assert is_on(client)
    client.bmc.clock.advance(2)
    assert not is_on(client)


def test_an_operating_system_that_does_not_listen() -> None:
    client = host(True, os_obeys=False)
    assert client.ask("00/02", SOFT) == "00"
    client.bmc.clock.advance(3600)
    assert client.bmc.power.on
    assert events(client.bmc) == ["shutdown-ignored"]


def test_diagnostic_interrupt() -> None:
    client = host(True)
    assert client.ask("00/02", NMI) == "00"
    assert events(client.bmc) == ["nmi"]


@pytest.mark.parametrize(("command", "code"), [(CYCLE, "d5"), (RESET, "d5"), (NMI, "d5"), (SOFT, "00"), (OFF, "00")])
def test_commands_for_a_host_that_is_off(command: str, code: str) -> None:
    client = host(False)
    assert client.ask("00/02", command) == code
    client.bmc.clock.advance(30)
    assert not is_on(client)


@pytest.mark.parametrize(("setting", "on", "command"), [("redundant_code", True, ON), ("redundant_code", False, OFF), ("soft_off_code", False, SOFT)])
def test_refusals_are_the_personalitys(setting: str, on: bool, command: str) -> None:
    assert host(on, **{setting: 0xD5}).ask("00/02", command) == "d5"


def test_one_time_boot_device_is_used_up() -> None:
    client = host(False)
    client.ask("00/08", "05 80 04 00 00 00")
    client.ask("00/02", ON)
    client.bmc.clock.advance(14.9)
    assert client.ask("00/09", "05 00 00") == "00 01 05 80 04 00 00 00"
    client.bmc.clock.advance(0.2)
    assert client.ask("00/09", "05 00 00") == "00 01 05 00 04 00 00 00"
    client.ask("00/02", RESET)
    client.bmc.clock.advance(12)
    assert events(client.bmc) == ["on", "boot network legacy once", "reset", "boot default"]


def test_persistent_boot_device_stays() -> None:
    client = host(False)
    client.ask("00/08", "05 e0 08 00 00 00")
    client.ask("00/02", ON)
    client.bmc.clock.advance(16)
    client.ask("00/02", RESET)
    client.bmc.clock.advance(12)
    boots = [event for event in events(client.bmc) if event.startswith("boot")]
    assert boots == ["boot disk efi persistent"] * 2


def test_boot_flags_expire_after_a_minute() -> None:
    client = host(False)
    client.ask("00/08", "05 80 04 00 00 00")
    client.bmc.clock.advance(58)
    assert client.ask("00/09", "05 00 00").split()[3] == "80"
    client.bmc.clock.advance(3)
    assert client.ask("00/09", "05 00 00").split()[3] == "00"


def test_parameter_3_keeps_the_flags() -> None:
    client = host(False)
    client.ask("00/08", "03 08")
    client.ask("00/08", "05 80 04 00 00 00")
    client.bmc.clock.advance(3600)
    client.login()
    client.ask("00/02", ON)
    client.bmc.clock.advance(16)
    assert events(client.bmc) == ["on", "boot network legacy once"]


@pytest.mark.parametrize(("stops", "boot"), [(True, "boot network legacy once"), (False, "boot default")])
def test_flags_and_a_power_on_that_is_slow(stops: bool, boot: str) -> None:
    client = host(False, on_delay=90.0, control_stops_boot_timer=stops)
    client.ask("00/08", "05 80 04 00 00 00")
    client.ask("00/02", ON)
    client.bmc.clock.advance(101)
    assert events(client.bmc) == ["on", boot]


@pytest.mark.parametrize(
    ("policy", "was_on", "on", "cause"),
    [(0, True, False, 1), (1, True, True, 7), (1, False, False, 1), (2, False, True, 6), (2, True, True, 6)],
)
def test_power_restore_policy(policy: int, was_on: bool, on: bool, cause: int) -> None:
    bmc = host(was_on).bmc
    bmc.state.chassis.restore_policy = policy
    bmc.power.mains_lost()
    assert not bmc.power.on
    client = Client(bmc)
    assert client.exchange(bytes.fromhex("0600ff06000011be802a0000")) is None
    bmc.power.mains_back()
    bmc.clock.advance(6)
    assert bmc.power.on is on
    assert bmc.state.chassis.restart_cause == cause
    assert bmc.state.chassis.last_event & 1


def test_power_on_hours_count_only_while_on() -> None:
    bmc = make_bmc({"power": "on"}, power=SLOW)
    bmc.clock.advance(7200)
    bmc.power.set(False)
    bmc.clock.advance(3600)
    assert bmc.state.chassis.poh == 7202

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role serial_console beside simulated BMCs: one rate for both sides. tests/integration/os_console has each family of systems."""

from __future__ import annotations

import pathlib
import shutil
import sys
import typing as t

import pytest

from tests.integration.harness import CHECKOUT, act
from tests.integration.roles.rooms import Room, Run, make_room
from tests.integration.simulator.conftest import Starter

TREE = CHECKOUT / "tests/integration/os_console/trees/freebsd14"


@pytest.fixture(scope="module")
def rack_of_three(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Room:
    """n1 has 115200 bit/s, n2 57600, n3 does not answer."""
    room = make_room(start_rack, network(), tmp_path_factory.mktemp("room"))
    for name, rate in {"n1": 115200, "n2": 57600}.items():
        options = {key: value for key, value in room.variables.items() if key.startswith("bmc_")}
        result = act("ipmi_sol", {**options, **room.host(name), "bit_rate": str(rate)})
        assert not result.get("failed"), result
    room.silence("n3")
    return room


@pytest.fixture
def room(rack_of_three: Room, tmp_path: pathlib.Path) -> Room:
    """Each host's system is FreeBSD's files in a folder."""
    hosts: dict[str, dict[str, t.Any]] = {}
    for name in rack_of_three.names:
        for part in ("shared", "as_shipped"):
            shutil.copytree(TREE / part, tmp_path / name, dirs_exist_ok=True)
        hosts[name] = {**rack_of_three.host(name), "serial_console_root": str(tmp_path / name)}
    shared = {
        **rack_of_three.variables,
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "serial_console_become": False,
        "bmc_sol_port": 1,
    }
    return Room(rack_of_three.rack, rack_of_three.prefix, {"all": {"hosts": hosts, "vars": shared}}, tmp_path)


def play(room: Room, *arguments: str, **variables: t.Any) -> Run:
    """The role, and then what it registered."""
    result = "serial_console_result"
    said = {"ansible.builtin.debug": {"msg": f"SET {{{{ {result}.device }}}} {{{{ {result}.bit_rate }}}} {{{{ {result}.found_by }}}}"}}
    return room.play({"roles": ["lightsout.bmc.serial_console"], "post_tasks": [said]}, *arguments, **variables)


def loader(room: Room, name: str) -> str:
    """What the loader of a host is told."""
    return (room.folder / name / "boot/loader.conf").read_text(encoding="utf-8")


def test_both_sides_have_one_rate_or_it_is_said_and_a_silent_bmc_stops_nothing(room: Room) -> None:
    before = room.writes()
    done = play(room, bmc_sol_bit_rate=115200)
    assert done.code == 0, done.text
    assert done.text.count("The BMC runs its console at 57600 bit/s, and the operating system is to run at 115200.") == 1, done.text
    assert done.text.count("The rate is not compared with the BMC's:") == 1, done.text
    for name in room.names:
        assert 'comconsole_speed="115200"' in loader(room, name)
    assert room.writes() == before


def test_another_rate_than_the_bmc_s_is_refused_before_anything_is_written_where_the_site_says_so(room: Room) -> None:
    before = loader(room, "n2")
    done = play(room, bmc_sol_bit_rate=115200, serial_console_check_bmc="fail")
    assert done.failed == {"n2"}, done.text
    assert "Nothing was written. The BMC runs its console at 57600 bit/s" in done.text
    assert loader(room, "n2") == before and 'comconsole_speed="115200"' in loader(room, "n1")


def test_without_a_rate_and_a_port_the_system_gets_those_of_its_bmc(room: Room) -> None:
    del room.variables["bmc_sol_port"]
    done = play(room, serial_console_check_bmc="fail")
    assert "SET ttyu0 115200 bmc" in done.text and "SET ttyu0 57600 bmc" in done.text, done.text
    # n3 does not say, and a tree has no ports to look at.
    assert done.failed == {"n3"} and "Say it with the option port" in done.text


def test_check_mode_writes_nothing_and_no_bmc_is_asked_where_the_site_says_so(room: Room) -> None:
    before, asked = [loader(room, name) for name in room.names], room.requests()
    done = play(room, "--check", "--diff", bmc_sol_bit_rate=115200, serial_console_check_bmc="never")
    assert done.code == 0 and '+comconsole_speed="115200"' in done.text, done.text
    assert [loader(room, name) for name in room.names] == before
    assert room.requests() == asked


def test_a_rate_that_cannot_be_is_refused_before_anything_is_asked(room: Room) -> None:
    asked = room.requests()
    done = play(room, "--limit", "n1", serial_console_bit_rate="1200")
    assert done.failed == {"n1"} and "must be one of" in done.text and room.requests() == asked, done.text

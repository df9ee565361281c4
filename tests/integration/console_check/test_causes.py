# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook console_check on a room where each console has another trouble: one run, and each is named with its layer.

The hosts' operating systems are folders (tests/integration/stand_in.py) with real terminals as serial ports; what is written on
them goes through the simulated BMC's serial line, at the host's bit rate.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import typing as t

import pytest

from tests.integration.harness import ansible
from tests.integration.person import LEAVE, OPERATIONAL, with_ipmitool
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, users
from tests.integration.stand_in import INITTAB, MENU, Host, Wires

SECONDS = 6
NAMES = [f"n{number}" for number in range(1, 13)]
#: Layer and cause of each.
EXPECTED = {
    "n1": (None, "works"),
    "n2": ("bmc", "sol_off"),
    "n3": ("held", "held"),
    "n4": ("rate", "wrong_rate"),
    "n5": ("kernel", "no_console"),
    "n6": ("port", "wrong_port"),
    "n7": ("login", "no_getty"),
    "n8": ("power", "host_off"),
    "n9": ("host", "host_unreachable"),
    "n10": ("bmc", "bmc_unreachable"),
    "n11": ("port", "not_wired"),
    "n12": ("loader", "loader_not_set"),
}


class Room:
    """The rack, its hosts, and the playbook's run over them."""

    def __init__(self, rack: Rack, folder: pathlib.Path, names: t.Sequence[str]) -> None:
        self.rack, self.folder = rack, folder
        self.hosts = {name: Host(folder / name) for name in names}
        self.extra: dict[str, dict[str, t.Any]] = {name: {} for name in names}
        self.addresses = {name: rack.status(name)["address"] for name in names}

    def options(self, name: str) -> dict[str, t.Any]:
        """How a person reaches a BMC."""
        return {"bmc_host": self.addresses[name], "bmc_port": self.rack.port, "bmc_user": "jane", "bmc_password": PASSWORD}

    def inventory(self) -> dict[str, t.Any]:
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        common = {**local, "bmc_timeout": 2, "console_check_seconds": SECONDS, "console_check_become": False}
        rows = {
            name: {**self.options(name), "bmc_user": "admin", "console_check_root": str(self.hosts[name].folder), **self.extra[name]} for name in self.hosts
        }
        return {"all": {"hosts": {**rows, "switch": {}}, "vars": common}}

    def check(self, *arguments: str, dest: str = "reports/consoles", names: str = "all") -> subprocess.CompletedProcess[str]:
        """Run the playbook."""
        set_here = json.dumps({"console_check_dest": str(self.folder / dest), "console_check_hosts": names})
        return ansible(
            "lightsout.bmc.console_check", "-f", "12", "-e", set_here, *arguments,
            inventory=self.inventory(), tmp_path=self.folder, program="ansible-playbook", timeout=300,
        )  # fmt: skip

    def report(self, dest: str = "reports/consoles") -> dict[str, t.Any]:
        """What it found."""
        found: dict[str, t.Any] = json.loads((self.folder / f"{dest}.json").read_text(encoding="utf-8"))
        return found


class Checked(t.NamedTuple):
    room: Room
    done: subprocess.CompletedProcess[str]
    person_saw: str
    written: dict[tuple[str, str], bytes]


@pytest.fixture(scope="module")
def room(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Room]:
    accounts = {**users(), 4: {"name": "jane", "password": PASSWORD, "privilege": "administrator"}}
    prefix, row = network(), {"source": "static", "netmask": "255.255.255.0", "users": accounts, "power": "on"}
    ranges = ("[1-9]", "[10-12]")
    rack = start_rack({"bmcs": [{**row, "name": f"n{numbers}", "address": f"{prefix}.{numbers}"} for numbers in ranges]})
    made = Room(rack, tmp_path_factory.mktemp("room"), NAMES)
    yield made
    for host in made.hosts.values():
        host.close()


@pytest.fixture(scope="module")
def checked(room: Room) -> Checked:
    """One run over all of them."""
    rack, hosts = room.rack, room.hosts
    rack.put("n2", "sol", "1", "enabled", value=False)
    rack.put("n4", "sol", "1", "volatile_bit_rate", value=6)
    rack.faults("n4", host_bit_rate=115200)
    hosts["n5"].says("ro quiet", "tty0", None)
    hosts["n6"].says("console=tty0 console=ttyS0,115200n8", "tty0 ttyS0", "ttyS0")
    hosts["n7"].says(getty=None)
    rack.ask("power", "n8", set="off")
    room.extra["n9"] = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    rack.faults("n10", silent=True)
    hosts["n12"].write("boot/grub/menu.lst", MENU)
    hosts["n12"].write("etc/inittab", INITTAB)
    wires = Wires(rack)
    for name, host in hosts.items():
        wires.connect(name, host, None if name == "n11" else "ttyS1")
    with wires, with_ipmitool(room.options("n3")) as person:
        person.sees(OPERATIONAL)
        done = room.check()
        assert person.there, "the person was cut off"
        person.types("\r")
        person.sees("login:")
        person.types(LEAVE)
        person.leaves()
        saw = person.printed
    return Checked(room, done, saw, wires.written)


@pytest.mark.parametrize("name", NAMES)
def test_the_layer_and_the_cause_are_named(checked: Checked, name: str) -> None:
    found = checked.room.report()["hosts"][name]
    assert (found["layer"], found["cause"]) == EXPECTED[name], (found, checked.done.stdout)
    assert found["state"] == {"works": "works", "host_unreachable": "unproven"}.get(found["cause"], "fails")
    assert found["detail"] and (found["advice"] or found["cause"] == "works")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("n1", "written on ttyS1 came to Serial over LAN"),
        ("n3", "held by user 4 (jane) from 127."),
        ("n4", "the BMC uses 9600, the host has ttyS1 at 115200"),
        ("n6", "wired to ttyS1, and the kernel's console is ttyS0"),
        ("n12", "the console works now, and grub_legacy is not set for it"),
        ("n11", "written on ttyS0, ttyS1 did not come"),
    ],
)
def test_the_detail_says_what_it_is_told_by(checked: Checked, name: str, told: str) -> None:
    assert told in checked.room.report()["hosts"][name]["detail"]


def test_a_system_that_os_console_does_not_know_is_noted_and_fails_nothing(checked: Checked) -> None:
    assert "no loader was found" in "; ".join(checked.room.report()["hosts"]["n1"]["notes"])


def test_a_person_finds_no_marker_on_the_screen(checked: Checked) -> None:
    assert "lightsout" not in checked.person_saw and "login:" in checked.person_saw
    assert ("n3", "ttyS1") not in checked.written, "nothing was written on that host"
    assert b"lightsout-console-check" in checked.written["n1", "ttyS1"]


def test_it_fails_counts_and_leaves_hosts_without_a_bmc_out(checked: Checked) -> None:
    assert checked.done.returncode != 0 and "consoles: 1 of 12 work, 10 fail, 1 not proven" in checked.done.stdout
    summary = checked.room.report()["summary"]
    assert summary["layers"] == {"bmc": 2, "power": 1, "held": 1, "host": 1, "port": 2, "rate": 1, "loader": 1, "kernel": 1, "login": 1}
    assert "switch" not in checked.room.report()["hosts"]


def test_the_page_has_a_row_for_each(checked: Checked) -> None:
    page = (checked.room.folder / "reports/consoles.md").read_text(encoding="utf-8")
    assert [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| n")] == [
        f"| {name}" for name in [*(name for name in NAMES[1:] if name != "n9"), "n9", "n1"]
    ]


def test_no_session_stays_and_no_secret_is_shown(checked: Checked) -> None:
    room = checked.room
    assert [room.rack.status(name)["sol"] for name in NAMES] == [[]] * len(NAMES)
    assert PASSWORD not in checked.done.stdout + checked.done.stderr + (room.folder / "reports/consoles.json").read_text(encoding="utf-8")


def test_check_mode_opens_nothing_and_writes_nothing(checked: Checked) -> None:
    room = checked.room
    wires = Wires(room.rack)
    wires.connect("n1", room.hosts["n1"], "ttyS1")
    room.rack.ask("clear_counters", "n1")
    with wires:
        looked = room.check("--check", "-e", "console_check_fail=false", names="n1", dest="looked")
    assert looked.returncode == 0 and "host: not_marked (1): n1" in looked.stdout, looked.stdout
    assert wires.written == {} and not (room.folder / "looked.json").exists()
    assert "06/48" not in room.rack.status("n1")["by_command"], "the console was opened"

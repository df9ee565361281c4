# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/bootstrap_in_band.yml: BMCs without a network are set from inside their hosts, by the real program.

Each managed host is a Python of its own whose /dev/ipmi0 leads to an ipmi_sim's system interface (tests/in_band). The
network in front of each BMC is silent for its old address, and the witness is ipmitool at the new one.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import typing as t
import venv
from dataclasses import dataclass

import pytest

from tests.integration.harness import CHECKOUT, ansible, fields
from tests.integration.ipmi_sim.conftest import Starter, next_address
from tests.integration.ipmi_sim.rig import FACTORY_PASSWORD, FACTORY_USER, Bmc

PORT: t.Final = 9802
ACCOUNTS: t.Final = [
    {"name": "deploy", "password": "Deploy-secret-1", "purpose": "administration"},
    {"name": "watch", "password": "Watch-secret-3", "purpose": "monitoring"},
]
OWN: t.Final = ACCOUNTS[0]
SECRETS: t.Final = [account["password"] for account in ACCOUNTS]
PATIENCE: t.Final = 180

Variables = dict[str, t.Any]
Counters = dict[str, dict[str, int]]


@dataclass
class Room:
    """Servers whose BMCs nobody reaches from outside."""

    bmcs: dict[str, Bmc]
    addresses: dict[str, str]
    folder: pathlib.Path
    python: str = sys.executable

    def variables(self, name: str) -> Variables:
        """A host's own."""
        bmc = self.bmcs[name]
        return {"bmc_host": self.addresses[name], "bmc_port": bmc.port, "bmc_vlan_id": 117, "ansible_python_interpreter": self.host_python(name)}

    def host_python(self, name: str) -> str:
        """The Python of a managed host."""
        path = self.folder / f"python-{name}"
        way = f"{pathlib.Path(__file__).parents[2] / 'in_band/python'}:{CHECKOUT}"
        path.write_text(
            f'#!/bin/sh\nLIGHTSOUT_TEST_BMC={self.bmcs[name].sim.host}:{PORT} PYTHONPATH={way}:$PYTHONPATH exec {self.python} "$@"\n',
            encoding="ascii",
        )
        path.chmod(0o755)
        return str(path)

    def bootstrap(self, *args: str, hosts: t.Mapping[str, Variables] | None = None, **more: t.Any) -> tuple[str, Counters]:
        """Run the playbook: its output, and the recap."""
        named = {name: {**self.variables(name), **(hosts or {}).get(name, {})} for name in self.bmcs}
        common = {
            "ansible_connection": "local",
            "bmc_netmask": 16,
            "bmc_gateway": "127.41.0.254",
            "bmc_user": OWN["name"],
            "bmc_password": OWN["password"],
            "bmc_accounts": ACCOUNTS,
            "bmc_factory_user": FACTORY_USER,
            "bmc_timeout": 3,
            "bmc_sol": {"bit_rate": "115200"},
            "bootstrap_become": False,
            "bootstrap_pyghmi": "none",
            "bootstrap_drivers": [],
            "bootstrap_wait": 4,
            **more,
        }
        done = ansible(
            str(CHECKOUT / "playbooks/bootstrap_in_band.yml"),
            *args,
            program="ansible-playbook",
            inventory={"all": {"hosts": named, "vars": common}},
            tmp_path=self.folder,
            timeout=PATIENCE,
        )
        return done.stdout + done.stderr, recap(done)

    def as_deploy(self) -> None:
        """Look with the own account from now on."""
        for bmc in self.bmcs.values():
            bmc.user, bmc.password = OWN["name"], OWN["password"]


def recap(done: subprocess.CompletedProcess[str]) -> Counters:
    """The play recap's counters of each host."""
    lines = re.findall(r"^(\w+) +: (ok=.*)$", done.stdout, re.MULTILINE)
    return {name: {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", counters)} for name, counters in lines}


def accounts(bmc: Bmc) -> set[str]:
    """The names of its accounts, as ipmitool sees them."""
    return set(re.findall(r"^\d+ +(\w+) +(?:true|false) ", bmc.ipmitool("user", "list", "1"), re.MULTILINE)) - {"true", "false"}


def failed(counters: Counters) -> set[str]:
    """Hosts that failed."""
    return {name for name, one in counters.items() if one["failed"] or one["unreachable"]}


Building = t.Callable[[int], Room]


@pytest.fixture
def build(start: Starter, tmp_path: pathlib.Path) -> Building:
    """Builds a room of servers; their BMCs will move to addresses of their own."""

    def room(size: int) -> Room:
        bmcs = {f"node{number}": start(in_band=PORT) for number in range(1, size + 1)}
        return Room(bmcs, {name: next_address() for name in bmcs}, tmp_path)

    return room


def test_bmcs_without_a_network_are_set_from_inside_and_come(build: Building) -> None:
    room = build(2)
    text, counters = room.bootstrap("--check", "--diff")
    assert {name: (one["changed"], one["failed"]) for name, one in counters.items()} == dict.fromkeys(room.bmcs, (1, 0)), text
    assert all(f'"ip_address": "{address}"' in text for address in room.addresses.values())
    for bmc in room.bmcs.values():
        assert (bmc.writes(), bmc.host) == ([], bmc.sim.host)
    shown = text
    text, counters = room.bootstrap()
    assert counters and not failed(counters), text
    assert not [secret for secret in [*SECRETS, FACTORY_PASSWORD] if secret in text + shown]
    for name, bmc in room.bmcs.items():
        assert bmc.host == room.addresses[name] != bmc.sim.host
    room.as_deploy()
    for bmc in room.bmcs.values():
        lan = fields(bmc.ipmitool("lan", "print", "1"))
        assert (lan["IP Address Source"], lan["802.1q VLAN ID"], lan["Default Gateway IP"]) == ("Static Address", "117", "127.41.0.254")
        assert accounts(bmc) == {"deploy", "watch"}
        assert fields(bmc.ipmitool("sol", "info", "1"))["Volatile Bit Rate (kbps)"] == "115.2"
        bmc.mark()
    text, counters = room.bootstrap()
    assert {name: one["changed"] for name, one in counters.items()} == dict.fromkeys(room.bmcs, 0), text
    for bmc in room.bmcs.values():
        assert (bmc.writes(), bmc.sessions()) == ([], 0)


def test_a_bmc_that_does_not_come_fails_alone_with_its_cause_and_keeps_the_makers_account(build: Building) -> None:
    room = build(6)
    came, lost, lonely, one_gone, other_gone, taken = room.bmcs.values()
    for bmc in (lost, lonely, one_gone, other_gone):
        bmc.front.patience = 0
    for number, bmc in enumerate(room.bmcs.values()):
        (bmc.sim.folder / "hardware/mac_addr").write_text(f"52:54:00:00:01:0{number}\n", encoding="ascii")
    hosts: dict[str, Variables] = {"node3": {"bmc_vlan_id": 118}, "node4": {"bmc_vlan_id": 119}, "node5": {"bmc_vlan_id": 119}}
    # The inventory sends it to another one's BMC.
    hosts["node6"] = {"bmc_host": room.addresses["node1"], "bmc_address": room.addresses["node6"]}
    text, counters = room.bootstrap(hosts=hosts, bootstrap_wait=1)
    assert failed(counters) == {"node2", "node3", "node4", "node5", "node6"}, text
    assert f"node2: its BMC was set from inside, and nobody answers at {room.addresses['node2']}" in text
    assert f"{room.addresses['node2']}/255.255.0.0, VLAN 117, gateway 127.41.0.254" in text
    assert "It knows no MAC address of its gateway 127.41.0.254" in text
    assert "Of VLAN 117, node1 and 1 more answered, so the way there is open" in text
    assert "It is the only one of VLAN 118" in text
    assert text.count("Nor does any other BMC of VLAN 119 (1 more): it is not reachable from here") >= 2
    assert "node6: another machine's BMC answers at" in text and "52:54:00:00:01:05" in text
    # Nothing was taken away before a login from outside had worked.
    for bmc in (lost, lonely, one_gone, other_gone):
        bmc.front.patience = None
    room.as_deploy()
    assert accounts(came) == {"deploy", "watch"}
    assert [accounts(bmc) for bmc in (lost, lonely, one_gone, other_gone, taken)] == [{FACTORY_USER, "deploy", "watch"}] * 5
    text, counters = room.bootstrap("--limit", "node1,node2")
    assert {name: (one["changed"], one["failed"]) for name, one in counters.items()} == {"node1": (0, 0), "node2": (1, 0)}, text
    assert accounts(lost) == {"deploy", "watch"}


def test_a_plan_that_cannot_be_touches_no_host(build: Building) -> None:
    room = build(2)
    text, counters = room.bootstrap(hosts={"node2": {"bmc_host": room.addresses["node1"]}}, bmc_gateway="192.0.2.1")
    assert failed(counters) and "Nothing was written. The policy cannot be" in text
    assert "is also that of" in text and "the gateway 192.0.2.1 is outside the subnet" in text
    text, counters = room.bootstrap(bmc_user="nobody")
    assert failed(counters) and "must be one of bmc_accounts" in text
    assert [request for bmc in room.bmcs.values() for request in bmc.requests()] == []


class TestWhatAHostLacks:
    """pyghmi and the driver, on a server that has neither."""

    @pytest.fixture
    def bare(self, start: Starter, tmp_path: pathlib.Path) -> Room:
        """A server whose Python has nothing but itself."""
        venv.create(tmp_path / "bare", symlinks=True)
        return Room({"node1": start(in_band=PORT)}, {"node1": next_address()}, tmp_path, str(tmp_path / "bare/bin/python"))

    def test_the_files_of_pyghmi_are_copied_without_any_repository(self, bare: Room) -> None:
        brought: Variables = {"bootstrap_pyghmi": "copy", "bootstrap_folder": str(bare.folder / "lib")}
        text, counters = bare.bootstrap("--check", **brought)
        assert not failed(counters) and counters["node1"]["changed"] == 1, text
        assert "node1: what would change in its BMC cannot be told" in text and not (bare.folder / "lib").exists()
        text, counters = bare.bootstrap(**brought)
        assert not failed(counters), text
        assert bare.bmcs["node1"].host == bare.addresses["node1"]
        text, counters = bare.bootstrap(**brought)
        assert counters["node1"]["changed"] == 0, text

    def test_without_a_way_to_bring_it_the_package_and_the_python_are_named(self, bare: Room) -> None:
        text, counters = bare.bootstrap()
        assert failed(counters) == {"node1"}
        assert "python3-pyghmi" in text and str(bare.folder / "bare/bin/python") in text, text
        assert bare.bmcs["node1"].writes() == []

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job against ipmi_sim: a rack fresh from the factory is provisioned by the real program."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import typing as t
from dataclasses import dataclass

import pytest

from tests.integration.harness import CHECKOUT, ansible, fields
from tests.integration.ipmi_sim.conftest import Starter, next_address
from tests.integration.ipmi_sim.rig import FACTORY_PASSWORD, FACTORY_USER, Bmc

SIZE: t.Final = 4
ACCOUNTS: t.Final = [
    {"name": "deploy", "password": "Deploy-secret-1", "privilege": "administrator"},
    {"name": "oper", "password": "Oper-secret-2", "privilege": "operator"},
    {"name": "watch", "password": "Watch-secret-3", "privilege": "user"},
]
OWN: t.Final = ACCOUNTS[0]
WRONG_PASSWORD: t.Final = "Falsches-Passwrt"
COMMUNITY: t.Final = "s3kr1t-communtiy"
SECRETS: t.Final = [FACTORY_PASSWORD, WRONG_PASSWORD, COMMUNITY, *(account["password"] for account in ACCOUNTS)]
#: Seconds that one run of the playbook may take.
PATIENCE: t.Final = 180

Variables = dict[str, t.Any]


@dataclass
class Rack:
    """BMCs as they come from the factory, and where they shall be."""

    bmcs: dict[str, Bmc]
    addresses: dict[str, str]
    folder: pathlib.Path

    def inventory(self, hosts: t.Mapping[str, Variables] | None = None) -> Variables:
        """The inventory of a rack; `hosts` has more variables of some hosts, or more hosts."""
        named = {
            name: {
                "bmc_host": self.addresses[name],
                "bmc_factory_host": bmc.sim.host,
                "bmc_port": bmc.port,
                "bmc_vlan_id": 100 + number,
            }
            for number, (name, bmc) in enumerate(self.bmcs.items())
        }
        for name, more in (hosts or {}).items():
            named[name] = {**named.get(name, {}), **more}
        common = {
            "bmc_netmask": "255.255.0.0",
            "bmc_gateway": "127.41.0.254",
            "bmc_user": OWN["name"],
            "bmc_password": OWN["password"],
            "bmc_accounts": ACCOUNTS,
            "bmc_factory_user": FACTORY_USER,
            "bmc_factory_password": FACTORY_PASSWORD,
            "bmc_timeout": 3,
            "bmc_sol": {"bit_rate": "115200"},
            "power_on_batch": 2,
            "power_on_interval": 1,
        }
        return {"all": {"hosts": named, "vars": common}}

    def provision(self, *args: str, hosts: t.Mapping[str, Variables] | None = None) -> subprocess.CompletedProcess[str]:
        """Run the playbook."""
        playbook = str(CHECKOUT / "playbooks/provision_rack.yml")
        return ansible(
            playbook,
            *args,
            program="ansible-playbook",
            inventory=self.inventory(hosts),
            tmp_path=self.folder,
            timeout=PATIENCE,
        )

    def own(self) -> None:
        """Look with the own account from now on."""
        for bmc in self.bmcs.values():
            bmc.user, bmc.password = OWN["name"], OWN["password"]


@pytest.fixture
def rack(start: Starter, tmp_path: pathlib.Path) -> Rack:
    """Four BMCs that will move to addresses of their own."""
    bmcs = {f"node{number}": start() for number in range(1, SIZE + 1)}
    return Rack(bmcs, {name: next_address() for name in bmcs}, tmp_path)


def recap(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, int]]:
    """The play recap's counters of each host."""
    lines = re.findall(r"^(\w+) +: (ok=.*)$", done.stdout, re.MULTILINE)
    return {name: {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", counters)} for name, counters in lines}


def test_a_rack_is_provisioned_and_a_second_run_changes_nothing(rack: Rack) -> None:
    done = rack.provision()
    assert done.returncode == 0, done.stdout + done.stderr
    rack.own()
    for number, (name, bmc) in enumerate(rack.bmcs.items()):
        assert bmc.host == rack.addresses[name] != bmc.sim.host
        witnessed(bmc, number)
        bmc.mark()
    again = rack.provision()
    assert again.returncode == 0, again.stdout + again.stderr
    assert {name: counters["changed"] for name, counters in recap(again).items()} == dict.fromkeys(rack.bmcs, 0)
    for bmc in rack.bmcs.values():
        assert bmc.writes() == []
        assert bmc.sessions() == 0


def witnessed(bmc: Bmc, number: int) -> None:
    """ipmitool and FreeIPMI see what the playbook says, and no session is left."""
    assert bmc.sessions() == 0
    lan = fields(bmc.ipmitool("lan", "print", "1"))
    shown = {
        "IP Address Source": "Static Address",
        "IP Address": bmc.host,
        "Subnet Mask": "255.255.0.0",
        "Default Gateway IP": "127.41.0.254",
        "802.1q VLAN ID": str(100 + number),
    }
    assert {key: lan[key] for key in shown} == shown
    sol = fields(bmc.ipmitool("sol", "info", "1"))
    assert (sol["Enabled"], sol["Volatile Bit Rate (kbps)"], sol["Non-Volatile Bit Rate (kbps)"]) == ("true", "115.2", "115.2")
    assert "Chassis Power is on" in bmc.ipmitool("chassis", "power", "status")
    assert "Force PXE" in bmc.ipmitool("chassis", "bootparam", "get", "5")
    assert bmc.sim.hardware("boot") == "pxe"
    # The maker's slot is 2; the own accounts went into the next ones.
    seen = bmc.checkout("User2", "User3", "User4", "User5")
    assert [(seen[f"User{slot}:Username"], seen[f"User{slot}:Lan_Privilege_Limit"]) for slot in range(2, 6)] == [
        ("", "No_Access"),
        ("deploy", "Administrator"),
        ("oper", "Operator"),
        ("watch", "User"),
    ]
    for account in ACCOUNTS:
        words = ("-L", "USER", "chassis", "power", "status")
        assert "Chassis Power is on" in bmc.ipmitool(*words, user=account["name"], password=account["password"])


def test_check_mode_writes_nothing(rack: Rack) -> None:
    done = rack.provision("--check", "--diff")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(counters["changed"] for counters in recap(done).values())
    for bmc in rack.bmcs.values():
        assert (bmc.writes(), bmc.host, bmc.sessions()) == ([], bmc.sim.host, 0)


def test_failures_and_the_highest_verbosity_show_no_secret(rack: Rack) -> None:
    silent = rack.bmcs["node4"]
    silent.front.patience = 0
    hosts: dict[str, Variables] = {"node3": {"bmc_factory_password": WRONG_PASSWORD}, "node4": {"bmc_timeout": 1}}
    done = rack.provision("-vvvv", "--diff", hosts=hosts)
    counters = recap(done)
    assert done.returncode != 0
    assert {name: one["failed"] for name, one in counters.items()} == {"node1": 0, "node2": 0, "node3": 1, "node4": 1}
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []
    assert "wrong password for user" in done.stdout and "no answer on UDP port" in done.stdout
    silent.front.patience = None
    for name, bmc in rack.bmcs.items():
        if name in ("node1", "node2"):
            bmc.user, bmc.password = OWN["name"], OWN["password"]
        assert bmc.sessions() == 0
    assert rack.bmcs["node3"].writes() == silent.writes() == []


def test_each_module_shows_no_secret_when_it_fails(rack: Rack) -> None:
    connection = {
        "bmc_host": "{{ bmc_factory_host }}",
        "bmc_user": "{{ bmc_factory_user }}",
        "bmc_password": "{{ bmc_factory_password }}",
    }
    # On ipmi_sim each of these fails: some of them before anything is sent, some by the BMC.
    secret_lan = {"snmp_community": "{{ community }}", "arp_responses": True}
    modules: list[tuple[str, dict[str, t.Any]]] = [
        ("ipmi_lan", secret_lan),
        ("ipmi_config", {"users": "{{ bmc_accounts }}", "lan": [secret_lan]}),
        ("ipmi_config", {"users": "{{ bmc_accounts }}", "boot": {"bootdev": "safe"}}),
        ("ipmi_user", {"name": "x", "password": "{{ community }}", "privilege": "nonsense"}),
        ("ipmi_user", {"name": "x", "password": "{{ community * 2 }}"}),
        ("ipmi_boot", {"bootdev": "safe"}),
        ("ipmi_power", {"bmc_password": "{{ wrong }}", "state": "on"}),
        ("ipmi_sol", {"bmc_kg": "{{ wrong }}", "enabled": True}),
    ]
    tasks = [{f"lightsout.bmc.{module}": {**connection, **args}} for module, args in modules]
    play = [{"hosts": "node1", "gather_facts": False, "tasks": [{**task, "ignore_errors": True} for task in tasks]}]
    path = rack.folder / "play.json"
    path.write_text(json.dumps(play), encoding="utf-8")
    hosts: dict[str, Variables] = {"node1": {"community": COMMUNITY, "wrong": WRONG_PASSWORD}}
    done = ansible(
        *(str(path), "-vvvv", "--diff"),
        program="ansible-playbook",
        inventory=rack.inventory(hosts),
        tmp_path=rack.folder,
        timeout=PATIENCE,
    )
    assert recap(done)["node1"]["ignored"] == len(tasks), done.stdout
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []
    assert rack.bmcs["node1"].sessions() == 0

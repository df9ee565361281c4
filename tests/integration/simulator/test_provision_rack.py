# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/provision_rack.yml against a simulated rack of all makers, with ipmitool as the witness."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest

from tests.integration.harness import CHECKOUT, act, ansible, fields, ipmitool
from tests.integration.simulator.conftest import Rack, Starter

PLAYBOOK = str(CHECKOUT / "playbooks" / "provision_rack.yml")
AUTOMATION, OPERATOR = "Auto-Mation-4711", "Con-Sole-Pass-08"
#: Maker: account, password, cipher suite for ipmitool, LAN channel.
MAKERS: dict[str, tuple[str, str, int]] = {
    "idrac9": ("root", "Factory-Dell9", 17),
    "supermicro_x14": ("ADMIN", "FACTORYLABEL", 17),
    "openbmc": ("root", "0penFactory", 17),
    "ilo5": ("Administrator", "FACTORY1", 3),
    "lenovo_xcc": ("USERID", "PASSW0RD-label", 17),
    "nvidia_openbmc": ("root", "0penFactory-Nv", 17),
    "idrac10": ("root", "Factory-Dell10", 17),
}


class Site(t.NamedTuple):
    """A rack and the inventory for it."""

    rack: Rack
    prefix: str
    inventory: dict[str, t.Any]

    def host(self, maker: str) -> str:
        """Where its BMC shall be."""
        return f"{self.prefix}.{list(MAKERS).index(maker) + 1}"


@pytest.fixture
def site(start_rack: Starter, network: t.Callable[[], str]) -> Site:
    """A rack fresh from the factory, one BMC of each maker."""
    prefix = network()
    bmcs, hosts = [], {}
    for number, (maker, (account, password, _suite)) in enumerate(MAKERS.items(), 1):
        bmcs.append(
            {
                "name": maker,
                "maker": maker,
                "dhcp": {"address": f"{prefix}.{100 + number}", "gateway": f"{prefix}.254"},
                "personality": {"network": {"move_delay": 0.2}, "power": {"on_delay": 0.5}},
                "unreachable_vlans": [666],
            }
        )
        hosts[maker] = {
            "bmc_host": f"{prefix}.{number}",
            "bmc_factory_host": f"{prefix}.{100 + number}",
            "bmc_factory_user": account,
            "bmc_factory_password": password,
        }
    rack = start_rack({"bmcs": bmcs})
    variables = {
        "bmc_port": rack.port,
        "bmc_timeout": 2,
        "bmc_netmask": 24,
        "bmc_gateway": f"{prefix}.254",
        "bmc_vlan_id": 100,
        "bmc_user": "automation",
        "bmc_password": AUTOMATION,
        "bmc_accounts": [
            # As the role bmc_accounts takes it, too.
            {"name": "automation", "password": AUTOMATION, "purpose": "administration"},
            {"name": "operator", "password": OPERATOR, "privilege": "operator", "sol_payload": True},
        ],
        "power_on_batch": 4,
        "power_on_interval": 1,
    }
    return Site(rack, prefix, {"all": {"hosts": hosts, "vars": variables}})


def provision(site: Site, tmp_path: pathlib.Path, *args: str) -> tuple[str, dict[str, dict[str, int]]]:
    """Run the playbook: its output, and the recap by host."""
    done = ansible(
        PLAYBOOK, "-f", "8", *args, program="ansible-playbook", inventory=site.inventory, tmp_path=tmp_path
    )
    text = done.stdout + done.stderr
    recap: dict[str, dict[str, int]] = {}
    for line in done.stdout.splitlines():
        match = re.match(r"^(\w+) +: (ok=.*)$", line)
        if match:
            recap[match[1]] = {key: int(count) for key, count in (word.split("=") for word in match[2].split())}
    return text, recap


def failures(recap: dict[str, dict[str, int]]) -> set[str]:
    """Hosts that failed."""
    return {host for host, counts in recap.items() if counts["failed"] or counts["unreachable"]}


def test_a_factory_fresh_rack_comes_into_order_and_the_second_run_changes_nothing(
    site: Site, tmp_path: pathlib.Path
) -> None:
    text, recap = provision(site, tmp_path)
    assert set(recap) == set(MAKERS), text
    assert not failures(recap), text
    for maker, (account, password, suite) in MAKERS.items():
        host = site.host(maker)

        def ask(*command: str, host: str = host, suite: int = suite) -> str:
            return ipmitool(host, "automation", AUTOMATION, *command, port=site.rack.port, suite=suite)

        lan = fields(ask("lan", "print"))
        assert (lan["IP Address"], lan["IP Address Source"]) == (host, "Static Address")
        assert (lan["Default Gateway IP"], lan["802.1q VLAN ID"]) == (f"{site.prefix}.254", "100")
        channel = lan.get("channel", "2" if maker == "ilo5" else "1")
        users = ask("user", "list", channel)
        assert "automation" in users and "operator" in users
        assert not re.search(rf"^\d+ +{account} ", users, re.MULTILINE), users
        assert "on" in ask("chassis", "power", "status")
        sol = fields(ask("sol", "info", channel))
        assert (sol["Enabled"], sol["Force Encryption"]) == ("true", "true"), maker
        status = site.rack.status(maker)
        assert status["sessions"] == [], maker
        factory = act(
            "ipmi_power",
            {
                "bmc_host": host,
                "bmc_port": site.rack.port,
                "bmc_user": account,
                "bmc_password": password,
                "bmc_timeout": 2,
            },
        )
        assert factory["failed"], maker
    writes = {maker: site.rack.writes(maker) for maker in MAKERS}
    text, recap = provision(site, tmp_path)
    assert not failures(recap), text
    assert {counts["changed"] for counts in recap.values()} == {0}, text
    assert {maker: site.rack.writes(maker) for maker in MAKERS} == writes
    assert "WARNING" not in text.replace("not supported by this BMC", "")
    assert AUTOMATION not in text and OPERATOR not in text


def test_check_mode_writes_nothing_and_says_what_would_change(site: Site, tmp_path: pathlib.Path) -> None:
    text, recap = provision(site, tmp_path, "--check", "--diff")
    assert not failures(recap), text
    assert {counts["changed"] for counts in recap.values()} == {1}, text
    assert {site.rack.writes(maker) for maker in MAKERS} == {0}
    assert AUTOMATION not in text


def test_a_bmc_with_trouble_fails_alone_and_a_later_run_carries_on(site: Site, tmp_path: pathlib.Path) -> None:
    # One refuses the address after it took the accounts, one goes silent in the middle.
    site.rack.faults("supermicro_x14", refuse={"0C/01:0103": 0xD4})
    site.rack.faults("idrac10", silent_after=25)
    text, recap = provision(site, tmp_path)
    assert failures(recap) == {"supermicro_x14", "idrac10"}, text
    site.rack.ask("heal")
    text, recap = provision(site, tmp_path)
    assert not failures(recap), text
    text, recap = provision(site, tmp_path)
    assert {counts["changed"] for counts in recap.values()} == {0}, text


def test_servers_are_switched_on_in_batches(site: Site, tmp_path: pathlib.Path) -> None:
    provision(site, tmp_path)
    history = site.rack.ask("history")["bmcs"]
    times = sorted(event["at"] for events in history.values() for event in events if event["what"] == "on")
    assert len(times) == len(MAKERS)
    # Four, a pause of a second, then the other three.
    assert times[4] - times[3] > 1.0

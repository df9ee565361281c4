# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles bmc_network, bmc_accounts and bmc_sol against a rack of several makers, with ipmitool as the witness."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest

from tests.integration.harness import ansible, fields, ipmitool
from tests.integration.simulator.conftest import Rack, Starter

AUTOMATION, POWER, MONITOR = "Auto-Mation-4711", "Pow-Er-Pass-4711", "Moni-Tor-Pass-08"
#: Maker: account, password, cipher suite for ipmitool, LAN channel.
MAKERS: dict[str, tuple[str, str, int, int]] = {
    "idrac9": ("root", "Factory-Dell9", 17, 1),
    "supermicro_x14": ("ADMIN", "FACTORYLABEL", 17, 1),
    "openbmc": ("root", "0penFactory", 17, 1),
    "ilo5": ("Administrator", "FACTORY1", 3, 2),
    "lenovo_xcc": ("USERID", "PASSW0RD-label", 17, 1),
}
HOSTS = {maker: f"r1n{number:02}" for number, maker in enumerate(MAKERS, 1)}
ALL = ("bmc_network", "bmc_accounts", "bmc_sol")


class Site(t.NamedTuple):
    """A rack, and the inventory for it."""

    rack: Rack
    prefix: str
    inventory: dict[str, t.Any]
    folder: pathlib.Path

    @property
    def variables(self) -> dict[str, t.Any]:
        """What holds for all hosts."""
        return t.cast("dict[str, t.Any]", self.inventory["all"]["vars"])

    def host(self, name: str) -> dict[str, t.Any]:
        """The variables of one host."""
        return t.cast("dict[str, t.Any]", self.inventory["all"]["hosts"][name])

    def writes(self) -> dict[str, int]:
        """Requests so far that changed something, by host."""
        return {name: self.rack.writes(name) for name in HOSTS.values()}

    def requests(self) -> int:
        """Requests so far, of all BMCs."""
        return sum(int(self.rack.status(name)["requests"]) for name in HOSTS.values())


@pytest.fixture
def site(start_rack: Starter, network: t.Callable[[], str], tmp_path: pathlib.Path) -> Site:
    """A rack fresh from the factory, one BMC of each maker, at .101 and so on, and a policy for it."""
    prefix = network()
    bmcs, hosts = [], {}
    for number, (maker, (account, password, _suite, _channel)) in enumerate(MAKERS.items(), 1):
        name = HOSTS[maker]
        dhcp = {"address": f"{prefix}.{100 + number}", "gateway": f"{prefix}.254"}
        bmcs.append({"name": name, "maker": maker, "dhcp": dhcp, "personality": {"network": {"move_delay": 0.2}}})
        hosts[name] = {"bmc_host": f"{prefix}.{100 + number}", "bmc_user": account, "bmc_password": password}
    rack = start_rack({"bmcs": bmcs})
    variables = {
        "bmc_port": rack.port,
        "bmc_timeout": 2,
        "rack": "A1",
        "bmc_network_plan": "name",
        "bmc_network_probe_timeout": 1,
        "bmc_network_racks": {"A1": {"subnet": f"{prefix}.0/24", "gateway": -1, "vlan_id": 141}},
        "bmc_accounts": [
            {"name": "automation", "purpose": "administration", "password": AUTOMATION},
            {"name": "power", "purpose": "power", "password": POWER},
            {"name": "monitor", "purpose": "monitoring", "password": MONITOR},
        ],
        "bmc_sol_enabled": True,
        "bmc_sol_force_encryption": True,
        "bmc_sol_bit_rate": 115200,
    }
    return Site(rack, prefix, {"all": {"hosts": hosts, "vars": variables}}, tmp_path)


class Run(t.NamedTuple):
    """What a run printed, and its recap by host."""

    text: str
    recap: dict[str, dict[str, int]]

    @property
    def failed(self) -> set[str]:
        """The hosts that failed."""
        return {host for host, counts in self.recap.items() if counts["failed"] or counts["unreachable"]}

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host."""
        return {host: counts["changed"] for host, counts in self.recap.items()}


def run(site: Site, *args: str, roles: t.Sequence[t.Any] = ALL, play: dict[str, t.Any] | None = None) -> Run:
    """A play with these roles, and after them a task that finds the BMC by its variables."""
    after = {"name": "Ask afterwards", "lightsout.bmc.ipmi_power": {}, "changed_when": False}
    found = [role if isinstance(role, dict) else {"role": f"lightsout.bmc.{role}"} for role in roles]
    content = [{"name": "Policy", "hosts": "all", "gather_facts": False, "roles": found, "post_tasks": [after], **(play or {})}]
    playbook = site.folder / "play.yml"
    playbook.write_text(json.dumps(content), encoding="utf-8")
    done = ansible(str(playbook), "-f", "5", *args, program="ansible-playbook", inventory=site.inventory, tmp_path=site.folder)
    recap = {}
    for line in done.stdout.splitlines():
        match = re.match(r"^(\w+) +: (ok=.*)$", line)
        if match:
            recap[match[1]] = {key: int(count) for key, count in (word.split("=") for word in match[2].split())}
    return Run(done.stdout + done.stderr, recap)


def asked(site: Site, maker: str, *command: str, user: str = "automation", password: str = AUTOMATION, privilege: str = "ADMINISTRATOR") -> str:
    """What ipmitool reads at the planned address."""
    number = int(HOSTS[maker][-2:])
    return ipmitool(f"{site.prefix}.{number}", user, password, "-L", privilege, *command, port=site.rack.port, suite=MAKERS[maker][2])


def test_a_rack_comes_to_the_policy_and_the_second_run_changes_nothing(site: Site) -> None:
    first = run(site)
    assert not first.failed and set(first.recap) == set(HOSTS.values()), first.text
    assert set(first.changed.values()) == {3}, first.text
    for maker, (_account, _password, _suite, channel) in MAKERS.items():
        lan = fields(asked(site, maker, "lan", "print", str(channel)))
        assert (lan["IP Address"], lan["Subnet Mask"], lan["IP Address Source"]) == (
            f"{site.prefix}.{int(HOSTS[maker][-2:])}",
            "255.255.255.0",
            "Static Address",
        )
        assert (lan["Default Gateway IP"], lan["802.1q VLAN ID"]) == (f"{site.prefix}.254", "141")
        users = asked(site, maker, "user", "list", str(channel))
        privileges = {line.split()[1]: line.split()[-1] for line in users.splitlines()[1:] if len(line.split()) > 5}
        assert (privileges["automation"], privileges["power"], privileges["monitor"]) == ("ADMINISTRATOR", "OPERATOR", "USER"), users
        sol = fields(asked(site, maker, "sol", "info", str(channel)))
        assert (sol["Enabled"], sol["Force Encryption"]) == ("true", "true"), maker
    writes = site.writes()
    # The inventory still has the factory's addresses.
    again = run(site)
    assert not again.failed, again.text
    assert set(again.changed.values()) == {0}, again.text
    assert site.writes() == writes
    for text in (first.text, again.text):
        assert not any(secret in text for secret in (AUTOMATION, POWER, MONITOR))


def test_check_mode_says_what_would_change_and_writes_nothing(site: Site) -> None:
    found = run(site, "--check", "--diff")
    assert not found.failed, found.text
    assert set(found.changed.values()) == {3}, found.text
    assert set(site.writes().values()) == {0}
    assert re.search(r'\+ +"vlan_id": 141', found.text) and re.search(r'\+ +"name": "monitor"', found.text), found.text


def test_a_bad_plan_is_refused_with_every_problem_and_nothing_is_written_on_any_bmc(site: Site) -> None:
    site.host("r1n02")["bmc_network_address"] = f"{site.prefix}.1"
    site.host("r1n03")["bmc_network_override"] = {"gateway": "192.0.2.1"}
    site.host("r1n04")["rack"] = "Z9"
    site.host("r1n05")["bmc_network_override"] = {"vlan_id": 5000}
    # The first batch would be fine by itself.
    found = run(site, roles=["bmc_network"], play={"serial": 1})
    assert found.failed == {"r1n01"}, found.text
    message = found.text[found.text.index("Nothing was written. The policy cannot be:") :]
    for problem in (
        f"r1n01: its address {site.prefix}.1 is also that of r1n02",
        f"r1n02: its address {site.prefix}.1 is also that of r1n01",
        f"r1n03: the gateway 192.0.2.1 is outside the subnet {site.prefix}.0/24",
        "r1n04: its rack 'Z9' is not in bmc_network_racks",
        "r1n05: ",
    ):
        assert problem in message, found.text
    assert set(site.writes().values()) == {0}


@pytest.mark.parametrize(
    ("host", "spoilt", "problem"),
    [
        ("r1n03", {"bmc_accounts": [{"name": "automation", "password": "Far-Too-Long-For-IPMI-"}]}, "account automation: the password has 22 bytes"),
        ("r1n03", {"bmc_accounts": [{"name": "automation", "password": "{{ vault_that_nobody_has }}"}]}, "r1n03: bmc_accounts cannot be evaluated"),
        # Ansible's own check of arguments takes this host out before the plan is made.
        ("r1n01", {"bmc_sol_bit_rate": 4800}, "r1n01: value of bmc_sol_bit_rate must be one of"),
        ("r1n03", {"bmc_accounts_password_min": 18}, "r1n03: account automation: the password has 16 bytes; at least 18 are needed"),
    ],
)
def test_the_mistake_of_one_host_in_one_role_stops_all_roles_before_the_first_write(
    site: Site, host: str, spoilt: dict[str, t.Any], problem: str
) -> None:
    site.host(host).update(spoilt)
    found = run(site)
    assert problem in found.text, found.text
    assert set(site.writes().values()) == {0}
    assert not any(secret in found.text for secret in ("Far-Too-Long", AUTOMATION, POWER, MONITOR))


def test_bmcs_are_not_mixed_up_when_their_addresses_are_swapped(site: Site) -> None:
    site.host("r1n01")["bmc_network_address"] = f"{site.prefix}.102"
    site.host("r1n02")["bmc_network_address"] = f"{site.prefix}.101"
    found = run(site, roles=["bmc_network"])
    assert f"r1n01: its address {site.prefix}.102 is where the BMC of r1n02 is now" in found.text, found.text
    assert set(site.writes().values()) == {0}


def test_what_the_play_and_the_roles_call_say_counts_as_for_any_role(site: Site) -> None:
    site.variables["bmc_network_vlan_id"] = 5
    racks = site.variables.pop("bmc_network_racks")
    play = {"vars": {"bmc_network_subnet": racks["A1"]["subnet"], "bmc_network_address": f"{site.prefix}.{{{{ 30 + inventory_hostname[3:] | int }}}}"}}
    role = {"role": "lightsout.bmc.bmc_network", "vars": {"bmc_network_vlan_id": 77}}
    found = run(site, roles=[role], play=play)
    assert not found.failed and set(found.changed.values()) == {1}, found.text
    for number, name in enumerate(HOSTS.values(), 1):
        assert site.rack.status(name)["address"] == f"{site.prefix}.{30 + number}"
    reading = {"bmc_host": f"{site.prefix}.31", "bmc_user": "root", "bmc_password": MAKERS["idrac9"][1]}
    text = ipmitool(reading["bmc_host"], reading["bmc_user"], reading["bmc_password"], "lan", "print", port=site.rack.port, suite=17)
    assert fields(text)["802.1q VLAN ID"] == "77"


def test_a_role_that_is_included_in_batches_does_the_same(site: Site) -> None:
    task = {"name": "Set the console", "ansible.builtin.include_role": {"name": "lightsout.bmc.bmc_sol"}}
    found = run(site, roles=[], play={"tasks": [task], "serial": [1, 10]})
    assert not found.failed and set(found.changed.values()) == {1}, found.text
    site.host("r1n05")["bmc_sol_port"] = 9
    writes = site.writes()
    site.variables["bmc_sol_privilege"] = "administrator"
    found = run(site, roles=[], play={"tasks": [task], "serial": [1, 10]})
    assert "r1n05: bmc_sol_port is 9; it is 0 to 3" in found.text, found.text
    assert site.writes() == writes


def test_with_the_tag_of_the_plan_no_bmc_is_asked(site: Site) -> None:
    before = site.requests()
    found = run(site, "--tags", "bmc_network_plan,bmc_accounts_plan,bmc_sol_plan")
    assert not found.failed, found.text
    site.host("r1n03")["rack"] = "Z9"
    found = run(site, "--tags", "bmc_network_plan")
    assert "r1n03: its rack 'Z9' is not in bmc_network_racks" in found.text, found.text
    assert site.requests() == before


def test_roles_without_variables_ask_no_bmc(site: Site) -> None:
    for name in [name for name in site.variables if re.match("bmc_(network|accounts|sol)", name)]:
        del site.variables[name]
    before = site.requests()
    found = run(site, play={"post_tasks": []})
    assert not found.failed, found.text
    assert site.requests() == before


def test_a_bmc_that_refuses_fails_alone_and_a_later_run_carries_on(site: Site) -> None:
    site.rack.faults("r1n02", refuse={"0C/01:0103": 0xD4})
    found = run(site, roles=["bmc_network"])
    assert found.failed == {"r1n02"}, found.text
    site.rack.ask("heal")
    found = run(site, roles=["bmc_network"])
    assert not found.failed, found.text
    assert found.changed == {name: int(name == "r1n02") for name in HOSTS.values()}


def test_an_own_password_is_changed_only_when_that_is_allowed_and_the_next_task_has_the_new_one(site: Site) -> None:
    account, _password, _suite, _channel = MAKERS["supermicro_x14"]
    own = [{"name": account, "password": AUTOMATION}]
    for name in HOSTS.values():
        if name != "r1n02":
            del site.inventory["all"]["hosts"][name]
    site.variables["bmc_accounts"] = own
    found = run(site, roles=["bmc_accounts"])
    assert "is to have another password than bmc_password" in found.text, found.text
    assert site.rack.writes("r1n02") == 0
    site.variables["bmc_accounts_change_own_password"] = True
    found = run(site, roles=["bmc_accounts"])
    assert not found.failed and "Ask afterwards" in found.text, found.text
    assert AUTOMATION not in found.text


def test_another_mac_address_than_expected_stops_that_host_before_anything_is_written(site: Site) -> None:
    account, password, suite, channel = MAKERS["openbmc"]
    before = ipmitool(f"{site.prefix}.103", account, password, "lan", "print", str(channel), port=site.rack.port, suite=suite)
    site.host("r1n03")["bmc_network_mac_address"] = fields(before)["MAC Address"].upper().replace(":", "-")
    site.host("r1n02")["bmc_network_mac_address"] = "52:54:00:00:00:99"
    found = run(site, roles=["bmc_network"])
    assert found.failed == {"r1n02"} and "and not 52:54:00:00:00:99. Nothing was written" in found.text.replace("\n", " "), found.text
    assert site.rack.writes("r1n02") == 0 and site.rack.writes("r1n03") > 0


def test_what_else_belongs_to_a_place_is_set_and_the_second_run_changes_nothing(site: Site) -> None:
    # These two makers have all of it.
    for name in set(HOSTS.values()) - {"r1n01", "r1n02"}:
        del site.inventory["all"]["hosts"][name]
    site.variables.update(
        bmc_network_power_restore_policy="previous",
        bmc_network_controller_id="{{ inventory_hostname }}-sp",
        bmc_network_ipv6_subnet="2001:db8:1::/64",
        bmc_network_nic_mode="dedicated",
        bmc_accounts_purge=True,
    )
    # An account that nobody named, and that is not in use.
    stray = {"bmc_accounts": [{"name": "stray", "password": "Nobody-Knows-Why", "privilege": "operator"}], "bmc_accounts_purge": False}
    made = run(site, roles=[{"role": "lightsout.bmc.bmc_accounts", "vars": stray}])
    assert not made.failed, made.text
    found = run(site)
    assert not found.failed, found.text
    for maker in ("idrac9", "supermicro_x14"):
        name, number = HOSTS[maker], int(HOSTS[maker][-2:])
        assert f"Address:        2001:db8:1::{number}/64" in asked(site, maker, "lan6", "print", "1")
        assert f"{name}-sp" in asked(site, maker, "dcmi", "get_mc_id_string")
        assert fields(asked(site, maker, "chassis", "status"))["Power Restore Policy"] == "previous"
        users = asked(site, maker, "user", "list", "1")
        assert "monitor" in users and "stray" not in users and MAKERS[maker][0] in users, users
    again = run(site)
    assert not again.failed and set(again.changed.values()) == {0}, again.text


def test_no_output_has_a_password_whatever_goes_wrong(site: Site) -> None:
    site.rack.faults("r1n01", refuse={"06/47": 0xD4})
    site.rack.faults("r1n02", refuse={"06/45": 0xD4})
    accounts = [{"name": "automation", "password": AUTOMATION}, {"name": "monitor", "password": MONITOR, "purpose": "monitoring"}]
    role = {"role": "lightsout.bmc.bmc_accounts", "vars": {"bmc_accounts": accounts}}
    found = run(site, "-vvvv", "--diff", roles=[role])
    assert found.failed == {"r1n01", "r1n02"}, found.text
    accounts.append({"name": "power", "password": POWER, "purpose": "fun"})
    wrong = run(site, "-vvvv", roles=[role])
    assert wrong.failed == set(HOSTS.values()), wrong.text
    secrets = (AUTOMATION, POWER, MONITOR, *(password for _account, password, _suite, _channel in MAKERS.values()))
    for text in (found.text, wrong.text):
        assert [secret for secret in secrets if secret in text] == []

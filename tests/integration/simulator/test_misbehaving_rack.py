# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rack in which one BMC in five misbehaves while everything is configured: nobody is locked out."""

from __future__ import annotations

import json
import pathlib
import subprocess
import typing as t
from dataclasses import dataclass

import pytest
import yaml

from tests.integration.harness import TOOL_TIMEOUT, ansible
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, users

NEW_PASSWORD = "Neu-und-besser-1"
#: How many BMCs behave for each one that does not.
GOOD_FOR_EACH_BAD = 4
SET_LAN, SET_ACCESS, SET_ADDRESS, SET_VLAN = "0C/01", "06/43", "0C/01:0103", "0C/01:0114"


@dataclass(frozen=True)
class Trouble:
    """What one BMC does wrong, and how its result names that."""

    bmc: dict[str, t.Any]  #: of its entry in the rack file
    reason: str | None  #: None: the task gets it done all the same
    names: str = ""  #: words of the message

    def __bool__(self) -> bool:
        return self.reason is not None


TROUBLES: t.Final[dict[str, Trouble]] = {
    "ignores-writes": Trouble({"faults": {"ignore": [SET_ACCESS]}}, "not_verified", "privilege"),
    "ignores-lan": Trouble({"faults": {"ignore": [SET_LAN]}}, "not_verified", "cipher_privileges"),
    "ignores-the-address": Trouble({"faults": {"ignore": [SET_ADDRESS]}}, "restored", "put back"),
    "busy-ten-times": Trouble({"faults": {"busy": 10}}, None),
    "refuses-the-last-step": Trouble({"faults": {"refuse": {SET_VLAN: 0xCC}}}, "refused", "vlan_id"),
    "resets-half-way": Trouble({"faults": {"reset_before": [SET_ACCESS]}}, "session_lost", "restarting"),
    "moves-late": Trouble({"personality": {"network": {"move_delay": 20}}}, None),
    "never-moves": Trouble({"personality": {"network": {"moves": False}}}, "restored", "put back"),
}


@dataclass
class Site:
    """The rack, and for each BMC its old and its new address."""

    rack: Rack
    old: dict[str, str]
    new: dict[str, str]
    results: dict[str, t.Any]

    def writes_by(self, name: str) -> list[dict[str, t.Any]]:
        """Its journal."""
        return t.cast("list[dict[str, t.Any]]", self.rack.ask("journal", name)["bmcs"][name])


def _wish(new: str) -> dict[str, t.Any]:
    """Everything at once: accounts, the own password, console, chassis, names, channel, cipher suites, network, VLAN."""
    return {
        "users": [
            {"name": "admin", "password": NEW_PASSWORD, "privilege": "administrator", "update_password": "always"},
            {"name": "monitor", "password": "Nur-zum-Lesen-01", "privilege": "user"},
            {"name": "oper", "privilege": "operator", "sol_payload": True},
        ],
        "sol": {"enabled": True, "force_encryption": True, "bit_rate": "115200", "retry_count": 5},
        "chassis": {"power_restore_policy": "previous", "reset_button": False},
        "controller": {"controller_id": "ccw0001", "asset_tag": "INV-0815"},
        "channels": [
            {
                "pef_alerting": False,
                "auth_types": {"user": ["md5"], "operator": ["md5"], "administrator": ["md5"]},
                "cipher_privileges": {"17": "administrator", "3": "administrator", "others": "unused"},
                "bad_password": {"threshold": 5, "reset_interval": 60, "lockout_interval": 60},
            }
        ],
        "lan": [
            {
                "ip_source": "static",
                "ip_address": new,
                "netmask": "255.255.255.0",
                "vlan_id": 120,
                "snmp_community": "Rechenzentrum",
            }
        ],
    }


def _names() -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for trouble, what in TROUBLES.items():
        yield trouble, what.bmc
        for number in range(GOOD_FOR_EACH_BAD):
            yield f"{trouble}-good{number}", {}


@pytest.fixture(scope="module")
def site(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Configure the whole rack in one run of ansible-playbook; what came of it."""
    tmp_path = tmp_path_factory.mktemp("run")
    prefix = network()
    old = {name: f"{prefix}.{number}" for number, (name, _bmc) in enumerate(_names(), 1)}
    new = {name: f"{prefix}.{number}" for number, (name, _bmc) in enumerate(_names(), 101)}
    common = {"maker": "generic", "source": "static", "netmask": "255.255.255.0", "users": users()}
    rack = start_rack({"bmcs": [{"name": name, "address": old[name], **common, **bmc} for name, bmc in _names()]})
    hosts = {name: {"bmc_host": old[name], "wish": _wish(new[name])} for name in old}
    variables = {"bmc_port": rack.port, "bmc_user": "admin", "bmc_password": PASSWORD, "bmc_timeout": 10}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {
                "lightsout.bmc.ipmi_config": {part: f"{{{{ wish.{part} }}}}" for part in _wish("")} | {"verify_timeout": 30},
                "register": "result",
                "ignore_errors": True,
            },
            {
                "ansible.builtin.copy": {
                    "content": "{{ result | to_json }}",
                    "dest": f"{tmp_path}/{{{{ inventory_hostname }}}}.json",
                    "mode": "0600",
                },
                "delegate_to": "localhost",
            },
        ],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    done = ansible(
        str(tmp_path / "play.yml"),
        "-f",
        "12",
        program="ansible-playbook",
        inventory={"all": {"hosts": hosts, "vars": variables}},
        tmp_path=tmp_path,
        timeout=300,
    )
    assert NEW_PASSWORD not in done.stdout + done.stderr
    results = {name: json.loads(_read(tmp_path / f"{name}.json", done.stdout)) for name in old}
    return Site(rack, old, new, results)


def _read(path: pathlib.Path, output: str) -> str:
    assert path.exists(), output
    return path.read_text(encoding="utf-8")


def opens(site: Site, address: str, password: str) -> bool:
    """Whether ipmitool gets in there."""
    login = ("-I", "lanplus", "-C", "17", "-N", "1", "-R", "1", "-H", address, "-p", str(site.rack.port))
    done = subprocess.run(
        ["ipmitool", *login, "-U", "admin", "-P", password, "chassis", "power", "status"],
        capture_output=True,
        text=True,
        timeout=TOOL_TIMEOUT,
        check=False,
    )
    return done.returncode == 0 and "Chassis Power is" in done.stdout


BAD = [name for name, trouble in TROUBLES.items() if trouble]
GOOD = [name for name, _bmc in _names() if name not in BAD]


@pytest.mark.parametrize("name", GOOD)
def test_a_bmc_that_behaves_or_only_dawdles_is_as_asked_for(site: Site, name: str) -> None:
    result = site.results[name]
    assert not result.get("failed"), result
    assert (result["changed"], result["verified"]) == (True, True)
    assert opens(site, site.new[name], NEW_PASSWORD)


@pytest.mark.parametrize("name", BAD)
def test_a_bmc_that_misbehaves_is_named_with_what_it_did(site: Site, name: str) -> None:
    result = site.results[name]
    assert result["failed"], result
    assert result["reason"] == TROUBLES[name].reason, result["msg"]
    assert site.old[name] in result["msg"] and TROUBLES[name].names in result["msg"]


@pytest.mark.parametrize("name", BAD)
def test_a_bmc_that_misbehaves_is_not_locked_out(site: Site, name: str) -> None:
    ways_in = [(address, password) for address in (site.old[name], site.new[name]) for password in (PASSWORD, NEW_PASSWORD)]
    assert any(opens(site, *way_in) for way_in in ways_in)


@pytest.mark.parametrize("name", [name for name, _bmc in _names()])
def test_no_write_is_repeated_before_the_state_was_read(site: Site, name: str) -> None:
    #: Writes that were accepted and that nothing has read after.
    open_writes: set[tuple[int, int, str]] = set()
    for entry in site.writes_by(name):
        write = (entry["netfn"], entry["cmd"], entry["data"])
        if not entry["write"]:
            open_writes.clear()
            continue
        if _is_bracket(entry):
            continue
        assert write not in open_writes, f"{name} was told the same twice: {entry}"
        if entry["code"] == 0:
            open_writes.add(write)


def _is_bracket(entry: dict[str, t.Any]) -> bool:
    """Set-in-progress around each group of writes."""
    return bool(entry["netfn"] == 0x0C and entry["data"][2:4] == "00")


def test_every_session_is_given_back(site: Site) -> None:
    held = {name: status["sessions"] for name, status in site.rack.ask("status")["bmcs"].items() if status["sessions"]}
    assert held == {}

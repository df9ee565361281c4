# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rack in which one BMC in five misbehaves while it is hardened: nobody is locked out, and the report names each."""

from __future__ import annotations

import json
import subprocess
import typing as t
from dataclasses import dataclass

import pytest
import yaml

from tests.integration.harness import TOOL_TIMEOUT, ansible
from tests.integration.simulator.conftest import Rack, Starter

OWN, PASSWORD, COMMUNITY = "automation", "Auto-Mation-4711", "Not-The-Default"
FACTORY: t.Final = ("ADMIN", "ADMIN")
#: How many BMCs behave for each one that does not.
GOOD_FOR_EACH_BAD = 4
SET_ACCESS, SET_SUITES = "06/43", "0C/01:0118"
#: Every door open.
OPEN: t.Final[dict[str, t.Any]] = {"auth_support": 0x37, "auth_enables": [0x37] * 5, "arp": 3}


@dataclass(frozen=True)
class Trouble:
    """What one BMC does wrong, the controls that it keeps from being met, and a word of its report."""

    bmc: dict[str, t.Any]  #: of its entry in the rack file
    left: frozenset[str]  #: these at least fail in the end
    names: str


TROUBLES: t.Final[dict[str, Trouble]] = {
    "ignores-writes": Trouble({"faults": {"ignore_writes": True}}, frozenset({"C-01", "A-02", "U-05", "S-02", "T-01"}), "accepted"),
    "takes-a-disabled-suite": Trouble({"personality": {"lan": {**OPEN, "cipher_accepts": [0]}}}, frozenset({"C-01"}), "cipher suites 0"),
    "refuses-the-last-step": Trouble({"faults": {"refuse": {SET_SUITES: 0xCC}}}, frozenset({"C-01", "C-02"}), "0xCC"),
    "resets-in-between": Trouble({"faults": {"reset_before": [SET_ACCESS]}}, frozenset(), "restarting"),
}


def _names() -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for trouble, what in TROUBLES.items():
        yield trouble, what.bmc
        for number in range(GOOD_FOR_EACH_BAD):
            yield f"{trouble}-good{number}", {}


@dataclass
class Site:
    """The rack, and what came of hardening it."""

    rack: Rack
    addresses: dict[str, str]
    results: dict[str, dict[str, t.Any]]
    output: str
    code: int

    def opens(self, name: str, *login: str, suite: int = 17) -> bool:
        """Whether ipmitool gets in there."""
        user, password = login
        way = ("-I", "lanplus", "-C", str(suite), "-N", "1", "-R", "2", "-H", self.addresses[name], "-p", str(self.rack.port))
        done = subprocess.run(
            ["ipmitool", *way, "-U", user, "-P", password, "mc", "guid"],
            capture_output=True,
            text=True,
            timeout=TOOL_TIMEOUT,
            check=False,
        )
        return done.returncode == 0


@pytest.fixture(scope="module")
def site(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Harden the whole rack in one run of ansible-playbook."""
    folder = tmp_path_factory.mktemp("run")
    prefix = network()
    addresses = {name: f"{prefix}.{number}" for number, (name, _bmc) in enumerate(_names(), 1)}
    common = {
        "maker": "generic",
        "source": "static",
        "personality": {"lan": OPEN},
        "users": {4: {"name": OWN, "password": PASSWORD, "privilege": "administrator", "sol": True}},
    }
    rack = start_rack({"bmcs": [{"name": name, "address": addresses[name], **common, **bmc} for name, bmc in _names()]})
    keep = {
        "name": "Keep the result",
        "ansible.builtin.copy": {
            "content": "{{ bmc_hardening_result | to_json }}",
            "dest": f"{folder}/{{{{ inventory_hostname }}}}.json",
            "mode": "0600",
        },
        "delegate_to": "localhost",
    }
    role = {"name": "Harden", "ansible.builtin.include_role": {"name": "lightsout.bmc.bmc_hardening"}}
    play = {"hosts": "all", "gather_facts": False, "tasks": [{"name": "All", "block": [role], "always": [keep]}]}
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    variables = {
        "bmc_port": rack.port,
        "bmc_user": OWN,
        "bmc_password": PASSWORD,
        "bmc_timeout": 3,
        "bmc_hardening_profile": "L2",
        "bmc_hardening_policy": {"allowed_users": [OWN], "sol_users": [OWN], "snmp_community": COMMUNITY},
    }
    inventory = {"all": {"hosts": {name: {"bmc_host": address} for name, address in addresses.items()}, "vars": variables}}
    done = ansible(str(folder / "play.yml"), "-f", "10", program="ansible-playbook", inventory=inventory, tmp_path=folder, timeout=300)
    output = done.stdout + done.stderr
    missing = [name for name in addresses if not (folder / f"{name}.json").exists()]
    assert not missing, output
    results = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in addresses}
    return Site(rack, addresses, results, output, done.returncode)


BAD = list(TROUBLES)
GOOD = [name for name, _bmc in _names() if name not in BAD]
#: What no BMC can be mended of, by writing alone: the password's form, event filtering, hashes that are given away.
NEVER_MENDED: t.Final = {"U-10", "T-03", "P-08"}


def failing(result: dict[str, t.Any]) -> set[str]:
    return {control for control, state in result["after"]["states"].items() if state == "fail"}


@pytest.mark.parametrize("name", GOOD)
def test_a_bmc_that_behaves_is_hardened(site: Site, name: str) -> None:
    result = site.results[name]
    assert result["problem"] == ""
    assert failing(result) <= NEVER_MENDED
    assert site.opens(name, OWN, PASSWORD)
    assert not site.opens(name, OWN, "wrong", suite=0)
    assert not site.opens(name, *FACTORY)


@pytest.mark.parametrize("name", BAD)
def test_a_bmc_that_misbehaves_is_not_locked_out(site: Site, name: str) -> None:
    assert site.opens(name, OWN, PASSWORD)


@pytest.mark.parametrize("name", BAD)
def test_a_bmc_that_misbehaves_is_named_with_what_it_did(site: Site, name: str) -> None:
    result = site.results[name]
    assert TROUBLES[name].names in result["problem"], result["problem"]
    assert TROUBLES[name].left <= failing(result)
    told = {entry["control"] for entry in result["left"]}
    assert failing(result) <= told


def test_the_report_names_the_bmcs_that_misbehave_and_no_others(site: Site) -> None:
    assert site.code != 0
    failed = {name for name in site.addresses if f"fatal: [{name}]" in site.output}
    assert failed == set(BAD)


def test_every_session_is_given_back_and_no_secret_was_told(site: Site) -> None:
    held = {name: status["sessions"] for name, status in site.rack.ask("status")["bmcs"].items() if status["sessions"]}
    assert held == {}
    assert PASSWORD not in site.output and COMMUNITY not in site.output

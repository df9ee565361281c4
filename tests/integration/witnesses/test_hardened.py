# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hardened BMCs of several makers, and OpenIPMI's ipmi_sim: FreeIPMI sees every value, and ipmitool is refused.

What the audit after the hardening calls passed, FreeIPMI must see so. What it does not call passed must be what that
maker's BMC cannot do, and is in `EXCEPTIONS`.
"""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import typing as t
from dataclasses import dataclass

import pytest
import yaml

from tests.integration.harness import TOOL_TIMEOUT, ansible, witness
from tests.integration.ipmi_sim.conftest import next_address
from tests.integration.ipmi_sim.front import Front
from tests.integration.ipmi_sim.rig import IpmiSim, Model, free_port, ipmi_port
from tests.integration.simulator.conftest import Starter

OWN, PASSWORD, COMMUNITY = "automation", "Auto-Mation-4711", "Not-The-Default"
SIM: t.Final = "ipmi_sim"
#: Maker: the factory's account and password.
MAKERS: t.Final = {
    "generic": ("ADMIN", "ADMIN"),
    "supermicro_x14": ("ADMIN", "FACTORYLABEL"),
    "idrac9": ("root", "Factory-Dell9"),
    "inventec_5441": ("root", "superuser0"),
    "openbmc": ("root", "0penFactory"),
    SIM: ("ADMIN", "ADMIN"),
}
HARDENED: t.Final = list(MAKERS)
#: Keys that FreeIPMI finds on each, of those that a control which passed is about: makers lack commands.
LEAST: t.Final = {"generic": 50, "supermicro_x14": 8, "idrac9": 8, "inventec_5441": 20, "openbmc": 8, SIM: 6}
#: It keeps privileges of cipher suites, applies them in part, and FreeIPMI cannot log in any more then.
SKIPPED: t.Final = {SIM: ["C-02", "C-03", "C-05"]}
ONLY_SUITE_3: t.Final = {SIM, "inventec_5441"}
#: It takes every cipher suite and IPMI 1.5, whatever it is set to. The audit has to say so.
CANNOT_BE_CLOSED: t.Final = {SIM}
#: Every door open, where a maker's BMC lets it be opened.
OPEN: t.Final[dict[str, t.Any]] = {
    "lan": {"auth_support": 0x37, "auth_enables": [0x37, 0x37, 0x37, 0x37, 0x37], "community": "public", "arp": 3},
}
POLICY: t.Final = {
    "allowed_users": [OWN],
    "snmp_community": COMMUNITY,
    "cipher_privileges": {"17": "administrator", "3": "administrator", "others": "unused"},
    "sol_users": [OWN],
    "gratuitous_arp": False,
}
#: What FreeIPMI has to see where a control passed: section, pattern of keys, value.
_KEYS: t.Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "A-01": (("Lan_Conf_Auth", r".*_Enable_Auth_Type_.*", "No"),),
    "A-02": (("Lan_Conf_Auth", r".*_Enable_Auth_Type_None", "No"),),
    "A-03": (("Lan_Conf_Auth", r".*_Enable_Auth_Type_Straight_Password", "No"),),
    "A-04": (("Lan_Conf_Auth", r".*_Enable_Auth_Type_(MD2|OEM_Proprietary)", "No"),),
    "C-05": (("Rmcpplus_Conf_Privilege", r"Maximum_Privilege_Cipher_Suite_Id_(?!3$|17$)\d+", "Unused"),),
    "H-01": (("Lan_Channel", r".*_Enable_Per_Message_Auth", "Yes"),),
    "H-02": (("Lan_Channel", r".*_Enable_User_Level_Auth", "Yes"),),
    "H-03": (("Lan_Channel", r".*_Access_Mode", "Always_Available"),),
    "L-01": (("Lan_Conf_User_Security", "Bad_Password_Threshold", r"[1-9]|10"),),
    "N-05": (("Lan_Conf_Misc", "Enable_Gratuitous_ARPs", "No"),),
    "S-02": (("SOL_Conf", "Force_SOL_Payload_Encryption", "Yes"),),
    "S-03": (("SOL_Conf", "Force_SOL_Payload_Authentication", "Yes"),),
    "T-01": (("Community_String", "Community_String", COMMUNITY),),
}
SECTIONS: t.Final = sorted({section for keys in _KEYS.values() for section, _key, _value in keys})


@dataclass(frozen=True)
class Door:
    """A way in that must be closed."""

    name: str
    options: tuple[str, ...]

    def opens(self, host: str, port: int, user: str, password: str) -> bool:
        """Whether ipmitool gets in there."""
        done = subprocess.run(
            ["ipmitool", *self.options, "-N", "1", "-R", "1", "-H", host, "-p", str(port), "-U", user, "-P", password, "mc", "guid"],
            capture_output=True,
            text=True,
            timeout=TOOL_TIMEOUT,
            check=False,
        )
        return done.returncode == 0 and "GUID" in done.stdout


SUITE_17, SUITE_3 = Door("suite 17", ("-I", "lanplus", "-C", "17")), Door("suite 3", ("-I", "lanplus", "-C", "3"))
SUITE_0, IPMI_15 = Door("suite 0", ("-I", "lanplus", "-C", "0")), Door("IPMI 1.5", ("-I", "lan"))


@dataclass
class Site:
    """What came of hardening all of them in one run."""

    hosts: dict[str, tuple[str, int]]
    before: dict[str, set[str]]  #: doors that were open
    results: dict[str, dict[str, t.Any]]

    def states(self, maker: str) -> dict[str, str]:
        """The states of the audit after it, by control."""
        return t.cast("dict[str, str]", self.results[maker]["after"]["states"])

    def login(self, maker: str) -> Door:
        """The door that stays open."""
        return SUITE_3 if maker in ONLY_SUITE_3 else SUITE_17

    def checkout(self, maker: str) -> dict[str, dict[str, str]]:
        """What FreeIPMI sees: section, key, value."""
        return {section: self._section(maker, section) for section in SECTIONS}

    def _section(self, maker: str, section: str) -> dict[str, str]:
        host, port = self.hosts[maker]
        login = ["-D", "LAN_2_0", "-l", "ADMIN", *(("-W", "opensesspriv", "-I", "3") if maker in ONLY_SUITE_3 else ("-I", "17"))]
        category = "pef" if section == "Community_String" else "core"
        # 1 says that some key, or the section, was not there, which makers' BMCs lack.
        text = witness(
            *("ipmi-config", *login, "-h", f"{host}:{port}", "-u", OWN, "-p", PASSWORD, "-g", category, "--checkout", "-S", section),
            codes=(0, 1),
        )
        lines = (line.split(None, 1) for line in text.splitlines() if line.startswith("\t") and not line.strip().startswith("#"))
        return {words[0]: words[1].strip() if len(words) > 1 else "" for words in lines}


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[str, int]]:
    """An ipmi_sim with the factory's account and ours."""
    model = Model(users={2: (*MAKERS[SIM], "admin"), 3: (OWN, PASSWORD, "admin")}, log=False, source="static")
    host = next_address()
    folder = tmp_path_factory.mktemp("sim")
    program = IpmiSim(folder / "bmc", host, free_port(host), model)
    front = Front((host, ipmi_port(host)), (host, program.port), moved=folder / "bmc/hardware/moved")
    try:
        program.wait_until_ready()
        yield front.address, front.port
    finally:
        front.stop()
        program.stop()


@pytest.fixture(scope="module")
def site(
    start_rack: Starter, network: t.Callable[[], str], sim: tuple[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """Harden all of them in one run of ansible-playbook."""
    folder = tmp_path_factory.mktemp("run")
    prefix = network()
    own = {"name": OWN, "password": PASSWORD, "privilege": "administrator", "sol": True}
    made = [maker for maker in MAKERS if maker != SIM]
    rack = start_rack(
        {
            "bmcs": [
                {
                    "name": maker,
                    "maker": maker,
                    "address": f"{prefix}.{number}",
                    "source": "static",
                    "users": {4: own},
                    "personality": OPEN if maker == "generic" else {},
                }
                for number, maker in enumerate(made, 1)
            ]
        }
    )
    hosts = {maker: (f"{prefix}.{number}", rack.port) for number, maker in enumerate(made, 1)} | {SIM: sim}
    before = {
        maker: {door.name for door in (SUITE_0, IPMI_15) if door.opens(*hosts[maker], OWN, "wrong" if door is SUITE_0 else PASSWORD)}
        for maker in ("generic", SIM)
    }
    return Site(hosts, before, _harden(folder, hosts))


def _harden(folder: pathlib.Path, hosts: dict[str, tuple[str, int]]) -> dict[str, dict[str, t.Any]]:
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
        "bmc_user": OWN,
        "bmc_password": PASSWORD,
        "bmc_timeout": 3,
        "bmc_hardening_profile": "L2",
        "bmc_hardening_policy": POLICY,
    }
    each = {
        maker: {"bmc_host": host, "bmc_port": port, "bmc_hardening_skip": SKIPPED.get(maker, [])} for maker, (host, port) in hosts.items()
    }
    inventory = {"all": {"hosts": each, "vars": variables}}
    done = ansible(str(folder / "play.yml"), "-f", "6", program="ansible-playbook", inventory=inventory, tmp_path=folder, timeout=300)
    output = done.stdout + done.stderr
    assert COMMUNITY not in output and PASSWORD not in output
    missing = [maker for maker in hosts if not (folder / f"{maker}.json").exists()]
    assert not missing, output
    return {maker: json.loads((folder / f"{maker}.json").read_text(encoding="utf-8")) for maker in hosts}


def test_the_doors_were_open_before(site: Site) -> None:
    assert site.before["generic"] == {SUITE_0.name, IPMI_15.name}


@pytest.mark.parametrize("maker", HARDENED)
def test_freeipmi_sees_what_the_audit_calls_passed(site: Site, maker: str) -> None:
    states, seen = site.states(maker), site.checkout(maker)
    looked_at = 0
    for control, keys in _KEYS.items():
        if states.get(control) != "pass":
            continue
        for section, pattern, value in keys:
            for key, actual in seen.get(section, {}).items():
                if re.fullmatch(pattern, key):
                    looked_at += 1
                    assert re.fullmatch(value, actual), f"{control} passed, and FreeIPMI sees {section}:{key} {actual}"
    assert looked_at >= LEAST[maker], f"FreeIPMI saw {looked_at} keys alone"


def test_a_bmc_that_has_everything_passes_every_control_that_freeipmi_sees(site: Site) -> None:
    states = site.states("generic")
    assert {control: states[control] for control in _KEYS} == dict.fromkeys(_KEYS, "pass")


@pytest.mark.parametrize("maker", HARDENED)
def test_our_own_way_in_is_still_there(site: Site, maker: str) -> None:
    assert site.login(maker).opens(*site.hosts[maker], OWN, PASSWORD)


@pytest.mark.parametrize("maker", HARDENED)
def test_a_login_with_suite_0_is_refused_or_the_audit_says_that_it_is_not(site: Site, maker: str) -> None:
    opens = SUITE_0.opens(*site.hosts[maker], OWN, "wrong-password")
    assert (site.states(maker)["C-01"] == "pass") is not opens
    assert not opens or maker in CANNOT_BE_CLOSED


@pytest.mark.parametrize("maker", HARDENED)
def test_a_login_with_the_factory_s_account_is_refused(site: Site, maker: str) -> None:
    assert not site.login(maker).opens(*site.hosts[maker], *MAKERS[maker])


@pytest.mark.parametrize("maker", HARDENED)
def test_a_login_with_ipmi_15_is_refused_or_the_audit_says_that_it_is_not(site: Site, maker: str) -> None:
    opens = IPMI_15.opens(*site.hosts[maker], OWN, PASSWORD)
    assert not opens or site.states(maker)["A-01"] == "fail"
    assert not opens or maker in CANNOT_BE_CLOSED


@pytest.mark.parametrize("maker", HARDENED)
def test_what_could_not_be_mended_is_named_with_what_to_do(site: Site, maker: str) -> None:
    failing = {control for control, state in site.states(maker).items() if state == "fail"}
    left = {entry["control"]: entry for entry in site.results[maker]["left"]}
    assert failing <= set(left)
    assert all(left[control]["why"] and left[control]["how"] for control in failing)

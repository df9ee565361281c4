# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A-01 to A-04 and L-01 against the simulated rack."""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from tests.integration.harness import act
from tests.integration.simulator.audit.judged import Finding, finding, findings, mend
from tests.integration.simulator.conftest import Rack, Starter, Target, users

LEVELS: t.Final = ("callback", "user", "operator", "administrator", "oem")
#: Get LAN Configuration Parameters of channel 1's authentication types.
TYPES: t.Final = "0C/02:0102"


def probes(found: Finding) -> dict[str, str]:
    """What was tried from outside."""
    return {entry["probe"]: entry["result"] for entry in found["evidence"] if "probe" in entry}


def gets_in(bmc: Target) -> bool:
    """Whether ipmitool gets in over IPMI 1.5."""
    command = ["ipmitool", "-I", "lan", "-H", bmc.host, "-p", str(bmc.rack.port), "-U", "oper", "-P", "sixteen-or-fewer"]
    done = subprocess.run([*command, "-L", "OPERATOR", "-N", "1", "-R", "1", "mc", "info"], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0 and "Device ID" in done.stdout


@pytest.fixture(scope="module")
def old(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """BMCs that differ in what they do with IPMI 1.5; their operator's password has 16 bytes at most."""
    prefix = network()

    def one(number: int, **personality: t.Any) -> dict[str, t.Any]:
        place = {"address": f"{prefix}.{number}", "netmask": "255.255.255.0", "gateway": f"{prefix}.254", "source": "static"}
        accounts = users()
        accounts[3] = {**accounts[3], "password": "sixteen-or-fewer"}
        return {"name": f"a{number}", "maker": "generic", **place, "users": accounts, "personality": personality}

    off = {"auth_enables": [0] * 5}
    return start_rack(
        {
            "bmcs": [
                one(1),
                one(2, lan={**off, "auth_accepts": 0x04}),
                one(3, lan=off, protocol={"ipmi15": False}),
                one(4, lan={"auth_support": 0x14, "auth_enables": [0x34, 0x34, 0x34, 0x34, 0]}),
            ]
        }
    )


def old_one(rack: Rack, name: str) -> Target:
    rack.ask("heal", name)
    return Target(rack, name, rack.status(name)["address"])


@pytest.mark.control("A-01", "fail", "pass")
def test_logins_of_ipmi_1_5_are_found_and_mended_as_ipmitool_sees_it(old: Rack) -> None:
    bmc = old_one(old, "a1")
    found = finding(bmc, "A-01")
    assert (found["state"], found["method"]) == ("fail", "probe")
    assert found["actual"] == (
        "channel 1: a login of IPMI 1.5 begins with MD5, PASSWORD; MD5 is on for callback, user, operator, administrator; "
        "PASSWORD is on for callback, user, operator, administrator"
    )
    assert probes(found)["Get Session Challenge for MD5 in an IPMI 1.5 packet"] == "a challenge"
    assert gets_in(bmc)
    assert found["fixes"] == [{"channels": [{"channel": 1, "auth_types": {level: [] for level in LEVELS}}]}]
    mend(bmc, found)
    found = finding(bmc, "A-01")
    assert (found["state"], found["method"]) == ("pass", "probe")
    assert found["actual"] == "channel 1: no authentication type is on; no login of IPMI 1.5 begins"
    assert probes(found)["Get Session Challenge for MD5 in an IPMI 1.5 packet"].startswith("refused with 0xCC")
    assert not gets_in(bmc)


def test_logins_of_ipmi_1_5_that_are_off_and_work_are_found(old: Rack) -> None:
    bmc = old_one(old, "a2")
    found = finding(bmc, "A-01")
    assert (found["state"], found["method"], found["fixes"]) == ("fail", "probe", [])
    assert found["actual"] == (
        "channel 1: a login of IPMI 1.5 begins with MD5; no authentication type is on, and the BMC offers MD5 all the same"
    )
    assert gets_in(bmc)
    assert finding(bmc, "A-01", probes=False)["state"] == "fail"
    # Without an offer it still begins.
    bmc.faults(refuse={"06/38": 0xC1})
    found = finding(bmc, "A-01")
    assert (found["state"], found["method"], found["fixes"]) == ("fail", "probe", [])
    assert found["actual"] == (
        "channel 1: a login of IPMI 1.5 begins with MD5, though no authentication type is on: the firmware ignores it"
    )


def test_a_bmc_without_ipmi_1_5_passes(old: Rack) -> None:
    bmc = old_one(old, "a3")
    found = finding(bmc, "A-01")
    assert (found["state"], found["method"]) == ("pass", "probe")
    assert found["actual"] == "channel 1: the BMC says that it has no IPMI 1.5; no login of IPMI 1.5 begins"
    assert not gets_in(bmc)


def test_without_probes_the_settings_alone_are_judged(bmc: Target) -> None:
    found = finding(bmc, "A-01", probes=False)
    assert (found["state"], found["method"], probes(found)) == ("fail", "config", {})
    mend(bmc, found)
    found = finding(bmc, "A-01", probes=False)
    assert (found["state"], found["method"]) == ("pass", "config")


def test_a_bmc_that_does_not_tell_its_types_is_judged_by_what_it_offers(bmc: Target) -> None:
    bmc.faults(refuse={TYPES: 0x80})
    found = finding(bmc, "A-01", probes=False)
    assert found["state"] == "fail" and found["fixes"] == []
    assert "the BMC does not let it be switched off" in found["actual"]
    bmc.put("lan", "1", "auth_enables", value="0000000000")
    assert finding(bmc, "A-01", probes=False)["state"] == "pass"


def test_a_bmc_that_tells_nothing_is_judged_by_its_refusals_or_not_at_all(bmc: Target) -> None:
    bmc.put("lan", "1", "auth_enables", value="0000000000")
    bmc.faults(refuse={TYPES: 0x80, "06/38": 0xC1})
    found = finding(bmc, "A-01")
    assert (found["state"], found["method"]) == ("pass", "probe")
    assert finding(bmc, "A-01", probes=False)["state"] == "not_assessed"


@pytest.mark.control("A-03", "fail", "pass")
@pytest.mark.control("A-04", "fail", "pass")
def test_each_weak_type_is_found_and_mended(bmc: Target) -> None:
    bmc.put("lan", "1", "auth_support", value=0x37)
    bmc.put("lan", "1", "auth_enables", value="0416262414")
    found = findings(bmc, "A-03", "A-04")
    assert found["A-03"]["actual"] == "channel 1: PASSWORD is on for user, oem"
    assert found["A-04"]["actual"] == "channel 1: MD2 is on for user, operator; OEM is on for operator, administrator"
    assert {one["state"] for one in found.values()} == {"fail"}
    mend(bmc, found["A-03"])
    found = findings(bmc, "A-03", "A-04")
    assert [one["state"] for one in found.values()] == ["pass", "fail"]
    mend(bmc, found["A-04"])
    assert {one["state"] for one in findings(bmc, "A-03", "A-04").values()} == {"pass"}
    assert bmc.state()["lan"]["1"]["auth_enables"] == "0404040404"


def test_a_type_that_is_on_and_not_there_passes(old: Rack) -> None:
    found = finding(old_one(old, "a4"), "A-04")
    assert found["state"] == "pass" and found["actual"] == "channel 1: OEM is switched on, and the BMC does not have it"


def test_a_bmc_that_does_not_tell_its_types_passes_none_of_them(bmc: Target) -> None:
    bmc.faults(refuse={TYPES: 0x80})
    assert {one["state"] for one in findings(bmc, "A-02", "A-03", "A-04").values()} == {"not_assessed"}


@pytest.mark.control("L-01", "fail", "pass")
def test_a_missing_lockout_is_found_and_mended(bmc: Target) -> None:
    found = finding(bmc, "L-01")
    assert found["state"] == "fail" and found["actual"] == "channel 1: wrong passwords never lock an account"
    assert found["fixes"] == [{"channels": [{"channel": 1, "bad_password": {"threshold": 10, "lockout_interval": 60}}]}]
    mend(bmc, found)
    found = finding(bmc, "L-01")
    assert found["state"] == "pass" and found["actual"] == "channel 1: accounts are locked after 10 wrong passwords, for 60 s"


@pytest.mark.parametrize(
    ("rule", "fix"),
    [
        ({"threshold": 20, "lockout_interval": 12}, {"threshold": 5}),
        ({"threshold": 5, "lockout_interval": 3}, {"lockout_interval": 120}),
        # Until an administrator ends it.
        ({"threshold": 1, "lockout_interval": 0}, None),
        ({"threshold": 0, "lockout_interval": 90}, {"threshold": 5, "lockout_interval": 900}),
    ],
)
def test_a_lockout_is_compared_with_the_policy(bmc: Target, rule: dict[str, int], fix: dict[str, int] | None) -> None:
    for name, value in rule.items():
        bmc.put("lan", "1", "bad_password", name, value=value)
    policy = {"bad_password_threshold": 5, "bad_password_lockout": 120}
    found = finding(bmc, "L-01", policy)
    assert found["state"] == ("pass" if fix is None else "fail")
    assert [one["channels"][0]["bad_password"] for one in found["fixes"]] == ([] if fix is None else [fix])
    if fix is not None:
        mend(bmc, found)
        assert finding(bmc, "L-01", policy)["state"] == "pass"


@pytest.mark.parametrize(("option", "value"), [("bad_password_threshold", 0), ("bad_password_lockout", 65)])
def test_bounds_that_make_no_sense_are_refused(bmc: Target, option: str, value: int) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["L-01"], "policy": {option: value}})
    assert result["failed"] and result["reason"] == "bad_option" and f"policy.{option}" in result["msg"]


def test_a_bmc_without_the_parameter_does_not_pass_by_it(bmc: Target) -> None:
    bmc.faults(refuse={"0C/02:011A": 0x80})
    found = finding(bmc, "L-01")
    assert found["state"] == "not_assessed" and "0x80" in found["reason"]


@pytest.mark.control("A-02", "fail", "pass")
def test_logins_without_authentication_are_found_and_mended(bmc: Target) -> None:
    bmc.put("lan", "1", "auth_enables", value="1415141400")
    found = finding(bmc, "A-02")
    assert found["state"] == "fail"
    assert found["actual"] == "channel 1: NONE is on for user"
    assert {"command": "Get LAN Configuration Parameters (0C/02)", "request": "01 02 00 00"}.items() <= found["evidence"][-1].items()
    mend(bmc, found)
    assert finding(bmc, "A-02")["state"] == "pass"

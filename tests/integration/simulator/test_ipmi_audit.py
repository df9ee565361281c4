# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_audit against the simulated rack: what holds for every control. The controls themselves are in audit/."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import BY_ID, chosen
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile
from tests.integration.harness import act, ansible
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target
from tests.integration.simulator.test_ipmi_channel import MAKERS

COMMUNITY = "hush-hush"


def run(bmc: Target, *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return act("ipmi_audit", {**bmc.options, "profile": "L3", **options}, check_mode=check_mode)


@pytest.mark.promise("unchanged", "check_mode")
@pytest.mark.parametrize("check_mode", [False, True])
def test_an_audit_writes_nothing_and_gives_every_slot_back(bmc: Target, check_mode: bool) -> None:
    result = run(bmc, check_mode=check_mode)
    assert result.get("failed") is None, result
    assert result["changed"] is False
    assert bmc.writes() == 0
    assert bmc.sessions() == 0
    assert bmc.rack.status(bmc.name)["logins"] == 1, "one session for each BMC"
    assert [finding["id"] for finding in result["audit"]["findings"]] == list(BY_ID)


@pytest.mark.promise("unchanged")
def test_the_same_bmc_is_judged_the_same_twice(bmc: Target) -> None:
    first, second = (run(bmc)["audit"]["summary"] for _attempt in range(2))
    assert first == second


@pytest.fixture(scope="module")
def makers(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each maker, with an account of ours in slot 4."""
    prefix = network()
    account = {"name": "auditor", "password": PASSWORD, "privilege": "administrator"}
    bmcs = [
        {"name": maker, "maker": maker, "address": f"{prefix}.{number}", "source": "static", "users": {4: account}}
        for number, maker in enumerate(MAKERS, 1)
    ]
    return start_rack({"bmcs": bmcs})


@pytest.mark.parametrize("maker", MAKERS)
def test_each_maker_s_bmc_is_judged_on_every_control_and_what_it_does_not_say_has_a_reason(makers: Rack, maker: str) -> None:
    bmc = Target(makers, maker, makers.status(maker)["address"], user="auditor")
    result = run(bmc)
    assert result.get("failed") is None, result
    findings = result["audit"]["findings"]
    assert len(findings) == len(BY_ID)
    for finding in findings:
        assert finding["state"] in ("pass", "fail", "waived") or finding["reason"], finding
        assert finding["state"] != "pass" or finding["evidence"] or finding["method"] != "config", finding
    assert bmc.writes() == 0 and bmc.sessions() == 0


def test_a_profile_holds_its_controls_and_those_of_the_milder_ones(bmc: Target) -> None:
    for profile in Profile:
        found = [finding["id"] for finding in run(bmc, profile=profile.value, probes=False)["audit"]["findings"]]
        assert found == [control.id for control in chosen(profile, [])]


def test_only_the_controls_that_are_named_are_looked_at(bmc: Target) -> None:
    result = run(bmc, profile="L1", controls=["P-05"])
    assert [finding["id"] for finding in result["audit"]["findings"]] == ["P-05"]
    assert result["requests"] <= 2


@pytest.mark.promise("refused")
def test_a_bmc_that_refuses_nearly_everything_is_not_assessed_and_never_passes(bmc: Target) -> None:
    spared = {0x01, 0x37, 0x38, 0x3B, 0x3C}  # who it is, and what a login needs
    refuse = {f"06/{code:02X}": 0xD4 for code in range(0x01, 0x65) if code not in spared}
    bmc.faults(refuse={**refuse, "0C/02": 0xD4, "0C/11": 0xD4, "0C/22": 0xD4, "04/13": 0xD4, "0A/40": 0xD4, "0A/48": 0xD4, "00/09": 0xD4})
    result = run(bmc, probes=False)
    assert result.get("failed") is None, result
    known_otherwise = {finding["id"] for finding in result["audit"]["findings"] if finding["state"] in ("pass", "fail")}
    # The session itself shows which suite works, and the bits of the authentication capabilities are told to anybody.
    assert known_otherwise <= {"C-04", "C-06", "A-01", "U-01", "U-02"}


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = run(bmc, bmc_host="127.31.250.254", bmc_timeout=1)
    assert result["failed"] and result["reason"] == "unreachable"


def test_a_bmc_that_dies_half_way_fails_the_task_and_nothing_is_called_passed(bmc: Target) -> None:
    bmc.faults(silent_after=12)
    result = run(bmc, bmc_timeout=1, probes=False)
    assert result["failed"] and result["reason"] == "session_lost"
    assert "audit" not in result


@pytest.mark.promise("no_secret")
def test_no_output_holds_a_secret(bmc: Target, tmp_path: t.Any) -> None:
    bmc.put("lan", "1", "community", value=COMMUNITY.encode().ljust(18, b"\0").hex())
    hosts = {"all": {"hosts": {"n1": {**bmc.options, "ansible_connection": "local"}}}}
    arguments = json.dumps({"profile": "L3", "policy": {"snmp_community": "other-hush", "kg": "c0ffee" * 6}})
    done = ansible("n1", "-m", "lightsout.bmc.ipmi_audit", "-a", arguments, "-vvvv", inventory=hosts, tmp_path=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    output = done.stdout + done.stderr
    for secret in (PASSWORD, COMMUNITY, "other-hush", "c0ffee" * 6):
        for form in (secret, secret.encode().hex(), secret.encode().hex(" ")):
            assert form not in output

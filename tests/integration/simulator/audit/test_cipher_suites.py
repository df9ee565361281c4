# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C-01 to C-06 against the simulated rack."""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from tests.integration.harness import act
from tests.integration.simulator.audit.judged import Finding, finding, findings, mend
from tests.integration.simulator.conftest import Rack, Starter, Target, users
from tests.stopwatch import stopwatch

#: Weak suites of every kind, and good ones.
MIXED: t.Final = [0, 1, 2, 3, 6, 7, 8, 11, 12, 17]
KG: t.Final = "000102030405060708090a0b0c0d0e0f10111213"


def listing(bmc: Target, **privileges: int) -> None:
    """Set what the BMC lists: `s8=0` is suite 8, unused."""
    bmc.put("lan", "1", "cipher_suites", value=[int(name[1:]) for name in privileges])
    bmc.put("lan", "1", "cipher_privileges", value=[*privileges.values(), *[0] * (16 - len(privileges))])


def probes(found: Finding) -> dict[str, str]:
    """What was tried from outside."""
    return {entry["probe"]: entry["result"] for entry in found["evidence"] if "probe" in entry}


def fixed_suites(found: Finding) -> dict[str, str]:
    """The privileges that the fix sets."""
    (fix,) = found["fixes"]
    (channel,) = fix["channels"]
    assert channel["channel"] == 1
    return t.cast("dict[str, str]", channel["cipher_privileges"])


def gets_in(bmc: Target, suite: int) -> bool:
    """Whether ipmitool gets in over a suite with a wrong password."""
    command = ["ipmitool", "-I", "lanplus", "-C", str(suite), "-H", bmc.host, "-p", str(bmc.rack.port)]
    command += ["-U", bmc.user, "-P", "not the password", "-N", "1", "-R", "1", "mc", "info"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0 and "Device ID" in done.stdout


@pytest.fixture(scope="module")
def odd(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """BMCs whose firmware does not do what it says."""
    prefix = network()

    def one(number: int, **lan: t.Any) -> dict[str, t.Any]:
        place = {"address": f"{prefix}.{number}", "netmask": "255.255.255.0", "gateway": f"{prefix}.254", "source": "static"}
        return {"name": f"o{number}", "maker": "generic", **place, "users": users(), "personality": {"lan": lan}}

    deaf = {"cipher_suites": [0, 1, 3, 8, 17], "cipher_privileges": [0, 0, 4, 0, 4], "cipher_accepts": [0, 1, 6, 8, 12]}
    shy = {"cipher_suites": MIXED, "cipher_privileges": [4] * len(MIXED), "cipher_refuses": [0, 1, 2, 6, 7, 8, 11, 12]}
    by_id = {"cipher_suites": [1, 3, 16, 17], "cipher_index": "id", "cipher_privileges": [0, 0, 0, 4] + [0] * 12}
    old = {"cipher_suites": [0, 1, 2, 3], "cipher_privileges": [4] * 4}
    hidden = {"cipher_suites": [1, 3, 17], "cipher_index": "id", "cipher_privileges": [4, 0, 0, 4] + [0] * 12}
    mute = {"cipher_suites": [3, 8, 17], "cipher_privileges": [4] * 3, "cipher_silent": True}
    return start_rack({"bmcs": [one(1, **deaf), one(2, **shy), one(3, **by_id), one(4, **old), one(5, **mute), one(6, **hidden)]})


def odd_one(rack: Rack, name: str) -> Target:
    return Target(rack, name, rack.status(name)["address"])


@pytest.mark.control("C-01", "fail", "pass")
def test_cipher_suite_0_is_found_and_mended(bmc: Target) -> None:
    found = finding(bmc, "C-01")
    assert (found["state"], found["method"], found["severity"]) == ("fail", "probe", "critical")
    assert found["actual"] == "channel 1: a login begins with cipher suite 0"
    assert probes(found) == {"Open Session with cipher suite 0 (0/0/0)": "a login begins: 0x00 (no errors)"}
    assert fixed_suites(found) == {"0": "unused"}
    mend(bmc, found)
    found = finding(bmc, "C-01")
    assert (found["state"], found["method"]) == ("pass", "probe")
    assert probes(found) == {"Open Session with cipher suite 0 (0/0/0)": "0x11 (no cipher suite match)"}


def test_ipmitool_gets_in_over_suite_0_exactly_where_it_is_found(bmc: Target) -> None:
    assert finding(bmc, "C-01")["state"] == "fail" and gets_in(bmc, 0)
    assert not gets_in(bmc, 3)
    mend(bmc, finding(bmc, "C-01"))
    assert finding(bmc, "C-01")["state"] == "pass" and not gets_in(bmc, 0)


@pytest.mark.control("C-02", "fail", "pass")
def test_suites_that_leave_something_out_are_found_and_mended(bmc: Target) -> None:
    listing(bmc, s0=0, s1=4, s2=2, s3=4, s6=0, s8=4, s17=4)
    found = finding(bmc, "C-02")
    assert (found["state"], found["method"]) == ("fail", "probe")
    # One that opens is enough: each takes a slot. What is enabled is mended all the same.
    assert found["actual"] == (
        "channel 1: a login begins with cipher suite 1; cipher suite 2 is enabled too, and not tried: a login that is begun takes a slot"
    )
    assert fixed_suites(found) == {"1": "unused", "2": "unused"}
    # Those that should be refused are tried first.
    assert [entry.split(" ")[5] for entry in probes(found)] == ["0", "6", "7", "11", "15", "16", "1"]
    mend(bmc, found)
    assert finding(bmc, "C-02")["state"] == "pass"
    assert bmc.state()["lan"]["1"]["cipher_privileges"][:7] == [0, 0, 0, 4, 0, 4, 4]


@pytest.mark.control("C-03", "fail", "pass")
def test_suites_with_rc4_or_md5_are_found_and_mended(bmc: Target) -> None:
    listing(bmc, s3=4, s8=4, s12=3, s17=4)
    found = finding(bmc, "C-03")
    assert found["state"] == "fail" and found["actual"].startswith("channel 1: a login begins with cipher suite 8; ")
    assert fixed_suites(found) == {"8": "unused", "12": "unused"}
    mend(bmc, found)
    found = finding(bmc, "C-03")
    assert found["state"] == "pass" and len(probes(found)) == 10


def test_only_what_a_control_needs_is_asked(bmc: Target) -> None:
    assert set(probes(finding(bmc, "C-01"))) == {"Open Session with cipher suite 0 (0/0/0)"}


def test_a_bmc_that_takes_everything_is_left_with_free_slots(odd: Rack) -> None:
    found = findings(odd_one(odd, "o1"), "C-01", "C-02", "C-03", "C-05")
    begun = [probe for one in found.values() for probe, result in probes(one).items() if result.startswith("a login begins")]
    assert len(set(begun)) == 2


def test_a_suite_that_was_told_to_be_off_and_works_is_found_and_not_mended(odd: Rack) -> None:
    found = findings(odd_one(odd, "o1"), "C-01", "C-02", "C-03")
    assert {one["state"] for one in found.values()} == {"fail"}
    ignored = "set to unused and still taken: the firmware ignores it"
    assert found["C-01"]["actual"] == f"channel 1: a login begins with cipher suite 0; cipher suite 0: {ignored}"
    assert found["C-03"]["actual"] == f"channel 1: a login begins with cipher suite 8; cipher suite 8: {ignored}"
    assert all(one["fixes"] == [] for one in found.values())
    assert gets_in(odd_one(odd, "o1"), 0)


def test_a_suite_that_is_listed_and_refused_passes_and_the_contradiction_is_told(odd: Rack) -> None:
    found = findings(odd_one(odd, "o2"), "C-01", "C-02", "C-03")
    assert {one["state"] for one in found.values()} == {"pass"}
    assert found["C-01"]["actual"].endswith("; though by its settings cipher suite 0 is enabled")
    assert found["C-03"]["actual"].endswith("; though by its settings cipher suites 8, 12 are enabled")


def test_suite_0_is_mended_where_it_is_not_listed_and_has_a_privilege(odd: Rack) -> None:
    bmc = odd_one(odd, "o6")
    found = finding(bmc, "C-01")
    assert (found["state"], fixed_suites(found)) == ("fail", {"0": "unused"}) and gets_in(bmc, 0)
    mend(bmc, found)
    assert finding(bmc, "C-01")["state"] == "pass" and not gets_in(bmc, 0)
    assert finding(bmc, "C-05", {"cipher_privileges": {"others": "unused", "3": "administrator", "17": "administrator"}})["state"] == "pass"


def test_a_suite_without_a_privilege_of_its_own_is_found_and_not_mended(odd: Rack) -> None:
    found = finding(odd_one(odd, "o3"), "C-02")
    assert found["state"] == "fail" and found["fixes"] == []
    assert found["actual"].endswith("cipher suite 16: without a privilege of its own, so it cannot be switched off")


def test_a_bmc_that_drops_what_it_does_not_know_is_waited_for_a_few_times_only(odd: Rack) -> None:
    with stopwatch() as watch:
        found = findings(odd_one(odd, "o5"), "C-01", "C-02", "C-03", bmc_timeout=1)
    assert watch.seconds < 9
    assert [one["state"] for one in found.values()] == ["pass", "pass", "fail"]
    # Silence counts because the BMC answers about the suite in use.
    dropped = "no answer though the BMC answers about other suites"
    assert probes(found["C-01"]) == {"Open Session with cipher suite 0 (0/0/0)": dropped}
    assert set(probes(found["C-02"]).values()) == {dropped}
    assert found["C-03"]["actual"] == "channel 1: a login begins with cipher suite 8"


def test_without_probes_the_settings_are_shown_and_nothing_passes(bmc: Target) -> None:
    listing(bmc, s0=0, s3=4, s17=4)
    found = findings(bmc, "C-01", "C-02", "C-03", probes=False)
    assert {one["state"] for one in found.values()} == {"not_assessed"}
    assert found["C-01"]["actual"] == "channel 1: by its settings: 0 unused, 3 administrator, 17 administrator"
    assert "probes are switched off" in found["C-01"]["reason"]
    assert probes(found["C-01"]) == {}


def test_a_bmc_without_the_parameters_is_judged_by_asking(bmc: Target) -> None:
    bmc.faults(refuse={"0C/02:0118": 0x80})
    found = finding(bmc, "C-01")
    assert found["state"] == "fail" and found["fixes"] == []
    assert "its settings cannot be read" in found["actual"]
    bmc.put("lan", "1", "cipher_suites", value=[3, 17])
    assert finding(bmc, "C-01")["state"] == "pass"


def test_a_bmc_that_names_no_channel_is_judged_by_asking(bmc: Target) -> None:
    bmc.faults(refuse={"06/42": 0xC1})
    found = finding(bmc, "C-01")
    assert (found["state"], found["actual"], found["fixes"]) == ("fail", "a login begins with cipher suite 0", [])


def test_a_bmc_without_a_free_slot_is_not_assessed(bmc: Target) -> None:
    bmc.faults(slots_taken=7)
    found = finding(bmc, "C-01", bmc_timeout=1)
    assert found["state"] == "not_assessed"
    assert "cipher suite 0: 0x01 (insufficient resources to create a session)" in found["reason"]


def test_a_bmc_in_order_is_judged_in_seconds(bmc: Target) -> None:
    listing(bmc, s3=4, s17=4)
    with stopwatch() as watch:
        found = findings(bmc, "C-01", "C-02", "C-03", "C-04", "C-05")
    assert {one["state"] for one in found.values()} == {"pass"}
    assert watch.seconds < 5


@pytest.mark.control("C-04", "fail", "pass")
def test_a_strong_suite_is_proved_by_the_session(bmc: Target) -> None:
    found = finding(bmc, "C-04", profile="L3")
    assert (found["state"], found["method"]) == ("pass", "probe")
    assert found["actual"] == "this session runs over cipher suite 17 as administrator"
    listing(bmc, s0=0, s3=4, s17=0)
    assert finding(bmc, "C-04")["state"] == "pass"
    found = finding(bmc, "C-04", profile="L3")
    assert (found["state"], found["expected"]) == ("fail", "cipher suite 17 works")
    assert found["actual"] == "this session runs over cipher suite 3 as administrator; cipher suite 17 is set to unused"
    assert fixed_suites(found) == {"17": "administrator"}
    mend(bmc, found)
    assert finding(bmc, "C-04", profile="L3")["state"] == "pass"


def test_a_bmc_without_suite_17_cannot_be_mended(odd: Rack) -> None:
    found = finding(odd_one(odd, "o4"), "C-04", profile="L3")
    assert (found["state"], found["fixes"]) == ("fail", [])
    assert found["actual"].endswith("cipher suite 17 is not among the BMC's suites")


@pytest.mark.control("C-05", "fail", "pass")
def test_suites_that_nobody_wants_are_found_and_mended(bmc: Target) -> None:
    listing(bmc, s0=0, s1=4, s2=4, s3=4, s8=3, s17=4)
    found = finding(bmc, "C-05")
    assert found["state"] == "fail"
    assert found["actual"] == "channel 1: suites 1, 2: administrator instead of unused; suite 8: operator instead of unused"
    assert fixed_suites(found) == {"1": "unused", "2": "unused", "8": "unused"}
    mend(bmc, found)
    assert finding(bmc, "C-05")["state"] == "pass"


def test_the_strict_profile_does_without_suite_3(bmc: Target) -> None:
    listing(bmc, s3=4, s17=4)
    assert finding(bmc, "C-05")["state"] == "pass"
    found = finding(bmc, "C-05", profile="L3")
    assert (found["state"], fixed_suites(found)) == ("fail", {"3": "unused"})
    mend(bmc, found)
    assert finding(bmc, "C-05", profile="L3")["state"] == "pass"
    assert not gets_in(bmc, 3)


def test_the_suite_in_use_is_not_taken_away(bmc: Target) -> None:
    listing(bmc, s1=4, s3=4, s17=0)
    found = finding(bmc, "C-05", profile="L3")
    assert found["state"] == "fail" and fixed_suites(found) == {"1": "unused"}
    assert "suite 3 carries this session" in found["actual"]


def test_the_last_suite_to_log_in_with_is_not_taken_away(bmc: Target) -> None:
    listing(bmc, s1=4, s3=2, s17=4)
    found = finding(bmc, "C-05", {"cipher_privileges": {"17": "user", "others": "unused"}})
    assert found["state"] == "fail" and fixed_suites(found) == {"1": "unused", "3": "unused"}
    assert "suite 17 carries this session" in found["actual"]


def test_privileges_are_compared_with_the_policy(bmc: Target) -> None:
    listing(bmc, s3=3, s17=4)
    policy = {"cipher_privileges": {"3": "operator", "17": "administrator", "others": "unused"}}
    assert finding(bmc, "C-05", policy)["state"] == "pass"
    found = finding(bmc, "C-05", {"cipher_privileges": {"3": "user", "8": "user"}})
    assert found["actual"] == "channel 1: suite 3: operator instead of user; suite 8 is not among the BMC's suites"
    assert found["expected"] == "3 user, 8 user"


def test_a_suite_that_the_bmc_lacks_breaks_no_policy(bmc: Target) -> None:
    listing(bmc, s3=4, s17=4)
    found = finding(bmc, "C-05", {"cipher_privileges": {"3": "administrator", "8": "administrator", "others": "administrator"}})
    assert (found["state"], found["actual"].endswith("; suite 8 is not among the BMC's suites")) == ("pass", True)


def test_a_policy_that_makes_no_sense_is_refused(bmc: Target) -> None:
    options = {"controls": ["C-05"], "policy": {"cipher_privileges": {"17": "root"}}}
    result = act("ipmi_audit", {**bmc.options, **options})
    assert result["failed"] and result["reason"] == "bad_option" and "policy.cipher_privileges: 'root' is no level" in result["msg"]


def test_an_unused_suite_that_works_breaks_the_policy_too(odd: Rack) -> None:
    found = finding(odd_one(odd, "o1"), "C-05")
    assert (found["state"], found["method"], found["fixes"]) == ("fail", "probe", [])
    assert found["actual"].startswith("channel 1: a login begins with cipher suite 0; ")


def test_a_bmc_without_the_parameters_says_nothing_of_privileges(bmc: Target) -> None:
    bmc.faults(refuse={"0C/02:0118": 0x80})
    assert finding(bmc, "C-05")["state"] == "not_assessed"


@pytest.mark.control("C-06", "fail", "pass")
def test_a_missing_kg_is_found_and_set(bmc: Target) -> None:
    found = finding(bmc, "C-06")
    assert (found["state"], found["method"]) == ("fail", "probe")
    assert found["fixes"] == [{"controller": {"kg": {"from_policy": "kg"}}}]
    mend(bmc, found, kg=KG)
    found = finding(bmc, "C-06", bmc_kg=KG, policy={"kg": KG})
    assert (found["state"], found["method"]) == ("pass", "probe")
    assert KG not in str(found)


def test_another_kg_than_the_policys_is_found(bmc: Target) -> None:
    mend(bmc, finding(bmc, "C-06"), kg=KG)
    other = KG[::-1]
    found = finding(bmc, "C-06", bmc_kg=KG, policy={"kg": other})
    assert found["state"] == "fail" and found["actual"] == "channel 1: a Kg is set, and it is not that of the policy"
    assert other not in str(found) and KG not in str(found)


def test_a_kg_that_is_none_is_refused(bmc: Target) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["C-06"], "policy": {"kg": "key"}})
    assert result["failed"] and result["reason"] == "bad_option" and "kg: is not hexadecimal" in result["msg"]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""P-01 to P-07 against the simulated rack."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, witness
from tests.integration.simulator.audit.judged import finding, mend
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target, users

VALID, PERSISTENT, PXE, BYPASS = 0x80, 0x40, 0x04, 0x08


@pytest.fixture(scope="module")
def rack(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC that has everything, and some that lack one thing or another."""
    prefix = network()
    common = {"netmask": "255.255.255.0", "source": "static"}
    twenty = {2: {**users()[2], "password_size": 20}}
    return start_rack(
        {
            "bmcs": [
                {"name": "n1", "address": f"{prefix}.1", "users": users(), **common},
                {"name": "openbmc", "maker": "openbmc", "address": f"{prefix}.2", "users": twenty, **common},
                {
                    "name": "damaged",
                    "address": f"{prefix}.4",
                    "users": users(),
                    "personality": {"device": {"self_test": [0x57, 0x40]}},
                    **common,
                },
                {
                    "name": "no_log",
                    "address": f"{prefix}.3",
                    "users": users(),
                    "personality": {"records": {"sel_space": 0}},
                    **common,
                },
            ]
        }
    )


def other(rack: Rack, name: str) -> Target:
    """Another BMC of the rack."""
    return Target(rack, name, rack.status(name)["address"], password=PASSWORD)


def tool(bmc: Target, *command: str, codes: t.Collection[int] = (0,)) -> str:
    """Ask it with ipmitool."""
    login = ("-I", "lanplus", "-C", "3", "-H", bmc.host, "-p", str(bmc.rack.port), "-U", bmc.user, "-P", bmc.password)
    return witness("ipmitool", *login, *command, codes=codes)


def boot(bmc: Target, first: int, device: int = 0, third: int = 0) -> None:
    """Set its boot flags."""
    bmc.put("chassis", "boot", "flags", value=bytes([first, device, third, 0, 0]).hex())


def fill(bmc: Target, entries: int) -> None:
    """Put events into its log, which has room for 512."""
    one = {"data": "0100020000000020000401016fa10203"}
    bmc.put("sel", "entries", value=[{"record_id": number, **one} for number in range(1, entries + 1)])


@pytest.mark.control("P-01", "fail", "pass")
@pytest.mark.parametrize(
    ("flags", "actual"),
    [
        ((VALID | PERSISTENT, PXE), "device network, at every boot"),
        ((VALID, PXE, BYPASS), "device network, the BIOS password is bypassed"),
        ((VALID | PERSISTENT, PXE, BYPASS), "device network, at every boot, the BIOS password is bypassed"),
    ],
)
def test_boot_flags_that_stay_or_bypass_the_password_are_found_and_mended(bmc: Target, flags: tuple[int, ...], actual: str) -> None:
    boot(bmc, *flags)
    found = finding(bmc, "P-01")
    assert (found["state"], found["actual"]) == ("fail", actual)
    mend(bmc, found)
    found = finding(bmc, "P-01")
    assert (found["state"], found["actual"]) == ("pass", "no boot flags are in force")


def test_a_bypass_without_a_device_is_found_and_ipmitool_takes_it_back(bmc: Target) -> None:
    boot(bmc, VALID, 0, BYPASS)
    found = finding(bmc, "P-01")
    assert (found["state"], found["actual"], found["fixes"]) == ("fail", "device default, the BIOS password is bypassed", [])
    tool(bmc, "chassis", "bootdev", "none")
    assert finding(bmc, "P-01")["state"] == "pass"


def test_an_override_of_one_boot_may_be(bmc: Target) -> None:
    boot(bmc, VALID, PXE)
    found = finding(bmc, "P-01")
    assert (found["state"], found["actual"]) == ("pass", "device network, at the next boot alone")


def test_flags_that_are_not_valid_say_nothing(bmc: Target) -> None:
    boot(bmc, PERSISTENT, PXE, BYPASS)
    assert finding(bmc, "P-01")["state"] == "pass"


def test_boot_flags_that_cannot_be_read_are_not_assessed(bmc: Target) -> None:
    bmc.faults(refuse={"00/09": 0xC1})
    assert finding(bmc, "P-01")["state"] == "not_assessed"


@pytest.mark.control("P-02", "fail", "pass")
def test_an_event_log_that_is_off_is_found(bmc: Target) -> None:
    bmc.put("device", "global_enables", value=0xE7)
    found = finding(bmc, "P-02")
    assert (found["state"], found["actual"]) == ("fail", "logging: off")
    # As the control says how.
    tool(bmc, "mc", "setenables", "system_event_log", "on")
    assert finding(bmc, "P-02")["state"] == "pass"


def test_an_event_log_that_is_nearly_full_is_found(bmc: Target) -> None:
    fill(bmc, 460)
    found = finding(bmc, "P-02")
    assert (found["state"], found["parts"][1]["actual"]) == ("pass", "89 % full (460 entries)")
    fill(bmc, 461)
    found = finding(bmc, "P-02")
    assert (found["state"], found["actual"], found["expected"]) == ("fail", "space: 90 % full (461 entries)", "less than 90 % full")
    assert "Percent Used     : 90%" in tool(bmc, "sel", "info")
    assert finding(bmc, "P-02", {"sel_max_fill": 91})["state"] == "pass"
    tool(bmc, "sel", "clear")
    assert finding(bmc, "P-02")["state"] == "pass"


def test_a_log_that_lost_events_is_full(bmc: Target) -> None:
    fill(bmc, 2)
    bmc.put("sel", "overflow", value=True)
    found = finding(bmc, "P-02", {"sel_max_fill": 100})
    assert (found["state"], found["actual"]) == ("fail", "space: 100 % full (2 entries, events were lost)")


def test_one_part_of_the_log_does_not_hide_the_other(bmc: Target) -> None:
    bmc.faults(refuse={"06/2F": 0xC1})
    assert finding(bmc, "P-02")["state"] == "not_assessed"
    fill(bmc, 500)
    assert finding(bmc, "P-02")["state"] == "fail"


def test_a_log_without_any_room_cannot_be_judged(rack: Rack) -> None:
    assert finding(other(rack, "no_log"), "P-02")["state"] == "not_assessed"


@pytest.mark.parametrize("most", [0, 101])
def test_a_limit_that_cannot_be_is_refused(bmc: Target, most: int) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["P-02"], "policy": {"sel_max_fill": most}})
    assert result["failed"]
    assert f"policy.sel_max_fill: {most} must be 1 to 100 percent" in result["msg"]


@pytest.mark.control("P-03", "fail", "pass")
@pytest.mark.parametrize(("ahead", "words"), [(3600, "s ahead of UTC"), (-3600, "s behind UTC")])
def test_a_clock_that_is_wrong_is_found_and_mended(bmc: Target, ahead: int, words: str) -> None:
    bmc.put("sel", "time_offset", value=float(ahead))
    found = finding(bmc, "P-03")
    assert found["state"] == "fail"
    assert found["actual"].endswith(words)
    assert found["expected"] == "utc time, give or take 60 s"
    assert found["evidence"][-1]["command"] == "Get SEL Time (0A/48)"
    mend(bmc, found)
    assert finding(bmc, "P-03")["state"] == "pass"


def test_the_tolerance_decides(bmc: Target) -> None:
    bmc.put("sel", "time_offset", value=40.0)
    assert finding(bmc, "P-03")["state"] == "pass"
    found = finding(bmc, "P-03", {"clock_tolerance": 20})
    assert found["state"] == "fail"
    mend(bmc, found)
    assert finding(bmc, "P-03", {"clock_tolerance": 20})["state"] == "pass"


def test_a_clock_that_was_never_set_is_found_and_mended(bmc: Target) -> None:
    state = bmc.state()
    now = bmc.rack.ask("ping")["now"]
    bmc.put("sel", "time_offset", value=state["sel"]["time_offset"] - now + 1000)
    found = finding(bmc, "P-03")
    assert (found["state"], found["actual"]) == ("fail", "clock: never set")
    mend(bmc, found)
    assert finding(bmc, "P-03")["state"] == "pass"


def test_a_utc_offset_is_compared_where_the_site_wants_one(bmc: Target) -> None:
    assert [part["subject"] for part in finding(bmc, "P-03")["parts"]] == ["clock"]
    found = finding(bmc, "P-03", {"utc_offset": "60"})
    assert (found["state"], found["actual"], found["expected"]) == ("fail", "UTC offset: 0", "60")
    mend(bmc, found)
    assert bmc.state()["sel"]["utc_offset"] == 60
    assert finding(bmc, "P-03", {"utc_offset": "60"})["state"] == "pass"
    assert finding(bmc, "P-03", {"utc_offset": "unset"})["actual"] == "UTC offset: 60"


def test_without_a_utc_offset_to_read_it_is_not_assessed(bmc: Target) -> None:
    bmc.faults(refuse={"0A/5C": 0xC1})
    assert finding(bmc, "P-03", {"utc_offset": "60"})["state"] == "not_assessed"
    assert finding(bmc, "P-03")["state"] == "pass"


def test_without_a_clock_it_is_not_assessed(bmc: Target) -> None:
    bmc.faults(refuse={"0A/48": 0xC1})
    assert finding(bmc, "P-03")["state"] == "not_assessed"


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ({"clock_tolerance": 0}, "clock_tolerance: 0 must be 1 to 86400 seconds"),
        ({"utc_offset": "CET"}, "utc_offset: 'CET' is neither a number of minutes nor 'unset'"),
    ],
)
def test_a_clock_that_cannot_be_wanted_is_refused(bmc: Target, policy: dict[str, t.Any], text: str) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["P-03"], "policy": policy})
    assert result["failed"]
    assert text in result["msg"]


@pytest.mark.control("P-04", "fail", "pass")
@pytest.mark.parametrize(
    ("minimum", "state"), [("1.23", "pass"), ("1.22", "pass"), ("0.99", "pass"), ("1.24", "fail"), ("1.3a", "fail"), ("10.00", "fail")]
)
def test_firmware_is_compared_by_number(bmc: Target, minimum: str, state: str) -> None:
    found = finding(bmc, "P-04", {"firmware_minimum": minimum})
    assert (found["state"], found["actual"], found["expected"], found["fixes"]) == (state, "1.23", f"{minimum} or later", [])


def test_firmware_is_shown_where_nobody_said_what_is_wanted(bmc: Target) -> None:
    found = finding(bmc, "P-04")
    assert (found["state"], found["actual"]) == ("manual", "1.23")
    assert "policy.firmware_minimum" in found["reason"]


@pytest.mark.parametrize("minimum", ["2.5", "v2.05", "2.05.1", ""])
def test_what_is_no_revision_is_refused(bmc: Target, minimum: str) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["P-04"], "policy": {"firmware_minimum": minimum}})
    assert result["failed"]
    assert "must look like 2.05" in result["msg"]


@pytest.mark.control("P-05", "fail", "pass")
def test_a_self_test_that_failed_is_found(bmc: Target, rack: Rack) -> None:
    assert finding(bmc, "P-05")["state"] == "pass"
    found = finding(other(rack, "damaged"), "P-05")
    assert (found["state"], found["actual"]) == ("fail", "sensor data repository not accessible")
    bmc.faults(refuse={"06/04": 0xC1})
    assert finding(bmc, "P-05")["state"] == "not_assessed"


def test_a_bmc_that_has_no_self_test_has_none_to_judge(rack: Rack) -> None:
    assert finding(other(rack, "openbmc"), "P-05")["state"] == "not_applicable"


def wall(*disabled: str, channel: int = 1) -> dict[str, t.Any]:
    """A policy that records these commands as disabled."""
    return {"firmware_firewall": {str(channel): list(disabled)}}


@pytest.mark.control("P-06", "fail", "pass")
def test_a_firewall_that_is_not_as_recorded_is_found(bmc: Target) -> None:
    found = finding(bmc, "P-06", wall("06/22", "06/58"))
    assert (found["state"], found["actual"]) == ("fail", "channel 1: not disabled: 06/22, 06/58")
    bmc.put("firewall", value={"1": {"6": [0x22, 0x24, 0x58]}})
    found = finding(bmc, "P-06", wall("06/22", "06/58"))
    assert (found["state"], found["actual"]) == ("fail", "channel 1: also disabled: 06/24")
    bmc.put("firewall", value={"1": {"6": [0x22, 0x58]}})
    found = finding(bmc, "P-06", wall("06/22", "06/58"))
    assert (found["state"], found["expected"]) == ("pass", "disabled: 06/22, 06/58")
    assert finding(bmc, "P-06", wall("06/22", "06/58", channel=15))["state"] == "fail"


def test_a_firewall_costs_two_requests_for_each_network_function(bmc: Target) -> None:
    bmc.put("firewall", value={"1": {"0": [0x02], "6": [0x22, 0x24]}})
    found = finding(bmc, "P-06", wall("06/22", "06/24", "00/02"))
    assert found["state"] == "pass"
    asked = [look["command"][-6:] for look in found["evidence"]]
    assert asked == ["06/09)", "06/0C)", "06/61)", "06/0C)", "06/61)"]


def test_ipmitool_mends_a_firewall_as_the_control_says(bmc: Target) -> None:
    policy = wall("00/02")
    assert finding(bmc, "P-06", policy)["state"] == "fail"
    # It ends with 1, because the BMC has no sub-functions; the command itself is disabled by then.
    tool(bmc, "firewall", "disable", "channel", "1", "lun", "0", "netfn", "0x00", "command", "0x02", codes=(1,))
    assert finding(bmc, "P-06", policy)["state"] == "pass"


def test_what_cannot_be_disabled_is_not(bmc: Target) -> None:
    found = finding(bmc, "P-06", wall("06/01"))
    assert (found["state"], found["actual"]) == ("fail", "channel 1: not disabled: 06/01")


def test_what_the_bmc_does_not_have_needs_no_disabling(bmc: Target) -> None:
    bmc.put("firewall", value={"1": {"6": [0x22]}})
    assert finding(bmc, "P-06", wall("06/22", "06/7F"))["state"] == "pass"


def test_a_record_of_nothing_disabled(bmc: Target) -> None:
    assert finding(bmc, "P-06", wall())["state"] == "pass"
    bmc.put("firewall", value={"1": {"0": [2]}})
    found = finding(bmc, "P-06", wall())
    assert (found["state"], found["actual"]) == ("fail", "channel 1: some are disabled")


def test_the_firewall_is_shown_where_nobody_said_what_is_wanted(bmc: Target) -> None:
    found = finding(bmc, "P-06")
    assert (found["state"], found["actual"]) == ("manual", "channel 1: nothing is said to be disabled")
    bmc.put("firewall", value={"1": {"0": [2]}})
    assert finding(bmc, "P-06")["actual"] == "channel 1: some commands may be disabled"


@pytest.mark.parametrize("policy", [{}, wall("06/22")])
def test_a_bmc_without_a_firewall_has_none_to_judge(rack: Rack, policy: dict[str, t.Any]) -> None:
    found = finding(other(rack, "openbmc"), "P-06", policy)
    assert found["state"] == "not_applicable"
    assert "Get NetFn Support" in found["reason"]


def test_a_firewall_that_cannot_be_read_is_not_assessed(bmc: Target) -> None:
    bmc.faults(refuse={"06/61": 0xC1})
    assert finding(bmc, "P-06", wall("06/22"))["state"] == "not_assessed"


@pytest.mark.parametrize("name", ["06", "07/01", "2C/01", "6/22", "06/222"])
def test_what_names_no_command_is_refused(bmc: Target, name: str) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["P-06"], "policy": wall(name)})
    assert result["failed"]
    assert f"policy.firmware_firewall: {name!r} must look like 06/47" in result["msg"]


@pytest.mark.parametrize(
    ("policy", "text"),
    [({"sixteen": []}, "'sixteen' is not a channel"), ({"16": []}, "'16' is not a channel"), ({"1": "06/47"}, "must be a list of commands")],
)
def test_what_is_no_record_of_a_firewall_is_refused(bmc: Target, policy: dict[str, t.Any], text: str) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["P-06"], "policy": {"firmware_firewall": policy}})
    assert result["failed"]
    assert text in result["msg"]


@pytest.mark.control("P-07", "only_manual")
def test_the_hosts_own_interface_is_for_a_person_to_look_at(bmc: Target) -> None:
    found = finding(bmc, "P-07")
    assert (found["state"], found["evidence"]) == ("manual", [])
    assert "KCS" in found["reason"]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_lan against the simulated rack."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, fields, ipmitool
from tests.integration.simulator.conftest import SHORT, Rack, Starter, Target, users
from tests.stopwatch import stopwatch


@pytest.fixture
def moving(start_rack: Starter, network: t.Callable[[], str]) -> t.Callable[..., Target]:
    """Makes a BMC of its own, which may move."""

    def make(**entry: t.Any) -> Target:
        prefix = network()
        row = {
            "name": "m1",
            "maker": "generic",
            "address": f"{prefix}.1",
            "gateway": f"{prefix}.254",
            "source": "static",
            "users": users(),
            **entry,
        }
        rack: Rack = start_rack({"bmcs": [row]})
        return Target(rack, "m1", f"{prefix}.1", timeout=SHORT)

    return make


def neighbour(bmc: Target, last: int = 77) -> str:
    """Another address of the same network."""
    return f"{bmc.host.rsplit('.', 1)[0]}.{last}"


@pytest.mark.promise("created", "diff")
def test_settings_are_brought_about_and_ipmitool_sees_them(bmc: Target) -> None:
    result = act(
        "ipmi_lan",
        {
            **bmc.options,
            "backup_gateway": neighbour(bmc, 253),
            "backup_gateway_mac": "52-54-00-AA-BB-CC",
            "vlan_priority": 5,
            "snmp_community": "not-public",
            "gratuitous_arp": True,
            "gratuitous_arp_interval": 3000,
        },
    )
    assert result.get("failed") is None, result
    assert result["changed"] is True and result["channel"] == 1
    assert result["after"]["backup_gateway_mac"] == "52:54:00:aa:bb:cc"
    assert result["diff"]["before"]["vlan_priority"] == 0
    assert "not-public" not in str(result)
    seen = fields(ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port))
    assert seen["Backup Gateway IP"] == neighbour(bmc, 253)
    assert seen["Backup Gateway MAC"] == "52:54:00:aa:bb:cc"
    assert seen["802.1q VLAN Priority"] == "5"
    assert seen["SNMP Community String"] == "not-public"
    assert seen["Gratituous ARP Intrvl"] == "3.0 seconds"
    assert bmc.sessions() == 0


@pytest.mark.promise("unchanged")
def test_the_second_run_writes_nothing(bmc: Target) -> None:
    args = {**bmc.options, "vlan_priority": 3, "snmp_community": "x", "netmask": "255.255.255.0"}
    assert act("ipmi_lan", args)["changed"] is True
    writes = bmc.writes()
    again = act("ipmi_lan", args)
    assert (again["changed"], again["written"]) == (False, [])
    assert bmc.writes() == writes


def test_only_what_is_named_is_read(bmc: Target) -> None:
    act("ipmi_lan", {**bmc.options, "vlan_priority": 0})
    assert bmc.rack.status(bmc.name)["by_command"]["0C/02"] == 1


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_change_and_writes_nothing(bmc: Target) -> None:
    result = act("ipmi_lan", {**bmc.options, "vlan_id": 7, "ip_address": neighbour(bmc)}, check_mode=True)
    assert result["changed"] is True
    assert result["after"]["vlan_id"] == 7
    assert bmc.writes() == 0


def test_a_new_address_is_proved_there_and_the_bmc_has_left_the_old_one(moving: t.Callable[..., Target]) -> None:
    bmc = moving()
    new = neighbour(bmc)
    result = act(
        "ipmi_lan",
        {**bmc.options, "ip_source": "static", "ip_address": new, "netmask": 24, "gateway": neighbour(bmc, 254)},
    )
    assert result.get("failed") is None, result
    assert (result["changed"], result["verified"]) == (True, True)
    assert bmc.rack.status("m1")["address"] == new
    assert bmc.sessions() == 0
    seen = fields(ipmitool(new, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port))
    assert (seen["IP Address"], seen["IP Address Source"]) == (new, "Static Address")
    gone = act("ipmi_power", {**bmc.options, "bmc_timeout": 1})
    assert gone["reason"] == "unreachable"


def test_from_dhcp_to_an_address_of_its_own(moving: t.Callable[..., Target]) -> None:
    bmc = moving(source="dhcp")
    new = neighbour(bmc)
    refused = act("ipmi_lan", {**bmc.options, "ip_address": new})
    assert refused["failed"] and "ip_source: static" in refused["msg"]
    result = act("ipmi_lan", {**bmc.options, "ip_source": "static", "ip_address": new, "netmask": 24})
    assert result.get("failed") is None, result
    assert result["verified"] is True


def test_a_bmc_that_moves_only_after_a_while_is_waited_for(moving: t.Callable[..., Target]) -> None:
    bmc = moving(personality={"network": {"move_delay": 4.0}})
    new = neighbour(bmc)
    result = act("ipmi_lan", {**bmc.options, "ip_address": new, "verify_timeout": 30})
    assert result.get("failed") is None, result
    assert result["verified"] is True and bmc.rack.status("m1")["address"] == new


def test_an_address_that_does_not_come_up_is_put_back(moving: t.Callable[..., Target]) -> None:
    bmc = moving(personality={"network": {"moves": False}})
    result = act("ipmi_lan", {**bmc.options, "ip_address": neighbour(bmc), "verify_timeout": 3})
    assert result["failed"] and result["reason"] == "restored", result
    seen = fields(ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port))
    assert seen["IP Address"] == bmc.host
    assert bmc.sessions() == 0


def test_a_vlan_without_a_way_back_is_reported_with_what_was_written(moving: t.Callable[..., Target]) -> None:
    bmc = moving(unreachable_vlans=[99])
    result = act("ipmi_lan", {**bmc.options, "vlan_id": 99, "verify_timeout": 3})
    assert result["failed"] and result["reason"] == "unreachable"
    assert result["written"] == ["lan channel 1: vlan_id"]


def test_a_vlan_out_of_reach_may_be_meant(moving: t.Callable[..., Target]) -> None:
    bmc = moving(unreachable_vlans=[99])
    result = act("ipmi_lan", {**bmc.options, "vlan_id": 99, "verify_login": False})
    assert (result["changed"], result["verified"]) == (True, False)


def test_a_vlan_within_reach_is_proved(bmc: Target) -> None:
    result = act("ipmi_lan", {**bmc.options, "vlan_id": 100})
    assert (result["changed"], result["verified"]) == (True, True)
    seen = fields(ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port))
    assert seen["802.1q VLAN ID"] == "100"
    assert act("ipmi_lan", {**bmc.options, "vlan_id": 0})["changed"] is True
    seen = fields(ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port))
    assert seen["802.1q VLAN ID"] == "Disabled"


def test_writes_that_the_bmc_ignores_are_noticed(bmc: Target) -> None:
    bmc.faults(ignore=["0C/01:0115"])
    result = act("ipmi_lan", {**bmc.options, "vlan_priority": 4})
    assert result["failed"] and result["reason"] == "not_verified"
    assert "vlan_priority" in result["msg"]


def test_a_lost_answer_to_a_write_is_settled_by_reading(bmc: Target) -> None:
    bmc.faults(drop_answers=1, drop_answers_on="0C/01:0115")
    result = act("ipmi_lan", {**bmc.options, "vlan_priority": 4})
    assert (result.get("failed"), result["changed"]) == (None, True)


@pytest.mark.promise("refused")
def test_a_refused_write_names_the_setting_the_command_and_the_code(bmc: Target) -> None:
    bmc.faults(refuse={"0C/01:0115": 0xD4})
    result = act("ipmi_lan", {**bmc.options, "vlan_priority": 4, "snmp_community": "geheim-und-kurz"})
    assert result["failed"] and result["completion_code"] == "0xD4"
    assert "vlan_priority" in result["msg"] and result["command"].startswith("Set LAN")
    assert result["written"] == ["lan channel 1: snmp_community"]
    assert bmc.sessions() == 0


def test_a_setting_that_the_bmc_lacks_fails_before_the_first_write(bmc: Target) -> None:
    bmc.faults(refuse={"0C/02:010A": 0x80})
    args = {**bmc.options, "gratuitous_arp": True, "vlan_priority": 6}
    result = act("ipmi_lan", args)
    assert result["failed"] and result["reason"] == "unsupported"
    assert bmc.writes() == 0
    reported = act("ipmi_lan", {**args, "on_unsupported": "report"})
    assert reported["changed"] is True
    assert [entry["setting"] for entry in reported["unsupported"]] == ["gratuitous_arp"]
    assert reported["warnings"]


def test_another_mac_address_means_another_machine(bmc: Target) -> None:
    result = act("ipmi_lan", {**bmc.options, "mac_address": "00:00:00:00:00:01"})
    assert result["failed"] and "read only" in result["msg"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_an_address_where_another_bmc_answers_is_refused(bmc: Target, check_mode: bool) -> None:
    taken = bmc.rack.status("n2")["address"]
    result = act("ipmi_lan", {**bmc.options, "ip_source": "static", "ip_address": taken}, check_mode=check_mode)
    assert result["reason"] == "would_lock_out" and f"a BMC answers at {taken}" in result["msg"]
    assert (bmc.writes(), bmc.sessions()) == (0, 0)


@pytest.mark.promise("unreachable")
def test_a_bmc_that_stops_answering_half_way_says_so_in_time(bmc: Target) -> None:
    bmc.faults(silent_after=3)
    with stopwatch() as watch:
        result = act("ipmi_lan", {**bmc.options, "vlan_priority": 1, "bmc_timeout": 1.5})
    assert result["failed"] and result["reason"] in ("session_lost", "unreachable")
    assert watch.seconds < 6


@pytest.mark.promise("no_secret")
def test_a_community_that_is_too_long_is_refused_without_being_shown(bmc: Target) -> None:
    result = act("ipmi_lan", {**bmc.options, "snmp_community": "geheim-geheim-geheim-19"})
    assert result["failed"] and result["reason"] == "bad_option"
    assert "geheim" not in str(result)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"vlan_id": 5000}, "4094"),
        ({"ip_address": "10.0.0.0", "netmask": "24"}, "network's own address"),
        ({"ip_address": "10.0.0.255", "netmask": "255.255.255.0"}, "broadcast"),
        ({"ip_address": "10.0.0.7", "netmask": "24", "gateway": "10.0.1.1"}, "not in the network"),
        ({"netmask": "255.0.255.0"}, "ones must all come before its zeros"),
        ({"ip_address": "10.0.0"}, "IPv4"),
        ({"gateway_mac": "52:54:00"}, "MAC"),
        ({"gratuitous_arp_interval": 700}, "steps of 500"),
        ({"channel": 16, "vlan_id": 3}, "channels are 0 to 15"),
    ],
)
def test_values_that_cannot_be_are_refused_before_anything_is_written(
    bmc: Target, options: dict[str, t.Any], part: str
) -> None:
    result = act("ipmi_lan", {**bmc.options, **options})
    assert result["failed"] and result["reason"] == "bad_option"
    assert part in result["msg"]
    assert bmc.writes() == 0


def test_a_lock_that_somebody_left_behind_is_taken_over_with_a_warning(bmc: Target) -> None:
    ipmitool(
        bmc.host, bmc.user, bmc.password, "raw", "0x0c", "0x01", "0x01", "0x00", "0x01", port=bmc.rack.port
    )
    result = act("ipmi_lan", {**bmc.options, "vlan_priority": 2, "bmc_timeout": 2})
    assert result.get("failed") is None, result
    assert "set in progress" in result["warnings"][0]

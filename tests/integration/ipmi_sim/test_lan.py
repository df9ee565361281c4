# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_lan against ipmi_sim: what it sets, ipmitool and FreeIPMI read back."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import fields
from tests.integration.ipmi_sim.conftest import Starter
from tests.integration.ipmi_sim.rig import Bmc

#: Each setting: the option, ipmitool's line of `lan print`, FreeIPMI's key of Lan_Conf.
SETTINGS: t.Final = [
    ({"ip_source": "static"}, {"IP Address Source": "Static Address"}, {"IP_Address_Source": "Static"}),
    ({"netmask": "255.255.128.0"}, {"Subnet Mask": "255.255.128.0"}, {"Subnet_Mask": "255.255.128.0"}),
    ({"netmask": "20"}, {"Subnet Mask": "255.255.240.0"}, {"Subnet_Mask": "255.255.240.0"}),
    ({"gateway": "127.41.0.254"}, {"Default Gateway IP": "127.41.0.254"}, {"Default_Gateway_IP_Address": "127.41.0.254"}),
    (
        {"gateway_mac": "52:54:00:aa:0b:01"},
        {"Default Gateway MAC": "52:54:00:aa:0b:01"},
        {"Default_Gateway_MAC_Address": "52:54:00:AA:0B:01"},
    ),
    ({"backup_gateway": "127.41.0.253"}, {"Backup Gateway IP": "127.41.0.253"}, {"Backup_Gateway_IP_Address": "127.41.0.253"}),
    (
        {"backup_gateway_mac": "52:54:00:aa:0b:02"},
        {"Backup Gateway MAC": "52:54:00:aa:0b:02"},
        {"Backup_Gateway_MAC_Address": "52:54:00:AA:0B:02"},
    ),
    ({"vlan_id": 4094}, {"802.1q VLAN ID": "4094"}, {"Vlan_id": "4094", "Vlan_Id_Enable": "Yes"}),
    ({"vlan_priority": 7}, {"802.1q VLAN Priority": "7"}, {"Vlan_Priority": "7"}),
]
ARP: t.Final = [("arp_responses", True), ("gratuitous_arp", True), ("gratuitous_arp_interval", 2000)]


def seen(bmc: Bmc, names: t.Iterable[str]) -> dict[str, str]:
    """ipmitool's view."""
    shown = fields(bmc.ipmitool("lan", "print", "1"))
    return {name: shown[name] for name in names}


def seen_by_freeipmi(bmc: Bmc, names: t.Iterable[str]) -> dict[str, str]:
    """FreeIPMI's view."""
    shown = bmc.checkout("Lan_Conf")
    return {name: shown[f"Lan_Conf:{name}"] for name in names}


@pytest.mark.parametrize(("args", "ipmitool", "freeipmi"), SETTINGS)
def test_each_setting_is_read_back(
    bmc: Bmc, args: dict[str, t.Any], ipmitool: dict[str, str], freeipmi: dict[str, str]
) -> None:
    assert seen(bmc, ipmitool) != ipmitool and seen_by_freeipmi(bmc, freeipmi) != freeipmi
    result = bmc.converge("ipmi_lan", **args)
    assert result["written"] == [f"lan channel 1: {name}" for name in args]
    assert seen(bmc, ipmitool) == ipmitool
    assert seen_by_freeipmi(bmc, freeipmi) == freeipmi


def test_a_vlan_is_switched_off_again(bmc: Bmc) -> None:
    bmc.run("ipmi_lan", vlan_id=42)
    bmc.converge("ipmi_lan", vlan_id=0)
    assert seen(bmc, ["802.1q VLAN ID"]) == {"802.1q VLAN ID": "Disabled"}
    assert seen_by_freeipmi(bmc, ["Vlan_Id_Enable"]) == {"Vlan_Id_Enable": "No"}


def test_the_bmc_moves_and_the_move_is_proved_there(bmc: Bmc, address: str) -> None:
    old = bmc.options
    result = bmc.run("ipmi_lan", ip_source="static", ip_address=address, netmask=16, gateway="127.41.0.254")
    assert (result.get("msg"), result["changed"], result["verified"]) == (None, True, True), result
    assert bmc.host == address != old["bmc_host"]
    shown = {"IP Address Source": "Static Address", "IP Address": address, "Subnet Mask": "255.255.0.0"}
    assert seen(bmc, shown) == shown
    keys = {"IP_Address": address, "IP_Address_Source": "Static", "Default_Gateway_IP_Address": "127.41.0.254"}
    assert seen_by_freeipmi(bmc, keys) == keys
    again = bmc.run("ipmi_lan", ip_source="static", ip_address=address, netmask=16, gateway="127.41.0.254")
    assert (again["changed"], bmc.writes()) == (False, [])
    gone = bmc.run("ipmi_lan", **{**old, "bmc_timeout": 1}, vlan_id=1)
    assert gone["reason"] == "unreachable"


def test_an_address_of_one_s_own_needs_a_static_source(bmc: Bmc, address: str) -> None:
    result = bmc.run("ipmi_lan", ip_address=address)
    assert result["failed"] and result["reason"] == "bad_option" and "ip_source: static" in result["msg"]
    assert bmc.writes() == []


@pytest.mark.parametrize(("option", "value"), ARP)
def test_arp_settings_are_unsupported_as_documented(bmc: Bmc, option: str, value: t.Any) -> None:
    result = bmc.run("ipmi_lan", **{option: value})
    assert result["failed"] and result["reason"] == "unsupported" and option in result["msg"]
    assert bmc.writes() == []
    reported = bmc.run("ipmi_lan", **{option: value}, vlan_priority=5, on_unsupported="report")
    assert (reported.get("msg"), reported["changed"]) == (None, True)
    assert [missing["setting"] for missing in reported["unsupported"]] == [option]
    assert seen(bmc, ["802.1q VLAN Priority"]) == {"802.1q VLAN Priority": "5"}


def test_the_community_that_ipmi_sim_ignores_is_not_called_set(bmc: Bmc) -> None:
    result = bmc.run("ipmi_lan", snmp_community="s3kr1t")
    assert result["failed"] and result["reason"] == "not_verified" and "snmp_community" in result["msg"]
    assert "s3kr1t" not in str(result)
    assert seen(bmc, ["SNMP Community String"]) == {"SNMP Community String": "public"}


def test_the_own_mac_address_is_compared_and_never_written(bmc: Bmc) -> None:
    same = bmc.run("ipmi_lan", mac_address="52:54:00:00:00:01")
    assert (same.get("msg"), same["changed"]) == (None, False)
    other = bmc.run("ipmi_lan", mac_address="52:54:00:00:00:02")
    assert other["failed"] and other["reason"] == "unsupported"
    assert bmc.writes() == []


@pytest.mark.parametrize("source", ["bios", "other"])
def test_a_source_that_the_bmc_refuses_fails_and_changes_nothing(bmc: Bmc, source: str) -> None:
    result = bmc.run("ipmi_lan", ip_source=source)
    assert result["failed"] and result["reason"] == "refused" and "ip_source" in result["msg"], result
    assert seen(bmc, ["IP Address Source"]) == {"IP Address Source": "DHCP Address"}
    # The lock is given back: the next program can write.
    assert bmc.run("ipmi_lan", vlan_priority=1).get("msg") is None


def test_without_a_lan_program_ipmi_sim_keeps_the_values_itself(start: Starter) -> None:
    bmc = start(lan=False)
    bmc.converge("ipmi_lan", vlan_id=77, vlan_priority=2)
    shown = {"802.1q VLAN ID": "77", "802.1q VLAN Priority": "2"}
    assert seen(bmc, shown) == shown

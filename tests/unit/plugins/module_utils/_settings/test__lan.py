# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The LAN table: what each option writes."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress, write_and_verify
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._ipv6 import IPV6
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN, LAN_SPEC, plan_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Target
from tests.unit.plugins.scripted import CONNECTION, Scripted, identified, lan, text

MAC = "02:00:00:00:0a:0B"


@pytest.mark.parametrize(
    ("option", "value", "written"),
    [
        ("ip_source", "dhcp", "04 02"),
        ("ip_source", "bios", "04 03"),
        ("ip_source", "other", "04 04"),
        ("ip_address", "192.0.2.77", "03 C0 00 02 4D"),
        ("netmask", "255.255.254.0", "06 FF FF FE 00"),
        ("netmask", "/23", "06 FF FF FE 00"),
        ("netmask", 23, "06 FF FF FE 00"),
        ("gateway", "192.0.2.254", "0C C0 00 02 FE"),
        ("gateway", "0.0.0.0", "0C 00 00 00 00"),
        ("gateway_mac", MAC, "0D 02 00 00 00 0A 0B"),
        ("backup_gateway", "192.0.2.253", "0E C0 00 02 FD"),
        ("backup_gateway_mac", MAC, "0F 02 00 00 00 0A 0B"),
        ("vlan_id", 1, "14 01 80"),
        ("vlan_id", 4094, "14 FE 8F"),
        ("vlan_priority", 7, "15 07"),
        ("snmp_community", "abc", f"10 {text('abc', 18)}"),
        ("snmp_community", "", f"10 {text('', 18)}"),
        ("arp_responses", True, "0A 03"),
        ("gratuitous_arp", False, "0A 00"),
        ("gratuitous_arp_interval", 500, "0B 00"),
        ("gratuitous_arp_interval", 128000, "0B FF"),
    ],
)
def test_what_an_option_writes(option: str, value: t.Any, written: str) -> None:
    bmc = Scripted()
    lan(bmc)
    plan = make_plan(Reader(bmc.bmc()), Instance(LAN, Target(1), "lan"), LAN.wanted({option: value}))
    write_and_verify(bmc.bmc(), plan, plan.changes, Progress())
    assert bmc.written[1:-2] == [f"0C/01 01 {written}"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("vlan_id", -1),
        ("vlan_id", 4095),
        ("vlan_priority", 8),
        ("gratuitous_arp_interval", 0),
        ("gratuitous_arp_interval", 750),
        ("netmask", "33"),
        ("ip_address", "192.0.2.300"),
    ],
)
def test_what_cannot_be(option: str, value: t.Any) -> None:
    with pytest.raises(BadOption, match=f"^{option}: "):
        LAN.wanted({option: value})


def test_a_disabled_vlan_reads_as_none_whatever_its_id() -> None:
    bmc = Scripted()
    lan(bmc, p20="64 00")
    plan = make_plan(Reader(bmc.bmc()), Instance(LAN, Target(1), "lan"), {"vlan_id": 0})
    assert plan.changes == ()


def test_what_may_cut_the_connection() -> None:
    cuts = {setting.name for setting in LAN.settings if setting.cuts}
    assert cuts == {"ip_source", "ip_address", "netmask", "gateway", "gateway_mac", "vlan_id", "arp_responses"}


def test_the_community_is_a_secret() -> None:
    assert {setting.name for setting in LAN.settings if setting.secret} == {"snmp_community"}


def plan(bmc: Scripted, connection: Connection = CONNECTION, **options: t.Any) -> Planned:
    return plan_lan(Reader(bmc.bmc(connection)), {**dict.fromkeys(LAN_SPEC), **options}, connection)


@pytest.mark.parametrize(
    ("host", "after"), [("192.0.2.10", "192.0.2.77"), ("bmc.example.org", "192.0.2.77"), ("2001:db8::1", "2001:db8::1")]
)
def test_another_address_moves_the_sessions_that_run_over_ipv4(host: str, after: str) -> None:
    bmc = identified(Scripted())
    lan(bmc)
    connection = replace(CONNECTION, host=host)
    [cut] = plan(bmc, connection, ip_address="192.0.2.77").cuts
    assert cut.after(connection).host == after


def test_ipv6_and_the_port_are_written_after_the_rest() -> None:
    bmc = identified(Scripted())
    bmc.on("06/01", "00 20 01 02 05 02 BF 7C 2A 00 34 12").on("30/70 0C 00", "00 02")
    lan(bmc, p50="07", p51="00")
    planned = plan(bmc, vlan_id=7, ipv6={**dict.fromkeys(IPV6.argument_spec()), "addressing": "both"}, nic_mode="shared")
    assert [cut.plan.instance.section.name for cut in planned.cuts] == ["lan", "ipv6", "nic_mode"]
    assert planned.before == {"vlan_id": 0, "ipv6": {"addressing": "ipv4"}, "nic_mode": "failover"}
    assert planned.after == {"vlan_id": 7, "ipv6": {"addressing": "both"}, "nic_mode": "shared"}


def test_what_is_not_asked_for_is_not_read() -> None:
    bmc = identified(Scripted())
    lan(bmc)
    assert len(plan(bmc, vlan_id=0).cuts) == 1
    assert bmc.asked_for("0C/02") == ["0C/02 01 14 00 00"]
    assert bmc.asked_for("06/01") == []


def test_the_two_gateways_are_told_apart() -> None:
    bmc = identified(Scripted())
    lan(bmc, p50="07", p12="")
    planned = plan(bmc, gateway="192.0.2.1", ipv6={**dict.fromkeys(IPV6.argument_spec()), "gateway": "fe80::1"})
    missing = [str(one) for cut in planned.cuts for one in cut.plan.missing]
    assert missing == [
        "lan channel 1: gateway (completion code 0x80)",
        "lan channel 1 ipv6: gateway (completion code 0x80)",
    ]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and compare, and nothing else."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import (
    Plan,
    Refused,
    again,
    make_plan,
    read_values,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Target
from tests.unit.plugins.scripted import LAN as VALUES
from tests.unit.plugins.scripted import Scripted, lan


def plan(bmc: Scripted, *, in_use: bool = False, **options: t.Any) -> Plan:
    instance = Instance(LAN, Target(1), "lan channel 1", in_use=in_use)
    return make_plan(Reader(bmc.bmc()), instance, LAN.wanted(options))


def test_only_what_is_named_is_read_each_parameter_once() -> None:
    bmc = Scripted()
    lan(bmc)
    plan(bmc, vlan_id=7, arp_responses=True, gratuitous_arp=True)
    assert bmc.asked == ["0C/02 01 14 00 00", "0C/02 01 0A 00 00"]
    assert bmc.written == []


def test_before_and_after() -> None:
    bmc = Scripted()
    lan(bmc)
    made = plan(bmc, vlan_id=7, ip_address="192.0.2.10", ip_source="dhcp")
    assert made.before_shown == {"vlan_id": 0, "ip_address": "192.0.2.10", "ip_source": "static"}
    assert made.after_shown == {"vlan_id": 7, "ip_address": "192.0.2.10", "ip_source": "dhcp"}
    assert [change.names for change in made.changes] == [("ip_source",), ("vlan_id",)]


def test_nothing_wanted_reads_nothing() -> None:
    bmc = Scripted()
    made = plan(bmc)
    assert (made.changes, made.before, bmc.asked) == ((), {}, [])


def test_only_settings_of_the_sessions_own_thing_cut() -> None:
    bmc = Scripted()
    lan(bmc)
    options: dict[str, t.Any] = {"vlan_id": 7, "vlan_priority": 3}
    assert plan(bmc, **options).cutting == ()
    own = plan(bmc, in_use=True, **options)
    assert [change.names for change in own.safe] == [("vlan_priority",)]
    assert [change.names for change in own.cutting] == [("vlan_id",)]


@pytest.mark.parametrize("code", ["80", "C1", "C9", "CB", "CC", "D5", "83"])
def test_what_cannot_be_read_is_missing(code: str) -> None:
    bmc = Scripted()
    lan(bmc)
    bmc.on("0C/02 01 15", code)
    made = plan(bmc, vlan_priority=3, vlan_id=7)
    assert [str(missing) for missing in made.missing] == [f"lan channel 1: vlan_priority (completion code 0x{code})"]
    assert [change.names for change in made.changes] == [("vlan_id",)]
    assert "vlan_priority" not in made.after_shown


@pytest.mark.parametrize("code", ["D4", "FF", "C7"])
def test_what_is_refused_for_another_reason_is_a_failure(code: str) -> None:
    bmc = Scripted()
    lan(bmc)
    bmc.on("0C/02 01 15", code)
    with pytest.raises(Refused, match=f"lan channel 1.*0x{code}"):
        plan(bmc, vlan_priority=3)


def test_a_refusal_names_its_thing_once() -> None:
    bmc = Scripted().on("0C/02", "D4")
    with pytest.raises(Refused) as caught:
        plan(bmc, vlan_priority=3)
    assert str(caught.value).count("lan channel 1") == 1


def test_what_cannot_be_written_is_missing_only_if_it_differs() -> None:
    bmc = Scripted()
    lan(bmc)
    assert plan(bmc, mac_address="02:00:00:00:00:01").missing == ()
    assert [missing.why for missing in plan(bmc, mac_address="02:00:00:00:00:02").missing] == ["read only"]


def test_a_secret_is_compared_and_not_shown() -> None:
    bmc = Scripted()
    lan(bmc)
    same, other = plan(bmc, snmp_community="public"), plan(bmc, snmp_community="geheim")
    assert (same.changes, same.before_shown) == ((), {"snmp_community": "(as given)"})
    assert other.before_shown == {"snmp_community": "(another)"}
    assert other.after_shown == {"snmp_community": "(as given)"}
    assert "geheim" not in repr(other.changes)


def test_what_is_known_needs_no_reading() -> None:
    bmc = Scripted()
    lan(bmc)
    parameter = LAN["vlan_id"].parameter
    record = parameter.load(Reader(bmc.bmc()), Target(1), {})
    bmc.forget()
    instance = Instance(LAN, Target(1), "lan channel 1", known={parameter: record})
    made = make_plan(Reader(bmc.bmc()), instance, {"vlan_id": 7})
    assert (len(made.changes), bmc.asked) == (1, [])
    assert again(Reader(bmc.bmc()), made, ["vlan_id"]).changes[0].old == record
    assert bmc.asked == ["0C/02 01 14 00 00"]


def test_again_looks_at_what_was_written_and_what_that_disturbs() -> None:
    bmc = Scripted()
    lan(bmc)
    made = plan(bmc, netmask="/25", gateway="192.0.2.1", vlan_id=0)
    bmc.forget()
    left = again(Reader(bmc.bmc()), made, ["netmask"])
    assert sorted(left.before) == ["gateway", "netmask"]
    assert bmc.asked_for("0C/02 01 14") == []


def test_all_values() -> None:
    bmc = Scripted()
    lan(bmc, p21="")
    values, missing = read_values(Reader(bmc.bmc()), Instance(LAN, Target(1), "lan channel 1"))
    assert [one.setting for one in missing] == ["vlan_priority"]
    assert len(bmc.asked) == len(VALUES) - 1
    assert str(values["ip_address"]) == "192.0.2.10"

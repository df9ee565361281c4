# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_lan: what it documents is what it takes and returns."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, identified, lan

NAME = "ipmi_lan"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg", "snmp_community"}


def bmc() -> Scripted:
    scripted = identified(Scripted())
    lan(scripted)
    return scripted


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME, vlan_id=100, vlan_priority=3)
    assert undocumented(NAME, result) == set()
    assert result["changed"] is True
    assert result["verified"] is True
    assert result["diff"] == {
        "before": {"vlan_id": 0, "vlan_priority": 0},
        "after": {"vlan_id": 100, "vlan_priority": 3},
    }
    assert result["written"] == ["lan channel 1: vlan_priority", "lan channel 1: vlan_id"]


def test_a_secret_is_not_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, bmc())(NAME, snmp_community="geheim")
    assert "geheim" not in str(result)
    assert result["before"] == {"snmp_community": "(another)"}
    assert result["after"] == {"snmp_community": "(as given)"}


def test_unsupported_is_a_failure_before_the_first_write(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = identified(Scripted())
    lan(scripted, p21="")
    run = Runner(monkeypatch, scripted)
    result = run(NAME, vlan_id=100, vlan_priority=3)
    assert (result["failed"], result["reason"]) == (True, "unsupported")
    assert "vlan_priority" in result["msg"]
    assert run.written == []


def test_unless_it_is_to_be_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = identified(Scripted())
    lan(scripted, p21="")
    result = Runner(monkeypatch, scripted)(NAME, vlan_id=100, vlan_priority=3, on_unsupported="report")
    assert undocumented(NAME, result) == set()
    assert [missing["setting"] for missing in result["unsupported"]] == ["vlan_priority"]
    assert "vlan_priority" in result["warnings"][0]


def test_a_refusal_names_the_bmc_the_command_and_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, bmc().on("0C/01 01 15", "D4"))(NAME, vlan_priority=3)
    assert undocumented(NAME, result) == set()
    assert result["msg"].startswith("192.0.2.10: lan channel 1: vlan_priority: Set LAN")
    assert (result["reason"], result["completion_code"]) == ("refused", "0xD4")
    assert (result["changed"], result["written"]) == (False, [])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vlan_id": 5000}, "vlan_id: 5000 must be 0 to 4094"),
        ({"ip_address": "192.0.2.0", "netmask": "24"}, "network's own address"),
        ({"ip_address": "192.0.2.255", "netmask": "/24"}, "broadcast address"),
        ({"ip_address": "192.0.2.7", "netmask": "24", "gateway": "192.0.3.1"}, "gateway: '192.0.3.1' is not in the network"),
        ({"ip_address": "2001:db8::1"}, "not an IPv4 address"),
        ({"netmask": "255.0.255.0"}, "no netmask"),
        ({"gateway_mac": "1:2"}, "not a MAC address"),
        ({"verify_timeout": 0}, "verify_timeout is 0"),
    ],
)
def test_what_cannot_be_is_refused_before_a_session(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, t.Any], message: str
) -> None:
    run = Runner(monkeypatch, Scripted())
    result = run(NAME, **options)
    assert (result["failed"], result["reason"]) == (True, "bad_option")
    assert message in result["msg"]
    assert run.sessions == []

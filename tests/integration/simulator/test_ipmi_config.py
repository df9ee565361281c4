# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_config against the simulated rack."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, fields, ipmitool
from tests.integration.simulator.conftest import OTHER_PASSWORD, SHORT, Target


def document(bmc: Target) -> dict[str, t.Any]:
    """A bit of everything."""
    return {
        "lan": [{"vlan_id": 100, "vlan_priority": 3, "gratuitous_arp": True}],
        "users": [
            {"name": "monitor", "password": "Mon-itor-0815", "privilege": "user"},
            {"name": "console", "password": "Con-sole-4711", "privilege": "operator", "sol_payload": True},
            {"name": "oper", "state": "absent"},
        ],
        "sol": {"enabled": True, "force_encryption": True, "bit_rate": "115200"},
        "boot": {"bootdev": "network", "uefiboot": True},
    }


@pytest.mark.promise("created", "diff")
def test_a_whole_document_is_brought_about_in_one_session(bmc: Target) -> None:
    result = act("ipmi_config", {**bmc.options, **document(bmc)})
    assert result.get("failed") is None, result
    assert (result["changed"], result["verified"]) == (True, True)
    assert set(result["diff"]["before"]) == {"lan", "users", "sol", "boot"}
    assert result["diff"]["after"]["lan"][0]["vlan_id"] == 100
    # The session itself, and the one that proves the VLAN.
    assert bmc.rack.status(bmc.name)["logins"] == 2
    lan = fields(ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port))
    assert (lan["802.1q VLAN ID"], lan["802.1q VLAN Priority"]) == ("100", "3")
    users = ipmitool(bmc.host, bmc.user, bmc.password, "user", "list", "1", port=bmc.rack.port)
    assert "monitor" in users and "console" in users and "oper " not in users
    assert bmc.sessions() == 0


@pytest.mark.promise("unchanged")
def test_the_second_run_writes_nothing(bmc: Target) -> None:
    act("ipmi_config", {**bmc.options, **document(bmc)})
    writes = bmc.writes()
    again = act("ipmi_config", {**bmc.options, **document(bmc)})
    assert (again["changed"], again["written"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]
    assert bmc.writes() == writes


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_change_and_writes_nothing(bmc: Target) -> None:
    result = act("ipmi_config", {**bmc.options, **document(bmc)}, check_mode=True)
    assert result["changed"] is True
    assert bmc.writes() == 0


def test_a_value_that_cannot_be_stops_everything_before_the_first_login(bmc: Target) -> None:
    wrong = document(bmc)
    wrong["users"][1]["password"] = "a-password-of-21-byte"
    result = act("ipmi_config", {**bmc.options, **wrong})
    assert result["failed"] and result["reason"] == "bad_option"
    assert wrong["users"][1]["password"] not in str(result)
    assert bmc.rack.status(bmc.name)["logins"] == 0


def test_two_new_accounts_get_two_slots(bmc: Target) -> None:
    act("ipmi_config", {**bmc.options, **document(bmc)})
    names = {number: user["name"] for number, user in bmc.state()["users"].items() if user["name"]}
    assert len(names) == len(set(names.values()))


@pytest.mark.parametrize("key", ["name", "user_id"])
def test_an_account_that_is_there_twice_is_refused(bmc: Target, key: str) -> None:
    one = {"name": "a", "password": "x", key: "a" if key == "name" else 5}
    two = {"name": "b", "password": "x", **({"name": "a"} if key == "name" else {"user_id": 5})}
    result = act("ipmi_config", {**bmc.options, "users": [one, two]})
    assert result["failed"] and "more than once" in result["msg"]
    assert bmc.writes() == 0


def test_the_own_password_and_the_address_change_in_one_run(bmc: Target) -> None:
    bmc.timeout = SHORT  # where it no longer is, it does not answer
    new = f"{bmc.host.rsplit('.', 1)[0]}.88"
    result = act(
        "ipmi_config",
        {
            **bmc.options,
            "users": [{"name": "admin", "password": OTHER_PASSWORD}],
            "lan": [{"ip_source": "static", "ip_address": new, "netmask": "24"}],
        },
    )
    assert result.get("failed") is None, result
    assert result["verified"] is True
    found = act("ipmi_power", {**bmc.options, "bmc_host": new, "bmc_password": OTHER_PASSWORD})
    assert "powerstate" in found
    assert bmc.sessions() == 0


def test_the_own_password_is_proved_where_the_bmc_still_is(bmc: Target) -> None:
    """verify_host says where it will be once it has moved, which is later."""
    bmc.timeout = SHORT
    new = f"{bmc.host.rsplit('.', 1)[0]}.88"
    wish = {"users": [{"name": "admin", "password": OTHER_PASSWORD}], "lan": [{"ip_source": "static", "ip_address": new}]}
    result = act("ipmi_config", {**bmc.options, **wish, "verify_host": new, "verify_timeout": 5})
    assert result.get("failed") is None, result
    assert result["verified"] is True
    assert "powerstate" in act("ipmi_power", {**bmc.options, "bmc_host": new, "bmc_password": OTHER_PASSWORD})


def test_an_account_in_use_that_shall_go_goes_last(bmc: Target) -> None:
    bmc.timeout = SHORT  # where it no longer is, it does not answer
    new = f"{bmc.host.rsplit('.', 1)[0]}.88"
    wish = {"users": [{"name": "admin", "enabled": False}], "lan": [{"ip_source": "static", "ip_address": new}]}
    result = act("ipmi_config", {**bmc.options, **wish, "allow_self": True, "verify_timeout": 5})
    assert result.get("failed") is None, result
    assert (result["verified"], bmc.state()["users"]["2"]["enabled"]) == (False, False)
    oper = {**bmc.options, "bmc_user": "oper", "bmc_privilege": "operator"}
    assert "powerstate" in act("ipmi_power", {**oper, "bmc_host": new})


@pytest.mark.promise("refused")
def test_a_refusal_half_way_says_what_was_written(bmc: Target) -> None:
    bmc.faults(refuse={"0C/21:0101": 0xCC, "0C/21:0102": 0xD4})
    result = act("ipmi_config", {**bmc.options, **document(bmc)})
    assert result["failed"] and result["completion_code"] == "0xD4"
    assert "sol channel 1" in result["msg"]
    assert any("monitor" in entry for entry in result["written"])
    assert result["changed"] is True
    assert not any("vlan" in entry for entry in result["written"])
    assert bmc.sessions() == 0


def test_a_bmc_that_restarts_in_the_middle_is_reported_with_what_was_written(bmc: Target) -> None:
    bmc.faults(reset_after=["0C/21:0102"])
    result = act("ipmi_config", {**bmc.options, **document(bmc), "bmc_timeout": 2})
    assert result["failed"] and result["reason"] in ("session_lost", "answer_lost", "unreachable"), result
    assert any("monitor" in entry for entry in result["written"])


def test_one_that_restarts_with_half_of_a_network_gets_its_old_one_back(bmc: Target) -> None:
    """Its password was proved before that, and stays."""
    new = f"{bmc.host.rsplit('.', 1)[0]}.88"
    wish = {
        "users": [{"name": "admin", "password": OTHER_PASSWORD}],
        "lan": [{"ip_source": "static", "ip_address": new, "netmask": "16"}],
    }
    bmc.faults(reset_before=["0C/01:0103"])
    result = act("ipmi_config", {**bmc.options, **wish, "bmc_timeout": 2, "verify_timeout": 8})
    assert result["failed"] and result["reason"] == "restored" and bmc.host in result["msg"], result
    assert result["written"] == ["user 'admin' (slot 2): password"]
    bmc.faults()
    found = act("ipmi_info", {**bmc.options, "bmc_password": OTHER_PASSWORD, "gather": ["lan"]})
    [lan] = found["bmc"]["lan"]
    assert (lan["ip_address"], lan["netmask"]) == (bmc.host, "255.255.255.0")
    assert bmc.sessions() == 0


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_config", {**bmc.options, **document(bmc), "bmc_host": "127.31.250.249", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
def test_passwords_of_all_accounts_are_kept_out_of_the_result(bmc: Target) -> None:
    result = act("ipmi_config", {**bmc.options, **document(bmc)})
    for secret in (bmc.password, "Mon-itor-0815", "Con-sole-4711"):
        assert secret not in str(result)


def test_a_strict_lockout_comes_after_the_proof_of_a_new_own_password(bmc: Target) -> None:
    bmc.faults(ignore=["06/47"])
    users = [{"name": bmc.user, "password": "Neues-Kennwort-1"}]
    result = act("ipmi_config", {**bmc.options, "users": users, "channels": [{"bad_password": {"threshold": 1}}]})
    assert result["failed"] and result["reason"] == "restored", result
    bmc.faults(ignore=[])
    assert not act("ipmi_power", bmc.options).get("failed")
    assert "Bad Password Threshold  : 0" in ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port)

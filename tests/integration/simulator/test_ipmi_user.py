# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_user against the simulated rack."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, ipmitool
from tests.integration.simulator.conftest import OTHER_PASSWORD, PASSWORD, Starter, Target, users

NEW: dict[str, t.Any] = {"name": "sol", "password": "Bx7-new-secret", "privilege": "operator", "sol_payload": True}


@pytest.fixture
def make(start_rack: Starter, network: t.Callable[[], str]) -> t.Callable[..., Target]:
    """Makes a BMC with a personality of its own."""

    def build(maker: str = "generic", **entry: t.Any) -> Target:
        prefix = network()
        row = {"name": "m1", "maker": maker, "address": f"{prefix}.1", "source": "static", "users": users(), **entry}
        return Target(start_rack({"bmcs": [row]}), "m1", f"{prefix}.1")

    return build


def listed(bmc: Target) -> dict[str, str]:
    """ipmitool's list of accounts: name to the rest of its line."""
    lines = ipmitool(bmc.host, bmc.user, bmc.password, "user", "list", "1", port=bmc.rack.port).splitlines()[1:]
    return {line[4:21].strip(): line for line in lines if line[4:21].strip()}


def may_log_in(bmc: Target, name: str, password: str, privilege: str = "user") -> bool:
    """Whether our own login works; ipmitool's own are in other tests."""
    args = {**bmc.options, "bmc_user": name, "bmc_password": password, "bmc_privilege": privilege}
    return "powerstate" in act("ipmi_power", args)


@pytest.mark.promise("created", "diff")
def test_a_new_account_gets_the_first_free_slot_and_works(bmc: Target) -> None:
    result = act("ipmi_user", {**bmc.options, **NEW})
    assert result.get("failed") is None, result
    assert (result["changed"], result["user_id"]) == (True, 4)
    assert result["diff"]["before"]["name"] == ""
    assert result["diff"]["after"]["privilege"] == "operator"
    assert result["diff"]["after"]["password"] == "(as given)"
    assert "OPERATOR" in listed(bmc)["sol"]
    status = ipmitool(bmc.host, "sol", NEW["password"], "-L", "OPERATOR", "chassis", "power", "status", port=bmc.rack.port)
    assert "Chassis Power is" in status
    payload = ipmitool(bmc.host, bmc.user, bmc.password, "sol", "payload", "status", "1", "4", port=bmc.rack.port)
    assert "enabled" in payload
    assert bmc.sessions() == 0


@pytest.mark.promise("unchanged")
def test_the_second_run_writes_nothing(bmc: Target) -> None:
    act("ipmi_user", {**bmc.options, **NEW})
    writes = bmc.writes()
    again = act("ipmi_user", {**bmc.options, **NEW})
    assert (again["changed"], again["written"]) == (False, [])
    assert bmc.writes() == writes


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_change_and_writes_nothing(bmc: Target) -> None:
    result = act("ipmi_user", {**bmc.options, **NEW}, check_mode=True)
    assert result["changed"] is True and result["user_id"] == 4
    assert bmc.writes() == 0


@pytest.mark.parametrize(
    ("password", "size", "stored"),
    [("short", "auto", 16), ("sixteen-bytes-16", "auto", 16), ("seventeen-bytes17", "auto", 20), ("short", "20", 20)],
)
def test_passwords_are_kept_in_the_right_form(bmc: Target, password: str, size: str, stored: int) -> None:
    args = {**bmc.options, "name": "oper", "password": password, "password_size": size}
    assert act("ipmi_user", args)["changed"] is True
    assert bmc.state()["users"]["3"]["password_size"] == stored
    assert act("ipmi_user", args)["changed"] is False
    assert may_log_in(bmc, "oper", password)


def test_a_password_in_the_other_form_is_right_all_the_same_unless_the_form_matters(bmc: Target) -> None:
    act("ipmi_user", {**bmc.options, "name": "oper", "password": "short", "password_size": "20"})
    assert act("ipmi_user", {**bmc.options, "name": "oper", "password": "short"})["changed"] is False
    sixteen = act("ipmi_user", {**bmc.options, "name": "oper", "password": "short", "password_size": "16"})
    assert sixteen["changed"] is True
    assert bmc.state()["users"]["3"]["password_size"] == 16


def test_on_create_leaves_the_password_of_an_account_that_is_there(bmc: Target) -> None:
    args = {**bmc.options, "name": "oper", "password": OTHER_PASSWORD, "update_password": "on_create"}
    assert act("ipmi_user", args)["changed"] is False
    assert may_log_in(bmc, "oper", PASSWORD)


def test_a_new_account_needs_a_password(bmc: Target) -> None:
    result = act("ipmi_user", {**bmc.options, "name": "nobody"})
    assert result["failed"] and "password" in result["msg"]
    assert bmc.writes() == 0


def test_a_changed_privilege_leaves_the_flags_alone(bmc: Target) -> None:
    before = bmc.state()["users"]["3"]["access"]["1"]
    result = act("ipmi_user", {**bmc.options, "name": "oper", "privilege": "user"})
    assert result["changed"] is True
    after = bmc.state()["users"]["3"]["access"]["1"]
    assert after["privilege"] == 2
    assert {**after, "privilege": None} == {**before, "privilege": None}


def test_an_account_can_be_disabled_and_enabled_again(bmc: Target) -> None:
    assert act("ipmi_user", {**bmc.options, "name": "oper", "enabled": False})["changed"] is True
    assert not may_log_in(bmc, "oper", PASSWORD)
    assert act("ipmi_user", {**bmc.options, "name": "oper", "enabled": False})["changed"] is False
    assert act("ipmi_user", {**bmc.options, "name": "oper", "enabled": True})["changed"] is True
    assert may_log_in(bmc, "oper", PASSWORD)


def test_absent_takes_everything_and_does_nothing_the_second_time(bmc: Target) -> None:
    args = {**bmc.options, "name": "oper", "state": "absent"}
    result = act("ipmi_user", args)
    assert result.get("failed") is None, result
    assert result["changed"] is True
    assert "oper" not in listed(bmc)
    user = bmc.state()["users"]["3"]
    assert user["enabled"] is False and user["access"]["1"]["privilege"] == 15
    writes = bmc.writes()
    again = act("ipmi_user", args)
    assert (again["changed"], again["user_id"]) == (False, None)
    assert bmc.writes() == writes


@pytest.mark.parametrize(
    "loss",
    [
        {"state": "absent"},
        {"enabled": False},
        {"privilege": "operator"},
        {"ipmi_messaging": False},
        {"callback": True},
    ],
)
def test_the_account_in_use_is_not_taken_away(bmc: Target, loss: dict[str, t.Any]) -> None:
    result = act("ipmi_user", {**bmc.options, "name": "admin", **loss})
    assert result["failed"] and result["reason"] == "would_lock_out"
    assert "allow_self" in result["msg"]
    assert bmc.writes() == 0
    assert may_log_in(bmc, "admin", PASSWORD, "administrator")


def test_the_account_in_use_is_taken_away_if_the_task_says_so(bmc: Target) -> None:
    args = {**bmc.options, "name": "admin", "state": "absent", "allow_self": True}
    result = act("ipmi_user", args)
    assert result.get("failed") is None, result
    assert result["changed"] is True
    assert not may_log_in(bmc, "admin", PASSWORD)
    assert bmc.sessions() == 0


def test_the_own_password_is_changed_and_proved_by_a_fresh_login(bmc: Target) -> None:
    result = act("ipmi_user", {**bmc.options, "name": "admin", "password": OTHER_PASSWORD})
    assert result.get("failed") is None, result
    assert (result["changed"], result["verified"]) == (True, True)
    assert may_log_in(bmc, "admin", OTHER_PASSWORD, "administrator")
    assert bmc.sessions() == 0


def test_an_own_password_that_does_not_work_is_put_back(make: t.Callable[..., Target]) -> None:
    bmc = make()
    # Accepted and not done: the BMC keeps the old password, so a fresh login with the new one is refused.
    bmc.faults(ignore=["06/47:0202", "06/47:8202"])
    result = act("ipmi_user", {**bmc.options, "name": "admin", "password": OTHER_PASSWORD})
    assert result["failed"] and result["reason"] == "restored", result
    assert OTHER_PASSWORD not in str(result)
    assert may_log_in(bmc, "admin", PASSWORD, "administrator")


def test_slots_that_a_maker_reserves_are_stepped_over(make: t.Callable[..., Target]) -> None:
    bmc = make("idrac9")
    result = act("ipmi_user", {**bmc.options, **NEW, "on_unsupported": "report"})
    assert result.get("failed") is None, result
    assert result["user_id"] >= 2 and "sol" in listed(bmc)


def test_a_given_slot_is_taken(bmc: Target) -> None:
    assert act("ipmi_user", {**bmc.options, **NEW, "user_id": 7})["user_id"] == 7
    assert listed(bmc)["sol"].startswith("7 ")


def test_without_an_enable_status_a_login_decides(make: t.Callable[..., Target]) -> None:
    bmc = make(personality={"users": {"reports_enable_status": False}})
    args = {**bmc.options, "name": "oper", "password": PASSWORD, "enabled": True}
    assert act("ipmi_user", args)["changed"] is False
    without = act("ipmi_user", {**bmc.options, "name": "oper", "enabled": True})
    assert without["failed"] and without["reason"] == "unsupported"


def test_without_test_password_a_login_decides(make: t.Callable[..., Target]) -> None:
    bmc = make(personality={"users": {"test_password_code": 0xC1}})
    args = {**bmc.options, "name": "oper", "password": PASSWORD}
    assert act("ipmi_user", args)["changed"] is False
    assert act("ipmi_user", {**args, "password": OTHER_PASSWORD})["changed"] is True
    assert may_log_in(bmc, "oper", OTHER_PASSWORD)


def test_a_board_that_wants_password_bytes_with_enable_gets_them(make: t.Callable[..., Target]) -> None:
    bmc = make(personality={"users": {"enable_needs_password_bytes": True}})
    assert act("ipmi_user", {**bmc.options, "name": "oper", "enabled": False})["changed"] is True


@pytest.mark.promise("refused")
def test_a_refused_password_names_the_account_and_the_code(bmc: Target) -> None:
    bmc.faults(refuse={"06/47:0402": 0xCC})
    result = act("ipmi_user", {**bmc.options, **NEW})
    assert result["failed"] and result["completion_code"] == "0xCC"
    assert "'sol'" in result["msg"] and NEW["password"] not in str(result)
    assert result["written"] == ["user 'sol' (slot 4): name"]
    assert bmc.sessions() == 0


def test_all_slots_taken_says_so(make: t.Callable[..., Target]) -> None:
    bmc = make(personality={"users": {"max_users": 3}})
    result = act("ipmi_user", {**bmc.options, **NEW})
    assert result["failed"] and "slots are taken" in result["msg"]


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_user", {**bmc.options, **NEW, "bmc_host": "127.31.250.251", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
@pytest.mark.parametrize("password", ["twenty-one-bytes-long", "with size sixteen"])
def test_a_password_that_is_too_long_is_refused_without_being_shown(bmc: Target, password: str) -> None:
    size = "16" if "sixteen" in password else "auto"
    result = act("ipmi_user", {**bmc.options, "name": "oper", "password": password, "password_size": size})
    assert result["failed"] and result["reason"] == "bad_option"
    assert password not in str(result)
    assert bmc.writes() == 0


def test_a_name_of_17_bytes_is_refused(bmc: Target) -> None:
    result = act("ipmi_user", {**bmc.options, "name": "seventeen-bytes17", "password": "x"})
    assert result["failed"] and result["reason"] == "bad_option"


def test_the_account_in_use_is_known_also_behind_another_of_its_name(bmc: Target) -> None:
    """The first of the name cannot log in, so the session is the second's."""
    act("ipmi_user", {**bmc.options, "name": "admin", "user_id": 5, "password": bmc.password, "privilege": "administrator", "allow_self": True})
    act("ipmi_user", {**bmc.options, "name": "admin", "user_id": 2, "enabled": False, "allow_self": True})
    writes = bmc.writes()
    result = act("ipmi_user", {**bmc.options, "name": "admin", "user_id": 5, "state": "absent"})
    assert result["failed"] and result["reason"] == "would_lock_out" and "(slot 5)" in result["msg"], result
    assert bmc.writes() == writes

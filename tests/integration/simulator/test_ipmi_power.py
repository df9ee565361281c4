# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_power against the simulated rack."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act
from tests.integration.simulator.conftest import Starter, Target, users
from tests.stopwatch import stopwatch


@pytest.fixture
def off(bmc: Target) -> Target:
    """A BMC whose host is off."""
    bmc.rack.ask("power", bmc.name, set="off")
    bmc.rack.ask("clear_counters", bmc.name)
    return bmc


@pytest.fixture
def on(bmc: Target) -> Target:
    """A BMC whose host is on."""
    bmc.rack.ask("power", bmc.name, set="on")
    bmc.rack.ask("clear_counters", bmc.name)
    return bmc


def controls(bmc: Target) -> int:
    """Chassis Control commands so far."""
    return int(bmc.rack.status(bmc.name)["by_command"].get("00/02", 0))


@pytest.mark.promise("created", "diff")
def test_on_switches_a_host_on_and_waits_until_it_is(off: Target) -> None:
    result = act("ipmi_power", {**off.options, "state": "on"})
    assert result["changed"] is True
    assert result["powerstate"] == "on"
    assert off.rack.status(off.name)["power"] == "on"
    assert result["diff"] == {"before": {"powerstate": "off"}, "after": {"powerstate": "on"}}
    assert off.sessions() == 0


@pytest.mark.promise("unchanged")
@pytest.mark.parametrize("state", ["off", "shutdown"])
def test_what_is_off_stays_off_without_a_command(off: Target, state: str) -> None:
    result = act("ipmi_power", {**off.options, "state": state})
    assert (result["changed"], result["powerstate"]) == (False, "off")
    assert controls(off) == 0


def test_a_second_on_changes_nothing(on: Target) -> None:
    result = act("ipmi_power", {**on.options, "state": "on"})
    assert (result["changed"], result["powerstate"]) == (False, "on")
    assert controls(on) == 0


def test_without_a_state_it_only_reports(on: Target) -> None:
    result = act("ipmi_power", on.options)
    assert (result["changed"], result["powerstate"]) == (False, "on")
    assert "forced" not in result
    assert on.writes() == 0


@pytest.mark.parametrize(("typed", "expected"), [(True, "on"), (False, "off")])
def test_yaml_s_unquoted_on_and_off_work(on: Target, typed: bool, expected: str) -> None:
    assert act("ipmi_power", {**on.options, "state": typed})["powerstate"] == expected


def test_off_switches_off_hard(on: Target) -> None:
    on.rack.ask("power", on.name, os_obeys=False)
    result = act("ipmi_power", {**on.options, "state": "off"})
    assert (result["changed"], result["powerstate"]) == (True, "off")


def test_shutdown_is_done_when_the_host_is_off(on: Target) -> None:
    result = act("ipmi_power", {**on.options, "state": "shutdown", "timeout": 30})
    assert (result["changed"], result["powerstate"], result["forced"]) == (True, "off", False)
    assert on.rack.status(on.name)["power"] == "off"


def test_shutdown_that_the_system_ignores_fails_at_the_timeout_and_says_so(on: Target) -> None:
    on.rack.ask("power", on.name, os_obeys=False)
    with stopwatch() as watch:
        result = act("ipmi_power", {**on.options, "state": "shutdown", "timeout": 2})
    assert result["failed"] and result["reason"] == "timeout"
    assert "force_after" in result["msg"]
    assert watch.elapsed >= 2 and watch.seconds < 6
    assert on.rack.status(on.name)["power"] == "on"


def test_force_after_switches_off_hard_what_ignores_the_shutdown(on: Target) -> None:
    on.rack.ask("power", on.name, os_obeys=False)
    args = {**on.options, "state": "shutdown", "force_after": 1, "timeout": 30}
    result = act("ipmi_power", args)
    assert (result["changed"], result["powerstate"], result["forced"]) == (True, "off", True)
    again = act("ipmi_power", args)
    assert (again["changed"], again["forced"]) == (False, False)


def test_force_after_does_without_a_soft_shutdown_that_the_bmc_does_not_have(on: Target) -> None:
    on.faults(refuse={"00/02:05": 0xCC})
    result = act("ipmi_power", {**on.options, "state": "shutdown", "force_after": 60, "timeout": 30})
    assert (result["powerstate"], result["forced"]) == ("off", True)


@pytest.mark.parametrize("state", ["reset", "cycle", "boot"])
def test_a_restart_restarts_a_host_that_is_on(on: Target, state: str) -> None:
    result = act("ipmi_power", {**on.options, "state": state, "timeout": 60})
    assert (result["changed"], result["powerstate"]) == (True, "on")
    assert controls(on) == 1


@pytest.mark.parametrize("state", ["reset", "cycle"])
def test_a_restart_of_a_host_that_is_off_fails_and_leaves_it_off(off: Target, state: str) -> None:
    result = act("ipmi_power", {**off.options, "state": state})
    assert result["failed"] and result["reason"] == "not_now" and "boot" in result["msg"]
    assert controls(off) == 0


def test_boot_switches_on_what_is_off(off: Target) -> None:
    assert act("ipmi_power", {**off.options, "state": "boot"})["powerstate"] == "on"


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_be_and_sends_nothing(off: Target) -> None:
    result = act("ipmi_power", {**off.options, "state": "on"}, check_mode=True)
    assert (result["changed"], result["powerstate"]) == (True, "on")
    assert off.writes() == 0
    assert off.rack.status(off.name)["power"] == "off"


@pytest.mark.promise("refused")
def test_a_refused_command_is_named_with_its_code_and_meaning(off: Target) -> None:
    off.faults(refuse={"00/02": 0xD4})
    result = act("ipmi_power", {**off.options, "state": "on"})
    assert result["failed"] and result["reason"] == "refused"
    assert result["completion_code"] == "0xD4"
    assert off.host in result["msg"] and "privilege" in result["msg"]
    assert off.sessions() == 0


@pytest.mark.promise("unreachable")
def test_a_dead_address_costs_bmc_timeout(bmc: Target) -> None:
    with stopwatch() as watch:
        result = act("ipmi_power", {**bmc.options, "bmc_host": "127.31.250.250", "bmc_timeout": 1.5})
    assert result["failed"] and result["reason"] == "unreachable"
    assert watch.elapsed >= 1.4 and watch.seconds < 3


def test_a_name_that_does_not_resolve_says_so(bmc: Target) -> None:
    result = act("ipmi_power", {**bmc.options, "bmc_host": "no-such-bmc.invalid"})
    assert result["failed"] and result["reason"] == "name_not_resolved"


@pytest.mark.promise("no_secret")
def test_a_refused_login_names_the_user_and_not_the_password(bmc: Target) -> None:
    result = act("ipmi_power", {**bmc.options, "bmc_password": "Wrong-Password-99"})
    assert result["failed"] and result["reason"] == "login_refused"
    assert "admin" in result["msg"]
    assert "Wrong-Password-99" not in str(result)
    assert bmc.sessions() == 0


def test_a_reset_whose_answer_is_lost_is_not_sent_twice(on: Target) -> None:
    on.faults(drop_answers=1, drop_answers_on="00/02")
    result = act("ipmi_power", {**on.options, "state": "reset"})
    assert result["failed"] and result["reason"] == "answer_lost"
    assert controls(on) == 1


def test_an_on_whose_answer_is_lost_is_settled_by_the_state(off: Target) -> None:
    off.faults(drop_answers=1, drop_answers_on="00/02")
    result = act("ipmi_power", {**off.options, "state": "on"})
    assert (result.get("failed"), result["powerstate"]) == (None, "on")
    assert controls(off) == 1


def test_a_busy_bmc_is_asked_again(off: Target) -> None:
    off.faults(busy=4)
    assert act("ipmi_power", {**off.options, "state": "on"})["powerstate"] == "on"


def test_one_percent_of_loss_in_ten_goes_unnoticed(bmc: Target) -> None:
    bmc.faults(loss=10.0)
    states = [act("ipmi_power", {**bmc.options, "bmc_timeout": 10}).get("powerstate") for _attempt in range(5)]
    assert set(states) <= {"on", "off"}


def test_community_general_s_names_work(on: Target) -> None:
    result = act(
        "ipmi_power",
        {"name": on.host, "port": on.rack.port, "user": on.user, "password": on.password, "state": "on"},
    )
    assert (result["changed"], result["powerstate"]) == (False, "on")


def test_a_bad_target_address_is_refused_before_anything_is_sent(bmc: Target) -> None:
    result = act("ipmi_power", {**bmc.options, "machine": [{"targetAddress": 300, "state": "on"}]})
    assert result["failed"] and result["reason"] == "bad_option"


def test_without_free_session_slots_it_waits_and_then_says_so(bmc: Target) -> None:
    bmc.faults(slots_taken=64)
    result = act("ipmi_power", {**bmc.options, "bmc_timeout": 2.9})
    assert result["failed"] and result["reason"] == "no_session_slot"


@pytest.fixture
def chassis(start_rack: Starter, network: t.Callable[[], str]) -> Target:
    """A BMC with two nodes behind it."""
    prefix = network()
    nodes = [{"address": 48, "power": "off"}, {"address": 50, "power": "on"}]
    row = {"name": "c1", "maker": "generic", "address": f"{prefix}.1", "users": users(), "satellites": nodes}
    return Target(start_rack({"bmcs": [{**row, "source": "static"}]}), "c1", f"{prefix}.1")


def test_nodes_behind_a_bmc_are_switched_and_the_bmc_s_own_host_is_not(chassis: Target) -> None:
    args = {
        **chassis.options,
        "state": "on",
        "machine": [{"targetAddress": 48}, {"targetAddress": 50, "state": "off"}],
    }
    before = chassis.rack.status("c1")["power"]
    result = act("ipmi_power", args)
    assert result.get("failed") is None, result
    assert result["status"] == [
        {"targetAddress": 48, "powerstate": "on", "changed": True},
        {"targetAddress": 50, "powerstate": "off", "changed": True},
    ]
    assert chassis.rack.status("c1")["power"] == before
    assert act("ipmi_power", args)["changed"] is False
    report = act("ipmi_power", {**chassis.options, "machine": [{"targetAddress": 48}]})
    assert (report["changed"], report["status"][0]["powerstate"]) == (False, "on")


def test_a_node_that_does_not_answer_is_a_failure(chassis: Target) -> None:
    result = act("ipmi_power", {**chassis.options, "bmc_timeout": 1.5, "machine": [{"targetAddress": 60, "state": "on"}]})
    assert result["failed"], result
    assert chassis.sessions() == 0

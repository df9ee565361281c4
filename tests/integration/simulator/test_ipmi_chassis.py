# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_chassis against the simulated rack, with ipmitool and FreeIPMI as witnesses."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, fields, ipmitool, witness
from tests.integration.simulator.conftest import Target

#: Each option: ipmitool's line of "chassis status", FreeIPMI's of "ipmi-chassis --get-chassis-status".
SETTINGS: t.Final = [
    ({"power_restore_policy": "previous"}, {"Power Restore Policy": "previous"}, {"Power restore policy": "Restore"}),
    ({"power_restore_policy": "always_on"}, {"Power Restore Policy": "always-on"}, {"Power restore policy": "Always on"}),
    ({"identify": "timed", "identify_seconds": 200}, {}, {"Chassis Identify state": "Timed on"}),
    ({"identify": "on"}, {}, {"Chassis Identify state": "Indefinite on"}),
    ({"power_button": False}, {"Power Button Disabled": "true"}, {"Power off button": "disabled"}),
    ({"reset_button": False}, {"Reset Button Disabled": "true"}, {"Reset button": "disabled"}),
    ({"diagnostic_button": False}, {"Diag Button Disabled": "true"}, {"Diagnostic Interrupt button": "disabled"}),
    ({"standby_button": False}, {"Sleep Button Disabled": "true"}, {"Standby button": "disabled"}),
]
EVERYTHING: t.Final = {
    "power_restore_policy": "always_on",
    "identify": "on",
    "power_button": False,
    "reset_button": False,
    "diagnostic_button": True,
    "standby_button": False,
}


def seen(bmc: Target, names: t.Iterable[str]) -> dict[str, str]:
    """ipmitool's view."""
    shown = fields(ipmitool(bmc.host, bmc.user, bmc.password, "chassis", "status", port=bmc.rack.port))
    return {name: shown[name] for name in names}


def seen_by_freeipmi(bmc: Target, names: t.Iterable[str]) -> dict[str, str]:
    """FreeIPMI's view."""
    shown = fields(
        witness(
            *("ipmi-chassis", "-D", "LAN_2_0", "-I", "3", "-l", "ADMIN", "-h", f"{bmc.host}:{bmc.rack.port}"),
            *("-u", bmc.user, "-p", bmc.password, "--get-chassis-status"),
        )
    )
    return {name: shown[name] for name in names}


@pytest.mark.promise("created", "diff")
@pytest.mark.parametrize(("options", "by_ipmitool", "by_freeipmi"), SETTINGS)
def test_each_setting_is_brought_about_and_others_see_it(
    bmc: Target, options: dict[str, t.Any], by_ipmitool: dict[str, str], by_freeipmi: dict[str, str]
) -> None:
    assert seen_by_freeipmi(bmc, by_freeipmi) != by_freeipmi
    result = act("ipmi_chassis", {**bmc.options, **options})
    assert result.get("failed") is None, result
    assert result["changed"] is True
    wanted = {name: value for name, value in options.items() if name != "identify_seconds"}
    assert result["diff"]["after"] == wanted and result["diff"]["before"] != wanted
    assert seen(bmc, by_ipmitool) == by_ipmitool
    assert seen_by_freeipmi(bmc, by_freeipmi) == by_freeipmi
    assert bmc.sessions() == 0


@pytest.mark.promise("unchanged")
def test_the_second_run_writes_nothing_and_asks_once(bmc: Target) -> None:
    assert act("ipmi_chassis", {**bmc.options, **EVERYTHING})["changed"] is True
    writes = bmc.writes()
    again = act("ipmi_chassis", {**bmc.options, **EVERYTHING})
    assert (again["changed"], again["written"], again["requests"]) == (False, [], 1)
    assert bmc.writes() == writes


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_change_and_writes_nothing(bmc: Target) -> None:
    result = act("ipmi_chassis", {**bmc.options, **EVERYTHING, "power_cycle_interval": 9}, check_mode=True)
    assert (result["changed"], bmc.writes()) == (True, 0)
    assert "power_cycle_interval is written each time" in result["warnings"][0]


@pytest.mark.parametrize(("given", "light"), [(True, "Indefinite on"), (False, "off")])
def test_yaml_s_unquoted_on_and_off_work(bmc: Target, given: bool, light: str) -> None:
    act("ipmi_chassis", {**bmc.options, "identify": "timed"})
    assert act("ipmi_chassis", {**bmc.options, "identify": given})["changed"] is True
    assert seen_by_freeipmi(bmc, ["Chassis Identify state"]) == {"Chassis Identify state": light.capitalize() if given else "off"}


def test_the_interval_reaches_the_bmc(bmc: Target) -> None:
    result = act("ipmi_chassis", {**bmc.options, "power_cycle_interval": 9})
    assert (result["changed"], result["written"]) == (False, ["chassis: power_cycle_interval"])
    assert bmc.state()["chassis"]["cycle_interval"] == 9


def test_a_power_cycle_takes_that_long(bmc: Target) -> None:
    def power() -> str:
        return ipmitool(bmc.host, bmc.user, bmc.password, "chassis", "power", "status", port=bmc.rack.port).split()[-1]

    act("ipmi_chassis", {**bmc.options, "power_cycle_interval": 200})
    act("ipmi_power", {**bmc.options, "state": "on"})
    ipmitool(bmc.host, bmc.user, bmc.password, "chassis", "power", "cycle", port=bmc.rack.port)
    bmc.rack.ask("clock", advance=190)
    assert power() == "off"
    bmc.rack.ask("clock", advance=30)
    assert power() == "on"


def test_a_light_that_cannot_stay_on_fails_and_says_what_to_do(bmc: Target) -> None:
    bmc.faults(refuse={"00/04:0001": 0xC7})
    result = act("ipmi_chassis", {**bmc.options, "identify": "on"})
    assert result["failed"] and result["reason"] == "unsupported" and "identify: timed" in result["msg"]
    assert act("ipmi_chassis", {**bmc.options, "identify": "timed"})["changed"] is True


def test_an_ignored_write_is_not_believed(bmc: Target) -> None:
    bmc.faults(ignore=["00/0A"])
    result = act("ipmi_chassis", {**bmc.options, "power_button": False})
    assert result["failed"] and result["reason"] == "not_verified"


@pytest.mark.promise("refused")
def test_a_refused_write_names_the_setting_and_the_code(bmc: Target) -> None:
    bmc.faults(refuse={"00/06:02": 0xD4})
    result = act("ipmi_chassis", {**bmc.options, "power_restore_policy": "always_on"})
    assert result["failed"] and result["completion_code"] == "0xD4" and "power_restore_policy" in result["msg"]
    assert bmc.sessions() == 0


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_chassis", {**bmc.options, "identify": "on", "bmc_host": "127.31.250.252", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
def test_a_refused_login_does_not_show_the_password(bmc: Target) -> None:
    result = act("ipmi_chassis", {**bmc.options, "identify": "on", "bmc_password": "Falsch-und-geheim"})
    assert result["reason"] == "login_refused" and "Falsch-und-geheim" not in str(result)


def test_values_that_cannot_be_are_refused_before_anything_is_sent(bmc: Target) -> None:
    result = act("ipmi_chassis", {**bmc.options, "identify": "on", "identify_seconds": 5})
    assert result["failed"] and result["reason"] == "bad_option"
    assert bmc.rack.status(bmc.name)["logins"] == 0

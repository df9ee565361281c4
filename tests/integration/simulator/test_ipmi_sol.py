# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_sol against the simulated rack."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, fields, ipmitool
from tests.integration.simulator.conftest import Target

CONSOLE = {
    "enabled": True,
    "force_encryption": True,
    "force_authentication": True,
    "privilege": "operator",
    "bit_rate": "57600",
    "accumulate_interval": 50,
    "send_threshold": 100,
    "retry_count": 5,
    "retry_interval": 250,
}


def seen(bmc: Target) -> dict[str, str]:
    """ipmitool's view."""
    return fields(ipmitool(bmc.host, bmc.user, bmc.password, "sol", "info", "1", port=bmc.rack.port))


@pytest.mark.promise("created", "diff")
def test_every_setting_is_brought_about_and_ipmitool_sees_it(bmc: Target) -> None:
    result = act("ipmi_sol", {**bmc.options, **CONSOLE})
    assert result.get("failed") is None, result
    assert result["changed"] is True
    assert result["diff"]["after"]["bit_rate_volatile"] == "57600"
    found = seen(bmc)
    assert found["Enabled"] == "true"
    assert (found["Force Encryption"], found["Force Authentication"]) == ("true", "true")
    assert found["Privilege Level"] == "OPERATOR"
    assert found["Character Accumulate Level (ms)"] == "50"
    assert found["Character Send Threshold"] == "100"
    assert (found["Retry Count"], found["Retry Interval (ms)"]) == ("5", "250")
    assert (found["Volatile Bit Rate (kbps)"], found["Non-Volatile Bit Rate (kbps)"]) == ("57.6", "57.6")
    assert bmc.sessions() == 0


@pytest.mark.promise("unchanged")
def test_the_second_run_writes_nothing(bmc: Target) -> None:
    act("ipmi_sol", {**bmc.options, **CONSOLE})
    writes = bmc.writes()
    again = act("ipmi_sol", {**bmc.options, **CONSOLE})
    assert (again["changed"], again["written"]) == (False, [])
    assert bmc.writes() == writes


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_change_and_writes_nothing(bmc: Target) -> None:
    result = act("ipmi_sol", {**bmc.options, **CONSOLE}, check_mode=True)
    assert result["changed"] is True
    assert bmc.writes() == 0


def test_one_part_of_a_shared_parameter_leaves_the_others_alone(bmc: Target) -> None:
    act("ipmi_sol", {**bmc.options, **CONSOLE})
    act("ipmi_sol", {**bmc.options, "retry_count": 1, "force_encryption": False})
    found = seen(bmc)
    assert (found["Retry Count"], found["Retry Interval (ms)"]) == ("1", "250")
    assert (found["Force Encryption"], found["Force Authentication"]) == ("false", "true")


def test_each_copy_of_the_bit_rate_has_an_option_of_its_own(bmc: Target) -> None:
    act("ipmi_sol", {**bmc.options, "bit_rate": "19200", "bit_rate_volatile": "9600"})
    found = seen(bmc)
    assert (found["Volatile Bit Rate (kbps)"], found["Non-Volatile Bit Rate (kbps)"]) == ("9.6", "19.2")


def test_a_part_that_the_bmc_lacks_is_reported_when_asked_to(bmc: Target) -> None:
    bmc.faults(refuse={"0C/22:0104": 0x80})
    args = {**bmc.options, "retry_count": 3, "send_threshold": 7}
    assert act("ipmi_sol", args)["reason"] == "unsupported"
    result = act("ipmi_sol", {**args, "on_unsupported": "report"})
    assert result["changed"] is True
    assert result["unsupported"][0]["setting"] == "retry_count"


@pytest.mark.promise("refused")
def test_a_refused_write_names_the_setting_and_the_code(bmc: Target) -> None:
    bmc.faults(refuse={"0C/21:0104": 0xD4})
    result = act("ipmi_sol", {**bmc.options, "retry_count": 2})
    assert result["failed"] and result["completion_code"] == "0xD4" and "retry_count" in result["msg"]
    assert bmc.sessions() == 0


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_sol", {**bmc.options, "enabled": True, "bmc_host": "127.31.250.252", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
def test_a_refused_login_does_not_show_the_password(bmc: Target) -> None:
    result = act("ipmi_sol", {**bmc.options, "enabled": True, "bmc_password": "Falsch-und-geheim"})
    assert result["reason"] == "login_refused" and "Falsch-und-geheim" not in str(result)


@pytest.mark.parametrize(
    "options",
    [{"accumulate_interval": 12}, {"retry_interval": 2551}, {"retry_count": 8}, {"send_threshold": 256}],
)
def test_values_that_cannot_be_are_refused_before_anything_is_sent(bmc: Target, options: dict[str, t.Any]) -> None:
    result = act("ipmi_sol", {**bmc.options, **options})
    assert result["failed"] and result["reason"] == "bad_option"
    assert bmc.rack.status(bmc.name)["logins"] == 0

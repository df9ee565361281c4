# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_sol against ipmi_sim: what it sets, ipmitool and FreeIPMI read back."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import fields
from tests.integration.ipmi_sim.rig import Bmc

#: Each setting: the options, ipmitool's lines of `sol info`, FreeIPMI's keys of SOL_Conf.
SETTINGS: t.Final = [
    ({"enabled": False}, {"Enabled": "false"}, {"Enable_SOL": "No"}),
    *[
        ({"bit_rate_volatile": rate}, {"Volatile Bit Rate (kbps)": shown}, {"Volatile_Bit_Rate": rate})
        for rate, shown in (("9600", "9.6"), ("19200", "19.2"), ("38400", "38.4"), ("57600", "57.6"), ("115200", "115.2"))
    ],
    ({"bit_rate_non_volatile": "38400"}, {"Non-Volatile Bit Rate (kbps)": "38.4"}, {"Non_Volatile_Bit_Rate": "38400"}),
    (
        {"bit_rate": "19200"},
        {"Volatile Bit Rate (kbps)": "19.2", "Non-Volatile Bit Rate (kbps)": "19.2"},
        {"Volatile_Bit_Rate": "19200", "Non_Volatile_Bit_Rate": "19200"},
    ),
]
#: What ipmi_sim lacks, each with a value that could be set.
LACKING: t.Final[dict[str, t.Any]] = {
    "force_encryption": True,
    "force_authentication": True,
    "privilege": "operator",
    "accumulate_interval": 50,
    "send_threshold": 96,
    "retry_count": 7,
    "retry_interval": 500,
    "payload_channel": 1,
    "payload_port": 623,
}


def seen(bmc: Bmc, names: t.Iterable[str]) -> dict[str, str]:
    """ipmitool's view."""
    shown = fields(bmc.ipmitool("sol", "info", "1"))
    return {name: shown[name] for name in names}


def seen_by_freeipmi(bmc: Bmc, names: t.Iterable[str]) -> dict[str, str]:
    """FreeIPMI's view."""
    shown = bmc.checkout("SOL_Conf")
    return {name: shown[f"SOL_Conf:{name}"] for name in names}


@pytest.mark.parametrize(("args", "ipmitool", "freeipmi"), SETTINGS)
def test_each_setting_is_read_back(
    bmc: Bmc, args: dict[str, t.Any], ipmitool: dict[str, str], freeipmi: dict[str, str]
) -> None:
    assert seen(bmc, ipmitool) != ipmitool and seen_by_freeipmi(bmc, freeipmi) != freeipmi
    bmc.converge("ipmi_sol", **args)
    assert seen(bmc, ipmitool) == ipmitool
    assert seen_by_freeipmi(bmc, freeipmi) == freeipmi


def test_it_is_switched_on_again(bmc: Bmc) -> None:
    bmc.run("ipmi_sol", enabled=False)
    bmc.converge("ipmi_sol", enabled=True)
    assert seen(bmc, ["Enabled"]) == {"Enabled": "true"}


@pytest.mark.parametrize("option", LACKING)
def test_what_ipmi_sim_lacks_is_unsupported_as_documented(bmc: Bmc, option: str) -> None:
    result = bmc.run("ipmi_sol", **{option: LACKING[option]})
    assert result["failed"] and result["reason"] == "unsupported" and option in result["msg"]
    assert bmc.writes() == []


def test_all_that_it_lacks_is_reported_and_the_rest_is_set(bmc: Bmc) -> None:
    args = {**LACKING, "enabled": True, "bit_rate": "115200", "on_unsupported": "report"}
    result = bmc.converge("ipmi_sol", **args)
    assert {missing["setting"] for missing in result["unsupported"]} == set(LACKING)
    assert sorted(result["after"]) == ["bit_rate_non_volatile", "bit_rate_volatile", "enabled"]
    assert seen(bmc, ["Volatile Bit Rate (kbps)"]) == {"Volatile Bit Rate (kbps)": "115.2"}


def test_a_refused_rate_fails_and_gives_the_lock_back(bmc: Bmc) -> None:
    bmc.run("ipmi_sol", bit_rate="9600")
    result = bmc.run("ipmi_sol", bit_rate_volatile="serial")
    assert result["failed"] and (result["reason"], result["completion_code"]) == ("refused", "0xCC")
    assert seen(bmc, ["Volatile Bit Rate (kbps)"]) == {"Volatile Bit Rate (kbps)": "9.6"}
    # A lock that somebody keeps makes ipmi_sim refuse every later write.
    bmc.ipmitool("sol", "set", "volatile-bit-rate", "57.6", "1")
    assert seen(bmc, ["Volatile Bit Rate (kbps)"]) == {"Volatile Bit Rate (kbps)": "57.6"}

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controls of channels, console and network against OpenIPMI's ipmi_sim; ipmitool and FreeIPMI set what is to be found."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, fields, witness
from tests.integration.ipmi_sim.rig import FREEIPMI, Bmc


def look(bmc: Bmc, control: str, **policy: t.Any) -> dict[str, t.Any]:
    """What the audit finds of a control."""
    result = act("ipmi_audit", {**bmc.options, "controls": [control], "policy": policy})
    assert not result.get("failed"), result
    (found,) = result["audit"]["findings"]
    return t.cast("dict[str, t.Any]", found)


def mend(bmc: Bmc, found: dict[str, t.Any]) -> None:
    """Do what the finding says that mends it."""
    assert found["state"] == "fail" and found["fixes"], found
    for document in found["fixes"]:
        assert act("ipmi_config", {**bmc.options, **document})["changed"] is True


def test_a_stored_limit_that_freeipmi_lowered_is_found_and_mended(bmc: Bmc) -> None:
    assert look(bmc, "H-05")["state"] == "pass"
    key = "Lan_Channel:Non_Volatile_Channel_Privilege_Limit"
    login = ("-h", f"{bmc.host}:{bmc.port}", "-u", bmc.user, "-p", bmc.password)
    witness("ipmi-config", *FREEIPMI, *login, "--commit", f"--key-pair={key}=Operator")
    found = look(bmc, "H-05")
    assert found["actual"] == "channel 1: privilege_limit is administrator in force and operator stored"
    # The lower of the two would not let this account back in.
    mend(bmc, found)
    assert look(bmc, "H-05")["state"] == "pass"
    assert bmc.checkout("Lan_Channel")[key] == "Administrator"


def test_a_bit_rate_that_ipmitool_set_is_found_and_mended(bmc: Bmc) -> None:
    bmc.ipmitool("sol", "set", "non-volatile-bit-rate", "38.4", "1")
    assert look(bmc, "S-05")["actual"].startswith("channel 1: serial in force, 38400 stored")
    mend(bmc, look(bmc, "S-05", sol_bit_rate="115200"))
    assert look(bmc, "S-05")["state"] == "pass"
    rates = {name: rate for name, rate in fields(bmc.ipmitool("sol", "info", "1")).items() if "Bit Rate" in name}
    assert list(rates.values()) == ["115.2", "115.2"]


def test_a_console_that_is_not_wanted_is_switched_off(bmc: Bmc) -> None:
    mend(bmc, look(bmc, "S-01", sol_enabled=False))
    assert look(bmc, "S-01", sol_enabled=False)["state"] == "pass"
    assert fields(bmc.ipmitool("sol", "info", "1"))["Enabled"] == "false"


def test_an_address_by_dhcp_is_kept_as_a_static_one(bmc: Bmc) -> None:
    before = fields(bmc.ipmitool("lan", "print", "1"))
    assert before["IP Address Source"] == "DHCP Address"
    mend(bmc, look(bmc, "N-02"))
    assert look(bmc, "N-02")["state"] == "pass"
    after = fields(bmc.ipmitool("lan", "print", "1"))
    assert after == {**before, "IP Address Source": "Static Address"}


def test_the_rest_is_as_ipmitool_shows_it(bmc: Bmc) -> None:
    shown = fields(bmc.ipmitool("lan", "print", "1"))
    assert look(bmc, "N-01", management_networks=["192.0.2.0/24"])["actual"] == f"channel 1: {shown['IP Address']}"
    assert look(bmc, "N-01", management_networks=["127.0.0.0/8"])["state"] == "pass"
    assert shown["802.1q VLAN ID"] == "Disabled" and look(bmc, "N-03", vlan_id=0)["state"] == "pass"
    assert shown["Default Gateway IP"] == "0.0.0.0" and look(bmc, "N-04", gateway="none")["state"] == "pass"
    for control in ("H-01", "H-02", "H-03", "H-04", "S-06"):
        assert look(bmc, control)["state"] == "pass"


@pytest.mark.parametrize("control", ["S-02", "S-03", "S-04", "N-05", "N-06", "N-07"])
def test_what_ipmi_sim_lacks_never_passes(bmc: Bmc, control: str) -> None:
    assert look(bmc, control)["state"] == "not_assessed"


@pytest.mark.parametrize("control", ["H-06", "H-07"])
def test_ipmi_sim_has_no_serial_channel(bmc: Bmc, control: str) -> None:
    assert look(bmc, control)["state"] == "not_applicable"

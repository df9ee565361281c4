# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_boot against the simulated rack."""

from __future__ import annotations

import pytest

from tests.integration.harness import act, ipmitool
from tests.integration.simulator.conftest import Target


def seen(bmc: Target) -> str:
    """ipmitool's view of the boot flags."""
    return ipmitool(bmc.host, bmc.user, bmc.password, "chassis", "bootparam", "get", "5", port=bmc.rack.port)


@pytest.mark.promise("created", "diff")
@pytest.mark.parametrize(
    ("device", "text"),
    [
        ("network", "Force PXE"),
        ("hd", "Force Boot from default Hard-Drive"),
        ("safe", "Force Boot from default Hard-Drive, request Safe-Mode"),
        ("optical", "Force Boot from CD/DVD"),
        ("setup", "Force Boot into BIOS Setup"),
        ("floppy", "Force Boot from Floppy"),
        ("diagnostic", "Force Boot from Diagnostic Partition"),
    ],
)
def test_each_device_is_set_and_ipmitool_sees_it(bmc: Target, device: str, text: str) -> None:
    result = act("ipmi_boot", {**bmc.options, "bootdev": device})
    assert result.get("failed") is None, result
    assert (result["changed"], result["bootdev"]) == (True, device)
    assert result["diff"]["before"]["bootdev"] == "default"
    found = seen(bmc)
    assert text in found and "Boot Flag Valid" in found and "only next boot" in found
    assert bmc.sessions() == 0


def test_persistent_and_uefi_hold_together(bmc: Target) -> None:
    result = act("ipmi_boot", {**bmc.options, "bootdev": "network", "persistent": True, "uefiboot": True})
    assert (result["persistent"], result["uefimode"]) == (True, True)
    found = seen(bmc)
    assert "all future boots" in found and "EFI boot" in found


@pytest.mark.promise("unchanged")
def test_the_second_run_writes_nothing(bmc: Target) -> None:
    args = {**bmc.options, "bootdev": "network", "uefiboot": True}
    act("ipmi_boot", args)
    writes = bmc.writes()
    again = act("ipmi_boot", args)
    assert (again["changed"], again["bootdev"], again["uefimode"]) == (False, "network", True)
    assert bmc.writes() == writes


def test_default_is_idempotent_and_clears_the_valid_bit(bmc: Target) -> None:
    assert act("ipmi_boot", {**bmc.options, "bootdev": "default"})["changed"] is False
    act("ipmi_boot", {**bmc.options, "bootdev": "hd"})
    result = act("ipmi_boot", {**bmc.options, "bootdev": "default"})
    assert (result["changed"], result["bootdev"]) == (True, "default")
    assert "Boot Flag Invalid" in seen(bmc)
    assert act("ipmi_boot", {**bmc.options, "bootdev": "default"})["changed"] is False


def test_absent_removes_the_device_that_is_named_and_no_other(bmc: Target) -> None:
    act("ipmi_boot", {**bmc.options, "bootdev": "hd"})
    other = act("ipmi_boot", {**bmc.options, "bootdev": "network", "state": "absent"})
    assert (other["changed"], other["bootdev"]) == (False, "hd")
    named = act("ipmi_boot", {**bmc.options, "bootdev": "hd", "state": "absent"})
    assert (named["changed"], named["bootdev"]) == (True, "default")


def test_default_cannot_be_absent(bmc: Target) -> None:
    result = act("ipmi_boot", {**bmc.options, "bootdev": "default", "state": "absent"})
    assert result["failed"] and result["reason"] == "bad_option"


def test_a_valid_bit_that_the_boot_cleared_means_no_override(bmc: Target) -> None:
    bmc.rack.ask("power", bmc.name, set="off")
    act("ipmi_boot", {**bmc.options, "bootdev": "network"})
    act("ipmi_power", {**bmc.options, "state": "on"})
    # The firmware reads the override a moment after power-on; ask until it has.
    result = act("ipmi_boot", {**bmc.options, "bootdev": "network", "state": "absent"})
    for _attempt in range(50):
        if result["bootdev"] == "default":
            break
        result = act("ipmi_boot", {**bmc.options, "bootdev": "network", "state": "absent"}, check_mode=True)
    assert act("ipmi_boot", {**bmc.options, "bootdev": "network"}, check_mode=True)["changed"] is True


def test_the_override_survives_a_slow_power_on(bmc: Target) -> None:
    bmc.rack.ask("power", bmc.name, set="off")
    act("ipmi_boot", {**bmc.options, "bootdev": "network"})
    try:
        bmc.rack.ask("clock", advance=120)
        assert "Boot Flag Valid" in seen(bmc)
    finally:
        bmc.rack.ask("clock", run=True)


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_be_and_writes_nothing(bmc: Target) -> None:
    result = act("ipmi_boot", {**bmc.options, "bootdev": "setup"}, check_mode=True)
    assert (result["changed"], result["bootdev"]) == (True, "setup")
    assert bmc.writes() == 0


@pytest.mark.promise("refused")
def test_a_refused_device_fails_and_names_the_code(bmc: Target) -> None:
    bmc.faults(refuse={"00/08:05": 0xCC})
    result = act("ipmi_boot", {**bmc.options, "bootdev": "safe"})
    assert result["failed"] and result["completion_code"] == "0xCC" and "bootdev" in result["msg"]
    assert bmc.sessions() == 0


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_boot", {**bmc.options, "bootdev": "hd", "bmc_host": "127.31.250.253", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
def test_a_refused_login_does_not_show_the_password(bmc: Target) -> None:
    result = act("ipmi_boot", {**bmc.options, "bootdev": "hd", "bmc_password": "Falsch-und-geheim"})
    assert result["reason"] == "login_refused" and "Falsch-und-geheim" not in str(result)


def test_community_general_s_names_and_results_work(bmc: Target) -> None:
    result = act(
        "ipmi_boot",
        {"name": bmc.host, "port": bmc.rack.port, "user": bmc.user, "password": bmc.password, "bootdev": "optical"},
    )
    assert {"changed", "bootdev", "persistent", "uefimode"} <= set(result)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_power, ipmi_boot and ipmi_chassis against ipmi_sim, with ipmitool and FreeIPMI as witnesses."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import witness
from tests.integration.ipmi_sim.conftest import Starter
from tests.integration.ipmi_sim.rig import FREEIPMI, SATELLITE, Bmc

#: Each device that ipmi_sim has: ipmitool's words, FreeIPMI's, and what the hardware gets to know.
DEVICES: t.Final = {
    "network": ("Force PXE", "PXE", "pxe"),
    "hd": ("Force Boot from default Hard-Drive", "HARD-DRIVE", "default"),
    "optical": ("Force Boot from CD/DVD", "CD-DVD", "cdrom"),
    "setup": ("Force Boot into BIOS Setup", "BIOS-SETUP", "bios"),
}
#: Those that it refuses.
NO_DEVICES: t.Final = ["safe", "diagnostic", "floppy", "remote_floppy", "remote_optical", "remote_media", "remote_hd"]


def power(bmc: Bmc) -> str:
    """The power state, as ipmitool and FreeIPMI agree on it."""
    word = bmc.ipmitool("chassis", "power", "status").rpartition(" ")[2].strip()
    account = ("-u", bmc.user, "-p", bmc.password)
    shown = witness("ipmipower", *FREEIPMI, "-h", f"{bmc.host}:{bmc.port}", *account, "--stat")
    assert shown.split()[-1] == word
    return word


@pytest.mark.parametrize(
    ("state", "was_on", "is_on", "control"),
    [
        ("on", False, True, "01"),
        ("off", True, False, "00"),
        ("shutdown", True, False, "05"),
        ("boot", False, True, "01"),
    ],
)
def test_each_state_is_reached_once(start: Starter, state: str, was_on: bool, is_on: bool, control: str) -> None:
    bmc = start(power=was_on)
    foreseen = bmc.run("ipmi_power", check_mode=True, state=state)
    assert (foreseen["changed"], bmc.writes()) == (True, [])
    result = bmc.run("ipmi_power", state=state)
    assert (result.get("msg"), result["changed"]) == (None, True), result
    assert bmc.writes() == [f"00/02 {control}"]
    assert power(bmc) == result["powerstate"] == ("on" if is_on else "off")
    if state != "boot":
        again = bmc.run("ipmi_power", state=state)
        assert (again["changed"], bmc.writes()) == (False, [])


@pytest.mark.parametrize(("state", "control"), [("reset", "03"), ("cycle", "02"), ("boot", "03")])
def test_a_restart_is_asked_for_once(start: Starter, state: str, control: str) -> None:
    bmc = start(power=True)
    result = bmc.run("ipmi_power", state=state, timeout=5)
    assert (result.get("msg"), result["changed"], result["powerstate"]) == (None, True, "on"), result
    assert bmc.writes() == [f"00/02 {control}"]
    assert power(bmc) == "on"


@pytest.mark.parametrize("state", ["reset", "cycle"])
def test_a_server_that_is_off_is_not_restarted(bmc: Bmc, state: str) -> None:
    result = bmc.run("ipmi_power", state=state)
    assert result["failed"] and result["reason"] == "not_now"
    assert (bmc.writes(), power(bmc)) == ([], "off")


def test_without_a_state_it_reports(start: Starter) -> None:
    bmc = start(power=True)
    result = bmc.run("ipmi_power")
    assert (result["changed"], result["powerstate"], bmc.writes()) == (False, "on", [])


def test_a_deaf_operating_system_is_switched_off_hard(start: Starter) -> None:
    bmc = start(power=True)
    (bmc.sim.folder / "hardware/deaf").touch()
    asked = bmc.run("ipmi_power", state="shutdown", timeout=1)
    assert asked["failed"] and asked["reason"] == "timeout" and power(bmc) == "on"
    forced = bmc.run("ipmi_power", state="shutdown", force_after=1)
    assert (forced.get("msg"), forced["forced"], power(bmc)) == (None, True, "off"), forced
    assert bmc.writes() == ["00/02 05", "00/02 00"]


def test_a_bridged_controller_is_switched_and_not_the_bmc_itself(start: Starter) -> None:
    bmc = start(power=True, satellite=True)
    foreseen = bmc.run("ipmi_power", check_mode=True, state="on", machine=[{"targetAddress": SATELLITE}])
    assert (foreseen["changed"], bmc.sim.folder.joinpath("satellite/power").read_text()) == (True, "0\n")
    result = bmc.run("ipmi_power", state="on", machine=[{"targetAddress": SATELLITE}])
    assert (result.get("msg"), result["changed"]) == (None, True), result
    assert result["status"] == [{"targetAddress": SATELLITE, "powerstate": "on", "changed": True}]
    assert "Power is on" in bmc.ipmitool("-t", str(SATELLITE), "chassis", "power", "status")
    again = bmc.run("ipmi_power", state="on", machine=[{"targetAddress": SATELLITE}])
    assert again["changed"] is False
    off = bmc.run("ipmi_power", machine=[{"targetAddress": SATELLITE, "state": "off"}])
    assert off["changed"] is True
    assert "Power is off" in bmc.ipmitool("-t", str(SATELLITE), "chassis", "power", "status")
    assert power(bmc) == "on"


def test_a_controller_that_is_not_there_fails(bmc: Bmc) -> None:
    result = bmc.run("ipmi_power", state="on", machine=[{"targetAddress": 0x50}])
    assert result["failed"] and (result["reason"], result["completion_code"]) == ("refused", "0x83")
    assert result["command"].startswith("Send Message")


@pytest.mark.parametrize("device", DEVICES)
def test_each_boot_device_is_read_back(bmc: Bmc, device: str) -> None:
    ipmitool, freeipmi, hardware = DEVICES[device]
    foreseen = bmc.run("ipmi_boot", check_mode=True, bootdev=device)
    assert (foreseen["changed"], foreseen["bootdev"], bmc.writes()) == (True, device, [])
    result = bmc.run("ipmi_boot", bootdev=device)
    assert (result.get("msg"), result["changed"], result["bootdev"]) == (None, True, device), result
    assert ipmitool in bmc.ipmitool("chassis", "bootparam", "get", "5")
    shown = witness(
        *("ipmi-config", *FREEIPMI, "-h", f"{bmc.host}:{bmc.port}", "-u", bmc.user, "-p", bmc.password),
        *("--category=chassis", "--checkout", "--key-pair=Chassis_Boot_Flags:Boot_Device="),
    )
    assert shown.split("Boot_Device")[-1].split()[0] == freeipmi
    assert bmc.sim.hardware("boot") == hardware


def test_each_run_counts_as_a_change_as_documented(bmc: Bmc) -> None:
    for _run in range(2):
        result = bmc.run("ipmi_boot", bootdev="network", uefiboot=True)
        assert result["changed"] is True
        assert "the 'valid' bit" in " ".join(result["warnings"])


@pytest.mark.parametrize("args", [{"bootdev": "default"}, {"bootdev": "network", "state": "absent"}])
def test_a_device_without_the_valid_bit_is_no_override_as_documented(bmc: Bmc, args: dict[str, t.Any]) -> None:
    bmc.run("ipmi_boot", bootdev="network")
    result = bmc.run("ipmi_boot", **args)
    assert (result.get("msg"), result["changed"], result["bootdev"], bmc.writes()) == (None, False, "default", [])
    assert "Boot Flag Invalid" in bmc.ipmitool("chassis", "bootparam", "get", "5")


@pytest.mark.parametrize("device", NO_DEVICES)
def test_a_device_that_it_lacks_is_refused_as_documented(bmc: Bmc, device: str) -> None:
    result = bmc.run("ipmi_boot", bootdev=device)
    assert result["failed"] and result["reason"] == "refused" and "bootdev" in result["msg"], result
    assert "Boot Device Selector : No override" in bmc.ipmitool("chassis", "bootparam", "get", "5")


def test_without_a_chassis_both_say_so(start: Starter) -> None:
    bmc = start(chassis=False)
    switched = bmc.run("ipmi_power", state="on")
    assert switched["failed"] and switched["reason"] == "refused", switched
    chosen = bmc.run("ipmi_boot", bootdev="network")
    assert chosen["failed"] and chosen["reason"] in ("refused", "unsupported"), chosen


@pytest.mark.parametrize(
    ("args", "request_", "hardware"),
    [
        ({"identify": "on"}, "00/04 00 01", "0 1"),
        ({"identify": "timed", "identify_seconds": 77}, "00/04 4d", "77 0"),
        ({"identify": "off"}, "00/04 00", "0 0"),
    ],
)
def test_the_light_reaches_the_hardware_each_time_as_documented(
    bmc: Bmc, args: dict[str, t.Any], request_: str, hardware: str
) -> None:
    foreseen = bmc.run("ipmi_chassis", check_mode=True, **args)
    assert (foreseen["changed"], bmc.writes()) == (False, [])
    for _run in range(2):
        result = bmc.run("ipmi_chassis", **args)
        # It does not tell whether the light is on.
        assert (result.get("msg"), result["changed"], bmc.writes()) == (None, False, [request_]), result
        assert "written each time" in result["warnings"][0]
        assert bmc.sim.hardware("identify") == hardware


@pytest.mark.parametrize(
    "args", [{"power_restore_policy": "previous"}, {"power_cycle_interval": 5}, {"power_button": False}, {"reset_button": False}]
)
def test_what_its_chassis_lacks_is_unsupported_as_documented(bmc: Bmc, args: dict[str, t.Any]) -> None:
    result = bmc.run("ipmi_chassis", **args)
    assert result["failed"] and result["reason"] == "unsupported" and next(iter(args)) in result["msg"]
    reported = bmc.run("ipmi_chassis", **args, identify="off", on_unsupported="report")
    assert [missing["setting"] for missing in reported["unsupported"]] == list(args)
    assert bmc.sim.hardware("identify") == "0 0"

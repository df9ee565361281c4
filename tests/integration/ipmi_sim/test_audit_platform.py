# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controls of alerts and the platform against OpenIPMI's ipmi_sim; ipmitool and FreeIPMI set what is to be found."""

from __future__ import annotations

import time
import typing as t

from tests.integration.harness import act, witness
from tests.integration.ipmi_sim.rig import FREEIPMI, Bmc
from tests.integration.ipmi_sim.test_controller import ahead

OWN: t.Final = "Vogelfrei"
#: A system event for Add SEL Entry: the BMC's, of a temperature sensor.
RECORD: t.Final = bytes.fromhex("00 00 02 00 00 00 00 20 00 04 01 01 6f a1 02 03")


def look(bmc: Bmc, control: str, **policy: t.Any) -> dict[str, t.Any]:
    """What the audit finds of a control."""
    result = act("ipmi_audit", {**bmc.options, "controls": [control], "policy": policy})
    assert not result.get("failed"), result
    (found,) = result["audit"]["findings"]
    return t.cast("dict[str, t.Any]", found)


def test_a_community_that_the_bmc_does_not_keep_fails_until_it_does(bmc: Bmc) -> None:
    found = look(bmc, "T-01", snmp_community=OWN)
    assert (found["state"], found["actual"]) == ("fail", "channel 1: a well-known default")
    assert found["fixes"] == [{"lan": [{"channel": 1, "snmp_community": {"from_policy": "snmp_community"}}]}]
    # ipmi_sim says that it is done, and keeps the old one.
    result = act("ipmi_config", {**bmc.options, "lan": [{"channel": 1, "snmp_community": OWN}]})
    assert result["reason"] == "not_verified"
    assert look(bmc, "T-01", snmp_community=OWN)["state"] == "fail"


def test_event_filtering_that_freeipmi_switched_on(bmc: Bmc) -> None:
    assert look(bmc, "T-03")["state"] == "fail"
    keys = [f"--key-pair=PEF_Conf:{key}=Yes" for key in ("Enable_PEF", "Enable_PEF_Event_Messages", "Enable_Alert_Action")]
    login = ("-h", f"{bmc.host}:{bmc.port}", "-u", bmc.user, "-p", bmc.password, "-l", "ADMIN")
    witness("ipmi-config", *FREEIPMI, *login, "--category=pef", "--commit", *keys)
    found = look(bmc, "T-03")
    assert found["state"] == "pass", found


def test_boot_flags_and_the_event_log_are_as_ipmitool_shows_them(bmc: Bmc) -> None:
    assert look(bmc, "P-01")["state"] == "pass"
    assert "Boot Flag Invalid" in bmc.ipmitool("chassis", "bootparam", "get", "5")
    found = look(bmc, "P-02")
    assert (found["state"], found["actual"]) == ("pass", "logging: on; space: 0 % full (0 entries)")
    bmc.ipmitool("raw", "0x0a", "0x44", *(f"0x{byte:02x}" for byte in RECORD))
    entries = next(line.split(":")[1].strip() for line in bmc.ipmitool("sel", "info").splitlines() if line.startswith("Entries"))
    assert entries != "0"
    assert f"({entries} entries)" in look(bmc, "P-02")["actual"]
    assert "System Event Logging                     : enabled" in bmc.ipmitool("mc", "getenables")


def test_a_clock_that_was_never_set_is_found_and_mended(bmc: Bmc) -> None:
    found = look(bmc, "P-03")
    assert (found["state"], found["actual"]) == ("fail", "clock: never set")
    (fix,) = found["fixes"]
    assert act("ipmi_config", {**bmc.options, **fix})["changed"] is True
    assert abs(ahead(bmc)) <= 60
    assert look(bmc, "P-03")["state"] == "pass"
    behind = time.strftime("%m/%d/%y %H:%M:%S", time.gmtime(time.time() - 7200))
    bmc.ipmitool("sel", "time", "set", behind)
    assert look(bmc, "P-03")["state"] == "fail"


def test_the_firmware_is_the_one_that_ipmitool_shows(bmc: Bmc) -> None:
    shown = next(line.split(":")[1].strip() for line in bmc.ipmitool("mc", "info").splitlines() if line.startswith("Firmware Revision"))
    assert look(bmc, "P-04")["actual"] == shown
    assert look(bmc, "P-04", firmware_minimum=shown)["state"] == "pass"
    major, minor = shown.split(".")
    assert look(bmc, "P-04", firmware_minimum=f"{int(major) + 1}.{minor}")["state"] == "fail"


def test_what_ipmi_sim_lacks_never_passes(bmc: Bmc) -> None:
    assert look(bmc, "T-02", alert_destinations=[])["state"] == "not_applicable"
    assert look(bmc, "P-05")["state"] == "not_assessed"
    assert look(bmc, "P-06", firmware_firewall={"1": ["06/47"]})["state"] == "not_applicable"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_controller and ipmi_raw against ipmi_sim, with ipmitool and FreeIPMI as witnesses."""

from __future__ import annotations

import datetime
import re
import time
import typing as t

import pytest

from tests.integration.harness import witness
from tests.integration.ipmi_sim.rig import FREEIPMI, Bmc

#: What ipmi_sim lacks, each with a value that could be set.
LACKING: t.Final[dict[str, t.Any]] = {"controller_id": "node7", "asset_tag": "4711", "system_name": "node7", "utc_offset": 60, "kg": "6162"}


def ahead(bmc: Bmc) -> float:
    """How many seconds its clock is ahead of UTC, as ipmitool and FreeIPMI agree on it."""
    shown = bmc.ipmitool("sel", "time", "get").strip()
    clock = datetime.datetime.strptime(shown, "%m/%d/%y %H:%M:%S UTC").replace(tzinfo=datetime.UTC)
    found = clock.timestamp() - time.time()
    account = ("-u", bmc.user, "-p", bmc.password)
    other = witness("bmc-device", *FREEIPMI, "-h", f"{bmc.host}:{bmc.port}", *account, "--get-sel-time")
    again = datetime.datetime.strptime(re.sub(r"^.*? : ", "", other.strip()), "%m/%d/%Y - %H:%M:%S")
    # FreeIPMI prints local time.
    zone = time.localtime().tm_gmtoff
    assert again.replace(tzinfo=datetime.UTC).timestamp() - zone - time.time() == pytest.approx(found, abs=5)
    return found


def test_a_clock_that_was_never_set_is_set_once(bmc: Bmc) -> None:
    result = bmc.converge("ipmi_controller", clock="utc")
    assert (result["before"], result["after"]) == ({}, {"clock_offset": 0})
    assert ahead(bmc) == pytest.approx(0, abs=5)


def test_a_clock_that_is_off_is_moved(bmc: Bmc) -> None:
    bmc.run("ipmi_controller", clock="utc")
    # Not by converge, which compares diffs: the clock goes on between two runs, and what it is now may differ by a second.
    foreseen = bmc.run("ipmi_controller", check_mode=True, clock_offset=-7200)
    assert (foreseen.get("msg"), foreseen["changed"], bmc.writes()) == (None, True, [])
    first = bmc.run("ipmi_controller", clock_offset=-7200)
    assert (first.get("msg"), first["changed"], first["after"]) == (None, True, foreseen["after"])
    second = bmc.run("ipmi_controller", clock_offset=-7200)
    assert (second.get("msg"), second["changed"], bmc.writes()) == (None, False, [])
    assert ahead(bmc) == pytest.approx(-7200, abs=5)


@pytest.mark.parametrize("option", LACKING)
def test_what_ipmi_sim_lacks_is_unsupported_as_documented(bmc: Bmc, option: str) -> None:
    result = bmc.run("ipmi_controller", **{option: LACKING[option]})
    assert result["failed"] and result["reason"] == "unsupported" and option in result["msg"]
    assert result.get("written", []) == []


def test_all_that_it_lacks_is_reported_and_the_rest_is_set(bmc: Bmc) -> None:
    result = bmc.run("ipmi_controller", **LACKING, clock="utc", on_unsupported="report")
    assert (result.get("msg"), result["changed"]) == (None, True)
    assert {missing["setting"] for missing in result["unsupported"]} == set(LACKING)
    assert result["written"] == ["controller: clock_offset"]


@pytest.mark.parametrize("kind", ["cold", "warm"])
def test_without_a_reset_it_says_so(bmc: Bmc, kind: str) -> None:
    result = bmc.run("ipmi_controller", reset=kind)
    assert result["failed"] and result["reason"] == "unsupported" and f"{kind} reset" in result["msg"]
    assert result["changed"] is False


@pytest.mark.parametrize(("netfn", "command", "data"), [("6", "0x01", ""), ("0x06", "0x42", "0e"), ("0x0c", "2", "01 06 00 00")])
def test_a_raw_request_answers_as_ipmitool_s_does(bmc: Bmc, netfn: str, command: str, data: str) -> None:
    result = bmc.run("ipmi_raw", netfn=netfn, command=command, data=data)
    assert (result.get("msg"), result["changed"], bmc.writes()) == (None, False, [])
    assert result["data"] == list(bytes.fromhex(bmc.ipmitool("raw", netfn, command, *[f"0x{word}" for word in data.split()])))


def test_a_raw_request_that_writes(bmc: Bmc) -> None:
    skipped = bmc.run("ipmi_raw", check_mode=True, netfn=0, command=4, data="07")
    assert (skipped["skipped"], bmc.writes()) == (True, [])
    result = bmc.run("ipmi_raw", netfn=0, command=4, data="07")
    assert (result["changed"], bmc.writes()) == (True, ["00/04 07"])
    assert bmc.sim.hardware("identify") == "7 0"


def test_a_raw_request_that_it_does_not_know(bmc: Bmc) -> None:
    refused = bmc.run("ipmi_raw", netfn="0x30", command="0x70")
    assert refused["failed"] and (refused["code"], refused["reason"]) == (0xC1, "refused")
    accepted = bmc.run("ipmi_raw", netfn="0x30", command="0x70", accept=["0xc1"])
    assert (accepted["changed"], accepted["code"]) == (False, 0xC1)

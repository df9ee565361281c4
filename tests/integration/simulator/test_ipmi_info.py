# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_info against the simulated rack."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, fields, ipmitool
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target

MAKERS = [
    "generic",
    "idrac9",
    "idrac10",
    "ilo5",
    "inventec_5441",
    "lenovo_xcc",
    "megarac_hpe",
    "nvidia_openbmc",
    "openbmc",
    "supermicro_x14",
]


@pytest.fixture(scope="module")
def makers(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each maker, with an account of ours in slot 4."""
    prefix = network()
    bmcs = [
        {
            "name": maker,
            "maker": maker,
            "address": f"{prefix}.{number}",
            "gateway": f"{prefix}.254",
            "source": "static",
            "users": {4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"}},
        }
        for number, maker in enumerate(MAKERS, 1)
    ]
    return start_rack({"bmcs": bmcs})


def target(makers: Rack, maker: str) -> Target:
    """One of them."""
    return Target(makers, maker, makers.status(maker)["address"], user="auditor")


def test_everything_is_read_in_one_session_and_agrees_with_ipmitool(bmc: Target) -> None:
    result = act("ipmi_info", bmc.options)
    assert result.get("failed") is None, result
    assert result["changed"] is False
    assert bmc.rack.status(bmc.name)["logins"] == 1
    found = result["bmc"]
    assert set(found) == {"controller", "channels", "lan", "users", "sol", "chassis", "boot"}
    seen = fields(ipmitool(bmc.host, bmc.user, bmc.password, "mc", "info", port=bmc.rack.port))
    assert found["controller"]["firmware"] == seen["Firmware Revision"]
    assert str(found["controller"]["product_id"]) == seen["Product ID"].split()[0]
    lan = fields(ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port))
    assert found["lan"][0]["mac_address"] == lan["MAC Address"]
    assert found["lan"][0]["gateway"] == lan["Default Gateway IP"]
    assert [user["name"] for user in found["users"]] == ["admin", "oper"]
    assert found["boot"] == {"bootdev": "default", "persistent": False, "uefiboot": False}
    assert bmc.sessions() == 0


def test_gather_chooses_what_is_read(bmc: Target) -> None:
    result = act("ipmi_info", {**bmc.options, "gather": ["chassis"]})
    assert set(result["bmc"]) == {"chassis"}
    assert result["requests"] == 1


def test_sessions_show_one_s_own(bmc: Target) -> None:
    sessions = act("ipmi_info", {**bmc.options, "gather": ["sessions"]})["bmc"]["sessions"]
    assert [session["own"] for session in sessions] == [True]
    assert sessions[0]["user_id"] == 2


@pytest.mark.promise("unchanged", "check_mode")
@pytest.mark.parametrize("check_mode", [False, True])
def test_reading_never_writes(bmc: Target, check_mode: bool) -> None:
    result = act("ipmi_info", bmc.options, check_mode=check_mode)
    assert result["changed"] is False
    assert bmc.writes() == 0


@pytest.mark.parametrize("maker", MAKERS)
def test_each_maker_s_bmc_is_read_and_its_gaps_are_named(makers: Rack, maker: str) -> None:
    bmc = target(makers, maker)
    result = act("ipmi_info", bmc.options)
    assert result.get("failed") is None, result
    assert "auditor" in [user["name"] for user in result["bmc"]["users"]]
    assert all(entry["reason"] for entry in result["unsupported"])
    assert bmc.sessions() == 0


@pytest.mark.parametrize("maker", MAKERS)
def test_what_was_read_can_be_fed_back_and_changes_nothing(makers: Rack, maker: str) -> None:
    bmc = target(makers, maker)
    found = act("ipmi_info", bmc.options)["bmc"]
    writes = bmc.writes()
    assert "chassis" in found and "controller" in found
    result = act("ipmi_config", {**bmc.options, **found})
    assert result.get("failed") is None, result
    assert result["changed"] is False, result["diff"]
    assert bmc.writes() == writes


@pytest.mark.promise("refused")
def test_a_part_that_is_refused_for_lack_of_privilege_fails_and_says_so(bmc: Target) -> None:
    bmc.faults(refuse={"06/44": 0xD4})
    result = act("ipmi_info", bmc.options)
    assert result["failed"] and result["completion_code"] == "0xD4"


def test_a_part_that_the_bmc_lacks_is_named_and_the_rest_is_read(bmc: Target) -> None:
    bmc.faults(refuse={"0C/22": 0xC1, "00/09": 0xC1})
    result = act("ipmi_info", bmc.options)
    assert {"lan", "users", "chassis"} <= set(result["bmc"])
    assert {"enabled", "bootdev"} <= {entry["setting"] for entry in result["unsupported"]}


@pytest.mark.parametrize("kind", ["truncated", "garbage", "short"])
def test_a_malformed_answer_gives_one_clear_failure(bmc: Target, kind: str) -> None:
    bmc.faults(mangle=kind, mangle_on="06/01")
    result = act("ipmi_info", {**bmc.options, "gather": ["controller"], "bmc_timeout": 1.5})
    assert result["failed"] and result["reason"] in ("malformed_answer", "session_lost"), result
    assert "Get Device ID" in result["msg"]


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_info", {**bmc.options, "bmc_host": "127.31.250.254", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
def test_nothing_secret_is_returned(bmc: Target) -> None:
    community = bmc.state()["lan"]["1"]["community"]
    result = act("ipmi_info", bmc.options)
    assert community and community not in str(result)
    assert PASSWORD not in str(result)

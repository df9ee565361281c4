# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_channel against ipmi_sim: what it sets, ipmitool and FreeIPMI read back."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, fields
from tests.integration.ipmi_sim.rig import Bmc

COPIES: t.Final = ("volatile", "non_volatile")
#: What ipmi_sim answers to the settings that it lacks.
LACKING: t.Final[dict[str, dict[str, t.Any]]] = {
    "per_message_auth": {"per_message_auth": False},
    "user_level_auth": {"user_level_auth": False},
    "auth_types": {"auth_types": {"user": ["md5"]}},
    "bad_password": {"bad_password": {"threshold": 3}},
}


def access(bmc: Bmc, copy: str) -> dict[str, str]:
    """FreeIPMI's view of one copy."""
    prefix = f"Lan_Channel:{copy.title()}_"
    return {key.removeprefix(prefix): value for key, value in bmc.checkout("Lan_Channel").items() if key.startswith(prefix)}


@pytest.mark.parametrize(("limit", "shown"), [("callback", "Callback"), ("user", "User"), ("operator", "Operator")])
def test_the_stored_limit_is_read_back(bmc: Bmc, limit: str, shown: str) -> None:
    before = {copy: access(bmc, copy) for copy in COPIES}
    bmc.converge("ipmi_channel", non_volatile={"privilege_limit": limit}, allow_self=True)
    changed = {**before["non_volatile"], "Channel_Privilege_Limit": shown}
    assert {copy: access(bmc, copy) for copy in COPIES} == {**before, "non_volatile": changed}


def test_a_limit_that_ipmi_sim_refuses_leaves_both_copies_as_they_were(bmc: Bmc) -> None:
    before = {copy: access(bmc, copy) for copy in COPIES}
    result = bmc.run("ipmi_channel", privilege_limit="oem")
    assert result["failed"] and (result["reason"], result["completion_code"]) == ("refused", "0xCC")
    assert {copy: access(bmc, copy) for copy in COPIES} == before


def test_that_ipmi_sim_ignores_alerting_is_found_out(bmc: Bmc) -> None:
    result = bmc.run("ipmi_channel", pef_alerting=False)
    assert result["failed"] and result["reason"] == "not_verified" and "pef_alerting" in result["msg"]


def test_a_mode_of_a_serial_channel_is_refused_before_it_cuts_the_session_off(bmc: Bmc) -> None:
    result = bmc.run("ipmi_channel", access_mode="shared")
    assert result["failed"] and result["reason"] == "would_lock_out"
    assert bmc.writes() == []


def test_cipher_suite_privileges_are_read_back(bmc: Bmc) -> None:
    # ipmi_sim only keeps them.
    options = {"cipher_privileges": {"1": "user", "6": "operator", "8": "unused"}, "cipher_probe": False}
    bmc.converge("ipmi_channel", **options)
    prefix = "Rmcpplus_Conf_Privilege:Maximum_Privilege_Cipher_Suite_Id_"
    seen = {key.removeprefix(prefix): value for key, value in bmc.checkout("Rmcpplus_Conf_Privilege").items()}
    assert {suite: value for suite, value in seen.items() if value != "Administrator"} == {
        "1": "User",
        "6": "Operator",
        "8": "Unused",
    }
    # By the suite's ID, as FreeIPMI has it: ipmitool shows the nibbles as they are.
    assert fields(bmc.ipmitool("lan", "print", "1"))["Cipher Suite Priv Max"] == "auaaaaoaXaaaaaa"


def test_that_ipmi_sim_does_not_apply_them_is_found_out(bmc: Bmc) -> None:
    # The logins that were begun stay for half a minute, so `run` would take them for sessions that were left.
    result = act("ipmi_channel", {**bmc.options, "cipher_privileges": {"1": "unused"}})
    assert result["failed"] and result["reason"] == "not_verified"
    assert "cipher suites 1 still begin, though they are unused" in result["msg"]
    seen = {suite["suite"]: (suite["privilege"], suite["opens"]) for suite in result["cipher_suites"]}
    assert seen[1] == ("unused", True) and seen[3] == ("administrator", True)
    # It lists these and does not have their algorithms.
    assert seen[4] == ("administrator", False)


def test_the_suites_of_the_own_login_are_kept(bmc: Bmc) -> None:
    result = bmc.run("ipmi_channel", cipher_privileges={"3": "operator"})
    assert result["failed"] and result["reason"] == "would_lock_out"
    assert bmc.writes() == []


@pytest.mark.parametrize("option", LACKING)
def test_what_ipmi_sim_lacks_is_unsupported_as_documented(bmc: Bmc, option: str) -> None:
    result = bmc.run("ipmi_channel", **LACKING[option])
    assert result["failed"] and result["reason"] == "unsupported" and option in result["msg"]
    assert not result.get("written")


def test_what_ipmi_info_tells_can_be_fed_back(bmc: Bmc) -> None:
    channels = bmc.run("ipmi_info", gather=["channels"])["bmc"]["channels"]
    assert channels[0]["volatile"]["access_mode"] == "always"
    bmc.mark()
    result = act("ipmi_config", {**bmc.options, "channels": channels})
    assert (result.get("msg"), result["changed"], bmc.writes()) == (None, False, [])
    # Nothing was written, so no login was begun that would take a slot.
    assert {suite["opens"] for suite in result["cipher_suites"]} == {None, True}

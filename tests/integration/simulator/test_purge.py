# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_config's purge_users on every simulated maker, with ipmitool as the witness."""

from __future__ import annotations

import re
import typing as t

import pytest

from tests.integration.harness import act, ipmitool
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target
from tests.integration.simulator.test_round_trip import MAKERS

#: A password that every maker takes.
NEW: t.Final = "Wa-tch-47111213"
#: Who comes from the factory, besides those in slots that cannot be emptied.
FACTORY: t.Final = {
    "generic": "ADMIN",
    "idrac9": "root",
    "idrac10": "root",
    "ilo5": "Administrator",
    "inventec_5441": "root",
    "lenovo_xcc": "USERID",
    "megarac_hpe": "admin",
    "nvidia_openbmc": "root",
    "openbmc": "root",
    "supermicro_x14": "ADMIN",
}
#: Who is in a slot with a fixed name.
FIXED: t.Final = {"megarac_hpe": "anonymous"}


@pytest.fixture(scope="module")
def makers(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each maker, with two accounts of ours."""
    prefix = network()
    bmcs = [
        {
            "name": maker,
            "maker": maker,
            "address": f"{prefix}.{number}",
            "source": "static",
            "users": {
                4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"},
                6: {"name": "leaver", "password": PASSWORD, "privilege": "operator"},
            },
        }
        for number, maker in enumerate(MAKERS, 1)
    ]
    return start_rack({"bmcs": bmcs})


@pytest.fixture
def target(makers: Rack) -> t.Callable[[str], Target]:
    """One of them, from the factory."""

    def choose(maker: str) -> Target:
        for action in ("heal", "factory", "close_sessions", "clear_counters"):
            makers.ask(action, maker)
        return Target(makers, maker, makers.status(maker)["address"], user="auditor")

    return choose


def purge(bmc: Target, *users: dict[str, t.Any], check_mode: bool = False, **args: t.Any) -> dict[str, t.Any]:
    options = {**bmc.options, "users": list(users), "purge_users": True, **args}
    return act("ipmi_config", options, check_mode=check_mode)


def names(bmc: Target) -> set[str]:
    """Who has a name, as ipmitool sees it."""
    suite, channel = (3, "2") if bmc.name == "ilo5" else (3 if bmc.name == "inventec_5441" else 17, "1")
    text = ipmitool(bmc.host, bmc.user, bmc.password, "user", "list", channel, port=bmc.rack.port, suite=suite)
    rows = (re.match(r"\d+\s+(\S+)\s+(?:true|false)\s+(?:true|false)\s+(?:true|false)", line) for line in text.splitlines())
    return {row[1] for row in rows if row and row[1] not in ("true", "false")}


@pytest.mark.parametrize("maker", MAKERS)
def test_who_is_not_named_goes(target: t.Callable[[str], Target], maker: str) -> None:
    bmc = target(maker)
    fixed = {FIXED[maker]} if maker in FIXED else set()
    assert names(bmc) == {"auditor", "leaver", FACTORY[maker]} | fixed
    wanted = ({"name": "auditor"}, {"name": "watch", "password": NEW, "privilege": "user"})
    foreseen = purge(bmc, *wanted, check_mode=True)
    assert (foreseen["changed"], set(foreseen["purged"])) == (True, {"leaver", FACTORY[maker]})
    assert bmc.writes() == 0
    result = purge(bmc, *wanted)
    assert (result.get("msg"), result["changed"], result["diff"]) == (None, True, foreseen["diff"]), result
    assert set(result["purged"]) == {"leaver", FACTORY[maker]}
    assert "leaver" in {user["name"] for user in result["before"]["users"]}
    assert "leaver" not in {user["name"] for user in result["after"]["users"]}
    assert names(bmc) == {"auditor", "watch"} | fixed
    assert [warning for warning in result.get("warnings", []) if "is kept" not in warning] == []
    assert all(any(name in warning for warning in result["warnings"]) for name in fixed)
    again_writes = bmc.writes()
    again = purge(bmc, {"name": "auditor"}, {"name": "watch"})
    assert (again["changed"], again["purged"], bmc.writes()) == (False, [], again_writes)
    assert bmc.sessions() == 0


@pytest.mark.parametrize("maker", MAKERS)
def test_the_account_in_use_stays_though_nobody_names_it(target: t.Callable[[str], Target], maker: str) -> None:
    bmc = target(maker)
    result = purge(bmc)
    assert (result.get("msg"), result["changed"]) == (None, True), result
    assert any("user 'auditor' (slot 4)" in one and "account of this session" in one for one in result["warnings"])
    assert names(bmc) == {"auditor"} | ({FIXED[maker]} if maker in FIXED else set())
    # It still has its rights.
    assert act("ipmi_boot", {**bmc.options, "bootdev": "network"})["changed"] is True


def test_the_account_in_use_may_be_changed_in_the_same_run(target: t.Callable[[str], Target]) -> None:
    bmc = target("generic")
    result = purge(bmc, {"name": "auditor", "password": NEW})
    assert (result.get("msg"), result["verified"], sorted(result["purged"])) == (None, True, ["ADMIN", "leaver"])
    bmc.password = NEW
    assert names(bmc) == {"auditor"}


def test_a_user_without_a_name_who_can_log_in_is_told_and_stays(target: t.Callable[[str], Target]) -> None:
    bmc = target("generic")
    words = ("channel", "setaccess", "1", "1", "ipmi=on", "privilege=2")
    ipmitool(bmc.host, bmc.user, bmc.password, *words, port=bmc.rack.port)
    ipmitool(bmc.host, bmc.user, bmc.password, "user", "enable", "1", port=bmc.rack.port)
    result = purge(bmc, {"name": "auditor"})
    assert any("the user without a name, is kept, and it can log in" in one for one in result["warnings"]), result
    assert 1 not in {user["user_id"] for user in result["before"]["users"]}


def test_a_refusal_half_way_says_what_was_written(target: t.Callable[[str], Target]) -> None:
    bmc = target("generic")
    bmc.faults(refuse={"06/45:02": 0xD4})
    result = purge(bmc, {"name": "auditor"})
    assert result["failed"] and result["completion_code"] == "0xD4" and "'ADMIN' (slot 2)" in result["msg"]
    assert "user 'ADMIN' (slot 2): privilege" in result["written"] and result["changed"] is True


def test_without_the_list_nobody_goes(target: t.Callable[[str], Target]) -> None:
    bmc = target("generic")
    refused = act("ipmi_config", {**bmc.options, "purge_users": True})
    assert refused["failed"] and refused["reason"] == "bad_option" and "purge_users needs users" in refused["msg"]
    unasked = act("ipmi_config", {**bmc.options, "users": []})
    assert (unasked["changed"], "purged" in unasked, unasked["requests"]) == (False, False, 0)

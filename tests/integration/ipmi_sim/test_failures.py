# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs against ipmi_sim that fail: each gives its session back and says what is wrong, without a secret."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration.harness import act
from tests.integration.ipmi_sim.conftest import Starter
from tests.integration.ipmi_sim.rig import Bmc

SECRET: t.Final = "New-s3cr3t-here"
#: A task of each module, which changes something where it can.
TASKS: t.Final[dict[str, dict[str, t.Any]]] = {
    "ipmi_power": {"state": "on"},
    "ipmi_boot": {"bootdev": "network"},
    "ipmi_lan": {"vlan_id": 42, "gateway": "127.41.0.254"},
    "ipmi_user": {"name": "operator", "password": SECRET, "privilege": "operator"},
    "ipmi_sol": {"bit_rate": "57600"},
    "ipmi_info": {},
    "ipmi_config": {
        "lan": [{"vlan_id": 42}],
        "users": [{"name": "operator", "password": SECRET}],
        "sol": {"enabled": False},
        "boot": {"bootdev": "network"},
    },
}
#: Tasks that ipmi_sim refuses on the way, with the completion code.
REFUSED: t.Final[dict[str, tuple[dict[str, t.Any], str]]] = {
    "ipmi_boot": ({"bootdev": "safe"}, "0xFF"),
    "ipmi_lan": ({"ip_source": "bios"}, "0xCC"),
    "ipmi_sol": ({"bit_rate": "serial"}, "0xCC"),
    "ipmi_config": ({"users": [{"name": "operator", "password": SECRET}], "boot": {"bootdev": "safe"}}, "0xFF"),
}


def check(result: dict[str, t.Any], reason: str, bmc: Bmc) -> None:
    """It failed for this reason, names the BMC, and holds no secret."""
    assert result.get("failed") and result["reason"] == reason, result
    assert bmc.host in result["msg"]
    for secret in (SECRET, bmc.password):
        assert secret not in json.dumps(result)


@pytest.mark.parametrize("module", TASKS)
@pytest.mark.parametrize("wrong", [{"bmc_password": "Falsches-Wort"}, {"bmc_user": "nobody"}])
def test_a_refused_login_is_tried_once(bmc: Bmc, module: str, wrong: dict[str, t.Any]) -> None:
    result = bmc.run(module, **TASKS[module], **wrong)
    check(result, "login_refused", bmc)
    assert "Falsches-Wort" not in json.dumps(result)
    assert bmc.requests() == []
    # RAKP 1 is payload type 12h; one that was only sent again is the same packet. `run` counts the sessions with ipmitool
    # before and after, so two logins are ipmitool's.
    assert len({packet for packet in bmc.front.sent_by_clients if packet[4:6] == b"\x06\x12"}) == 1 + 2


@pytest.mark.parametrize("module", REFUSED)
def test_a_refused_command_gives_the_session_back(bmc: Bmc, module: str) -> None:
    if module == "ipmi_sol":
        bmc.run("ipmi_sol", bit_rate="9600")
    args, code = REFUSED[module]
    result = bmc.run(module, **args)
    check(result, "refused", bmc)
    assert result["completion_code"] == code


def test_a_refused_power_command_gives_the_session_back(start: Starter) -> None:
    bmc = start(chassis=False)
    check(bmc.run("ipmi_power", state="on"), "refused", bmc)


@pytest.mark.parametrize("module", TASKS)
def test_a_silent_bmc_costs_its_timeout(bmc: Bmc, module: str) -> None:
    bmc.front.patience = 0
    result = act(module, {**bmc.options, "bmc_timeout": 0.5, **TASKS[module]})
    check(result, "unreachable", bmc)
    bmc.front.patience = None
    assert bmc.requests() == []
    assert bmc.sessions() == 0


@pytest.mark.parametrize("module", TASKS)
def test_a_bmc_whose_answers_get_lost_mid_way_gets_its_session_back(bmc: Bmc, module: str) -> None:
    before = len(bmc.front.sent_by_clients)
    act(module, {**bmc.options, **TASKS[module]}, check_mode=True)
    # All answers of the login and one more, then none.
    login = len(bmc.front.sent_by_clients) - before - len(bmc.requests()) - 1
    bmc.mark()
    bmc.front.answers = login + 1
    result = act(module, {**bmc.options, "bmc_timeout": 1, **TASKS[module]})
    bmc.front.answers = None
    assert result.get("failed") and result["reason"] in ("unreachable", "session_lost"), result
    assert SECRET not in json.dumps(result)
    assert bmc.sessions() == 0

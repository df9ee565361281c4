# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ipmi_info returns of an ipmi_sim, fed back into ipmi_config, is in order; and purging."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _document, _facts
from tests.integration.ipmi_sim.conftest import Starter
from tests.integration.ipmi_sim.rig import FACTORY_PASSWORD, FACTORY_USER, Bmc, Model

PARTS: t.Final = [part for part in _facts.PARTS if part in {one.name for one in _document.PARTS}]
ACCOUNTS: t.Final = {
    2: (FACTORY_USER, FACTORY_PASSWORD, "admin"),
    5: ("oper", "Oper-secret-2", "operator"),
    6: ("leaver", "Left-secret-3", "user"),
}


def read(bmc: Bmc) -> dict[str, t.Any]:
    """All of it."""
    document: dict[str, t.Any] = bmc.run("ipmi_info")["bmc"]
    return document


@pytest.fixture
def bmc(start: Starter) -> Bmc:
    return start(Model(users=ACCOUNTS, power=True, source="static"))


def test_each_part_and_all_of_them_are_in_order(bmc: Bmc) -> None:
    document = read(bmc)
    assert set(PARTS) == set(document)
    for parts in (*([part] for part in PARTS), PARTS):
        result = bmc.run("ipmi_config", **{part: document[part] for part in parts})
        told = (result.get("msg"), result["changed"], result["unsupported"], bmc.writes())
        assert told == (None, False, [], []), (parts, result)


def test_the_whole_of_a_configured_one_is_in_order(bmc: Bmc) -> None:
    gateway = bmc.host.rpartition(".")[0] + ".254"
    made = bmc.run("ipmi_config", lan=[{"vlan_id": 120, "gateway": gateway}], sol={"bit_rate": "57600"})
    assert (made.get("msg"), made["changed"]) == (None, True), made
    document = read(bmc)
    result = bmc.run("ipmi_config", **document, users_channel=1, purge_users=True)
    assert (result.get("msg"), result["changed"], result["purged"], bmc.writes()) == (None, False, [], []), result


def test_who_is_not_named_goes_and_the_account_in_use_stays(bmc: Bmc) -> None:
    result = bmc.converge("ipmi_config", users=[{"name": "oper"}], purge_users=True)
    assert result["purged"] == ["leaver"]
    assert ["'ADMIN' (slot 2) is not in the list and is kept" in warning for warning in result["warnings"]] == [True]
    seen = bmc.checkout("User2", "User5", "User6")
    assert (seen["User2:Username"], seen["User5:Username"]) == ("ADMIN", "oper")
    assert "leaver" not in seen.values()
    assert "leaver" not in bmc.ipmitool("user", "list", "1")


def test_an_empty_list_leaves_the_account_in_use(bmc: Bmc) -> None:
    result = bmc.converge("ipmi_config", users=[], purge_users=True)
    assert sorted(result["purged"]) == ["leaver", "oper"]
    seen = bmc.ipmitool("user", "list", "1")
    assert "ADMIN" in seen and "oper" not in seen


def test_it_has_neither_ipv6_nor_a_nic_mode(bmc: Bmc) -> None:
    info = bmc.run("ipmi_info", gather=["lan"])
    assert not {"ipv6", "nic_mode"} & set(info["bmc"]["lan"][0])
    assert "ipv6" in {one["setting"] for one in info["unsupported"]}
    for options in ({"ipv6": {"addresses": ["2001:db8::10/64"]}}, {"nic_mode": "dedicated"}):
        result = bmc.run("ipmi_lan", **options)
        assert result["failed"] and result["reason"] == "unsupported", result
        assert bmc.writes() == []

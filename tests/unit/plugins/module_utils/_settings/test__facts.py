# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC is now."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._facts import PARTS, Facts
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import Scripted, User, Users, identified, lan, sol

ADMIN = User("admin", b"x", 0x34, True)


@pytest.fixture
def bmc() -> Scripted:
    made = identified(Scripted())
    lan(made)
    sol(made)
    Users(made, {2: ADMIN})
    made.on("06/41", "00 22 04").on("00/01", "00 21 00 00").on("00/09 05", "00 01 05 C0 04 00 00 00")
    return made


def facts(bmc: Scripted) -> Facts:
    return Facts(Reader(bmc.bmc()))


def test_the_controller(bmc: Scripted) -> None:
    found = facts(bmc).gather(["controller"])["controller"]
    assert (found["manufacturer_id"], found["manufacturer"], found["product_id"]) == (343, "Intel", 0x1234)
    assert (found["firmware"], found["ipmi_version"], found["updating"]) == ("2.05", "2.0", False)
    assert found["guid"] == "11111111-1111-1111-1111-111111111111"


def test_a_controller_without_a_guid(bmc: Scripted) -> None:
    gathering = facts(bmc.on("06/37", "C1"))
    assert "guid" not in gathering.gather(["controller"])["controller"]
    assert [str(missing) for missing in gathering.missing] == ["controller: guid (completion code 0xC1)"]


def test_lan_and_sol_have_the_options_names(bmc: Scripted) -> None:
    document = facts(bmc).gather(["lan", "sol"])
    assert document["lan"][0]["netmask"] == "255.255.255.0"
    assert document["lan"][0]["vlan_id"] == 0
    assert document["sol"]["bit_rate_volatile"] == "9600"
    assert document["sol"]["enabled"] is False


def test_the_community_is_not_shown(bmc: Scripted) -> None:
    assert "public" not in str(facts(bmc).gather(list(PARTS)[:-1]))


def test_users_with_a_name_and_no_passwords(bmc: Scripted) -> None:
    [user] = facts(bmc).gather(["users"])["users"]
    assert (user["user_id"], user["name"], user["privilege"], user["enabled"]) == (2, "admin", "administrator", True)
    assert "password" not in user


def test_a_null_user_that_can_log_in_is_one(bmc: Scripted) -> None:
    Users(bmc, {1: User("", b"", 0x14, True), 2: ADMIN})
    assert [user["user_id"] for user in facts(bmc).gather(["users"])["users"]] == [1, 2]


def test_channels_with_both_copies(bmc: Scripted) -> None:
    gathering = facts(bmc.on("06/41 01 40", "CC"))
    [channel] = gathering.gather(["channels"])["channels"]
    assert (channel["channel"], channel["medium"]) == (1, "lan")
    assert channel["volatile"]["access_mode"] == "always"
    assert "non_volatile" not in channel
    assert [str(missing) for missing in gathering.missing] == ["channel 1: non_volatile access (completion code 0xCC)"]


def test_chassis_and_boot(bmc: Scripted) -> None:
    document = facts(bmc).gather(["boot", "chassis"])
    assert list(document) == ["chassis", "boot"]
    assert (document["chassis"]["power"], document["chassis"]["power_restore_policy"]) == ("on", "previous")
    assert document["boot"] == {"bootdev": "network", "persistent": True, "uefiboot": False}


def test_sessions_say_which_is_ones_own(bmc: Scripted) -> None:
    own = "00 05 08 02 02 14 01 C0 00 02 01 02 00 00 00 00 01 39 30"
    other = "00 06 08 02 03 13 01 C0 00 02 02 02 00 00 00 00 02 3A 30"
    bmc.on("06/3D 00", own).on("06/3D 01", own).on("06/3D 02", other)
    sessions = facts(bmc).gather(["sessions"])["sessions"]
    assert [(one["handle"], one["user_id"], one["own"]) for one in sessions] == [(5, 2, True), (6, 3, False)]


def test_a_part_that_is_missing_leaves_the_others(bmc: Scripted) -> None:
    gathering = facts(bmc.on("00/01", "C1"))
    assert list(gathering.gather(["chassis", "boot"])) == ["boot"]
    assert [str(missing) for missing in gathering.missing] == ["chassis: chassis (completion code 0xC1)"]


def test_a_refusal_for_another_reason_is_a_failure(bmc: Scripted) -> None:
    with pytest.raises(CompletionError):
        facts(bmc.on("00/01", "D4")).gather(["chassis"])


def test_nothing_is_written_and_nothing_asked_twice(bmc: Scripted) -> None:
    facts(bmc).gather([part for part in PARTS if part != "sessions"])
    assert bmc.written == []
    assert sorted(set(bmc.asked)) == sorted(bmc.asked)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC is now."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._facts import PARTS, Facts
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import Scripted, User, Users, identified, lan, named, sol

ADMIN = User("admin", b"x", 0x34, True)


@pytest.fixture
def bmc() -> Scripted:
    made = named(identified(Scripted()))
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


def test_the_controller_s_settings(bmc: Scripted) -> None:
    gathering = facts(bmc)
    found = gathering.gather(["controller"])["controller"]
    assert [found[name] for name in ("controller_id", "asset_tag", "system_name", "utc_offset")] == ["bmc1", "", "", "unset"]
    # A clock that was never set has no offset, and a key is never read.
    assert not {"clock_offset", "kg"} & set(found)
    assert gathering.missing == []


def test_what_a_controller_lacks_costs_a_request_each(bmc: Scripted) -> None:
    gathering = facts(bmc.on("2C/09", "C1").on("2C/06", "D4").on("06/59 00 02", "C7").on("0A/48", "C1").on("0A/5C", "C1"))
    gathering.gather(["controller"])
    assert [missing.setting for missing in gathering.missing] == [
        "controller_id",
        "asset_tag",
        "system_name",
        "clock_offset",
        "utc_offset",
    ]
    assert len(bmc.asked) == 7


def test_a_maker_without_a_name_is_shown_as_none(bmc: Scripted) -> None:
    bmc.on("06/01", "00 20 01 02 05 02 BF D9 7E 00 34 12")
    found = facts(bmc).gather(["controller"])["controller"]
    assert (found["manufacturer_id"], found["manufacturer"]) == (32473, None)


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


def test_a_bmc_without_a_lan_channel_is_read_as_far_as_it_goes(bmc: Scripted) -> None:
    bmc.on("06/42", "CC").on("06/42 0E", "CC").on("06/42 01", "CC")
    gathering = facts(bmc)
    document = gathering.gather(["controller", "channels", "lan", "users", "sol", "chassis"])
    assert (document["channels"], document["lan"]) == ([], []) and set(document) == {"controller", "channels", "lan", "chassis"}
    assert [(one.setting, "names no LAN channel" in one.why) for one in gathering.missing if one.setting in PARTS] == [("users", True), ("sol", True)]


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
    assert "channel 1: non_volatile access (completion code 0xCC)" in map(str, gathering.missing)


def test_what_only_lan_channels_have(bmc: Scripted) -> None:
    suites = {"p22": "02", "p23": "00 03 11", "p24": "00 44 00 00 00 00 00 00 00"}
    lan(bmc, 1, p2="14 14 14 14 00", p26="01 03 06 00 1E 00", **suites)
    bmc.on("06/42 02", "00 02 05 05 01 F2 1B 00 00 00").on("06/41 02", "82")
    gathering = facts(bmc)
    first, serial = gathering.gather(["channels"])["channels"]
    assert first["cipher_privileges"] == {"3": "administrator", "17": "administrator"}
    assert first["auth_types"]["user"] == ["md5", "password"] and first["auth_types"]["oem"] == []
    assert first["bad_password"] == {"threshold": 3, "reset_interval": 60, "lockout_interval": 300, "log_event": True}
    assert serial == {"channel": 2, "medium": "serial"}
    assert bmc.asked_for("0C/02 02") == []
    assert [str(missing) for missing in gathering.missing] == [
        "channel 2: volatile access (completion code 0x82)",
        "channel 2: non_volatile access (completion code 0x82)",
    ]


def test_each_part_of_a_channel_that_a_bmc_lacks_costs_one_request(bmc: Scripted) -> None:
    gathering = facts(bmc)
    gathering.gather(["channels"])
    assert [missing.setting for missing in gathering.missing] == ["auth_types", "cipher_privileges", "bad_password"]
    assert len(bmc.asked_for("0C/02")) == 3


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

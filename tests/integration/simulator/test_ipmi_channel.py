# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_channel against the simulated rack."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests.integration.harness import CHECKOUT, act, fields, ipmitool, witness
from tests.integration.simulator.conftest import Starter, Target, users

MAKERS: t.Final = sorted(path.stem for path in pathlib.Path(CHECKOUT, "tests/simulator/personalities").glob("*.yml"))
#: Every option away from where it comes from the factory.
EVERYTHING: t.Final[dict[str, t.Any]] = {
    "per_message_auth": False,
    "user_level_auth": False,
    "pef_alerting": False,
    "privilege_limit": "oem",
    "auth_types": {"callback": [], "user": ["md5"], "oem": ["password"]},
    "cipher_privileges": {"0": "unused", 1: "user", 2: "operator", "17": "administrator"},
    "bad_password": {"threshold": 3, "reset_interval": 60, "lockout_interval": 300, "log_event": True},
}
#: Set Channel Access of the stored copy.
STORE: t.Final = "06/40:0162"


def run(bmc: Target, *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return act("ipmi_channel", {**bmc.options, **options}, check_mode=check_mode)


def tool(bmc: Target, *command: str, suite: int = 17) -> dict[str, str]:
    """ipmitool's view."""
    return fields(ipmitool(bmc.host, bmc.user, bmc.password, *command, port=bmc.rack.port, suite=suite))


def freeipmi(bmc: Target, section: str, suite: int = 17) -> dict[str, str]:
    """FreeIPMI's view of a section. It ends with 1 where the BMC lacks some key of it."""
    text = witness(
        *("ipmi-config", "-D", "LAN_2_0", "-I", str(suite), "-l", "ADMIN", "-h", f"{bmc.host}:{bmc.rack.port}"),
        *("-u", bmc.user, "-p", bmc.password, "--checkout", "--verbose", "-S", section),
        codes=(0, 1),
    )
    lines = (line.split() for line in text.splitlines() if line.startswith("\t") and not line.strip().startswith("#"))
    return {words[0]: words[1] for words in lines if len(words) == 2}


Maker = t.Callable[..., Target]


@pytest.fixture
def make(start_rack: Starter, network: t.Callable[[], str]) -> Maker:
    """One BMC of a maker, with other values where they are given, and an administrator that we know."""

    def build(maker: str = "generic", **personality: t.Any) -> Target:
        host = f"{network()}.1"
        row: dict[str, t.Any] = {"name": "m1", "maker": maker, "address": host, "source": "static", "personality": personality}
        # A name that no maker's own account has.
        row["users"] = {4: {**users()[2], "name": "witness"}}
        return Target(start_rack({"bmcs": [row]}), "m1", host, user="witness")

    return build


def lan(**values: t.Any) -> dict[str, t.Any]:
    return {"lan": values}


@pytest.mark.promise("created", "diff")
def test_everything_is_brought_about_and_ipmitool_and_freeipmi_see_it(bmc: Target) -> None:
    foreseen = run(bmc, **EVERYTHING, check_mode=True)
    result = run(bmc, **EVERYTHING)
    assert result.get("failed") is None, result
    assert result["changed"] is True and result["verified"] is True
    assert result["diff"] == foreseen["diff"]
    assert result["diff"]["before"]["volatile"]["pef_alerting"] is True
    channel = freeipmi(bmc, "Lan_Channel")
    assert channel == {
        f"{copy}_{key}": value
        for copy in ("Volatile", "Non_Volatile")
        for key, value in {
            "Access_Mode": "Always_Available",
            "Enable_User_Level_Auth": "No",
            "Enable_Per_Message_Auth": "No",
            "Enable_Pef_Alerting": "No",
            "Channel_Privilege_Limit": "OEM_Proprietary",
        }.items()
    }
    types = freeipmi(bmc, "Lan_Conf_Auth")
    assert {key for key, value in types.items() if value == "Yes"} == {
        "User_Enable_Auth_Type_MD5",
        "Operator_Enable_Auth_Type_MD5",
        "Operator_Enable_Auth_Type_Straight_Password",
        "Admin_Enable_Auth_Type_MD5",
        "Admin_Enable_Auth_Type_Straight_Password",
        "OEM_Enable_Auth_Type_Straight_Password",
    }
    printed = tool(bmc, "lan", "print", "1")
    assert printed["RMCP+ Cipher Suites"] == "0,1,2,3,17"
    assert printed["Cipher Suite Priv Max"] == "XuoaaXXXXXXXXXX"
    assert (printed["Bad Password Threshold"], printed["Invalid password disable"]) == ("3", "yes")
    assert (printed["Attempt Count Reset Int."], printed["User Lockout Interval"]) == ("60", "300")
    assert bmc.sessions() == 0


@pytest.mark.promise("unchanged")
def test_the_second_run_writes_nothing(bmc: Target) -> None:
    run(bmc, **EVERYTHING)
    writes = bmc.writes()
    again = run(bmc, **EVERYTHING)
    assert (again["changed"], again["written"]) == (False, [])
    assert bmc.writes() == writes
    assert [suite["opens"] for suite in again["cipher_suites"]] == [False, None, None, None, True]


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_change_and_writes_nothing(bmc: Target) -> None:
    result = run(bmc, **EVERYTHING, check_mode=True)
    assert result["changed"] is True and "cipher_suites" not in result
    assert bmc.writes() == 0


@pytest.mark.parametrize("copy", ["volatile", "non_volatile"])
def test_one_copy_leaves_the_other_alone(bmc: Target, copy: str) -> None:
    run(bmc, pef_alerting=False, scope=copy)
    seen = freeipmi(bmc, "Lan_Channel")
    alerting = {name: seen[f"{name.title()}_Enable_Pef_Alerting"] for name in ("volatile", "non_volatile")}
    assert alerting == {"volatile": "Yes", "non_volatile": "Yes", copy: "No"}


def test_a_board_that_changes_both_copies_with_the_stored_one_does_not_get_its_way(make: Maker) -> None:
    traits = {number: {"medium": 4, "non_volatile_sets_both": True} for number in (1,)}
    bmc = make(channels={**traits, 15: {"medium": 12, "protocol": 5, "session_support": 0}})
    run(bmc, pef_alerting=False, scope="non_volatile")
    seen = freeipmi(bmc, "Lan_Channel")
    assert (seen["Volatile_Enable_Pef_Alerting"], seen["Non_Volatile_Enable_Pef_Alerting"]) == ("Yes", "No")


def test_a_channel_without_sessions_has_no_access_settings(bmc: Target) -> None:
    result = run(bmc, channel=15, pef_alerting=True)
    assert result["failed"] and result["reason"] == "unsupported" and "0x82" in result["msg"]


def test_wrong_passwords_lock_an_account_out(bmc: Target) -> None:
    run(bmc, bad_password={"threshold": 2, "lockout_interval": 600})
    login = {**bmc.options, "bmc_user": "oper", "bmc_privilege": "operator"}
    for _attempt in range(2):
        assert act("ipmi_power", {**login, "bmc_password": "wrong"})["reason"] == "login_refused"
    assert act("ipmi_power", login)["reason"] == "login_refused"
    assert run(bmc, bad_password={"threshold": 2})["changed"] is False


# What is refused.


@pytest.mark.promise("refused")
def test_a_refused_write_names_the_setting_and_the_code(bmc: Target) -> None:
    bmc.faults(refuse={"0C/01:011A": 0xD4})
    result = run(bmc, bad_password={"threshold": 2})
    assert result["failed"] and result["completion_code"] == "0xD4" and "bad_password" in result["msg"]
    assert bmc.sessions() == 0


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_channel", {**bmc.options, "pef_alerting": True, "bmc_host": "127.31.250.252", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
def test_a_refused_login_does_not_show_the_password(bmc: Target) -> None:
    result = act("ipmi_channel", {**bmc.options, "pef_alerting": True, "bmc_password": "Falsch-und-geheim"})
    assert result["reason"] == "login_refused" and "Falsch-und-geheim" not in str(result)


@pytest.mark.parametrize(
    "options",
    [
        {"bad_password": {"reset_interval": 15}},
        {"cipher_privileges": {"17": "admin"}},
        {"pef_alerting": True, "volatile": {"pef_alerting": False}},
    ],
)
def test_values_that_cannot_be_are_refused_before_anything_is_sent(bmc: Target, options: dict[str, t.Any]) -> None:
    result = run(bmc, **options)
    assert result["failed"] and result["reason"] == "bad_option"
    assert bmc.rack.status(bmc.name)["logins"] == 0


# Nobody is locked out.


@pytest.mark.parametrize(
    "options",
    [
        {"access_mode": "disabled"},
        {"channel": 14, "access_mode": "disabled"},
        {"non_volatile": {"access_mode": "pre_boot"}},
        {"privilege_limit": "user"},
        {"cipher_privileges": {"others": "unused"}},
        {"cipher_privileges": {"3": "unused", "17": "operator"}},
    ],
)
def test_the_own_way_in_is_not_closed(bmc: Target, options: dict[str, t.Any]) -> None:
    result = run(bmc, **options)
    assert result["failed"] and result["reason"] == "would_lock_out"
    assert bmc.writes() == 0


def test_it_is_where_the_task_says_so(bmc: Target) -> None:
    result = run(bmc, access_mode="disabled", allow_self=True)
    assert result.get("failed") is None, result
    assert (result["changed"], result["verified"]) == (True, False)
    assert len(result["written"]) == 2
    assert run(bmc, access_mode="disabled", allow_self=True)["failed"]


def test_the_last_step_refused_leaves_all_as_it_was(bmc: Target) -> None:
    before = freeipmi(bmc, "Lan_Channel")
    bmc.faults(refuse={STORE: 0xD5})
    result = run(bmc, pef_alerting=False, privilege_limit="oem")
    assert result["failed"] and result["completion_code"] == "0xD5" and "was put back" in result["msg"]
    assert (result["written"], result["changed"]) == ([], False)
    assert freeipmi(bmc, "Lan_Channel") == before


@pytest.mark.parametrize("when", ["reset_before", "reset_after"])
@pytest.mark.parametrize("step", ["06/40:01A2", STORE, "0C/01:0118"])
def test_a_restart_at_any_step_is_got_over(bmc: Target, when: str, step: str) -> None:
    bmc.faults(**{when: [step]})
    wish: dict[str, t.Any] = {"pef_alerting": False, "privilege_limit": "oem", "cipher_privileges": {"0": "unused"}}
    result = run(bmc, **wish)
    assert result.get("failed") is None, result
    assert result["changed"] is True and result["verified"] is True
    seen = freeipmi(bmc, "Lan_Channel")
    assert {value for key, value in seen.items() if "Alerting" in key} == {"No"}
    assert {value for key, value in seen.items() if "Limit" in key} == {"OEM_Proprietary"}
    assert tool(bmc, "lan", "print", "1")["Cipher Suite Priv Max"] == "XaaaaXXXXXXXXXX"
    assert run(bmc, **wish)["changed"] is False


def test_what_is_accepted_and_ignored_is_found_out(bmc: Target) -> None:
    bmc.faults(ignore=["06/40"])
    result = run(bmc, pef_alerting=False)
    assert result["failed"] and result["reason"] == "not_verified"


def test_a_busy_bmc_is_asked_again(bmc: Target) -> None:
    bmc.faults(busy=10)
    result = run(bmc, pef_alerting=False)
    assert result.get("failed") is None and result["changed"] is True


# Cipher suites.


def test_by_position(make: Maker) -> None:
    bmc = make(**lan(cipher_suites=[1, 2, 3, 6, 7, 8, 15, 16, 17], cipher_privileges=[4] * 9))
    result = run(bmc, cipher_privileges={"3": "administrator", "17": "administrator", "others": "unused"})
    assert result.get("failed") is None, result
    assert tool(bmc, "lan", "print", "1")["Cipher Suite Priv Max"] == "XXaXXXXXaXXXXXX"
    assert {suite["suite"] for suite in result["cipher_suites"] if suite["opens"]} == {3, 17}


def test_by_id(make: Maker) -> None:
    bmc = make("supermicro_x14")
    result = run(bmc, cipher_privileges={"3": "administrator", "others": "unused"})
    assert result.get("failed") is None, result
    assert tool(bmc, "lan", "print", "1")["Cipher Suite Priv Max"] == "XXXaXXXXXXXXXXX"
    assert freeipmi(bmc, "Rmcpplus_Conf_Privilege")["Maximum_Privilege_Cipher_Suite_Id_3"] == "Administrator"
    # 17 has no privilege of its own there, and stays open.
    assert {suite["suite"]: suite["privilege"] for suite in result["cipher_suites"] if suite["opens"]} == {3: "administrator", 17: None}


@pytest.mark.parametrize("index", ["id", "position"])
def test_where_reading_does_not_tell_logins_do(make: Maker, index: str) -> None:
    bmc = make(**lan(cipher_suites=[1, 2, 3, 6], cipher_privileges=[0, 4, 4, 4], cipher_index=index))
    assert run(bmc, cipher_privileges={"6": "unused"}, cipher_probe=False)["reason"] == "unsupported"
    given = run(bmc, cipher_privileges={"6": "user"}, cipher_index=index, check_mode=True)
    result = run(bmc, cipher_privileges={"6": "user"})
    assert result.get("failed") is None, result
    assert result["before"] == given["before"] and result["after"] == given["after"]
    assert tool(bmc, "lan", "print", "1", suite=3)["Cipher Suite Priv Max"] == {
        "id": "XaaaXXuXXXXXXXX",
        "position": "XaauXXXXXXXXXXX",
    }[index]


def test_a_suite_that_is_off_and_can_be_used_all_the_same(make: Maker) -> None:
    bmc = make(**lan(cipher_accepts=[0]))
    result = run(bmc, cipher_privileges={"0": "unused"})
    assert result["failed"] and result["reason"] == "not_verified" and "cipher suites 0 still begin" in result["msg"]
    assert result["written"] == ["channel 1: cipher_privileges"]
    assert result["cipher_suites"][0] == {"suite": 0, "privilege": "unused", "opens": True, "status": "0x00 (no errors)"}
    # Nothing was put back, and the same task says the same again.
    assert tool(bmc, "lan", "print", "1")["Cipher Suite Priv Max"].startswith("Xaaaa")
    assert run(bmc, cipher_privileges={"0": "unused"})["reason"] == "not_verified"
    assert run(bmc, cipher_privileges={"0": "unused"}, cipher_probe=False)["changed"] is False


def test_a_suite_that_is_on_and_refused_all_the_same(make: Maker) -> None:
    bmc = make(**lan(cipher_refuses=[2]))
    result = run(bmc, cipher_privileges={"2": "user"})
    assert result["failed"] and "cipher suites 2 are refused" in result["msg"]


def test_privileges_that_can_only_be_read_are_reported_when_asked_to(bmc: Target) -> None:
    bmc.faults(refuse={"0C/01:0118": 0x82})
    wish: dict[str, t.Any] = {"cipher_privileges": {"0": "unused"}, "bad_password": {"threshold": 4}}
    assert run(bmc, **wish)["reason"] == "unsupported"
    result = run(bmc, **wish, on_unsupported="report")
    assert result.get("failed") is None, result
    assert [(missing["setting"], missing["reason"]) for missing in result["unsupported"]] == [("cipher_privileges", "read only")]
    assert tool(bmc, "lan", "print", "1")["Bad Password Threshold"] == "4"


def test_a_wrong_guess_of_the_numbering_locks_nobody_out(make: Maker) -> None:
    # By position the fourth privilege would be that of suite 6; this BMC has it for suite 3, the only one to log in with.
    bmc = make(**lan(cipher_suites=[1, 2, 3, 6], cipher_privileges=[0, 4, 4, 4], cipher_index="id"))
    result = run(bmc, cipher_privileges={"6": "unused"}, cipher_index="position")
    assert result["failed"] and result["reason"] == "restored"
    assert tool(bmc, "lan", "print", "1", suite=3)["Cipher Suite Priv Max"] == "XaaaXXXXXXXXXXX"


def test_suite_17_is_given_up_where_3_remains(bmc: Target) -> None:
    result = run(bmc, cipher_privileges={"17": "unused"})
    assert result.get("failed") is None, result
    assert result["verified"] is True
    assert {suite["suite"]: suite["opens"] for suite in result["cipher_suites"]}[17] is False
    # The session is one with suite 3 now, and the numbering is found again.
    assert run(bmc, cipher_privileges={"17": "unused"})["changed"] is False
    assert run(bmc, cipher_privileges={"17": "administrator"})["changed"] is True


def test_probing_leaves_no_session(bmc: Target) -> None:
    run(bmc, cipher_privileges={"17": "administrator"})
    assert bmc.sessions() == 0


# A document.


@pytest.mark.parametrize("maker", MAKERS)
def test_what_ipmi_info_tells_can_be_fed_back(make: Maker, maker: str) -> None:
    bmc = make(maker)
    found = act("ipmi_info", {**bmc.options, "gather": ["channels"]})["bmc"]["channels"]
    assert {"volatile", "non_volatile", "cipher_privileges"} <= set(next(one for one in found if one["medium"] == "lan"))
    writes = bmc.writes()
    result = act("ipmi_config", {**bmc.options, "channels": found})
    assert result.get("failed") is None, result
    assert (result["changed"], bmc.writes()) == (False, writes)
    assert result["after"]["channels"] == result["before"]["channels"]


def test_a_document_configures_channels(bmc: Target) -> None:
    document = {"channels": [{"pef_alerting": False, "cipher_privileges": {"0": "unused"}}]}
    result = act("ipmi_config", {**bmc.options, **document})
    assert result.get("failed") is None, result
    [after] = result["after"]["channels"]
    assert after["channel"] == 1 and after["non_volatile"] == {"pef_alerting": False}
    assert result["cipher_suites"][0]["opens"] is False
    assert act("ipmi_config", {**bmc.options, **document})["changed"] is False


@pytest.mark.parametrize("other", [{}, {"channel": 1}, {"channel": 14}])
def test_a_channel_is_there_once(bmc: Target, other: dict[str, t.Any]) -> None:
    result = act("ipmi_config", {**bmc.options, "channels": [{"pef_alerting": False}, {"pef_alerting": True, **other}]})
    assert result["failed"] and result["reason"] == "bad_option"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""U-01 to U-12 and P-08 against the simulated rack."""

from __future__ import annotations

import datetime
import json
import typing as t

import pytest

from tests.integration.harness import act, ipmitool, witness
from tests.integration.simulator.audit.judged import Finding, finding, findings, mend
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target, users

ADMINISTRATOR, OPERATOR, NO_ACCESS = 4, 3, 15


def put(bmc: Target, user_id: int, name: str, password: str | None, privilege: int = ADMINISTRATOR, **more: t.Any) -> None:
    """Fill a slot, whatever the BMC's commands would allow."""
    access = {"privilege": privilege, "link_auth": True, "messaging": True, "callback": False, "session_limit": 0}
    user = {
        "name": name.encode().hex(),
        "password": None if password is None else password.encode().hex(),
        "password_size": 20 if len(password or "") > 16 else 16,
        "enabled": True,
        "access": {"1": access},
        "payloads": {"1": [1]},
        "failed": 0,
        "failed_at": 0.0,
        "locked_until": None,
        **more,
    }
    bmc.put("users", str(user_id), value=user)


def parts(found: Finding) -> dict[str, str]:
    """The states of channels or accounts, by their names."""
    return {part["subject"]: part["state"] for part in found["parts"]}


def slot(bmc: Target, user_id: int) -> dict[str, t.Any]:
    """What a slot is: enabled, privilege, messaging on channel 1, and its name."""
    user = bmc.state()["users"][str(user_id)]
    access = user["access"]["1"]
    return {
        "name": bytes.fromhex(user["name"]).decode(),
        "enabled": user["enabled"],
        "privilege": access["privilege"],
        "messaging": access["messaging"],
    }


@pytest.fixture(scope="module")
def makers(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """A BMC of each maker whose accounts are odd, and generic ones that differ in one thing."""
    prefix = network()
    own = users()
    entries: list[dict[str, t.Any]] = [
        {"maker": "supermicro_x14", "users": own},
        {"maker": "idrac9", "users": own},
        {"maker": "lenovo_xcc", "users": own},
        {"maker": "openbmc", "users": own},
        {"maker": "generic", "users": own, "personality": {"users": {"reports_enable_status": False}}},
        {"maker": "generic", "users": own, "personality": {"lan": {"cipher_suites": [3], "cipher_privileges": [4]}}},
        {"maker": "generic", "users": own, "personality": {"users": {"test_password_code": 0xCC}}},
        {"maker": "generic", "users": own, "personality": {"lan": {"channels": [1, 2]}, "channels": {1: {}, 2: {}, 15: {"medium": 12}}}},
    ]
    names = ["supermicro_x14", "idrac9", "lenovo_xcc", "openbmc", "silent_status", "suite_3", "no_test", "two_channels"]
    bmcs = [
        {"name": name, "address": f"{prefix}.{number}", **entry}
        for number, (name, entry) in enumerate(zip(names, entries, strict=True), 1)
    ]
    return start_rack({"bmcs": bmcs})


def maker(makers: Rack, name: str) -> Target:
    """One of `makers`, as it comes from the factory."""
    makers.ask("heal", name)
    makers.ask("factory", name)
    makers.ask("close_sessions", name)
    return Target(makers, name, makers.status(name)["address"])


def freeipmi(bmc: Target, user_id: int) -> dict[str, str]:
    """What FreeIPMI says of a slot."""
    text = witness(
        *("ipmi-config", "-D", "LAN_2_0", "-I", "17", "-l", "ADMIN", "-h", f"{bmc.host}:{bmc.rack.port}"),
        *("-u", bmc.user, "-p", bmc.password, "--checkout", "-S", f"User{user_id}"),
    )
    lines = [line.split() for line in text.splitlines()]
    return {words[0]: words[1] for words in lines if len(words) == 2 and not words[0].startswith("#")}


def refused(bmc: Target, user: str, password: str) -> None:
    """ipmitool cannot log in."""
    text = witness(
        *("ipmitool", "-I", "lanplus", "-C", "17", "-R", "1", "-N", "1", "-H", bmc.host, "-p", str(bmc.rack.port)),
        *("-U", user, "-P", password, "mc", "info"),
        codes=(1,),
    )
    assert "Device ID" not in text


# U-01, U-02


@pytest.mark.control("U-01", "fail", "pass")
def test_an_anonymous_login_is_found_and_ended(bmc: Target) -> None:
    assert finding(bmc, "U-01")["state"] == "pass"
    put(bmc, 1, "", None)
    found = finding(bmc, "U-01")
    assert found["state"] == "fail"
    assert found["actual"] == "channel 1: the BMC says that it is possible; user 1 (without a name) may log in"
    mend(bmc, found)
    assert finding(bmc, "U-01")["state"] == "pass"
    assert slot(bmc, 1) == {"name": "", "enabled": False, "privilege": NO_ACCESS, "messaging": False}


@pytest.mark.control("U-02", "fail", "pass")
def test_an_account_without_a_name_is_found_and_disabled(bmc: Target) -> None:
    assert finding(bmc, "U-02")["state"] == "pass"
    put(bmc, 1, "", "no name, one secret")
    found = findings(bmc, "U-01", "U-02")
    assert (found["U-01"]["state"], found["U-02"]["state"]) == ("pass", "fail")
    assert found["U-02"]["actual"] == "channel 1: user 1 (without a name) may log in"
    mend(bmc, found["U-02"])
    assert finding(bmc, "U-02")["state"] == "pass"


@pytest.mark.parametrize("control", ["U-01", "U-02"])
def test_a_bmc_that_does_not_tell_who_may_log_in_passes_nothing(bmc: Target, control: str) -> None:
    bmc.faults(refuse={"06/44": 0xC1})
    found = finding(bmc, control)
    assert found["state"] == "not_assessed"
    assert "0xC1" in found["reason"]


@pytest.mark.parametrize("control", ["U-01", "U-02"])
def test_a_slot_that_the_maker_keeps_is_reported_and_not_touched(makers: Rack, control: str) -> None:
    bmc = maker(makers, "idrac9")
    put(bmc, 1, "", None)
    found = finding(bmc, control)
    assert (found["state"], found["fixes"]) == ("fail", [])
    assert "the maker keeps this slot to itself" in found["actual"]


# U-03


@pytest.mark.control("U-03", "fail", "pass")
def test_a_name_of_the_factory_is_found_and_an_outsider_of_that_name_disabled(bmc: Target) -> None:
    bmc.user = "oper"
    put(bmc, 3, "oper", PASSWORD)
    put(bmc, 4, "root", "not a default one")
    found = finding(bmc, "U-03", {"allowed_users": ["oper"]})
    assert parts(found) == {"user 2 (admin)": "fail", "user 3 (oper)": "pass", "user 4 (root)": "fail"}
    mend(bmc, found)
    assert finding(bmc, "U-03")["state"] == "pass"
    assert slot(bmc, 4) == {"name": "root", "enabled": False, "privilege": NO_ACCESS, "messaging": False}


def test_an_account_that_may_be_needed_is_not_disabled_for_its_name(bmc: Target) -> None:
    for allowed in (None, ["admin", "oper"]):
        found = finding(bmc, "U-03", {"default_names": ["oper"], "allowed_users": allowed})
        assert (found["state"], found["fixes"]) == ("fail", [])


def test_the_site_says_which_names_it_does_not_want(bmc: Target) -> None:
    assert finding(bmc, "U-03", {"default_names": ["nobody"]})["state"] == "pass"
    assert parts(finding(bmc, "U-03", {"default_names": ["oper"]}))["user 3 (oper)"] == "fail"


# U-04


@pytest.mark.control("U-04", "fail", "pass")
def test_a_default_password_is_proved_and_its_account_shut(bmc: Target) -> None:
    put(bmc, 4, "root", "calvin")
    ipmitool(bmc.host, "root", "calvin", "mc", "info", port=bmc.rack.port, suite=17)
    found = finding(bmc, "U-04", {"allowed_users": ["admin", "oper"]})
    assert (found["state"], found["method"]) == ("fail", "probe")
    assert found["actual"] == "user 4 (root): RAKP 2 compared with 18 known passwords: one of them"
    assert {
        "probe": "Open Session and RAKP 1 for user 'root'",
        "result": "answered with RAKP 2, compared with 18 known passwords: one of them",
    } in found["evidence"]
    mend(bmc, found)
    assert finding(bmc, "U-04")["state"] == "pass"
    refused(bmc, "root", "calvin")


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ADMIN", "ADMIN"),
        ("root", "0penBmc"),
        ("USERID", "PASSW0RD"),
        ("root", "changeme"),
        ("root", "superuser"),
        ("monitor", "monitor"),  # its name
        ("sixteen-is-a-lot", "sixteen-is-a-lot"),
        ("monitor", ""),
        ("monitor", "admin"),  # another account's
        ("monitor", "Site-of-yesterday"[:16]),  # the site's own, as a BMC may have cut it
        ("monitor", "Site-of-yesterday"),
    ],
)
def test_known_passwords_are_recognized(bmc: Target, name: str, password: str) -> None:
    put(bmc, 4, name, password)
    found = finding(bmc, "U-04", {"default_passwords": ["Site-of-yesterday"]})
    assert parts(found)[f"user 4 ({name})"] == "fail"


def test_over_the_older_suite_it_is_recognized_too(makers: Rack) -> None:
    bmc = maker(makers, "suite_3")
    put(bmc, 4, "root", "calvin")
    put(bmc, 5, "other", "Calvin")
    found = finding(bmc, "U-04")
    assert parts(found) == {"user 2 (admin)": "pass", "user 3 (oper)": "pass", "user 4 (root)": "fail", "user 5 (other)": "pass"}


def test_a_bmc_key_makes_no_difference(bmc: Target) -> None:
    kg = "00112233445566778899aabbccddeeff00112233"
    bmc.put("channels", "1", "kg", value=kg)
    put(bmc, 4, "root", "calvin")
    found = finding(bmc, "U-04", bmc_kg=kg)
    assert parts(found) == {"user 2 (admin)": "pass", "user 3 (oper)": "pass", "user 4 (root)": "fail"}


def test_a_null_user_without_a_password_is_recognized(bmc: Target) -> None:
    put(bmc, 1, "", None)
    assert parts(finding(bmc, "U-04"))["user 1 (without a name)"] == "fail"


def test_the_session_s_own_password_is_compared_without_asking_the_bmc(bmc: Target) -> None:
    put(bmc, 2, "admin", "password")
    bmc.password = "password"
    found = finding(bmc, "U-04", probes=False)
    assert parts(found) == {"user 2 (admin)": "fail", "user 3 (oper)": "not_assessed"}
    assert found["fixes"] == []
    assert "probes are switched off" in finding(bmc, "U-04", probes=False)["parts"][1]["reason"]


def test_no_account_is_ever_locked_by_looking_for_default_passwords(bmc: Target) -> None:
    bmc.put("lan", "1", "bad_password", "threshold", value=1)
    for user_id, name in enumerate(["ADMIN", "root", "Administrator", "USERID", "guest", "monitor"], 4):
        put(bmc, user_id, name, f"secret-of-{user_id}")
    found = findings(bmc, "U-04", "P-08")
    assert found["U-04"]["state"] == "pass" and len(found["U-04"]["parts"]) == 8
    assert {user["failed"] for user in bmc.state()["users"].values()} == {0}
    for user_id, name in enumerate(["ADMIN", "root", "Administrator", "USERID", "guest", "monitor"], 4):
        assert "Device ID" in ipmitool(bmc.host, name, f"secret-of-{user_id}", "mc", "info", port=bmc.rack.port, suite=17)
    # One wrong login would have been too many: over IPMI 1.5 ipmitool carries one through.
    login = ("ipmitool", "-I", "lan", "-A", "MD5", "-R", "1", "-N", "1", "-H", bmc.host, "-p", str(bmc.rack.port))
    witness(*login, "-U", "monitor", "-P", "wrong", "mc", "info", codes=(1,))
    refused(bmc, "monitor", "secret-of-9")


def test_each_account_is_asked_once_and_disabled_ones_not_at_all(bmc: Target) -> None:
    put(bmc, 4, "sleeping", "ADMIN", enabled=False)
    found = findings(bmc, "U-04", "P-08")
    asked = [entry["probe"] for entry in found["U-04"]["evidence"] if entry.get("probe", "").startswith("Open Session")]
    assert asked == ["Open Session and RAKP 1 for user 'oper'"]
    assert parts(found["U-04"]) == {"user 2 (admin)": "pass", "user 3 (oper)": "pass"}


def test_an_account_that_has_no_rights_here_is_not_asked(bmc: Target) -> None:
    put(bmc, 4, "elsewhere", "ADMIN", NO_ACCESS)
    assert parts(finding(bmc, "U-04"))["user 4 (elsewhere)"] == "not_applicable"


def test_a_bmc_without_a_free_slot_gives_no_pass(bmc: Target) -> None:
    bmc.faults(slots_taken=7)
    result = act("ipmi_audit", {**bmc.options, "bmc_timeout": 1, "controls": ["U-04"]})
    (found,) = result["audit"]["findings"]
    assert parts(found) == {"user 2 (admin)": "pass", "user 3 (oper)": "not_assessed"}
    assert "no free session slot: 0x01" in found["reason"]


def test_a_login_that_is_refused_gives_no_pass(bmc: Target) -> None:
    put(bmc, 4, "locked", "ADMIN", locked_until=1e12)
    found = finding(bmc, "U-04")
    assert parts(found)["user 4 (locked)"] == "not_assessed"
    assert "RAKP 1 was refused: 0x0D (unauthorized name)" in found["reason"]


def test_where_nobody_says_that_it_is_enabled_a_refusal_means_that_it_is_not(makers: Rack) -> None:
    bmc = maker(makers, "silent_status")
    put(bmc, 4, "sleeping", "ADMIN", enabled=False)
    assert parts(finding(bmc, "U-04"))["user 4 (sleeping)"] == "not_applicable"


def test_an_account_in_the_shadow_of_another_of_its_name_gives_no_pass(bmc: Target) -> None:
    put(bmc, 4, "oper", "ADMIN")
    found = finding(bmc, "U-04")
    assert parts(found) == {"user 2 (admin)": "pass", "user 3 (oper)": "pass", "user 4 (oper)": "not_assessed"}


def test_nothing_that_helps_to_guess_a_password_is_told(bmc: Target) -> None:
    put(bmc, 4, "root", "calvin")
    text = json.dumps(findings(bmc, "U-04", "P-08", "U-10", policy={"default_passwords": ["Site-of-yesterday"]}))
    for secret in ("calvin", "Site-of-yesterday", PASSWORD, PASSWORD.encode().hex(), PASSWORD.encode().hex(" ")):
        assert secret not in text


# U-05


@pytest.mark.control("U-05", "fail", "pass")
@pytest.mark.parametrize("name", ["supermicro_x14", "idrac9", "lenovo_xcc", "openbmc"])
def test_an_account_that_nobody_allows_is_shut_on_every_maker_s_bmc(makers: Rack, name: str) -> None:
    bmc = maker(makers, name)
    outsider = 1 if name in ("lenovo_xcc", "openbmc") else 4
    put(bmc, outsider, "stranger", "Str4nger-secret!")
    ipmitool(bmc.host, "stranger", "Str4nger-secret!", "mc", "info", port=bmc.rack.port, suite=17)
    assert freeipmi(bmc, outsider)["Enable_User"] == "Yes"
    policy = {"allowed_users": ["admin", "oper"]}
    found = finding(bmc, "U-05", policy)
    assert found["actual"] == f"user {outsider} (stranger): enabled, administrator, IPMI messaging on"
    mend(bmc, found)
    assert finding(bmc, "U-05", policy)["state"] == "pass"
    assert slot(bmc, outsider) == {"name": "stranger", "enabled": False, "privilege": NO_ACCESS, "messaging": False}
    seen = freeipmi(bmc, outsider)
    assert (seen["Enable_User"], seen["Lan_Privilege_Limit"], seen["Lan_Enable_IPMI_Msgs"]) == ("No", "No_Access", "No")
    refused(bmc, "stranger", "Str4nger-secret!")
    # The factory's redundant disabling is refused there: what is off is left alone.
    assert slot(bmc, 2)["enabled"] and slot(bmc, 3)["enabled"]


@pytest.mark.parametrize(
    ("privilege", "messaging", "actual"),
    [(OPERATOR, False, "disabled, operator, IPMI messaging off"), (NO_ACCESS, True, "disabled, no_access, IPMI messaging on")],
)
def test_what_is_half_off_is_not_enough(bmc: Target, privilege: int, messaging: bool, actual: str) -> None:
    put(bmc, 4, "sleeping", "any", privilege, enabled=False)
    bmc.put("users", "4", "access", "1", "messaging", value=messaging)
    policy = {"allowed_users": ["admin", "oper"]}
    found = finding(bmc, "U-05", policy)
    assert found["actual"] == f"user 4 (sleeping): {actual}"
    mend(bmc, found)
    assert finding(bmc, "U-05", policy)["state"] == "pass"


def test_the_own_account_is_never_shut_by_itself(bmc: Target) -> None:
    found = finding(bmc, "U-05", {"allowed_users": ["oper"]})
    assert (found["state"], found["fixes"]) == ("fail", [])
    assert found["actual"].endswith("it is the account of this session, so another one has to do it")


def test_without_a_list_it_shows_who_may_log_in(bmc: Target) -> None:
    found = finding(bmc, "U-05")
    assert found["state"] == "manual"
    assert found["actual"] == "these may log in: user 2 (admin), user 3 (oper)"
    assert "policy.allowed_users" in found["reason"]


def test_a_bmc_that_does_not_tell_who_is_enabled_is_mended_by_what_it_tells(makers: Rack) -> None:
    bmc = maker(makers, "silent_status")
    put(bmc, 4, "stranger", "any", OPERATOR)
    policy = {"allowed_users": ["admin", "oper"]}
    found = finding(bmc, "U-05", policy)
    assert found["actual"] == "user 4 (stranger): may be enabled, operator, IPMI messaging on"
    mend(bmc, found)
    assert finding(bmc, "U-05", policy)["state"] == "pass"
    refused(bmc, "stranger", "any")


def test_one_slot_that_is_not_told_hides_no_other(bmc: Target) -> None:
    put(bmc, 4, "stranger", "any")
    bmc.faults(refuse={"06/44:0105": 0xC1})
    found = finding(bmc, "U-05", {"allowed_users": ["admin", "oper"]})
    assert found["state"] == "fail"
    assert {"user 4 (stranger)": "fail", "user 5": "not_assessed"}.items() <= parts(found).items()


def test_what_results_cannot_show_is_no_fix(bmc: Target) -> None:
    # They would show asterisks for the name, and those are no name to write.
    put(bmc, 2, "admin", "operator")
    bmc.password = "operator"
    put(bmc, 4, "operator-2", "any")
    found = finding(bmc, "U-05", {"allowed_users": ["admin", "oper"]})
    assert (found["state"], found["fixes"]) == ("fail", [])
    assert found["actual"].startswith("user 4 (********-2): enabled")
    assert found["actual"].endswith("so that cannot be shown")


def test_on_a_second_network_channel_accounts_are_judged_and_shut_too(makers: Rack) -> None:
    bmc = maker(makers, "two_channels")
    access = {"privilege": ADMINISTRATOR, "link_auth": True, "messaging": True, "callback": False, "session_limit": 0}
    put(bmc, 4, "sleeping", "any", enabled=False, access={"1": {**access, "privilege": NO_ACCESS, "messaging": False}, "2": access})
    policy = {"allowed_users": ["admin", "oper"]}
    found = finding(bmc, "U-05", policy)
    assert found["actual"] == "channel 2, user 4 (sleeping): disabled, administrator, IPMI messaging on"
    assert found["fixes"][0]["users_channel"] == 2
    mend(bmc, found)
    assert finding(bmc, "U-05", policy)["state"] == "pass"
    assert bmc.state()["users"]["4"]["access"]["2"]["privilege"] == NO_ACCESS


# U-06, U-07


@pytest.mark.control("U-06", "fail", "pass")
def test_administrators_are_counted(bmc: Target) -> None:
    put(bmc, 4, "third", "any")
    put(bmc, 5, "sleeping", "any", enabled=False)
    assert finding(bmc, "U-06")["state"] == "pass"
    found = finding(bmc, "U-06", {"max_administrators": 1})
    assert (found["state"], found["expected"]) == ("fail", "at most 1 administrators")
    assert found["actual"] == "channel 1: administrators: user 2 (admin), user 4 (third)"
    put(bmc, 6, "fourth", "any")
    assert finding(bmc, "U-06")["state"] == "fail"


@pytest.mark.control("U-07", "fail", "pass")
def test_a_privilege_above_what_is_needed_is_found_and_lowered(bmc: Target) -> None:
    put(bmc, 4, "power", "any")
    policy = {"user_privileges": {"admin": "administrator", "oper": "user", "power": "operator"}}
    found = finding(bmc, "U-07", policy)
    assert (found["state"], found["expected"]) == ("fail", "at most user; at most operator")
    assert found["actual"] == "user 3 (oper): operator; user 4 (power): administrator"
    mend(bmc, found)
    assert finding(bmc, "U-07", policy)["state"] == "pass"
    assert freeipmi(bmc, 3)["Lan_Privilege_Limit"] == "User"
    assert freeipmi(bmc, 4)["Lan_Privilege_Limit"] == "Operator"


def test_less_than_is_allowed_is_no_failure(bmc: Target) -> None:
    policy = {"user_privileges": {"admin": "administrator", "oper": "administrator"}}
    assert finding(bmc, "U-07", policy)["state"] == "pass"


def test_the_own_privilege_is_not_lowered_by_itself(bmc: Target) -> None:
    found = finding(bmc, "U-07", {"user_privileges": {"admin": "operator", "oper": "operator"}})
    assert (found["state"], found["fixes"]) == ("fail", [])


def test_what_nobody_said_of_an_account_is_asked_for(bmc: Target) -> None:
    assert finding(bmc, "U-07")["actual"] == "user 2 (admin): administrator, user 3 (oper): operator"
    found = finding(bmc, "U-07", {"user_privileges": {"admin": "administrator"}})
    assert found["state"] == "manual"
    assert parts(found) == {"user 2 (admin)": "pass", "user 3 (oper)": "manual"}


def test_a_privilege_that_there_is_not_is_refused(bmc: Target) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["U-07"], "policy": {"user_privileges": {"oper": "root"}}})
    assert result["failed"] and result["reason"] == "bad_option"
    assert "policy.user_privileges: oper: 'root' must be one of" in result["msg"]


# U-08, U-09


@pytest.mark.control("U-08", "fail", "pass")
def test_a_name_in_two_slots_is_found(bmc: Target) -> None:
    assert finding(bmc, "U-08")["state"] == "pass"
    put(bmc, 5, "oper", "any", enabled=False)
    found = finding(bmc, "U-08")
    assert (found["state"], found["actual"]) == ("fail", "the same name: user 3 (oper), user 5 (oper)")


@pytest.mark.control("U-09", "fail", "pass")
def test_who_may_use_the_console_is_found_and_taken_away(bmc: Target) -> None:
    found = finding(bmc, "U-09", {"sol_users": ["admin"]})
    assert (found["state"], found["actual"]) == ("fail", "user 3 (oper): may use Serial over LAN")
    mend(bmc, found)
    assert finding(bmc, "U-09", {"sol_users": ["admin"]})["state"] == "pass"
    text = ipmitool(bmc.host, bmc.user, bmc.password, "sol", "payload", "status", "1", "3", port=bmc.rack.port, suite=17)
    assert "disabled" in text


def test_who_cannot_log_in_uses_no_console(bmc: Target) -> None:
    put(bmc, 4, "sleeping", "any", enabled=False)
    assert finding(bmc, "U-09", {"sol_users": ["admin", "oper"]})["state"] == "pass"


def test_without_a_list_it_shows_who_may_use_the_console(bmc: Target) -> None:
    found = finding(bmc, "U-09")
    assert (found["state"], found["actual"]) == ("manual", "these may use Serial over LAN: user 2 (admin), user 3 (oper)")


def test_a_bmc_without_payload_access_passes_nothing(bmc: Target) -> None:
    bmc.faults(refuse={"06/4D": 0xC1})
    assert finding(bmc, "U-09")["state"] == "not_assessed"
    assert finding(bmc, "U-09", {"sol_users": ["admin", "oper"]})["state"] == "not_assessed"


# U-10


@pytest.mark.control("U-10", "fail", "pass")
def test_the_form_of_the_own_password_is_tested(bmc: Target) -> None:
    bmc.put("users", "3", "enabled", value=False)
    bmc.put("lan", "1", "bad_password", "threshold", value=1)
    bmc.password = "Sesam-oeffne-16"
    put(bmc, 2, "admin", bmc.password, password_size=16)
    found = finding(bmc, "U-10")
    assert (found["state"], found["actual"]) == ("fail", "user 2 (admin): stored in the form of 16 bytes")
    put(bmc, 2, "admin", bmc.password, password_size=20)
    assert finding(bmc, "U-10")["state"] == "pass"
    assert bmc.state()["users"]["2"]["failed"] == 0
    assert {entry["request"] for entry in found["evidence"] if "Password" in entry["command"]} == {"(secret)"}


def test_a_password_that_nobody_here_knows_is_not_tested(bmc: Target) -> None:
    found = finding(bmc, "U-10")
    assert parts(found) == {"user 2 (admin)": "pass", "user 3 (oper)": "not_assessed"}


def test_a_bmc_that_cannot_test_passwords_passes_nothing(makers: Rack) -> None:
    found = finding(maker(makers, "no_test"), "U-10")
    assert parts(found)["user 2 (admin)"] == "not_assessed"


# U-11, U-12: from what the task says


@pytest.mark.control("U-11", "fail", "pass")
def test_a_password_s_age_is_judged_by_what_the_site_says(bmc: Target) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    for days, most, state in [(365, 365, "pass"), (366, 365, "fail"), (31, 30, "fail"), (0, 30, "pass")]:
        changed = (today - datetime.timedelta(days=days)).isoformat()
        found = finding(bmc, "U-11", {"password_changed": changed, "password_max_age": most})
        assert (found["state"], found["actual"], found["method"]) == (state, f"changed {days} days ago", "metadata")
    assert finding(bmc, "U-11")["state"] == "manual"
    assert finding(bmc, "U-11", {"password_changed": "2999-01-01"})["state"] == "not_assessed"


def test_a_day_that_is_none_is_refused(bmc: Target) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["U-11"], "policy": {"password_changed": "last week"}})
    assert result["failed"] and result["reason"] == "bad_option"
    assert "policy.password_changed is 'last week'" in result["msg"]


@pytest.mark.control("U-12", "fail", "pass")
def test_a_password_of_many_bmcs_is_judged_by_what_the_task_says(bmc: Target) -> None:
    found = finding(bmc, "U-12", {"password_shared_with": 3})
    assert (found["state"], found["actual"]) == ("fail", "the same password on 3 other BMCs")
    assert finding(bmc, "U-12", {"password_shared_with": 0})["state"] == "pass"
    assert finding(bmc, "U-12")["state"] == "manual"


# P-08


@pytest.mark.control("P-08", "only_manual", "never_passes")
def test_a_hash_is_given_to_whoever_asks_and_that_never_passes(bmc: Target) -> None:
    found = finding(bmc, "P-08")
    assert (found["state"], found["severity"], found["method"], found["fixes"]) == ("fail", "info", "probe", [])
    assert found["evidence"] == [
        {"probe": "Open Session and RAKP 1 for user 'admin'", "result": "answered with RAKP 2, which holds a hash of the password"}
    ]
    assert finding(bmc, "P-08", probes=False)["state"] == "not_assessed"
    bmc.faults(slots_taken=7)
    result = act("ipmi_audit", {**bmc.options, "bmc_timeout": 1, "controls": ["P-08"]})
    assert result["audit"]["findings"][0]["state"] == "not_assessed"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_user against ipmi_sim: accounts that ipmitool and FreeIPMI see, and that can log in."""

from __future__ import annotations

import re
import typing as t

import pytest

from tests.integration.harness import act, witness
from tests.integration.ipmi_sim.rig import Bmc

NEW: t.Final[dict[str, t.Any]] = {"name": "operator", "password": "Bx7-new-secret", "privilege": "operator"}
PRIVILEGES: t.Final = {
    "callback": ("CALLBACK", "Callback"),
    "user": ("USER", "User"),
    "operator": ("OPERATOR", "Operator"),
    "administrator": ("ADMINISTRATOR", "Administrator"),
    "no_access": ("NO ACCESS", "No_Access"),
}
_LINE = re.compile(r"(?P<id>\d+)\s+(?P<name>\S*)\s+(?P<callin>true|false)\s+(?P<link>true|false)\s+(?P<ipmi>true|false)\s+(?P<privilege>.*\S)")


def listed(bmc: Bmc, slot: int) -> dict[str, str]:
    """ipmitool's line of a user slot."""
    lines = [_LINE.fullmatch(line.rstrip()) for line in bmc.ipmitool("user", "list", "1").splitlines()]
    return next(line.groupdict() for line in lines if line is not None and line["id"] == str(slot))


def checked_out(bmc: Bmc, slot: int) -> dict[str, str]:
    """FreeIPMI's view of a user slot."""
    section = f"User{slot}"
    return {key.removeprefix(f"{section}:"): value for key, value in bmc.checkout(section).items()}


def may_log_in(bmc: Bmc, name: str, password: str) -> bool:
    """Whether ipmitool can."""
    words = ("-U", name, "-P", password, "-L", "USER", "chassis", "power", "status")
    text = witness(
        *("sh", "-c", 'ipmitool -I lanplus -C 3 -R 1 "$@" 2>&1 || true', "ipmitool"),
        *("-H", bmc.host, "-p", str(bmc.port), *words),
    )
    assert "Chassis Power is" in text or "Unable to establish" in text, text
    return "Chassis Power is" in text


def test_a_new_account_works_and_is_read_back(bmc: Bmc) -> None:
    result = bmc.converge("ipmi_user", **NEW)
    assert result["user_id"] == 3
    line = listed(bmc, 3)
    assert (line["name"], line["ipmi"], line["privilege"]) == ("operator", "true", "OPERATOR")
    shown = checked_out(bmc, 3)
    assert (shown["Username"], shown["Lan_Privilege_Limit"], shown["Lan_Enable_IPMI_Msgs"]) == ("operator", "Operator", "Yes")
    assert may_log_in(bmc, NEW["name"], NEW["password"])
    assert not may_log_in(bmc, NEW["name"], "another-secret")


def test_a_password_is_asked_about_once(bmc: Bmc) -> None:
    bmc.run("ipmi_user", **NEW, user_id=9)
    bmc.run("ipmi_user", **NEW, user_id=9)
    assert [str(one) for one in bmc.requests()].count("06/47") == 1


def test_a_given_slot_is_taken(bmc: Bmc) -> None:
    bmc.converge("ipmi_user", **NEW, user_id=9)
    assert listed(bmc, 9)["name"] == checked_out(bmc, 9)["Username"] == "operator"


@pytest.mark.parametrize("privilege", PRIVILEGES)
def test_each_privilege_is_read_back(bmc: Bmc, privilege: str) -> None:
    start = "user" if privilege == "operator" else "operator"
    bmc.run("ipmi_user", **{**NEW, "privilege": start})
    bmc.converge("ipmi_user", name=NEW["name"], privilege=privilege)
    assert (listed(bmc, 3)["privilege"], checked_out(bmc, 3)["Lan_Privilege_Limit"]) == PRIVILEGES[privilege]


@pytest.mark.parametrize(
    ("option", "value", "column", "shown", "key"),
    [
        ("link_auth", True, "link", "true", "Lan_Enable_Link_Auth"),
        ("ipmi_messaging", False, "ipmi", "false", "Lan_Enable_IPMI_Msgs"),
        # ipmitool shows whether an account may call in besides.
        ("callback", True, "callin", "false", "Lan_Enable_Restricted_to_Callback"),
    ],
)
def test_each_flag_is_read_back(bmc: Bmc, option: str, value: bool, column: str, shown: str, key: str) -> None:
    bmc.run("ipmi_user", **NEW)
    before = checked_out(bmc, 3)
    bmc.converge("ipmi_user", name=NEW["name"], **{option: value})
    assert listed(bmc, 3)[column] == shown
    assert checked_out(bmc, 3) == {**before, key: "Yes" if value else "No"}
    bmc.converge("ipmi_user", name=NEW["name"], **{option: not value})
    assert checked_out(bmc, 3) == before


def test_disabled_means_that_nobody_logs_in_and_a_login_tells_it(bmc: Bmc) -> None:
    bmc.run("ipmi_user", **NEW)
    bmc.converge("ipmi_user", **NEW, enabled=False)
    assert not may_log_in(bmc, NEW["name"], NEW["password"])
    bmc.converge("ipmi_user", **NEW, enabled=True)
    assert may_log_in(bmc, NEW["name"], NEW["password"])


def test_without_a_password_enabled_is_unsupported_as_documented(bmc: Bmc) -> None:
    bmc.run("ipmi_user", **NEW)
    result = bmc.run("ipmi_user", name=NEW["name"], enabled=True)
    assert result["failed"] and result["reason"] == "unsupported" and "enabled" in result["msg"]
    assert bmc.writes() == []


def test_messaging_and_enabled_are_one_bit_as_documented(bmc: Bmc) -> None:
    bmc.run("ipmi_user", **NEW)
    bmc.run("ipmi_user", name=NEW["name"], ipmi_messaging=False)
    assert not may_log_in(bmc, NEW["name"], NEW["password"])
    bmc.run("ipmi_user", **NEW, enabled=True)
    assert listed(bmc, 3)["ipmi"] == "true"
    assert may_log_in(bmc, NEW["name"], NEW["password"])


def test_sol_payload_is_unsupported_as_documented(bmc: Bmc) -> None:
    bmc.run("ipmi_user", **NEW)
    result = bmc.run("ipmi_user", name=NEW["name"], sol_payload=True)
    assert result["failed"] and result["reason"] == "unsupported" and "sol_payload" in result["msg"]
    assert bmc.writes() == []
    reported = bmc.run("ipmi_user", name=NEW["name"], sol_payload=True, on_unsupported="report")
    assert (reported["changed"], [missing["setting"] for missing in reported["unsupported"]]) == (False, ["sol_payload"])


def test_every_password_counts_as_right_as_documented(bmc: Bmc) -> None:
    bmc.run("ipmi_user", **NEW)
    result = bmc.run("ipmi_user", name=NEW["name"], password="Other-secret")
    assert (result.get("msg"), result["changed"], bmc.writes()) == (None, False, [])
    assert not may_log_in(bmc, NEW["name"], "Other-secret")


def test_a_long_password_is_cut_to_16_bytes_as_documented(bmc: Bmc) -> None:
    result = bmc.run("ipmi_user", name="long", password="twenty-bytes-long-12")
    assert (result.get("msg"), result["changed"]) == (None, True)
    assert not may_log_in(bmc, "long", "twenty-bytes-long-12")
    assert may_log_in(bmc, "long", "twenty-bytes-lon")


def test_absent_leaves_an_empty_slot(bmc: Bmc) -> None:
    bmc.run("ipmi_user", **NEW)
    bmc.converge("ipmi_user", name=NEW["name"], state="absent")
    line = listed(bmc, 3)
    assert (line["name"], line["ipmi"], line["privilege"]) == ("", "false", "NO ACCESS")
    assert not may_log_in(bmc, NEW["name"], NEW["password"])


def test_the_own_password_is_changed_and_proved(bmc: Bmc) -> None:
    old = bmc.password
    result = bmc.run("ipmi_user", check_mode=True, name=bmc.user, password="Neues-Geheimnis")
    assert (result["changed"], bmc.writes()) == (True, [])
    bmc.mark()
    result = act("ipmi_user", {**bmc.options, "name": bmc.user, "password": "Neues-Geheimnis"})
    assert (result.get("msg"), result["changed"], result["verified"]) == (None, True, True), result
    bmc.password = "Neues-Geheimnis"
    assert bmc.sessions() == 0
    assert not may_log_in(bmc, bmc.user, old)
    again = bmc.run("ipmi_user", name=bmc.user, password=bmc.password)
    assert (again["changed"], bmc.writes()) == (False, [])


@pytest.mark.parametrize("loss", [{"state": "absent"}, {"privilege": "user"}, {"ipmi_messaging": False}, {"enabled": False}])
def test_the_account_in_use_is_kept(bmc: Bmc, loss: dict[str, t.Any]) -> None:
    before = listed(bmc, 2)
    result = bmc.run("ipmi_user", name=bmc.user, **loss)
    assert result["failed"] and result["reason"] == "would_lock_out"
    assert bmc.writes() == []
    assert listed(bmc, 2) == before

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From findings to steps: what is merged, in which order, and what is left."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.filter.from_policy import from_policy
from ansible_collections.lightsout.bmc.plugins.filter.hardening_steps import hardening_steps
from ansible_collections.lightsout.bmc.plugins.plugin_utils._hardening import LEVELS, STEPS
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_hosts import check

Document = dict[str, t.Any]
SECRET = {"from_policy": "kg"}


def failing(control: str, *fixes: Document, state: str = "fail") -> Document:
    return {"id": control, "state": state, "fixes": list(fixes)}


def steps(*findings: Document, **options: t.Any) -> list[tuple[str, Document]]:
    return [(step["name"], step["document"]) for step in hardening_steps(list(findings), **options)["steps"]]


def suites(channel: int | None = None, **privileges: str) -> Document:
    named = {name.removeprefix("s"): level for name, level in privileges.items()}
    return {"channels": [{**({} if channel is None else {"channel": channel}), "cipher_privileges": named}]}


def user(name: str, user_id: int | None = None, **settings: t.Any) -> Document:
    return {"users": [{"name": name, **({} if user_id is None else {"user_id": user_id}), **settings}]}


def auth(channel: int, **levels: list[str]) -> Document:
    return {"channels": [{"channel": channel, "auth_types": levels}]}


EVERYTHING = (
    failing("C-06", {"controller": {"kg": SECRET}}),
    failing("U-04", user("admin", 2, password=SECRET), user("root", 3, password=SECRET)),
    failing("N-03", {"lan": [{"channel": 1, "vlan_id": 5}]}),
    failing("C-01", suites(1, s0="unused")),
    failing("C-04", suites(1, s17="administrator")),
    failing("A-02", auth(1, user=["md5"])),
    failing("N-05", {"lan": [{"channel": 1, "gratuitous_arp": False}]}),
    failing("P-03", {"controller": {"clock": "utc"}}),
    failing("X-01", {"chassis": {"power_button": False}}),
    failing("P-01", {"boot": {"bootdev": "default"}}),
    failing("S-02", {"sol": {"force_encryption": True}}),
)


def test_the_steps_come_in_the_order_that_locks_nobody_out() -> None:
    found = steps(*EVERYTHING, policy={"kg": "00"}, user="admin")
    assert [name for name, _document in found] == list(STEPS)
    documents = dict(found)
    assert [entry["name"] for entry in documents["accounts"]["users"]] == ["root"]
    assert documents["own"] == {"controller": {"kg": SECRET}, "users": [{"name": "admin", "user_id": 2, "password": SECRET}]}
    assert documents["controller"] == {"controller": {"clock": "utc"}}


def test_each_step_is_a_document_that_ipmi_config_takes() -> None:
    for _name, document in steps(*EVERYTHING, policy={"kg": "00"}, user="admin"):
        check(from_policy(document, {"kg": "00"}))


def test_what_passes_is_waived_or_is_not_asked_for_is_in_no_step() -> None:
    others = [failing("C-02", suites(s1="unused"), state=state) for state in ("pass", "waived", "manual", "not_assessed", "not_applicable")]
    assert steps(*others) == []
    assert steps(failing("C-01", suites(s0="unused")), failing("C-02", suites(s1="unused")), controls=["C-02"]) == [
        ("cipher_suites", suites(s1="unused"))
    ]


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS), st.sampled_from(("sol", "users", "channels", "cipher_privileges")))
def test_the_lower_of_two_privileges_holds_and_that_of_consoles_is_no_such(one: str, other: str, where: str) -> None:
    fixes = {
        "sol": lambda level: {"sol": {"privilege": level}},
        "users": lambda level: user("x", privilege=level),
        "channels": lambda level: {"channels": [{"privilege_limit": level}]},
        "cipher_privileges": lambda level: suites(s3=level),
    }
    findings = [failing("C-02", fixes[where](one)), failing("C-05", fixes[where](other))]
    if where == "sol" and one != other:
        with pytest.raises(AnsibleFilterError, match="C-02 and C-05 contradict"):
            steps(*findings)
    else:
        ((_name, document),) = steps(*findings)
        assert document == fixes[where](min(one, other, key=LEVELS.index))


def test_only_the_authentication_types_stay_that_all_controls_leave() -> None:
    found = steps(failing("A-02", auth(1, user=["md5", "password"], operator=["md5"])), failing("A-03", auth(1, user=["none", "md5"])))
    assert found == [("channels", auth(1, user=["md5"], operator=["md5"]))]


def test_channels_and_accounts_are_merged_by_what_tells_them_apart() -> None:
    found = steps(
        failing("H-01", {"channels": [{"channel": 1, "per_message_auth": True}]}),
        failing("H-02", {"channels": [{"channel": 1, "user_level_auth": True}, {"channel": 2, "user_level_auth": True}]}),
        failing("U-02", user("ADMIN", 2, enabled=False)),
        failing("U-05", user("ADMIN", 2, enabled=True, privilege="no_access"), user("ADMIN", 4, enabled=False)),
    )
    assert found == [
        (
            "accounts",
            {"users": [{"name": "ADMIN", "user_id": 2, "enabled": False, "privilege": "no_access"}, {"name": "ADMIN", "user_id": 4, "enabled": False}]},
        ),
        (
            "channels",
            {"channels": [{"channel": 1, "per_message_auth": True, "user_level_auth": True}, {"channel": 2, "user_level_auth": True}]},
        ),
    ]


def test_the_key_is_the_very_last_since_no_login_works_with_the_old_one_afterwards() -> None:
    of_serial = {"users_channel": 2, **user("admin", 2, link_auth=True)}
    documents = steps(failing("C-06", {"controller": {"kg": SECRET}}), failing("H-06", of_serial), user="admin", policy={"kg": "x"})
    assert documents == [("own", of_serial), ("own", {"controller": {"kg": SECRET}})]


def test_accounts_of_two_channels_and_consoles_of_two_are_steps_of_their_own() -> None:
    plan = hardening_steps(
        [
            failing("U-07", {"users_channel": 1, **user("x", privilege="user")}, {"users_channel": 2, **user("x", privilege="user")}),
            failing("S-02", {"sol": {"channel": 1, "force_encryption": True}}, {"sol": {"channel": 2, "force_encryption": True}}),
        ]
    )
    assert [(step["title"], step["document"].get("users_channel")) for step in plan["steps"]] == [
        ("accounts that are not in use (channel 1)", 1),
        ("accounts that are not in use (channel 2)", 2),
        ("Serial over LAN (channel 1)", None),
        ("Serial over LAN (channel 2)", None),
    ]


@pytest.mark.parametrize(
    ("one", "other", "about"),
    [
        ({"chassis": {"power_button": True}}, {"chassis": {"power_button": False}}, "chassis, power_button"),
        ({"lan": [{"vlan_id": 1}]}, {"lan": [{"vlan_id": 2}]}, "lan, channel of the session, vlan_id"),
        (user("x", 2, sol_payload=True), user("y", 2, sol_payload=True), "users, user 2, name"),
    ],
)
def test_any_other_contradiction_names_both_controls(one: Document, other: Document, about: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"X-01 and X-02 contradict each other about {about}"):
        steps(failing("X-01", one), failing("X-02", other))


@pytest.mark.parametrize("taken", [suites(1, s17="unused"), suites(1, others="unused"), suites(1, s17="operator")])
def test_no_step_takes_away_what_the_strong_suite_was_switched_on_for(taken: Document) -> None:
    with pytest.raises(AnsibleFilterError, match="C-04 wants cipher suite 17 with privilege administrator, and C-05 wants"):
        steps(failing("C-04", suites(1, s17="administrator")), failing("C-05", taken))
    # On another channel that is another suite.
    assert len(steps(failing("C-04", suites(1, s17="administrator")), failing("C-05", suites(2, s17="unused")))) == 2


def test_a_fix_whose_secret_is_missing_is_left_and_says_which() -> None:
    community = {"lan": [{"snmp_community": {"from_policy": "snmp"}}]}
    plan = hardening_steps([failing("C-06", {"controller": {"kg": SECRET}}), failing("T-01", community)], {"snmp": "x"})
    assert [step["controls"] for step in plan["steps"]] == [["T-01"]]
    assert plan["left"] == {"C-06": "the policy does not give kg"}


def test_a_control_without_a_fix_is_left() -> None:
    assert list(hardening_steps([failing("P-08")])["left"]) == ["P-08"]


def test_a_fix_that_is_no_document_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="X-01: its fix has lamp"):
        steps(failing("X-01", {"lamp": {}}))


def test_secrets_are_put_in_wherever_they_stand_and_plans_have_none() -> None:
    plan = hardening_steps([*EVERYTHING], {"kg": "Top-Secret"}, "admin")
    assert "Top-Secret" not in str(plan)
    filled = from_policy(plan["steps"][-1]["document"], {"kg": "Top-Secret"})
    assert filled["controller"] == {"kg": "Top-Secret"} and filled["users"][0]["password"] == "Top-Secret"
    with pytest.raises(AnsibleFilterError, match="the policy does not give kg"):
        from_policy(SECRET, {"kg": ""})

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_audit: what it documents is what it takes and returns."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import options as catalogue_options
from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, identified

NAME = "ipmi_audit"


def bmc(self_test: str = "00 55 00") -> Scripted:
    """A BMC that says who it is, and the result of its self test."""
    return identified(Scripted()).on("06/04", self_test)


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, bmc())(NAME, controls=["P-05"])
    assert undocumented(NAME, result) == set()


def test_a_finding_tells_state_evidence_and_what_the_catalogue_says(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc("00 57 80"))
    (found,) = run(NAME, controls=["P-05"])["audit"]["findings"]
    assert found["state"] == "fail" and found["actual"] == "event log not accessible"
    assert found["evidence"] == [
        {"command": "Get Self Test Results (06/04)", "request": "", "completion_code": "0x00", "response": "57 80"}
    ]
    assert found["title"] and found["how"] and found["references"]
    assert run.written == []


def test_without_texts_what_is_the_same_for_all_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = Runner(monkeypatch, bmc())(NAME, controls=["P-05"], texts=False)["audit"]["findings"]
    assert "title" not in found and "rationale" not in found
    assert found["state"] == "pass"


@pytest.mark.parametrize(
    ("expires", "state", "expired"), [("9999-12-31", "waived", False), ("2020-01-01", "fail", True)]
)
def test_a_waiver_holds_until_its_day(monkeypatch: pytest.MonkeyPatch, expires: str, state: str, expired: bool) -> None:
    waiver = {"control": "P-05", "reason": "known", "expires": expires}
    audit = Runner(monkeypatch, bmc("00 58 01"))(NAME, controls=["P-05"], waivers=[waiver])["audit"]
    (found,) = audit["findings"]
    assert found["state"] == state
    assert found["waiver"] == {"reason": "known", "expires": expires, "expired": expired}
    assert audit["summary"][state] == 1


def test_a_waiver_changes_nothing_about_what_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    waiver = {"control": "P-05", "reason": "known", "expires": "9999-12-31"}
    (found,) = Runner(monkeypatch, bmc())(NAME, controls=["P-05"], waivers=[waiver])["audit"]["findings"]
    assert found["state"] == "pass" and found["waiver"] is None


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"controls": ["X-99"]}, "X-99"),
        ({"waivers": [{"control": "X-99", "reason": "r", "expires": "2027-01-01"}]}, "X-99"),
        ({"waivers": [{"control": "P-05", "reason": " ", "expires": "2027-01-01"}]}, "reason"),
        ({"waivers": [{"control": "P-05", "reason": "r", "expires": "soon"}]}, "2027-03-31"),
        ({"waivers": [{"control": "P-05", "reason": "r", "expires": "2027-01-01"}] * 2}, "twice"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, t.Any], names: str
) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME, **wrong)
    assert result["failed"] and result["reason"] == "bad_option"
    assert names in result["msg"]
    assert run.sessions == []


#: For each option that cannot be just anything, what it cannot be.
IMPOSSIBLE: t.Final[dict[str, t.Any]] = {
    "cipher_privileges": {"17": "root"},
    "kg": "no hex",
    "bad_password_threshold": 0,
    "bad_password_lockout": 5,
    "user_privileges": {"admin": "root"},
    "password_changed": "long ago",
    "management_networks": ["192.0.2.0/33"],
    "vlan_id": 4095,
    "gateway": "router",
    "alert_destinations": ["nagios"],
    "sel_max_fill": 101,
    "clock_tolerance": -1,
    "utc_offset": "Berlin",
    "firmware_minimum": "newest",
    "firmware_firewall": {"1": "06/47"},
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_policy_that_cannot_be_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    run = Runner(monkeypatch, bmc())
    # Whatever control is looked at.
    result = run(NAME, controls=["P-05"], policy={name: IMPOSSIBLE[name]})
    assert result["failed"] and result["reason"] == "bad_option"
    assert name in result["msg"] or name == "kg", result["msg"]
    assert run.sessions == []
    assert name != "kg" or "no hex" not in result["msg"]


def test_every_option_that_is_checked_is_shown_refused() -> None:
    assert set(IMPOSSIBLE) == {option.name for option in catalogue_options() if option.valid is not None}


def test_the_policy_s_secrets_are_marked() -> None:
    policy = module(NAME).SPEC.argument_spec()["policy"]["options"]
    assert {name for name, option in policy.items() if option.get("no_log")} == {"default_passwords", "kg", "snmp_community"}

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which controls the roles of audits look at, and which variables they refuse."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.lightsout.bmc.plugins.filter.audit_controls import audit_controls
from ansible_collections.lightsout.bmc.plugins.filter.site_policy import site_policy
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import CATALOGUE
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile

Vars = dict[str, t.Any]


def plan(role: str, hosts: t.Mapping[str, Vars]) -> dict[str, t.Any]:
    found = {name: {"values": values, "failed": {}, "refused": [], "in_play": True} for name, values in hosts.items()}
    return site_policy({"roles": [role], "hosts": found}, role)


def test_a_profile_holds_the_controls_of_those_before_it() -> None:
    assert audit_controls("L3") == [control.id for control in CATALOGUE]
    assert audit_controls("L1") == [control.id for control in CATALOGUE if control.profile is Profile.L1]
    assert set(audit_controls("L1")) < set(audit_controls("L2")) < set(audit_controls("L3"))


def test_named_controls_go_over_the_profile_and_skipped_ones_are_left_out() -> None:
    assert audit_controls("L1", only=["C-06", "A-02"]) == ["C-06", "A-02"]
    assert audit_controls("L1", only=["C-06", "A-02"], skip=["C-06"]) == ["A-02"]
    assert "A-02" not in audit_controls("L1", skip=["A-02"])
    assert audit_controls("L1", only=["A-02"], skip=["A-02"]) == []


@pytest.mark.parametrize(
    ("profile", "options", "text"),
    [("L4", {}, "it is one of L1, L2, L3"), ("L1", {"only": ["X-99"]}, "X-99"), ("L1", {"skip": ["X-98"]}, "X-98")],
)
def test_what_there_is_not_is_refused(profile: str, options: Vars, text: str) -> None:
    with pytest.raises(AnsibleFilterError, match=text):
        audit_controls(profile, **options)


@pytest.mark.parametrize("role", ["bmc_hardening", "bmc_compliance"])
@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"controls": ["C-01", "X-99"]}, "_controls: X-99 is not in the catalogue of controls"),
        ({"profile": "L4"}, "the profile is 'L4'; it is one of L1, L2, L3"),
        ({"policy": {"lamp": 1}}, "_policy has the unknown lamp; known are "),
        ({"policy": ["kg"]}, "_policy is not a dictionary"),
        ({"policy": {"sel_max_fill": "much"}}, "_policy: "),
        ({"waivers": [{"control": "C-01", "reason": " ", "expires": "2027-01-01"}]}, "_waivers: C-01 has no reason"),
        ({"waivers": [{"control": "C-01", "reason": "x", "expires": "soon"}]}, "_waivers: C-01: expires is 'soon'; a date is year-month-day"),
        ({"waivers": [{"control": "C-01"}]}, "_waivers: missing required arguments: expires, reason"),
        ({"waivers": [{"control": "X-99", "reason": "x", "expires": "2027-01-01"}]}, "_waivers: 'X-99' is no control of the catalogue"),
    ],
)
def test_variables_that_cannot_be_are_told_with_their_host(role: str, values: Vars, problem: str) -> None:
    (text,) = plan(role, {"n1": {}, "n2": {f"{role}_{name}": value for name, value in values.items()}})["problems"]
    assert text.startswith("n2: ") and problem in text


def test_no_problem_shows_a_secret() -> None:
    secret = "4c69676874732d6f7574"
    problems = plan("bmc_hardening", {"n1": {"bmc_hardening_policy": {"kg": secret, "sel_max_fill": secret}}})["problems"]
    assert len(problems) == 1 and secret not in problems[0]


def test_hosts_with_the_same_password_are_counted_and_no_password_is_kept() -> None:
    counted = plan("bmc_compliance", {"n1": {"bmc_password": "same"}, "n2": {"bmc_password": "same"}, "n3": {"bmc_password": "other"}, "n4": {}})
    shared = {"n1": {"password_shared_with": 1}, "n2": {"password_shared_with": 1}, "n3": {"password_shared_with": 0}, "n4": {}}
    assert counted == {"problems": [], "hosts": shared}


@pytest.mark.parametrize(("name", "values"), [("fail_on", ("never", "high")), ("baseline", ("a.json", None)), ("allow_unaudited", (True, False))])
def test_what_decides_for_the_whole_run_must_not_differ_from_host_to_host(name: str, values: tuple[t.Any, t.Any]) -> None:
    variable = f"bmc_compliance_{name}"
    first, second = plan("bmc_compliance", {"n1": {variable: values[0]}, "n2": {variable: values[1]}})["problems"]
    assert first.startswith(f"n1: {variable} is ") and second.startswith(f"n2: {variable} is ")
    assert plan("bmc_compliance", {"n1": {variable: values[0]}, "n2": {variable: values[0]}})["problems"] == []

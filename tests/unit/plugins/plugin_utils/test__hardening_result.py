# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What came of a hardening: why something is left, what went wrong, and the page for a fleet."""

from __future__ import annotations

import time
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.filter.hardening_report import hardening_report
from ansible_collections.lightsout.bmc.plugins.filter.hardening_result import hardening_result
from ansible_collections.lightsout.bmc.plugins.filter.hardening_steps import hardening_steps
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import BY_ID, CATALOGUE

Document = dict[str, t.Any]
FIXES: dict[str, Document] = {
    "C-01": {"channels": [{"cipher_privileges": {"0": "unused"}}]},
    "A-02": {"channels": [{"auth_types": {"user": ["md5"]}}]},
    "S-02": {"sol": {"force_encryption": True}},
    "C-06": {"controller": {"kg": {"from_policy": "kg"}}},
}


def audited(**states: str) -> Document:
    """What ipmi_audit registers: states by control, with _ for -."""
    named = {name.replace("_", "-"): state for name, state in states.items()}
    findings = [{"id": name, "state": state, "actual": f"{name} is {state}", "fixes": [FIXES[name]] if name in FIXES else []} for name, state in named.items()]
    return {"audit": {"findings": findings}, "failed": False}


def done(before: Document, *outcomes: Document, **options: t.Any) -> Document:
    """What the loop over the steps registers: an outcome for each of the first steps."""
    steps = hardening_steps(before["audit"]["findings"], **options)["steps"]
    good = {"failed": False, "changed": True, "written": ["x: y"], "unsupported": []}
    return {"results": [{**good, **outcome, "item": step} for outcome, step in zip(outcomes, steps, strict=False)]}


def why(result: Document) -> dict[str, str]:
    return {entry["control"]: entry["why"] for entry in result["left"]}


def test_what_was_mended_is_told_with_the_states_before_and_after() -> None:
    before = audited(S_02="fail", A_02="pass")
    result = hardening_result(before, audited(S_02="pass", A_02="pass"), done(before, {}))
    assert result["fixed"] == ["S-02"] and result["left"] == [] and result["problem"] == ""
    assert result["before"] == {"states": {"S-02": "fail", "A-02": "pass"}, "summary": {"fail": 1, "pass": 1}}
    assert result["after"]["summary"] == {"pass": 2}


def test_what_is_no_longer_known_is_not_mended() -> None:
    before = audited(S_02="fail")
    assert hardening_result(before, audited(S_02="not_assessed"), done(before, {}))["fixed"] == []


def test_where_nothing_is_to_be_written_there_is_no_second_look() -> None:
    result = hardening_result(audited(P_08="fail", A_02="pass"), {"skipped": True}, {"results": [], "skipped": True})
    assert result["after"]["states"] == {"P-08": "fail", "A-02": "pass"} and result["problem"] == ""
    (left,) = result["left"]
    assert left == {
        "control": "P-08",
        "title": BY_ID["P-08"].title,
        "severity": BY_ID["P-08"].severity.value,
        "actual": "P-08 is fail",
        "why": "nothing mends it",
        "how": BY_ID["P-08"].remedy.how,
        "reset": False,
    }


def test_an_audit_that_failed_is_the_problem() -> None:
    failed = {"failed": True, "msg": "192.0.2.1:623: no answer", "bmc_host": "192.0.2.1:623"}
    result = hardening_result(failed, {"skipped": True}, {"skipped": True})
    assert result["problem"] == "nothing was written, because the audit failed: no answer" and result["before"] is None
    assert hardening_report({"n1": result})[-1].startswith("1 BMCs: 0 findings open before, 0 mended, 0 left; something went wrong on 1")


def test_a_failed_step_names_what_was_written_and_what_was_not_tried() -> None:
    before = audited(S_02="fail", A_02="fail", C_01="fail")
    outcomes = done(before, {}, {"failed": True, "msg": "192.0.2.1:623: it was put back", "bmc_host": "192.0.2.1:623", "written": ["channel 1: auth_types"]})
    result = hardening_result(before, audited(S_02="pass", A_02="fail", C_01="fail"), outcomes)
    assert result["problem"] == (
        "the step 'access of channels' failed (written by then: channel 1: auth_types): it was put back. not tried: the other cipher suites"
    )
    assert why(result) == {"A-02": "the step 'access of channels' failed, see below", "C-01": "not tried, because an earlier step failed"}


def test_a_bmc_that_does_not_hold_what_was_written_fails_and_one_that_may_need_a_reset_does_not() -> None:
    assert not BY_ID["S-02"].remedy.needs_reset and BY_ID["C-01"].remedy.needs_reset
    before = audited(S_02="fail", C_01="fail")
    result = hardening_result(before, audited(S_02="fail", C_01="fail"), done(before, {}, {}))
    assert result["problem"] == "written, and the BMC still does as before: S-02"
    assert result["reset_required"] == ["C-01"] and "cold reset" in why(result)["C-01"]
    assert "a cold reset of the BMC may be needed (1): n1" in hardening_report({"n1": result})


def test_what_the_bmc_does_not_have_is_told_and_is_no_problem() -> None:
    before = audited(S_02="fail")
    lacking = {"written": [], "unsupported": [{"what": "sol", "setting": "force_encryption", "reason": "C1"}]}
    result = hardening_result(before, audited(S_02="fail"), done(before, lacking))
    assert why(result) == {"S-02": "the BMC does not have force_encryption"} and result["problem"] == ""


def test_what_the_policy_lacks_and_what_came_up_meanwhile_is_told() -> None:
    before = audited(S_02="fail", C_06="fail")
    result = hardening_result(before, audited(S_02="pass", C_06="fail", A_02="fail"), done(before, {}), policy={})
    assert why(result) == {"C-06": "the policy does not give kg", "A-02": "it came up while the others were mended"}


def test_a_second_round_counts_as_one_with_the_first() -> None:
    first, second = audited(S_02="fail", A_02="fail"), audited(S_02="pass", A_02="fail")
    result = hardening_result(first, second, done(first, {}), more=done(second, {}), last=audited(S_02="pass", A_02="pass"))
    assert result["fixed"] == ["S-02", "A-02"] and result["after"]["summary"] == {"pass": 2} and result["problem"] == ""
    failed = done(second, {"failed": True, "msg": "refused"})
    result = hardening_result(first, second, done(first, {}), more=failed, last=second)
    assert result["fixed"] == ["S-02"] and "the step 'access of channels' failed" in result["problem"]


def test_a_second_audit_that_fails_is_a_problem() -> None:
    before = audited(S_02="fail")
    result = hardening_result(before, {"failed": True, "msg": "no answer"}, done(before, {}))
    assert result["problem"] == "the second audit failed: no answer" and result["after"] is None and result["fixed"] == []


def test_a_contradiction_is_a_problem_that_names_both_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIXES, "S-02", {"sol": {"privilege": "user"}})
    monkeypatch.setitem(FIXES, "S-04", {"sol": {"privilege": "operator"}})
    result = hardening_result(audited(S_02="fail", S_04="fail"), {"skipped": True}, {"failed": True, "msg": "cannot be evaluated"})
    assert result["problem"] == "nothing was written, because S-02 and S-04 contradict each other about sol, privilege"


def test_without_writing_it_says_what_would_be_mended() -> None:
    result = hardening_result(audited(S_02="fail", P_08="fail"), None, None, writes=False)
    assert result["would_fix"] == ["S-02"] and why(result) == {"P-08": "nothing mends it"} and result["after"] is None and result["problem"] == ""
    assert hardening_report({"n1": result})[0] == "would be mended:"


def test_the_page_of_a_fleet_is_short_and_made_in_no_time() -> None:
    before = audited(**{control.id.replace("-", "_"): "fail" for control in CATALOGUE})
    after = audited(**{control.id.replace("-", "_"): "pass" if control.id in FIXES else "fail" for control in CATALOGUE})
    one = hardening_result(before, after, done(before, {}, {}, {}, policy={"kg": "0"}), policy={"kg": "0"})
    started = time.process_time()
    lines = hardening_report({f"ccw{number:04}": one for number in range(1, 1801)})
    assert time.process_time() - started < 10
    assert len(lines) < 4 * len(CATALOGUE) and max(map(len, lines)) < 1000
    assert f"  S-02 [high] {BY_ID['S-02'].title} (1800): ccw[0001-1800]" in lines


def only_the_own_account_fails(*, fixes: int) -> Document:
    """U-05 of two accounts, the second of which is the session's own: nothing switches that off."""
    both = [{"subject": f"user {number}", "state": "fail"} for number in (3, 2)]
    finding = {"id": "U-05", "state": "fail", "actual": "user 2: it is the account of this session", "method": "config"}
    fix = {"users": [{"name": "spare", "user_id": 3, "enabled": False}]}
    return {"audit": {"findings": [{**finding, "parts": both[-1 - fixes :], "fixes": [fix] * fixes}]}, "failed": False}


def test_a_part_that_nothing_could_write_is_no_write_that_the_bmc_ignored() -> None:
    before = only_the_own_account_fails(fixes=1)
    result = hardening_result(before, only_the_own_account_fails(fixes=0), done(before, {}))
    assert result["fixed"] == [] and result["problem"] == ""
    assert why(result) == {"U-05": "the rest of it is nothing that could be written by itself; see what to do"}
    ignored = hardening_result(before, before, done(before, {}))
    assert ignored["problem"] == "written, and the BMC still does as before: U-05"


def test_the_suite_in_use_asks_for_no_reset_and_one_that_is_off_and_taken_all_the_same_does() -> None:
    before = audited(C_01="fail")
    after = {"id": "C-01", "state": "fail", "actual": "", "fixes": []}
    for method, resets in (("config", []), ("probe", ["C-01"])):
        result = hardening_result(before, {"audit": {"findings": [{**after, "method": method}]}}, done(before, {}))
        assert result["reset_required"] == resets and result["problem"] == ""


def test_check_mode_does_not_promise_what_would_be_mended_in_part_only() -> None:
    result = hardening_result(only_the_own_account_fails(fixes=1), writes=False)
    assert result["would_fix"] == []
    assert why(result) == {"U-05": "a part of it would be mended; the rest cannot be written by itself"}


def test_the_list_of_default_passwords_is_nothing_that_a_fix_needs() -> None:
    own = {"id": "U-04", "state": "fail", "actual": "its password is a known one", "fixes": []}
    result = hardening_result({"audit": {"findings": [own]}}, policy={})
    assert why(result) == {"U-04": "there is nothing that could be written by itself; see what to do"}


def test_the_page_says_what_the_inventory_needs_for_the_next_login() -> None:
    before, policy = audited(C_06="fail"), {"kg": "x"}
    result = hardening_result(before, audited(C_06="pass"), done(before, {"written": ["controller: kg"]}, policy=policy), policy=policy)
    assert "from now on the inventory must say the new bmc_kg, or no login works (1): n1" in hardening_report({"n1": result})
    untouched = hardening_result(before, before, done(before, {"failed": True, "msg": "refused", "written": []}, policy=policy), policy=policy)
    assert not any("inventory" in line for line in hardening_report({"n1": untouched}))

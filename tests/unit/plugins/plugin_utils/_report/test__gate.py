# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts, what is accepted, and what became of what failed."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._report import _json
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._gate import Earlier, compare, judge, key_of, load
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Host, Reader
from tests.unit.plugins.plugin_utils._report.samples import ALL, finding, host, report, result


@pytest.mark.parametrize(
    ("fail_on", "controls"),
    [("critical", ["C-01"]), ("high", ["C-01"]), ("medium", ["C-01", "B-02"]), ("low", ["C-01", "B-02"]), ("info", ["C-01", "B-02", "A-03"]), ("never", [])],
)
def test_what_is_at_or_above_the_limit_counts(fail_on: str, controls: list[str]) -> None:
    gate = judge(report(host("a", "fail", "fail", "fail")), fail_on, None)
    assert [finding.control for _host, finding in gate.open] == controls
    assert gate.ok is not bool(controls)


@pytest.mark.parametrize("state", ["pass", "waived", "not_applicable", "not_assessed", "manual"])
def test_only_what_fails_counts(state: str) -> None:
    assert judge(report(host("a", state)), "info", None).ok


@pytest.mark.parametrize("fail_on", ["critical", "never"])
def test_a_bmc_that_was_not_audited_is_never_ok(fail_on: str) -> None:
    gate = judge(report(host("a", "pass"), host("b")), fail_on, None)
    assert not gate.ok and [one.name for one in gate.not_audited] == ["b"]


def earlier(**states: str) -> Earlier:
    """What earlier was the state of C-01, by host."""
    return Earlier("Earlier", "2026-11-01", {(name, "C-01"): state for name, state in states.items()})


@pytest.mark.parametrize(("state", "accepted"), [("fail", True), ("pass", False), ("waived", False), ("not_assessed", False)])
def test_the_baseline_accepts_what_was_open_in_it_and_nothing_else(state: str, accepted: bool) -> None:
    gate = judge(report(host("a", "fail")), "high", earlier(a=state, b="fail"))
    assert [key_of(pair) for pair in gate.accepted] == ([("a", "C-01")] if accepted else [])
    assert [key_of(pair) for pair in gate.open] == ([] if accepted else [("a", "C-01")])
    assert gate.ok is accepted


def accounts(*names: str) -> Host:
    """A host on which accounts of these names have default passwords, and one has not."""
    parts = [{"subject": name, "state": "fail", "expected": "", "actual": "", "reason": ""} for name in names]
    good = {"subject": "user 9 (good)", "state": "pass", "expected": "", "actual": "", "reason": ""}
    return Reader(ALL).host("a", "r1", "", result(finding("C-01", "fail", parts=[*parts, good])))


@pytest.mark.parametrize(
    ("then", "now", "accepted"),
    [
        (("user 2 (root)",), ("user 2 (root)",), True),
        (("user 2 (root)", "user 3 (x)"), ("user 2 (root)",), True),
        (("user 2 (root)",), ("user 2 (root)", "user 3 (x)"), False),
        (("user 2 (root)",), ("user 3 (x)",), False),
        (("user 2 (root)",), ("user 9 (good)",), False),
    ],
)
def test_another_account_under_an_accepted_control_is_new(
    tmp_path: pathlib.Path, then: tuple[str, ...], now: tuple[str, ...], accepted: bool
) -> None:
    path = tmp_path / "accepted.json"
    before = report(accounts(*then))
    path.write_text(_json.write(before, judge(before, "high", None), None), encoding="utf-8")
    assert judge(report(accounts(*now)), "high", load(path)).ok is accepted


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        ("pass", "fail", "new"),
        ("waived", "fail", "new"),
        ("not_assessed", "fail", "new"),
        ("fail", "fail", "still_open"),
        ("fail", "pass", "fixed"),
        ("fail", "not_applicable", "fixed"),
        ("fail", "waived", "waived"),
        ("fail", "not_assessed", "unclear"),
        ("fail", "manual", "unclear"),
        ("fail", "", "unclear"),
        ("pass", "pass", None),
        ("waived", "waived", None),
        ("pass", "", None),
    ],
)
def test_what_became_of_a_finding(then: str, now: str, change: str | None) -> None:
    states = (now,) if now else ()
    counts = compare(report(host("a", *states)), earlier(a=then)).counts()
    assert counts == {name: int(name == change) for name in ("new", "fixed", "still_open", "waived", "unclear")}


def test_a_host_that_is_new_has_new_findings_and_one_that_is_gone_mended_nothing() -> None:
    lists = compare(report(host("a", "fail")), earlier(b="fail")).lists
    assert lists["new"] == (("a", "C-01"),) and lists["unclear"] == (("b", "C-01"),) and lists["fixed"] == ()


def test_a_report_that_was_written_is_read_again(tmp_path: pathlib.Path) -> None:
    written = report(host("a", "fail", "pass"), host("b", "waived"), host("c"))
    (tmp_path / "r.json").write_text(_json.write(written, judge(written, "high", None), None), encoding="utf-8")
    read = load(tmp_path / "r.json")
    assert (read.title, read.date) == ("A room", "2026-11-20")
    assert read.states == {("a", "C-01"): "fail", ("a", "B-02"): "pass", ("b", "C-01"): "waived"}
    assert read.open == {("a", "C-01")}

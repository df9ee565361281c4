# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results become records: equal findings once, everything in order, and what is no result is not audited."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Reader, natural
from tests.unit.plugins.plugin_utils._report.samples import ALL, DAY, finding, host, report, result


def test_equal_findings_of_two_bmcs_are_one_record() -> None:
    reader = Reader(ALL)
    one, two, other = (reader.host(name, "", "", result(finding("C-01", "fail", actual=actual))) for name, actual in (("a", "x"), ("b", "x"), ("c", "y")))
    assert one.findings[0] is two.findings[0] is not other.findings[0]
    assert len(report(one, two, other).findings) == 2


def test_texts_of_the_catalogue_in_a_result_are_left_out() -> None:
    with_texts = {**finding("C-01", "fail"), "title": "from another release", "how": "otherwise"}
    read = Reader(ALL).host("a", "", "", result(with_texts))
    assert set(read.findings[0].as_dict()) == set(finding("C-01", "fail"))


def test_hosts_are_in_order_of_rack_position_and_name_and_those_without_a_rack_are_last() -> None:
    hosts = [host("n10"), host("n9"), host("p2", position="2"), host("p10", position="10"), host("x", rack="r10"), host("y", rack="")]
    assert [one.name for one in report(*hosts).hosts] == ["p2", "p10", "n9", "n10", "x", "y"]


@pytest.mark.parametrize("texts", [["r2", "r10"], ["1", "2", "10", "a"], ["a", "a1", "a1b", "a2"], ["", "0"], ["2", "²"]])
def test_numbers_in_names_count_as_numbers(texts: list[str]) -> None:
    assert sorted({*texts}, key=natural) == texts


def test_the_day_is_that_of_the_newest_audit() -> None:
    newest = Reader(ALL).host("b", "", "", result(finding("C-01", "pass"), day="2026-11-21"))
    assert report(host("a", "pass"), newest).date == "2026-11-21"
    assert report(host("a", "pass")).date == DAY
    assert report(host("a")).date == "2026-12-24", "nothing was audited: today"


def test_only_controls_that_were_looked_at_are_in_it_in_the_catalogues_order() -> None:
    looked = Reader(ALL).host("a", "", "", result(finding("A-03", "pass"), finding("C-01", "pass")))
    assert [control["id"] for control in report(looked).controls] == ["C-01", "A-03"]


def test_the_summary_counts_hosts_states_and_open_findings() -> None:
    counted = report(host("a", "fail", "waived", "pass"), host("b", "fail", "not_assessed", "fail"), host("c")).summary()
    assert counted["hosts"] == {"all": 3, "audited": 2, "not_audited": 1}
    assert counted["states"] == {"fail": 3, "not_assessed": 1, "manual": 0, "pass": 1, "not_applicable": 0, "waived": 1}
    assert counted["open"] == {"critical": 2, "high": 0, "medium": 0, "low": 0, "info": 1}


@pytest.mark.parametrize(
    ("value", "reason", "msg"),
    [
        (None, "not_reached", "did not reach"),
        ({"failed": True, "msg": "192.0.2.1:623: refused", "reason": "bad_credentials"}, "bad_credentials", "192.0.2.1:623: refused"),
        ({"failed": True}, "failed", "the audit failed"),
        ({"failed": True, "msg": "two\nlines"}, "failed", "two lines"),
        ({"unreachable": True, "msg": "no"}, "unreachable", "no"),
        ({"skipped": True}, "skipped", "skipped"),
        ({"results": []}, "unreadable", "KeyError: 'audit'"),
        ({"audit": None}, "unreadable", "TypeError"),
        ([], "unreadable", "it is no dictionary"),
        (result({**finding("C-01", "pass"), "id": "Z-99"}), "unreadable", "Z-99 is not in the catalogue"),
        (result(finding("C-01", "passed")), "unreadable", "the state 'passed'"),
        (result(finding("C-01", "pass", severity="awful")), "unreadable", "the severity 'awful'"),
        (result(finding("C-01", "waived", waiver=None)), "unreadable", "without a waiver"),
        (result(finding("C-01", "pass"), finding("C-01", "fail")), "unreadable", "a control is there twice"),
        (result({key: value for key, value in finding("C-01", "pass").items() if key != "evidence"}), "unreadable", "evidence"),
    ],
)
def test_what_is_no_result_of_an_audit_is_a_host_that_was_not_audited(value: t.Any, reason: str, msg: str) -> None:
    read = Reader(ALL).host("a", "", "", value)
    assert not read.audited and read.findings == ()
    assert read.reason == reason and msg in read.msg

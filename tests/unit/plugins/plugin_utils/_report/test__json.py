# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON report holds everything, once, and in one way."""

from __future__ import annotations

import json

from ansible_collections.lightsout.bmc.plugins.plugin_utils._report import _json
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._gate import Earlier, compare, judge
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Json, Reader, Report
from tests.unit.plugins.plugin_utils._report.samples import ALL, TEXTS, finding, host, report, result


def written(made: Report) -> Json:
    """The document."""
    document: Json = json.loads(_json.write(made, judge(made, "high", None), None))
    return document


def test_every_host_finds_its_findings_again() -> None:
    document = written(report(host("a", "fail", "pass", "pass"), host("b", "pass", "pass", "pass"), host("c")))
    found = {one["name"]: [document["findings"][at] for at in one["findings"]] for one in document["hosts"]}
    assert found["a"] == [finding("C-01", "fail"), finding("B-02", "pass"), finding("A-03", "pass")]
    assert found["b"] == [finding("C-01", "pass"), finding("B-02", "pass"), finding("A-03", "pass")]
    assert found["c"] == []
    assert document["controls"] == list(TEXTS)


def test_it_says_what_it_is_and_what_counts() -> None:
    document = written(report(host("a", "fail", "fail"), host("b")))
    assert (document["format"], document["version"]) == ("lightsout.bmc.compliance_report", 1)
    assert document["gate"] == {"fail_on": "high", "ok": False, "open": [["a", "C-01"]], "accepted": []}
    assert document["compared"] is None
    assert document["hosts"][1]["reason"] == "not_reached" and not document["hosts"][1]["audited"]


def test_the_comparison_is_in_it() -> None:
    made = report(host("a", "fail"))
    comparison = compare(made, Earlier("Then", "2026-11-01", {("a", "C-01"): "fail"}))
    document = json.loads(_json.write(made, judge(made, "high", None), comparison))
    assert document["compared"] == {
        "previous": {"title": "Then", "date": "2026-11-01"}, "new": [], "fixed": [], "still_open": [["a", "C-01"]], "waived": [], "unclear": [],
    }


def test_each_host_and_each_finding_has_a_line_of_its_own() -> None:
    reader = Reader(ALL)
    made = report(*(reader.host(name, "", "", result(finding("C-01", "fail"), finding("B-02", "pass"))) for name in "ab"))
    lines = _json.write(made, judge(made, "high", None), None).splitlines()
    assert sum('"name":' in line for line in lines) == 2
    assert sum(line.startswith('{"actual":') for line in lines) == 2

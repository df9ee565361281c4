# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SARIF, as another program reads it: sarif-pydantic, and what GitHub's code scanning asks for."""

from __future__ import annotations

import json
import re

import pytest
import sarif_pydantic

from ansible_collections.lightsout.bmc.plugins.plugin_utils._report import _sarif
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._gate import Comparison, Earlier, compare
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Json, Report
from tests.unit.plugins.plugin_utils._report.samples import host, report

ROOM = report(host("a", "fail", "pass", "waived"), host("b/ü", "not_assessed", "fail", "fail"), host("c"))
LOCATION = "host_vars/{host}.yml"


def written(made: Report = ROOM, comparison: Comparison | None = None) -> Json:
    """The document."""
    document: Json = json.loads(_sarif.write(made, "bmc-compliance", LOCATION, comparison))
    return document


def results(made: Report = ROOM, comparison: Comparison | None = None) -> list[Json]:
    """Its results."""
    found: list[Json] = written(made, comparison)["runs"][0]["results"]
    return found


def test_an_independent_reader_takes_it() -> None:
    document = written(comparison=compare(ROOM, Earlier("Then", "2026-11-01", {})))
    read = sarif_pydantic.Sarif.model_validate(document)
    assert read.version == "2.1.0"
    (run,) = read.runs
    assert run.results is not None and run.tool.driver.rules is not None
    assert [one.rule_id for one in run.results] == ["C-01", "A-03", "B-02", "A-03"]
    assert [rule.id for rule in run.tool.driver.rules] == ["C-01", "B-02", "A-03"]


#: The specification's, for what is written here: property -> what must be there, and all that may.
OBJECTS = {
    "run": ({"tool"}, {"tool", "automationDetails", "invocations", "columnKind", "results"}),
    "driver": ({"name"}, {"name", "rules"}),
    "rule": ({"id"}, {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"}),
    "result": (
        {"message"},
        {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "properties", "suppressions", "baselineState"},
    ),
    "suppression": ({"kind"}, {"kind", "status", "justification"}),
    "invocation": ({"executionSuccessful"}, {"executionSuccessful", "toolExecutionNotifications"}),
    "notification": ({"message"}, {"level", "message"}),
}


def check(kind: str, value: Json) -> None:
    required, allowed = OBJECTS[kind]
    assert required <= set(value) <= allowed, kind


def test_the_structure_is_the_specifications() -> None:
    document = written(comparison=compare(ROOM, Earlier("Then", "2026-11-01", {})))
    assert set(document) == {"$schema", "version", "runs"}
    (run,) = document["runs"]
    check("run", run)
    check("driver", run["tool"]["driver"])
    for rule in run["tool"]["driver"]["rules"]:
        check("rule", rule)
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert rule["help"]["text"] and rule["shortDescription"]["text"]
    for result in run["results"]:
        check("result", result)
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["baselineState"] in ("new", "unchanged", "updated", "absent")
        for suppression in result.get("suppressions", []):
            check("suppression", suppression)
            assert suppression["kind"] in ("inSource", "external") and suppression["status"] in ("accepted", "underReview", "rejected")
    for invocation in run["invocations"]:
        check("invocation", invocation)
        for notification in invocation["toolExecutionNotifications"]:
            check("notification", notification)


@pytest.mark.parametrize(("control", "level", "score"), [("C-01", "error", "9.5"), ("B-02", "warning", "5.5"), ("A-03", "note", "0.1")])
def test_severities_are_those_of_code_scanning(control: str, level: str, score: str) -> None:
    (rule,) = [rule for rule in written()["runs"][0]["tool"]["driver"]["rules"] if rule["id"] == control]
    assert rule["defaultConfiguration"]["level"] == level
    assert rule["properties"]["security-severity"] == score


def test_only_what_fails_is_a_result_and_a_waiver_is_a_suppression() -> None:
    told = {(one["locations"][0]["logicalLocations"][0]["name"], one["ruleId"]): one.get("suppressions") for one in results()}
    assert set(told) == {("a", "C-01"), ("a", "A-03"), ("b/ü", "B-02"), ("b/ü", "A-03")}
    assert [key for key, suppressions in told.items() if suppressions] == [("a", "A-03")]
    assert told["a", "A-03"] == [{"kind": "external", "status": "accepted", "justification": "until 2027-01-31: old board"}]


def test_each_result_is_at_a_file_of_the_repository() -> None:
    places = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results()}
    assert places == {"host_vars/a.yml", "host_vars/b%2F%C3%BC.yml"}


def test_fingerprints_tell_bmcs_and_controls_apart_and_stay_whatever_else_changes() -> None:
    prints = {(one["ruleId"], one["locations"][0]["logicalLocations"][0]["name"]): one["partialFingerprints"]["bmcControl/v1"] for one in results()}
    assert len(set(prints.values())) == len(prints)
    assert all(re.fullmatch("[0-9a-f]{32}", value) for value in prints.values())
    assert prints["C-01", "a"] == "e4358a4b6dabbd29e2ad18b168f52125"


def test_what_is_new_since_an_earlier_report_is_told() -> None:
    comparison = compare(ROOM, Earlier("Then", "2026-11-01", {("a", "C-01"): "fail"}))
    states = {(one["ruleId"], one["locations"][0]["logicalLocations"][0]["name"]): one["baselineState"] for one in results(comparison=comparison)}
    assert states == {("C-01", "a"): "unchanged", ("A-03", "a"): "unchanged", ("B-02", "b/ü"): "new", ("A-03", "b/ü"): "new"}
    assert all("baselineState" not in one for one in results())


def test_bmcs_that_were_not_audited_make_the_run_a_failed_one() -> None:
    (invocation,) = written()["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("c was not audited (not_reached): ")
    assert written(report(host("a", "fail")))["runs"][0]["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]

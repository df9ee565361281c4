# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JUnit XML, as another program reads it: junitparser, and the rules of the format that Jenkins publishes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import junitparser
import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._report import _junit
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Reader
from tests.unit.plugins.plugin_utils._report.samples import ALL, finding, host, report, result

#: What an element may have in it, and which attributes; those after the bar it must have.
ALLOWED = {
    "testsuites": ({"testsuite"}, {"name", "tests", "failures", "errors", "skipped", "time"}, set()),
    "testsuite": ({"properties", "testcase"}, {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}, {"name", "tests", "timestamp"}),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, {"name", "value"}),
    "testcase": ({"properties", "failure", "error", "skipped"}, {"name", "classname", "time"}, {"name", "classname", "time"}),
    "failure": (set(), {"message", "type"}, {"message", "type"}),
    "error": (set(), {"message", "type"}, {"message", "type"}),
    "skipped": (set(), {"message", "type"}, {"message", "type"}),
}
ROOM = report(host("a", "fail", "pass", "waived"), host("b", "not_applicable", "not_assessed", "manual"), host("c"))


def test_only_elements_and_attributes_of_the_format_are_in_it() -> None:
    root = ET.fromstring(_junit.write(ROOM))
    assert root.tag == "testsuites"
    for element in root.iter():
        children, attributes, required = ALLOWED[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= attributes
    assert all(len([child for child in case if child.tag != "properties"]) <= 1 for case in root.iter("testcase"))


def test_an_independent_reader_counts_the_same() -> None:
    read = junitparser.JUnitXml.fromstring(_junit.write(ROOM).encode())
    told = [(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped) for suite in read]
    assert told == [("a", 3, 1, 0, 1), ("b", 3, 0, 0, 3), ("c", 1, 0, 1, 0)]
    assert (read.tests, read.failures, read.errors, read.skipped) == (7, 1, 1, 4)
    for suite in read:
        before = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == before, "what the head says is not what follows"


def test_each_state_is_told_apart() -> None:
    read = junitparser.JUnitXml.fromstring(_junit.write(ROOM).encode())
    cases = {(case.classname, case.name): case.result for suite in read for case in suite}
    assert cases["a", "B-02 B-02 holds"] == []
    (failure,) = cases["a", "C-01 C-01 holds"]
    assert isinstance(failure, junitparser.Failure) and (failure.type, failure.message) == ("critical", "not so")
    assert failure.text == "Expected: so\nActual: not so\nWhy: C-01 matters.\nHow to mend it: Set C-01."
    (error,) = cases["c", "audited"]
    assert isinstance(error, junitparser.Error) and error.type == "not_reached"
    skipped = {key: (one.type, one.message) for key, results in cases.items() for one in results if isinstance(one, junitparser.Skipped)}
    assert skipped == {
        ("a", "A-03 A-03 holds"): ("waived", "waived until 2027-01-31: old board"),
        ("b", "C-01 C-01 holds"): ("not_applicable", "not applicable: nobody knows"),
        ("b", "B-02 B-02 holds"): ("not_assessed", "not assessed: nobody knows"),
        ("b", "A-03 A-03 holds"): ("manual", "to be looked at by a person: nobody knows"),
    }


def test_what_a_case_is_about_is_in_its_properties() -> None:
    root = ET.fromstring(_junit.write(ROOM))
    case = root.find(".//testcase[@name='C-01 C-01 holds']")
    assert case is not None
    about = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert about == {"severity": "critical", "profile": "L1", "state": "fail", "method": "config"}
    suite = root.find("testsuite/properties")
    assert suite is not None
    about = {one.get("name"): one.get("value") for one in suite}
    assert about["rack"] == "r1" and about["bmc.manufacturer"] == "Maker" and "position" not in about


@pytest.mark.parametrize("text", ["<b>&\"'", "]]>", "\x00\x1b[31m", "\ud800", "\ufffe", "two\nlines", "ü😀"])
def test_whatever_a_bmc_says_the_file_can_be_read(text: str) -> None:
    made = report(Reader(ALL).host(f"a{text}", text, text, result(finding("C-01", "fail", actual=text, expected=text))), title=text)
    root = ET.fromstring(_junit.write(made).encode("utf-8"))
    failure = root.find(".//failure")
    assert failure is not None and failure.text is not None
    if text.isprintable():
        assert failure.get("message") == text and f"Actual: {text}" in failure.text
    else:
        assert "\ufffd" in failure.text or "\n" in text

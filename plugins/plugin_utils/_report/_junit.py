# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""JUnit XML, as GitLab, Jenkins and Azure read it: a suite for each BMC, a case for each control."""

from __future__ import annotations

import re
import typing as t
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import State
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Finding, Host, Json, Report

#: What XML 1.0 cannot hold, not even escaped.
_ILLEGAL: t.Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS: t.Final = {
    State.NOT_APPLICABLE.value: "not applicable",
    State.NOT_ASSESSED.value: "not assessed",
    State.MANUAL.value: "to be looked at by a person",
}


def write(report: Report) -> str:
    """The file's text."""
    suites = [_suite(report, host) for host in report.hosts]
    totals = {name: sum(counts[name] for counts, _lines in suites) for name in ("tests", "failures", "errors", "skipped")}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {_attributes({'name': report.title, **totals, 'time': 0})}>"]
    for _counts, suite in suites:
        lines += suite
    return "\n".join([*lines, "</testsuites>", ""])


def _suite(report: Report, host: Host) -> tuple[dict[str, int], list[str]]:
    states = [finding.state for finding in host.findings]
    failures = states.count(State.FAIL.value)
    passes = states.count(State.PASS.value)
    counts = {
        "tests": len(states) if host.audited else 1,
        "failures": failures,
        "errors": 0 if host.audited else 1,
        "skipped": len(states) - failures - passes,
    }
    day = host.date or report.date
    about = {"rack": host.rack, "position": host.position, "profile": host.profile, "date": day}
    about |= {f"bmc.{key}": value for key, value in host.bmc.items() if value is not None}
    lines = [f"<testsuite {_attributes({'name': host.name, **counts, 'time': 0, 'timestamp': f'{day}T00:00:00'})}>", *_properties(about)]
    if host.audited:
        for finding in host.findings:
            lines += _case(host, finding, report.control[finding.control])
    else:
        lines += [
            f"<testcase {_attributes({'classname': host.name, 'name': 'audited', 'time': 0})}>",
            f"<error {_attributes({'message': host.msg, 'type': host.reason})}>{_text(host.msg)}</error>",
            "</testcase>",
        ]
    return counts, [*lines, "</testsuite>"]


def _case(host: Host, finding: Finding, control: Json) -> list[str]:
    opening = f"<testcase {_attributes({'classname': host.name, 'name': finding.control + ' ' + control['title'], 'time': 0})}"
    if finding.state == State.PASS.value:
        return [f"{opening}/>"]
    about = {"severity": finding.severity, "profile": control["profile"], "state": finding.state, "method": finding.text("method")}
    return [f"{opening}>", *_properties(about), _outcome(finding, control), "</testcase>"]


def _outcome(finding: Finding, control: Json) -> str:
    if finding.is_open:
        told = {"Expected": finding.text("expected"), "Actual": finding.text("actual"), "Why": control["rationale"], "How to mend it": control["how"]}
        body = "\n".join(f"{word}: {text}" for word, text in told.items())
        return f"<failure {_attributes({'message': finding.text('actual'), 'type': finding.severity})}>{_text(body)}</failure>"
    if finding.is_waived:
        waiver = finding.rest["waiver"]
        message = f"waived until {waiver['expires']}: {waiver['reason']}"
    else:
        message = f"{_WORDS[finding.state]}: {finding.text('reason') or finding.text('actual')}"
    return f"<skipped {_attributes({'message': message, 'type': finding.state})}/>"


def _properties(values: t.Mapping[str, t.Any]) -> list[str]:
    told = [f"<property {_attributes({'name': name, 'value': value})}/>" for name, value in values.items() if value != ""]
    return ["<properties>", *told, "</properties>"]


def _attributes(values: t.Mapping[str, t.Any]) -> str:
    return " ".join(f"{name}={quoteattr(_legal(str(value)))}" for name, value in values.items())


def _text(text: str) -> str:
    return escape(_legal(text))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)

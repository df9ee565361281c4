# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""SARIF 2.1.0, as GitHub code scanning reads it: a rule for each control, a result for each failure."""

from __future__ import annotations

import hashlib
import json
import typing as t
import urllib.parse

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Severity
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._gate import Comparison
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Finding, Host, Json, Report

_SCHEMA: t.Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL: t.Final = {
    Severity.CRITICAL.value: "error",
    Severity.HIGH.value: "error",
    Severity.MEDIUM.value: "warning",
    Severity.LOW.value: "note",
    Severity.INFO.value: "note",
}
#: GitHub's steps: critical above 9.0, high from 7.0, medium from 4.0, low below.
_SECURITY_SEVERITY: t.Final = {
    Severity.CRITICAL.value: "9.5",
    Severity.HIGH.value: "8.0",
    Severity.MEDIUM.value: "5.5",
    Severity.LOW.value: "3.0",
    Severity.INFO.value: "0.1",
}


def write(report: Report, name: str, location: str, comparison: Comparison | None) -> str:
    """The file's text. `name` tells several reports of a repository apart. `location`: which file an alert is shown at, with {host}."""
    rules = {control["id"]: number for number, control in enumerate(report.controls)}
    new = set(comparison.lists["new"]) if comparison else None
    results = [
        _result(host, finding, report.control[finding.control], rules, location, new)
        for host in report.hosts
        for finding in host.findings
        if finding.is_open or finding.is_waived
    ]
    driver = {
        "name": "lightsout.bmc",
        "rules": [_rule(control) for control in report.controls],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{name}/"},
        "invocations": [_invocation(report)],
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _rule(control: Json) -> Json:
    references = "\n".join(f"- {source}" for source in control["references"])
    disturbs = f"Disturbs {control['disturbs']}." if control["disturbs"] else "Disturbs nothing."
    text = f"{control['rationale']}\n\n{control['how']}\n\n{disturbs}\n\n{references}"
    return {
        "id": control["id"],
        "name": control["id"].replace("-", ""),
        "shortDescription": {"text": control["title"]},
        "fullDescription": {"text": control["rationale"]},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVEL[control["severity"]]},
        "properties": {
            "precision": "very-high",
            "problem.severity": "error" if _LEVEL[control["severity"]] == "error" else "warning",
            "profile": control["profile"],
            "security-severity": _SECURITY_SEVERITY[control["severity"]],
            "tags": ["security", "bmc", "ipmi"],
        },
    }


def _result(host: Host, finding: Finding, control: Json, rules: t.Mapping[str, int], location: str, new: set[tuple[str, str]] | None) -> Json:
    uri = urllib.parse.quote(location, safe="/{}").replace("{host}", urllib.parse.quote(host.name, safe=""))
    result: Json = {
        "ruleId": finding.control,
        "ruleIndex": rules[finding.control],
        "level": _LEVEL[finding.severity],
        "message": {"text": f"{host.name}: {control['title']}: {finding.text('actual')} (expected: {finding.text('expected')})"},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 1}},
            "logicalLocations": [{"name": host.name, "kind": "resource"}],
        }],
        "partialFingerprints": {"bmcControl/v1": fingerprint(host.name, finding.control)},
        "properties": {"severity": finding.severity, "rack": host.rack, "method": finding.text("method")},
    }
    if finding.is_waived:
        waiver = finding.rest["waiver"]
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": f"until {waiver['expires']}: {waiver['reason']}"}]
    if new is not None:
        result["baselineState"] = "new" if (host.name, finding.control) in new else "unchanged"
    return result


def fingerprint(host: str, control: str) -> str:
    """The same for ever for one control of one BMC, whatever else changes."""
    return hashlib.sha256(f"{host}\0{control}".encode()).hexdigest()[:32]


def _invocation(report: Report) -> Json:
    missed = [host for host in report.hosts if not host.audited]
    notes = [
        {"level": "error", "message": {"text": f"{host.name} was not audited ({host.reason}): {host.msg}"}} for host in missed
    ]
    return {"executionSuccessful": not missed, "toolExecutionNotifications": notes}

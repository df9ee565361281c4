# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A catalogue of three controls and the results of audits with them."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import Host, Json, Reader, Report, build

DAY: t.Final = "2026-11-20"


def text(control: str, severity: str) -> Json:
    """What a catalogue says of a control."""
    return {
        "id": control,
        "title": f"{control} holds",
        "severity": severity,
        "profile": "L1",
        "rationale": f"{control} matters.",
        "how": f"Set {control}.",
        "fixable": "ipmi",
        "disruption": "none",
        "disturbs": "",
        "needs_reset": False,
        "references": ["Somebody", "Somebody else"],
    }


TEXTS: t.Final = (text("C-01", "critical"), text("B-02", "medium"), text("A-03", "info"))
SEVERITY: t.Final = {one["id"]: one["severity"] for one in TEXTS}
ALL: t.Final = tuple(SEVERITY)


def finding(control: str, state: str, **over: t.Any) -> Json:
    """A finding as `ipmi_audit` returns it without texts."""
    return {
        "id": control,
        "state": state,
        "severity": SEVERITY[control],
        "expected": "so",
        "actual": "so" if state == "pass" else "not so",
        "reason": "" if state in ("pass", "fail", "waived") else "nobody knows",
        "method": "config",
        "evidence": [{"command": "Get Device ID (06/01)", "request": "", "completion_code": "00", "response": "20 01"}],
        "parts": [],
        "fixes": [],
        "waiver": {"reason": "old board", "expires": "2027-01-31", "expired": False} if state == "waived" else None,
        **over,
    }


def result(*findings: Json, day: str = DAY) -> Json:
    """A registered result."""
    bmc = {"host": "192.0.2.1:623", "manufacturer_id": 7, "manufacturer": "Maker", "product_id": 1, "firmware": "1.2", "ipmi_version": "2.0"}
    audit = {"profile": "L1", "date": day, "catalogue": "x", "bmc": {**bmc, "cipher_suite": None}, "findings": list(findings), "summary": {}}
    return {"changed": False, "audit": audit}


def host(name: str, *states: str, rack: str = "r1", position: str = "") -> Host:
    """A host whose BMC has these states for the controls, in the catalogue's order; without any it was not reached."""
    found = result(*(finding(control, state) for control, state in zip(ALL, states, strict=False))) if states else None
    return Reader(ALL).host(name, rack, position, found)


def report(*hosts: Host, title: str = "A room") -> Report:
    """The report of some hosts."""
    return build(title, hosts, TEXTS, "0123456789ab", "2026-12-24")

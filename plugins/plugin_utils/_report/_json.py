# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The JSON report: the source of truth, from which the other files are made.

A line for each host and each different finding, so that two reports can be told apart by `diff`.
"""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._gate import Comparison, Gate, key_of
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._model import FORMAT, VERSION, Host, Json, Report, canonical


def write(report: Report, gate: Gate, comparison: Comparison | None) -> str:
    """The file's text."""
    number = {id(finding): place for place, finding in enumerate(report.findings)}
    head: Json = {
        "format": FORMAT,
        "version": VERSION,
        "title": report.title,
        "date": report.date,
        "profiles": report.profiles,
        "catalogue": report.catalogue,
        "gate": {
            "fail_on": gate.fail_on,
            "ok": gate.ok,
            "open": [list(key_of(pair)) for pair in gate.open],
            "accepted": [list(key_of(pair)) for pair in gate.accepted],
        },
        "summary": report.summary(),
        "compared": comparison.as_dict() if comparison else None,
    }
    parts = [f"{canonical(key)}:{canonical(value)}" for key, value in head.items()]
    parts.append(_lines("controls", report.controls))
    parts.append(_lines("findings", (finding.as_dict() for finding in report.findings)))
    parts.append(_lines("hosts", (_host(host, number) for host in report.hosts)))
    return "{" + ",\n".join(parts) + "}\n"


def _lines(name: str, values: t.Iterable[Json]) -> str:
    return f'"{name}":[\n' + ",\n".join(map(canonical, values)) + "\n]"


def _host(host: Host, number: t.Mapping[int, int]) -> Json:
    return {
        "name": host.name,
        "rack": host.rack,
        "position": host.position,
        "audited": host.audited,
        "reason": host.reason,
        "msg": host.msg,
        "date": host.date,
        "profile": host.profile,
        "bmc": host.bmc,
        "findings": [number[id(finding)] for finding in host.findings],
    }

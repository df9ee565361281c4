# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The fleet's consoles on one page: what works, what does not, and at which layer."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_check import Layer, State
from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_nodes import natural
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_policy import named

Result = t.Mapping[str, t.Any]

#: Of a host whose tasks came to no end.
NOT_CHECKED: t.Final[Result] = {
    "state": State.UNPROVEN.value,
    "layer": Layer.HOST.value,
    "cause": "not_checked",
    "detail": "the check came to no end; what Ansible printed says why",
    "advice": "",
    "port": None,
    "rate": None,
    "notes": [],
}


def document(results: t.Mapping[str, Result | None]) -> dict[str, t.Any]:
    """The whole report as data: counts, and the verdict of each host."""
    hosts = {host: dict(results[host] or NOT_CHECKED) for host in sorted(results, key=natural)}
    states = [result["state"] for result in hosts.values()]
    layers = [result["layer"] for result in hosts.values() if result["layer"]]
    return {
        "summary": {
            "hosts": len(hosts),
            **{state.value: states.count(state.value) for state in State},
            "layers": {layer.value: layers.count(layer.value) for layer in Layer if layer.value in layers},
        },
        "hosts": hosts,
    }


def lines(report: Result) -> list[str]:
    """For the screen: hosts with the same fate share a line, in the order of the layers."""
    found: list[str] = []
    for (layer, cause), hosts in _in_order(report):
        details = {report["hosts"][host]["detail"]: host for host in hosts}
        found.append(f"{layer}: {cause} ({len(hosts)}): {named(hosts)}")
        if len(details) == 1:
            found.append(f"    {next(iter(details))}")
        else:
            found += [f"    {host}: {report['hosts'][host]['detail']}" for host in hosts]
        found += [f"    to do: {advice}" for advice in dict.fromkeys(report["hosts"][host]["advice"] for host in hosts) if advice]
    found += [f"note: {note} ({len(hosts)}): {named(hosts)}" for note, hosts in _notes(report).items()]
    return [*found, headline(report)]


def headline(report: Result) -> str:
    """One line."""
    summary = report["summary"]
    layers = ", ".join(f"{layer} {number}" for layer, number in summary["layers"].items())
    return f"consoles: {summary['works']} of {summary['hosts']} work, {summary['fails']} fail, {summary['unproven']} not proven" + (
        f"; by layer: {layers}" if layers else ""
    )


def _in_order(report: Result) -> list[tuple[tuple[str, str], list[str]]]:
    """What is wrong, by layer and cause."""
    found: dict[tuple[str, str], list[str]] = {}
    for host, result in report["hosts"].items():
        if result["layer"]:
            found.setdefault((result["layer"], result["cause"]), []).append(host)
    order = [layer.value for layer in Layer]
    return sorted(found.items(), key=lambda entry: (order.index(entry[0][0]), entry[0][1]))


def _notes(report: Result) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for host, result in report["hosts"].items():
        for note in result["notes"]:
            found.setdefault(note, []).append(host)
    return found


_HEADS: t.Final = ("host", "state", "layer", "cause", "port", "bit/s", "what was seen", "what to do")


def markdown(report: Result) -> str:
    """A page: the table of all hosts, those that do not work first."""
    order = [State.FAILS.value, State.UNPROVEN.value, State.WORKS.value]
    rows = sorted(report["hosts"].items(), key=lambda entry: order.index(entry[1]["state"]))
    table = [_row(_HEADS), _row(["---"] * len(_HEADS)), *(_row(_cells(host, result)) for host, result in rows)]
    return "\n".join(["# Consoles", "", f"{headline(report)}.", "", *table]) + "\n"


def _cells(host: str, result: Result) -> list[str]:
    seen = "; ".join([result["detail"], *result["notes"]])
    return [host, *(str(result[key] or "") for key in ("state", "layer", "cause", "port", "rate")), seen, result["advice"]]


def _row(cells: t.Sequence[str]) -> str:
    """What hosts and BMCs say must not end a cell or a row, nor be markup."""
    return "| " + " | ".join("".join(_SAFE.get(letter, letter) for letter in cell) for cell in cells) + " |"


_SAFE: t.Final = {"|": "\\|", "\n": " ", "\r": " ", "<": "&lt;", ">": "&gt;", "&": "&amp;"}

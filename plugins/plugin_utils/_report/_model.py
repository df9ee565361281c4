# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A compliance report as frozen records, and how the results of `ipmi_audit` become one.

Findings that are the same on many BMCs are one record: of 1,800 BMCs most answer alike.
"""

from __future__ import annotations

import collections
import json
import re
import typing as t
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Severity, State

#: What a document of ours says that it is.
FORMAT: t.Final = "lightsout.bmc.compliance_report"
#: Grows when readers of older documents would misread a new one.
VERSION: t.Final = 1

Json = dict[str, t.Any]

_TEXTS: t.Final = ("expected", "actual", "reason", "method")
_LISTS: t.Final = ("evidence", "parts", "fixes")
_BMC: t.Final = ("host", "manufacturer_id", "manufacturer", "product_id", "firmware", "ipmi_version", "cipher_suite")
_STATES: t.Final = frozenset(state.value for state in State)
_DIGITS: t.Final = re.compile(r"([0-9]+)")
SEVERITIES: t.Final = tuple(severity.value for severity in Severity)


class Unreadable(ValueError):
    """Something is not what `ipmi_audit` or this module writes."""


@dataclass(frozen=True)
class Finding:
    """What was found of one control, on one BMC or on many."""

    control: str
    state: str
    severity: str
    rest: Json  #: what else `ipmi_audit` says of it, without the catalogue's texts

    def as_dict(self) -> Json:
        """As the report holds it."""
        return {"id": self.control, "state": self.state, "severity": self.severity, **self.rest}

    @property
    def is_open(self) -> bool:
        """Whether it fails, and nobody waived that."""
        return self.state == State.FAIL.value

    @property
    def is_waived(self) -> bool:
        """Whether it fails, and that was accepted."""
        return self.state == State.WAIVED.value

    def text(self, name: str) -> str:
        """One of its texts."""
        return str(self.rest[name])


@dataclass(frozen=True)
class Host:
    """One host of the inventory, and what is known of its BMC."""

    name: str
    rack: str
    position: str
    audited: bool
    reason: str = ""  #: why it was not audited, in a word
    msg: str = ""  #: and in a sentence
    date: str = ""
    profile: str = ""
    bmc: Json = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @cached_property
    def by_control(self) -> dict[str, Finding]:
        """Its findings by control."""
        return {finding.control: finding for finding in self.findings}


@dataclass(frozen=True)
class Report:
    """Everything that the files are made from, in order."""

    title: str
    date: str
    catalogue: str  #: its fingerprint
    controls: tuple[Json, ...]  #: what the catalogue says of the controls that findings name
    hosts: tuple[Host, ...]

    @cached_property
    def control(self) -> dict[str, Json]:
        """The controls by ID."""
        return {control["id"]: control for control in self.controls}

    @property
    def profiles(self) -> list[str]:
        """The profiles of the audits."""
        return sorted({host.profile for host in self.hosts if host.audited})

    @cached_property
    def findings(self) -> list[Finding]:
        """Each different finding once, by control in the catalogue's order."""
        order = {control["id"]: number for number, control in enumerate(self.controls)}
        different = {id(finding): finding for host in self.hosts for finding in host.findings}
        return sorted(different.values(), key=lambda finding: (order[finding.control], canonical(finding.as_dict())))

    def open(self) -> t.Iterator[tuple[Host, Finding]]:
        """What fails and is not waived, host by host."""
        for host in self.hosts:
            for finding in host.findings:
                if finding.is_open:
                    yield host, finding

    def summary(self) -> Json:
        """Counts: hosts, findings by state, open findings by severity."""
        states = collections.Counter(finding.state for host in self.hosts for finding in host.findings)
        severities = collections.Counter(finding.severity for _host, finding in self.open())
        audited = sum(host.audited for host in self.hosts)
        return {
            "hosts": {"all": len(self.hosts), "audited": audited, "not_audited": len(self.hosts) - audited},
            "states": {state.value: states[state.value] for state in State},
            "open": {severity: severities[severity] for severity in SEVERITIES},
        }


def canonical(value: t.Any) -> str:
    """The one way to write a value as JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts r2 before r10."""
    return [(0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in _DIGITS.split(text) if part]


def in_order(hosts: t.Iterable[Host]) -> tuple[Host, ...]:
    """By rack, by position in it, by name; hosts without a rack come last."""
    return tuple(
        sorted(hosts, key=lambda host: (not host.rack, natural(host.rack), not host.position, natural(host.position), natural(host.name)))
    )


class Reader:
    """Makes hosts of results. Equal findings become one record."""

    def __init__(self, known: t.Container[str]) -> None:
        self._known = known
        self._pool: dict[str, Finding] = {}

    def host(self, name: str, rack: str, position: str, result: t.Any) -> Host:
        """The host whose variable holds `result`; None stands for no variable."""
        if result is None:
            return Host(name, rack, position, False, "not_reached", "no result of an audit: the run did not reach it")
        if not isinstance(result, t.Mapping):
            return _not_audited(name, rack, position, "it is no dictionary")
        if result.get("failed") or result.get("unreachable"):
            reason = "unreachable" if result.get("unreachable") else "failed"
            return Host(name, rack, position, False, _line(result.get("reason") or reason), _line(result.get("msg") or "the audit failed"))
        if result.get("skipped"):
            return Host(name, rack, position, False, "skipped", _line(result.get("skip_reason") or "the audit was skipped"))
        try:
            return self._audited(name, rack, position, result["audit"])
        except (KeyError, TypeError, AttributeError) as error:
            return _not_audited(name, rack, position, f"{type(error).__name__}: {error}")
        except Unreadable as error:
            return _not_audited(name, rack, position, str(error))

    def _audited(self, name: str, rack: str, position: str, audit: t.Mapping[str, t.Any]) -> Host:
        findings = tuple(self._finding(finding) for finding in audit["findings"])
        if len({finding.control for finding in findings}) != len(findings):
            raise Unreadable("a control is there twice")
        return Host(
            name=name,
            rack=rack,
            position=position,
            audited=True,
            date=str(audit["date"]),
            profile=str(audit["profile"]),
            bmc={key: audit["bmc"].get(key) for key in _BMC},
            findings=findings,
        )

    def _finding(self, found: t.Mapping[str, t.Any]) -> Finding:
        control, state, severity = str(found["id"]), str(found["state"]), str(found["severity"])
        if control not in self._known:
            raise Unreadable(f"{control} is not in the catalogue of this release")
        if state not in _STATES or severity not in SEVERITIES:
            raise Unreadable(f"{control} has the state {state!r} and the severity {severity!r}")
        rest: Json = {name: str(found[name]) for name in _TEXTS}
        rest.update({name: list(found[name]) for name in _LISTS})
        rest["waiver"] = found["waiver"]
        if state == State.WAIVED.value and not rest["waiver"]:
            raise Unreadable(f"{control} is waived without a waiver")
        key = canonical([control, state, severity, rest])
        if key not in self._pool:
            # A copy that holds nothing of Ansible's own kinds of text.
            self._pool[key] = Finding(*json.loads(key))
        return self._pool[key]


def _not_audited(name: str, rack: str, position: str, why: str) -> Host:
    return Host(name, rack, position, False, "unreadable", f"the variable holds no result of lightsout.bmc.ipmi_audit: {why}")


def _line(value: t.Any) -> str:
    return " ".join(str(value).split())


def build(title: str, hosts: t.Iterable[Host], texts: t.Sequence[Json], catalogue: str, today: str) -> Report:
    """The report; its day is that of the newest audit, or `today` if there is none. `texts`: the catalogue, in order."""
    ordered = in_order(hosts)
    named = {finding.control for host in ordered for finding in host.findings}
    return Report(
        title=title,
        date=max((host.date for host in ordered if host.audited), default=today),
        catalogue=catalogue,
        controls=tuple(text for text in texts if text["id"] in named),
        hosts=ordered,
    )

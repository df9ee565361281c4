# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What came of a hardening: for one BMC, and for all of a run on one page."""

from __future__ import annotations

import collections
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import BY_ID, CATALOGUE
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Fixable, Method, Option
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._cipher_suites._family import CONTROLS as CIPHER_SUITES
from ansible_collections.lightsout.bmc.plugins.plugin_utils._hardening import Contradiction, hardening_steps
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_policy import named

Result = t.Mapping[str, t.Any]

#: Why another way than IPMI is needed.
_OTHER_WAYS: t.Final[t.Mapping[str, str]] = {
    Fixable.OEM.value: "only the maker's own way mends it",
    Fixable.REDFISH.value: "Redfish or the web interface mends it, IPMI does not",
    Fixable.NETWORK.value: "the network mends it, not the BMC",
    Fixable.NONE.value: "nothing mends it",
}
#: What may have to wait for a session over the strong suite.
_SUITES: t.Final = frozenset(control.id for control in CIPHER_SUITES)
#: What the inventory must say from now on, by what was written of it in the last step.
_INVENTORY: t.Final[t.Mapping[str, str]] = {"kg": "bmc_kg", "password": "bmc_password"}
#: States that are no proof that all is well, told by their number.
_UNKNOWN: t.Final = {"not_assessed": "the BMC does not say", "manual": "to be looked at by a person", "waived": "accepted for a while"}
#: What a BMC does that accepts a write and ignores it.
_IGNORED: t.Final = "it was written, and the BMC still does as before"
#: Such as the account of the session among others, or the suite in use.
_THE_REST: t.Final = "the rest of it is nothing that could be written by itself; see what to do"


@dataclass(frozen=True)
class Round:
    """An audit, and the steps that were made from it: what the tasks registered."""

    audited: Result | None
    done: Result | None

    @property
    def results(self) -> list[Result]:
        """The steps that were tried."""
        return [step for step in (self.done or {}).get("results", []) if not step.get("skipped")]


@dataclass(frozen=True)
class Work:
    """What a host's tasks did."""

    before: Result
    after: Result | None  #: the last audit; None where nothing was written
    done: t.Sequence[Result]
    skipped: t.Sequence[Result]  #: steps of the plans that were not tried
    plan: Result  #: the last one
    policy: t.Mapping[str, t.Any]

    def seen(self, control: str) -> Result:
        """What was found last."""
        found = [audited["audit"]["findings"] for audited in (self.after, self.before) if audited and audited.get("audit")]
        return next((finding for finding in found[0] if finding["id"] == control), {}) if found else {}

    def actual(self, control: str) -> str:
        """What was seen last."""
        return str(self.seen(control).get("actual", ""))

    def only_in_part(self, control: str) -> bool:
        """Whether there is a fix for some of its accounts or channels, and none for others."""
        finding = self.seen(control)
        failing = [part for part in finding.get("parts", ()) if part["state"] == "fail"]
        return len(finding.get("fixes", ())) < len(failing)

    def is_as_written(self, control: str) -> bool:
        """Whether what could be written is there, and what fails is something else."""
        finding = self.seen(control)
        # What a probe shows the settings do not: there nothing is left to write, and the BMC does not act on it.
        return not finding.get("fixes") and finding.get("method") != Method.PROBE.value

    def step_of(self, control: str) -> Result | None:
        """The last step of a control that was tried, a failed one first."""
        tried = [step for step in self.done if control in step["item"]["controls"]]
        return next((step for step in tried if step.get("failed")), tried[-1] if tried else None)


def _states(audited: Result | None) -> dict[str, str] | None:
    """State by control; None where there was no audit."""
    if not audited or not audited.get("audit"):
        return None
    return {finding["id"]: finding["state"] for finding in audited["audit"]["findings"]}


def message(result: Result) -> str:
    """A task's message without the address of its BMC, so that hosts with the same trouble can be told together."""
    text = str(result.get("msg") or "it failed without a word")
    return text.removeprefix(f"{result.get('bmc_host')}: ")


def hardening_result(
    rounds: t.Sequence[Round], last: Result | None, policy: t.Mapping[str, t.Any] | None, user: str | None, *, writes: bool = True
) -> dict[str, t.Any]:
    """The role's result for one BMC: what its tasks registered, made one. `writes` is False where nothing was to be written.

    There are two rounds of audit and steps, the second of which may be empty, and the `last` audit.
    """
    before, after = rounds[0].audited or {}, [audited for audited in (rounds[1].audited, last) if audited and not audited.get("skipped")]
    first = _states(before)
    plan, cannot = _planned(before, policy, user)
    steps = [*rounds[0].results, *rounds[1].results]
    # What was tried is a plan's beginning.
    skipped = plan["steps"][len(rounds[0].results) :]
    if rounds[1].results:
        plan, cannot = _planned(rounds[1].audited or {}, policy, user)
        skipped = plan["steps"][len(rounds[1].results) :]
    work = Work(before, after[-1] if after else None, steps, skipped, plan, policy or {})
    # Where no step was needed, nothing can have changed.
    second = _states(work.after) if work.after or steps else first
    found = first or {}
    now = found if second is None else second
    planned = {control for step in plan["steps"] for control in step["controls"]}
    if not writes:
        planned = {control for control in planned if not work.only_in_part(control)}
    left = [_left(work, control, writes=writes) for control, state in now.items() if state == "fail" and (writes or control not in planned)]
    result: dict[str, t.Any] = {
        "before": None if first is None else {"states": first, "summary": _count(first)},
        "after": {"states": second, "summary": _count(second)} if second is not None and writes else None,
        "fixed": [control for control, state in found.items() if state == "fail" and now.get(control) in ("pass", "not_applicable")],
        "would_fix": [] if writes else [control for control, state in found.items() if state == "fail" and control in planned],
        "left": left,
        "steps": [_step(step) for step in steps],
        "reset_required": [entry["control"] for entry in left if entry["reset"]],
    }
    problem = _problem(work, result, cannot, seen=second is not None or not writes)
    return {**result, "problem": problem}


def _planned(before: Result, policy: t.Mapping[str, t.Any] | None, user: str | None) -> tuple[Result, str]:
    """The plan, and why there is none."""
    findings = before["audit"]["findings"] if before.get("audit") else []
    try:
        return hardening_steps(findings, policy, user), ""
    except Contradiction as error:
        return {"steps": [], "left": {}}, f"nothing was written, because {error}"


def _count(states: t.Mapping[str, str] | None) -> dict[str, int]:
    return dict(collections.Counter((states or {}).values()))


def _step(step: Result) -> dict[str, t.Any]:
    item = step["item"]
    return {
        "name": item["name"],
        "title": item["title"],
        "controls": list(item["controls"]),
        "changed": bool(step.get("changed")),
        "written": list(step.get("written", [])),
        "failed": bool(step.get("failed")),
        "msg": message(step) if step.get("failed") else "",
    }


def _left(work: Work, control: str, *, writes: bool) -> dict[str, t.Any]:
    """A control that still fails: why, and what to do."""
    known = BY_ID[control]
    why, reset = _why(work, control, writes=writes)
    return {
        "control": control,
        "title": known.title,
        "severity": known.severity.value,
        "actual": work.actual(control),
        "why": why,
        "how": known.remedy.how,
        "reset": reset,
    }


def _why(work: Work, control: str, *, writes: bool) -> tuple[str, bool]:
    remedy = BY_ID[control].remedy
    step = work.step_of(control)
    if step is not None and step.get("failed"):
        return f"the step '{step['item']['title']}' failed, see below", False
    if not writes and control in _SUITES and any(planned["name"] == "strong_suite" for planned in work.plan["steps"]):
        return "not before the strong cipher suite works; the same run goes on then", False
    if control in work.plan["left"]:
        unsaid = [option.name for option in BY_ID[control].options if _is_written(option) and work.policy.get(option.name) in (None, "")]
        return _OTHER_WAYS.get(remedy.fixable.value) or (f"the policy does not give {', '.join(unsaid)}" if unsaid else work.plan["left"][control]), False
    if not writes:
        return ("a part of it would be mended; the rest cannot be written by itself" if work.only_in_part(control) else "it would be left"), False
    if step is None:
        if any(control in planned["controls"] for planned in work.skipped):
            return "not tried, because an earlier step failed", False
        return "it came up while the others were mended", False
    return _why_still(work, control, step)


def _why_still(work: Work, control: str, step: Result) -> tuple[str, bool]:
    """Why it fails though its step did not."""
    lacks = [missing for missing in step.get("unsupported", []) if missing.get("setting")]
    if lacks:
        return f"the BMC does not have {', '.join(missing['setting'] for missing in lacks)}", False
    if work.after is None or not work.after.get("audit"):
        return "it was written, and could not be looked at again", False
    if work.is_as_written(control):
        return _THE_REST, False
    if BY_ID[control].remedy.needs_reset:
        return "it was written; some BMCs apply it at their next cold reset (ipmi_controller)", True
    return _IGNORED, False


def _is_written(option: Option) -> bool:
    """Whether it is a secret that a fix puts in, and not a list of those that nobody should have."""
    return bool(option.spec.get("no_log")) and option.spec.get("type", "str") == "str"


def _problem(work: Work, result: Result, cannot: str, *, seen: bool) -> str:
    """Why the host fails; "" where it does not."""
    if result["before"] is None:
        return f"nothing was written, because the audit failed: {message(work.before)}"
    parts = [cannot] if cannot else []
    parts += [f"the step '{step['title']}' failed{_written(step)}: {step['msg']}" for step in result["steps"] if step["failed"]]
    if work.done and work.skipped:
        parts.append(f"not tried: {', '.join(step['title'] for step in work.skipped)}")
    if not seen:
        parts.append(f"the second audit failed: {message(work.after or {})}")
    still = [entry["control"] for entry in result["left"] if entry["why"] == _IGNORED]
    if still:
        parts.append(f"written, and the BMC still does as before: {', '.join(still)}")
    return ". ".join(part.rstrip(".") for part in parts)


def _written(step: Result) -> str:
    return f" (written by then: {', '.join(step['written'])})" if step["written"] else ""


def hardening_report(results: t.Mapping[str, Result]) -> list[str]:
    """One page for all BMCs of a run: what was mended, what is left and why, what went wrong."""
    audited = {host: result for host, result in results.items() if result["before"]}
    lines: list[str] = []
    for title, key in (("mended", "fixed"), ("would be mended", "would_fix")):
        by_control = _hosts_by(audited, _single(key))
        if by_control:
            lines.append(f"{title}:")
            lines += [f"  {_head(control)} ({len(hosts)}): {named(hosts)}" for (control,), hosts in _in_order(by_control)]
    lines += _lines_of_left(audited)
    unknown = collections.Counter[str]()
    for result in audited.values():
        for state, number in (result["after"] or result["before"])["summary"].items():
            unknown[state] += number
    told = [f"{words}: {unknown[state]}" for state, words in _UNKNOWN.items() if unknown[state]]
    if told:
        lines.append(f"not judged ({'; '.join(told)}); lightsout.bmc.compliance tells which")
    news = _hosts_by(audited, _news)
    lines += [f"from now on the inventory must say the new {name}, or no login works ({len(hosts)}): {named(hosts)}" for (name,), hosts in news.items()]
    problems = _hosts_by(results, lambda result: [(result["problem"],)] if result["problem"] else [])
    if problems:
        lines.append("went wrong:")
        lines += [f"  {named(hosts)}: {problem}" for (problem,), hosts in sorted(problems.items(), key=lambda entry: -len(entry[1]))]
    lines.append(_last_line(results, audited))
    return lines


def _news(result: Result) -> list[tuple[str, ...]]:
    """The variables of the connection that are others now."""
    written = {what.rsplit(": ", 1)[-1] for step in result["steps"] if step["name"] == "own" for what in step["written"]}
    return [(variable,) for setting, variable in _INVENTORY.items() if setting in written]


def _last_line(results: t.Mapping[str, Result], audited: t.Mapping[str, Result]) -> str:
    before = sum(result["before"]["summary"].get("fail", 0) for result in audited.values())
    fixed = sum(len(result["fixed"]) for result in audited.values())
    would = sum(len(result["would_fix"]) for result in audited.values())
    left = sum(len(result["left"]) for result in audited.values())
    wrong = sum(bool(result["problem"]) for result in results.values())
    what = f"{would} would be mended" if would else f"{fixed} mended"
    return f"{len(results)} BMCs: {before} findings open before, {what}, {left} left; something went wrong on {wrong}"


def _lines_of_left(audited: t.Mapping[str, Result]) -> list[str]:
    entries = _hosts_by(audited, lambda result: [(entry["control"], entry["why"]) for entry in result["left"]])
    lines = ["left:"] if entries else []
    told = ""
    for (control, why), hosts in _in_order(entries):
        if control != told:
            lines += [f"  {_head(control)}", f"    to do: {BY_ID[control].remedy.how}"]
            told = control
        lines.append(f"    {why} ({len(hosts)}): {named(hosts)}")
    resets = [host for host, result in audited.items() if result["reset_required"]]
    if resets:
        lines.append(f"a cold reset of the BMC may be needed ({len(resets)}): {named(resets)}")
    return lines


def _head(control: str) -> str:
    known = BY_ID[control]
    return f"{control} [{known.severity.value}] {known.title}"


def _hosts_by(
    results: t.Mapping[str, Result], keys: t.Callable[[Result], t.Iterable[tuple[str, ...]]]
) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for host, result in results.items():
        for key in keys(result):
            found.setdefault(key, []).append(host)
    return found


def _single(key: str) -> t.Callable[[Result], list[tuple[str, ...]]]:
    return lambda result: [(control,) for control in result[key]]


def _in_order(entries: t.Mapping[tuple[str, ...], list[str]]) -> list[tuple[tuple[str, ...], list[str]]]:
    """As in the catalogue; of one control what most hosts have comes first."""
    place = {control.id: number for number, control in enumerate(CATALOGUE)}
    return sorted(entries.items(), key=lambda entry: (place[entry[0][0]], -len(entry[1])))

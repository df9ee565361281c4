# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What of a task's result is shown: an outcome that hosts can have in common.

Any module's result is taken. What is different on each host without meaning anything (times, counts of requests,
the BMC's address in front of a message), what repeats the task's arguments, and what may be a secret is left out.
"""

from __future__ import annotations

import enum
import json
import re
import typing as t
from dataclasses import dataclass

Mapping = t.Mapping[str, t.Any]

MASK: t.Final = "********"
HIDDEN: t.Final = "hidden by no_log"


class Status(enum.Enum):
    """How a task ended on a host, in the order in which they are shown."""

    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


#: Statuses that are grouped by cause.
BAD: t.Final = frozenset({Status.FAILED, Status.UNREACHABLE})


@dataclass(frozen=True)
class Outcome:
    """What hosts must have in common to stand in one line."""

    status: Status
    #: The result's fields that are shown, as JSON with sorted keys.
    body: str
    #: Of a failure: what it is grouped by, such as `unreachable` or `refused 0xD5`.
    cause: str = ""
    #: A failure that the play goes on from.
    ignored: bool = False
    #: Of a loop: the item's label.
    item: str | None = None
    #: The result's diff as JSON, where a diff is wanted.
    diff: str = ""

    def data(self) -> dict[str, t.Any]:
        """The fields as they were."""
        return t.cast("dict[str, t.Any]", json.loads(self.body))


@dataclass(frozen=True)
class View:
    """How much of a result is shown."""

    #: Paths of the fields that hosts are folded by, such as `bmc.controller.firmware`; empty: all.
    fields: tuple[str, ...] = ()
    #: All fields, rather than the headline only.
    full: bool = True
    diff: bool = False
    #: Before, after and what was written too.
    verbose: bool = False


#: Names of options and variables whose value is a secret.
_SECRET = re.compile(
    r"(^|_)(pass|passwd|password|passphrase|passcode|secret|secrets|token|kg|bmc_key|api_key|private_key|community)$", re.IGNORECASE
)
#: Never shown: Ansible's own, what repeats the task, and what differs without meaning anything.
_NEVER = frozenset({
    "changed", "failed", "skipped", "unreachable", "failed_when_result", "invocation", "diff", "warnings",
    "deprecations", "exception", "censored", "stdout_lines", "stderr_lines", "cmd", "ansible_loop_var",
    "ansible_index_var", "ansible_loop", "item", "attempts", "retries", "results", "requests", "skip_reason",
    "false_condition", "ansible_delegated_vars",
})
#: What diff mode shows better.
_ON_DEMAND = frozenset({"before", "after", "written", "verified"})
_TIMES = frozenset({"start", "end", "delta"})
_EMPTY: tuple[t.Any, ...] = (None, "", [], {})
#: An address in front of a message: 192.0.2.1, 192.0.2.1:6623, [2001:db8::1], [2001:db8::1]:6623.
_ADDRESS = re.compile(r"\A(?:(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-fA-F:.]+\])(?::\d+)?: ")
#: A message's parts, in the order in which they tell most.
_MESSAGES = ("msg", "module_stderr", "stderr", "stdout", "module_stdout")


def mask(value: t.Any) -> t.Any:
    """The same value with plain keys, and no secret under a key that says that it is one."""
    if isinstance(value, t.Mapping):
        return {str(key): _masked(str(key), item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [mask(item) for item in value]
    return value


def _masked(key: str, value: t.Any) -> t.Any:
    if isinstance(value, (str, bytes)) and value and _SECRET.search(key):
        return MASK
    return mask(value)


def canonical(value: t.Any) -> str:
    """The value as JSON that is the same for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def outcome(
    status: Status,
    result: Mapping,
    names: t.Sequence[str],
    view: View,
    *,
    ignored: bool = False,
    item: str | None = None,
) -> Outcome:
    """What of this host's result is shown. `names` are the host's, which messages may hold."""
    if result.get("censored") or result.get("_ansible_no_log"):
        return Outcome(status, canonical({"msg": HIDDEN}) if status in BAD else "{}", ignored=ignored, item=item)
    if status in BAD:
        return Outcome(status, canonical(mask(_failure(result, names))), _cause(result), ignored, item)
    diff = _without_host(canonical(mask(result["diff"])), result, names) if view.diff and _differs(result.get("diff")) else ""
    if view.fields and status is not Status.SKIPPED:
        # In the order that was asked for
        return Outcome(status, json.dumps(_fields(result, view.fields), ensure_ascii=False, default=str), item=item, diff=diff)
    return Outcome(status, canonical(_shown(status, result, view)), item=item, diff=diff)


def _shown(status: Status, result: Mapping, view: View) -> dict[str, t.Any]:
    if status is Status.SKIPPED:
        return {}
    if not view.full and not result.get("_ansible_verbose_always"):
        return {key: value for key, value in _reduced(result, False).items() if key in _HEADLINE}
    return t.cast("dict[str, t.Any]", mask(_reduced(result, view.verbose)))


def _differs(diff: t.Any) -> bool:
    if isinstance(diff, list):
        return any(map(_differs, diff))
    return bool(diff) and not (isinstance(diff, t.Mapping) and "before" in diff and diff["before"] == diff.get("after"))


def _fields(result: Mapping, paths: t.Sequence[str]) -> dict[str, t.Any]:
    plain = mask(result)
    return {path: _at(plain, path) for path in paths}


def _at(value: t.Any, path: str) -> t.Any:
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _reduced(result: Mapping, verbose: bool) -> dict[str, t.Any]:
    left = {
        key: value
        for key, value in result.items()
        if key not in _NEVER and not key.startswith("_") and value not in _EMPTY and (verbose or key not in _ON_DEMAND)
    }
    if "rc" in left or "cmd" in result:
        left = {key: value for key, value in left.items() if key not in _TIMES}
        if left.get("rc") == 0:
            del left["rc"]
    facts = left.get("ansible_facts")
    if isinstance(facts, t.Mapping):
        facts = {key: value for key, value in facts.items() if key != "discovered_interpreter_python"}
        left = {**{key: value for key, value in left.items() if key != "ansible_facts"}, **({"ansible_facts": facts} if facts else {})}
    return left


# Failures.


def _cause(result: Mapping) -> str:
    reason = result.get("reason")
    if isinstance(reason, str) and reason:
        code = result.get("completion_code")
        return f"{reason} {code}" if code else reason
    rc = result.get("rc")
    return f"rc {rc}" if isinstance(rc, int) and rc else ""


def _failure(result: Mapping, names: t.Sequence[str]) -> dict[str, t.Any]:
    texts = [text.strip() for name in _MESSAGES if isinstance(text := result.get(name), str) and text.strip()]
    if len(texts) > 1 and texts[0] in ("non-zero return code", "MODULE FAILURE"):
        del texts[0]
    msg = result.get("msg")
    if not texts and msg not in _EMPTY:
        texts = [canonical(mask(msg))]
    failure: dict[str, t.Any] = {"msg": _without_host("\n".join(dict.fromkeys(texts)), result, names)}
    for name in ("reason", "completion_code", "command", "rc"):
        if name in result:
            failure[name] = result[name]
    return failure


def _without_host(text: str, result: Mapping, names: t.Sequence[str]) -> str:
    """The message without what is different on each host: its name and its BMC's address."""
    known = [name for name in (result.get("bmc_host"), *names) if isinstance(name, str) and len(name) > 1]
    for name in known:
        text = text.removeprefix(f"{name}: ")
    text = _ADDRESS.sub("", text, count=1)
    for name in known:
        if name in text and not name.isdecimal():
            text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", "<host>", text)
    return text


def warning(text: str, result: Mapping, names: t.Sequence[str]) -> str:
    """A warning without what is different on each host."""
    return _without_host(text.strip(), result, names)


# Loops.


def label(result: Mapping, number: int) -> str:
    """What an item is called: its label or plain value, never a structure, which may hold a secret."""
    if not result.get("_ansible_no_log"):
        value = result.get("_ansible_item_label", result.get("item"))
        if isinstance(value, (str, int, float)):
            return str(value)
    return f"item {number}"


#: The fields that say in a word how it is, where a result has no others.
_HEADLINE: t.Final = frozenset({"powerstate", "forced"})


def headline(data: Mapping) -> str | None:
    """The result in a word, where it has one."""
    value = data.get("powerstate")
    if not isinstance(value, str) or set(data) - _HEADLINE:
        return None
    return f"{value}, forced" if data.get("forced") else value

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fold
type: stdout
short_description: Folds hosts with the same result into one line
version_added: 0.1.0
description:
  - For many hosts. Hosts with the same result stand in one line, with their number and as a node set such as
    C(ccw[0001-0412,0417-1800]).
  - The node sets are those of ClusterShell, so they can be given to C(nodeset), C(clush) and other tools of the field.
  - Failures are grouped by cause, the most frequent last, where the eye is. For modules of this collection the cause is
    their RV(ignore:reason) with the BMC's completion code. What is different on each host, such as its BMC's address
    in front of the message, is left out.
  - On a terminal, a line tells how many hosts are done, failed and left, and the time. There is none in a pipe or a file.
  - Takes the results of any module. In an ad hoc command a result is shown whole, without what repeats the task or
    differs for no reason, such as times. In a play only the state is shown, unless C(-v) is given or the module is
    C(ansible.builtin.debug).
  - Never shows a task's arguments, or what a module says about how it was called, whatever the verbosity. Results with
    C(no_log) are hidden. Values whose name says that they are a secret, such as C(password), are masked.
    A structure that a task loops over is called by its number unless the task gives it a C(label).
requirements:
  - ClusterShell (Python package)
  - set as stdout in configuration
options:
  format:
    description:
      - V(text) is for people.
      - V(json) is one document for programs, written at the end. Each of C(plays) has its C(tasks), each task has
        C(counts), C(results) and C(warnings). A result has C(status), C(count), C(nodes), C(hosts) and C(result);
        that of a failure also C(cause) and C(ignored). The C(recap) has the hosts by what happened on them.
    type: str
    choices: [text, json]
    default: text
    env:
      - name: LIGHTSOUT_FOLD_FORMAT
    ini:
      - section: callback_fold
        key: format
  fields:
    description:
      - Fields of the results to fold hosts by, such as C(bmc.controller.firmware) for M(lightsout.bmc.ipmi_info).
        The rest of the result is not shown. C(.) leads into dictionaries, and with a number into lists.
    type: list
    elements: str
    default: []
    env:
      - name: LIGHTSOUT_FOLD_FIELDS
    ini:
      - section: callback_fold
        key: fields
  results:
    description:
      - How much of a result is shown.
      - V(auto) is V(full) in ad hoc commands, with C(-v) and with O(format=json), and else V(state).
      - V(state) shows the state, and the power state where a result has one.
      - V(full) shows all of a result that is worth it.
    type: str
    choices: [auto, state, full]
    default: auto
    env:
      - name: LIGHTSOUT_FOLD_RESULTS
    ini:
      - section: callback_fold
        key: results
  progress:
    description:
      - Whether to draw the line that tells how far a task is. It is never drawn where the output is not a terminal.
    type: bool
    default: true
    env:
      - name: LIGHTSOUT_FOLD_PROGRESS
    ini:
      - section: callback_fold
        key: progress
author:
  - lightsout contributors (@lightsout)
notes:
  - The C(ansible) command takes another callback than its own only with C(bin_ansible_callbacks) in C([defaults]) of
    ansible.cfg, or C(ANSIBLE_LOAD_CALLBACK_PLUGINS) in the environment.
  - What is known is also shown if the run is interrupted, with the hosts that gave no result.
seealso:
  - module: lightsout.bmc.ipmi_power
"""

EXAMPLES = r"""
ansible.cfg: |
  [defaults]
  stdout_callback = lightsout.bmc.fold
  # for the ansible command too, not for ansible-playbook only
  bin_ansible_callbacks = true

  [callback_fold]
  # hosts by firmware: ansible all -m lightsout.bmc.ipmi_info
  fields = bmc.controller.product, bmc.controller.firmware
"""

import atexit
import json
import os
import sys
import time
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _fold_nodes as node_sets
from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_outcome import Status, View, label, outcome, warning
from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_progress import Progress
from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_report import (
    Line,
    TaskReport,
    document,
    duration,
    lines,
    nodes,
    printable,
    summary,
)

if t.TYPE_CHECKING:
    from ansible.executor.stats import AggregateStats
    from ansible.executor.task_result import CallbackTaskResult
    from ansible.inventory.host import Host
    from ansible.playbook import Playbook
    from ansible.playbook.included_file import IncludedFile
    from ansible.playbook.play import Play
    from ansible.playbook.task import Task

#: What ansible calls the playbook that it makes of a command.
AD_HOC: t.Final = "__adhoc_playbook__"
#: Strategies in which hosts do not wait for each other.
FREE: t.Final = frozenset({"free", "host_pinned", "ansible.builtin.free", "ansible.builtin.host_pinned"})
#: Counts of a host, and what the recap calls them.
RECAP: t.Final = {
    "ok": "ok",
    "changed": "changed",
    "unreachable": "unreachable",
    "failures": "failed",
    "skipped": "skipped",
    "rescued": "rescued",
    "ignored": "ignored",
}
#: A host's variables that messages may hold, where they are plain.
NAMES: t.Final = ("ansible_host", "bmc_host")

BAD_KINDS: t.Final = ("failed", "unreachable")
#: Ansible's setting for the colour of a line.
COLORS: t.Final = {
    "ok": "COLOR_OK",
    "changed": "COLOR_CHANGED",
    "skipped": "COLOR_SKIP",
    "failed": "COLOR_ERROR",
    "unreachable": "COLOR_UNREACHABLE",
    "warning": "COLOR_WARN",
}


class CallbackModule(CallbackBase):
    """Collects the results of a task, and shows them folded when the next one starts."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lightsout.bmc.fold"

    def __init__(self) -> None:
        super().__init__()
        if node_sets.MISSING is not None:
            raise AnsibleError(f"lightsout.bmc.fold: {node_sets.HOW_TO_INSTALL}") from node_sets.MISSING
        self._ad_hoc = False
        self._free = False
        self._heading = ""
        self._hosts = 0
        self._lost: set[str] = set()
        self._started = time.monotonic()
        self._tasks: dict[str, TaskReport] = {}
        self._starts: dict[str, float] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._plays: list[dict[str, t.Any]] = []
        self._progress: Progress | None = None
        self._process = os.getpid()

    # What is shown, and how.

    @property
    def _json(self) -> bool:
        return bool(self.get_option("format") == "json")

    def _view(self, task: Task) -> View:
        verbose = self._display.verbosity > 0
        wanted = self.get_option("results")
        return View(
            fields=tuple(self.get_option("fields")),
            full=wanted == "full" or (wanted == "auto" and (self._ad_hoc or verbose or self._json)),
            diff=task.diff is True,
            verbose=verbose,
        )

    def _print(self, found: t.Iterable[Line]) -> None:
        """Lines for people; programs get one document at the end."""
        if self._json:
            return
        if self._heading and not self._ad_hoc:
            self._display.display(self._heading)
        self._heading = ""
        for line in found:
            name = COLORS.get(line.kind)
            self._display.display(line.text, color=C.config.get_config_value(name) if name else None)

    def _draw_diff(self, diff: str) -> str:
        return str(self._get_diff(json.loads(diff)))

    # The run.

    def v2_playbook_on_start(self, playbook: Playbook) -> None:
        """A playbook, or the one that ansible makes of a command."""
        self._ad_hoc = playbook._file_name == AD_HOC
        self._started = time.monotonic()
        atexit.register(self._interrupted)
        if not self._json and self.get_option("progress") and sys.stdout.isatty():
            self._progress = Progress(sys.stdout.fileno())

    def v2_playbook_on_play_start(self, play: Play) -> None:
        """A play, or its next batch of hosts."""
        self._flush()
        self._free = play.strategy in FREE
        variables = play.get_variable_manager().get_vars(play=play, include_hostvars=False)
        self._hosts = len(variables.get("ansible_play_batch") or [])
        self._lost = set()
        name = play.get_name().strip()
        self._plays.append({"play": name, "count": self._hosts, "tasks": []})
        # Whether it has hosts at all is told by the next event.
        self._heading = f"\nPLAY {printable(name)} ({self._hosts} {'host' if self._hosts == 1 else 'hosts'})"

    def v2_playbook_on_no_hosts_matched(self) -> None:
        """A play without hosts."""
        play = self._plays[-1]
        play["count"] = 0
        self._heading = ""
        self._print([Line("no hosts" if self._ad_hoc else f"\nPLAY {printable(play['play'])} (no hosts)", "skipped")])

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        """All hosts of the play have failed."""
        self._flush()
        self._print([Line("  no hosts left", "failed")])

    def v2_playbook_on_stats(self, stats: AggregateStats) -> None:
        """The end."""
        atexit.unregister(self._interrupted)
        last = self._flush()
        if self._progress is not None:
            self._progress.close()
        groups: dict[tuple[tuple[str, int], ...], list[str]] = {}
        for host in stats.processed:
            counts = stats.summarize(host)
            key = tuple((word, counts[name]) for name, word in RECAP.items() if counts[name])
            groups.setdefault(key, []).append(host)
        if self._json:
            self._print_document([{**dict(counts), **nodes(hosts)} for counts, hosts in groups.items()])
        elif not self._ad_hoc:
            self._recap(groups)
        elif last is not None:
            self._print([Line(summary(last.counts, time.monotonic() - self._started, len(last.waiting)))])

    def _recap(self, groups: dict[tuple[tuple[str, int], ...], list[str]]) -> None:
        hosts = sum(map(len, groups.values()))
        found = [Line(f"\nRECAP {hosts} {'host' if hosts == 1 else 'hosts'} in {duration(time.monotonic() - self._started)}")]
        for counts, names in sorted(groups.items(), key=lambda group: (_kind(group[0]) in BAD_KINDS, -len(group[1]))):
            words = " ".join(f"{word}={count}" for word, count in counts)
            found.append(Line(f"  {words or 'nothing done'} ({len(names)}): {node_sets.fold(names)}", _kind(counts)))
        self._print(found)

    def _print_document(self, recap: list[dict[str, t.Any]] | None) -> None:
        seconds = round(time.monotonic() - self._started, 3)
        whole = {"plays": self._plays, "recap": recap or [], "seconds": seconds, "interrupted": recap is None}
        self._display.display(json.dumps(whole, ensure_ascii=False, indent=2))

    def _interrupted(self) -> None:
        """The process ends before the run does: what is known is shown."""
        if os.getpid() != self._process:
            return
        if self._progress is not None:
            self._progress.close()
        self._flush()
        if self._json:
            self._print_document(None)

    # Tasks.

    def v2_playbook_on_task_start(self, task: Task, is_conditional: bool) -> None:
        """A task starts; with the free strategies, on one host."""
        self._begin(task, "TASK")

    def v2_playbook_on_handler_task_start(self, task: Task) -> None:
        """A handler starts."""
        self._begin(task, "HANDLER")

    def _begin(self, task: Task, what: str) -> None:
        if self._free:
            self._report(task)
            if self._progress is not None and len(self._tasks) == 1:
                self._progress.begin("free", None)
            return
        self._flush()
        report = self._report(task)
        if not self._ad_hoc:
            self._print([Line(f"{what} {printable(report.name)}{' (check mode)' if task.check_mode is True else ''}")])
        if self._progress is not None and not task.action.endswith("pause"):
            total = 1 if task.run_once is True else self._hosts - len(self._lost)
            self._progress.begin(printable(report.name), total)

    def _report(self, task: Task) -> TaskReport:
        key = task._uuid
        if key not in self._tasks:
            self._tasks[key] = TaskReport(task.get_name().strip(), task.action, task.get_path())
            self._starts[key] = time.monotonic()
        return self._tasks[key]

    def v2_runner_on_start(self, host: Host, task: Task) -> None:
        """A host is given to a worker."""
        self._report(task).waiting.add(host.name)

    def _flush(self) -> TaskReport | None:
        """Show what is collected, and forget it."""
        if self._progress is not None:
            self._progress.end()
        report = None
        for key, report in self._tasks.items():
            report.seconds = time.monotonic() - self._starts[key]
            if not report.outcomes and not report.waiting:
                continue
            if self._json:
                self._plays[-1]["tasks"].append(document(report))
                continue
            if self._free:
                self._print([Line(f"TASK {printable(report.name)}")])
            self._print(lines(report, self._draw_diff, "" if self._ad_hoc else "  "))
            if report.path and report.counts["failed"]:
                self._print([Line(f"    the task is at {report.path}")])
        self._tasks.clear()
        self._starts.clear()
        return report

    def v2_playbook_on_include(self, included_file: IncludedFile) -> None:
        """Tasks are included for some hosts."""
        hosts = [host.name for host in included_file._hosts]
        if self._progress is not None:
            self._progress.end()
        self._print([Line(f"  included {included_file._filename} ({len(hosts)}): {node_sets.fold(hosts)}")])

    # Results.

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        """A host is done."""
        if not isinstance(result.task, TaskInclude):
            self._add(result, Status.CHANGED if result.is_changed() else Status.OK)

    def v2_runner_on_skipped(self, result: CallbackTaskResult) -> None:
        """The task is not for this host."""
        self._add(result, Status.SKIPPED)

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:
        """The task failed."""
        self._add(result, Status.FAILED, ignored=bool(ignore_errors))

    def v2_runner_on_unreachable(self, result: CallbackTaskResult) -> None:
        """The host cannot be reached."""
        self._add(result, Status.UNREACHABLE, ignored=bool(result.task_fields.get("ignore_unreachable")))

    def _add(self, result: CallbackTaskResult, status: Status, ignored: bool = False) -> None:
        report = self._report(result.task)
        host = result.host.get_name()
        names = self._names_of(result.host)
        data = result.result
        view = self._view(result.task)
        items = data.get("results")
        if result.task.loop is not None and isinstance(items, list) and items:
            for number, item in enumerate(items, 1):
                if isinstance(item, dict):
                    ended = _status_of(item)
                    one = outcome(ended, item, names, view, ignored=ignored, item=label(item, number))
                    report.outcomes[one].append(host)
        else:
            report.outcomes[outcome(status, data, names, view, ignored=ignored)].append(host)
        for text in data.get("warnings") or []:
            report.warnings[warning(str(text), data, names)].append(host)
        self._count(report, host, status, ignored)

    def _count(self, report: TaskReport, host: str, status: Status, ignored: bool) -> None:
        bad = status in (Status.FAILED, Status.UNREACHABLE)
        report.counts["ignored" if ignored else status.value] += 1
        report.waiting.discard(host)
        if bad and not ignored:
            self._lost.add(host)
        if self._progress is not None:
            self._progress.count(bad)

    def _names_of(self, host: Host) -> tuple[str, ...]:
        name = host.get_name()
        if name not in self._names:
            values = (host.vars.get(key) for key in NAMES)
            self._names[name] = (name, *(str(value) for value in values if isinstance(value, str) and "{{" not in value))
        return self._names[name]


def _status_of(item: dict[str, t.Any]) -> Status:
    for key, status in (("unreachable", Status.UNREACHABLE), ("failed", Status.FAILED), ("skipped", Status.SKIPPED)):
        if item.get(key):
            return status
    return Status.CHANGED if item.get("changed") else Status.OK


def _kind(counts: tuple[tuple[str, int], ...]) -> str:
    """What a host's recap is coloured as."""
    words = {word for word, _count in counts}
    return next((kind for kind in (*BAD_KINDS, "changed") if kind in words), "ok")

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outcomes as lines and as a document."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_outcome import Status, View, outcome
from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_report import (
    MESSAGES,
    TaskReport,
    document,
    duration,
    lines,
    printable,
    say,
    summary,
)


def report(*results: tuple[list[str], Status, dict[str, t.Any]], ignored: bool = False, item: str | None = None) -> TaskReport:
    task = TaskReport("Trial", "trial")
    for hosts, status, result in results:
        for host in hosts:
            task.outcomes[outcome(status, result, (host,), View(diff=True), ignored=ignored, item=item)].append(host)
            task.counts[status.value] += 1
    return task


def text(task: TaskReport, indent: str = "") -> list[str]:
    return "\n".join(line.text for line in lines(task, lambda diff: f"<{diff}>", indent)).split("\n")


def test_hosts_with_the_same_result_are_one_line_and_failures_come_last() -> None:
    task = report(
        (["n4"], Status.FAILED, {"msg": "no answer", "reason": "unreachable"}),
        (["n1", "n2"], Status.OK, {"powerstate": "on"}),
        (["n3"], Status.OK, {"powerstate": "off"}),
        (["n5", "n6"], Status.FAILED, {"msg": "wrong", "reason": "refused", "completion_code": "0xD5"}),
        (["n7"], Status.CHANGED, {"powerstate": "off", "forced": True}),
        (["n8"], Status.SKIPPED, {"skip_reason": "x"}),
        (["n9"], Status.UNREACHABLE, {"msg": "ssh"}),
    )
    assert text(task) == [
        "on (2): n[1-2]",
        "off (1): n3",
        "changed: off, forced (1): n7",
        "skipped (1): n8",
        "failed: refused 0xD5 (2): n[5-6]",
        "    wrong",
        "failed: unreachable (1): n4",
        "    no answer",
        "unreachable (1): n9",
        "    ssh",
    ]
    assert text(task, "  ")[0] == "  on (2): n[1-2]"


def test_a_result_without_content_is_called_by_its_state() -> None:
    assert text(report((["n1"], Status.OK, {}), (["n2"], Status.CHANGED, {}))) == ["ok (1): n1", "changed (1): n2"]


def test_the_messages_of_a_cause_have_their_hosts_and_an_end() -> None:
    two = report((["n1", "n2"], Status.FAILED, {"msg": "a", "rc": 1}), (["n3"], Status.FAILED, {"msg": "b", "rc": 1}))
    assert text(two) == ["failed: rc 1 (3): n[1-3]", "    a (2): n[1-2]", "    b (1): n3"]
    many = report(*[([f"n{number}"], Status.FAILED, {"msg": f"m{number}"}) for number in range(MESSAGES + 3)])
    assert len(text(many)) == 1 + MESSAGES + 1
    assert text(many)[-1] == "    and 3 other messages (3)"


def test_an_ignored_failure_and_an_item_say_so() -> None:
    assert text(report((["n1"], Status.FAILED, {"msg": "a"}), ignored=True)) == ["failed, ignored (1): n1", "    a"]
    assert text(report((["n1"], Status.OK, {"stdout": "x"}), item="eth0")) == ["eth0: x (1): n1"]
    assert text(report((["n1"], Status.FAILED, {"msg": "a"}), item="eth0")) == ["failed: eth0 (1): n1", "    a"]


def test_long_results_and_diffs_stand_below() -> None:
    result = {"msg": "a\nb", "diff": {"before": 1, "after": 2}}
    assert text(report((["n1"], Status.CHANGED, result))) == [
        "changed (1): n1",
        "    a",
        "    b",
        '    <{"after": 2, "before": 1}>',
    ]


def test_warnings_and_what_is_missing_are_folded_too() -> None:
    task = report()
    task.warnings["odd"] += ["n2", "n1"]
    task.waiting |= {"n3", "n4"}
    assert text(task) == ["warning: odd (2): n[1-2]", "no result (2): n[3-4]"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"powerstate": "on"}, "on"),
        ({"powerstate": "on", "x": 1}, "powerstate=on, x=1"),
        ({"ping": "pong"}, "ping=pong"),
        ({"msg": ["a", "b"]}, "- a\n- b"),
        ({"msg": "a"}, "a"),
        ({"stdout": "out", "stderr": "err"}, "out\nstderr=err"),
        ({"a.b.firmware": "1.0", "a.c.maker": None}, "firmware=1.0, maker=none"),
        ({"a.x": 1, "b.x": 2}, "a.x=1, b.x=2"),
        ({"a.x": True}, "true"),
        ({"a": {"b": [1]}}, "a:\n  b:\n  - 1"),
        ({}, ""),
    ],
)
def test_results_as_people_read_them(data: dict[str, t.Any], said: str) -> None:
    assert say(data) == said


def test_what_a_bmc_says_cannot_drive_the_terminal() -> None:
    assert printable("a\x1b[2J\rb\u202e\n\tü") == "a\\x1b[2J\\rb\\u202e\n\tü"
    assert "\x1b" not in "".join(text(report((["n1"], Status.FAILED, {"msg": "\x1b[2J"}), (["n2"], Status.OK, {"msg": "\x1b[2J"}))))


@pytest.mark.parametrize(("seconds", "said"), [(0.44, "0.4 s"), (24.4, "24 s"), (187, "3:07"), (3729, "1:02:09")])
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_the_summary_counts_hosts() -> None:
    assert summary({"ok": 1796, "failed": 4}, 24) == "1800 hosts: 1796 ok, 4 failed in 24 s"
    assert summary({"changed": 1}, 1) == "1 host: 1 changed in 1.0 s"
    assert summary({"ok": 1}, 1, waiting=2) == "3 hosts: 1 ok, 2 without a result in 1.0 s"


def test_the_document_has_all_of_it() -> None:
    task = report(
        (["n2", "n10"], Status.OK, {"powerstate": "on", "diff": {"before": 1, "after": 2}}),
        (["n3"], Status.FAILED, {"msg": "wrong", "reason": "refused", "completion_code": "0xD5"}),
    )
    task.warnings["odd"].append("n2")
    task.waiting.add("n4")
    assert document(task) == {
        "task": "Trial",
        "action": "trial",
        "seconds": 0.0,
        "counts": {"failed": 1, "ok": 2},
        "results": [
            {
                "status": "ok",
                "count": 2,
                "nodes": "n[2,10]",
                "hosts": ["n2", "n10"],
                "result": {"powerstate": "on"},
                "diff": {"before": 1, "after": 2},
            },
            {
                "status": "failed",
                "count": 1,
                "nodes": "n3",
                "hosts": ["n3"],
                "cause": "refused 0xD5",
                "ignored": False,
                "result": {"msg": "wrong", "reason": "refused", "completion_code": "0xD5"},
            },
        ],
        "warnings": [{"message": "odd", "count": 1, "nodes": "n2", "hosts": ["n2"]}],
        "waiting": {"count": 1, "nodes": "n4", "hosts": ["n4"]},
    }

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task says is to be done at a console: checked before anything is sent."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._console_script import Script
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

NOTHING: t.Final[dict[str, t.Any]] = {
    "secrets": None,
    "steps": None,
    "expect": None,
    "timeout": None,
    "observe_boot": False,
    "probe": False,
}


def script(**given: t.Any) -> Script:
    return Script.from_params({**NOTHING, **given})


@pytest.mark.parametrize(("boot", "seconds"), [(False, 30), (True, 900)])
def test_a_boot_has_more_time_unless_the_task_says_otherwise(boot: bool, seconds: int) -> None:
    assert script(observe_boot=boot).timeout == seconds and script(observe_boot=boot, timeout=5.0).timeout == 5


def test_steps_come_first_and_expect_is_the_last() -> None:
    found = script(steps=[{"send_line": "a"}, {"send": "b\x03"}, {"send_break": True}, {"send_sysrq": "h"}], expect=["c"])
    assert [None if step.keys is None else step.keys.data for step in found.steps] == [b"a\r", b"b\x03", None, None, None]
    assert [step.number for step in found.steps] == [1, 2, 3, 4, 5] and found.expects
    assert found.shown == ["'a\\r'", "'b\\x03'", "a break", "SysRq h"]


def test_an_empty_line_is_enter_alone() -> None:
    (step,) = script(steps=[{"send_line": "", "send_break": False}]).steps
    assert step.keys is not None and step.keys.data == b"\r"


def test_a_pattern_is_named_by_itself_or_by_the_task() -> None:
    (step,) = script(expect=["a", {"pattern": "b", "name": "c"}, {"pattern": "d", "send_secret": "s"}], secrets={"s": "x"}).steps
    assert [pattern.name for pattern in step.patterns] == ["a", "c", "d"]
    assert step.patterns[2].answer is not None and step.patterns[2].answer.value == "x"
    assert "'x" not in " ".join(step.shown)


def test_patterns_that_are_all_answered_end_nothing() -> None:
    assert not script(expect=[{"pattern": "More", "send": " "}]).expects


def test_the_ends_of_a_pattern_are_those_of_lines() -> None:
    (step,) = script(expect=["^login: "]).steps
    assert step.patterns[0].regex.search("n1\nlogin: ")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"expect": ["("]}, r"expect\[0\] is no regular expression"),
        ({"expect": ["a", "b*"]}, r"expect\[1\]"),
        ({"expect": [7]}, "regular expression, or a dictionary"),
        ({"expect": [{"pattern": "a", "send": "b", "send_line": "c"}]}, "more than one answer"),
        ({"expect": [{"pattern": "a", "send": 7}]}, "must be a text"),
        ({"expect": [{"pattern": "a", "timeout": 7}]}, "timeout"),
        ({"steps": [{"send": "a"}, {"send_break": True, "send_sysrq": "b"}]}, r"steps\[1\]"),
        ({"steps": [{"timeout": 3.0}]}, "says nothing to do"),
        ({"steps": [{"expect": ["a"], "timeout": 0.0}]}, r"steps\[0\].timeout"),
        ({"steps": [{"send_sysrq": "\n"}]}, "one letter or digit"),
        ({"secrets": {"s": ""}}, "secrets.s"),
        ({"secrets": {"s": 7}}, "secrets.s"),
        ({"secrets": {"s": "\ud800"}}, "secrets.s has a character that does not exist"),
        ({"steps": [{"send_line": "\ud800"}]}, r"steps\[0\].send_line has a character"),
        ({"expect": [{"pattern": "a", "name": "\ud800"}]}, r"expect\[0\].name has a character"),
        ({"timeout": 86401.0}, "at most 86400"),
        ({"timeout": -1.0}, "more than 0"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_place(given: dict[str, t.Any], said: str) -> None:
    with pytest.raises(BadOption, match=said):
        script(**given)


def test_a_secret_in_the_place_of_its_name_is_not_repeated() -> None:
    with pytest.raises(BadOption) as refused:
        script(steps=[{"send_secret": "hunter2"}])
    assert "hunter2" not in str(refused.value)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shell assignments are understood as a shell does it, and refused where that takes more."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._shell_assignments import NotUnderstood, assignments, put, quote, values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=x\n", "x"),
        ("A='x y'\n", "x y"),
        ('A="x y"\n', "x y"),
        ('export A="x"\n', "x"),
        ("A=x B=y\n", "x"),
        ('A="x \\\n  y"\n', "x   y"),
        ("A=x\\ y\n", "x y"),
        ('A="dyndbg=\\"file a +p\\" \\$b"\n', 'dyndbg="file a +p" $b'),
        ('A="it\'s"\n', "it's"),
        ("A=a'b c'\"d\"e\n", "ab cde"),
        ("B=1\nA=$B-${B}2\n", "1-12"),
        ("A=x\nA=\"$A y\"\n", "x y"),
        ("A=x\nA+=' y'\n", "x y"),
        ("A=\"$UNSET\"z\n", "z"),
        ("# A=no\nA=x # A=no\n", "x"),
        ("A=x;B=y\n", "x"),
        ("D=`lsb_release -i -s 2> /dev/null || echo Debian`\nA=x", "x"),
        ("D=`( . /etc/os-release && echo ${NAME} )`\nE=\"$(sed 's, release .*$,,g' /etc/system-release)\"\nA=x\n", "x"),
        ("if [ -e /x ]; then\n  B=1\nfi\nA=x\n", "x"),
        ("A=\n", ""),
    ],
)
def test_a_value_is_what_a_shell_makes_of_it(text: str, value: str) -> None:
    assert values([text], ["A"]) == {"A": value}


def test_files_are_read_one_after_the_other() -> None:
    assert values(["A=x\n", 'A="$A y"\n'], ["A", "B"]) == {"A": "x y"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('B=1\nA="x\n', "line 2: \" is not closed"),
        ("A='x\n", "' is not closed"),
        ("A=$(x\n", r"\$ is not closed"),
        ("A=`x\n", "` is not closed"),
        ("A=x\r\n", "line ends of Windows"),
        ("A=$(cat /proc/cmdline)\n", "line 1: the value of A is more than text"),
        ("A=${B:-x}\n", "more than text"),
        ("if true; then A=x; fi\n", "more than a plain assignment"),
        ("if true; then\nA=x\nfi\n", "line 2: A is set by more"),
        ("f() {\nA=x\n}\n", "more than a plain assignment"),
        ("[ -e /x ] && A=x\n", "more than a plain assignment"),
        ("A=x command\n", "more than a plain assignment"),
    ],
)
def test_what_takes_more_than_assignments_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(NotUnderstood, match=why):
        values([text], ["A"])


def test_what_is_not_asked_for_may_be_anything() -> None:
    assert values(["B=$(date)\n[ -e /x ] && C=y\nA=x\n"], ["A"]) == {"A": "x"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'A="x"\n'),
        ("B=1", 'B=1\nA="x"\n'),
        ("# Mine\nA=old # why\nB=1\n", '# Mine\nA="x" # why\nB=1\n'),
        ("A=x\n", "A=x\n"),
        ("A='x'\n", "A='x'\n"),
        ("A=old\nA=older\n", 'A=old\nA="x"\n'),
        ("A=o\nA+=ld\n", 'A=o\nA="x"\n'),
        ('A="o\\\nld"\nB=1\n', 'A="x"\nB=1\n'),
        ("A=old B=1\n", 'A=old B=1\nA="x"\n'),
        ("#A=x\n", '#A=x\nA="x"\n'),
    ],
)
def test_only_the_assignment_that_counts_is_written_anew(before: str, after: str) -> None:
    assert put(before, {"A": "x"}) == after
    assert values([after], ["A"]) == {"A": "x"}


TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@given(TEXTS, TEXTS)
def test_what_is_put_is_what_is_read_back(old: str, new: str) -> None:
    text = put(f"B=1\nA={quote(old)}\nC='z'\n", {"A": new})
    assert values([text], ["A", "B", "C"]) == {"A": new, "B": "1", "C": "z"}
    assert [each.name for each in assignments(text)] == ["B", "A", "C"]


@settings(max_examples=30, deadline=None)
@given(TEXTS)
def test_a_real_shell_reads_the_same(value: str) -> None:
    shell = shutil.which("sh")
    assert shell
    done = subprocess.run([shell, "-c", f'A={quote(value)}\nprintf %s "$A"'], check=True, capture_output=True, text=True)
    assert done.stdout == value

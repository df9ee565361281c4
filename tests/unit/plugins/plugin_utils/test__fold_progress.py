# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The line on the terminal, with a pipe as the terminal and a clock of our own."""

from __future__ import annotations

import os
import select
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_progress import Progress


class Watched(t.NamedTuple):
    """The line, its reader, and the time."""

    progress: Progress
    reader: int
    time: list[float]

    def read(self) -> str:
        """What was written since."""
        return os.read(self.reader, 65536).decode() if select.select([self.reader], [], [], 0)[0] else ""


@pytest.fixture
def watched() -> t.Iterator[Watched]:
    reader, writer = os.pipe()
    time = [100.0]
    progress = Progress(writer, clock=lambda: time[0])
    yield Watched(progress, reader, time)
    progress.close()
    os.close(reader)
    os.close(writer)


def test_it_says_how_many_are_done_failed_and_left_and_the_time(watched: Watched) -> None:
    watched.progress.begin("ipmi_power", 1800)
    assert "ipmi_power: 0 done, 0 failed, 1800 left, 0:00" in watched.read()
    watched.time[0] += 65
    watched.progress.count(failed=False)
    watched.progress.count(failed=True)
    assert watched.progress.text(80) == "ipmi_power: 2 done, 1 failed, 1798 left, 1:05"
    assert watched.read().endswith("\r")


def test_it_is_not_drawn_for_each_of_many_results(watched: Watched) -> None:
    watched.progress.begin("t", 1800)
    watched.read()
    for _result in range(1000):
        watched.progress.count(failed=False)
        watched.time[0] += 0.001
    assert watched.read().count("done") <= 11


def test_where_nobody_knows_how_many_it_does_not_guess(watched: Watched) -> None:
    watched.progress.begin("free", None)
    assert watched.progress.text(80) == "free: 0 done, 0 failed, 0:00"


def test_it_fits_the_terminal(watched: Watched) -> None:
    watched.progress.begin("A task with a long name, longer than the terminal is wide", 10)
    assert len(watched.progress.text(60)) < 60
    assert watched.progress.text(60).endswith("10 left, 0:00")


def test_it_is_away_at_the_end(watched: Watched) -> None:
    watched.progress.begin("t", 1)
    watched.progress.end()
    assert watched.read().endswith("\r\x1b[K")
    watched.progress.count(failed=False)
    watched.progress.end()
    assert watched.read() == ""


def test_a_terminal_that_is_gone_does_not_end_the_work() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    progress = Progress(writer)
    progress.begin("t", 1)
    progress.count(failed=False)
    progress.close()
    os.close(writer)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stopwatch: what it counts, and what it takes off. None of this depends on how busy the machine is."""

from __future__ import annotations

import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.stopwatch import ALLOWANCE, BEAT, Stopwatch, stopwatch

CHECKOUT = pathlib.Path(__file__).parents[2]
#: Times one more line, and prints what it took.
CHILD = """
import json, sys
from tests.stopwatch import stopwatch
with stopwatch() as watch:
    print("runs", flush=True)
    sys.stdin.readline()
print(json.dumps([watch.elapsed, watch.seconds]), flush=True)
"""


class Clock:
    """Two clocks that a test moves."""

    def __init__(self) -> None:
        self.now = self.cpu = 100.0
        self.watch = Stopwatch(lambda: self.now, lambda: self.cpu)

    def passes(self, seconds: float, cpu: float = 0.0) -> None:
        self.now += seconds
        self.cpu += cpu
        self.watch.beat()

    def reads(self, *, seconds: float, lost: float) -> bool:
        shown = [self.watch.seconds, self.watch.lost, self.watch.elapsed]
        return shown == pytest.approx([seconds, lost, seconds + lost])


def test_time_with_all_its_beats_counts() -> None:
    clock = Clock()
    for _beat in range(200):
        clock.passes(BEAT)
    assert clock.reads(seconds=1, lost=0)


def test_beats_that_are_a_little_late_lose_nothing() -> None:
    clock = Clock()
    for _beat in range(20):
        clock.passes(ALLOWANCE)
    assert clock.reads(seconds=1, lost=0)


def test_time_without_a_beat_is_lost() -> None:
    clock = Clock()
    clock.passes(3)
    clock.passes(BEAT)
    assert clock.reads(seconds=2 * BEAT, lost=3 - BEAT)


def test_computing_is_not_lost_though_it_stops_the_beat() -> None:
    clock = Clock()
    clock.passes(2, cpu=2)
    clock.passes(3, cpu=1)
    assert clock.reads(seconds=3, lost=2)


def test_threads_that_compute_together_give_nothing_back() -> None:
    clock = Clock()
    clock.passes(3)
    clock.passes(1, cpu=2)
    assert clock.reads(seconds=1 + BEAT, lost=3 - BEAT)


def test_a_watch_that_runs_can_be_read_before_its_next_beat() -> None:
    clock = Clock()
    clock.now += 3
    assert clock.reads(seconds=BEAT, lost=3 - BEAT)


def test_after_its_stop_it_stands() -> None:
    clock = Clock()
    clock.passes(BEAT)
    clock.watch.stop()
    clock.passes(3)
    assert clock.reads(seconds=BEAT, lost=0)


def test_a_wait_is_counted_whole() -> None:
    # The machine may stall in some of these waits, but hardly in all of them.
    event = threading.Event()
    for _attempt in range(20):
        with stopwatch() as watch:
            event.wait(0.2)
        if watch.seconds >= 0.2:
            break
    assert watch.elapsed >= watch.seconds >= 0.2


@pytest.mark.parametrize("size", [10_000, 10_000_000], ids=["that lets others run", "that does not"])
def test_work_of_the_processor_is_counted_whole(size: int) -> None:
    with stopwatch() as watch:
        start = time.process_time()
        while (used := time.process_time() - start) < 0.3:
            sum(range(size))
    assert watch.seconds >= used - BEAT


def test_a_stall_is_not_counted() -> None:
    command = [sys.executable, "-c", CHILD]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None and child.stdout is not None
        assert child.stdout.readline() == "runs\n"
        child.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, child.pid, os.WSTOPPED)
        start = time.monotonic()
        print(file=child.stdin, flush=True)
        said = select.select([child.stdout], [], [], 1.0)[0]
        stopped = time.monotonic() - start
        child.send_signal(signal.SIGCONT)
        elapsed, seconds = json.loads(child.stdout.readline())
    assert not said and elapsed >= stopped, "who is stopped says nothing"
    assert elapsed - seconds >= stopped - 2 * BEAT


def test_an_error_goes_through_and_ends_the_beat() -> None:
    beats: list[threading.Thread] = []

    def fail() -> None:
        with stopwatch():
            beats.extend(thread for thread in threading.enumerate() if thread.name == "beat")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [thread.is_alive() for thread in beats] == [False]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long something took, without the time that the machine did not give this process.

    with stopwatch() as watch:
        ask_a_dead_address()
    assert watch.elapsed >= 1.5 and watch.seconds < 3

A machine with much to do may stop a process for seconds. Code that waits as long as it should is then late all the same, and a
test of an upper bound fails for nothing. So a thread beats beside the code: where a beat comes late, the time until it came is lost.
"""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

#: Seconds between beats.
BEAT: t.Final = 0.005
#: Seconds that a beat may be late: then it is late, not lost. Above what a busy but fair machine lets a thread wait.
ALLOWANCE: t.Final = 0.05


class Stopwatch:
    """What runs from its making until `stop`, by the two clocks `now` and `cpu` (seconds; processor time of the process).

    The processor time that this process had is never lost. Without that, code that computes for long with the interpreter's lock
    in its hand would stop the beat, and hide its own slowness.
    """

    def __init__(self, now: t.Callable[[], float] = time.monotonic, cpu: t.Callable[[], float] = time.process_time) -> None:
        self._now, self._cpu = now, cpu
        self._lock = threading.Lock()
        self._lost, self._stopped = 0.0, False
        self._start = self._last_beat = now()
        self._last_cpu = cpu()

    @property
    def elapsed(self) -> float:
        """Seconds by the clock on the wall: for lower bounds."""
        return self._read()[0]

    @property
    def lost(self) -> float:
        """Seconds in which nothing of this process ran, though its beat was due."""
        return self._read()[1]

    @property
    def seconds(self) -> float:
        """Seconds less the lost ones: for upper bounds."""
        elapsed, lost = self._read()
        return elapsed - lost

    def beat(self) -> None:
        """Say that this process runs at this moment."""
        with self._lock:
            if self._stopped:
                return
            now, cpu = self._now(), self._cpu()
            late = now - self._last_beat - max(BEAT, cpu - self._last_cpu)
            if late > ALLOWANCE:
                self._lost += late
            self._last_beat, self._last_cpu = now, cpu

    def stop(self) -> None:
        """Run no further."""
        self.beat()
        self._stopped = True

    def _read(self) -> tuple[float, float]:
        # Who comes back first from a stall may be the code and not its beat.
        self.beat()
        return self._last_beat - self._start, self._lost


@contextlib.contextmanager
def stopwatch() -> t.Iterator[Stopwatch]:
    """A stopwatch that runs, with its beat, while the block does."""
    over = threading.Event()
    watch = Stopwatch()

    def beats() -> None:
        while not over.wait(BEAT):
            watch.beat()

    thread = threading.Thread(target=beats, name="beat", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        over.set()
        thread.join()

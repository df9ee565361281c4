# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A line on the terminal that says how far a task is.

The terminal is written to directly: Ansible forks while this runs, and a thread must not hold the lock of a buffered
stream then. The cursor stays at the line's beginning, so that what others print starts there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
import typing as t

#: Seconds between two drawings at most and at least.
SLOWEST: t.Final = 1.0
QUICKEST: t.Final = 0.1
_CLEAR: t.Final = "\r\x1b[K"


class Progress:
    """Draws the line until `close`, at each count and once a second."""

    def __init__(self, descriptor: int, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._descriptor = descriptor
        self._clock = clock
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._ticker: threading.Thread | None = None
        self._label: str | None = None
        self._total: int | None = None
        self._done = 0
        self._failed = 0
        self._started = 0.0
        self._drawn = -QUICKEST

    def begin(self, label: str, total: int | None) -> None:
        """A task starts on `total` hosts; None if nobody knows how many."""
        with self._lock:
            self._label, self._total = label, total
            self._done = self._failed = 0
            self._started = self._clock()
            self._draw()
        if self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="fold-progress", daemon=True)
            self._ticker.start()

    def count(self, failed: bool) -> None:
        """One more host is done."""
        with self._lock:
            self._done += 1
            self._failed += failed
            if self._clock() - self._drawn >= QUICKEST:
                self._draw()

    def end(self) -> None:
        """The task is over: the line goes."""
        with self._lock:
            if self._label is not None:
                self._write(_CLEAR)
            self._label = None

    def close(self) -> None:
        """No more lines."""
        self.end()
        self._closed.set()

    @contextlib.contextmanager
    def aside(self) -> t.Iterator[None]:
        """The line is away while something is printed."""
        with self._lock:
            if self._label is not None:
                self._write(_CLEAR)
            yield
            self._draw()

    def text(self, width: int) -> str:
        """The line as it is now."""
        seconds = int(self._clock() - self._started)
        words = [f"{self._done} done", f"{self._failed} failed"]
        if self._total is not None:
            words.append(f"{max(0, self._total - self._done)} left")
        words.append(f"{seconds // 60}:{seconds % 60:02d}")
        text = ", ".join(words)
        label = (self._label or "")[: max(0, width - len(text) - 3)]
        return f"{label}: {text}"[: width - 1]

    def _draw(self) -> None:
        if self._label is None:
            return
        self._drawn = self._clock()
        self._write(f"{_CLEAR}{self.text(shutil.get_terminal_size().columns)}\r")

    def _write(self, text: str) -> None:
        try:
            os.write(self._descriptor, text.encode("utf-8", "replace"))
        except OSError:
            # The terminal is gone. The work is not to fail because nobody watches it.
            self._label = None
            self._closed.set()

    def _tick(self) -> None:
        while not self._closed.wait(SLOWEST):
            with self._lock:
                self._draw()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rack's clock: real time that tests can push forward, or hold.

`now()` is in seconds since 1970. Timers fire in the order of their time. On a running clock the
event loop wakes for the next one; `advance` fires at once whatever it passes.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable

LOG = logging.getLogger("simulator.clock")


class Timer:
    """A call that is to come; `cancel()` any time."""

    __slots__ = ("callback", "when")

    def __init__(self, when: float, callback: Callable[[], None]) -> None:
        self.when = when
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None

    @property
    def pending(self) -> bool:
        return self.callback is not None


class Clock:
    """A clock that stands still until `advance`, or runs once `run` gave it an event loop."""

    def __init__(self, start: float | None = None) -> None:
        self._offset = time.time() if start is None else start
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = itertools.count()
        self._wake: asyncio.TimerHandle | None = None

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the time pass as the loop's does."""
        if self._loop is None:
            self._offset -= loop.time()
            self._loop = loop
            self._arm()

    def hold(self) -> None:
        """Stop; only `advance` moves the time now."""
        self._offset = self.now()
        self._loop = None
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def now(self) -> float:
        """Seconds since 1970."""
        return self._offset if self._loop is None else self._offset + self._loop.time()

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back in `delay` seconds; 0 is still a call of its own."""
        timer = Timer(self.now() + delay, callback)
        heapq.heappush(self._timers, (timer.when, next(self._count), timer))
        if self._timers[0][2] is timer:
            self._arm()
        return timer

    def advance(self, seconds: float) -> None:
        """Move `seconds` ahead and fire what is due, each at its own time."""
        if seconds < 0:
            raise ValueError("the time only moves ahead")
        target = self.now() + seconds
        while self._timers and self._timers[0][0] <= target:
            self._offset += max(0.0, self._timers[0][0] - self.now())
            self._fire()
        self._offset += max(0.0, target - self.now())
        self._arm()

    def _fire(self) -> None:
        timer = heapq.heappop(self._timers)[2]
        callback, timer.callback = timer.callback, None
        if callback is None:
            return
        try:
            callback()
        except Exception:
            # One BMC's fault must not stop the time of all others; the log has it.
            LOG.exception("a timer failed")

    def _arm(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        while self._timers and not self._timers[0][2].pending:
            heapq.heappop(self._timers)
        if self._loop is not None and self._timers:
            self._wake = self._loop.call_at(self._timers[0][0] - self._offset, self._woken)

    def _woken(self) -> None:
        self._wake = None
        now = self.now()
        while self._timers and self._timers[0][0] <= now + 1e-6:
            self._fire()
        self._arm()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who had the consoles of a rack, as its BMCs tell while it happens. They are the judge: no party's own word counts."""

from __future__ import annotations

import json
import pathlib
import socket
import threading
import time
import typing as t
from dataclasses import dataclass

#: What ends a holding, beside another's taking it.
ENDS: t.Final = frozenset({"released", "closed", "expired", "ended", "taken"})


@dataclass(frozen=True)
class Change:
    """One change of hands; see the simulator's control socket, `watch`."""

    at: float  #: seconds since 1970
    what: str
    instance: int
    session: int
    user: int
    port: int
    by: int
    by_user: int


def holder(changes: t.Iterable[Change]) -> Change | None:
    """Who has the console after these changes: its activation."""
    now: Change | None = None
    for change in changes:
        if change.what == "activated":
            now = change
        elif change.what in ENDS:
            now = None
    return now


class Journal:
    """Listens to a rack in a thread of its own until it is closed."""

    def __init__(self, control: pathlib.Path) -> None:
        self._changes: dict[str, list[Change]] = {}
        self._news = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(control))
        self._socket.sendall(b'{"do": "watch"}\n')
        self._lines = self._socket.makefile("rb")
        watching = json.loads(self._lines.readline())
        assert watching["ok"], watching
        self._thread = threading.Thread(target=self._listen, name="journal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._lines.close()
        self._socket.close()

    def _listen(self) -> None:
        while line := self._lines.readline():
            told = json.loads(line)
            with self._news:
                self._changes.setdefault(told.pop("bmc"), []).append(Change(**told))
                self._news.notify_all()

    def changes(self, bmc: str, first: int = 0) -> list[Change]:
        """Of one BMC, from a number on."""
        with self._news:
            return self._changes.get(bmc, [])[first:]

    def wait(self, bmc: str, done: t.Callable[[Change | None], bool], until: float) -> bool:
        """Wait until the holder is as `done` wants it, or for the time `until` of `time.monotonic`. Whether it is."""
        with self._news:
            return self._news.wait_for(lambda: done(holder(self._changes.get(bmc, ()))), max(0.0, until - time.monotonic()))

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a program takes: time on the clock, processor, memory."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import subprocess
import threading
import time
import typing as t
from dataclasses import dataclass, field

#: Seconds between looks at the memory of a program, and of it with all that it started. The second costs time itself.
_OFTEN, _SELDOM = 0.05, 3.0
#: How many of the first make one of the second.
_ROUNDS: t.Final = round(_SELDOM / _OFTEN)
_MIB: t.Final = 1024


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    wall: float  #: seconds on the clock
    cpu: float  #: seconds of processor, user and system, children included
    memory: float  #: MiB that the program itself held at most (resident)
    together: float = 0.0  #: MiB of all its processes, shared pages counted once (PSS); 0: not measured
    output: str = field(default="", repr=False)


class Failed(Exception):
    """The program did not do what it was to do."""


@dataclass
class _Watcher:
    """Looks at the memory of a running program, from a thread."""

    pid: int
    family: bool
    highest: float = 0.0
    together: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> _Watcher:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        count = 0
        while not self._over.wait(_OFTEN):
            self.highest = max(self.highest, _kib(self.pid, "status", "VmHWM"))
            count += 1
            if self.family and count % _ROUNDS == 0:
                self.together = max(self.together, sum(_kib(pid, "smaps_rollup", "Pss") for pid in _family(self.pid)))


def _family(pid: int) -> t.Iterator[int]:
    yield pid
    # A process may end while it is looked at.
    with contextlib.suppress(OSError):
        for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text(encoding="ascii").split():
                yield from _family(int(child))


def together(pid: int) -> float:
    """MiB of a program and all that it started, shared pages counted once (PSS)."""
    return sum(_kib(one, "smaps_rollup", "Pss") for one in _family(pid)) / _MIB


def _kib(pid: int, file: str, name: str) -> float:
    with contextlib.suppress(OSError):
        found = re.search(rf"^{name}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/{file}").read_text(encoding="ascii"), re.MULTILINE)
        if found:
            return float(found[1])
    return 0.0


def measure(
    command: t.Sequence[str],
    folder: pathlib.Path,
    environment: t.Mapping[str, str] | None = None,
    *,
    stdin: str = "",
    patience: float = 600,
    family: bool = False,
    may_fail: bool = False,
) -> Cost:
    """Run a program to its end. Raises Failed where it says that it failed, or takes longer than `patience` seconds."""
    given, output = folder / "stdin", folder / "stdout"
    given.write_text(stdin, encoding="utf-8")
    with output.open("wb") as out, given.open("rb") as source:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=dict(os.environ if environment is None else environment), stdin=source, stdout=out, stderr=subprocess.STDOUT
        )
        timer = threading.Timer(patience, process.kill)
        timer.start()
        with _Watcher(process.pid, family) as watcher:
            # wait4 tells the processor time of this program and all that it started and waited for.
            _pid, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - begin
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    text = output.read_text(encoding="utf-8", errors="replace")
    if process.returncode != 0 and not (may_fail and process.returncode > 0):
        raise Failed(f"{pathlib.Path(command[0]).name} ended with {process.returncode} after {wall:.0f} s:\n{text[-4000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, watcher.highest / _MIB, watcher.together / _MIB, text)


def best(costs: t.Iterable[Cost]) -> Cost:
    """The quickest of some runs: what else the machine does can only add."""
    return min(costs, key=lambda cost: cost.wall)

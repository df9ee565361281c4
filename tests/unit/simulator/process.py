# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a user starts it: a process of its own; and programs that need a terminal."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.simulator.control import call

CHECKOUT = Path(__file__).parents[3]
START_SECONDS = 60
STOP_SECONDS = 30


@dataclass
class Running:
    """A rack that serves."""

    process: subprocess.Popen[str]
    control: Path
    port: int

    def do(self, action: str, **values: Any) -> dict[str, Any]:
        """A request over the control socket that has to go well."""
        answer = call(self.control, {"do": action, **values})
        assert answer["ok"], answer
        return answer

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def simulator(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.simulator", *words]


@contextmanager
def running(folder: Path, file: dict[str, Any], port: int, *words: str) -> Iterator[Running]:
    """A rack in its own process while the block runs."""
    path, control = folder / "rack.yml", folder / "control"
    path.write_text(yaml.safe_dump(file), encoding="utf-8")
    options = ["--rack", str(path), "--control", str(control), "--port", str(port), *words]
    with subprocess.Popen(simulator(*options), cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready, _unused, _unused = select.select([process.stdout], [], [], START_SECONDS)
            assert ready, "the simulator did not start in time"
            line = process.stdout.readline()
            assert line.startswith("ready: "), line
            yield Running(process, control, port)
        finally:
            if process.poll() is None:
                process.kill()


def converse(command: Sequence[str], script: Sequence[tuple[str, str]], seconds: float = 30) -> str:
    """Run a program on a terminal of its own: for each pair wait for a text, then type another.

    Returns all that it printed until it ended, or until `seconds` are over, which is a failure.
    """
    terminal, other_end = os.openpty()
    with subprocess.Popen(
        command, stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True
    ) as process:
        os.close(other_end)
        try:
            return _talk(terminal, script, seconds)
        finally:
            os.close(terminal)
            if process.poll() is None:
                process.kill()


def _talk(terminal: int, script: Sequence[tuple[str, str]], seconds: float) -> str:
    printed, unread, steps = "", "", list(script)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        readable, _unused, _unused = select.select([terminal], [], [], 0.2)
        if readable:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                return printed  # a terminal without a program reads as an error
            printed += data.decode("latin-1")
            unread += data.decode("latin-1")
        if steps and steps[0][0] in unread:
            unread = ""
            os.write(terminal, steps.pop(0)[1].encode())
    raise AssertionError(f"waited in vain for {steps[:1]}; printed: {printed!r}")

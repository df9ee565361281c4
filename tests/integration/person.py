# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person at a console: somebody else's program on a terminal of its own, such as `ipmitool sol activate`."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import time
import typing as t
from types import TracebackType

import pytest

#: Seconds until a text that is waited for must be there.
PATIENCE = 20.0


class Person:
    """One program that has a console. Killed at the end of the block, if it still runs."""

    def __init__(self, *command: str) -> None:
        if shutil.which(command[0]) is None:
            message = f"{command[0]} is not installed; `make system-packages` does that"
            if os.environ.get("LIGHTSOUT_WITHOUT_WITNESSES") == "1":
                pytest.skip(message)
            pytest.fail(message)
        self.printed = ""
        self._unread = ""
        self._terminal, other_end = os.openpty()
        self._process = subprocess.Popen(command, stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True)
        os.close(other_end)

    def __enter__(self) -> Person:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.crash()
        os.close(self._terminal)

    @property
    def there(self) -> bool:
        """Whether the program still runs."""
        return self._process.poll() is None

    def sees(self, text: str, seconds: float = PATIENCE) -> str:
        """Wait until the text is printed; all that came since the last time, up to its end."""
        deadline = time.monotonic() + seconds
        while text not in self._unread:
            if not self._read(deadline):
                raise AssertionError(f"{text!r} did not come; printed: {self.printed!r}")
        before, _text, self._unread = self._unread.partition(text)
        return before + text

    def first_of(self, *texts: str, seconds: float = PATIENCE) -> str | None:
        """Wait until one of the texts is printed; which, or None where the program ends or the time is over before."""
        deadline = time.monotonic() + seconds
        while True:
            found = [text for text in texts if text in self._unread]
            if found:
                first = min(found, key=self._unread.index)
                self._unread = self._unread.partition(first)[2]
                return first
            if not self._read(deadline):
                return None

    @property
    def pid(self) -> int:
        """The program's number."""
        return self._process.pid

    def is_told(self, number: int) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def types(self, text: str) -> None:
        """Press keys."""
        os.write(self._terminal, text.encode("latin-1"))

    def leaves(self) -> None:
        """Wait until the program has ended by itself."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        self._process.wait(PATIENCE)

    def crash(self) -> None:
        """End it without a word to anybody."""
        if self.there:
            self._process.kill()
        self._process.wait()

    def _read(self, deadline: float) -> bool:
        """Take what is printed next. False at the program's end and at the deadline."""
        if not select.select([self._terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        data = b""
        with contextlib.suppress(OSError):  # a terminal without a program reads as an error
            data = os.read(self._terminal, 4096)
        self.printed += data.decode("latin-1")
        self._unread += data.decode("latin-1")
        return bool(data)


def with_ipmitool(options: t.Mapping[str, t.Any], *command: str, suite: int = 3) -> Person:
    """ipmitool with the connection options of a BMC. `sol activate` prints OPERATIONAL and ends by LEAVE."""
    account = ["-U", str(options["bmc_user"]), "-P", str(options["bmc_password"])]
    way = ["-H", str(options["bmc_host"]), "-p", str(options["bmc_port"])]
    return Person("ipmitool", "-I", "lanplus", "-C", str(suite), *way, *account, *(command or ("sol", "activate")))


#: What `ipmitool sol activate` prints once it has the console, and the keys that end it.
OPERATIONAL, LEAVE = "SOL Session operational", "\r~."


def with_ipmiconsole(options: t.Mapping[str, t.Any], *more: str) -> Person:
    """FreeIPMI's ipmiconsole. It takes a console that is held, unless told `--dont-steal`; it prints ESTABLISHED, and ends by "&."."""
    way = ["-h", f"{options['bmc_host']}:{options['bmc_port']}"]
    account = ["-u", str(options["bmc_user"]), "-p", str(options["bmc_password"])]
    return Person("ipmiconsole", *way, *account, *more)


ESTABLISHED = "SOL established"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Markers on a host's serial ports: a line that names its port, so that whoever reads the console knows which port it is.

A port that somebody uses (the kernel's console, a getty, any program) keeps its bit rate and all its settings. One that
nobody uses has the rate of whoever used it last, or 9600 bit/s; it may be given another rate, and gets its own back.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import re
import struct
import termios
import time
import typing as t
from dataclasses import dataclass, field

#: How each marker begins.
MARK: t.Final = "lightsout-console-check"
#: What a nonce may be: it is looked for in logs, and stands in a pattern.
NONCE: t.Final = re.compile(r"[A-Za-z0-9]{4,64}")
#: Why a port was not written on. It may be a UPS's, or a person's who sees another machine through it.
LEFT: t.Final = "another program has it open, so nothing was written on it; name it in devices to write there all the same"
#: Serial ports by their devices' names: PCs, ARM servers, FreeBSD.
_PORT: t.Final = re.compile(r"(ttyS|ttyAMA|ttyu)(\d+)")
_RATES: t.Final = {getattr(termios, name): int(name[1:]) for name in dir(termios) if re.fullmatch(r"B\d+", name)}


def marker(nonce: str, name: str) -> bytes:
    """A line of its own, wherever the cursor is."""
    return f"\r\n{MARK} {nonce} {name}\r\n".encode()


@dataclass(frozen=True)
class Running:
    """What runs on the host's consoles now; None where the system does not say.

    cmdline_consoles: the values of console= on the kernel's command line, in their order. active: the consoles that the kernel
    prints on, the last of them is /dev/console. logins: the ports that a getty, or somebody who is logged in, reads from.
    """

    cmdline_consoles: list[str] | None
    active: list[str] | None
    logins: list[str] | None


class Host:
    """The files of the host, below a root."""

    def __init__(self, root: str = "/") -> None:
        self._root = pathlib.Path(root)

    def path(self, absolute: str) -> pathlib.Path:
        """Where a file of the host is."""
        return self._root / absolute.lstrip("/")

    def read(self, absolute: str) -> str | None:
        """A file's text; None where there is none, or it may not be read."""
        try:
            return self.path(absolute).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def ports(self) -> list[str]:
        """The devices of the serial ports that there are; Linux has names for more."""
        found = [match for match in map(_PORT.fullmatch, self._names("/dev")) if match]
        found.sort(key=lambda match: (match[1], int(match[2])))
        # A port without a chip behind it is of type 0.
        return [f"/dev/{match[0]}" for match in found if (self.read(f"/sys/class/tty/{match[0]}/type") or "").strip() != "0"]

    def running(self) -> Running:
        """What runs on the consoles now."""
        line = self.read("/proc/cmdline")
        active = self.read("/sys/class/tty/console/active")
        return Running(
            None if line is None else [word[len("console=") :] for word in line.split() if word.startswith("console=")],
            None if active is None else active.split(),
            self._logins() if self._processes() else None,
        )

    def opened(self) -> set[str]:
        """What other processes have open, by its path, as far as one may see it. A look at all of them, so ask once."""
        links = (
            self._link(f"/proc/{process}/fd/{number}")
            for process in self._processes()
            if process != os.getpid()
            for number in self._names(f"/proc/{process}/fd")
        )
        return {link for link in links if link}

    def _logins(self) -> list[str]:
        found: set[str] = set()
        for process in self._processes():
            program, *arguments = (self.read(f"/proc/{process}/cmdline") or "").split("\0")
            if "getty" in os.path.basename(program):
                found.update(argument.rpartition("/")[2] for argument in arguments)
            found.add(str(self._link(f"/proc/{process}/fd/0")).rpartition("/")[2])
        return sorted(name for name in found if _PORT.fullmatch(name))

    def _processes(self) -> list[int]:
        return [int(name) for name in self._names("/proc") if name.isdigit()]

    def _names(self, absolute: str) -> list[str]:
        try:
            return os.listdir(self.path(absolute))
        except OSError:
            return []  # a process that has ended, or another account's

    def _link(self, absolute: str) -> str | None:
        try:
            return os.readlink(self.path(absolute))
        except OSError:
            return None


@dataclass
class Port:
    """One serial port, and what was written on it."""

    device: str  #: such as /dev/ttyS1
    in_use: bool  #: by the kernel or a program: its settings are theirs
    left: bool = False  #: a program has it that is neither the console nor a login, and nobody asked for this port
    bit_rate: int | None = None  #: bit/s that it had, before this wrote anything
    markers: int = 0  #: that went out
    blocked: bool = False  #: flow control held some of it back
    error: str = ""
    _file: int | None = field(default=None, repr=False)
    _rest: bytes = field(default=b"", repr=False)
    _settings: list[t.Any] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Without /dev."""
        return self.device.rpartition("/")[2]

    def open(self, path: pathlib.Path, bit_rate: int | None) -> None:
        """Neither waits for a carrier nor becomes a controlling terminal. `error` says what went wrong."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            settings = termios.tcgetattr(self._file)
            self.bit_rate = _RATES.get(settings[5])
            code = getattr(termios, f"B{bit_rate}", None)
            if code is not None and not self.in_use and code != settings[5]:
                termios.tcsetattr(self._file, termios.TCSANOW, [*settings[:4], code, code, settings[6]])
                self._settings = settings
        except (OSError, termios.error) as error:
            # termios.error is no OSError, though it has the same arguments.
            self.error = str(error.args[-1]) if error.args else str(error)
            self.close()

    def write(self, text: bytes) -> None:
        """One marker; where the last one has not gone out yet, the rest of that."""
        if self._file is None:
            return
        waiting = self._rest or text
        try:
            self._rest = waiting[os.write(self._file, waiting) :]
        except BlockingIOError:
            self._rest = waiting
        except OSError as error:
            self.error = error.strerror or str(error)
            self.close()
            return
        self.markers += not self._rest

    def close(self) -> None:
        """Give it back as it was; what nobody takes is thrown away where the port is nobody's, since a close waits for it."""
        if self._file is None:
            return
        with contextlib.suppress(OSError, termios.error):  # one that was unplugged has nothing to give back
            held = struct.unpack("i", fcntl.ioctl(self._file, termios.TIOCOUTQ, b"\0" * 4))[0]
            self.blocked = bool(held or self._rest)
            if not self.in_use:
                termios.tcflush(self._file, termios.TCOFLUSH)
            if self._settings is not None:
                termios.tcsetattr(self._file, termios.TCSANOW, self._settings)
        os.close(self._file)
        self._file = None

    def as_result(self) -> dict[str, t.Any]:
        """As the module returns it."""
        return {
            "device": self.device,
            "name": self.name,
            "in_use": self.in_use,
            "bit_rate": self.bit_rate,
            "markers": self.markers,
            "blocked": self.blocked,
            "error": self.error,
        }


def find_ports(host: Host, devices: t.Sequence[str] | None, running: Running) -> list[Port]:
    """The ports of a task; without `devices`, all that there are, and those that another program has are to be left."""
    opened = host.opened()
    return [_port(host, device, running, opened, named=bool(devices)) for device in devices or host.ports()]


def _port(host: Host, device: str, running: Running, opened: t.AbstractSet[str], *, named: bool) -> Port:
    name = device.rpartition("/")[2]
    by_kernel = name in (running.active or [])
    by_program = not opened.isdisjoint({device, os.path.realpath(host.path(device))})
    return Port(device, by_kernel or by_program, by_program and not by_kernel and not named and name not in (running.logins or []))


def write_markers(host: Host, ports: t.Sequence[Port], nonce: str, seconds: float, interval: float, bit_rate: int | None) -> None:
    """One marker on each port every `interval` seconds, for `seconds`. bit_rate: bit/s for the ports that nobody uses."""
    try:
        for port in ports:
            if port.left:
                port.error = LEFT
            else:
                port.open(host.path(port.device), bit_rate)
        end = time.monotonic() + seconds
        while any(not port.error for port in ports) and (left := end - time.monotonic()) > 0:
            for port in ports:
                port.write(marker(nonce, port.name))
            time.sleep(min(interval, left))  # the pause itself is what is wanted
    finally:
        for port in ports:
            port.close()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the machine on which we run shows of its serial ports: Linux by /sys and /proc, FreeBSD by kenv and the terminals' lines."""

from __future__ import annotations

import fcntl
import os
import platform
import re
import struct
import subprocess
import termios
from collections.abc import Callable, Sequence
from pathlib import Path

from ._find_port import NUMBERS, Machine, Uart
from ._model import Port
from ._part import Refused

#: Such as "1: uart:16550A port:000002F8 irq:3 tx:0 rx:0 RTS|CTS|DTR|DSR|CD", of which the last is there only for root.
_LINE = re.compile(r"^(?P<number>\d+): uart:(?P<kind>\S+) (?:port|mmio0?):(?:0x)?(?P<address>[0-9A-Fa-f]+)\b(?P<rest>.*)$")


class Linux:
    """A machine under Linux. root: where its /sys and /proc are found."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def spcr(self) -> bytes | None:
        """The table as the kernel shows it."""
        return self._bytes("sys/firmware/acpi/tables/SPCR")

    def vendor(self) -> str | None:
        """The maker of the system, as the kernel read it from DMI."""
        name = self._bytes("sys/class/dmi/id/sys_vendor")
        return None if name is None else name.decode("utf-8", "replace").strip()

    def uarts(self) -> Sequence[Uart]:
        """The driver's own list. It also tells the lines, without opening a port, which would raise DTR at the other end."""
        listed = self._bytes("proc/tty/driver/serial")
        return () if listed is None else linux_uarts(listed.decode("ascii", "replace"))

    def _bytes(self, path: str) -> bytes | None:
        try:
            return (self._root / path).read_bytes()
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise Refused(f"{error.filename} may not be read, which tells the serial port: run as root (become: true), or say the port") from error


def linux_uarts(listed: str) -> tuple[Uart, ...]:
    """The real ports of /proc/tty/driver/serial, ttyS0 to ttyS3. The kernel also lists numbers without a port: uart:unknown."""
    found = []
    for line in listed.splitlines():
        match = _LINE.match(line)
        if match is None or match["kind"] == "unknown" or int(match["number"]) not in NUMBERS:
            continue
        # Without the right to see the lines, none is listed: neither RTS, which the kernel sets, nor any other.
        lines = {word for words in match["rest"].split() for word in words.split("|")}
        seen = bool(lines & {"RTS", "CTS", "DTR", "DSR", "CD", "RI"})
        found.append(Uart(int(match["number"]), int(match["address"], 16), "CD" in lines if seen else None))
    return tuple(found)


class FreeBsd:
    """A machine under FreeBSD. It shows no SPCR table to programs; devices and output: for tests."""

    def __init__(self, devices: Path = Path("/dev"), output: Callable[[Sequence[str]], str] | None = None) -> None:
        self._devices = devices
        self._output = output or _output

    def spcr(self) -> bytes | None:
        """None: the system keeps it to itself."""
        return None

    def vendor(self) -> str | None:
        """The maker of the system, as the loader read it from SMBIOS."""
        return self._output(("kenv", "-q", "smbios.system.maker")).strip() or None

    def uarts(self) -> Sequence[Uart]:
        """The lines that the driver made. Their addresses are the usual ones: the driver's hints number them so."""
        there = [number for number in NUMBERS if (self._devices / f"cuau{number}").exists()]
        return tuple(Uart(number, Port(number).address, _carrier(self._devices / f"cuau{number}")) for number in there)


class Unseen:
    """No machine at all: the system is an image, which will run elsewhere. The port must be given, or come from the BMC."""

    def spcr(self) -> bytes | None:
        """None."""
        return None

    def vendor(self) -> str | None:
        """None."""
        return None

    def uarts(self) -> Sequence[Uart]:
        """None seen."""
        return ()


def this_machine(root: Path = Path("/")) -> Machine:
    """The machine on which we run. root: where Linux's /sys and /proc are."""
    return FreeBsd() if platform.system() == "FreeBSD" else Linux(root)


def _output(argv: Sequence[str]) -> str:
    """What a program prints; "" where it finds nothing, which kenv tells by its exit status."""
    return subprocess.run(list(argv), check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=10).stdout


def _carrier(device: Path) -> bool | None:
    """Whether the line has carrier (TIOCMGET). None where a program has the line for itself, or it is no serial line."""
    try:
        line = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
    try:
        (lines,) = struct.unpack("i", fcntl.ioctl(line, termios.TIOCMGET, struct.pack("i", 0)))
        return bool(lines & termios.TIOCM_CD)
    except OSError:
        return None
    finally:
        os.close(line)

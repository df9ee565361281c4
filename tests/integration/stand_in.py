# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host's operating system in a folder: its serial ports are pseudo terminals, and what runs on them is said by files.

One of the ports may be wired to the simulated host of a BMC, so that what is written on it comes over Serial over LAN.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import termios
import threading
import tty
import typing as t

from tests.integration.simulator.conftest import Rack

RATE = 115200
#: GRUB legacy, whose kernel and login are set, and which itself says nothing on the port.
MENU = """\
default 0
timeout 5

title Debian
root (hd0,0)
kernel /vmlinuz root=/dev/sda1 ro console=tty0 console=ttyS1,115200n8
initrd /initrd.img
"""
INITTAB = "id:2:initdefault:\nT1:23:respawn:/sbin/getty -L ttyS1 115200 vt100\n"


class Host:
    """The folder of one host. The ports are made with `rate`, which stands for the one that the kernel gave them."""

    def __init__(self, folder: pathlib.Path, ports: t.Sequence[str] = ("ttyS0", "ttyS1"), rate: int = RATE) -> None:
        self.folder = folder
        self.masters: dict[str, int] = {}
        self._slaves: list[int] = []
        for name in ports:
            self._plug(name, rate)
        self.says()

    def _plug(self, name: str, rate: int) -> None:
        master, slave = os.openpty()
        tty.setraw(slave)
        settings = termios.tcgetattr(slave)
        settings[4] = settings[5] = getattr(termios, f"B{rate}")
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        device = self.folder / "dev" / name
        device.parent.mkdir(parents=True, exist_ok=True)
        device.symlink_to(os.ttyname(slave))
        self.write(f"sys/class/tty/{name}/type", "4\n")
        self.masters[name] = master
        # Kept open: without it, the other end would read an error once the module has left.
        self._slaves.append(slave)

    def write(self, path: str, text: str) -> None:
        """One of the host's files."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def says(self, cmdline: str = "ro console=tty0 console=ttyS1,115200n8", active: str = "tty0 ttyS1", getty: str | None = "ttyS1") -> None:
        """What runs on its consoles."""
        self.write("proc/cmdline", f"BOOT_IMAGE=/vmlinuz {cmdline}\n")
        self.write("sys/class/tty/console/active", f"{active}\n")
        self.write("proc/1/cmdline", "/sbin/init\0")
        self.write("proc/7/cmdline", "" if getty is None else f"/sbin/agetty\0-o\0-p -- \\u\0--keep-baud\0{getty}\0vt220\0")

    def rate(self, name: str) -> int:
        """Code of the rate that a port has now."""
        return int(termios.tcgetattr(self._slaves[list(self.masters).index(name)])[5])

    def hold(self, name: str) -> None:
        """Flow control: nothing goes out any more."""
        termios.tcflow(self._slaves[list(self.masters).index(name)], termios.TCOOFF)

    def close(self) -> None:
        for file in (*self._slaves, *self.masters.values()):
            os.close(file)


class Wires:
    """Carries what hosts write on a port to the BMCs that they are wired to; what is written on the others is dropped."""

    def __init__(self, rack: Rack) -> None:
        self._rack = rack
        self._wired: dict[int, str | None] = {}
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        #: All that was written, by host and port.
        self.written: dict[tuple[str, str], bytes] = {}
        self._names: dict[int, tuple[str, str]] = {}

    def connect(self, bmc: str, host: Host, port: str | None) -> None:
        """Before `start`."""
        for name, master in host.masters.items():
            self._wired[master] = bmc if name == port else None
            self._names[master] = (bmc, name)

    def __enter__(self) -> Wires:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._stopped)
        self._thread.join()
        os.close(self._stop)

    def _carry(self) -> None:
        while True:
            ready = select.select([self._stop, *self._wired], [], [])[0]
            if self._stop in ready:
                return
            for master in ready:
                data = b""
                with contextlib.suppress(OSError):  # the host was closed
                    data = os.read(master, 4096)
                bmc = self._wired[master]
                key = self._names[master]
                self.written[key] = self.written.get(key, b"") + data
                if bmc is not None:
                    self._rack.ask("print", bmc, text=data.decode("latin-1"))

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_sim's `chassis_control`: the power, reset and boot device of a server that is a QEMU.

    chassis.py FOLDER QMP get NAME...          prints NAME:VALUE for each
    chassis.py FOLDER QMP set NAME VALUE ...   does each

QMP is QEMU's monitor, a socket of its own for this program. QEMU always runs; a server that is off is one that is stopped, and gets a
reset before it goes on. FOLDER keeps `boot`, the device of the next boot, and `booted`, that of the last one. ipmi_sim serves
nobody while this runs, so it imports little.
"""

from __future__ import annotations

import json
import pathlib
import socket
import sys
import typing as t

#: Seconds that QEMU's monitor may take to answer.
_PATIENCE = 10.0
#: What QEMU calls the boot devices that ipmi_sim knows; all others are the disk.
_DEVICES: t.Final = {"pxe": "n", "cdrom": "d"}
#: QEMU's states of a server whose power is on.
_ON: t.Final = ("running", "suspended", "guest-panicked", "watchdog")


class Monitor:
    """QEMU's monitor."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_PATIENCE)
        self._socket.connect(path)
        self._lines = self._socket.makefile("rw", encoding="utf-8")
        self._lines.readline()
        self("qmp_capabilities")

    def __call__(self, command: str, **arguments: str) -> t.Any:
        """Execute a command; what it returns."""
        self._lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._lines.flush()
        for line in self._lines:
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise SystemExit(f"{command}: {answer['error']}")
        raise SystemExit(f"{command}: QEMU is gone")

    @property
    def on(self) -> bool:
        """Whether the power is on."""
        return self("query-status")["status"] in _ON


class Chassis:
    """The server as its BMC sees it."""

    def __init__(self, folder: pathlib.Path, monitor: Monitor) -> None:
        self._folder, self._monitor = folder, monitor

    def get(self, name: str) -> str:
        """A value that ipmi_sim asks for."""
        if name == "power":
            return str(int(self._monitor.on))
        if name == "boot":
            return (self._folder / "boot").read_text(encoding="ascii").strip()
        raise SystemExit(f"there is no {name}")

    def set(self, name: str, value: str) -> None:
        """What ipmi_sim wants done. A server that is off cannot be reset or shut down."""
        if name in ("boot", "identify"):
            (self._folder / name).write_text(value + "\n", encoding="ascii")
            return
        on = self._monitor.on
        if name == "power" and value == "1" and not on:
            self._start()
            self._monitor("cont")
        elif name == "power" and value == "0" and on:
            self._monitor("stop")
        elif name == "reset" and on:
            self._start()
        elif name == "shutdown" and on:
            self._monitor("system_powerdown")

    def _start(self) -> None:
        """From the firmware on, from the device that is set; the one after this from the disk again."""
        device = self.get("boot")
        self._monitor("human-monitor-command", **{"command-line": f"boot_set {_DEVICES.get(device, 'c')}"})
        self._monitor("system_reset")
        (self._folder / "booted").write_text(device + "\n", encoding="ascii")
        (self._folder / "boot").write_text("none\n", encoding="ascii")


def main(folder: str, monitor: str, operation: str, *words: str) -> None:
    """Do what the command line says."""
    chassis = Chassis(pathlib.Path(folder), Monitor(monitor))
    if operation == "get":
        for name in words:
            print(f"{name}:{chassis.get(name)}")
    else:
        for name, value in zip(words[::2], words[1::2], strict=True):
            chassis.set(name, value)


if __name__ == "__main__":
    main(*sys.argv[1:])

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login of systemd on a serial port.

systemd's generator starts a getty on the kernel's own console at each boot, unless systemd.getty_auto=no. An enabled one starts without it
too, and right away. Its agetty keeps the rate that the port has, so that no rate is written unless somebody fixed another one.
"""

from __future__ import annotations

import os
import re

from ._init import Init, init_of
from ._model import Command, FileChange, Layer, PartPlan, Wish
from ._part import Refused, System

_UNITS = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
_EXEC_START = re.compile(r"^ExecStart[ \t]*=[ \t]*(.*)$", re.MULTILINE)
_DROP_IN = """\
# Written by Ansible (lightsout.bmc.os_console): the rate of the serial console.
[Service]
ExecStart=
ExecStart=-{agetty} -o '-p -- \\\\u' --noclear {bit_rate} %I $TERM
"""
_NO_LOGIN = """\
# Written by Ansible (lightsout.bmc.os_console): no login on the serial console, by a condition that never holds.
[Unit]
ConditionPathExists=!/
"""


class SystemdGetty:
    """See `Part`."""

    name = "systemd_getty"
    layer = Layer.LOGIN

    def applies(self, system: System) -> bool:
        """systemd is the init, and brings the template of the unit along."""
        return init_of(system) is Init.SYSTEMD and any(system.read(f"{folder}/serial-getty@.service") for folder in _UNITS)

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """The getty of the port enabled, and at the rate; or never started."""
        unit = f"serial-getty@{wish.port.linux}.service"
        if wish.login:
            self._look_at_mask(system, unit)
        files = self._drop_in(system, wish, unit)
        link = f"/etc/systemd/system/getty.target.wants/{unit}"
        enable = wish.login and not system.glob(link)
        notes = _others(system, unit)
        systemctl = system.program("systemctl")
        if systemctl is None and system.runs:
            raise Refused(f"{unit} cannot be enabled: systemctl is not there")
        if enable and systemctl is None:
            notes += (f"{unit} is not enabled, for there is no systemctl; systemd starts it on the kernel's console",)
            enable = False
        commands = _commands(systemctl or "", unit, wish, enable=enable, files=bool(files))
        if not system.runs or not system.is_directory("/run/systemd/system"):
            commands = commands[:1] if enable else ()
        elif wish.login and not system.glob(f"/dev/{wish.port.linux}"):
            commands = tuple(command for command in commands if "--no-block" not in command.argv)
        return PartPlan(files=files, commands=commands, generated=(link,) if commands else (), notes=notes)

    @staticmethod
    def _look_at_mask(system: System, unit: str) -> None:
        """Raises Refused for a unit that somebody masked: that is never by accident."""
        for name in (unit, "serial-getty@.service"):
            path = f"/etc/systemd/system/{name}"
            if system.glob(path) and not (system.read(path) or "").strip():
                raise Refused(f"{name} is masked ({path} is empty, or a link to /dev/null); unmask it, or say login=false")

    def _drop_in(self, system: System, wish: Wish, unit: str) -> tuple[FileChange, ...]:
        """A drop-in where the unit would speak at another rate than the kernel, and one where it shall not start at all."""
        path = f"/etc/systemd/system/{unit}.d/zz-serial-console.conf"
        before = system.read(path)
        command = _exec_start(system, unit, without=path)
        fits = "--keep-baud" in command or re.search(rf"(?<![0-9]){wish.bit_rate}(?![0-9,])", command)
        after = None if fits else _DROP_IN.format(agetty=system.program("agetty") or "/sbin/agetty", bit_rate=wish.bit_rate)
        if not wish.login:
            after = _NO_LOGIN
        return () if before == after else (FileChange(path, before, after),)


def _commands(systemctl: str, unit: str, wish: Wish, *, enable: bool, files: bool) -> tuple[Command, ...]:
    """What a running systemd is asked for. Without waiting: the unit waits for its device, which a wrong port has not."""
    found = [Command((systemctl, "enable", unit), f"Enable {unit}")] if enable else []
    if files:
        found.append(Command((systemctl, "daemon-reload"), "Let systemd read its units again"))
        verb = "restart" if wish.login else "stop"
        found.append(Command((systemctl, "--no-block", verb, unit), f"{verb.capitalize()} {unit}"))
    elif enable:
        found.append(Command((systemctl, "--no-block", "start", unit), f"Start {unit}"))
    return tuple(found)


def _exec_start(system: System, unit: str, *, without: str) -> str:
    """What the unit runs, by its file and the drop-ins of others. An empty ExecStart= takes back what came before."""
    names = (unit, "serial-getty@.service")
    first = next(text for name in names for folder in _UNITS if (text := system.read(f"{folder}/{name}")))
    drop_ins = {}
    for name in reversed(names):
        for folder in reversed(_UNITS):
            drop_ins.update({os.path.basename(path): path for path in system.glob(f"{folder}/{name}.d/*.conf") if path != without})
    texts = [first] + [system.read(drop_ins[name]) or "" for name in sorted(drop_ins)]
    lines: list[str] = []
    for line in (line for text in texts for line in _EXEC_START.findall(text)):
        lines = [*lines, line] if line.strip() else []
    return "\n".join(lines)


def _others(system: System, unit: str) -> tuple[str, ...]:
    """Gettys that are enabled on other serial ports. They stay: a port may have a terminal of its own."""
    found = [os.path.basename(path) for path in system.glob("/etc/systemd/system/getty.target.wants/serial-getty@ttyS*.service")]
    return tuple(f"{name} is enabled too, and stays" for name in found if name != unit)

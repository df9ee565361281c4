# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the system that runs now has for consoles, whatever its files say."""

from __future__ import annotations

import dataclasses
import re

from . import _kernel_arguments
from ._model import Wish
from ._system import RealSystem

_SERIAL_TTY = re.compile(r"(?:/dev/)?(ttyS\d+|ttyu\d+|tty[abcd])$")


@dataclasses.dataclass(frozen=True)
class Running:
    """The consoles of now.

    cmdline: all arguments that the kernel was started with, None where they are not known (another system than Linux, or a tree of files).
    active: the consoles that the kernel writes on, the last one being /dev/console. logins: the serial ports where a getty runs.
    """

    cmdline: tuple[str, ...] | None = None
    active: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()

    @property
    def cmdline_consoles(self) -> tuple[str, ...]:
        """The consoles that the kernel was told, in their order."""
        return _kernel_arguments.consoles(self.cmdline or ())

    def differs(self, wish: Wish) -> bool:
        """Whether this kernel was started with other consoles than those of the wish. False where it is not known."""
        if self.cmdline is None:
            return False
        consoles = tuple(token for token in self.cmdline if token not in _kernel_arguments.without_consoles(self.cmdline))
        last = self.cmdline_consoles[-1:]
        return consoles != _kernel_arguments.wanted_consoles(wish) or last != consoles[-1:]


def look(system: RealSystem) -> Running:
    """Ask the kernel. A tree of files has nothing that runs."""
    if not system.runs:
        return Running()
    cmdline = system.read("/proc/cmdline")
    active = system.read("/sys/class/tty/console/active") or ""
    return Running(
        cmdline=None if cmdline is None else tuple(cmdline.split()),
        active=tuple(active.split()),
        logins=_logins(system),
    )


def _logins(system: RealSystem) -> tuple[str, ...]:
    """The serial ports that some getty was started for, by the command lines of all processes."""
    found = set()
    for path in system.glob("/proc/[0-9]*/cmdline"):
        # None: the process ended meanwhile.
        words = (system.read(path) or "").split("\0")
        if "getty" in words[0].rpartition("/")[2]:
            # "-" is the line that systemd opened for it.
            lines = [system.real(f"{path[:-7]}fd/0")] if "-" in words else words[1:]
            found |= {match[1] for match in map(_SERIAL_TTY.match, lines) if match}
    return tuple(sorted(found))

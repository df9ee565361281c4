# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operating system's serial console is, and what a part of the system changes for it.

No I/O, and no Ansible. A part (the loader, the kernel's arguments, the login) reads files and gives changes; the engine applies them.
"""

from __future__ import annotations

import dataclasses
import enum


class Layer(enum.Enum):
    """Which program speaks on the port, in the order of a boot."""

    LOADER = "loader"
    KERNEL = "kernel"
    LOGIN = "login"


class GrubSerial(enum.Enum):
    """Whether GRUB speaks on the port itself. Firmware that redirects its text would show the menu twice."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclasses.dataclass(frozen=True)
class Port:
    """A serial port of a PC.

    number: 0 to 3, as in ttyS0 (COM1) to ttyS3 (COM4).
    """

    number: int

    @property
    def linux(self) -> str:
        """Name of the device on Linux, without /dev: ttyS1."""
        return f"ttyS{self.number}"

    @property
    def freebsd(self) -> str:
        """Name of the terminal in FreeBSD's /etc/ttys: ttyu1."""
        return f"ttyu{self.number}"

    @property
    def illumos(self) -> str:
        """Name of the console in illumos: ttyb for the second port."""
        return "tty" + "abcd"[self.number]

    @property
    def address(self) -> int:
        """I/O address of the port, such as 2F8h for COM2."""
        return (0x3F8, 0x2F8, 0x3E8, 0x2E8)[self.number]


@dataclasses.dataclass(frozen=True)
class Wish:
    """What the serial console shall be.

    bit_rate: bit/s. screen: the kernel also writes on the screen (console=tty0). quiet: None leaves "quiet" and "rhgb" as they are.
    root_login: None leaves /etc/securetty as it is.
    """

    port: Port
    bit_rate: int
    screen: bool = True
    grub_serial: GrubSerial = GrubSerial.AUTO
    quiet: bool | None = None
    login: bool = True
    root_login: bool | None = None


@dataclasses.dataclass(frozen=True)
class Command:
    """A program of the system's own that is called after files were written.

    argv: never through a shell. why: for messages.
    """

    argv: tuple[str, ...]
    why: str


@dataclasses.dataclass(frozen=True)
class FileChange:
    """One file before and after. after None removes it; before None says that there is none yet.

    path: absolute, as the system itself sees it. mode: for a file that is made; one that exists keeps its own.
    """

    path: str
    before: str | None
    after: str | None
    mode: int = 0o644


@dataclasses.dataclass(frozen=True)
class PartPlan:
    """What one part of the system needs.

    files: in the order of writing. commands: after all files. generated: files that the commands write anew (grub.cfg); they are
    put back as they were if a command refuses. reboot: it counts only after the next boot. notes: what a person should know.
    """

    files: tuple[FileChange, ...] = ()
    commands: tuple[Command, ...] = ()
    generated: tuple[str, ...] = ()
    reboot: bool = False
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.files or self.commands)

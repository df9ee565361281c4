# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's serial console: what BIOS, GRUB, kernel and a tiny shell print, and what they read.

Log in as `root` with the password `simulator`. Without a listener the output is lost, as on a
real serial line.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from .clock import Clock, Timer

USER = "root"
PASSWORD = "simulator"
GRUB_SECONDS = 2
ERASE = (0x08, 0x7F)
INTERRUPT = 0x03
END_OF_INPUT = 0x04

Line = tuple[float, str]  # seconds to wait before it, text

BIOS: tuple[Line, ...] = (
    (0.05, "Lightsout simulated BIOS 1.0"),
    (0.05, "CPU: 2 processors detected, memory 16384 MB OK"),
)
SETUP: tuple[Line, ...] = ((0.05, "Entering setup"), (0.05, "BIOS Setup Utility  (ESC to exit)"))
NETWORK: tuple[Line, ...] = (
    (0.1, ">>Start PXE over IPv4."),
    (0.1, "  Station IP address is 192.0.2.10"),
    (0.1, "  Downloaded NBP file. Booting the installer."),
)
OTHER_DEVICE = "Booting from {device}"
KERNEL: tuple[Line, ...] = (
    (0.1, "[    0.000000] Linux version 6.1.0-sim (simulator) #1 SMP"),
    (0.05, "[    0.000000] Command line: ro console=ttyS0,115200n8"),
    (0.05, "[    0.412001] Serial: 8250/16550 driver, 4 ports"),
    (0.05, "[    1.204332] systemd[1]: Reached target multi-user.target"),
)
#: How a boot ends that stops, by the fault `boot_stops`.
STOPS: dict[str, str] = {
    "no_boot_device": "No bootable device -- insert boot disk and press any key",
    "loader": "error: unknown filesystem.\r\nEntering rescue mode...\r\ngrub rescue> ",
    "panic": "[    1.304332] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
    "emergency": "You are in emergency mode.\r\nGive root password for maintenance\r\n(or press Control-D to continue): ",
}
SYSRQ = "sysrq: HELP : loglevel(0-9) reboot(b) sync(s) show-memory-usage(m)"


class Stage(Enum):
    """Who reads the keyboard."""

    OFF = "off"
    BIOS = "bios"
    SETUP = "setup"
    GRUB = "grub"
    KERNEL = "kernel"
    LOGIN = "login"
    PASSWORD = "password"
    SHELL = "shell"


OPERATING_SYSTEM = (Stage.KERNEL, Stage.LOGIN, Stage.PASSWORD, Stage.SHELL)


class Console:
    """A serial port with a host at the other end."""

    def __init__(self, clock: Clock, hostname: str) -> None:
        self.hostname = hostname
        self.stage = Stage.OFF
        self.listener: Callable[[bytes], None] | None = None
        self.reboot: Callable[[], None] = lambda: None
        self.halt: Callable[[], object] = lambda: None
        self.silent: Callable[[], bool] = lambda: False  # whether the operating system leaves the port alone
        self.stops: Callable[[], str | None] = lambda: None  # one of STOPS, where the boot is to end
        self._clock = clock
        self._timer: Timer | None = None
        self._line = ""
        self._user = ""

    # --- what the power machine calls

    def running(self) -> None:
        """The host has been up for long: it waits at the login prompt."""
        self.stage = Stage.LOGIN

    def booting(self) -> None:
        """Power on or reset."""
        self.stage = Stage.BIOS
        self._line = ""
        self._print("\x1b[2J\x1b[H")
        self._play(BIOS, lambda: None)

    def booted(self, device: str, *, efi: bool) -> None:
        """The BIOS has read the boot options."""
        if device == "setup":
            self._play(SETUP, lambda: self._go(Stage.SETUP))
        elif device == "network":
            self._play(NETWORK, self._kernel)
        elif self.stops() in ("no_boot_device", "loader"):
            self._stuck()
        elif device in ("default", "disk"):
            self._play(((0.05, "Booting from disk, " + ("UEFI" if efi else "legacy")),), self._grub)
        else:
            self._play(((0.05, OTHER_DEVICE.format(device=device)),), self._kernel)

    def shutting_down(self) -> None:
        """The operating system got the power button."""
        self._say("systemd-logind[1]: Power key pressed.")
        self._say("[   99.100000] reboot: Power down")

    def interrupted(self) -> None:
        """The operating system got a diagnostic interrupt."""
        self._say("[   98.000000] Uhhuh. NMI received for unknown reason 3d on CPU 0.")

    def power_lost(self) -> None:
        self._stop()
        self.stage = Stage.OFF
        self._line = ""

    # --- what the serial line carries

    def print(self, text: str) -> None:
        """A program on the host writes on the port, latin-1; a host that is off has none."""
        if self.stage is not Stage.OFF:
            self._print(text)

    def receive(self, data: bytes) -> None:
        """Characters from the console."""
        if self.silent() and self.stage in OPERATING_SYSTEM:
            return
        for byte in data:
            self._key(byte)

    def send_break(self) -> None:
        """A break on the line: the kernel's magic key."""
        if self.stage in (Stage.LOGIN, Stage.PASSWORD, Stage.SHELL):
            self._say(SYSRQ)

    def _key(self, byte: int) -> None:
        if self.stage is Stage.GRUB:
            self._stop()
            if byte in b"\r\n":
                self._kernel()
        elif self.stage is Stage.SETUP and byte == 0x1B:
            self.reboot()
        elif self.stage in (Stage.LOGIN, Stage.PASSWORD, Stage.SHELL):
            self._edit(byte)

    def _edit(self, byte: int) -> None:
        if byte in b"\r\n":
            line, self._line = self._line, ""
            self._print("\r\n")
            self._entered(line)
        elif byte in ERASE:
            if self._line:
                self._line = self._line[:-1]
                self._echo("\b \b")
        elif byte == INTERRUPT:
            self._line = ""
            self._print("^C\r\n")
            self._prompt()
        elif byte == END_OF_INPUT and not self._line and self.stage is Stage.SHELL:
            self._print("\r\n")
            self._log_out()
        elif byte >= 0x20:
            self._line += chr(byte)
            self._echo(chr(byte))

    def _entered(self, line: str) -> None:
        if self.stage is Stage.LOGIN:
            self._user = line.strip()
            self.stage = Stage.PASSWORD if self._user else Stage.LOGIN
        elif self.stage is Stage.PASSWORD:
            good = (self._user, line) == (USER, PASSWORD)
            self.stage = Stage.SHELL if good else Stage.LOGIN
            self._print("" if good else "\r\nLogin incorrect\r\n")
        else:
            self._run(line.strip())
            return
        self._prompt()

    def _run(self, line: str) -> None:
        name, _space, rest = line.partition(" ")
        if name == "exit":
            self._log_out()
            return
        if name in ("reboot", "poweroff"):
            self._say(f"Broadcast message: the system will {name} now")
            (self.reboot if name == "reboot" else self.halt)()
            return
        answers = {
            "": list,
            "echo": lambda: [rest],
            "hostname": lambda: [self.hostname],
            "uname": lambda: ["Linux"],
            "whoami": lambda: [USER],
            "help": lambda: ["echo exit help hostname poweroff reboot seq uname whoami"],
            "seq": lambda: [str(n) for n in range(1, int(rest) + 1)] if rest.isdecimal() else [],
        }
        for text in answers.get(name, lambda: [f"-sh: {name}: not found"])():
            self._say(text)
        self._prompt()

    def _log_out(self) -> None:
        self.stage = Stage.LOGIN
        self._prompt()

    # --- the script

    def _go(self, stage: Stage) -> None:
        self.stage = stage

    def _grub(self) -> None:
        self.stage = Stage.GRUB
        self._say("GNU GRUB  version 2.06")
        self._say(" *Debian GNU/Linux")
        self._timer = self._clock.call_later(GRUB_SECONDS, self._kernel)

    def _kernel(self) -> None:
        self.stage = Stage.KERNEL
        self._play(KERNEL, self._up)

    def _stuck(self) -> None:
        """Nobody reads the keyboard any more."""
        self._print("\r\n" + STOPS[self.stops() or ""])

    def _up(self) -> None:
        if self.stops():
            self._stuck()
            return
        self.stage = Stage.LOGIN
        self._say("")
        self._say(f"Debian GNU/Linux 12 {self.hostname} ttyS0")
        self._say("")
        self._prompt()

    def _play(self, lines: tuple[Line, ...], then: Callable[[], None]) -> None:
        self._stop()
        if not lines:
            then()
            return

        def say() -> None:
            self._timer = None
            self._say(lines[0][1])
            self._play(lines[1:], then)

        self._timer = self._clock.call_later(lines[0][0], say)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _prompt(self) -> None:
        prompts = {
            Stage.LOGIN: f"{self.hostname} login: ",
            Stage.PASSWORD: "Password: ",
            Stage.SHELL: f"root@{self.hostname}:~# ",
        }
        self._print(prompts.get(self.stage, ""))

    def _say(self, text: str) -> None:
        self._print(text + "\r\n")

    def _echo(self, text: str) -> None:
        if self.stage is not Stage.PASSWORD:
            self._print(text)

    def _print(self, text: str) -> None:
        if self.silent() and self.stage in OPERATING_SYSTEM:
            return
        if text and self.listener is not None:
            self.listener(text.encode("latin-1", "replace"))

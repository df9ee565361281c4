# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What a booting host prints, as a table: how far it has come, and what stops it.

A stage is known by the first text that only it prints. A stage that prints nothing, such as a loader without a serial
terminal, is passed over.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A part of the boot. `signs` are regular expressions, `^` and `$` at the ends of lines."""

    name: str
    signs: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.signs or any(re.search(sign, "", re.MULTILINE) for sign in self.signs):
            raise ValueError(f"the signs of {self.name} are none, or match nothing at all")


#: In the order of a boot.
STAGES: t.Final = (
    Stage(
        "firmware",
        (
            r"\bBIOS\b",
            r"\bUEFI\b",
            r"American Megatrends|\bAptio\b",
            r"\bSeaBIOS\b",
            r"\bBdsDxe\b|\bEDK ?(?:II|2)\b",
            r"\bPhoenix(?:BIOS| Technologies)|InsydeH2O",
            r"(?i)press .{1,40} (?:to enter|for|to run) (?:setup|system setup|boot menu)",
            r"(?i)initializing (?:memory|firmware interfaces|hardware)",
            r"(?i)^\s*(?:>>)?start pxe over ipv[46]|\biPXE\b|PXE-[EM]\d\d",
        ),
    ),
    Stage(
        "loader",
        (
            r"GNU GRUB|Welcome to GRUB!|^GRUB loading",
            r"\b(?:ISO|PXE|SYS|EXT)LINUX\b",
            r"^Loading (?:Linux|initial ramdisk)\b",
            r"(?i)bootstrap loader|BTX loader",
            r"Windows Boot Manager",
            r"\bsystemd-boot\b",
        ),
    ),
    Stage(
        "kernel",
        (
            r"\bLinux version \d",
            r"^\[ +0\.0{6}\]",
            r"^Decompressing Linux",
            r"^Copyright \(c\) 1992-\d{4} The FreeBSD Project",
            r"^(?:SunOS|OmniOS|illumos)\b.*(?:Release|Version|v1?1\.)",
            r"\bVMware ESXi \d",
        ),
    ),
    Stage(
        "login",
        (
            r"^(?!Last )(?:\S+ )?[Ll]ogin: ?",
            r"^SAC>",  # Windows' special administration console
        ),
    ),
)

#: What ends a boot before the login, unless somebody does something.
TROUBLES: t.Final = (
    Stage("kernel_panic", (r"Kernel panic - not syncing.*", r"^panic: .+")),
    Stage("no_boot_device", (r"(?i)no (?:bootable|boot) device.*", r"(?i)operating system not found", r"(?i)non-system disk.*")),
    Stage("loader_stopped", (r"^grub(?: rescue)?> ",)),
    Stage(
        "emergency_shell",
        (r"You are in emergency mode.*", r"(?i)give root password for maintenance", r"^\(initramfs\) ", r"^dracut:/# "),
    ),
)

#: Characters of the stream that are looked at again with those that come next.
_OVERLAP = 400


def _first(stage: Stage, text: str, start: int) -> re.Match[str] | None:
    """The earliest sign of it in a text from `start` on; what is before tells where lines begin."""
    found = [match for match in (re.compile(sign, re.MULTILINE).search(text, start) for sign in stage.signs) if match]
    return min(found, key=lambda match: match.start(), default=None)


class BootWatch:
    """Follows one boot through the stream that a console prints."""

    def __init__(self) -> None:
        #: Seconds at which a stage was first seen; those not seen are missing.
        self.times: dict[str, float] = {}
        #: What stopped it, and the text that says so.
        self.trouble: tuple[str, str] | None = None
        self._text = ""
        self._start = 0  # of what is looked at; one character stays before it
        self._reached = -1

    @property
    def done(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self.trouble is not None or STAGES[-1].name in self.times

    def feed(self, text: str, at: float) -> list[str]:
        """Take what came at a time; the stages that it shows for the first time."""
        self._text += text
        new = []
        while not self.done:
            found = self._next()
            if found is None:
                break
            number, end = found
            self._reached = number
            self.times[STAGES[number].name] = at
            new.append(STAGES[number].name)
            self._forget(end)
        if not self.done:
            self._look_for_trouble()
        self._forget(len(self._text) - _OVERLAP)
        return new

    def _forget(self, end: int) -> None:
        """What was before the place `end` of the text; but for the last of it."""
        if end > self._start:
            self._text, self._start = self._text[end - 1 :], 1

    def _next(self) -> tuple[int, int] | None:
        """The stage beyond those reached whose sign comes first in the text, and where the sign ends."""
        signs = []
        for number in range(self._reached + 1, len(STAGES)):
            match = _first(STAGES[number], self._text, self._start)
            if match is not None:
                signs.append((match.start(), number, match.end()))
        if not signs:
            return None
        _start, number, end = min(signs)
        return number, end

    def _look_for_trouble(self) -> None:
        for trouble in TROUBLES:
            match = _first(trouble, self._text, self._start)
            if match is not None:
                self.trouble = (trouble.name, match[0].strip())
                return

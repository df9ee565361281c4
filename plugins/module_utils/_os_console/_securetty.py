# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root's right to log in on the serial port: /etc/securetty, by choice only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ._init import init_of
from ._model import FileChange, Layer, PartPlan, Wish
from ._part import Refused, System

SECURETTY = "/etc/securetty"
_PAM = re.compile(r"^[ \t]*-?auth[ \t].*\bpam_securetty\.so\b(?P<options>.*)$", re.MULTILINE)


class Securetty:
    """The port's line in the file, in or out. Without the wish nothing is touched."""

    name = "securetty"
    layer = Layer.LOGIN

    def applies(self, system: System) -> bool:
        """Whether it is a Linux whose logins are known."""
        return init_of(system) is not None

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """What has to change in the file, and what else decides. Raises Refused where the file could keep nobody out."""
        if wish.root_login is None:
            return PartPlan()
        asking = [found for path in ("/etc/pam.d/login", "/etc/pam.d/remote") for found in _PAM.finditer(system.read(path) or "")]
        before = system.read(SECURETTY)
        if before is None or not asking:
            return _open(wish, "there is no such file" if before is None else "/etc/pam.d/login does not ask for it (pam_securetty)")
        device = wish.port.linux
        listed = [line for line in before.splitlines() if _device(line) == device]
        after = before
        if wish.root_login and not listed:
            end = "\r\n" if "\r\n" in before else "\n"
            after += ("" if not before or before.endswith("\n") else end) + device + end
        if not wish.root_login:
            after = "".join(line for line in before.splitlines(keepends=True) if _device(line) != device)
        files = (FileChange(SECURETTY, before, after),) if after != before else ()
        return PartPlan(files, notes=_notes(wish, asking))


def _device(line: str) -> str:
    return line.split("#")[0].strip()


def _open(wish: Wish, why: str) -> PartPlan:
    """Root may log in on every port, as wished or not."""
    if not wish.root_login:
        raise Refused(f"{SECURETTY} cannot keep root from logging in on {wish.port.linux}: {why}")
    return PartPlan(notes=(f"{SECURETTY} has no say, so root may log in on every port: {why}",))


def _notes(wish: Wish, asking: Sequence[re.Match[str]]) -> tuple[str, ...]:
    """What decides besides the file."""
    if wish.root_login:
        return (f"hardening profiles remove serial ports from {SECURETTY} (restrict_serial_port_logins): exclude that rule, or they undo this",)
    if any("noconsole" not in found["options"].split() for found in asking):
        return (f"{wish.port.linux} is the kernel's console, where pam_securetty lets root in all the same: give it the option noconsole",)
    return ()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which program of a system is its init: the first process, which starts the logins."""

from __future__ import annotations

import enum
import re

from ._part import System

_ENTRY = re.compile(r"^[^#\s:][^:\s]{0,3}:[^:]*:(?P<action>\w+):", re.MULTILINE)


class Init(enum.Enum):
    """The first process."""

    SYSTEMD = "systemd"
    UPSTART = "upstart"
    SYSV = "sysvinit"


def init_of(system: System) -> Init | None:
    """The init of a system, None where it is none of these.

    A system can have the files of several: what runs counts, and else systemd is what replaced the others, whose files are left over.
    """
    if _systemd(system):
        return Init.SYSTEMD
    if system.program("initctl") and system.glob("/etc/init/rc*.conf"):
        return Init.UPSTART
    actions = _ENTRY.findall(system.read("/etc/inittab") or "")
    # Where another init is in use, at most the default run level is left in the file. BusyBox's file has no run levels at all.
    return Init.SYSV if "initdefault" in actions and len(actions) > 1 else None


def _systemd(system: System) -> bool:
    if system.runs and system.is_directory("/run/systemd/system"):
        return True
    programs = ("/lib/systemd/systemd", "/usr/lib/systemd/systemd")
    # Debian's sysvinit-core brings this file, and cannot be installed beside systemd as init.
    return any(map(system.glob, programs)) and not system.glob("/usr/share/sysvinit/inittab")

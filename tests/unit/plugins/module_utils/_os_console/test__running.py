# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what runs is what was set."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console import _running
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._running import Running
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._system import RealSystem
from tests.unit.plugins.module_utils._os_console.systems import COM2


@pytest.mark.parametrize(
    ("cmdline", "differs"),
    [
        ("BOOT_IMAGE=/vmlinuz ro console=tty0 console=ttyS1,115200n8 quiet", False),
        ("console=hvc0 console=tty0 console=ttyS1,115200n8", False),
        ("ro quiet", True),
        ("console=ttyS1,115200n8", True),
        ("console=ttyS1,115200n8 console=tty0", True),
        ("console=tty0 console=ttyS1,9600n8", True),
        ("console=ttyS0 console=tty0 console=ttyS1,115200n8", True),
        ("console=tty0 console=ttyS1,115200n8 console=hvc0", True),
    ],
)
def test_other_consoles_than_those_of_the_wish_need_a_restart(cmdline: str, differs: bool) -> None:
    assert Running(tuple(cmdline.split())).differs(COM2) is differs


def test_where_nothing_is_known_nothing_is_claimed() -> None:
    assert not Running().differs(COM2) and Running().cmdline_consoles == ()


class Live(RealSystem):
    """A system in memory that says that it runs."""

    files: dict[str, str] = {}

    @property
    def runs(self) -> bool:
        """Yes."""
        return True

    def read(self, path: str) -> str | None:
        """From memory."""
        return self.files.get(path)

    def real(self, path: str, *, follow: bool = True) -> str:
        """Process 11 has a serial line."""
        return {"/proc/11/fd/0": "/dev/ttyS2"}[path]

    def glob(self, pattern: str) -> list[str]:
        """All processes."""
        return [path for path in self.files if path.startswith("/proc/") and path[6].isdigit()]


def test_the_kernel_and_the_gettys_are_asked() -> None:
    system = Live("/")
    system.files = {
        "/proc/cmdline": "ro console=tty0 console=ttyS1\n",
        "/sys/class/tty/console/active": "tty0 ttyS1\n",
        "/proc/7/cmdline": "/sbin/agetty\0-o\0-p -- \\u\0--keep-baud\0115200,9600\0ttyS1\0vt220\0",
        "/proc/8/cmdline": "/sbin/agetty\0--noclear\0tty1\0",
        "/proc/11/cmdline": "/sbin/agetty\0--keep-baud\0115200,9600\0-\0vt220\0",
        "/proc/9/cmdline": "vi\0/dev/ttyS0\0",
        "/proc/10/cmdline": "",
    }
    found = _running.look(system)
    assert found.cmdline_consoles == ("console=tty0", "console=ttyS1")
    assert found.active == ("tty0", "ttyS1") and found.logins == ("ttyS1", "ttyS2")


def test_nothing_runs_from_a_folder(tmp_path: object) -> None:
    assert _running.look(RealSystem(str(tmp_path))) == Running()

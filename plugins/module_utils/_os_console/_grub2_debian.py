# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GRUB 2 on Debian, Ubuntu and what comes from them.

/etc/default/grub and then /etc/default/grub.d/*.cfg are read by a shell, in the order of their names. Our file comes last. It does not
append: it takes what all the others made of the variables (a cloud image's consoles, an administrator's), and leaves out the consoles
that it replaces. So what is written to the other files later still counts.
"""

from __future__ import annotations

import os

from . import _grub_cfg, _kernel_arguments, _shell_assignments
from ._model import FileChange, Layer, PartPlan, Wish
from ._part import Refused, System

_DEFAULT = "/etc/default/grub"
_FOLDER = "/etc/default/grub.d"
_OURS = f"{_FOLDER}/zz-serial-console.cfg"
_GRUB_CFG = "/boot/grub/grub.cfg"

#: Screens, and a PC's serial ports by name, number and address, as a shell matches them.
_REPLACED = (
    *(f"{name}{rest}" for name in ("ttyS", "tty") for rest in ("", '\\"', ",*", "[0-9]*")),
    "[0-9]*",
    "uart,*",
    "uart8250,*",
)

_DROP_IN = """\
# Written by Ansible (lightsout.bmc.os_console): the serial console. The files before this one are read first, and still count.
serial_console_words() (
    # The words of $2: consoles of other types ("consoles"), all but consoles ("others"), or both ("all").
    set -f
    for word in $2; do
        case $word in
        {replaced}) ;;
        console=*) [ "$1" = others ] || printf ' %s' "$word" ;;
        *) [ "$1" = consoles ] || printf ' %s' "$word" ;;
        esac
    done
)
GRUB_TERMINAL="{terminal}"
GRUB_SERIAL_COMMAND="{serial}"
GRUB_CMDLINE_LINUX="$(serial_console_words all "$GRUB_CMDLINE_LINUX")$(serial_console_words consoles "$GRUB_CMDLINE_LINUX_DEFAULT") {consoles}"
GRUB_CMDLINE_LINUX="${{GRUB_CMDLINE_LINUX# }}"
GRUB_CMDLINE_LINUX_DEFAULT="$(serial_console_words others "$GRUB_CMDLINE_LINUX_DEFAULT"){quiet}"
GRUB_CMDLINE_LINUX_DEFAULT="${{GRUB_CMDLINE_LINUX_DEFAULT# }}"
"""


class Grub2Debian:
    """See `Part`."""

    name = "grub2_debian"
    layer = Layer.LOADER

    def applies(self, system: System) -> bool:
        """/boot/grub2 is the others' folder."""
        return system.read(_DEFAULT) is not None and system.read(_GRUB_CFG) is not None

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """Our drop-in, and grub.cfg where it is not what the drop-in says."""
        _grub_cfg.refuse_others(system, [_GRUB_CFG])
        self._look_at_others(system)
        before, after = system.read(_OURS), drop_in(system, wish)
        files = (FileChange(_OURS, before, after),) if before != after else ()
        current = system.read(_GRUB_CFG) or ""
        if not files and _grub_cfg.is_as_wished(current, system, wish):
            return PartPlan()
        commands, generated = _grub_cfg.rebuild(system, _GRUB_CFG)
        return PartPlan(files=files, commands=commands, generated=generated, reboot=True, notes=_grub_cfg.notes(system, wish))

    def _look_at_others(self, system: System) -> None:
        """Raises Refused for files that a shell cannot read, and for ones that come after ours and say otherwise."""
        for path in [_DEFAULT, *system.glob(f"{_FOLDER}/*.cfg")]:
            if path == _OURS:
                continue
            try:
                names = {each.name for each in _shell_assignments.assignments(system.read(path) or "")}
            except _shell_assignments.NotUnderstood as error:
                raise Refused(f"{path}: {error}") from error
            ours = names & {"GRUB_TERMINAL", "GRUB_SERIAL_COMMAND", "GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"}
            if os.path.dirname(path) == _FOLDER and path > _OURS and ours:
                raise Refused(f"{path} is read after {_OURS} and sets {', '.join(sorted(ours))}; give it a name that comes earlier")


def drop_in(system: System, wish: Wish) -> str:
    """The text of our file."""
    # The kernel takes quotes around an argument, or its value, away.
    replaced = " | ".join(f"{start}{port}" for start in ("console=", 'console=\\"', '\\"console=') for port in _REPLACED)
    return _DROP_IN.format(
        replaced=replaced if wish.quiet is None else f"{replaced} | quiet | rhgb",
        terminal=_grub_cfg.terminal(system, wish),
        serial=_grub_cfg.serial_command(wish),
        consoles=_kernel_arguments.join(_kernel_arguments.wanted_consoles(wish)),
        quiet=" quiet" if wish.quiet else "",
    )

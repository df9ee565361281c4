# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/etc/default/grub where it is the only file that grub-mkconfig reads, as on Red Hat's and SUSE's systems: it is edited in place."""

from __future__ import annotations

import dataclasses

from . import _grub_cfg, _kernel_arguments, _shell_assignments
from ._model import FileChange, Wish
from ._part import Refused, System

PATH = "/etc/default/grub"
_LINUX = "GRUB_CMDLINE_LINUX"
_LINUX_DEFAULT = "GRUB_CMDLINE_LINUX_DEFAULT"


def plan(system: System, wish: Wish) -> tuple[FileChange, ...]:
    """The file with the console, none where it has it. Raises Refused for a file that a shell cannot read."""
    before = system.read(PATH) or ""
    try:
        wanted = _wanted(before, system, wish)
        after = _shell_assignments.put(before, wanted)
    except (_shell_assignments.NotUnderstood, ValueError) as error:
        raise Refused(f"{PATH}: {error}") from error
    return (FileChange(PATH, before, after),) if after != before else ()


def arguments(system: System) -> tuple[str, ...]:
    """The kernel's arguments that the file says, for all entries and for the default one. Raises Refused."""
    try:
        known = _shell_assignments.values([system.read(PATH) or ""], [_LINUX, _LINUX_DEFAULT])
        return _kernel_arguments.split(f"{known.get(_LINUX, '')} {known.get(_LINUX_DEFAULT, '')}")
    except (_shell_assignments.NotUnderstood, ValueError) as error:
        raise Refused(f"{PATH}: {error}") from error


def _wanted(text: str, system: System, wish: Wish) -> dict[str, str]:
    """The variables and what they shall be. The default entry's come after those of all entries: consoles stand in the latter alone."""
    known = _shell_assignments.values([text], [_LINUX, _LINUX_DEFAULT])
    everywhere = _kernel_arguments.split(known.get(_LINUX, ""))
    default = _kernel_arguments.split(known.get(_LINUX_DEFAULT, ""))
    if wish.quiet and "quiet" in default:
        wish = dataclasses.replace(wish, quiet=None)
    moved = _kernel_arguments.without_consoles(_kernel_arguments.consoles(default))
    wanted = {
        _LINUX: _kernel_arguments.merge(everywhere + moved, wish),
        _LINUX_DEFAULT: tuple(token for token in _kernel_arguments.without_quiet(default, wish) if not token.startswith("console=")),
    }
    lines = {
        name: _kernel_arguments.join(tokens)
        for name, tokens in wanted.items()
        # The same tokens with other blanks between them stay as they stand.
        if tokens != (everywhere if name == _LINUX else default)
    }
    lines["GRUB_TERMINAL"] = _grub_cfg.terminal(system, wish)
    if _grub_cfg.speaks(system, wish):
        lines["GRUB_SERIAL_COMMAND"] = _grub_cfg.serial_command(wish)
    return lines

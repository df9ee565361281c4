# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GRUB 2 on SUSE's systems: /etc/default/grub, then grub2-mkconfig, as after each update of the kernel."""

from __future__ import annotations

from . import _grub_cfg, _grub_defaults, _shell_assignments
from ._model import Layer, PartPlan, Wish
from ._part import Refused, System

_GRUB_CFG = "/boot/grub2/grub.cfg"
#: Says which loader is installed.
_SYSCONFIG = "/etc/sysconfig/bootloader"
_KNOWN = ("grub2", "grub2-efi")


class Grub2Suse:
    """See `Part`."""

    name = "grub2_suse"
    layer = Layer.LOADER

    def applies(self, system: System) -> bool:
        """GRUB 2, and SUSE's own choice of loaders."""
        return all(system.read(path) is not None for path in (_SYSCONFIG, _grub_defaults.PATH, _GRUB_CFG))

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """/etc/default/grub, and grub.cfg where it is not what that says."""
        loader = _loader(system)
        if loader not in _KNOWN:
            raise Refused(f"{_SYSCONFIG} says that the loader is {loader!r}; known are {', '.join(_KNOWN)}")
        _grub_cfg.refuse_others(system, [_GRUB_CFG])
        files = _grub_defaults.plan(system, wish)
        if not files and _grub_cfg.is_as_wished(system.read(_GRUB_CFG) or "", system, wish):
            return PartPlan()
        commands, generated = _grub_cfg.rebuild(system, _GRUB_CFG)
        return PartPlan(files=files, commands=commands, generated=generated, reboot=True, notes=_grub_cfg.notes(system, wish))


def _loader(system: System) -> str:
    """LOADER_TYPE. Raises Refused where the file cannot be read as a shell does."""
    try:
        return _shell_assignments.values([system.read(_SYSCONFIG) or ""], ["LOADER_TYPE"]).get("LOADER_TYPE", "")
    except _shell_assignments.NotUnderstood as error:
        raise Refused(f"{_SYSCONFIG}: {error}") from error

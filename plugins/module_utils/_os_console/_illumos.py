# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""illumos (OmniOS, SmartOS and others with its loader): /boot/conf.d/serial. The system itself starts a login on its console."""

from __future__ import annotations

from . import _loader_conf
from ._model import Layer, PartPlan, Wish
from ._part import Refused, System

SERIAL = "/boot/conf.d/serial"


def _is_illumos(system: System) -> bool:
    return system.read("/boot/defaults/loader.conf") is not None and system.is_directory("/boot/solaris")


class IllumosLoader:
    """The loader's console, and through it the kernel's."""

    name = "illumos_loader"
    layer = Layer.KERNEL

    def applies(self, system: System) -> bool:
        """Whether it has illumos' loader."""
        return _is_illumos(system)

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """A file of its own with all of it, other files without what contradicts."""
        first = ("/boot/loader.conf", "/boot/loader.conf.local")
        files = (*first, *sorted({*system.glob("/boot/conf.d/*"), SERIAL}))
        changes, notes = _loader_conf.converge(system, files, SERIAL, wanted(wish))
        return PartPlan(changes, reboot=bool(changes), notes=notes)


class IllumosLogin:
    """Nothing to do, and nothing that could be done otherwise."""

    name = "illumos_login"
    layer = Layer.LOGIN

    def applies(self, system: System) -> bool:
        """Whether it has illumos' loader."""
        return _is_illumos(system)

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """Raises Refused for wishes against what the system does."""
        if not wish.login:
            raise Refused("illumos starts a login on its console by itself (svc:/system/console-login); login=false is not possible")
        if wish.root_login is not None:
            raise Refused("on illumos CONSOLE in /etc/default/login says where root may log in; set it there, and leave root_login unset")
        return PartPlan()


def wanted(wish: Wish) -> dict[str, str]:
    """The settings of loader.conf(5). console names all that show the loader, os_console the one that is the kernel's."""
    port = wish.port.illumos
    return {
        "boot_multicons": "YES" if wish.screen else "NO",
        "boot_serial": "YES",
        "comconsole_speed": str(wish.bit_rate),
        "os_console": port,
        "console": f"{port},text" if wish.screen else port,
        f"{port}-mode": f"{wish.bit_rate},8,n,1,-",
    }

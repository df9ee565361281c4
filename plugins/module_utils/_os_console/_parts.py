# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All parts that are known, in the order of a boot."""

from __future__ import annotations

from ._freebsd import FreeBsdBootBlocks, FreeBsdLoader, FreeBsdTtys
from ._grub2_debian import Grub2Debian
from ._grub2_redhat import Grub2Redhat
from ._grub2_suse import Grub2Suse
from ._grub_legacy import GrubLegacy
from ._illumos import IllumosLoader, IllumosLogin
from ._inittab import Inittab
from ._part import Part
from ._securetty import Securetty
from ._systemd_getty import SystemdGetty
from ._upstart import Upstart

#: A system is asked for each of them; more than one may apply (a loader, the kernel's arguments, a login).
PARTS: tuple[Part, ...] = (
    Grub2Debian(),
    Grub2Redhat(),
    Grub2Suse(),
    GrubLegacy(),
    FreeBsdBootBlocks(),
    FreeBsdLoader(),
    IllumosLoader(),
    SystemdGetty(),
    Upstart(),
    Inittab(),
    FreeBsdTtys(),
    IllumosLogin(),
    Securetty(),
)

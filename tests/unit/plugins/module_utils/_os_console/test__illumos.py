# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""illumos' loader, and its own login."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._illumos import IllumosLoader, IllumosLogin
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import Wish
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from tests.unit.plugins.module_utils._os_console.systems import COM2, Tree, converge

BASE = {"/boot/defaults/loader.conf": "", "/boot/solaris/bootenv.rc": ""}
SERIAL = """\
boot_multicons="YES"
boot_serial="YES"
comconsole_speed="115200"
os_console="ttyb"
console="ttyb,text"
ttyb-mode="115200,8,n,1,-"
"""


def test_a_file_of_its_own_has_all_of_it() -> None:
    done, plan = converge(IllumosLoader(), Tree(BASE))
    assert done.files == {**BASE, "/boot/conf.d/serial": SERIAL} and plan.reboot


def test_without_a_screen_there_is_one_console() -> None:
    done, _plan = converge(IllumosLoader(), Tree(BASE), dataclasses.replace(COM2, screen=False))
    assert done.files["/boot/conf.d/serial"] == SERIAL.replace('"YES"', '"NO"', 1).replace("ttyb,text", "ttyb")


def test_files_that_are_read_before_and_after_lose_what_contradicts() -> None:
    files = {**BASE, "/boot/loader.conf.local": 'console="text"\nverbose_loading="YES"\n', "/boot/conf.d/zz": 'ttyb-mode="9600,8,n,1,-"\n'}
    done, plan = converge(IllumosLoader(), Tree(files))
    assert done.files["/boot/loader.conf.local"] == 'verbose_loading="YES"\n' and done.files["/boot/conf.d/zz"] == ""
    assert len(plan.notes) == 2


def test_the_login_is_the_system_s_own() -> None:
    assert IllumosLogin().applies(Tree(BASE)) and not IllumosLogin().plan(Tree(BASE), COM2).changed


@pytest.mark.parametrize(
    ("wish", "why"),
    [(dataclasses.replace(COM2, login=False), "login=false is not possible"), (dataclasses.replace(COM2, root_login=True), "/etc/default/login")],
)
def test_wishes_against_it_are_refused(wish: Wish, why: str) -> None:
    with pytest.raises(Refused, match=why):
        IllumosLogin().plan(Tree(BASE), wish)


@pytest.mark.parametrize("tree", [Tree({}), Tree({"/boot/defaults/loader.conf": "", "/etc/ttys": ""})])
def test_it_is_for_illumos_only(tree: Tree) -> None:
    assert not IllumosLoader().applies(tree) and not IllumosLogin().applies(tree)

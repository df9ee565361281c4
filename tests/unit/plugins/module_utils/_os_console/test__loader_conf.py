# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of FreeBSD's and illumos' loaders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console import _loader_conf
from tests.unit.plugins.module_utils._os_console.systems import Tree

WANTED = {"boot_serial": "YES", "comconsole_port": "0x2F8"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", 'boot_serial="YES"\ncomconsole_port="0x2F8"\n', id="empty"),
        pytest.param('zfs_load="YES"\n', 'boot_serial="YES"\ncomconsole_port="0x2F8"\nzfs_load="YES"\n', id="new lines come first"),
        pytest.param("comconsole_port=760\nboot_serial=yes # on\n", "comconsole_port=760\nboot_serial=yes # on\n", id="the same in other words"),
        pytest.param('boot_serial="NO"\ncomconsole_port="0x2f8"\n', 'boot_serial="YES"\ncomconsole_port="0x2f8"\n', id="one is wrong"),
        pytest.param(
            'boot_serial="NO"\ncomconsole_port="0x2F8"\nboot_serial="YES"\n',
            'comconsole_port="0x2F8"\nboot_serial="YES"\n',
            id="said twice: the last counts, the first misleads",
        ),
        pytest.param('#boot_serial="NO"\nx="1"\r\n', 'boot_serial="YES"\r\ncomconsole_port="0x2F8"\r\n#boot_serial="NO"\nx="1"\r\n', id="comments, line ends"),
        pytest.param('boot_serial="YES"\ncomconsole_port="0x3F8"', 'comconsole_port="0x2F8"\nboot_serial="YES"\n', id="no last line end"),
    ],
)
def test_each_wanted_name_is_set_once(before: str, after: str) -> None:
    assert _loader_conf.put(before, WANTED) == after


@given(st.text(alphabet='abcxyz_="#\n\r 0123YESNO', max_size=60))
def test_whatever_is_in_a_file_it_sets_what_is_wanted_and_then_stays(before: str) -> None:
    after = _loader_conf.put(before, WANTED)
    assert _loader_conf.settings(after).items() >= WANTED.items()
    assert _loader_conf.put(after, WANTED) == after


def test_names_to_drop_go() -> None:
    assert _loader_conf.put('a="1"\nhw.uart.console="io:0x3f8"\n', {"a": "1"}, ["hw.uart.console"]) == 'a="1"\n'


def test_other_files_lose_only_what_contradicts_and_it_is_told() -> None:
    tree = Tree({"/one": 'boot_serial="YES"\n', "/two": 'boot_serial="NO"\nkeep="1"\n', "/three": 'boot_serial="yes"\n'})
    changes, notes = _loader_conf.converge(tree, ("/one", "/two", "/three"), "/one", {"boot_serial": "YES"})
    assert [(change.path, change.after) for change in changes] == [("/two", 'keep="1"\n')]
    assert notes == ("/two said otherwise of boot_serial, which is removed there",)

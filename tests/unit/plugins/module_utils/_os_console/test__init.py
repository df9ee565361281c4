# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which init a system has, where the files of several are there."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._init import Init, init_of
from tests.unit.plugins.module_utils._os_console.systems import Tree

SYSV = "id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\n1:2345:respawn:/sbin/getty 38400 tty1\n"
COMMENTS = "# inittab is no longer used when using systemd.\n#\n# id:5:initdefault:\n# si::sysinit:/etc/rc\n"
BUSYBOX = "::sysinit:/sbin/openrc sysinit\ntty1::respawn:/sbin/getty 38400 tty1\n"


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        pytest.param(Tree({"/etc/inittab": SYSV}), Init.SYSV, id="sysvinit alone"),
        pytest.param(Tree({"/etc/inittab": SYSV, "/lib/systemd/systemd": ""}), Init.SYSTEMD, id="a file that systemd's predecessor left"),
        pytest.param(
            Tree({"/etc/inittab": SYSV, "/lib/systemd/systemd": "", "/usr/share/sysvinit/inittab": ""}),
            Init.SYSV,
            id="sysvinit with systemd's programs",
        ),
        pytest.param(Tree({"/etc/inittab": SYSV, "/run/systemd/system/x": ""}, runs=True), Init.SYSTEMD, id="systemd runs"),
        pytest.param(Tree({"/etc/inittab": SYSV, "/lib/systemd/systemd": ""}, runs=True), Init.SYSTEMD, id="systemd, in a chroot of an installer"),
        pytest.param(Tree({"/etc/inittab": SYSV}, runs=True), Init.SYSV, id="sysvinit runs"),
        pytest.param(Tree({"/etc/inittab": SYSV, "/run/systemd/system/x": ""}), Init.SYSV, id="the systemd of the machine that holds the tree"),
        pytest.param(Tree({"/etc/inittab": COMMENTS, "/usr/lib/systemd/systemd": ""}), Init.SYSTEMD, id="RHEL 7"),
        pytest.param(Tree({"/etc/inittab": "id:3:initdefault:\n", "/etc/init/rc.conf": ""}, ("/sbin/initctl",)), Init.UPSTART, id="RHEL 6"),
        pytest.param(Tree({"/etc/init/rc-sysinit.conf": ""}, ("/sbin/initctl",)), Init.UPSTART, id="Ubuntu 14.04"),
        pytest.param(Tree({"/etc/inittab": "id:3:initdefault:\n"}), None, id="only a default run level"),
        pytest.param(Tree({"/etc/inittab": COMMENTS}), None, id="only comments"),
        pytest.param(Tree({"/etc/inittab": BUSYBOX}), None, id="BusyBox"),
        pytest.param(Tree({}), None, id="nothing"),
    ],
)
def test_the_init_is_told_by_what_runs_or_was_installed(tree: Tree, expected: Init | None) -> None:
    assert init_of(tree) is expected

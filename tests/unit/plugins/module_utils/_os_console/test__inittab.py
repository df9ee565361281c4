# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sysvinit's logins: as Debian, Red Hat and SUSE ship them, and as administrators left them."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._inittab import Inittab
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import Command, FileChange, Port, Wish
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from tests.unit.plugins.module_utils._os_console.systems import COM2, Tree, converge

DEBIAN = """\
id:2:initdefault:
si::sysinit:/etc/init.d/rcS
~~:S:wait:/sbin/sulogin
1:2345:respawn:/sbin/getty 38400 tty1
2:23:respawn:/sbin/getty 38400 tty2

# On a serial line:
#T0:23:respawn:/sbin/getty -L ttyS0 9600 vt100
#T1:23:respawn:/sbin/getty -L ttyS1 9600 vt100
"""
RED_HAT = """\
id:3:initdefault:
si::sysinit:/etc/rc.d/rc.sysinit
1:2345:respawn:/sbin/mingetty tty1
x:5:respawn:/etc/X11/prefdm -nodaemon
"""
SUSE = """\
id:5:initdefault:
si::bootwait:/etc/init.d/boot
1:2345:respawn:/sbin/mingetty --noclear tty1
#S0:12345:respawn:/sbin/agetty -L 9600 ttyS0 vt102
"""


def inittab(text: str, programs: tuple[str, ...] = ("/sbin/getty",)) -> Tree:
    return Tree({"/etc/inittab": text}, programs)


def gettys(tree: Tree) -> list[str]:
    return [line for line in tree.files["/etc/inittab"].splitlines() if "ttyS" in line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("tree", "wish", "expected"),
    [
        pytest.param(inittab(DEBIAN), COM2, "T1:23:respawn:/sbin/getty -L ttyS1 115200 vt100", id="Debian: as its example shows"),
        pytest.param(inittab(RED_HAT, ("/sbin/agetty",)), COM2, "S1:2345:respawn:/sbin/agetty -L ttyS1 115200 vt100", id="Red Hat: agetty"),
        pytest.param(
            inittab(SUSE, ("/sbin/agetty",)),
            dataclasses.replace(COM2, port=Port(0)),
            "S0:12345:respawn:/sbin/agetty -L 115200 ttyS0 vt102",
            id="SUSE: as its example shows",
        ),
        pytest.param(inittab(SUSE, ("/sbin/agetty",)), COM2, "S1:2345:respawn:/sbin/agetty -L ttyS1 115200 vt100", id="SUSE: another port"),
        pytest.param(inittab(DEBIAN.replace("id:2", "id:5")), COM2, "T1:235:respawn:/sbin/getty -L ttyS1 115200 vt100", id="another default run level"),
        pytest.param(inittab(DEBIAN + "T1:S:once:/usr/bin/x\n"), COM2, "S1:23:respawn:/sbin/getty -L ttyS1 115200 vt100", id="the id is taken"),
        pytest.param(
            inittab(DEBIAN + "S9:23:respawn:/sbin/agetty 9600 ttyS1 linux\n"),
            COM2,
            "S9:23:respawn:/sbin/agetty 115200 ttyS1 linux",
            id="one is there at another rate",
        ),
        pytest.param(
            inittab(DEBIAN + "S9:23:off:/sbin/agetty 115200 ttyS1 linux\n"),
            COM2,
            "S9:23:respawn:/sbin/agetty 115200 ttyS1 linux",
            id="one is there and turned off",
        ),
    ],
)
def test_one_getty_comes_to_the_port(tree: Tree, wish: Wish, expected: str) -> None:
    done, _plan = converge(Inittab(), tree, wish)
    assert gettys(done) == [expected]


def test_the_new_line_stands_by_its_example_and_nothing_else_changes() -> None:
    done, _plan = converge(Inittab(), inittab(DEBIAN))
    assert done.files["/etc/inittab"] == DEBIAN + "T1:23:respawn:/sbin/getty -L ttyS1 115200 vt100\n"


def test_without_an_example_it_stands_by_the_other_gettys() -> None:
    done, _plan = converge(Inittab(), inittab(RED_HAT, ("/sbin/agetty",)))
    assert done.files["/etc/inittab"].splitlines()[3] == "S1:2345:respawn:/sbin/agetty -L ttyS1 115200 vt100"


def test_two_gettys_on_the_port_become_one_and_it_is_told() -> None:
    two = DEBIAN + "T1:23:respawn:/sbin/getty -L ttyS1 115200 vt100\nS1:2345:respawn:/sbin/agetty 9600 ttyS1\n"
    done, plan = converge(Inittab(), inittab(two))
    assert gettys(done) == ["T1:23:respawn:/sbin/getty -L ttyS1 115200 vt100"]
    assert "#S1:2345:respawn:/sbin/agetty 9600 ttyS1\n" in done.files["/etc/inittab"]
    assert "2 logins on ttyS1" in plan.notes[0]


def test_a_getty_on_another_port_is_left_and_told() -> None:
    done, plan = converge(Inittab(), inittab(DEBIAN + "T0:23:respawn:/sbin/getty -L ttyS0 9600 vt100\n"))
    assert "T0:23:respawn:/sbin/getty -L ttyS0 9600 vt100" in gettys(done)
    assert plan.notes == ("/etc/inittab also has a login on ttyS0, which is left",)


def test_without_a_login_the_port_s_gettys_are_comments() -> None:
    on = DEBIAN + "S1:2345:respawn:/sbin/agetty 9600 ttyS1\nS0:2345:respawn:/sbin/agetty 9600 ttyS0\n"
    done, _plan = converge(Inittab(), inittab(on), dataclasses.replace(COM2, login=False))
    assert gettys(done) == ["S0:2345:respawn:/sbin/agetty 9600 ttyS0"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_are_kept(end: str) -> None:
    done, _plan = converge(Inittab(), inittab(DEBIAN.replace("\n", end)))
    assert done.files["/etc/inittab"] == DEBIAN.replace("\n", end) + "T1:23:respawn:/sbin/getty -L ttyS1 115200 vt100" + end


def test_a_file_without_a_last_line_end_gets_one_before_the_new_line() -> None:
    done, _plan = converge(Inittab(), inittab(DEBIAN.rstrip("\n")))
    assert done.files["/etc/inittab"] == DEBIAN + "T1:23:respawn:/sbin/getty -L ttyS1 115200 vt100\n"


def test_a_system_that_runs_is_told_and_an_image_s_is_not() -> None:
    tree = inittab(DEBIAN, ("/sbin/getty", "/sbin/telinit"))
    assert Inittab().plan(tree, COM2).commands == ()
    plan = Inittab().plan(dataclasses.replace(tree, runs=True), COM2)
    assert plan.commands == (Command(("/sbin/telinit", "q"), "init reads /etc/inittab again"),)


def test_terminal_settings_of_an_earlier_console_go() -> None:
    _done, plan = converge(Inittab(), Tree({"/etc/inittab": DEBIAN, "/etc/ioctl.save": "0:5:d:8a3b"}, ("/sbin/getty",)))
    assert plan.files[1] == FileChange("/etc/ioctl.save", "0:5:d:8a3b", None)


def test_a_system_without_a_getty_for_serial_ports_is_refused() -> None:
    with pytest.raises(Refused, match="neither getty nor agetty"):
        Inittab().plan(inittab(RED_HAT, ("/sbin/mingetty",)), COM2)


def test_a_file_that_uses_every_id_is_refused() -> None:
    taken = "".join(f"{name}:S:once:/bin/true\n" for name in ("S1", "T1", "tS1", "ser1"))
    with pytest.raises(Refused, match="every id"):
        Inittab().plan(inittab(RED_HAT + taken, ("/sbin/agetty",)), COM2)

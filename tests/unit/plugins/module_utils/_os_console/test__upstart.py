# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""upstart's logins: RHEL 6, which starts one by itself, and Ubuntu, which does not."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import Command, FileChange
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._upstart import Upstart
from tests.unit.plugins.module_utils._os_console.systems import COM2, Tree, converge

SERIAL = """\
start on fedora.serial-console-available DEV=* and stopped rc RUNLEVEL=[2345]
stop on runlevel [S016]

instance $DEV
respawn
exec /sbin/agetty /dev/$DEV $SPEED vt100-nav
"""
TTY1 = "start on stopped rc RUNLEVEL=[2345]\nrespawn\nexec /sbin/getty -8 38400 tty1\n"
OWN = "start on stopped rc RUNLEVEL=[2345]\nrespawn\nexec /sbin/agetty /dev/ttyS1 9600 vt100-nav\n"

RHEL = Tree({"/etc/inittab": "id:3:initdefault:\n", "/etc/init/rc.conf": "", "/etc/init/serial.conf": SERIAL}, ("/sbin/initctl", "/sbin/agetty"))
UBUNTU = Tree({"/etc/init/rc-sysinit.conf": "", "/etc/init/tty1.conf": TTY1}, ("/sbin/initctl", "/sbin/getty"))


def having(tree: Tree, **files: str) -> Tree:
    return dataclasses.replace(tree, files={**tree.files, **{f"/etc/init/{name.replace('__', '.')}": text for name, text in files.items()}})


def test_rhel_needs_no_job_and_it_is_told_why() -> None:
    done, plan = converge(Upstart(), RHEL)
    assert done == RHEL
    assert "serial.conf starts the login on ttyS1 by itself" in plan.notes[0]


def test_an_own_job_beside_rhel_s_goes_since_two_would_share_the_port() -> None:
    done, plan = converge(Upstart(), having(RHEL, serial_ttyS1__conf=OWN))
    assert done == RHEL
    assert "/etc/init/serial_ttyS1.conf was another login on ttyS1, and is removed" in plan.notes


def test_rhel_without_its_job_gets_one() -> None:
    tree = dataclasses.replace(RHEL, files={name: text for name, text in RHEL.files.items() if "serial" not in name})
    done, _plan = converge(Upstart(), tree)
    assert done.files["/etc/init/serial-ttyS1.conf"].splitlines()[2:] == [
        "start on stopped rc RUNLEVEL=[2345]",
        "stop on starting runlevel [016]",
        "",
        "respawn",
        "exec /sbin/agetty /dev/ttyS1 115200 vt100-nav",
    ]


def test_ubuntu_gets_a_job() -> None:
    done, _plan = converge(Upstart(), UBUNTU)
    assert done.files["/etc/init/ttyS1.conf"].splitlines()[2:] == [
        "start on stopped rc RUNLEVEL=[2345]",
        "stop on runlevel [!2345]",
        "",
        "respawn",
        "exec /sbin/getty -L 115200 ttyS1 vt102",
    ]


def test_a_job_of_any_name_keeps_all_but_its_rate() -> None:
    done, _plan = converge(Upstart(), having(UBUNTU, console__conf=OWN))
    assert done.files == {**UBUNTU.files, "/etc/init/console.conf": OWN.replace("9600", "115200")}


def test_of_two_jobs_on_the_port_one_stays() -> None:
    done, plan = converge(Upstart(), having(UBUNTU, a__conf=OWN, b__conf=OWN))
    assert "/etc/init/a.conf" in done.files and "/etc/init/b.conf" not in done.files
    assert plan.notes == ("/etc/init/b.conf was another login on ttyS1, and is removed",)


@pytest.mark.parametrize(("override", "left"), [("manual\n", None), ("# by hand\nmanual # no login\nenv A=b\n", "# by hand\nenv A=b\n")])
def test_a_job_that_is_kept_from_starting_starts_again(override: str, left: str | None) -> None:
    done, plan = converge(Upstart(), having(UBUNTU, console__conf=OWN.replace("9600", "115200"), console__override=override))
    assert done.files.get("/etc/init/console.override") == left
    assert len(plan.files) == 1


def test_a_job_that_says_itself_that_it_is_not_started_is_started_again() -> None:
    done, _plan = converge(Upstart(), having(UBUNTU, console__conf="manual\n" + OWN))
    assert done.files["/etc/init/console.conf"] == OWN.replace("9600", "115200")


def test_of_two_commands_in_a_job_the_last_counts() -> None:
    other = "exec /sbin/getty -8 38400 ttyS0\n"
    done, _plan = converge(Upstart(), having(UBUNTU, console__conf=other + OWN))
    assert done.files["/etc/init/console.conf"] == other + OWN.replace("9600", "115200")


def test_a_job_on_another_port_is_left_and_told() -> None:
    tree = having(UBUNTU, ttyS0__conf=OWN.replace("ttyS1", "ttyS0"))
    done, plan = converge(Upstart(), tree)
    assert done.files["/etc/init/ttyS0.conf"] == tree.files["/etc/init/ttyS0.conf"]
    assert plan.notes == ("/etc/init also has a login on ttyS0, which is left",)


def test_without_a_login_jobs_on_the_port_go() -> None:
    done, _plan = converge(Upstart(), having(UBUNTU, console__conf=OWN), dataclasses.replace(COM2, login=False))
    assert done == UBUNTU


def test_rhel_s_own_login_cannot_be_kept_off_the_last_console() -> None:
    with pytest.raises(Refused, match=r"serial\.conf starts a login on the last console by itself"):
        Upstart().plan(RHEL, dataclasses.replace(COM2, login=False))


def test_without_a_getty_it_is_refused() -> None:
    with pytest.raises(Refused, match="neither getty nor agetty"):
        Upstart().plan(dataclasses.replace(UBUNTU, programs=("/sbin/initctl",)), COM2)


STATUS = ("/sbin/initctl", "status", "console")


@pytest.mark.parametrize(("status", "verb"), [("console start/running, process 812\n", "restart"), ("console stop/waiting\n", "start")])
def test_a_system_that_runs_gets_its_login_at_once(status: str, verb: str) -> None:
    tree = dataclasses.replace(having(UBUNTU, console__conf=OWN), runs=True, answers={STATUS: status})
    assert Upstart().plan(tree, COM2).commands == (Command(("/sbin/initctl", verb, "console"), "the login on ttyS1 starts as it is set now"),)


def test_a_new_job_is_started_where_the_system_runs() -> None:
    plan = Upstart().plan(dataclasses.replace(UBUNTU, runs=True), COM2)
    assert [command.argv for command in plan.commands] == [("/sbin/initctl", "start", "ttyS1")]


@pytest.mark.parametrize(("status", "stopped"), [("console start/running, process 812\n", True), ("console stop/waiting\n", False)])
def test_a_job_that_goes_is_stopped_where_it_runs(status: str, stopped: bool) -> None:
    tree = dataclasses.replace(having(RHEL, console__conf=OWN), runs=True, answers={STATUS: status})
    plan = Upstart().plan(tree, COM2)
    assert plan.files == (FileChange("/etc/init/console.conf", OWN, None),)
    assert [command.argv for command in plan.commands] == ([("/sbin/initctl", "stop", "console")] if stopped else [])

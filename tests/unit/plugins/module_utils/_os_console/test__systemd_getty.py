# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login of systemd: enabled, at the rate of the console, and never against a mask."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import PartPlan
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._systemd_getty import SystemdGetty
from tests.unit.plugins.module_utils._os_console.systems import COM2, Tree

UNIT = "serial-getty@ttyS1.service"
DROP_IN = f"/etc/systemd/system/{UNIT}.d/zz-serial-console.conf"
LINK = f"/etc/systemd/system/getty.target.wants/{UNIT}"
KEEPS = "[Service]\nExecStart=-/sbin/agetty -o '-p -- \\\\u' --keep-baud 115200,57600,38400,9600 %I $TERM\n"
SHIPPED = {"/usr/lib/systemd/systemd": "", "/usr/lib/systemd/system/serial-getty@.service": KEEPS}
RUNS = {"/run/systemd/system/x": "", "/dev/ttyS1": ""}
SYSTEMCTL = "/usr/bin/systemctl"


def tree(files: dict[str, str] | None = None, *, runs: bool = False) -> Tree:
    """A system as shipped, with more files."""
    return Tree({**SHIPPED, **(RUNS if runs else {}), **(files or {})}, (SYSTEMCTL,), runs=runs)


def calls(plan: PartPlan) -> list[str]:
    """The commands in words."""
    return [" ".join(command.argv[1:]) for command in plan.commands]


def test_a_running_system_gets_its_login_at_once() -> None:
    plan = SystemdGetty().plan(tree(runs=True), COM2)
    assert calls(plan) == [f"enable {UNIT}", f"--no-block start {UNIT}"] and plan.files == ()


def test_a_port_that_the_kernel_does_not_have_is_not_waited_for() -> None:
    system = tree(runs=True)
    without = dataclasses.replace(system, files={path: text for path, text in system.files.items() if path != "/dev/ttyS1"})
    assert calls(SystemdGetty().plan(without, COM2)) == [f"enable {UNIT}"]


def test_in_a_tree_it_is_enabled_and_nothing_is_started() -> None:
    assert calls(SystemdGetty().plan(tree(), COM2)) == [f"enable {UNIT}"]


def test_what_is_enabled_is_left_alone() -> None:
    assert not SystemdGetty().plan(tree({LINK: KEEPS}, runs=True), COM2).changed


def test_a_tree_without_systemctl_says_that_systemd_starts_it_by_itself() -> None:
    plan = SystemdGetty().plan(Tree(SHIPPED), COM2)
    assert not plan.changed and "systemd starts it on the kernel's console" in plan.notes[0]
    with pytest.raises(Refused, match="systemctl is not there"):
        SystemdGetty().plan(Tree({**SHIPPED, **RUNS}, runs=True), COM2)


@pytest.mark.parametrize(
    ("path", "text", "fixed"),
    [
        (f"/etc/systemd/system/{UNIT}.d/a.conf", "[Service]\nExecStart=\nExecStart=-/sbin/agetty -L 9600 %I vt100\n", True),
        ("/etc/systemd/system/serial-getty@.service.d/a.conf", "[Service]\nExecStart=\nExecStart=-/sbin/agetty 57600 %I\n", True),
        ("/etc/systemd/system/serial-getty@.service", "[Service]\nExecStart=-/sbin/agetty %I 9600\n", True),
        # The right rate, another option, or a list that keeps the port's rate.
        (f"/etc/systemd/system/{UNIT}.d/a.conf", "[Service]\nExecStart=\nExecStart=-/sbin/agetty -L 115200 %I vt100\n", False),
        (f"/etc/systemd/system/{UNIT}.d/a.conf", "[Service]\nRestart=no\n", False),
        # Another port's.
        ("/etc/systemd/system/serial-getty@ttyS0.service.d/a.conf", "[Service]\nExecStart=\nExecStart=-/sbin/agetty 9600 %I\n", False),
        (f"/run/systemd/system/{UNIT}.d/a.conf", "[Service]\nExecStart=\nExecStart=-/sbin/agetty 9600 %I\n", True),
    ],
)
def test_a_rate_is_written_only_where_somebody_fixed_another_one(path: str, text: str, fixed: bool) -> None:
    plan = SystemdGetty().plan(tree({path: text, LINK: KEEPS}), COM2)
    assert [change.path for change in plan.files] == ([DROP_IN] if fixed else [])
    if fixed:
        assert "ExecStart=\nExecStart=-/sbin/agetty" in str(plan.files[0].after) and " 115200 %I" in str(plan.files[0].after)


def test_our_rate_goes_when_nobody_fixes_another_one_any_more() -> None:
    plan = SystemdGetty().plan(tree({LINK: KEEPS, DROP_IN: "[Service]\nExecStart=\nExecStart=-/sbin/agetty 9600 %I\n"}, runs=True), COM2)
    assert [(change.path, change.after) for change in plan.files] == [(DROP_IN, None)]
    assert calls(plan) == ["daemon-reload", f"--no-block restart {UNIT}"]


@pytest.mark.parametrize("name", [UNIT, "serial-getty@.service"])
def test_a_masked_unit_is_refused(name: str) -> None:
    with pytest.raises(Refused, match=f"{name} is masked"):
        SystemdGetty().plan(tree({f"/etc/systemd/system/{name}": ""}), COM2)


def test_no_login_stops_it_and_does_not_mind_a_mask() -> None:
    wish = dataclasses.replace(COM2, login=False)
    plan = SystemdGetty().plan(tree({f"/etc/systemd/system/{UNIT}": ""}, runs=True), wish)
    assert "ConditionPathExists=!/" in str(plan.files[0].after)
    assert calls(plan) == ["daemon-reload", f"--no-block stop {UNIT}"]


def test_logins_on_other_ports_stay_and_are_told() -> None:
    other = "/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service"
    plan = SystemdGetty().plan(tree({LINK: KEEPS, other: KEEPS}), COM2)
    assert not plan.changed and plan.notes == ("serial-getty@ttyS0.service is enabled too, and stays",)

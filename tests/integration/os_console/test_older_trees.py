# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Older systems and those that are no Linux: GRUB legacy, sysvinit, upstart, FreeBSD, illumos.

Their files are text that they read at the next boot, so no tool of theirs has to run. `trees/<family>/<case>.after` has every file that is
other than before, and no other may be.
"""

from __future__ import annotations

import pathlib
import shutil
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from ansible_collections.lightsout.bmc.plugins.modules import os_console
from tests.integration.os_console.conftest import HERE, Planter, Tree, play

#: Programs that a family has; only that they are there counts.
PROGRAMS = {
    "rhel5": ("sbin/agetty", "sbin/mingetty", "sbin/telinit"),
    "rhel6": ("sbin/agetty", "sbin/mingetty", "sbin/initctl", "sbin/telinit"),
    "sles11": ("sbin/agetty", "sbin/mingetty", "sbin/telinit"),
    "debian5": ("sbin/getty", "sbin/agetty", "sbin/telinit"),
    "freebsd14": ("sbin/sysctl", "bin/kill"),
    "omnios": ("usr/sbin/svccfg",),
    "alpine": ("sbin/getty",),
}
#: What each case brings that is gone afterwards.
REMOVED = {
    ("rhel5", "careless"): {"etc/ioctl.save"},
    ("rhel6", "careless"): {"etc/init/serial-ttyS1.conf"},
}
#: What a person is told, by case. A part of each note.
TOLD = {
    ("rhel5", "as_shipped"): ["splashimage, hiddenmenu are comments now"],
    ("rhel5", "careless"): ["the port is Xen's own", "also has a login on ttyS0", "had 2 logins on ttyS1"],
    ("rhel6", "as_shipped"): ["splashimage, hiddenmenu are comments now", "starts the login on ttyS1 by itself"],
    ("rhel6", "careless"): ["starts the login on ttyS1 by itself", "serial-ttyS1.conf was another login on ttyS1"],
    ("sles11", "as_shipped"): ["gfxmenu are comments now"],
    ("debian5", "as_shipped"): ["color are comments now"],
    ("freebsd14", "as_shipped"): ["the boot blocks know only COM1"],
    ("freebsd14", "careless"): ["know only COM1", "local.conf said otherwise of boot_multicons", "loader.conf.local said otherwise of hw.uart.console"],
    ("freebsd14", "uefi"): ["UEFI that redirects its own text"],
    ("omnios", "as_shipped"): [],
    ("omnios", "careless"): ["/boot/loader.conf.local said otherwise of os_console"],
}
CASES = sorted(TOLD)
#: The line of a loader's file that no diff may show.
PASSWORD = "password --md5 $1$wrong$0123456789abcdefghijk."
WISH = {"port": 1, "port_hint": None, "bit_rate": 115200, "screen": True, "grub_serial": "auto", "quiet": None, "login": True, "root_login": None}


def plant(family: str, case: str, folder: pathlib.Path) -> Tree:
    """A case's tree in a folder."""
    tree = Tree(family, case, folder / f"{family}.{case}")
    for source in ("shared", case):
        shutil.copytree(HERE / "trees" / family / source, tree.root, dirs_exist_ok=True)
    install(tree, *PROGRAMS[family])
    if family in ("rhel5", "rhel6"):
        # As Red Hat ships it.
        (tree.root / "boot/grub/menu.lst").symlink_to("./grub.conf")
        (tree.root / "etc/grub.conf").symlink_to("../boot/grub/grub.conf")
        (tree.root / "boot/grub/grub.conf").chmod(0o600)
    return tree


def expected(family: str, case: str, before: dict[str, bytes | str]) -> dict[str, bytes | str]:
    """All files as they shall be."""
    after = HERE / "trees" / family / f"{case}.after"
    changed = {str(path.relative_to(after)): path.read_bytes() for path in after.rglob("*") if path.is_file()}
    kept = {name: content for name, content in before.items() if name not in REMOVED.get((family, case), ())}
    return {**kept, **changed}


def run(tree: Tree, *, check_mode: bool = False, **wish: t.Any) -> dict[str, t.Any]:
    """The module on a tree."""
    return os_console.run({**WISH, "root": str(tree.root), **wish}, check_mode=check_mode)


def notes(result: dict[str, t.Any]) -> list[str]:
    return [note for part in result["parts"] for note in part["notes"]]


@pytest.mark.parametrize(("family", "case"), CASES)
def test_each_system_comes_to_one_working_state_and_stays(family: str, case: str, tmp_path: pathlib.Path) -> None:
    tree = plant(family, case, tmp_path)
    before = tree.files()
    wanted = expected(family, case, before)

    said = run(tree, check_mode=True)
    assert said["changed"] and tree.files() == before
    assert sorted(said["files"]) == sorted(f"/{name}" for name in {**before, **wanted} if before.get(name) != wanted.get(name))

    done = run(tree)
    assert tree.files() == wanted
    assert done["diff"] == said["diff"]
    assert {each["after_header"]: each["after"] for each in done["diff"]} == {
        path: str(t.cast("bytes", wanted.get(path[1:], b"")), "utf-8").replace(PASSWORD, "password (hidden)") for path in said["files"]
    }
    assert len(notes(done)) == len(TOLD[family, case])
    assert all(part in note for part, note in zip(TOLD[family, case], notes(done), strict=True))

    again = run(tree)
    assert (again["changed"], again["files"], again["diff"], tree.files()) == (False, [], [], wanted)


def test_a_file_that_is_replaced_keeps_its_mode_and_its_links(tmp_path: pathlib.Path) -> None:
    tree = plant("rhel6", "as_shipped", tmp_path)
    run(tree)
    assert (tree.root / "boot/grub/grub.conf").stat().st_mode & 0o777 == 0o600
    assert (tree.root / "boot/grub/menu.lst").is_symlink() and (tree.root / "etc/grub.conf").is_symlink()


@pytest.mark.parametrize(
    ("family", "case", "wish", "why"),
    [
        ("rhel6", "broken", {}, "/boot/grub/grub.conf, line 5: a quote is not closed"),
        ("alpine", "as_shipped", {}, "no loader was found"),
        ("omnios", "as_shipped", {"login": False}, "console-login"),
        ("rhel6", "as_shipped", {"login": False}, "starts a login on the last console by itself"),
        ("rhel6", "as_shipped", {"root_login": False}, "/etc/securetty cannot keep root from logging in"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_changes(family: str, case: str, wish: dict[str, t.Any], why: str, tmp_path: pathlib.Path) -> None:
    tree = plant(family, case, tmp_path)
    before = tree.files()
    with pytest.raises(Refused, match=why):
        run(tree, **wish)
    assert tree.files() == before


@pytest.mark.parametrize(("family", "case"), [("rhel5", "as_shipped"), ("sles11", "as_shipped"), ("debian5", "as_shipped"), ("freebsd14", "careless")])
def test_moving_to_another_port_leaves_nothing_of_the_first(family: str, case: str, tmp_path: pathlib.Path) -> None:
    tree = plant(family, case, tmp_path)
    # A login on another port may serve somebody and stays; so this is about the rest.
    run(tree, port=2, login=False)
    assert run(tree, login=False)["changed"]
    said = run(tree, check_mode=True, port=2, login=False)["diff"]
    assert said
    for first in ("ttyS2", "--unit=2", "0x3E8"):
        assert all(first not in each["before"] for each in said)


def install(tree: Tree, *programs: str) -> None:
    """Put programs into a tree of which only that they are there counts."""
    for program in programs:
        (tree.root / program).parent.mkdir(parents=True, exist_ok=True)
        (tree.root / program).touch(mode=0o755)


CONSOLES = "console=tty0 console=ttyS1,115200n8"


def test_sysvinit_with_grub_2_gets_both(make_tree: Planter) -> None:
    tree = make_tree("debian7", "as_shipped")
    install(tree, "sbin/getty", "sbin/telinit")
    assert [part["name"] for part in run(tree)["parts"] if part["changed"]] == ["grub2_debian", "inittab"]
    assert "T1:23:respawn:/sbin/getty -L ttyS1 115200 vt100\n" in (tree.root / "etc/inittab").read_text()
    assert f"{CONSOLES} quiet" in tree.kernels()
    assert not run(tree)["changed"]


def test_sysvinit_stays_the_init_where_systemd_s_programs_are_there_too(make_tree: Planter) -> None:
    tree = make_tree("debian7", "as_shipped")
    install(tree, "sbin/getty", "sbin/telinit", "usr/lib/systemd/systemd", "usr/share/sysvinit/inittab")
    (tree.root / "usr/lib/systemd/system").mkdir()
    (tree.root / "usr/lib/systemd/system/serial-getty@.service").write_text("[Service]\nExecStart=-/sbin/agetty --keep-baud 115200 %I\n")
    assert [part["name"] for part in run(tree)["parts"] if part["layer"] == "login"] == ["inittab", "securetty"]


def test_upstart_with_grub_2_gets_both_and_an_image_s_other_files_stay(make_tree: Planter) -> None:
    tree = make_tree("ubuntu1404", "cloud_image")
    install(tree, "sbin/getty", "sbin/initctl")
    before = tree.files()
    done = run(tree)
    assert [part["name"] for part in done["parts"] if part["changed"]] == ["grub2_debian", "upstart"]
    assert notes(done) == ["/etc/init also has a login on ttyS0, which is left"]
    assert all(line.endswith(CONSOLES) for line in tree.kernels())
    changed = {name for name, content in tree.files().items() if before.get(name) != content}
    assert changed == {"boot/grub/grub.cfg", "etc/default/grub.d/zz-serial-console.cfg", "etc/init/ttyS1.conf"}
    assert not run(tree)["changed"]


def test_the_role_does_the_same(tmp_path: pathlib.Path) -> None:
    some = [("rhel5", "careless"), ("freebsd14", "careless")]
    trees = {f"{family}_{case}": plant(family, case, tmp_path) for family, case in some}
    wanted = {name: expected(tree.family, tree.case, tree.files()) for name, tree in trees.items()}
    first, output = play(trees, tmp_path)
    assert {name: result["changed"] for name, result in first.items()} == dict.fromkeys(trees, True), output
    assert {name: tree.files() for name, tree in trees.items()} == wanted
    second, output = play(trees, tmp_path)
    assert {name: result["changed"] for name, result in second.items()} == dict.fromkeys(trees, False), output

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FreeBSD's boot blocks, loader and logins."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._freebsd import FreeBsdBootBlocks, FreeBsdLoader, FreeBsdTtys, started_otherwise
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import Port, Wish
from tests.unit.plugins.module_utils._os_console.systems import COM2, Tree, converge

COM1 = dataclasses.replace(COM2, port=Port(0))
ASKED = ("/sbin/sysctl", "-n", "machdep.bootmethod")
TTYS = """\
console\tnone\t\t\t\tunknown\toff insecure
ttyv0\t"/usr/libexec/getty Pc"\t\txterm\tonifexists secure
# Serial terminals
ttyu0\t"/usr/libexec/getty 3wire"\tvt100\tonifconsole secure
ttyu1\t"/usr/libexec/getty 3wire"\tvt100\tonifconsole secure
"""


def freebsd(files: dict[str, str] | None = None, **more: object) -> Tree:
    base = {"/boot/defaults/loader.conf": "", "/etc/ttys": TTYS}
    return Tree({**base, **(files or {})}, **more)  # type: ignore[arg-type]


def ttys(line: str) -> Tree:
    """A system whose second port has this line."""
    return freebsd({"/etc/ttys": TTYS.rsplit("ttyu1", 1)[0] + line + "\n"})


def last(tree: Tree, wish: Wish = COM2) -> list[str]:
    """The words of the port's line afterwards."""
    done, _plan = converge(FreeBsdTtys(), tree, wish)
    return done.files["/etc/ttys"].splitlines()[-1].split()


@pytest.mark.parametrize(
    ("before", "screen", "after"),
    [
        (None, True, "-Dh -S115200\n"),
        ("-P\n", True, "-Dh -S115200\n"),
        ("-P\n", False, "-h -S115200\n"),
        ("-Dh -S9600\n", True, "-Dh -S115200\n"),
        ("-D -h -S115200\n", True, "-D -h -S115200\n"),
        ("-hDS115200\n", True, "-hDS115200\n"),
        ("-v -D\n", True, "-Dhv -S115200\n"),
        ("0:ad(0,a)/boot/loader -v\n", False, "0:ad(0,a)/boot/loader -hv -S115200\n"),
    ],
)
def test_boot_config_has_the_flags_and_keeps_the_others(before: str | None, screen: bool, after: str) -> None:
    tree = freebsd() if before is None else freebsd({"/boot.config": before})
    done, _plan = converge(FreeBsdBootBlocks(), tree, dataclasses.replace(COM1, screen=screen))
    assert done.files["/boot.config"] == after


def test_boot_blocks_know_only_the_first_port_and_it_is_told() -> None:
    tree = freebsd({"/boot.config": "-P\n"})
    done, plan = converge(FreeBsdBootBlocks(), tree)
    assert done == tree and "ttyu1 speaks from the loader on" in plan.notes[0]


@pytest.mark.parametrize(
    ("tree", "applies"),
    [
        (freebsd(), True),
        (freebsd({"/boot/efi/efi/freebsd/loader.efi": ""}), False),
        (
            freebsd(
                {"/boot/efi/efi/freebsd/loader.efi": ""},
                runs=True,
                programs=("/sbin/sysctl",),
                answers={ASKED: "BIOS\n"},
            ),
            True,
        ),
        (freebsd(runs=True, programs=("/sbin/sysctl",), answers={ASKED: "UEFI\n"}), False),
        (Tree({"/etc/ttys": TTYS}), False),
    ],
)
def test_boot_blocks_are_for_a_BIOS(tree: Tree, applies: bool) -> None:
    assert FreeBsdBootBlocks().applies(tree) is applies


def test_the_loader_tells_the_kernel_the_port_and_the_rate() -> None:
    done, _plan = converge(FreeBsdLoader(), freebsd({"/boot/loader.conf": 'zfs_load="YES"\n'}))
    assert done.files["/boot/loader.conf"].splitlines() == [
        'boot_multicons="YES"',
        'boot_serial="YES"',
        'comconsole_speed="115200"',
        'comconsole_port="0x2F8"',
        'console="comconsole,vidconsole"',
        'zfs_load="YES"',
    ]


@pytest.mark.parametrize(
    ("files", "screen", "console"),
    [
        ({}, False, 'console="comconsole"'),
        ({"/boot/efi/EFI/FREEBSD/loader.efi": ""}, True, 'console="comconsole,efi"'),
        ({"/boot/efi/EFI/FREEBSD/loader.efi": ""}, False, 'console="comconsole"'),
    ],
)
def test_the_screen_is_named_as_the_firmware_has_it(files: dict[str, str], screen: bool, console: str) -> None:
    done, plan = converge(FreeBsdLoader(), freebsd(files), dataclasses.replace(COM2, screen=screen))
    assert console in done.files["/boot/loader.conf"].splitlines()
    assert bool(plan.notes) is bool(files)


def test_what_other_files_of_the_loader_say_does_not_win() -> None:
    files = {
        "/boot/loader.conf": 'console="vidconsole"\ncomconsole_speed="9600"\n',
        "/boot/loader.conf.d/own.conf": 'boot_serial="NO"\nautoboot_delay="3"\n',
        "/boot/loader.conf.local": 'comconsole_speed="19200"\nhw.uart.console="io:0x3f8,br:19200"\n',
    }
    done, plan = converge(FreeBsdLoader(), freebsd(files))
    assert done.files["/boot/loader.conf.d/own.conf"] == 'autoboot_delay="3"\n'
    assert done.files["/boot/loader.conf.local"] == ""
    assert done.files["/boot/loader.conf"].count("console=") == 1
    assert len(plan.notes) == 2


def test_a_port_of_the_kernel_s_own_that_is_the_wish_s_stays() -> None:
    files = {"/boot/loader.conf.local": 'hw.uart.console="io:0x2f8,br:115200"\n'}
    done, _plan = converge(FreeBsdLoader(), freebsd(files))
    assert done.files["/boot/loader.conf.local"] == files["/boot/loader.conf.local"]


@pytest.mark.parametrize(
    ("said", "otherwise"),
    [
        ('boot_multicons="YES"\nboot_serial="YES"\ncomconsole_speed="115200"\ncomconsole_port="760"\nconsole="comconsole,vidconsole"\n', False),
        ('boot_multicons="YES"\nboot_serial="YES"\ncomconsole_speed="9600"\ncomconsole_port="760"\nconsole="comconsole,vidconsole"\n', True),
        ('boot_multicons="YES"\nboot_serial="YES"\ncomconsole_speed="115200"\ncomconsole_port="1016"\nconsole="comconsole,vidconsole"\n', True),
        ('console="vidconsole"\n', True),
    ],
)
def test_the_kernel_that_runs_tells_how_it_was_started(said: str, otherwise: bool) -> None:
    tree = freebsd(runs=True, programs=("/bin/kenv",), answers={("/bin/kenv",): said})
    assert started_otherwise(tree, COM2) is otherwise


def test_of_an_image_or_another_system_no_kernel_runs() -> None:
    assert not started_otherwise(freebsd(programs=("/bin/kenv",)), COM2)
    assert not started_otherwise(Tree({}, ("/bin/kenv",), runs=True), COM2)


def test_ttys_as_shipped_need_nothing() -> None:
    assert not FreeBsdTtys().plan(freebsd(), COM2).changed


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ('ttyu1 "/usr/libexec/getty std.9600" dialup off secure', 'ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole secure'),
        ('ttyu1 "/usr/libexec/getty std.115200" vt220 on insecure', 'ttyu1 "/usr/libexec/getty std.115200" vt220 on insecure'),
        ('ttyu1 "/usr/libexec/getty 3wire.38400" vt100 on secure # BMC', 'ttyu1 "/usr/libexec/getty 3wire" vt100 on secure # BMC'),
        ("ttyu1 none network off", 'ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole'),
        ('ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole window="x y" secure', 'ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole window="x y" secure'),
        ("", 'ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole secure'),
    ],
)
def test_the_port_s_line_starts_a_login_that_keeps_the_rate(line: str, after: str) -> None:
    assert " ".join(last(ttys(line))) == after


@pytest.mark.parametrize(
    ("root_login", "line", "flags"),
    [
        (True, 'ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole insecure', ["onifconsole", "secure"]),
        (False, 'ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole secure', ["onifconsole", "insecure"]),
        (False, "", ["onifconsole", "insecure"]),
        (None, 'ttyu1 "/usr/libexec/getty 3wire" vt100 onifconsole insecure', ["onifconsole", "insecure"]),
    ],
)
def test_root_is_let_in_as_wished(root_login: bool | None, line: str, flags: list[str]) -> None:
    assert last(ttys(line), dataclasses.replace(COM2, root_login=root_login))[-2:] == flags


def test_without_a_login_the_line_is_off() -> None:
    assert last(freebsd(), dataclasses.replace(COM2, login=False))[-2:] == ["off", "secure"]


def test_init_is_told_only_where_the_system_runs() -> None:
    tree = ttys("ttyu1 none network off")
    assert FreeBsdTtys().plan(tree, COM2).commands == ()
    running = dataclasses.replace(tree, runs=True, programs=("/bin/kill",))
    assert [command.argv for command in FreeBsdTtys().plan(running, COM2).commands] == [("/bin/kill", "-HUP", "1")]

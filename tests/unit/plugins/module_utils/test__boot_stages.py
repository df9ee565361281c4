# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a boot has come, by what real programs print."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._boot_stages import STAGES, BootWatch, Stage

#: First texts of real boots: a server with AMI firmware and Debian, QEMU's two firmwares, FreeBSD.
BOOTS = {
    "ami_debian": [
        ("firmware", "American Megatrends International, LLC.\n"),
        ("loader", "GNU GRUB  version 2.06\n"),
        ("", "Loading Linux 6.1.0-18-amd64 ...\n"),
        ("kernel", "[    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n"),
        ("", "[    2.100000] EFI: UEFI v2.70 by American Megatrends\n"),
        ("login", "\nDebian GNU/Linux 12 n1 ttyS0\n\nn1 login: "),
    ],
    "seabios_isolinux": [
        ("firmware", "SeaBIOS (version 1.16.2-debian-1.16.2-1)\n"),
        ("loader", "ISOLINUX 6.04 20191223\n"),
        ("kernel", "[    0.000000] Linux version 6.1\n"),
        ("login", "localhost login: "),
    ],
    "ovmf_without_a_loader": [
        ("firmware", 'BdsDxe: loading Boot0001 "UEFI QEMU HARDDISK" from PciRoot(0x0)\n'),
        ("kernel", "[    0.000000] Linux version 6.1\n"),
        ("login", "n1 login: "),
    ],
    "freebsd": [
        ("loader", "FreeBSD/x86 bootstrap loader, Revision 1.1\n"),
        ("kernel", "Copyright (c) 1992-2023 The FreeBSD Project.\n"),
        ("login", "FreeBSD/amd64 (n1) (ttyu0)\n\nlogin: "),
    ],
    "pxe": [("firmware", ">>Start PXE over IPv4.\n"), ("kernel", "[    0.000000] Linux version 6\n"), ("login", "n1 login: ")],
}


@pytest.mark.parametrize("boot", BOOTS)
def test_each_stage_has_the_time_of_its_first_text(boot: str) -> None:
    watch = BootWatch()
    for second, (stage, text) in enumerate(BOOTS[boot]):
        assert watch.feed(text, float(second)) == ([stage] if stage else []), text
    assert watch.times == {stage: float(second) for second, (stage, _text) in enumerate(BOOTS[boot]) if stage}
    assert watch.done and watch.trouble is None


@pytest.mark.parametrize("boot", BOOTS)
def test_a_text_may_come_in_pieces(boot: str) -> None:
    watch = BootWatch()
    for character in "".join(text for _stage, text in BOOTS[boot]):
        watch.feed(character, 1.0)
    assert list(watch.times) == [stage for stage, _text in BOOTS[boot] if stage]


@pytest.mark.parametrize("text", ["Last login: Fri Nov 20 on ttyS0\n", "[   12.3] systemd[1]: Started Login: x\n", ""])
def test_what_is_no_login_prompt_is_not_taken_for_one(text: str) -> None:
    watch = BootWatch()
    watch.feed(text, 1.0)
    assert not watch.done and "login" not in watch.times


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[    1.5] Kernel panic - not syncing: VFS: Unable to mount root fs\n", "kernel_panic"),
        ("panic: mountroot: unable to (re-)mount root.\n", "kernel_panic"),
        ("No bootable device.\n", "no_boot_device"),
        ("grub rescue> ", "loader_stopped"),
        ("You are in emergency mode. After logging in, type\n", "emergency_shell"),
        ("(initramfs) ", "emergency_shell"),
    ],
)
def test_what_stops_a_boot_is_named(text: str, name: str) -> None:
    watch = BootWatch()
    watch.feed("SeaBIOS (version 1)\nGNU GRUB  version 2.06\n", 1.0)
    watch.feed(text, 2.0)
    assert watch.done and watch.trouble is not None
    assert watch.trouble[0] == name and watch.trouble[1] in text


def test_an_earlier_stage_does_not_come_again() -> None:
    watch = BootWatch()
    watch.feed("[    0.000000] Linux version 6\n", 1.0)
    assert watch.feed("SeaBIOS\nGNU GRUB\n", 2.0) == [] and watch.times == {"kernel": 1.0}


@pytest.mark.parametrize("signs", [(), ("x*",)])
def test_a_row_that_matches_anything_is_refused(signs: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="match nothing"):
        Stage("bad", signs)


def test_the_stages_are_those_that_are_promised() -> None:
    assert [stage.name for stage in STAGES] == ["firmware", "loader", "kernel", "login"]


def test_the_middle_of_a_line_does_not_become_its_start_when_older_text_is_dropped() -> None:
    for size in range(370, 420):
        watch = BootWatch()
        watch.feed("SeaBIOS\r\nsshd: bad-login: " + "x" * size, 1.0)
        watch.feed("y", 2.0)
        assert list(watch.times) == ["firmware"], size

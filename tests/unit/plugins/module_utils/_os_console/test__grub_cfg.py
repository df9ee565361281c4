# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a grub.cfg says, and when GRUB speaks on the port itself."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console import _grub_cfg
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import GrubSerial
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused
from tests.unit.plugins.module_utils._os_console.systems import COM2, Tree
from tests.unit.plugins.module_utils._os_console.test__find_port import spcr

GOOD = """\
### BEGIN /etc/grub.d/00_header ###
serial --unit=1 --speed=115200 --word=8 --parity=no --stop=1
terminal_input console serial
terminal_output console serial
### END /etc/grub.d/00_header ###
### BEGIN /etc/grub.d/10_linux ###
menuentry 'Linux' {
\tlinux\t/vmlinuz root=/dev/vda1 ro quiet console=tty0 console=ttyS1,115200n8
}
\tmenuentry 'Linux, recovery' {
\tlinux16 /vmlinuz root=/dev/vda1 ro single console=tty0 console=ttyS1,115200n8
}
### END /etc/grub.d/10_linux ###
### BEGIN /etc/grub.d/40_custom ###
menuentry 'Another system' {
\tlinux /other root=/dev/vdb1 console=ttyS0
}
### END /etc/grub.d/40_custom ###
"""
SPCR = "/sys/firmware/acpi/tables/SPCR"
EFI = {"/sys/firmware/efi/fw_platform_size": "64"}


def table(address: int, space: int = 1) -> dict[str, str]:
    """The firmware's table, as a file is read."""
    return {SPCR: spcr(address, space=space).decode("utf-8", "surrogateescape")}


def test_a_configuration_as_wished_is_left_alone_whatever_other_systems_have() -> None:
    assert _grub_cfg.is_as_wished(GOOD, Tree({}), COM2)
    assert len(_grub_cfg.kernel_lines(GOOD)) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--unit=1", "--unit=0"),
        ("--speed=115200", "--speed=9600"),
        ("terminal_output console serial", "terminal_output gfxterm"),
        ("terminal_input console serial\n", ""),
        ("quiet console=tty0 console=ttyS1,115200n8", "quiet"),
        ("quiet console=tty0 console=ttyS1,115200n8", "quiet console=ttyS1,115200n8 console=tty0"),
        ("single console=tty0", "single console=ttyS0 console=tty0"),
    ],
)
def test_one_thing_that_is_otherwise_is_found(old: str, new: str) -> None:
    assert old in GOOD
    # terminal_output alone says both words, so that the missing input shows only together with it.
    text = GOOD.replace(old, new)
    if new == "":
        text = text.replace("terminal_output console serial", "terminal_output console")
    assert not _grub_cfg.is_as_wished(text, Tree({}), COM2)


def test_quiet_counts_where_it_is_not_wished() -> None:
    assert not _grub_cfg.is_as_wished(GOOD, Tree({}), dataclasses.replace(COM2, quiet=False))
    assert _grub_cfg.is_as_wished(GOOD.replace("quiet ", ""), Tree({}), dataclasses.replace(COM2, quiet=False))


def test_kernels_elsewhere_do_not_count() -> None:
    text = GOOD.replace("console=ttyS1,115200n8", "")
    assert _grub_cfg.is_as_wished(text, Tree({}), COM2, kernels=False) and not _grub_cfg.is_as_wished(text, Tree({}), COM2)


@pytest.mark.parametrize(
    ("files", "asked", "speaks"),
    [
        ({}, GrubSerial.AUTO, True),
        (EFI | table(0x2F8), GrubSerial.AUTO, False),
        # Mapped into memory, as no port of a PC: it is taken for the one.
        (EFI | table(0xFEDC6000, space=0), GrubSerial.AUTO, False),
        # UEFI that redirects nothing, says so in the table, or redirects to another port; and a BIOS with the table.
        (EFI, GrubSerial.AUTO, True),
        (EFI | table(0), GrubSerial.AUTO, True),
        (EFI | table(0x3F8), GrubSerial.AUTO, True),
        (EFI | {SPCR: "SPCR"}, GrubSerial.AUTO, True),
        (table(0x2F8), GrubSerial.AUTO, True),
        (EFI | table(0x2F8), GrubSerial.ON, True),
        ({}, GrubSerial.OFF, False),
    ],
)
def test_grub_leaves_the_port_to_uefi_that_redirects_its_text(files: dict[str, str], asked: GrubSerial, speaks: bool) -> None:
    wish = dataclasses.replace(COM2, grub_serial=asked)
    assert _grub_cfg.speaks(Tree(files), wish) is speaks
    assert _grub_cfg.terminal(Tree(files), wish) == ("console serial" if speaks else "console")


def test_the_new_configuration_is_checked_before_it_replaces_the_old_one() -> None:
    programs = ("/usr/sbin/grub2-mkconfig", "/usr/bin/grub2-script-check", "/usr/bin/mv")
    commands, generated = _grub_cfg.rebuild(Tree({}, programs), "/boot/grub2/grub.cfg")
    new = "/boot/grub2/grub.cfg.serial-console"
    assert [command.argv for command in commands] == [
        ("/usr/sbin/grub2-mkconfig", "-o", new),
        ("/usr/bin/grub2-script-check", new),
        ("/usr/bin/mv", "-f", new, "/boot/grub2/grub.cfg"),
    ]
    assert generated == ("/boot/grub2/grub.cfg", new, f"{new}.new")


def test_without_grub_s_tools_nothing_is_begun() -> None:
    with pytest.raises(Refused, match="grub-mkconfig, grub-script-check or mv is not there"):
        _grub_cfg.rebuild(Tree({}, ("/usr/sbin/grub-mkconfig",)), "/boot/grub/grub.cfg")


XEN = "menuentry 'Xen' {\n\tmultiboot2\t/boot/xen-4.17-amd64.gz placeholder\n\tmodule2 /boot/vmlinuz root=/dev/vda1 ro console=hvc0\n}\n"
LOADER_INFO = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-442b29bb8c4f"


def loader_info(text: str) -> dict[str, str]:
    """What a loader says of itself: four bytes of attributes, then UTF-16, as a file is read."""
    return {LOADER_INFO: (b"\x06\0\0\0" + text.encode("utf-16-le") + b"\0\0").decode("utf-8", "surrogateescape")}


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        (Tree({"/etc/kernel/proxmox-boot-uuids": "6B2A-1E49\n"}), "proxmox-boot-tool"),
        (Tree(loader_info("systemd-boot 252.22"), runs=True), "started by systemd-boot"),
        (Tree({"/boot/grub/grub.cfg": XEN}), "Xen"),
    ],
)
def test_where_another_program_starts_the_kernels_grub_is_not_set_as_if_it_did(tree: Tree, why: str) -> None:
    with pytest.raises(Refused, match=why):
        _grub_cfg.refuse_others(tree, ["/boot/grub/grub.cfg"])


@pytest.mark.parametrize(
    "tree",
    [
        Tree({"/etc/kernel/proxmox-boot-uuids": "\n", "/boot/grub/grub.cfg": GOOD}),
        Tree(loader_info("GRUB 2.12"), runs=True),
        # A rescue system's own loader says nothing about the disk that is mounted in it.
        Tree(loader_info("systemd-boot 252.22")),
        # There the kernel under Xen keeps its own console.
        Tree({"/boot/grub/grub.cfg": XEN, "/etc/default/grub.d/xen.cfg": 'GRUB_CMDLINE_LINUX_XEN_REPLACE="console=hvc0"\n'}),
    ],
)
def test_where_grub_starts_them_it_is_set(tree: Tree) -> None:
    _grub_cfg.refuse_others(tree, ["/boot/grub/grub.cfg"])

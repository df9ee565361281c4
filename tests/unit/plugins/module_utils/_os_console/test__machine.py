# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Linux and FreeBSD show of a machine's serial ports."""

from __future__ import annotations

import os
import pty
from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console import _machine
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._find_port import Uart
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._machine import FreeBsd, Linux, Unseen, linux_uarts, this_machine
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Refused

SERVER = """\
serinfo:1.0 driver revision:
0: uart:16550A port:000003F8 irq:4 tx:0 rx:0
1: uart:16550A port:000002F8 irq:3 tx:1482 rx:7 RTS|CTS|DTR|DSR|CD
2: uart:unknown port:000003E8 irq:4
3: uart:unknown port:000002E8 irq:3
4: uart:16550A port:0000E060 irq:19 tx:0 rx:0 CTS|DSR
"""


def test_only_real_ports_of_a_PC_are_seen() -> None:
    assert linux_uarts(SERVER) == (Uart(0, 0x3F8, None), Uart(1, 0x2F8, True))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0: uart:16550A port:000003F8 irq:4 tx:0 rx:0 CTS|DSR", Uart(0, 0x3F8, False)),
        ("0: uart:16550A port:000003F8 irq:4 tx:0 rx:0 CD", Uart(0, 0x3F8, True)),
        ("0: uart:16550A port:000003F8 irq:4 tx:5 rx:0 fe:3 brk:1 RTS|DTR|RI", Uart(0, 0x3F8, False)),
        ("1: uart:16550A mmio:0xFE034000 irq:19 tx:0 rx:0", Uart(1, 0xFE034000, None)),
    ],
)
def test_the_lines_of_a_port_tell_the_carrier(line: str, expected: Uart) -> None:
    assert linux_uarts(line) == (expected,)


def test_a_machine_under_linux_is_read_from_sys_and_proc(tmp_path: Path) -> None:
    for path, content in (
        ("sys/firmware/acpi/tables/SPCR", b"SPCR\xff\x00"),
        ("sys/class/dmi/id/sys_vendor", b"Supermicro\n"),
        ("proc/tty/driver/serial", SERVER.encode()),
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(content)
    machine = Linux(tmp_path)
    assert (machine.spcr(), machine.vendor(), len(machine.uarts())) == (b"SPCR\xff\x00", "Supermicro", 2)


@pytest.mark.parametrize("machine", [Linux(Path("/nowhere")), Unseen()])
def test_what_a_machine_does_not_show_is_nothing(machine: Linux | Unseen) -> None:
    assert (machine.spcr(), machine.vendor(), tuple(machine.uarts())) == (None, None, ())


def test_without_the_right_to_read_it_says_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    with pytest.raises(Refused, match=r"/proc/tty/driver/serial may not be read.*become"):
        Linux(Path("/")).uarts()


def test_a_machine_under_freebsd_is_asked_and_its_lines_listed(tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []

    def output(argv: Sequence[str]) -> str:
        asked.append(argv)
        return "Supermicro\n"

    (tmp_path / "cuau0").write_text("no terminal")
    (tmp_path / "cuau0.lock").write_text("")
    machine = FreeBsd(tmp_path, output)
    assert (machine.spcr(), machine.vendor(), machine.uarts()) == (None, "Supermicro", (Uart(0, 0x3F8, None),))
    assert asked == [("kenv", "-q", "smbios.system.maker")]


def test_a_line_without_modem_signals_tells_no_carrier(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        (tmp_path / "cuau1").symlink_to(os.ttyname(theirs))
        assert FreeBsd(tmp_path, lambda argv: "").uarts() == (Uart(1, 0x2F8, None),)
    finally:
        os.close(ours)
        os.close(theirs)


def test_carrier_is_the_line_s_own_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cuau1").write_text("")
    answers = {True: b"\x40\x00\x00\x00", False: b"\x06\x00\x00\x00"}
    for there, lines in answers.items():
        monkeypatch.setattr(_machine.fcntl, "ioctl", lambda line, request, empty, lines=lines: lines)
        assert FreeBsd(tmp_path, lambda argv: "").uarts() == (Uart(1, 0x2F8, there),)


@pytest.mark.parametrize(("system", "expected"), [("Linux", Linux), ("FreeBSD", FreeBsd)])
def test_the_machine_is_chosen_by_the_system_that_runs(system: str, expected: type[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    assert isinstance(this_machine(), expected)

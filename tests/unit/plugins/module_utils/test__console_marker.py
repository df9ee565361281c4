# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Markers on pseudo terminals that stand for a host's serial ports."""

from __future__ import annotations

import os
import pathlib
import termios
import time
import types
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _console_marker as console_marker
from tests.integration.stand_in import Host as StandIn
from tests.stopwatch import stopwatch

NONCE = "4f2a9c"


@pytest.fixture
def make(tmp_path: pathlib.Path) -> t.Iterator[t.Callable[..., StandIn]]:
    made: list[StandIn] = []

    def make(*ports: str, rate: int = 115200) -> StandIn:
        made.append(StandIn(tmp_path / str(len(made)), ports or ("ttyS0", "ttyS1"), rate))
        return made[-1]

    yield make
    for host in made:
        host.close()


def ports_of(host: console_marker.Host, devices: list[str] | None = None) -> list[console_marker.Port]:
    return console_marker.find_ports(host, devices, host.running())


def mark(stand_in: StandIn, devices: list[str] | None = None, bit_rate: int | None = None, seconds: float = 0.2) -> list[console_marker.Port]:
    host = console_marker.Host(str(stand_in.folder))
    ports = ports_of(host, devices)
    console_marker.write_markers(host, ports, NONCE, seconds, 0.1, bit_rate)
    return ports


def test_each_port_is_marked_with_its_own_name(make: t.Callable[..., StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in, pauses = make(), [0.0]

    def pause(seconds: float) -> None:
        # Only pauses count, so that a machine that stalls leaves as many markers. The terminal needs them to pass on what is written.
        time.sleep(seconds)
        pauses.append(seconds)

    monkeypatch.setattr(console_marker, "time", types.SimpleNamespace(monotonic=lambda: sum(pauses), sleep=pause))
    ports = mark(stand_in)
    for port in ports:
        printed = os.read(stand_in.masters[port.name], 4096)
        assert printed.startswith(f"\r\nlightsout-console-check {NONCE} {port.name}\r\n".encode())
        assert port.markers == printed.count(NONCE.encode()) >= 2 and not port.error and not port.blocked
    assert [port.name for port in ports] == ["ttyS0", "ttyS1"]


def test_only_the_ports_that_were_given_are_opened(make: t.Callable[..., StandIn]) -> None:
    stand_in = make()
    assert [port.device for port in mark(stand_in, ["/dev/ttyS1"])] == ["/dev/ttyS1"]
    assert os.read(stand_in.masters["ttyS1"], 4096)
    os.set_blocking(stand_in.masters["ttyS0"], False)
    with pytest.raises(BlockingIOError):
        os.read(stand_in.masters["ttyS0"], 4096)


def test_a_name_without_a_chip_is_no_port(make: t.Callable[..., StandIn]) -> None:
    stand_in = make("ttyS10", "ttyS2", "ttyS3")
    stand_in.write("sys/class/tty/ttyS3/type", "0\n")
    (stand_in.folder / "dev/ttyprintk").touch()
    assert console_marker.Host(str(stand_in.folder)).ports() == ["/dev/ttyS2", "/dev/ttyS10"]


class TestRate:
    """Whose port it is, is whose rate it has."""

    def test_a_port_that_nobody_uses_gets_the_rate_and_its_own_back(self, make: t.Callable[..., StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
        stand_in, seen = make("ttyS0", rate=9600), []
        write = os.write

        def looks(file: int, data: bytes) -> int:
            seen.append(termios.tcgetattr(file)[5])
            return write(file, data)

        monkeypatch.setattr(os, "write", looks)
        stand_in.says(active="tty0", getty=None)
        (port,) = mark(stand_in, bit_rate=115200)
        assert (set(seen), stand_in.rate("ttyS0"), port.bit_rate, port.in_use) == ({termios.B115200}, termios.B9600, 9600, False)

    def test_the_kernels_console_keeps_its_rate(self, make: t.Callable[..., StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
        stand_in = make("ttyS1", rate=9600)
        changed: list[t.Any] = []
        monkeypatch.setattr(termios, "tcsetattr", lambda *arguments: changed.append(arguments))
        (port,) = mark(stand_in, bit_rate=115200)
        assert (changed, port.bit_rate, port.in_use, port.markers > 0) == ([], 9600, True, True)

    def test_so_does_one_that_a_program_has_open(self, make: t.Callable[..., StandIn]) -> None:
        stand_in = make("ttyS0")
        stand_in.says(active="tty0", getty=None)
        (stand_in.folder / "proc/9/fd").mkdir(parents=True)
        (stand_in.folder / "proc/9/fd/5").symlink_to("/dev/ttyS0")
        host = console_marker.Host(str(stand_in.folder))
        assert host.opened() == {"/dev/ttyS0"} and ports_of(host)[0].in_use


class TestOthersPorts:
    """A UPS's program, or a person in a terminal program, does not find our lines among its own."""

    @staticmethod
    def used(make: t.Callable[..., StandIn]) -> StandIn:
        stand_in = make("ttyS0", "ttyS1")
        stand_in.says(active="tty0 ttyS1", getty="ttyS1")
        for file in (5, 6):
            folder = stand_in.folder / f"proc/{file}/fd"
            folder.mkdir(parents=True)
            (folder / str(file)).symlink_to(f"/dev/ttyS{file - 5}")
        return stand_in

    def test_a_port_of_another_program_is_left_and_says_why(self, make: t.Callable[..., StandIn]) -> None:
        stand_in = self.used(make)
        ups, console = mark(stand_in)
        assert (ups.markers, ups.bit_rate, ups.error) == (0, None, console_marker.LEFT)
        assert console.markers and not console.error, "the kernel prints there, whoever else has it open"
        os.set_blocking(stand_in.masters["ttyS0"], False)
        with pytest.raises(BlockingIOError):
            os.read(stand_in.masters["ttyS0"], 4096)

    def test_one_that_the_task_names_is_written_on_all_the_same(self, make: t.Callable[..., StandIn]) -> None:
        (ups,) = mark(self.used(make), ["/dev/ttyS0"])
        assert ups.markers and ups.in_use and not ups.error

    def test_nothing_is_wrong_with_it_where_nothing_is_written(self, make: t.Callable[..., StandIn]) -> None:
        host = console_marker.Host(str(self.used(make).folder))
        assert [port.error for port in ports_of(host)] == ["", ""]


class TestTrouble:
    """What cannot be written on ends, and says why."""

    def test_a_port_that_takes_nothing_does_not_hold_it_up(self, make: t.Callable[..., StandIn]) -> None:
        stand_in = make("ttyS1")
        host = console_marker.Host(str(stand_in.folder))
        ports = ports_of(host)
        stand_in.hold("ttyS1")
        with stopwatch() as watch:
            console_marker.write_markers(host, ports, NONCE, 0.3, 0.1, None)
        assert watch.seconds < 2
        assert (ports[0].blocked, ports[0].markers, ports[0].error) == (True, 0, "")

    def test_one_that_is_not_there_or_no_terminal_has_an_error_and_the_others_go_on(self, make: t.Callable[..., StandIn]) -> None:
        stand_in = make("ttyS1")
        (stand_in.folder / "dev/file").write_text("", encoding="utf-8")
        ports = mark(stand_in, ["/dev/ttyS7", "/dev/file", "/dev/ttyS1"])
        assert ["No such file" in ports[0].error, "ioctl" in ports[1].error, ports[2].error] == [True, True, ""]
        assert (stand_in.folder / "dev/file").read_text(encoding="utf-8") == "" and ports[2].markers


class TestRunning:
    """What runs on the consoles."""

    def test_it_is_read_from_the_kernel_and_the_processes(self, make: t.Callable[..., StandIn]) -> None:
        stand_in = make()
        (stand_in.folder / "proc/9/fd").mkdir(parents=True)
        (stand_in.folder / "proc/9/fd/0").symlink_to("/dev/ttyS0")
        running = console_marker.Host(str(stand_in.folder)).running()
        assert (running.cmdline_consoles, running.active) == (["tty0", "ttyS1,115200n8"], ["tty0", "ttyS1"])
        assert running.logins == ["ttyS0", "ttyS1"], "somebody is logged in on ttyS0"

    def test_what_the_system_does_not_tell_is_not_known(self, tmp_path: pathlib.Path) -> None:
        assert console_marker.Host(str(tmp_path)).running() == console_marker.Running(None, None, None)

    def test_a_host_without_a_getty_has_no_login(self, make: t.Callable[..., StandIn]) -> None:
        stand_in = make()
        stand_in.says("ro quiet", "tty0", None)
        assert console_marker.Host(str(stand_in.folder)).running() == console_marker.Running([], ["tty0"], [])

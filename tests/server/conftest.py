# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers for the tests: one boots from nothing, the others go on from what was kept of it.

Each snapshot is a server at a point of its life: `careless`, `applied`, `restarted`, `in_band`. A test gets a server at the point that it
asks for, with a BMC new from the factory, and leaves nothing behind. All snapshots are on one disk, so one server runs at a time.
"""

from __future__ import annotations

import itertools
import os
import pathlib
import subprocess
import tempfile
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.integration.harness import Result
from tests.server.image import Image
from tests.server.image import image as build_image
from tests.server.server import PATIENCE, Play, Qemu, Server, folder_for, overlay, program

_numbers = itertools.count(1)

#: The playbook that sets both sides of the console, and its two variables.
CONSOLE: t.Final = str(pathlib.Path(__file__).with_name("console.yml"))
VARIABLES: t.Final[dict[str, t.Any]] = {"bmc_sol_bit_rate": "115200", "bmc_sol_port": 1}
#: Where a person logs in.
LOGIN: t.Final = r"^n1 login: "


def address(number: int, network: int = 43) -> str:
    """An address of the loopback network that no other server has, nor one of another run."""
    return f"127.{network}.{os.getpid() % 250}.{number}"


@dataclass
class Room:
    """Where servers are started, and the disk that has their snapshots."""

    image: Image
    folder: pathlib.Path
    disk: pathlib.Path

    def start(self, snapshot: str | None = None, *, network: bool = True) -> Server:
        """A server at an address of its own. Without `network` its BMC has none yet, and is where nobody looks for it."""
        number = next(_numbers)
        nowhere = None if network else address(number, 44)
        return Server(folder_for(number, self.folder), address(number), self.image, disk=self.disk, snapshot=snapshot, bmc_at=nowhere)


@pytest.fixture(scope="session")
def room() -> t.Iterator[Room]:
    """The disk is built if there is none of this recipe."""
    image = build_image()
    # pytest's own folders have names that are too long for sockets.
    with tempfile.TemporaryDirectory(prefix="server-") as name:
        folder = pathlib.Path(name)
        yield Room(image, folder, overlay(image, folder / "disk.qcow2"))


@dataclass(frozen=True)
class Lived:
    """What a server did until its snapshot."""

    snapshot: str
    result: Result
    play: Play | None = None
    boot_ids: tuple[str, str] = ("", "")


def boot_id(server: Server) -> str:
    """Another one for each boot."""
    return server.machine.ssh("cat /proc/sys/kernel/random/boot_id").strip()


@pytest.fixture(scope="session")
def careless(room: Room) -> Lived:
    """Switched on by ipmi_power; its loader's configuration is made from what a careless person wrote."""
    server = room.start()
    try:
        result = server.power("on")
        server.machine.await_up()
        server.machine.ssh("update-grub && sync")
        server.keep("careless")
    finally:
        server.stop()
    return Lived("careless", result)


@pytest.fixture(scope="session")
def applied(room: Room, careless: Lived) -> Lived:
    """The role has set the console, over SSH. Nothing was restarted."""
    server = room.start(careless.snapshot)
    try:
        before = boot_id(server)
        play = server.machine.play(CONSOLE, **server.options, **VARIABLES)
        assert play.code == 0, play.text
        after = boot_id(server)
        server.keep("applied")
    finally:
        server.stop()
    return Lived("applied", {}, play, (before, after))


@pytest.fixture(scope="session")
def restarted(room: Room, applied: Lived) -> Lived:
    """Reset by ipmi_power, while ipmi_console listens until there is a login."""
    server = room.start(applied.snapshot)
    try:
        with ThreadPoolExecutor(1) as pool:
            # The login that the role has started may still print its prompt: the one after the loader counts.
            visit = pool.submit(server.console, timeout=PATIENCE, steps=[{"expect": ["GNU GRUB"]}], expect=[LOGIN])
            await_console(server)
            reset = server.power("reset")
            result = visit.result(2 * PATIENCE)
        assert (reset.get("msg"), reset["changed"]) == (None, True), reset
        server.machine.await_up()
        server.machine.ssh("sync")
        server.keep("restarted")
    finally:
        server.stop()
    return Lived("restarted", result)


@pytest.fixture(scope="session")
def in_band_ready(room: Room, careless: Lived) -> Lived:
    """The site's package of pyghmi is installed by Ansible; the guest has no network."""
    server = room.start(careless.snapshot)
    try:
        package = {"name": "python3-pyghmi", "update_cache": True}
        play = server.machine.play([{"name": "pyghmi", "ansible.builtin.apt": package}])
        assert play.code == 0, play.text
        server.machine.ssh("sync")
        server.keep("in_band")
    finally:
        server.stop()
    return Lived("in_band", {}, play)


@pytest.fixture
def without_lan(room: Room, in_band_ready: Lived) -> t.Iterator[Qemu]:
    """A machine of the same disk, booted anew. Its BMC is QEMU's own, which has no LAN, no accounts and no console."""
    number = next(_numbers)
    folder = folder_for(number, room.folder)
    disk = folder / "disk.qcow2"
    command = [program("qemu-img"), "convert", "-l", f"snapshot.name={in_band_ready.snapshot}", "-O", "qcow2", str(room.disk), str(disk)]
    subprocess.run(command, check=True, timeout=PATIENCE)
    bmc = "-device ipmi-bmc-sim,id=bmc -device isa-ipmi-kcs,bmc=bmc"
    machine = Qemu(folder, address(number), room.image, bmc=bmc.split(), disk=disk)
    try:
        machine.monitor.do("cont")
        machine.await_up()
        yield machine
    finally:
        machine.stop()


def await_console(server: Server) -> None:
    """Wait until somebody has opened the console (Activate Payload), as the BMC's log shows it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if any((one.net_fn, one.command, one.code) == (0x06, 0x48, 0) for one in server.bmc.requests()):
            return
        time.sleep(0.05)
    raise TimeoutError("nobody opened the console")


@pytest.fixture
def start(room: Room) -> t.Iterator[t.Callable[..., Server]]:
    """Starts a server from a snapshot; stopped at the end of the test."""
    running: list[Server] = []

    def build(lived: Lived, **options: t.Any) -> Server:
        running.append(room.start(lived.snapshot, **options))
        return running[-1]

    yield build
    for server in running:
        server.stop()


Starter = t.Callable[..., Server]

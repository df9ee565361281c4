# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guard's program by itself, at a simulated BMC: what becomes of a console when the BMC, the host or the reader fails."""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import termios
import typing as t

import pytest

from tests.integration.console_schedules.parties import Place, program, write_program
from tests.integration.console_server.conftest import PATIENCE, wait_for
from tests.integration.harness import ipmitool
from tests.integration.person import LEAVE, OPERATIONAL, Person, with_ipmitool
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, users
from tests.stopwatch import stopwatch

#: Bytes that a pipe takes, at least.
FULL = 4096
#: Get Payload Instance Info.
INSTANCE = "06/4B"


@pytest.fixture(scope="module")
def rack(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    accounts = users()
    # ipmitool asks for a session as administrator.
    accounts[3]["privilege"] = "administrator"
    prefix, plain = network(), {"source": "static", "netmask": "255.255.255.0", "users": accounts}
    quick = {"network": {"reset_delay": 2.0}}
    # The second tells nobody that he loses a console, nor whose it is.
    mute = {"sol_quirks": {"tells_loser": False}, "commands": {"refused": {INSTANCE: 0xC1}}}
    rows = [{"name": f"n{number}", "address": f"{prefix}.{number}", "personality": one, **plain} for number, one in enumerate((quick, mute), 1)]
    return start_rack({"bmcs": rows})


@pytest.fixture
def place(rack: Rack, tmp_path: pathlib.Path) -> Place:
    """The program with its table, and a BMC whose host is at the login prompt and whose console nobody has."""
    return at_login(rack, "n1", tmp_path)


def at_login(rack: Rack, name: str, tmp_path: pathlib.Path) -> Place:
    for action in ("heal", "factory", "close_sessions", "clear_counters"):
        rack.ask(action, name)
    rack.ask("power", name, set="off")
    rack.ask("power", name, set="on")
    rack.ask("clock", advance=30)
    place = Place(name, rack.status(name)["address"], rack.port, PASSWORD, tmp_path, "127.0.0.1")
    write_program(place, {"server": "admin", "program": "admin"})
    (tmp_path / "s").mkdir()
    return place


def at_terminal(place: Place) -> Person:
    return Person(*program(place), "n2")


def rewrite(place: Place, **changed: t.Any) -> None:
    """Change the console's row of the table."""
    path = place.folder / "consoles.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    table["consoles"]["n2"].update(changed)
    new = place.folder / "new.json"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(table, file)
    new.replace(path)


def story(rack: Rack, name: str = "n1") -> list[str]:
    """What became of the console, in the BMC's words."""
    return [change["what"] for change in rack.ask("consoles", name)["bmcs"][name]]


def test_the_console_of_a_host_that_is_off_stays_open_until_it_starts(rack: Rack, place: Place) -> None:
    with at_terminal(place) as person:
        person.sees("the console is open")
        rack.ask("power", "n1", set="off")
        person.types("lost")
        person.sees("what was typed has not reached the host")
        ipmitool(place.host, "admin", PASSWORD, "chassis", "power", "on", port=place.port)
        person.sees("simulated BIOS")
        assert story(rack) == ["activated"]


def test_who_frees_the_console_has_the_time_to_open_it(rack: Rack, place: Place) -> None:
    rewrite(place, interval=3.0)
    options = place.options("oper")
    with at_terminal(place) as kept:
        kept.sees("the console is open")
        ipmitool(place.host, "oper", PASSWORD, "sol", "deactivate", port=place.port)
        with with_ipmitool(options) as person:
            person.sees(OPERATIONAL)
            kept.sees("the console was lost")
            kept.sees("held by user 3 (oper)")
            person.types("\r")
            person.sees("login:")
            person.types(LEAVE)
            person.leaves()
        kept.sees("the console is open")
    assert story(rack)[:5] == ["activated", "taken", "activated", "released", "activated"]


@pytest.mark.parametrize("how", ["a key", "its end"])
def test_a_person_who_took_it_keeps_it_on_a_bmc_that_tells_nobody_whose_it_is(rack: Rack, tmp_path: pathlib.Path, how: str) -> None:
    place = at_login(rack, "n2", tmp_path)
    with at_terminal(place) as kept:
        kept.sees("the console is open")
        ipmitool(place.host, "oper", PASSWORD, "sol", "deactivate", port=place.port)
        with with_ipmitool(place.options("oper")) as person:
            person.sees(OPERATIONAL)
            if how == "a key":
                kept.types("x")
                kept.sees("held; by whom the BMC does not say")
            else:
                kept.is_told(signal.SIGTERM)
                kept.leaves()
            person.types("\r")
            person.sees("login:")
            assert story(rack, "n2") == ["activated", "taken", "activated"]


def test_a_bmc_that_restarts_is_taken_back(rack: Rack, place: Place) -> None:
    rewrite(place, timeout=1.0)
    with at_terminal(place) as person:
        person.sees("the console is open")
        rack.ask("reset", "n1")
        person.sees("the console is not available")
        person.sees("the console is open")
        person.types("\r")
        person.sees("login:")
        assert story(rack) == ["activated", "ended", "activated"]


@pytest.mark.parametrize("trouble", ["silence", "name"])
def test_a_bmc_that_is_not_there_at_the_start_is_found_later(rack: Rack, place: Place, trouble: str) -> None:
    rewrite(place, timeout=1.0, **({"host": "bmc.invalid"} if trouble == "name" else {}))
    if trouble == "silence":
        rack.faults("n1", silent=True)
    with at_terminal(place) as person:
        person.sees("the console is not available")
        assert story(rack) == []
        if trouble == "silence":
            rack.ask("heal", "n1")
        else:
            rewrite(place, host=place.host)
        person.sees("the console is open")


def test_a_new_password_is_tried_at_once_and_a_refused_one_is_not(rack: Rack, place: Place) -> None:
    rewrite(place, password="of yesterday")
    with at_terminal(place) as person:
        person.sees("wrong password for user 'admin'")
        person.types("\r\r")
        person.sees("wrong password for user 'admin'")  # it says so once more, from memory
        before = rack.status("n1")["datagrams"]
        assert person.first_of("the console is open", seconds=2.5) is None
        assert rack.status("n1")["datagrams"] == before
        rewrite(place, password=PASSWORD)
        with stopwatch() as watch:
            person.sees("the console is open")
        assert watch.seconds < 5


def test_it_gives_the_console_back_when_told_to_though_nobody_reads_what_it_prints(rack: Rack, place: Place) -> None:
    def unread(pipe: t.IO[bytes]) -> int:
        return int(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0])

    with subprocess.Popen([*program(place), "n2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        pipe = process.stdout
        assert pipe is not None
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, FULL)
        wait_for(lambda: story(rack), "the console is not open")
        rack.ask("type", "n1", text="root\rsimulator\rseq 3000\r")
        wait_for(lambda: unread(pipe) > FULL - 200, "the pipe is not full")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert story(rack) == ["activated", "released"]


def test_a_service_that_is_killed_gives_its_consoles_back(rack: Rack, place: Place) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(place.folder / "notify"))
        manager.settimeout(PATIENCE)
        environment = {**os.environ, "NOTIFY_SOCKET": str(place.folder / "notify")}
        service = subprocess.Popen([*program(place), "--serve"], stdin=subprocess.DEVNULL, env=environment)
        assert manager.recv(64) == b"READY=1"
        assert (place.folder / "s/n1").is_socket()
    with service, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(PATIENCE)
        client.connect(str(place.folder / "s/n1"))
        assert b"the console is open" in client.recv(4096)
        service.kill()
        wait_for(lambda: story(rack)[1:], "its child has it still")
    assert story(rack) == ["activated", "released"]

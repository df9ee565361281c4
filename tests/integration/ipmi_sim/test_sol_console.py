# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The serial console of ipmi_sim, with ipmitool as the other party. The host is a socket that the test holds.

ipmi_sim takes 28 characters at a time, says the size of its own packets with the bytes swapped, and knows
neither user payload access nor most of SOL's configuration. It sends a packet six times, a second apart, and then drops it.
"""

from __future__ import annotations

import random
import socket
import time
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import ConsoleDisabled, ConsoleHeld, ConsoleLost
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHASSIS_STATUS
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from ansible_collections.lightsout.bmc.plugins.module_utils._sol_console import Pace, SolConsole
from tests.integration.ipmi_sim import rig
from tests.integration.ipmi_sim.conftest import Starter, next_address
from tests.integration.person import LEAVE, OPERATIONAL, Person, with_ipmitool

#: Seconds until something must have come.
PATIENCE = 20.0
#: Seconds after which ipmi_sim ends a session without requests, whatever its console carries.
SESSION_TIMEOUT = 30.0
#: What ipmi_sim makes of a break on a serial line that is a socket.
TELNET_BREAK = bytes((255, 243))
TEXT = bytes(33 + number % 90 for number in range(4000))


class Host:
    """A server's serial port."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        line.settimeout(PATIENCE)

    def prints(self, text: bytes) -> None:
        self._line.sendall(text)

    def reads(self, size: int) -> bytes:
        """So many characters, as they were typed."""
        text = b""
        while len(text) < size:
            more = self._line.recv(size - len(text))
            assert more, text
            text += more
        return text

    def reads_no_more(self, seconds: float) -> bool:
        """Whether nothing comes for some seconds."""
        self._line.settimeout(seconds)
        try:
            return not self._line.recv(1)
        except TimeoutError:
            return True
        finally:
            self._line.settimeout(PATIENCE)


@pytest.fixture
def serial() -> t.Iterator[socket.socket]:
    """Where ipmi_sim finds the host's serial line."""
    with socket.create_server((next_address(), 0)) as server:
        server.settimeout(PATIENCE)
        yield server


@pytest.fixture
def machine(start: Starter, serial: socket.socket) -> t.Iterator[tuple[rig.Bmc, Host]]:
    """A BMC and its host."""
    bmc = start(serial_host=serial.getsockname()[0], serial=serial.getsockname()[1], power=True)
    line, _peer = serial.accept()
    with line:
        yield bmc, Host(line)


def session(bmc: rig.Bmc, timeout: float = 3.0) -> Bmc:
    return open_session(Connection(host=bmc.host, port=bmc.port, user=bmc.user, password=bmc.password, timeout=timeout))


def at_the_console(bmc: rig.Bmc) -> Person:
    """A person with ipmitool, who goes past the front: ipmitool refuses a console on another port than the session's."""
    return with_ipmitool({**bmc.options, "bmc_host": bmc.sim.host, "bmc_port": bmc.sim.port})


def receives(console: SolConsole, size: int) -> bytes:
    """So many characters."""
    text, deadline = b"", time.monotonic() + PATIENCE
    while len(text) < size:
        more = console.receive(deadline)
        assert more, text
        text += more
    return text


def test_characters_both_ways_beside_requests(machine: tuple[rig.Bmc, Host]) -> None:
    bmc, host = machine
    with session(bmc) as link, SolConsole(link) as console:
        host.prints(b"login: ")
        assert receives(console, 7) == b"login: "
        console.send(b"root\r")
        assert host.reads(5) == b"root\r"
        console.send(TEXT)
        assert host.reads(len(TEXT)) == TEXT
        host.prints(TEXT)
        link.request(GET_CHASSIS_STATUS)
        assert receives(console, len(TEXT)) == TEXT
        console.send_break()
    assert bmc.sessions() == 0


def test_a_console_in_use_outlives_the_session_timeout(machine: tuple[rig.Bmc, Host]) -> None:
    bmc, host = machine
    with session(bmc) as link, SolConsole(link) as console:
        for _unused in range(7):
            host.prints(b".")
            assert receives(console, 1) == b"."
            assert console.receive(time.monotonic() + SESSION_TIMEOUT / 6) == b""
        console.send(b"x")
        assert host.reads(1) == b"x"


@pytest.mark.parametrize(("percent", "seed"), [(5, 1), (10, 2)])
def test_lost_packets_lose_and_double_nothing(machine: tuple[rig.Bmc, Host], percent: int, seed: int) -> None:
    bmc, host = machine
    dice = random.Random(seed)
    with session(bmc, timeout=30.0) as link, SolConsole(link, pace=Pace(resend=0.1, tries=100)) as console:
        bmc.front.loses = lambda: dice.uniform(0, 100) < percent
        console.send(TEXT)
        assert host.reads(len(TEXT)) == TEXT
        host.prints(TEXT)
        assert receives(console, len(TEXT)) == TEXT
        bmc.front.loses = lambda: False
        assert console.receive(time.monotonic() + 0.5) == b""
    assert host.reads_no_more(0.2)


def test_a_person_keeps_it_until_they_leave(machine: tuple[rig.Bmc, Host]) -> None:
    bmc, host = machine
    with at_the_console(bmc) as person:
        person.sees(OPERATIONAL)
        with session(bmc) as link:
            with pytest.raises(ConsoleHeld), SolConsole(link):
                pytest.fail("it was taken")
            host.prints(b"still yours\r\n")
            person.sees("still yours")
            person.types("yes")
            assert host.reads(3) == b"yes"
            person.types(LEAVE)
            person.leaves()
            host.reads(1)  # the key before the escape
            with SolConsole(link) as console:
                console.send(b"mine")
                assert host.reads(4) == b"mine"


def test_no_key_or_break_is_lost_after_others_who_typed(machine: tuple[rig.Bmc, Host]) -> None:
    # ipmi_sim keeps the number of the last packet over activations, and drops what comes with the same one.
    bmc, host = machine
    for keys in (0, 1, 2):
        with at_the_console(bmc) as person:
            person.sees(OPERATIONAL)
            for _key in range(keys):
                person.types("k")
                assert host.reads(1) == b"k"
            person.types(LEAVE)
            person.leaves()
        # ipmitool says that it is there before its terminal passes keys on as they are.
        assert host.reads(1) in (b"\r", b"\n")
        for text in (b"mine", b"again"):
            with session(bmc) as link, SolConsole(link) as console:
                console.send(text)
                assert host.reads(len(text)) == text
        with session(bmc) as link, SolConsole(link) as console:
            console.send_break()
            # ipmi_sim passes a break on with the next key.
            console.send(b"x")
            assert host.reads(3) == TELNET_BREAK + b"x"


def test_a_person_is_refused_while_it_is_open_here(machine: tuple[rig.Bmc, Host]) -> None:
    bmc, host = machine
    with session(bmc) as link, SolConsole(link) as console:
        with at_the_console(bmc) as person:
            person.sees("SOL payload already active on another session")
            person.leaves()
        host.prints(b"still yours")
        assert receives(console, 11) == b"still yours"


def test_whoever_takes_it_keeps_it(machine: tuple[rig.Bmc, Host]) -> None:
    bmc, host = machine
    with session(bmc) as link, SolConsole(link, pace=Pace(check=0.5)) as console:
        bmc.ipmitool("sol", "deactivate")
        with at_the_console(bmc) as person:
            person.sees(OPERATIONAL)
            with pytest.raises(ConsoleLost):
                console.receive(time.monotonic() + PATIENCE)
            console.release()
            host.prints(b"theirs\r\n")
            person.sees("theirs")


def test_a_person_who_crashed_keeps_it_until_the_bmc_misses_them(machine: tuple[rig.Bmc, Host]) -> None:
    bmc, _host = machine
    with at_the_console(bmc) as person:
        person.sees(OPERATIONAL)
        person.crash()
    crashed = time.monotonic()
    refusals = 0
    while time.monotonic() < crashed + SESSION_TIMEOUT + PATIENCE:
        with session(bmc) as link:
            try:
                with SolConsole(link):
                    break
            except ConsoleHeld:
                refusals += 1
                link.wait(1.0)
    else:
        pytest.fail("it was never free again")
    assert refusals


def test_disabled(machine: tuple[rig.Bmc, Host]) -> None:
    bmc, _host = machine
    bmc.run("ipmi_sol", enabled=False)
    with session(bmc) as link, pytest.raises(ConsoleDisabled), SolConsole(link):
        pytest.fail("it was opened")

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The serial console of simulated BMCs, with ipmitool as the other party."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    ConsoleDisabled,
    ConsoleEncryption,
    ConsoleHeld,
    ConsoleLimit,
    ConsoleLost,
    ConsoleUnavailable,
    SessionLost,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import CHASSIS_CONTROL, GET_CHASSIS_STATUS
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from ansible_collections.lightsout.bmc.plugins.module_utils._sol_console import Pace, SolConsole
from tests.integration.harness import CHECKOUT, ipmitool
from tests.integration.person import ESTABLISHED, LEAVE, OPERATIONAL, with_ipmiconsole, with_ipmitool
from tests.integration.simulator.conftest import Rack, Starter, Target, users
from tests.stopwatch import stopwatch

#: Seconds until a text must have come.
PATIENCE = 20.0
#: Holds a console until it is told to end.
PROGRAM = """
import signal, sys, time
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from ansible_collections.lightsout.bmc.plugins.module_utils._sol_console import Pace, SolConsole
signal.signal(signal.SIGTERM, lambda *_unused: sys.exit(3))
host, port, password = sys.argv[1:]
connection = Connection(host=host, port=int(port), user="admin", password=password, timeout=3.0)
with open_session(connection) as bmc, SolConsole(bmc, pace=Pace(check=0.01)) as console:
    print("open", flush=True)
    console.receive(time.monotonic() + 60)
"""


@pytest.fixture(scope="module")
def rack(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """n1 is plain, n2 does not tell who loses the console, n3 says nothing of who has it."""
    prefix = network()
    quirks: list[dict[str, t.Any]] = [
        {},
        {"sol_quirks": {"tells_loser": False}},
        {"sol_quirks": {"tells_loser": True}, "commands": {"refused": {"06/4B": 0xC1}}},
    ]
    rows = [
        {
            "name": f"n{number}",
            "address": f"{prefix}.{number}",
            "source": "static",
            "netmask": "255.255.255.0",
            "users": users(),
            **({"personality": quirk} if quirk else {}),
        }
        for number, quirk in enumerate(quirks, 1)
    ]
    return start_rack({"bmcs": rows})


@pytest.fixture
def make(rack: Rack) -> t.Callable[[int], Target]:
    """A BMC of the rack, healthy, nobody's, its host at the login prompt."""

    def target(number: int) -> Target:
        name = f"n{number}"
        for action in ("heal", "factory", "close_sessions"):
            rack.ask(action, name)
        rack.ask("power", name, set="off")
        rack.ask("power", name, set="on")
        rack.ask("clock", advance=30)
        status = rack.status(name)
        assert status["console"] == "login" and status["sol"] == []
        return Target(rack, name, status["address"])

    return target


@pytest.fixture
def target(make: t.Callable[[int], Target]) -> Target:
    return make(1)


def session(target: Target, **changed: t.Any) -> Bmc:
    options = {"host": target.host, "port": target.rack.port, "user": target.user, "password": target.password, "timeout": 3.0}
    return open_session(Connection(**{**options, **changed}))


def until(console: SolConsole, text: bytes, seconds: float = PATIENCE) -> bytes:
    """What comes up to a text."""
    got, deadline = b"", time.monotonic() + seconds
    while text not in got:
        more = console.receive(deadline)
        assert more, f"{text!r} did not come, but {got!r}"
        got += more
    return got


def log_in(console: SolConsole) -> None:
    console.send(b"\r")
    until(console, b"login: ")
    console.send(b"root\r")
    until(console, b"Password: ")
    console.send(b"simulator\r")
    until(console, b"# ")


def holders(target: Target) -> list[int]:
    """The instances that somebody has."""
    found: list[int] = target.rack.status(target.name)["sol"]
    return found


def test_somebody_logs_in_and_works(target: Target) -> None:
    with session(target) as bmc, SolConsole(bmc) as console:
        log_in(console)
        console.send(b"seq 400\r")
        # "400" alone would be the echo of the command.
        text = until(console, b"\r\n400\r\n")
        assert text.startswith(b"seq 400\r\n" + b"".join(b"%d\r\n" % number for number in range(1, 401)))
        assert holders(target) == [1]
    assert holders(target) == [] and target.sessions() == 0


def test_a_long_line_is_typed_in_packets_that_the_bmc_can_take(target: Target) -> None:
    line = b"echo " + bytes(33 + number % 90 for number in range(1500))
    with session(target) as bmc, SolConsole(bmc) as console:
        log_in(console)
        console.send(line + b"\r")
        assert until(console, line[5:] + b"\r\n" + line[5:] + b"\r\n").startswith(b"echo ")


def test_the_boot_is_read_while_requests_are_sent_in_the_same_session(target: Target) -> None:
    with session(target) as bmc, SolConsole(bmc) as console:
        bmc.request(CHASSIS_CONTROL, b"\x03")
        text, deadline = b"", time.monotonic() + PATIENCE
        while not text.endswith(b"login: "):
            bmc.request(GET_CHASSIS_STATUS)
            text += console.receive(deadline)
    lines = text.decode().splitlines()
    assert sum("simulated BIOS" in line for line in lines) == 1
    assert sum("Reached target multi-user" in line for line in lines) == 1
    assert lines.index(" *Debian GNU/Linux") < next(at for at, line in enumerate(lines) if "Linux version" in line)


def test_a_break_reaches_the_kernel(target: Target) -> None:
    with session(target) as bmc, SolConsole(bmc) as console:
        console.send_break()
        assert until(console, b"\r\n").startswith(b"sysrq: HELP")


def test_a_pause_keeps_the_text_back(target: Target) -> None:
    with session(target) as bmc, SolConsole(bmc) as console:
        console.pause()
        console.send(b"\r")
        assert console.receive(time.monotonic() + 0.5) == b""
        console.resume()
        until(console, b"login: ")


class TestOthers:
    """ipmitool is a person at the console."""

    def test_a_person_keeps_it_until_they_leave(self, target: Target) -> None:
        with with_ipmitool(target.options) as person:
            person.sees(OPERATIONAL)
            person.types("\r")
            person.sees("login: ")
            with session(target) as bmc:
                for _attempt in range(3):
                    with pytest.raises(ConsoleHeld), SolConsole(bmc):
                        pytest.fail("it was taken")
                person.types("root\r")
                person.sees("Password: ")
                person.types("simulator\r")
                person.sees("# ")
                person.types("whoami\r")
                person.sees("\r\nroot\r\n")
                person.types(LEAVE)
                person.leaves()
                with SolConsole(bmc) as console:
                    console.send(b"hostname\r")
                    until(console, b"\r\n" + target.name.encode())

    def test_a_person_who_crashed_keeps_it_until_the_bmc_misses_them(self, target: Target) -> None:
        with with_ipmitool(target.options) as person:
            person.sees(OPERATIONAL)
            person.crash()
        with session(target) as bmc, pytest.raises(ConsoleHeld), SolConsole(bmc):
            pytest.fail("it was taken")
        target.rack.ask("clock", advance=50)
        with session(target) as bmc, pytest.raises(ConsoleHeld), SolConsole(bmc):
            pytest.fail("it was taken")
        target.rack.ask("clock", advance=11)
        with session(target) as bmc, SolConsole(bmc):
            assert holders(target) == [1]

    def test_a_person_is_refused_while_it_is_open_here(self, target: Target) -> None:
        with session(target) as bmc, SolConsole(bmc) as console:
            with with_ipmitool(target.options) as person:
                person.sees("SOL payload already active on another session")
                person.leaves()
            log_in(console)

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_whoever_takes_it_keeps_it(self, make: t.Callable[[int], Target], number: int) -> None:
        # 2 tells only when asked, 3 only by itself.
        target = make(number)
        with session(target) as bmc, SolConsole(bmc, pace=Pace(check=0.5)) as console:
            ipmitool(target.host, target.user, target.password, "sol", "deactivate", port=target.rack.port)
            with with_ipmitool(target.options) as person:
                person.sees(OPERATIONAL)
                with pytest.raises(ConsoleLost, match="took|taken"):
                    until(console, b"never")
                console.release()
                person.types("\r")
                person.sees("login: ")
                assert holders(target) == [1]
                # The session itself is not lost with the console.
                bmc.request(GET_CHASSIS_STATUS)
                person.types(LEAVE)
                person.leaves()

    def test_a_person_with_ipmiconsole_keeps_it_until_they_leave(self, target: Target) -> None:
        with with_ipmiconsole(target.options) as person:
            person.sees(ESTABLISHED)
            with session(target) as bmc:
                with pytest.raises(ConsoleHeld), SolConsole(bmc):
                    pytest.fail("it was taken")
                person.types("\r")
                person.sees("login: ")
                person.types("&.")
                person.leaves()
                with SolConsole(bmc) as console:
                    log_in(console)

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_ipmiconsole_takes_it_and_keeps_it(self, make: t.Callable[[int], Target], number: int) -> None:
        target = make(number)
        with session(target) as bmc, SolConsole(bmc, pace=Pace(check=0.5)) as console, with_ipmiconsole(target.options) as person:
            person.sees(ESTABLISHED)
            with pytest.raises(ConsoleLost):
                until(console, b"never")
            console.release()
            person.types("\r")
            person.sees("login: ")
            person.types("&.")
            person.leaves()

    def test_ipmiconsole_that_does_not_steal_is_refused(self, target: Target) -> None:
        with session(target) as bmc, SolConsole(bmc) as console:
            with with_ipmiconsole(target.options, "--dont-steal") as person:
                person.sees("SOL in use")
                person.leaves()
            log_in(console)

    def test_it_is_noticed_while_typing_too(self, make: t.Callable[[int], Target]) -> None:
        target = make(2)
        with session(target) as bmc, SolConsole(bmc, pace=Pace(resend=0.1, tries=5)) as console:
            ipmitool(target.host, target.user, target.password, "sol", "deactivate", port=target.rack.port)
            with pytest.raises(ConsoleLost):
                console.send(b"x")


class TestRefusals:
    """Why it is not opened, and why nothing gets through."""

    def test_disabled_on_the_channel(self, target: Target) -> None:
        ipmitool(target.host, target.user, target.password, "sol", "set", "enabled", "false", "1", port=target.rack.port)
        with session(target) as bmc, pytest.raises(ConsoleDisabled), SolConsole(bmc):
            pytest.fail("it was opened")

    def test_not_allowed_for_the_account(self, target: Target) -> None:
        ipmitool(target.host, target.user, target.password, "sol", "payload", "disable", "1", "2", port=target.rack.port)
        with session(target) as bmc, pytest.raises(ConsoleDisabled, match="sol_payload"), SolConsole(bmc):
            pytest.fail("it was opened")

    def test_no_further_instance(self, target: Target) -> None:
        with session(target) as bmc, pytest.raises(ConsoleLimit), SolConsole(bmc, instance=2):
            pytest.fail("it was opened")

    @pytest.mark.parametrize("code", [0x83, 0x84])
    def test_encryption(self, target: Target, code: int) -> None:
        target.faults(refuse={"06/48": code})
        with session(target) as bmc, pytest.raises(ConsoleEncryption), SolConsole(bmc):
            pytest.fail("it was opened")

    def test_forced_encryption_is_kept(self, target: Target) -> None:
        ipmitool(target.host, target.user, target.password, "sol", "set", "force-encryption", "true", "1", port=target.rack.port)
        with session(target) as bmc, SolConsole(bmc) as console:
            log_in(console)

    def test_a_host_that_is_off(self, target: Target) -> None:
        target.rack.ask("power", target.name, set="off")
        with session(target) as bmc, SolConsole(bmc, pace=Pace(refused=1.0)) as console:
            with pytest.raises(ConsoleUnavailable, match="powered off"):
                console.send(b"\r")
            with pytest.raises(ConsoleUnavailable, match="powered off"):
                console.send_break()


class TestLongAndBad:
    """Idle consoles, bad networks, and BMCs that go away."""

    def test_an_idle_console_is_kept(self, target: Target) -> None:
        with session(target) as bmc, SolConsole(bmc, pace=Pace(check=0.3)) as console:
            for _unused in range(4):
                target.rack.ask("clock", advance=40)
                assert console.receive(time.monotonic() + 0.5) == b""
            log_in(console)

    @pytest.mark.parametrize(("percent", "seed"), [(10, 1), (20, 2), (20, 3), (30, 4)])
    def test_lost_datagrams_lose_and_double_nothing(self, target: Target, percent: int, seed: int) -> None:
        line = b"echo " + bytes(33 + number % 90 for number in range(900))
        ipmitool(target.host, target.user, target.password, "sol", "set", "retry-interval", "5", "1", port=target.rack.port)
        with session(target, timeout=30.0) as bmc, SolConsole(bmc, pace=Pace(resend=0.05, tries=100)) as console:
            target.faults(loss=percent, seed=seed)
            log_in(console)
            console.send(b"seq 300\r")
            numbers = b"".join(b"%d\r\n" % number for number in range(1, 301))
            assert until(console, b"\r\n300\r\n", 60).startswith(b"seq 300\r\n" + numbers)
            console.send(line + b"\r")
            expected = line + b"\r\n" + line[5:] + b"\r\n"
            assert expected in until(console, line[5:] + b"\r\n" + line[5:] + b"\r\n", 60)
            target.rack.ask("heal", target.name)
        assert holders(target) == []

    def test_doubled_datagrams_double_nothing(self, target: Target) -> None:
        target.faults(duplicate=True)
        with session(target) as bmc, SolConsole(bmc) as console:
            log_in(console)
            console.send(b"seq 100\r")
            numbers = b"".join(b"%d\r\n" % number for number in range(1, 101))
            assert until(console, b"\r\n100\r\n").startswith(b"seq 100\r\n" + numbers)

    def test_a_bmc_that_goes_silent(self, target: Target) -> None:
        with session(target, timeout=1.0) as bmc, contextlib.ExitStack() as leaving:
            with SolConsole(bmc, pace=Pace(check=0.2)) as console:
                target.faults(silent=True)
                with pytest.raises(SessionLost):
                    console.receive(time.monotonic() + PATIENCE)
                watch = leaving.enter_context(stopwatch())
            assert watch.seconds < 0.5, "a silent BMC was waited for once more"

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
    def test_it_is_given_back_whatever_goes_wrong(self, target: Target, error: type[BaseException]) -> None:
        with session(target) as bmc:
            with pytest.raises(error), SolConsole(bmc):
                raise error
            assert holders(target) == [] and target.sessions() == 1

    def test_it_is_given_back_by_a_program_that_is_told_to_end(self, target: Target) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, target.host, str(target.rack.port), target.password],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": f"{CHECKOUT}/.collections"},
            stdout=subprocess.PIPE,
        ) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == b"open\n"
            assert holders(target) == [1]
            program.send_signal(signal.SIGTERM)
            assert program.wait(PATIENCE) == 3
        assert holders(target) == [] and target.sessions() == 0

    @pytest.mark.parametrize("lost", ["06/48", "06/49"])
    def test_a_lost_answer_leaves_no_console_open(self, target: Target, lost: str) -> None:
        target.faults(drop_answers=1, drop_answers_on=lost)
        with session(target) as bmc, SolConsole(bmc) as console:
            console.send(b"\r")
            until(console, b"login: ")
        assert holders(target) == []

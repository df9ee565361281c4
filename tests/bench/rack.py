# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many simulated BMCs in one process, on addresses in a row, and addresses at which nobody answers."""

from __future__ import annotations

import contextlib
import ipaddress
import itertools
import os
import pathlib
import resource
import select
import socket
import subprocess
import sys
import typing as t

import yaml

from tests.integration.harness import CHECKOUT
from tests.simulator.control import call

USER, PASSWORD, OTHER_PASSWORD = "bench", "Sesam-oeffne-di!", "Abracadabra"
FIRST: t.Final = ipaddress.IPv4Address("127.64.0.1")
#: nmap knows what to say to a BMC on this port only. It needs root, as nmap does.
IPMI_PORT, OTHER_PORT = 623, 6623
#: Seconds until a rack must be ready.
_READY: t.Final = 60
#: File descriptors of the process beside those of silent addresses.
_SPARE: t.Final = 200


def address(number: int) -> str:
    """Where the BMC of this number (from 1) is."""
    return str(FIRST + number - 1)


def name(number: int) -> str:
    """What the BMC of this number is called."""
    return f"ccw{number:04d}"


def node_set(count: int) -> str:
    """The addresses of the first BMCs as FreeIPMI's programs take them."""
    return ",".join(f"{prefix}.[{low}-{high}]" for prefix, low, high, _first in _rows(1, count))


def _rows(first: int, last: int) -> t.Iterator[tuple[str, int, int, int]]:
    """The first three bytes of addresses, the last byte from and to, and the number of the first."""
    numbers = range(first, last + 1)
    for prefix, row in itertools.groupby(numbers, lambda number: address(number).rpartition(".")[0]):
        part = list(row)
        low, high = (int(address(number).rpartition(".")[2]) for number in (part[0], part[-1]))
        yield prefix, low, high, part[0]


def port() -> int:
    """IPMI's own port where this account may have it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("127.64.255.254", IPMI_PORT))
        except PermissionError:
            return OTHER_PORT
    return IPMI_PORT


class Rack:
    """One process with many BMCs, whose hosts are on."""

    def __init__(self, folder: pathlib.Path, count: int, at: int, *, locked: int = 0) -> None:
        """Start `count` BMCs on the port `at`; the last `locked` of them have another password."""
        self.count, self.port = count, at
        self._control = folder / f"control-{count}"
        rack = folder / f"rack-{count}.yml"
        bmcs = [*self._entries(1, count - locked, PASSWORD), *self._entries(count - locked + 1, count, OTHER_PASSWORD)]
        rack.write_text(yaml.safe_dump({"port": at, "bmcs": bmcs}), encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulator", "--rack", str(rack), "--control", str(self._control)],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        try:
            ready, _write, _error = select.select([self._process.stdout], [], [], _READY)
            if not ready or not self._process.stdout.readline().startswith("ready:"):
                raise RuntimeError("the simulated rack did not become ready")
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def _entries(first: int, last: int, password: str) -> t.Iterator[dict[str, t.Any]]:
        for prefix, low, high, number in _rows(first, last):
            yield {
                "name": f"ccw[{number:04d}-{number + high - low:04d}]",
                "maker": "generic",
                "address": f"{prefix}.[{low}-{high}]",
                "netmask": "255.255.192.0",
                "source": "static",
                "power": "on",
                "users": {2: {"name": USER, "password": password, "privilege": "administrator"}},
            }

    def faults(self, numbers: t.Iterable[int], **faults: t.Any) -> None:
        """Make these misbehave."""
        self._ask("faults", [name(number) for number in numbers], faults=faults)

    def sessions(self) -> dict[str, int]:
        """The BMCs that hold sessions, and how many."""
        counts = {bmc: len(status["sessions"]) for bmc, status in self._ask("status", "*")["bmcs"].items()}
        return {bmc: count for bmc, count in counts.items() if count}

    def commands(self, number: int) -> dict[tuple[int, int], int]:
        """What a BMC was asked in sessions so far: network function and command, and how often."""
        counts = self._ask("status", name(number))["bmcs"][name(number)]["by_command"]
        return {(int(pair[:2], 16), int(pair[3:], 16)): count for pair, count in counts.items()}

    def consoles(self) -> dict[str, list[dict[str, t.Any]]]:
        """Who had each BMC's console, the oldest first."""
        return t.cast("dict[str, list[dict[str, t.Any]]]", self._ask("consoles", "*")["bmcs"])

    def held(self) -> int:
        """How many consoles are held."""
        return sum(bool(status["sol"]) for status in self._ask("status", "*")["bmcs"].values())

    def requests(self) -> int:
        """What all BMCs were asked in sessions so far."""
        return sum(status["requests"] for status in self._ask("status", "*")["bmcs"].values())

    def cpu(self) -> float:
        """Seconds of processor that it has used so far."""
        fields = pathlib.Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        # proc(5): utime and stime are the fields 14 and 15; the name in front of them is cut off.
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _ask(self, action: str, bmc: str | list[str], **what: t.Any) -> dict[str, t.Any]:
        answer = call(self._control, {"do": action, "bmc": bmc, **what})
        if not answer["ok"]:
            raise RuntimeError(f"the simulated rack refused {action}: {answer}")
        return answer

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(_READY)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextlib.contextmanager
def running(folder: pathlib.Path, count: int, at: int, *, locked: int = 0) -> t.Iterator[Rack]:
    """A rack for a while."""
    rack = Rack(folder, count, at, locked=locked)
    try:
        yield rack
    finally:
        rack.stop()


@contextlib.contextmanager
def silence(after: int, until: int, at: int) -> t.Iterator[None]:
    """Nobody answers at the addresses after the first and until the second number.

    Without this the loopback network says at once that nothing listens there, which no network of BMCs does.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if until - after + _SPARE > hard:
        raise RuntimeError(f"{until - after} silent addresses need as many open files; `ulimit -Hn` is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.ExitStack() as stack:
        for number in range(after + 1, until + 1):
            sock = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sock.bind((address(number), at))
        yield

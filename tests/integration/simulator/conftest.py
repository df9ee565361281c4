# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated rack for each test that asks for one."""

from __future__ import annotations

import itertools
import os
import pathlib
import select
import subprocess
import sys
import typing as t
from dataclasses import dataclass

import pytest
import yaml

from tests.integration.harness import CHECKOUT
from tests.simulator.control import call

PASSWORD = "Sesam-oeffne-dich"
OTHER_PASSWORD = "Abracadabra-20-bytes"
#: Seconds until a rack must be ready.
READY = 60
#: `bmc_timeout` for a BMC that is meant to answer, which may take its time on a busy machine, and for one that is meant not to.
LONG, SHORT = 10, 3
#: Faults with which a request has no answer, or no effect, which is waited for.
WAITED_FOR = frozenset({"drop_answers", "ignore", "reset_after", "reset_before", "silent", "silent_after"})
_numbers = itertools.count(1)


@dataclass
class Rack:
    """A running rack and the way to talk to it."""

    control: pathlib.Path
    port: int

    def ask(self, action: str, bmc: str | list[str] = "*", **what: t.Any) -> dict[str, t.Any]:
        """One request to the control socket."""
        answer = call(self.control, {"do": action, "bmc": bmc, **what})
        assert answer["ok"], answer
        return answer

    def status(self, bmc: str) -> dict[str, t.Any]:
        """What the BMC is doing."""
        return t.cast("dict[str, t.Any]", self.ask("status", bmc)["bmcs"][bmc])

    def state(self, bmc: str) -> dict[str, t.Any]:
        """What the BMC holds."""
        return t.cast("dict[str, t.Any]", self.ask("state", bmc)["bmcs"][bmc])

    def put(self, bmc: str, *at: t.Any, value: t.Any) -> None:
        """Set one value of what it holds, whatever its commands would allow; `at` is the way to it in `state`."""
        self.ask("put", bmc, at=list(at), value=value)

    def faults(self, bmc: str, **faults: t.Any) -> None:
        """Make it misbehave."""
        self.ask("faults", bmc, faults=faults)

    def writes(self, bmc: str) -> int:
        """Requests so far that change something."""
        return int(self.status(bmc)["writes"])


@dataclass
class Target:
    """One BMC of a rack, and the options to reach it."""

    rack: Rack
    name: str
    host: str
    user: str = "admin"
    password: str = PASSWORD
    timeout: float = LONG

    @property
    def options(self) -> dict[str, t.Any]:
        """The connection options."""
        return {
            "bmc_host": self.host,
            "bmc_port": self.rack.port,
            "bmc_user": self.user,
            "bmc_password": self.password,
            "bmc_timeout": self.timeout,
        }

    def writes(self) -> int:
        """Requests so far that change something."""
        return self.rack.writes(self.name)

    def sessions(self) -> int:
        """Sessions in use."""
        return len(self.rack.status(self.name)["sessions"])

    def faults(self, **faults: t.Any) -> None:
        """Make it misbehave."""
        if WAITED_FOR.intersection(faults):
            self.timeout = SHORT
        self.rack.faults(self.name, **faults)

    def state(self) -> dict[str, t.Any]:
        """What it holds."""
        return self.rack.state(self.name)

    def put(self, *at: t.Any, value: t.Any) -> None:
        """Set one value of what it holds, whatever its commands would allow; `at` is the way to it in `state`."""
        self.rack.put(self.name, *at, value=value)


Starter = t.Callable[[dict[str, t.Any]], Rack]


@pytest.fixture(scope="session")
def network() -> t.Callable[[], str]:
    """A /24 of the loopback network for each rack, so that they do not meet, nor those of another worker or run."""
    return lambda: f"127.{32 + os.getpid() % 90}.{next(_numbers)}"


@pytest.fixture(scope="module")
def start_rack(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Starter]:
    """Starts a rack from a rack file's content; stopped at the end of the test file."""
    running: list[subprocess.Popen[str]] = []

    def start(content: dict[str, t.Any]) -> Rack:
        folder = tmp_path_factory.mktemp("rack")
        (folder / "rack.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        control = folder / "control"
        port = content.get("port", 6623)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulator", "--rack", str(folder / "rack.yml")]
            + ["--control", str(control), "--port", str(port)],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], READY)[0], "the rack did not become ready"
        assert process.stdout.readline().startswith("ready:")
        return Rack(control, port)

    yield start
    for process in running:
        process.terminate()
        process.wait(timeout=READY)
        if process.stdout is not None:
            process.stdout.close()


def users(password: str = PASSWORD) -> dict[int, dict[str, t.Any]]:
    """Accounts of a simulated BMC: one for each privilege that tests use."""
    return {
        2: {"name": "admin", "password": password, "privilege": "administrator"},
        3: {"name": "oper", "password": password, "privilege": "operator"},
    }


@pytest.fixture(scope="module")
def rack(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """The rack of this test file: eight BMCs, factory-fresh for each test that takes one."""
    prefix = network()
    bmcs = [
        {
            "name": "n[1-8]",
            "maker": "generic",
            "address": f"{prefix}.[1-8]",
            "netmask": "255.255.255.0",
            "gateway": f"{prefix}.254",
            "source": "static",
            "users": users(),
        }
    ]
    rack = start_rack({"bmcs": bmcs})
    return rack


@pytest.fixture
def bmc(rack: Rack) -> Target:
    """A BMC as it comes from the factory, with no faults."""
    rack.ask("heal", "n1")
    rack.ask("factory", "n1")
    rack.ask("close_sessions", "n1")
    rack.ask("power", "n1", os_obeys=True, set="off")
    rack.ask("clear_counters", "n1")
    status = rack.status("n1")
    return Target(rack, "n1", status["address"])

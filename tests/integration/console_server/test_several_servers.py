# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two console servers share the consoles, and one stands in for the other. Both are real, each under a name and an address of its own."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import typing as t

from tests.integration.console_server.conftest import NAMES, Site, names_from, need
from tests.integration.ipmi_sim.front import Front
from tests.integration.person import LEAVE, OPERATIONAL, Person, with_ipmitool
from tests.integration.simulator.conftest import Rack

Maker = t.Callable[..., Site]
SERVERS = ["cs1", "cs2"]
#: By the plan: cs1 has n1, cs2 the others.
FIRST, SECOND = "cs1", "cs2"


class Elsewhere(Front):
    """As Front, and the BMC sees the client at another address: that of another machine."""

    def __init__(self, address: str, bmc: str, port: int, source: str) -> None:
        self._source = source
        super().__init__((address, port), (bmc, port))

    def _from_client(self) -> None:
        packet, client = self._outer.recvfrom(2048)
        if client not in self._ways:
            way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            way.bind((self._source, 0))
            way.connect(self._inside)
            self._ways[client] = way
            self._selector.register(way, 1, self._to(client, way))
        self._ways[client].send(packet)


class Pair:
    """Two servers and the clients' names for them."""

    def __init__(self, make_site: Maker, folder: pathlib.Path, network: str) -> None:
        addresses = {FIRST: f"{network}.101", SECOND: f"{network}.102"}
        settings: dict[str, t.Any] = {"console_server_servers": SERVERS, "console_server_allowed": ["127.0.0.0/8"]}
        self.one, self.other = make_site(FIRST, **settings), make_site(SECOND, **settings)
        self.other.port = self.one.port
        for name, site, foreign in ((FIRST, self.one, SECOND), (SECOND, self.other, FIRST)):
            site.settings |= {"console_server_port": self.one.port}
            site.listen = addresses[name]
            # conserver knows itself by the addresses of the interfaces, and the loopback's has 127.0.0.1 alone.
            site.names = f"127.0.0.1 localhost {name}\n{addresses[foreign]} {foreign}\n"
        hosts = folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in addresses.items()), encoding="ascii")
        self._environment = [f"{key}={value}" for key, value in names_from(hosts).items()]

    def client(self, name: str) -> Person:
        """Somebody who always asks the first server."""
        way = [need("console"), "-n", "-M", FIRST, "-p", str(self.one.port), "-l", "al", name]
        return Person("env", *self._environment, *way)


def play(site: Site, **changed: t.Any) -> None:
    done = site.play(**changed)
    assert done.returncode == 0, done.stdout + done.stderr


def die(*processes: subprocess.Popen[bytes]) -> None:
    """As at a power cut: nobody is told anything."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def works(pair: Pair, name: str) -> None:
    with pair.client(name) as client:
        client.sees("Enter")
        client.types("\r")
        client.sees("login:")


def test_each_server_has_its_consoles_and_one_stands_in_for_the_other_without_stealing(
    make_site: Maker, tmp_path: pathlib.Path, rack: Rack, network: t.Callable[[], str]
) -> None:
    prefix = network()
    pair = Pair(make_site, tmp_path, prefix)
    fronts = []
    for number, name in enumerate(NAMES[1:], 1):
        bmc = pair.one.address(name)
        fronts.append(Elsewhere(f"{prefix}.{number}", bmc, rack.port, f"{prefix}.102"))
        pair.other.own[name] = {**pair.other.options(name, "admin"), "bmc_host": f"{prefix}.{number}"}
    try:
        with with_ipmitool(pair.one.options("n3")) as person:
            person.sees(OPERATIONAL)
            play(pair.one)
            play(pair.other)
            pair.one.start_program()
            first = pair.one.start_conserver()
            dying = [pair.other.start_program(), pair.other.start_conserver()]
            pair.one.logs("n1", "the console is open")
            pair.other.logs("n2", "the console is open")
            pair.other.logs("n3", "held by user 3 (oper)")
            assert not pair.one.log("n2") and not pair.one.log("n3") and not pair.other.log("n1")
            # Whoever asks the wrong one is sent to the right one.
            works(pair, "n2")

            die(*dying)
            with pair.client("n2") as client:
                client.sees("Unable to connect")
            # The other consoles do not notice.
            works(pair, "n1")
            play(pair.one, console_server_down=[SECOND])
            first.send_signal(signal.SIGHUP)
            # The dead server's session still has the console: of our account, from another address. That may be alive, so it is left alone.
            pair.one.logs("n2", f"held by user 2 (admin) from {prefix}.102")
            pair.one.logs("n3", "held by user 3 (oper)")
            # What a BMC does with a session that has been silent for a minute.
            rack.ask("close_sessions", "n2")
            pair.one.logs("n2", "n2: the console is open")
            works(pair, "n2")
            person.types("\r")
            person.sees("login:")

            # It comes back as it was, and does not take what the other has by now.
            pair.other.start_program()
            pair.other.start_conserver()
            pair.other.logs("n2", "held by user 2 (admin) from 127.")
            works(pair, "n2")
            play(pair.one)
            first.send_signal(signal.SIGHUP)
            pair.other.logs("n2", "n2: the console is open", 2)
            works(pair, "n2")
            assert person.there and "cut off" not in pair.one.log("n3") + pair.other.log("n3")
            person.types(LEAVE)
            person.leaves()
            pair.other.logs("n3", "n3: the console is open")
    finally:
        for front in fronts:
            front.stop()


def test_a_server_whose_name_leads_elsewhere_is_refused_before_anything_is_written(make_site: Maker) -> None:
    site = make_site(console_server_services=True, console_server_servers=["192.0.2.9"])
    done = site.play("--tags", "console_server_plan")
    assert done.returncode != 0
    assert "None of console_server_servers (192.0.2.9) leads from this server to an address of one of its interfaces" in done.stdout
    assert not (site.folder / "server.cf").exists()


def test_a_server_that_knows_itself_is_not(make_site: Maker) -> None:
    site = make_site(console_server_services=True, console_server_servers=["nowhere.invalid", "192.0.2.9", "localhost"])
    done = site.play("--tags", "console_server_plan")
    assert done.returncode == 0, done.stdout

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small racks for the roles that audit, and runs of playbooks over them."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import typing as t
from dataclasses import dataclass

from tests.integration.harness import ansible
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, users


@dataclass
class Run:
    """What a run printed, how it ended, and its recap by host."""

    text: str
    code: int
    recap: dict[str, dict[str, int]]

    @property
    def failed(self) -> set[str]:
        """The hosts that failed."""
        return {host for host, counts in self.recap.items() if counts["failed"] or counts["unreachable"]}

    @property
    def changed(self) -> set[str]:
        """The hosts that something changed on."""
        return {host for host, counts in self.recap.items() if counts["changed"]}


@dataclass
class Room:
    """A rack of BMCs, and the inventory for it."""

    rack: Rack
    prefix: str
    inventory: dict[str, t.Any]
    folder: pathlib.Path

    @property
    def variables(self) -> dict[str, t.Any]:
        """What holds for all hosts."""
        return t.cast("dict[str, t.Any]", self.inventory["all"]["vars"])

    def host(self, name: str) -> dict[str, t.Any]:
        """The variables of one host."""
        return t.cast("dict[str, t.Any]", self.inventory["all"]["hosts"][name])

    @property
    def names(self) -> list[str]:
        """The hosts."""
        return list(self.inventory["all"]["hosts"])

    def writes(self) -> dict[str, int]:
        """Requests so far that changed something, by host."""
        return {name: self.rack.writes(name) for name in self.names}

    def requests(self) -> int:
        """Requests so far, of all BMCs."""
        return sum(int(self.rack.status(name)["requests"]) for name in self.names)

    def silence(self, name: str) -> None:
        """Let a BMC answer no more. It alone is waited for shortly: the others may take their time on a busy machine."""
        self.host(name)["bmc_timeout"] = 1
        self.rack.faults(name, silent=True)

    def spoil(self, name: str) -> None:
        """Let anybody in without a password (A-02), over IPMI 1.5."""
        self.rack.put(name, "lan", "1", "auth_enables", value="1415141400")

    def spoilt(self, name: str) -> bool:
        """Whether that is so."""
        enables = bytes.fromhex(str(self.rack.state(name)["lan"]["1"]["auth_enables"]))
        return any(level & 1 for level in enables)

    def run(self, playbook: str, *args: str, environment: dict[str, str] | None = None, forks: int = 4, **variables: t.Any) -> Run:
        """A playbook of the collection, or a file; `variables` go before those of the inventory."""
        return run(self, playbook, *args, "-f", str(forks), *(["-e", json.dumps(variables)] if variables else []), environment=environment)

    def play(self, content: dict[str, t.Any], *args: str, **options: t.Any) -> Run:
        """A play of one's own."""
        path = self.folder / "play.yml"
        path.write_text(json.dumps([{"name": "Own play", "hosts": "all", "gather_facts": False, **content}]), encoding="utf-8")
        return self.run(str(path), *args, **options)


def run(room: Room, *args: str, environment: dict[str, str] | None = None) -> Run:
    """ansible-playbook over the room."""
    done: subprocess.CompletedProcess[str] = ansible(
        *args, program="ansible-playbook", inventory=room.inventory, tmp_path=room.folder, environment=environment
    )
    recap = {}
    for line in done.stdout.splitlines():
        match = re.match(r"^([\w.-]+) +: (ok=.*)$", line)
        if match:
            recap[match[1]] = {key: int(count) for key, count in (word.split("=") for word in match[2].split())}
    return Run(done.stdout + done.stderr, done.returncode, recap)


def make_room(start_rack: Starter, prefix: str, folder: pathlib.Path, count: int = 3, odd: dict[str, t.Any] | None = None) -> Room:
    """So many BMCs of no maker in particular, n1 and so on; `odd` says by name how one's personality differs."""
    names = [f"n{number}" for number in range(1, count + 1)]
    addresses = {name: f"{prefix}.{number}" for number, name in enumerate(names, 1)}
    bmcs = [
        {
            "name": name,
            "maker": "generic",
            "address": address,
            "netmask": "255.255.255.0",
            "source": "static",
            "users": users(),
            "personality": (odd or {}).get(name, {}),
        }
        for name, address in addresses.items()
    ]
    rack = start_rack({"bmcs": bmcs})
    variables = {"bmc_port": rack.port, "bmc_timeout": 10, "bmc_user": "admin", "bmc_password": PASSWORD}
    hosts: dict[str, t.Any] = {name: {"bmc_host": address} for name, address in addresses.items()}
    return Room(rack, prefix, {"all": {"hosts": hosts, "vars": variables}}, folder)


def fresh(room: Room) -> None:
    """As from the factory, without faults."""
    for action in ("heal", "factory", "close_sessions", "clear_counters"):
        room.rack.ask(action)

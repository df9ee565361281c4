# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A BMC without a network: requests and answers as hex text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.simulator import commands as _commands  # noqa: F401  registers the handlers
from tests.simulator.bmc import Bmc
from tests.simulator.clock import Clock
from tests.simulator.personalities import Personality
from tests.simulator.protocol.session import Session
from tests.simulator.registry import Context, Privilege, dispatch
from tests.simulator.state import BmcState

START = 1_800_000_000.0  # the held clock's first second
PLACE = {
    "address": "127.40.0.7",
    "netmask": "255.255.0.0",
    "gateway": "127.40.0.1",
    "source": 1,
    "mac": "02:11:22:33:44:55",
    "name": "bmc7",
    "maker": "Acme",
    "model": "Server 1",
    "serial": "SN0007",
    "part_number": "PN-7",
    "asset_tag": "A7",
    "system_name": "node7",
}


class Bench:
    """One BMC and an Administrator's session on channel 1."""

    def __init__(self, **sections: Mapping[Any, Any]) -> None:
        self.personality = Personality.from_mapping("bench", sections)
        self.clock = Clock(START)
        self.state = BmcState.new(self.personality, PLACE)
        self.bmc = Bmc("bench", self.personality, self.clock, self.state)
        self.session = Session(
            id=1,
            handle=1,
            kind="2.0",
            user_id=2,
            privilege=Privilege.ADMINISTRATOR,
            max_privilege=Privilege.ADMINISTRATOR,
            channel=1,
            peer=("127.0.0.1", 40000),
            last_used=START,
        )
        self.bmc.sessions.add(self.session)
        self.moved: list[int] = []
        setattr(self.bmc, "network_changed", self.moved.append)  # noqa: B010  mypy

    def ask(self, command: str, request: str = "") -> str:
        """`ask("06/44", "01 02")`: completion code and data, as `00 0a 42 01 34`."""
        netfn, cmd = (int(part, 16) for part in command.split("/"))
        context = Context(self.bmc, self.session, 1)
        return dispatch(context, netfn, cmd, bytes.fromhex(request)).hex(" ")

    def script(self, steps: str) -> None:
        """Lines of `NN/CC request -> answer`; an answer that ends in `..` is only its beginning."""
        for line in steps.strip().splitlines():
            asked, _unused, wanted = line.partition("->")
            words = asked.split()
            got, wanted = self.ask(words[0], " ".join(words[1:])), wanted.strip()
            if wanted.endswith(".."):
                assert got.startswith(wanted[:-2].strip()), f"{line.strip()}: got {got}"
            else:
                assert got == wanted, f"{line.strip()}: got {got}"


def text(value: str, size: int) -> str:
    """Hex of a text padded with zeros."""
    return value.encode().ljust(size, b"\0").hex(" ")

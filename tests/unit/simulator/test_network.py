# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BMCs that move: sockets on the loopback network, the clock in the test's hand."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.simulator.bmc import Bmc
from tests.simulator.clock import Clock
from tests.simulator.faults import Faults
from tests.simulator.protocol.session import Session
from tests.simulator.rack import Rack, parse
from tests.simulator.registry import Context, Privilege, dispatch
from tests.unit.simulator.client import START, Client
from tests.unit.simulator.clients import free_port

PING = bytes.fromhex("0600ff06000011be802a0000")
HERE, THERE = "127.21.1.1", "127.21.1.2"
Start = Callable[..., Rack]


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Start]:
    racks = []

    def make(*rows: dict[str, Any]) -> Rack:
        rack = Rack.build(parse({"bmcs": list(rows)}), Clock(START), port=free_port())
        racks.append(rack)
        rack.network.start()
        return rack

    yield make
    for rack in racks:
        rack.close()


async def at(rack: Rack, address: str) -> str:
    """`answers`, `silent`, or `refused` where no socket is bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    port = next(iter(rack.bmcs.values())).port
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect((address, port))
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(sock, PING)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(loop.sock_recv(sock, 100), 0.2)
                return "answers"
            # Where the machine stalled, the answer may have come together with the end of the wait.
            sock.recv(100)
        except BlockingIOError:
            return "silent"
        except ConnectionRefusedError:
            return "refused"
    return "answers"


def give_address(bmc: Bmc, address: str, source: int = 1) -> None:
    lan = bmc.state.lan[1]
    lan.address, lan.source = ipaddress.IPv4Address(address).packed, source
    bmc.network_changed(1)


def give_vlan(bmc: Bmc, vlan: int) -> None:
    lan = bmc.state.lan[1]
    lan.vlan_id, lan.vlan_enabled = vlan, vlan > 0
    bmc.network_changed(1)


def give_mode(bmc: Bmc, mode: int) -> None:
    session = Session(1, 1, "2.0", 2, Privilege.ADMINISTRATOR, Privilege.ADMINISTRATOR, 1, ("127.0.0.1", 1), START)
    assert dispatch(Context(bmc, session, 1), 0x30, 0x70, bytes((0x0C, 1, mode))) == b"\0"


async def test_a_new_address(start: Start) -> None:
    rack = start({"name": "a", "address": HERE})
    assert await at(rack, HERE) == "answers"
    give_address(rack.bmcs["a"], THERE)
    assert await at(rack, HERE) == "answers"  # the write's own answer comes from here
    rack.clock.advance(0)
    assert await at(rack, THERE) == "answers"
    assert await at(rack, HERE) == "silent"
    give_address(rack.bmcs["a"], HERE)
    rack.clock.advance(0)
    assert await at(rack, HERE) == "answers"
    assert await at(rack, THERE) == "silent"


async def test_a_move_that_takes_its_time(start: Start) -> None:
    rack = start({"name": "a", "address": HERE, "personality": {"network": {"move_delay": 5.0}}})
    give_address(rack.bmcs["a"], THERE)
    rack.clock.advance(4.9)
    assert await at(rack, HERE) == "answers"
    rack.clock.advance(0.2)
    assert await at(rack, THERE) == "answers"


async def test_a_fault_adds_to_the_time_of_a_move(start: Start) -> None:
    row = {"name": "a", "address": HERE, "personality": {"network": {"move_delay": 5.0}}}
    rack = start({**row, "faults": {"move_delay": 20}})
    give_address(rack.bmcs["a"], THERE)
    rack.clock.advance(24.9)
    assert await at(rack, HERE) == "answers"
    rack.clock.advance(0.2)
    assert await at(rack, THERE) == "answers"


async def test_a_bmc_that_never_moves_stays_after_a_reset_too(start: Start) -> None:
    rack = start({"name": "a", "address": HERE, "faults": {"never_moves": True}})
    bmc = rack.bmcs["a"]
    give_address(bmc, THERE)
    rack.clock.advance(3600)
    bmc.reset("cold")
    rack.clock.advance(10)
    assert await at(rack, HERE) == "answers"
    bmc.set_faults(Faults())
    give_address(bmc, THERE)
    rack.clock.advance(1)
    assert await at(rack, THERE) == "answers"


async def test_an_address_that_only_a_reset_brings_into_effect(start: Start) -> None:
    rack = start({"name": "a", "address": HERE, "personality": {"network": {"moves": False}}})
    give_address(rack.bmcs["a"], THERE)
    rack.clock.advance(3600)
    assert await at(rack, HERE) == "answers"
    rack.bmcs["a"].reset("cold")
    rack.clock.advance(1)
    assert await at(rack, HERE) == "silent"
    rack.clock.advance(3)
    assert await at(rack, THERE) == "answers"


async def test_dhcp_gives_the_address_of_the_rack_file(start: Start) -> None:
    row = {"name": "a", "maker": "idrac9", "dhcp": {"address": HERE, "gateway": "127.21.1.254"}, "dhcp_delay": 2.0}
    rack = start(row)
    bmc = rack.bmcs["a"]
    assert await at(rack, HERE) == "answers"
    assert bmc.state.lan[1].source == 2
    assert str(ipaddress.IPv4Address(bmc.state.lan[1].gateway)) == "127.21.1.254"
    give_address(bmc, THERE)
    rack.clock.advance(0)
    assert await at(rack, THERE) == "answers"
    give_address(bmc, THERE, source=2)
    rack.clock.advance(1.9)
    assert await at(rack, THERE) == "answers"
    rack.clock.advance(0.2)
    assert await at(rack, HERE) == "answers"
    assert bmc.state.lan[1].address == ipaddress.IPv4Address(HERE).packed


async def test_a_vlan_that_nobody_reaches(start: Start) -> None:
    rack = start({"name": "a", "address": HERE, "unreachable_vlans": [666]})
    for vlan, found in ((666, "silent"), (100, "answers"), (666, "silent"), (0, "answers")):
        give_vlan(rack.bmcs["a"], vlan)
        rack.clock.advance(0)
        assert await at(rack, HERE) == found


async def test_a_bmc_on_an_unreachable_vlan_at_the_start(start: Start) -> None:
    row = {"name": "a", "address": HERE, "unreachable_vlans": [5], "personality": {"lan": {"vlan": 5}}}
    assert await at(start(row), HERE) == "silent"


async def test_a_port_of_the_server_without_a_cable(start: Start) -> None:
    rack = start({"name": "a", "maker": "supermicro_x14", "address": HERE, "source": "static", "unreachable_nics": [0]})
    assert await at(rack, HERE) == "answers"
    give_mode(rack.bmcs["a"], 0)
    rack.clock.advance(0)
    assert await at(rack, HERE) == "silent"
    give_mode(rack.bmcs["a"], 2)
    rack.clock.advance(0)
    assert await at(rack, HERE) == "answers"


async def test_an_address_that_another_has(start: Start) -> None:
    rack = start({"name": "a", "address": HERE}, {"name": "b", "address": THERE})
    give_address(rack.bmcs["b"], HERE)
    rack.clock.advance(0)
    assert await at(rack, HERE) == "answers"
    assert await at(rack, THERE) == "silent"
    assert rack.network.place(rack.bmcs["a"]).listener is not None
    assert rack.network.place(rack.bmcs["b"]).listener is None


async def test_an_address_that_another_has_left(start: Start) -> None:
    rack = start({"name": "a", "address": HERE}, {"name": "b", "address": THERE})
    give_address(rack.bmcs["a"], "127.21.1.3")
    rack.clock.advance(0)
    give_address(rack.bmcs["b"], HERE)
    rack.clock.advance(0)
    listener = rack.network.place(rack.bmcs["b"]).listener
    assert listener is not None
    assert listener.address == HERE
    assert await at(rack, HERE) == "answers"


@pytest.mark.parametrize("elsewhere", ["192.0.2.7", "0.0.0.0", "224.0.0.1"])
async def test_an_address_that_this_machine_does_not_have(start: Start, elsewhere: str) -> None:
    rack = start({"name": "a", "address": HERE})
    give_address(rack.bmcs["a"], elsewhere)
    rack.clock.advance(0)
    assert await at(rack, HERE) == "silent"
    give_address(rack.bmcs["a"], HERE)
    rack.clock.advance(0)
    assert await at(rack, HERE) == "answers"


async def test_ipv6(start: Start) -> None:
    rack = start({"name": "a", "address": "::1"})
    assert await at(rack, "::1") == "answers"


async def test_two_bmcs_at_one_address(start: Start) -> None:
    with pytest.raises(OSError, match="both at 127.21.1.1"):
        start({"name": "a", "address": HERE}, {"name": "b", "address": HERE})


async def test_a_bmc_that_resets_is_silent(start: Start) -> None:
    rack = start({"name": "a", "address": HERE})
    rack.bmcs["a"].reset("warm")
    rack.clock.advance(0.1)
    assert await at(rack, HERE) == "silent"
    rack.clock.advance(1)
    assert await at(rack, HERE) == "answers"


async def test_sessions_that_end_with_a_move(start: Start) -> None:
    entry = {"address": HERE, "users": {2: {"name": "admin", "password": "secret"}}}
    stays = start({"name": "a", **entry}).bmcs["a"]
    goes = start({"name": "a", **entry, "personality": {"network": {"sessions_survive": False}}}).bmcs["a"]
    for bmc, left in ((stays, 1), (goes, 0)):
        Client(bmc).login()
        give_address(bmc, THERE)
        bmc.clock.advance(0)
        assert len(bmc.sessions) == left

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests for a controller behind the BMC."""

from __future__ import annotations

import pytest

from tests.simulator.clock import Clock
from tests.simulator.protocol import packets
from tests.simulator.rack import Rack, parse
from tests.unit.simulator.client import START, Client

SATELLITES = [{"address": 0x72, "power": "on"}, {"address": 0x74, "channel": 7, "silent": True}]


def client(privilege: int = 4) -> Client:
    row = {
        "name": "b1",
        "address": "127.0.0.1",
        "users": {2: {"name": "admin", "password": "secret"}},
        "satellites": SATELLITES,
    }
    rack = Rack.build(parse({"bmcs": [row]}), Clock(START))
    return Client(rack.bmcs["b1"]).login(privilege=privilege)


def bridged(address: int, netfn: int, cmd: int, data: bytes = b"", channel: int = 0, tracking: int = 0x40) -> str:
    head = bytes((address, netfn << 2))
    tail = bytes((0x20, 0x1C, cmd)) + data
    request = head + bytes((packets.checksum(head),)) + tail + bytes((packets.checksum(tail),))
    return (bytes((tracking | channel,)) + request).hex()


def later(console: Client) -> bytes | None:
    """What comes after the answer to Send Message."""
    console.bmc.clock.advance(0)
    return console.unwrap(console.replies.pop(0)) if console.replies else None


def test_the_targets_answer_follows() -> None:
    console = client()
    assert console.ask("06/34", bridged(0x72, 0, 1)) == "00"
    answer = later(console)
    assert answer is not None
    assert answer[:2] == bytes((0x81, 0x04))
    assert answer[3:8] == bytes((0x72, 0x1C, 0x01, 0x00, 0x01))  # completion code, power is on
    assert sum(answer[:3]) & 0xFF == sum(answer[3:]) & 0xFF == 0


def test_the_target_has_its_own_power() -> None:
    console = client()
    console.ask("06/34", bridged(0x72, 0, 2, b"\0"))
    later(console)
    console.bmc.clock.advance(1)
    assert not console.bmc.satellites[0, 0x72].power.on
    assert not console.bmc.power.on


def test_privilege_counts_at_the_target_too() -> None:
    console = client(privilege=2)
    assert console.ask("06/34", bridged(0x72, 0, 2, b"\0")) == "00"
    answer = later(console)
    assert answer is not None
    assert answer[6] == 0xD4


@pytest.mark.parametrize(("channel", "address"), [(0, 0x70), (7, 0x72)])
def test_a_target_that_is_not_there(channel: int, address: int) -> None:
    assert client().ask("06/34", bridged(address, 0, 1, channel=channel)) == "83"


def test_a_target_that_says_nothing() -> None:
    console = client()
    assert console.ask("06/34", bridged(0x74, 0, 1, channel=7)) == "00"
    assert later(console) is None


@pytest.mark.parametrize(
    ("data", "code"),
    [("40", "c7"), (bridged(0x72, 0, 1, tracking=0), "cc"), (bridged(0x72, 0, 1)[:-2] + "00", "cc")],
)
def test_wrong_requests(data: str, code: str) -> None:
    assert client().ask("06/34", data) == code

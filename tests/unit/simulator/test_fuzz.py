# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever comes in, the BMC goes on and answers the next good request."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.protocol import packets
from tests.simulator.protocol.crypto import BadPacket
from tests.simulator.registry import HANDLERS
from tests.unit.simulator.client import PEER, Client, make_bmc

RMCP = st.sampled_from([bytes.fromhex(t) for t in ("0600ff07", "0600ff06", "06000187", "0600ff0706", "0600ff0700")])
KINDS = st.sampled_from([0x00, 0x01, 0x02, 0x10, 0x12, 0x14, 0x20, 0x3F, 0x40, 0xC0, 0xC1])


def alive(client: Client) -> None:
    """The session that was there before still works, and no handler broke."""
    assert client.bmc.counters.internal_errors == 0
    client.replies.clear()
    assert client.ask("06/01").startswith("00")


def test_short_and_empty_datagrams() -> None:
    client = Client(make_bmc()).login()
    whole = client.wrap(client.message("06/01"), sequence=14)
    for length in range(len(whole)):
        client.bmc.receive(whole[:length], PEER)
    alive(client)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_random_datagrams(data: st.DataObject) -> None:
    client = Client(make_bmc()).login()
    for _unused in range(5):
        raw = data.draw(st.one_of(st.binary(max_size=200), st.builds(bytes.__add__, RMCP, st.binary(max_size=120))))
        client.bmc.receive(raw, PEER)
    alive(client)


@settings(max_examples=300, deadline=None)
@given(KINDS, st.binary(max_size=80), st.integers(0, 0xFFFFFFFF), st.booleans())
def test_random_payloads(kind: int, payload: bytes, sequence: int, mine: bool) -> None:
    client = Client(make_bmc()).login()
    session_id = client.bmc_id if mine else bytes(4)
    client.bmc.receive(packets.RMCP_IPMI + packets.header_20(kind, session_id, sequence, payload), PEER)
    alive(client)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 500), st.integers(1, 255))
def test_a_good_packet_with_one_wrong_byte(place: int, flip: int) -> None:
    client = Client(make_bmc()).login()
    packet = bytearray(client.wrap(client.message("06/01"), sequence=9))
    packet[place % len(packet)] ^= flip
    client.bmc.receive(bytes(packet), PEER)
    alive(client)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 63))
def test_random_payload_inside_the_session(payload: bytes, kind: int) -> None:
    client = Client(make_bmc()).login()
    client.bmc.receive(client.wrap(payload, kind), PEER)
    alive(client)


KNOWN = sorted(key for key in HANDLERS if key not in {(0x06, 0x02), (0x06, 0x03), (0x06, 0x3C)})


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(KNOWN), st.binary(max_size=24))
def test_random_data_for_every_command(command: tuple[int, int], data: bytes) -> None:
    client = Client(make_bmc()).login()
    answer = client.ask(f"{command[0]:02X}/{command[1]:02X}", data.hex())
    assert answer != ""
    assert client.bmc.counters.internal_errors == 0, f"{command} {data.hex()}"


def test_every_command_without_data_and_with_too_much() -> None:
    for netfn, cmd in KNOWN:
        for data in (b"", bytes(1), bytes(2), bytes(64), b"\xff" * 64):
            client = Client(make_bmc()).login()
            client.ask(f"{netfn:02X}/{cmd:02X}", data.hex())
            assert client.bmc.counters.internal_errors == 0, f"{netfn:02X}/{cmd:02X} {data.hex()}"


@given(st.binary(max_size=60))
def test_parsers_raise_bad_packet_only(data: bytes) -> None:
    for parse in (packets.parse_15, packets.parse_message, packets.session_of, lambda d: packets.parse_20(d, 12)):
        with contextlib.suppress(BadPacket):
            parse(data)

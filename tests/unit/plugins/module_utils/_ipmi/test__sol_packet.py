# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packets of Serial over LAN, both ways."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol_packet import (
    BmcPacket,
    ConsolePacket,
    Operation,
    Status,
    next_sequence,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

sequences = st.integers(0, 15)
counts = st.integers(0, 255)
operations = st.integers(0, 0x7F).map(Operation)
statuses = st.integers(0, 0x1F).map(lambda bits: Status(bits << 2))


class TestToTheBmc:
    """Table 15-2: sequence; acknowledged sequence; accepted characters; operation; characters."""

    @pytest.mark.parametrize(
        ("wire", "packet"),
        [
            ("01 00 00 00 72 6F 6F 74 0D", ConsolePacket(1, characters=b"root\r")),
            ("00 0F 60 00", ConsolePacket(0, 15, 96)),
            ("0F 03 FF 00 41", ConsolePacket(15, 3, 255, characters=b"A")),
            ("02 00 00 10", ConsolePacket(2, operation=Operation.BREAK)),
            ("00 04 02 40", ConsolePacket(0, 4, 2, Operation.NACK)),
            ("03 00 00 20", ConsolePacket(3, operation=Operation.RING)),
            ("03 00 00 08", ConsolePacket(3, operation=Operation.CTS_PAUSE)),
            ("03 00 00 04", ConsolePacket(3, operation=Operation.DROP_DCD_DSR)),
            ("03 00 00 03", ConsolePacket(3, operation=Operation.FLUSH_INBOUND | Operation.FLUSH_OUTBOUND)),
        ],
    )
    def test_bytes(self, wire: str, packet: ConsolePacket) -> None:
        assert packet.to_wire() == bytes.fromhex(wire)
        assert ConsolePacket.from_wire(bytes.fromhex(wire)) == packet

    @given(st.builds(ConsolePacket, sequences, sequences, counts, operations, st.binary(max_size=255)))
    def test_round_trip(self, packet: ConsolePacket) -> None:
        assert ConsolePacket.from_wire(packet.to_wire()) == packet


class TestFromTheBmc:
    """Table 15-2, the other way: status instead of operation."""

    @pytest.mark.parametrize(
        ("wire", "packet"),
        [
            ("01 00 00 00 6C 6F 67 69 6E 3A 20", BmcPacket(1, characters=b"login: ")),
            ("00 01 05 00", BmcPacket(0, 1, 5)),
            ("00 02 00 60", BmcPacket(0, 2, 0, Status.NACK | Status.UNAVAILABLE)),
            ("00 00 00 10", BmcPacket(status=Status.DEACTIVATING)),
            ("07 00 00 08 41", BmcPacket(7, status=Status.OVERRUN, characters=b"A")),
            ("08 00 00 04", BmcPacket(8, status=Status.BREAK)),
        ],
    )
    def test_bytes(self, wire: str, packet: BmcPacket) -> None:
        assert BmcPacket.from_wire(bytes.fromhex(wire)) == packet
        assert packet.to_wire() == bytes.fromhex(wire)

    @given(st.builds(BmcPacket, sequences, sequences, counts, statuses, st.binary(max_size=255)))
    def test_round_trip(self, packet: BmcPacket) -> None:
        assert BmcPacket.from_wire(packet.to_wire()) == packet

    def test_reserved_bits_of_the_sequences_are_ignored(self) -> None:
        assert BmcPacket.from_wire(bytes.fromhex("F1 A2 03 00")) == BmcPacket(1, 2, 3)


@pytest.mark.parametrize("size", range(4))
@pytest.mark.parametrize("kind", [ConsolePacket, BmcPacket])
def test_short_packets(kind: type[ConsolePacket] | type[BmcPacket], size: int) -> None:
    with pytest.raises(MalformedData, match="SOL packet"):
        kind.from_wire(bytes(size))


def test_the_sequence_goes_round_without_zero() -> None:
    seen, number = [], 0
    for _unused in range(31):
        number = next_sequence(number)
        seen.append(number)
    assert seen == [*range(1, 16), *range(1, 16), 1]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ConsolePacket(16).to_wire(),
        lambda: ConsolePacket(1, 16).to_wire(),
        lambda: ConsolePacket(1, 1, 256).to_wire(),
        lambda: BmcPacket(-1).to_wire(),
        lambda: next_sequence(16),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serial over LAN configuration parameters."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _parameters as parameters
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _sol as sol
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol import SolParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

# ipmi.md 5.5, SOL config; those marked "8" are golden transcripts of section 8.
BYTES: list[tuple[t.Any, str]] = [
    (parameters.SetInProgress.COMMIT, "02"),  # 0
    (sol.SolEnable(True), "01"),  # 1; 8
    (sol.SolEnable(False), "00"),
    (sol.SolAuthentication(True, False, Privilege.USER), "82"),  # 2
    (sol.SolAuthentication(False, True, Privilege.ADMINISTRATOR), "44"),
    (sol.SolAuthentication(False, False, 9), "09"),
    (sol.SolAccumulate(60, 96), "0C 60"),  # 3
    (sol.SolAccumulate(5, 0), "01 00"),
    (sol.SolAccumulate(1275, 255), "FF FF"),
    (sol.SolAccumulate(0, 1), "00 01"),
    (sol.SolRetry(7, 500), "07 32"),  # 4
    (sol.SolRetry(0, 2550), "00 FF"),
    (sol.SolBitRate(None), "00"),  # 5, 6
    (sol.SolBitRate(9600), "06"),
    (sol.SolBitRate(19200), "07"),
    (sol.SolBitRate(38400), "08"),
    (sol.SolBitRate(57600), "09"),
    (sol.SolBitRate(115200), "0A"),  # 8
    (sol.SolBitRate(None, unknown_code=0x0B), "0B"),
    (sol.SolPayloadChannel(1), "01"),  # 7
    (sol.SolPayloadChannel(None), "FF"),
    (sol.SolPayloadPort(0x26F), "6F 02"),  # 8
]


@pytest.mark.parametrize(("record", "wire"), BYTES, ids=repr)
def test_bytes(record: t.Any, wire: str) -> None:
    data = bytes.fromhex(wire)
    assert record.to_wire() == data
    assert type(record).from_wire(data) == record
    assert type(record).from_wire(data + b"\xff\xa5") == record


SIZES: list[tuple[type[t.Any], int]] = [
    (sol.SolEnable, 1),
    (sol.SolAuthentication, 1),
    (sol.SolAccumulate, 2),
    (sol.SolRetry, 2),
    (sol.SolBitRate, 1),
    (sol.SolPayloadChannel, 1),
    (sol.SolPayloadPort, 2),
]


@pytest.mark.parametrize(("codec", "size"), SIZES)
def test_short_answers_are_malformed(codec: type[t.Any], size: int) -> None:
    for short in range(size):
        with pytest.raises(MalformedData):
            codec.from_wire(bytes(short))


@pytest.mark.parametrize(("codec", "size"), SIZES)
@given(data=st.data())
def test_every_answer_can_be_read(codec: type[t.Any], size: int, data: st.DataObject) -> None:
    record = codec.from_wire(data.draw(st.binary(min_size=size, max_size=size + 2)))
    assert codec.from_wire(record.to_wire()) == record


def test_reserved_bits_are_dropped() -> None:
    assert sol.SolEnable.from_wire(b"\xfe") == sol.SolEnable(False)
    assert sol.SolAuthentication.from_wire(b"\xb4") == sol.SolAuthentication(True, False, Privilege.ADMINISTRATOR)
    assert sol.SolRetry.from_wire(b"\xff\x01") == sol.SolRetry(7, 10)
    assert sol.SolBitRate.from_wire(b"\xfa") == sol.SolBitRate(115200)
    assert sol.SolPayloadChannel.from_wire(b"\xf1") == sol.SolPayloadChannel(1)


@pytest.mark.parametrize(
    ("parameter", "record", "wire"),
    [
        # ipmi.md 8: 0C/21.
        (SolParameter.ENABLE, sol.SolEnable(True), "01 01 01"),
        (SolParameter.BIT_RATE_VOLATILE, sol.SolBitRate(115200), "01 06 0A"),
    ],
)
def test_whole_requests(parameter: SolParameter, record: t.Any, wire: str) -> None:
    assert parameters.set_request(1, parameter, record.to_wire()) == bytes.fromhex(wire)


def test_whole_answers() -> None:
    assert parameters.get_request(1, SolParameter.BIT_RATE_VOLATILE) == bytes.fromhex("01 06 00 00")
    assert sol.SolBitRate.from_wire(parameters.payload(bytes.fromhex("11 0A"))) == sol.SolBitRate(115200)


def test_parameter_numbers() -> None:
    # ipmi.md 5.5.
    names = ["SET_IN_PROGRESS", "ENABLE", "AUTHENTICATION", "ACCUMULATE", "RETRY"]
    names += ["BIT_RATE_NON_VOLATILE", "BIT_RATE_VOLATILE", "PAYLOAD_CHANNEL", "PAYLOAD_PORT"]
    assert {parameter.name: int(parameter) for parameter in SolParameter} == {
        name: number for number, name in enumerate(names)
    }


@pytest.mark.parametrize(
    "make",
    [
        lambda: sol.SolAuthentication(True, True, 16),
        lambda: sol.SolAccumulate(1280, 0),
        lambda: sol.SolAccumulate(7, 0),
        lambda: sol.SolAccumulate(5, 256),
        lambda: sol.SolRetry(8, 10),
        lambda: sol.SolRetry(1, 15),
        lambda: sol.SolRetry(1, 2560),
        lambda: sol.SolBitRate(4800),
        lambda: sol.SolBitRate(0),
        lambda: sol.SolBitRate(None, unknown_code=0x0A),
        lambda: sol.SolBitRate(9600, unknown_code=0x0B),
        lambda: sol.SolBitRate(None, unknown_code=16),
        lambda: sol.SolPayloadChannel(16),
        lambda: sol.SolPayloadPort(65536),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must"):
        make()

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A serial line whose ends run at different rates."""

from __future__ import annotations

import itertools

import pytest

from tests.simulator.faults import Faults
from tests.simulator.uart import RATES, reread
from tests.unit.simulator.client import Client, make_bmc

TEXT = b"\r\nDebian GNU/Linux 12 n1 ttyS0\r\n\r\nn1 login: "


@pytest.mark.parametrize("rate", list(RATES.values()))
def test_at_one_rate_all_comes_as_it_was_sent(rate: int) -> None:
    assert reread(bytes(range(256)), rate, rate) == bytes(range(256))


@pytest.mark.parametrize(("sent", "read"), list(itertools.permutations(RATES.values(), 2)))
def test_at_two_rates_the_text_is_lost(sent: int, read: int) -> None:
    got = reread(TEXT, sent, read)
    # A slow receiver makes fewer bytes of it, a quick one more.
    assert got and (len(got) > len(TEXT)) == (read > sent)
    assert not any(word in got for word in (b"Debian", b"login"))


def test_a_bit_that_is_twice_as_long_is_read_twice() -> None:
    # 0x0F at half the rate: the start bit is read as start and 0, then four ones as eight.
    assert reread(b"\x0f", 9600, 19200)[0] == 0b11111110


def test_the_samples_at_nearly_the_same_rate_still_fit() -> None:
    assert reread(TEXT, 115200, 117000) == TEXT


def test_a_quiet_line_says_nothing() -> None:
    assert reread(b"", 9600, 115200) == b""


@pytest.mark.parametrize(
    ("faults", "seen"),
    [
        ({}, True),
        ({"host_bit_rate": 115200}, True),
        ({"host_bit_rate": 9600}, False),
        ({"system_bit_rate": 9600}, False),
        ({"host_bit_rate": 9600, "system_bit_rate": 115200}, True),
        ({"host_silent": True}, False),
    ],
)
def test_the_faults_of_the_host_change_what_its_console_says(faults: dict[str, object], seen: bool) -> None:
    client = Client(make_bmc({"power": "on"})).login()
    client.bmc.set_faults(Faults.from_mapping(faults))
    assert client.ask("06/48", "01 01 c0 00 00 00").startswith("00")
    client.bmc.receive(client.wrap(bytes((1, 0, 0, 0)) + b"\r", kind=1), client.peer)
    client.bmc.clock.advance(0.2)
    printed = b"".join(client.unwrap(reply)[4:] for reply in client.replies)
    assert (b"login: " in printed) is seen
    assert bool(printed) is not faults.get("host_silent", False)

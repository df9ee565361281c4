# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding the LAN channel."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError, Unsupported
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import (
    PRESENT,
    all_channels,
    info,
    lan_channel,
    present,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import Scripted

LAN, OTHER_LAN, SERIAL, SYSTEM = "04", "06", "05", "0C"


def bench(**channels: str) -> Scripted:
    """A BMC with channels of these media; `c0E="08 04"` says which one the session runs over."""
    bmc = Scripted().on("06/42", "CC")
    for name, value in channels.items():
        number, medium = ([name[1:], value] if " " not in value else value.split())
        bmc.on(f"06/42 {name[1:]}", f"00 {number} {medium} 01 80 F2 1B 00 00 00")
    return bmc


def find(bmc: Scripted, given: int | None = None) -> int:
    return lan_channel(Reader(bmc.bmc()), given)


def test_the_one_given_is_not_questioned() -> None:
    bmc = bench()
    assert find(bmc, 8) == 8
    assert bmc.asked == []


@pytest.mark.parametrize("given", [-1, 16])
def test_one_that_cannot_be(given: int) -> None:
    with pytest.raises(BadOption, match="channels are 0 to 15"):
        find(bench(), given)


def test_the_sessions_own() -> None:
    bmc = bench(c01=LAN, c08=LAN, c0E=f"08 {LAN}")
    assert find(bmc) == 8
    assert bmc.asked == ["06/42 0E"]


def test_the_present_one_is_the_sessions_own_by_its_number() -> None:
    bmc = bench(c01=LAN, c08=LAN, c0E=f"08 {LAN}")
    assert find(bmc, PRESENT) == 8


@pytest.mark.parametrize("own", [f"0F {SYSTEM}", f"0E {LAN}", f"02 {SERIAL}"])
def test_else_the_first_of_medium_lan(own: str) -> None:
    assert find(bench(c01=SERIAL, c03=LAN, c08=LAN, c0E=own)) == 3


def test_another_kind_of_lan_will_do() -> None:
    assert find(bench(c02=OTHER_LAN)) == 2


def test_none() -> None:
    with pytest.raises(Unsupported, match="give it with channel"):
        find(bench(c01=SERIAL, c0F=SYSTEM))


def test_a_refusal_for_another_reason_is_a_failure() -> None:
    with pytest.raises(CompletionError):
        find(Scripted().on("06/42", "D4"))


def test_all_channels_in_order() -> None:
    reader = Reader(bench(c07=LAN, c01=LAN, c02=SERIAL, c0F=SYSTEM).bmc())
    assert [found.channel for found in all_channels(reader)] == [1, 2, 7]


def test_no_such_channel() -> None:
    reader = Reader(bench(c01=LAN).bmc())
    assert info(reader, 5) is None
    assert present(reader) is None

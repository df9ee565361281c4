# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ranges of names and addresses."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet import _ranges as ranges


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ccw1", ["ccw1"]),
        ("ccw[08:11]", ["ccw08", "ccw09", "ccw10", "ccw11"]),
        ("ccw[8-11]", ["ccw8", "ccw9", "ccw10", "ccw11"]),
        ("c[1:9:4]x", ["c1x", "c5x", "c9x"]),
        ("c[01-02,07]", ["c01", "c02", "c07"]),
        ("r[1:2]n[01:02]", ["r1n01", "r1n02", "r2n01", "r2n02"]),
        ("[3:3]", ["3"]),
    ],
)
def test_names(pattern: str, expected: list[str]) -> None:
    assert ranges.expand_names(pattern) == expected


def test_1800_names() -> None:
    names = ranges.expand_names("ccw[0001:1800]")
    assert len(set(names)) == 1800 and names[0] == "ccw0001" and names[-1] == "ccw1800"


@pytest.mark.parametrize("pattern", ["a[1:", "a]", "a[b:c]", "a[3:1]", "a[]", "a[1:9:0]", "a[[1:2]]", "a[0:999999999]", "a[1:999]b[1:999]", "a[1:2]["])
def test_wrong_names_are_repeated(pattern: str) -> None:
    with pytest.raises(BadOption) as error:
        ranges.expand_names(pattern)
    assert pattern in str(error.value)


@pytest.mark.parametrize(
    ("networks", "exclude", "expected"),
    [
        (["192.0.2.0/30"], [], ["192.0.2.1", "192.0.2.2"]),
        (["192.0.2.4/31"], [], ["192.0.2.4", "192.0.2.5"]),
        (["192.0.2.7"], [], ["192.0.2.7"]),
        (["192.0.2.9-192.0.2.11", "192.0.2.10-12"], [], ["192.0.2.9", "192.0.2.10", "192.0.2.11", "192.0.2.12"]),
        (["192.0.2.1-4"], ["192.0.2.2-3"], ["192.0.2.1", "192.0.2.4"]),
        (["192.0.2.0/29"], ["192.0.2.0/30", "2001:db8::/64"], ["192.0.2.4", "192.0.2.5", "192.0.2.6"]),
        (["2001:db8::1-2001:db8::2"], [], ["2001:db8::1", "2001:db8::2"]),
    ],
)
def test_addresses(networks: list[str], exclude: list[str], expected: list[str]) -> None:
    assert ranges.expand_addresses(networks, exclude) == expected


@pytest.mark.parametrize("network", ["192.0.2.1/24", "192.0.2.0/33", "no", "192.0.2.9-192.0.2.1", "192.0.2.1-2001:db8::1", "2001:db8::/64", "10.0.0.0/8"])
def test_wrong_networks_are_repeated(network: str) -> None:
    with pytest.raises(BadOption, match="networks") as error:
        ranges.expand_addresses([network])
    assert network in str(error.value)


@given(st.integers(24, 30), st.integers(0, 2**32 - 1))
def test_a_network_is_its_hosts(prefix: int, number: int) -> None:
    network = ipaddress.ip_network((number, prefix), strict=False)
    found = ranges.expand_addresses([str(network)])
    assert found == [str(address) for address in network.hosts()]
    assert all(ranges.contains([str(network)], address) for address in found)
    assert not ranges.contains([str(network)], str(network[0] - 1 if int(network[0]) else network[-1] + 1))

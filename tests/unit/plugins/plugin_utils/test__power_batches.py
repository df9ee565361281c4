# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order machines are switched, and how many at once."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.filter.power_batches import power_batches
from ansible_collections.lightsout.bmc.plugins.plugin_utils._power_batches import Limits, batches, stages

HOSTS = [f"r{rack}n{position}" for rack in (1, 2, 3) for position in (1, 2, 3, 4)]
RACKS = {host: host[:2] for host in HOSTS}


def test_hosts_go_with_the_first_group_of_the_order_and_others_last() -> None:
    groups = {"storage": ["r1n1", "r2n1"], "first": ["r2n1"], "empty": []}
    assert stages(HOSTS[:6], ["first", "empty", "storage"], groups) == [
        ("first", ["r2n1"]),
        ("storage", ["r1n1"]),
        ("others", ["r1n2", "r1n3", "r1n4", "r2n2"]),
    ]


def test_an_unknown_group_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match="the inventory has no group tape"):
        power_batches(HOSTS, order=["tape"], groups={"storage": []})


def test_racks_take_turns() -> None:
    assert batches(HOSTS, RACKS, Limits(6, 2)) == [
        ["r1n1", "r2n1", "r3n1", "r1n2", "r2n2", "r3n2"],
        ["r1n3", "r2n3", "r3n3", "r1n4", "r2n4", "r3n4"],
    ]


def test_a_batch_is_smaller_where_the_racks_give_no_more() -> None:
    assert [len(batch) for batch in batches(HOSTS[:5], RACKS, Limits(8, 2))] == [3, 2]


def test_hosts_without_a_rack_do_not_share_one() -> None:
    assert batches(HOSTS, {}, Limits(0, 1)) == [HOSTS]


def test_without_limits_a_stage_is_one_batch() -> None:
    found = power_batches(HOSTS, order=["a"], groups={"a": HOSTS[:3]}, racks={"r1n1": 1, "r1n2": None})
    assert found == [{"stage": "a", "hosts": HOSTS[:3]}, {"stage": "others", "hosts": HOSTS[3:]}]


@pytest.mark.parametrize("value", [-1, 1.5, "8", True])
def test_a_limit_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(AnsibleFilterError, match="it must be a whole number"):
        power_batches(HOSTS, batch=value)  # type: ignore[arg-type]


@given(st.dictionaries(st.integers(0, 60).map(str), st.sampled_from("abc")), st.integers(0, 9), st.integers(0, 4))
def test_every_host_is_switched_once_and_no_limit_is_exceeded(racks: dict[str, str], batch: int, per_rack: int) -> None:
    found = batches(list(racks), racks, Limits(batch, per_rack))
    assert Counter(host for hosts in found for host in hosts) == Counter(list(racks))
    for hosts in found:
        assert hosts and len(hosts) <= (batch or len(racks))
        assert all(count <= (per_rack or len(racks)) for count in Counter(racks[host] for host in hosts).values())

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host names as node sets."""

from __future__ import annotations

import pytest
from ClusterShell.NodeSet import NodeSet
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.filter.nodeset import nodeset
from ansible_collections.lightsout.bmc.plugins.plugin_utils import _fold_nodes
from ansible_collections.lightsout.bmc.plugins.plugin_utils._fold_nodes import HOW_TO_INSTALL, fold, natural


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        ([], ""),
        (["n1"], "n1"),
        (["n3", "n1", "n2"], "n[1-3]"),
        ([f"ccw{number:04d}" for number in range(1, 1801) if number != 413], "ccw[0001-0412,0414-1800]"),
        (["r1n01", "r1n02", "r2n01", "r2n02"], "r[1-2]n[01-02]"),
        (["10.0.0.1", "10.0.0.2"], "10.0.0.[1-2]"),
        (["n1-bmc.example.org", "n2-bmc.example.org"], "n[1-2]-bmc.example.org"),
        (["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_names_are_folded(names: list[str], folded: str) -> None:
    assert fold(names) == folded


@pytest.mark.parametrize("odd", ["n[1-3]", "@all", "a,b", "a!b", "a&b", "a^b", "a b", "n[1", "ü1"])
def test_a_name_that_means_something_to_the_library_stays_as_it_is(odd: str) -> None:
    assert fold(["n1", odd, "n2"]) == f"n[1-2],{odd}"


@given(st.lists(st.from_regex(r"\A[a-z]{1,3}[0-9]{1,4}\Z"), unique=True, max_size=40))
def test_no_name_is_lost_or_made_up(names: list[str]) -> None:
    assert sorted(NodeSet(fold(names))) == sorted(names)


def test_names_are_sorted_as_people_count() -> None:
    assert sorted(["n10", "n9", "b", "n2a", "n2"], key=natural) == ["b", "n2", "n2a", "n9", "n10"]


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_fold_nodes, "NodeSet", None)
    with pytest.raises(ImportError, match="pip install ClusterShell") as raised:
        fold(["n1"])
    assert str(raised.value) == HOW_TO_INSTALL


def test_the_filter_does_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    assert nodeset(["n1", "n2"]) == "n[1-2]"
    monkeypatch.setattr(_fold_nodes, "MISSING", ImportError())
    assert nodeset(["n10", "n2"]) == "n2,n10"

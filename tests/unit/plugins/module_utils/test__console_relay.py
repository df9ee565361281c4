# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guard may take, and how a break is told from keys."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import Holder, Instance, State
from ansible_collections.lightsout.bmc.plugins.module_utils._console_relay import BREAK, Entry, Keys

ALIVE = Holder(7, listed=True, user_id=3, stale=False)
OURS_DEAD = Holder(7, listed=True, user_id=2, same_account=True, stale=True)
GONE = Holder(7, listed=False, stale=True)
UNSURE = Holder(7, listed=True, user_id=2, same_account=True, stale=None)


def entry(**given: t.Any) -> Entry:
    return Entry.from_table("n1", {"host": "192.0.2.1", "password": "secret", **given})


@pytest.mark.parametrize(
    ("policy", "holder", "seconds", "taken"),
    [
        ({"policy": "never"}, ALIVE, 1e9, False),
        ({"policy": "never"}, GONE, 1e9, False),
        ({"policy": "never"}, UNSURE, 1e9, False),
        ({"policy": "never"}, OURS_DEAD, 0, True),
        ({"policy": "if_idle_for", "idle_for": 60}, ALIVE, 1e9, False),
        ({"policy": "if_idle_for", "idle_for": 60}, GONE, 59, False),
        ({"policy": "if_idle_for", "idle_for": 60}, GONE, 60, True),
        ({"policy": "if_idle_for", "idle_for": 60, "idle_counts_held": True}, ALIVE, 59, False),
        ({"policy": "if_idle_for", "idle_for": 60, "idle_counts_held": True}, ALIVE, 60, True),
        ({"policy": "always"}, ALIVE, 0, True),
        ({"policy": "always"}, None, 1e9, False),
    ],
)
def test_a_console_is_taken_only_where_the_policy_says_so(policy: dict[str, t.Any], holder: Holder | None, seconds: float, taken: bool) -> None:
    wish = entry(**policy).wish(Instance(1, State.HELD, holder=holder), seconds)
    assert (wish is not None and holder is not None and wish.allows(holder)) is taken


def test_an_entry_shows_no_password() -> None:
    assert "secret" not in repr(entry())


@given(st.lists(st.sampled_from([b"a", b"\x1b", b"\x1b]", b"]623;", BREAK, b"\x07"]), max_size=12), st.lists(st.integers(0, 60), max_size=8))
def test_breaks_are_found_however_the_keys_come_in_pieces(parts: list[bytes], cuts: list[int]) -> None:
    # A key that is pressed last lets go what waits.
    data = b"".join(parts) + b"z"
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    keys = Keys()
    pieces = [part for start, end in itertools.pairwise(edges) for part in keys.split(data[start:end])]
    assert b"".join(pieces) == data
    # An escape that comes alone is a key, and does not wait.
    if not any(data[edge - 1 : edge] == b"\x1b" for edge in edges[1:-1]):
        assert pieces.count(BREAK) == data.count(BREAK)

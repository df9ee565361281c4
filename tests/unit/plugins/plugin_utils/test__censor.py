# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are taken out of whatever leaves an action."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.plugin_utils._censor import MASK, PARTLY, censor


@pytest.mark.parametrize(
    ("value", "censored"),
    [
        ("hunter2", MASK),
        ("login with hunter2 failed", f"login with {PARTLY} failed"),
        ({"msg": "hunter2", "inner": {"list": ["a", "hunter2!"]}}, {"msg": MASK, "inner": {"list": ["a", f"{PARTLY}!"]}}),
        (("hunter2", 1), [MASK, 1]),
        ({"hunter2": "x"}, {"hunter2": "x"}),
        (17, 17),
        (None, None),
        (True, True),
    ],
)
def test_wherever_it_is(value: t.Any, censored: t.Any) -> None:
    assert censor(value, {"hunter2"}) == censored


def test_the_longer_secret_first() -> None:
    assert censor("a password1 b", {"password", "password1"}) == f"a {PARTLY} b"


def test_an_empty_secret_hides_nothing() -> None:
    assert censor("text", {""}) == "text"


def test_a_secret_that_is_a_number() -> None:
    assert censor("pin 1234", t.cast("set[str]", {1234})) == f"pin {PARTLY}"


_SECRETS = st.sets(st.text("abcdef", min_size=3, max_size=6), min_size=1, max_size=3)
_VALUES = st.recursive(st.text("abcdef ", max_size=12) | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3))


@given(_VALUES, _SECRETS)
@settings(deadline=None, max_examples=200)
def test_no_secret_is_left(value: t.Any, secrets: set[str]) -> None:
    left = json.dumps(censor(value, secrets)).replace(MASK, "").replace(PARTLY, "\0")
    assert not any(secret in left for secret in secrets)

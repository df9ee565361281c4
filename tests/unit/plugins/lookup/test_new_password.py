# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New passwords: what every one of them is like, and what cannot be asked for."""

from __future__ import annotations

import itertools
import string
import typing as t

import pytest
from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils import _quirks
from ansible_collections.lightsout.bmc.plugins.module_utils._quirks import Row
from ansible_collections.lightsout.bmc.plugins.plugin_utils._new_password import Rules, generate

CONTROLLER: t.Final = {"manufacturer_id": 343, "product_id": 7, "firmware": "2.50", "manufacturer": "Intel"}


def new(controller: dict[str, t.Any] | None = None, **options: t.Any) -> str:
    """As the playbook asks for one."""
    (password,) = lookup_loader.get("lightsout.bmc.new_password").run([CONTROLLER if controller is None else controller], {}, **options)
    assert isinstance(password, str)
    return password


@given(length=st.sampled_from([8, 16, 20]), symbols=st.sampled_from(["-_.+", "#", "!-"]), name=st.sampled_from(["", "ADMIN", "Ab"]))
def test_a_password_keeps_the_rules(length: int, symbols: str, name: str) -> None:
    password = generate(Rules(length, symbols, name))
    assert len(password) == length
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, symbols)
    assert all(set(password) & set(kind) for kind in kinds)
    assert not set(password) - set("".join(kinds))
    assert password[0] not in symbols
    assert all(one != other for one, other in itertools.pairwise(password))
    lower = password.lower()
    assert not name or (name.lower() not in lower and name.lower()[::-1] not in lower)


@pytest.mark.parametrize(
    "password",
    ["aB3-aB3", "aB3-aB3-x", "aB3-aBB3", "AB3-AB3C", "ab3-ab3c", "aBc-aBcd", "aB3aB3aB", "-aB3aB3a", "a3-ROOTx", "a3-Toorx"],
)
def test_each_rule_refuses(password: str) -> None:
    assert Rules(8, "-", "root").kept_by("aB3-aB3x")
    assert not Rules(8, "-", "root").kept_by(password)


def test_no_two_are_alike() -> None:
    assert len({new() for _attempt in range(200)}) == 200


def test_20_bytes_unless_16_are_asked_for() -> None:
    assert (len(new()), len(new(size=16))) == (20, 16)


def test_a_maker_goes_over_the_size_and_the_site_over_its_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_quirks, "ROWS", (Row(343, "a test", differs={"password_max": 18, "password_symbols": "%"}),))
    password = new()
    assert len(password) == 18 and "%" in password and not set(password) & set("-_.+")
    assert "#" in new(symbols="#")


def test_a_size_that_the_maker_does_not_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_quirks, "ROWS", (Row(343, "a test", differs={"password_min": 18}),))
    with pytest.raises(AnsibleError, match="this BMC wants passwords of 18 to 20 bytes"):
        new(size=16)


@pytest.mark.parametrize("options", [{"size": 12}, {"symbols": "aß"}, {"symbols": " "}, {"symbols": "7"}])
def test_nonsense_is_refused(options: dict[str, t.Any]) -> None:
    with pytest.raises(AnsibleError, match="new_password"):
        new(**options)


@pytest.mark.parametrize("controller", [{}, {"manufacturer_id": "x", "product_id": 1, "firmware": "1.0"}])
def test_what_is_no_controller_is_refused(controller: dict[str, t.Any]) -> None:
    with pytest.raises(AnsibleError, match="not the controller"):
        new(controller)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared enumerations and their option names."""

from __future__ import annotations

from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _types as types
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType, ChannelMedium, Privilege


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Privilege.ADMINISTRATOR, "administrator"),
        (Privilege.NO_ACCESS, "no_access"),
        (ChannelMedium.OTHER_LAN, "other_lan"),
        (7, "unknown_7"),
    ],
)
def test_option(value: Enum | int, text: str) -> None:
    assert types.option(value) == text


@pytest.mark.parametrize("privilege", Privilege)
def test_every_option_names_its_member(privilege: Privilege) -> None:
    assert types.member(Privilege, types.option(privilege)) is privilege


@pytest.mark.parametrize("text", ["root", "", "Administrator", "unknown_7", "__class__"])
def test_other_texts_name_none(text: str) -> None:
    with pytest.raises(ValueError, match="must be one of unspecified, callback, user, operator, administrator, oem"):
        types.member(Privilege, text)


def test_numbers() -> None:
    # ipmi.md 5.1, channels, privilege, authentication types.
    assert {types.option(level): int(level) for level in Privilege} == {
        "unspecified": 0,
        "callback": 1,
        "user": 2,
        "operator": 3,
        "administrator": 4,
        "oem": 5,
        "no_access": 15,
    }
    named = {"ipmb": 1, "lan": 4, "serial": 5, "other_lan": 6, "system_interface": 12}
    assert {name: int(types.member(ChannelMedium, name)) for name in named} == named
    assert [int(kind) for kind in AuthType] == [0, 1, 2, 4, 5, 6]


# ipmi.md 5.1: privileges 0 to 5 and F, media 1 to 0C.
@given(st.integers(0, 255))
def test_known_keeps_every_number(number: int) -> None:
    privilege = types.known(Privilege, number)
    assert privilege == number
    assert isinstance(privilege, Privilege) is (number <= 5 or number == 15)
    medium = types.known(ChannelMedium, number)
    assert medium == number
    assert isinstance(medium, ChannelMedium) is (1 <= number <= 0x0C)


# ipmi.md 5.1: bit n = type n; 5.2 parameter 1: b0 none b1 MD2 b2 MD5 b4 password b5 OEM.
@pytest.mark.parametrize(
    ("mask", "kinds"),
    [
        (0x00, set()),
        (0x01, {AuthType.NONE}),
        (0x16, {AuthType.MD2, AuthType.MD5, AuthType.PASSWORD}),
        (0x20, {AuthType.OEM}),
        (0x37, {AuthType.NONE, AuthType.MD2, AuthType.MD5, AuthType.PASSWORD, AuthType.OEM}),
    ],
)
def test_masks_of_authentication_types(mask: int, kinds: set[AuthType]) -> None:
    assert types.auth_types(mask) == kinds
    assert types.auth_mask(kinds) == mask


def test_reserved_bits_of_a_mask_are_dropped() -> None:
    assert types.auth_types(0xC8) == frozenset()


def test_a_type_without_a_bit_has_no_mask() -> None:
    with pytest.raises(ValueError, match="rmcp_plus"):
        types.auth_mask({AuthType.MD5, AuthType.RMCP_PLUS})

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users type."""

from __future__ import annotations

import ipaddress
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import (
    choice,
    integer,
    ipv4,
    mac,
    name_of,
    text,
)


@pytest.mark.parametrize("typed", ["192.0.2.1", " 192.0.2.1 "])
def test_an_address(typed: str) -> None:
    assert ipv4(typed) == ipaddress.IPv4Address("192.0.2.1")


@pytest.mark.parametrize("typed", ["", "192.0.2", "192.0.2.256", "::1", "host", "192.0.2.1/24", None])
def test_no_address(typed: t.Any) -> None:
    with pytest.raises(ValueError, match="is not an IPv4 address"):
        ipv4(typed)


@pytest.mark.parametrize("typed", ["52:54:00:aB:34:56", "52-54-00-AB-34-56", " 52:54:00:ab:34:56"])
def test_a_mac(typed: str) -> None:
    assert mac(typed) == "52:54:00:ab:34:56"


@pytest.mark.parametrize("typed", ["", "52:54:00:12:34", "52:54:00:12:34:5g", "525400123456", "52:54:00:12:34:56:78"])
def test_no_mac(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a MAC address"):
        mac(typed)


@pytest.mark.parametrize("typed", [5, "10", 1275])
def test_a_number(typed: t.Any) -> None:
    assert integer(5, 1275, step=5)(typed) == int(typed)


@pytest.mark.parametrize("typed", [0, 4, 7, 1280, -5])
def test_no_number(typed: int) -> None:
    with pytest.raises(ValueError, match="must be 5 to 1275 milliseconds in steps of 5"):
        integer(5, 1275, step=5, unit="milliseconds")(typed)


@pytest.mark.parametrize("typed", ["", "x" * 16, "ü" * 16])
def test_text(typed: str) -> None:
    assert text(16)(typed) == typed


@pytest.mark.parametrize(("typed", "message"), [("x" * 17, "17 bytes; at most 16"), ("ü" * 17, "17 bytes"), ("€", "IPMI cannot store"), ("a\0b", "NUL")])
def test_no_text(typed: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        text(16)(typed)


def test_a_choice_and_back() -> None:
    assert choice(Privilege)("no_access") is Privilege.NO_ACCESS
    assert name_of(Privilege.NO_ACCESS) == "no_access"


@pytest.mark.parametrize("typed", ["root", "ADMINISTRATOR", ""])
def test_no_choice(typed: str) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        choice(Privilege)(typed)


def test_a_member_without_a_name() -> None:
    assert name_of(7) == "unknown_7"

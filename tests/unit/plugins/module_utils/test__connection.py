# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that every module shares: what can be, and what is said where it cannot."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import (
    CONNECTION_SPEC,
    ENVIRONMENT,
    Connection,
    parse_kg,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege


def connection(**options: t.Any) -> Connection:
    defaults = {name: option.get("default") for name, option in CONNECTION_SPEC.items()}
    return Connection.from_params({**defaults, "bmc_host": "h", **options})


def test_everything_given() -> None:
    made = connection(bmc_user="u", bmc_password="p", bmc_kg="0x0102", bmc_port=1623, bmc_privilege="operator", bmc_timeout=2.5)
    assert made == Connection("h", 1623, "u", "p", b"\1\2", Privilege.OPERATOR, "lan", 2.5)


def test_nothing_given_is_the_null_user() -> None:
    assert connection() == Connection("h", 623, "", "", None, Privilege.ADMINISTRATOR, "lan", 10.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bmc_host": None}, "bmc_host is missing.*BMC_HOST"),
        ({"bmc_host": ""}, "bmc_host is missing"),
        ({"bmc_port": 0}, "bmc_port is 0"),
        ({"bmc_port": 65536}, "bmc_port is 65536"),
        ({"bmc_user": "x" * 17}, "bmc_user has 17 bytes; IPMI allows at most 16"),
        ({"bmc_password": "geheim" * 4}, "bmc_password has 24 bytes; IPMI allows at most 20"),
        ({"bmc_password": "ü" * 11}, "bmc_password has 22 bytes"),
        ({"bmc_kg": "geheim"}, "bmc_kg is not hexadecimal"),
        ({"bmc_kg": "ab" * 21}, "bmc_kg has 21 bytes"),
        ({"bmc_timeout": 0.0}, "bmc_timeout is 0"),
        ({"bmc_timeout": 3601.0}, "at most 3600"),
        ({"bmc_timeout": float("nan")}, "bmc_timeout is nan"),
    ],
)
def test_what_cannot_be(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadOption, match=message) as caught:
        connection(**options)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.facts() == {"reason": "bad_option"}


def test_in_band_needs_no_host() -> None:
    assert str(connection(bmc_host=None, bmc_interface="open")) == "BMC of this host"


@pytest.mark.parametrize(("text", "kg"), [(None, None), ("", None), ("00", b"\0"), ("0XFFee", b"\xff\xee"), ("ab" * 20, b"\xab" * 20)])
def test_kg(text: str | None, kg: bytes | None) -> None:
    assert parse_kg(text) == kg


@pytest.mark.parametrize(
    ("host", "port", "shown"),
    [("h", 623, "h"), ("h", 1623, "h:1623"), ("2001:db8::1", 623, "[2001:db8::1]"), ("2001:db8::1", 1, "[2001:db8::1]:1")],
)
def test_how_it_is_named(host: str, port: int, shown: str) -> None:
    assert str(Connection(host, port)) == shown


def test_its_secrets_are_not_in_its_repr() -> None:
    shown = repr(Connection("h", user="u", password="geheim", kg=b"schluessel"))
    assert "geheim" not in shown
    assert "schluessel" not in shown


def test_the_same_account_elsewhere() -> None:
    made = Connection("h", 1623, "u", "p", b"k")
    assert made.at("other") == Connection("other", 1623, "u", "p", b"k")
    assert made.with_password("q") == Connection("h", 1623, "u", "q", b"k")
    assert made.with_kg(b"l") == Connection("h", 1623, "u", "p", b"l")
    assert made.with_kg(None) == Connection("h", 1623, "u", "p")


def test_secrets_are_never_logged() -> None:
    assert {name for name, option in CONNECTION_SPEC.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


def test_the_environment_names_options_that_there_are() -> None:
    assert set(ENVIRONMENT) <= set(CONNECTION_SPEC)
    assert all(variable == option.upper() for option, variable in ENVIRONMENT.items())

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which account is tried where."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet import _credentials as credentials
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._credentials import Credential, Wanted
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Place
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege

ALL = [
    Credential("dell", "root", makers=("dell",)),
    Credential("any", "admin"),
    Credential("lab", "lab", hosts=("lab*", "bench")),
    Credential("storage", "storage", groups=("storage",)),
]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(maker="Dell"), ["dell", "any"]),
        (Wanted(maker="Dell Inc."), ["dell", "any"]),
        (Wanted(maker="HPE"), ["any"]),
        # Nobody knows the maker: what is for one maker comes last.
        (Wanted(), ["any", "dell"]),
        (Wanted(names={"lab7", "192.0.2.1"}, maker="HPE"), ["any", "lab"]),
        (Wanted(names={"bench"}, maker="HPE"), ["any", "lab"]),
        (Wanted(groups={"storage", "x"}, maker="HPE"), ["any", "storage"]),
        (Wanted(maker="Dell", last="any"), ["any", "dell"]),
        (Wanted(maker="Dell", refused=("dell",)), ["any", "dell"]),
    ],
)
def test_order(wanted: Wanted, expected: list[str]) -> None:
    assert [one.name for one in credentials.choose(ALL, wanted)] == expected


def test_options() -> None:
    found = credentials.from_options(
        [{"user": "admin", "password": "secret", "kg": "0x0102", "privilege": "user", "hosts": ["a[1:2]", "b*"], "makers": ["DELL"]}, {"name": "n"}]
    )
    assert found[0] == Credential("admin", "admin", "secret", b"\x01\x02", Privilege.USER, ("a1", "a2", "b*"), (), ("dell",))
    assert found[1] == Credential("n", "", "")
    connection = found[0].connection(Place("192.0.2.1", 624), 5.0)
    assert (connection.host, connection.port, connection.password, connection.timeout) == ("192.0.2.1", 624, "secret", 5.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"user": "u", "password": "much-too-long-a-password"}, "password has 24 bytes"),
        ({"user": "a-name-of-17-byte"}, "user has 17 bytes"),
        ({"user": "u", "kg": "not hex: Sesam"}, "kg is not hexadecimal"),
        ({"user": "u", "privilege": "root"}, "must be one of"),
    ],
)
def test_wrong_options_are_told_without_the_secret(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadOption, match=message) as error:
        credentials.from_options([given])
    assert "much-too" not in str(error.value) and "Sesam" not in str(error.value)


def test_names_are_unique() -> None:
    with pytest.raises(BadOption, match="admin is there twice"):
        credentials.from_options([{"user": "admin"}, {"user": "admin"}])


def test_secrets_are_not_in_repr() -> None:
    shown = repr(Credential("n", "u", "Sesam-1", b"Sesam-2"))
    assert "Sesam" not in shown

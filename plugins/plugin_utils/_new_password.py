# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""New passwords for BMCs, by what their makers take."""

from __future__ import annotations

import itertools
import secrets
import string
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._quirks import Quirks, quirks_of

#: The two lengths that IPMI stores passwords in.
SIZES: t.Final = (16, 20)
_CLASSES: t.Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


class NoSuchPassword(ValueError):
    """What is asked for cannot be."""


@dataclass(frozen=True)
class Controller:
    """What `ipmi_info` tells of a BMC in `controller`, as far as rules depend on it."""

    manufacturer_id: int
    product_id: int
    firmware: str

    @classmethod
    def from_facts(cls, facts: t.Mapping[str, t.Any]) -> Controller:
        """Take what is needed. Raises NoSuchPassword."""
        try:
            return cls(int(facts["manufacturer_id"]), int(facts["product_id"]), str(facts["firmware"]))
        except (KeyError, TypeError, ValueError) as error:
            raise NoSuchPassword("what is given is not the controller of lightsout.bmc.ipmi_info") from error


@dataclass(frozen=True)
class Rules:
    """What a password must be like.

    Whatever the maker: a lower-case letter, an upper-case letter, a digit and a symbol; a letter or digit first;
    no character twice in a row (Lenovo); the account's name neither way round in it (Huawei, OpenBMC).
    """

    length: int  #: bytes
    symbols: str
    name: str = ""

    def __post_init__(self) -> None:
        usable = set(string.printable) - set(string.ascii_letters + string.digits + string.whitespace)
        if not self.symbols or set(self.symbols) - usable:
            raise NoSuchPassword("the symbols must be ASCII characters that are neither letters, digits nor spaces, at least one")

    def kept_by(self, password: str) -> bool:
        """Whether the password is like that."""
        name = self.name.lower()
        return (
            len(password) == self.length
            and password[0] not in self.symbols
            and all(set(password) & set(kind) for kind in (*_CLASSES, self.symbols))
            and not any(one == other for one, other in itertools.pairwise(password))
            and not (name and (name in password.lower() or name[::-1] in password.lower()))
        )


def rules(controller: Controller, *, size: int, symbols: str | None, name: str) -> Rules:
    """The rules for one BMC: its maker's, and what the site says. Raises NoSuchPassword."""
    if size not in SIZES:
        raise NoSuchPassword(f"the size is {size}; IPMI stores passwords in 16 or 20 bytes")
    quirks: Quirks = quirks_of(controller)
    length = min(size, quirks.password_max)
    if length < quirks.password_min:
        raise NoSuchPassword(f"the size is {size}; this BMC wants passwords of {quirks.password_min} to {quirks.password_max} bytes")
    return Rules(length, symbols or quirks.password_symbols, name)


def generate(wanted: Rules) -> str:
    """A password from the operating system's random numbers, each that keeps the rules as likely as any other."""
    alphabet = "".join((*_CLASSES, *dict.fromkeys(wanted.symbols)))
    while True:
        password = "".join(secrets.choice(alphabet) for _character in range(wanted.length))
        if wanted.kept_by(password):
            return password

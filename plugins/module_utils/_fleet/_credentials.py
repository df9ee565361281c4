# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Which account is tried on which BMC, in which order."""

from __future__ import annotations

import fnmatch
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import MAX_PASSWORD, MAX_USER, Connection, parse_kg
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Place
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._ranges import expand_names
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, member


@dataclass(frozen=True)
class Credential:
    """One account, and for whom it is. Secrets are kept out of `repr`."""

    name: str  #: shown and kept in the place of the account
    user: str
    password: str = field(default="", repr=False)
    kg: bytes | None = field(default=None, repr=False)
    privilege: Privilege = Privilege.OPERATOR
    hosts: tuple[str, ...] = ()  #: names or shell patterns; empty: all
    groups: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()  #: lower case

    @classmethod
    def from_options(cls, given: t.Mapping[str, t.Any], number: int) -> Credential:
        """Check an item of the option `credentials`. Raises BadOption without a secret in it."""
        user = str(given.get("user") or "")
        name = str(given.get("name") or user or f"credential {number}")
        password = given.get("password")
        _check_size(f"credentials: {name}: user", user, MAX_USER)
        _check_size(f"credentials: {name}: password", str(password or ""), MAX_PASSWORD)
        try:
            kg = parse_kg(None if given.get("kg") is None else str(given["kg"]))
        except BadOption as error:
            raise BadOption(f"credentials: {name}: {str(error).replace('bmc_kg', 'kg')}") from None
        return cls(
            name=name,
            user=user,
            password=str(password or ""),
            kg=kg,
            privilege=_privilege(name, str(given.get("privilege") or "operator")),
            hosts=tuple(known for pattern in given.get("hosts") or () for known in expand_hosts(str(pattern))),
            groups=tuple(map(str, given.get("groups") or ())),
            makers=tuple(str(maker).lower() for maker in given.get("makers") or ()),
        )

    def connection(self, place: Place, timeout: float) -> Connection:
        """To open a session with it."""
        return Connection(place.host, place.port, self.user, self.password, self.kg, self.privilege, timeout=timeout)


def _privilege(name: str, text: str) -> Privilege:
    try:
        return member(Privilege, text)
    except ValueError as error:
        raise BadOption(f"credentials: {name}: privilege {error}") from None


def _check_size(what: str, text: str, limit: int) -> None:
    size = len(text.encode())
    if size > limit:
        raise BadOption(f"{what} has {size} bytes; IPMI allows at most {limit}")


def expand_hosts(pattern: str) -> list[str]:
    """A range of names, or a shell pattern as it stands: `r1n*`, `ccw[0001:0100]`."""
    return expand_names(pattern) if "[" in pattern and "*" not in pattern and "?" not in pattern else [pattern]


def from_options(given: t.Iterable[t.Mapping[str, t.Any]]) -> list[Credential]:
    """All of them, in order. Raises BadOption."""
    credentials = [Credential.from_options(item, number) for number, item in enumerate(given, 1)]
    names = [credential.name for credential in credentials]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadOption(f"credentials: {', '.join(twice)} is there twice; give each a name of its own")
    return credentials


@dataclass(frozen=True)
class Wanted:
    """For whom a credential is looked for."""

    names: t.Collection[str] = ()  #: the host, its BMC's name or address
    groups: t.Collection[str] = ()
    maker: str | None = None
    last: str | None = None  #: the credential that was good the last time
    refused: t.Collection[str] = ()  #: those that were refused the last time


def choose(credentials: t.Sequence[Credential], wanted: Wanted) -> list[Credential]:
    """The credentials to try, each once, in order.

    In the order of the file, but: what was good the last time comes first, what was refused then comes last, and
    where the maker is not known, what is for certain makers comes after the rest.
    """
    maker = (wanted.maker or "").lower()
    fitting = [one for one in credentials if _is_for(one, wanted, maker)]
    return sorted(
        fitting,
        key=lambda one: (one.name != wanted.last, one.name in wanted.refused, bool(one.makers) and not maker),
    )


def _is_for(credential: Credential, wanted: Wanted, maker: str) -> bool:
    if credential.makers and maker and not any(known in maker for known in credential.makers):
        return False
    if credential.hosts and not any(_matches(credential.hosts, name) for name in wanted.names):
        return False
    return not credential.groups or not set(credential.groups).isdisjoint(wanted.groups)


def _matches(patterns: t.Sequence[str], name: str) -> bool:
    return name in patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns if "*" in pattern or "?" in pattern)

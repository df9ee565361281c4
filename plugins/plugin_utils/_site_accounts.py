# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The accounts of all BMCs: what each is for, and the least that it needs for that."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._quirks import Quirks, quirks_of
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import ACCOUNT_OPTIONS
from ansible_collections.lightsout.bmc.plugins.plugin_utils import _site_hosts as site
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_hosts import Document, Host, Part, Problem

PREFIX: t.Final = "bmc_accounts_"
#: From least to most.
LEVELS: t.Final = ("no_access", "callback", "user", "operator", "administrator")


@dataclass(frozen=True)
class Purpose:
    """What an account is for, and the least that this needs."""

    privilege: str
    sol_payload: bool


PURPOSES: t.Final[t.Mapping[str, Purpose]] = {
    # Get commands, sensors, event log: specification appendix G has them at privilege User.
    "monitoring": Purpose("user", sol_payload=False),
    # Chassis Control and boot options need Operator.
    "power": Purpose("operator", sol_payload=False),
    # Serial over LAN is a payload of its own; Operator may activate it unless the BMC asks for more.
    "console": Purpose("operator", sol_payload=True),
    "administration": Purpose("administrator", sol_payload=True),
    "break_glass": Purpose("administrator", sol_payload=True),
}


@dataclass(frozen=True)
class Known:
    """What is known of a host's BMC beforehand, such as what the inventory was told by it."""

    manufacturer_id: int
    product_id: int
    firmware: str

    @classmethod
    def of(cls, host: Host) -> Known | None:
        """None where the maker is not known. Raises ValueError."""
        maker, product, firmware = (host.get(f"bmc_{name}") for name in ("manufacturer_id", "product_id", "firmware"))
        if maker is None:
            return None
        return cls(
            site.whole("bmc_manufacturer_id", maker, 0, 0xFFFFF),
            # What is not known is none that a rule about old or single products is about.
            -1 if product is None else site.whole("bmc_product_id", product, 0, 0xFFFF),
            "127.99" if firmware is None else str(firmware),
        )


@dataclass(frozen=True)
class Limits:
    """What a BMC takes, in bytes."""

    password_min: int
    password_max: int
    name_max: int

    @classmethod
    def of(cls, host: Host) -> Limits:
        """The host's limits. Raises ValueError."""

        def limit(name: str, default: int, high: int) -> int:
            value = host.get(f"{PREFIX}{name}")
            return default if value is None else site.whole(f"{PREFIX}{name}", value, 0, high)

        known = Known.of(host)
        makers = Quirks() if known is None else quirks_of(known)
        limits = cls(
            limit("password_min", makers.password_min, 20), limit("password_max", makers.password_max, 20), limit("name_max", 16, 16)
        )
        if limits.password_min > limits.password_max:
            raise ValueError(f"{PREFIX}password_min is {limits.password_min}, more than {PREFIX}password_max, {limits.password_max}")
        return limits


def plan(hosts: t.Sequence[Host]) -> Part:
    """Plan for all hosts; each is for itself."""
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for host in hosts:
        if host.in_play:
            wrong: list[str] = []
            with site.noting(wrong):
                documents[host.name] = _document(host, wrong)
            problems += [Problem(host.name, text) for text in wrong]
    return Part(documents, problems)


def _document(host: Host, wrong: list[str]) -> Document:
    given = site.entries("bmc_accounts", host.get("bmc_accounts"))
    limits = Limits.of(host)
    users: list[Document] = []
    for number, entry in enumerate(given, 1):
        with site.noting(wrong):
            users.append(_account(number, entry, limits, wrong))
    absent = [str(name) for name in site.entries(f"{PREFIX}absent", host.get(f"{PREFIX}absent"))]
    users += [{"name": name, "state": "absent"} for name in absent]
    _check_together(users, wrong)
    purge = host.get(f"{PREFIX}purge")
    purges = purge is not None and site.truth(f"{PREFIX}purge", purge)
    if purges and not given and "bmc_accounts" not in host.failed:
        wrong.append(f"{PREFIX}purge is true and bmc_accounts is empty; that would take all accounts away")
    _check_own(host, users, wrong)
    document: Document = {}
    if users:
        document["users"] = users
    if users and host.get(f"{PREFIX}channel") is not None:
        document["users_channel"] = host.get(f"{PREFIX}channel")
    if purges:
        document["purge_users"] = True
    channels = site.entries(f"{PREFIX}channels", host.get(f"{PREFIX}channels"))
    if channels:
        document["channels"] = channels
    if not wrong:
        site.check(document)
    return document


def _account(number: int, entry: t.Any, limits: Limits, wrong: list[str]) -> Document:
    """One account as ipmi_config takes it. Raises ValueError where there is nothing to go on with."""
    if not isinstance(entry, t.Mapping) or not entry.get("name"):
        raise ValueError(f"entry {number} of bmc_accounts has no name")
    name = str(entry["name"])
    where = f"account {name}"
    with site.noting(wrong):
        site.only_known(where, map(str, entry), {*ACCOUNT_OPTIONS, "purpose"})
    user = {str(key): value for key, value in entry.items() if key in ACCOUNT_OPTIONS and value is not None}
    user["name"] = name
    size = len(name.encode())
    if size > limits.name_max:
        wrong.append(f"{where}: the name has {size} bytes; at most {limits.name_max} are possible")
    if entry.get("purpose") is not None:
        with site.noting(wrong):
            user = {**_least(where, entry), **user}
    with site.noting(wrong):
        _check_password(where, user, limits)
    return user


def _least(where: str, entry: t.Mapping[str, t.Any]) -> Document:
    """What the account's purpose needs. Raises ValueError if it is given more."""
    purpose = PURPOSES.get(str(entry["purpose"]))
    if purpose is None:
        raise ValueError(f"{where}: purpose is {entry['purpose']!r}; it is one of {', '.join(PURPOSES)}")
    given = entry.get("privilege")
    if given in LEVELS and LEVELS.index(str(given)) > LEVELS.index(purpose.privilege):
        raise ValueError(
            f"{where}: {entry['purpose']} needs the privilege {purpose.privilege}, and {given} is more; leave privilege out, or purpose"
        )
    return {"privilege": purpose.privilege, "sol_payload": purpose.sol_payload}


def _check_password(where: str, user: Document, limits: Limits) -> None:
    """Raises ValueError, which does not show the password."""
    if user.get("state", "present") == "absent":
        return
    password = user.get("password")
    if password is None or password == "":
        if not _enabled(user):
            return
        raise ValueError(f"{where}: it has no password; give one, or say enabled: false, or state: absent")
    if not isinstance(password, str):
        raise ValueError(f"{where}: the password is not a text; put it into quotes")
    size = len(password.encode())
    highest = 16 if str(user.get("password_size")) == "16" else limits.password_max
    if size > highest:
        raise ValueError(f"{where}: the password has {size} bytes; at most {highest} are possible")
    if size < limits.password_min:
        raise ValueError(f"{where}: the password has {size} bytes; at least {limits.password_min} are needed")


def _enabled(user: Document) -> bool:
    return site.truth("enabled", user.get("enabled", True))


def _check_together(users: t.Sequence[Document], wrong: list[str]) -> None:
    """No name and no slot twice."""
    for key, what in (("name", "account"), ("user_id", "slot")):
        seen: set[str] = set()
        for user in users:
            value = user.get(key)
            if value is not None and str(value) in seen:
                wrong.append(f"{what} {value} is there twice, in bmc_accounts or {PREFIX}absent")
            seen.add(str(value))


def _check_own(host: Host, users: t.Sequence[Document], wrong: list[str]) -> None:
    """The account in use stays one that can go on."""
    own = host.get("bmc_user")
    mine = next((user for user in users if user["name"] == own), None)
    if mine is None:
        return
    where = f"account {own}, which is in use"
    if mine.get("state") == "absent":
        wrong.append(f"{where}, is to be taken away")
        return
    with site.noting(wrong):
        if not _enabled(mine):
            raise ValueError(f"{where}, is to be disabled")
    asked = host.get("bmc_privilege") or "administrator"
    if mine.get("privilege") in LEVELS and asked in LEVELS and LEVELS.index(mine["privilege"]) < LEVELS.index(asked):
        wrong.append(f"{where}, is to have the privilege {mine['privilege']}, and bmc_privilege asks for {asked}")
    changes = host.get(f"{PREFIX}change_own_password")
    differs = mine.get("password") != host.get("bmc_password") and mine.get("update_password") != "on_create"
    if differs and mine.get("password") and host.get("bmc_password") and not (changes and site.truth(f"{PREFIX}change_own_password", changes)):
        wrong.append(f"{where}, is to have another password than bmc_password; {PREFIX}change_own_password: true allows that")

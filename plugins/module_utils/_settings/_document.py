# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""One document for a whole BMC: its parts, checked and planned together."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import (
    ACCOUNT_OPTIONS,
    Account,
    Login,
    plan_users,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._boot import BOOT, plan_boot
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import CHANNEL_OPTIONS, check_channel, plan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._chassis import CHASSIS_SPEC, check_chassis, plan_chassis
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._controller import CONTROLLER_SPEC, check_controller, plan_controller
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN_SPEC, check_lan, plan_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned, Shown
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import SOL_SPEC, check_sol, plan_sol
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

Params = t.Mapping[str, t.Any]
Options = dict[str, dict[str, t.Any]]


@dataclass(frozen=True)
class Now:
    """What planning may look at: the BMC, and the account in use."""

    reader: Reader
    connection: Connection
    login: Login


@dataclass(frozen=True)
class Part:
    """One part of the document. Its functions get all options, and are called only if the part is given."""

    name: str
    spec: Options
    #: Raises BadOption for what cannot be, whatever the BMC.
    check: t.Callable[[Params], t.Any]
    plan: t.Callable[[Now, Params], t.Sequence[Planned]]

    @property
    def many(self) -> bool:
        """Whether it is a list of entries."""
        return bool(self.spec[self.name]["type"] == "list")


def _list_of(name: str, options: Options) -> Options:
    return {name: {"type": "list", "elements": "dict", "options": options}}


def _accounts(params: Params) -> list[Account]:
    return [Account.from_params(user, allow_self=params["allow_self"]) for user in params["users"]]


def _plan_accounts(now: Now, params: Params) -> t.Sequence[Planned]:
    channel, purge = params["users_channel"], params["purge_users"]
    return plan_users(now.reader, _accounts(params), channel, now.connection, now.login, purge=purge)


def _check_lan(params: Params) -> None:
    for entry in params["lan"]:
        check_lan(entry)
    _refuse_twice("lan", params["lan"])


def _check_channels(params: Params) -> None:
    for entry in params["channels"]:
        check_channel(entry)
    _refuse_twice("channels", params["channels"])


def _plan_channels(now: Now, params: Params) -> t.Sequence[Planned]:
    allow_self = params["allow_self"]
    entries = [plan_channel(now.reader, entry, now.connection, allow_self=allow_self) for entry in params["channels"]]
    _refuse_twice("channels", [entry.identity for entry in entries])
    return entries


def _plan_lan(now: Now, params: Params) -> t.Sequence[Planned]:
    entries = [plan_lan(now.reader, entry, now.connection) for entry in params["lan"]]
    _refuse_twice("lan", [entry.identity for entry in entries])
    return entries


def _refuse_twice(name: str, entries: t.Sequence[Params]) -> None:
    channels = [entry["channel"] for entry in entries]
    if len(set(channels)) != len(channels):
        raise BadOption(f"{name}: a channel is there more than once; give each entry its channel")


#: In the order of writing: the network configuration last, because it may move the BMC away.
PARTS: t.Final = (
    Part(
        "users",
        {
            **_list_of("users", ACCOUNT_OPTIONS),
            "users_channel": {"type": "int"},
            "purge_users": {"type": "bool", "default": False},
        },
        check=_accounts,
        plan=_plan_accounts,
    ),
    Part(
        "sol",
        {"sol": {"type": "dict", "options": SOL_SPEC}},
        check=lambda params: check_sol(params["sol"]),
        plan=lambda now, params: [plan_sol(now.reader, params["sol"])],
    ),
    Part(
        "boot",
        {"boot": {"type": "dict", "options": BOOT.argument_spec()}},
        check=lambda params: BOOT.wanted(params["boot"]),
        plan=lambda now, params: [plan_boot(now.reader, params["boot"])],
    ),
    Part(
        "chassis",
        {"chassis": {"type": "dict", "options": CHASSIS_SPEC}},
        check=lambda params: check_chassis(params["chassis"]),
        plan=lambda now, params: [plan_chassis(now.reader, params["chassis"])],
    ),
    Part(
        "controller",
        {"controller": {"type": "dict", "options": CONTROLLER_SPEC}},
        check=lambda params: check_controller(params["controller"]),
        plan=lambda now, params: [plan_controller(now.reader, params["controller"], now.connection)],
    ),
    Part("channels", _list_of("channels", CHANNEL_OPTIONS), check=_check_channels, plan=_plan_channels),
    Part("lan", _list_of("lan", LAN_SPEC), check=_check_lan, plan=_plan_lan),
)

DOCUMENT_SPEC: t.Final[Options] = {name: option for part in PARTS for name, option in part.spec.items()}


@dataclass(frozen=True)
class Document:
    """The plans of a document's parts, in the order of writing."""

    entries: tuple[tuple[Part, t.Sequence[Planned]], ...]

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """All plans, in the order of writing."""
        return tuple(cut for _part, entries in self.entries for entry in entries for cut in entry.cuts)

    def before(self) -> Shown:
        """What the document names, as it was."""
        return self._shown(lambda entry: entry.before)

    def after(self) -> Shown:
        """What the document names, as it is afterwards."""
        return self._shown(lambda entry: entry.after)

    def _shown(self, values: t.Callable[[Planned], Shown]) -> Shown:
        shown: Shown = {}
        for part, entries in self.entries:
            # An entry may be there for its notes alone.
            told = [entry for entry in entries if entry.parts]
            if part.many and told:
                shown[part.name] = [{**entry.identity, **values(entry)} for entry in told]
            elif told:
                shown[part.name] = values(told[0])
        return shown

    @property
    def notes(self) -> list[str]:
        """What the user should know, as warnings."""
        return [note for _part, entries in self.entries for entry in entries for note in entry.notes]

    @property
    def purged(self) -> list[str]:
        """Names of the accounts that go because the document does not name them."""
        return [entry.purged for _part, entries in self.entries for entry in entries if entry.purged]


def _given(params: Params) -> list[Part]:
    # An empty list of accounts says something where others are purged.
    return [part for part in PARTS if params[part.name] or (part.name == "users" and params["purge_users"])]


def check_document(params: Params) -> None:
    """Check every value that can be checked without a BMC. Raises BadOption."""
    if params["purge_users"] and params["users"] is None:
        raise BadOption("purge_users needs users: the list of the accounts that stay, which may be empty")
    for part in _given(params):
        part.check(params)


def plan_document(reader: Reader, params: Params, connection: Connection, login: Login) -> Document:
    """Read and compare all parts. Nothing is written."""
    now = Now(reader, connection, login)
    return Document(tuple((part, part.plan(now, params)) for part in _given(params)))

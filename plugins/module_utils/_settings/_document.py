# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""One document for a whole BMC: what `ipmi_config` takes."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import ACCOUNT_OPTIONS, Account, Login
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._boot import BOOT
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import (
    CHANNEL_SPEC,
    SOL_SPEC,
    check_lan,
    check_sol,
    plan_boot,
    plan_lan,
    plan_sol,
    plan_users,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

Shown = dict[str, t.Any]

DOCUMENT_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "lan": {"type": "list", "elements": "dict", "options": {**CHANNEL_SPEC, **LAN.argument_spec()}},
    "users": {"type": "list", "elements": "dict", "options": ACCOUNT_OPTIONS},
    "users_channel": {"type": "int"},
    "sol": {"type": "dict", "options": SOL_SPEC},
    "boot": {"type": "dict", "options": BOOT.argument_spec()},
}


@dataclass(frozen=True)
class Document:
    """The plans of a document's parts."""

    lan: tuple[Cut, ...]
    users: tuple[Cut, ...]
    sol: tuple[Cut, ...]
    boot: tuple[Cut, ...]

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """In the order of writing: the network configuration last, because it may move the BMC away."""
        return self.users + self.sol + self.boot + self.lan

    def before(self) -> Shown:
        """What the document names, as it was."""
        return self._shown(lambda plan: plan.before_shown)

    def after(self) -> Shown:
        """What the document names, as it is afterwards."""
        return self._shown(lambda plan: plan.after_shown)

    def _shown(self, values: t.Callable[[Plan], Shown]) -> Shown:
        shown: Shown = {}
        if self.lan:
            shown["lan"] = [{"channel": c.plan.instance.target.channel, **values(c.plan)} for c in self.lan]
        if self.users:
            shown["users"] = [{"user_id": c.plan.instance.target.user_id, **values(c.plan)} for c in self.users]
        for name, cuts in (("sol", self.sol), ("boot", self.boot)):
            if cuts:
                shown[name] = values(cuts[0].plan)
        return shown


def check_document(params: t.Mapping[str, t.Any]) -> list[Account]:
    """Check every value that can be checked without a BMC. Raises BadOption, naming the part."""
    for lan in params["lan"] or []:
        check_lan(lan)
    if params["sol"]:
        check_sol(params["sol"])
    channels = [lan["channel"] for lan in params["lan"] or []]
    if len(set(channels)) != len(channels):
        raise BadOption("lan: a channel is there more than once; give each entry its channel")
    return _accounts(params)


def _accounts(params: t.Mapping[str, t.Any]) -> list[Account]:
    return [Account.from_params(user, allow_self=params["allow_self"]) for user in params["users"] or []]


def plan_document(reader: Reader, params: t.Mapping[str, t.Any], connection: Connection, login: Login) -> Document:
    """Read and compare all parts. Nothing is written."""
    return Document(
        lan=tuple(plan_lan(reader, lan, connection) for lan in params["lan"] or []),
        users=tuple(plan_users(reader, _accounts(params), params["users_channel"], connection, login)),
        sol=(plan_sol(reader, params["sol"]),) if params["sol"] else (),
        boot=(plan_boot(reader, params["boot"]),) if params["boot"] else (),
    )

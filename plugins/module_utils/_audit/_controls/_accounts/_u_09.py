# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-09: who may use the console."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Option,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import wish
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import Account, accounts, each_account, named
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import PAYLOAD


def check(case: Case) -> t.Iterable[Verdict]:
    """Get User Payload Access of the accounts that may log in, standard payload 1."""
    wanted = case.wanted("sol_users")
    if wanted is None:
        found = [one for info in case.lan_channels() for one in accounts(case, info.channel) if one.may_log_in and _has_sol(case, one)]
        return [wish(f"these may use Serial over LAN: {named(found)}", "accounts with Serial over LAN", "sol_users")]

    def judge(found: Account) -> Verdict | None:
        if not found.may_log_in:
            return None
        if not _has_sol(case, found):
            return Verdict(State.PASS, "may not use Serial over LAN")
        if found.name in wanted:
            return Verdict(State.PASS, "may use Serial over LAN, as it is meant to")
        return Verdict(State.FAIL, "may use Serial over LAN", fix=None if found.is_reserved else found.fix(sol_payload=False))

    return each_account(case, judge)


def _has_sol(case: Case, found: Account) -> bool:
    return bool(PAYLOAD.load(case.reader, Target(found.channel, found.user_id), {}).sol)


CONTROL: t.Final = Control(
    id="U-09",
    title="Only named accounts may use Serial over LAN",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="The console shows what the operating system prints, and takes boot menus and root's login.",
    expected="no account but those of sol_users has Serial over LAN",
    check=check,
    remedy=Remedy(
        how="Set sol_payload of the account to false (ipmi_user). A few boards store it and heed it not.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever uses the console with such an account",
    ),
    sources=("FreeIPMI, SOL issue 14", "IPMI 2.0, 24.6 and 24.7"),
    options=(
        Option("sol_users", {"type": "list", "elements": "str"}, "Names of the accounts that may use Serial over LAN. An empty list is none."),
    ),
)

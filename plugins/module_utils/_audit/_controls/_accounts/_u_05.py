# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-05: no accounts but those that are meant."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import EnableStatus


def check(case: Case) -> t.Iterable[Verdict]:
    """Get User Name and Get User Access of every slot."""
    allowed = case.wanted("allowed_users")
    if allowed is None:
        open_ones = [found for info in case.lan_channels() for found in accounts(case, info.channel) if found.may_log_in]
        return [wish(f"these may log in: {named(open_ones)}", "accounts", "allowed_users")]

    def judge(found: Account) -> Verdict | None:
        if found.name in allowed:
            return Verdict(State.PASS, "is meant to be there")
        if _is_off(found):
            return Verdict(State.PASS, found.what_it_is) if found.name else None
        return Verdict(State.FAIL, f"{found.what_it_is}{found.why_not}", fix=found.switched_off())

    return each_account(case, judge)


def _is_off(found: Account) -> bool:
    """Disabled and without a right. Slots without a name have rights on many BMCs from the factory, which mean nothing."""
    if not found.name:
        return not found.may_log_in
    disabled = found.access.status is not EnableStatus.ENABLED
    return disabled and not found.has_privilege and not found.access.ipmi_messaging


CONTROL: t.Final = Control(
    id="U-05",
    title="No account may log in but those that are meant to",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale="Accounts of earlier owners, of tests and of the factory stay for years, and nobody changes their passwords.",
    expected="each account that is not in allowed_users is disabled, without privilege and without IPMI messaging",
    check=check,
    remedy=Remedy(
        how="Disable the account, take its privilege and its IPMI messaging (ipmi_user). Only differences are written: some BMCs refuse to disable twice.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever still logs in with such an account",
    ),
    sources=(
        "Dan Farmer, IPMI++ Security Best Practices",
        "xCAT issue 5065: repeated disabling on a Lenovo XCC",
        "FreeIPMI, configuration issue 19: boards where the messaging flag has no effect",
        "IPMI 2.0, 22.26, 22.27 and 22.30",
    ),
    options=(
        Option(
            "allowed_users",
            {"type": "list", "elements": "str"},
            "Names of the accounts that may be enabled. An empty list is none.",
        ),
    ),
)

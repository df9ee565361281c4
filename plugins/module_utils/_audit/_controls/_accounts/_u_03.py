# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-03: no names of the factory."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._default_passwords import FACTORY_NAMES
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import Account, each_account, outsider_off


def check(case: Case) -> t.Iterable[Verdict]:
    """Get User Name, Get User Access."""
    names = case.wanted("default_names")

    def judge(found: Account) -> Verdict | None:
        if not found.name:
            return None
        if found.name not in names:
            return Verdict(State.PASS, "not a name that BMCs leave the factory with")
        if not found.may_log_in:
            return Verdict(State.PASS, f"a name of the factory, and nobody can log in: {found.what_it_is}")
        return Verdict(State.FAIL, f"a name that BMCs leave the factory with: {found.what_it_is}", fix=outsider_off(case, found))

    return each_account(case, judge)


CONTROL: t.Final = Control(
    id="U-03",
    title="No enabled account has a name that BMCs leave the factory with",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="Whoever wants the hash of a password has to name an account (CVE-2013-4786). The names of the factories are tried first.",
    expected="enabled accounts have names of the site's own",
    check=check,
    remedy=Remedy(
        how=(
            "Make an account with another name, move all users of the old one there, then leave the old one out of allowed_users. "
            "Some boards cannot rename it."
        ),
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever logs in with the old name",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "Metasploit, ipmi_dumphashes", "FreeIPMI, configuration issue 25"),
    options=(
        Option(
            "default_names",
            {"type": "list", "elements": "str"},
            "Names that no enabled account may have.",
            default=list(FACTORY_NAMES),
        ),
    ),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-07: no account has more privilege than it needs."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import Account, accounts, each_account
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, member, option


def check(case: Case) -> t.Iterable[Verdict]:
    """Get User Access: the privilege limit. Raises BadOption for a privilege that there is not."""
    given = case.wanted("user_privileges")
    if given is None:
        levels = [f"{one}: {one.privilege}" for info in case.lan_channels() for one in accounts(case, info.channel) if one.may_log_in]
        return [wish(", ".join(levels) or "none", "privileges", "user_privileges")]
    wanted = _privileges(given)

    def judge(found: Account) -> Verdict | None:
        if not found.may_log_in:
            return None
        if found.name not in wanted:
            return wish(found.privilege, f"the privilege of {found.name!r}", "user_privileges")
        level = wanted[found.name]
        expected = f"at most {option(level)}"
        if found.access.privilege <= _rank(level):
            return Verdict(State.PASS, found.privilege, expected=expected)
        fix = None if found.is_own or found.is_reserved else found.fix(privilege=option(level))
        return Verdict(State.FAIL, f"{found.privilege}{found.why_not}", expected=expected, fix=fix)

    return each_account(case, judge)


def _privileges(given: t.Mapping[str, t.Any]) -> dict[str, Privilege]:
    return {name: _privilege(name, text) for name, text in given.items()}


def _privilege(name: str, text: t.Any) -> Privilege:
    try:
        return member(Privilege, str(text))
    except ValueError as error:
        raise BadOption(f"policy.user_privileges: {name}: {text!r} {error}") from None


def _rank(level: Privilege) -> int:
    return 0 if level is Privilege.NO_ACCESS else int(level)


CONTROL: t.Final = Control(
    id="U-07",
    title="No account has more privilege than it needs",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="Power jobs need an operator and monitoring needs a user. What these do not hold cannot be stolen from them.",
    expected="no account has more privilege than user_privileges says",
    check=check,
    remedy=Remedy(
        how="Lower the privilege (ipmi_user). A few old boards let only administrators log in.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever does with the account what needs the higher privilege",
    ),
    sources=("Canonical MAAS, bmc_config.py", "HPE, iLO 5 security guide", "FreeIPMI, authentication issue 25", "IPMI 2.0, 22.27"),
    options=(
        Option(
            "user_privileges",
            {"type": "dict"},
            "The highest privilege of each account by its name, such as V(operator).",
            valid=_privileges,
        ),
    ),
)

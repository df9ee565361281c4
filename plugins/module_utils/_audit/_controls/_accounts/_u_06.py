# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-06: few administrators."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import accounts, named
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege

_ADMINISTRATORS: t.Final = (Privilege.ADMINISTRATOR, Privilege.OEM)


def check(case: Case) -> t.Iterable[Verdict]:
    """Get User Access: privilege 4 or 5, and not disabled."""
    most = case.wanted("max_administrators")

    def judge(info: ChannelInfo) -> Verdict:
        found = [one for one in accounts(case, info.channel) if one.may_be_enabled and one.access.privilege in _ADMINISTRATORS]
        state = State.PASS if len(found) <= most else State.FAIL
        return Verdict(state, f"administrators: {named(found)}", expected=f"at most {most} administrators")

    return each_lan(case, judge)


CONTROL: t.Final = Control(
    id="U-06",
    title="There are few administrators",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="Each administrator can make accounts and change every setting. One for automation and one for emergencies are enough.",
    expected="no more administrators than max_administrators",
    check=check,
    remedy=Remedy(
        how="Say in user_privileges what each account needs, and in allowed_users which ones are needed at all; ipmi_user lowers a privilege.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever does with such an account what needs an administrator",
    ),
    sources=("Veritas, NetBackup Appliance security guide", "IPMI 2.0, 22.27"),
    options=(Option("max_administrators", {"type": "int"}, "How many enabled accounts may be administrators.", default=2),),
)

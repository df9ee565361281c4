# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-08: no name twice."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import Account, accounts, named


def check(case: Case) -> t.Iterable[Verdict]:
    """Get User Name of every slot."""
    slots: dict[str, list[Account]] = {}
    for found in accounts(case, case.own_channel()):
        if found.name:
            slots.setdefault(found.name, []).append(found)
    twice = [named(same) for same in slots.values() if len(same) > 1]
    if twice:
        yield Verdict(State.FAIL, f"the same name: {'; '.join(twice)}")
    else:
        yield Verdict(State.PASS, f"{len(slots)} names, each once")


CONTROL: t.Final = Control(
    id="U-08",
    title="No name is there twice",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale="At a login the lowest slot of a name wins. What is changed or disabled in the other one changes nothing.",
    expected="each name is in one slot",
    check=check,
    remedy=Remedy(
        how="Remove the slot that nobody means: ipmi_user with its user_id and state absent. Look first which of them has the password in use.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever logs in with the slot that is removed",
    ),
    sources=("Dan Farmer, Sold Down the River", "IPMI 2.0, 22.28"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-02: no account without a name."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import accounts, all_switched_off, login_status, named, why_not
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Channel Authentication Capabilities, byte 3 bits 1 and 0, and the slots without a name."""

    def judge(info: ChannelInfo) -> Verdict:
        said = login_status(case, info.channel)
        nameless = [found for found in accounts(case, info.channel) if not found.name and found.may_log_in]
        if nameless:
            return Verdict(State.FAIL, f"{named(nameless)} may log in{why_not(nameless)}", fix=all_switched_off(nameless))
        if said.null_users or said.anonymous_login:
            return Verdict(State.FAIL, "the BMC says that an account without a name is enabled, though no slot looks so")
        return Verdict(State.PASS, "no account without a name may log in")

    return each_lan(case, judge)


CONTROL: t.Final = Control(
    id="U-02",
    title="No account without a name is enabled",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale="Nobody has to guess a name to ask for the hash of its password, and what is done with it belongs to nobody.",
    expected="no slot without a name is enabled with a privilege",
    check=check,
    remedy=Remedy(
        how="Disable the slot and take its privilege (ipmi_user with user_id). The name of user 1 is empty for ever on most BMCs.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever logs in without a name",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "Dan Farmer, Sold Down the River", "IPMI 2.0, 22.13 and 22.27"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-01: no anonymous login."""

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
    """Get Channel Authentication Capabilities, byte 3 bit 0, and the slots without a name: some BMCs answer the former with constants."""

    def judge(info: ChannelInfo) -> Verdict:
        said = login_status(case, info.channel)
        nameless = [found for found in accounts(case, info.channel) if not found.name and found.may_log_in]
        if not said.anonymous_login and (not nameless or said.null_users):
            return Verdict(State.PASS, "the BMC says that nobody can log in without name and password")
        who = f"; {named(nameless)} may log in" if nameless else "; no slot without a name looks so"
        word = "says that it is possible" if said.anonymous_login else "does not say so"
        return Verdict(State.FAIL, f"the BMC {word}{who}{why_not(nameless)}", fix=all_switched_off(nameless))

    return each_lan(case, judge)


CONTROL: t.Final = Control(
    id="U-01",
    title="Nobody can log in without name and password",
    severity=Severity.CRITICAL,
    profile=Profile.L1,
    rationale="An enabled account with neither name nor password lets in everybody who reaches the BMC.",
    expected="anonymous login is not possible",
    check=check,
    remedy=Remedy(
        how=(
            "Disable the slot without a name, which most often is user 1, and take its privilege (ipmi_user with user_id). "
            "Some makers keep that slot to themselves."
        ),
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever logs in without a name",
    ),
    sources=("US-CERT TA13-207A", "Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, 22.13"),
)

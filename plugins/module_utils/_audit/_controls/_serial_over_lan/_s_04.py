# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""S-04: who may open the serial console."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._sol_look import fix, load
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, member, option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import AUTHENTICATION


def check(case: Case) -> t.Iterable[Verdict]:
    """SOL parameter 2, bits 3:0."""
    wanted = member(Privilege, case.wanted("sol_privilege"))
    expected = f"at least {option(wanted)}"

    def judge(info: ChannelInfo) -> Verdict:
        privilege = load(case, AUTHENTICATION, info).privilege
        if privilege > Privilege.OEM:
            raise NotAssessed(f"the BMC gives a privilege that is none: {int(privilege)}")
        if privilege >= wanted:
            return Verdict(State.PASS, option(privilege), expected=expected)
        return Verdict(State.FAIL, option(privilege), expected=expected, fix=fix(info, privilege=option(wanted)))

    return each_lan(case, judge)


CONTROL: t.Final = Control(
    id="S-04",
    title="Only accounts of enough privilege open the serial console",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="The privilege user is for looking. Whoever has the serial console can do more to the server than read its sensors.",
    expected="the console needs at least the privilege of policy.sol_privilege",
    check=check,
    remedy=Remedy(
        how="Set privilege (ipmi_sol). A few boards ask for administrator whatever is set.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="accounts of a lower privilege that open the console",
    ),
    sources=("FreeIPMI, documented defects of boards", "IPMI 2.0, table 26-5, parameter 2"),
    options=(
        Option(
            "sol_privilege",
            {"type": "str", "choices": ["user", "operator", "administrator", "oem"]},
            "The lowest privilege that may open the serial console.",
            "operator",
        ),
    ),
)

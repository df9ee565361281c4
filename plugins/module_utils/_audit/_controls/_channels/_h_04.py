# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""H-04: the highest privilege of sessions on LAN channels."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import LIMITS, AccessCopy, each_copy, is_own, limit_wanted
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
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Channel Access, second byte, bits 3:0."""
    wanted = limit_wanted(case)
    expected = f"at most {option(wanted)}"

    def judge(one: AccessCopy) -> Verdict:
        limit = one.load(case).privilege_limit
        if limit not in LIMITS:
            raise NotAssessed(f"the BMC gives a limit that is none: {int(limit)}")
        if limit <= wanted:
            return Verdict(State.PASS, option(limit), expected=expected)
        if is_own(case, one.channel) and wanted < case.connection.privilege:
            return Verdict(State.FAIL, f"{option(limit)}, which this session itself needs: lower it over another channel", expected=expected)
        return Verdict(State.FAIL, option(limit), expected=expected, fix=one.fix(privilege_limit=option(wanted)))

    return each_copy(case.lan_channels(), judge)


CONTROL: t.Final = Control(
    id="H-04",
    title="LAN channels are limited to the privilege that the site allows",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="The channel's limit holds for every account, so that an account with too much privilege gains nothing over the network.",
    expected="sessions have at most the privilege of policy.privilege_limit",
    check=check,
    remedy=Remedy(
        how="Set privilege_limit for both copies of the channel (ipmi_channel). A few boards keep the limit and do not apply it.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="accounts that log in with a higher privilege over the channel",
    ),
    sources=("FreeIPMI, documented defects of boards", "IPMI 2.0, 22.22 and 22.23 (Channel Access)"),
    options=(
        Option(
            "privilege_limit",
            {"type": "str", "choices": ["callback", "user", "operator", "administrator", "oem"]},
            "The highest privilege of any session over a LAN channel.",
            "administrator",
        ),
    ),
)

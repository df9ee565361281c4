# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""T-01: the SNMP community of traps."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import COMMUNITY
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target

#: What everybody tries first, in lower case.
_DEFAULTS: t.Final = frozenset({"", "public", "private"})


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 16. Its value is a secret, so nothing here repeats it."""
    wanted = case.wanted("snmp_community")

    def judge(info: ChannelInfo) -> Verdict:
        community = COMMUNITY.load(case.reader, Target(info.channel), {}).text
        fix = {"lan": [{"channel": info.channel, "snmp_community": {"from_policy": "snmp_community"}}]}
        if community.lower() in _DEFAULTS:
            return Verdict(State.FAIL, "a well-known default", fix=fix if wanted and wanted.lower() not in _DEFAULTS else None)
        if wanted and community != wanted:
            return Verdict(State.FAIL, "not a default, and not the site's", fix=fix)
        return Verdict(State.PASS, "the site's" if wanted else "not a default")

    return each_lan(case, judge)


CONTROL: t.Final = Control(
    id="T-01",
    title="The SNMP community of traps is no well-known default",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale="The community is all that tells the BMC's traps from forged ones, and some BMCs answer SNMP requests that know it.",
    expected="neither public nor private nor empty, and the site's own where policy.snmp_community says it",
    check=check,
    remedy=Remedy(
        how="Set snmp_community of the channel (ipmi_lan), and the same in the receiver of the traps.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ALL_CLIENTS,
        disturbs="receivers of the BMC's traps, which must know the new community",
    ),
    sources=("Dan Farmer, IPMI-policy.ini", "IPMI 2.0, table 23-4, parameter 16"),
    options=(
        Option(
            "snmp_community",
            {"type": "str", "no_log": True},
            "The site's SNMP community, at most 18 characters. It counts as a secret: it is compared and never shown.",
        ),
    ),
)

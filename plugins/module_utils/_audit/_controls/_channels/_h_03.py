# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""H-03: LAN channels that nobody uses are off."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import AccessCopy, each_copy, is_own, mode_wanted
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
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AccessMode
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Channel Access, first byte, bits 2:0."""

    def judge(one: AccessCopy) -> Verdict:
        mode = one.load(case).access_mode
        actual = option(mode)
        wanted = mode_wanted(case, one.channel)
        if wanted is None:
            return wish(actual, "the LAN channels that are used are always on, the others disabled", "lan_channels")
        expected = f"access mode {option(wanted)}"
        if mode == wanted:
            return Verdict(State.PASS, actual, expected=expected)
        if wanted is AccessMode.DISABLED and is_own(case, one.channel):
            return Verdict(State.FAIL, f"{actual}, and this session runs over it: close it from another channel", expected=expected)
        return Verdict(State.FAIL, actual, expected=expected, fix=one.fix(access_mode=option(wanted)))

    return each_copy(case.lan_channels(), judge)


CONTROL: t.Final = Control(
    id="H-03",
    title="Only the LAN channels that are used are on",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale=(
        "A second LAN channel that nobody uses is a second door. It may sit on a port that a technician plugs into any network, where it "
        "takes an address and answers with the same accounts."
    ),
    expected="the LAN channels of policy.lan_channels are always on, the others disabled",
    check=check,
    remedy=Remedy(
        how="Set access_mode: disabled for both copies of the channels that are not used, over one that is (ipmi_channel).",
        fixable=Fixable.IPMI,
        disruption=Disruption.CONNECTION,
        disturbs="whoever reaches the BMC over a channel that is switched off",
    ),
    sources=("Veritas NetBackup Appliance security guide", "NSA and CISA, Harden Baseboard Management Controllers", "IPMI 2.0, table 6-4"),
    options=(
        Option(
            "lan_channels",
            {"type": "list", "elements": "int"},
            "The LAN channels that are used. Others shall be disabled. Left out, it is the channel of the session.",
        ),
    ),
)

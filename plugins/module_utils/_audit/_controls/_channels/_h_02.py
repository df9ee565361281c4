# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""H-02: commands of the privilege user are authenticated on LAN channels."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import flag_is_on
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Channel Access, first byte, bit 3: 1 is off."""
    return flag_is_on(case, "user_level_auth", "user level authentication")


CONTROL: t.Final = Control(
    id="H-02",
    title="Commands of the privilege user are authenticated",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale="Where it is off, an open session of IPMI 1.5 takes commands of the privilege user from anybody who can send packets into it.",
    expected="user level authentication is on",
    check=check,
    remedy=Remedy(
        how="Set user_level_auth: true for both copies of the channel (ipmi_channel).",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients of IPMI 1.5 that leave commands of the privilege user unauthenticated",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, 22.22 and 22.23 (Channel Access)"),
)

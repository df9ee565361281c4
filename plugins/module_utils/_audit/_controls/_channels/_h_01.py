# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""H-01: every message is authenticated on LAN channels."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import flag_is_on
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Channel Access, first byte, bit 4: 1 is off."""
    return flag_is_on(case, "per_message_auth", "per-message authentication")


CONTROL: t.Final = Control(
    id="H-01",
    title="Every message of a session is authenticated",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale=(
        "Where only the login is authenticated, anybody on the way can put commands of his own into an open session of IPMI 1.5. "
        "Both copies count: the stored one is in force after the next restart of the BMC."
    ),
    expected="per-message authentication is on",
    check=check,
    remedy=Remedy(
        how="Set per_message_auth: true for both copies of the channel (ipmi_channel).",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients of IPMI 1.5 that authenticate their login alone",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, 22.22 and 22.23 (Channel Access)"),
)

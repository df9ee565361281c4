# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""C-02: cipher suites that leave something out."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._suites import off

#: Without authentication (0), integrity (1, 6, 15) or encryption (2, 7, 11, 16).
_WEAK: t.Final = (0, 1, 2, 6, 7, 11, 15, 16)


def check(case: Case) -> t.Iterable[Verdict]:
    """A login with any of these must not begin."""
    return off(case, _WEAK)


CONTROL: t.Final = Control(
    id="C-02",
    title="No login over cipher suites without authentication, integrity or encryption",
    severity=Severity.HIGH,
    profile=Profile.L2,
    rationale="Over these suites packets can be read or forged on the way: passwords that are set, consoles, and power commands.",
    expected="logins with cipher suites 0, 1, 2, 6, 7, 11, 15 and 16 are refused",
    check=check,
    remedy=Remedy(
        how="Set these suites to unused in cipher_privileges of the channel (ipmi_channel). Boards that number the privileges by ID cannot "
        "express 16 at all, and some take suites that they were told to disable: newer firmware or the maker's web page is the way then.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that are set to one of these suites",
        needs_reset=True,
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "Veritas NetBackup Appliance security guide", "IPMI 2.0, table 22-20"),
)

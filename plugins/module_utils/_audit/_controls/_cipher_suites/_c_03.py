# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""C-03: cipher suites with RC4 or MD5."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._suites import off

#: RC4 (4, 5, 9, 10, 13, 14, 18, 19), MD5 (8 and 12 too).
_WEAK: t.Final = (4, 5, 8, 9, 10, 12, 13, 14, 18, 19)


def check(case: Case) -> t.Iterable[Verdict]:
    """A login with any of these must not begin."""
    return off(case, _WEAK)


CONTROL: t.Final = Control(
    id="C-03",
    title="No login over cipher suites with RC4 or MD5",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="RC4 and MD5 are broken. A client that proposes its suites in the wrong order ends up with them, though better ones are there.",
    expected="logins with cipher suites 4, 5, 8, 9, 10, 12, 13, 14, 18 and 19 are refused",
    check=check,
    remedy=Remedy(
        how="Set these suites to unused in cipher_privileges of the channel (ipmi_channel). Some boards list suites that they do not have, "
        "and some take suites that they were told to disable: newer firmware or the maker's web page is the way then.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that are set to one of these suites, such as 8 or 12",
        needs_reset=True,
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "FreeIPMI, issues and workarounds", "IPMI 2.0, table 22-20"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""C-01: cipher suite 0."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._suites import off


def check(case: Case) -> t.Iterable[Verdict]:
    """A login with authentication, integrity and confidentiality 0/0/0 must not begin."""
    return off(case, (0,))


CONTROL: t.Final = Control(
    id="C-01",
    title="No login over cipher suite 0",
    severity=Severity.CRITICAL,
    profile=Profile.L1,
    rationale="Cipher suite 0 checks no password: whoever knows the name of an account, such as root, is let in with all its rights.",
    expected="a login with cipher suite 0 is refused",
    check=check,
    remedy=Remedy(
        how="Set suite 0 to unused in cipher_privileges of the channel (ipmi_channel). Where the BMC takes it all the same, "
        "only newer firmware or a setting of the maker's own web page helps; until then keep the BMC's network closed.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="scripts that log in without a password (ipmitool -C 0)",
        needs_reset=True,
    ),
    sources=(
        "US-CERT TA13-207A",
        "CVE-2013-4782",
        "Dan Farmer, IPMI++ Security Best Practices",
        "IBM, IPMI best practices",
        "FreeIPMI, issues and workarounds",
        "IPMI 2.0, 13.17, 22.15.2 and table 23-4, parameters 22 to 24",
    ),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""S-03: each packet of the serial console is authenticated."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._sol_look import is_forced


def check(case: Case) -> t.Iterable[Verdict]:
    """SOL parameter 2, bit 6."""
    return is_forced(case, "force_authentication", "authentication")


CONTROL: t.Final = Control(
    id="S-03",
    title="The serial console is always authenticated",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale="Anybody on the way can type into a console whose packets are not authenticated.",
    expected="the BMC insists on authentication",
    check=check,
    remedy=Remedy(
        how="Set force_authentication: true (ipmi_sol).",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that open the console over a cipher suite without integrity",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, table 26-5, parameter 2"),
)

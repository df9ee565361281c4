# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""S-02: the serial console is encrypted whether the client wants it or not."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._sol_look import is_forced


def check(case: Case) -> t.Iterable[Verdict]:
    """SOL parameter 2, bit 7."""
    return is_forced(case, "force_encryption", "encryption")


CONTROL: t.Final = Control(
    id="S-02",
    title="The serial console is always encrypted",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale="What is typed at a console, passwords of root included, goes over the network in clear where the client does not ask for encryption.",
    expected="the BMC insists on encryption",
    check=check,
    remedy=Remedy(
        how="Set force_encryption: true (ipmi_sol).",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that open the console over a cipher suite without encryption",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, table 26-5, parameter 2"),
)

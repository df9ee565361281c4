# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""P-07: what the server's own operating system may do to the BMC."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict


def check(case: Case) -> t.Iterable[Verdict]:
    """IPMI has no command that shows it."""
    yield Verdict(
        State.MANUAL,
        "unknown",
        reason="IPMI does not show it. Look in the BIOS setup or the BMC's web page for the host, KCS or in-band interface; with OpenBMC "
        "for its RestrictionMode",
    )


CONTROL: t.Final = Control(
    id="P-07",
    title="The server's own interface to the BMC is restricted",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="Over this interface whoever is root on the server needs no password: accounts can be added and passwords replaced.",
    expected="the host's interface is off, or takes harmless commands alone",
    check=check,
    remedy=Remedy(
        how="Restrict the interface in the BIOS setup or the BMC's web page, or over Redfish. OpenBMC has the modes "
        "ProvisionedHostWhitelist and ProvisionedHostDisabled.",
        fixable=Fixable.REDFISH,
        disruption=Disruption.OLD_TOOLS,
        disturbs="programs on the server that use the BMC in band, such as ipmitool and the maker's agents",
    ),
    sources=("Veritas, NetBackup Appliance Security Guide", "OpenBMC, RestrictionMode", "Dan Farmer, IPMI++ Security Best Practices"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""N-08: who reaches the BMC at all."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict


def check(case: Case) -> t.Iterable[Verdict]:
    """The audit runs where the BMC has to answer, so it cannot see whether it answers elsewhere."""
    yield Verdict(
        State.MANUAL,
        "not looked at",
        reason="probe port 623/udp from a machine that is no administrator's, such as a server of the same room: it must get no answer",
    )


CONTROL: t.Final = Control(
    id="N-08",
    title="Only the machines of the administrators reach the BMC",
    severity=Severity.CRITICAL,
    profile=Profile.L1,
    rationale=(
        "Whoever reaches port 623 may ask for the hash of any account's password and guess it at leisure. No setting of a BMC changes that, so "
        "the network has to keep others away."
    ),
    expected="port 623/udp answers the administrators' machines alone",
    check=check,
    remedy=Remedy(
        how="Filter port 623/udp, and the BMC's web, SSH and KVM ports, at the router or switch of the management network.",
        fixable=Fixable.NETWORK,
        disruption=Disruption.CONNECTION,
        disturbs="whoever reached the BMC from elsewhere",
    ),
    sources=("NSA and CISA, Harden Baseboard Management Controllers", "US-CERT TA13-207A", "CVE-2013-4786"),
)

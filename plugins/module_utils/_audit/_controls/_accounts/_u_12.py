# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-12: one password, one BMC."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Method,
    Option,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)


def check(case: Case) -> t.Iterable[Verdict]:
    """What whoever audits several BMCs has counted."""
    shared = case.wanted("password_shared_with")
    if shared is None:
        yield Verdict(
            State.MANUAL,
            "one BMC does not show it",
            reason="say how many others have the same password with policy.password_shared_with; the role bmc_compliance counts them",
            method=Method.METADATA,
        )
    else:
        state = State.PASS if shared == 0 else State.FAIL
        yield Verdict(state, f"the same password on {shared} other BMCs", method=Method.METADATA)


CONTROL: t.Final = Control(
    id="U-12",
    title="The password is used on this BMC alone",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale="Root on one server can read its BMC's passwords. If they are everywhere the same, all BMCs are lost with one.",
    expected="no other BMC has the same password",
    check=check,
    remedy=Remedy(
        how="Give each BMC a random password of its own (playbook rotate_passwords).",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever logs in with the common password",
    ),
    sources=("NSA and CISA, Harden Baseboard Management Controllers, 2023", "Dan Farmer, Sold Down the River"),
    options=(
        Option(
            "password_shared_with",
            {"type": "int", "no_log": False},
            "On how many other BMCs the account in use has the same password.",
        ),
    ),
)

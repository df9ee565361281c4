# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""P-05: the BMC's self test."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_SELF_TEST
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._self_test import NOT_IMPLEMENTED, PASSED, SelfTest


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Self Test Results: 55h."""
    result = case.reader.read(GET_SELF_TEST, b"", SelfTest.from_wire)
    if result.result == NOT_IMPLEMENTED:
        yield Verdict(State.NOT_APPLICABLE, str(result), reason="the BMC says that it has no self test")
    else:
        yield Verdict(State.PASS if result.result == PASSED else State.FAIL, str(result))


CONTROL: t.Final = Control(
    id="P-05",
    title="The BMC's self test passed",
    severity=Severity.INFO,
    profile=Profile.L1,
    rationale="A BMC whose firmware or event log is damaged cannot be trusted to report what happens on the server.",
    expected="the self test passed (55h)",
    check=check,
    remedy=Remedy(
        how="Reset the BMC (ipmi_controller); if the test still fails, update its firmware or have the board replaced.",
        fixable=Fixable.NONE,
        disruption=Disruption.RESTART,
        disturbs="consoles and monitoring for the minutes that the BMC takes to restart",
    ),
    sources=("IPMI 2.0, 20.4",),
)

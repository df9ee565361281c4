# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""S-06: nobody holds the serial console."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils import _console_holder
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each
from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import Instance, read_console


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Payload Activation Status; for each active instance Get Payload Instance Info, and Get Session Info of its holder."""
    return each(read_console(case.reader).instances, lambda instance: f"instance {instance.number}", _judge)


def _judge(instance: Instance) -> Verdict:
    if instance.state is _console_holder.State.UNKNOWN:
        raise NotAssessed(instance.reason)
    return Verdict(State.PASS if instance.state is _console_holder.State.FREE else State.FAIL, str(instance))


CONTROL: t.Final = Control(
    id="S-06",
    title="Nobody holds the serial console",
    severity=Severity.INFO,
    profile=Profile.L1,
    rationale=(
        "Whoever holds the console reads all that the server prints and keeps others out. A session that was forgotten may be logged in as root. "
        "Free means free of Serial over LAN: a maker's own way to the same port does not show."
    ),
    expected="the console is free",
    check=check,
    remedy=Remedy(
        how="Ask the holder to leave it. ipmi_sol_session says whether anybody is behind the session, and frees the console.",
        fixable=Fixable.NONE,
        disruption=Disruption.ACCOUNTS,
        disturbs="the holder, whom some BMCs do not tell",
    ),
    sources=("FreeIPMI, documented defects of boards", "IPMI 2.0, 24.4 and 24.5 (payload status and instance), 22.20 (Get Session Info)"),
)

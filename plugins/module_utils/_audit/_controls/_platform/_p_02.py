# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""P-02: whether events are kept."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Option,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_GLOBAL_ENABLES, GET_SEL_INFO
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._global_enables import GlobalEnables
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sel import SelInfo


def check(case: Case) -> t.Iterable[Verdict]:
    """Bit 3 of the BMC global enables, and Get SEL Info."""
    most = case.wanted("sel_max_fill")
    looks: tuple[tuple[str, t.Callable[[], Verdict]], ...] = (
        ("logging", lambda: _logging(case)),
        ("space", lambda: _space(case, most)),
    )
    return each(looks, lambda look: look[0], lambda look: look[1]())


def _percent(most: int) -> None:
    if not 1 <= most <= 100:
        raise BadOption(f"policy.sel_max_fill: {most} must be 1 to 100 percent")


def _logging(case: Case) -> Verdict:
    on = case.reader.read(GET_GLOBAL_ENABLES, b"", GlobalEnables.from_wire).event_log
    return Verdict(State.PASS if on else State.FAIL, "on" if on else "off", expected="events are written to the log")


def _space(case: Case, most: int) -> Verdict:
    info = case.reader.read(GET_SEL_INFO, b"", SelInfo.from_wire)
    expected = f"less than {most} % full"
    if info.fill is None:
        return Verdict(State.NOT_ASSESSED, "unknown", expected=expected, reason="the log has neither entries nor room for any")
    lost = ", events were lost" if info.overflow else ""
    # Rounded down, so that only a full log shows 100.
    actual = f"{int(info.fill * 100)} % full ({info.entries} entries{lost})"
    return Verdict(State.PASS if info.fill * 100 < most else State.FAIL, actual, expected=expected)


CONTROL: t.Final = Control(
    id="P-02",
    title="The event log is on and has room",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale="Most BMCs drop new events once the log is full: what happens to the server then leaves no trace.",
    expected="events are logged, and the log is less than policy.sel_max_fill percent full",
    check=check,
    remedy=Remedy(
        how="Switch the log on with ipmitool (mc setenables system_event_log on). Save it (ipmitool sel save, or ipmi-sel of FreeIPMI) "
        "and clear it (ipmitool sel clear).",
        fixable=Fixable.IPMI,
        disruption=Disruption.NONE,
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, 22.2", "IPMI 2.0, 31.2"),
    options=(
        Option("sel_max_fill", {"type": "int"}, "How full the event log may be, in percent; from there on it fails.", default=90, valid=_percent),
    ),
)

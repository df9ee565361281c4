# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""P-03: the BMC's clock."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_SEL_TIME
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sel import SelTime
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._controller import CONTROLLER, UTC_OFFSET, ClockOffset, check_controller, utc_now
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target, Value


def check(case: Case) -> t.Iterable[Verdict]:
    """Get SEL Time beside the clock of the machine that this runs on; Get SEL Time UTC Offset where the site wants one."""
    said = {name: case.wanted(name) for name in ("clock", "clock_tolerance", "utc_offset")}
    # As ipmi_controller reads its options: a wrong value is refused.
    wanted = check_controller(said)
    looks: list[tuple[str, t.Callable[[], Verdict]]] = [("clock", lambda: _clock(case, said, wanted["clock_offset"]))]
    if "utc_offset" in wanted:
        looks.append(("UTC offset", lambda: _offset(case, said["utc_offset"], wanted["utc_offset"])))
    return each(looks, lambda look: look[0], lambda look: look[1]())


def _check(name: str) -> t.Callable[[t.Any], object]:
    """As ipmi_controller reads its option of that name."""
    return lambda value: check_controller({"clock": "utc", "clock_tolerance": 60, name: value})


def _clock(case: Case, said: t.Mapping[str, t.Any], wanted: ClockOffset) -> Verdict:
    asked = utc_now()
    clock = case.reader.read(GET_SEL_TIME, b"", SelTime.from_wire)
    # The clock was looked at half-way, and tells whole seconds: on average it is half a second further.
    offset = ClockOffset(round(clock.raw + 0.5 - (asked + utc_now()) / 2))
    expected = f"{said['clock']} time, give or take {wanted.tolerance} s"
    fix = {"controller": {name: said[name] for name in ("clock", "clock_tolerance")}}
    if not clock.is_set:
        return Verdict(State.FAIL, "never set", expected=expected, fix=fix)
    actual = f"{abs(offset.seconds)} s {'behind' if offset.seconds < 0 else 'ahead of'} UTC"
    if offset == wanted:
        return Verdict(State.PASS, actual, expected=expected)
    return Verdict(State.FAIL, actual, expected=expected, fix=fix)


def _offset(case: Case, said: str, wanted: Value) -> Verdict:
    show = CONTROLLER["utc_offset"].show
    offset = UTC_OFFSET.load(case.reader, Target(), {})
    if offset == wanted:
        return Verdict(State.PASS, str(show(offset)), expected=str(show(wanted)))
    return Verdict(State.FAIL, str(show(offset)), expected=str(show(wanted)), fix={"controller": {"utc_offset": said}})


CONTROL: t.Final = Control(
    id="P-03",
    title="The BMC's clock is right",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale="Events with a wrong time cannot be matched with those of other machines, and certificates look expired or not yet valid.",
    expected="the clock is within policy.clock_tolerance seconds of the time of this machine",
    check=check,
    remedy=Remedy(
        how="Set the clock (ipmi_controller, clock and utc_offset). Where it drifts, give the BMC a time server, which IPMI cannot: "
        "in the maker's web page, or over Redfish.",
        fixable=Fixable.IPMI,
        disruption=Disruption.NONE,
    ),
    sources=("zipmi, captures of BMC firmware", "IPMI 2.0, 31.10", "IPMI 2.0, 31.11a"),
    options=(
        Option(
            "clock",
            {"type": "str", "choices": ["utc", "local"]},
            "What the BMC's clock shows. Local time is that of the machine that runs the module.",
            default="utc",
        ),
        Option("clock_tolerance", {"type": "int"}, "How many seconds the BMC's clock may be off.", default=60, valid=_check("clock_tolerance")),
        Option(
            "utc_offset",
            {"type": "str"},
            "The offset from UTC that the BMC is told, in minutes, or unset. Looked at only where it is given.",
            valid=_check("utc_offset"),
        ),
    ),
)

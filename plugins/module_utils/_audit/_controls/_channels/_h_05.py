# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""H-05: what is in force on LAN channels is what is stored."""

from __future__ import annotations

import typing as t
from dataclasses import fields

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import LIMITS, AccessCopy, Fix, is_own, limit_wanted, mode_wanted
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AccessMode, ChannelAccess, ChannelInfo, Copy
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Channel Access, both copies."""

    def judge(info: ChannelInfo) -> Verdict:
        live, stored = (AccessCopy(info.channel, copy).load(case) for copy in (Copy.VOLATILE, Copy.NON_VOLATILE))
        different = [field.name for field in fields(live) if getattr(live, field.name) != getattr(stored, field.name)]
        if not different:
            return Verdict(State.PASS, "both are the same")
        said = [f"{name} is {_shown(live, name)} in force and {_shown(stored, name)} stored" for name in different]
        return Verdict(State.FAIL, ", ".join(said), fix=_fix(case, info.channel, live, stored, different))

    return each_lan(case, judge)


def _shown(access: ChannelAccess, name: str) -> str:
    value = getattr(access, name)
    if isinstance(value, bool):
        return "on" if value else "off"
    return option(value)


def _fix(case: Case, channel: int, live: ChannelAccess, stored: ChannelAccess, different: list[str]) -> Fix | None:
    """The safer value of each, as the other controls want it; None where that would end the session or nobody knows."""
    values = {name: _safer(case, channel, name, getattr(live, name), getattr(stored, name)) for name in different}
    if None in values.values():
        return None
    entry: Fix = {"channel": channel}
    for key, access in (("volatile", live), ("non_volatile", stored)):
        left = {name: value for name, value in values.items() if value != getattr(access, name)}
        if left:
            entry[key] = {name: value if isinstance(value, bool) else option(value) for name, value in left.items()}
    return {"channels": [entry]}


def _safer(case: Case, channel: int, name: str, live: t.Any, stored: t.Any) -> t.Any:
    if name == "access_mode":
        mode = mode_wanted(case, channel)
        return None if mode is AccessMode.DISABLED and is_own(case, channel) else mode
    if name == "privilege_limit":
        return _limit(case, channel, live, stored)
    # Authentication, and alerts that somebody waits for.
    return True


def _limit(case: Case, channel: int, live: t.Any, stored: t.Any) -> t.Any:
    if live not in LIMITS or stored not in LIMITS:
        return None
    allowed = limit_wanted(case)
    within = max(live, stored) <= allowed
    wanted = min(live, stored) if within else allowed
    if wanted >= case.connection.privilege or not is_own(case, channel):
        return wanted
    return case.connection.privilege if within else None


CONTROL: t.Final = Control(
    id="H-05",
    title="What is in force on LAN channels is also what is stored",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale=(
        "A channel's access has two copies. Where they differ, a restart of the BMC undoes a setting that was made for the moment, or brings "
        "back one that was thought to be gone."
    ),
    expected="both copies of the channel's access are the same",
    check=check,
    remedy=Remedy(
        how="Set the same values for both copies, which ipmi_channel does unless scope says otherwise.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that rely on the laxer of the two copies",
    ),
    sources=("Dan Farmer, zipmi, notes on captured firmware", "IPMI 2.0, 22.22 and 22.23 (Channel Access)"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A-01: no logins of IPMI 1.5."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._auth_types import LEVELS, Enabled, enabled, names, shown
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Method,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import CANNOT_SAY, each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._login_15 import login_15
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AuthCapabilities, ChannelInfo, auth_capabilities_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHANNEL_AUTH_CAPABILITIES
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import MASK_TYPES, AuthType, Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi_15_probe import Login15
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import is_own

_PRIVILEGES: t.Final = (Privilege.CALLBACK, Privilege.USER, Privilege.OPERATOR, Privilege.ADMINISTRATOR)


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 2 and Get Channel Authentication Capabilities; on the channel in use a login is begun too."""

    def judge(info: ChannelInfo) -> Verdict:
        by_settings = _by_settings(case, info.channel)
        login = login_15(case) if is_own(case.reader, info.channel, case.connection) else None
        if login is not None and login.granted:
            return _granted(login, by_settings)
        if not case.is_reached(info.channel):
            # It may have been another channel that did not let it begin.
            login = None
        if isinstance(by_settings, NotAssessed):
            return _by_refusals(login, by_settings)
        if login is None or None in login.codes.values() or by_settings.state is State.FAIL:
            # Silence shows nothing.
            return by_settings
        return Verdict(State.PASS, f"{by_settings.actual}; no login of IPMI 1.5 begins", method=Method.PROBE)

    return each_lan(case, judge)


def _by_settings(case: Case, channel: int) -> Verdict | NotAssessed:
    """What the BMC says of itself."""
    told = _capabilities(case, channel, Privilege.ADMINISTRATOR)
    found = _enabled(case, channel)
    if told is not None and not told.ipmi_1_5:
        return Verdict(State.PASS, "the BMC says that it has no IPMI 1.5")
    if found is not None:
        on = found.on(MASK_TYPES)
        if on:
            return Verdict(State.FAIL, shown(on), fix={"channels": [{"channel": channel, "auth_types": {level: [] for level in LEVELS}}]})
        if told is not None and told.auth_types:
            return Verdict(State.FAIL, f"no authentication type is on, and the BMC offers {names(told.auth_types)} all the same")
        return Verdict(State.PASS, "no authentication type is on")
    if told is None:
        return NotAssessed("the BMC tells neither its authentication types (LAN parameter 2) nor its authentication capabilities")
    levels = {level: _capabilities(case, channel, level) for level in _PRIVILEGES}
    offered = {level.name.lower(): answer.auth_types for level, answer in levels.items() if answer is not None and answer.auth_types}
    if offered:
        return Verdict(State.FAIL, f"{shown(offered)}; the BMC does not let it be switched off (LAN parameter 2)")
    return Verdict(State.PASS, "the BMC offers no authentication type of IPMI 1.5")


def _capabilities(case: Case, channel: int, privilege: Privilege) -> AuthCapabilities | None:
    try:
        return case.reader.read(GET_CHANNEL_AUTH_CAPABILITIES, auth_capabilities_request(channel, privilege), AuthCapabilities.from_wire)
    except CANNOT_SAY:
        # The refusal is in the evidence; what else is known decides.
        return None


def _enabled(case: Case, channel: int) -> Enabled | None:
    try:
        return enabled(case, channel)
    except CANNOT_SAY:
        # As above.
        return None


def _granted(login: Login15, by_settings: Verdict | NotAssessed) -> Verdict:
    kinds: frozenset[AuthType] = frozenset(login.granted)
    actual = f"a login of IPMI 1.5 begins with {names(kinds)}"
    if isinstance(by_settings, NotAssessed):
        return Verdict(State.FAIL, f"{actual}; its settings cannot be read", method=Method.PROBE)
    if by_settings.state is State.FAIL:
        return Verdict(State.FAIL, f"{actual}; {by_settings.actual}", method=Method.PROBE, fix=by_settings.fix)
    return Verdict(State.FAIL, f"{actual}, though {by_settings.actual}: the firmware ignores it", method=Method.PROBE)


def _by_refusals(login: Login15 | None, unknown: NotAssessed) -> Verdict:
    """Where the settings say nothing, only a refusal of each type does."""
    if login is None or None in login.codes.values():
        raise unknown
    return Verdict(State.PASS, "the BMC refuses to begin a login of IPMI 1.5 with any type", method=Method.PROBE)


CONTROL: t.Final = Control(
    id="A-01",
    title="No logins of IPMI 1.5",
    severity=Severity.HIGH,
    profile=Profile.L2,
    rationale="IPMI 1.5 has no encryption: consoles can be read on the way, and passwords that are set travel in clear. Its packets carry "
    "codes from which a password can be guessed offline.",
    expected="no authentication type is on, and no login of IPMI 1.5 begins",
    check=check,
    remedy=Remedy(
        how="Empty auth_types of the channel at all five levels (ipmi_channel). Some firmware refuses that or ignores it, and drops IPMI 1.5 "
        "with an update or in a setting of the maker's own web page.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that know IPMI 1.5 alone, such as ipmitool -I lan",
    ),
    sources=(
        "CERT VU#843044",
        "Dan Farmer, Sold Down the River",
        "FreeIPMI, issues and workarounds",
        "IPMI 2.0, 22.13, 22.16 and table 23-4, parameter 2",
    ),
)

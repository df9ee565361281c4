# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A-02: no logins without authentication."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._login_15 import login_15
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType, option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import AUTH_TYPES
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import is_own
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target

_LEVELS: t.Final = ("callback", "user", "operator", "administrator", "oem")


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 2: bit 0 of each level's byte. Where it is off, such a login is begun too."""

    def judge(info: ChannelInfo) -> Verdict:
        enables = AUTH_TYPES.load(case.reader, Target(info.channel), {})
        open_levels = [level for level in _LEVELS if AuthType.NONE in getattr(enables, level)]
        if not open_levels:
            login = login_15(case) if is_own(case.reader, info.channel, case.connection) else None
            if login is not None and AuthType.NONE in login.granted:
                # Some BMCs refuse it only in the message after that one, which would be a login.
                raise NotAssessed("NONE is off at every level, and the BMC lets a login with it begin all the same")
            return Verdict(State.PASS, "NONE is off at every level")
        left = {level: [option(kind) for kind in sorted(getattr(enables, level) - {AuthType.NONE})] for level in open_levels}
        return Verdict(
            State.FAIL,
            f"NONE is on for {', '.join(open_levels)}",
            fix={"channels": [{"channel": info.channel, "auth_types": left}]},
        )

    return each_lan(case, judge)


CONTROL: t.Final = Control(
    id="A-02",
    title="Logins without authentication are off",
    severity=Severity.CRITICAL,
    profile=Profile.L1,
    rationale="With authentication type NONE anybody who reaches the BMC is let in at that level, without a password.",
    expected="authentication type NONE is off at every privilege level",
    check=check,
    remedy=Remedy(
        how="Take none out of auth_types of the channel (ipmi_channel). Some BMCs take all five levels at once only, which the module does.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that log in over IPMI 1.5 without a password",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "Dan Farmer, Sold Down the River", "IPMI 2.0, table 23-4, parameter 2"),
)

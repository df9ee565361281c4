# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A-03: no logins with the password in clear."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._auth_types import off
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType

_CLEAR: t.Final = frozenset({AuthType.PASSWORD})


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 2: bit 4 of each level's byte."""
    return off(case, _CLEAR)


CONTROL: t.Final = Control(
    id="A-03",
    title="Logins with the password in clear are off",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale="With authentication type PASSWORD each packet of a session holds the password in clear: whoever sees one packet has it.",
    expected="authentication type PASSWORD is off at every privilege level",
    check=check,
    remedy=Remedy(
        how="Take password out of auth_types of the channel (ipmi_channel); md5 stays for clients of IPMI 1.5 where they are still needed.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that log in over IPMI 1.5 with the password in clear",
    ),
    sources=("FreeIPMI, bmc-config", "IPMI 2.0, 22.17.1 and table 23-4, parameter 2"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A-04: no logins with MD2 or a type of the maker's own."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._auth_types import off
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType

_OLD: t.Final = frozenset({AuthType.MD2, AuthType.OEM})


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 2: bits 1 and 5 of each level's byte."""
    return off(case, _OLD)


CONTROL: t.Final = Control(
    id="A-04",
    title="Logins with MD2 and with types of the maker's own are off",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale="MD2 was broken long ago, and what a maker's own type is worth nobody outside can tell. Whoever still needs IPMI 1.5 has MD5.",
    expected="authentication types MD2 and OEM are off at every privilege level",
    check=check,
    remedy=Remedy(
        how="Take md2 and oem out of auth_types of the channel (ipmi_channel). The Tyan S4811 needs oem on: waive the control there.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that log in over IPMI 1.5 with one of these types",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "FreeIPMI, issues and workarounds", "IPMI 2.0, table 23-4, parameter 2"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""N-03: the VLAN."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import wish
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._lan_look import each_used, fix, load
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN

_VLAN: t.Final = LAN["vlan_id"]


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 20."""
    given = case.wanted("vlan_id")
    wanted = None if given is None else _VLAN.value_of(given)

    def judge(info: ChannelInfo) -> Verdict:
        vlan = _VLAN.get(load(case, _VLAN.parameter, info))
        if wanted is None:
            return wish(_shown(vlan), "the BMC is in the VLAN of the management network", "vlan_id")
        if vlan == wanted:
            return Verdict(State.PASS, _shown(vlan), expected=_shown(wanted))
        return Verdict(State.FAIL, _shown(vlan), expected=_shown(wanted), fix=fix(info, vlan_id=wanted))

    return each_used(case, judge)


def _shown(vlan: int) -> str:
    return f"VLAN {vlan}" if vlan else "no VLAN"


CONTROL: t.Final = Control(
    id="N-03",
    title="The BMC is in the VLAN of the management network",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale=(
        "A BMC that shares a port with its server is in the server's network unless its packets carry a VLAN of their own. Then every machine there can try it."
    ),
    expected="the VLAN is that of policy.vlan_id",
    check=check,
    remedy=Remedy(
        how=(
            "Have the switch carry the VLAN to this port, then set vlan_id (ipmi_lan). The task logs in anew to prove it; a BMC that cannot be "
            "reached in its new VLAN has to be got back from its server."
        ),
        fixable=Fixable.IPMI,
        disruption=Disruption.CONNECTION,
        disturbs="all who do not reach the new VLAN",
    ),
    sources=(
        "NSA and CISA, Harden Baseboard Management Controllers",
        "Dan Farmer, IPMI++ Security Best Practices",
        "IPMI 2.0, table 23-4, parameter 20",
    ),
    options=(
        Option(
            "vlan_id",
            {"type": "int"},
            "The VLAN of the management network as BMCs shall tag it, 1 to 4094. V(0) is none.",
            valid=_VLAN.value_of,
        ),
    ),
)

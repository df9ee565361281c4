# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""N-04: the default gateway."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._gateway import gateway_wanted, parse_gateway, shown
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import wish
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._lan_look import NOWHERE, address_of, each_used, fix, load, network_of
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import GATEWAY


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 12."""
    wanted = gateway_wanted(case)

    def judge(info: ChannelInfo) -> Verdict:
        address_of(case, info)
        gateway = load(case, GATEWAY, info).address
        if wanted is None:
            return wish(shown(gateway), "the default gateway is the site's, or none", "gateway")
        expected = f"default gateway {shown(wanted)}"
        if gateway == wanted:
            return Verdict(State.PASS, shown(gateway), expected=expected)
        network = network_of(case, info)
        if wanted != NOWHERE and (network is None or wanted not in network):
            return Verdict(State.FAIL, f"{shown(gateway)}, and the wanted one is not in the network of the BMC ({network})", expected=expected)
        return Verdict(State.FAIL, shown(gateway), expected=expected, fix=fix(info, gateway=str(wanted)))

    return each_used(case, judge)


CONTROL: t.Final = Control(
    id="N-04",
    title="The BMC has the default gateway that the site wants",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale=(
        "A BMC without a gateway answers nobody outside its own network, whatever the filters there do. A gateway that is not the site's sends "
        "all of its traffic elsewhere."
    ),
    expected="the default gateway is that of policy.gateway",
    check=check,
    remedy=Remedy(
        how="Set gateway, or 0.0.0.0 for none (ipmi_lan). The task logs in anew to prove that the BMC can still be reached from here.",
        fixable=Fixable.IPMI,
        disruption=Disruption.CONNECTION,
        disturbs="all who reach the BMC from other networks",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, table 23-4, parameter 12"),
    options=(Option("gateway", {"type": "str"}, "The default gateway that BMCs shall have. V(none) is none.", valid=parse_gateway),),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""N-01: the address is one of the management network."""

from __future__ import annotations

import ipaddress
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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._lan_look import address_of, each_used
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 3."""
    networks = _networks(case.wanted("management_networks") or [])

    def judge(info: ChannelInfo) -> Verdict:
        address = address_of(case, info)
        if not networks:
            return wish(str(address), "the address is one of the management network", "management_networks")
        expected = f"an address in {' or '.join(map(str, networks))}"
        inside = any(address in network for network in networks)
        return Verdict(State.PASS if inside else State.FAIL, str(address), expected=expected)

    return each_used(case, judge)


def _networks(given: t.Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [_network(text) for text in given]


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        raise BadOption(f"policy.management_networks: {text!r} is not a network such as 192.0.2.0/24") from None


CONTROL: t.Final = Control(
    id="N-01",
    title="The BMC's address is in the management network",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale=(
        "A BMC belongs into a network of its own that only the machines of the administrators reach. One that sits among the servers or in the "
        "internet is found by everybody, and gives the hashes of its passwords to whoever asks."
    ),
    expected="the address is in one of policy.management_networks",
    check=check,
    remedy=Remedy(
        how="Give the BMC an address of the management network (ipmi_lan). Which one is for the site to say, so no fix is offered.",
        fixable=Fixable.IPMI,
        disruption=Disruption.CONNECTION,
        disturbs="all who know the BMC by its old address",
    ),
    sources=(
        "NSA and CISA, Harden Baseboard Management Controllers",
        "US-CERT TA13-207A",
        "IPMI 2.0, table 23-4, parameter 3",
    ),
    options=(
        Option(
            "management_networks",
            {"type": "list", "elements": "str"},
            "The networks that BMCs belong into, such as V(192.0.2.0/24).",
            valid=_networks,
        ),
    ),
)

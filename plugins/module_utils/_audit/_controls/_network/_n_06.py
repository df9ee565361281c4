# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""N-06: IPv6 is off or has fixed addresses."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._lan_look import each_used, fix, load
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import AddressingMode, AddressState, Ipv6DynamicAddress
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._ipv6 import ADDRESSES, BROKEN, IPV6, runs_over_ipv6
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._ipv6 import CONTROL as ROUTERS

_ADDRESSING: t.Final = IPV6["addressing"].parameter
_DYNAMIC: t.Final = IPV6["dynamic_addresses"].parameter
_EXPECTED: t.Final = {
    "disabled": "IPv6 is off",
    "static": "IPv6 is off, or has static addresses alone",
    "any": "IPv6 may be as it is",
}
_OFF: t.Final = {"addressing": option(AddressingMode.IPV4)}


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameters 51, 55, 56, 59 and 64."""
    wanted = case.wanted("ipv6")
    expected = _EXPECTED[wanted]

    def judge(info: ChannelInfo) -> Verdict:
        mode = load(case, _ADDRESSING, info).mode
        if mode not in tuple(AddressingMode):
            raise NotAssessed(f"the BMC gives an addressing mode that is none: {int(mode)}")
        if mode == AddressingMode.IPV4:
            return Verdict(State.PASS, "off", expected=expected)
        if wanted == "any":
            return Verdict(State.PASS, "on", expected=expected)
        if wanted == "disabled":
            return Verdict(State.FAIL, "on", expected=expected, fix=_switch_off(case, info, mode))
        return _judge_static(case, info, mode, expected)

    return each_used(case, judge)


def _judge_static(case: Case, info: ChannelInfo, mode: AddressingMode, expected: str) -> Verdict:
    static = load(case, ADDRESSES, info).values
    dynamic = [one for one in load(case, _DYNAMIC, info) if _counts(one)]
    found = [f"{one.address} by {option(one.source)}" for one in dynamic]
    if not static:
        found.append("no static address")
    if found:
        mended = None if static else _switch_off(case, info, mode)
        return Verdict(State.FAIL, f"on, with {' and '.join(found)}", expected=expected, fix=mended)
    if load(case, ROUTERS, info).dynamic:
        # The next advertisement gives it an address.
        mended = fix(info, ipv6={"dynamic_routers": False})
        return Verdict(State.FAIL, "on, and listens to router advertisements", expected=expected, fix=mended)
    return Verdict(State.PASS, f"on, with {' and '.join(str(address) for address, _length in sorted(static))}", expected=expected)


def _counts(one: Ipv6DynamicAddress) -> bool:
    """Whether others can reach the BMC by it. Its link-local address it makes by itself."""
    return not one.address.is_link_local and one.state not in (AddressState.DISABLED, *BROKEN)


def _switch_off(case: Case, info: ChannelInfo, mode: AddressingMode) -> dict[str, t.Any] | None:
    """None where that would take the session's own way, or leave the channel without an address."""
    if mode is not AddressingMode.BOTH or runs_over_ipv6(case.connection):
        return None
    return fix(info, ipv6=dict(_OFF))


CONTROL: t.Final = Control(
    id="N-06",
    title="IPv6 is off or has fixed addresses",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale=(
        "IPv6 that nobody set up is a second way to the BMC that filters for IPv4 do not see: it takes an address from whoever advertises a "
        "router or answers DHCPv6."
    ),
    expected="as policy.ipv6 says",
    check=check,
    remedy=Remedy(
        how=(
            "Set addressing: ipv4 under ipv6, or give static addresses and set dynamic_routers: false (ipmi_lan). IPMI cannot switch DHCPv6 and "
            "SLAAC off: where they gave an address, do it in the BMC's own pages."
        ),
        fixable=Fixable.IPMI,
        disruption=Disruption.CONNECTION,
        disturbs="all who reach the BMC over IPv6",
    ),
    sources=("NSA and CISA, Harden Baseboard Management Controllers", "IPMI 2.0, table 23-4, parameters 50 to 64"),
    options=(
        Option(
            "ipv6",
            {"type": "str", "choices": list(_EXPECTED)},
            "What IPv6 may be. V(disabled) is off; V(static) is off, or with static addresses alone; V(any) is not judged.",
            "static",
        ),
    ),
)

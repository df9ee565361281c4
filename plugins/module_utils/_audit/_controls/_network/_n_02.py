# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""N-02: where the address comes from."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import is_own
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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._gateway import gateway_wanted
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._lan_look import NOWHERE, each_used, fix, load, network_of
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError, MalformedAnswer
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import AddressSource
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import member, option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import ADDRESS, GATEWAY, SOURCE

_STATIC: t.Final = option(AddressSource.STATIC)


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 4."""
    wanted = member(AddressSource, case.wanted("ip_source"))

    def judge(info: ChannelInfo) -> Verdict:
        source = load(case, SOURCE, info).value
        expected = f"the address is {option(wanted)}"
        if source == wanted:
            return Verdict(State.PASS, option(source), expected=expected)
        mended = _stay_where_it_is(case, info) if wanted is AddressSource.STATIC else None
        return Verdict(State.FAIL, option(source), expected=expected, fix=mended)

    return each_used(case, judge)


def _stay_where_it_is(case: Case, info: ChannelInfo) -> dict[str, t.Any] | None:
    """The present address as a static one. None where the BMC does not tell all of it."""
    try:
        address, gateway = load(case, ADDRESS, info).address, load(case, GATEWAY, info).address
        network = network_of(case, info)
    except (CompletionError, MalformedAnswer):
        return None
    if address == NOWHERE:
        return None if is_own(case, info.channel) else fix(info, ip_source=_STATIC)
    if network is None:
        return None
    wanted = gateway_wanted(case)
    if wanted is not None and (wanted == NOWHERE or wanted in network):
        gateway = wanted
    if gateway != NOWHERE and gateway not in network:
        return None
    return fix(info, ip_source=_STATIC, ip_address=str(address), netmask=str(network.netmask), gateway=str(gateway))


CONTROL: t.Final = Control(
    id="N-02",
    title="The BMC's address is fixed",
    severity=Severity.LOW,
    profile=Profile.L3,
    rationale=(
        "Whoever answers DHCP in the management network decides where a BMC is and which gateway it uses. A site that manages its BMCs by "
        "reservations says so with policy.ip_source."
    ),
    expected="the address comes from where policy.ip_source says",
    check=check,
    remedy=Remedy(
        how=(
            "Set ip_source: static with the present address, netmask and gateway (ipmi_lan), and keep DHCP from giving that address to another "
            "machine. The other way round give ip_source and, with verify_host, the address that the BMC will have."
        ),
        fixable=Fixable.IPMI,
        disruption=Disruption.CONNECTION,
        disturbs="all who know the BMC by its address, if it changes",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, table 23-4, parameter 4"),
    options=(
        Option(
            "ip_source",
            {"type": "str", "choices": ["static", "dhcp", "bios", "other"]},
            "Where BMCs shall get their IPv4 address from.",
            _STATIC,
        ),
    ),
)

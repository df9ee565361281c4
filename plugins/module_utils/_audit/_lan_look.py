# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The LAN configuration of the channels that may be used, for N-01 to N-06."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import copies, is_own
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError, MalformedAnswer
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AccessMode, ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import SubnetMask
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import ADDRESS, NETMASK
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Parameter, Target

NOWHERE: t.Final = ipaddress.IPv4Address(0)


def load(case: Case, parameter: Parameter, info: ChannelInfo) -> t.Any:
    """A LAN parameter of a channel."""
    return parameter.load(case.reader, Target(info.channel), {})


def fix(info: ChannelInfo, **settings: t.Any) -> dict[str, t.Any]:
    """The document that sets something of a channel's LAN configuration."""
    return {"lan": [{"channel": info.channel, **settings}]}


def each_used(case: Case, judge: t.Callable[[ChannelInfo], Verdict]) -> t.Iterator[Verdict]:
    """A verdict for each LAN channel; nothing applies to one that is disabled for good."""

    def look(info: ChannelInfo) -> Verdict:
        if is_off(case, info):
            return Verdict(State.NOT_APPLICABLE, "the channel is disabled", reason="nobody reaches the BMC over it (H-03)")
        return judge(info)

    return each_lan(case, look)


def is_off(case: Case, info: ChannelInfo) -> bool:
    """Whether both copies say so. A channel that the BMC does not tell it of may be used."""
    if is_own(case, info.channel):
        return False
    try:
        return all(one.load(case).access_mode == AccessMode.DISABLED for one in copies([info]))
    except (CompletionError, MalformedAnswer):
        return False


def address_of(case: Case, info: ChannelInfo) -> ipaddress.IPv4Address:
    """The channel's address. Raises NotAssessed where there is none yet."""
    address: ipaddress.IPv4Address = load(case, ADDRESS, info).address
    if address == NOWHERE:
        raise NotAssessed("the channel has no IPv4 address and is not disabled: with a cable it takes whatever it is given (see H-03)")
    return address


def network_of(case: Case, info: ChannelInfo) -> ipaddress.IPv4Network | None:
    """The network that the channel is in. None where it has none, or a netmask that is none."""
    mask = load(case, NETMASK, info).mask
    prefix = SubnetMask(mask).prefix
    return ipaddress.IPv4Network((load(case, ADDRESS, info).address, prefix), strict=False) if prefix else None

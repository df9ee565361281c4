# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Finding the LAN channel, and whether it is the one in use."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError, Unsupported
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _channel as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHANNEL_INFO
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import ChannelMedium
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import ABSENT_ON_READ
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

#: The option that names a channel.
CHANNEL_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {"channel": {"type": "int"}}

#: "The channel that this request came over."
PRESENT: t.Final = 0x0E
#: Numbers that a BMC is free to give to its channels.
NUMBERS: t.Final = range(0x01, 0x0C)
LAN_MEDIA: t.Final = frozenset({ChannelMedium.LAN, ChannelMedium.OTHER_LAN})


def info(reader: Reader, channel: int) -> ChannelInfo | None:
    """Get Channel Info; None where there is no such channel."""
    try:
        return reader.read(GET_CHANNEL_INFO, wire.get_info_request(channel), ChannelInfo.from_wire)
    except CompletionError as error:
        if error.outcome not in ABSENT_ON_READ:
            raise
        return None


def present(reader: Reader) -> ChannelInfo | None:
    """The channel that the session runs over; None where the BMC does not say."""
    return info(reader, PRESENT)


def lan_channel(reader: Reader, given: int | None) -> int:
    """The LAN channel: the one given, else the session's own, else the first of medium 802.3.

    `PRESENT` is no channel of its own: whoever gives it means the session's, which must be known as such.
    Raises Unsupported where there is none.
    """
    if given is not None and given != PRESENT:
        if not 0 <= given <= 0x0F:
            raise BadOption(f"channel is {given}; channels are 0 to 15")
        return given
    own = present(reader)
    if own is not None and own.medium in LAN_MEDIA and own.channel in NUMBERS:
        return own.channel
    for number in NUMBERS:
        found = info(reader, number)
        if found is not None and found.medium in LAN_MEDIA:
            return number
    raise Unsupported("the BMC names no LAN channel (Get Channel Info: none has medium 802.3). Where it has one all the same, give it with channel")


def all_channels(reader: Reader) -> list[ChannelInfo]:
    """Every channel that the BMC has, in order."""
    return [found for number in NUMBERS if (found := info(reader, number)) is not None]


def is_own(reader: Reader, channel: int, connection: Connection) -> bool:
    """Whether the session runs over this channel."""
    if connection.interface != "lan":
        return False
    own = present(reader)
    # A BMC that does not say counts as "yes": the careful way round.
    return own is None or own.channel not in NUMBERS or own.channel == channel

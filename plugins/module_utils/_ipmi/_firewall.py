# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Firmware firewall: which commands a channel carries out (IPMI 2.0, chapter 21).

A mask of 128 bits has a bit for each command of one network function and one half of the numbers, 00h to 7Fh or
80h to FFh, the low bit of the low byte first.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, require

_MASK: t.Final = 16  #: bytes
_HALF: t.Final = 128  #: commands
#: Network functions whose commands belong to a body or a maker, which the request would have to name.
_FIRST_WITH_OWNER: t.Final = 0x2C


class LunSupport(IntEnum):
    """What Get NetFn Support says of a logical unit of the controller."""

    NONE = 0  #: it has no commands
    BASE = 1  #: it has what the specification says, and nothing is restricted
    RESTRICTED = 2  #: it has commands, and some may be disabled or are left out
    RESERVED = 3


@dataclass(frozen=True)
class NetFnSupport:
    """Get NetFn Support. A byte with two bits for each logical unit, 3 in 7:6; masks of the network functions follow."""

    luns: tuple[LunSupport, LunSupport, LunSupport, LunSupport]

    @classmethod
    def from_wire(cls, answer: bytes) -> NetFnSupport:
        """Read the first byte. Raises MalformedData."""
        require(answer, 1, "NetFn support")
        zero, one, two, three = (LunSupport(answer[0] >> 2 * lun & 0x03) for lun in range(4))
        return cls((zero, one, two, three))


def netfn_request(channel: int) -> bytes:
    """Data of Get NetFn Support. Channel 0 to 15; ValueError otherwise."""
    in_range(channel, 0, 15, "the channel")
    return bytes([channel])


def mask_request(channel: int, net_fn: int, command: int, lun: int = 0) -> bytes:
    """Data of Get Command Support, Get Configurable Commands and Get Command Enables, for the half that has `command`.

    Channel 0 to 15; network function of a request, even and below 2Ch; command 0 to 255; unit 0 to 3; ValueError otherwise.
    """
    in_range(channel, 0, 15, "the channel")
    in_range(net_fn, 0, _FIRST_WITH_OWNER - 2, "the network function", step=2)
    in_range(command, 0, 2 * _HALF - 1, "the command")
    in_range(lun, 0, 3, "the logical unit")
    return bytes([channel, command // _HALF << 6 | net_fn, lun])


def marked(answer: bytes, first: int, *, bit: bool = True) -> frozenset[int]:
    """The commands whose bit is `bit`, in the half that begins with `first`. Raises MalformedData.

    In Get Command Support a bit that is set means that the command is NOT there; in the other two that it can be
    configured, and that it is enabled.
    """
    require(answer, _MASK, "command mask")
    return frozenset(first + number for number in range(_HALF) if bool(answer[number >> 3] >> (number & 7) & 1) is bit)


def first_of(command: int) -> int:
    """The first command of the half that has `command`: 00h or 80h."""
    return command // _HALF * _HALF

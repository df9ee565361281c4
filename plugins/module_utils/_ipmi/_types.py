# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Enumerations that several areas share, and their names as Ansible options."""

from __future__ import annotations

import typing as t
from enum import Enum, IntEnum

Kind = t.TypeVar("Kind", bound=Enum)
Number = t.TypeVar("Number", bound=IntEnum)


class Privilege(IntEnum):
    """Privilege levels and limits, as numbered throughout the specification (6.8)."""

    UNSPECIFIED = 0  #: in requests "the highest"; read from user slots that were never set
    CALLBACK = 1
    USER = 2
    OPERATOR = 3
    ADMINISTRATOR = 4
    OEM = 5
    NO_ACCESS = 15


class ChannelMedium(IntEnum):
    """Channel medium types (table 6-3). 60h to 7Fh are the maker's own."""

    IPMB = 1
    ICMB_1_0 = 2
    ICMB_0_9 = 3
    LAN = 4  #: 802.3
    SERIAL = 5
    OTHER_LAN = 6
    PCI_SMBUS = 7
    SMBUS_1 = 8
    SMBUS_2 = 9
    USB_1 = 10
    USB_2 = 11
    SYSTEM_INTERFACE = 12


class AuthType(IntEnum):
    """Authentication types of IPMI 1.5 sessions (13.6). As a bit mask, bit n is type n."""

    NONE = 0
    MD2 = 1
    MD5 = 2
    PASSWORD = 4
    OEM = 5
    RMCP_PLUS = 6  #: names the session's format; never in a bit mask


#: The types that have a bit in the masks of Get Channel Authentication Capabilities and LAN parameters 1 and 2.
MASK_TYPES: t.Final = frozenset({AuthType.NONE, AuthType.MD2, AuthType.MD5, AuthType.PASSWORD, AuthType.OEM})


def auth_types(mask: int) -> frozenset[AuthType]:
    """The authentication types of a bit mask. Reserved bits are dropped: they are written as 0."""
    return frozenset(kind for kind in MASK_TYPES if mask >> kind & 1)


def auth_mask(types: t.AbstractSet[AuthType]) -> int:
    """The bit mask of authentication types. Raises ValueError for a type without a bit."""
    strangers = types - MASK_TYPES
    if strangers:
        raise ValueError(f"{', '.join(sorted(map(option, strangers)))} cannot be switched on or off")
    return sum(1 << kind for kind in types)


def option(value: Enum | int) -> str:
    """How options and results name a member: "no_access". A number that has no name: "unknown_7"."""
    return value.name.lower() if isinstance(value, Enum) else f"unknown_{value}"


def member(cls: type[Kind], text: str) -> Kind:
    """The member that an option's value names. Raises ValueError with the names that there are."""
    found = cls.__members__.get(text.upper()) if text == text.lower() else None
    if found is None:
        raise ValueError(f"must be one of {', '.join(map(option, cls))}")
    return found


def known(cls: type[Number], number: int) -> Number | int:
    """The member of that number; the number itself where a BMC answers one that the specification lacks."""
    try:
        return cls(number)
    except ValueError:
        return number

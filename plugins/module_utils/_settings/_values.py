# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What users type, turned into values; and back. Each raises ValueError with a reason."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import member, option

_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")

Kind = t.TypeVar("Kind", bound=IntEnum)


def ipv4(text: t.Any) -> ipaddress.IPv4Address:
    """A dotted quad."""
    try:
        return ipaddress.IPv4Address(str(text).strip())
    except ValueError:
        raise ValueError("is not an IPv4 address such as 192.0.2.10") from None


def mac(text: t.Any) -> str:
    """Six bytes in hex; also with dashes, as some tools print them."""
    canonical = str(text).strip().lower().replace("-", ":")
    if not _MAC.fullmatch(canonical):
        raise ValueError("is not a MAC address such as 52:54:00:12:34:56")
    return canonical


def integer(low: int, high: int, *, step: int = 1, unit: str = "") -> t.Callable[[t.Any], int]:
    """A whole number from `low` to `high`, in steps."""

    def parse(given: t.Any) -> int:
        number = int(given)
        if not low <= number <= high or (number - low) % step:
            steps = f" in steps of {step}" if step > 1 else ""
            raise ValueError(f"must be {low} to {high}{' ' + unit if unit else ''}{steps}")
        return number

    return parse


def text(limit: int) -> t.Callable[[t.Any], str]:
    """Text of at most `limit` bytes, without NUL. IPMI stores names in Latin-1."""

    def parse(given: t.Any) -> str:
        try:
            size = len(str(given).encode("latin-1"))
        except UnicodeEncodeError:
            raise ValueError("has a character that IPMI cannot store (it has Latin-1)") from None
        if size > limit:
            raise ValueError(f"has {size} bytes; at most {limit} are possible")
        if "\0" in str(given):
            raise ValueError("contains a NUL character")
        return str(given)

    return parse


def choice(kind: type[Kind]) -> t.Callable[[t.Any], Kind]:
    """One of the names of an enum."""

    def parse(given: t.Any) -> Kind:
        return member(kind, str(given))

    return parse


def name_of(value: t.Any) -> str:
    """An enum's member as the option that stands for it."""
    return option(value)

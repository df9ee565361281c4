# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Ranges of names and addresses: `ccw[0001:1800]`, `192.0.2.0/24`, `192.0.2.10-192.0.2.99`."""

from __future__ import annotations

import ipaddress
import itertools
import re
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

#: More addresses than this in one inventory file are a slip of the pen: an IPv6 /64, a forgotten digit.
MAX_ADDRESSES: t.Final = 1 << 17
#: More names than this from one range are one too.
MAX_NAMES: t.Final = 1 << 17

_BRACKET: t.Final = re.compile(r"\[([^\[\]]*)\]")
_PART: t.Final = re.compile(r"([0-9]+)(?:[:-]([0-9]+)(?::([0-9]+))?)?")


def expand_names(pattern: str) -> list[str]:
    """Every name of a pattern, in order; the last bracket counts fastest.

    `[01:24]` is Ansible's form, `[1:9:2]` has a step, `[01-24,30]` is the form of node sets. The zeros in front
    of the first number set the width. Raises BadOption, which repeats the range that is wrong.
    """
    pieces = _BRACKET.split(pattern)
    literal, bodies = pieces[0::2], pieces[1::2]
    if any("[" in piece or "]" in piece for piece in literal):
        raise BadOption(f"{pattern!r}: a bracket is not closed, or one too many is")
    numbers = [_numbers(body, pattern) for body in bodies]
    total = 1
    for choices in numbers:
        total *= len(choices)
    if total > MAX_NAMES:
        raise BadOption(f"{pattern!r} is {total} names; at most {MAX_NAMES} are possible")
    return [
        "".join(itertools.chain.from_iterable(itertools.zip_longest(literal, chosen, fillvalue="")))
        for chosen in itertools.product(*numbers)
    ]


def _numbers(body: str, pattern: str) -> list[str]:
    found: list[str] = []
    for part in body.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise BadOption(f"{pattern!r}: [{body}] is not a range such as [01:24] or [01-24,30]")
        first, last, step = match[1], match[2] or match[1], int(match[3] or 1)
        if int(first) > int(last) or step < 1:
            raise BadOption(f"{pattern!r}: [{body}] does not count upwards")
        if int(last) - int(first) >= MAX_NAMES * step:
            raise BadOption(f"{pattern!r} is more than {MAX_NAMES} names")
        width = len(first) if first.startswith("0") else 0
        found += [str(number).zfill(width) for number in range(int(first), int(last) + 1, step)]
    return found


def expand_addresses(networks: t.Iterable[str], exclude: t.Iterable[str] = ()) -> list[str]:
    """The addresses of networks and ranges, each once, in order, without those of `exclude`.

    A network in CIDR form is its usable addresses: without its own and the broadcast one. A range has both its ends:
    `192.0.2.10-192.0.2.99`, or `192.0.2.10-99` for short. Raises BadOption.
    """
    unwanted = [_ends(text) for text in exclude]
    found: dict[str, None] = {}
    for text in networks:
        first, last = _ends(text, usable=True)
        if int(last) - int(first) >= MAX_ADDRESSES - len(found):
            raise BadOption(f"networks: with {text!r} there are more than {MAX_ADDRESSES} addresses")
        kind = type(first)
        for number in range(int(first), int(last) + 1):
            address = kind(number)
            if not any(_within(address, ends) for ends in unwanted):
                found[str(address)] = None
    return list(found)


def contains(networks: t.Iterable[str], address: str) -> bool:
    """Whether an address belongs to one of these networks or ranges."""
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(_within(wanted, _ends(text)) for text in networks)


_Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]  # noqa: UP007  (ansible-test's pylint knows no other)
_Ends = tuple[_Address, _Address]


def _within(address: _Address, ends: _Ends) -> bool:
    return address.version == ends[0].version and int(ends[0]) <= int(address) <= int(ends[1])


def _ends(text: str, *, usable: bool = False) -> _Ends:
    """The first and the last address."""
    try:
        if "-" in text:
            return _range(text)
        network = ipaddress.ip_network(text.strip())
    except ValueError as error:
        raise BadOption(f"networks: {text!r} is neither a network such as 192.0.2.0/24 nor a range: {error}") from None
    first, last = network[0], network[-1]
    if usable and network.version == 4 and network.prefixlen < 31:
        return network[1], network[-2]
    return first, last


def _range(text: str) -> _Ends:
    low, high = (part.strip() for part in text.split("-", 1))
    first = ipaddress.ip_address(low)
    if first.version == 4 and high.isascii() and high.isdigit():
        high = f"{low.rsplit('.', 1)[0]}.{high}"
    last = ipaddress.ip_address(high)
    if first.version != last.version or int(first) > int(last):
        raise ValueError("the last address comes before the first")
    return first, last

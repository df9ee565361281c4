# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Alert destinations and the policy table that leads to them, as T-02 sees them."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _parameters, _pef
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_LAN, GET_PEF
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import DestinationAddress, DestinationCount, LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._pef import AlertPolicy, PefParameter, PolicyCount

Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]  # noqa: UP007  made at runtime, by Python 3.9 too
Decoded = t.TypeVar("Decoded")


@dataclass(frozen=True)
class Destination:
    """One alert destination that has an address."""

    channel: int
    number: int  #: 1 to 15
    address: Address

    def __str__(self) -> str:
        return f"destination {self.number} is {self.address}"


def destination_count(case: Case, channel: int) -> int:
    """How many non-volatile destinations a channel has room for. Raises CompletionError."""

    def decode(answer: bytes) -> DestinationCount:
        return DestinationCount.from_wire(_parameters.payload(answer))

    request = _parameters.get_request(channel, LanParameter.DESTINATION_COUNT)
    return case.reader.read(GET_LAN, request, decode).count


def destinations(case: Case, channel: int) -> list[Destination]:
    """The destinations of a channel that have an address other than zeros. Raises CompletionError, MalformedAnswer."""

    def decode(answer: bytes) -> DestinationAddress:
        return DestinationAddress.from_wire(_parameters.payload(answer))

    found = []
    for number in range(1, destination_count(case, channel) + 1):
        request = _parameters.get_request(channel, LanParameter.DESTINATION_ADDRESS, number)
        address = case.reader.read(GET_LAN, request, decode).address
        if int(address):
            found.append(Destination(channel, number, address))
    return found


def policies(case: Case) -> t.Iterator[AlertPolicy]:
    """The alert policies that are on, read one by one. Raises CompletionError where the BMC has no event filtering."""
    for entry in range(1, pef(case, PefParameter.POLICY_COUNT, PolicyCount.from_wire).count + 1):
        policy = pef(case, PefParameter.POLICY, AlertPolicy.from_wire, entry)
        if policy.enabled:
            yield policy


def pef(case: Case, parameter: PefParameter, decode: t.Callable[[bytes], Decoded], entry: int = 0) -> Decoded:
    """A parameter of platform event filtering. Raises CompletionError, MalformedAnswer."""
    return case.reader.read(GET_PEF, _pef.get_request(parameter, entry), lambda answer: decode(_parameters.payload(answer)))

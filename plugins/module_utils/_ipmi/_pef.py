# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Platform event filtering: configuration parameters (IPMI 2.0, 30.3 and 30.4, table 30-6).

Each record is one parameter's data. `from_wire` ignores what a BMC appends and raises
MalformedData for too few bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, require


class PefParameter(IntEnum):
    """Numbers of the PEF configuration parameters that are in use here."""

    CONTROL = 1
    ACTIONS = 2
    POLICY_COUNT = 8
    POLICY = 9  #: set selector = entry, from 1


def get_request(parameter: int, set_selector: int = 0, block_selector: int = 0) -> bytes:
    """Data of Get PEF Configuration Parameters. Parameter 0 to 127; ValueError otherwise."""
    in_range(parameter, 0, 0x7F, "the PEF parameter")
    return bytes([parameter, set_selector, block_selector])


@dataclass(frozen=True)
class PefControl:
    """Parameter 1, PEF control. One byte: alert delay 3, start-up delay 2, event messages 1, PEF 0."""

    enabled: bool
    event_messages: bool  #: each action that is taken is logged

    @classmethod
    def from_wire(cls, data: bytes) -> PefControl:
        """Read the byte."""
        require(data, 1, "PEF control")
        return cls(bool(data[0] & 0x01), bool(data[0] & 0x02))


@dataclass(frozen=True)
class PefActions:
    """Parameter 2, PEF action global control. One byte; bit 0 is the alert, the others switch the host."""

    alert: bool

    @classmethod
    def from_wire(cls, data: bytes) -> PefActions:
        """Read the byte."""
        require(data, 1, "PEF action global control")
        return cls(bool(data[0] & 0x01))


@dataclass(frozen=True)
class PolicyCount:
    """Parameter 8, number of alert policy entries. One byte, bits 6:0."""

    count: int  #: 0 to 127

    @classmethod
    def from_wire(cls, data: bytes) -> PolicyCount:
        """Read the byte."""
        require(data, 1, "number of alert policy entries")
        return cls(data[0] & 0x7F)


@dataclass(frozen=True)
class AlertPolicy:
    """Parameter 9, alert policy entry. Four bytes.

    1: entry 6:0. 2: policy number 7:4, enabled 3, rule 2:0. 3: channel 7:4, destination 3:0. 4: string.
    """

    entry: int  #: 1 to 127
    enabled: bool
    policy: int  #: 0 to 15
    channel: int  #: 0 to 15
    destination: int  #: 0 to 15

    @classmethod
    def from_wire(cls, data: bytes) -> AlertPolicy:
        """Read the four bytes."""
        require(data, 4, "alert policy entry")
        return cls(data[0] & 0x7F, bool(data[1] & 0x08), data[1] >> 4, data[2] >> 4, data[2] & 0x0F)

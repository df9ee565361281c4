# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Serial/modem configuration parameters, as far as they say who can dial in and out (IPMI 2.0, 25.2, table 25-4).

Requests and answers are laid out as those of LAN parameters (`_parameters.py`). Each record is one parameter's
data: what follows the revision byte. `from_wire` ignores what a BMC appends and raises MalformedData for too few
bytes. None of it is written by this collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import require, unpadded


class SerialParameter(IntEnum):
    """Numbers of serial/modem configuration parameters."""

    CONNECTION_MODE = 3
    CALLBACK_CONTROL = 5
    DIAL_STRING_COUNT = 20
    DIAL_STRING = 21  #: set selector = dial string, block selector = 16 bytes of it, from 1


@dataclass(frozen=True)
class ConnectionMode:
    """Parameter 3, connection mode. One byte: direct connection 7; terminal mode 2, PPP 1, basic mode 0."""

    modem: bool  #: a modem is expected at the port; else a cable
    terminal: bool
    ppp: bool
    basic: bool

    @classmethod
    def from_wire(cls, data: bytes) -> ConnectionMode:
        """Read the byte."""
        require(data, 1, "connection mode")
        return cls(
            modem=not data[0] & 0x80, terminal=bool(data[0] & 0x04), ppp=bool(data[0] & 0x02), basic=bool(data[0] & 0x01)
        )


@dataclass(frozen=True)
class CallbackControl:
    """Parameter 5, channel callback control. First byte: CBCP callback 1, IPMI callback 0.

    What follows says which numbers are called, and matters only where one of them is on.
    """

    cbcp: bool  #: the BMC calls back over PPP
    ipmi: bool  #: the BMC calls back when it is sent Callback

    @classmethod
    def from_wire(cls, data: bytes) -> CallbackControl:
        """Read the first byte."""
        require(data, 1, "channel callback control")
        return cls(cbcp=bool(data[0] & 0x02), ipmi=bool(data[0] & 0x01))


@dataclass(frozen=True)
class DialStringCount:
    """Parameter 20, number of dial strings. One byte, bits 3:0."""

    count: int  #: 0 to 15 non-volatile dial strings, numbered from 1

    @classmethod
    def from_wire(cls, data: bytes) -> DialStringCount:
        """Read the byte."""
        require(data, 1, "number of dial strings")
        return cls(data[0] & 0x0F)


@dataclass(frozen=True)
class DialString:
    """Parameter 21, the beginning of a dial string. Selector 3:0; block; up to 16 characters, ended by NUL."""

    selector: int  #: 0 to 15; 0 is the volatile one
    text: str  #: of this block; "" where no number is stored

    @classmethod
    def from_wire(cls, data: bytes) -> DialString:
        """Read selector, block and text. Characters FFh stand for nothing too."""
        require(data, 2, "dial string")
        return cls(data[0] & 0x0F, unpadded(data[2:18]).strip("\xff "))

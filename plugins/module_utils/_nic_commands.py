# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The makers' commands for the port that a BMC uses (the "NIC mode"), as data.

No standard has this. Each maker that documents it, or whose tools do, has a command of its
own; which BMC has which is a row in `_quirks.py`, with the source.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_LAN, SET_LAN, Command


class NicMode(IntEnum):
    """Which of the server's network ports the BMC uses."""

    DEDICATED = 0  #: a port of its own
    SHARED = 1  #: one of the host's
    FAILOVER = 2  #: one of them, and another where that has no link


@dataclass(frozen=True)
class NicCommands:
    """How one maker's BMCs tell and take the NIC mode."""

    get: Command
    set: Command
    #: The get request's data, after the channel if `by_channel`.
    get_data: bytes
    #: Where the value begins in the get answer, after the completion code.
    at: int
    #: What stands for each mode, all of the same length. Written is the first that begins as the present value does
    #: (the same shared port), else the first.
    values: t.Mapping[NicMode, tuple[bytes, ...]] = field(hash=False)
    #: The set request's data before the value (after the channel if `by_channel`) and behind it.
    set_before: bytes = b""
    set_behind: bytes = b""
    #: Whether both requests begin with the channel.
    by_channel: bool = False
    #: Where in the get answer, and by which bit, the BMC says that it must be restarted before the value is in force.
    restart_flag: tuple[int, int] | None = None

    @property
    def size(self) -> int:
        """Bytes of a value."""
        return len(next(iter(self.values.values()))[0])

    def get_request(self, channel: int) -> bytes:
        """Data of the get request."""
        return self._begin(channel) + self.get_data

    def set_request(self, channel: int, value: bytes) -> bytes:
        """Data of the set request."""
        return self._begin(channel) + self.set_before + value + self.set_behind

    def mode_of(self, value: bytes) -> NicMode | None:
        """What a value stands for; None for one that is not known."""
        return next((mode for mode, values in self.values.items() if value in values), None)

    def value_for(self, mode: NicMode, present: bytes) -> bytes:
        """What to write for a mode. Raises KeyError where these BMCs do not have it."""
        values = self.values[mode]
        return next((value for value in values if value[:1] == present[:1]), values[0])

    def _begin(self, channel: int) -> bytes:
        return bytes([channel]) if self.by_channel else b""


_OEM = 0x30
_NAME = "NIC selection (the maker's own)"

#: First byte: 1 the dedicated port, 2 to 5 the host's LOM 1 to 4. Second byte: 0 no failover, 2 to 5 to that LOM,
#: 6 to all. A LOM never fails over to itself.
_LOMS = range(2, 6)
SELECTION_AND_FAILOVER: t.Final = NicCommands(
    get=Command(_OEM, 0x29, f"Get {_NAME}", writes=False),
    set=Command(
        _OEM, 0x28, f"Set {_NAME}", writes=True, meanings={0x6F: "the dedicated port needs a licence that is missing"}
    ),
    get_data=b"",
    at=0,
    values={
        NicMode.DEDICATED: (b"\x01\x00",),
        NicMode.SHARED: tuple(bytes((lom, 0)) for lom in _LOMS),
        NicMode.FAILOVER: tuple(bytes((lom, to)) for lom in _LOMS for to in (6, *_LOMS) if to != lom),
    },
)

#: Sub-command 0Ch: 0 reads, 1 writes.
SUBCOMMAND_0C: t.Final = NicCommands(
    get=Command(_OEM, 0x70, f"Get {_NAME}", writes=False),
    set=Command(_OEM, 0x70, f"Set {_NAME}", writes=True),
    get_data=b"\x0c\x00",
    at=0,
    values={NicMode.DEDICATED: (b"\x00",), NicMode.SHARED: (b"\x01",), NicMode.FAILOVER: (b"\x02",)},
    set_before=b"\x0c\x01",
)

#: LAN parameter C0h, one byte behind the revision.
LAN_PARAMETER_C0: t.Final = NicCommands(
    get=GET_LAN,
    set=SET_LAN,
    get_data=b"\xc0\x00\x00",
    at=1,
    values={NicMode.SHARED: (b"\x00",), NicMode.DEDICATED: (b"\x01",)},
    set_before=b"\xc0",
    by_channel=True,
)

#: LAN parameter E0h: the third byte behind the revision; the fourth says by bit 0 that a restart is needed. A write
#: begins with AA 55, and FF behind the value leaves everything else in the parameter as it is.
LAN_PARAMETER_E0: t.Final = NicCommands(
    get=GET_LAN,
    set=SET_LAN,
    get_data=b"\xe0\x00\x00",
    at=3,
    values={NicMode.DEDICATED: (b"\x00",), NicMode.SHARED: (b"\x01",)},
    set_before=b"\xe0\xaa\x55",
    set_behind=b"\xff",
    by_channel=True,
    restart_flag=(4, 0x01),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The firmware's word on its serial console: ACPI's SPCR table (Serial Port Console Redirection, by Microsoft, revisions 1 to 4).

Little-endian. The header of every ACPI table has 36 bytes; length at 4, revision at 8, checksum at 9 (all bytes of a table add up to 0).
"""

from __future__ import annotations

import dataclasses
import enum
import struct

HEADER = 36
#: Up to the PCI segment, which every revision has.
SHORTEST = 76


class BadSpcr(ValueError):
    """These bytes are no SPCR table. The text says why."""


class AddressSpace(enum.IntEnum):
    """Where a register is (ACPI, generic address structure). Others are possible and kept as a number."""

    MEMORY = 0
    IO = 1


#: Bit/s for the codes of offset 58. 0 means: as the firmware left it. 1, 2, 4, 5 and so on are reserved, but for 4.
BIT_RATES = {3: 9600, 4: 19200, 6: 57600, 7: 115200}


@dataclasses.dataclass(frozen=True)
class Spcr:
    """What firmware redirects its console to.

    interface: kind of UART, offset 36 (0 and 1: a PC's 16550; 3: ARM's PL011). space, address: of its first register, offsets 40 and 44.
    bit_rate: bit/s, None where the table leaves it open or has a code that is not defined.
    """

    interface: int
    space: AddressSpace | int
    address: int
    bit_rate: int | None

    @property
    def enabled(self) -> bool:
        """Whether the firmware's console is redirected at all: address 0 says no."""
        return self.address != 0

    @classmethod
    def from_bytes(cls, table: bytes) -> Spcr:
        """Read a whole table. Raises BadSpcr."""
        _check(table)
        space = table[40]
        return cls(
            interface=table[36],
            space=AddressSpace(space) if space in tuple(AddressSpace) else space,
            address=struct.unpack_from("<Q", table, 44)[0],
            bit_rate=_precise_rate(table) or BIT_RATES.get(table[58]),
        )


def _check(table: bytes) -> None:
    if len(table) < SHORTEST:
        raise BadSpcr(f"{len(table)} bytes are too few for an SPCR table")
    if table[:4] != b"SPCR":
        raise BadSpcr(f"the signature is {table[:4]!r}, not SPCR")
    length = struct.unpack_from("<I", table, 4)[0]
    if not SHORTEST <= length <= len(table):
        raise BadSpcr(f"the table says that it has {length} bytes, of which {len(table)} are there")
    if sum(table[:length]) & 0xFF:
        raise BadSpcr("the checksum is wrong")


def _precise_rate(table: bytes) -> int | None:
    """The rate that revision 4 gives in bit/s at offset 80, if it does."""
    if table[8] < 4 or struct.unpack_from("<I", table, 4)[0] < 84:
        return None
    return struct.unpack_from("<I", table, 80)[0] or None

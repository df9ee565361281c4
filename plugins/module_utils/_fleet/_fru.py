# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Reads the product, board and chassis areas of a machine's FRU, in pieces that the BMC bears."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError, MalformedAnswer
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _fru as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_FRU_AREA_INFO, READ_FRU
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

#: Bytes asked for at once at first, and the least: BMCs behind narrow buses return only few.
_MOST, _LEAST = 64, 8
#: Completion codes that mean "fewer, please": truncated, wrong length, too long, cannot return so many, unspecified.
_TOO_MANY: t.Final = frozenset({0xC6, 0xC7, 0xC8, 0xCA, 0xFF})

Record = t.TypeVar("Record")


class FruReader:
    """One FRU device of one BMC."""

    def __init__(self, bmc: Bmc, device: int = 0) -> None:
        self._bmc = bmc
        self._device = device
        self._info = bmc.read(GET_FRU_AREA_INFO, wire.area_info_request(device), wire.AreaInfo.from_wire)
        self._step = _MOST
        #: What cannot be read, in words.
        self.wrong: list[str] = []

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset`. Raises CompletionError, MalformedAnswer."""
        unit = 2 if self._info.by_words else 1
        data = bytearray()
        begin = offset - offset % unit
        while len(data) < offset - begin + count:
            data += self._piece(begin + len(data), offset - begin + count - len(data), unit)
        return bytes(data[offset - begin : offset - begin + count])

    def _piece(self, offset: int, count: int, unit: int) -> bytes:
        while True:
            units = min(self._step, count + count % unit) // unit
            request = wire.read_request(self._device, offset // unit, max(1, units))
            try:
                piece = self._bmc.read(READ_FRU, request, wire.read_answer)
            except CompletionError as error:
                if error.code not in _TOO_MANY or self._step <= _LEAST:
                    raise
                self._step //= 2
                continue
            # A BMC may return less than was asked for, and one that returns more is not believed.
            piece = piece[: min(max(1, units) * unit, len(piece) - len(piece) % unit)]
            if not piece:
                raise MalformedAnswer(f"{READ_FRU} returned half a word")
            return piece

    def area(self, name: str, offset: int, decode: t.Callable[[bytes], Record]) -> Record | None:
        """One area; None, and a note, where there is none or it is damaged."""
        if not offset:
            return None
        try:
            size = wire.area_size(self.read(offset, wire.AREA_HEAD))
            if offset + size > self._info.size:
                raise MalformedData(f"FRU {name} area", b"", "it ends behind the FRU")
            return decode(self.read(offset, size))
        except (MalformedData, MalformedAnswer) as error:
            self.wrong.append(str(error))
        except CompletionError as error:
            self.wrong.append(f"FRU {name} area: completion code 0x{error.code:02X}")
        return None

    def header(self) -> wire.Header:
        """The common header. Raises MalformedAnswer."""
        return self._bmc.decode(READ_FRU, self.read(0, wire.HEADER_SIZE), wire.Header.from_wire)

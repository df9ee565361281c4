# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A serial line (8 data bits, no parity, 1 stop bit) whose two ends may run at different bit rates."""

from __future__ import annotations

BITS = 10  # start, eight data bits with the lowest first, stop
RATES = {6: 9600, 7: 19200, 8: 38400, 9: 57600, 10: 115200}  # codes of SOL parameters 5 and 6


def reread(data: bytes, sent: int, read: int) -> bytes:
    """What the receiver makes of bytes that follow each other without a pause; rates in bit/s.

    It samples each bit in its middle, from the start bit's edge, and takes no notice of a missing stop bit.
    """
    if sent == read:
        return data
    line = [bit for byte in data for bit in (0, *((byte >> at) & 1 for at in range(8)), 1)]
    ratio = sent / read  # bits of the sender for one of the receiver
    found = bytearray()
    at = 0.0
    while (start := _edge(line, at)) is not None:
        bits = [_level(line, start + (number + 0.5) * ratio) for number in range(1, BITS)]
        found.append(sum(bit << number for number, bit in enumerate(bits[:8])))
        at = start + (BITS - 0.5) * ratio
    return bytes(found)


def _level(line: list[int], at: float) -> int:
    """An idle line is high."""
    return line[int(at)] if at < len(line) else 1


def _edge(line: list[int], at: float) -> float | None:
    """The next start bit: where the line falls, at or after a time."""
    for number in range(max(0, int(at)), len(line)):
        if line[number] == 0 and number >= at and (number == 0 or line[number - 1] == 1):
            return float(number)
    return None

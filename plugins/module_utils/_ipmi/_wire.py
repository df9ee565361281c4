# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Numbers and text in IPMI messages. Numbers are little endian unless a record says otherwise."""

from __future__ import annotations


class MalformedData(ValueError):
    """An answer does not have the form that the specification gives.

    The bytes are kept in `data`, but not in the text: they may hold a secret.
    """

    def __init__(self, what: str, data: bytes, reason: str = "") -> None:
        self.what = what
        self.data = bytes(data)
        super().__init__(f"{what}: {reason}" if reason else f"{what}: {_bytes(len(data))} that mean nothing")


def _bytes(number: int) -> str:
    return "1 byte" if number == 1 else f"{number} bytes"


def require(data: bytes, size: int, what: str) -> None:
    """Raise MalformedData if `data` has less than `size` bytes. More are fine: some BMCs append a tail."""
    if len(data) < size:
        raise MalformedData(what, data, f"{_bytes(len(data))} instead of {size}")


def in_range(value: int, low: int, high: int, what: str, *, step: int = 1) -> None:
    """Raise ValueError unless `value` is one of `low`, `low + step`, ... `high`."""
    if not low <= value <= high or (value - low) % step:
        steps = f" in steps of {step}" if step > 1 else ""
        raise ValueError(f"{what} must be {low} to {high}{steps}, not {value}")


def u16(data: bytes, offset: int = 0) -> int:
    """Two bytes, the low one first."""
    return _number(data, offset, 2)


def u24(data: bytes, offset: int = 0) -> int:
    """Three bytes, the low one first."""
    return _number(data, offset, 3)


def u32(data: bytes, offset: int = 0) -> int:
    """Four bytes, the low one first."""
    return _number(data, offset, 4)


def put_u16(value: int) -> bytes:
    """Two bytes, the low one first. Raises ValueError if it does not fit."""
    return _put(value, 2)


def put_u24(value: int) -> bytes:
    """Three bytes, the low one first. Raises ValueError if it does not fit."""
    return _put(value, 3)


def put_u32(value: int) -> bytes:
    """Four bytes, the low one first. Raises ValueError if it does not fit."""
    return _put(value, 4)


def padded(text: str, size: int) -> bytes:
    """Text as Latin-1, filled up with NUL to `size` bytes.

    The specification asks for ASCII. Latin-1 keeps every byte, so that what a BMC
    holds can be read, compared and written back. Raises ValueError, without the text,
    if it does not fit or holds a NUL, at which BMCs would cut it.
    """
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError("the text has characters that IPMI cannot store") from None
    if len(raw) > size:
        raise ValueError(f"the text has {_bytes(len(raw))}; at most {size} are possible")
    if b"\0" in raw:
        raise ValueError("the text contains a NUL character")
    return raw.ljust(size, b"\0")


def unpadded(data: bytes) -> str:
    """Text up to the first NUL, as Latin-1."""
    return bytes(data).split(b"\0", 1)[0].decode("latin-1")


def _number(data: bytes, offset: int, size: int) -> int:
    if len(data) < offset + size:
        raise MalformedData("a number", data, f"{_bytes(size)} expected at offset {offset} of {_bytes(len(data))}")
    return int.from_bytes(data[offset : offset + size], "little")


def _put(value: int, size: int) -> bytes:
    in_range(value, 0, (1 << 8 * size) - 1, f"a number of {_bytes(size)}")
    return value.to_bytes(size, "little")

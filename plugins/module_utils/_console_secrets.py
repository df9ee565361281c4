# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Secrets that are typed at a console: out of everything that is told about it, echoes included.

A host may echo what it should not, in pieces and with codes of the terminal between them.
"""

from __future__ import annotations

import re
import typing as t

MASK: t.Final = "********"
#: What may stand between two characters of an echo: codes and controls.
_BETWEEN: t.Final = rb"(?:\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f]| \r)*"
#: From how many characters on the start of a secret counts as one, at the end of what came; and its end, at the start.
_START = 3


class Secrets:
    """The values of a task's `secrets`, typed or not: what one run typed, the host may print in the next."""

    def __init__(self, values: t.Iterable[str] = ()) -> None:
        self._values: list[str] = []
        self._bytes: list[re.Pattern[bytes]] = []
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """From now on it is kept back."""
        if value and value not in self._values:
            self._values = sorted([*self._values, value], key=len, reverse=True)
            self._bytes = [_echo(one) for one in self._values]

    def raw(self, data: bytes) -> bytes:
        """Bytes without them."""
        for pattern in self._bytes:
            data = pattern.sub(MASK.encode(), data)
        for value in self._values:
            data = _without_end(_without_start(data, value.encode()), value.encode())
        return data

    def text(self, text: str) -> str:
        """A text without them; a line that was wrapped within one is one line then."""
        return self.raw(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def everywhere(self, value: t.Any) -> t.Any:
        """The same structure without them; keys stay."""
        if isinstance(value, dict):
            return {key: self.everywhere(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.everywhere(one) for one in value]
        return self.text(value) if isinstance(value, str) else value


def _echo(secret: str) -> re.Pattern[bytes]:
    return re.compile(_BETWEEN.join(re.escape(bytes([byte])) for byte in secret.encode()))


def _without_start(data: bytes, secret: bytes) -> bytes:
    """The end of `data` without the start of a secret whose rest has not come."""
    for length in range(min(len(secret) - 1, len(data)), _START - 1, -1):
        if data.endswith(secret[:length]):
            return data[:-length] + MASK.encode()
    return data


def _without_end(data: bytes, secret: bytes) -> bytes:
    """The start of `data` without the end of a secret whose start was cut off, because it is too long ago or was matched."""
    for length in range(min(len(secret) - 1, len(data)), _START - 1, -1):
        if data.startswith(secret[-length:]):
            return MASK.encode() + data[length:]
    return data

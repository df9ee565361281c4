# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Set Channel Security Keys: the BMC key Kg (IPMI 2.0, 22.25).

The key is a secret: no exception here repeats it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, in_range

#: Length of a key in bytes.
KEY_SIZE: t.Final = 20
#: Without a key: all bytes are 0, and sessions derive their keys from the password.
NO_KEY: t.Final = bytes(KEY_SIZE)
_READ, _SET = 0, 1
_KG: t.Final = 1


def whole_key(key: bytes | None) -> bytes:
    """A key of at most 20 bytes, filled up with zeros; None is no key. ValueError for more."""
    if len(key or b"") > KEY_SIZE:
        raise ValueError(f"the key has {len(key or b'')} bytes; at most {KEY_SIZE} are possible")
    return (key or b"").ljust(KEY_SIZE, b"\0")


def set_request(channel: int, key: bytes) -> bytes:
    """Data that sets Kg: channel 0 to 15; operation 1; key 1, which is Kg; 20 bytes. ValueError otherwise."""
    return _request(channel, _SET) + whole_key(key)


def read_request(channel: int) -> bytes:
    """Data that reads Kg, where a BMC tells it: channel; operation 0; key 1."""
    return _request(channel, _READ)


def _request(channel: int, operation: int) -> bytes:
    in_range(channel, 0, 15, "the channel")
    return bytes([channel, operation, _KG])


@dataclass(frozen=True)
class SecurityKey:
    """What a BMC answers to a read: one byte, lock status in 1:0 (1 locked); 20 bytes of the key."""

    locked: bool
    key: bytes = field(repr=False)

    @classmethod
    def from_wire(cls, answer: bytes) -> SecurityKey:
        """Read the answer. Raises MalformedData, without the bytes, if it is short."""
        if len(answer) < 1 + KEY_SIZE:
            raise MalformedData("security key", b"", f"{len(answer)} bytes instead of {1 + KEY_SIZE}")
        return cls(answer[0] & 0x03 == 1, bytes(answer[1 : 1 + KEY_SIZE]))

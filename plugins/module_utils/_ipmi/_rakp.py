# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The second exchange of an RMCP+ login: RAKP messages 1 and 2 (IPMI 2.0, 13.20 and 13.21), whole packets.

In RAKP 2 the BMC shows that it knows the user's password, by a keyed hash (13.31) over what both sides have
sent. Whoever asks can try passwords against that hash by himself (CVE-2013-4786), without a failed login.
"""

from __future__ import annotations

import hmac
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AuthAlgorithm
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_open import packet_of, payload_of
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import MAX_NAME
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, put_u32, require, u32

#: Payload types (table 13-16).
_RAKP_1, _RAKP_2 = 0x12, 0x13
#: Random numbers and the BMC's GUID.
_NUMBER: t.Final = 16
#: Tag, status, two reserved bytes, the console's session ID.
_HEAD: t.Final = 8
#: Bit 4 of the role: the user is looked up by name alone, not by name and privilege.
_NAME_ONLY: t.Final = 0x10

#: The hash of each algorithm that has one here, and its size.
HASHES: t.Final[t.Mapping[int, tuple[str, int]]] = {
    AuthAlgorithm.HMAC_SHA1: ("sha1", 20),
    AuthAlgorithm.HMAC_SHA256: ("sha256", 32),
}


@dataclass(frozen=True)
class Rakp1:
    """RAKP message 1.

    Tag; three reserved bytes; the BMC's session ID; the console's random number; role: name-only lookup 4,
    privilege 3:0; two reserved bytes; length of the name; name.
    """

    tag: int  #: 0 to 255
    console_id: int  #: as in Open Session; not sent again
    bmc_id: int  #: as Open Session answered it
    random: bytes  #: 16 bytes
    privilege: int  #: 1 to 5
    name: bytes  #: at most 16 bytes; empty is the null user

    def __post_init__(self) -> None:
        in_range(self.tag, 0, 255, "the tag")
        in_range(self.privilege, 1, 5, "the privilege")
        in_range(len(self.name), 0, MAX_NAME, "the length of the name")
        in_range(len(self.random), _NUMBER, _NUMBER, "the length of the random number")

    @property
    def _role(self) -> int:
        return _NAME_ONLY | self.privilege

    @property
    def who(self) -> bytes:
        """Role, length of the name, name: what the hash is over, of this message."""
        return bytes([self._role, len(self.name)]) + self.name

    def to_wire(self) -> bytes:
        """The packet."""
        head = bytes([self.tag, 0, 0, 0]) + put_u32(self.bmc_id) + self.random
        return packet_of(_RAKP_1, head + bytes([self._role, 0, 0, len(self.name)]) + self.name)


@dataclass(frozen=True)
class Rakp2:
    """RAKP message 2.

    Tag; status; two reserved bytes; the console's session ID; then, if the status is 0, the BMC's random
    number, its GUID and the key exchange authentication code. Nothing of it is ever shown.
    """

    status: int  #: of table 13-15; 0 is no error
    console_id: int
    random: bytes = field(default=b"", repr=False)
    guid: bytes = field(default=b"", repr=False)
    code: bytes = field(default=b"", repr=False)  #: 20 or 32 bytes; empty after an error

    @classmethod
    def from_wire(cls, payload: bytes, algorithm: int) -> Rakp2:
        """Read the payload; `algorithm` is one of `HASHES`. Raises MalformedData."""
        require(payload, _HEAD if len(payload) > 1 and payload[1] == 0 else 2, "RAKP message 2")
        if payload[1]:
            # Some BMCs leave the session ID out.
            return cls(payload[1], u32(payload, 4) if len(payload) >= _HEAD else 0)
        size = HASHES[algorithm][1]
        require(payload, _HEAD + 2 * _NUMBER + size, "RAKP message 2")
        random, guid = (payload[start : start + _NUMBER] for start in (_HEAD, _HEAD + _NUMBER))
        return cls(0, u32(payload, 4), random, guid, payload[_HEAD + 2 * _NUMBER :][:size])


def rakp2_of(packet: bytes, tag: int, algorithm: int) -> Rakp2 | None:
    """The RAKP message 2 with this tag in a packet; None for any other packet. Raises MalformedData if it is cut short."""
    payload = payload_of(packet, _RAKP_2, tag, "RAKP message 2")
    return None if payload is None else Rakp2.from_wire(payload, algorithm)


@dataclass(frozen=True)
class Proof:
    """What a BMC gave away of a user's password: it tells whether a password is that one, and nothing else."""

    _algorithm: int
    _asked: Rakp1 = field(repr=False)
    _answer: Rakp2 = field(repr=False)

    def fits(self, password: bytes) -> bool:
        """Whether the user's password is this one. NULs at its end make no difference."""
        asked, answer = self._asked, self._answer
        ids = put_u32(asked.console_id) + put_u32(asked.bmc_id)
        data = ids + asked.random + answer.random + answer.guid + asked.who
        return hmac.compare_digest(hmac.new(password, data, HASHES[self._algorithm][0]).digest(), answer.code)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cipher suites and what is computed with them (IPMI 2.0, 13.28 to 13.33).

Keys and hashes are bytes as they are on the wire. Passwords and Kg need no padding: HMAC pads
its key with zeros itself.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

AES_BLOCK = 16


@dataclass(frozen=True)
class Suite:
    """One cipher suite: its id (0 to 19) and its three algorithm numbers (tables 13-17 to 13-19)."""

    number: int
    auth: int  # 0 none, 1 HMAC-SHA1, 2 HMAC-MD5, 3 HMAC-SHA256
    integrity: int  # 0 none, 1 HMAC-SHA1-96, 2 HMAC-MD5-128, 4 HMAC-SHA256-128
    confidentiality: int  # 0 none, 1 AES-CBC-128


SUITES = {
    suite.number: suite
    for suite in (
        Suite(0, 0, 0, 0),
        Suite(1, 1, 0, 0),
        Suite(2, 1, 1, 0),
        Suite(3, 1, 1, 1),
        Suite(6, 2, 0, 0),
        Suite(7, 2, 2, 0),
        Suite(8, 2, 2, 1),
        Suite(15, 3, 0, 0),
        Suite(16, 3, 4, 0),
        Suite(17, 3, 4, 1),
    )
}
AUTH_HASH = {1: "sha1", 2: "md5", 3: "sha256"}
RAKP4_LENGTH = {0: 0, 1: 12, 2: 16, 3: 16}
INTEGRITY = {1: ("sha1", 12), 2: ("md5", 16), 4: ("sha256", 16)}


class BadPacket(Exception):
    """A datagram that a BMC drops without a word."""


def suite_of(auth: int, integrity: int, confidentiality: int) -> Suite | None:
    """The suite with these algorithms; None if there is none."""
    wanted = (auth, integrity, confidentiality)
    for suite in SUITES.values():
        if (suite.auth, suite.integrity, suite.confidentiality) == wanted:
            return suite
    return None


def keyed_hash(auth: int, key: bytes, data: bytes) -> bytes:
    """HMAC by authentication algorithm; empty for algorithm 0."""
    return hmac.digest(key, data, AUTH_HASH[auth]) if auth else b""


def equal(one: bytes, other: bytes) -> bool:
    """Compare without telling where they differ."""
    return hmac.compare_digest(one, other)


@dataclass(frozen=True)
class Handshake:
    """What both sides know after RAKP 1 (13.20, 13.21); ids are the 4 bytes on the wire."""

    auth: int
    console_id: bytes
    bmc_id: bytes
    console_random: bytes
    bmc_random: bytes
    guid: bytes
    role: bytes  # RAKP 1's role byte as it came, bit 4 included
    name: bytes

    @property
    def _who(self) -> bytes:
        return self.role + bytes((len(self.name),)) + self.name

    def rakp2_code(self, password: bytes) -> bytes:
        """Key exchange authentication code of RAKP 2: the BMC knows the password."""
        data = self.console_id + self.bmc_id + self.console_random + self.bmc_random + self.guid
        return keyed_hash(self.auth, password, data + self._who)

    def rakp3_code(self, password: bytes) -> bytes:
        """Key exchange authentication code of RAKP 3: the console knows it too."""
        return keyed_hash(self.auth, password, self.bmc_random + self.console_id + self._who)

    def session_key(self, key: bytes) -> bytes:
        """SIK, from Kg or, where no Kg is set, from the password (13.31)."""
        return keyed_hash(self.auth, key, self.console_random + self.bmc_random + self._who)

    def rakp4_code(self, sik: bytes) -> bytes:
        """Integrity check value of RAKP 4."""
        data = self.console_random + self.bmc_id + self.guid
        return keyed_hash(self.auth, sik, data)[: RAKP4_LENGTH[self.auth]]


@dataclass(frozen=True)
class Keys:
    """A session's keys, derived once (13.32)."""

    k1: bytes
    k2: bytes

    @classmethod
    def derive(cls, auth: int, sik: bytes) -> Keys:
        return cls(keyed_hash(auth, sik, b"\x01" * 20), keyed_hash(auth, sik, b"\x02" * 20))


def integrity_code(integrity: int, k1: bytes, data: bytes) -> bytes:
    """AuthCode of the session trailer over everything from the auth type to the next header."""
    digest, length = INTEGRITY[integrity]
    return hmac.digest(k1, data, digest)[:length]


def encrypt(k2: bytes, data: bytes) -> bytes:
    """AES-CBC-128: initialisation vector, then data with pad 01 02 03 .. and its length (13.29)."""
    pad = -(len(data) + 1) % AES_BLOCK
    vector = os.urandom(AES_BLOCK)
    cipher = Cipher(algorithms.AES(k2[:16]), modes.CBC(vector)).encryptor()
    padded = data + bytes(range(1, pad + 1)) + bytes((pad,))
    return vector + cipher.update(padded) + cipher.finalize()


def decrypt(k2: bytes, data: bytes) -> bytes:
    """The reverse. Raises BadPacket if length or pad is not right."""
    if len(data) < 2 * AES_BLOCK or len(data) % AES_BLOCK:
        raise BadPacket("length of an encrypted payload")
    cipher = Cipher(algorithms.AES(k2[:16]), modes.CBC(data[:AES_BLOCK])).decryptor()
    plain = cipher.update(data[AES_BLOCK:]) + cipher.finalize()
    pad = plain[-1]
    end = len(plain) - 1 - pad
    if pad >= AES_BLOCK or plain[end:-1] != bytes(range(1, pad + 1)):
        raise BadPacket("pad of an encrypted payload")
    return plain[:end]


def md5_code(password: bytes, session_id: bytes, data: bytes, sequence: bytes) -> bytes:
    """IPMI 1.5 AuthCode, MD5, multi-session form (22.17.1). `password` is padded to 16 here."""
    key = password.ljust(16, b"\0")
    return hashlib.md5(key + session_id + data + sequence + key).digest()

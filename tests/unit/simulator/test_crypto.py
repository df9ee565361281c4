# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RAKP and AES against packets that ipmitool made and accepted (suites 3, 8, 17; with Kg)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.simulator.protocol import packets
from tests.simulator.protocol.crypto import (
    BadPacket,
    Handshake,
    Keys,
    decrypt,
    encrypt,
    integrity_code,
    md5_code,
    suite_of,
)

PASSWORD = b"twenty-byte-password"
KG = b"key-for-this-test-01"
CONSOLE_ID = bytes.fromhex("a4a3a2a0")
GUID = bytes.fromhex("6c696768740040008000028254c329a9")
ROLE = b"\x14"  # Administrator, looked up by name only
NAME = b"admin"
PLAIN = bytes.fromhex("2018c881043b043c")  # Set Session Privilege Level 4


@dataclass(frozen=True)
class Vector:
    """One login of ipmitool 1.8.19, and its first packet."""

    auth: int
    integrity: int
    bmc_id: str
    console_random: str
    bmc_random: str
    rakp2: str
    rakp3: str
    sik: str
    k1: str
    k2: str
    rakp4: str
    packet: str


VECTORS = {
    3: Vector(
        auth=1,
        integrity=1,
        bmc_id="b4eb8f6a",
        console_random="b3507513214e84418c34e6687963a59f",
        bmc_random="88e4921a7ba84839118632d4335575a9",
        rakp2="ffb4a0a95f4192db3aab2f471591b304a5d9c7e4",
        rakp3="08d92e6a463c6192d7e58460deaaf346a0e0ea5c",
        sik="4f734b87f4930e2089b3dce7562be358884e8044",
        k1="74572dbffe3e1891505925e8270fe08d146fcac1",
        k2="3672e1ecdf12acc65a9d284c3e7aad6b11496fd7",
        rakp4="cd9fb077016d14014b358236",
        packet="06c0b4eb8f6a030000002000364e04cb3ecc35aebfd9388fd9843b0775b2f81b2e1c4a53f70ae4cd4e35963d"
        "ffff0207f6c32ba6a39877a336d52150",
    ),
    8: Vector(
        auth=2,
        integrity=2,
        bmc_id="a65818ba",
        console_random="20b158199e487648289621eb94711137",
        bmc_random="fcbfde3ddcb4be5745b90dd0497e70b8",
        rakp2="5e0d4f93829d1546e0a6f03b1626f511",
        rakp3="2fdd7c3cdd3c1d5cb79d36af62ba57ce",
        sik="cd5b1cd7db6d7617f6d024f816cdcb87",
        k1="552d286591a17e8b12f220bf7537a5a3",
        k2="6cee115ce4a0b31363dec4a927c86731",
        rakp4="85215a577debd79216584a5a22e37b91",
        packet="06c0a65818ba03000000200001dbf89a67d362884ee52c6bbb4cd892ac64b30120e83d4cf4983b9783a40499"
        "ffff020739564d2b59590ad6e82a4d362cebbe76",
    ),
    17: Vector(
        auth=3,
        integrity=4,
        bmc_id="b5cb9a1e",
        console_random="4cb02422a1e0b2b038d7bc5c31d6bf35",
        bmc_random="bb9b2e48e954a27125b862b6e878c936",
        rakp2="46178b1ac0d3b805543ac597cf1a9b6e48d3dc9320136c44465e9bb62e1e2d37",
        rakp3="605abb19263bd1f504d30a7b739f6a23e70cfea774acdf95744d67e1b693bede",
        sik="17ac79bcc6dc46782f3fc41563d2d8d17f91ca5fa53bad2ea511b8c8682a1556",
        k1="003f718b27c9a7e1127d9140de10359d7913abd7b9bd00869b49ebeddcdd9f63",
        k2="b655e08fecd7b5540f5d3533a804702ed8170df6b4d34c99890d87396f003611",
        rakp4="aee7498916e23c104f797cda52957fed",
        packet="06c0b5cb9a1e030000002000c2e424a6c3d9725c97eb3416ae184413f39f7589068ddc4f3e837fd89b1a8bd9"
        "ffff02072c546ff68a769232ec172df8a16fe92a",
    ),
}


def shake(vector: Vector) -> Handshake:
    return Handshake(
        auth=vector.auth,
        console_id=CONSOLE_ID,
        bmc_id=bytes.fromhex(vector.bmc_id),
        console_random=bytes.fromhex(vector.console_random),
        bmc_random=bytes.fromhex(vector.bmc_random),
        guid=GUID,
        role=ROLE,
        name=NAME,
    )


@pytest.mark.parametrize("suite", VECTORS)
def test_handshake_codes(suite: int) -> None:
    vector = VECTORS[suite]
    made = shake(vector)
    assert made.rakp2_code(PASSWORD).hex() == vector.rakp2
    assert made.rakp3_code(PASSWORD).hex() == vector.rakp3
    sik = made.session_key(KG)
    assert sik.hex() == vector.sik
    assert made.rakp4_code(sik).hex() == vector.rakp4
    keys = Keys.derive(vector.auth, sik)
    assert (keys.k1.hex(), keys.k2.hex()) == (vector.k1, vector.k2)


@pytest.mark.parametrize("suite", VECTORS)
def test_session_packet(suite: int) -> None:
    vector = VECTORS[suite]
    length = {1: 12, 2: 16, 4: 16}[vector.integrity]
    packet = packets.parse_20(bytes.fromhex(vector.packet), length)
    code = integrity_code(vector.integrity, bytes.fromhex(vector.k1), packet.signed)
    assert code == packet.auth_code
    assert (packet.sequence, packet.encrypted, packet.authenticated) == (3, True, True)
    assert decrypt(bytes.fromhex(vector.k2), packet.payload) == PLAIN


def test_suite_by_algorithms() -> None:
    found = suite_of(3, 4, 1)
    assert found is not None
    assert found.number == 17
    assert suite_of(1, 4, 1) is None


@pytest.mark.parametrize("length", range(40))
def test_encryption_takes_every_length(length: int) -> None:
    key = bytes(range(20))
    data = bytes(range(length))
    sealed = encrypt(key, data)
    assert len(sealed) % 16 == 0
    assert decrypt(key, sealed) == data


@pytest.mark.parametrize("data", [b"", bytes(16), bytes(31), bytes(33), bytes(32)])
def test_bad_ciphertext_is_a_bad_packet(data: bytes) -> None:
    key = bytes.fromhex("b655e08fecd7b5540f5d3533a804702e")
    with pytest.raises(BadPacket):
        decrypt(key, data)


def test_md5_code_of_a_message() -> None:
    # MD5 of password, session id, message, sequence number, password: worked out with md5sum.
    code = md5_code(b"secret", bytes.fromhex("01020304"), bytes.fromhex("2018c88104380eb5"), bytes(4))
    assert code.hex() == "84b307b43a174bc6a00b9ab2c2ca0e60"


@pytest.mark.parametrize(("data", "wanted"), [("2018", 0xC8), ("8104380eb5", 0x80)])
def test_checksum_makes_the_sum_zero(data: str, wanted: int) -> None:
    raw = bytes.fromhex(data)
    assert packets.checksum(raw) == wanted
    assert (sum(raw) + wanted) & 0xFF == 0

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RAKP 1 and 2: requests to bytes, bytes to answers, passwords against logins that other programs made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AuthAlgorithm
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rakp import Proof, Rakp1, Rakp2, rakp2_of
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

SHA1, SHA256 = AuthAlgorithm.HMAC_SHA1, AuthAlgorithm.HMAC_SHA256

#: ipmitool 1.8.19 with cipher suite 3 on OpenIPMI's ipmi_sim; the login went through.
ASKED_3 = (
    "06 00 FF 07 06 12 00 00 00 00 00 00 00 00 21 00 00 00 00 00 02 00 00 00 35 CA 40 49 F6 5F DE 07 E7 C8 F7 63 55 16 10 6D "
    "14 00 00 05 41 44 4D 49 4E"
)
ANSWERED_3 = (
    "06 00 FF 07 06 13 00 00 00 00 00 00 00 00 3C 00 00 00 00 00 A4 A3 A2 A0 E9 51 22 78 A1 ED EA 0F 4C 1C 76 EA 40 97 7B 2A "
    "A1 23 45 67 89 AB CD EF A1 23 45 67 89 AB CD EF 96 09 A1 1B E7 E1 9C C3 C7 E5 D6 24 F1 62 E2 CE 75 B2 46 17"
)
RAKP1_3 = Rakp1(0, 0xA0A2A3A4, 2, bytes.fromhex("35CA4049F65FDE07E7C8F7635516106D"), 4, b"ADMIN")
#: ipmitool with cipher suite 17, which takes no login whose hash it does not come to itself.
ASKED_17 = (
    "06 00 FF 07 06 12 00 00 00 00 00 00 00 00 21 00 00 00 00 00 41 5C 60 D7 9E D4 BD 1B 7C 4F 0E D7 75 7B 94 CE 67 96 9B 7E "
    "14 00 00 05 61 64 6D 69 6E"
)
ANSWERED_17 = (
    "06 00 FF 07 06 13 00 00 00 00 00 00 00 00 48 00 00 00 00 00 A4 A3 A2 A0 BA 22 3C 81 D7 27 F4 80 52 55 A4 1A 6C E4 08 9E "
    "4C B8 8B 6B 67 02 00 80 00 40 73 74 68 67 69 6C C4 FC 0A 06 41 A2 99 7D 78 66 8E 6B 0E 77 3A 01 7F 60 51 49 48 6D 1F FC "
    "07 8E A8 5C EF 2A 46 5B"
)
RAKP1_17 = Rakp1(0, 0xA0A2A3A4, 0xD7605C41, bytes.fromhex("9ED4BD1B7C4F0ED7757B94CE67969B7E"), 4, b"admin")
REFUSED = "06 00 FF 07 06 13 00 00 00 00 00 00 00 00 08 00 00 0D 00 00 A4 A3 A2 A0"

LOGINS = pytest.mark.parametrize(
    ("asked", "wire", "answered", "algorithm", "password"),
    [
        (RAKP1_3, ASKED_3, ANSWERED_3, SHA1, b"Sesam-oeffne-di!"),
        (RAKP1_17, ASKED_17, ANSWERED_17, SHA256, b"A-long-password-20by"),
    ],
    ids=["suite 3", "suite 17"],
)


@LOGINS
def test_the_request_is_the_one_that_ipmitool_sends(
    asked: Rakp1, wire: str, answered: str, algorithm: AuthAlgorithm, password: bytes
) -> None:
    assert asked.to_wire() == bytes.fromhex(wire)


@LOGINS
def test_the_password_of_a_login_that_went_through_fits_and_no_other(
    asked: Rakp1, wire: str, answered: str, algorithm: AuthAlgorithm, password: bytes
) -> None:
    answer = rakp2_of(bytes.fromhex(answered), 0, algorithm)
    assert answer is not None
    proof = Proof(algorithm, asked, answer)
    assert proof.fits(password)
    assert proof.fits(password + b"\0\0")
    for other in (b"", password[:-1], password + b"x", password.lower(), b"ADMIN"):
        assert not proof.fits(other)


@LOGINS
@pytest.mark.parametrize("part", ["random", "guid", "code"])
def test_each_part_of_the_answer_matters(
    asked: Rakp1, wire: str, answered: str, algorithm: AuthAlgorithm, password: bytes, part: str
) -> None:
    answer = rakp2_of(bytes.fromhex(answered), 0, algorithm)
    assert answer is not None
    value = getattr(answer, part)
    assert not Proof(algorithm, asked, replace(answer, **{part: value[:-1] + bytes([value[-1] ^ 1])})).fits(password)


@pytest.mark.parametrize(
    "other",
    [
        {"console_id": 1},
        {"bmc_id": 3},
        {"random": bytes(16)},
        {"privilege": 3},
        {"name": b"admin"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_each_part_of_the_question_matters(other: dict[str, object]) -> None:
    answer = rakp2_of(bytes.fromhex(ANSWERED_3), 0, SHA1)
    assert answer is not None
    changed = replace(RAKP1_3, **other)
    assert not Proof(SHA1, changed, answer).fits(b"Sesam-oeffne-di!")


def test_nothing_that_helps_to_guess_is_shown() -> None:
    answer = rakp2_of(bytes.fromhex(ANSWERED_3), 0, SHA1)
    assert answer is not None
    shown = repr(Proof(SHA1, RAKP1_3, answer)) + repr(answer)
    assert answer.code.hex() not in shown and repr(answer.code) not in shown
    assert repr(answer.random) not in shown and repr(answer.guid) not in shown


def test_a_refusal() -> None:
    assert rakp2_of(bytes.fromhex(REFUSED), 0, SHA1) == Rakp2(0x0D, 0xA0A2A3A4)


def test_a_refusal_without_a_session_id() -> None:
    assert rakp2_of(bytes.fromhex(REFUSED[:-12].replace("08 00 00 0D", "04 00 00 0D")), 0, SHA1) == Rakp2(0x0D, 0)


@pytest.mark.parametrize(
    "packet",
    [
        REFUSED.replace("08 00 00", "08 00 01"),  # another tag
        REFUSED.replace("06 13", "06 11"),  # Open Session Response
        REFUSED.replace("07 06 13", "07 00 13"),  # IPMI 1.5
        "",
    ],
)
def test_other_packets_are_none_of_ours(packet: str) -> None:
    assert rakp2_of(bytes.fromhex(packet), 0, SHA1) is None


@pytest.mark.parametrize(
    ("packet", "algorithm"),
    [
        (ANSWERED_3[:-3], SHA1),
        (ANSWERED_3, SHA256),  # 20 bytes of a hash instead of 32
        (REFUSED[:-3], SHA1),
        (REFUSED.replace("08 00 00 0D", "08 00 00 00"), SHA1),
    ],
)
def test_what_is_cut_short_is_malformed(packet: str, algorithm: AuthAlgorithm) -> None:
    with pytest.raises(MalformedData, match="RAKP message 2"):
        rakp2_of(bytes.fromhex(packet), 0, algorithm)


@given(st.binary(max_size=80))
def test_any_packet_is_read_or_malformed(payload: bytes) -> None:
    try:
        rakp2_of(bytes.fromhex(REFUSED[:41]) + payload, 0, SHA256)
    except MalformedData:
        return


@pytest.mark.parametrize(
    "wrong", [{"tag": 256}, {"privilege": 0}, {"privilege": 6}, {"name": b"x" * 17}, {"random": bytes(15)}]
)
def test_what_cannot_be_sent(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        replace(RAKP1_3, **wrong)

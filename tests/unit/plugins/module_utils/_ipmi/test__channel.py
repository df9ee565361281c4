# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Channels: information, access, authentication capabilities and cipher suites."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from enum import IntEnum

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _channel as channel
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import (
    AccessMode,
    AuthAlgorithm,
    AuthCapabilities,
    ChannelAccess,
    ChannelInfo,
    ChannelProtocol,
    CipherSuiteRecord,
    ConfidentialityAlgorithm,
    Copy,
    IntegrityAlgorithm,
    SessionSupport,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType, ChannelMedium, Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

ALWAYS = ChannelAccess(AccessMode.ALWAYS, True, True, True, Privilege.ADMINISTRATOR)


class TestInfo:
    """Get Channel Info."""

    LAN = ChannelInfo(1, ChannelMedium.LAN, ChannelProtocol.IPMB, SessionSupport.MULTI, 3, 7154)

    @pytest.mark.parametrize(
        ("wire", "info"),
        [
            # ipmi.md 5.4, command 42: vendor F2 1B 00 is IPMI.
            ("01 04 01 83 F2 1B 00 00 00", LAN),
            ("01 04 01 83 F2 1B 00", LAN),
            ("F1 84 E1 83 F2 1B 00 00 00 77", LAN),
            (
                "0F 0C 05 00 F2 1B 00 00 00",
                ChannelInfo(15, ChannelMedium.SYSTEM_INTERFACE, ChannelProtocol.KCS, SessionSupport.NONE, 0, 7154),
            ),
            (
                "02 05 09 C0 F2 1B 00 00 00",
                ChannelInfo(2, ChannelMedium.SERIAL, ChannelProtocol.TERMINAL_MODE, SessionSupport.BY_COMMAND, 0, 7154),
            ),
            ("03 61 1C 40 57 01 00 00 00", ChannelInfo(3, 0x61, 0x1C, SessionSupport.SINGLE, 0, 343)),
        ],
    )
    def test_from_wire(self, wire: str, info: ChannelInfo) -> None:
        assert ChannelInfo.from_wire(bytes.fromhex(wire)) == info

    @pytest.mark.parametrize("size", range(7))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="channel info"):
            ChannelInfo.from_wire(bytes(size))

    @given(st.binary(min_size=7, max_size=12))
    def test_every_answer_can_be_read(self, answer: bytes) -> None:
        info = ChannelInfo.from_wire(answer)
        # ipmi.md 5.1: a LAN channel is medium 4 or 6.
        assert info.is_lan is (answer[1] & 0x7F in (4, 6))
        assert info.session_support << 6 | info.active_sessions == answer[3]

    def test_request(self) -> None:
        assert channel.get_info_request(1) == b"\x01"
        assert channel.get_info_request(channel.PRESENT_CHANNEL) == b"\x0e"


class TestAccess:
    """Get and Set Channel Access."""

    @pytest.mark.parametrize(
        ("wire", "access"),
        [
            ("02 04", ALWAYS),  # ipmi.md 8: read volatile
            # ipmi.md 5.4, command 40: b5 PEF alerting OFF, b4 per-message OFF, b3 user-level OFF.
            ("22 04", replace(ALWAYS, pef_alerting=False)),
            ("12 04", replace(ALWAYS, per_message_auth=False)),
            ("0A 04", replace(ALWAYS, user_level_auth=False)),
            ("38 05", ChannelAccess(AccessMode.DISABLED, False, False, False, Privilege.OEM)),
            ("01 02", replace(ALWAYS, access_mode=AccessMode.PRE_BOOT, privilege_limit=Privilege.USER)),
            ("03 0F", replace(ALWAYS, access_mode=AccessMode.SHARED, privilege_limit=Privilege.NO_ACCESS)),
            ("07 07", replace(ALWAYS, access_mode=7, privilege_limit=7)),
        ],
    )
    def test_bytes(self, wire: str, access: ChannelAccess) -> None:
        data = bytes.fromhex(wire)
        assert ChannelAccess.from_wire(data) == access
        assert ChannelAccess.from_wire(data + b"\xff") == access
        assert access.to_wire() == data

    @pytest.mark.parametrize("size", range(2))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="channel access"):
            ChannelAccess.from_wire(bytes(size))

    @given(st.binary(min_size=2, max_size=2))
    def test_every_answer_comes_back(self, answer: bytes) -> None:
        assert ChannelAccess.from_wire(answer).to_wire() == bytes([answer[0] & 0x3F, answer[1] & 0x0F])

    def test_set_request(self) -> None:
        # ipmi.md 8: volatile always, limit Admin; NV.
        assert ALWAYS.set_request(1, Copy.VOLATILE) == bytes.fromhex("01 82 84")
        assert ALWAYS.set_request(1, Copy.NON_VOLATILE) == bytes.fromhex("01 42 44")

    def test_set_request_of_a_part(self) -> None:
        # ipmi.md 5.4, command 40: 7:6 = 0 no change, for each byte.
        assert ALWAYS.set_request(1, Copy.VOLATILE, limit=False) == bytes.fromhex("01 82 04")
        assert ALWAYS.set_request(1, Copy.NON_VOLATILE, access=False) == bytes.fromhex("01 02 44")

    def test_get_request(self) -> None:
        # ipmi.md 8: 06/41 01 80 and 01 40.
        assert channel.get_access_request(1, Copy.VOLATILE) == bytes.fromhex("01 80")
        assert channel.get_access_request(1, Copy.NON_VOLATILE) == bytes.fromhex("01 40")


class TestAuthCapabilities:
    """Get Channel Authentication Capabilities."""

    BOTH = AuthCapabilities(
        channel=1,
        auth_types=frozenset({AuthType.MD2, AuthType.MD5, AuthType.PASSWORD}),
        kg_set=False,
        per_message_auth=True,
        user_level_auth=True,
        non_null_users=True,
        null_users=False,
        anonymous_login=False,
        ipmi_1_5=True,
        ipmi_2_0=True,
        oem_id=0,
        oem_data=0,
    )

    @pytest.mark.parametrize(
        ("wire", "capabilities"),
        [
            # ipmi.md 5.4, command 38.
            ("01 96 04 03 00 00 00 00", BOTH),
            ("01 96 04 03 00 00 00 00 99", BOTH),
            (
                "01 80 3B 02 57 01 00 07",
                replace(
                    BOTH,
                    auth_types=frozenset(),
                    kg_set=True,
                    per_message_auth=False,
                    user_level_auth=False,
                    non_null_users=False,
                    null_users=True,
                    anonymous_login=True,
                    ipmi_1_5=False,
                    oem_id=343,
                    oem_data=7,
                ),
            ),
            # Without 2.0 data the bits about 2.0 are reserved.
            ("01 16 24 02 00 00 00 00", replace(BOTH, ipmi_2_0=False)),
        ],
    )
    def test_from_wire(self, wire: str, capabilities: AuthCapabilities) -> None:
        assert AuthCapabilities.from_wire(bytes.fromhex(wire)) == capabilities

    @pytest.mark.parametrize("size", range(8))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="authentication capabilities"):
            AuthCapabilities.from_wire(bytes(size))

    @pytest.mark.parametrize(
        ("field", "byte", "bit", "inverted"),
        [
            # ipmi.md 5.4, command 38.
            ("kg_set", 2, 5, False),
            ("per_message_auth", 2, 4, True),
            ("user_level_auth", 2, 3, True),
            ("non_null_users", 2, 2, False),
            ("null_users", 2, 1, False),
            ("anonymous_login", 2, 0, False),
            ("ipmi_2_0", 3, 1, False),
            ("ipmi_1_5", 3, 0, False),
        ],
    )
    def test_each_bit(self, field: str, byte: int, bit: int, inverted: bool) -> None:
        answer = bytearray.fromhex("01 80 00 00 00 00 00 00")
        assert getattr(AuthCapabilities.from_wire(bytes(answer)), field) is inverted
        answer[byte] = 1 << bit
        assert getattr(AuthCapabilities.from_wire(bytes(answer)), field) is not inverted

    @given(st.binary(min_size=8, max_size=10))
    def test_every_answer_can_be_read(self, answer: bytes) -> None:
        capabilities = AuthCapabilities.from_wire(answer)
        assert capabilities.ipmi_1_5 or answer[1] & 0x80
        assert capabilities.ipmi_2_0 is (answer[1] & 0x80 != 0 and answer[3] & 0x02 != 0)

    def test_request(self) -> None:
        assert channel.auth_capabilities_request(0x0E, Privilege.ADMINISTRATOR) == bytes.fromhex("8E 04")
        assert channel.auth_capabilities_request(1, Privilege.USER, extended=False) == bytes.fromhex("01 02")


def standard(
    suite_id: int,
    authentication: AuthAlgorithm,
    integrity: IntegrityAlgorithm | None,
    confidentiality: ConfidentialityAlgorithm | None,
) -> CipherSuiteRecord:
    """A suite of the specification; None: the BMC does not name the algorithm."""
    return CipherSuiteRecord(
        suite_id,
        None,
        (authentication,),
        () if integrity is None else (integrity,),
        () if confidentiality is None else (confidentiality,),
    )


class TestCipherSuites:
    """Get Channel Cipher Suites."""

    # ipmi.md 5.1, cipher suites 0, 3 and 17.
    NONE = standard(0, AuthAlgorithm.NONE, IntegrityAlgorithm.NONE, ConfidentialityAlgorithm.NONE)
    THREE = standard(
        3, AuthAlgorithm.HMAC_SHA1, IntegrityAlgorithm.HMAC_SHA1_96, ConfidentialityAlgorithm.AES_CBC_128
    )
    SEVENTEEN = standard(
        17, AuthAlgorithm.HMAC_SHA256, IntegrityAlgorithm.HMAC_SHA256_128, ConfidentialityAlgorithm.AES_CBC_128
    )

    def test_two_pages(self) -> None:
        # ipmi.md 8: page 0 ends within a record.
        pages = ["01 C0 00 00 40 80 C0 01 01 40 80 C0 02 01 41 80 C0", "01 03 01 41 81 C0 11 03 44 81"]
        data = b"".join(channel.cipher_suites_page(bytes.fromhex(page)) for page in pages)
        one = standard(1, AuthAlgorithm.HMAC_SHA1, IntegrityAlgorithm.NONE, ConfidentialityAlgorithm.NONE)
        two = standard(2, AuthAlgorithm.HMAC_SHA1, IntegrityAlgorithm.HMAC_SHA1_96, ConfidentialityAlgorithm.NONE)
        assert channel.cipher_suites(data) == (self.NONE, one, two, self.THREE, self.SEVENTEEN)

    def test_request(self) -> None:
        # ipmi.md 8: 06/54 01 00 80.
        assert channel.cipher_suites_request(1, 0) == bytes.fromhex("01 00 80")
        assert channel.cipher_suites_request(0x0E, 63, payload_type=1, by_suite=False) == bytes.fromhex("0E 01 3F")

    def test_a_suite_of_a_maker(self) -> None:
        # ipmi.md 5.4: C1 id iana3 alg; its ID may look like a start.
        data = bytes.fromhex("C1 C0 57 01 00 03 30 44 41 81 C0 00 00 40 80")
        oem = CipherSuiteRecord(
            0xC0,
            343,
            (AuthAlgorithm.HMAC_SHA256, 0x30),
            (IntegrityAlgorithm.HMAC_SHA256_128, IntegrityAlgorithm.HMAC_SHA1_96),
            (ConfidentialityAlgorithm.AES_CBC_128,),
        )
        assert channel.cipher_suites(data) == (oem, self.NONE)

    def test_no_suites(self) -> None:
        assert channel.cipher_suites(channel.cipher_suites_page(b"\x01")) == ()

    def test_algorithms_may_be_left_out(self) -> None:
        assert channel.cipher_suites(bytes.fromhex("C0 01 01")) == (
            standard(1, AuthAlgorithm.HMAC_SHA1, None, None),
        )

    @pytest.mark.parametrize("wire", ["C0", "C1 80 57 01", "01 40 80", "C0 03 01 41 81 C2 01", "C0 03 01 41 81 C0"])
    def test_what_is_no_list_of_records(self, wire: str) -> None:
        with pytest.raises(MalformedData, match="cipher suite record"):
            channel.cipher_suites(bytes.fromhex(wire))

    def test_an_empty_answer_is_malformed(self) -> None:
        with pytest.raises(MalformedData, match="cipher suites"):
            channel.cipher_suites_page(b"")

    def test_an_over_long_page_is_cut(self) -> None:
        assert channel.cipher_suites_page(bytes(20)) == bytes(16)

    @given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 63), st.integers(0, 63), st.integers(0, 63))))
    def test_round_trip(self, suites: list[tuple[int, int, int, int]]) -> None:
        data = b"".join(
            bytes([0xC0, suite, auth, 0x40 | integrity, 0x80 | conf]) for suite, auth, integrity, conf in suites
        )
        assert [
            (record.suite_id, record.authentication[0], record.integrity[0], record.confidentiality[0])
            for record in channel.cipher_suites(data)
        ] == suites

    @given(st.lists(st.sampled_from([0xC0, 0xC1, 0x01, 0x03, 0x41, 0x81]), max_size=20).map(bytes))
    def test_any_bytes_are_records_or_malformed(self, data: bytes) -> None:
        try:
            records = channel.cipher_suites(data)
        except MalformedData:
            event("malformed")
            return
        algorithms = sum(len(record.authentication + record.integrity + record.confidentiality) for record in records)
        assert sum(2 if record.oem_iana is None else 5 for record in records) + algorithms == len(data)


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        # ipmi.md 5.1 (cipher suites) and 5.4.
        (AuthAlgorithm, {"NONE": 0, "HMAC_SHA1": 1, "HMAC_MD5": 2, "HMAC_SHA256": 3}),
        (
            IntegrityAlgorithm,
            {"NONE": 0, "HMAC_SHA1_96": 1, "HMAC_MD5_128": 2, "MD5_128": 3, "HMAC_SHA256_128": 4},
        ),
        (ConfidentialityAlgorithm, {"NONE": 0, "AES_CBC_128": 1, "XRC4_128": 2, "XRC4_40": 3}),
        (AccessMode, {"DISABLED": 0, "PRE_BOOT": 1, "ALWAYS": 2, "SHARED": 3}),
        (SessionSupport, {"NONE": 0, "SINGLE": 1, "MULTI": 2, "BY_COMMAND": 3}),
        (Copy, {"NON_VOLATILE": 1, "VOLATILE": 2}),
    ],
)
def test_numbers_of_enumerations(kind: type[IntEnum], numbers: dict[str, int]) -> None:
    assert {member.name: int(member) for member in kind} == numbers


@pytest.mark.parametrize(
    "make",
    [
        lambda: channel.get_info_request(16),
        lambda: channel.get_info_request(-1),
        lambda: channel.get_access_request(-1, Copy.VOLATILE),
        lambda: ALWAYS.set_request(16, Copy.VOLATILE),
        lambda: channel.auth_capabilities_request(16, Privilege.USER),
        lambda: channel.cipher_suites_request(16, 0),
        lambda: channel.cipher_suites_request(1, 64),
        lambda: channel.cipher_suites_request(1, 0, payload_type=64),
        lambda: replace(ALWAYS, access_mode=8),
        lambda: replace(ALWAYS, privilege_limit=16),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()

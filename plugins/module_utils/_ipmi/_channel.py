# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Channels: information, access, authentication capabilities and cipher suites (IPMI 2.0, 22.13 to 22.24).

`from_wire` takes an answer's data, ignores what a BMC appends and raises MalformedData
for too few bytes. Channels are 0 to 15, 0Eh the one in use; ValueError otherwise.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import (
    AuthType,
    ChannelMedium,
    Privilege,
    auth_types,
    known,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, in_range, require, u24

#: Stands for the channel that carries the request.
PRESENT_CHANNEL: t.Final = 0x0E


def _channel(channel: int) -> int:
    in_range(channel, 0, 15, "the channel")
    return channel


class ChannelProtocol(IntEnum):
    """Channel protocol types (table 6-2). 1Ch to 1Fh are the maker's own."""

    IPMB = 1  #: also of LAN channels
    ICMB = 2
    SMBUS = 4
    KCS = 5
    SMIC = 6
    BT_10 = 7
    BT_15 = 8
    TERMINAL_MODE = 9


class SessionSupport(IntEnum):
    """Whether a channel has sessions."""

    NONE = 0
    SINGLE = 1
    MULTI = 2
    BY_COMMAND = 3  #: as the serial configuration's mode says


@dataclass(frozen=True)
class ChannelInfo:
    """What a channel is (22.24, Get Channel Info).

    Nine bytes: channel 3:0; medium 6:0; protocol 4:0; session support 7:6, active sessions 5:0;
    vendor ID, three bytes, the low one first; two bytes for the vendor, which are ignored.
    """

    channel: int  #: the number itself where 0Eh was asked for
    medium: ChannelMedium | int
    protocol: ChannelProtocol | int
    session_support: SessionSupport
    active_sessions: int  #: 0 to 63
    vendor_id: int  #: IANA enterprise number of who defined the protocol; 7154 is IPMI itself

    @classmethod
    def from_wire(cls, answer: bytes) -> ChannelInfo:
        """Read the answer."""
        require(answer, 7, "channel info")
        return cls(
            channel=answer[0] & 0x0F,
            medium=known(ChannelMedium, answer[1] & 0x7F),
            protocol=known(ChannelProtocol, answer[2] & 0x1F),
            session_support=SessionSupport(answer[3] >> 6),
            active_sessions=answer[3] & 0x3F,
            vendor_id=u24(answer, 4),
        )

    @property
    def is_lan(self) -> bool:
        """Whether the LAN configuration parameters belong to it."""
        return self.medium in (ChannelMedium.LAN, ChannelMedium.OTHER_LAN)


def get_info_request(channel: int) -> bytes:
    """Data of Get Channel Info (22.24)."""
    return bytes([_channel(channel)])


class AccessMode(IntEnum):
    """When a channel can be used (table 6-4)."""

    DISABLED = 0
    PRE_BOOT = 1  #: only before the operating system starts
    ALWAYS = 2
    SHARED = 3  #: serial channels: shared with the host


class Copy(IntEnum):
    """Which of the two copies of the channel access: the one in use, or the one loaded at start."""

    NON_VOLATILE = 1
    VOLATILE = 2


@dataclass(frozen=True)
class ChannelAccess:
    """One copy of a channel's access (22.22 and 22.23, Set and Get Channel Access).

    Two bytes: PEF alerting OFF 5, per-message authentication OFF 4, user level authentication
    OFF 3, mode 2:0; privilege limit 3:0. The fields here say ON.
    """

    access_mode: AccessMode | int  #: 0 to 7
    pef_alerting: bool
    per_message_auth: bool  #: IPMI 1.5: every message is authenticated, not only the login
    user_level_auth: bool  #: IPMI 1.5: commands of privilege user are authenticated
    privilege_limit: Privilege | int  #: 0 to 15

    def __post_init__(self) -> None:
        in_range(self.access_mode, 0, 7, "the access mode")
        in_range(self.privilege_limit, 0, 15, "the privilege limit")

    @classmethod
    def from_wire(cls, answer: bytes) -> ChannelAccess:
        """Read the two bytes."""
        require(answer, 2, "channel access")
        return cls(
            access_mode=known(AccessMode, answer[0] & 0x07),
            pef_alerting=not answer[0] & 0x20,
            per_message_auth=not answer[0] & 0x10,
            user_level_auth=not answer[0] & 0x08,
            privilege_limit=known(Privilege, answer[1] & 0x0F),
        )

    def to_wire(self) -> bytes:
        """The two bytes, as Get Channel Access answers them."""
        off = (not self.pef_alerting) << 5 | (not self.per_message_auth) << 4 | (not self.user_level_auth) << 3
        return bytes([off | self.access_mode, self.privilege_limit])

    def set_request(self, channel: int, copy: Copy, *, access: bool = True, limit: bool = True) -> bytes:
        """Data of Set Channel Access (22.22) for one copy.

        `access`: write mode and flags. `limit`: write the privilege limit. What is not
        written is sent all the same, and marked "do not change".
        """
        flags, privilege = self.to_wire()
        return bytes([_channel(channel), (copy << 6 if access else 0) | flags, (copy << 6 if limit else 0) | privilege])


def get_access_request(channel: int, copy: Copy) -> bytes:
    """Data of Get Channel Access (22.23)."""
    return bytes([_channel(channel), copy << 6])


@dataclass(frozen=True)
class AuthCapabilities:
    """How sessions are opened on a channel (22.13, Get Channel Authentication Capabilities).

    Eight bytes: channel 3:0; 2.0 data present 7, types 5:0; Kg set 5, per-message authentication
    OFF 4, user level authentication OFF 3, non-null users 2, null users 1, anonymous login 0;
    IPMI 2.0 1, IPMI 1.5 0; OEM ID, three bytes, the low one first; OEM data. The fields here say ON.
    """

    channel: int
    auth_types: frozenset[AuthType]  #: of IPMI 1.5 at the privilege asked for
    kg_set: bool  #: a BMC key Kg other than zeros; only 2.0
    per_message_auth: bool
    user_level_auth: bool
    non_null_users: bool  #: users with a name are enabled
    null_users: bool  #: a user without a name and with a password is enabled
    anonymous_login: bool  #: a user without a name and a password is enabled
    ipmi_1_5: bool
    ipmi_2_0: bool
    oem_id: int  #: IANA enterprise number; 0 where the channel has no OEM authentication
    oem_data: int  #: 0 to 255

    @classmethod
    def from_wire(cls, answer: bytes) -> AuthCapabilities:
        """Read the eight bytes. Without 2.0 data the channel has IPMI 1.5 alone."""
        require(answer, 8, "channel authentication capabilities")
        extended = bool(answer[1] & 0x80)
        return cls(
            channel=answer[0] & 0x0F,
            auth_types=auth_types(answer[1] & 0x3F),
            kg_set=extended and bool(answer[2] & 0x20),
            per_message_auth=not answer[2] & 0x10,
            user_level_auth=not answer[2] & 0x08,
            non_null_users=bool(answer[2] & 0x04),
            null_users=bool(answer[2] & 0x02),
            anonymous_login=bool(answer[2] & 0x01),
            ipmi_1_5=bool(answer[3] & 0x01) or not extended,
            ipmi_2_0=extended and bool(answer[3] & 0x02),
            oem_id=u24(answer, 4),
            oem_data=answer[7],
        )


def auth_capabilities_request(channel: int, privilege: Privilege, *, extended: bool = True) -> bytes:
    """Data of Get Channel Authentication Capabilities (22.13).

    `extended` asks for the 2.0 data; a BMC that has only 1.5 may refuse that with CCh, and
    answers without.
    """
    return bytes([extended << 7 | _channel(channel), privilege])


class AuthAlgorithm(IntEnum):
    """RMCP+ authentication algorithms (13.28)."""

    NONE = 0
    HMAC_SHA1 = 1
    HMAC_MD5 = 2
    HMAC_SHA256 = 3


class IntegrityAlgorithm(IntEnum):
    """RMCP+ integrity algorithms (13.28)."""

    NONE = 0
    HMAC_SHA1_96 = 1
    HMAC_MD5_128 = 2
    MD5_128 = 3
    HMAC_SHA256_128 = 4


class ConfidentialityAlgorithm(IntEnum):
    """RMCP+ confidentiality algorithms (13.28)."""

    NONE = 0
    AES_CBC_128 = 1
    XRC4_128 = 2
    XRC4_40 = 3


@dataclass(frozen=True)
class CipherSuiteRecord:
    """One cipher suite that a channel offers (22.15.1).

    C0h, ID; or C1h, ID, IANA number of three bytes, the low one first; then a byte for each
    algorithm: kind 7:6 (0 authentication, 1 integrity, 2 confidentiality), number 5:0.
    """

    suite_id: int  #: 0 to 255
    oem_iana: int | None  #: who defined the suite; None: the specification
    authentication: tuple[AuthAlgorithm | int, ...]
    integrity: tuple[IntegrityAlgorithm | int, ...]
    confidentiality: tuple[ConfidentialityAlgorithm | int, ...]


#: A page of Get Channel Cipher Suites holds so many bytes; the last one fewer.
CIPHER_SUITE_PAGE: t.Final = 16
#: There are so many pages at most, numbered from 0.
CIPHER_SUITE_PAGES: t.Final = 64


def cipher_suites_request(channel: int, page: int, *, payload_type: int = 0, by_suite: bool = True) -> bytes:
    """Data of Get Channel Cipher Suites (22.15).

    Page 0 to 63, payload type 0 IPMI, 1 SOL. `by_suite` lists suites, else single algorithms.
    """
    in_range(page, 0, CIPHER_SUITE_PAGES - 1, "the page")
    in_range(payload_type, 0, 0x3F, "the payload type")
    return bytes([_channel(channel), payload_type, by_suite << 7 | page])


def cipher_suites_page(answer: bytes) -> bytes:
    """The records' bytes in an answer of Get Channel Cipher Suites: all but the channel. Raises MalformedData.

    The pages are put together before `cipher_suites` reads them: a record may lie across
    two. A page of fewer than 16 bytes is the last.
    """
    require(answer, 1, "channel cipher suites")
    return answer[1 : 1 + CIPHER_SUITE_PAGE]


def cipher_suites(data: bytes) -> tuple[CipherSuiteRecord, ...]:
    """The suites of all pages together. Raises MalformedData if there is anything but whole records."""
    records, offset = [], 0
    while offset < len(data):
        record, offset = _cipher_suite(data, offset)
        records.append(record)
    return tuple(records)


def _cipher_suite(data: bytes, offset: int) -> tuple[CipherSuiteRecord, int]:
    heads = {0xC0: 2, 0xC1: 5}
    start = data[offset]
    if start not in heads:
        raise MalformedData("cipher suite record", data, f"starts with {start:02X}h at offset {offset}")
    end = offset + heads[start]
    require(data, end, "cipher suite record")
    suite_id = data[offset + 1]
    oem_iana = u24(data, offset + 2) if start == 0xC1 else None
    algorithms: tuple[list[int], list[int], list[int]] = ([], [], [])
    while end < len(data) and data[end] < 0xC0:
        algorithms[data[end] >> 6].append(data[end] & 0x3F)
        end += 1
    record = CipherSuiteRecord(
        suite_id=suite_id,
        oem_iana=oem_iana,
        authentication=tuple(known(AuthAlgorithm, number) for number in algorithms[0]),
        integrity=tuple(known(IntegrityAlgorithm, number) for number in algorithms[1]),
        confidentiality=tuple(known(ConfidentialityAlgorithm, number) for number in algorithms[2]),
    )
    return record, end

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LAN configuration parameters."""

from __future__ import annotations

import typing as t
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _lan as lan
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _parameters as parameters
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

GATEWAY_V6 = IPv6Address("2001:db8::1")
ALL_BUT_OEM = frozenset({AuthType.NONE, AuthType.MD2, AuthType.MD5, AuthType.PASSWORD})
MD5 = frozenset({AuthType.MD5})

# ipmi.md 5.2, by parameter; those marked "8" are golden transcripts of section 8.
BYTES: list[tuple[t.Any, str]] = [
    (lan.AuthTypeSupport(ALL_BUT_OEM), "17"),  # 1
    (lan.AuthTypeEnables(MD5, ALL_BUT_OEM, MD5, frozenset(), frozenset({AuthType.OEM})), "04 17 04 00 20"),  # 2
    (lan.IpAddress(IPv4Address("10.1.2.3")), "0A 01 02 03"),  # 3; 8
    (lan.IpSource(lan.AddressSource.STATIC), "01"),  # 4; 8: 01 04 01
    (lan.IpSource(lan.AddressSource.DHCP), "02"),
    (lan.IpSource(lan.AddressSource.BIOS), "03"),
    (lan.IpSource(9), "09"),
    (lan.MacAddress("52:54:00:ab:cd:ef"), "52 54 00 AB CD EF"),  # 5
    (lan.SubnetMask(IPv4Address("255.255.255.0")), "FF FF FF 00"),  # 6
    (lan.Ipv4Header(64, 2, 5, 8), "40 40 B0"),  # 7
    (lan.RmcpPort(0x26F), "6F 02"),  # 8
    (lan.RmcpPort(0x298), "98 02"),  # 9
    (lan.ArpControl(responses=True, gratuitous=False), "02"),  # 10
    (lan.ArpControl(responses=False, gratuitous=True), "01"),
    (lan.GratuitousArpInterval(500), "00"),  # 11
    (lan.GratuitousArpInterval(2000), "03"),
    (lan.GratuitousArpInterval(128000), "FF"),
    (lan.Community("public"), "70 75 62 6C 69 63" + "00" * 12),  # 16; 8
    (lan.DestinationCount(4), "04"),  # 17
    (lan.DestinationType(1, True, lan.DestinationKind.PET, 5, 3), "01 80 04 03"),  # 18
    (lan.DestinationType(2, False, lan.DestinationKind.OEM2, 1, 0), "02 07 00 00"),
    (
        lan.DestinationAddress(1, IPv4Address("10.1.2.9"), True, "02:00:00:00:00:01"),  # 19
        "01 00 01 0A 01 02 09 02 00 00 00 00 01",
    ),
    (lan.DestinationAddress(3, GATEWAY_V6), "03 10 20 01 0D B8" + "00" * 11 + "01"),
    (lan.Vlan(100, True), "64 80"),  # 20; 8
    (lan.Vlan(100, False), "64 00"),  # 8
    (lan.Vlan(0, False), "00 00"),
    (lan.Vlan(4094, True), "FE 8F"),
    (lan.VlanPriority(5), "05"),  # 21; 8
    (lan.CipherSuiteCount(15), "0F"),  # 22
    (lan.CipherSuitePrivileges((4, 2) + (4,) * 14), "00 24 44 44 44 44 44 44 44"),  # 24; 8
    (lan.CipherSuitePrivileges((4, 4) + (0,) * 14), "00 44 00 00 00 00 00 00 00"),  # 8
    (lan.BadPassword(True, 3, 60, 300), "01 03 06 00 1E 00"),  # 26; 8
    (lan.BadPassword(False, 0, 0, 655350), "00 00 00 00 FF FF"),
    (lan.Ipv6Support(ipv6_only=True, dual_stack=False, ipv6_alerts=True), "05"),  # 50
    (lan.Ipv6Enables(lan.AddressingMode.BOTH), "02"),  # 51
    (lan.Ipv6Enables(lan.AddressingMode.IPV6), "01"),
    (lan.Ipv6Enables(lan.AddressingMode.IPV4), "00"),
    (lan.Ipv6Enables(7), "07"),
    (lan.Ipv6HopLimit(64), "40"),  # 53
    (lan.Ipv6Status(2, 16, dhcpv6=True, slaac=False), "02 10 01"),  # 55
    (lan.Ipv6StaticAddress(1, True, GATEWAY_V6, 64), "01 80 20 01 0D B8" + "00" * 11 + "01 40 00"),  # 56
    (lan.Ipv6StaticAddress(1, False, GATEWAY_V6, 64, source=lan.Ipv6Source.DHCPV6), "01 02 20 01 0D B8" + "00" * 11 + "01 40 00"),
    (
        lan.Ipv6DynamicAddress(0, lan.Ipv6Source.DHCPV6, GATEWAY_V6, 128, lan.AddressState.PENDING),  # 59
        "00 02 20 01 0D B8" + "00" * 11 + "01 80 02",
    ),
    (lan.Ipv6RouterControl(static=True, dynamic=False), "01"),  # 64
    (lan.Ipv6RouterControl(static=False, dynamic=True), "02"),
    (lan.Ipv6Address(GATEWAY_V6), "20 01 0D B8" + "00" * 11 + "01"),  # 65
    (lan.Ipv6PrefixLength(64), "40"),  # 67
]


@pytest.mark.parametrize(("record", "wire"), BYTES, ids=repr)
def test_bytes(record: t.Any, wire: str) -> None:
    data = bytes.fromhex(wire)
    assert record.to_wire() == data
    assert type(record).from_wire(data) == record


@pytest.mark.parametrize(("record", "wire"), BYTES, ids=repr)
def test_what_a_bmc_appends_is_ignored(record: t.Any, wire: str) -> None:
    assert type(record).from_wire(bytes.fromhex(wire) + b"\xff\x00\xa5") == record


# ipmi.md 5.2: the length of each parameter.
SIZES: list[tuple[type[t.Any], int]] = [
    (lan.AuthTypeSupport, 1),
    (lan.AuthTypeEnables, 5),
    (lan.IpAddress, 4),
    (lan.IpSource, 1),
    (lan.MacAddress, 6),
    (lan.SubnetMask, 4),
    (lan.Ipv4Header, 3),
    (lan.RmcpPort, 2),
    (lan.ArpControl, 1),
    (lan.GratuitousArpInterval, 1),
    (lan.DestinationCount, 1),
    (lan.DestinationType, 4),
    (lan.DestinationAddress, 13),
    (lan.Vlan, 2),
    (lan.VlanPriority, 1),
    (lan.CipherSuiteCount, 1),
    (lan.CipherSuiteEntries, 1),
    (lan.CipherSuitePrivileges, 2),
    (lan.BadPassword, 6),
    (lan.Ipv6Support, 1),
    (lan.Ipv6Enables, 1),
    (lan.Ipv6HopLimit, 1),
    (lan.Ipv6Status, 3),
    (lan.Ipv6StaticAddress, 20),
    (lan.Ipv6DynamicAddress, 20),
    (lan.Ipv6RouterControl, 1),
    (lan.Ipv6Address, 16),
    (lan.Ipv6PrefixLength, 1),
]
#: The community string ends where the answer ends, so none is too short.
WITHOUT_SIZE = {"Community"}


@pytest.mark.parametrize(("codec", "size"), SIZES)
def test_short_answers_are_malformed(codec: type[t.Any], size: int) -> None:
    assert isinstance(codec.from_wire(bytes(size)), codec)
    for short in range(size):
        with pytest.raises(MalformedData):
            codec.from_wire(bytes(short))


def test_the_tables_here_know_every_record() -> None:
    records = {name for name, value in vars(lan).items() if hasattr(value, "from_wire")}
    assert {codec.__name__ for codec, _unused in SIZES} | WITHOUT_SIZE == records
    assert {type(record).__name__ for record, _unused in BYTES} | {"CipherSuiteEntries"} == records


# Every answer of the right length is read, and what is read is written back as far as it has meaning.
@pytest.mark.parametrize(("codec", "size"), SIZES)
@given(data=st.data())
def test_every_answer_can_be_read(codec: type[t.Any], size: int, data: st.DataObject) -> None:
    answer = data.draw(st.binary(min_size=size, max_size=size + 3))
    if codec is lan.DestinationAddress:
        answer = bytes([answer[0], answer[1] & 0x0F]) + answer[2:]
    record = codec.from_wire(answer)
    if codec is lan.Ipv6StaticAddress:
        if record.prefix_length > 128:
            with pytest.raises(ValueError, match="prefix length"):
                record.to_wire()
            return
        answer = answer[:19] + b"\0"
        record = codec.from_wire(answer)
    assert codec.from_wire(record.to_wire()) == record


def test_parameter_numbers() -> None:
    # ipmi.md 5.2: 0 to 26 and 50 to 80.
    assert {int(parameter) for parameter in LanParameter} == {*range(27), *range(50, 81)}
    assert LanParameter(16) is LanParameter.COMMUNITY
    assert LanParameter(20) is LanParameter.VLAN_ID
    assert LanParameter(26) is LanParameter.BAD_PASSWORD
    assert LanParameter(56) is LanParameter.IPV6_STATIC_ADDRESS
    assert LanParameter(64) is LanParameter.IPV6_ROUTER_CONTROL
    assert LanParameter(72) is LanParameter.IPV6_STATIC_ROUTER_2_PREFIX


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        # ipmi.md 5.2, parameters 4, 51, 56 and 59, in the order of their numbers from 0.
        (lan.AddressSource, ["UNSPECIFIED", "STATIC", "DHCP", "BIOS", "OTHER"]),
        (lan.AddressingMode, ["IPV4", "IPV6", "BOTH"]),
        (lan.Ipv6Source, ["STATIC", "SLAAC", "DHCPV6"]),
        (lan.AddressState, ["ACTIVE", "DISABLED", "PENDING", "FAILED", "DEPRECATED", "INVALID"]),
    ],
)
def test_numbers_of_enumerations(kind: type[IntEnum], names: list[str]) -> None:
    assert {member.name: int(member) for member in kind} == {name: number for number, name in enumerate(names)}


@pytest.mark.parametrize(
    ("parameter", "record", "wire"),
    [
        # ipmi.md 8.
        (LanParameter.VLAN_ID, lan.Vlan(100, True), "01 14 64 80"),
        (LanParameter.VLAN_ID, lan.Vlan(100, False), "01 14 64 00"),
        (LanParameter.VLAN_PRIORITY, lan.VlanPriority(5), "01 15 05"),
        (LanParameter.IP_SOURCE, lan.IpSource(lan.AddressSource.STATIC), "01 04 01"),
        (LanParameter.COMMUNITY, lan.Community("public"), "01 10 70 75 62 6C 69 63" + "00" * 12),
        (LanParameter.BAD_PASSWORD, lan.BadPassword(True, 3, 60, 300), "01 1A 01 03 06 00 1E 00"),
    ],
)
def test_whole_requests(parameter: LanParameter, record: t.Any, wire: str) -> None:
    assert parameters.set_request(1, parameter, record.to_wire()) == bytes.fromhex(wire)


def test_whole_answers() -> None:
    assert parameters.get_request(1, LanParameter.VLAN_ID) == bytes.fromhex("01 14 00 00")
    assert lan.Vlan.from_wire(parameters.payload(bytes.fromhex("11 64 80"))) == lan.Vlan(100, True)


class TestSubnetMask:
    """A mask from what people type."""

    @pytest.mark.parametrize(
        ("text", "mask", "prefix"),
        [
            ("255.255.255.0", "255.255.255.0", 24),
            ("24", "255.255.255.0", 24),
            (24, "255.255.255.0", 24),
            ("/24", "255.255.255.0", 24),
            (" /23 ", "255.255.254.0", 23),
            (0, "0.0.0.0", 0),
            ("32", "255.255.255.255", 32),
            ("255.255.255.252", "255.255.255.252", 30),
        ],
    )
    def test_parse(self, text: str | int, mask: str, prefix: int) -> None:
        parsed = lan.SubnetMask.parse(text)
        assert str(parsed.mask) == mask
        assert parsed.prefix == prefix

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("255.0.255.0", "ones must all come before"),
            ("0.0.0.255", "ones must all come before"),
            ("33", "neither"),
            (-1, "neither"),
            ("//24", "neither"),
            ("/255.255.255.0", "neither"),
            ("255.255.255", "neither"),
            ("", "neither"),
            (True, "neither"),
            ("²", "neither"),
        ],
    )
    def test_what_is_no_mask(self, text: str | int, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            lan.SubnetMask.parse(text)

    def test_a_bmc_may_hold_a_mask_with_holes(self) -> None:
        assert lan.SubnetMask.from_wire(bytes.fromhex("FF 00 FF 00")).prefix is None

    @given(st.integers(0, 32))
    def test_every_prefix(self, prefix: int) -> None:
        mask = lan.SubnetMask.parse(prefix)
        assert mask.prefix == prefix
        assert lan.SubnetMask.parse(str(mask.mask)) == mask


class TestCommunity:
    """The one secret among the LAN parameters."""

    @pytest.mark.parametrize("text", ["x" * 19, "a\0b", "π"])
    def test_what_does_not_fit(self, text: str) -> None:
        with pytest.raises(ValueError, match="the text") as caught:
            lan.Community(text)
        assert text not in str(caught.value)

    def test_it_is_not_shown(self) -> None:
        assert "s3cret" not in repr(lan.Community("s3cret"))

    @pytest.mark.parametrize(
        ("wire", "text"), [("", ""), ("70 75 62", "pub"), ("70 00 75" + "00" * 15, "p"), ("61" * 20, "a" * 18)]
    )
    def test_from_wire(self, wire: str, text: str) -> None:
        assert lan.Community.from_wire(bytes.fromhex(wire)).text == text

    @given(st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=18))
    def test_round_trip(self, text: str) -> None:
        wire = lan.Community(text).to_wire()
        assert len(wire) == 18
        assert lan.Community.from_wire(wire).text == text


class TestCipherSuites:
    """Entries and their privileges."""

    def test_entries_are_filled_up_with_zeros(self) -> None:
        # ipmi.md 5.2 parameter 23, and 7: fifteen entries 1 to 16 behind a reserved byte.
        entries = lan.CipherSuiteEntries.from_wire(bytes.fromhex("00 00 03 11") + bytes(13))
        assert len(entries.suites) == 16
        assert entries.first(3) == (0, 3, 17)

    def test_entries_round_trip(self) -> None:
        entries = lan.CipherSuiteEntries((1, 2, 3, 17))
        assert entries.to_wire() == bytes.fromhex("00 01 02 03 11")
        assert lan.CipherSuiteEntries.from_wire(entries.to_wire()) == entries

    def test_no_more_than_16_entries_count(self) -> None:
        assert lan.CipherSuiteEntries.from_wire(bytes(30)).suites == (0,) * 16

    def test_a_short_list_of_privileges_tells_nothing_of_the_rest(self) -> None:
        # ipmi.md 2.2, HP DL145.
        assert lan.CipherSuitePrivileges.from_wire(bytes.fromhex("00 24 43")).nibbles == (4, 2, 3, 4)

    def test_privileges_come_in_pairs_16_at_most(self) -> None:
        for size in (0, 15, 18):
            with pytest.raises(ValueError, match="number of cipher suite privileges"):
                lan.CipherSuitePrivileges((4,) * size)


def test_an_unknown_destination_format_is_malformed() -> None:
    with pytest.raises(MalformedData, match="unknown format 2"):
        lan.DestinationAddress.from_wire(bytes.fromhex("01 20") + bytes(20))


def test_an_ipv6_destination_is_longer() -> None:
    with pytest.raises(MalformedData, match="17 bytes instead of 18"):
        lan.DestinationAddress.from_wire(bytes.fromhex("01 10") + bytes(15))


def test_reserved_bits_are_dropped() -> None:
    assert lan.IpSource.from_wire(b"\xf2").value is lan.AddressSource.DHCP
    assert lan.VlanPriority.from_wire(b"\xfd").priority == 5
    assert lan.Vlan.from_wire(bytes.fromhex("64 F0")) == lan.Vlan(100, True)
    assert lan.AuthTypeSupport.from_wire(b"\xcc").types == {AuthType.MD5}


def test_the_state_of_an_ipv6_address_is_read_only() -> None:
    data = bytes.fromhex("00 80 20 01 0D B8" + "00" * 11 + "01 40 03")
    address = lan.Ipv6StaticAddress.from_wire(data)
    assert address.state is lan.AddressState.FAILED
    assert address.to_wire()[-1] == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: lan.IpSource(16),
        lambda: lan.MacAddress("52:54:00:AB:CD:EF"),
        lambda: lan.MacAddress("52-54-00-ab-cd-ef"),
        lambda: lan.MacAddress("52:54:00:ab:cd:ef\n"),
        lambda: lan.Ipv4Header(64, 8, 0, 0),
        lambda: lan.Ipv4Header(64, 0, 0, 16),
        lambda: lan.RmcpPort(65536),
        lambda: lan.GratuitousArpInterval(0),
        lambda: lan.GratuitousArpInterval(750),
        lambda: lan.GratuitousArpInterval(128500),
        lambda: lan.DestinationCount(16),
        lambda: lan.DestinationType(16, True, 0, 5, 3),
        lambda: lan.DestinationType(1, True, 8, 5, 3),
        lambda: lan.DestinationType(1, True, 0, 0, 3),
        lambda: lan.DestinationType(1, True, 0, 257, 3),
        lambda: lan.DestinationType(1, True, 0, 5, 8),
        lambda: lan.DestinationAddress(16, GATEWAY_V6),
        lambda: lan.DestinationAddress(1, IPv4Address("10.0.0.1"), mac="none"),
        lambda: lan.Vlan(4096, True),
        lambda: lan.VlanPriority(8),
        lambda: lan.CipherSuiteCount(32),
        lambda: lan.CipherSuiteEntries((0,) * 17),
        lambda: lan.CipherSuiteEntries((256,)),
        lambda: lan.CipherSuitePrivileges((16,) * 16),
        lambda: lan.BadPassword(True, 256, 0, 0),
        lambda: lan.BadPassword(True, 3, 65, 0),
        lambda: lan.BadPassword(True, 3, 0, 655360),
        lambda: lan.Ipv6Enables(256),
        lambda: lan.Ipv6HopLimit(256),
        lambda: lan.Ipv6Status(256, 0, True, True),
        lambda: lan.Ipv6StaticAddress(0, True, GATEWAY_V6, 129).to_wire(),
        lambda: lan.Ipv6StaticAddress(256, True, GATEWAY_V6, 64),
        lambda: lan.Ipv6PrefixLength(256),
        lambda: lan.AuthTypeSupport(frozenset({AuthType.RMCP_PLUS})).to_wire(),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|cannot"):
        make()

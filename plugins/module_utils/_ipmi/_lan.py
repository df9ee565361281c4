# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""LAN configuration parameters (IPMI 2.0, 23.1 and 23.2, table 23-4).

Each record is one parameter's data: what follows the revision byte in an answer, or
the parameter number in a request. `from_wire` ignores what a BMC appends and raises
MalformedData for too few bytes. Reserved bits are dropped and written as 0. Records
check their fields' ranges and raise ValueError. Addresses are in network byte order,
other numbers have the low byte first.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import (
    AuthType,
    auth_mask,
    auth_types,
    known,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import (
    MalformedData,
    in_range,
    padded,
    put_u16,
    require,
    u16,
    unpadded,
)

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class LanParameter(IntEnum):
    """Numbers of the LAN configuration parameters. 192 to 255 are the maker's own."""

    SET_IN_PROGRESS = 0
    AUTH_TYPE_SUPPORT = 1
    AUTH_TYPE_ENABLES = 2
    IP_ADDRESS = 3
    IP_SOURCE = 4
    MAC_ADDRESS = 5
    SUBNET_MASK = 6
    IPV4_HEADER = 7
    PRIMARY_RMCP_PORT = 8
    SECONDARY_RMCP_PORT = 9
    ARP_CONTROL = 10
    GRATUITOUS_ARP_INTERVAL = 11
    DEFAULT_GATEWAY = 12
    DEFAULT_GATEWAY_MAC = 13
    BACKUP_GATEWAY = 14
    BACKUP_GATEWAY_MAC = 15
    COMMUNITY = 16
    DESTINATION_COUNT = 17
    DESTINATION_TYPE = 18  #: set selector = destination
    DESTINATION_ADDRESS = 19  #: set selector = destination
    VLAN_ID = 20
    VLAN_PRIORITY = 21
    CIPHER_SUITE_COUNT = 22
    CIPHER_SUITE_ENTRIES = 23
    CIPHER_SUITE_PRIVILEGES = 24
    DESTINATION_VLAN_TAGS = 25  #: set selector = destination
    BAD_PASSWORD = 26
    IPV6_SUPPORT = 50
    IPV6_ENABLES = 51
    IPV6_TRAFFIC_CLASS = 52
    IPV6_HOP_LIMIT = 53
    IPV6_FLOW_LABEL = 54
    IPV6_STATUS = 55
    IPV6_STATIC_ADDRESS = 56  #: set selector = address
    IPV6_STATIC_DUID_STORAGE = 57
    IPV6_STATIC_DUIDS = 58
    IPV6_DYNAMIC_ADDRESS = 59  #: set selector = address
    IPV6_DYNAMIC_DUID_STORAGE = 60
    IPV6_DYNAMIC_DUIDS = 61
    IPV6_DHCP_TIMING_SUPPORT = 62
    IPV6_DHCP_TIMING = 63
    IPV6_ROUTER_CONTROL = 64
    IPV6_STATIC_ROUTER_1_ADDRESS = 65
    IPV6_STATIC_ROUTER_1_MAC = 66
    IPV6_STATIC_ROUTER_1_PREFIX_LENGTH = 67
    IPV6_STATIC_ROUTER_1_PREFIX = 68
    IPV6_STATIC_ROUTER_2_ADDRESS = 69
    IPV6_STATIC_ROUTER_2_MAC = 70
    IPV6_STATIC_ROUTER_2_PREFIX_LENGTH = 71
    IPV6_STATIC_ROUTER_2_PREFIX = 72
    IPV6_DYNAMIC_ROUTER_SETS = 73
    IPV6_DYNAMIC_ROUTER_ADDRESS = 74
    IPV6_DYNAMIC_ROUTER_MAC = 75
    IPV6_DYNAMIC_ROUTER_PREFIX_LENGTH = 76
    IPV6_DYNAMIC_ROUTER_PREFIX = 77
    IPV6_RECEIVED_HOP_LIMIT = 78
    IPV6_ND_TIMING_SUPPORT = 79
    IPV6_ND_TIMING = 80


@dataclass(frozen=True)
class AuthTypeSupport:
    """Parameter 1, authentication type support of IPMI 1.5 sessions. One byte, read only."""

    types: frozenset[AuthType]  #: without RMCP_PLUS, which has no bit

    @classmethod
    def from_wire(cls, data: bytes) -> AuthTypeSupport:
        """Read the byte."""
        require(data, 1, "authentication type support")
        return cls(auth_types(data[0]))

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([auth_mask(self.types)])


@dataclass(frozen=True)
class AuthTypeEnables:
    """Parameter 2, authentication type enables: what each privilege level of IPMI 1.5 accepts. Five bytes."""

    callback: frozenset[AuthType]
    user: frozenset[AuthType]
    operator: frozenset[AuthType]
    administrator: frozenset[AuthType]
    oem: frozenset[AuthType]

    @classmethod
    def from_wire(cls, data: bytes) -> AuthTypeEnables:
        """Read the five bytes."""
        require(data, 5, "authentication type enables")
        return cls(*map(auth_types, data[:5]))

    def to_wire(self) -> bytes:
        """The five bytes."""
        return bytes(map(auth_mask, (self.callback, self.user, self.operator, self.administrator, self.oem)))


@dataclass(frozen=True)
class IpAddress:
    """Parameters 3, 12, 14: an IPv4 address. Four bytes, network order."""

    address: ipaddress.IPv4Address

    @classmethod
    def from_wire(cls, data: bytes) -> IpAddress:
        """Read the four bytes."""
        require(data, 4, "IP address")
        return cls(ipaddress.IPv4Address(data[:4]))

    def to_wire(self) -> bytes:
        """The four bytes."""
        return self.address.packed


class AddressSource(IntEnum):
    """Where the IPv4 address comes from."""

    UNSPECIFIED = 0
    STATIC = 1
    DHCP = 2
    BIOS = 3  #: loaded by the BIOS or system software
    OTHER = 4  #: another protocol of the BMC


@dataclass(frozen=True)
class IpSource:
    """Parameter 4, IP address source. One byte, bits 3:0."""

    value: AddressSource | int

    def __post_init__(self) -> None:
        in_range(self.value, 0, 15, "the IP address source")

    @classmethod
    def from_wire(cls, data: bytes) -> IpSource:
        """Read the byte. A number that the specification lacks is kept."""
        require(data, 1, "IP address source")
        return cls(known(AddressSource, data[0] & 0x0F))

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.value])


@dataclass(frozen=True)
class MacAddress:
    """Parameters 5, 13, 15, 66, 70: a MAC address. Six bytes, in the order in which they are written."""

    address: str  #: "aa:bb:cc:dd:ee:ff", lower case

    def __post_init__(self) -> None:
        if not _MAC.fullmatch(self.address):
            raise ValueError("a MAC address must look like aa:bb:cc:dd:ee:ff, in lower case")

    @classmethod
    def from_wire(cls, data: bytes) -> MacAddress:
        """Read the six bytes."""
        require(data, 6, "MAC address")
        return cls(data[:6].hex(":"))

    def to_wire(self) -> bytes:
        """The six bytes."""
        return bytes.fromhex(self.address.replace(":", ""))


@dataclass(frozen=True)
class SubnetMask:
    """Parameter 6, subnet mask. Four bytes, network order.

    A BMC may hold a mask with holes, so reading accepts one; `parse` does not.
    """

    mask: ipaddress.IPv4Address

    @property
    def prefix(self) -> int | None:
        """The prefix length, 0 to 32; None if the mask has holes."""
        ones = bin(int(self.mask)).count("1")
        return ones if self.mask == _mask_of(ones) else None

    @classmethod
    def parse(cls, text: str | int) -> SubnetMask:
        """A mask from "255.255.255.0", "24", 24 or "/24". Raises ValueError, also for one with holes."""
        plain = str(text).strip()
        digits = plain[1:] if plain.startswith("/") else plain
        if digits.isascii() and digits.isdigit() and int(digits) <= 32:
            return cls(_mask_of(int(digits)))
        try:
            mask = cls(ipaddress.IPv4Address(plain))
        except ValueError:
            raise ValueError("is neither a netmask such as 255.255.255.0 nor a prefix length of 0 to 32") from None
        if mask.prefix is None:
            raise ValueError("is no netmask: its ones must all come before its zeros")
        return mask

    @classmethod
    def from_wire(cls, data: bytes) -> SubnetMask:
        """Read the four bytes."""
        require(data, 4, "subnet mask")
        return cls(ipaddress.IPv4Address(data[:4]))

    def to_wire(self) -> bytes:
        """The four bytes."""
        return self.mask.packed


def _mask_of(prefix: int) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address((0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF)


@dataclass(frozen=True)
class Ipv4Header:
    """Parameter 7, IPv4 header parameters. Three bytes: time to live; flags 7:5; precedence 7:5, type of service 4:1."""

    time_to_live: int  #: 0 to 255
    flags: int  #: 0 to 7; 2 is "don't fragment"
    precedence: int  #: 0 to 7
    type_of_service: int  #: 0 to 15

    def __post_init__(self) -> None:
        in_range(self.time_to_live, 0, 255, "the time to live")
        in_range(self.flags, 0, 7, "the IPv4 flags")
        in_range(self.precedence, 0, 7, "the precedence")
        in_range(self.type_of_service, 0, 15, "the type of service")

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv4Header:
        """Read the three bytes."""
        require(data, 3, "IPv4 header parameters")
        return cls(data[0], data[1] >> 5, data[2] >> 5, data[2] >> 1 & 0x0F)

    def to_wire(self) -> bytes:
        """The three bytes."""
        return bytes([self.time_to_live, self.flags << 5, self.precedence << 5 | self.type_of_service << 1])


@dataclass(frozen=True)
class RmcpPort:
    """Parameters 8 and 9, primary (26Fh) and secondary (298h) RMCP port. Two bytes, the low one first."""

    port: int  #: UDP, 0 to 65535

    def __post_init__(self) -> None:
        in_range(self.port, 0, 0xFFFF, "the port")

    @classmethod
    def from_wire(cls, data: bytes) -> RmcpPort:
        """Read the two bytes."""
        require(data, 2, "RMCP port")
        return cls(u16(data))

    def to_wire(self) -> bytes:
        """The two bytes."""
        return put_u16(self.port)


@dataclass(frozen=True)
class ArpControl:
    """Parameter 10, BMC-generated ARP control. One byte: bit 1 responses, bit 0 gratuitous."""

    responses: bool  #: the BMC answers ARP requests
    gratuitous: bool  #: the BMC announces its address by itself

    @classmethod
    def from_wire(cls, data: bytes) -> ArpControl:
        """Read the byte."""
        require(data, 1, "BMC-generated ARP control")
        return cls(responses=bool(data[0] & 0x02), gratuitous=bool(data[0] & 0x01))

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.responses << 1 | self.gratuitous])


@dataclass(frozen=True)
class GratuitousArpInterval:
    """Parameter 11, gratuitous ARP interval. One byte, in steps of 500 ms; 0 stands for 500 ms."""

    milliseconds: int  #: 500 to 128000 in steps of 500

    def __post_init__(self) -> None:
        in_range(self.milliseconds, 500, 128000, "the gratuitous ARP interval", step=500)

    @classmethod
    def from_wire(cls, data: bytes) -> GratuitousArpInterval:
        """Read the byte."""
        require(data, 1, "gratuitous ARP interval")
        return cls((data[0] + 1) * 500)

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.milliseconds // 500 - 1])


@dataclass(frozen=True)
class Community:
    """Parameter 16, SNMP community string. 18 bytes, filled up with NUL."""

    text: str  #: at most 18 characters of Latin-1, no NUL

    def __post_init__(self) -> None:
        padded(self.text, 18)

    def __repr__(self) -> str:
        # It is a secret: traps and SNMP v1 have no other.
        return "Community(...)"

    @classmethod
    def from_wire(cls, data: bytes) -> Community:
        """Read up to 18 bytes; fewer are taken as they are, since a NUL or the end closes the text."""
        return cls(unpadded(data[:18]))

    def to_wire(self) -> bytes:
        """The 18 bytes."""
        return padded(self.text, 18)


@dataclass(frozen=True)
class DestinationCount:
    """Parameter 17, number of alert destinations. One byte, bits 3:0, read only."""

    count: int  #: 0 to 15 non-volatile destinations, numbered from 1; destination 0 is volatile and always there

    def __post_init__(self) -> None:
        in_range(self.count, 0, 15, "the number of destinations")

    @classmethod
    def from_wire(cls, data: bytes) -> DestinationCount:
        """Read the byte."""
        require(data, 1, "number of destinations")
        return cls(data[0] & 0x0F)

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.count])


class DestinationKind(IntEnum):
    """What is sent to an alert destination."""

    PET = 0  #: Platform Event Trap, an SNMP v1 trap
    OEM1 = 6
    OEM2 = 7


@dataclass(frozen=True)
class DestinationType:
    """Parameter 18, destination type. Four bytes: selector 3:0; acknowledge 7, kind 2:0; interval; retries 2:0."""

    selector: int  #: destination, 0 to 15
    acknowledge: bool  #: the receiver has to acknowledge the alert
    kind: DestinationKind | int  #: 0 to 7
    #: Seconds to wait for the acknowledge, or between repetitions: 1 to 256; 0 on the wire stands for 1.
    interval_seconds: int
    retries: int  #: 0 to 7

    def __post_init__(self) -> None:
        in_range(self.selector, 0, 15, "the destination")
        in_range(self.kind, 0, 7, "the destination's kind")
        in_range(self.interval_seconds, 1, 256, "the interval")
        in_range(self.retries, 0, 7, "the number of retries")

    @classmethod
    def from_wire(cls, data: bytes) -> DestinationType:
        """Read the four bytes. A kind that the specification lacks is kept."""
        require(data, 4, "destination type")
        return cls(
            selector=data[0] & 0x0F,
            acknowledge=bool(data[1] & 0x80),
            kind=known(DestinationKind, data[1] & 0x07),
            interval_seconds=data[2] + 1,
            retries=data[3] & 0x07,
        )

    def to_wire(self) -> bytes:
        """The four bytes."""
        return bytes([self.selector, self.acknowledge << 7 | self.kind, self.interval_seconds - 1, self.retries])


@dataclass(frozen=True)
class DestinationAddress:
    """Parameter 19, destination address.

    IPv4, 13 bytes: selector 3:0; format 0 in 7:4; gateway 0 (0 default, 1 backup); address; MAC.
    IPv6, 18 bytes: selector 3:0; format 1 in 7:4; address. It has no gateway and no MAC.
    """

    selector: int  #: destination, 0 to 15
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    backup_gateway: bool = False  #: IPv4: sent through the backup gateway
    mac: str = "00:00:00:00:00:00"  #: IPv4: "aa:bb:cc:dd:ee:ff", lower case; zeros where the BMC asks by ARP

    def __post_init__(self) -> None:
        in_range(self.selector, 0, 15, "the destination")
        if not _MAC.fullmatch(self.mac):
            raise ValueError("a MAC address must look like aa:bb:cc:dd:ee:ff, in lower case")

    @classmethod
    def from_wire(cls, data: bytes) -> DestinationAddress:
        """Read the 13 or 18 bytes. Raises MalformedData for another format too."""
        require(data, 2, "destination address")
        selector, address_format = data[0] & 0x0F, data[1] >> 4
        if address_format == 0:
            require(data, 13, "IPv4 destination address")
            return cls(selector, ipaddress.IPv4Address(data[3:7]), bool(data[2] & 0x01), data[7:13].hex(":"))
        if address_format == 1:
            require(data, 18, "IPv6 destination address")
            return cls(selector, ipaddress.IPv6Address(data[2:18]))
        raise MalformedData("destination address", data, f"unknown format {address_format}")

    def to_wire(self) -> bytes:
        """The 13 or 18 bytes."""
        if isinstance(self.address, ipaddress.IPv6Address):
            return bytes([self.selector, 0x10]) + self.address.packed
        return bytes([self.selector, 0x00, self.backup_gateway]) + self.address.packed + MacAddress(self.mac).to_wire()


@dataclass(frozen=True)
class Vlan:
    """Parameter 20, 802.1q VLAN ID. Two bytes, the low one first: ID in bits 11:0, enable in bit 15."""

    vlan_id: int  #: 0 to 4095; 802.1q allows 1 to 4094. Kept by the BMC while switched off
    enabled: bool

    def __post_init__(self) -> None:
        in_range(self.vlan_id, 0, 0xFFF, "the VLAN ID")

    @classmethod
    def from_wire(cls, data: bytes) -> Vlan:
        """Read the two bytes."""
        require(data, 2, "VLAN ID")
        return cls(u16(data) & 0xFFF, enabled=bool(data[1] & 0x80))

    def to_wire(self) -> bytes:
        """The two bytes."""
        return put_u16(self.vlan_id | self.enabled << 15)


@dataclass(frozen=True)
class VlanPriority:
    """Parameter 21, 802.1q VLAN priority. One byte, bits 2:0."""

    priority: int  #: 0 to 7

    def __post_init__(self) -> None:
        in_range(self.priority, 0, 7, "the VLAN priority")

    @classmethod
    def from_wire(cls, data: bytes) -> VlanPriority:
        """Read the byte."""
        require(data, 1, "VLAN priority")
        return cls(data[0] & 0x07)

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.priority])


@dataclass(frozen=True)
class CipherSuiteCount:
    """Parameter 22, number of RMCP+ cipher suite entries. One byte, bits 4:0, read only."""

    count: int  #: entries of parameter 23 in use, 0 to 31; the specification allows 16

    def __post_init__(self) -> None:
        in_range(self.count, 0, 31, "the number of cipher suites")

    @classmethod
    def from_wire(cls, data: bytes) -> CipherSuiteCount:
        """Read the byte."""
        require(data, 1, "number of cipher suites")
        return cls(data[0] & 0x1F)

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.count])


@dataclass(frozen=True)
class CipherSuiteEntries:
    """Parameter 23, RMCP+ cipher suite entries. A reserved byte, then one suite ID a byte, at most 16. Read only.

    BMCs fill the list up with zeros, which is also a suite's ID: parameter 22 says how many count.
    """

    suites: tuple[int, ...]  #: IDs 0 to 255, in the BMC's order

    def __post_init__(self) -> None:
        in_range(len(self.suites), 0, 16, "the number of cipher suites")
        for suite in self.suites:
            in_range(suite, 0, 255, "a cipher suite ID")

    def first(self, count: int) -> tuple[int, ...]:
        """The IDs that count, by the number of parameter 22."""
        return self.suites[:count]

    @classmethod
    def from_wire(cls, data: bytes) -> CipherSuiteEntries:
        """Read the list, filling included."""
        require(data, 1, "cipher suite entries")
        return cls(tuple(data[1:17]))

    def to_wire(self) -> bytes:
        """The reserved byte and the IDs."""
        return bytes([0, *self.suites])


@dataclass(frozen=True)
class CipherSuitePrivileges:
    """Parameter 24, RMCP+ cipher suite privilege levels. A reserved byte, then 16 nibbles, the low one of a byte first.

    Which suite a nibble belongs to (its ID, or its place in parameter 23) differs between BMCs.
    """

    nibbles: tuple[int, ...]  #: 2 to 16 values: 0 unused, 1 to 5 the highest privilege of the suite, others reserved

    def __post_init__(self) -> None:
        in_range(len(self.nibbles), 2, 16, "the number of cipher suite privileges", step=2)
        for nibble in self.nibbles:
            in_range(nibble, 0, 15, "a cipher suite privilege")

    @classmethod
    def from_wire(cls, data: bytes) -> CipherSuitePrivileges:
        """Read the nibbles. Some BMCs return fewer than 16 (HP DL145): they do not tell the others."""
        require(data, 2, "cipher suite privileges")
        return cls(tuple(nibble for pair in data[1:9] for nibble in (pair & 0x0F, pair >> 4)))

    def to_wire(self) -> bytes:
        """The reserved byte and the nibbles that there are; a request has to have all 16."""
        low, high = self.nibbles[::2], self.nibbles[1::2]
        return bytes([0, *(low[at] | high[at] << 4 for at in range(len(low)))])


@dataclass(frozen=True)
class BadPassword:
    """Parameter 26, bad password threshold.

    Six bytes: event 0; threshold; reset interval and lockout interval, each two bytes, the
    low one first, in units of 10 s.
    """

    event: bool  #: a session audit event is logged when a user is locked out
    threshold: int  #: wrong passwords before lockout, 0 to 255; 0 is off
    reset_seconds: int  #: wrong passwords are forgotten after this; 0 never. 0 to 655350 in steps of 10
    lockout_seconds: int  #: the lockout ends after this; 0: an administrator ends it. 0 to 655350 in steps of 10

    def __post_init__(self) -> None:
        in_range(self.threshold, 0, 255, "the bad password threshold")
        in_range(self.reset_seconds, 0, 655350, "the reset interval", step=10)
        in_range(self.lockout_seconds, 0, 655350, "the lockout interval", step=10)

    @classmethod
    def from_wire(cls, data: bytes) -> BadPassword:
        """Read the six bytes."""
        require(data, 6, "bad password threshold")
        return cls(bool(data[0] & 0x01), data[1], u16(data, 2) * 10, u16(data, 4) * 10)

    def to_wire(self) -> bytes:
        """The six bytes."""
        intervals = put_u16(self.reset_seconds // 10) + put_u16(self.lockout_seconds // 10)
        return bytes([self.event, self.threshold]) + intervals


@dataclass(frozen=True)
class Ipv6Support:
    """Parameter 50, IPv6 and IPv4 support. One byte, read only."""

    ipv6_only: bool  #: bit 0: IPv4 can be switched off
    dual_stack: bool  #: bit 1: both at once are possible
    ipv6_alerts: bool  #: bit 2: alert destinations may have IPv6 addresses

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6Support:
        """Read the byte."""
        require(data, 1, "IPv6 and IPv4 support")
        return cls(bool(data[0] & 0x01), bool(data[0] & 0x02), bool(data[0] & 0x04))

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.ipv6_only | self.dual_stack << 1 | self.ipv6_alerts << 2])


class AddressingMode(IntEnum):
    """Which addresses a channel uses."""

    IPV4 = 0  #: IPv6 is off
    IPV6 = 1  #: IPv6 alone
    BOTH = 2


@dataclass(frozen=True)
class Ipv6Enables:
    """Parameter 51, IPv6 and IPv4 addressing enables. One byte."""

    mode: AddressingMode | int

    def __post_init__(self) -> None:
        in_range(self.mode, 0, 255, "the addressing mode")

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6Enables:
        """Read the byte. A number that the specification lacks is kept."""
        require(data, 1, "IPv6 and IPv4 addressing enables")
        return cls(known(AddressingMode, data[0]))

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.mode])


@dataclass(frozen=True)
class Ipv6HopLimit:
    """Parameter 53, IPv6 header static hop limit. One byte."""

    hops: int  #: 0 to 255

    def __post_init__(self) -> None:
        in_range(self.hops, 0, 255, "the hop limit")

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6HopLimit:
        """Read the byte."""
        require(data, 1, "IPv6 hop limit")
        return cls(data[0])

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.hops])


@dataclass(frozen=True)
class Ipv6Status:
    """Parameter 55, IPv6 status. Three bytes, read only."""

    max_static: int  #: static addresses of parameter 56, 0 to 255
    max_dynamic: int  #: dynamic addresses of parameter 59, 0 to 255
    dhcpv6: bool  #: bit 0: DHCPv6 is supported
    slaac: bool  #: bit 1: stateless address autoconfiguration is supported

    def __post_init__(self) -> None:
        in_range(self.max_static, 0, 255, "the number of static addresses")
        in_range(self.max_dynamic, 0, 255, "the number of dynamic addresses")

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6Status:
        """Read the three bytes."""
        require(data, 3, "IPv6 status")
        return cls(data[0], data[1], dhcpv6=bool(data[2] & 0x01), slaac=bool(data[2] & 0x02))

    def to_wire(self) -> bytes:
        """The three bytes."""
        return bytes([self.max_static, self.max_dynamic, self.dhcpv6 | self.slaac << 1])


class Ipv6Source(IntEnum):
    """Where an IPv6 address comes from."""

    STATIC = 0
    SLAAC = 1
    DHCPV6 = 2


class AddressState(IntEnum):
    """How far an IPv6 address has come."""

    ACTIVE = 0
    DISABLED = 1
    PENDING = 2
    FAILED = 3  #: a duplicate was found
    DEPRECATED = 4
    INVALID = 5


@dataclass(frozen=True)
class Ipv6StaticAddress:
    """Parameter 56, an IPv6 static address. 20 bytes: selector; enable 7, source 3:0; address; prefix length; state."""

    selector: int  #: 0 to 255, below `Ipv6Status.max_static`
    enabled: bool
    address: ipaddress.IPv6Address
    prefix_length: int  #: 0 to 128
    source: Ipv6Source | int = Ipv6Source.STATIC  #: 0 to 15
    state: AddressState | int = AddressState.ACTIVE  #: read only

    def __post_init__(self) -> None:
        in_range(self.selector, 0, 255, "the address selector")
        in_range(self.source, 0, 15, "the address source")

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6StaticAddress:
        """Read the 20 bytes."""
        require(data, 20, "IPv6 static address")
        return cls(
            selector=data[0],
            enabled=bool(data[1] & 0x80),
            address=ipaddress.IPv6Address(data[2:18]),
            prefix_length=data[18],
            source=known(Ipv6Source, data[1] & 0x0F),
            state=known(AddressState, data[19]),
        )

    def to_wire(self) -> bytes:
        """The 20 bytes, the state as 0: the BMC sets it. Raises ValueError for a prefix above 128."""
        in_range(self.prefix_length, 0, 128, "the prefix length")
        return (
            bytes([self.selector, self.enabled << 7 | self.source])
            + self.address.packed
            + bytes([self.prefix_length, 0])
        )


@dataclass(frozen=True)
class Ipv6DynamicAddress:
    """Parameter 59, an IPv6 dynamic address. 20 bytes: selector; source 3:0; address; prefix length; state. Read only."""

    selector: int  #: 0 to 255, below `Ipv6Status.max_dynamic`
    source: Ipv6Source | int
    address: ipaddress.IPv6Address
    prefix_length: int
    state: AddressState | int

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6DynamicAddress:
        """Read the 20 bytes."""
        require(data, 20, "IPv6 dynamic address")
        return cls(
            selector=data[0],
            source=known(Ipv6Source, data[1] & 0x0F),
            address=ipaddress.IPv6Address(data[2:18]),
            prefix_length=data[18],
            state=known(AddressState, data[19]),
        )

    def to_wire(self) -> bytes:
        """The 20 bytes."""
        return bytes([self.selector, self.source]) + self.address.packed + bytes([self.prefix_length, self.state])


@dataclass(frozen=True)
class Ipv6RouterControl:
    """Parameter 64, IPv6 router address configuration control. One byte."""

    static: bool  #: bit 0: the static routers of parameters 65 to 72 are used
    dynamic: bool  #: bit 1: routers are learned from router advertisements

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6RouterControl:
        """Read the byte."""
        require(data, 1, "IPv6 router control")
        return cls(static=bool(data[0] & 0x01), dynamic=bool(data[0] & 0x02))

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.static | self.dynamic << 1])


@dataclass(frozen=True)
class Ipv6Address:
    """Parameters 65, 68, 69, 72: a static router's address or prefix value. 16 bytes, network order."""

    address: ipaddress.IPv6Address

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6Address:
        """Read the 16 bytes."""
        require(data, 16, "IPv6 address")
        return cls(ipaddress.IPv6Address(data[:16]))

    def to_wire(self) -> bytes:
        """The 16 bytes."""
        return self.address.packed


@dataclass(frozen=True)
class Ipv6PrefixLength:
    """Parameters 67, 71: a static router's prefix length. One byte."""

    length: int  #: 0 to 255 as read; 0 to 128 make sense

    def __post_init__(self) -> None:
        in_range(self.length, 0, 255, "the prefix length")

    @classmethod
    def from_wire(cls, data: bytes) -> Ipv6PrefixLength:
        """Read the byte."""
        require(data, 1, "IPv6 prefix length")
        return cls(data[0])

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self.length])

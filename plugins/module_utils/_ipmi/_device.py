# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The controller: device ID, GUID, makers' names (IPMI 2.0, 20.1, 20.8 and 22.14).

`from_wire` takes an answer's data, ignores what a BMC appends and raises MalformedData
for too few bytes.
"""

from __future__ import annotations

import typing as t
import uuid
from dataclasses import dataclass
from enum import Enum, IntFlag

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import require, u16, u24


class DeviceSupport(IntFlag):
    """What a controller can do besides the mandatory commands."""

    SENSOR = 0x01
    SDR_REPOSITORY = 0x02
    SEL = 0x04
    FRU_INVENTORY = 0x08
    EVENT_RECEIVER = 0x10
    EVENT_GENERATOR = 0x20
    BRIDGE = 0x40
    CHASSIS = 0x80


@dataclass(frozen=True)
class DeviceId:
    """Which controller this is (20.1, Get Device ID).

    Eleven or fifteen bytes: device ID; SDRs 7, revision 3:0; updating 7, firmware major 6:0; firmware
    minor, BCD; IPMI version, BCD, the major number in 3:0; support; manufacturer, three bytes, and
    product, two bytes, the low one first; auxiliary firmware revision, four bytes, optional.
    """

    device_id: int  #: 0 unspecified, else the maker's
    revision: int  #: 0 to 15
    provides_sdrs: bool  #: its own sensors' records are in it
    updating: bool  #: firmware update, self initialisation or SDR update: only few commands work
    firmware: str  #: "2.05": major decimal, minor two digits, which are hex where a BMC does not keep to BCD
    ipmi_version: str  #: "2.0", "1.5"
    support: DeviceSupport
    manufacturer_id: int  #: IANA enterprise number, 20 bits; 0 unspecified
    product_id: int  #: 0 unspecified, else the maker's
    aux: bytes | None = None  #: auxiliary firmware revision, 4 bytes, the maker's form

    @classmethod
    def from_wire(cls, answer: bytes) -> DeviceId:
        """Read the answer. A part of the auxiliary revision counts as none."""
        require(answer, 11, "device ID")
        return cls(
            device_id=answer[0],
            revision=answer[1] & 0x0F,
            provides_sdrs=bool(answer[1] & 0x80),
            updating=bool(answer[2] & 0x80),
            firmware=f"{answer[2] & 0x7F}.{answer[3]:02x}",
            ipmi_version=f"{answer[4] & 0x0F:x}.{answer[4] >> 4:x}",
            support=DeviceSupport(answer[5]),
            manufacturer_id=u24(answer, 6) & 0xFFFFF,
            product_id=u16(answer, 9),
            aux=bytes(answer[11:15]) if len(answer) >= 15 else None,
        )

    @property
    def manufacturer(self) -> str | None:
        """The maker's name; None for one that is not in the table."""
        return manufacturer_name(self.manufacturer_id)


class GuidOrder(Enum):
    """In which order a BMC's 16 bytes make up a GUID. The answer does not tell: it differs between makers."""

    IPMI = "ipmi"  #: as the specification says: all 16 bytes the other way round
    SMBIOS = "smbios"  #: the first three fields with the low byte first, as in the host's SMBIOS tables
    RFC4122 = "rfc4122"  #: as it is written


@dataclass(frozen=True)
class Guid:
    """A controller's (20.8, Get Device GUID) or system's (22.14, Get System GUID) identifier. 16 bytes."""

    raw: bytes
    order: GuidOrder = GuidOrder.IPMI

    def __post_init__(self) -> None:
        if len(self.raw) != 16:
            raise ValueError(f"a GUID must have 16 bytes, not {len(self.raw)}")

    @classmethod
    def from_wire(cls, answer: bytes, order: GuidOrder = GuidOrder.IPMI) -> Guid:
        """Read the 16 bytes."""
        require(answer, 16, "GUID")
        return cls(bytes(answer[:16]), order)

    @property
    def is_set(self) -> bool:
        """Whether it identifies anything: neither all 00h nor all FFh."""
        return len(set(self.raw)) > 1 or self.raw[0] not in (0x00, 0xFF)

    @property
    def text(self) -> str:
        """The canonical form, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" in lower case hex, read in `order`."""
        if self.order is GuidOrder.SMBIOS:
            return str(uuid.UUID(bytes_le=self.raw))
        return str(uuid.UUID(bytes=self.raw[::-1] if self.order is GuidOrder.IPMI else self.raw))


#: IANA enterprise numbers of those who make BMCs or servers, with the names that people know them by.
_MANUFACTURERS: t.Final[t.Mapping[int, str]] = {
    2: "IBM",
    11: "HP",
    42: "Oracle (Sun)",
    116: "Hitachi",
    119: "NEC",
    343: "Intel",
    674: "Dell",
    2011: "Huawei",
    2623: "ASUS",
    3902: "ZTE",
    4128: "Arm",
    5703: "NVIDIA",
    5771: "Cisco",
    6569: "Inventec",
    6653: "Tyan",
    7244: "Quanta",
    10297: "Advantech",
    10368: "Fujitsu",
    10876: "Supermicro",
    11161: "Wistron",
    11183: "MiTAC",
    15370: "Gigabyte",
    19046: "Lenovo",
    20569: "Inventec",
    20974: "AMI",
    33049: "Mellanox",
    37945: "Inspur",
    40092: "Wiwynn",
    42817: "IBM (OpenPOWER)",
    45065: "Insyde",
    47196: "HPE",
    49622: "ASRock Rack",
    49769: "YADRO",
    52538: "Ampere",
}


def manufacturer_name(number: int) -> str | None:
    """The name of an IANA enterprise number; None for one that is not in the table."""
    return _MANUFACTURERS.get(number)

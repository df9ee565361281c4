# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alert destinations: LAN configuration parameters 17, 18, 19, 25 (IPMI table 23-4)."""

from __future__ import annotations

from ..registry import Completion
from ..state import Destination, LanConfig
from .common import INVALID_FIELD, OUT_OF_RANGE, WRONG_LENGTH, Parameter

PET, OEM_1, OEM_2 = 0, 6, 7
IPV4, IPV6 = 0, 1


def _of(lan: LanConfig, selector: int) -> Destination:
    """Destination in bits 3:0; 0 is the volatile one."""
    index = selector & 0x0F
    if index >= len(lan.destinations):
        raise Completion(OUT_OF_RANGE)
    return lan.destinations[index]


def _read_count(lan: LanConfig, _set: int, _block: int) -> bytes:
    return bytes((len(lan.destinations) - 1,))


def _read_type(lan: LanConfig, selector: int, _block: int) -> bytes:
    entry = _of(lan, selector)
    kind = entry.acknowledge << 7 | entry.kind
    return bytes((selector & 0x0F, kind, entry.timeout, entry.retries))


def _write_type(lan: LanConfig, data: bytes) -> None:
    entry, kind = _of(lan, data[0]), data[1] & 0x07
    if kind not in (PET, OEM_1, OEM_2):
        raise Completion(INVALID_FIELD)
    entry.acknowledge, entry.kind = bool(data[1] & 0x80), kind
    entry.timeout = data[2]  # seconds to wait for the acknowledge, or between retries
    entry.retries = data[3] & 0x07


def _read_address(lan: LanConfig, selector: int, _block: int) -> bytes:
    entry = _of(lan, selector)
    head = bytes((selector & 0x0F, entry.address_format << 4))
    if entry.address_format == IPV6:
        return head + entry.address
    return head + bytes((entry.backup_gateway,)) + entry.address + entry.mac


def _write_address(lan: LanConfig, data: bytes) -> None:
    entry, form = _of(lan, data[0]), data[1] >> 4
    if form not in (IPV4, IPV6):
        raise Completion(INVALID_FIELD)
    if len(data) != (18 if form == IPV6 else 13):
        raise Completion(WRONG_LENGTH)
    entry.address_format = form
    if form == IPV6:
        entry.address = data[2:18]
        return
    entry.backup_gateway = bool(data[2] & 1)
    entry.address, entry.mac = data[3:7], data[7:13]


def _read_tag(lan: LanConfig, selector: int, _block: int) -> bytes:
    entry = _of(lan, selector)
    return bytes((selector & 0x0F, entry.vlan_format)) + entry.vlan_tag.to_bytes(2, "little")


def _write_tag(lan: LanConfig, data: bytes) -> None:
    entry = _of(lan, data[0])
    entry.vlan_format = data[1]
    entry.vlan_tag = int.from_bytes(data[2:4], "little")  # b15:13 priority, b12 CFI, b11:0 id


DESTINATIONS: dict[int, Parameter[LanConfig]] = {
    17: Parameter(_read_count),
    18: Parameter(_read_type, _write_type, (4,)),
    19: Parameter(_read_address, _write_address, (13, 18)),
    25: Parameter(_read_tag, _write_tag, (4,)),
}

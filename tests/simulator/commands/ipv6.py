# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPv6: LAN configuration parameters 50 to 80 (IPMI 2.0 errata 4 and later, table 23-4)."""

from __future__ import annotations

from collections.abc import Callable

from ..registry import Completion
from ..state import Ipv6Config, LanConfig, StaticAddress6
from ..traits import LanTraits
from .common import (
    INVALID_FIELD,
    OUT_OF_RANGE,
    PARAMETER_UNSUPPORTED,
    Parameter,
    fixed,
    in_range,
)

FIRST, LAST = 50, 80
ACTIVE, DISABLED = 0, 1
BLOCK = 16
ENABLES = 51
NEEDED = {1: 0x01, 2: 0x02}  # addressing enables to the bit of parameter 50 that it takes
GLOBAL_TIMING = 1

Parameter6 = Parameter[LanConfig]


def refuse_without(traits: LanTraits) -> None:
    if not traits.ipv6:
        raise Completion(PARAMETER_UNSUPPORTED)


def _number(name: str, length: int, top: int, order: str = "little") -> Parameter6:
    """A number of the IPv6 settings, 0 to `top`."""

    def read(lan: LanConfig, _set: int, _block: int) -> bytes:
        value = getattr(lan.ipv6, name)
        assert isinstance(value, int)
        return value.to_bytes(length, "big" if order == "big" else "little")

    def write(lan: LanConfig, data: bytes) -> None:
        value = int.from_bytes(data, "big" if order == "big" else "little")
        setattr(lan.ipv6, name, in_range(value, 0, top))

    return Parameter(read, write, (length,))


def _write_enables(lan: LanConfig, data: bytes) -> None:
    wanted = in_range(data[0], 0, 2)
    needed = NEEDED.get(wanted, 0)
    if needed & ~lan.ipv6.support:
        raise Completion(INVALID_FIELD)
    lan.ipv6.enables = wanted


def _read_status(lan: LanConfig, _set: int, _block: int) -> bytes:
    return bytes((len(lan.ipv6.static), len(lan.ipv6.dynamic), lan.ipv6.sources))


def _static(six: Ipv6Config, selector: int) -> StaticAddress6:
    if selector >= len(six.static):
        raise Completion(OUT_OF_RANGE)
    return six.static[selector]


def _read_static(lan: LanConfig, selector: int, _block: int) -> bytes:
    entry = _static(lan.ipv6, selector)
    status = lan.ipv6.static_status if entry.enabled and lan.ipv6.enables else DISABLED
    head = bytes((selector, entry.enabled << 7))  # b7 enabled, b3:0 source 0 static
    return head + entry.address + bytes((entry.prefix, status))


def _write_static(lan: LanConfig, data: bytes) -> None:
    entry = _static(lan.ipv6, data[0])
    if data[1] & 0x0F:
        raise Completion(INVALID_FIELD)
    entry.prefix = in_range(data[18], 0, 128)
    entry.enabled = bool(data[1] & 0x80)
    entry.address = data[2:18]


def _read_dynamic(lan: LanConfig, selector: int, _block: int) -> bytes:
    if selector >= len(lan.ipv6.dynamic):
        raise Completion(OUT_OF_RANGE)
    entry = lan.ipv6.dynamic[selector]
    status = ACTIVE if any(entry.address) and lan.ipv6.enables else DISABLED
    return bytes((selector, entry.source)) + entry.address + bytes((entry.prefix, status))


def _read_static_duid(lan: LanConfig, selector: int, block: int) -> bytes:
    if block:
        raise Completion(OUT_OF_RANGE)
    return bytes((selector, block)) + _static(lan.ipv6, selector).duid


def _write_static_duid(lan: LanConfig, data: bytes) -> None:
    if data[1]:
        raise Completion(OUT_OF_RANGE)
    _static(lan.ipv6, data[0]).duid = data[2:18]


def _read_dynamic_duid(lan: LanConfig, selector: int, block: int) -> bytes:
    if selector >= len(lan.ipv6.dynamic) or block:
        raise Completion(OUT_OF_RANGE)
    # Type 3, link-layer address, Ethernet (RFC 8415 section 11.4).
    return bytes((selector, block)) + (b"\x00\x03\x00\x01" + lan.mac).ljust(BLOCK, b"\0")


def _timing(name: str) -> Parameter6:
    """Timing values in blocks of 16 bytes: set selector 0, block, data."""

    def stored(lan: LanConfig) -> bytes:
        value = getattr(lan.ipv6, name)
        assert isinstance(value, bytes)
        return value

    def start(lan: LanConfig, selector: int, block: int) -> int:
        if selector or block * BLOCK >= len(stored(lan)):
            raise Completion(OUT_OF_RANGE)
        return block * BLOCK

    def read(lan: LanConfig, selector: int, block: int) -> bytes:
        at = start(lan, selector, block)
        return bytes((selector, block)) + stored(lan)[at : at + BLOCK]

    def write(lan: LanConfig, data: bytes) -> None:
        at = start(lan, data[0], data[1])
        whole = stored(lan)
        setattr(lan.ipv6, name, whole[:at] + data[2:] + whole[at + BLOCK :])

    return Parameter(read, write, (2 + BLOCK,))


def _router(index: int, name: str, length: int) -> Parameter6:
    """A field of static router 1 (index 0) or 2."""

    def read(lan: LanConfig, _set: int, _block: int) -> bytes:
        value = getattr(lan.ipv6.routers[index], name)
        return bytes((value,)) if isinstance(value, int) else bytes(value)

    def write(lan: LanConfig, data: bytes) -> None:
        value = in_range(data[0], 0, 128) if name == "prefix" else data
        setattr(lan.ipv6.routers[index], name, value)

    return Parameter(read, write, (length,))


def _routers(first: int, index: int) -> dict[int, Parameter6]:
    return {
        first: _router(index, "address", 16),
        first + 1: _router(index, "mac", 6),
        first + 2: _router(index, "prefix", 1),
        first + 3: _router(index, "prefix_value", 16),
    }


def _no_dynamic_router() -> Callable[[LanConfig, int, int], bytes]:
    """No router advertises itself on the rack's loopback, so every selector is out of range."""

    def read(_lan: LanConfig, _set: int, _block: int) -> bytes:
        raise Completion(OUT_OF_RANGE)

    return read


PARAMETERS: dict[int, Parameter6] = {
    50: Parameter(lambda lan, _set, _block: bytes((lan.ipv6.support,))),
    ENABLES: Parameter(lambda lan, _set, _block: bytes((lan.ipv6.enables,)), _write_enables, (1,)),
    52: _number("traffic_class", 1, 255),
    53: _number("hop_limit", 1, 255),
    54: _number("flow_label", 3, 0xFFFFF, "big"),
    55: Parameter(_read_status),
    56: Parameter(_read_static, _write_static, (19, 20)),
    57: fixed(b"\x01"),  # blocks of a static DUID
    58: Parameter(_read_static_duid, _write_static_duid, (18,)),
    59: Parameter(_read_dynamic),
    60: fixed(b"\x01"),
    61: Parameter(_read_dynamic_duid),
    62: fixed(bytes((GLOBAL_TIMING,))),
    63: _timing("dhcpv6_timing"),
    64: _number("router_control", 1, 3),
    **_routers(65, 0),
    **_routers(69, 1),
    73: fixed(b"\x00"),  # routers that advertise themselves
    **{which: Parameter(_no_dynamic_router()) for which in range(74, 78)},
    78: fixed(b"\x40"),  # hop limit received
    79: fixed(bytes((GLOBAL_TIMING,))),
    80: _timing("slaac_timing"),
}

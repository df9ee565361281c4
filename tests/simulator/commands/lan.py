# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LAN configuration parameters 0 to 26, ARPs and statistics (IPMI section 23)."""

from __future__ import annotations

import copy

from ..registry import Completion, Context, Privilege, command, need, need_at_least
from ..state import BmcState, LanConfig
from . import ipv6, nic_mode
from .common import (
    INVALID_FIELD,
    OUT_OF_RANGE,
    REVISION,
    REVISION_ONLY,
    Parameter,
    get_parameter,
    in_range,
    lan_of,
    number,
    raw,
    refuse_if,
    set_in_progress,
    set_parameter,
)
from .destinations import DESTINATIONS

ADDRESS, SOURCE, NETMASK = 3, 4, 6
DHCP = 2


def _write_auth_enables(lan: LanConfig, data: bytes) -> None:
    if any(level & ~lan.auth_support for level in data):
        raise Completion(INVALID_FIELD)
    lan.auth_enables = data


def _read_vlan(lan: LanConfig, _set: int, _block: int) -> bytes:
    return (lan.vlan_id | lan.vlan_enabled << 15).to_bytes(2, "little")


def _write_vlan(lan: LanConfig, data: bytes) -> None:
    value = int.from_bytes(data, "little")  # b15 enabled, b11:0 id
    vlan, enabled = value & 0x0FFF, bool(value & 0x8000)
    in_range(vlan, 1 if enabled else 0, 4094, OUT_OF_RANGE)
    lan.vlan_id, lan.vlan_enabled = vlan, enabled


def _read_privileges(lan: LanConfig, _set: int, _block: int) -> bytes:
    pairs = zip(lan.cipher_privileges[::2], lan.cipher_privileges[1::2], strict=True)
    return b"\0" + bytes(low | high << 4 for low, high in pairs)


def _write_privileges(lan: LanConfig, data: bytes) -> None:
    nibbles = [half for byte in data[1:] for half in (byte & 0x0F, byte >> 4)]
    for nibble in nibbles:
        in_range(nibble, 0, 5)
    lan.cipher_privileges = nibbles


def _read_bad_password(lan: LanConfig, _set: int, _block: int) -> bytes:
    rule = lan.bad_password
    head = bytes((rule.log_event, rule.threshold))
    return (
        head
        + rule.reset_interval.to_bytes(2, "little")
        + rule.lockout_interval.to_bytes(2, "little")
    )


def _write_bad_password(lan: LanConfig, data: bytes) -> None:
    rule = lan.bad_password
    rule.log_event = bool(data[0] & 1)  # a Session Audit event when a user is locked
    rule.threshold = data[1]
    rule.reset_interval = int.from_bytes(data[2:4], "little")
    rule.lockout_interval = int.from_bytes(data[4:6], "little")


PARAMETERS: dict[int, Parameter[LanConfig]] = {
    0: Parameter(lambda lan, _set, _block: bytes((lan.set_in_progress,))),
    1: Parameter(lambda lan, _set, _block: bytes((lan.auth_support,))),
    2: Parameter(lambda lan, _set, _block: lan.auth_enables, _write_auth_enables, (5,)),
    3: raw("address", 4),
    4: number("source", mask=0x0F),
    5: raw("mac", 6),
    6: raw("netmask", 4),
    7: raw("header", 3),  # time to live; b7:5 flags; b7:5 precedence, b4:1 service
    8: number("primary_port", 2),
    9: number("secondary_port", 2),
    10: number("arp", mask=0x03),
    11: number("arp_interval"),
    12: raw("gateway", 4),
    13: raw("gateway_mac", 6),
    14: raw("backup_gateway", 4),
    15: raw("backup_gateway_mac", 6),
    16: raw("community", 18),
    **DESTINATIONS,
    20: Parameter(_read_vlan, _write_vlan, (2,)),
    21: number("vlan_priority", top=7),
    22: Parameter(lambda lan, _set, _block: bytes((len(lan.cipher_suites),))),
    23: Parameter(lambda lan, _set, _block: bytes((0, *lan.cipher_suites[:16]))),
    24: Parameter(_read_privileges, _write_privileges, (9,)),
    26: Parameter(_read_bad_password, _write_bad_password, (6,)),
    **ipv6.PARAMETERS,
}


@command(0x0C, 0x02, privilege=Privilege.OPERATOR)
def get_lan(ctx: Context, data: bytes) -> bytes:
    """Get LAN Configuration: b7 revision only, b3:0 channel; parameter; set; block."""
    need(data, 4)
    _unused, lan = lan_of(ctx, data[0])
    if data[0] & REVISION_ONLY:
        return bytes((REVISION,))
    traits = ctx.bmc.state.traits.lan
    if ipv6.FIRST <= data[1] <= ipv6.LAST:
        ipv6.refuse_without(traits)
    if nic_mode.has_parameter(ctx.bmc.state, data[1]):
        return bytes((REVISION,)) + nic_mode.read_parameter(ctx, data[1])
    return bytes((REVISION,)) + get_parameter(PARAMETERS, traits.parameters, lan, data[1:])


@command(0x0C, 0x01, privilege=Privilege.ADMINISTRATOR)
def set_lan(ctx: Context, data: bytes) -> bytes:
    """Set LAN Configuration: b3:0 channel; parameter; data."""
    need_at_least(data, 3)
    channel, live = lan_of(ctx, data[0])
    state = ctx.bmc.state
    if ipv6.FIRST <= data[1] <= ipv6.LAST:
        ipv6.refuse_without(state.traits.lan)
    if data[1] == 0:
        refuse_if(state.traits.lan.parameters.unsupported.get(0, 0))
        _progress(ctx, channel, live, data[2:])
        return b""
    if nic_mode.has_parameter(state, data[1]):
        nic_mode.write_parameter(ctx, data[1], data[2:])
        return b""
    target = state.lan_staged.get(channel, live)
    before = _network(target)
    if _maker_takes(state, target, data[1:]):
        set_parameter(PARAMETERS, state.traits.lan.parameters, target, data[1:])
        _after(state, target, data[1])
    if target is live and _network(live) != before:
        _changed(ctx, channel, live)
    return b""


def _maker_takes(state: BmcState, lan: LanConfig, request: bytes) -> bool:
    """What a maker does with an address in DHCP mode, and with a source; False: ignored."""
    traits = state.traits.lan
    if request[0] == ADDRESS and lan.source == DHCP and traits.address_with_dhcp != "accept":
        if traits.address_with_dhcp == "refuse":
            raise Completion(traits.address_with_dhcp_code)
        return False
    if request[0] == SOURCE and request[1] & 0x0F not in traits.sources:
        raise Completion(INVALID_FIELD)
    return True


def _after(state: BmcState, lan: LanConfig, which: int) -> None:
    if which == NETMASK and state.traits.lan.netmask_resets_gateway:
        lan.gateway = bytes(4)


def _progress(ctx: Context, channel: int, live: LanConfig, data: bytes) -> None:
    """Parameter 0: 0 complete (drops what was not committed), 1 in progress, 2 commit write."""
    state = ctx.bmc.state
    rollback = state.traits.lan.rollback
    if rollback and data == b"\x02":
        _commit(ctx, channel, live)
        return
    wanted = set_in_progress(live.set_in_progress, data, state.traits.lan.commit_code)
    if wanted == 1 and rollback:
        state.lan_staged[channel] = copy.deepcopy(live)
    if wanted == 0:
        state.lan_staged.pop(channel, None)
    live.set_in_progress = wanted
    if wanted == 0 and channel in state.lan_changed:
        state.lan_changed.discard(channel)
        ctx.bmc.network_changed(channel)


def _commit(ctx: Context, channel: int, live: LanConfig) -> None:
    state = ctx.bmc.state
    staged = state.lan_staged.get(channel)
    if staged is None:
        raise Completion(INVALID_FIELD)
    before = _network(live)
    committed = copy.deepcopy(staged)
    committed.set_in_progress = live.set_in_progress
    state.lan[channel] = committed
    if _network(committed) != before:
        _changed(ctx, channel, committed)


def _network(lan: LanConfig) -> tuple[object, ...]:
    """What decides where the BMC answers."""
    six = lan.ipv6
    addresses = tuple((s.enabled, s.address, s.prefix) for s in six.static)
    vlan = (lan.vlan_enabled, lan.vlan_id if lan.vlan_enabled else 0)
    return (lan.address, lan.source, lan.netmask, lan.gateway, *vlan, six.enables, addresses)


def _changed(ctx: Context, channel: int, lan: LanConfig) -> None:
    if ctx.bmc.state.traits.lan.on_complete and lan.set_in_progress:
        ctx.bmc.state.lan_changed.add(channel)
    else:
        ctx.bmc.network_changed(channel)


@command(0x0C, 0x03, privilege=Privilege.ADMINISTRATOR)
def suspend_arps(ctx: Context, data: bytes) -> bytes:
    """Suspend BMC ARPs: channel; b1 suspend ARP answers, b0 gratuitous. Returns what is on."""
    need(data, 2)
    _unused, lan = lan_of(ctx, data[0])
    return bytes((lan.arp & ~data[1] & 0x03,))


@command(0x0C, 0x04)
def get_ip_statistics(ctx: Context, data: bytes) -> bytes:
    """Get IP/UDP/RMCP Statistics: channel; b0 clear. Nine counters of 16 bits."""
    need(data, 2)
    lan_of(ctx, data[0])
    counters, state = ctx.bmc.counters, ctx.bmc.state
    received = counters.datagrams - state.ip_cleared[0]
    valid = received - (counters.dropped - state.ip_cleared[1])
    # IP received, header errors, address errors, fragments; IP sent; UDP received; RMCP valid;
    # UDP proxy received, dropped.
    values = (received, 0, 0, 0, valid, received, valid, 0, 0)
    if data[1] & 1:
        state.ip_cleared = (counters.datagrams, counters.dropped)
    return b"".join(min(value, 0xFFFF).to_bytes(2, "little") for value in values)

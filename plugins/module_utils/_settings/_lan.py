# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The table of LAN settings, and a plan for one channel's (specification table 23-4, LAN Configuration Parameters).

The order of writing is that of the parameters' `order`: the source first, because BMCs
refuse an address in DHCP mode; the gateway after the netmask; the address and then the
VLAN last, because they may move the BMC away.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _lan as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import CHANNEL_SPEC, is_own, lan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._ipv6 import IPV6_SPEC, check_ipv6, plan_ipv6, runs_over_ipv6
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan_parameters import FAMILY, lan_parameter
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._nic_mode import NIC_MODE, plan_nic_mode
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Section, Setting, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import (
    choice,
    integer,
    ipv4,
    mac,
    name_of,
    text,
)

SOURCE = lan_parameter(LanParameter.IP_SOURCE, wire.IpSource, "IP address source", 10)
NETMASK = lan_parameter(LanParameter.SUBNET_MASK, wire.SubnetMask, "subnet mask", 20)
GATEWAY = lan_parameter(LanParameter.DEFAULT_GATEWAY, wire.IpAddress, "default gateway", 30)
GATEWAY_MAC = lan_parameter(LanParameter.DEFAULT_GATEWAY_MAC, wire.MacAddress, "default gateway MAC", 31)
BACKUP_GATEWAY = lan_parameter(LanParameter.BACKUP_GATEWAY, wire.IpAddress, "backup gateway", 32)
BACKUP_GATEWAY_MAC = lan_parameter(LanParameter.BACKUP_GATEWAY_MAC, wire.MacAddress, "backup gateway MAC", 33)
COMMUNITY = lan_parameter(LanParameter.COMMUNITY, wire.Community, "community string", 40)
ARP = lan_parameter(LanParameter.ARP_CONTROL, wire.ArpControl, "BMC-generated ARP control", 50)
ARP_INTERVAL = lan_parameter(
    LanParameter.GRATUITOUS_ARP_INTERVAL, wire.GratuitousArpInterval, "gratuitous ARP interval", 51
)
VLAN_PRIORITY = lan_parameter(LanParameter.VLAN_PRIORITY, wire.VlanPriority, "802.1q VLAN priority", 60)
ADDRESS = lan_parameter(LanParameter.IP_ADDRESS, wire.IpAddress, "IP address", 80)
VLAN = lan_parameter(LanParameter.VLAN_ID, wire.Vlan, "802.1q VLAN ID", 90)
MAC = lan_parameter(LanParameter.MAC_ADDRESS, wire.MacAddress, "MAC address", 99, writable=False)


def _vlan_id(record: wire.Vlan) -> int:
    return record.vlan_id if record.enabled else 0


def _with_vlan_id(record: wire.Vlan, vlan_id: int) -> wire.Vlan:
    # Switched off, the BMC keeps the ID, as ipmitool's "vlan id off" does.
    return wire.Vlan(vlan_id or record.vlan_id, enabled=bool(vlan_id))


LAN: t.Final = Section(
    "lan",
    (
        Setting(
            "ip_source",
            SOURCE,
            get=lambda record: record.value,
            put=lambda record, value: wire.IpSource(value),
            spec={"type": "str", "choices": ["static", "dhcp", "bios", "other"]},
            parse=choice(wire.AddressSource),
            show=name_of,
            cuts=True,
            disturbs=("ip_address", "netmask", "gateway"),
        ),
        Setting(
            "ip_address",
            ADDRESS,
            get=lambda record: record.address,
            put=lambda record, value: wire.IpAddress(value),
            spec={"type": "str"},
            parse=ipv4,
            show=str,
            cuts=True,
        ),
        Setting(
            "netmask",
            NETMASK,
            get=lambda record: record.mask,
            put=lambda record, value: wire.SubnetMask(value),
            spec={"type": "str"},
            parse=lambda given: wire.SubnetMask.parse(given).mask,
            show=str,
            cuts=True,
            # Inventec 5441: setting the netmask overwrites the gateway.
            disturbs=("gateway",),
        ),
        Setting(
            "gateway",
            GATEWAY,
            get=lambda record: record.address,
            put=lambda record, value: wire.IpAddress(value),
            spec={"type": "str"},
            parse=ipv4,
            show=str,
            cuts=True,
        ),
        Setting(
            "gateway_mac",
            GATEWAY_MAC,
            get=lambda record: record.address,
            put=lambda record, value: wire.MacAddress(value),
            spec={"type": "str"},
            parse=mac,
            cuts=True,
        ),
        Setting(
            "backup_gateway",
            BACKUP_GATEWAY,
            get=lambda record: record.address,
            put=lambda record, value: wire.IpAddress(value),
            spec={"type": "str"},
            parse=ipv4,
            show=str,
        ),
        Setting(
            "backup_gateway_mac",
            BACKUP_GATEWAY_MAC,
            get=lambda record: record.address,
            put=lambda record, value: wire.MacAddress(value),
            spec={"type": "str"},
            parse=mac,
        ),
        Setting(
            "vlan_id",
            VLAN,
            get=_vlan_id,
            put=_with_vlan_id,
            spec={"type": "int"},
            parse=integer(0, 4094),
            cuts=True,
        ),
        Setting(
            "vlan_priority",
            VLAN_PRIORITY,
            get=lambda record: record.priority,
            put=lambda record, value: wire.VlanPriority(value),
            spec={"type": "int"},
            parse=integer(0, 7),
        ),
        Setting(
            "snmp_community",
            COMMUNITY,
            get=lambda record: record.text,
            put=lambda record, value: wire.Community(value),
            spec={"type": "str", "no_log": True},
            parse=text(18),
            secret=True,
        ),
        Setting(
            "arp_responses",
            ARP,
            get=lambda record: record.responses,
            put=lambda record, value: replace(record, responses=value),
            spec={"type": "bool"},
            # Quanta S99Q and others cannot be reached once they no longer answer ARP.
            cuts=True,
        ),
        Setting(
            "gratuitous_arp",
            ARP,
            get=lambda record: record.gratuitous,
            put=lambda record, value: replace(record, gratuitous=value),
            spec={"type": "bool"},
        ),
        Setting(
            "gratuitous_arp_interval",
            ARP_INTERVAL,
            get=lambda record: record.milliseconds,
            put=lambda record, value: wire.GratuitousArpInterval(value),
            spec={"type": "int"},
            parse=integer(500, 128000, step=500, unit="milliseconds"),
        ),
        Setting(
            "mac_address",
            MAC,
            get=lambda record: record.address,
            put=lambda record, value: wire.MacAddress(value),
            spec={"type": "str"},
            parse=mac,
        ),
    ),
    family=FAMILY,
)

#: The options of one channel's LAN configuration.
LAN_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    **CHANNEL_SPEC,
    **LAN.argument_spec(),
    **IPV6_SPEC,
    **NIC_MODE.argument_spec(),
}

_NO_ADDRESS = "0.0.0.0"


def check_lan(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The values that LAN options ask for. Raises BadOption for what cannot be, whatever the BMC."""
    wanted = LAN.wanted(params)
    check_ipv6(params.get("ipv6"))
    address, mask = wanted.get("ip_address"), wanted.get("netmask")
    gateway = wanted.get("gateway")
    if address is None or mask is None:
        return wanted
    record = wire.SubnetMask(mask)
    network = int(mask) & int(address)
    last = network | (0xFFFFFFFF ^ int(mask))
    if record.prefix is not None and record.prefix < 31 and int(address) in (network, last) and str(address) != _NO_ADDRESS:
        what = "network's own address" if int(address) == network else "broadcast address"
        raise BadOption(f"ip_address: '{address}' is the {what} of its /{record.prefix}; a BMC needs a host's address")
    if gateway is not None and str(gateway) != _NO_ADDRESS and int(gateway) & int(mask) != network:
        raise BadOption(f"gateway: '{gateway}' is not in the network of {address}/{record.prefix}")
    return wanted


def plan_lan(reader: Reader, params: t.Mapping[str, t.Any], connection: Connection) -> Planned:
    """The LAN configuration of one channel: IPv4 and VLAN, IPv6, and last the port that all of it is on."""
    wanted = check_lan(params)
    channel = lan_channel(reader, params.get("channel"))
    own = is_own(reader, channel, connection)
    parts = [("", _plan_ipv4(reader, wanted, channel, connection, own))]
    notes: list[str] = []
    if params.get("ipv6"):
        cut, about = plan_ipv6(reader, params, channel, connection, own)
        parts.append(("ipv6", cut))
        notes += about
    if params.get("nic_mode") is not None:
        cut, about = plan_nic_mode(reader, params, channel, own)
        parts.append(("", cut))
        notes += about
    return Planned({"channel": channel}, tuple(parts), tuple(notes))


def _plan_ipv4(
    reader: Reader, wanted: t.Mapping[str, t.Any], channel: int, connection: Connection, own: bool
) -> Cut:
    target = Target(channel)
    plan = make_plan(reader, Instance(LAN, target, f"lan channel {channel}", in_use=own), wanted)
    moves = any("ip_address" in change.names for change in plan.changes)
    if moves:
        _refuse_address_without_static(reader, target, wanted)

    def after(now: Connection) -> Connection:
        return now.at(str(wanted["ip_address"])) if moves and not runs_over_ipv6(now) else now

    return Cut(plan, after, moves=True)


def _refuse_address_without_static(reader: Reader, target: Target, wanted: t.Mapping[str, t.Any]) -> None:
    source = wanted.get("ip_source") or SOURCE.load(reader, target, {}).value
    if source in (wire.AddressSource.DHCP, wire.AddressSource.BIOS):
        raise BadOption(
            f"ip_address: the BMC takes its address from {source.name}, so an address of one's own would be "
            "refused or overwritten. Add ip_source: static"
        )

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The network of all BMCs: an address for each by the site's plan, and what of it cannot be.

A host's settings are the role's variables, over them those of its rack, over them those of the host.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import mac
from ansible_collections.lightsout.bmc.plugins.plugin_utils import _site_hosts as site
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_hosts import Document, Host, Part, Problem

PREFIX: t.Final = "bmc_network_"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PLANS: t.Final = ("name", "position", "list", "bmc_host")
#: What `0.0.0.0` means as a gateway: none.
_NONE: t.Final = (ipaddress.IPv4Address("0.0.0.0"), ipaddress.IPv6Address("::"))
#: Management Controller Identifier String: 64 bytes with the NUL (DCMI 1.5, 6.4.6.1).
_CONTROLLER_ID_MAX: t.Final = 63


def _network4(name: str, value: t.Any) -> Network:
    return _network(name, value, ipaddress.IPv4Network, "192.0.2.0/24")


def _network6(name: str, value: t.Any) -> Network:
    return _network(name, value, ipaddress.IPv6Network, "2001:db8::/64")


def _network(name: str, value: t.Any, kind: type[t.Any], example: str) -> Network:
    text = str(value).strip()
    try:
        found: Network = kind(text, strict=False)
    except ValueError:
        raise ValueError(f"{name} is {value!r}; it is a network such as {example}") from None
    if "/" not in text:
        raise ValueError(f"{name} is {value!r}, without the length of its prefix, as in {example}")
    if ipaddress.ip_address(text.partition("/")[0]) != found.network_address:
        raise ValueError(f"{name} is {value!r}, the address of a host; its network is {found}")
    return found


def _address4(name: str, value: t.Any) -> Address:
    try:
        return ipaddress.IPv4Address(str(value).strip())
    except ValueError:
        raise ValueError(f"{name} is {value!r}; it is an IPv4 address such as 192.0.2.10") from None


def _address6(name: str, value: t.Any) -> Address:
    try:
        return ipaddress.IPv6Address(str(value).strip())
    except ValueError:
        raise ValueError(f"{name} is {value!r}; it is an IPv6 address such as 2001:db8::10") from None


def _gateway(address: t.Callable[[str, t.Any], Address]) -> t.Callable[[str, t.Any], Address | int]:
    """An address, or a number of a host in the subnet; from its end if it is negative."""

    def parse(name: str, value: t.Any) -> Address | int:
        return int(str(value)) if re.fullmatch(r"-?\d+", str(value)) else address(name, value)

    return parse


def _netmask(name: str, value: t.Any) -> str:
    try:
        return str(ipaddress.IPv4Network(f"0.0.0.0/{value}").netmask)
    except ValueError:
        raise ValueError(f"{name} is {value!r}; it is 255.255.255.0 or a length such as 24") from None


def _plan(name: str, value: t.Any) -> str:
    if value not in PLANS:
        raise ValueError(f"{name} is {value!r}; it is one of {', '.join(PLANS)}")
    return str(value)


def _pattern(name: str, value: t.Any) -> re.Pattern[str]:
    try:
        found = re.compile(str(value))
    except re.error as error:
        raise ValueError(f"{name} is {value!r}, which is no regular expression: {error}") from None
    if not found.groups:
        raise ValueError(f"{name} is {value!r}; it has no group, such as (\\d+), that is the number")
    return found


def _controller_id(name: str, value: t.Any) -> str:
    size = len(str(value).encode())
    if size > _CONTROLLER_ID_MAX:
        raise ValueError(f"{name} is {value!r} and has {size} bytes; at most {_CONTROLLER_ID_MAX} are possible")
    return str(value)


def _mac(name: str, value: t.Any) -> str:
    try:
        return mac(value)
    except ValueError as error:
        raise ValueError(f"{name} is {value!r}; it {error}") from None


def _as_it_is(name: str, value: t.Any) -> t.Any:
    """For what ipmi_config's own check judges."""
    return value


#: Each setting of a host, and how its value is read. Racks and hosts use the same names.
SETTINGS: t.Final[t.Mapping[str, t.Callable[[str, t.Any], t.Any]]] = {
    "plan": _plan,
    "pattern": _pattern,
    "offset": site.whole,
    "position": lambda name, value: site.whole(name, value, 0),
    "address": _address4,
    "subnet": _network4,
    "netmask": _netmask,
    "gateway": _gateway(_address4),
    "ip_source": _as_it_is,
    "vlan_id": _as_it_is,
    "vlan_priority": _as_it_is,
    "nic_mode": _as_it_is,
    "channel": _as_it_is,
    "mac_address": _mac,
    "ipv6_addressing": _as_it_is,
    "ipv6_address": _address6,
    "ipv6_subnet": _network6,
    "ipv6_gateway": _gateway(_address6),
    "power_restore_policy": _as_it_is,
    "controller_id": _controller_id,
}
#: Variables of the inventory and of the playbook provision_rack that count where the role's own is not set.
OTHERWISE: t.Final[t.Mapping[str, str]] = {
    "position": "position",
    "address": "bmc_address",
    "netmask": "bmc_netmask",
    "gateway": "bmc_gateway",
    "vlan_id": "bmc_vlan_id",
}
#: Those that make the addresses.
_PLACING: t.Final = frozenset({"plan", "pattern", "offset", "position", "address", "subnet", "netmask", "ipv6_address", "ipv6_subnet"})
#: Those that go into the entry of `lan` as they are.
_LAN: t.Final = ("channel", "nic_mode", "vlan_id", "vlan_priority")


@dataclass(eq=False)
class Wanted:
    """What a host's BMC shall have, as far as it could be made out, and what is wrong with it."""

    host: Host
    settings: dict[str, t.Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    #: Whether the settings that make the addresses could be read. If not, nothing more is said of these.
    placeable: bool = True
    address: Address | None = None
    address6: Address | None = None

    def get(self, name: str) -> t.Any:
        """A setting; None if it is left alone."""
        return self.settings.get(name)

    @property
    def static(self) -> bool:
        """Whether the BMC gets its address from us."""
        return self.get("ip_source") in (None, "static")

    @property
    def rack(self) -> str | None:
        """The rack that the host is in."""
        rack = self.host.get(f"{PREFIX}rack", "rack")
        return None if rack is None else str(rack)

    @property
    def now(self) -> str | None:
        """Where the BMC is now, if that is an address."""
        try:
            return str(ipaddress.ip_address(str(self.host.get("bmc_host")).strip()))
        except ValueError:
            return None


def plan(hosts: t.Sequence[Host]) -> Part:
    """Plan for all hosts together."""
    all_wanted = [_settings(host) for host in hosts]
    places = Places.count(all_wanted)
    for wanted in all_wanted:
        if wanted.placeable:
            with site.noting(wanted.wrong):
                _place(wanted, places)
            _check_addresses(wanted)
    _check_taken(all_wanted)
    documents = {}
    for wanted in all_wanted:
        if wanted.host.in_play and not wanted.wrong:
            documents[wanted.host.name] = _document(wanted)
            with site.noting(wanted.wrong):
                site.check(documents[wanted.host.name])
    problems = [Problem(wanted.host.name, text) for wanted in all_wanted if wanted.host.in_play for text in wanted.wrong]
    return Part(documents, problems)


def _settings(host: Host) -> Wanted:
    """The host's settings: the role's variables, its rack's over them, its own over those."""
    wanted = Wanted(host)
    found: dict[str, tuple[str, t.Any]] = {name: (f"{PREFIX}{name}", host.get(f"{PREFIX}{name}", OTHERWISE.get(name))) for name in SETTINGS}
    for read in (_of_rack, _of_host, _own):
        with site.noting(wanted.wrong):
            where, entry = read(wanted)
            site.only_known(where, entry, SETTINGS)
            found.update({name: (f"{where}: {name}", value) for name, value in entry.items()})
    wanted.placeable = not wanted.wrong
    for name, (where, value) in found.items():
        if value is not None and value != "":
            _read(wanted, name, where, value)
    return wanted


def _read(wanted: Wanted, name: str, where: str, value: t.Any) -> None:
    try:
        wanted.settings[name] = SETTINGS[name](where, value)
    except ValueError as error:
        wanted.wrong.append(str(error))
        wanted.placeable = wanted.placeable and name not in _PLACING


def _of_rack(wanted: Wanted) -> tuple[str, dict[str, t.Any]]:
    """What the rack's entry says, and how that is called. Raises ValueError for a rack that has none."""
    racks = site.table(f"{PREFIX}racks", wanted.host.get(f"{PREFIX}racks"))
    if not racks:
        return "", {}
    if wanted.rack is None:
        raise ValueError(f"it has no rack; {PREFIX}rack says which one of {PREFIX}racks it is in")
    if wanted.rack not in racks:
        raise ValueError(f"its rack {wanted.rack!r} is not in {PREFIX}racks")
    where = f"{PREFIX}racks[{wanted.rack}]"
    return where, site.table(where, racks[wanted.rack])


def _of_host(wanted: Wanted) -> tuple[str, dict[str, t.Any]]:
    """What the list of hosts says of this one: an address, or several settings."""
    mine = site.table(f"{PREFIX}hosts", wanted.host.get(f"{PREFIX}hosts")).get(wanted.host.name)
    where = f"{PREFIX}hosts[{wanted.host.name}]"
    return where, {"address": mine} if isinstance(mine, str) else site.table(where, mine)


def _own(wanted: Wanted) -> tuple[str, dict[str, t.Any]]:
    """What the host's own variable says."""
    where = f"{PREFIX}override"
    return where, site.table(where, wanted.host.get(where))


@dataclass(frozen=True)
class Places:
    """Each host's place in its rack, from 1, in the inventory's order; hosts outside the play count too."""

    of: t.Mapping[str, int]
    #: Hosts whose rack is not known because it cannot be evaluated. With them, nobody can be counted.
    unknown: t.Sequence[str]

    @classmethod
    def count(cls, all_wanted: t.Sequence[Wanted]) -> Places:
        """Count all hosts."""
        last: dict[str, int] = {}
        found: dict[str, int] = {}
        for wanted in all_wanted:
            if wanted.rack is not None:
                last[wanted.rack] = last.get(wanted.rack, 0) + 1
                found[wanted.host.name] = last[wanted.rack]
        return cls(found, [wanted.host.name for wanted in all_wanted if wanted.host.failed.keys() & {f"{PREFIX}rack", "rack"}])

    def __getitem__(self, host: str) -> int:
        """The host's place. Raises ValueError."""
        if self.unknown:
            raise ValueError(f"its place cannot be counted, because the rack of {self.unknown[0]} cannot be evaluated")
        if host not in self.of:
            raise ValueError(f"it has no position: neither {PREFIX}position nor {PREFIX}rack, to count in, is set")
        return self.of[host]


def _place(wanted: Wanted, places: Places) -> None:
    """Find the addresses. Raises ValueError where the plan has none for the host."""
    if not wanted.static:
        if wanted.get("address") is not None:
            raise ValueError(f"ip_source is {wanted.get('ip_source')} and there is an address; one of both cannot be")
        wanted.address6 = wanted.get("ipv6_address")
        return
    number = _number(wanted, places)
    wanted.address = wanted.get("address")
    wanted.address6 = wanted.get("ipv6_address")
    if number is not None and wanted.address is None:
        wanted.address = _host_of(wanted, "subnet", number)
    if number is None and wanted.address is not None and wanted.get("subnet") is not None:
        number = int(wanted.address) - int(wanted.get("subnet").network_address)
    if number is not None and wanted.address6 is None and wanted.get("ipv6_subnet") is not None:
        wanted.address6 = _host_of(wanted, "ipv6_subnet", number)


def _number(wanted: Wanted, places: Places) -> int | None:
    """The host's number in its subnet; None where the address itself is given, or none is planned."""
    kind, host = wanted.get("plan"), wanted.host
    if wanted.get("address") is not None or kind is None:
        return None
    if kind == "list":
        raise ValueError(f"{PREFIX}hosts has no address for it")
    if kind == "bmc_host":
        wanted.settings["address"] = _address4("bmc_host", host.get("bmc_host"))
        return None
    offset = int(wanted.get("offset") or 0)
    if kind == "name":
        return offset + _number_in(host.name, wanted.get("pattern"))
    position = wanted.get("position")
    return offset + (places[host.name] if position is None else int(position))


def _number_in(name: str, pattern: re.Pattern[str] | None) -> int:
    if pattern is None:
        raise ValueError(f"the plan is by name, and {PREFIX}pattern is not set")
    match = pattern.search(name)
    text = match[1] if match else None
    if text is None or not text.isdecimal():
        raise ValueError(f"{PREFIX}pattern {pattern.pattern!r} finds no number in its name")
    return int(text)


def _host_of(wanted: Wanted, subnet: str, number: int) -> Address:
    network: Network | None = wanted.get(subnet)
    if network is None:
        raise ValueError(f"there is a plan for addresses, and no {PREFIX}{subnet}")
    if not 0 <= number < network.num_addresses:
        raise ValueError(f"its number {number} is outside its subnet {network}")
    return network[number]


def _check_addresses(wanted: Wanted) -> None:
    """Both families: the address and the gateway are hosts of the subnet, and not the same."""
    for family, address in (("", wanted.address), ("ipv6_", wanted.address6)):
        network = _subnet(wanted, family)
        with site.noting(wanted.wrong):
            gateway = _gateway_in(wanted, family, network)
            if gateway is not None and network is not None:
                _check_host("the gateway", gateway, network)
        with site.noting(wanted.wrong):
            if address is not None and network is not None:
                _check_host("its address", address, network)
            if address is not None and address == wanted.get(f"{family}gateway"):
                raise ValueError(f"its address {address} is the gateway's")
    if wanted.static and wanted.address is not None and _subnet(wanted, "") is None:
        wanted.wrong.append(f"it has the address {wanted.address}, and neither {PREFIX}subnet nor {PREFIX}netmask")
    if wanted.address6 is not None and wanted.get("ipv6_subnet") is None:
        wanted.wrong.append(f"it has the address {wanted.address6}, and no {PREFIX}ipv6_subnet")


def _subnet(wanted: Wanted, family: str) -> Network | None:
    network: Network | None = wanted.get(f"{family}subnet")
    if network is None and not family and wanted.address is not None and wanted.get("netmask") is not None:
        network = ipaddress.IPv4Network(f"{wanted.address}/{wanted.get('netmask')}", strict=False)
    return network


def _gateway_in(wanted: Wanted, family: str, network: Network | None) -> Address | None:
    """The gateway's address; a number of one becomes it, in the settings too."""
    gateway = wanted.get(f"{family}gateway")
    if isinstance(gateway, int):
        if network is None:
            raise ValueError(f"{PREFIX}{family}gateway is {gateway}, a number in a subnet, and there is no subnet")
        # The last address of an IPv4 network is for broadcasts, so -1 is the one before.
        last = network.num_addresses - (1 if network.version == 4 and network.prefixlen < 31 else 0)
        number = gateway if gateway >= 0 else last + gateway
        if not 0 <= number < network.num_addresses:
            raise ValueError(f"{PREFIX}{family}gateway is {gateway}, which is outside the subnet {network}")
        wanted.settings[f"{family}gateway"] = gateway = network[number]
    return None if gateway in _NONE else gateway


def _check_host(what: str, address: Address, network: Network) -> None:
    # An IPv6 router may well be link-local, outside every subnet.
    if address not in network and not (what == "the gateway" and address.is_link_local):
        raise ValueError(f"{what} {address} is outside the subnet {network}")
    if network.version == 4 and network.prefixlen < 31:
        if address == network.network_address:
            raise ValueError(f"{what} {address} is the network's own, of {network}")
        if address == network.broadcast_address:
            raise ValueError(f"{what} {address} is the broadcast address of {network}")


def _check_taken(all_wanted: t.Sequence[Wanted]) -> None:
    """No address twice, and none at which another host's BMC is now."""
    planned: dict[str, list[Wanted]] = {}
    present: dict[str, list[Wanted]] = {}
    for wanted in all_wanted:
        for address in (wanted.address, wanted.address6):
            if address is not None:
                planned.setdefault(str(address), []).append(wanted)
        if wanted.now is not None:
            present.setdefault(wanted.now, []).append(wanted)
    for place, takers in planned.items():
        there = [other for other in present.get(place, []) if other not in takers]
        for wanted in takers:
            others = [other for other in takers if other is not wanted]
            if others:
                wanted.wrong.append(f"its address {place} is also that of {_names(others)}")
            if there and wanted.now != place:
                wanted.wrong.append(f"its address {place} is where the BMC of {_names(there)} is now; move that one first, in a run of its own")


def _names(others: t.Sequence[Wanted]) -> str:
    shown = [wanted.host.name if wanted.host.in_play else f"{wanted.host.name} (not in this run)" for wanted in others[:4]]
    more = f" and {len(others) - 4} more" if len(others) > 4 else ""
    return ", ".join(shown) + more


def _document(wanted: Wanted) -> Document:
    """The host's part of the document; without what is left alone."""
    lan = site.without_none({name: wanted.get(name) for name in _LAN})
    lan.update(_ipv4(wanted))
    ipv6 = _ipv6(wanted)
    if ipv6:
        lan["ipv6"] = ipv6
    document: Document = {}
    # A channel alone is nothing to set.
    if set(lan) - {"channel"}:
        document["lan"] = [lan]
    if wanted.get("power_restore_policy") is not None:
        document["chassis"] = {"power_restore_policy": str(wanted.get("power_restore_policy"))}
    if wanted.get("controller_id") is not None:
        document["controller"] = {"controller_id": wanted.get("controller_id")}
    return document


def _ipv4(wanted: Wanted) -> Document:
    if not wanted.static:
        # Netmask and gateway come with the address; BMCs refuse them then.
        return {"ip_source": wanted.get("ip_source")}
    network = _subnet(wanted, "")
    netmask = str(network.netmask) if isinstance(network, ipaddress.IPv4Network) else wanted.get("netmask")
    return site.without_none(
        {
            "ip_source": "static" if wanted.address is not None else wanted.get("ip_source"),
            "ip_address": _text(wanted.address),
            "netmask": netmask,
            "gateway": _text(wanted.get("gateway")),
        }
    )


def _ipv6(wanted: Wanted) -> Document:
    network: Network | None = wanted.get("ipv6_subnet")
    addressing = wanted.get("ipv6_addressing")
    addresses = [f"{wanted.address6}/{network.prefixlen}"] if wanted.address6 is not None and network is not None else None
    if addresses and addressing is None:
        addressing = "both"
    return site.without_none(
        {"addressing": addressing, "addresses": addresses, "gateway": _text(wanted.get("ipv6_gateway"))}
    )


def _text(address: Address | None) -> str | None:
    return None if address is None else str(address)

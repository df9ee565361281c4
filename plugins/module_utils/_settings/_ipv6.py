# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The table of a channel's IPv6 settings (specification table 23-4, parameters 50 to 72).

The static addresses are one setting over many slots of the BMC: a wanted address that has
a slot stays there, a new one takes a free slot, and what is not wanted is switched off
last. IPv6 beside IPv4 is switched on before everything else, IPv6 alone or IPv4 alone
after it, so that the way of the session is there for as long as possible.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc, settle
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError, NotVerified
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _lan as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_LAN, SET_LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import AddressingMode, AddressState, LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._parameters import get_request, payload, set_request
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan_parameters import FAMILY, lan_parameter
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import (
    ABSENT_ON_READ,
    CannotTell,
    Missing,
    Plan,
    make_plan,
    read_values,
    show,
    why_absent,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import (
    Instance,
    Numbered,
    Parameter,
    Reader,
    Section,
    Setting,
    Target,
    Value,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import choice, mac, name_of

#: An address or a network with the length of its prefix, 0 to 128.
Prefixed = tuple[ipaddress.IPv6Address, int]

NOWHERE: t.Final = ipaddress.IPv6Address("::")
#: States of an address that nobody can reach.
BROKEN: t.Final = frozenset({AddressState.FAILED, AddressState.INVALID})
#: Seconds between two looks at an address that the BMC still checks for duplicates.
_PENDING_PAUSE = 0.5


# What users type.


def _ipv6(given: t.Any) -> ipaddress.IPv6Address:
    try:
        return ipaddress.IPv6Address(str(given).strip())
    except ValueError:
        raise ValueError("is not an IPv6 address such as 2001:db8::1") from None


def _static(given: t.Any) -> Prefixed:
    """An address of one's own with the length of its prefix."""
    address, slash, length = str(given).strip().partition("/")
    if not slash or not length.isdigit() or not 1 <= int(length) <= 128:
        raise ValueError("needs the length of its prefix, 1 to 128, such as 2001:db8::10/64")
    value = _ipv6(address)
    if value.is_link_local:
        raise ValueError("is a link-local address: the BMC makes its own, and it says nothing beyond the link")
    if value.is_multicast or value.is_unspecified or value.is_loopback:
        kind = "a multicast" if value.is_multicast else "the unspecified" if value.is_unspecified else "the loopback"
        raise ValueError(f"is {kind} address; a BMC needs one of its own")
    if int(length) < 127 and value == ipaddress.IPv6Network((value, int(length)), strict=False).network_address:
        raise ValueError("is the address that all routers of its network share (RFC 4291, subnet-router anycast)")
    return value, int(length)


def _statics(given: t.Any) -> frozenset[Prefixed]:
    found: set[Prefixed] = set()
    for text in given:
        one = _static(text)
        if one[0] in {address for address, _length in found}:
            raise ValueError(f"has {one[0]} more than once")
        found.add(one)
    return frozenset(found)


def _router(given: t.Any) -> ipaddress.IPv6Address:
    value = _ipv6(given)
    if value.is_multicast or value.is_loopback:
        raise ValueError("is not the address of a router")
    return value


def _network(given: t.Any) -> Prefixed:
    try:
        network = ipaddress.IPv6Network(str(given).strip())
    except ValueError:
        raise ValueError("is not an IPv6 network such as 2001:db8::/64") from None
    return network.network_address, network.prefixlen


def _shown(value: Prefixed) -> str:
    return f"{value[0]}/{value[1]}"


def _all_shown(values: frozenset[Prefixed]) -> list[str]:
    return [_shown(value) for value in sorted(values)]


# The parameters that are more than a numbered one.


@dataclass(frozen=True)
class Enables(Numbered):
    """Parameter 51. What the BMC says that it cannot do (parameter 50) is not tried."""

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> wire.Ipv6Enables:
        record: wire.Ipv6Enables = super().load(reader, target, wanted)
        mode = wanted.get("addressing", record.mode)
        if mode != record.mode and mode != AddressingMode.IPV4:
            support: wire.Ipv6Support = SUPPORT.load(reader, target, {})
            if not (support.ipv6_only if mode == AddressingMode.IPV6 else support.dual_stack):
                what = "IPv6 without IPv4" if mode == AddressingMode.IPV6 else "IPv6 beside IPv4"
                raise CannotTell(f"the BMC has no {what} (LAN parameter 50)")
        return record


@dataclass(frozen=True)
class AddressTable:
    """The static addresses of a channel, by slot."""

    slots: tuple[wire.Ipv6StaticAddress, ...]

    @property
    def values(self) -> frozenset[Prefixed]:
        """Those that are switched on."""
        return frozenset((slot.address, slot.prefix_length) for slot in self.slots if slot.enabled)

    def having(self, wanted: frozenset[Prefixed]) -> AddressTable:
        """With these, and no others. Raises BadOption where the slots are too few."""
        if len(wanted) > len(self.slots):
            raise BadOption(
                f"ipv6.addresses: {len(wanted)} addresses are given; this BMC has slots for {len(self.slots)}"
            )
        slots = list(self.slots)
        new = set(wanted)
        unwanted: list[int] = []
        free: list[int] = []
        for number, slot in enumerate(slots):
            value = (slot.address, slot.prefix_length)
            if slot.enabled and value in new:
                new.discard(value)
            else:
                (unwanted if slot.enabled else free).append(number)
        room = free + unwanted
        for value in sorted(new):
            number = room.pop(0)
            slots[number] = wire.Ipv6StaticAddress(number, True, *value)
        for number in room:
            slots[number] = replace(slots[number], enabled=False)
        return AddressTable(tuple(slots))

    def in_state(self, states: t.Collection[AddressState]) -> list[wire.Ipv6StaticAddress]:
        """Addresses that are switched on and in one of these states."""
        return [slot for slot in self.slots if slot.enabled and slot.state in states]


class StaticAddresses(Parameter):
    """Parameter 56 as a whole. How many slots there are says parameter 55."""

    title = f"LAN parameter {int(LanParameter.IPV6_STATIC_ADDRESS)} (IPv6 static addresses)"
    order = 80

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> AddressTable:
        count = STATUS.load(reader, target, {}).max_static
        if not count and wanted.get("addresses"):
            raise CannotTell("the BMC has no slot for a static IPv6 address (LAN parameter 55)")
        table = AddressTable(tuple(self._slot(reader, target, number) for number in range(count)))
        return self._settled(reader, target, table) if reader.after_write else table

    def store(self, bmc: Bmc, target: Target, new: AddressTable, old: AddressTable) -> None:
        """Write the slots that differ: what is new first, what the session may run over last."""
        numbers = [number for number, slot in enumerate(new.slots) if not _same_slot(old.slots[number], slot)]
        numbers.sort(key=lambda number: (_is_host(bmc.connection, old.slots[number]), not new.slots[number].enabled))
        for number in numbers:
            self._store_slot(bmc, target, new.slots[number])

    def _slot(self, reader: Reader, target: Target, number: int) -> wire.Ipv6StaticAddress:
        record = reader.read(GET_LAN, _slot_request(target, number), _static_record)
        return replace(record, selector=number)

    def _store_slot(self, bmc: Bmc, target: Target, slot: wire.Ipv6StaticAddress) -> None:
        def write() -> None:
            bmc.request(SET_LAN, set_request(target.channel, LanParameter.IPV6_STATIC_ADDRESS, slot.to_wire()))

        def done() -> bool:
            return _same_slot(bmc.read(GET_LAN, _slot_request(target, slot.selector), _static_record), slot)

        # Each slot by itself: a lost answer must not repeat the writes before it.
        settle(bmc, write, done)

    def _settled(self, reader: Reader, target: Target, table: AddressTable) -> AddressTable:
        """Wait until every address is checked for duplicates. Raises NotVerified."""
        bmc = reader.bmc
        deadline = bmc.now() + bmc.connection.timeout
        while pending := table.in_state({AddressState.PENDING}):
            if bmc.now() >= deadline:
                raise NotVerified(
                    f"IPv6 address {_named(pending)} was written and is still pending after "
                    f"{bmc.connection.timeout:g} seconds (bmc_timeout): the BMC's network port may be without a link"
                )
            bmc.wait(_PENDING_PAUSE)
            table = AddressTable(
                tuple(bmc.read(GET_LAN, _slot_request(target, slot.selector), _static_record) for slot in table.slots)
            )
        if broken := table.in_state(BROKEN):
            raise NotVerified(
                f"IPv6 address {_named(broken)} was written and {_states(broken)}: another machine has it, "
                "or the BMC cannot use it. It is still there; write another one"
            )
        reader.notes += _idle(target, table.in_state({AddressState.DISABLED}))
        return table


class StaticStates(Parameter):
    """How far the static addresses are: what else parameter 56 tells."""

    title = StaticAddresses.title
    order = 99
    writable = False

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> AddressTable:
        return ADDRESSES.load(reader, target, {})


class DynamicAddresses(Parameter):
    """Parameter 59 as a whole."""

    title = f"LAN parameter {int(LanParameter.IPV6_DYNAMIC_ADDRESS)} (IPv6 dynamic addresses)"
    order = 99
    writable = False

    def load(
        self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]
    ) -> tuple[wire.Ipv6DynamicAddress, ...]:
        def decode(answer: bytes) -> wire.Ipv6DynamicAddress:
            return wire.Ipv6DynamicAddress.from_wire(payload(answer))

        count = STATUS.load(reader, target, {}).max_dynamic
        numbers = range(count)
        request = LanParameter.IPV6_DYNAMIC_ADDRESS
        found = (reader.read(GET_LAN, get_request(target.channel, request, number), decode) for number in numbers)
        return tuple(one for one in found if one.address != NOWHERE)


@dataclass(frozen=True)
class RouterPrefix(Parameter):
    """The network behind a static router: the length of its prefix, and the prefix."""

    length: Numbered
    value: Numbered
    title: str
    order: int

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> Prefixed:
        length = self.length.load(reader, target, {}).length
        return self.value.load(reader, target, {}).address, length

    def store(self, bmc: Bmc, target: Target, new: Prefixed, old: Prefixed) -> None:
        records = ((self.length, wire.Ipv6PrefixLength(new[1])), (self.value, wire.Ipv6Address(new[0])))
        for parameter, record in records:
            self._store_one(bmc, target, parameter, record)

    def _store_one(self, bmc: Bmc, target: Target, parameter: Numbered, record: t.Any) -> None:
        def done() -> bool:
            return bool(parameter.load(Reader(bmc), target, {}) == record)

        settle(bmc, lambda: parameter.store(bmc, target, record, None), done)


def _static_record(answer: bytes) -> wire.Ipv6StaticAddress:
    return wire.Ipv6StaticAddress.from_wire(payload(answer))


def _slot_request(target: Target, number: int) -> bytes:
    return get_request(target.channel, LanParameter.IPV6_STATIC_ADDRESS, number)


def _same_slot(one: wire.Ipv6StaticAddress, other: wire.Ipv6StaticAddress) -> bool:
    if not one.enabled or not other.enabled:
        return one.enabled is other.enabled
    return (one.address, one.prefix_length) == (other.address, other.prefix_length)


def _is_host(connection: Connection, slot: wire.Ipv6StaticAddress) -> bool:
    return slot.enabled and host_address(connection) == slot.address


def _idle(target: Target, slots: t.Sequence[wire.Ipv6StaticAddress]) -> list[str]:
    """A note on addresses that are set and not in use."""
    if not slots:
        return []
    return [f"{label(target.channel)}: address {_named(slots)} is set and not in use. Is IPv6 off (addressing)?"]


def _named(slots: t.Iterable[wire.Ipv6StaticAddress]) -> str:
    return ", ".join(str(slot.address) for slot in slots)


def _states(slots: t.Iterable[wire.Ipv6StaticAddress]) -> str:
    return "is " + " and ".join(sorted({name_of(slot.state) for slot in slots}))


def _masked(value: Prefixed) -> Prefixed:
    if value[1] > 128:
        # Not a length at all; compared as it is.
        return value
    return ipaddress.IPv6Network(value, strict=False).network_address, value[1]


SUPPORT = lan_parameter(LanParameter.IPV6_SUPPORT, wire.Ipv6Support, "IPv6 and IPv4 support", 99, False)
STATUS = lan_parameter(LanParameter.IPV6_STATUS, wire.Ipv6Status, "IPv6 status", 99, False)
ADDRESSES = StaticAddresses()
CONTROL = lan_parameter(LanParameter.IPV6_ROUTER_CONTROL, wire.Ipv6RouterControl, "IPv6 router control", 70)
_ENABLES = "LAN parameter 51 (IPv6 and IPv4 addressing enables)"
_FIRST, _LAST = 10, 95


def _router_settings(option: str, first: int, order: int) -> t.Iterator[Setting]:
    """The settings of a static router whose parameters begin at `first`."""
    address = lan_parameter(LanParameter(first), wire.Ipv6Address, f"IPv6 {option}", order)
    hardware = lan_parameter(LanParameter(first + 1), wire.MacAddress, f"IPv6 {option} MAC", order + 1)
    length = lan_parameter(LanParameter(first + 2), wire.Ipv6PrefixLength, f"IPv6 {option} prefix length", order + 2)
    value = lan_parameter(LanParameter(first + 3), wire.Ipv6Address, f"IPv6 {option} prefix", order + 2)
    prefix = RouterPrefix(length, value, f"LAN parameters {first + 2} and {first + 3} (IPv6 {option} prefix)", order + 2)
    cuts = option == "gateway"
    yield Setting(
        option,
        address,
        get=lambda record: record.address,
        put=lambda record, wanted: wire.Ipv6Address(wanted),
        spec={"type": "str"},
        parse=_router,
        show=str,
        cuts=cuts,
    )
    yield Setting(
        f"{option}_mac",
        hardware,
        get=lambda record: record.address,
        put=lambda record, wanted: wire.MacAddress(wanted),
        spec={"type": "str"},
        parse=mac,
        cuts=cuts,
    )
    yield Setting(
        f"{option}_prefix",
        prefix,
        get=_masked,
        put=lambda record, wanted: wanted,
        spec={"type": "str"},
        parse=_network,
        show=_shown,
        cuts=cuts,
    )


def _state_values(table: AddressTable) -> tuple[tuple[str, str], ...]:
    return tuple((_shown((slot.address, slot.prefix_length)), name_of(slot.state)) for slot in table.slots if slot.enabled)


def _dynamic_values(records: tuple[wire.Ipv6DynamicAddress, ...]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (_shown((one.address, one.prefix_length)), name_of(one.source), name_of(one.state)) for one in records
    )


def _facts(*keys: str) -> tuple[dict[str, t.Any], t.Callable[[t.Any], Value], t.Callable[[Value], t.Any]]:
    """Spec, parse and show of a list of dictionaries of text."""
    spec = {"type": "list", "elements": "dict", "options": {key: {"type": "str"} for key in keys}}
    return (
        spec,
        lambda given: tuple(tuple(one.get(key) for key in keys) for one in given),
        lambda value: [{key: one[number] for number, key in enumerate(keys)} for one in value],
    )


_STATES = _facts("address", "state")
_DYNAMIC = _facts("address", "source", "state")


def _section(order: int) -> Section:
    """The table, with the addressing mode written at `order`."""
    enables = Enables(FAMILY, LanParameter.IPV6_ENABLES, wire.Ipv6Enables, _ENABLES, order)
    return Section(
        "ipv6",
        (
            Setting(
                "addressing",
                enables,
                get=lambda record: record.mode,
                put=lambda record, value: wire.Ipv6Enables(value),
                spec={"type": "str", "choices": ["ipv4", "ipv6", "both"]},
                parse=choice(AddressingMode),
                show=name_of,
                cuts=True,
            ),
            Setting(
                "addresses",
                ADDRESSES,
                get=lambda table: table.values,
                put=lambda table, value: table.having(value),
                spec={"type": "list", "elements": "str"},
                parse=_statics,
                show=_all_shown,
                cuts=True,
            ),
            *_router_settings("gateway", LanParameter.IPV6_STATIC_ROUTER_1_ADDRESS, 60),
            *_router_settings("backup_gateway", LanParameter.IPV6_STATIC_ROUTER_2_ADDRESS, 65),
            Setting(
                "static_routers",
                CONTROL,
                get=lambda record: record.static,
                put=lambda record, value: replace(record, static=value),
                spec={"type": "bool"},
                cuts=True,
            ),
            Setting(
                "dynamic_routers",
                CONTROL,
                get=lambda record: record.dynamic,
                put=lambda record, value: replace(record, dynamic=value),
                spec={"type": "bool"},
                cuts=True,
            ),
            Setting(
                "dhcpv6_supported",
                STATUS,
                get=lambda record: record.dhcpv6,
                put=lambda record, value: replace(record, dhcpv6=value),
                spec={"type": "bool"},
            ),
            Setting(
                "slaac_supported",
                STATUS,
                get=lambda record: record.slaac,
                put=lambda record, value: replace(record, slaac=value),
                spec={"type": "bool"},
            ),
            Setting(
                "address_slots",
                STATUS,
                get=lambda record: record.max_static,
                put=lambda record, value: replace(record, max_static=value),
                spec={"type": "int"},
            ),
            Setting(
                "address_states",
                StaticStates(),
                get=_state_values,
                put=lambda table, value: table,
                spec=_STATES[0],
                parse=_STATES[1],
                show=_STATES[2],
            ),
            Setting(
                "dynamic_addresses",
                DynamicAddresses(),
                get=_dynamic_values,
                put=lambda records, value: records,
                spec=_DYNAMIC[0],
                parse=_DYNAMIC[1],
                show=_DYNAMIC[2],
            ),
        ),
        family=FAMILY,
    )


#: With the addressing mode first, as it has to be for IPv6 beside IPv4.
IPV6: t.Final = _section(_FIRST)
#: With the addressing mode last: it takes one of the two protocols away.
NARROWING: t.Final = _section(_LAST)

IPV6_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {"ipv6": {"type": "dict", "options": IPV6.argument_spec()}}

#: What is read of a channel whose IPv6 is switched off; the rest says nothing then.
_IF_OFF: t.Final = frozenset({"addressing", "dhcpv6_supported", "slaac_supported", "address_slots"})
_CONTROLS: t.Final = frozenset({"addressing", "static_routers", "dynamic_routers"})
_STATIC_ROUTERS: t.Final = frozenset(name for name in IPV6.argument_spec() if "gateway" in name)


def check_ipv6(params: t.Mapping[str, t.Any] | None) -> dict[str, Value]:
    """The values that the IPv6 options ask for. Raises BadOption for what cannot be, whatever the BMC."""
    try:
        wanted = IPV6.wanted(params or {})
    except BadOption as error:
        raise BadOption(f"ipv6.{error}") from None
    for option in ("gateway", "backup_gateway"):
        _check_router(option, wanted.get(option), wanted.get("addresses"))
    return wanted


def _check_router(
    option: str, router: ipaddress.IPv6Address | None, addresses: frozenset[Prefixed] | None
) -> None:
    if router is None or router == NOWHERE or router.is_link_local or not addresses:
        return
    if router in {address for address, _length in addresses}:
        raise BadOption(f"ipv6.{option}: '{router}' is one of the BMC's own addresses")
    if not any(router in ipaddress.IPv6Network(one, strict=False) for one in addresses):
        raise BadOption(
            f"ipv6.{option}: '{router}' is not in the network of {', '.join(_all_shown(addresses))}. "
            "Use an address of that network, or the router's link-local one"
        )


def label(channel: int) -> str:
    """For messages and results: not that of the channel's IPv4 settings, which have a gateway too."""
    return f"lan channel {channel} ipv6"


def host_address(connection: Connection) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that the session goes to; None for a name, whose family is only known below."""
    try:
        address = ipaddress.ip_address(connection.host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def runs_over_ipv6(connection: Connection) -> bool:
    """Whether the session is known to run over IPv6."""
    address = host_address(connection)
    return address is not None and address.version == 6


def plan_ipv6(
    reader: Reader, params: t.Mapping[str, t.Any], channel: int, connection: Connection, own: bool
) -> tuple[Cut, tuple[str, ...]]:
    """The IPv6 part of a LAN configuration, with notes for the user.

    `params` are the options of the whole channel, `own` says whether the session runs over it.
    """
    wanted = check_ipv6(params["ipv6"])
    target = Target(channel)
    _use_static_routers(reader, target, wanted)
    mode = wanted.get("addressing")
    section = IPV6 if mode in (None, AddressingMode.BOTH) else NARROWING
    address = host_address(connection)
    over_ipv4 = address is not None and address.version == 4
    # What IPv6 is cannot end a session over IPv4, unless IPv4 goes.
    in_use = own and (not over_ipv4 or mode == AddressingMode.IPV6)
    instance = Instance(section, target, label(channel), in_use=in_use)
    plan = make_plan(reader, instance, wanted)
    return _as_cut(plan, params, connection), _notes(reader, plan)


def _use_static_routers(reader: Reader, target: Target, wanted: dict[str, Value]) -> None:
    """A gateway is of no use while static routers are off; so it switches them on, where that can be said."""
    routers = [wanted.get(option) for option in ("gateway", "backup_gateway")]
    if "static_routers" in wanted or not any(router not in (None, NOWHERE) for router in routers):
        return
    try:
        CONTROL.load(reader, target, {})
    except CompletionError as error:
        if error.outcome not in ABSENT_ON_READ:
            raise
        return
    wanted["static_routers"] = True


def _as_cut(plan: Plan, params: t.Mapping[str, t.Any], connection: Connection) -> Cut:
    host, why = _new_home(plan, params, connection) if plan.instance.in_use else (None, "")

    def after(now: Connection) -> Connection:
        return now.at(host) if host else now

    return Cut(plan, after, moves=True, homeless=why)


def _new_home(plan: Plan, params: t.Mapping[str, t.Any], connection: Connection) -> tuple[str | None, str]:
    """Where the BMC answers afterwards, if elsewhere; or why nobody knows."""
    changed = {name for change in plan.cutting for name in change.names}
    address = host_address(connection)
    if address is None:
        # A name stays what it is; the proof shows whether it still leads to the BMC.
        return None, ""
    mode = plan.wanted.get("addressing") if "addressing" in changed else None
    given = [text.partition("/")[0].strip() for text in params["ipv6"].get("addresses") or []]
    if address.version == 4:
        if mode != AddressingMode.IPV6:
            return None, ""
        return (given[0], "") if given else (None, "the session runs over IPv4, which 'addressing: ipv6' switches off")
    if mode == AddressingMode.IPV4:
        ipv4 = params.get("ip_address")
        return (ipv4, "") if ipv4 else (None, "the session runs over IPv6, which 'addressing: ipv4' switches off")
    gone = "addresses" in changed and address in {one for one, _length in plan.before["addresses"] - plan.wanted["addresses"]}
    if not gone or str(address) in {str(ipaddress.IPv6Address(one)) for one in given}:
        return None, ""
    return (given[0], "") if given else (None, f"the session runs over {address}, which the task takes away")


def _notes(reader: Reader, plan: Plan) -> tuple[str, ...]:
    """Wanted addresses that are there and of no use."""
    if "addresses" not in plan.before or any("addresses" in change.names for change in plan.changes):
        # What is written is looked at afterwards.
        return ()
    # Read before, so this asks nothing.
    table = ADDRESSES.load(reader, plan.instance.target, {})
    notes = _idle(plan.instance.target, table.in_state({AddressState.DISABLED}))
    if broken := table.in_state(BROKEN):
        notes.append(f"{plan.instance.label}: address {_named(broken)} {_states(broken)}: another machine may have it")
    return tuple(notes)


def read_ipv6(reader: Reader, channel: int) -> tuple[dict[str, t.Any], list[Missing]]:
    """What a channel's IPv6 is, for results. A BMC without IPv6 costs one request."""
    instance = Instance(IPV6, Target(channel), label(channel))
    try:
        SUPPORT.load(reader, instance.target, {})
    except CompletionError as error:
        if error.outcome not in ABSENT_ON_READ:
            raise
        return {}, [Missing(f"lan channel {channel}", "ipv6", why_absent(error))]
    values, missing = read_values(reader, instance, _CONTROLS)
    if values.get("addressing") == AddressingMode.IPV4:
        names: t.Collection[str] = _IF_OFF
        values = {"addressing": values["addressing"]}
    else:
        names = set(IPV6.argument_spec()) - _CONTROLS
        if not values.get("static_routers"):
            names -= _STATIC_ROUTERS
    rest, lacking = read_values(reader, instance, names)
    return show(IPV6, {**values, **rest}), missing + lacking

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that one simulated BMC remembers, as dataclasses that go to JSON and back.

The defaults come from the personality (`traits.Traits`) and from what the rack file says of this
one BMC (`Place`). Addresses and keys are bytes in network order; times are the clock's seconds.
"""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .fruimage import build_fru
from .jsonable import decode, encode
from .sensors import SENSORS
from .traits import ChannelTraits, LanTraits, SolTraits, Traits

SET_COMPLETE = 0
ADMINISTRATOR = 4
DHCPV6 = 2


@dataclass(frozen=True)
class Place:
    """What the rack file may say of one BMC, over its personality."""

    address: str = "0.0.0.0"
    netmask: str = "255.255.255.0"
    gateway: str = "0.0.0.0"
    source: int | None = None
    mac: str = "02:00:00:00:00:01"
    guid: str | None = None  # 32 hex digits as RFC 4122 writes them, with or without hyphens
    name: str = "bmc"
    maker: str = "Lightsout"
    model: str = "Simulated server"
    serial: str = "SIM0000001"
    part_number: str = "LO-1U"
    asset_tag: str = ""
    system_name: str = ""


@dataclass
class UserAccess:
    """What one user may do over one channel (Get User Access, IPMI table 22-31)."""

    privilege: int = 0  # 0 nothing set yet, 1 to 5, 15 no access
    link_auth: bool = False
    messaging: bool = False
    callback: bool = False  # restricted to callback
    session_limit: int = 0  # 0: as many as the channel has; can only be written


@dataclass
class User:
    """One slot of the user table."""

    name: bytes = b""
    password: bytes | None = None  # unpadded; None was never set
    password_size: int = 16  # 16 or 20: the form it was set in
    enabled: bool = False
    access: dict[int, UserAccess] = field(default_factory=dict)
    payloads: dict[int, set[int]] = field(default_factory=dict)  # channel to payload types
    failed: int = 0  # failed logins since the last good one
    failed_at: float = 0.0
    locked_until: float | None = None

    def on(self, channel: int) -> UserAccess:
        """Access over a channel; made at first use."""
        return self.access.setdefault(channel, UserAccess())


@dataclass
class Access:
    """One copy of a channel's access settings (IPMI table 22-28)."""

    mode: int = 2  # 0 disabled, 1 pre-boot only, 2 always, 3 shared
    pef_alerting: bool = True
    per_message_auth: bool = True
    user_level_auth: bool = True
    privilege_limit: int = 4


@dataclass
class Channel:
    """One channel and both copies of its access settings."""

    medium: int = 4
    protocol: int = 1
    session_support: int = 2
    payload_types: int = 3
    volatile: Access = field(default_factory=Access)
    non_volatile: Access = field(default_factory=Access)
    kr: bytes | None = None  # keys of 20 bytes (Set Channel Security Keys)
    kg: bytes | None = None
    keys_locked: bool = False


@dataclass
class BadPassword:
    """LAN parameter 26. Intervals in 10 s; 0 never ends."""

    log_event: bool = False
    threshold: int = 0  # 0: no limit
    reset_interval: int = 0
    lockout_interval: int = 0


@dataclass
class Destination:
    """An alert destination: LAN parameters 18, 19, 25."""

    kind: int = 0  # 0 PET, 6 OEM 1, 7 OEM 2
    acknowledge: bool = False
    timeout: int = 0  # seconds, 0-based
    retries: int = 0
    address_format: int = 0  # 0 IPv4, 1 IPv6
    backup_gateway: bool = False
    address: bytes = bytes(4)
    mac: bytes = bytes(6)
    vlan_format: int = 0
    vlan_tag: int = 0


@dataclass
class StaticAddress6:
    """LAN parameter 56."""

    enabled: bool = False
    address: bytes = bytes(16)
    prefix: int = 0
    duid: bytes = bytes(16)


@dataclass
class DynamicAddress6:
    """LAN parameter 59."""

    source: int = 1  # 1 SLAAC, 2 DHCPv6
    address: bytes = bytes(16)
    prefix: int = 64


@dataclass
class StaticRouter6:
    """LAN parameters 65 to 68, and 69 to 72 for the second one."""

    address: bytes = bytes(16)
    mac: bytes = bytes(6)
    prefix: int = 0
    prefix_value: bytes = bytes(16)


@dataclass
class Ipv6Config:
    """LAN parameters 50 to 80."""

    support: int = 0x07  # b0 IPv6 alone, b1 with IPv4, b2 alerts to IPv6
    sources: int = 0x03  # b0 DHCPv6, b1 SLAAC
    static_status: int = 0  # of an enabled static address
    enables: int = 2  # 0 IPv4 only, 1 IPv6 only, 2 both
    traffic_class: int = 0
    hop_limit: int = 64
    flow_label: int = 0  # 20 bits
    static: list[StaticAddress6] = field(default_factory=list)
    dynamic: list[DynamicAddress6] = field(default_factory=list)
    router_control: int = 2  # b0 static, b1 by router advertisement
    routers: list[StaticRouter6] = field(
        default_factory=lambda: [StaticRouter6(), StaticRouter6()]
    )
    dhcpv6_timing: bytes = bytes(32)
    slaac_timing: bytes = bytes(16)


@dataclass
class LanConfig:
    """LAN configuration of one channel (IPMI table 23-4)."""

    set_in_progress: int = 0  # 0 complete, 1 in progress
    auth_support: int = 0x14
    auth_enables: bytes = bytes(5)  # callback, user, operator, administrator, OEM
    address: bytes = bytes(4)
    source: int = 1  # 1 static, 2 DHCP, 3 BIOS, 4 other
    mac: bytes = bytes(6)
    netmask: bytes = bytes(4)
    header: bytes = bytes((0x40, 0x40, 0x10))  # time to live, flags, precedence and service
    primary_port: int = 623
    secondary_port: int = 664
    arp: int = 2  # b1 answers, b0 gratuitous
    arp_interval: int = 3  # 500 ms units, 0-based
    gateway: bytes = bytes(4)
    gateway_mac: bytes = bytes(6)
    backup_gateway: bytes = bytes(4)
    backup_gateway_mac: bytes = bytes(6)
    community: bytes = bytes(18)
    destinations: list[Destination] = field(default_factory=list)  # 0 is the volatile one
    vlan_id: int = 0
    vlan_enabled: bool = False
    vlan_priority: int = 0
    cipher_suites: list[int] = field(default_factory=list)
    cipher_privileges: list[int] = field(default_factory=lambda: [0] * 16)
    bad_password: BadPassword = field(default_factory=BadPassword)
    ipv6: Ipv6Config = field(default_factory=Ipv6Config)

    @property
    def ipv4(self) -> ipaddress.IPv4Address:
        return ipaddress.IPv4Address(self.address)


@dataclass
class SolConfig:
    """SOL configuration of one channel (IPMI table 26-5)."""

    set_in_progress: int = 0
    enabled: bool = True
    force_encryption: bool = False
    force_authentication: bool = False
    privilege: int = 2
    accumulate: int = 12  # 5 ms units
    threshold: int = 96
    retry_count: int = 7
    retry_interval: int = 50  # 10 ms units
    bit_rate: int = 10  # non-volatile copy: 0 as serial, 6 9600 .. 10 115200
    volatile_bit_rate: int = 10  # what is live
    port: int = 623


@dataclass
class SerialConfig:
    """Serial/modem configuration of one channel; parameter to its data."""

    set_in_progress: int = 0
    parameters: dict[int, bytes] = field(
        default_factory=lambda: {
            1: b"\x17",  # authentication types that are there
            2: b"\x14\x14\x14\x14\x00",  # and enabled, by privilege
            3: b"\x87",  # direct; terminal, PPP and basic mode
            4: b"\x00",  # session inactivity timeout, 30 s
            6: b"\x00",  # session termination
            7: b"\x00\x0a",  # flow control and DTR hang-up; 115200
            8: b"\x00\x00",  # multiplexer switch
            14: b"\x00",  # page blackout, minutes
            18: b"\x3c",  # call retry, seconds
            29: b"\x00\x00",  # terminal mode
        }
    )


@dataclass
class DeviceState:
    """What identifies the controller, and its small switches."""

    guid: bytes = bytes(16)
    global_enables: int = 8
    system_info: dict[int, bytes] = field(default_factory=dict)  # encoding, length, text
    system_info_set: int = 0


@dataclass
class Watchdog:
    """Watchdog timer (06/22, 24, 25)."""

    use: int = 0  # b7 do not log, b6 keeps running, b2:0 use
    action: int = 0
    pre_timeout: int = 0  # seconds
    expired: int = 0
    initial: int = 0  # 100 ms units
    started_at: float | None = None


@dataclass
class BootOptions:
    """Boot options (00/08, 00/09; IPMI table 28-14)."""

    set_in_progress: int = 0
    partition: int = 0
    scan: int = 0
    keep_valid: int = 0  # b3: the 60 s timeout does not clear "valid"
    acknowledge: int = 0
    flags: bytes = bytes(5)
    flags_expire_at: float | None = None
    initiator: bytes = bytes(9)
    mailbox: dict[int, bytes] = field(default_factory=dict)
    invalid: set[int] = field(default_factory=set)  # parameters marked invalid or locked

    def expire(self, now: float) -> None:
        """Clear "valid" if no chassis control came in time (parameter 3 b3 keeps it)."""
        if self.flags_expire_at is not None and now >= self.flags_expire_at:
            self.flags_expire_at = None
            self.flags = bytes((self.flags[0] & 0x7F,)) + self.flags[1:]


@dataclass
class ChassisState:
    """Chassis (network function 00)."""

    capabilities: bytes = bytes((0x00, 0x20, 0x20, 0x20, 0x20, 0x20))
    restore_policy: int = 0
    last_event: int = 0  # b4 on by IPMI, b0 AC failed
    identify: int = 0  # 0 off, 1 timed, 2 until told otherwise
    identify_until: float | None = None
    front_panel: int = 0  # b3 standby b2 diagnostic b1 reset b0 power: disabled
    cycle_interval: int = 5
    restart_cause: int = 1
    restart_channel: int = 1
    poh: float = 0.0  # seconds of power, without the present spell
    powered_since: float | None = None
    boot: BootOptions = field(default_factory=BootOptions)


@dataclass
class SelEntry:
    """One SEL record: its id and 16 bytes, the id included."""

    record_id: int
    data: bytes


@dataclass
class SelState:
    """System event log."""

    entries: list[SelEntry] = field(default_factory=list)
    next_id: int = 1
    last_add: int = 0xFFFFFFFF
    last_erase: int = 0xFFFFFFFF
    overflow: bool = False
    reservation: int = 0
    erasing_until: float = 0.0
    time_offset: float = 0.0  # seconds that the BMC's clock is ahead
    utc_offset: int = 0  # minutes, 7FF unknown


@dataclass
class SensorState:
    """What can be changed of one sensor; the record describes the rest."""

    thresholds: bytes = bytes(6)  # raw: LNC LC LNR UNC UC UNR
    positive_hysteresis: int = 0
    negative_hysteresis: int = 0
    events: bool = True  # all event messages
    scanning: bool = True
    assertions: int = 0
    deassertions: int = 0
    forced: int | None = None  # raw reading, or state bits, that a test has put in


@dataclass
class SdrState:
    """Sensors and their repository; readable for good, added to by nobody."""

    sensors: dict[int, SensorState] = field(default_factory=dict)
    reservation: int = 0
    receiver_address: int = 0x20
    receiver_lun: int = 0


@dataclass
class PefState:
    """Platform event filtering (04/10 to 04/17)."""

    set_in_progress: int = 0
    control: int = 0
    actions: int = 0
    startup_delay: int = 60
    alert_startup_delay: int = 60
    filters: list[bytes] = field(default_factory=list)  # 20 bytes each
    policies: list[bytes] = field(default_factory=list)  # 3 bytes each
    guid: bytes = bytes(17)
    string_keys: list[bytes] = field(default_factory=list)  # event filter, string set
    strings: list[bytes] = field(default_factory=list)  # zero-ended text, 64 bytes at most
    last_software: int = 0
    last_bmc: int = 0
    postpone: int = 0
    postpone_until: float | None = None
    alert_status: int = 0
    acknowledged: int = 0  # PET acknowledges that came in
    sequence: int = 0  # of the last trap
    waiting: set[int] = field(default_factory=set)  # traps that nobody acknowledged yet


@dataclass
class PowerLimit:
    """DCMI power limit."""

    active: bool = False
    action: int = 0  # 0 nothing, 1 power off, 11 log only
    watts: int = 0
    correction: int = 1000  # ms
    period: int = 1  # seconds


@dataclass
class DcmiState:
    """DCMI (group extension DC)."""

    asset_tag: bytes = b""
    controller_id: bytes = b"\0"  # ended by a zero
    limit: PowerLimit = field(default_factory=PowerLimit)
    discovery: int = 0x01  # b7 random back-off, b1 options 60 and 43, b0 option 12
    initial_timeout: int = 4
    contact_timeout: int = 120
    retry_interval: int = 64
    thermal: dict[int, bytes] = field(default_factory=dict)  # instance to action, degrees, seconds


@dataclass
class NicState:
    """The port that the BMC uses, in the bytes of its maker's command."""

    value: bytes = b""
    wanted: bytes | None = None  # written, not in effect yet
    wanted_at: float | None = None  # when it will be; None: at the next reset
    port: bytes = bytes((1, 1))  # iLO: shared with 1 LOM or 2 ALOM, its port


@dataclass
class BmcState:
    """One BMC."""

    users: dict[int, User] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    lan: dict[int, LanConfig] = field(default_factory=dict)
    lan_staged: dict[int, LanConfig] = field(default_factory=dict)  # written, not committed
    lan_changed: set[int] = field(default_factory=set)  # take effect at "set complete"
    sol: dict[int, SolConfig] = field(default_factory=dict)
    serial: dict[int, SerialConfig] = field(default_factory=dict)
    device: DeviceState = field(default_factory=DeviceState)
    watchdog: Watchdog = field(default_factory=Watchdog)
    chassis: ChassisState = field(default_factory=ChassisState)
    sel: SelState = field(default_factory=SelState)
    sdr: SdrState = field(default_factory=SdrState)
    pef: PefState = field(default_factory=PefState)
    dcmi: DcmiState = field(default_factory=DcmiState)
    nic: NicState = field(default_factory=NicState)
    # Commands that the firmware firewall disables: channel to network function to commands.
    firewall: dict[int, dict[int, set[int]]] = field(default_factory=dict)
    fru: dict[int, bytes] = field(default_factory=dict)
    # The process's datagrams, all and dropped, when the statistics were cleared (0C/04).
    ip_cleared: tuple[int, int] = field(default=(0, 0), metadata={"saved": False}, compare=False)
    traits: Traits = field(default_factory=Traits, metadata={"saved": False}, compare=False)

    @classmethod
    def new(cls, personality: object, overrides: Mapping[str, Any] | Place | None = None) -> BmcState:
        """A BMC fresh from the factory. `overrides` has the keys of `Place`."""
        traits = traits_of(personality)
        place = overrides if isinstance(overrides, Place) else decode(Place, dict(overrides or {}))
        state = cls(traits=traits)
        state.channels = {number: _channel(t) for number, t in traits.channels.items()}
        lans = traits.lan.channels
        state.users = {number: _user(traits, number) for number in user_ids(traits)}
        state.lan = {number: _lan(traits.lan, place, nth) for nth, number in enumerate(lans)}
        state.sol = {number: _sol(traits.sol) for number in lans}
        serials = [number for number, t in traits.channels.items() if t.medium == 5]
        state.serial = {number: SerialConfig() for number in serials}
        _fill_rest(state, place)
        return state

    def to_json(self) -> dict[str, Any]:
        """Everything but the personality."""
        data = encode(self)
        assert isinstance(data, dict)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any], personality: object) -> BmcState:
        """The state that `to_json` gave. Raises ValueError or TypeError if it is not one."""
        state = decode(cls, data)
        state.traits = traits_of(personality)
        return state

    def restart(self) -> None:
        """What a reset of the controller does: volatile copies and unfinished writes are lost."""
        for channel in self.channels.values():
            channel.volatile = copy.deepcopy(channel.non_volatile)
        for sol in self.sol.values():
            sol.volatile_bit_rate = sol.bit_rate
            sol.set_in_progress = SET_COMPLETE
        for lan in self.lan.values():
            lan.set_in_progress = SET_COMPLETE
            lan.destinations[0] = Destination()
        for serial in self.serial.values():
            serial.set_in_progress = SET_COMPLETE
        if self.nic.wanted is not None:
            self.nic.value, self.nic.wanted, self.nic.wanted_at = self.nic.wanted, None, None
        self.lan_staged.clear()
        self.lan_changed.clear()
        self.pef.set_in_progress = self.chassis.boot.set_in_progress = SET_COMPLETE
        self.device.system_info_set = SET_COMPLETE
        self.sel.reservation = self.sdr.reservation = 0
        self.watchdog = Watchdog()
        self.pef.postpone, self.pef.postpone_until = 0, None
        self.pef.waiting.clear()

    @property
    def kg(self) -> bytes | None:
        """The key Kg of the channel that the BMC answers on."""
        return self.channels[self.first_lan_channel()].kg

    @kg.setter
    def kg(self, key: bytes | None) -> None:
        self.channels[self.first_lan_channel()].kg = key

    def first_lan_channel(self) -> int:
        return min(self.lan)

    def suite_limit(self, channel: int, suite: int) -> int:
        """Highest privilege of a cipher suite over a channel, by LAN parameters 23 and 24.

        0 means that the suite must not be used. A suite that the BMC's own convention cannot
        express (an id above 15 where the nibbles are by id) is not limited. Some boards do at the
        login what their own list does not say.
        """
        lan, traits = self.lan[channel], self.traits.lan
        if suite in traits.cipher_accepts:
            return ADMINISTRATOR
        by_id = traits.cipher_index == "id"
        # By ID suite 0 has its nibble, listed or not.
        there = suite in lan.cipher_suites or (by_id and suite == 0)
        if not there or suite in traits.cipher_refuses:
            return 0
        index = suite if by_id else lan.cipher_suites.index(suite)
        return lan.cipher_privileges[index] if index < 16 else 5


def traits_of(personality: object) -> Traits:
    """The traits of a personality: itself, its attribute `traits`, or a mapping of sections."""
    if isinstance(personality, Traits):
        return personality
    if isinstance(personality, Mapping):
        return Traits.from_mapping(personality)
    traits = getattr(personality, "traits", None)
    if not isinstance(traits, Traits):
        raise TypeError(f"{personality!r} has no traits")
    return traits


def user_ids(traits: Traits) -> range:
    return range(1, traits.users.max_users + 1)


def mac_bytes(text: str) -> bytes:
    """Six bytes of `aa:bb:cc:dd:ee:ff`."""
    return bytes.fromhex(text.replace(":", ""))


def _channel(traits: ChannelTraits) -> Channel:
    access = Access(
        mode=traits.mode,
        pef_alerting=traits.pef_alerting,
        per_message_auth=traits.per_message_auth,
        user_level_auth=traits.user_level_auth,
        privilege_limit=traits.privilege_limit,
    )
    return Channel(
        medium=traits.medium,
        protocol=traits.protocol,
        session_support=traits.session_support,
        payload_types=traits.payload_types,
        volatile=access,
        non_volatile=copy.deepcopy(access),
    )


def _user(traits: Traits, user_id: int) -> User:
    channels, factory = traits.lan.channels, traits.users.factory.get(user_id)
    if factory is None:
        unused = traits.users.unused_privilege
        return User(
            access={channel: UserAccess(unused) for channel in channels},
            payloads={channel: set() for channel in channels},
        )
    access = UserAccess(factory.privilege, factory.link_auth, factory.messaging, factory.callback)
    return User(
        name=factory.name.encode(),
        password=None if factory.password is None else factory.password.encode(),
        password_size=factory.password_size,
        enabled=factory.enabled,
        access={channel: copy.deepcopy(access) for channel in channels},
        payloads={channel: {1} if factory.sol else set() for channel in channels},
    )


def _lan(traits: LanTraits, place: Place, nth: int) -> LanConfig:
    """LAN settings; the second channel and those after it have no cable, and their own MAC."""
    privileges = list(traits.cipher_privileges) + [0] * 16
    mac = mac_bytes(place.mac)
    if nth:
        place = replace(place, address="0.0.0.0", netmask="0.0.0.0", gateway="0.0.0.0")
        # Locally administered addresses count up in their second byte, which the rack leaves free.
        mac = mac[:1] + bytes((mac[1] + nth & 0xFF,)) + mac[2:]
    return LanConfig(
        auth_support=traits.auth_support,
        auth_enables=bytes(traits.auth_enables),
        address=ipaddress.IPv4Address(place.address).packed,
        source=traits.source if place.source is None else place.source,
        mac=mac,
        netmask=ipaddress.IPv4Address(place.netmask).packed,
        gateway=ipaddress.IPv4Address(place.gateway).packed,
        arp=traits.arp,
        community=traits.community.encode().ljust(18, b"\0"),
        destinations=[Destination() for _unused in range(traits.destinations + 1)],
        vlan_id=traits.vlan,
        vlan_enabled=traits.vlan > 0,
        cipher_suites=list(traits.cipher_suites),
        cipher_privileges=privileges[:16],
        bad_password=BadPassword(threshold=traits.bad_password_threshold),
        ipv6=_ipv6(traits, mac),
    )


def _ipv6(traits: LanTraits, mac: bytes) -> Ipv6Config:
    # The link-local address that stateless configuration makes of the MAC (RFC 4291).
    local = bytes.fromhex("fe80000000000000") + bytes((mac[0] ^ 2,)) + mac[1:3] + b"\xff\xfe" + mac[3:]
    dynamic = [DynamicAddress6() for _unused in range(traits.ipv6_dynamic)]
    if dynamic:
        dynamic[0].address = local
    for entry in dynamic[1:2]:
        entry.source, entry.prefix = DHCPV6, 128
        entry.address = bytes.fromhex("fd000000000000000000") + mac
    return Ipv6Config(
        support=traits.ipv6_support,
        sources=traits.ipv6_sources,
        static_status=traits.ipv6_static_status,
        enables=2 if traits.ipv6_support & 2 else 0,
        static=[StaticAddress6() for _unused in range(traits.ipv6_static)], dynamic=dynamic
    )


def _sol(traits: SolTraits) -> SolConfig:
    return SolConfig(
        enabled=traits.enabled,
        force_encryption=traits.force_encryption,
        force_authentication=traits.force_authentication,
        privilege=traits.privilege,
        accumulate=traits.accumulate,
        threshold=traits.threshold,
        retry_count=traits.retry_count,
        retry_interval=traits.retry_interval,
        bit_rate=traits.bit_rate,
        volatile_bit_rate=traits.bit_rate,
    )


def _fill_rest(state: BmcState, place: Place) -> None:
    traits = state.traits
    mac = mac_bytes(place.mac)
    made = bytes.fromhex("6c696768747340008000") + mac  # version 4, as RFC 4122 writes it
    # On the wire a GUID is least significant byte first (IPMI table 20-10).
    state.device.guid = (bytes.fromhex(place.guid.replace("-", "")) if place.guid else made)[::-1]
    state.device.global_enables = traits.device.global_enables
    if place.system_name:
        name = place.system_name.encode()
        state.device.system_info[2] = bytes((0, len(name))) + name
    state.chassis.restore_policy = traits.chassis.restore_policy
    state.chassis.restart_cause = traits.chassis.restart_cause
    state.chassis.restart_channel = state.first_lan_channel()
    state.pef.filters = [bytes(20) for _unused in range(traits.pef.filters)]
    state.pef.policies = [bytes(3) for _unused in range(traits.pef.policies)]
    state.pef.string_keys = [bytes(2) for _unused in range(traits.pef.strings + 1)]
    state.pef.strings = [b"" for _unused in range(traits.pef.strings + 1)]
    for sensor in SENSORS:
        hysteresis = sensor.analog.hysteresis if sensor.analog else 0
        state.sdr.sensors[sensor.number] = SensorState(
            thresholds=sensor.initial_thresholds,
            positive_hysteresis=hysteresis,
            negative_hysteresis=hysteresis,
            assertions=sensor.events,
            deassertions=sensor.events,
        )
    state.nic.value = traits.nic_mode.value
    state.dcmi.asset_tag = place.asset_tag.encode()
    state.dcmi.controller_id = place.name.encode() + b"\0"
    state.fru[0] = build_fru(
        maker=place.maker,
        model=place.model,
        serial=place.serial,
        part_number=place.part_number,
        asset_tag=place.asset_tag,
        size=traits.records.fru_size,
    )

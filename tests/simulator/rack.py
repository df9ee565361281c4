# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rack file: which BMCs there are. See README.md for its keys."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from . import commands as _commands  # noqa: F401  (registers the handlers)
from .bmc import Bmc
from .clock import Clock
from .faults import Faults
from .jsonable import decode
from .persistence import Store
from .personalities import Personality, with_overrides
from .server import Lease, Network, Place
from .state import BmcState

RMCP_PORT = 623
PRIVILEGES = {
    "callback": 1,
    "user": 2,
    "operator": 3,
    "administrator": 4,
    "oem": 5,
    "no_access": 15,
}
SOURCES = {"static": 1, "dhcp": 2, "bios": 3, "other": 4}
_RANGE = re.compile(r"\[([0-9]+)-([0-9]+)\]")


class RackError(Exception):
    """The rack file is wrong; the text says where."""


@dataclass(frozen=True)
class UserEntry:
    """A user of the rack file, put over the factory's."""

    name: str = ""
    password: str | None = None
    password_size: int | None = None  # 16 or 20; by the length if left out
    privilege: str = "administrator"
    enabled: bool = True
    messaging: bool = True
    link_auth: bool = True
    callback: bool = False
    sol: bool = True


@dataclass(frozen=True)
class Satellite:
    """A controller behind a BMC, reached by bridged requests."""

    address: int  # IPMB address, even
    channel: int = 0
    maker: str = "generic"
    power: str = "off"
    silent: bool = False


@dataclass(frozen=True)
class Entry:
    """One BMC of the rack file, after its ranges were spread out."""

    name: str
    maker: str = "generic"
    address: str | None = None
    netmask: str = "255.255.255.0"
    gateway: str = "0.0.0.0"
    source: str | None = None
    port: int | None = None
    mac: str | None = None
    dhcp: Lease | None = None
    power: str | None = None
    users: dict[int, UserEntry] = field(default_factory=dict)
    kg: str | None = None  # hex
    personality: dict[str, Any] = field(default_factory=dict)  # over the maker's
    unreachable_vlans: list[int] = field(default_factory=list)
    unreachable_nics: list[int] = field(default_factory=list)
    dhcp_delay: float = 0.0
    faults: Faults = field(default_factory=Faults)
    satellites: list[Satellite] = field(default_factory=list)
    identity: dict[str, str] = field(default_factory=dict)  # guid, serial, model, asset_tag ...


@dataclass(frozen=True)
class RackFile:
    """All of it."""

    bmcs: list[Entry]
    port: int | None = None
    control: str | None = None


def read(path: Path) -> RackFile:
    """Read a rack file. Raises RackError."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RackError(f"cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise RackError(f"{path} is not YAML: {error}") from error
    return parse(data)


def parse(data: object) -> RackFile:
    """Check the content of a rack file. Raises RackError with the place of the fault."""
    if not isinstance(data, Mapping):
        raise RackError("the rack file has to be a mapping with the key 'bmcs'")
    unknown = set(data) - {"bmcs", "defaults", "port", "control"}
    if unknown:
        raise RackError(f"unknown key {', '.join(sorted(map(str, unknown)))} in the rack file")
    defaults = data.get("defaults", {})
    rows = data.get("bmcs")
    if not isinstance(rows, list) or not rows or not isinstance(defaults, Mapping):
        raise RackError("'bmcs' has to be a list with an entry or more, 'defaults' a mapping")
    entries = [_entry(row) for given in rows for row in spread(_over(defaults, given))]
    _check_unique(entries)
    return RackFile(entries, _port(data.get("port")), data.get("control"))


def _over(defaults: Mapping[str, Any], given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise RackError(f"an entry of 'bmcs' is no mapping: {given!r}")
    return {**defaults, **given}


def spread(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Spread `[1-24]` ranges; all ranges in an entry have to be of one length."""
    lengths = {len(_numbers(match)) for text in _texts(row) for match in _RANGE.finditer(text)}
    if not lengths:
        return [dict(row)]
    if len(lengths) > 1:
        name = row.get("name", row.get("address"))
        raise RackError(f"{name}: its ranges have different lengths: {sorted(lengths)}")
    return [_pick(row, index) for index in range(lengths.pop())]


def _numbers(match: re.Match[str]) -> list[str]:
    first, last = match[1], match[2]
    if int(last) < int(first):
        raise RackError(f"the range {match[0]} runs backwards")
    width = len(first) if first.startswith("0") else 0
    return [str(number).zfill(width) for number in range(int(first), int(last) + 1)]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    return []


def _pick(value: Any, index: int) -> Any:
    if isinstance(value, str):
        return _RANGE.sub(lambda match: _numbers(match)[index], value)
    if isinstance(value, Mapping):
        return {key: _pick(item, index) for key, item in value.items()}
    return value


def _entry(row: Mapping[str, Any]) -> Entry:
    name = row.get("name") or row.get("address") or _lease_address(row)
    if not name:
        raise RackError(f"an entry has neither name nor address: {dict(row)!r}")
    try:
        entry = decode(Entry, {**row, "name": str(name)})
        _check(entry)
    except (ValueError, TypeError) as error:
        raise RackError(f"{name}: {error}") from error
    return entry


def _lease_address(row: Mapping[str, Any]) -> object:
    lease = row.get("dhcp")
    return lease.get("address") if isinstance(lease, Mapping) else None


def _check(entry: Entry) -> None:
    """Raises ValueError."""
    for text in (entry.netmask, entry.gateway):
        ipaddress.IPv4Address(text)
    if entry.address is None and entry.dhcp is None:
        raise ValueError("neither 'address' nor 'dhcp'")
    if entry.address is not None:
        ipaddress.ip_address(entry.address)
    if entry.dhcp is not None:
        ipaddress.IPv4Address(entry.dhcp.address)
    if entry.mac is not None and not re.fullmatch("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", entry.mac):
        raise ValueError(f"mac {entry.mac!r} is not like 02:00:00:00:00:01")
    _one_of("source", entry.source, SOURCES)
    _one_of("power", entry.power, ("on", "off"))
    if entry.kg is not None and len(bytes.fromhex(entry.kg)) > 20:
        raise ValueError("kg has more than 20 bytes")
    _port(entry.port)
    for satellite in entry.satellites:
        _one_of("power", satellite.power, ("on", "off"))
        with_overrides(satellite.maker, {})
    for user in entry.users.values():
        _one_of("privilege", user.privilege, PRIVILEGES)
        if len(user.name.encode()) > 16 or len((user.password or "").encode()) > 20:
            raise ValueError("a name has 16 bytes at most, a password 20")
    fresh_state(entry, with_overrides(entry.maker, entry.personality))


def _one_of(key: str, value: object, choices: Any) -> None:
    if value is not None and value not in choices:
        raise ValueError(f"{key} is one of {', '.join(choices)}, not {value!r}")


def _port(value: object) -> int | None:
    if value is not None and not (isinstance(value, int) and 1 <= value <= 65535):
        raise RackError(f"port {value!r} is not between 1 and 65535")
    return value


def _check_unique(entries: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.name in seen:
            raise RackError(f"two BMCs have the name {entry.name}")
        seen.add(entry.name)


@dataclass
class Rack:
    """A rack that runs, or is about to."""

    clock: Clock
    network: Network
    bmcs: dict[str, Bmc]
    entries: dict[str, Entry]
    store: Store | None = None

    @classmethod
    def build(
        cls,
        file: RackFile,
        clock: Clock,
        *,
        port: int | None = None,
        state_folder: Path | None = None,
    ) -> Rack:
        """Make the BMCs of a rack file. Raises ValueError for a state file that is broken."""
        store = None if state_folder is None else Store(state_folder, clock)
        network = Network(clock)
        rack = cls(clock, network, {}, {}, store)
        for entry in file.bmcs:
            chosen = entry.port or port or file.port or RMCP_PORT
            rack.add(entry, chosen)
        return rack

    def add(self, entry: Entry, port: int) -> Bmc:
        """Put one more BMC in."""
        personality = with_overrides(entry.maker, entry.personality)
        state, power = self._state(entry, personality)
        bmc = Bmc(
            entry.name,
            personality,
            self.clock,
            state,
            power_on=power,
            faults=replace(entry.faults),
        )
        for satellite in entry.satellites:
            key = satellite.channel, satellite.address
            bmc.satellites[key] = self._satellite(entry.name, satellite)
        if self.store is not None:
            bmc.on_change = self.store.changed
        self.network.add(bmc, _place(entry, personality, port))
        self.bmcs[entry.name] = bmc
        self.entries[entry.name] = entry
        return bmc

    def _satellite(self, name: str, satellite: Satellite) -> Bmc:
        return Bmc(
            f"{name}.{satellite.address:02x}",
            with_overrides(satellite.maker, {}),
            self.clock,
            power_on=satellite.power == "on",
            faults=Faults(silent=satellite.silent),
        )

    def _state(self, entry: Entry, personality: Personality) -> tuple[BmcState, bool | None]:
        kept = None if self.store is None else self.store.load(entry.name, personality.name)
        if kept is not None:
            return BmcState.from_json(kept["state"], personality), bool(kept["power"])
        power = None if entry.power is None else entry.power == "on"
        return fresh_state(entry, personality), power

    def factory_reset(self, bmc: Bmc) -> None:
        """Back to what the rack file says, at once, sessions gone."""
        entry = self.entries[bmc.name]
        bmc.sessions.close_all()
        bmc.state = fresh_state(entry, bmc.personality)
        if entry.power is not None:
            bmc.power.force(entry.power == "on")
        bmc.network.restarted(bmc)
        bmc.changed()

    def close(self) -> None:
        """Save, and let go of the sockets."""
        if self.store is not None:
            for bmc in self.bmcs.values():
                self.store.changed(bmc)
            self.store.flush()
        self.network.close()


def _place(entry: Entry, personality: Personality, port: int) -> Place:
    is_v6 = entry.address is not None and ":" in entry.address
    lease = entry.dhcp
    if lease is None and entry.address is not None and not is_v6:
        lease = Lease(entry.address, entry.netmask, entry.gateway)
    return Place(
        port=port,
        lease=lease,
        fixed=entry.address if is_v6 else None,
        unreachable_vlans=frozenset(entry.unreachable_vlans),
        unreachable_nics=frozenset(entry.unreachable_nics),
        move_delay=personality.network.move_delay,
        dhcp_delay=entry.dhcp_delay,
        moves=personality.network.moves,
        sessions_survive=personality.network.sessions_survive,
    )


def fresh_state(entry: Entry, personality: Personality) -> BmcState:
    """A BMC as the rack file describes it."""
    v4 = entry.address if entry.address is not None and ":" not in entry.address else None
    source = entry.source
    if source is None and entry.dhcp is None:
        source = "static"
    place = {
        "name": entry.name,
        "address": v4 or (entry.dhcp.address if entry.dhcp else "0.0.0.0"),
        "netmask": entry.netmask,
        "gateway": entry.gateway,
        "source": None if source is None else SOURCES[source],
        "mac": entry.mac or _made_mac(entry.name),
        "serial": _made_serial(entry.name),
        **entry.identity,
    }
    state = BmcState.new(personality, place)
    for user_id, user in entry.users.items():
        _put_user(state, user_id, user)
    if entry.kg is not None:
        state.kg = bytes.fromhex(entry.kg).ljust(20, b"\0")
    return state


def _put_user(state: BmcState, user_id: int, entry: UserEntry) -> None:
    if user_id not in state.users:
        raise ValueError(f"user {user_id}: this maker has {len(state.users)} users")
    user = state.users[user_id]
    user.name = entry.name.encode()
    user.password = None if entry.password is None else entry.password.encode()
    long = user.password is not None and len(user.password) > 16
    user.password_size = entry.password_size or (20 if long else 16)
    user.enabled = entry.enabled
    for channel in state.lan:
        access = user.on(channel)
        access.privilege = PRIVILEGES[entry.privilege]
        access.messaging, access.link_auth = entry.messaging, entry.link_auth
        access.callback = entry.callback
        user.payloads[channel] = {1} if entry.sol else set()


def _made_mac(name: str) -> str:
    """A locally administered address, the same at each start."""
    digest = hashlib.sha256(name.encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (2, *digest[:5]))


def _made_serial(name: str) -> str:
    return "SIM" + hashlib.sha256(name.encode()).hexdigest()[:7].upper()

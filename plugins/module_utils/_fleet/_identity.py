# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Which machine a BMC belongs to: by its address, and by its MAC address, GUID or serial number where it moved."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Entry, Place, Record, State
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._sources import fill

#: What a BMC is known by, the surest first.
IDENTITIES: t.Final = ("mac", "guid", "serial")
Identity = dict[str, str]
_NAME_SEPARATORS: t.Final = str.maketrans({":": "-", " ": "_", "/": "_"})


@dataclass(frozen=True)
class Host:
    """A host of the inventory."""

    name: str
    place: Place  #: where its BMC is, as people write it
    record: Record
    entry: Entry | None = None  #: None: discovered
    moved_from: str | None = None  #: where it should be, or was


def identity_of(record: Record) -> Identity:
    """What the BMC is known by."""
    return {key: str(record.facts[key]).lower() for key in IDENTITIES if record.facts.get(key)}


def differ(one: Identity, other: Identity) -> str | None:
    """The surest identity that both have, if it differs; None where they are or may be the same."""
    for key in IDENTITIES:
        if key in one and key in other:
            return key if one[key] != other[key] else None
    return None


@dataclass
class Assignment:
    """Brings entries and records together."""

    records: t.Mapping[str, Record]
    names: t.Mapping[str, str | None]
    #: What hosts were known by at the last look, by their names.
    known: t.Mapping[str, Identity] = field(default_factory=dict)
    #: Whether the records are newer than what is known; else they are of the same look.
    fresh: bool = True
    hosts: list[Host] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)
    _index: dict[tuple[str, str], str] = field(default_factory=dict)

    def assign(self, entries: t.Sequence[Entry]) -> None:
        """A host for each entry."""
        self._index = unique_identities(self.records)
        lost: list[tuple[Entry, Record, Identity]] = []
        for entry in entries:
            record, key = self._at(entry)
            declared = declared_identity(entry)
            other = differ(declared, identity_of(record)) if not record.stale else None
            if other is not None:
                lost.append((entry, _other(entry, record, other), declared))
            elif record.facts and not record.stale:
                self._take(Host(entry.name, entry.place, record, entry), key)
            else:
                lost.append((entry, record, declared or self.known.get(entry.name, {})))
        for entry, record, identity in lost:
            self._find(entry, record, identity)
        order = {entry.name: number for number, entry in enumerate(entries)}
        self.hosts.sort(key=lambda host: order[host.name])

    def _at(self, entry: Entry) -> tuple[Record, str]:
        address = self.names.get(entry.place.host)
        if address is None:
            reason = "the name has no address, or the name server gave no answer in time"
            return Record().failed(State.NAME_NOT_RESOLVED, reason), ""
        key = Place(address, entry.place.port).key
        return self.records.get(key, Record(address=address)), key

    def _find(self, entry: Entry, record: Record, identity: Identity) -> None:
        """A BMC that is not at its place may be at another."""
        for kind in IDENTITIES:
            key = self._index.get((kind, identity[kind])) if kind in identity else None
            if key is not None and key not in self._taken:
                place = Place.from_key(key)
                self._take(Host(entry.name, place, self.records[key], entry, moved_from=entry.place.host), key)
                break
        else:
            self.hosts.append(Host(entry.name, entry.place, record, entry))
        if record.state is not State.OTHER_BMC:
            self._taken.add(self._at(entry)[1])

    def _take(self, host: Host, key: str) -> None:
        self._taken.add(key)
        self.hosts.append(host)

    def discover(self, patterns: t.Sequence[str], oldest: float = 0.0) -> None:
        """A host for each further BMC, named after the first pattern that it can fill.

        One that has not answered since `oldest`, in seconds since 1970, is left out.
        """
        names = {host.name for host in self.hosts}
        before: dict[tuple[str, str], str] = {
            (kind, known[kind]): known["place"] for known in self.known.values() for kind in IDENTITIES if kind in known and "place" in known
        }
        for key, record in sorted(self.records.items(), key=_by_address):
            if key in self._taken or record.seen is None or record.seen < oldest:
                continue
            name = _name(patterns, record, names)
            names.add(name)
            place = Place.from_key(key)
            self._take(Host(name, place, record, moved_from=self._moved_from(name, place, record, before)), key)

    def _moved_from(self, name: str, place: Place, record: Record, before: t.Mapping[tuple[str, str], str]) -> str | None:
        """Where a discovered BMC was at the look before, if not here."""
        if not self.fresh:
            return self.known.get(name, {}).get("moved_from")
        if not record.stale:
            for one in identity_of(record).items():
                if self._index.get(one) == place.key and one in before:
                    return before[one] if before[one] != place.host else None
        return None

    def used(self) -> dict[str, Record]:
        """The records that belong to hosts; for the cache."""
        return {key: record for key, record in self.records.items() if key in self._taken}

    def now_known(self) -> dict[str, Identity]:
        """What the hosts are known by, for the next look."""
        known: dict[str, Identity] = {}
        for host in self.hosts:
            identity = identity_of(host.record)
            if identity:
                known[host.name] = {**identity, "place": host.place.host}
                if host.moved_from is not None:
                    known[host.name]["moved_from"] = host.moved_from
            elif host.name in self.known:
                known[host.name] = self.known[host.name]
        return known


def declared_identity(entry: Entry) -> Identity:
    """What the inventory's sources say that the BMC is known by."""
    given = {"mac": entry.mac, "guid": entry.guid, "serial": entry.serial}
    return {key: value.lower() for key, value in given.items() if value}


def unique_identities(records: t.Mapping[str, Record]) -> dict[tuple[str, str], str]:
    """Where each identity is. What several BMCs claim, as with makers who forget to set a GUID, is nobody's."""
    index: dict[tuple[str, str], str] = {}
    several: set[tuple[str, str]] = set()
    for key, record in records.items():
        if record.stale:
            continue
        for one in identity_of(record).items():
            if one in index:
                several.add(one)
            index[one] = key
    return {one: key for one, key in index.items() if one not in several}


def _by_address(item: tuple[str, Record]) -> tuple[int, int, int]:
    place = Place.from_key(item[0])
    address = ipaddress.ip_address(place.host)
    return address.version, int(address), place.port


def _other(entry: Entry, record: Record, kind: str) -> Record:
    found, wanted = identity_of(record)[kind], declared_identity(entry)[kind]
    reason = f"the BMC at {entry.place.host} has the {kind} {found}, and not {wanted} ({entry.source})"
    return Record(address=record.address, probed=record.probed).failed(State.OTHER_BMC, reason)


def _name(patterns: t.Sequence[str], record: Record, taken: t.Container[str]) -> str:
    values = {key: str(value).translate(_NAME_SEPARATORS) for key, value in record.facts.items() if isinstance(value, (str, int)) and value != ""}
    values["address"] = record.address
    for pattern in patterns:
        try:
            name = fill(pattern, values)
        except BadOption:
            # It needs something that this BMC did not tell: the next pattern.
            continue
        if name and name not in taken and not any(letter in name for letter in "{},!&\n\t"):
            return name
    return record.address


def remember(records: t.Mapping[str, Record], old: t.Mapping[str, Record]) -> dict[str, Record]:
    """The records, with the facts of the last look where a BMC does not tell them now; those are marked stale.

    Addresses that never answered are left out. Facts of a BMC that is found somewhere else stay with that BMC.
    """
    index = unique_identities(records)
    found: dict[str, Record] = {}
    for key, record in records.items():
        before = old.get(key)
        if before is not None and record.state is not State.OK and before.facts and not _is_elsewhere(before, key, index):
            record = replace(
                record,
                facts={**before.facts, **record.facts},
                read=before.read,
                stale=True,
                credential=record.credential or before.credential,
                probed=record.probed or before.probed,
                seen=record.seen or before.seen,
            )
        elif before is not None and record.seen is None and before.seen is not None and not _is_elsewhere(before, key, index):
            record = replace(record, seen=before.seen, probed=before.probed, stale=True)
        found[key] = record
    return found


def _is_elsewhere(record: Record, key: str, index: t.Mapping[tuple[str, str], str]) -> bool:
    return any(index.get(one, key) != key for one in identity_of(record).items())

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""From the options of an inventory file to its hosts. Knows neither Ansible nor its cache."""

from __future__ import annotations

import datetime
import pathlib
import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._credentials import Credential
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._identity import Assignment, Host, Identity, remember
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import PARENTS, Entry, Place, Record
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._ranges import expand_addresses
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._sources import Sources
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._survey import Manner, Survey

#: The form of what is cached; another one is not read.
FORMAT: t.Final = 1
_DAY: t.Final = 86400.0
OUT_OF_ORDER: t.Final = "bmc_out_of_order"
UNREACHABLE: t.Final = "bmc_unreachable"
STALE: t.Final = "bmc_stale"
MOVED: t.Final = "bmc_moved"
OK: t.Final = "bmc_ok"

#: Host variables from facts of the same name without "bmc_".
_FACTS: t.Final = (
    "manufacturer_id",
    "product_id",
    "firmware",
    "ipmi_version",
    "guid",
    "mac",
    "power",
    "serial",
    "board_serial",
    "chassis_serial",
    "part_number",
    "asset_tag",
    "updating",
    "lacking",
)
#: Host variables whose text is worded here, and is not what a BMC or a file says.
OWN_WORDS: t.Final = frozenset(
    f"bmc_{name}"
    for name in (
        *("host", "state", "reason", "maker", "firmware", "ipmi_version", "guid", "mac", "power", "seen", "facts_from"),
        *("lan_facts", "sol_facts", "credential", "moved_from"),
    )
)
_PROBED: t.Final = ("anonymous_login", "null_users", "no_authentication", "kg_set", "ipmi_1_5", "ipmi_2_0")


@dataclass(frozen=True)
class Request:
    """What an inventory file asks for."""

    networks: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hosts: tuple[dict[str, t.Any], ...] = ()
    files: tuple[dict[str, t.Any], ...] = ()
    folder: pathlib.Path = pathlib.Path()
    port: int = 623
    hostnames: tuple[str, ...] = ("{address}",)
    manner: Manner = field(default_factory=Manner)
    forget_after: float = 30.0  #: days


@dataclass
class Snapshot:
    """What was found at the last look. Holds no secret and can be kept as JSON."""

    looked: float = 0.0  #: seconds since 1970
    parts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    port: int = 623
    names: dict[str, str | None] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    known: dict[str, Identity] = field(default_factory=dict)

    def as_json(self) -> dict[str, t.Any]:
        """For the cache."""
        return {
            "format": FORMAT,
            "looked": self.looked,
            "parts": list(self.parts),
            "networks": list(self.networks),
            "port": self.port,
            "names": self.names,
            "records": {key: record.as_json() for key, record in self.records.items()},
            "known": self.known,
        }

    @classmethod
    def from_json(cls, data: t.Any) -> Snapshot:
        """From the cache; an empty one where it is of another form."""
        try:
            if data["format"] != FORMAT:
                return cls()
            return cls(
                looked=float(data["looked"]),
                parts=tuple(data["parts"]),
                networks=tuple(data["networks"]),
                port=int(data["port"]),
                names=dict(data["names"]),
                records={key: Record.from_json(record) for key, record in data["records"].items()},
                known={name: dict(identity) for name, identity in data["known"].items()},
            )
        except (KeyError, TypeError, ValueError):
            # Written by another program or cut short: as good as none.
            return cls()


@dataclass
class Fleet:
    """One inventory file's machines."""

    request: Request
    sources: Sources
    #: Gives the credentials. Asked only where something is read with a session.
    credentials: t.Callable[[], t.Sequence[Credential]]
    now: t.Callable[[], float] = time.time
    entries: list[Entry] = field(default_factory=list)
    #: Whether BMCs were asked for the hosts that were returned last.
    looked: bool = False

    def read_sources(self) -> None:
        """Read hosts and files. Raises BadOption; wrong lines are in `sources.wrong`."""
        request = self.request
        self.entries = self.sources.entries(request.hosts, request.files, request.folder)

    def hosts(self, last: Snapshot, *, fresh: bool) -> tuple[list[Host], Snapshot]:
        """The hosts, and what to keep of this look.

        With `fresh` all BMCs are asked; else only those that the last look, or a change of the file, left out.
        Raises BadOption, OSError.
        """
        request = self.request
        fresh = fresh or last.parts != request.manner.parts or last.networks != self._networks() or last.port != request.port
        entries = self.entries if fresh else [entry for entry in self.entries if not self._is_in(last, entry)]
        names, records = ({}, {}) if fresh else (dict(last.names), dict(last.records))
        self.looked = fresh or bool(entries)
        if self.looked:
            survey = self._survey(entries, last)
            found = survey.look(self._addresses() if fresh else ())
            names |= survey.names
            records |= remember(found, last.records)
        assignment = Assignment(records, names, last.known, fresh)
        assignment.assign(self.entries)
        assignment.discover(request.hostnames, self.now() - request.forget_after * _DAY)
        kept = Snapshot(
            looked=self.now() if fresh else last.looked,
            parts=request.manner.parts,
            networks=self._networks(),
            port=request.port,
            names=names,
            records=assignment.used(),
            known=assignment.now_known(),
        )
        return assignment.hosts, kept

    def _survey(self, entries: t.Sequence[Entry], last: Snapshot) -> Survey:
        manner = self.request.manner
        credentials = self.credentials() if manner.parts else ()
        return Survey(manner, credentials, entries, last.records, self.now)

    def _networks(self) -> tuple[str, ...]:
        return (*self.request.networks, *(f"without {text}" for text in self.request.exclude))

    def _addresses(self) -> list[Place]:
        addresses = expand_addresses(self.request.networks, self.request.exclude)
        return [Place(address, self.request.port) for address in addresses]

    @staticmethod
    def _is_in(last: Snapshot, entry: Entry) -> bool:
        if entry.place.host not in last.names:
            return False
        address = last.names[entry.place.host]
        return address is None or Place(address, entry.place.port).key in last.records


def variables_of(host: Host) -> dict[str, t.Any]:
    """The host variables. What is not known is left out, so that a group's variable can take its place."""
    record, entry = host.record, host.entry
    variables: dict[str, t.Any] = dict(entry.variables) if entry is not None else {}
    variables["bmc_host"] = host.place.host
    if host.place.port != 623:
        variables["bmc_port"] = host.place.port
    variables.update(bmc_state=record.state.value, bmc_reason=record.reason, bmc_stale=record.stale)
    facts = record.facts
    declared = {} if entry is None else {"maker": entry.maker, "serial": entry.serial, "mac": entry.mac, "guid": entry.guid}
    found = {
        **declared,
        **{name: facts[name] for name in _FACTS if name in facts},
        "maker": facts.get("manufacturer") or declared.get("maker") or _unnamed(facts),
        "product": facts.get("product") or _number(facts.get("product_id")),
        "lan_facts": facts.get("lan"),
        "sol_facts": facts.get("sol"),
        "credential": record.credential,
        "moved_from": host.moved_from,
        "seen": _time(record.seen),
        "facts_from": _time(record.read),
    }
    if record.probed is not None:
        found.update({name: getattr(record.probed, name) for name in _PROBED})
    variables.update({f"bmc_{name}": value for name, value in found.items() if value is not None})
    return variables


def _unnamed(facts: t.Mapping[str, t.Any]) -> str | None:
    number = facts.get("manufacturer_id")
    return f"maker {number}" if number else None


def _number(value: t.Any) -> str | None:
    return None if value is None else str(value)


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).isoformat().replace("+00:00", "Z")


def groups_of(host: Host) -> list[tuple[str, ...]]:
    """The groups, each as a path from the outermost to the one that the host is in."""
    state = host.record.state
    path = [f"bmc_{state.value}"]
    parent = PARENTS.get(state)
    while parent is not None:
        path.insert(0, parent)
        parent = {UNREACHABLE: OUT_OF_ORDER, "bmc_login_refused": OUT_OF_ORDER}.get(parent)
    groups: list[tuple[str, ...]] = [tuple(path)]
    if host.record.stale:
        groups.append((STALE,))
    if host.moved_from is not None:
        groups.append((MOVED,))
    if host.entry is not None:
        groups += [(group,) for group in host.entry.groups]
    return groups


def in_order(paths: t.Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Each path once, what is out of order first, so that it is at the top of `ansible-inventory --graph`."""
    return sorted(dict.fromkeys(paths), key=lambda path: (path[0] != OUT_OF_ORDER, path[0] not in (STALE, MOVED), path[0] != OK, path))

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Looks at many BMCs at once: names, probes, sessions. What comes out is a record for each place."""

from __future__ import annotations

import time
import traceback
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._credentials import Credential, Wanted, choose
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._gather import Job, Pool, gather
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Entry, Place, Record, State
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._probe import DEFAULT_RATE, Answer, Prober
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._resolve import resolve
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHANNEL_AUTH_CAPABILITIES
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import meaning
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._device import manufacturer_name

Records = dict[str, Record]
#: A machine that the inventory names should be there, and while others are read there is time anyway: both let
#: an address wait so many times longer.
_PATIENT: t.Final = 2.0


@dataclass(frozen=True)
class Manner:
    """How to look."""

    parts: tuple[str, ...] = ()  #: what to read with a session
    rate: float = DEFAULT_RATE  #: packets a second
    wait: float = 2.1  #: seconds that an address has to answer
    timeout: float = 10.0  #: seconds for a login, for a request, and for all names
    limit: float = 20.0  #: seconds for a BMC in all
    sessions: int = 128  #: at the same time

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("probe_rate", self.rate, 1, 1_000_000),
            ("probe_wait", self.wait, 0.05, 600),
            ("bmc_timeout", self.timeout, 0.05, 3600),
            ("gather_timeout", self.limit, 0.1, 3600),
            ("sessions", self.sessions, 1, 4096),
        ):
            if not low <= value <= high:
                raise BadOption(f"{name} is {value:g}; it must be {low:g} to {high:g}")


@dataclass
class Survey:
    """One look at many BMCs."""

    manner: Manner
    credentials: t.Sequence[Credential] = ()
    entries: t.Sequence[Entry] = ()
    old: t.Mapping[str, Record] = field(default_factory=dict)  #: of the last look
    now: t.Callable[[], float] = time.time
    records: Records = field(default_factory=dict)
    #: Names and their addresses; None for those that have none.
    names: dict[str, str | None] = field(default_factory=dict)
    _entries_at: dict[Place, list[Entry]] = field(default_factory=dict)

    def look(self, addresses: t.Sequence[Place] = ()) -> Records:
        """Probe the entries' BMCs and further addresses, and read those that answer. Raises OSError."""
        self.names = resolve((entry.place.host for entry in self.entries), self.manner.timeout)
        for entry in self.entries:
            address = self.names[entry.place.host]
            if address is not None:
                self._entries_at.setdefault(Place(address, entry.place.port), []).append(entry)
        named = list(self._entries_at)
        with Pool(self.manner.sessions) as pool:

            def report(answer: Answer) -> None:
                self._answered(answer, pool)

            wait, patient = self.manner.wait, self.manner.wait * _PATIENT
            others = [place for place in addresses if place not in self._entries_at]
            Prober(report, self.manner.rate).run([(named, patient), (others, patient if self.manner.parts else wait)])
        return self.records

    def _answered(self, answer: Answer, pool: Pool) -> None:
        record = record_of(answer, self.now())
        key = answer.place.key
        self.records[key] = record
        if record.state is State.OK and self.manner.parts:
            job = self._job(answer.place, record)
            pool.submit(lambda: self._gather(key, job, record))

    def _gather(self, key: str, job: Job, record: Record) -> None:
        try:
            self.records[key] = gather(job, record)
        except Exception as error:  # noqa: BLE001  (one BMC's trouble must not cost the other 1,799)
            last = traceback.extract_tb(error.__traceback__)[-1]
            text = f"this is a fault in lightsout.bmc, please report it: {type(error).__name__} in {last.name}, line {last.lineno}"
            self.records[key] = record.failed(State.FAILED, text)

    def _job(self, place: Place, record: Record) -> Job:
        entries = self._entries_at.get(place, [])
        old = self.old.get(place.key, Record())
        wanted = Wanted(
            names={place.host, *(entry.name for entry in entries), *(entry.place.host for entry in entries)},
            groups={group for entry in entries for group in entry.groups},
            maker=next((entry.maker for entry in entries if entry.maker), None) or _maker(old) or _maker(record),
            last=old.credential,
            refused=old.refused,
        )
        manner = self.manner
        return Job(place, choose(self.credentials, wanted), manner.parts, manner.timeout, manner.limit)


def _maker(record: Record) -> str | None:
    known: str | None = record.facts.get("manufacturer")
    if known is None and record.probed is not None and record.probed.oem_id:
        known = manufacturer_name(record.probed.oem_id)
    return known


def record_of(answer: Answer, now: float) -> Record:
    """What a probe says of a BMC."""
    record = Record(address=answer.place.host, probed=answer.probed, seconds=answer.seconds, seen=now)
    probed = answer.probed
    if answer.closed:
        return replace(record, seen=None).failed(State.PORT_CLOSED, f"the machine there says that nothing listens on UDP port {answer.place.port}")
    if probed is None:
        why = answer.error or "check its power, its cable, the VLAN, firewalls, and that IPMI over LAN is enabled"
        return replace(record, seen=None).failed(State.SILENT, f"no answer on UDP port {answer.place.port}: {why}")
    if answer.refused is not None:
        command = GET_CHANNEL_AUTH_CAPABILITIES
        return record.failed(State.FAILED, f"{command} was refused with completion code 0x{answer.refused:02X} ({meaning(command, answer.refused)})")
    if not probed.ipmi_1_5 and not probed.ipmi_2_0:
        return record.failed(State.NO_IPMI, "it answers the RMCP presence ping, and not IPMI")
    if not probed.ipmi_2_0:
        return record.failed(State.ONLY_IPMI_1_5, "it has IPMI 1.5 only; sessions need IPMI 2.0")
    return replace(record, state=State.OK)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Reads facts from one BMC with a session, and from many by a pool of threads."""

from __future__ import annotations

import queue
import threading
import time
import typing as t
from dataclasses import dataclass, field, replace
from types import TracebackType

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BmcError, CompletionError, LoginRefused, SessionLost
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._credentials import Credential
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._fru import FruReader
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Facts, Place, Record, State
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _lan, _parameters, _sol
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._chassis import ChassisStatus
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_CHASSIS_STATUS,
    GET_LAN,
    GET_SOL,
    GET_SYSTEM_GUID,
    Command,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._device import Guid
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._fru import Board, Chassis, Product
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol import SolParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import lan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import ABSENT_ON_READ
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

#: A login is six requests. A BMC that was slow to answer the probe gets this many times that for it.
_LOGIN: t.Final = 8
#: Who takes so long for the probe is slow, in seconds; else a login without an answer means that it fell silent.
_LATE: t.Final = 0.25
#: A session whose BMC is this close to its deadline is not asked anything more, in seconds.
_SCANT: t.Final = 0.05

Decoded = t.TypeVar("Decoded")
Opener = t.Callable[[Connection, float], Bmc]


def _open(connection: Connection, deadline: float) -> Bmc:
    return open_session(connection, deadline=deadline)


@dataclass(frozen=True)
class Job:
    """One BMC to read."""

    place: Place  #: numeric
    credentials: t.Sequence[Credential]  #: in the order of trying
    parts: t.Sequence[str]
    timeout: float = 10.0  #: seconds for a login, and for a request
    limit: float = 20.0  #: seconds for all of it


class Gatherer:
    """Reads one BMC."""

    def __init__(self, bmc: Bmc, deadline: float, now: t.Callable[[], float] = time.monotonic) -> None:
        self.bmc = bmc
        self.reader = Reader(bmc)
        self.facts: Facts = {}
        #: Parts, or things in them, that the BMC does not have.
        self.lacking: list[str] = []
        self._deadline = deadline
        self._timeout = bmc.connection.timeout
        self._now = now

    def gather(self, parts: t.Iterable[str]) -> bool:
        """Read the parts into `facts`. False where the time is over before all is read."""
        for part, read in _READERS.items():
            if part not in parts:
                continue
            try:
                read(self)
            except CompletionError as error:
                if error.outcome not in ABSENT_ON_READ:
                    raise
                self.lacking.append(part)
            except SessionLost:
                if not self._over():
                    raise
            if self._over():
                return False
        if self.lacking:
            self.facts["lacking"] = self.lacking
        return True

    def _over(self) -> bool:
        """Whether the BMC's time is over. If not, no request may take longer than what is left."""
        left = self._deadline - self._now()
        if left > _SCANT:
            self.bmc.connection = replace(self.bmc.connection, timeout=min(self._timeout, left))
        return left <= _SCANT

    def _controller(self) -> None:
        device = self.bmc.device
        self.facts.update(
            manufacturer_id=device.manufacturer_id,
            manufacturer=device.manufacturer,
            product_id=device.product_id,
            firmware=device.firmware,
            ipmi_version=device.ipmi_version,
            updating=device.updating,
        )

    def _guid(self) -> None:
        guid = self.bmc.read(GET_SYSTEM_GUID, b"", Guid.from_wire)
        if guid.is_set:
            self.facts["guid"] = guid.text

    def _power(self) -> None:
        status = self.bmc.read(GET_CHASSIS_STATUS, b"", ChassisStatus.from_wire)
        self.facts["power"] = "on" if status.power_on else "off"

    def _lan(self) -> None:
        channel = lan_channel(self.reader, None)
        lan: Facts = {"channel": channel}
        self.facts["lan"] = lan
        read = _Parameters(self, GET_LAN, channel)
        if (mac := read(LanParameter.MAC_ADDRESS, _lan.MacAddress.from_wire)) is not None:
            self.facts["mac"] = mac.address
        if (address := read(LanParameter.IP_ADDRESS, _lan.IpAddress.from_wire)) is not None:
            lan["ip_address"] = str(address.address)
        if (source := read(LanParameter.IP_SOURCE, _lan.IpSource.from_wire)) is not None:
            lan["ip_source"] = option(source.value)
        if (mask := read(LanParameter.SUBNET_MASK, _lan.SubnetMask.from_wire)) is not None:
            lan["netmask"] = str(mask.mask)
        if (gateway := read(LanParameter.DEFAULT_GATEWAY, _lan.IpAddress.from_wire)) is not None:
            lan["gateway"] = str(gateway.address)
        if (vlan := read(LanParameter.VLAN_ID, _lan.Vlan.from_wire)) is not None:
            lan["vlan_id"] = vlan.vlan_id if vlan.enabled else 0

    def _sol(self) -> None:
        channel = lan_channel(self.reader, None)
        sol: Facts = {"channel": channel}
        read = _Parameters(self, GET_SOL, channel)
        if (enable := read(SolParameter.ENABLE, _sol.SolEnable.from_wire)) is not None:
            sol["enabled"] = enable.enabled
        if (demands := read(SolParameter.AUTHENTICATION, _sol.SolAuthentication.from_wire)) is not None:
            sol["force_encryption"] = demands.force_encryption
            sol["force_authentication"] = demands.force_authentication
            sol["privilege"] = option(demands.privilege)
        if (rate := read(SolParameter.BIT_RATE_VOLATILE, _sol.SolBitRate.from_wire)) is not None:
            sol["bit_rate"] = rate.bit_rate
        if len(sol) > 1:
            self.facts["sol"] = sol

    def _fru(self) -> None:
        fru = FruReader(self.bmc)
        header = fru.header()
        product = fru.area("product", header.product, Product.from_wire)
        board = fru.area("board", header.board, Board.from_wire)
        chassis = fru.area("chassis", header.chassis, Chassis.from_wire)
        found: Facts = {}
        if product is not None:
            found.update(product=product.name, serial=product.serial, part_number=product.part_number, asset_tag=product.asset_tag)
        if board is not None:
            found["board_serial"] = board.serial
        if chassis is not None:
            found["chassis_serial"] = chassis.serial
        self.facts.update({key: value for key, value in found.items() if value})
        self.lacking += fru.wrong


class _Parameters:
    """Reads parameters of a channel; None for what the BMC does not have."""

    def __init__(self, gatherer: Gatherer, command: Command, channel: int) -> None:
        self._gatherer = gatherer
        self._command = command
        self._channel = channel

    def __call__(self, parameter: LanParameter | SolParameter, decode: t.Callable[[bytes], Decoded]) -> Decoded | None:
        gatherer = self._gatherer
        if gatherer._over():
            return None
        request = _parameters.get_request(self._channel, parameter)
        try:
            return gatherer.bmc.read(self._command, request, lambda answer: decode(_parameters.payload(answer)))
        except CompletionError as error:
            if error.outcome not in ABSENT_ON_READ:
                raise
            gatherer.lacking.append(option(parameter))
            return None


#: What is most useful comes first, for BMCs that are too slow for all of it.
_READERS: t.Final[dict[str, t.Callable[[Gatherer], None]]] = {
    "controller": Gatherer._controller,
    "guid": Gatherer._guid,
    "power": Gatherer._power,
    "lan": Gatherer._lan,
    "fru": Gatherer._fru,
    "sol": Gatherer._sol,
}


def gather(job: Job, record: Record, opener: Opener = _open) -> Record:
    """Log in with the first credential that the BMC takes, read, log out. The record with what came of it.

    Each credential is tried once. Only a refused login leads to the next one.
    """
    if not job.credentials:
        return record.failed(State.NO_CREDENTIAL, "no credential of the inventory file is for this BMC")
    begin = time.monotonic()
    refused: list[str] = []
    reason, state = "", State.LOGIN_REFUSED
    deadline = begin + job.limit
    patience = max(job.timeout, _LOGIN * record.seconds)
    for credential in job.credentials:
        try:
            with opener(credential.connection(job.place, job.timeout), min(deadline, time.monotonic() + patience)) as bmc:
                return _read(Gatherer(bmc, deadline), job, replace(record, credential=credential.name, refused=tuple(refused)), begin)
        except LoginRefused as error:
            refused.append(credential.name)
            reason, state = f"{credential.name}: {error}", State.of(error)
        except BmcError as error:
            state, reason = State.of(error), str(error)
            if state is State.LOST and time.monotonic() > deadline - _SCANT and record.seconds > _LATE:
                state, reason = State.SLOW, _too_slow(job)
            return replace(record, refused=tuple(refused), seconds=time.monotonic() - begin).failed(state, reason)
        if time.monotonic() >= deadline:
            break
    if len(refused) > 1:
        reason = f"none of {', '.join(refused)} is let in. The last one, {reason}"
    return replace(record, refused=tuple(refused), seconds=time.monotonic() - begin).failed(state, reason)


def _too_slow(job: Job) -> str:
    return f"not all was read within {job.limit:g} seconds (gather_timeout)"


def _read(gatherer: Gatherer, job: Job, record: Record, begin: float) -> Record:
    state, reason = State.OK, ""
    try:
        if not gatherer.gather(job.parts):
            state, reason = State.SLOW, _too_slow(job)
    except BmcError as error:
        state, reason = State.of(error), str(error)
    read = record.seen if gatherer.facts else None
    return replace(record, state=state, reason=reason, facts=gatherer.facts, read=read, seconds=time.monotonic() - begin)


@dataclass
class Pool:
    """Threads that work through jobs. Leaving it waits for them: none is left when the process forks."""

    most: int = 128  #: threads at most
    _jobs: queue.SimpleQueue[t.Callable[[], None] | None] = field(default_factory=queue.SimpleQueue)
    _threads: list[threading.Thread] = field(default_factory=list)

    def submit(self, job: t.Callable[[], None]) -> None:
        """Have the job done. It must not raise."""
        self._jobs.put(job)
        if len(self._threads) < self.most:
            thread = threading.Thread(target=self._work, name=f"bmc {len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Wait for all jobs; after an exception only for those that were begun, which give their sessions back."""
        if error is not None:
            self._drop()
        for _thread in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _drop(self) -> None:
        while True:
            try:
                self._jobs.get_nowait()
            except queue.Empty:
                return

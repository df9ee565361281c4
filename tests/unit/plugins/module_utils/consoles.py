# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted BMC with consoles that sessions hold."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from tests.unit.plugins.scripted import Scripted, User, Users, address, identified

#: Our own address, as the BMC sees it, and the port that this session comes from.
HERE: t.Final = "192.0.2.5"
OUR_PORT: t.Final = 40001


@dataclass(frozen=True)
class Session:
    """A session that the BMC lists."""

    number: int
    handle: int
    user_id: int = 2
    address: str = HERE
    port: int = 40009

    def wire(self, slots: int = 4, active: int = 2) -> bytes:
        head = bytes([self.handle, slots, active, self.user_id, 4, 0x11])
        return head + bytes.fromhex(address(self.address)) + bytes(6) + self.port.to_bytes(2, "little")


OURS: t.Final = Session(1, 1, port=OUR_PORT)
JANE: t.Final = Session(0x12345678, 3, user_id=3, address="192.0.2.77", port=51322)
JOE: t.Final = Session(0x0000BEEF, 4, user_id=4, address="192.0.2.78")
LEFT: t.Final = Session(0xA0B0C0D0, 5)


class Console:
    """Who holds what, as 06/49, 4A, 4B and 3D show and change it."""

    def __init__(self, *held: Session, capacity: int = 1) -> None:
        self.bmc = identified(Scripted())
        self.capacity = capacity
        self.holders: dict[int, Session] = dict(enumerate(held, 1))
        self.listed = {one.number: one for one in (OURS, JANE, JOE, LEFT)}
        #: Whether Deactivate Payload does anything, and what comes of it at once.
        self.obeys = True
        self.successor: Session | None = None
        #: Called at each look at the status, with its number.
        self.meanwhile: t.Callable[[int], None] | None = None
        self._looks = 0
        Users(self.bmc, {2: User("admin"), 3: User("jane"), 4: User("joe")})
        self.bmc.on("06/4A 01", self._status).on("06/4B 01", self._instance).on("06/49 01", self._deactivate)
        self.bmc.on("06/3D 00", lambda data: b"\0" + OURS.wire()).on("06/3D FF", self._session)

    def machine(self, *ports: int, local: bool = True) -> Machine:
        """Ours, where programs have these UDP ports open."""
        return Machine(lambda _address: local, lambda: frozenset(ports))

    def forget(self, session: Session) -> None:
        """It is in the BMC's list no more."""
        del self.listed[session.number]

    def move(self, session: Session, to: str) -> Session:
        """The same session from another address."""
        moved = self.listed[session.number] = replace(session, address=to)
        return moved

    def _status(self, _data: bytes) -> bytes:
        self._looks += 1
        if self.meanwhile is not None:
            self.meanwhile(self._looks)
        bits = sum(1 << number - 1 for number in self.holders)
        return bytes([0, self.capacity]) + bits.to_bytes(2, "little")

    def _instance(self, data: bytes) -> bytes:
        holder = self.holders.get(data[1])
        return b"\0" + (0 if holder is None else holder.number).to_bytes(4, "little") + b"\x01" + bytes(7)

    def _session(self, data: bytes) -> bytes:
        session = self.listed.get(int.from_bytes(data[1:5], "little"))
        return b"\0" + (bytes([0, 4, 2]) if session is None else session.wire())

    def _deactivate(self, data: bytes) -> bytes:
        if data[1] not in self.holders:
            return b"\x80"
        if self.obeys:
            del self.holders[data[1]]
            if self.successor is not None:
                self.holders[data[1]] = self.successor
        return b"\0"

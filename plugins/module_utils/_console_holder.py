# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Who holds the serial console (Serial over LAN), as far as a BMC tells.

Get Payload Activation Status (06/4A) says which instances are active, Get Payload Instance Info (06/4B) which
session has one, Get Session Info (06/3D) whose session that is, Get User Name (06/46) what the user is called.
Each of the four is wrong or missing on some BMC, so what is not known stays unknown, and is never taken for free.

"Free" means free of Serial over LAN: a maker's own way to the same port does not show.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError, MalformedAnswer
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_PAYLOAD_INSTANCE, GET_PAYLOAD_STATUS, GET_SESSION_INFO
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._payload import PayloadInstance, PayloadStatus, instance_request, status_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._session_info import SessionInfo, current_request, id_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, option
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import NAME

#: A BMC that answers so does not tell, whatever it knows.
SAYS_NOTHING: t.Final = (CompletionError, MalformedAnswer)
#: Nearly every BMC has this one alone.
FIRST: t.Final = 1
#: The last that Get Payload Instance Info can be asked about.
LAST: t.Final = 15


class State(Enum):
    """What is known of a console."""

    FREE = "free"
    HELD = "held"
    UNKNOWN = "unknown"  #: the BMC refuses to say, or contradicts itself


@dataclass(frozen=True)
class Holder:
    """A session that has the console. What the BMC does not tell is None."""

    session_id: int  #: 32 bits
    listed: bool | None = None  #: whether the BMC's list of sessions has it
    silence: str = ""  #: why no more is known of it
    handle: int | None = None
    user_id: int | None = None  #: 1 to 63
    user: str | None = None  #: name
    privilege: Privilege | int | None = None
    channel: int | None = None
    address: str | None = None  #: of the client, IPv4: the answer has no place for IPv6
    mac: str | None = None
    port: int | None = None  #: of the client, UDP
    ours: bool = False  #: the very session that asks
    same_account: bool | None = None  #: whether it has our own user and address
    stale: bool | None = None  #: whether nobody is behind it any more
    stale_reason: str = "not looked at"

    def __str__(self) -> str:
        """User and address, as far as they are known."""
        if self.user_id is not None:
            named = f" ({self.user})" if self.user else ""
            return f"user {self.user_id}{named}" + (f" from {self.address}" if self.address else "")
        if self.listed is False:
            return f"{self.session}, which the BMC does not list: the holder may be gone"
        return f"{self.session}, of which the BMC says no more" + (f" ({self.silence})" if self.silence else "")

    @property
    def session(self) -> str:
        """For messages."""
        return f"session {self.number}"

    @property
    def number(self) -> str:
        """The session ID as results and options have it."""
        return f"0x{self.session_id:08X}"

    def as_result(self) -> dict[str, t.Any]:
        """As modules return it."""
        return {
            "session_id": self.number,
            "handle": self.handle,
            "user_id": self.user_id,
            "user": self.user,
            "privilege": None if self.privilege is None else option(self.privilege),
            "channel": self.channel,
            "address": self.address,
            "mac": self.mac,
            "port": self.port,
            "ours": self.ours,
            "same_account": self.same_account,
            "stale": self.stale,
            "stale_reason": self.stale_reason,
        }


@dataclass(frozen=True)
class Instance:
    """One instance of the console."""

    number: int  #: 1 to 16
    state: State
    serial_port: int | None = None  #: of the host, from 1; None: the BMC does not say
    holder: Holder | None = None  #: None: free, or the BMC does not say
    reason: str = ""  #: why the state or the holder is not known

    def __str__(self) -> str:
        if self.state is State.UNKNOWN:
            return f"not known to be free: {self.reason}"
        if self.state is State.FREE:
            return "free"
        return f"held by {self.holder}" if self.holder is not None else f"held; {self.reason}"

    def as_result(self) -> dict[str, t.Any]:
        """As modules return it."""
        return {
            "instance": self.number,
            "state": self.state.value,
            "serial_port": self.serial_port,
            "holder": None if self.holder is None else self.holder.as_result(),
            "reason": self.reason,
        }


@dataclass(frozen=True)
class ConsoleState:
    """The console of one BMC, or the instances of it that were looked at."""

    capacity: int | None  #: instances at a time, 1 to 15; None: the BMC does not say
    instances: tuple[Instance, ...]

    @property
    def state(self) -> State:
        """Held if any instance is; free only if all are."""
        states = {instance.state for instance in self.instances}
        return next(state for state in (State.HELD, State.UNKNOWN, State.FREE) if state in states)

    def __str__(self) -> str:
        return "; ".join(f"instance {instance.number} is {instance}" for instance in self.instances)

    def as_result(self) -> dict[str, t.Any]:
        """As modules return it."""
        return {
            "state": self.state.value,
            "capacity": self.capacity,
            "instances": [instance.as_result() for instance in self.instances],
        }


def read_console(reader: Reader, instance: int | None = None, *, names: bool = True) -> ConsoleState:
    """Who holds the console: of all active instances and the first, or of one (1 to 15).

    `names=False` asks nothing about the holder's session: two requests in all. Whether a holder is stale is not
    looked at; see `with_staleness`. Raises what ends a session.
    """
    try:
        status = reader.read(GET_PAYLOAD_STATUS, status_request(), PayloadStatus.from_wire)
    except SAYS_NOTHING as error:
        return ConsoleState(None, (_instance(reader, instance or FIRST, None, str(error), names),))
    # The status of some BMCs is wrong, so the first instance is looked at whatever it says.
    numbers = sorted(status.active | {FIRST}) if instance is None else [instance]
    return ConsoleState(status.capacity, tuple(_instance(reader, number, number in status.active, "", names) for number in numbers))


def _instance(reader: Reader, number: int, active: bool | None, refused: str, names: bool) -> Instance:
    """`active` as the status has it; None: `refused` says why it is not known."""
    if number > LAST:
        return Instance(number, State.HELD, reason="the BMC cannot be asked by whom")
    try:
        info = reader.read(GET_PAYLOAD_INSTANCE, instance_request(number), PayloadInstance.from_wire)
    except SAYS_NOTHING as error:
        if active is None:
            return Instance(number, State.UNKNOWN, reason=f"{refused}; {error}")
        if active:
            return Instance(number, State.HELD, reason=f"by whom the BMC does not say ({error})")
        return Instance(number, State.FREE)
    port = info.serial_port or None
    if info.is_active:
        holder = read_holder(reader, info.session_id) if names else Holder(info.session_id)
        return Instance(number, State.HELD, port, holder)
    if active:
        reason = "the BMC contradicts itself: it says that the instance is active, and that no session has it"
        return Instance(number, State.UNKNOWN, port, reason=reason)
    return Instance(number, State.FREE, port) if active is False else Instance(number, State.UNKNOWN, port, reason=refused)


def read_holder(reader: Reader, session_id: int) -> Holder:
    """Whose session it is."""
    try:
        session = reader.read(GET_SESSION_INFO, id_request(session_id), SessionInfo.from_wire)
    except SAYS_NOTHING as error:
        return Holder(session_id, silence=str(error))
    if not session.handle:
        return Holder(session_id, listed=False)
    user = session.user_id or None
    return Holder(
        session_id,
        listed=True,
        handle=session.handle,
        user_id=user,
        user=None if user is None else _name(reader, user),
        privilege=session.privilege,
        channel=session.channel,
        address=_address(session),
        mac=None if session.mac is None or not any(bytes.fromhex(session.mac.replace(":", ""))) else session.mac,
        port=session.port or None,
    )


def _address(session: SessionInfo) -> str | None:
    """None where it is zero: IPv6 has no place in the answer."""
    found = session.address
    return None if found is None or found == ipaddress.IPv4Address(0) else str(found)


def _name(reader: Reader, user_id: int) -> str | None:
    try:
        return NAME.load(reader, Target(user_id=user_id), {}).name or None
    except SAYS_NOTHING:
        # The number says enough.
        return None


# Ours, or another's; alive, or what a run left behind that died.


def with_staleness(reader: Reader, console: ConsoleState, machine: Machine) -> ConsoleState:
    """The same with `ours`, `same_account` and `stale` of each holder. Asks nothing where nobody holds it.

    A session counts as stale where the BMC no longer lists it; or where it has our own user and address, and no
    program on this machine has the UDP port that it came from. Anything else that is listed counts as alive.
    """
    if not any(instance.holder for instance in console.instances):
        return console
    own = _own(reader)
    return replace(
        console,
        instances=tuple(
            instance if instance.holder is None else replace(instance, holder=_judged(reader, instance.holder, own, machine))
            for instance in console.instances
        ),
    )


def _own(reader: Reader) -> SessionInfo | None:
    """The session that asks; None in band, or where the BMC does not say."""
    try:
        own = reader.read(GET_SESSION_INFO, current_request(), SessionInfo.from_wire)
    except SAYS_NOTHING:
        return None
    return own if own.handle else None


def _judged(reader: Reader, holder: Holder, own: SessionInfo | None, machine: Machine) -> Holder:
    if _is_ours(reader, holder, own):
        return replace(holder, ours=True, same_account=True, stale=False, stale_reason="it is the session that asks")
    if holder.listed is None:
        return replace(holder, stale_reason="the BMC says nothing about the session")
    if holder.listed is False:
        return _unlisted(reader, holder)
    return _compared(holder, own, machine)


def _is_ours(reader: Reader, holder: Holder, own: SessionInfo | None) -> bool:
    number = reader.bmc.session_id
    if number is not None and int.from_bytes(number, "little") == holder.session_id:
        return True
    return own is not None and own.handle == holder.handle


def _unlisted(reader: Reader, holder: Holder) -> Holder:
    """Nothing follows from the list of a BMC that does not find our own session in it either."""
    number = reader.bmc.session_id
    if number is None:
        return replace(holder, stale_reason="the BMC does not list the session; in band its list cannot be tried")
    if read_holder(reader, int.from_bytes(number, "little")).listed:
        return replace(holder, stale=True, stale_reason="the BMC no longer lists the session")
    return replace(holder, stale_reason="the BMC does not list the session, and not the one that asks either")


def _compared(holder: Holder, own: SessionInfo | None, machine: Machine) -> Holder:
    if own is None:
        return replace(holder, stale_reason="the BMC does not say which user and address are ours")
    if holder.user_id is None or not own.user_id:
        return replace(holder, stale_reason="the BMC does not say which user it is")
    if holder.user_id != own.user_id:
        return replace(holder, same_account=False, stale=False, stale_reason="the BMC lists it, and it is another user's")
    address = _address(own)
    if holder.address is None or address is None:
        return replace(holder, stale_reason="it is our user's, and the BMC does not say from which address")
    if holder.address != address:
        return replace(holder, same_account=False, stale=False, stale_reason=f"the BMC lists it, and our own address is {address}")
    stale, reason = _program(holder.port, own.port, address, machine)
    return replace(holder, same_account=True, stale=stale, stale_reason=reason)


def _program(port: int | None, own_port: int | None, address: str, machine: Machine) -> tuple[bool | None, str]:
    """Whether the program that has our user and address, and that port, is gone."""
    ours = "it has our own user and address"
    if not port or not own_port:
        return None, f"{ours}; the BMC does not say which port"
    ports = machine.open_ports()
    # Behind an address translation, what the BMC sees is not what this machine has.
    if ports is None or own_port not in ports or not machine.is_local(address):
        return None, f"{ours}; whether its program still runs cannot be seen from here"
    if port in ports:
        return False, f"{ours}, and a program on this machine still has UDP port {port} open"
    return True, f"{ours}, and no program on this machine has UDP port {port} open any more: the run died"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulated BMC: datagrams in, datagrams out, and what its commands may do to it."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from .clock import Clock
from .console import Console
from .faults import Faults, ignored_answer, is_write
from .personalities import Personality
from .power import Power
from .protocol import packets
from .protocol.crypto import BadPacket
from .protocol.ipmi15 import ACTIVATE, Ipmi15
from .protocol.rmcpplus import RmcpPlus
from .protocol.session import Peer, Session, SessionTable
from .registry import Context, dispatch
from .sol import Sol
from .state import BmcState

BROKEN_HANDLER = 0xFF
RESET_TELLING_TIME = 0.05  # seconds: the answer to a reset command leaves before the reset
CLOSE_SESSION = (0x06, 0x3C)
CIPHER_SUITES = (0x06, 0x54)
SET_USER_PASSWORD = (0x06, 0x47)
JOURNAL = 1000  # requests that are kept

Reply = Callable[[bytes], None]


class Network(Protocol):
    """What moves a BMC from one address to another (`server.Network`)."""

    def settings_changed(self, bmc: Bmc, channel: int) -> None:
        """The LAN settings of a channel have changed."""

    def restarted(self, bmc: Bmc) -> None:
        """The BMC has come back from a reset."""


class NoNetwork:
    """For a BMC that a test talks to directly."""

    def settings_changed(self, bmc: Bmc, channel: int) -> None:
        """Nothing to move."""

    def restarted(self, bmc: Bmc) -> None:
        """Nothing to move."""


@dataclass
class Counters:
    """What a BMC has seen; requests by `(netfn, cmd)` are those inside a session."""

    datagrams: int = 0
    dropped: int = 0
    requests: Counter[tuple[int, int]] = field(default_factory=Counter)
    writes: int = 0
    repeated: int = 0  # answered from memory
    internal_errors: int = 0


@dataclass(frozen=True)
class Entry:
    """One request of a session, as the journal keeps it."""

    netfn: int
    cmd: int
    data: str  #: in hex; of Set User Password a digest
    write: bool  #: it changes something
    code: int  #: the completion code

    @classmethod
    def of(cls, request: packets.Message, body: bytes) -> Entry:
        """What to keep of a request and its answer."""
        netfn, cmd, data = request.netfn, request.cmd, request.data
        kept = hashlib.sha256(data).hexdigest() if (netfn, cmd) == SET_USER_PASSWORD else data.hex()
        return cls(netfn, cmd, kept, is_write(netfn, cmd, data), body[0])


class Bmc:
    """One BMC. `send` is set by what owns its socket."""

    def __init__(
        self,
        name: str,
        personality: Personality,
        clock: Clock,
        state: BmcState | None = None,
        *,
        power_on: bool | None = None,
        faults: Faults | None = None,
        network: Network | None = None,
    ) -> None:
        self.name = name
        self.personality = personality
        self.clock = clock
        self.log = logging.getLogger(f"simulator.{name}")
        self.state = BmcState.new(personality) if state is None else state
        self.channel = self.state.first_lan_channel()
        self.port = 623  # where it listens; `server.Network` knows better
        self.network: Network = NoNetwork() if network is None else network
        self.faults = Faults() if faults is None else faults
        self.counters = Counters()
        self.journal: deque[Entry] = deque(maxlen=JOURNAL)
        self.send: Callable[[bytes, Peer], None] = lambda data, peer: None
        self.on_change: Callable[[Bmc], None] = lambda bmc: None
        self.reachable = True  # False: on a network that nobody here reaches
        self.resetting = False
        protocol = personality.protocol
        self.sessions = SessionTable(clock, protocol.session_slots, protocol.session_timeout)
        self.console = Console(clock, self.name)
        self.power = Power(self, power_on)
        self.console.reboot = self.power.host_restarts
        self.console.silent = lambda: self.faults.host_silent
        self.console.stops = lambda: self.faults.boot_stops
        self.console.halt = lambda: self.power.set(False) if self.power.on else None
        self.satellites: dict[tuple[int, int], Bmc] = {}  # by channel and IPMB address
        self.sol = Sol(self)
        self.sessions.on_close.append(self.sol.session_closed)
        self._plus = RmcpPlus(self)
        self._old = Ipmi15(self)
        self.set_faults(self.faults)
        if self.power.on:
            self.console.running()

    @property
    def old_sessions(self) -> Ipmi15:
        """The IPMI 1.5 login, for its two commands."""
        return self._old

    # --- what commands and the rack do to it

    def changed(self) -> None:
        """Something worth keeping over a restart of the simulator has changed."""
        self.on_change(self)

    def set_faults(self, faults: Faults) -> None:
        """Put faults in, in place of those there were."""
        self.faults = faults
        self.sessions.taken = faults.slots_taken

    def network_changed(self, channel: int) -> None:
        """A handler has changed LAN settings of a channel: address, source, VLAN."""
        self.network.settings_changed(self, channel)

    def reset(self, kind: str) -> None:
        """Restart the BMC, `cold` or `warm`: silence, no sessions, volatile settings gone.

        The answer to the command that asked for it still goes out.
        """
        self.clock.call_later(RESET_TELLING_TIME, lambda: self._go_down(kind))

    def _go_down(self, kind: str) -> None:
        if self.resetting:
            return
        self.log.info("%s reset", kind)
        self.resetting = True
        self.sessions.close_all()
        self._plus.forget()
        self._old.forget()
        traits = self.personality.network
        delay = traits.reset_delay if kind == "cold" else traits.warm_reset_delay
        self.clock.call_later(delay, self._come_back)

    def _come_back(self) -> None:
        self.state.restart()
        self.resetting = False
        self.network.restarted(self)
        self.changed()

    # --- datagrams

    def receive(self, data: bytes, peer: Peer) -> None:
        """Take a datagram. Whatever it is, the BMC goes on."""
        self.counters.datagrams += 1
        if self.resetting or not self.reachable or not self.power.mains:
            return
        if self.faults.active and (self.faults.deaf(self.clock.now()) or self.faults.lost()):
            return
        try:
            self._receive(data, peer)
        except BadPacket as reason:
            self.counters.dropped += 1
            self.log.debug("dropped a datagram: %s", reason)
        except Exception:
            # A fault of the simulator's own; tests look at the count.
            self.counters.internal_errors += 1
            self.log.exception("datagram %s", data.hex())

    def _receive(self, data: bytes, peer: Peer) -> None:
        if len(data) < 5 or data[0] != packets.RMCP_VERSION:
            raise BadPacket("no RMCP")
        kind = data[3]
        if kind == packets.CLASS_IPMI:
            if data[4] & 0x0F == packets.AUTH_RMCPP:
                self._receive_20(data[4:], peer)
            else:
                self._receive_15(data[4:], peer)
        elif kind == packets.CLASS_ASF and self.personality.protocol.ping:
            answer = packets.pong(data[4:])
            if answer is not None:
                self._transmit(answer, peer)

    def _receive_15(self, data: bytes, peer: Peer) -> None:
        session, raw = self._old.unpack(data)
        request = packets.parse_message(raw)
        activation = self._old.activation
        command = (request.netfn, request.cmd)
        if activation is not None and command != ACTIVATE:
            raise BadPacket("not an activation")
        if command == CIPHER_SUITES and not self.personality.protocol.cipher_suites_in_15:
            raise BadPacket("cipher suites in a 1.5 packet")

        def reply(message: bytes) -> None:
            if activation is not None:
                challenge, account = activation
                answer = self._old.answer_activation(challenge, account.password, message)
            else:
                answer = self._old.pack(session, message)
            self._transmit(answer, peer)

        self._serve(session, request, reply, peer)

    def _receive_20(self, data: bytes, peer: Peer) -> None:
        plus = self._plus
        if not self.personality.protocol.rmcpplus:
            raise BadPacket("no RMCP+")
        session, packet = plus.unpack(data)
        payload = plus.payload(session, packet)
        if packet.kind == packets.PAYLOAD_IPMI:
            request = packets.parse_message(payload)
            authenticated, encrypted = packet.authenticated, packet.encrypted

            def reply(message: bytes) -> None:
                answer = plus.pack(
                    session, 0, message, encrypted=encrypted, authenticated=authenticated
                )
                self._transmit(answer, peer)

            self._serve(session, request, reply, peer)
        elif packet.kind == packets.PAYLOAD_SOL and session is not None:
            session.last_used = self.clock.now()
            self.sol.receive(session, payload, packet.encrypted, packet.authenticated)
        elif session is None:
            self._handshake(packet.kind, payload, peer)

    def _handshake(self, kind: int, payload: bytes, peer: Peer) -> None:
        plus = self._plus
        if kind == packets.PAYLOAD_OPEN_REQUEST:
            answer: bytes | None = plus.open_session(payload, peer)
        elif kind == packets.PAYLOAD_RAKP1:
            answer = plus.rakp1(payload, peer)
        elif kind == packets.PAYLOAD_RAKP3:
            answer = plus.rakp3(payload, peer)
        else:
            raise BadPacket("payload type")
        if answer is not None:
            # The answer's payload type is the request's plus one.
            self._transmit(plus.pack(None, kind + 1, answer), peer)

    # --- requests

    def _serve(
        self, session: Session | None, request: packets.Message, reply: Reply, peer: Peer
    ) -> None:
        if session is not None:
            session.last_used = self.clock.now()
        faults = self.faults
        if not faults.active:
            reply(packets.build_response(request, self._answer(session, request, peer)))
            return
        if faults.gone(session is not None, self.clock.now()):
            return
        netfn, cmd, data = request.netfn, request.cmd, request.data
        restart = None
        if session is not None and session.answers.find(request, self.clock.now()) is None:
            restart = faults.restart(netfn, cmd, data)
        if restart == "before":
            self._go_down("cold")
            return
        body = self._answer(session, request, peer)
        if restart == "after":
            self._go_down("cold")
            return
        response = packets.build_response(request, body)
        if session is not None:
            if faults.answer_lost(netfn, cmd, data):
                return
            response = faults.mangled(netfn, cmd, data, response)
        reply(response)

    def _answer(self, session: Session | None, request: packets.Message, peer: Peer) -> bytes:
        """Completion code and data; a repeated request gets its old ones."""
        if session is None:
            return self._execute(None, request, peer)
        now = self.clock.now()
        remembers = self.personality.protocol.duplicate_detection and not self.faults.forgetful
        if remembers:
            body = session.answers.find(request, now)
            if body is not None:
                self.counters.repeated += 1
                return body
        self._count(request)
        body = self._execute(session, request, peer)
        self.journal.append(Entry.of(request, body))
        session.answers.keep(request, now, body)
        return body

    def _count(self, request: packets.Message) -> None:
        self.counters.requests[request.netfn, request.cmd] += 1
        if is_write(request.netfn, request.cmd, request.data):
            self.counters.writes += 1
            self.changed()

    def _execute(self, session: Session | None, request: packets.Message, peer: Peer) -> bytes:
        netfn, cmd, data = request.netfn, request.cmd, request.data
        if request.lun != 0:
            return b"\xc2"
        if session is not None and self.faults.active and (netfn, cmd) != CLOSE_SESSION:
            code = self.faults.code(netfn, cmd, data)
            if code is not None:
                return bytes((code,)) if code else ignored_answer(netfn, cmd, data)
        try:
            return dispatch(Context(self, session, self.channel, peer), netfn, cmd, data)
        except Exception:
            self.counters.internal_errors += 1
            self.log.exception("command %02X/%02X %s", netfn, cmd, data.hex())
            return bytes((BROKEN_HANDLER,))

    # --- out

    def send_payload(
        self, session: Session, kind: int, payload: bytes, *, encrypted: bool, authenticated: bool
    ) -> None:
        """Send a payload that is no answer (SOL) to a session's console."""
        answer = self._plus.pack(
            session, kind, payload, encrypted=encrypted, authenticated=authenticated
        )
        if not self.resetting and self.reachable:
            self._transmit(answer, session.peer)

    def send_message(self, session: Session, message: bytes) -> None:
        """Send an IPMI message that answers no request of this moment: a bridged one."""
        if session.kind == "2.0":
            answer = self._plus.pack(session, packets.PAYLOAD_IPMI, message)
        else:
            answer = self._old.pack(session, message)
        if not self.resetting and self.reachable:
            self._transmit(answer, session.peer)

    def _transmit(self, data: bytes, peer: Peer) -> None:
        faults = self.faults
        if not faults.active:
            self.send(data, peer)
            return
        if faults.deaf(self.clock.now()) or faults.lost():
            return
        for _unused in range(2 if faults.duplicate else 1):
            if faults.delay:
                self.clock.call_later(faults.delay, lambda: self.send(data, peer))
            else:
                self.send(data, peer)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serial over LAN: who owns the payload, and the packets of payload type 1 (IPMI 15.9 to 15.11).

The BMC sends one packet at a time and repeats it until it is acknowledged, as often and as
quickly as the SOL configuration says; then the data is lost and the next goes out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .clock import Timer
from .console import OPERATING_SYSTEM
from .protocol.packets import PAYLOAD_SOL
from .protocol.session import Session
from .registry import Completion, Privilege
from .uart import RATES, reread

if TYPE_CHECKING:
    from .bmc import Bmc
    from .state import SolConfig

HEADER = 4
ACCUMULATE_UNIT = 0.005  # seconds
RETRY_UNIT = 0.010
HISTORY = 1000  # changes of hands that are kept
BUFFER_LIMIT = 16384  # characters that wait for the console; more are lost

# Control byte from the console
NACK = 0x40
RING = 0x20
BREAK = 0x10
CTS_PAUSE = 0x08
DROP_DCD = 0x04
FLUSH_INBOUND = 0x02  # towards the console
FLUSH_OUTBOUND = 0x01  # towards the host

# Status byte from the BMC
UNAVAILABLE = 0x20
DEACTIVATING = 0x10
OVERRUN = 0x08

# Activate Payload, first auxiliary byte
AUX_ENCRYPTED = 0x80
AUX_AUTHENTICATED = 0x40
AUX_TEST_MODE = 0x20
AUX_DEASSERT_CTS = 0x02

ALREADY_ACTIVE = 0x80
DISABLED = 0x81
LIMIT_REACHED = 0x82
NOT_WITH_ENCRYPTION = 0x83
NOT_WITHOUT_ENCRYPTION = 0x84
ALREADY_INACTIVE = 0x80


@dataclass(frozen=True)
class Change:
    """The console changed hands, or somebody asked for it in vain."""

    at: float  # seconds since 1970
    what: str  # activated refused released taken closed expired ended; of the last three the session's end is why
    instance: int
    session: int  # whose it became, was not to become, or was
    user: int
    port: int  # the client's, UDP
    by: int  # the session that did it; the same unless another took it or closed the session
    by_user: int


@dataclass
class Link:
    """An active SOL payload instance."""

    session: Session
    instance: int
    encrypted: bool
    authenticated: bool
    paused: bool  # CTS: the console cannot take characters
    waiting: bytearray = field(default_factory=bytearray)
    overrun: bool = False
    sequence: int = 0  # of the packet last sent, 1 to 15
    unacknowledged: bytes = b""  # characters in that packet
    tries_left: int = 0
    timer: Timer | None = None  # until accumulated characters go, or the packet is repeated
    last_in: int = 0  # sequence of the console's last packet
    last_count: int = 0  # how many of its characters were taken


class Sol:
    """The SOL payload of one BMC."""

    def __init__(self, bmc: Bmc) -> None:
        self._bmc = bmc
        self._links: dict[int, Link] = {}
        self.history: deque[Change] = deque(maxlen=HISTORY)
        self.watchers: list[Callable[[Bmc, Change], None]] = []

    def _note(self, what: str, instance: int, session: Session, by: Session) -> None:
        change = Change(
            self._bmc.clock.now(), what, instance, session.id, session.user_id, session.peer[1], by.id, by.user_id
        )
        self.history.append(change)
        for watcher in list(self.watchers):
            watcher(self._bmc, change)

    @property
    def _config(self) -> SolConfig:
        return self._bmc.state.sol[self._bmc.channel]

    @property
    def capacity(self) -> int:
        return self._bmc.personality.sol_quirks.capacity

    @property
    def port(self) -> int:
        """The UDP port that its packets go over."""
        follows = self._bmc.personality.sol_quirks.follows_port
        return self._config.port if follows else self._bmc.port

    def active(self) -> dict[int, Session]:
        """Instance to the session that has it."""
        return {instance: link.session for instance, link in sorted(self._links.items())}

    # --- ownership

    def activate(self, session: Session, instance: int, aux: bytes) -> None:
        """Give an instance to a session. Raises Completion (IPMI table 24-2)."""
        self._check_user(session)
        encrypted, authenticated = self._protection(session, aux[0])
        if instance in self._links:
            self._note("refused", instance, session, session)
            raise Completion(ALREADY_ACTIVE)
        if not 1 <= instance <= 15:
            raise Completion(0xCC)
        if instance > max(1, self.capacity):
            raise Completion(LIMIT_REACHED)
        link = Link(session, instance, encrypted, authenticated, bool(aux[0] & AUX_DEASSERT_CTS))
        self._links[instance] = link
        self._bmc.console.listener = self._print
        self._note("activated", instance, session, session)
        self._bmc.log.info("SOL active in session %d", session.handle)

    def _check_user(self, session: Session) -> None:
        config, quirks = self._config, self._bmc.personality.sol_quirks
        if not config.enabled:
            raise Completion(DISABLED)
        if session.privilege < (quirks.activate_privilege or config.privilege):
            raise Completion(0xD4)
        user = self._bmc.state.users[session.user_id]
        if PAYLOAD_SOL not in user.payloads.get(session.channel, ()):
            raise Completion(DISABLED)

    def _protection(self, session: Session, aux: int) -> tuple[bool, bool]:
        """Whether packets are encrypted and authenticated; refused as the configuration says."""
        config, suite = self._config, session.suite
        can_encrypt = suite is not None and suite.confidentiality > 0
        can_authenticate = suite is not None and suite.integrity > 0
        encrypted, authenticated = bool(aux & AUX_ENCRYPTED), bool(aux & AUX_AUTHENTICATED)
        if encrypted and not (can_encrypt and self._bmc.personality.sol_quirks.encrypts):
            raise Completion(NOT_WITH_ENCRYPTION)
        missing_encryption = config.force_encryption and not encrypted
        missing_authentication = config.force_authentication and not (
            authenticated and can_authenticate
        )
        if missing_encryption or missing_authentication:
            raise Completion(NOT_WITHOUT_ENCRYPTION)
        return encrypted, authenticated and can_authenticate

    def deactivate(self, instance: int, by: Session) -> None:
        """Take an instance away. Raises Completion; an administrator may take another's."""
        link = self._links.get(instance)
        if link is None:
            raise Completion(ALREADY_INACTIVE)
        if link.session is not by:
            if by.privilege < Privilege.ADMINISTRATOR and by.user_id != link.session.user_id:
                raise Completion(0xD4)
            if self._bmc.personality.sol_quirks.tells_loser:
                self._send(link, 0, 0, 0, DEACTIVATING, b"")
        self._drop(link)
        self._note("released" if link.session is by else "taken", instance, link.session, by)

    def session_closed(self, session: Session) -> None:
        """A session is over, and so is its SOL."""
        for link in list(self._links.values()):
            if link.session is session:
                self._drop(link)
                self._note(session.ended, link.instance, session, session.ended_by or session)

    def _drop(self, link: Link) -> None:
        if link.timer is not None:
            link.timer.cancel()
            link.timer = None
        self._links.pop(link.instance, None)
        if not self._links:
            self._bmc.console.listener = None

    # --- from the host

    def _rates(self) -> tuple[int, int]:
        """bit/s of the host's port and of the BMC's; the same unless a fault says otherwise."""
        ours = RATES.get(self._config.volatile_bit_rate)
        host = self._bmc.faults.host_bit_rate
        if self._bmc.console.stage in OPERATING_SYSTEM:
            host = self._bmc.faults.system_bit_rate or host
        return (host, ours) if host and ours else (1, 1)

    def _print(self, data: bytes) -> None:
        data = reread(data, *self._rates())
        for link in self._links.values():
            room = BUFFER_LIMIT - len(link.waiting)
            link.overrun |= len(data) > room
            link.waiting += data[:room]
            self._pump(link)

    def _pump(self, link: Link) -> None:
        """Send what waits: at once if there is enough of it, else after the interval."""
        if not link.waiting or link.unacknowledged or link.paused:
            return
        config = self._config
        size = self._bmc.personality.sol_quirks.outbound_size - HEADER
        if len(link.waiting) >= min(config.threshold or size, size):
            self._send_next(link)
        elif link.timer is None:
            delay = config.accumulate * ACCUMULATE_UNIT
            link.timer = self._bmc.clock.call_later(delay, lambda: self._accumulated(link))

    def _accumulated(self, link: Link) -> None:
        link.timer = None
        if link.waiting and not link.unacknowledged and not link.paused:
            self._send_next(link)

    def _send_next(self, link: Link) -> None:
        if link.timer is not None:
            link.timer.cancel()
        size = self._bmc.personality.sol_quirks.outbound_size - HEADER
        link.unacknowledged = bytes(link.waiting[:size])
        del link.waiting[:size]
        link.sequence = link.sequence % 15 + 1
        link.tries_left = self._config.retry_count
        self._send_data(link)

    def _send_data(self, link: Link) -> None:
        status = OVERRUN if link.overrun else 0
        link.overrun = False
        self._send(link, link.sequence, 0, 0, status, link.unacknowledged)
        # An interval of 0 would repeat without a pause.
        delay = max(1, self._config.retry_interval) * RETRY_UNIT
        link.timer = self._bmc.clock.call_later(delay, lambda: self._unanswered(link))

    def _unanswered(self, link: Link) -> None:
        link.timer = None
        if link.tries_left > 0:
            link.tries_left -= 1
            self._send_data(link)
        else:
            link.unacknowledged = b""
            self._pump(link)

    def _send(
        self, link: Link, sequence: int, acked: int, count: int, status: int, data: bytes
    ) -> None:
        if self.port != self._bmc.port:
            return  # it goes where nobody is
        payload = bytes((sequence, acked, count, status)) + data
        self._bmc.send_payload(
            link.session,
            PAYLOAD_SOL,
            payload,
            encrypted=link.encrypted,
            authenticated=link.authenticated,
        )

    # --- from the console

    def receive(self, session: Session, payload: bytes, encrypted: bool, signed: bool) -> None:
        """A SOL packet. Packets without the protection that was agreed on are dropped."""
        link = next((link for link in self._links.values() if link.session is session), None)
        if link is None or len(payload) < HEADER or self.port != self._bmc.port:
            return
        if link.encrypted > encrypted or link.authenticated > signed:
            return
        sequence, acked, count, control = payload[0] & 15, payload[1] & 15, payload[2], payload[3]
        self._flow(link, control)
        if acked:
            self._acknowledged(link, acked, count, bool(control & NACK))
        if sequence:
            self._take(link, sequence, payload[HEADER:], control)
        self._pump(link)

    def _flow(self, link: Link, control: int) -> None:
        link.paused = bool(control & CTS_PAUSE)
        if control & FLUSH_INBOUND:
            link.waiting.clear()

    def _acknowledged(self, link: Link, acked: int, count: int, nack: bool) -> None:
        if acked != link.sequence or not link.unacknowledged:
            return
        if link.timer is not None:
            link.timer.cancel()
            link.timer = None
        if nack or count < len(link.unacknowledged):
            # What was not taken goes out again, before what came later.
            rest = link.unacknowledged[count:]
            link.waiting[:0] = rest
        link.unacknowledged = b""

    def _take(self, link: Link, sequence: int, characters: bytes, control: int) -> None:
        """Characters and break for the host; a repeated packet is only acknowledged again."""
        console = self._bmc.console
        available = self._bmc.power.on and not self._bmc.faults.host_stalled
        if sequence != link.last_in:
            link.last_in = sequence
            link.last_count = len(characters) if available else 0
        else:
            characters, control = b"", 0
        status = 0 if available else NACK if self._bmc.power.on else NACK | UNAVAILABLE
        self._send(link, 0, sequence, link.last_count, status, b"")
        if not available:
            return
        if control & BREAK:
            console.send_break()
        if characters:
            host, ours = self._rates()
            console.receive(reread(characters, ours, host))

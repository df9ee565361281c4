# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions: the table of slots, sequence windows, and the memory of answered requests."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..clock import Clock, Timer
from ..registry import Privilege
from .crypto import Keys, Suite
from .packets import Message

Peer = tuple[str, int]

REMEMBERED_ANSWERS = 8
ANSWER_SECONDS = 5.0


class Window:
    """Sliding window of sequence numbers (IPMI 6.12.12 and 6.12.13): each is taken once."""

    __slots__ = ("_ahead", "_behind", "_highest", "_seen")

    def __init__(self, highest: int = 0, ahead: int = 15, behind: int = 16) -> None:
        self._highest = highest & 0xFFFFFFFF
        self._ahead = ahead
        self._behind = behind
        self._seen = 1  # bit n: highest - n came

    @property
    def next(self) -> int:
        """The number after the highest that came; 0 is left out."""
        return self._highest % 0xFFFFFFFF + 1

    def accept(self, number: int) -> bool:
        """Take a number; False if it came before, is too old, or too far ahead."""
        step = (number - self._highest) & 0xFFFFFFFF
        if number == 0:
            return False
        if 0 < step <= self._ahead:
            self._highest = number
            self._seen = (self._seen << step | 1) & ((1 << self._behind) - 1)
            return True
        back = (self._highest - number) & 0xFFFFFFFF
        if back >= self._behind or self._seen >> back & 1:
            return False
        self._seen |= 1 << back
        return True


class Answers:
    """The last answers, so that a repeated request is answered but not executed again (6.12.1)."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: OrderedDict[Message, tuple[float, bytes]] = OrderedDict()

    def find(self, request: Message, now: float) -> bytes | None:
        kept = self._kept.get(request)
        return kept[1] if kept is not None and now - kept[0] <= ANSWER_SECONDS else None

    def keep(self, request: Message, now: float, body: bytes) -> None:
        self._kept[request] = (now, body)
        self._kept.move_to_end(request)
        if len(self._kept) > REMEMBERED_ANSWERS:
            self._kept.popitem(last=False)


@dataclass(eq=False)
class Session:
    """An active session. `id` is the number that Get Session Info and Close Session take."""

    id: int
    handle: int  # 1 to 255
    kind: str  # "1.5" or "2.0"
    user_id: int
    privilege: Privilege  # now
    max_privilege: Privilege
    channel: int
    peer: Peer
    last_used: float
    suite: Suite | None = None  # 2.0
    keys: Keys | None = None
    console_id: bytes = b""
    auth_type: int = 0  # 1.5: of the session's packets
    password: bytes = b""  # 1.5: each packet's AuthCode needs it
    window: Window = field(default_factory=Window)
    plain_window: Window = field(default_factory=Window)  # 2.0: unauthenticated packets
    sent: int = 0  # last outbound sequence number
    plain_sent: int = 0
    answers: Answers = field(default_factory=Answers)
    ended: str = "closed"  # why: closed (Close Session), expired (it was silent), ended (all were)
    ended_by: Session | None = None  # another session that closed it

    @property
    def wire_id(self) -> bytes:
        return self.id.to_bytes(4, "little")

    def next_sequence(self, authenticated: bool = True) -> int:
        """Next outbound sequence number; 0 is left out."""
        if authenticated:
            self.sent = self.sent % 0xFFFFFFFF + 1
            return self.sent
        self.plain_sent = self.plain_sent % 0xFFFFFFFF + 1
        return self.plain_sent


class SessionTable:
    """A BMC's session slots. A session not used for `timeout` seconds loses its slot."""

    def __init__(self, clock: Clock, slots: int, timeout: float) -> None:
        self.slots = slots
        self.timeout = timeout
        self.taken = 0  # slots that a fault holds
        self.opened = 0  # sessions since the start
        self.on_close: list[Callable[[Session], None]] = []
        self._clock = clock
        self._by_id: dict[bytes, Session] = {}
        self._timer: Timer | None = None
        self._last_handle = 0

    def __iter__(self) -> Iterator[Session]:
        """In the order of the handles."""
        return iter(sorted(self._by_id.values(), key=lambda session: session.handle))

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def full(self) -> bool:
        return len(self._by_id) + self.taken >= self.slots

    def find(self, wire_id: bytes) -> Session | None:
        """The session with this id as it is on the wire."""
        return self._by_id.get(wire_id)

    def by_handle(self, handle: int) -> Session | None:
        return next((s for s in self._by_id.values() if s.handle == handle), None)

    def active_count(self, channel: int) -> int:
        """How many sessions a channel has."""
        return sum(session.channel == channel for session in self._by_id.values())

    def of_user(self, user_id: int) -> int:
        """How many sessions a user has."""
        return sum(session.user_id == user_id for session in self._by_id.values())

    def new_id(self) -> int:
        """A session id that is in nobody's hand; never 0."""
        while True:
            number = secrets.randbits(32)
            if number and number.to_bytes(4, "little") not in self._by_id:
                return number

    def new_handle(self) -> int:
        """A handle that is free; 1 to 255."""
        used = {session.handle for session in self._by_id.values()}
        while True:
            self._last_handle = self._last_handle % 255 + 1
            if self._last_handle not in used:
                return self._last_handle

    def add(self, session: Session) -> None:
        self._by_id[session.wire_id] = session
        self.opened += 1
        self._watch()

    def close(self, session: Session) -> None:
        """End a session; the slot is free at once."""
        if self._by_id.pop(session.wire_id, None) is not None:
            for hook in self.on_close:
                hook(session)

    def close_all(self) -> None:
        for session in list(self._by_id.values()):
            session.ended = "ended"
            self.close(session)

    def expire(self, port: int) -> int:
        """End what comes from a UDP port as if it had been silent for long enough. How many."""
        found = [session for session in self._by_id.values() if session.peer[1] == port]
        for session in found:
            session.ended = "expired"
            self.close(session)
        return len(found)

    def _watch(self) -> None:
        if self._timer is None and self._by_id:
            oldest = min(session.last_used for session in self._by_id.values())
            delay = max(0.0, oldest + self.timeout - self._clock.now())
            self._timer = self._clock.call_later(delay, self._expire)

    def _expire(self) -> None:
        self._timer = None
        limit = self._clock.now() - self.timeout
        for session in list(self._by_id.values()):
            if session.last_used <= limit + 1e-6:
                session.ended = "expired"
                self.close(session)
        self._watch()

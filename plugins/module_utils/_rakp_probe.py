# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Gets what a BMC gives away of users' passwords: begins a login as each and stops before its own proof.

Open Session, RAKP 1, and the BMC's RAKP 2: then nothing more is sent. No password is sent or tried at the BMC, so
nothing is counted and no account is locked. BMCs have few session slots and keep a login that was begun for up to
a minute, so each user is asked for once.
"""

from __future__ import annotations

import os
import random
import select
import socket
import time
import typing as t
from dataclasses import dataclass
from enum import Enum

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import RMCP_STATUS
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rakp import Proof, Rakp1, Rakp2, rakp2_of
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_open import SUITES, OpenResponse, open_request, open_response
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import connected

#: Seconds before the first repetition of a request, and by how much each further wait grows.
_FIRST_RESEND, _RESEND_GROWTH = 0.4, 2.0
#: RAKP 1 is not answered after so many times what Open Session took, but not before so many seconds: BMCs may
#: drop it for a user who cannot log in.
_PATIENCE, _LEAST_PATIENCE = 8.0, 2.0
#: Seconds between two questions to a BMC that has no free slot.
_SLOT_PAUSE = 1.0
_LONGEST_DATAGRAM = 512
#: Statuses of table 13-15 for "no slot".
_NO_SLOT = frozenset({0x01, 0x0B})

Message = t.TypeVar("Message")


class Outcome(Enum):
    """What came of beginning a login as a user."""

    GIVEN = "given"  #: the BMC gave its RAKP 2
    REFUSED = "refused"
    SILENT = "silent"
    MALFORMED = "malformed"
    NO_SLOT = "no_slot"  #: the BMC had no free session
    OTHER_SUITE = "other_suite"  #: the BMC chose other algorithms than those asked for


@dataclass(frozen=True)
class Answer:
    """What a BMC says to a login that was begun as one user."""

    outcome: Outcome
    message: str = ""  #: which message was the last one sent
    status: int | None = None  #: of table 13-15; None: it did not say
    proof: Proof | None = None  #: if `GIVEN`

    def __str__(self) -> str:
        text = {
            Outcome.GIVEN: "answered with RAKP 2",
            Outcome.REFUSED: f"{self.message} was refused",
            Outcome.SILENT: f"no answer to {self.message}",
            Outcome.MALFORMED: f"malformed answer to {self.message}",
            Outcome.NO_SLOT: "no free session slot",
            Outcome.OTHER_SUITE: "answered with another cipher suite",
        }[self.outcome]
        if not self.status:
            return text
        return f"{text}: 0x{self.status:02X} ({RMCP_STATUS.get(self.status, 'unknown status')})"


class RakpProber:
    """One BMC, over one cipher suite whose hash is one of `HASHES`."""

    def __init__(self, host: str, port: int, suite: int, timeout: float) -> None:
        """`timeout` is seconds for each user."""
        self._host, self._port = host, port
        self._algorithms = SUITES[suite]
        self._timeout = timeout
        self._tag = random.randrange(256)
        self._full = False

    def ask(self, name: bytes, privilege: int) -> Answer:
        """Begin a login as `name` (at most 16 bytes, empty is the null user) with `privilege` 1 to 5.

        Nothing is sent afterwards: a login that was begun cannot be ended without a message that a BMC may count.
        Raises NameNotResolved, Unreachable.
        """
        end = time.monotonic() + self._timeout
        with connected(self._host, self._port) as sock:
            while True:
                answer = self._once(_Exchange(sock), name, privilege, end)
                if answer.outcome is not Outcome.NO_SLOT:
                    return answer
                if self._full or time.monotonic() + _SLOT_PAUSE >= end:
                    # Waited for once is enough: the next users are asked for once each.
                    self._full = True
                    return answer
                # The BMC does not tell when a slot becomes free.
                time.sleep(_SLOT_PAUSE)

    def _once(self, exchange: _Exchange, name: bytes, privilege: int, end: float) -> Answer:
        console_id = random.randrange(1, 1 << 32)
        began = time.monotonic()
        opened = self._open(exchange, console_id, end)
        if isinstance(opened, Answer):
            return opened
        patience = max(_LEAST_PATIENCE, _PATIENCE * (time.monotonic() - began))
        asked = Rakp1(self._next_tag(), console_id, opened, os.urandom(16), privilege, name)
        return self._rakp(exchange, asked, min(end, time.monotonic() + patience))

    def _open(self, exchange: _Exchange, console_id: int, end: float) -> int | Answer:
        """The BMC's session ID."""
        tag, what, wanted = self._next_tag(), "Open Session", self._algorithms
        found = exchange(open_request(tag, console_id, wanted), lambda packet: open_response(packet, tag), end, what)
        if isinstance(found, Answer):
            return found
        if found.bmc_id is None:
            return _refusal(what, found)
        if found.algorithms != (wanted.authentication, wanted.integrity, wanted.confidentiality):
            return Answer(Outcome.OTHER_SUITE, what)
        return found.bmc_id

    def _rakp(self, exchange: _Exchange, asked: Rakp1, end: float) -> Answer:
        algorithm, what = self._algorithms.authentication, "RAKP 1"

        def ours(packet: bytes) -> Rakp2 | None:
            answer = rakp2_of(packet, asked.tag, algorithm)
            return None if answer is None or (not answer.status and answer.console_id != asked.console_id) else answer

        found = exchange(asked.to_wire(), ours, end, what)
        if isinstance(found, Answer):
            return found
        return _refusal(what, found) if found.status else Answer(Outcome.GIVEN, what, 0, Proof(algorithm, asked, found))

    def _next_tag(self) -> int:
        # A BMC that sees a tag again knows the question again; a new question needs a new one.
        self._tag = (self._tag + 1) & 0xFF
        return self._tag


class _Exchange:
    """Messages and their answers over one socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __call__(
        self, packet: bytes, decode: t.Callable[[bytes], Message | None], end: float, what: str
    ) -> Message | Answer:
        """Send until there is an answer, or time is over."""
        interval, malformed = _FIRST_RESEND, False
        while time.monotonic() < end:
            found, cut_short = self._sent(packet, decode, min(end, time.monotonic() + interval))
            if found is not None:
                return found
            malformed = malformed or cut_short
            interval *= _RESEND_GROWTH
        return Answer(Outcome.MALFORMED if malformed else Outcome.SILENT, what)

    def _sent(
        self, packet: bytes, decode: t.Callable[[bytes], Message | None], until: float
    ) -> tuple[Message | None, bool]:
        """Send once; the answer, and whether one came that was cut short."""
        malformed = False
        try:
            self._sock.send(packet)
            while select.select([self._sock], [], [], max(0.0, until - time.monotonic()))[0]:
                try:
                    found = decode(self._sock.recv(_LONGEST_DATAGRAM))
                except MalformedData:
                    malformed = True
                    continue
                if found is not None:
                    return found, malformed
        except OSError as error:
            raise Unreachable(f"a login could not be begun: {error.strerror or error}") from None
        return None, malformed


def _refusal(what: str, answer: OpenResponse | Rakp2) -> Answer:
    return Answer(Outcome.NO_SLOT if answer.status in _NO_SLOT else Outcome.REFUSED, what, answer.status)

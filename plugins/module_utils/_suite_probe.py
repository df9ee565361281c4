# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Asks a BMC which cipher suites it takes, by beginning a login with each and going no further.

No account and no secret is needed. BMCs have few session slots and keep a login that was begun
for up to a minute, so suites are asked one after another, and none that need not be asked should be.
A login that was begun cannot be ended: a message out of turn brings some BMCs down (OpenIPMI's
ipmi_sim is one). "No resources" says nothing about a suite: it is asked again.
"""

from __future__ import annotations

import random
import select
import socket
import time
import typing as t
from dataclasses import dataclass
from enum import Enum

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NameNotResolved, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import RMCP_STATUS
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_open import (
    SUITES,
    Algorithms,
    OpenResponse,
    open_request,
    open_response,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

#: Seconds before the first repetition of a request, and by how much each further wait grows.
_FIRST_RESEND, _RESEND_GROWTH = 0.4, 2.0
#: A suite is silent after so many times the slowest answer so far, but not before so many seconds: BMCs that
#: do not know a suite may drop the question, and each such suite would else cost the whole time.
_PATIENCE, _LEAST_PATIENCE = 8.0, 2.0
#: Seconds between two questions to a BMC that has no free slot.
_SLOT_PAUSE = 1.0
_LONGEST_DATAGRAM = 512

#: Statuses of table 13-15 that say nothing about the suite: no slot; and those about session IDs and roles.
_NO_SLOT = frozenset({0x01, 0x0B})
_ABOUT_ANOTHER = frozenset({0x02, 0x08, 0x09})


class Opening(Enum):
    """What came of beginning a login with a suite."""

    ACCEPTED = "accepted"
    IN_USE = "in_use"  #: not asked: a session over it shows it
    NOT_ASKED = "not_asked"  #: a login that is begun takes a slot for a while
    REFUSED = "refused"
    OTHER = "other"  #: the BMC accepts, and chooses other algorithms
    SILENT = "silent"
    MALFORMED = "malformed"
    NO_SLOT = "no_slot"  #: the BMC had no free session until the end
    UNCLEAR = "unclear"  #: refused for a reason that is not the suite
    UNKNOWN_SUITE = "unknown_suite"  #: not one of the specification's, so nobody knows what to ask for


@dataclass(frozen=True)
class Verdict:
    """What a BMC says about one suite."""

    opening: Opening
    status: int | None = None  #: of table 13-15; None: it did not say
    privilege: int | None = None  #: the highest that it grants over this suite; None: it did not say

    @property
    def opens(self) -> bool | None:
        """Whether logins over the suite are possible; None: nobody knows."""
        return {Opening.ACCEPTED: True, Opening.IN_USE: True, Opening.REFUSED: False, Opening.OTHER: False}.get(self.opening)

    def __str__(self) -> str:
        if self.status is not None:
            return f"0x{self.status:02X} ({RMCP_STATUS.get(self.status, 'unknown status')})"
        return {
            Opening.IN_USE: "used by this session",
            Opening.NOT_ASKED: "not asked, because nothing was written",
            Opening.OTHER: "answered with another suite",
            Opening.SILENT: "no answer",
            Opening.MALFORMED: "malformed answer",
            Opening.UNKNOWN_SUITE: "not a suite of the specification",
        }[self.opening]


def probe(host: str, port: int, suites: t.Iterable[int], timeout: float) -> dict[int, Verdict]:
    """Ask about each suite, in the order given; `timeout` is seconds for each.

    Suites that are likely to be refused are best the first: they take no slot, and what their answers take tells
    how long to wait for the others.
    Raises NameNotResolved, and Unreachable where nothing can be sent.
    """
    return dict(Prober(host, port, timeout).each(suites))


def connected(host: str, port: int) -> socket.socket:
    """A socket for datagrams to a BMC. Raises NameNotResolved, and Unreachable where nothing can be sent."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except OSError as error:
        raise NameNotResolved(f"the name has no address: {error.strerror or error}") from None
    sock = socket.socket(family, kind, protocol)
    try:
        sock.connect(address)
    except OSError as error:
        sock.close()
        raise Unreachable(f"nothing can be sent there: {error.strerror or error}") from None
    return sock


class Prober:
    """One BMC and what its answers have told so far, over several rounds of questions."""

    def __init__(self, host: str, port: int, timeout: float, answered: float | None = None) -> None:
        """`timeout` is seconds for each suite; `answered` the seconds that this BMC took for another answer, if that is known."""
        self._host, self._port = host, port
        self._timeout = timeout
        self._slowest = answered
        self._full = False
        self._tag = random.randrange(256)

    def each(self, suites: t.Iterable[int]) -> t.Generator[tuple[int, Verdict], None, None]:
        """Ask about one suite after another, each when its turn comes. Raises NameNotResolved, Unreachable."""
        with connected(self._host, self._port) as sock:
            for suite in suites:
                yield suite, self._ask(sock, SUITES[suite]) if suite in SUITES else Verdict(Opening.UNKNOWN_SUITE)

    def together(self, suites: t.Iterable[int]) -> dict[int, Verdict]:
        """Ask about all at once, so that silence is waited for once.

        Only for suites of the specification that are likely to get no answer: each that is taken costs a slot.
        Raises NameNotResolved, Unreachable.
        """
        packets = {self._next_tag(): suite for suite in suites}
        questions = {tag: open_request(tag, random.randrange(1, 1 << 32), SUITES[suite]) for tag, suite in packets.items()}
        verdicts = {suite: Verdict(Opening.SILENT) for suite in packets.values()}
        interval, until = _FIRST_RESEND, time.monotonic() + min(self._timeout, self._patience())
        with connected(self._host, self._port) as sock:
            while questions and time.monotonic() < until:
                for packet in questions.values():
                    _send(sock, packet)
                for tag, answer in self._answers(sock, questions, min(until, time.monotonic() + interval)):
                    suite = packets[tag]
                    verdicts[suite] = Verdict(Opening.MALFORMED) if answer is None else self._verdict(SUITES[suite], answer)
                interval *= _RESEND_GROWTH
        return verdicts

    def _answers(
        self, sock: socket.socket, questions: dict[int, bytes], until: float
    ) -> t.Iterator[tuple[int, OpenResponse | None]]:
        """Answers to open questions, which are closed by them; None for one that was cut short, after which the question stays open."""
        while questions and _readable(sock, until):
            packet = _received(sock)
            for tag in list(questions):
                try:
                    answer = open_response(packet, tag)
                except MalformedData:
                    yield tag, None
                    continue
                if answer is not None:
                    del questions[tag]
                    yield tag, answer

    def _next_tag(self) -> int:
        # A BMC that sees tag and session ID again knows the question again; a new question needs new ones.
        self._tag = (self._tag + 1) & 0xFF
        return self._tag

    def _ask(self, sock: socket.socket, suite: Algorithms) -> Verdict:
        """Ask about one suite until its time is over."""
        end = time.monotonic() + self._timeout
        full: Verdict | None = None
        while True:
            verdict = self._once(sock, suite, end)
            # The last question may come too late for an answer.
            too_late = full is not None and verdict.opening is Opening.SILENT
            if verdict.opening is not Opening.NO_SLOT and not too_late:
                return verdict
            full = full or verdict
            if too_late or self._full or time.monotonic() + _SLOT_PAUSE >= end:
                # Waited for once is enough: the next suites are asked once each.
                self._full = True
                return full
            # The BMC does not tell when a slot becomes free.
            time.sleep(_SLOT_PAUSE)

    def _once(self, sock: socket.socket, suite: Algorithms, end: float) -> Verdict:
        """One question, sent again until there is an answer."""
        packet = open_request(self._next_tag(), random.randrange(1, 1 << 32), suite)
        began = time.monotonic()
        until = min(end, began + self._patience())
        interval, malformed = _FIRST_RESEND, False
        while time.monotonic() < until:
            _send(sock, packet)
            answer, cut_short = self._await(sock, min(until, time.monotonic() + interval))
            if answer is not None:
                self._slowest = max(self._slowest or 0.0, time.monotonic() - began)
                return self._verdict(suite, answer)
            malformed = malformed or cut_short
            interval *= _RESEND_GROWTH
        return Verdict(Opening.MALFORMED if malformed else Opening.SILENT)

    def _patience(self) -> float:
        if self._slowest is None:
            return self._timeout
        return max(_LEAST_PATIENCE, _PATIENCE * self._slowest)

    def _await(self, sock: socket.socket, until: float) -> tuple[OpenResponse | None, bool]:
        """The answer to the present question, and whether one came that was cut short."""
        malformed = False
        while _readable(sock, until):
            try:
                answer = open_response(_received(sock), self._tag)
            except MalformedData:
                malformed = True
                continue
            if answer is not None:
                return answer, malformed
        return None, malformed

    def _verdict(self, suite: Algorithms, answer: OpenResponse) -> Verdict:
        if answer.bmc_id is not None:
            if answer.algorithms != (suite.authentication, suite.integrity, suite.confidentiality):
                return Verdict(Opening.OTHER)
            return Verdict(Opening.ACCEPTED, answer.status, answer.privilege)
        if answer.status in _NO_SLOT:
            return Verdict(Opening.NO_SLOT, answer.status)
        return Verdict(Opening.UNCLEAR if answer.status in _ABOUT_ANOTHER else Opening.REFUSED, answer.status)


def _send(sock: socket.socket, packet: bytes) -> None:
    try:
        sock.send(packet)
    except OSError as error:
        raise Unreachable(f"cipher suites could not be asked for: {error.strerror or error}") from None


def _readable(sock: socket.socket, until: float) -> bool:
    """Wait for a packet."""
    return bool(select.select([sock], [], [], max(0.0, until - time.monotonic()))[0])


def _received(sock: socket.socket) -> bytes:
    try:
        return sock.recv(_LONGEST_DATAGRAM)
    except OSError as error:
        raise Unreachable(f"cipher suites could not be asked for: {error.strerror or error}") from None

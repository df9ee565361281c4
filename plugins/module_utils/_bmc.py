# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""One BMC that answers: requests in, answers out, with one policy for what to repeat.

* A read is repeated until its deadline, whatever went wrong on the way.
* A write is sent once. Only an answer that says "not done" (busy, starting) lets it
  be sent again. Without an answer nobody knows what the BMC did: `AnswerLost` is
  raised, and the caller reads the state before deciding.
"""

from __future__ import annotations

import contextlib
import time
import typing as t
from types import TracebackType

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    BmcError,
    CompletionError,
    DriverUnavailable,
    MalformedAnswer,
    SessionLost,
    Unreachable,
    Unsupported,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_DEVICE_ID, SEND_MESSAGE, Command
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome, classify
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._device import DeviceId
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

Answer = t.TypeVar("Answer")

#: The BMC says that it did nothing and that it may be asked again.
_NOT_DONE = frozenset({Outcome.BUSY, Outcome.INITIALISING})
#: What in band is no sign of life: the driver answers for a BMC that does not, or the BMC says that it cannot yet.
LIFELESS: t.Final = frozenset({Outcome.BUSY, Outcome.INITIALISING, Outcome.AMBIGUOUS, Outcome.UNSPECIFIED})
#: The first pause before asking a busy BMC again, in seconds, and the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
#: A write's answer is waited for this share of the time that a request may take;
#: the rest is for finding out what became of it.
_WRITE_SHARE = 0.4


class Bridge(t.NamedTuple):
    """Another controller, that the BMC passes a request on to."""

    address: int  #: on its bus, 0 to 255
    channel: int = 0  #: of the BMC that the bus is on; 0 is the primary IPMB


class SolLink(t.Protocol):
    """What carries Serial over LAN in the session, beside requests and with the session's own protection."""

    def listen(self, arrived: t.Callable[[bytes], None] | None) -> None:
        """Give each SOL payload from the BMC to `arrived`, also those that come while a request is under way.

        `arrived` may send. None: they are dropped again.
        """

    def send(self, payload: bytes) -> None:
        """Send a SOL payload, once. Raises Unreachable where the way itself is broken."""

    def wait(self, deadline: float) -> None:
        """Handle the next datagram, whatever it carries, or return at `deadline`, a time of `time.monotonic()`.

        What has come already is handled even after the deadline. Raises Unreachable.
        """

    def fileno(self) -> int:
        """The number of what datagrams come through, to wait for it and for something else at once."""


class Link(t.Protocol):
    """What carries one request to the BMC and its answer back."""

    def exchange(
        self, command: Command, data: bytes, *, deadline: float, resend: bool, bridge: Bridge | int | None
    ) -> tuple[int, bytes] | None:
        """Send and await: completion code and data, or None where no answer came until `deadline`.

        `deadline` is a time of `time.monotonic()`. With `resend`, the request is
        sent again at growing intervals. `bridge` alone is an address on the primary IPMB.
        Raises BmcError where the way itself is broken.
        """

    @property
    def session_id(self) -> bytes | None:
        """The session's id on the BMC, 4 bytes, least significant first; None in band."""

    @property
    def cipher_suite(self) -> int | None:
        """The session's cipher suite; None in band and in sessions of IPMI 1.5."""

    @property
    def sol(self) -> SolLink | None:
        """What carries Serial over LAN; None in band and in sessions of IPMI 1.5."""

    def close(self) -> None:
        """Give the session back."""

    def abandon(self) -> None:
        """Free what is held on this side, without a word to the BMC."""


class Bmc:
    """A session with one BMC. Use it as a context manager, so that its slot is given back."""

    def __init__(
        self,
        connection: Connection,
        link: Link,
        *,
        now: t.Callable[[], float] = time.monotonic,
        pause: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self.connection = connection
        self.requests = 0
        self._link = link
        self._now = now
        self._pause = pause
        self._device: DeviceId | None = None
        self._silent = False

    def __enter__(self) -> Bmc:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the session back."""
        self._link.close()

    def abandon(self) -> None:
        """Drop the session on this side only: the way to the BMC is gone."""
        self._link.abandon()

    @property
    def session_id(self) -> bytes | None:
        """The session's id on the BMC; None in band."""
        return self._link.session_id

    @property
    def cipher_suite(self) -> int | None:
        """The session's cipher suite; None in band and in sessions of IPMI 1.5."""
        return self._link.cipher_suite

    @property
    def sol(self) -> SolLink:
        """What carries Serial over LAN. Raises Unsupported in band and in sessions of IPMI 1.5."""
        link = self._link.sol
        if link is None:
            raise Unsupported("Serial over LAN needs a session of IPMI 2.0 over the network (bmc_interface=lan)")
        return link

    def touch(self, seconds: float) -> bool:
        """Give a sign of life, so that the BMC keeps the session. Whether it answered."""
        deadline = self._now() + seconds
        try:
            answer = self._link.exchange(GET_DEVICE_ID, b"", deadline=deadline, resend=True, bridge=None)
        except (Unreachable, DriverUnavailable):
            # The way itself is gone, which is what the caller wants to know.
            answer = None
        if answer is not None and self.connection.interface == "open" and classify(GET_DEVICE_ID, answer[0]) in LIFELESS:
            answer = None
        self._silent = answer is None
        return answer is not None

    @property
    def silent(self) -> bool:
        """Whether the last request got no answer at all."""
        return self._silent

    @property
    def device(self) -> DeviceId:
        """Get Device ID, asked once for each session."""
        if self._device is None:
            self._device = self.read(GET_DEVICE_ID, b"", DeviceId.from_wire)
        return self._device

    def read(
        self, command: Command, data: bytes, decode: t.Callable[[bytes], Answer], *, bridge: Bridge | int | None = None
    ) -> Answer:
        """Send a request and decode its answer."""
        return self.decode(command, self.request(command, data, bridge=bridge), decode)

    @staticmethod
    def decode(command: Command, answer: bytes, decode: t.Callable[[bytes], Answer]) -> Answer:
        """Decode an answer of `command`. Raises MalformedAnswer where it is too short."""
        try:
            return decode(answer)
        except MalformedData as error:
            raise MalformedAnswer(
                f"{command} got an answer that does not follow the specification: {error}. "
                "The BMC's firmware may be faulty or still starting"
            ) from None

    def request(self, command: Command, data: bytes = b"", *, bridge: Bridge | int | None = None) -> bytes:
        """Send a request; the answer's data after completion code 00h.

        `bridge` is another controller that the BMC passes the request on to; a number is its IPMB address.
        Raises CompletionError, AnswerLost (writes), SessionLost (reads).
        """
        return self.ask(command, data, bridge=bridge)[1]

    def ask(
        self, command: Command, data: bytes = b"", *, bridge: Bridge | int | None = None, final: t.Collection[int] = ()
    ) -> tuple[int, bytes]:
        """As `request`, with the completion code; those in `final` are answers as good as 00h."""
        deadline = self._now() + self.connection.timeout
        pause, spare = _FIRST_PAUSE, 1
        while True:
            code, answer = self._exchange(command, data, deadline, bridge)
            outcome = classify(command, code)
            if outcome is Outcome.OK or code in final:
                return code, answer
            if outcome is Outcome.AMBIGUOUS and command.writes:
                raise AnswerLost(
                    f"{command} ended with completion code 0x{code:02X}: the BMC does not say whether it was done"
                )
            again = outcome in _NOT_DONE or outcome is Outcome.AMBIGUOUS
            if outcome is Outcome.UNSPECIFIED and not command.writes:
                again, spare = spare > 0, spare - 1
            if not again or self._now() + pause >= deadline:
                raise CompletionError(_refused(command, code, bridge), code)
            self._pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _exchange(self, command: Command, data: bytes, deadline: float, bridge: Bridge | int | None) -> tuple[int, bytes]:
        until = deadline
        if command.writes:
            until = min(deadline, self._now() + self.connection.timeout * _WRITE_SHARE)
        self.requests += 1
        answer = self._link.exchange(command, data, deadline=until, resend=not command.writes, bridge=bridge)
        self._silent = answer is None
        if answer is not None:
            return answer
        seconds = self.connection.timeout
        if command.writes:
            raise AnswerLost(f"{command} got no answer; it may or may not have been carried out")
        raise SessionLost(
            f"{command} got no answer within {seconds:g} seconds (bmc_timeout). "
            "The BMC answered before: it may be restarting, overloaded or cut off"
        )

    def wait(self, seconds: float) -> None:
        """Pause between two looks at a state of the hardware; a BMC cannot tell when it changes."""
        self._pause(seconds)

    @contextlib.contextmanager
    def pausing_by(self, pause: t.Callable[[float], None]) -> t.Iterator[None]:
        """Let `pause` pass the time (seconds) in all pauses meanwhile: an open console has to be listened to."""
        before, self._pause = self._pause, pause
        try:
            yield
        finally:
            self._pause = before

    def now(self) -> float:
        """Monotonic seconds."""
        return self._now()


def _refused(command: Command, code: int, bridge: Bridge | int | None) -> Command:
    """The command that a code is about: of a bridged request, Send Message's own codes are its carrier's."""
    return SEND_MESSAGE if bridge is not None and code in SEND_MESSAGE.meanings else command


def settle(bmc: Bmc, write: t.Callable[[], None], done: t.Callable[[], bool], *, attempts: int = 3) -> None:
    """Carry out a write whose answer may get lost: look at the state before each further attempt.

    `done` reads whether the state is what the write makes it. Raises AnswerLost after `attempts`.
    """
    for attempt in range(1, attempts + 1):
        try:
            return write()
        except AnswerLost as error:
            if done():
                return None
            if attempt == attempts:
                raise error
    return None


__all__ = ["LIFELESS", "Bmc", "BmcError", "Bridge", "Link", "SolLink", "settle"]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The host's serial console over a session with its BMC: Serial over LAN (IPMI 2.0, 15.9 to 15.11).

It is never taken from anybody: who finds it held is told so by `ConsoleHeld`, and who lost it to another
session does not end that session's console when leaving.

Characters arrive exactly once, both ways. Each side sends one packet at a time and repeats it until it is
acknowledged; a repeated packet may have more characters than the first time.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from types import TracebackType

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc, settle
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    BmcError,
    CompletionError,
    ConsoleDisabled,
    ConsoleEncryption,
    ConsoleHeld,
    ConsoleLimit,
    ConsoleLost,
    ConsoleRefused,
    ConsoleUnavailable,
    MalformedAnswer,
    NotReached,
    SessionLost,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    ACTIVATE_PAYLOAD,
    DEACTIVATE_PAYLOAD,
    GET_DEVICE_ID,
    GET_PAYLOAD_INSTANCE,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._payload import (
    ActivatedPayload,
    PayloadInstance,
    activate_request,
    deactivate_request,
    instance_request,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol_packet import (
    HEADER,
    MOST_CHARACTERS,
    BmcPacket,
    ConsolePacket,
    Operation,
    Status,
    next_sequence,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, u32

_REFUSALS: t.Final[t.Mapping[int, type[ConsoleRefused]]] = {
    0x80: ConsoleHeld,
    0x81: ConsoleDisabled,
    0x82: ConsoleLimit,
    0x83: ConsoleEncryption,
    0x84: ConsoleEncryption,
}
#: Deactivate Payload's code for "it is inactive", which is what is wanted.
_INACTIVE_ALREADY = 0x80
#: Payload sizes that a BMC may mean, in bytes. What is beyond has its bytes swapped, or says nothing.
_SMALLEST_PAYLOAD, _LARGEST_PAYLOAD = HEADER + 1, 1024
#: Characters in a packet for a BMC that does not say how many it takes.
_FEW_CHARACTERS = 16
#: How often a lost answer to Activate or Deactivate Payload is looked after.
_ATTEMPTS = 3
#: How often the packet before the first characters is sent. A BMC that does not acknowledge it is typed at all the same.
_INTRODUCTIONS = 3


@dataclass(frozen=True)
class Pace:
    """When something is done again. Seconds."""

    resend: float = 0.5  #: until a packet without an acknowledgement is sent again, and refused characters too
    tries: int = 12  #: how often in all, before the console counts as stuck
    refused: float = 10.0  #: for which a BMC may refuse all characters
    #: Between two questions to the BMC whose the console is, which keep the session too: some BMCs end a session in which
    #: only characters come and go, the shortest-lived known after 30 seconds.
    check: float = 15.0


class SolConsole:
    """The console of a BMC's host. As a context manager it is opened at the start and given back at the end.

    The session stays the caller's: `with open_session(...) as bmc, SolConsole(bmc) as console`. Requests
    may be sent with `bmc` meanwhile; what the host prints is kept. `receive` must be called at least
    once in the time after which BMCs end an idle session: every 15 seconds is safe.
    """

    def __init__(self, bmc: Bmc, *, instance: int = 1, pace: Pace = Pace()) -> None:
        """Open nothing yet. Raises Unsupported where the session cannot carry Serial over LAN."""
        self.instance = instance
        #: How often the BMC said that characters of the host were lost.
        self.overruns = 0
        #: How often the host sent a break.
        self.breaks = 0
        #: A time of `Bmc.now` after which nothing more is typed; None: there is none.
        self.deadline: float | None = None
        self._bmc = bmc
        self._link = bmc.sol
        self._pace = pace
        self._own = u32(bmc.session_id or bytes(4))
        self._active = False
        self._tells_owner = False
        self._lost: str | None = None
        self._told = False
        self._checked = bmc.now()
        self._inbox = bytearray()
        self._last_in = BmcPacket()
        self._last_out = 0
        self._introduced = False
        self._chunk = _FEW_CHARACTERS
        self._port = 0
        self._heard = False
        self._flow = Operation.NONE
        self._answer: BmcPacket | None = None

    def __enter__(self) -> SolConsole:
        self.activate()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.release()
        except BmcError:
            # What went wrong first is what the caller has to hear.
            if error is None:
                raise

    @property
    def active(self) -> bool:
        """Whether the console is open here, as far as is known."""
        return self._active and self._lost is None

    def elsewhere(self) -> int | None:
        """The UDP port that the BMC named for the console, if it is another than the session's and nothing is acknowledged over this one.

        Such packets are not followed; no BMC is known to send them unless it was told to (SOL parameter 8). Where somebody forwards ports the
        number is another too, and the console works. Raises ConsoleLost, SessionLost.
        """
        own = self._bmc.connection.port
        swapped = (self._port & 0xFF) << 8 | self._port >> 8
        if self._heard or not self._port or own in (self._port, swapped):
            return None
        self.deadline = None  # it is for what is typed
        self._introduce()
        return None if self._heard else self._port

    # Whose it is.

    def activate(self) -> None:
        """Open the console, if nobody has it.

        Raises ConsoleHeld (80h), ConsoleDisabled (81h), ConsoleLimit (82h), ConsoleEncryption (83h, 84h),
        ConsoleLost where it went to another session at once, CompletionError, AnswerLost, SessionLost.
        """
        self._lost, self._told = None, False
        self._tells_owner = False
        self._link.listen(self._arrived)
        try:
            activated = self._activated()
            self._chunk, self._port = _characters(activated), activated.port
            self._active = True
            owner = self._owner()
        except BaseException as error:
            self._undo(error)
            raise
        self._checked = self._bmc.now()
        # A BMC that names nobody now has no word on the matter later either.
        self._tells_owner = bool(owner)
        if owner:
            self._compare(owner)

    def _activated(self) -> ActivatedPayload:
        for _attempt in range(_ATTEMPTS - 1):
            try:
                return self._ask_for_it()
            except AnswerLost:
                # Where it went well, the answer had what has to be known: once more from the start.
                if self._owner() == self._own:
                    self._deactivate()
        return self._ask_for_it()

    def _undo(self, error: BaseException) -> None:
        """Opening it went wrong, or was interrupted: leave nothing open that is ours."""
        active, self._active = self._active, False
        try:
            # Refused, nothing is open; and a BMC that fell silent frees it when it misses the session.
            if not isinstance(error, (CompletionError, SessionLost)) and (active or self._owner() == self._own):
                self._deactivate()
        except BmcError:
            return  # the first error is what the caller has to hear
        finally:
            self._link.listen(None)

    def _ask_for_it(self) -> ActivatedPayload:
        # Both sides count anew, as far as the BMC does.
        self._last_in, self._last_out, self._introduced = BmcPacket(), 0, False
        self._heard = False
        # CTS is on at once: who listens from the start loses nothing, and some BMCs forget to raise it later.
        request = activate_request(self.instance, hold_handshake=False)
        code, answer = self._bmc.ask(ACTIVATE_PAYLOAD, request, final=_REFUSALS)
        if code:
            raise _REFUSALS[code](ACTIVATE_PAYLOAD, code)
        return self._bmc.decode(ACTIVATE_PAYLOAD, answer, ActivatedPayload.from_wire)

    def check(self) -> None:
        """Ask the BMC whose the console is, which keeps the session alive too. Raises ConsoleLost, SessionLost.

        Where a BMC cannot tell, only its own word that it ends the console is known.
        """
        if self._tells_owner:
            owner = self._owner()
            if owner is not None:
                self._compare(owner)
        else:
            self._bmc.request(GET_DEVICE_ID)
        self._checked = self._bmc.now()
        self._raise_if_lost()

    def _keep(self) -> None:
        """Check, if it is time to. What came before a loss is still to be had; the next call raises then."""
        if self._lost is None and self._bmc.now() >= self.due:
            try:
                self.check()
            except (ConsoleLost, SessionLost):
                if not self._inbox:
                    raise

    @property
    def due(self) -> float:
        """When it has to be asked about next, a time of `Bmc.now`: `receive` has to be called then."""
        return self._checked + self._pace.check

    def _owner(self) -> int | None:
        """The session that has it, 0 for none, or None where the BMC does not tell."""
        try:
            found = self._bmc.read(GET_PAYLOAD_INSTANCE, instance_request(self.instance), PayloadInstance.from_wire)
        except (CompletionError, MalformedAnswer):
            return None
        return found.session_id

    def _compare(self, owner: int) -> None:
        if owner == 0:
            self._lost = "the BMC has ended it, or somebody has told it to"
        elif owner != self._own:
            self._lost = f"it belongs to another session now (0x{owner:08X}), which somebody has taken it with"

    def _raise_if_lost(self) -> None:
        if self._lost is not None:
            raise ConsoleLost(f"the console was lost: {self._lost}", told=self._told)

    def release(self) -> None:
        """Give the console back; the session stays. Nothing happens where it is not open.

        Another session's console is left alone, and one that may be another's. Raises AnswerLost, SessionLost, CompletionError.
        """
        if not self._active:
            return
        self._active = False
        try:
            # A BMC that was silent just now frees the console when it misses the session.
            if self._lost is None and not self._bmc.silent and (self._tells_owner or self._acknowledges()):
                self._deactivate()
        finally:
            self._link.listen(None)

    def _acknowledges(self) -> bool:
        """Whether the BMC still takes this session's packets, where it does not tell whose the console is.

        Somebody may have taken it without a word to us, and Deactivate Payload would hit him. Closing the session ends
        what is ours in any case.
        """
        self.deadline = None  # it is for what is typed
        try:
            return self._try(b"", Operation.NONE, min(_INTRODUCTIONS, self._pace.tries)) is not None
        except ConsoleLost:
            return False

    def _deactivate(self) -> None:
        """Deactivate Payload, unless the BMC says that it is not ours."""
        if self._tells_owner and self._owner() not in (self._own, None):
            return
        request = deactivate_request(self.instance)
        settle(
            self._bmc,
            write=lambda: _nothing(self._bmc.ask(DEACTIVATE_PAYLOAD, request, final=(_INACTIVE_ALREADY,))),
            # Unknown counts as done: closing the session ends it, and another's might be hit.
            done=lambda: self._owner() != self._own,
            attempts=_ATTEMPTS,
        )

    # To the host.

    def send(self, data: bytes) -> None:
        """Type characters; they are with the host's port when this returns.

        Raises ConsoleLost, ConsoleUnavailable where the BMC refuses them for long, AnswerLost where it does not
        acknowledge them, NotReached at `deadline`, SessionLost.
        """
        rest = bytes(data)
        since = self._bmc.now()
        while rest:
            answer = self._deliver(rest[: self._chunk])
            taken = min(answer.accepted, self._chunk, len(rest))
            rest = rest[taken:]
            if taken:
                since = self._bmc.now()
            if not taken or answer.status & Status.NACK:
                self._stand_back(answer, since)

    def send_break(self) -> None:
        """Send a break on the serial line. Raises as `send`."""
        self._operate(Operation.BREAK)

    def pause(self) -> None:
        """Have the BMC keep the host's characters until `resume`; it may lose some. Raises as `send`."""
        self._flow = Operation.CTS_PAUSE
        self._operate(Operation.NONE)

    def resume(self) -> None:
        """Let the host's characters come again. Raises as `send`."""
        self._flow = Operation.NONE
        self._operate(Operation.NONE)

    def _operate(self, operation: Operation) -> None:
        since = self._bmc.now()
        while True:
            answer = self._deliver(b"", operation)
            if not answer.status & Status.NACK:
                return
            self._stand_back(answer, since)

    def _deliver(self, characters: bytes, operation: Operation = Operation.NONE) -> BmcPacket:
        """Send a packet until it is acknowledged; the packet that did so."""
        self._keep()
        self._raise_if_lost()
        self._introduce()
        answer = self._try(characters, operation, self._pace.tries)
        if answer is not None:
            return answer
        self.check()
        raise AnswerLost(
            f"the BMC did not acknowledge a packet for the console in {self._pace.tries} tries; "
            f"{len(characters)} characters may or may not have reached the host"
        )

    def _introduce(self) -> None:
        """Let the BMC see a number before the first characters or break.

        Firmware that keeps the last console's number over activations takes the first packet with the same number for
        a repetition: acknowledges it, and drops it. This one has nothing to drop, and the next has another number.
        """
        if not self._introduced:
            self._introduced = True
            self._try(b"", Operation.NONE, min(_INTRODUCTIONS, self._pace.tries))

    def _try(self, characters: bytes, operation: Operation, tries: int) -> BmcPacket | None:
        """Send the next packet so often, or until it is acknowledged; the packet that did so."""
        self._raise_if_late(0)
        self._last_out = next_sequence(self._last_out)
        self._answer = None
        packet = ConsolePacket(self._last_out, operation=operation | self._flow, characters=characters).to_wire()
        for _attempt in range(tries):
            self._link.send(packet)
            answer = self._acknowledged(self._in_time(self._bmc.now() + self._pace.resend))
            if answer is not None:
                return answer
            self._raise_if_late(len(characters))
        return None

    def _in_time(self, until: float) -> float:
        return until if self.deadline is None else min(until, self.deadline)

    def _raise_if_late(self, open_end: int) -> None:
        if self.deadline is not None and self._bmc.now() >= self.deadline:
            raise NotReached(
                "the time was over before all that is to be typed was with the host"
                + (f"; {open_end} characters may or may not have reached it" if open_end else "")
            )

    def _acknowledged(self, until: float) -> BmcPacket | None:
        """The packet that acknowledges the last one sent, if it comes in time."""
        while self._answer is None and self._bmc.now() < until:
            self._link.wait(until)
            self._raise_if_lost()
        return self._answer

    def _stand_back(self, answer: BmcPacket, since: float) -> None:
        """The BMC refused characters: pause before the next packet, unless it has refused for long or the time is over."""
        if self._bmc.now() >= since + self._pace.refused:
            raise self._refused(answer, since)
        ready = self._in_time(min(self._bmc.now() + self._pace.resend, since + self._pace.refused))
        while self._bmc.now() < ready:
            self._link.wait(ready)
            self._raise_if_lost()
        if self.deadline is not None and self._bmc.now() >= self.deadline:
            raise self._refused(answer, since)

    def _refused(self, answer: BmcPacket, since: float) -> ConsoleUnavailable:
        off = answer.status & Status.UNAVAILABLE
        return ConsoleUnavailable(
            f"the BMC has refused characters for the host for {self._bmc.now() - since:.3g} seconds"
            + (": its host is powered off, or its serial port is not available" if off else "")
            + ("" if off else ". The host may have stopped reading its serial port (flow control)")
        )

    # From the host.

    def fileno(self) -> int:
        """The number of what its packets come through. Where it is readable, `receive(bmc.now())` may return something."""
        return self._link.fileno()

    def receive(self, deadline: float) -> bytes:
        """What the host printed since the last call, as soon as there is something; b"" at `deadline`.

        `deadline` is a time of `Bmc.now`; what has come already is returned also after it.
        Raises ConsoleLost, after all that came before, and SessionLost.
        """
        while True:
            if not self._inbox:
                self._raise_if_lost()
                self._link.wait(min(deadline, self.due))
            self._keep()
            if self._inbox:
                data, self._inbox = bytes(self._inbox), bytearray()
                return data
            self._raise_if_lost()
            if self._bmc.now() >= deadline:
                return b""

    def _arrived(self, payload: bytes) -> None:
        try:
            packet = BmcPacket.from_wire(payload)
        except MalformedData:
            return  # cut short: as good as lost, so the BMC sends it again
        self._heard = True
        if packet.sequence:
            self._take(packet)
        else:
            self._note(packet.status)
        if packet.acknowledged and packet.acknowledged == self._last_out:
            self._answer = packet
        if packet.status & Status.DEACTIVATING:
            self._told = True
            self._lost = "the BMC says that it ends it; somebody may have taken it, or the BMC restarts"

    def _take(self, packet: BmcPacket) -> None:
        """Keep what is new in it, and acknowledge all of it."""
        characters, seen = packet.characters, self._last_in.characters
        repeated = packet.sequence == self._last_in.sequence and (characters.startswith(seen) or seen.startswith(characters))
        if repeated:
            self._inbox += characters[len(seen) :]
        else:
            self._inbox += characters
            self._note(packet.status)
        if not repeated or len(characters) > len(seen):
            self._last_in = packet
        accepted = min(len(characters), MOST_CHARACTERS)
        self._link.send(ConsolePacket(0, packet.sequence, accepted, self._flow).to_wire())

    def _note(self, status: Status) -> None:
        self.overruns += bool(status & Status.OVERRUN)
        self.breaks += bool(status & Status.BREAK)


def _characters(activated: ActivatedPayload) -> int:
    """How many characters fit into a packet to the BMC."""
    size = activated.inbound_size
    for possible in (size, (size & 0xFF) << 8 | size >> 8):
        if _SMALLEST_PAYLOAD <= possible <= _LARGEST_PAYLOAD:
            return min(possible - HEADER, MOST_CHARACTERS)
    return _FEW_CHARACTERS


def _nothing(_answer: object) -> None:
    """Nothing in the answer is of use."""

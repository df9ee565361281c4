# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Changes that may end the session: write them last, prove them, or put the old value back.

The proof is a fresh login, from outside, while the old session is still open. Where the
fresh login fails and the old session still answers, the old values are written back over
it and the task fails saying so; a BMC that restarted meanwhile, and so has lost that session,
gets them where it was. Nothing here repeats a refused login.
"""

from __future__ import annotations

import contextlib
import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    BmcError,
    CompletionError,
    LoginRefused,
    NameNotResolved,
    NoSessionSlot,
    NotVerified,
    Restored,
    SessionLost,
    Unreachable,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import CLOSE_SESSION, GET_SYSTEM_GUID
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import (
    SILENCE,
    Progress,
    drop,
    release,
    wait_for,
    write,
    write_and_verify,
    write_one,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Change, Plan, Refused, read_values
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

#: Seconds for one attempt to log in to a BMC that may be moving; then the old session gets a sign of life,
#: because BMCs end a session that is idle for a minute.
_SLICE = 10.0
#: Close Session: there is no session of this id.
_NO_SUCH_SESSION = 0x87
#: Seconds that the sign of life may take meanwhile, and until the next attempt: where the way itself is closed, one fails at once.
_TOUCH, _PAUSE = 1.0, 0.5
#: How often the rest of a cutting change is written over a fresh session, where the BMC moved half-way,
#: and how many fresh sessions may fall silent while the change is read back.
_ROUNDS = 3
#: How many sessions may be lost while old values are put back: the BMC may move with each, and restart besides.
_ROUNDS_BACK = 6


class AnotherMachine(NotVerified):
    """Somebody else's BMC answers where this one should."""


#: Why there is no session at a place where the BMC may be.
_NOT_THERE: t.Final = (Unreachable, NameNotResolved, NoSessionSlot, LoginRefused, AnotherMachine)


@dataclass
class Line:
    """The session in use. It is another one after the BMC has moved."""

    bmc: Bmc
    open: t.Callable[[Connection, float], Bmc]
    #: Whether a BMC answers at a place; asked before this one moves there.
    answers: t.Callable[[Connection], bool] = lambda place: False

    def close(self) -> None:
        """Give the session back."""
        self.bmc.close()

    def move_to(self, fresh: Bmc) -> None:
        """Go on with a fresh session; the old one is ended from there, because its own way may be gone."""
        old, self.bmc = self.bmc, fresh
        if self._end(old.session_id):
            old.abandon()
        else:
            old.close()
        fresh.requests += old.requests

    def _end(self, session_id: bytes | None) -> bool:
        """Whether the session is ended. A BMC may want that of an administrator, or of the session itself."""
        if session_id is None:
            return False
        if session_id == self.bmc.session_id:
            # A BMC that restarted counts from the beginning: the old one is gone.
            return True
        try:
            self.bmc.request(CLOSE_SESSION, session_id)
        except CompletionError as error:
            # The BMC has ended it itself, as it does with every session that is idle.
            return error.code == _NO_SUCH_SESSION
        except AnswerLost:
            return False
        return True


@dataclass(frozen=True)
class Proof:
    """How a cutting change is proved."""

    #: False: the caller knows that the BMC will not be reachable from here, and says so.
    wanted: bool = True
    #: Seconds that the BMC may take until it answers again.
    timeout: float = 60.0
    #: Where it will answer once it has moved, if that does not follow from the change.
    host: str | None = None


@dataclass(frozen=True)
class Cut:
    """A plan with cutting changes, and the account and address that hold afterwards."""

    plan: Plan
    after: t.Callable[[Connection], Connection] = field(default=lambda connection: connection)
    #: The change takes the account in use away, as the task says that it may: there is nothing to log in with.
    final: bool = False
    #: Carried out before this one, and put back if this one is refused: the other copy of the same settings.
    first: Cut | None = None
    #: Looks from outside, once all is written, at what reading back cannot show. Gives keys of the result; raises NotVerified.
    look: t.Callable[[Bmc, Progress], dict[str, t.Any]] | None = None
    #: The plan is about where the BMC answers. Until such a one is written, it answers where it does now.
    moves: bool = False
    #: Why nobody knows where the BMC answers afterwards; "" if that is known.
    homeless: str = ""
    #: Seconds that the BMC may go on answering the old way after the change: only a login after that proves it.
    lingers: float = 0.0

    @property
    def moves_away(self) -> bool:
        """Whether the BMC may answer elsewhere once this is written."""
        return self.moves and bool(self.plan.cutting)

    def at_once(self, proof: Proof) -> bool:
        """Whether the plan's safe changes are written along with the cutting ones, under one set-in-progress."""
        return proof.wanted and bool(self.plan.cutting) and self.plan.instance.section.family is not None


@dataclass(frozen=True)
class WayBack:
    """How to put back what was written."""

    plan: Plan  #: its `wanted` are the old values
    changes: tuple[Change, ...]

    def written(self, progress: Progress) -> tuple[Change, ...]:
        """The changes that were sent."""
        return tuple(change for change in self.changes if progress.noted(change))

    def names(self, progress: Progress) -> str:
        """Of the settings that were sent, for a message."""
        return ", ".join(name for change in self.written(progress) for name in change.names) or "nothing"

    def take(self, bmc: Bmc, progress: Progress) -> None:
        """Write the old values, the last one first, and read them back. Raises what writing raises."""
        write_and_verify(bmc, self.plan, self._back(progress), Progress())
        progress.undo(self._done(progress))

    def rewrite(self, bmc: Bmc, progress: Progress) -> None:
        """Write the old values within the set-in-progress that is taken. What fails is for `finish` to look into."""
        with contextlib.suppress(*SILENCE):
            for change in self._back(progress):
                with contextlib.suppress(CompletionError):
                    write_one(bmc, change)

    def finish(self, bmc: Bmc, progress: Progress) -> None:
        """See that the old values are there, and write those that are not. Raises what reading and writing raise."""
        self._see_to(bmc, progress)
        progress.undo(self._done(progress))

    def finish_alone(self, bmc: Bmc, progress: Progress) -> None:
        """The same after a silence, which may have left set-in-progress behind, with values that are not in force yet."""
        family = self.plan.instance.section.family
        if family is not None:
            self._see_to(bmc, progress)
            drop(bmc, family, self.plan.instance.target)
        self.finish(bmc, progress)

    def _see_to(self, bmc: Bmc, progress: Progress) -> None:
        names = [name for change in self._done(progress) for name in change.names]
        write_and_verify(bmc, self.plan, wait_for(bmc, self.plan, names, Progress()), Progress())

    def _done(self, progress: Progress) -> tuple[Change, ...]:
        # What could not be read cannot be put back.
        return tuple(change for change in self.written(progress) if not change.blind)

    def _back(self, progress: Progress) -> tuple[Change, ...]:
        return tuple(replace(change, old=change.new, new=change.old) for change in reversed(self._done(progress)))


@contextlib.contextmanager
def all_or_nothing(line: Line, cut: Cut, progress: Progress) -> t.Iterator[None]:
    """Where this cut is refused or put back, so is the one before it that belongs to it."""
    try:
        yield
    except (Refused, Restored) as error:
        if cut.first is None or not _take_back(line.bmc, cut.first.plan, progress) or isinstance(error, Restored):
            raise
        raise Refused(f"{error.about} ({cut.first.plan.instance.label} was put back)", error.cause) from error


def _take_back(bmc: Bmc, plan: Plan, progress: Progress) -> bool:
    """Put back what was written of a plan. Whether there was anything."""
    way_back = WayBack(replace(plan, wanted={**plan.wanted, **plan.before}), plan.changes)
    if not way_back.written(progress):
        return False
    way_back.take(bmc, progress)
    return True


def carry_out(line: Line, cut: Cut, proof: Proof, progress: Progress) -> None:
    """Write the cutting changes of one plan and prove them. Raises Restored, NotVerified, Unreachable."""
    changes = cut.plan.cutting
    if not changes:
        return
    if cut.at_once(proof):
        changes = cut.plan.changes
    future = cut.after(line.bmc.connection)
    if proof.host and line.bmc.connection.interface == "lan":
        future = future.at(proof.host)
    home = line.bmc.connection
    moves = future.host != home.host
    identity = _identity(line.bmc) if moves else None
    way_back = _way_back(line.bmc, cut.plan, changes)
    journey = Journey(cut, way_back, home, future, proof, identity)
    for _round in range(_ROUNDS):
        changes = journey.write_into_the_dark(line, changes, progress)
        if not changes:
            return
        if line.bmc.connection.interface != "lan":
            _verify_in_band(line.bmc, cut.plan, changes, progress)
            return
        if cut.final or not proof.wanted:
            progress.verified = False
            return
        changes = journey.arrive(line, changes, progress)
        if not changes:
            progress.verified = True
            return
    names = ", ".join(name for change in changes for name in change.names)
    raise NotVerified(f"{cut.plan.instance.label}: the BMC accepted {names} and still has another value")


@dataclass(frozen=True)
class Journey:
    """From the old session to a fresh one."""

    cut: Cut
    way_back: WayBack
    home: Connection  #: where it answers before the change
    future: Connection
    proof: Proof
    #: The machine's GUID, where the address changes.
    identity: bytes | None
    #: Where a login was refused: BMCs lock accounts.
    refused: list[Connection] = field(default_factory=list)

    def write_into_the_dark(self, line: Line, changes: tuple[Change, ...], progress: Progress) -> tuple[Change, ...]:
        """Write all of it. Silence is expected: the BMC may be gone from here already. What may have been written."""
        try:
            refused = write(line.bmc, changes, progress, on_refusal=lambda: self.way_back.rewrite(line.bmc, progress))
        except SILENCE:
            if not self.way_back.written(progress):
                # Nothing was sent that a login could prove.
                raise
            return changes
        except Refused as refusal:
            # Half a network configuration may cut the connection as well as a wrong one.
            doubt = self._finish(line, str(refusal), progress)
            raise Refused(f"{refusal.about} (what was written before it was put back{doubt})", refusal.cause) from refusal
        return tuple(change for change in changes if not refused.intersection(change.names))

    def arrive(self, line: Line, changes: tuple[Change, ...], progress: Progress) -> tuple[Change, ...]:
        """Go on in a fresh session; what did not get through. Raises Restored, Unreachable, NotVerified, SessionLost."""
        # Later signs of life tell nothing about it.
        locked = line.bmc.silent
        if self.cut.lingers:
            line.bmc.wait(self.cut.lingers)
        for last in (*[False] * (_ROUNDS - 1), True):
            try:
                return self._arrive(line, changes, locked, progress)
            except SILENCE as error:
                # It left, or restarted, only now: where it is there is shown by another login.
                if last:
                    raise SessionLost(
                        f"{self._written(progress)}, {self.future} answered, and fell silent {_ROUNDS} times "
                        f"while that was read back: {error}"
                    ) from error
        return changes

    def _arrive(self, line: Line, changes: tuple[Change, ...], locked: bool, progress: Progress) -> tuple[Change, ...]:
        fresh = self._prove(line, progress)
        try:
            _same_machine(fresh, self.identity)
            left = _left(fresh, self.cut.plan, changes, locked or line.bmc.silent, progress)
        except AnotherMachine as error:
            fresh.close()
            self._put_back(line, error, progress)
        except BmcError:
            fresh.close()
            raise
        line.move_to(fresh)
        return left

    def _written(self, progress: Progress) -> str:
        return f"{self.way_back.plan.instance.label}: after writing {self.way_back.names(progress)}"

    def _prove(self, line: Line, progress: Progress) -> Bmc:
        """A fresh session, or the old values back and an exception."""
        deadline = time.monotonic() + self.proof.timeout
        while True:
            until = min(deadline, time.monotonic() + _SLICE)
            try:
                return line.open(self.future, until)
            except (Unreachable, NameNotResolved, NoSessionSlot) as error:
                cause: BmcError = error
                if time.monotonic() < deadline:
                    line.bmc.touch(_TOUCH)
                    line.bmc.wait(_PAUSE)
                    continue
            except LoginRefused as error:
                self.refused.append(self.future)
                cause = error
            self._put_back(line, cause, progress)

    def _put_back(self, line: Line, cause: BmcError, progress: Progress) -> t.NoReturn:
        failed = f"{self._written(progress)}, a fresh login to {self.future} failed: {cause}"
        old, put_back = line.bmc, self.way_back.take
        # All depends on this one: a slow BMC gets as long as for any request.
        if not old.touch(old.connection.timeout):
            # A BMC that restarted has lost the session, and may be where it was with a part of the new values.
            self._return_home(line, f"{failed}. The old session does not answer either", progress)
            put_back = self.way_back.finish_alone
        try:
            put_back(line.bmc, progress)
            doubt = self._go_home(line)
        except SILENCE:
            doubt = self._finish(line, failed, progress)
        except BmcError as error:
            raise Unreachable(f"{failed}. Putting the old values back failed too: {error}") from error
        over = "the old session, which still works" if line.bmc is old else f"a fresh session to {line.bmc.connection}"
        raise Restored(f"{failed}. The old values were put back over {over}{doubt}")

    def _return_home(self, line: Line, failed: str, progress: Progress) -> None:
        """A fresh session to where the BMC was. Raises Unreachable where there is none, or nothing new to try."""
        tried = ""
        if self.home != self.future:
            try:
                line.move_to(self._same_bmc_at(self.home, line))
                return
            except _NOT_THERE as error:
                tried = f", and a login to {self.home} as before failed: {error}"
        raise Unreachable(
            f"{failed}{tried}, so nothing could be put back. Written: {self.way_back.names(progress)}. "
            "Look for the BMC at its new address, or from the host itself (bmc_interface=open)"
        )

    def _finish(self, line: Line, failed: str, progress: Progress) -> str:
        """See to the old values, also where the BMC moved with half of the new ones. What `_go_home` says.

        Raises Unreachable, NotVerified.
        """
        finish = self.way_back.finish_alone if line.bmc.silent else self.way_back.finish
        for _round in range(_ROUNDS_BACK):
            try:
                finish(line.bmc, progress)
                return self._go_home(line)
            except SILENCE:
                line.move_to(self._find(line, failed, progress))
                # Elsewhere the new values are in force, also those that cannot be read, such as a password.
                is_home = line.bmc.connection == self.home
                finish = self.way_back.finish_alone if is_home else self.way_back.take
            except BmcError as error:
                raise NotVerified(f"{failed}. Putting back what was written before it failed too: {error}") from error
        raise NotVerified(f"{failed}. Putting back what was written before it was not seen to work")

    def _go_home(self, line: Line) -> str:
        """The old values lead home. The session of elsewhere ends with that, and is given back from there.

        What to say where the BMC is not there (yet), else nothing.
        """
        if line.bmc.connection.host == self.home.host or self.home in self.refused:
            return ""
        try:
            line.move_to(self._same_bmc_at(self.home, line))
        except _NOT_THERE as error:
            return f", but a login to {self.home} does not prove it: {error}"
        return ""

    def _find(self, line: Line, failed: str, progress: Progress) -> Bmc:
        failures = []
        for place in self._places():
            try:
                return self._same_bmc_at(place, line)
            except _NOT_THERE as error:
                failures.append(f"{place}: {error}")
        names = self.way_back.names(progress)
        raise Unreachable(f"{failed}. The BMC went silent with {names} written. {'. '.join(failures)}")

    def _places(self) -> list[Connection]:
        """Where the BMC may be. Old values lead home: a login that was refused there may work by now, and elsewhere never."""
        places = [place for place in dict.fromkeys((self.home, self.future)) if place == self.home or place not in self.refused]
        return sorted(places, key=self.refused.__contains__)

    def _same_bmc_at(self, place: Connection, line: Line) -> Bmc:
        """A fresh session there. Raises what is in `_NOT_THERE`."""
        until = time.monotonic() + _SLICE
        while True:
            try:
                fresh = line.open(place, until)
            except LoginRefused:
                self.refused.append(place)
                raise
            try:
                _same_machine(fresh, self.identity)
                return fresh
            except SILENCE as error:
                fresh.close()
                if time.monotonic() >= until:
                    raise Unreachable(f"{place} fell silent after the login: {error}") from error
            except BmcError:
                fresh.close()
                raise


def _way_back(bmc: Bmc, plan: Plan, changes: tuple[Change, ...]) -> WayBack:
    """The old values, and those of settings that nobody asked to change and that some BMCs change all the same."""
    beside = {name for change in changes for setting in change.settings for name in setting.disturbs}
    values, _missing = read_values(Reader(bmc), plan.instance, beside - set(plan.wanted))
    return WayBack(replace(plan, wanted={**plan.wanted, **plan.before, **values}), changes)


def _verify_in_band(bmc: Bmc, plan: Plan, changes: tuple[Change, ...], progress: Progress) -> None:
    """In band nothing is cut: reading back is all the proof there is."""
    left = wait_for(bmc, plan, [name for change in changes for name in change.names], progress)
    write_and_verify(bmc, plan, left, progress)


def _left(
    fresh: Bmc, plan: Plan, changes: tuple[Change, ...], locked: bool, progress: Progress
) -> tuple[Change, ...]:
    """What did not get through. The lock that a lost session may have left is taken off first."""
    family = plan.instance.section.family
    if family is not None and locked:
        release(fresh, family, plan.instance.target)
    return wait_for(fresh, plan, [name for change in changes for name in change.names], progress)


def _identity(bmc: Bmc) -> bytes | None:
    """The machine's GUID, to tell that the BMC at the new address is this one. None: it has none."""
    try:
        return bmc.request(GET_SYSTEM_GUID)
    except CompletionError:
        return None


def _same_machine(fresh: Bmc, identity: bytes | None) -> None:
    if identity is not None and _identity(fresh) != identity:
        raise AnotherMachine(
            f"{fresh.connection} answers, but it is another machine's BMC: its GUID differs. "
            "Two BMCs have this address now; change one of them"
        )

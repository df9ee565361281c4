# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Write and verify: carry out plans, in an order that does not lock anyone out.

First everything that cannot end the session, then, one instance at a time, what can.
Every write is read back. What may end the session is proved by a fresh login while
the old session is still there to put the old value back (`_cut.py`).
"""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc, settle
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    BmcError,
    CompletionError,
    NotVerified,
    SessionLost,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._parameters import SetInProgress, get_request, payload, set_request
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import (
    CannotTell,
    Change,
    Missing,
    Plan,
    Refused,
    again,
    make_plan,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Family, Reader, Target

#: Seconds between looks at a written value that does not show yet; some BMCs apply late.
_LATE = (0.2, 0.5, 1.0, 2.0)
#: How often a set of writes is made in all before it counts as not taken.
_ROUNDS = 2
#: A refused write that left the state as wanted is no failure: some BMCs refuse what is already so.
_MAYBE_ALREADY_SO = frozenset({Outcome.INVALID, Outcome.NOT_NOW, Outcome.REFUSED})
#: What a session that no longer answers raises.
SILENCE: t.Final = (AnswerLost, SessionLost)
#: The number of the set-in-progress parameter in every family.
SET_IN_PROGRESS: t.Final = 0
#: A BMC without set-in-progress answers in one of these ways; the writes go without it.
_NO_LOCK = frozenset(
    {Outcome.UNSUPPORTED, Outcome.READ_ONLY, Outcome.INVALID, Outcome.ABSENT, Outcome.NOT_NOW, Outcome.LENGTH, Outcome.REFUSED}
)


@dataclass
class Progress:
    """What was done so far. Also in the result of a failure, so that nobody has to guess."""

    written: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    #: None: nothing needed a proof. True: a fresh login worked. False: not asked for.
    verified: bool | None = None

    def note(self, change: Change) -> None:
        """A change was written."""
        for name in change.names:
            entry = f"{change.instance.label}: {name}"
            if entry not in self.written:
                self.written.append(entry)

    def noted(self, change: Change) -> bool:
        """Whether a change was written."""
        return f"{change.instance.label}: {change.names[0]}" in self.written

    def undo(self, changes: t.Iterable[Change]) -> None:
        """Changes were put back: the BMC is as if they had not been written."""
        gone = {f"{change.instance.label}: {name}" for change in changes for name in change.names}
        self.written = [entry for entry in self.written if entry not in gone]


def write_safely(bmc: Bmc, plan: Plan, progress: Progress) -> None:
    """Make the plan's changes that cannot end the session, and read them back."""
    write_and_verify(bmc, plan, plan.safe, progress)


def write_and_verify(bmc: Bmc, plan: Plan, changes: tuple[Change, ...], progress: Progress) -> None:
    """Write, read back, write once more what did not stay. Raises NotVerified."""
    if not changes:
        return
    refused: set[str] = set()
    left = changes
    for _round in range(_ROUNDS):
        refused |= write(bmc, left, progress)
        names = [name for change in left for name in change.names if name not in refused]
        left = wait_for(bmc, plan, names, progress)
        if not left:
            return
    names = [name for change in left for name in change.names]
    raise NotVerified(
        f"{plan.instance.label}: the BMC accepted {', '.join(names)} and still has another value. "
        "It may ignore this setting, or need a restart (cold reset) to apply it"
    )


def wait_for(bmc: Bmc, plan: Plan, names: list[str], progress: Progress) -> tuple[Change, ...]:
    """Compare until nothing is left to change, or the BMC had time enough. What is left."""
    for pause in (*_LATE, None):
        reader = Reader(bmc, after_write=True)
        left = again(reader, plan, names).changes
        if not left or pause is None:
            break
        bmc.wait(pause)
    progress.warnings += [note for note in reader.notes if note not in progress.warnings]
    return left


def _nothing() -> None:
    """What is done about a refusal if nobody says otherwise."""


def write(
    bmc: Bmc, changes: tuple[Change, ...], progress: Progress, *, on_refusal: t.Callable[[], None] = _nothing
) -> set[str]:
    """Write the changes of one instance. The names of settings that the BMC turned out not to have.

    `on_refusal` is called before a refusal leaves here, and before set-in-progress is given back: a BMC that
    applies its settings at the end has then not applied half of them.
    """
    instance = changes[0].instance
    refused: set[str] = set()
    with set_in_progress(bmc, instance.section.family, instance.target, progress):
        for change in changes:
            try:
                write_one(bmc, change)
            except CannotTell as error:
                progress.missing += [Missing(instance.label, name, str(error)) for name in change.names]
                refused.update(change.names)
            except CompletionError as error:
                if error.outcome not in (Outcome.UNSUPPORTED, Outcome.READ_ONLY):
                    on_refusal()
                    raise Refused(f"{instance.label}: {', '.join(change.names)}", error) from error
                why = "read only" if error.outcome is Outcome.READ_ONLY else f"completion code 0x{error.code:02X}"
                progress.missing += [Missing(instance.label, name, why) for name in change.names]
                refused.update(change.names)
            except SILENCE:
                # Sent, and perhaps carried out.
                progress.note(change)
                raise
            else:
                progress.note(change)
    return refused


def write_one(bmc: Bmc, change: Change) -> None:
    """One parameter. A lost answer, or a refusal of what is already so, is settled by reading."""

    def store() -> None:
        change.parameter.store(bmc, change.instance.target, change.new, change.old)

    def done() -> bool:
        return not _differs(bmc, change)

    if change.blind:
        # Nothing could be read to settle a lost answer with.
        return store()
    try:
        settle(bmc, store, done)
    except CompletionError as error:
        if error.outcome not in _MAYBE_ALREADY_SO or not done():
            raise


def _differs(bmc: Bmc, change: Change) -> bool:
    wanted = {setting.name: setting.get(change.new) for setting in change.settings}
    # What was known before the write tells nothing about the write.
    plan = make_plan(Reader(bmc), replace(change.instance, known={}), wanted)
    return bool(plan.changes or plan.missing)


@contextlib.contextmanager
def set_in_progress(bmc: Bmc, family: Family | None, target: Target, progress: Progress) -> t.Iterator[None]:
    """Bracket writes with set-in-progress and commit, where the BMC has them."""
    if family is None or not _take(bmc, family, target, progress):
        yield
        return
    # Where something failed, that is what counts, and not that the BMC went away before it was unlocked.
    forgiven: tuple[type[BmcError], ...] = SILENCE
    try:
        yield
        forgiven = ()
    finally:
        if not bmc.silent:
            with contextlib.suppress(*forgiven):
                release(bmc, family, target)


def _take(bmc: Bmc, family: Family, target: Target, progress: Progress) -> bool:
    """Whether the BMC has set-in-progress; then it is ours."""
    deadline = bmc.now() + bmc.connection.timeout
    while True:
        try:
            _put(bmc, family, target, SetInProgress.IN_PROGRESS)
            return True
        except CompletionError as error:
            if error.outcome in _NO_LOCK:
                return False
            if error.outcome is not Outcome.LOCKED:
                raise
        if bmc.now() >= deadline:
            progress.warnings.append(
                f"{family.name} channel {target.channel}: another program's 'set in progress' was still there after "
                f"{bmc.connection.timeout:g} seconds. It was taken over: programs that crash leave it behind"
            )
            return True
        bmc.wait(0.5)


def release(bmc: Bmc, family: Family, target: Target) -> None:
    """Commit and complete. A BMC that has no commit refuses it, which is as good."""
    _let_go(bmc, family, target, SetInProgress.COMMIT)
    drop(bmc, family, target)


def drop(bmc: Bmc, family: Family, target: Target) -> None:
    """Complete without a commit: where the BMC can roll back, what waited for the commit is discarded."""
    _let_go(bmc, family, target, SetInProgress.COMPLETE)


def _let_go(bmc: Bmc, family: Family, target: Target, state: SetInProgress) -> None:
    try:
        _put(bmc, family, target, state)
    except CompletionError as error:
        if error.outcome not in _NO_LOCK and error.outcome is not Outcome.LOCKED:
            raise


def _put(bmc: Bmc, family: Family, target: Target, state: SetInProgress) -> None:
    def store() -> None:
        bmc.request(family.set, set_request(target.channel, SET_IN_PROGRESS, state.to_wire()))

    def done() -> bool:
        answer = bmc.request(family.get, get_request(target.channel, SET_IN_PROGRESS))
        is_taken = bool(payload(answer)[:1] == SetInProgress.IN_PROGRESS.to_wire())
        return is_taken is (state is SetInProgress.IN_PROGRESS)

    settle(bmc, store, done)

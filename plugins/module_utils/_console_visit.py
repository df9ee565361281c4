# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A visit at a console: see that nobody has it, open it, work there, say why it is silent, give it back on every path."""

from __future__ import annotations

import contextlib
import functools
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._console_diagnosis import Diagnosis, Seen, held, of_refusal, of_silence
from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import ConsoleState, Holder, State
from ansible_collections.lightsout.bmc.plugins.module_utils._console_release import ConsoleInUse, HolderUnknown, Released, Wish, look, release
from ansible_collections.lightsout.bmc.plugins.module_utils._console_script import Script
from ansible_collections.lightsout.bmc.plugins.module_utils._console_secrets import Secrets
from ansible_collections.lightsout.bmc.plugins.module_utils._console_talk import Talk
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import AnswerLost, BmcError, ConsoleHeld, ConsoleLost, SessionLost, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from ansible_collections.lightsout.bmc.plugins.module_utils._sol_console import Pace, SolConsole

#: Seconds for which a BMC may refuse what is typed, unless the task has less.
_REFUSED: t.Final = 10.0


class VisitFailed(BmcError):
    """A visit that an error ended, with all that came of it until then."""

    def __init__(self, error: BmcError, text: str, facts: t.Mapping[str, t.Any]) -> None:
        super().__init__(text)
        self._facts = {**error.facts(), **facts}

    def facts(self) -> dict[str, t.Any]:
        return self._facts


@dataclass
class Visit:
    """One visit; `run` may be called once."""

    bmc: Bmc
    wish: Wish
    script: Script
    machine: Machine

    def __post_init__(self) -> None:
        self._talk = Talk(self.bmc, Secrets(self.script.secrets))
        self._until = self.bmc.now() + (self.wish.timeout if self.wish.when_held == "wait" else 0)
        self._released: Released | None = None
        self._console: ConsoleState | None = None
        self._diagnosis: Diagnosis | None = None
        self._evicted: Holder | None = None

    def run(self, *, check_mode: bool) -> dict[str, t.Any]:
        """The result. Raises VisitFailed, with the same in its facts."""
        try:
            self._free(check_mode)
            if not check_mode:
                self._open_and_talk()
        except BmcError as error:
            raise VisitFailed(error, self._message(error), self._facts()) from error
        result = self._facts()
        if check_mode:
            result["changed"] = bool(self.script.shown) or self._evicted is not None
        return {**result, "diff": self._diff(), "warnings": list(self._warnings(check_mode))}

    # Whose it is.

    def _free(self, check_mode: bool) -> None:
        """See that nobody has it, by the rules of the task. Raises ConsoleInUse."""
        try:
            self._released = self._release(check_mode)
        except ConsoleInUse as error:
            self._console, self._evicted = error.console, error.evicted
            # Where the BMC does not say, trying tells: activating takes the console from nobody.
            if not isinstance(error, HolderUnknown) or error.console.state is not State.UNKNOWN:
                self._diagnosis = held(error.console)
                raise
        else:
            self._console, self._evicted = self._released.after, self._released.evicted

    def _release(self, check_mode: bool) -> Released:
        """As `release`; but where the BMC does not say whether it is free, nothing is waited for: trying tells."""
        if self.wish.when_held == "wait":
            console = look(self.bmc, self.machine, self.wish.instance)
            if console.state is State.UNKNOWN:
                raise HolderUnknown(str(console), console)
        return release(self.bmc, self.wish, self.machine, check_mode=check_mode)

    @contextlib.contextmanager
    def _opened(self) -> t.Iterator[SolConsole]:
        """The console. Raises what its activation does, with a diagnosis noted."""
        console = self._activated()
        try:
            yield console
        except BaseException:
            # What went wrong first is what the caller has to hear.
            with contextlib.suppress(BmcError):
                console.release()
            raise
        console.release()

    def _activated(self) -> SolConsole:
        while True:
            try:
                pace = Pace(refused=min(_REFUSED, self.script.timeout))
                console = SolConsole(self.bmc, instance=self.wish.instance, pace=pace)
                console.activate()
                return console
            except ConsoleHeld as error:
                rest = self._until - self.bmc.now()
                if rest <= 0:
                    raise self._in_use(error) from error
                self.bmc.wait(min(self.wish.interval, rest))
            except BmcError as error:
                self._diagnosis = self._quietly(functools.partial(of_refusal, error=error))
                raise

    def _in_use(self, error: ConsoleHeld) -> BmcError:
        """It was free when it was looked at, or the BMC did not say."""
        console = self._console = look(self.bmc, self.machine, self.wish.instance)
        self._diagnosis = held(console)
        return ConsoleInUse(f"{error} Nobody was cut off; {console}", console, self._evicted)

    # At the console.

    def _open_and_talk(self) -> None:
        with self._opened() as console:
            try:
                self._talk.carry_out(console, self.script)
            except ConsoleLost:
                self._diagnosis = self._quietly(self._lost)
                raise
            except BmcError as error:
                self._diagnosis = self._quietly(functools.partial(of_silence, seen=self._seen(console, error)))
                raise
            self._diagnosis = self._quietly(functools.partial(of_silence, seen=self._seen(console, None)))

    def _seen(self, console: SolConsole, error: BmcError | None) -> Seen:
        try:
            elsewhere = console.elsewhere()
        except (ConsoleLost, SessionLost):
            elsewhere = None  # it cannot be told any more
        return Seen(bytes(self._talk.raw), self._talk.typed, self._talk.boot, error, elsewhere)

    def _quietly(self, diagnose: t.Callable[[Reader], Diagnosis | None]) -> Diagnosis | None:
        """A BMC that answers no more has an error of its own, which is told."""
        if self.bmc.silent:
            return None
        try:
            return diagnose(Reader(self.bmc))
        except (Unreachable, AnswerLost):
            return None

    def _lost(self, _reader: Reader) -> Diagnosis | None:
        console = self._console = look(self.bmc, self.machine, self.wish.instance)
        others = [one for one in console.instances if one.state is State.HELD and not (one.holder and one.holder.ours)]
        return held(console) if others else None

    # What came of it.

    def _message(self, error: BmcError) -> str:
        text = self._talk.secrets.text(str(error))
        if self._diagnosis is None or isinstance(error, ConsoleInUse) or str(self._diagnosis.detail) == str(error):
            return text
        return f"{text}. {self._diagnosis}"

    def _facts(self) -> dict[str, t.Any]:
        console = None if self._console is None else self._console.as_result()
        diagnosis = None if self._diagnosis is None else self._diagnosis.as_result()
        return {
            "changed": self._talk.typed or self._talk.power is not None or self._evicted is not None,
            "console": {**(console or {"state": State.UNKNOWN.value, "capacity": None, "instances": []}), "diagnosis": diagnosis},
            "evicted": None if self._evicted is None else self._evicted.as_result(),
            **self._talk.as_result(),
        }

    def _diff(self) -> dict[str, t.Any]:
        holder = [] if self._evicted is None else [str(self._evicted)]
        cut_off = [] if self._evicted is None else [f"cut off {self._evicted}"]
        return {"before": {"holder": holder, "done": []}, "after": {"holder": [], "done": [*cut_off, *self.script.shown]}}

    def _warnings(self, check_mode: bool) -> t.Iterator[str]:
        if self._released is not None and self._released.note:
            yield self._released.note
        holder = self._evicted
        if holder is not None:
            yield f"{'would cut off' if check_mode else 'cut off'} {holder} ({holder.session}: {holder.stale_reason})"
        if self._diagnosis is not None:
            yield str(self._diagnosis)

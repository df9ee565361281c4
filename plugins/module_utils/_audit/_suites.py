# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What the controls of cipher suites share: which suites a BMC takes, and what it says of them.

On the channel in use the BMC is asked, as anybody on the network could: boards list suites that they refuse,
and take suites that they were told to disable. What it says of itself (LAN parameters 22 to 24) is told
where it contradicts, and says what can be mended. Other LAN channels cannot be reached from here: of them
the settings alone can be judged.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Method, State
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Verdict as Judged
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import CANNOT_SAY, each
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._way import is_clear
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NameNotResolved, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_DEVICE_ID
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_open import SUITES
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _cipher_privileges as ciphers
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cipher_privileges import UNUSED, Numbering, SuitePrivileges
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import is_own
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import Opening, Prober, Verdict

#: A login that was begun takes one of few slots for up to a minute, so an audit begins no more.
_MOST_BEGUN: t.Final = 2
#: After so many silences in a row a BMC counts as one that drops what it does not know.
_DROPS: t.Final = 2
#: Seconds for an answer on a way that loses nothing: so many times what one took so far, but not fewer seconds.
_PATIENCE, _LEAST_PATIENCE = 4.0, 1.0
#: These show that the BMC hears such questions at all.
_ANSWERS: t.Final = frozenset({Opening.ACCEPTED, Opening.REFUSED, Opening.OTHER, Opening.NO_SLOT, Opening.UNCLEAR})
#: These take a slot.
_BEGUN: t.Final = frozenset({Opening.ACCEPTED, Opening.OTHER})


# What the BMC does.


@dataclass
class Asked:
    """What a BMC does at a login with each suite, as far as it was asked."""

    prober: Prober
    verdicts: dict[int, Verdict]
    begun: int = 0
    #: Whether no packet gets lost at present.
    clear: t.Callable[[], bool] = lambda: True
    _heard: bool = False
    _silent: int = 0  # in a row
    _dropped: set[int] = field(default_factory=set)  # silent although nothing gets lost

    def ask(self, suites: t.Sequence[int], unlikely: t.Collection[int] = ()) -> None:
        """Ask about these, one after another, until a login begins. `unlikely` are those that are likely to be refused.

        Raises NotAssessed where nothing can be sent.
        """
        fresh = [suite for suite in suites if suite not in self.verdicts]
        if not self.opened(suites) and self.begun < _MOST_BEGUN:
            self._ask(fresh, unlikely)

    def _ask(self, suites: t.Sequence[int], unlikely: t.Collection[int]) -> None:
        rest = list(suites)
        while rest:
            # A BMC that drops what it does not know lets each such question cost seconds.
            dropped = [suite for suite in rest if suite in unlikely] if self._silent >= _DROPS else []
            answers = self._answers(dropped or rest[:1], together=bool(dropped))
            rest = [suite for suite in rest if suite not in answers]
            if any(verdict.opening in _BEGUN for verdict in answers.values()):
                return

    def _answers(self, suites: t.Sequence[int], *, together: bool = False) -> dict[int, Verdict]:
        try:
            answers = self.prober.together(suites) if together else dict(self.prober.each(suites))
        except (NameNotResolved, Unreachable) as error:
            raise NotAssessed(f"the BMC could not be asked from outside: {error}") from None
        self.verdicts.update(answers)
        self.begun += sum(verdict.opening in _BEGUN for verdict in answers.values())
        self._heard = self._heard or any(verdict.opening in _ANSWERS for verdict in answers.values())
        self._silent = self._silent + 1 if all(verdict.opening is Opening.SILENT for verdict in answers.values()) else 0
        return answers

    def opened(self, suites: t.Iterable[int]) -> list[int]:
        """Those of these with which a login begins."""
        return [suite for suite in suites if suite in self.verdicts and self.verdicts[suite].opens]

    def listen(self, own: int | None) -> bool:
        """Whether the BMC answers such questions. If it answered none so far, it is asked about the suite in use."""
        if not self._heard and own is not None:
            in_use = self.verdicts[own]
            silent = self._silent
            self._answers([own])
            self._silent = silent
            self.verdicts[own] = in_use
        return self._heard

    def confirm(self, suites: t.Collection[int]) -> None:
        """Ask once more about those of these that are silent. No answer is one only where nothing gets lost on the way.

        Raises NotAssessed where nothing can be sent.
        """
        silent = [suite for suite in suites if self._is_silent(suite) and suite not in self._dropped]
        if not silent or not self._heard or self.opened(suites):
            return
        try:
            if not self.clear():
                return
            self._answers(silent, together=True)
            if self.clear():
                self._dropped.update(suite for suite in silent if self._is_silent(suite))
        except (NameNotResolved, Unreachable) as error:
            raise NotAssessed(f"the BMC could not be asked from outside: {error}") from None

    def _is_silent(self, suite: int) -> bool:
        return suite in self.verdicts and self.verdicts[suite].opening is Opening.SILENT

    def closed(self, suite: int) -> bool:
        """Whether no login begins with it: refused, or left without an answer by a BMC that answers other questions."""
        verdict = self.verdicts.get(suite)
        return verdict is not None and (verdict.opens is False or suite in self._dropped)

    def unsure(self, suites: t.Iterable[int]) -> dict[int, str]:
        """Those of these of which nothing can be said, with the reason."""
        return {
            suite: self._why_unsure(suite)
            for suite in suites
            if not self.closed(suite) and not self.opened([suite])
        }

    def _why_unsure(self, suite: int) -> str:
        if suite not in self.verdicts:
            return "not tried, to leave the BMC's slots free"
        lost = ", and packets get lost on the way" if self._is_silent(suite) and self._heard else ""
        return f"{self.verdicts[suite]}{lost}"

    def note(self, case: Case, suites: t.Collection[int]) -> None:
        """Put down as evidence what came of these, in the order of asking."""
        for suite, verdict in self.verdicts.items():
            if suite not in suites:
                continue
            dropped = " though the BMC answers about other suites" if suite in self._dropped else ""
            opens = "a login begins: " if verdict.opening is Opening.ACCEPTED else ""
            case.reader.note_probe(f"Open Session with {_algorithms(suite)}", f"{opens}{verdict}{dropped}")


def _algorithms(suite: int) -> str:
    numbers = SUITES[suite]
    return f"cipher suite {suite} ({numbers.authentication:d}/{numbers.integrity:d}/{numbers.confidentiality:d})"


def asked(case: Case) -> Asked:
    """The BMC, to be asked from outside; the suite in use need not be. Raises NotAssessed."""
    connection = case.need_outside()

    def begin() -> Asked:
        own, seconds = case.bmc.cipher_suite, _seconds_to_answer(case)
        patience = min(connection.timeout, max(_LEAST_PATIENCE, _PATIENCE * seconds))
        return Asked(
            Prober(connection.host, connection.port, connection.timeout, seconds),
            {} if own is None else {own: Verdict(Opening.IN_USE)},
            clear=lambda: is_clear(connection, patience),
        )

    found: Asked = case.once("cipher suites", begin)
    return found


def _seconds_to_answer(case: Case) -> float:
    """So that a BMC that drops the very first question does not cost the whole time."""
    began = time.monotonic()
    case.bmc.request(GET_DEVICE_ID)
    return time.monotonic() - began


# What the BMC says.


@dataclass(frozen=True)
class Told:
    """What a channel's settings say of its suites."""

    channel: int
    table: SuitePrivileges | None  #: None: they cannot be read, or do not show which privilege is whose
    readings: tuple[SuitePrivileges, ...] = ()  #: what they may mean; empty: they cannot be read
    why: str = ""  #: why there is no table

    def may_open(self, suite: int) -> bool:
        """Whether the suite is enabled, by any reading where it is not known which holds."""
        readings = self.readings if self.table is None else (self.table,)
        return any(reading.opens(suite) for reading in readings)

    def enabled(self, suites: t.Iterable[int]) -> list[int]:
        """Those of these that are enabled."""
        return [suite for suite in suites if self.table is not None and self.table.opens(suite)]

    def switchable(self, suites: t.Iterable[int]) -> list[int]:
        """Those of these whose privilege can be set to unused, and is something else."""
        table = self.table
        return [suite for suite in suites if table is not None and table.privilege(suite) not in (None, UNUSED)]

    def __str__(self) -> str:
        """All that they say, for a report."""
        if self.table is None:
            return self.why
        limited = ciphers.show(self.table.told)
        unlimited = [str(suite) for suite in self.table.suites if self.table.privilege(suite) is None]
        parts = [f"{suite} {level}" for suite, level in limited.items()] + [f"{suite} without a limit" for suite in unlimited]
        return f"by its settings: {', '.join(parts) or 'no suite'}"


def told(case: Case, channel: int, *, own: bool, verdicts: t.Mapping[int, Verdict] | None = None) -> Told:
    """LAN parameters 22 to 24. What is known from outside helps to tell whose a privilege is."""
    target = Target(channel)

    def seen(suites: t.Sequence[int]) -> dict[int, bool | None]:
        return {suite: verdicts[suite].opens for suite in suites if verdicts is not None and suite in verdicts}

    try:
        readings = tuple(ciphers.read(case.reader, target, numbering) for numbering in Numbering)
        numbering = ciphers.find_numbering(case.reader, target, case.connection, own=own, probe=seen if verdicts else None)
    except CANNOT_SAY as error:
        return Told(channel, None, why=f"its settings cannot be read: {error}")
    if numbering is None:
        return Told(channel, None, readings, why="its settings do not show which privilege belongs to which suite (cipher_index)")
    return Told(channel, next(reading for reading in readings if reading.numbering is numbering), readings)


# Verdicts.


def off(case: Case, weak: t.Sequence[int]) -> t.Iterator[Judged]:
    """A verdict for each LAN channel: whether no login begins with any of these suites."""
    try:
        channels = case.lan_channels()
    except CANNOT_SAY:
        # What it says of its channels is not needed to ask it.
        yield _by_asking(case, None, weak)
        return
    yield from each(channels, lambda info: f"channel {info.channel}", lambda info: _judge(case, info, weak))


def _judge(case: Case, info: ChannelInfo, weak: t.Sequence[int]) -> Judged:
    own = is_own(case.reader, info.channel, case.connection)
    try:
        case.need_outside()
    except NotAssessed as error:
        return Judged(State.NOT_ASSESSED, str(told(case, info.channel, own=own)), reason=str(error))
    if not own:
        return _by_settings(case, info.channel, weak, "the session does not run over this channel, so none was tried")
    asked_there = _by_asking(case, info.channel, weak)
    if asked_there.state is not State.PASS or case.is_reached(info.channel):
        return asked_there
    return _by_settings(case, info.channel, weak, "the BMC does not say over which channel they were tried and refused")


def _by_settings(case: Case, channel: int, weak: t.Sequence[int], untried: str) -> Judged:
    settings = told(case, channel, own=False)
    if settings.table is None:
        raise NotAssessed(f"{untried}, and {settings.why}")
    enabled = settings.enabled(weak)
    if not enabled:
        return Judged(State.PASS, f"by the settings {_off(weak)}; {untried}")
    fix = _fix(channel, settings.switchable(weak))
    return Judged(State.FAIL, f"{_suites(enabled)} {_are(enabled)} enabled", fix=fix)


def _by_asking(case: Case, channel: int | None, weak: t.Sequence[int]) -> Judged:
    look, own = asked(case), case.bmc.cipher_suite
    settings = None if channel is None else told(case, channel, own=True)
    unlikely = [suite for suite in weak if settings is None or not settings.may_open(suite)]
    # Those first that should be refused: they take no slot.
    look.ask(sorted(weak, key=lambda suite: (suite != 0, suite not in unlikely, suite)), unlikely)
    if not look.opened(weak) and any(verdict.opening is Opening.SILENT for verdict in look.verdicts.values()):
        look.listen(own)
    look.confirm(weak)
    look.note(case, weak)
    if channel is not None:
        settings = told(case, channel, own=True, verdicts=look.verdicts)
    return _verdict(look, settings, weak)


def _verdict(look: Asked, settings: Told | None, weak: t.Sequence[int]) -> Judged:
    opened, unsure = look.opened(weak), look.unsure(weak)
    if opened:
        switchable = [] if settings is None else settings.switchable(weak)
        fix = _fix(settings.channel, switchable) if settings is not None else None
        untried = [suite for suite in switchable if suite in unsure]
        more = f"; {_suites(untried)} {_are(untried)} enabled too, and not tried: a login that is begun takes a slot" if untried else ""
        return Judged(State.FAIL, f"a login begins with {_suites(opened)}{ignored(settings, opened)}{more}", method=Method.PROBE, fix=fix)
    if unsure:
        reasons = "; ".join(f"{_suites([suite])}: {why}" for suite, why in unsure.items())
        actual = "unknown" if settings is None else str(settings)
        return Judged(State.NOT_ASSESSED, actual, reason=f"the BMC does not show whether a login begins: {reasons}", method=Method.PROBE)
    refused = "; though by its settings {} enabled"
    enabled = [] if settings is None else settings.enabled(weak)
    contrary = refused.format(f"{_suites(enabled)} {_are(enabled)}") if enabled else ""
    return Judged(State.PASS, f"no login begins: {_off(weak)}{contrary}", method=Method.PROBE)


def ignored(settings: Told | None, opened: t.Sequence[int]) -> str:
    """What the settings say to the contrary of suites that open."""
    if settings is None:
        return ""
    table = settings.table
    if table is None:
        return f"; {settings.why}"
    groups = {
        "set to unused and still taken: the firmware ignores it": [suite for suite in opened if table.privilege(suite) == UNUSED],
        "taken without being listed, so its privilege cannot be set": [s for s in opened if s not in table.kept],
        "without a privilege of its own, so it cannot be switched off": [
            suite for suite in opened if suite in table.suites and table.place(suite) is None
        ],
    }
    return "".join(f"; {_suites(suites)}: {what}" for what, suites in groups.items() if suites)


def _fix(channel: int, suites: t.Sequence[int]) -> dict[str, t.Any] | None:
    if not suites:
        return None
    return {"channels": [{"channel": channel, "cipher_privileges": {str(suite): "unused" for suite in suites}}]}


def _suites(suites: t.Sequence[int]) -> str:
    return f"cipher suite{'' if len(suites) == 1 else 's'} {', '.join(map(str, suites))}"


def _are(suites: t.Sequence[int]) -> str:
    return "is" if len(suites) == 1 else "are"


def _off(suites: t.Sequence[int]) -> str:
    return f"{_suites(suites)} {_are(suites)} off"

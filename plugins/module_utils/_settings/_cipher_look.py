# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What a BMC does with its cipher suites at a login, beside what it says of them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NotVerified
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cipher_privileges import (
    OPTION,
    UNUSED,
    Probe,
    SuitePrivileges,
    show,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import Opening, Verdict, probe

#: The key of the result.
KEY: t.Final = "cipher_suites"
#: Seconds that a BMC gets to apply what was written, before it counts as not applied.
_LATE: t.Final = 2.0
#: Statuses (table 13-15) of a BMC that does not have the algorithms at all: 04h to 07h and 10h.
_NO_SUCH_ALGORITHM = frozenset({0x04, 0x05, 0x06, 0x07, 0x10})


class SuitesDiffer(NotVerified):
    """What the BMC does at a login is not what it was set to."""

    def __init__(self, text: str, seen: list[dict[str, t.Any]]) -> None:
        super().__init__(text)
        self.seen = seen

    def facts(self) -> dict[str, t.Any]:
        return {**super().facts(), KEY: self.seen}


def probe_of(connection: Connection) -> Probe:
    """Asks the BMC of this connection."""

    def ask(suites: t.Sequence[int]) -> dict[int, bool | None]:
        found = probe(connection.host, connection.port, suites, connection.timeout)
        return {suite: verdict.opens for suite, verdict in found.items()}

    return ask


@dataclass(frozen=True)
class Look:
    """Begins a login with each suite, and compares with the privileges that it is set to."""

    table: SuitePrivileges  #: as the BMC has it in the end
    asked_for: t.Mapping[int, int]  #: what the task says of suites
    label: str

    def __call__(self, bmc: Bmc, progress: Progress) -> dict[str, t.Any]:
        """The key `cipher_suites` of the result. Raises SuitesDiffer, Unreachable."""
        if any((missing.label, missing.setting) == (self.label, OPTION) for missing in progress.missing):
            # The BMC did not take it, so there is nothing that it should do.
            return {}
        written = f"{self.label}: {OPTION}" in progress.written
        suites = self._in_order(bmc.cipher_suite)
        # A login that is begun takes a slot for up to a minute. A run that changed nothing leaves none behind.
        asked = suites if written else [suite for suite in suites if self._level(suite) == UNUSED]
        verdicts = {suite: Verdict(Opening.NOT_ASKED) for suite in suites} | _ask(bmc, asked)
        if bmc.cipher_suite is not None:
            verdicts[bmc.cipher_suite] = Verdict(Opening.IN_USE)
        late = [suite for wrong in self._wrong(verdicts) for suite in wrong]
        if late and written:
            # Some BMCs apply late.
            bmc.wait(_LATE)
            verdicts.update(_ask(bmc, late))
        return self._judged(verdicts, progress)

    def _judged(self, verdicts: t.Mapping[int, Verdict], progress: Progress) -> dict[str, t.Any]:
        seen = [self._shown(suite, verdicts[suite]) for suite in sorted(verdicts)]
        still_open, closed = self._wrong(verdicts)
        if any(suite in self.asked_for for suite in (*still_open, *closed)):
            raise SuitesDiffer(self._complaint(still_open, closed), seen)
        self._warn(progress, [*still_open, *closed], verdicts)
        return {KEY: seen}

    def _wrong(self, verdicts: t.Mapping[int, Verdict]) -> tuple[list[int], list[int]]:
        """Suites that are unused and open, and suites that are enabled and refused."""
        still_open = [suite for suite, verdict in verdicts.items() if self._level(suite) == UNUSED and verdict.opens]
        closed = [suite for suite, verdict in verdicts.items() if self._level(suite) and verdict.opens is False]
        return still_open, [suite for suite in closed if verdicts[suite].status not in _NO_SUCH_ALGORITHM]

    def _in_order(self, own: int | None) -> list[int]:
        """Those first that should be refused: they take no slot. The one in use need not be asked."""
        suites = {*self.table.suites, *self.asked_for} - {own}
        return sorted(suites, key=lambda suite: (self._level(suite) != UNUSED, suite))

    def _level(self, suite: int) -> int | None:
        """0 unused, or a privilege; None: nothing is set."""
        if suite in self.table.suites:
            return self.table.privilege(suite)
        return UNUSED if self.asked_for.get(suite) == UNUSED else None

    def _shown(self, suite: int, verdict: Verdict) -> dict[str, t.Any]:
        level = self._level(suite)
        privilege = None if level is None else show({suite: level}).get(str(suite))
        return {"suite": suite, "privilege": privilege, "opens": verdict.opens, "status": str(verdict)}

    def _complaint(self, still_open: list[int], closed: list[int]) -> str:
        parts = []
        if still_open:
            parts.append(f"logins over cipher suites {_names(still_open)} still begin, though they are unused")
        if closed:
            parts.append(f"logins over cipher suites {_names(closed)} are refused, though they are enabled")
        return (
            f"{self.label}: {' and '.join(parts)}. Nothing was put back. The BMC may apply this at its next cold reset only, "
            "ignore it, or number the suites in the other way (cipher_index)"
        )

    def _warn(self, progress: Progress, wrong: list[int], verdicts: t.Mapping[int, Verdict]) -> None:
        enabled = {suite: verdict for suite, verdict in verdicts.items() if self._level(suite)}
        broken = [suite for suite, verdict in enabled.items() if verdict.status in _NO_SUCH_ALGORITHM]
        unknown = [suite for suite, verdict in enabled.items() if verdict.opens is None and verdict.opening is not Opening.NOT_ASKED]
        parts = [
            (wrong, "the BMC does not do at a login what it is set to"),
            (broken, "the BMC lists them and does not have their algorithms"),
            (unknown, "the BMC does not tell whether logins over them are possible"),
        ]
        progress.warnings += [f"{self.label}: cipher suites {_names(suites)}: {what}" for suites, what in parts if suites]


def _ask(bmc: Bmc, suites: t.Sequence[int]) -> dict[int, Verdict]:
    connection = bmc.connection
    return probe(connection.host, connection.port, suites, connection.timeout)


def _names(suites: t.Iterable[int]) -> str:
    return ", ".join(map(str, sorted(suites)))

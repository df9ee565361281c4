# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The privilege of each cipher suite (LAN parameters 22 to 24), and which suite a nibble belongs to.

The specification does not say clearly whether the nibbles of parameter 24 are by a suite's place in
the list of parameter 23, or by its ID. Both are in the field. Read the wrong way round, a write takes
away the suite that everybody logs in with. So the BMC itself is asked, and nobody's name decides.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import LOGIN_SUITES, Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _lan as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import SET_LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._parameters import set_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import FAMILY
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import ABSENT_ON_READ, CannotTell, WriteOnly
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Numbered, Parameter, Reader, Target, Value

#: The option's name, and its key for every suite that is not named.
OPTION: t.Final = "cipher_privileges"
OTHERS: t.Final = "others"
#: No session over the suite.
UNUSED: t.Final = 0
#: What options and results call a nibble.
LEVELS: t.Final[t.Mapping[str, int]] = {
    "unused": UNUSED,
    **{option(level): int(level) for level in Privilege if Privilege.CALLBACK <= level <= Privilege.OEM},
}
_NAMES: t.Final = {level: name for name, level in LEVELS.items()}
#: Nibbles in parameter 24, and the highest ID of a suite.
_NIBBLES, _HIGHEST = 16, 255

COUNT: t.Final = Numbered(FAMILY, LanParameter.CIPHER_SUITE_COUNT, wire.CipherSuiteCount, "cipher suite count", 0, writable=False)
ENTRIES: t.Final = Numbered(
    FAMILY, LanParameter.CIPHER_SUITE_ENTRIES, wire.CipherSuiteEntries, "cipher suite entries", 0, writable=False
)
NIBBLES: t.Final = Numbered(
    FAMILY, LanParameter.CIPHER_SUITE_PRIVILEGES, wire.CipherSuitePrivileges, "cipher suite privileges", 70
)

#: Tells of suites whether logins over them are possible; None: nobody knows.
Probe = t.Callable[[t.Sequence[int]], "t.Mapping[int, bool | None]"]


class Numbering(Enum):
    """What the nibbles of parameter 24 are by."""

    POSITION = "position"  #: the suite's place in parameter 23: Intel, OpenBMC, Dell
    ID = "id"  #: the suite's ID, so that those above 15 have none: Supermicro, and FreeIPMI's reading


@dataclass(frozen=True)
class SuitePrivileges:
    """What a channel's suites may be used for."""

    suites: tuple[int, ...]  #: IDs that the BMC lists, in its order
    nibbles: tuple[int, ...]  #: as many as it tells, at most 16
    numbering: Numbering

    @property
    def kept(self) -> tuple[int, ...]:
        """Suites with a privilege, listed or not. By ID many BMCs do not list suite 0, keep its nibble, and act by it."""
        unlisted = self.numbering is Numbering.ID and bool(self.suites) and 0 not in self.suites
        return (0, *self.suites) if unlisted else self.suites

    def place(self, suite: int) -> int | None:
        """The suite's nibble; None: it has none of its own."""
        if suite not in self.kept:
            return None
        if suite not in self.suites:
            return 0
        place = self.suites.index(suite) if self.numbering is Numbering.POSITION else suite
        return place if place < _NIBBLES else None

    def privilege(self, suite: int) -> int | None:
        """0 to 15; None where the BMC does not tell, or keeps none."""
        place = self.place(suite)
        return None if place is None or place >= len(self.nibbles) else self.nibbles[place]

    @property
    def told(self) -> dict[int, int]:
        """Each suite's privilege, where the BMC tells it."""
        privileges = {suite: self.privilege(suite) for suite in self.kept}
        return {suite: privilege for suite, privilege in privileges.items() if privilege is not None}

    @property
    def untold(self) -> tuple[int, ...]:
        """Suites with a nibble that the BMC does not tell (HP DL145)."""
        places = {suite: self.place(suite) for suite in self.suites}
        return tuple(suite for suite, place in places.items() if place is not None and place >= len(self.nibbles))

    def opens(self, suite: int) -> bool:
        """Whether, by this reading, logins over the suite are possible. What has no nibble is not limited."""
        return suite in self.kept and self.privilege(suite) != UNUSED

    def enough(self, suite: int, privilege: int) -> bool:
        """Whether logins over the suite get this privilege."""
        own = self.privilege(suite)
        return suite in self.suites and (own is None or own >= privilege)

    def with_privileges(self, privileges: t.Mapping[int, int]) -> SuitePrivileges:
        """The same suites with other privileges. What has no nibble is passed over."""
        nibbles = [*self.nibbles, *[UNUSED] * (_NIBBLES - len(self.nibbles))]
        for suite, privilege in privileges.items():
            place = self.place(suite)
            if place is not None:
                nibbles[place] = privilege
        return replace(self, nibbles=tuple(nibbles))

    @property
    def leftover(self) -> bool:
        """Whether there are privileges at nibbles that belong to no suite by this reading."""
        used = {self.place(suite) for suite in self.kept}
        return any(nibble for place, nibble in enumerate(self.nibbles) if place not in used)


def parse(given: t.Mapping[t.Any, t.Any]) -> dict[int | str, int]:
    """What the user typed. Raises ValueError with a reason."""
    wanted: dict[int | str, int] = {}
    for key, level in given.items():
        suite: int | str = OTHERS if str(key) == OTHERS else _suite(key)
        if str(level) not in LEVELS:
            raise ValueError(f"'{level}' is no level; it must be one of {', '.join(LEVELS)}")
        if suite in wanted:
            raise ValueError(f"suite {suite} is there twice")
        wanted[suite] = LEVELS[str(level)]
    return wanted


def _suite(key: t.Any) -> int:
    if not str(key).isdigit() or int(key) > _HIGHEST:
        raise ValueError(f"'{key}' is neither the ID of a suite, 0 to {_HIGHEST}, nor '{OTHERS}'")
    return int(key)


def show(privileges: t.Mapping[int, int]) -> dict[str, str]:
    """For results. Reserved values, which cannot be asked for either, are left out."""
    return {str(suite): _NAMES[level] for suite, level in sorted(privileges.items()) if level in _NAMES}


@dataclass(frozen=True)
class CipherPrivileges(Parameter):
    """Parameters 22 to 24 as one. Without a numbering nothing can be said of any suite."""

    numbering: Numbering | None
    title: str = NIBBLES.title
    order: int = NIBBLES.order

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> SuitePrivileges:
        if self.numbering is None:
            raise CannotTell("the BMC does not show which privilege belongs to which suite; give cipher_index")
        found = read(reader, target, self.numbering)
        named = wanted.get(OPTION, {})
        if any(suite in named for suite in found.untold):
            raise WriteOnly(found)
        return found

    def store(self, bmc: Bmc, target: Target, new: SuitePrivileges, old: SuitePrivileges) -> None:
        data = wire.CipherSuitePrivileges(new.nibbles).to_wire()
        bmc.request(SET_LAN, set_request(target.channel, NIBBLES.number, data))


def read(reader: Reader, target: Target, numbering: Numbering) -> SuitePrivileges:
    """The suites and their privileges, by this reading. Raises CompletionError."""
    nibbles = NIBBLES.load(reader, target, {}).nibbles
    return SuitePrivileges(listed(reader, target), nibbles, numbering)


def listed(reader: Reader, target: Target) -> tuple[int, ...]:
    """The suites that the channel offers, by parameters 22 and 23. Raises CompletionError."""
    entries = ENTRIES.load(reader, target, {})
    try:
        suites: tuple[int, ...] = entries.first(COUNT.load(reader, target, {}).count)
    except CompletionError as error:
        if error.outcome not in ABSENT_ON_READ:
            raise
        # Without the count, zeros at the end are taken for filling.
        last = max((place for place, suite in enumerate(entries.suites) if suite), default=0)
        suites = entries.suites[: last + 1]
    # Intel S2600JF lists all sixteen suites 0 to 15 with one too many each.
    return tuple(range(_NIBBLES)) if suites == tuple(range(1, _NIBBLES + 1)) else suites


def find_numbering(reader: Reader, target: Target, connection: Connection, *, own: bool, probe: Probe | None) -> Numbering | None:
    """What this BMC's nibbles are by; None where nothing shows it. Raises CompletionError.

    `own`: the session runs over this channel, so its suite tells. `probe`: asks the BMC; None: it must not be asked.
    """
    by_position, by_id = (read(reader, target, numbering) for numbering in Numbering)
    if all(by_position.place(suite) == by_id.place(suite) for suite in by_id.suites):
        return Numbering.ID
    readings = [by_position, by_id]
    suite = reader.bmc.cipher_suite if own else None
    if suite is not None:
        level = int(connection.privilege)
        readings = _only([reading for reading in readings if reading.enough(suite, level)], readings)
    readings = _only([reading for reading in readings if not reading.leftover], readings)
    if len(readings) > 1 and probe is not None:
        readings = _only(_fitting(readings, probe), readings)
    if len(readings) > 1 and any(listed_suite >= _NIBBLES for listed_suite in by_id.suites):
        # By ID these could not be limited at all.
        return Numbering.POSITION
    return readings[0].numbering if len(readings) == 1 else None


def _only(fitting: list[SuitePrivileges], all_: list[SuitePrivileges]) -> list[SuitePrivileges]:
    """Evidence against every reading is evidence against none."""
    return fitting or all_


def _fitting(readings: list[SuitePrivileges], probe: Probe) -> list[SuitePrivileges]:
    """The readings that agree with what the BMC does, asked about the suites on which they disagree."""
    suites = [suite for suite in readings[0].suites if len({reading.opens(suite) for reading in readings}) > 1]
    seen = {suite: opens for suite, opens in probe(suites).items() if opens is not None} if suites else {}
    return [reading for reading in readings if all(reading.opens(suite) is opens for suite, opens in seen.items())]


def completed(found: SuitePrivileges, wanted: t.Mapping[int | str, int]) -> dict[int, int]:
    """Every suite with a nibble: as wanted, else as `others` says, else as it is. Raises BadOption."""
    whole: dict[int, int] = {}
    unknown = []
    for suite in found.kept:
        if found.place(suite) is None:
            continue
        level = wanted.get(suite, wanted.get(OTHERS, found.privilege(suite)))
        if level is None:
            unknown.append(suite)
        else:
            whole[suite] = level
    if unknown and any(found.privilege(suite) != level for suite, level in whole.items()):
        # All nibbles are written at once.
        names = ", ".join(map(str, unknown))
        raise BadOption(f"{OPTION}: the BMC does not tell the privilege of suites {names}; name them too, or give {OTHERS}")
    return whole


def impossible(found: SuitePrivileges, wanted: t.Mapping[int | str, int]) -> dict[int, str]:
    """Suites that are named and cannot have what was asked for, with the reason."""
    reasons = {}
    for suite, level in wanted.items():
        if isinstance(suite, str) or found.place(suite) is not None:
            continue
        if suite in found.suites:
            reasons[suite] = f"suite {suite} has no privilege of its own: they are by ID, up to 15"
        elif level != UNUSED:
            reasons[suite] = f"suite {suite} is not among the BMC's suites {', '.join(map(str, found.suites))}"
    return reasons


def takes_the_login_away(old: SuitePrivileges, new: SuitePrivileges, connection: Connection) -> bool:
    """Whether no suite that a login proposes keeps the privilege of the connection, where one had it."""
    privilege = int(connection.privilege)
    had, has = (any(suites.enough(suite, privilege) for suite in LOGIN_SUITES) for suites in (old, new))
    return had and not has

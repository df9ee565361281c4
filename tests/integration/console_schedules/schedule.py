# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What two or three parties at one console do, and when: drawn by a seed, and the same for the same seed."""

from __future__ import annotations

import random
import typing as t
from dataclasses import dataclass

#: Users' slots on the BMC, by the kind of party. `keeper` kinds are ours and take the console back; `module` leaves by itself.
ACCOUNTS: t.Final = {"server": 2, "program": 3, "solo": 4, "module": 5, "ipmitool": 6, "polite": 7, "thief": 8}
#: Ours: the console server with its guard, the guard's program on a terminal, a console in a program, and the module ipmi_console.
OURS: t.Final = ("server", "program", "solo", "module")
#: ipmitool, and ipmiconsole as it is told not to steal and as it is by itself.
OTHERS: t.Final = ("ipmitool", "polite", "thief")
KEEPERS: t.Final = frozenset({"server", "program"})
#: How a BMC deals with a console that changes hands: tells the loser; does not; tells, but says to nobody who has it.
BMCS: t.Final = ("plain", "silent", "mute")

#: Seconds between two steps: at once, within a login, after it, longer than the guard's interval.
_GAPS: t.Final = (0.0, 0.0, 0.05, 0.2, 0.4, 0.8, 1.3)
_MOST_STEPS: t.Final = 9


@dataclass(frozen=True)
class Step:
    """One thing that one party does."""

    at: float  #: seconds from the start
    party: str
    action: str  #: open, leave, crash, type; of the console server also restart

    def __str__(self) -> str:
        return f"{self.at:.2f} {self.party} {self.action}"


@dataclass(frozen=True)
class Schedule:
    """What happens at one console."""

    seed: int
    bmc: str  #: one of BMCS
    parties: tuple[str, ...]
    shared: bool  #: all of ours have one account, as where a site has one for all automation
    relay: str  #: how conserver reaches the guard: socket or exec
    steps: tuple[Step, ...]

    def account(self, party: str) -> int:
        """The user's slot."""
        return ACCOUNTS["server" if self.shared and party in OURS else party]

    def __str__(self) -> str:
        what = f"{', '.join(self.parties)} at a {self.bmc} BMC{', one account' if self.shared else ''}, {self.relay}"
        return f"seed {self.seed}: {what}: " + "; ".join(map(str, self.steps))


def draw(seed: int) -> Schedule:
    """The schedule of a seed."""
    dice = random.Random(seed)
    ours = dice.sample(OURS, dice.choice((1, 1, 1, 2)))
    others = dice.sample(OTHERS, dice.choice((1, 2) if len(ours) == 1 else (0, 1)))
    parties = [*ours, *others]
    dice.shuffle(parties)
    return Schedule(
        seed, dice.choice(BMCS), tuple(parties), dice.random() < 0.5, dice.choice(("socket", "exec")), tuple(_steps(dice, parties))
    )


def _steps(dice: random.Random, parties: t.Sequence[str]) -> t.Iterator[Step]:
    at, there = 0.0, set[str]()
    for number in range(dice.randint(len(parties) + 2, _MOST_STEPS)):
        # Everybody comes once, and then what comes to mind.
        party = parties[number] if number < len(parties) else dice.choice(parties)
        if party not in there:
            action = "open"
        else:
            action = dice.choice(("leave", "crash", "type", "type", *(["restart"] if party == "server" else [])))
        there.symmetric_difference_update({party} if action in ("open", "leave", "crash") else ())
        yield Step(round(at, 2), party, action)
        at += dice.choice(_GAPS)

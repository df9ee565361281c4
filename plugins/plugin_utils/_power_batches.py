# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""In which order machines are switched, and how many at once."""

from __future__ import annotations

import typing as t
from collections import deque
from dataclasses import dataclass

#: What the hosts that are in no group of the order are called.
OTHERS: t.Final = "others"


@dataclass(frozen=True)
class Limits:
    """How many machines one batch may hold; 0 is no limit."""

    batch: int = 0
    per_rack: int = 0

    def __post_init__(self) -> None:
        for name, value in (("batch", self.batch), ("batch_per_rack", self.per_rack)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"{name} is {value!r}; it must be a whole number, 0 for no limit")


@dataclass(frozen=True)
class Batch:
    """Machines that are switched together."""

    stage: str
    hosts: list[str]


def stages(hosts: t.Sequence[str], order: t.Sequence[str], groups: t.Mapping[str, t.Collection[str]]) -> list[tuple[str, list[str]]]:
    """The hosts by the first group of the order that they are in; those in none come last. Raises ValueError."""
    unknown = [name for name in order if name not in groups]
    if unknown:
        raise ValueError(f"the inventory has no group {', '.join(unknown)}")
    left = dict.fromkeys(hosts)
    found: list[tuple[str, list[str]]] = []
    for name in order:
        members = set(groups[name])
        mine = [host for host in left if host in members]
        for host in mine:
            del left[host]
        found.append((name, mine))
    found.append((OTHERS, list(left)))
    return [(name, mine) for name, mine in found if mine]


def batches(hosts: t.Sequence[str], racks: t.Mapping[str, str], limits: Limits) -> list[list[str]]:
    """The hosts in batches: each takes from the racks in turn, so that none gets the whole surge.

    A host without a rack is alone in one.
    """
    queues: dict[str, deque[str]] = {}
    for host in hosts:
        queues.setdefault(racks.get(host) or f"\0{host}", deque()).append(host)
    turn = deque(queues)
    found: list[list[str]] = []
    while turn:
        found.append(_batch(queues, turn, limits))
    return found


def _batch(queues: dict[str, deque[str]], turn: deque[str], limits: Limits) -> list[str]:
    taken: list[str] = []
    from_rack: dict[str, int] = dict.fromkeys(turn, 0)
    full: list[str] = []
    while turn and not (limits.batch and len(taken) >= limits.batch):
        rack = turn.popleft()
        taken.append(queues[rack].popleft())
        from_rack[rack] += 1
        if not queues[rack]:
            continue
        if limits.per_rack and from_rack[rack] >= limits.per_rack:
            full.append(rack)
        else:
            turn.append(rack)
    turn.extend(full)
    return taken


def plan(
    hosts: t.Sequence[str],
    order: t.Sequence[str],
    groups: t.Mapping[str, t.Collection[str]],
    racks: t.Mapping[str, str],
    limits: Limits,
) -> list[Batch]:
    """All batches, stage after stage. Raises ValueError for a group that there is not."""
    return [Batch(stage, batch) for stage, mine in stages(hosts, order, groups) for batch in batches(mine, racks, limits)]

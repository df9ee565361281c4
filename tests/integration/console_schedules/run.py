# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out schedules, many at a time, each at a simulated BMC of its own: `python -m tests.integration.console_schedules.run`.

Steps happen at their times; whatever is waited for is waited for by what the BMCs tell.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import pathlib
import queue
import random
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from dataclasses import dataclass, field

import yaml

from tests.integration.console_schedules.journal import Change, Journal, holder
from tests.integration.console_schedules.judge import INTERVAL, LOAD, START, Diary, Verdict, judge, keepers
from tests.integration.console_schedules.parties import Party, Place, Server, make_party, write_program
from tests.integration.console_schedules.schedule import ACCOUNTS, BMCS, Schedule, Step, draw
from tests.integration.harness import CHECKOUT
from tests.simulator.control import call

#: Seconds until a BMC misses a session whose program was killed.
MISSED: t.Final = 1.5
#: Schedules at a time.
WORKERS: t.Final = 12
_PASSWORD: t.Final = "Sesam-oeffne-dich"
_PORT: t.Final = 6623
_QUIRKS: t.Final[t.Mapping[str, dict[str, t.Any]]] = {
    "plain": {},
    "silent": {"sol_quirks": {"tells_loser": False}},
    "mute": {"commands": {"refused": {"06/4B": 0xC1}}},
}
#: At the console of each BMC's host root is logged in, so that whatever is typed is echoed.
_LOG_IN: t.Final = "root\rsimulator\r"
_READY: t.Final = 20.0


class Rack:
    """Simulated BMCs: one of each kind for each worker."""

    def __init__(self, folder: pathlib.Path, network: str, workers: int) -> None:
        self.control = folder / "control"
        users = {slot: {"name": kind, "password": _PASSWORD, "privilege": "administrator"} for kind, slot in ACCOUNTS.items()}
        rows = [
            {
                "name": f"{kind}{worker}",
                "address": f"{network}.{number}.{worker + 1}",
                "source": "static",
                "netmask": "255.255.255.0",
                "power": "on",
                "users": users,
                "personality": _QUIRKS[kind],
            }
            for number, kind in enumerate(BMCS)
            for worker in range(workers)
        ]
        (folder / "rack.yml").write_text(yaml.safe_dump({"bmcs": rows}), encoding="utf-8")
        self.addresses = {str(row["name"]): str(row["address"]) for row in rows}
        command = ["-m", "tests.simulator", "--rack", str(folder / "rack.yml"), "--control", str(self.control), "--port", str(_PORT)]
        self._process = subprocess.Popen([sys.executable, *command], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert select.select([self._process.stdout], [], [], _READY)[0], "the rack did not become ready"
        assert self._process.stdout.readline().startswith("ready:")
        self.journal = Journal(self.control)
        self.ask("type", text=_LOG_IN)

    def ask(self, action: str, bmc: str = "*", **what: t.Any) -> dict[str, t.Any]:
        """One request to the control socket."""
        answer = call(self.control, {"do": action, "bmc": bmc, **what})
        assert answer["ok"], answer
        return answer

    def close(self) -> None:
        """End it."""
        self.journal.close()
        self._process.terminate()
        self._process.wait(_READY)
        if self._process.stdout is not None:
            self._process.stdout.close()


@dataclass
class Run:
    """One schedule at one BMC."""

    schedule: Schedule
    rack: Rack
    place: Place
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._first = len(self._changes())
        self._diary = Diary()
        self._up: dict[str, float] = {}
        self._echoes = 0
        self._missed: list[tuple[float, int]] = []
        self._parties: dict[str, Party] = {}
        self._typed = random.Random(self.schedule.seed)

    def carry_out(self) -> Verdict:
        """All steps; then everybody leaves, and what keeps the console must have it; then that leaves too."""
        names = {slot: kind for kind, slot in ACCOUNTS.items()}
        users = {party: names[self.schedule.account(party)] for party in self.schedule.parties}
        write_program(self.place, {"server": "server", **users})
        with contextlib.ExitStack() as stack:
            for kind in self.schedule.parties:
                party = self._parties[kind] = make_party(kind, users[kind], self.place, self.schedule.relay)
                stack.callback(party.close)
            start = time.monotonic()
            for step in self.schedule.steps:
                self._pass_until(start + step.at)
                self._guarded(step)
            self._everybody_leaves()
            self._held_again()
            for kind in keepers(self.schedule):
                self._guarded(Step(0.0, kind, "leave"))
            self._nobody_holds_it()
        found = judge(self.schedule, self._changes()[self._first :], self._diary)
        return Verdict((*found.faults, *self.faults), found.gaps, self._echoes)

    def _changes(self) -> list[Change]:
        return self.rack.journal.changes(self.place.name)

    def _pass_until(self, until: float) -> None:
        """Let the time pass; meanwhile the BMC misses those who were killed."""
        while True:
            due = min([until, *(at for at, _port in self._missed)])
            self.rack.journal.wait(self.place.name, lambda _holder: False, due)
            for at, port in [one for one in self._missed if one[0] <= time.monotonic()]:
                self.rack.ask("expire", self.place.name, port=port)
                self._missed.remove((at, port))
            if time.monotonic() >= until:
                return

    def _guarded(self, step: Step) -> None:
        try:
            self._do(step.party, step.action)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            self.faults.append(f"{step}: {error}")

    def _do(self, kind: str, action: str) -> None:
        party, now = self._parties[kind], time.time()
        if action == "open":
            party.open()
            self._up.setdefault(kind, now)
        elif action == "type":
            self._type(kind, party)
        elif action == "restart":
            assert isinstance(party, Server)
            with self._told(kind, now):
                party.restart()
            self._up[kind] = time.time()
        else:
            with self._told(kind, now):
                if action == "leave":
                    party.leave()
                else:
                    ports = party.crash()
                    self._diary.dead |= ports
                    self._missed += [(time.monotonic() + MISSED, port) for port in sorted(ports)]

    @contextlib.contextmanager
    def _told(self, kind: str, now: float) -> t.Iterator[None]:
        """It is told to leave now, and is gone at the end of the block."""
        since = self._up.pop(kind, None)
        if since is not None and kind in keepers(self.schedule):
            self._diary.up.append((since, now, kind))
        try:
            yield
        finally:
            self._diary.told.append((now, time.time(), kind))

    def _type(self, kind: str, party: Party) -> None:
        """Who has the console sees what he types. Nothing is asked of one who has it no more when the time is over."""
        text = "".join(self._typed.choices("abcdefghijkmnopqrstuvwxyz", k=12))
        before = self._now()
        if before is None or before.port not in party.ports():
            return
        echo = party.types(text)
        if echo:
            self._echoes += 1
        elif echo is False and self._now() == before:
            self.faults.append(f"{kind} typed {text!r} at the console that it has (port {before.port}), and saw no echo")

    def _now(self) -> Change | None:
        return holder(self._changes())

    def _everybody_leaves(self) -> None:
        for kind in self.schedule.parties:
            if kind not in keepers(self.schedule) and kind in self._up:
                self._guarded(Step(0.0, kind, "leave"))
        while self._missed:
            self._pass_until(min(at for at, _port in self._missed))

    def _held_again(self) -> None:
        """One that keeps the console has it, and can work there."""
        some = keepers(self.schedule)
        if not some:
            return
        if not any(kind in self._up for kind in some):
            self._guarded(Step(0.0, some[0], "open"))
        if not self._kept(some, time.monotonic() + START + INTERVAL + LOAD):
            # The judge says so too, from the journal alone.
            self.faults.append("in the end nobody has taken the console back")
            return
        echoes = self._echoes
        for kind in some:
            if kind in self._up:
                self._guarded(Step(0.0, kind, "type"))
        if self._echoes == echoes:
            self.faults.append("in the end nobody could type at the console that was taken back")

    def _kept(self, some: t.Sequence[str], until: float) -> bool:
        """Wait until one of those that keep the console has it. With one account for all of ours only the port tells."""
        now: Change | None = None
        while True:
            if not self.rack.journal.wait(self.place.name, functools.partial(_is_another, now), until):
                return False
            now = self._now()
            if now is not None and any(now.port in self._parties[kind].ports() for kind in some):
                return True

    def _nobody_holds_it(self) -> None:
        if not self.rack.journal.wait(self.place.name, lambda now: now is None, time.monotonic() + START):
            self.faults.append(f"after everybody has left, somebody still has the console: {self._now()}")
            self.rack.ask("close_sessions", self.place.name)


def _is_another(before: Change | None, holder: Change | None) -> bool:
    return holder is not None and holder != before


@dataclass(frozen=True)
class Outcome:
    """A schedule and what came of it."""

    schedule: Schedule
    verdict: Verdict
    journal: tuple[Change, ...]
    output: str

    def __str__(self) -> str:
        lines = [str(self.schedule), *(f"  FAULT {fault}" for fault in self.verdict.faults)]
        return "\n".join([*lines, *(f"  {change}" for change in self.journal), self.output])


def _one(schedule: Schedule, rack: Rack, worker: int, network: str, folder: pathlib.Path) -> Outcome:
    name = f"{schedule.bmc}{worker}"
    own = folder / f"s{schedule.seed}"
    own.mkdir()
    place = Place(name, rack.addresses[name], _PORT, _PASSWORD, own, f"{network}.9.{worker + 1}")
    rack.ask("close_sessions", name)
    first = len(rack.journal.changes(name))
    verdict = Run(schedule, rack, place).carry_out()
    journal = tuple(rack.journal.changes(name)[first:])
    texts = [f"--- {path.name}\n{path.read_text(errors='replace')}" for path in sorted(own.glob("*.log"))] if verdict.faults else []
    shutil.rmtree(own)
    return Outcome(schedule, verdict, journal, "\n".join(texts))


@contextlib.contextmanager
def _environment() -> t.Iterator[None]:
    """What our own programs need to know."""
    before = dict(os.environ)
    os.environ.update({"BMC_PASSWORD": _PASSWORD, "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT}/.collections", "ANSIBLE_LOCALHOST_WARNING": "0"})
    os.environ["PATH"] += ":/usr/sbin"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def carry_out(seeds: t.Iterable[int], *, workers: int = WORKERS, seconds: float | None = None, verbose: bool = False) -> list[Outcome]:
    """Carry out the schedules of these seeds; with `seconds` none is begun after that time."""
    network = f"127.{122 + os.getpid() % 100}"
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for seed in seeds:
        waiting.put(seed)
    outcomes: list[Outcome] = []
    interrupted = threading.Event()
    stop = time.monotonic() + (1e9 if seconds is None else seconds)
    with tempfile.TemporaryDirectory(prefix="schedules") as name, _environment():
        folder = pathlib.Path(name)
        rack = Rack(folder, network, workers)

        def work(worker: int) -> None:
            while time.monotonic() < stop and not interrupted.is_set():
                try:
                    seed = waiting.get_nowait()
                except queue.Empty:
                    return
                outcomes.append(_one(draw(seed), rack, worker, network, folder))
                if verbose or outcomes[-1].verdict.faults:
                    print(outcomes[-1], flush=True)

        threads = [threading.Thread(target=work, args=(worker,), name=f"worker {worker}") for worker in range(workers)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            # What has begun is brought to its end, so that nothing of it is left behind.
            interrupted.set()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
            rack.close()
    return outcomes


def summary(outcomes: t.Sequence[Outcome], seconds: float) -> str:
    """One line for people."""
    gaps = sorted(gap for outcome in outcomes for gap in outcome.verdict.gaps)
    late = f"free at most {gaps[-1]:.1f} s, median {statistics.median(gaps):.1f} s (interval {INTERVAL:g} s)" if gaps else "never free"
    bad = [outcome.schedule.seed for outcome in outcomes if outcome.verdict.faults]
    found = f"faults in {len(bad)}: seeds {', '.join(map(str, sorted(bad)))}" if bad else "no fault"
    echoes = sum(outcome.verdict.echoes for outcome in outcomes)
    return f"{len(outcomes)} schedules in {seconds:.0f} s, {found}; {echoes} times somebody typed and saw it; with a console server there, a console was {late}"


def main() -> int:
    """The program; 1 where there was a fault."""
    parser = argparse.ArgumentParser(description="Random schedules of several parties at one console, judged by the BMC.")
    parser.add_argument("--count", type=int, default=1000, help="how many: %(default)s")
    parser.add_argument("--seed", type=int, help="of the first; by default another each time")
    parser.add_argument("--workers", type=int, default=WORKERS, help="at a time: %(default)s")
    parser.add_argument("--verbose", action="store_true", help="show each schedule with its journal, not only those with a fault")
    given = parser.parse_args()
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    print(f"seeds {seed} to {seed + given.count - 1}", flush=True)
    start = time.monotonic()
    outcomes = carry_out(range(seed, seed + given.count), workers=given.workers, verbose=given.verbose)
    print(summary(outcomes, time.monotonic() - start))
    return int(any(outcome.verdict.faults for outcome in outcomes) or len(outcomes) < given.count)


if __name__ == "__main__":
    sys.exit(main())

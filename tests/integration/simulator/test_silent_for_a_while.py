# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BMCs that fall silent for longer than a timeout, each after another request of the same change, and come back.

The change moves the BMC to another address; half of the BMCs refuse its last step. Whatever is in the air when the
silence comes: the BMC ends with all of the new values or all of the old ones, and the result says which.
"""

from __future__ import annotations

import concurrent.futures
import ipaddress
import multiprocessing
import typing as t
from dataclasses import dataclass

import pytest

from tests.integration.harness import Result, act
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, users

#: After which requests of a change they fall silent; it takes so many, with what is put back.
FIRST, LAST = 4, 46
TIMEOUT, SILENCE, VERIFY = 4, 5.0, 10
#: Silences in the first requests, before anything is written, end the task. Most come later.
MOST = 0.6
#: Tasks at the same time: they wait more than they work.
PROCESSES = 24
REFUSED_VLAN = {"0C/01:0114": 0xCC}
OLD_COMMUNITY, NEW_COMMUNITY = "public", "Rechenzentrum"


@dataclass(frozen=True)
class Kind:
    """What is the same for some of the BMCs."""

    maker: str  #: generic moves with each write, megarac_hpe when all is complete
    refuses: bool  #: the VLAN, which is the last step
    every: int = 1  #: so many requests between a BMC and the next
    rollback: bool = False  #: values come into force with a commit

    @property
    def requests(self) -> range:
        """After how many requests the BMCs fall silent."""
        return range(FIRST, LAST, self.every)


KINDS = {
    "moves-at-once": Kind("generic", False, every=3),
    "moves-at-once-and-refuses": Kind("generic", True),
    "moves-at-the-end": Kind("megarac_hpe", False, every=3),
    "moves-at-the-end-and-refuses": Kind("megarac_hpe", True, every=2),
    "commits-and-refuses": Kind("generic", True, rollback=True),
}


@dataclass(frozen=True)
class Ended:
    """One BMC afterwards."""

    result: Result
    old: str  #: its address before
    new: str
    lan: dict[str, t.Any]  #: what it holds
    address: str  #: where it answers

    @property
    def is_old(self) -> bool:
        """Whether it is as before."""
        return self._values() == (self.old, self.old, OLD_COMMUNITY, False)

    @property
    def is_new(self) -> bool:
        """Whether it is as wanted."""
        return self._values() == (self.new, self.new, NEW_COMMUNITY, True)

    def _values(self) -> tuple[t.Any, ...]:
        held = str(ipaddress.IPv4Address(bytes.fromhex(self.lan["address"])))
        community = bytes.fromhex(self.lan["community"]).rstrip(b"\0").decode()
        return (self.address, held, community, self.lan["vlan_enabled"])


Room = dict[str, list[Ended]]


def change(options: dict[str, t.Any]) -> Result:
    """Runs in a process of its own."""
    return act("ipmi_lan", options)


@pytest.fixture(scope="module")
def room(start_rack: Starter, network: t.Callable[[], str]) -> Room:
    """Of each kind, one for each number of requests before the silence."""
    old, new = network(), network()
    common = {"source": "static", "netmask": "255.255.0.0", "users": users()}
    names = [(name, number) for name, kind in KINDS.items() for number in kind.requests]
    bmcs, jobs = [], []
    for last, (name, number) in enumerate(names, 1):
        kind = KINDS[name]
        faults = {"silent_after": number, "silent_for": SILENCE, "refuse": REFUSED_VLAN if kind.refuses else {}}
        one = {"name": f"{name}{number}", "maker": kind.maker, "address": f"{old}.{last}", "faults": faults, **common}
        bmcs.append({**one, "personality": {"lan": {"rollback": True}}} if kind.rollback else one)
        login = {"bmc_host": f"{old}.{last}", "bmc_user": "admin", "bmc_password": PASSWORD, "bmc_timeout": TIMEOUT}
        wish = {"ip_address": f"{new}.{last}", "vlan_id": 120, "snmp_community": NEW_COMMUNITY, "verify_timeout": VERIFY}
        jobs.append({**login, **wish})
    rack = start_rack({"bmcs": bmcs})
    with concurrent.futures.ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("fork")) as pool:
        results = list(pool.map(change, [{**job, "bmc_port": rack.port} for job in jobs]))
    ended = [_ended(rack, f"{name}{number}", job, result) for (name, number), job, result in zip(names, jobs, results, strict=True)]
    return {name: [one for (kind, _number), one in zip(names, ended, strict=True) if kind == name] for name in KINDS}


def _ended(rack: Rack, name: str, job: dict[str, t.Any], result: Result) -> Ended:
    return Ended(result, job["bmc_host"], job["ip_address"], rack.state(name)["lan"]["1"], rack.status(name)["address"])


@pytest.mark.parametrize("name", KINDS)
def test_it_has_all_of_the_new_values_or_all_of_the_old_ones_and_the_result_says_which(room: Room, name: str) -> None:
    for number, ended in zip(KINDS[name].requests, room[name], strict=True):
        if ended.result.get("failed"):
            assert ended.is_old and not ended.result.get("changed"), (number, ended)
        else:
            assert ended.is_new and ended.result["changed"] and ended.result["verified"], (number, ended)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.refuses])
def test_a_silence_after_the_first_writes_is_got_over(room: Room, name: str) -> None:
    reasons = [ended.result.get("reason") for ended in room[name]]
    assert reasons.count(None) > MOST * len(reasons) and set(reasons) <= {None, "unreachable", "session_lost", "restored"}, reasons


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.refuses])
def test_what_was_refused_is_told_and_not_the_silence(room: Room, name: str) -> None:
    reasons = [ended.result.get("reason") for ended in room[name]]
    assert reasons.count("refused") > MOST * len(reasons) and set(reasons) <= {"refused", "unreachable", "session_lost", "restored"}, reasons


@pytest.mark.parametrize("name", KINDS)
def test_nobodys_set_in_progress_is_left_behind_once_a_bmc_was_written_to(room: Room, name: str) -> None:
    left = [number for number, ended in zip(KINDS[name].requests, room[name], strict=True) if ended.lan["set_in_progress"]]
    assert left == []

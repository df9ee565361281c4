# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading one BMC with a scripted session, and the pool of threads."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BmcError, LoginRefused, NoSessionSlot, PrivilegeRefused, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._credentials import Credential
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._gather import Gatherer, Job, Pool, gather
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import PARTS, Place, Record, State
from tests.unit.plugins.scripted import Scripted, identified, lan, sol

JOB = Job(Place("192.0.2.10"), [Credential("first", "a", "1"), Credential("second", "b", "2")], ("controller", "power"))


def whole() -> Scripted:
    """A BMC that has everything but a FRU."""
    scripted = identified(Scripted()).on("00/01", "00 21 00 00").on("0A/10", "C1")
    lan(scripted, p20="64 80")
    sol(scripted)
    return scripted


class Doors:
    """Opens sessions as told, and notes with whom."""

    def __init__(self, *outcomes: Scripted | BmcError) -> None:
        self.outcomes = list(outcomes)
        self.users: list[str] = []

    def __call__(self, connection: Connection, deadline: float) -> Bmc:
        self.users.append(connection.user)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BmcError):
            raise outcome
        return outcome.bmc(connection)


class TestFacts:
    def test_all_parts(self) -> None:
        gatherer = Gatherer(whole().bmc(), 1e9)
        assert gatherer.gather(PARTS)
        assert gatherer.facts == {
            "manufacturer_id": 343,
            "manufacturer": "Intel",
            "product_id": 0x1234,
            "firmware": "2.05",
            "ipmi_version": "2.0",
            "updating": False,
            "guid": "11111111-1111-1111-1111-111111111111",
            "power": "on",
            "mac": "02:00:00:00:00:01",
            "lan": {"channel": 1, "ip_address": "192.0.2.10", "ip_source": "static", "netmask": "255.255.255.0", "gateway": "192.0.2.1", "vlan_id": 100},
            "sol": {"channel": 1, "enabled": False, "force_encryption": False, "force_authentication": False, "privilege": "user", "bit_rate": 9600},
            "lacking": ["fru"],
        }

    def test_only_what_is_wanted_is_asked(self) -> None:
        scripted = whole()
        Gatherer(scripted.bmc(), 1e9).gather(["power"])
        assert scripted.asked == ["00/01"] and scripted.written == []

    def test_what_is_lacking_is_named(self) -> None:
        scripted = whole().on("06/37", "C1")
        lan(scripted, p20="")
        gatherer = Gatherer(scripted.bmc(), 1e9)
        assert gatherer.gather(["guid", "lan"])
        assert gatherer.facts["lacking"] == ["guid", "vlan_id"] and "vlan_id" not in gatherer.facts["lan"]

    @pytest.mark.parametrize("guid", ["00" + " 00" * 16, "00" + " FF" * 16])
    def test_a_guid_that_was_never_set_is_none(self, guid: str) -> None:
        gatherer = Gatherer(whole().on("06/37", guid).bmc(), 1e9)
        assert gatherer.gather(["guid"]) and gatherer.facts == {}

    def test_time_is_over(self) -> None:
        scripted = whole()
        bmc = scripted.bmc()
        gatherer = Gatherer(bmc, scripted.clock.now() + 5, now=scripted.clock.now)
        scripted.on("00/01", lambda data: pytest.fail("asked after the deadline"))

        def slow(data: bytes) -> bytes:
            scripted.clock.time += 6
            return bytes.fromhex("C1")

        scripted.on("06/37", slow)
        assert not gatherer.gather(PARTS)
        assert gatherer.facts["firmware"] == "2.05"


class TestLogin:
    def test_the_first_that_is_let_in(self) -> None:
        doors = Doors(LoginRefused("wrong password"), whole())
        record = gather(JOB, Record(seen=7.0), doors)
        assert doors.users == ["a", "b"]
        assert (record.state, record.credential, record.refused, record.read) == (State.OK, "second", ("first",), 7.0)

    @pytest.mark.parametrize(
        ("error", "state", "tried"),
        [
            (NoSessionSlot("full"), State.NO_SESSION_SLOT, 1),
            (Unreachable("silent"), State.LOST, 1),
            (LoginRefused("no"), State.LOGIN_REFUSED, 2),
            (PrivilegeRefused("no"), State.PRIVILEGE_REFUSED, 2),
        ],
    )
    def test_only_a_refusal_leads_to_the_next_one(self, error: BmcError, state: State, tried: int) -> None:
        doors = Doors(error, error)
        record = gather(JOB, Record(), doors)
        assert (record.state, len(doors.users), record.credential) == (state, tried, None)
        assert str(error) in record.reason

    def test_no_credential(self) -> None:
        record = gather(Job(JOB.place, (), JOB.parts), Record(), Doors())
        assert record.state is State.NO_CREDENTIAL

    def test_the_session_is_given_back_whatever_happens(self) -> None:
        for request, answer in (("00/01", "00 21 00 00"), ("00/01", "C1"), ("00/01", "D4"), ("00/01", "00"), ("00/01", "FF")):
            scripted = whole().on(request, answer)
            record = gather(JOB, Record(), Doors(scripted))
            assert scripted.closed == 1, answer
            assert record.state is (State.FAILED if answer in ("D4", "00", "FF") else State.OK), (answer, record.reason)
            assert record.facts["firmware"] == "2.05"


class TestPool:
    def test_all_is_done_and_no_thread_is_left(self) -> None:
        before, done = threading.active_count(), []
        with Pool(4) as pool:
            for number in range(20):
                pool.submit(lambda number=number: done.append(number))  # type: ignore[misc]
        assert sorted(done) == list(range(20)) and threading.active_count() == before

    def test_an_interruption_leaves_out_what_was_not_begun(self) -> None:
        before, begun = threading.active_count(), []

        def work() -> None:
            begun.append(1)
            time.sleep(0.1)

        def interrupted() -> t.NoReturn:
            with Pool(1) as pool:
                for _number in range(50):
                    pool.submit(work)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert len(begun) <= 2 and threading.active_count() == before

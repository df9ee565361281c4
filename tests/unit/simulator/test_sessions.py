# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Slots, expiry, sequence numbers, repeated requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.protocol.session import Window
from tests.unit.simulator.client import Client, make_bmc, put_faults

IDENTIFY = ("00/04", "0a")


def test_slots_are_given_and_given_back() -> None:
    bmc = make_bmc(protocol={"session_slots": 2})
    first, second = Client(bmc).login(), Client(bmc).login()
    third = Client(bmc)
    assert third.open()[1] == 0x01
    first.replies, bmc.send = third.replies, bmc.send
    assert first.exchange(first.wrap(first.message("06/3C", first.bmc_id.hex()))) is not None
    assert len(bmc.sessions) == 1
    third.login()
    assert {session.handle for session in bmc.sessions} == {2, 3}
    assert second.bmc_id != third.bmc_id


def test_two_who_race_for_the_last_slot() -> None:
    bmc = make_bmc(protocol={"session_slots": 1})
    slow = Client(bmc)
    slow.open()
    slow.rakp1()
    Client(bmc).login()
    slow.__post_init__()
    answer = slow.rakp3()
    assert answer is not None
    assert answer[1] == 0x01


def test_slots_that_somebody_else_holds() -> None:
    bmc = make_bmc(protocol={"session_slots": 4})
    put_faults(bmc, slots_taken=4)
    assert Client(bmc).open()[1] == 0x01
    put_faults(bmc, slots_taken=3)
    Client(bmc).login()


def test_an_idle_session_expires() -> None:
    client = Client(make_bmc()).login()
    client.bmc.clock.advance(59)
    assert client.ask("06/01").startswith("00")
    client.bmc.clock.advance(59)
    assert client.ask("06/01").startswith("00")
    client.bmc.clock.advance(61)
    assert len(client.bmc.sessions) == 0
    assert client.ask("06/01") == ""


def test_expiry_is_the_personalitys() -> None:
    client = Client(make_bmc(protocol={"session_timeout": 5.0})).login()
    client.bmc.clock.advance(6)
    assert len(client.bmc.sessions) == 0


@pytest.mark.parametrize(("data", "code"), [("01 02 03 04", "87"), ("00 00 00 00 63", "88"), ("00 00", "c7")])
def test_closing_what_is_not_there(data: str, code: str) -> None:
    assert Client(make_bmc()).login().ask("06/3C", data) == code


def test_closing_anothers_session_needs_an_administrator() -> None:
    bmc = make_bmc()
    other = Client(bmc).login()
    client = Client(bmc).login(privilege=3)
    assert client.ask("06/3C", other.bmc_id.hex()) == "d4"
    client = Client(bmc).login()
    assert client.ask("06/3C", "00 00 00 00 01") == "00"
    assert [session.handle for session in bmc.sessions] == [2, 3]


def test_session_info() -> None:
    client = Client(make_bmc()).login()
    mine = "00 01 08 01 02 04 11 7f 00 00 01 00 00 00 00 00 00 41 9c"
    assert client.ask("06/3D", "00") == mine
    assert client.ask("06/3D", "01") == mine
    assert client.ask("06/3D", "fe 01") == mine
    assert client.ask("06/3D", "ff" + client.bmc_id.hex()) == mine
    assert client.ask("06/3D", "02") == "00 00 08 01"


def test_a_repeated_request_is_answered_and_not_done_twice() -> None:
    bmc = make_bmc({"power": "on"})
    client = Client(bmc).login()
    first = client.ask("00/02", "03", rq_seq=9)
    again = client.ask("00/02", "03", rq_seq=9)
    assert (first, again) == ("00", "00")
    assert bmc.counters.requests[0x00, 0x02] == 1
    assert bmc.counters.repeated == 1
    client.ask("00/02", "03", rq_seq=10)
    assert bmc.counters.requests[0x00, 0x02] == 2


def test_memory_of_answers_ends() -> None:
    client = Client(make_bmc()).login()
    client.ask(*IDENTIFY, rq_seq=9)
    client.bmc.clock.advance(6)
    client.ask(*IDENTIFY, rq_seq=9)
    assert client.bmc.counters.requests[0x00, 0x04] == 2


def test_one_sequence_number_for_other_requests_is_no_repetition() -> None:
    client = Client(make_bmc()).login()
    assert client.ask("06/01", rq_seq=3) != client.ask("00/01", rq_seq=3)
    for _unused in range(9):
        client.ask("06/01")
    client.ask("00/01", rq_seq=3)
    assert client.bmc.counters.requests[0x00, 0x01] == 2


@pytest.mark.parametrize("how", ["fault", "personality"])
def test_a_bmc_that_does_repeated_requests_again(how: str) -> None:
    client = Client(make_bmc(protocol={"duplicate_detection": how != "personality"})).login()
    if how == "fault":
        put_faults(client.bmc, forgetful=True)
    client.ask(*IDENTIFY, rq_seq=9)
    client.ask(*IDENTIFY, rq_seq=9)
    assert client.bmc.counters.requests[0x00, 0x04] == 2


def test_a_replayed_packet_is_dropped() -> None:
    client = Client(make_bmc()).login()
    packet = client.wrap(client.message(*IDENTIFY))
    assert client.exchange(packet) is not None
    assert client.exchange(packet) is None
    assert client.bmc.counters.requests[0x00, 0x04] == 1


@pytest.mark.parametrize(("sequence", "taken"), [(16, True), (17, False), (0, False), (4, True)])
def test_sequence_window_of_a_session(sequence: int, taken: bool) -> None:
    client = Client(make_bmc()).login(raise_to=0)
    client.exchange(client.wrap(client.message("06/01"), sequence=1))
    answer = client.exchange(client.wrap(client.message("06/01"), sequence=sequence))
    assert (answer is not None) is taken


def test_answers_count_up() -> None:
    client = Client(make_bmc()).login(raise_to=0)
    numbers = []
    for _unused in range(3):
        answer = client.exchange(client.wrap(client.message("06/01")))
        assert answer is not None
        numbers.append(int.from_bytes(answer[10:14], "little"))
    assert numbers == [1, 2, 3]


def test_window_wraps_around() -> None:
    window = Window(0xFFFFFFFE)
    assert window.accept(0xFFFFFFFF)
    assert window.accept(2)
    assert window.accept(1)
    assert not window.accept(1)
    assert not window.accept(0xFFFFFFFF)
    assert not window.accept(0)


@given(st.lists(st.integers(1, 60), max_size=80))
def test_window_never_takes_a_number_twice(numbers: list[int]) -> None:
    window = Window()
    taken = [number for number in numbers if window.accept(number)]
    assert len(taken) == len(set(taken))


@given(st.permutations(range(100, 108)))
def test_window_takes_what_is_only_out_of_order(numbers: list[int]) -> None:
    window = Window(99)
    assert all(window.accept(number) for number in numbers)

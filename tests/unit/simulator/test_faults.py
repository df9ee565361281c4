# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on request."""

from __future__ import annotations

import pytest

from tests.simulator.faults import Faults, is_write
from tests.simulator.protocol import packets
from tests.unit.simulator.client import Client, make_bmc, put_faults

LAN_WRITE = ("0C/01", "01 0c 7f 00 00 09")  # the gateway of channel 1
LAN_READ = ("0C/02", "01 0c 00 00")


def client_with(**faults: object) -> Client:
    client = Client(make_bmc()).login()
    put_faults(client.bmc, **faults)
    return client


def test_no_faults() -> None:
    assert not Faults().active
    assert not Faults(seed=0).active
    assert Faults(silent=True).active


def test_silence() -> None:
    client = client_with(silent=True)
    assert client.ask("06/01") == ""
    assert client.exchange(bytes.fromhex("0600ff06000011be802a0000")) is None
    put_faults(client.bmc)
    assert client.ask("06/01").startswith("00")


def test_silence_after_some_requests() -> None:
    client = client_with(silent_after=2)
    assert [client.ask("06/01")[:2] for _unused in range(4)] == ["00", "00", "", ""]
    assert client.bmc.counters.requests[0x06, 0x01] == 2


def test_a_silence_that_passes() -> None:
    client = client_with(silent_after=1, silent_for=3.0)
    assert [client.ask("06/01")[:2] for _unused in range(3)] == ["00", "", ""]
    client.bmc.clock.advance(2.9)
    assert client.ask("06/01") == ""
    client.bmc.clock.advance(0.2)
    assert [client.ask("06/01")[:2] for _unused in range(3)] == ["00", "00", "00"]


def test_loss_is_about_what_was_asked_for() -> None:
    client = client_with(loss=30.0, seed=1)
    for _unused in range(300):
        client.ask("06/01")
    # 30 % each way: about half of the requests are answered.
    assert 100 < client.bmc.counters.requests[0x06, 0x01] <= 300
    assert client.bmc.counters.requests[0x06, 0x01] == pytest.approx(210, abs=30)


def test_delay() -> None:
    client = client_with(delay=2.0)
    assert client.ask("06/01") == ""
    client.bmc.clock.advance(1.9)
    assert client.replies == []
    client.bmc.clock.advance(0.2)
    assert client.unwrap(client.replies.pop())[6] == 0


def test_busy_some_times() -> None:
    client = client_with(busy=2)
    assert [client.ask("06/01")[:2] for _unused in range(3)] == ["c0", "c0", "00"]


def test_busy_at_a_rate() -> None:
    client = client_with(busy_rate=50.0)
    codes = [client.ask("06/01")[:2] for _unused in range(200)]
    assert codes.count("c0") == pytest.approx(100, abs=30)
    assert set(codes) == {"c0", "00"}


def test_busy_on_writes_only() -> None:
    client = client_with(busy=1, busy_writes_only=True)
    assert client.ask("06/01")[:2] == "00"
    assert client.ask(*LAN_WRITE) == "c0"
    assert client.ask(*LAN_WRITE) == "00"


def test_refusal_of_one_command_and_of_one_parameter() -> None:
    client = client_with(refuse={"06/01": 0xD4, "0C/01:010c": 0x82})
    assert client.ask("06/01") == "d4"
    assert client.ask(*LAN_WRITE) == "82"
    assert client.ask("0C/01", "01 10" + "61" * 18) == "00"


def test_a_write_that_is_accepted_and_ignored() -> None:
    client = client_with(ignore=["0C/01"])
    before = client.ask(*LAN_READ)
    assert client.ask(*LAN_WRITE) == "00"
    assert client.ask(*LAN_READ) == before


def test_closing_a_session_is_never_refused() -> None:
    client = client_with(busy_rate=100.0, ignore=["*"])
    assert client.ask("06/3C", client.bmc_id.hex()) == "00"
    assert len(client.bmc.sessions) == 0


@pytest.mark.parametrize(("when", "written"), [("reset_before", False), ("reset_after", True)])
def test_reset_in_the_middle_of_a_write(when: str, written: bool) -> None:
    client = client_with(**{when: ["0C/01"]})
    before = client.ask(*LAN_READ)
    assert client.ask(*LAN_WRITE) == ""
    assert len(client.bmc.sessions) == 0
    assert client.bmc.resetting
    client.bmc.clock.advance(4)
    client.login()
    assert (client.ask(*LAN_READ) != before) is written
    assert client.ask(*LAN_WRITE) == "00"  # once only


def test_an_answer_that_gets_lost() -> None:
    client = client_with(drop_answers=1, drop_answers_on="0C/01")
    assert client.ask(*LAN_WRITE, rq_seq=5) == ""
    assert client.ask(*LAN_WRITE, rq_seq=5) == "00"
    assert client.bmc.counters.requests[0x0C, 0x01] == 1
    assert client.ask(*LAN_READ) == "00 11 7f 00 00 09"


def test_answers_that_come_twice() -> None:
    client = client_with(duplicate=True)
    client.ask("06/01")
    assert len(client.replies) == 1


def mangled(kind: str) -> bytes:
    client = client_with(mangle=kind, mangle_on="06/01")
    answer = client.exchange(client.wrap(client.message("06/01")))
    assert answer is not None
    return client.unwrap(answer)


def is_sealed(message: bytes) -> bool:
    return sum(message[:3]) & 0xFF == 0 and sum(message[3:]) & 0xFF == 0


def test_malformed_answers() -> None:
    client = Client(make_bmc()).login()
    answer = client.exchange(client.wrap(client.message("06/01")))
    assert answer is not None
    good = client.unwrap(answer)
    assert is_sealed(good)
    assert len(mangled("truncated")) == len(good) // 2
    short, long, turned = mangled("short"), mangled("long"), mangled("sequence")
    assert is_sealed(short)
    assert len(short) < len(good)
    assert is_sealed(long)
    assert len(long) == len(good) + 5
    assert not is_sealed(mangled("checksum"))
    assert turned[4] != good[4]
    assert mangled("garbage") != good


def test_mangling_some_answers_only() -> None:
    client = client_with(mangle="checksum", mangle_count=1)
    first, second = (client.exchange(client.wrap(client.message("06/01"))) for _unused in range(2))
    assert first is not None
    assert second is not None
    assert not is_sealed(client.unwrap(first))
    assert is_sealed(client.unwrap(second))


@pytest.mark.parametrize(
    "faults",
    [
        {"mangle": "nonsense"},
        {"refuse": {"06": 1}},
        {"ignore": ["06/zz"]},
        {"reset_after": ["06/01:0"]},
        {"unknown": 1},
        {"loss": "much"},
        {"boot_stops": "nowhere"},
    ],
)
def test_wrong_faults_are_refused(faults: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Faults.from_mapping(faults)


@pytest.mark.parametrize(
    ("netfn", "cmd", "data", "wanted"),
    [(6, 0x47, "0203", False), (6, 0x47, "0202", True), (6, 0x47, "02", True), (0xC, 1, "", True), (0xC, 2, "", False)],
)
def test_what_is_a_write(netfn: int, cmd: int, data: str, wanted: bool) -> None:
    assert is_write(netfn, cmd, bytes.fromhex(data)) is wanted


def test_other_luns_are_refused() -> None:
    client = Client(make_bmc()).login()
    raw = bytearray(client.message("06/01"))
    raw[1] |= 2
    raw[2] = packets.checksum(bytes(raw[:2]))
    answer = client.exchange(client.wrap(bytes(raw)))
    assert answer is not None
    assert client.unwrap(answer)[6] == 0xC2


GATEWAY_WRITES = [f"01 0c 7f 00 00 {last:02x}" for last in range(1, 6)]


def test_all_writes_are_accepted_and_ignored_with_the_data_that_they_have() -> None:
    client = client_with(ignore_writes=True)
    before = client.bmc.state.to_json()
    assert client.ask(*LAN_WRITE) == "00"
    assert client.ask("00/06", "02") == "00 07"
    assert client.ask("06/56", "01 01 01" + "11" * 20) == "00 02"
    assert client.ask("2C/08", "dc 00 03 61 62 63") == "00 dc 03"
    assert client.ask("2C/06", "dc 00 10").startswith("00 dc 00")
    assert client.bmc.state.to_json() == before
    assert client.bmc.counters.writes == 4


def test_writes_are_refused_from_the_nth_on() -> None:
    client = client_with(refuse_from_write=3, refuse_write_code=0xD5)
    answers = []
    for write in GATEWAY_WRITES:
        answers.append(client.ask("0C/01", write))
        assert client.ask(*LAN_READ)[:2] == "00"
    assert answers == ["00", "00", "d5", "d5", "d5"]
    assert client.ask(*LAN_READ) == "00 11 7f 00 00 02"
    client.bmc.set_faults(client.bmc.faults.updated({}))  # counted anew
    assert client.ask("0C/01", GATEWAY_WRITES[0]) == "00"


@pytest.mark.parametrize(("when", "last"), [("reset_at_write", 1), ("reset_after_write", 2)])
def test_a_reset_at_the_second_write(when: str, last: int) -> None:
    client = client_with(**{when: 2})
    assert client.ask("0C/01", GATEWAY_WRITES[0]) == "00"
    assert client.ask("0C/01", GATEWAY_WRITES[1]) == ""
    assert client.bmc.resetting
    client.bmc.clock.advance(4)
    client.login()
    assert client.ask(*LAN_READ) == f"00 11 7f 00 00 {last:02x}"
    assert [client.ask("0C/01", write) for write in GATEWAY_WRITES] == ["00"] * 5  # once only


def test_a_repeated_write_counts_once() -> None:
    client = client_with(drop_answers=1, drop_answers_on="0C/01", reset_at_write=2)
    assert client.ask(*LAN_WRITE, rq_seq=5) == ""
    assert client.ask(*LAN_WRITE, rq_seq=5) == "00"
    assert not client.bmc.resetting

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RMCP+ logins: who gets in, how far, and which status the others get."""

from __future__ import annotations

import struct

import pytest

from tests.unit.simulator.client import ADMIN, PASSWORD, Client, make_bmc

OPERATOR_TOO = {
    2: {"name": "admin", "password": "secret"},
    3: {"name": "oper", "password": "secret", "privilege": "operator"},
    4: {"name": "twin", "password": "one", "privilege": "user"},
    5: {"name": "twin", "password": "two", "privilege": "administrator"},
}
SUITES = [1, 2, 3, 6, 7, 8, 15, 16, 17]
ALL_SUITES = {"cipher_suites": [0, *SUITES], "cipher_privileges": [4] * 10}


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_logs_in(suite: int) -> None:
    client = Client(make_bmc(lan=ALL_SUITES)).login(suite)
    assert client.ask("06/01").startswith("00 20")


def test_suite_0_asks_for_no_password() -> None:
    client = Client(make_bmc(lan=ALL_SUITES)).login(0, password=b"wrong")
    assert client.ask("06/01").startswith("00 20")


def test_integrity_suite_drops_a_packet_with_another_key() -> None:
    client = Client(make_bmc()).login()
    client.keys = type(client.keys)(b"other", client.keys.k2)
    assert client.ask("06/01") == ""
    assert client.bmc.counters.dropped == 1


@pytest.mark.parametrize(
    ("lan", "suite", "privilege", "status"),
    [
        ({"cipher_suites": [17], "cipher_privileges": [4]}, 3, 4, 0x11),
        ({"cipher_suites": [3, 17], "cipher_privileges": [0, 4]}, 3, 4, 0x11),
        ({"cipher_suites": [3], "cipher_privileges": [3]}, 3, 4, 0x0A),
        ({"cipher_suites": [3], "cipher_privileges": [3]}, 3, 3, 0x00),
        ({}, 3, 9, 0x09),
    ],
)
def test_suite_and_its_privilege(lan: dict[str, object], suite: int, privilege: int, status: int) -> None:
    assert Client(make_bmc(lan=lan)).open(suite, privilege)[1] == status


@pytest.mark.parametrize(
    ("kind", "number", "status"), [(0, 0x30, 0x04), (1, 0x3F, 0x05), (2, 0x2F, 0x10), (2, 2, 0x10)]
)
def test_unknown_algorithm(kind: int, number: int, status: int) -> None:
    numbers = [1, 1, 1]
    numbers[kind] = number
    records = b"".join(bytes((k, 0, 0, 8, n, 0, 0, 0)) for k, n in enumerate(numbers))
    assert Client(make_bmc()).open(algorithms=records)[1] == status


def test_records_without_length_leave_the_choice_to_the_bmc() -> None:
    answer = Client(make_bmc()).open(algorithms=bytes(8) + b"\1" + bytes(7) + b"\2" + bytes(7))
    assert answer[1] == 0
    assert [answer[n] for n in (16, 24, 32)] == [3, 4, 1]  # suite 17, the best that is on


def test_highest_privilege_that_the_suite_allows() -> None:
    lan = {"cipher_suites": [3], "cipher_privileges": [3]}
    client = Client(make_bmc(lan=lan))
    assert client.open(3, 0)[1:3] == b"\x00\x03"


def test_open_with_privilege_0_then_a_role_in_rakp_1() -> None:
    """What FreeIPMI does without its work-around flags."""
    client = Client(make_bmc())
    assert client.open(3, 0)[1] == 0
    assert client.rakp1(privilege=4, by_name=False)[1] == 0
    answer = client.rakp3()
    assert answer is not None
    assert answer[1] == 0
    assert client.ask("06/3B", "04") == "00 04"


def test_rakp_1_with_privilege_0_gets_the_users_limit() -> None:
    client = Client(make_bmc({"users": OPERATOR_TOO}))
    client.login(name=b"oper", privilege=0, raise_to=3)
    assert client.ask("06/3B", "04") == "81"


@pytest.mark.parametrize(
    ("name", "privilege", "by_name", "status"),
    [
        (b"nobody", 4, True, 0x0D),
        (b"ADMIN", 4, True, 0x0D),
        (b"oper", 4, True, 0x0A),
        (b"oper", 3, True, 0x00),
        (b"a" * 17, 4, True, 0x0C),
        (b"admin", 7, True, 0x09),
        (b"twin", 4, True, 0x0A),
        (b"twin", 4, False, 0x00),
        (b"twin", 2, True, 0x00),
    ],
)
def test_rakp_1(name: bytes, privilege: int, by_name: bool, status: int) -> None:
    client = Client(make_bmc({"users": OPERATOR_TOO}))
    assert client.open(3, 0)[1] == 0
    assert client.rakp1(name, privilege, by_name)[1] == status


def test_lookup_with_privilege_takes_the_second_user_of_a_name() -> None:
    client = Client(make_bmc({"users": OPERATOR_TOO}))
    client.open(3, 0)
    client.rakp1(b"twin", 4, by_name=False)
    answer = client.rakp3(b"two")
    assert answer is not None
    assert answer[1] == 0
    assert [session.user_id for session in client.bmc.sessions] == [5]


def test_a_request_above_the_open_sessions_privilege_is_refused() -> None:
    client = Client(make_bmc())
    client.open(3, 3)
    assert client.rakp1(privilege=4)[1] == 0x0A


def test_rakp_1_for_no_open_session() -> None:
    client = Client(make_bmc())
    client.bmc_id = b"\1\2\3\4"
    assert client.rakp1()[1] == 0x02


def test_an_open_session_is_forgotten_after_a_while() -> None:
    client = Client(make_bmc())
    client.open()
    client.bmc.clock.advance(21)
    assert client.rakp1()[1] == 0x02


def test_wrong_password_is_seen_in_rakp_3() -> None:
    client = Client(make_bmc())
    client.open()
    client.rakp1()
    answer = client.rakp3(b"wrong")
    assert answer is not None
    assert answer[1] == 0x0F
    assert len(client.bmc.sessions) == 0


def test_the_client_sees_a_wrong_password_in_rakp_2() -> None:
    client = Client(make_bmc())
    client.open()
    answer = client.rakp1()
    assert client.shake is not None
    assert answer[40:] == client.shake.rakp2_code(PASSWORD)
    assert answer[40:] != client.shake.rakp2_code(b"wrong")


def test_kg_takes_part_in_the_keys() -> None:
    kg = b"key of twenty bytes!"
    client = Client(make_bmc({"kg": kg.hex()}))
    client.open()
    client.rakp1()
    answer = client.rakp3(kg=kg)
    assert answer is not None
    assert client.shake is not None
    assert answer[8:] == client.shake.rakp4_code(client.shake.session_key(kg))
    assert client.ask("06/01").startswith("00 20")
    assert client.ask("06/38", "8e 04").split()[3] == "24"  # Kg is set; users with names


@pytest.mark.parametrize(
    "user", [{"enabled": False}, {"messaging": False}, {"privilege": "no_access"}]
)
def test_a_user_who_may_not_log_in_is_unknown(user: dict[str, object]) -> None:
    entry = {"users": {2: {"name": "admin", "password": "secret", **user}}}
    client = Client(make_bmc(entry))
    client.open()
    assert client.rakp1()[1] == 0x0D


def test_messaging_keeps_nobody_out_where_the_maker_ignores_it() -> None:
    entry = {"users": {2: {"name": "admin", "password": "secret", "messaging": False}}}
    client = Client(make_bmc(entry, protocol={"messaging_off_blocks": False}))
    client.open()
    assert client.rakp1()[1] == 0


@pytest.mark.parametrize(("mode", "on", "status"), [(0, False, 0x0D), (1, True, 0x0D), (1, False, 0), (3, True, 0)])
def test_channel_access_mode(mode: int, on: bool, status: int) -> None:
    bmc = make_bmc({"power": "on" if on else "off"})
    bmc.state.channels[1].volatile.mode = mode
    client = Client(bmc)
    client.open()
    assert client.rakp1()[1] == status


def test_the_channels_privilege_limit() -> None:
    bmc = make_bmc()
    bmc.state.channels[1].volatile.privilege_limit = 3
    client = Client(bmc)
    client.open()
    assert client.rakp1(privilege=4)[1] == 0x0A
    client.login(privilege=3)


def test_a_session_starts_as_user_and_is_raised() -> None:
    client = Client(make_bmc()).login(privilege=4, raise_to=0)
    assert client.ask("06/3B", "00") == "00 02"
    assert client.ask("00/02", "01") == "d4"
    assert client.ask("06/3B", "04") == "00 04"
    assert client.ask("00/02", "01") == "00"


def bad_login(client: Client, name: bytes = ADMIN) -> int:
    client.open()
    status = client.rakp1(name)[1]
    if status == 0:
        answer = client.rakp3(b"wrong")
        assert answer is not None
        status = answer[1]
    return status


def with_policy(threshold: int, reset: int, lockout: int) -> Client:
    client = Client(make_bmc())
    policy = client.bmc.state.lan[1].bad_password
    policy.threshold, policy.reset_interval, policy.lockout_interval = threshold, reset, lockout
    return client


def test_lockout_after_bad_passwords_and_its_end() -> None:
    client = with_policy(3, 6, 30)
    assert [bad_login(client) for _unused in range(4)] == [0x0F, 0x0F, 0x0F, 0x0D]
    client.bmc.clock.advance(299)
    assert bad_login(client) == 0x0D
    client.bmc.clock.advance(2)
    client.login()


def test_a_good_password_ends_the_count() -> None:
    client = with_policy(3, 0, 30)
    bad_login(client)
    bad_login(client)
    client.login()
    assert [bad_login(client), bad_login(client)] == [0x0F, 0x0F]
    client.login()


def test_the_reset_interval_ends_the_count() -> None:
    client = with_policy(2, 6, 30)
    bad_login(client)
    client.bmc.clock.advance(61)
    bad_login(client)
    client.login()


def test_without_lockout_interval_the_lock_stays() -> None:
    client = with_policy(1, 0, 0)
    bad_login(client)
    client.bmc.clock.advance(1e6)
    assert bad_login(client) == 0x0D


def test_a_console_that_reports_a_bad_check_value_counts_too() -> None:
    client = with_policy(1, 0, 30)
    client.open()
    client.rakp1()
    assert client.rakp3(status=0x0F) is None
    assert bad_login(client) == 0x0D


def test_the_session_limit_of_a_user() -> None:
    client = Client(make_bmc())
    client.bmc.state.users[2].access[1].session_limit = 1
    client.login()
    client.open()
    assert client.rakp1()[1] == 0x01


def test_sessionless_commands_in_both_kinds_of_packet() -> None:
    client = Client(make_bmc())
    message = client.message("06/54", "0e 00 80")
    answer = client.plain(0, message)
    assert answer is not None
    assert answer[6:9] == b"\x00\x01\xc0"
    old = b"\x06\x00\xff\x07" + struct.pack("<BI4s", 0, 0, bytes(4))
    for command, data in (("06/54", "0e 00 80"), ("06/37", ""), ("06/38", "8e 04")):
        message = client.message(command, data)
        answer = client.exchange(old + bytes((len(message),)) + message)
        assert answer is not None
        assert answer[20] == 0


def test_other_commands_need_a_session() -> None:
    client = Client(make_bmc())
    answer = client.plain(0, client.message("06/01"))
    assert answer is not None
    assert answer[6] == 0xD4


def test_ping_pong() -> None:
    client = Client(make_bmc())
    answer = client.exchange(bytes.fromhex("0600ff06 000011be 80 2a 00 00"))
    assert answer is not None
    assert answer.hex() == "0600ff06000011be402a0010000011be000000008100000000000000"


def test_acknowledgements_are_ignored() -> None:
    client = Client(make_bmc())
    assert client.exchange(bytes.fromhex("06000187")) is None
    assert client.exchange(bytes.fromhex("0600018700")) is None


def test_rakp_messages_whose_answers_got_lost() -> None:
    """Asked again, with another tag as well, the answers are the same and open one session."""
    client = Client(make_bmc())
    client.open()
    first = client.rakp1()
    assert client.rakp1() == first
    assert client.shake is not None
    request = bytes(4) + client.bmc_id + client.shake.rakp3_code(PASSWORD)
    answers = [client.plain(0x14, bytes((tag,)) + request[1:]) for tag in (3, 3, 4)]
    assert all(answer is not None and answer[1] == 0 for answer in answers)
    assert len({(answer or b"")[1:] for answer in answers}) == 1
    assert len(client.bmc.sessions) == 1


def test_another_rakp_3_after_the_first() -> None:
    client = Client(make_bmc()).login()
    answer = client.rakp3(b"other")
    assert answer is not None
    assert answer[1] == 0x02
    assert len(client.bmc.sessions) == 1

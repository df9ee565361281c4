# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPMI 1.5 sessions."""

from __future__ import annotations

import pytest

from tests.unit.simulator.client import OldClient, make_bmc


@pytest.mark.parametrize("auth_type", [2, 4])
def test_login_and_a_request(auth_type: int) -> None:
    client = OldClient(make_bmc(), auth_type)
    answer = client.login()
    assert answer is not None
    assert answer[0] == 0
    assert client.last_sequence == 1000  # the first that the console asked for
    assert client.ask("06/3B", b"\x04") == b"\x00\x04"
    assert client.last_sequence == 1001
    device = client.ask("06/01")
    assert device is not None
    assert device[:2] == b"\x00\x20"
    assert [session.kind for session in client.bmc.sessions] == ["1.5"]


def test_type_none_where_the_bmc_has_it() -> None:
    lan = {"auth_support": 0x15, "auth_enables": [0x15] * 5}
    client = OldClient(make_bmc(lan=lan), 0)
    answer = client.login()
    assert answer is not None
    assert answer[0] == 0


def test_type_that_is_not_supported() -> None:
    assert OldClient(make_bmc(), 0).challenge() == b"\xcc"


def test_unknown_user() -> None:
    assert OldClient(make_bmc()).challenge(b"nobody") == b"\x81"


def test_null_user_who_is_disabled() -> None:
    assert OldClient(make_bmc()).challenge(b"") == b"\x82"


def test_wrong_password_is_dropped_and_counted() -> None:
    bmc = make_bmc()
    bmc.state.lan[1].bad_password.threshold = 2
    for _unused in range(2):
        assert OldClient(bmc, password=b"wrong").login() is None
    assert OldClient(bmc).challenge() == b"\x81"


def test_a_20_byte_password_is_of_no_use() -> None:
    entry = {"users": {2: {"name": "admin", "password": "secret", "password_size": 20}}}
    assert OldClient(make_bmc(entry)).login() is None


@pytest.mark.parametrize(("privilege", "limit", "code"), [(4, "operator", 0x86), (5, "administrator", 0x86), (3, "operator", 0)])
def test_privilege(privilege: int, limit: str, code: int) -> None:
    entry = {"users": {2: {"name": "admin", "password": "secret", "privilege": limit}}}
    answer = OldClient(make_bmc(entry)).login(privilege=privilege)
    assert answer is not None
    assert answer[0] == code


def test_no_slot() -> None:
    answer = OldClient(make_bmc(protocol={"session_slots": 0})).login()
    assert answer == b"\x81"


def test_a_bmc_without_ipmi_15() -> None:
    assert OldClient(make_bmc(protocol={"ipmi15": False})).challenge() == b"\xd5"


def test_wrong_code_and_repeated_packet_are_dropped() -> None:
    client = OldClient(make_bmc())
    client.login()
    assert client.send("06/01", b"") is not None
    assert client.send("06/01", b"") is None
    client.sequence += 1
    client.password = b"wrong"
    assert client.send("06/01", b"") is None


def test_unsigned_packets_where_per_message_authentication_is_off() -> None:
    bmc = make_bmc()
    bmc.state.channels[1].volatile.per_message_auth = False
    client = OldClient(bmc)
    answer = client.login()
    assert answer is not None
    assert answer[1] == 0
    assert client.ask("06/01") is not None


def test_unsigned_packets_where_it_is_on() -> None:
    client = OldClient(make_bmc())
    client.login()
    assert client.send("06/01", b"", auth_type=0) is None


def test_an_activation_whose_answer_got_lost() -> None:
    client = OldClient(make_bmc())
    made = client.challenge()
    client.session_id = made[1:5]
    request = b"\x02\x04" + made[5:21] + bytes((1, 0, 0, 0))
    first, again = client.send("06/3A", request), client.send("06/3A", request)
    assert first is not None
    assert first == again
    assert client.send("06/3A", b"\x02\x03" + request[2:]) == b"\x85"
    assert len(client.bmc.sessions) == 1

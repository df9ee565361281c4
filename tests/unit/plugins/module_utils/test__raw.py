# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that the user has put together."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bridge
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import AnswerLost, BadOption, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._raw import RawAnswer, Request, number, parse_data, send
from tests.unit.plugins.scripted import DROPPED, Scripted

LEFT_OUT: t.Final = {"data": None, "lun": "0", "accept": [], "changes": None, "target_address": None, "target_channel": "0"}


def request(netfn: t.Any = 0x30, command: t.Any = 0x70, **options: t.Any) -> Request:
    return Request.from_params({**LEFT_OUT, "netfn": netfn, "command": command, **options})


@pytest.mark.parametrize(("given", "value"), [("6", 6), ("0x06", 6), (6, 6), ("0X3e", 62), (" 0x0a ", 10), ("010", 10)])
def test_numbers_are_as_ipmitool_takes_them(given: t.Any, value: int) -> None:
    assert number("netfn", given, 0x3F) == value


@pytest.mark.parametrize("given", ["", "0x", "a", "0xg", "-1", "64", "1.5", "app"])
def test_what_is_no_number(given: str) -> None:
    with pytest.raises(BadOption, match="^netfn: "):
        number("netfn", given, 0x3F)


@pytest.mark.parametrize(
    ("given", "data"),
    [
        (None, b""),
        ("", b""),
        ([], b""),
        ("01 0a", b"\x01\x0a"),
        ("010a", b"\x01\x0a"),
        ("0x01 0x0a", b"\x01\x0a"),
        ("0x1,0xa", b"\x01\x0a"),
        ("DC 00 10", b"\xdc\x00\x10"),
        ([1, 10, "0x10", "16", 255], b"\x01\x0a\x10\x10\xff"),
    ],
)
def test_data(given: t.Any, data: bytes) -> None:
    assert parse_data(given) == data


@pytest.mark.parametrize("given", ["1", "0x123", "geheim", [256], [-1], ["geheim"], [True], [[1]], [1.5], 10, {"a": 1}])
def test_what_is_no_data_is_refused_and_not_repeated(given: t.Any) -> None:
    with pytest.raises(BadOption, match="^data: ") as caught:
        parse_data(given)
    assert "geheim" not in str(caught.value) and "256" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"netfn": 7}, "netfn: 0x07 is odd.*0x06"),
        ({"command": 256}, "command: 256 must be 0 to 255"),
        ({"lun": "4"}, "lun: '4' must be 0 to 3"),
        ({"accept": ["0x1c1"]}, "accept: "),
        ({"target_address": "256"}, "target_address: "),
        ({"target_address": "0x30", "target_channel": "16"}, "target_channel: "),
        ({"netfn": 6, "command": "0x3a"}, "session belongs to the module"),
        ({"netfn": 6, "command": "0x3b"}, "session belongs to the module"),
    ],
)
def test_what_cannot_be(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadOption, match=message):
        request(**options)


def test_bytes_go_out_and_come_back() -> None:
    bmc = Scripted().on("30/70 0C 01", "00 04 FF")
    assert send(bmc.bmc(), request(data="0c 01")) == RawAnswer(0, b"\x04\xff")
    assert bmc.written == ["30/70 0C 01"]


def test_a_refusal_has_what_a_playbook_looks_at() -> None:
    bmc = Scripted().on("06/58", "82")
    with pytest.raises(CompletionError, match="Set System Info Parameters .06/58. was refused.*0x82 .parameter is read only") as caught:
        send(bmc.bmc(), request(6, 0x58, data="73 65 63 72 65 74"))
    assert caught.value.facts() == {
        "reason": "refused",
        "command": "Set System Info Parameters (06/58)",
        "completion_code": "0x82",
        "code": 0x82,
        "meaning": "parameter is read only",
    }
    assert "73" not in str(caught.value) and "secret" not in str(caught.value)


@pytest.mark.parametrize("code", ["C1", "80", "C3", "FF"])
def test_an_accepted_code_is_an_answer(code: str) -> None:
    bmc = Scripted().on("30/70", f"{code} 05")
    assert send(bmc.bmc(), request(accept=[f"0x{code}"])) == RawAnswer(int(code, 16), b"\x05")
    assert len(bmc.asked) == 1


def test_busy_is_waited_out_unless_it_is_accepted() -> None:
    bmc = Scripted().on("30/70", "00").once("30/70", "C0")
    assert send(bmc.bmc(), request()).code == 0
    bmc.once("30/70", "C0")
    assert send(bmc.bmc(), request(accept=["0xc0"])).code == 0xC0


def test_only_what_reads_is_repeated() -> None:
    bmc = Scripted().on("30/70", "00").once("30/70", DROPPED)
    with pytest.raises(AnswerLost):
        send(bmc.bmc(), request())
    send(bmc.bmc(), request(changes=False))
    assert [resend for _patience, resend in bmc.patience] == [False, True]


def test_a_request_is_passed_on() -> None:
    bmc = Scripted().on("06/01", "00")
    send(bmc.bmc(), request(6, 1, target_address="0x30", target_channel="7"))
    assert bmc.bridges == [Bridge(0x30, 7)]
    # To another controller, these are none of this session's business.
    assert request(6, 0x3B, target_address="0x30").bridge == Bridge(0x30, 0)


@pytest.mark.parametrize("session", ["01 00 00 00", "00 00 00 00 01"])
def test_its_own_session_is_not_closed(session: str) -> None:
    bmc = Scripted().on("06/3C", "00")
    with pytest.raises(BadOption, match="the session that this goes over"):
        send(bmc.bmc(), request(6, 0x3C, data=session))
    send(bmc.bmc(), request(6, 0x3C, data="02 00 00 00"))
    assert bmc.asked == ["06/3C 02 00 00 00"]


def test_the_bytes_are_shown_nowhere() -> None:
    assert "geheim" not in repr(request(data=list(b"geheim")))

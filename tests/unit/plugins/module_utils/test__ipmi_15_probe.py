# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Beginning a login of IPMI 1.5, against a BMC that answers as a script says."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _ipmi_15_probe
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NameNotResolved, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi_15_probe import outcome, probe_15

_CAPABILITIES, _CHALLENGE = 0x38, 0x39
#: IPMI 1.5 and 2.0; MD5 and PASSWORD.
TOLD: t.Final = bytes.fromhex("01 94 04 03 00 00 00 00")
#: What a BMC makes of a command and its data: completion code and data; None: nothing.
Script = t.Callable[[int, bytes], "bytes | None"]


def checksum(data: bytes) -> bytes:
    return bytes([-sum(data) & 0xFF])


class Fake:
    """A BMC that answers messages outside a session."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[tuple[int, bytes]] = []
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self.port = self._sock.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            packet, sender = self._sock.recvfrom(512)
            if not packet:
                return
            message = packet[14:]
            self.asked.append((message[5], message[6:-1]))
            answer = self.script(*self.asked[-1])
            if answer is not None:
                head, body = b"\x81\x1c", b"\x20" + message[4:6] + answer
                whole = head + checksum(head) + body + checksum(body)
                self._sock.sendto(packet[:13] + bytes([len(whole)]) + whole, sender)

    def stop(self) -> None:
        """End the thread."""
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
            sender.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(10)
        self._sock.close()
        assert not self._thread.is_alive()


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[t.Callable[[Script], Fake]]:
    monkeypatch.setattr(_ipmi_15_probe, "_FIRST_RESEND", 0.02)
    running: list[Fake] = []

    def build(script: Script) -> Fake:
        running.append(Fake(script))
        return running[-1]

    yield build
    for fake in running:
        fake.stop()


def test_challenges_and_refusals_are_told_apart(start: t.Callable[[Script], Fake]) -> None:
    def script(command: int, data: bytes) -> bytes:
        if command == _CAPABILITIES:
            return b"\x00" + TOLD
        return b"\x00" + bytes(20) if data[0] == AuthType.MD5 else b"\xcc"

    bmc = start(script)
    login = probe_15("127.0.0.1", bmc.port, "admin", 10)
    assert login.granted == [AuthType.MD5] and login.answers
    assert login.codes == {AuthType.NONE: 0xCC, AuthType.MD2: 0xCC, AuthType.MD5: 0, AuthType.PASSWORD: 0xCC, AuthType.OEM: 0xCC}
    assert login.capabilities is not None and login.capabilities.auth_types == {AuthType.MD5, AuthType.PASSWORD}


def test_the_name_is_sent_and_each_question_once(start: t.Callable[[Script], Fake]) -> None:
    bmc = start(lambda command, data: b"\xc1")
    assert not probe_15("127.0.0.1", bmc.port, "admin", 10).granted
    assert [command for command, _data in bmc.asked] == [_CAPABILITIES, *[_CHALLENGE] * 5]
    assert {data[1:] for command, data in bmc.asked if command == _CHALLENGE} == {b"admin".ljust(16, b"\0")}


def test_a_silent_bmc_is_asked_again_and_then_left(start: t.Callable[[Script], Fake]) -> None:
    bmc = start(lambda command, data: None)
    login = probe_15("127.0.0.1", bmc.port, "admin", 0.1)
    assert (login.answers, login.granted, login.capabilities) == (False, [], None)
    assert set(login.codes.values()) == {None}
    assert len(bmc.asked) > 6


def test_what_was_answered_is_not_asked_again(start: t.Callable[[Script], Fake]) -> None:
    bmc = start(lambda command, data: None if command == _CAPABILITIES else b"\x81")
    login = probe_15("127.0.0.1", bmc.port, "admin", 0.1)
    assert login.answers and set(login.codes.values()) == {0x81}
    assert [command for command, _data in bmc.asked].count(_CHALLENGE) == 5


def test_capabilities_that_are_cut_short_tell_nothing(start: t.Callable[[Script], Fake]) -> None:
    bmc = start(lambda command, data: b"\x00" + TOLD[:3])
    assert probe_15("127.0.0.1", bmc.port, "", 10).capabilities is None


def test_outcomes_in_words() -> None:
    assert outcome(None) == "no answer"
    assert outcome(0) == "a challenge"
    assert outcome(0x81) == "refused with 0x81 (no such user name)"


def test_a_closed_port_is_unreachable() -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match="IPMI 1.5 could not be asked for"):
        probe_15("127.0.0.1", port, "admin", 1)


def test_a_name_without_an_address() -> None:
    with pytest.raises(NameNotResolved):
        probe_15("a name that cannot be", 623, "admin", 1)


def test_a_name_of_an_account_that_ipmi_cannot_have() -> None:
    with pytest.raises(ValueError, match="cannot store"):
        probe_15("127.0.0.1", 623, "\u03b1", 1)

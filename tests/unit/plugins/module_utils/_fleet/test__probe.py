# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Probes: bytes, and a socket that answers, is closed, or is silent."""

from __future__ import annotations

import socket
import threading
import time
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._fleet import _probe as probe
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Place, Probed
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._probe import Answer, Prober
from tests.stopwatch import stopwatch

#: RMCP, no authentication, sequence 0, session 0, length 9; to 20h, App, checksum; from 81h, 06/38 8E 04, checksum.
ASKED = bytes.fromhex("06 00 FF 07 00 00 00 00 00 00 00 00 00 09 20 18 C8 81 04 38 8E 04 B1")
#: Completion code 0, channel 1, 2.0 data and types none and MD5, Kg set and anonymous login, 1.5 and 2.0, OEM 0.
TOLD = "00 01 85 25 03 00 00 00 00"


def answer(data: str, *, number: int = 1, command: int = 0x38) -> bytes:
    """An answer in an IPMI 1.5 packet."""
    head, body = bytes([0x81, 0x1C]), bytes([0x20, number << 2, command]) + bytes.fromhex(data)
    message = head + bytes([-sum(head) & 0xFF]) + body + bytes([-sum(body) & 0xFF])
    return bytes.fromhex("06 00 FF 07 00 00 00 00 00 00 00 00 00") + bytes([len(message)]) + message


def pong(tag: int = 1) -> bytes:
    return bytes.fromhex("06 00 FF 06 00 00 11 BE 40") + bytes([tag]) + bytes.fromhex("00 10 00 00 11 BE 00 00 00 00 81 00 00 00 00 00 00 00")


class TestBytes:
    """RMCP 13.1.3, 13.2.3, 13.2.4; IPMI 13.6, 22.13."""

    def test_requests(self) -> None:
        assert probe.capabilities_packet() == ASKED
        plain = probe.capabilities_packet(extended=False)
        assert plain[20:22] == b"\x0e\x04" and sum(plain[17:]) & 0xFF == 0
        assert probe.ping_packet(5) == bytes.fromhex("06 00 FF 06 00 00 11 BE 80 05 00 00")

    def test_answers(self) -> None:
        told = probe.read_packet(answer(TOLD))
        assert isinstance(told, probe._Capabilities) and told.code == 0 and told.extended and told.data == bytes.fromhex(TOLD)[1:]
        assert probe.read_packet(pong()) == Probed(pong=True, ipmi_1_5=True)

    @pytest.mark.parametrize(
        "packet",
        [b"", b"\x06\0\xff\x07", ASKED, pong()[:20], b"\x07" + answer(TOLD)[1:], answer(TOLD, command=0x39), answer(TOLD)[:-1] + b"\0", answer(TOLD)[:16]],
    )
    def test_what_is_none(self, packet: bytes) -> None:
        assert probe.read_packet(packet) is None


class Bmc:
    """A socket that answers as its script says."""

    def __init__(self, script: t.Callable[[bytes], t.Iterable[bytes]]) -> None:
        self.heard: list[bytes] = []
        self._script = script
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.place = Place("127.0.0.1", self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while (packet := self._socket.recvfrom(512)) and packet[0] != b"end":
            self.heard.append(packet[0])
            for one in self._script(packet[0]):
                self._socket.sendto(one, packet[1])

    def __enter__(self) -> Bmc:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.sendto(b"end", (self.place.host, self.place.port))
        self._thread.join()
        self._socket.close()


def ask(*places: Place, wait: float = 0.4, rate: float = 5000) -> dict[Place, Answer]:
    found: dict[Place, Answer] = {}

    def report(one: Answer) -> None:
        assert one.place not in found, "reported twice"
        found[one.place] = one

    Prober(report, rate).run([(places, wait)])
    return found


def test_a_bmc_answers() -> None:
    with Bmc(lambda packet: [answer(TOLD), answer(TOLD)]) as bmc:
        found = ask(bmc.place)[bmc.place]
    assert found.probed == Probed(ipmi_1_5=True, ipmi_2_0=True, anonymous_login=True, no_authentication=True, kg_set=True)
    assert bmc.heard == [ASKED]


def test_a_silent_place_is_asked_three_times_and_pinged() -> None:
    with stopwatch() as watch, Bmc(lambda packet: []) as bmc:
        found = ask(bmc.place)[bmc.place]
    assert found.probed is None and not found.closed
    assert bmc.heard.count(ASKED) == 3 and len(bmc.heard) == 5
    assert watch.elapsed > 0.35 and watch.seconds < 2


def test_a_late_answer_counts() -> None:
    def late(packet: bytes) -> list[bytes]:
        time.sleep(0.25)
        return [answer(TOLD)]

    with Bmc(late) as bmc:
        found = ask(bmc.place)[bmc.place]
    assert found.probed is not None and found.seconds > 0.2


def test_a_closed_port_is_known_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        place = Place("127.0.0.1", sock.getsockname()[1])
    with stopwatch() as watch:
        assert ask(place, wait=5)[place].closed
    assert watch.seconds < 2


def test_who_answers_the_ping_alone_has_no_ipmi() -> None:
    with Bmc(lambda packet: [pong()] if packet[3] == 6 else []) as bmc:
        assert ask(bmc.place)[bmc.place].probed == Probed(pong=True)


def test_ipmi_1_5_is_asked_without_the_extension() -> None:
    def old(packet: bytes) -> list[bytes]:
        return [answer("CC")] if packet[20] & 0x80 else [answer("00 01 04 04 00 00 00 00 00", number=2)]

    with Bmc(old) as bmc:
        assert ask(bmc.place)[bmc.place].probed == Probed(ipmi_1_5=True)
        assert len(bmc.heard) == 2


def test_a_refusal_is_reported() -> None:
    with Bmc(lambda packet: [answer("C1")]) as bmc:
        assert ask(bmc.place)[bmc.place].refused == 0xC1


def test_garbage_is_not_an_answer() -> None:
    with Bmc(lambda packet: [b"", b"\x06", packet, answer("00 01")]) as bmc:
        assert ask(bmc.place)[bmc.place].probed is None


def test_another_s_answer_is_not_taken() -> None:
    with Bmc(lambda packet: [answer(TOLD)]) as bmc, Bmc(lambda packet: []) as silent:
        found = ask(bmc.place, silent.place)
        assert found[bmc.place].probed is not None and found[silent.place].probed is None


def test_the_rate_is_kept() -> None:
    places = [Place(f"127.77.0.{number}", 6999) for number in range(1, 101)]
    with stopwatch() as watch:
        assert len(ask(*places, rate=200, wait=0.2)) == 100
    assert watch.elapsed > 0.4 and watch.seconds < 3


def test_a_place_given_twice_is_asked_once() -> None:
    with Bmc(lambda packet: [answer(TOLD)]) as bmc:
        assert len(ask(bmc.place, bmc.place)) == 1
        assert bmc.heard == [ASKED]


def test_ipv6() -> None:
    place = Place("::1", 6998)
    assert ask(place, wait=0.3)[place].probed is None

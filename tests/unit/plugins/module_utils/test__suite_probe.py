# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which suites a BMC takes, asked of one that follows a script."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _suite_probe
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NameNotResolved, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import Opening, Prober, Verdict, probe
from tests.stopwatch import stopwatch

_OPEN = 0x10
#: What the BMC makes of a request: its answers, by the number of the algorithms.
Script = t.Callable[[tuple[int, ...], bytes], list[bytes]]


def response(request: bytes, status: int = 0, *, privilege: int = 4, chosen: bytes | None = None) -> bytes:
    """An Open Session Response to the request's payload."""
    payload = request[:1] + bytes([status, privilege, 0]) + request[4:8]
    if status == 0:
        payload += b"\x44\x33\x22\x11" + (chosen or request[8:32])
    return bytes.fromhex("06 00 FF 07 06 11") + bytes(8) + len(payload).to_bytes(2, "little") + payload


class Fake:
    """A BMC that answers Open Session as `script` says."""

    def __init__(self, script: Script, host: str = "127.0.0.1") -> None:
        self.script = script
        self.asked: list[bytes] = []
        self.others: list[bytes] = []
        self._sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind((host, 0))
        self.host, self.port = host, self._sock.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            packet, sender = self._sock.recvfrom(512)
            if not packet:
                return
            payload = packet[16:]
            if packet[5] != _OPEN:
                self.others.append(packet)
                continue
            self.asked.append(payload)
            for answer in self.script((payload[12], payload[20], payload[28]), payload):
                self._sock.sendto(answer, sender)

    def stop(self) -> None:
        """End the thread."""
        with contextlib.closing(socket.socket(self._sock.family, socket.SOCK_DGRAM)) as sender:
            sender.sendto(b"", (self.host, self.port))
        self._thread.join(10)
        self._sock.close()
        assert not self._thread.is_alive()


@pytest.fixture
def start() -> t.Iterator[t.Callable[..., Fake]]:
    running: list[Fake] = []

    def build(script: Script, host: str = "127.0.0.1") -> Fake:
        running.append(Fake(script, host))
        return running[-1]

    yield build
    for fake in running:
        fake.stop()


def takes(*suites: tuple[int, ...]) -> Script:
    """Accepts these algorithms and refuses all others."""
    return lambda asked, request: [response(request, 0 if asked in suites else 0x11)]


def test_accepted_and_refused(start: t.Callable[..., Fake]) -> None:
    bmc = start(takes((1, 1, 1)))
    found = probe(bmc.host, bmc.port, [3, 17], 10)
    assert found == {3: Verdict(Opening.ACCEPTED, 0, 4), 17: Verdict(Opening.REFUSED, 0x11)}
    assert [verdict.opens for verdict in found.values()] == [True, False]
    assert str(found[17]) == "0x11 (no cipher suite match)"


def test_it_goes_over_ipv6(start: t.Callable[..., Fake]) -> None:
    bmc = start(takes((0, 0, 0)), "::1")
    assert probe(bmc.host, bmc.port, [0], 10)[0].opens is True


def test_nothing_is_sent_but_the_question(start: t.Callable[..., Fake]) -> None:
    # A message out of turn brings some BMCs down.
    bmc = start(takes((1, 1, 1), (3, 4, 1)))
    probe(bmc.host, bmc.port, [3, 17, 8], 10)
    assert len(bmc.asked) == 3 and bmc.others == []


def test_each_question_has_its_own_tag_and_session_id(start: t.Callable[..., Fake]) -> None:
    bmc = start(takes())
    probe(bmc.host, bmc.port, [1, 2, 3], 10)
    assert len({request[0] for request in bmc.asked}) == len({request[4:8] for request in bmc.asked}) == 3


@pytest.mark.parametrize("status", [0x04, 0x05, 0x06, 0x07, 0x0A, 0x10, 0x11, 0x12])
def test_what_counts_as_refused(start: t.Callable[..., Fake], status: int) -> None:
    bmc = start(lambda asked, request: [response(request, status)])
    assert probe(bmc.host, bmc.port, [3], 10)[3] == Verdict(Opening.REFUSED, status)


@pytest.mark.parametrize("status", [0x02, 0x08, 0x09])
def test_what_says_nothing_about_the_suite(start: t.Callable[..., Fake], status: int) -> None:
    bmc = start(lambda asked, request: [response(request, status)])
    assert probe(bmc.host, bmc.port, [3], 10)[3].opens is None


def test_a_full_bmc_is_asked_again_and_then_tells(start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suite_probe, "_SLOT_PAUSE", 0.01)
    statuses = iter([0x01, 0x0B, 0x11])
    bmc = start(lambda asked, request: [response(request, next(statuses))])
    assert probe(bmc.host, bmc.port, [3], 10)[3] == Verdict(Opening.REFUSED, 0x11)
    assert len({request[4:8] for request in bmc.asked}) == 3


def test_a_bmc_that_stays_full_refuses_nothing(start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suite_probe, "_SLOT_PAUSE", 0.01)
    bmc = start(lambda asked, request: [response(request, 0x01)])
    verdict = probe(bmc.host, bmc.port, [3], 0.1)[3]
    assert (verdict.opening, verdict.opens) == (Opening.NO_SLOT, None)
    assert "insufficient resources" in str(verdict)


def test_a_full_bmc_that_is_asked_too_late_to_answer_is_still_called_full(
    start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_suite_probe, "_SLOT_PAUSE", 0.01)
    full = iter([True])
    bmc = start(lambda asked, request: [response(request, 0x01)] if next(full, False) else [])
    assert probe(bmc.host, bmc.port, [3], 1)[3].opening is Opening.NO_SLOT


def test_a_bmc_that_stays_full_is_waited_for_once(start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suite_probe, "_SLOT_PAUSE", 0.01)
    bmc = start(lambda asked, request: [response(request, 0x11 if asked == (0, 0, 0) else 0x01)])
    found = probe(bmc.host, bmc.port, [3, 17, 8, 0], 0.1)
    assert [found[suite].opens for suite in (3, 17, 8, 0)] == [None, None, None, False]
    assert [request[12] for request in bmc.asked][-3:] == [3, 2, 0]


def test_a_lost_request_is_sent_again_as_it_was(start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suite_probe, "_FIRST_RESEND", 0.02)
    lost = iter([True, True])
    bmc = start(lambda asked, request: [] if next(lost, False) else [response(request)])
    assert probe(bmc.host, bmc.port, [3], 10)[3].opens is True
    assert len(bmc.asked) == 3 and len(set(bmc.asked)) == 1


def test_a_suite_that_a_bmc_drops_does_not_cost_the_whole_time(
    start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_suite_probe, "_LEAST_PATIENCE", 0.1)
    monkeypatch.setattr(_suite_probe, "_FIRST_RESEND", 0.02)
    bmc = start(lambda asked, request: [response(request)] if asked == (1, 1, 1) else [])
    # Without an answer to learn from it would be a minute for each.
    found = probe(bmc.host, bmc.port, [3, 17, 8], 60)
    assert [found[suite].opening for suite in (3, 17, 8)] == [Opening.ACCEPTED, Opening.SILENT, Opening.SILENT]
    assert (found[17].opens, str(found[17])) == (None, "no answer")


def test_an_answer_that_is_cut_short_is_malformed(start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suite_probe, "_FIRST_RESEND", 0.02)
    bmc = start(lambda asked, request: [response(request)[:-3]])
    verdict = probe(bmc.host, bmc.port, [3], 0.1)[3]
    assert (verdict.opening, verdict.opens, str(verdict)) == (Opening.MALFORMED, None, "malformed answer")


def test_an_answer_to_an_earlier_question_is_not_taken_for_this_one(start: t.Callable[..., Fake]) -> None:
    last: list[bytes] = []

    def script(asked: tuple[int, ...], request: bytes) -> list[bytes]:
        last.append(request)
        late = [response(last[-2], 0x11)] if len(last) > 1 else []
        return [*late, response(request)]

    bmc = start(script)
    assert [verdict.opens for verdict in probe(bmc.host, bmc.port, [3, 17], 10).values()] == [True, True]


def test_a_bmc_that_chooses_another_suite_has_not_accepted_this_one(start: t.Callable[..., Fake]) -> None:
    strong = bytes.fromhex("00 00 00 08 03 00 00 00 01 00 00 08 04 00 00 00 02 00 00 08 01 00 00 00")
    bmc = start(lambda asked, request: [response(request, chosen=strong)])
    found = probe(bmc.host, bmc.port, [0, 17], 10)
    assert (found[0].opens, str(found[0])) == (False, "answered with another suite")
    assert found[17].opens is True


def test_a_suite_of_a_maker_cannot_be_asked_for(start: t.Callable[..., Fake]) -> None:
    bmc = start(takes())
    verdict = probe(bmc.host, bmc.port, [128], 10)[128]
    assert (verdict.opening, verdict.opens) == (Opening.UNKNOWN_SUITE, None)
    assert bmc.asked == []


def test_a_closed_port_is_unreachable() -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(Unreachable, match="could not be asked for"):
        probe("127.0.0.1", port, [3], 10)


def test_a_name_without_an_address() -> None:
    with pytest.raises(NameNotResolved):
        probe("a name that cannot be", 623, [3], 10)


def test_suites_asked_about_together_cost_one_silence(start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suite_probe, "_LEAST_PATIENCE", 0.2)
    monkeypatch.setattr(_suite_probe, "_FIRST_RESEND", 0.02)
    scripts = {(1, 1, 1): 0, (2, 2, 1): 0x11, (0, 0, 0): 0x01}
    bmc = start(lambda asked, request: [response(request, scripts[asked])] if asked in scripts else [])
    prober = Prober(bmc.host, bmc.port, 60, answered=0.001)
    with stopwatch() as watch:
        found = prober.together([0, 3, 8, 17, 6, 7])
    assert watch.seconds < 1
    assert {suite: verdict.opening for suite, verdict in found.items()} == {
        0: Opening.NO_SLOT,
        3: Opening.ACCEPTED,
        8: Opening.REFUSED,
        **dict.fromkeys((17, 6, 7), Opening.SILENT),
    }
    # What was answered is not asked again.
    assert [(request[12], request[20]) for request in bmc.asked].count((1, 1)) == 1


def test_an_answer_that_is_cut_short_is_malformed_among_others_too(
    start: t.Callable[..., Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_suite_probe, "_FIRST_RESEND", 0.02)
    bmc = start(lambda asked, request: [response(request)[: -3 if asked == (1, 1, 1) else None]])
    found = Prober(bmc.host, bmc.port, 0.1).together([3, 17])
    assert [verdict.opening for verdict in found.values()] == [Opening.MALFORMED, Opening.ACCEPTED]


def test_together_a_closed_port_is_unreachable() -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable):
        Prober("127.0.0.1", port, 10).together([3, 17])

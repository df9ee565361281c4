# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC that follows a script gives away of a password, and how it is asked."""

from __future__ import annotations

import contextlib
import hmac
import socket
import threading
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _rakp_probe
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NameNotResolved, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._rakp_probe import Answer, Outcome, RakpProber

OPEN, RAKP_1 = 0x10, 0x12
BMC_ID = b"\x44\x33\x22\x11"
RANDOM, GUID = bytes(range(16)), bytes(range(16, 32))
#: What the BMC makes of a message: its answers, by the kind of the message.
Script = t.Callable[[int, bytes], list[bytes]]


def packet(kind: int, payload: bytes) -> bytes:
    return bytes([0x06, 0x00, 0xFF, 0x07, 0x06, kind]) + bytes(8) + len(payload).to_bytes(2, "little") + payload


def opened(request: bytes, status: int = 0, suite: bytes | None = None) -> bytes:
    """An Open Session Response to the request's payload."""
    rest = BMC_ID + (suite or request[8:32]) if status == 0 else b""
    return packet(OPEN + 1, request[:1] + bytes([status, 4, 0]) + request[4:8] + rest)


def proved(request: bytes, console_id: bytes, password: bytes, status: int = 0) -> bytes:
    """A RAKP message 2, of SHA-1."""
    head = request[:1] + bytes([status, 0, 0]) + console_id
    if status:
        return packet(RAKP_1 + 1, head)
    who = request[24:25] + request[27:]
    code = hmac.new(password, console_id + request[4:8] + request[8:24] + RANDOM + GUID + who, "sha1").digest()
    return packet(RAKP_1 + 1, head + RANDOM + GUID + code)


class Bmc:
    """A BMC with a password; `script` may take over."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or self.obliging
        self.seen: list[tuple[int, bytes]] = []
        self.console_id = b""
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self.port = int(self._sock.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def obliging(self, kind: int, payload: bytes) -> list[bytes]:
        """As a BMC should."""
        return [opened(payload)] if kind == OPEN else [proved(payload, self.console_id, b"secret")]

    def _serve(self) -> None:
        while True:
            datagram, sender = self._sock.recvfrom(512)
            if not datagram:
                return
            kind, payload = datagram[5], datagram[16:]
            self.seen.append((kind, payload))
            if kind == OPEN:
                self.console_id = payload[4:8]
            for answer in self.script(kind, payload):
                self._sock.sendto(answer, sender)

    @property
    def kinds(self) -> list[int]:
        """The messages that came, by kind."""
        return [kind for kind, _payload in self.seen]

    def stop(self) -> None:
        """End the thread."""
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
            sender.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(10)
        self._sock.close()
        assert not self._thread.is_alive()

    def ask(self, name: bytes = b"admin", timeout: float = 10) -> Answer:
        """Ask it over cipher suite 3."""
        return RakpProber("127.0.0.1", self.port, 3, timeout).ask(name, 4)


@pytest.fixture
def bmc() -> t.Iterator[Bmc]:
    running = Bmc()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_rakp_probe, "_FIRST_RESEND", 0.05)
    monkeypatch.setattr(_rakp_probe, "_LEAST_PATIENCE", 0.2)
    monkeypatch.setattr(_rakp_probe, "_SLOT_PAUSE", 0.01)


def test_the_answer_fits_the_password_and_no_other(bmc: Bmc) -> None:
    answer = bmc.ask()
    assert answer.outcome is Outcome.GIVEN and str(answer) == "answered with RAKP 2"
    assert answer.proof is not None
    assert answer.proof.fits(b"secret") and not answer.proof.fits(b"Secret")


def test_after_rakp_1_nothing_more_is_sent(bmc: Bmc) -> None:
    # A third message would be one that a BMC may count as a failed login.
    bmc.ask()
    assert bmc.kinds == [OPEN, RAKP_1]


def test_the_message_names_the_user_and_is_for_this_session(bmc: Bmc) -> None:
    bmc.ask(b"monitor")
    _kind, payload = bmc.seen[1]
    assert payload[4:8] == BMC_ID
    assert payload[24:] == b"\x14\0\0\x07monitor"
    assert bmc.seen[0][1][12] == 1  # SHA-1


def test_each_user_has_a_session_and_a_random_number_of_its_own(bmc: Bmc) -> None:
    prober = RakpProber("127.0.0.1", bmc.port, 3, 10)
    prober.ask(b"one", 4)
    prober.ask(b"two", 4)
    opens = [payload for kind, payload in bmc.seen if kind == OPEN]
    asked = [payload for kind, payload in bmc.seen if kind == RAKP_1]
    assert len({payload[4:8] for payload in opens}) == 2
    assert len({payload[8:24] for payload in asked}) == 2
    assert len({payload[0] for _kind, payload in bmc.seen}) == 4


@pytest.mark.parametrize("lost", [OPEN, RAKP_1])
def test_a_lost_message_is_sent_again_as_it_was(bmc: Bmc, lost: int) -> None:
    drops = iter([True])
    bmc.script = lambda kind, payload: [] if kind == lost and next(drops, False) else bmc.obliging(kind, payload)
    answer = bmc.ask()
    assert answer.proof is not None and answer.proof.fits(b"secret")
    sent = [payload for kind, payload in bmc.seen if kind == lost]
    assert len(sent) == 2 and len(set(sent)) == 1


@pytest.mark.parametrize(
    ("where", "status", "text"),
    [
        (OPEN, 0x11, "Open Session was refused: 0x11 (no cipher suite match)"),
        (RAKP_1, 0x0D, "RAKP 1 was refused: 0x0D (unauthorized name)"),
        (RAKP_1, 0x09, "RAKP 1 was refused: 0x09 (invalid role)"),
    ],
)
def test_a_refusal_tells_of_what_and_why(bmc: Bmc, where: int, status: int, text: str) -> None:
    def script(kind: int, payload: bytes) -> list[bytes]:
        if kind != where:
            return bmc.obliging(kind, payload)
        return [opened(payload, status)] if kind == OPEN else [proved(payload, bmc.console_id, b"", status)]

    bmc.script = script
    answer = bmc.ask()
    assert (answer.outcome, answer.proof, str(answer)) == (Outcome.REFUSED, None, text)


@pytest.mark.parametrize(("where", "text"), [(OPEN, "no answer to Open Session"), (RAKP_1, "no answer to RAKP 1")])
def test_silence(bmc: Bmc, where: int, text: str) -> None:
    bmc.script = lambda kind, payload: [] if kind == where else bmc.obliging(kind, payload)
    answer = bmc.ask(timeout=0.3)
    assert (answer.outcome, str(answer)) == (Outcome.SILENT, text)


def test_a_user_whom_a_bmc_drops_does_not_cost_the_whole_time(bmc: Bmc) -> None:
    bmc.script = lambda kind, payload: [] if kind == RAKP_1 else bmc.obliging(kind, payload)
    # In a minute it would be asked ten times.
    assert bmc.ask(timeout=60).outcome is Outcome.SILENT
    assert bmc.kinds.count(RAKP_1) <= 4


def test_what_is_cut_short_is_malformed(bmc: Bmc) -> None:
    bmc.script = lambda kind, payload: [answer[:-2] if kind == RAKP_1 else answer for answer in bmc.obliging(kind, payload)]
    assert str(bmc.ask()) == "malformed answer to RAKP 1"


def test_a_full_bmc_is_asked_again_and_then_tells(bmc: Bmc) -> None:
    statuses = iter([0x01, 0x0B])
    bmc.script = lambda kind, payload: (
        [opened(payload, status)] if kind == OPEN and (status := next(statuses, 0)) else bmc.obliging(kind, payload)
    )
    assert bmc.ask().outcome is Outcome.GIVEN
    assert bmc.kinds == [OPEN, OPEN, OPEN, RAKP_1]


def test_a_bmc_that_stays_full_is_waited_for_once(bmc: Bmc, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each answer is one that was asked for anew, and not for being slow.
    monkeypatch.setattr(_rakp_probe, "_FIRST_RESEND", 30.0)
    bmc.script = lambda kind, payload: [opened(payload, 0x01)]
    prober = RakpProber("127.0.0.1", bmc.port, 3, 0.1)
    first = prober.ask(b"one", 4)
    assert (first.outcome, "insufficient resources" in str(first)) == (Outcome.NO_SLOT, True)
    asked = len(bmc.seen)
    assert asked > 1
    assert prober.ask(b"two", 4).outcome is Outcome.NO_SLOT
    assert len(bmc.seen) == asked + 1


def test_another_suite_than_the_one_asked_for_proves_nothing(bmc: Bmc) -> None:
    strong = bytes.fromhex("00 00 00 08 03 00 00 00 01 00 00 08 04 00 00 00 02 00 00 08 01 00 00 00")
    bmc.script = lambda kind, payload: [opened(payload, suite=strong)]
    assert str(bmc.ask()) == "answered with another cipher suite"
    assert bmc.kinds == [OPEN]


def test_an_answer_for_another_session_is_not_taken_for_this_one(bmc: Bmc) -> None:
    def script(kind: int, payload: bytes) -> list[bytes]:
        stray = [proved(payload, b"\x01\x02\x03\x04", b"wrong")] if kind == RAKP_1 else []
        return [*stray, *bmc.obliging(kind, payload)]

    bmc.script = script
    answer = bmc.ask()
    assert answer.proof is not None and answer.proof.fits(b"secret")


def test_a_closed_port_is_unreachable() -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        port = int(sock.getsockname()[1])
    with pytest.raises(Unreachable, match="a login could not be begun"):
        RakpProber("127.0.0.1", port, 3, 10).ask(b"admin", 4)


def test_a_name_without_an_address() -> None:
    with pytest.raises(NameNotResolved):
        RakpProber("a name that cannot be", 623, 3, 10).ask(b"admin", 4)

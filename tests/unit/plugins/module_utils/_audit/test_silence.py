# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Silence about a cipher suite is no refusal where packets get lost on the way."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._suites import Asked
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._way import QUESTIONS, is_clear
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import Opening, Verdict

SILENT, REFUSED, ACCEPTED = (Verdict(Opening.SILENT), Verdict(Opening.REFUSED, 0x11), Verdict(Opening.ACCEPTED, 0))


class Replies:
    """A BMC that answers about each suite as written down, one answer after another."""

    def __init__(self, **answers: list[Verdict]) -> None:
        self.answers = {int(name[1:]): list(verdicts) for name, verdicts in answers.items()}

    def each(self, suites: t.Sequence[int]) -> t.Iterator[tuple[int, Verdict]]:
        for suite in suites:
            yield suite, self.answers[suite].pop(0)

    def together(self, suites: t.Sequence[int]) -> dict[int, Verdict]:
        return dict(self.each(suites))


def ask(replies: Replies, *clear: bool) -> Asked:
    looks = iter(clear)
    asked = Asked(t.cast("t.Any", replies), {}, clear=lambda: next(looks))
    asked.ask([8, 0])
    asked.confirm([0, 8])
    return asked


def test_a_suite_that_is_silent_twice_on_a_clear_way_is_closed() -> None:
    asked = ask(Replies(s0=[SILENT, SILENT], s8=[REFUSED]), True, True)
    assert asked.closed(0) and not asked.unsure([0])


def test_an_answer_that_was_lost_at_first_counts() -> None:
    asked = ask(Replies(s0=[SILENT, ACCEPTED], s8=[REFUSED]), True, True)
    assert asked.opened([0]) == [0] and not asked.closed(0)


@pytest.mark.parametrize("clear", [(False,), (True, False)])
def test_silence_on_a_way_that_loses_packets_says_nothing(clear: tuple[bool, ...]) -> None:
    asked = ask(Replies(s0=[SILENT, SILENT], s8=[REFUSED]), *clear)
    assert not asked.closed(0)
    assert asked.unsure([0, 8]) == {0: "no answer, and packets get lost on the way"}


def test_silence_of_a_bmc_that_answers_no_such_question_says_nothing() -> None:
    asked = ask(Replies(s0=[SILENT], s8=[SILENT]))
    assert set(asked.unsure([0, 8])) == {0, 8}


@contextlib.contextmanager
def answering(times: int) -> t.Iterator[Connection]:
    """A BMC that answers so many questions, the first ones."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)

        def serve() -> None:
            for _number in range(times):
                packet, sender = sock.recvfrom(512)
                body = bytes([0x20, packet[18], 0x38, 0]) + bytes([1, 0x80, 0, 2, 0, 0, 0, 0])
                head = bytes([0x81, 0x07 << 2])
                message = head + bytes([-sum(head) & 0xFF]) + body + bytes([-sum(body) & 0xFF])
                sock.sendto(packet[:13] + bytes([len(message)]) + message, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Connection(host="127.0.0.1", port=sock.getsockname()[1])
        thread.join()


@pytest.mark.parametrize(("answered", "clear"), [(QUESTIONS, True), (QUESTIONS - 1, False), (0, False)])
def test_a_way_is_clear_if_no_question_has_to_be_asked_twice(answered: int, clear: bool) -> None:
    with answering(answered) as connection:
        assert is_clear(connection, 0.3) is clear

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a BMC answers at an address."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._presence import PATIENCE, answers
from tests.stopwatch import stopwatch
from tests.unit.plugins.scripted import CONNECTION


@contextlib.contextmanager
def listening(*replies: bytes) -> t.Iterator[int]:
    """A port of 127.0.0.1 that answers each packet with the next of `replies`, and then with nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def serve() -> None:
            for reply in replies:
                _packet, sender = sock.recvfrom(1024)
                if reply:
                    sock.sendto(reply, sender)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield sock.getsockname()[1]


def at(port: int, host: str = "127.0.0.1") -> bool:
    return answers(replace(CONNECTION, host=host, port=port))


def test_a_bmc_that_answers_is_there() -> None:
    with listening(b"\x06\x00\xff\x07") as port:
        assert at(port) is True


def test_a_lost_packet_is_repeated() -> None:
    with listening(b"", b"\x06\x00\xff\x07") as port:
        assert at(port) is True


def test_something_else_that_answers_is_no_bmc() -> None:
    with listening(b"hello") as port:
        assert at(port) is False


def test_silence_costs_no_more_than_the_patience() -> None:
    with listening() as port:
        with stopwatch() as watch:
            assert at(port) is False
        assert watch.elapsed > PATIENCE * 0.5 and watch.seconds < PATIENCE + 1


def test_a_closed_port_costs_nothing() -> None:
    with listening() as port:
        pass
    with stopwatch() as watch:
        assert at(port) is False
    assert watch.seconds < PATIENCE


def test_a_name_that_nobody_knows_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> t.NoReturn:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert at(623, "bmc.invalid") is False

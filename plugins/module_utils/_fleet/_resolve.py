# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The addresses of many names at once, within a deadline."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
import time
import typing as t

#: Names that are looked up at the same time.
_AT_ONCE: t.Final = 64


def resolve(names: t.Iterable[str], seconds: float) -> dict[str, str | None]:
    """A numeric address for each name, None where there is none or no answer came in time.

    A resolver can hang for long and cannot be interrupted, so its threads are left behind where it does.
    """
    found: dict[str, str | None] = {}
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[str, str | None]] = queue.SimpleQueue()
    for name in dict.fromkeys(names):
        if is_address(name):
            found[name] = name
        else:
            found[name] = None
            waiting.put(name)
    expected = waiting.qsize()
    for _thread in range(min(_AT_ONCE, expected)):
        threading.Thread(target=_look_up, args=(waiting, answers), daemon=True).start()
    deadline = time.monotonic() + seconds
    for _answer in range(expected):
        try:
            name, address = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            _drain(waiting)
            break
        found[name] = address
    return found


def is_address(text: str) -> bool:
    """Whether it is a numeric address, a zone included."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _look_up(waiting: queue.SimpleQueue[str], answers: queue.SimpleQueue[tuple[str, str | None]]) -> None:
    while True:
        try:
            name = waiting.get_nowait()
        except queue.Empty:
            return
        answers.put((name, _address(name)))


def _address(name: str) -> str | None:
    try:
        return str(socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)[0][4][0])
    except (OSError, UnicodeError):
        # No such name, or not a name at all.
        return None


def _drain(waiting: queue.SimpleQueue[str]) -> None:
    while not waiting.empty():
        try:
            waiting.get_nowait()
        except queue.Empty:
            return

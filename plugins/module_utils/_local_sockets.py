# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""UDP ports of the machine that this runs on: whether the program behind a session still lives."""

from __future__ import annotations

import errno
import pathlib
import socket
import typing as t
from dataclasses import dataclass

#: Where Linux lists its UDP sockets; other systems have neither.
_TABLES: t.Final = ("/proc/net/udp", "/proc/net/udp6")


def is_local(address: str) -> bool:
    """Whether an IPv4 address is one of this machine's. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise
            return False
    return True


def open_ports(tables: t.Iterable[str] = _TABLES) -> frozenset[int] | None:
    """UDP ports that any socket of this machine has, whoever owns it; None where the system does not list them."""
    found: set[int] = set()
    listed = False
    for table in tables:
        try:
            lines = pathlib.Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            # A machine without IPv6 has one of the two; one without /proc has none.
            continue
        listed = True
        # The second column is the local end, "0100007F:1A0B".
        found.update(int(line.split()[1].rpartition(":")[2], 16) for line in lines)
    return frozenset(found) if listed else None


@dataclass(frozen=True)
class Machine:
    """The machine that this runs on, as far as sessions are concerned."""

    is_local: t.Callable[[str], bool] = is_local
    open_ports: t.Callable[[], frozenset[int] | None] = open_ports


__all__ = ["Machine", "is_local", "open_ports"]

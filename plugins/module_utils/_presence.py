# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Whether a BMC answers at an address, asked without an account.

For many addresses at once there is the prober of `_fleet/`; this is for one, before a BMC moves there.
"""

from __future__ import annotations

import contextlib
import socket
import time
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._probe import capabilities_packet

#: Seconds that a BMC gets to answer, and how often it is asked in that time.
PATIENCE = 1.0
_TIMES = 3


def answers(place: Connection) -> bool:
    """Whether anybody speaks IPMI at the host and port of `place`. A name that cannot be resolved does not."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_DGRAM)[0]
    except socket.gaierror:
        return False
    with socket.socket(family, kind, protocol) as sock:
        return any(_asked_once(sock, address) for _attempt in range(_TIMES))


def _asked_once(sock: socket.socket, address: t.Any) -> bool:
    until = time.monotonic() + PATIENCE / _TIMES
    # Nothing there may also show as an error of the socket: "connection refused", "no route to host".
    with contextlib.suppress(OSError):
        sock.connect(address)
        sock.send(capabilities_packet())
        while (left := until - time.monotonic()) > 0:
            sock.settimeout(left)
            if sock.recv(1024)[:1] == b"\x06":
                return True
    return False

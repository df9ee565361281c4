# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Whether packets to a BMC and back get lost, so that silence can be told from loss."""

from __future__ import annotations

import select
import socket
import time
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import PRESENT_CHANNEL, auth_capabilities_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHANNEL_AUTH_CAPABILITIES
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_15 import answer_in, request_packet
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import connected

#: How many questions must be answered, each at its first sending.
QUESTIONS: t.Final = 4
_LONGEST_DATAGRAM: t.Final = 512


def is_clear(connection: Connection, patience: float) -> bool:
    """Whether the BMC answers each of some questions that every client asks before its login, none of them asked twice.

    They take no slot. `patience` is seconds for each. Raises NameNotResolved, Unreachable.
    """
    with connected(connection.host, connection.port) as sock:
        return all(_answers(sock, number, patience) for number in range(1, QUESTIONS + 1))


def _answers(sock: socket.socket, number: int, patience: float) -> bool:
    data = auth_capabilities_request(PRESENT_CHANNEL, Privilege.USER)
    until = time.monotonic() + patience
    try:
        sock.send(request_packet(GET_CHANNEL_AUTH_CAPABILITIES, data, number))
        while select.select([sock], [], [], max(0.0, until - time.monotonic()))[0]:
            answer = answer_in(sock.recv(_LONGEST_DATAGRAM), GET_CHANNEL_AUTH_CAPABILITIES)
            if answer is not None and answer.number == number:
                return True
    except OSError as error:
        raise Unreachable(f"the way to the BMC could not be tried: {error.strerror or error}") from None
    return False

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Messages in IPMI 1.5 packets outside a session (IPMI 2.0, 13.6 and 13.8), whole packets.

They need no account: Get Channel Authentication Capabilities (22.13), and Get Session Challenge (22.16),
with which a login of IPMI 1.5 begins.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import Command
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import MASK_TYPES, AuthType
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import in_range, padded

#: RMCP header (13.1.3): version 1.0, reserved, sequence FFh: no acknowledge wanted, class IPMI.
_RMCP_IPMI: t.Final = b"\x06\x00\xff\x07"
#: The low bits of the fourth byte are the class.
_CLASS: t.Final = 0x1F
#: Authentication type none, session sequence 0, session ID 0.
_NO_SESSION: t.Final = bytes(9)
_START: t.Final = len(_RMCP_IPMI) + len(_NO_SESSION) + 1
_BMC, _REMOTE_CONSOLE = 0x20, 0x81
#: Two bytes of addressing and a checksum, four bytes and the completion code, a checksum.
_SHORTEST: t.Final = 8
_NAME: t.Final = 16


def request_packet(command: Command, data: bytes, number: int) -> bytes:
    """A request. `number`, 0 to 63, comes back in the answer. Raises ValueError."""
    in_range(number, 0, 0x3F, "the sequence number")
    head = bytes([_BMC, command.net_fn << 2 | command.lun])
    body = bytes([_REMOTE_CONSOLE, number << 2, command.code]) + data
    message = head + _checksum(head) + body + _checksum(body)
    return _RMCP_IPMI + _NO_SESSION + bytes([len(message)]) + message


def _checksum(data: bytes) -> bytes:
    return bytes([-sum(data) & 0xFF])


@dataclass(frozen=True)
class Answer:
    """An answer outside a session."""

    number: int  #: of the request
    code: int  #: the completion code
    data: bytes  #: behind the completion code


def answer_in(packet: bytes, command: Command) -> Answer | None:
    """The answer to `command` in a packet; None for any other packet, and for a damaged one."""
    if len(packet) < _START or packet[:1] != _RMCP_IPMI[:1] or packet[3] & _CLASS != _RMCP_IPMI[3] or packet[4] != AuthType.NONE:
        return None
    message = packet[_START : _START + packet[_START - 1]]
    if len(message) < _SHORTEST or message[5] != command.code or message[1] >> 2 != command.net_fn | 1:
        return None
    if sum(message[:3]) & 0xFF or sum(message[3:]) & 0xFF:
        return None
    return Answer(message[4] >> 2, message[6], bytes(message[7:-1]))


def challenge_request(auth_type: AuthType, name: str) -> bytes:
    """Data of Get Session Challenge (22.16): authentication type 3:0; user name, 16 bytes. Raises ValueError."""
    if auth_type not in MASK_TYPES:
        raise ValueError(f"no challenge is given for authentication type {int(auth_type)}")
    return bytes([auth_type]) + padded(name, _NAME)

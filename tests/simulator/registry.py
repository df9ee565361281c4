# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of commands: handlers register themselves, `dispatch` finds and guards them.

Network function numbers are those of the request (even). A handler gets the request's data
bytes and returns the response's data bytes after the completion code 00; it refuses by raising
`Completion`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bmc import Bmc
    from .protocol.session import Session

INVALID_COMMAND = 0xC1
WRONG_LENGTH = 0xC7
INSUFFICIENT_PRIVILEGE = 0xD4


class Privilege(IntEnum):
    """Privilege levels (IPMI table 6-1 and the commands that carry them)."""

    UNSPECIFIED = 0
    CALLBACK = 1
    USER = 2
    OPERATOR = 3
    ADMINISTRATOR = 4
    OEM = 5
    NO_ACCESS = 15


class Completion(Exception):
    """A handler refuses the request with this completion code (IPMI table 5-2)."""

    def __init__(self, code: int, data: bytes = b"") -> None:
        super().__init__(f"completion code {code:02X}h")
        self.code = code
        self.data = data  # bytes that follow the code; most refusals have none


@dataclass(frozen=True)
class Context:
    """What a handler may know about the request."""

    bmc: Bmc
    session: Session | None  # None: outside a session
    channel: int  # the channel that the request came over
    peer: tuple[str, int] = ("", 0)  # address and port of the console


Handler = Callable[[Context, bytes], bytes]


@dataclass(frozen=True)
class Registered:
    """A handler with what it takes to reach it."""

    handler: Handler
    privilege: Privilege
    sessionless: bool


HANDLERS: dict[tuple[int, int], Registered] = {}


def command(
    netfn: int,
    cmd: int,
    *,
    privilege: Privilege = Privilege.USER,
    sessionless: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler; `privilege` is the lowest that may call it, `sessionless` needs none."""

    def register(handler: Handler) -> Handler:
        if (netfn, cmd) in HANDLERS:
            raise ValueError(f"command {netfn:02X}/{cmd:02X} is registered twice")
        HANDLERS[netfn, cmd] = Registered(handler, privilege, sessionless)
        return handler

    return register


def need(data: bytes, *lengths: int) -> bytes:
    """Return `data` if its length is one of `lengths`; else refuse with C7."""
    if len(data) not in lengths:
        raise Completion(WRONG_LENGTH)
    return data


def need_at_least(data: bytes, length: int) -> bytes:
    """Return `data` if it has `length` bytes or more; else refuse with C7."""
    if len(data) < length:
        raise Completion(WRONG_LENGTH)
    return data


def dispatch(ctx: Context, netfn: int, cmd: int, data: bytes) -> bytes:
    """Run a request: completion code + data.

    C1 where neither the program nor the personality has the command (or the code that the
    personality gives for it), D4 where the session's privilege does not reach or the channel's
    firewall has the command disabled.
    """
    refused = ctx.bmc.personality.refused_command(netfn, cmd)
    if refused is not None:
        return bytes((refused,))
    entry = HANDLERS.get((netfn, cmd))
    if entry is None:
        return bytes((INVALID_COMMAND,))
    if not _allowed(ctx, netfn, cmd, entry) or _firewalled(ctx, netfn, cmd):
        return bytes((INSUFFICIENT_PRIVILEGE,))
    try:
        return b"\x00" + entry.handler(ctx, data)
    except Completion as refusal:
        return bytes((refusal.code,)) + refusal.data


def _allowed(ctx: Context, netfn: int, cmd: int, entry: Registered) -> bool:
    if entry.sessionless:
        return True
    if ctx.session is None:
        return False
    lowest = ctx.bmc.personality.command_privilege(netfn, cmd, entry.privilege)
    return ctx.session.privilege >= lowest


def _firewalled(ctx: Context, netfn: int, cmd: int) -> bool:
    """Has the firmware firewall disabled the command on this channel?"""
    firewall = ctx.bmc.state.firewall
    return bool(firewall) and cmd in firewall.get(ctx.channel, {}).get(netfn, ())

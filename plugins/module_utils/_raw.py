# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Requests that the user has put together.

Their bytes may hold a secret, so neither they nor a part of them reach a result or a message.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc, Bridge
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import CLOSE_SESSION, SET_SESSION_PRIVILEGE, Command
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import meaning
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._known import command_of

#: Activate Session and Set Session Privilege Level: the session is this collection's own business.
_OF_THE_SESSION: t.Final = frozenset({(0x06, 0x3A), (SET_SESSION_PRIVILEGE.net_fn, SET_SESSION_PRIVILEGE.code)})


@dataclass(frozen=True)
class Request:
    """One request, and what is known of it."""

    command: Command
    data: bytes = field(repr=False)
    accept: frozenset[int]
    bridge: Bridge | None = None

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any]) -> Request:
        """Check the options. Raises BadOption, without the data."""
        net_fn = number("netfn", params["netfn"], 0x3F)
        if net_fn & 1:
            raise BadOption(f"netfn: 0x{net_fn:02X} is odd, which is an answer's; the request's is 0x{net_fn - 1:02X}")
        code, lun = number("command", params["command"], 0xFF), number("lun", params["lun"], 3)
        data = parse_data(params["data"])
        accept = frozenset(number("accept", entry, 0xFF) for entry in params["accept"] or [])
        bridge = None
        if params["target_address"] is not None:
            bridge = Bridge(number("target_address", params["target_address"], 0xFF), number("target_channel", params["target_channel"], 15))
        elif (net_fn, code) in _OF_THE_SESSION:
            raise BadOption("command: the session belongs to the module, which opens and closes it; see bmc_privilege for its level")
        return cls(command_of(net_fn, code, data, lun=lun, writes=params["changes"]), data, accept, bridge)


def number(option: str, given: t.Any, most: int) -> int:
    """A number as ipmitool takes it: decimal, or hex with 0x. Raises BadOption."""
    text = str(given).strip().lower()
    try:
        value = int(text, 16 if text.startswith("0x") else 10)
    except ValueError:
        raise BadOption(f"{option}: {given!r} is not a number such as 6 or 0x06") from None
    if not 0 <= value <= most:
        raise BadOption(f"{option}: {given!r} must be 0 to {most} (0x{most:02X})")
    return value


def parse_data(given: t.Any) -> bytes:
    """The request's bytes, from a list of numbers or from text in hex. Raises BadOption without repeating them."""
    if given is None:
        return b""
    if isinstance(given, (list, tuple)):
        return bytes(_byte(place, entry) for place, entry in enumerate(given, 1))
    if not isinstance(given, str):
        raise BadOption("data: write it as text in quotes, such as '01 0a', or as a list of numbers")
    try:
        return b"".join(bytes.fromhex(_digits(word)) for word in given.replace(",", " ").split())
    except ValueError:
        # The original exception repeats what it was given, which may be a secret.
        raise BadOption("data: is not hexadecimal (two digits for each byte)") from None


def _byte(place: int, entry: t.Any) -> int:
    try:
        if isinstance(entry, bool):
            raise BadOption("a boolean is no number")
        return number("data", entry, 0xFF)
    except BadOption:
        raise BadOption(f"data: entry {place} is not a number from 0 to 255, such as 10 or 0x0a") from None


def _digits(word: str) -> str:
    if word[:2].lower() != "0x":
        return word
    return word[2:].rjust(2, "0")


class RawRefused(CompletionError):
    """A completion code that the task does not accept, with what a playbook may look at."""

    def facts(self) -> dict[str, t.Any]:
        return {**super().facts(), "code": self.code, "meaning": meaning(self.command, self.code)}


@dataclass(frozen=True)
class RawAnswer:
    """What came back."""

    code: int
    data: bytes


def send(bmc: Bmc, request: Request) -> RawAnswer:
    """Send it. Raises RawRefused, AnswerLost (of a command that changes something), SessionLost."""
    command = request.command
    own = request.bridge is None and (command.net_fn, command.code) == (CLOSE_SESSION.net_fn, CLOSE_SESSION.code)
    if own and request.data[:4] in (bmc.session_id, bytes(4)):
        raise BadOption("command: that would close the session that this goes over; the module closes it by itself")
    try:
        code, data = bmc.ask(command, request.data, bridge=request.bridge, final=request.accept)
    except CompletionError as error:
        raise RawRefused(error.command, error.code) from error
    return RawAnswer(code, data)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several areas need: completion codes, ids out of requests, tables of parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..registry import Completion, Context, need_at_least
from ..state import BmcState, LanConfig, User
from ..traits import ParameterTraits

PARAMETER_UNSUPPORTED = 0x80
IN_PROGRESS_TAKEN = 0x81
READ_ONLY = 0x82
WRITE_ONLY = 0x83
RESERVATION_CANCELLED = 0xC5
WRONG_LENGTH = 0xC7
OUT_OF_RANGE = 0xC9
CANNOT_RETURN = 0xCA
NOT_PRESENT = 0xCB
INVALID_FIELD = 0xCC
ILLEGAL_FOR_RECORD = 0xCD

REVISION = 0x11  # of every family of parameters: oldest 1, present 1
REVISION_ONLY = 0x80
PRESENT_CHANNEL = 0x0E

Config = TypeVar("Config")


def channel_of(ctx: Context, byte: int) -> int:
    """The channel number in bits 3:0, with Eh resolved. Refuses an unknown one with CC."""
    number = byte & 0x0F
    number = ctx.channel if number == PRESENT_CHANNEL else number
    if number not in ctx.bmc.state.channels:
        raise Completion(INVALID_FIELD)
    return number


def lan_of(ctx: Context, byte: int) -> tuple[int, LanConfig]:
    """A LAN channel and its settings. Refuses a channel of another medium with CC."""
    number = channel_of(ctx, byte)
    if number not in ctx.bmc.state.lan:
        raise Completion(INVALID_FIELD)
    return number, ctx.bmc.state.lan[number]


def user_of(state: BmcState, byte: int) -> tuple[int, User]:
    """The user in bits 5:0. Refuses an id outside the table with C9."""
    number = byte & 0x3F
    if number not in state.users:
        raise Completion(OUT_OF_RANGE)
    return number, state.users[number]


def in_range(value: int, low: int, high: int, code: int = INVALID_FIELD) -> int:
    """Return `value` if it is within the limits, both included; else refuse."""
    if not low <= value <= high:
        raise Completion(code)
    return value


def refuse_if(code: int) -> None:
    """Refuse with a personality's code; 0 does not refuse."""
    if code:
        raise Completion(code)


def advance(counter: int) -> int:
    """The next reservation id: 16 bits, never 0."""
    return counter % 0xFFFF + 1


@dataclass(frozen=True)
class Parameter(Generic[Config]):
    """One parameter of a family.

    `read` gets the settings, the set selector and the block selector. `write` gets the settings
    and the data after the parameter number, whose length is one of `lengths`.
    """

    read: Callable[[Config, int, int], bytes] | None = None
    write: Callable[[Config, bytes], None] | None = None
    lengths: tuple[int, ...] = ()


def raw(name: str, length: int, *, read_only: bool = False) -> Parameter[Config]:
    """A parameter that is an attribute of bytes."""

    def read(config: Config, _set: int, _block: int) -> bytes:
        value = getattr(config, name)
        assert isinstance(value, bytes)
        return value

    def write(config: Config, data: bytes) -> None:
        setattr(config, name, data)

    return Parameter(read) if read_only else Parameter(read, write, (length,))


def number(name: str, length: int = 1, *, mask: int = -1, top: int | None = None) -> Parameter[Config]:
    """A parameter that is a number, least significant byte first; bits outside `mask` are lost."""

    def read(config: Config, _set: int, _block: int) -> bytes:
        value = getattr(config, name)
        assert isinstance(value, int)
        return value.to_bytes(length, "little")

    def write(config: Config, data: bytes) -> None:
        value = int.from_bytes(data, "little") & mask
        if top is not None:
            in_range(value, 0, top)
        setattr(config, name, value)

    return Parameter(read, write, (length,))


def fixed(data: bytes) -> Parameter[Config]:
    """A parameter that is the same on every BMC and read only."""
    return Parameter(lambda _config, _set, _block: data)


def get_parameter(
    table: dict[int, Parameter[Config]], traits: ParameterTraits, config: Config, request: bytes
) -> bytes:
    """Answer parameter, set selector, block selector (the request without its channel)."""
    which, selector, block = request[0], request[1], request[2]
    refuse_if(traits.unsupported.get(which, 0))
    entry = table.get(which)
    if entry is None:
        raise Completion(PARAMETER_UNSUPPORTED)
    if entry.read is None:
        raise Completion(WRITE_ONLY)
    return entry.read(config, selector, block)


def set_parameter(
    table: dict[int, Parameter[Config]], traits: ParameterTraits, config: Config, request: bytes
) -> bool:
    """Store parameter, data (the request without its channel); False: ignored by this maker."""
    which, data = request[0], request[1:]
    refuse_if(traits.unsupported.get(which, 0))
    refuse_if(traits.read_only.get(which, 0))
    entry = table.get(which)
    if entry is None:
        raise Completion(PARAMETER_UNSUPPORTED)
    if entry.write is None:
        raise Completion(READ_ONLY)
    if len(data) not in entry.lengths:
        raise Completion(traits.length_code)
    if which in traits.ignored:
        return False
    entry.write(config, data)
    return True


def set_in_progress(present: int, data: bytes, commit_code: int) -> int:
    """The next value of a "set in progress" parameter without rollback (bits 1:0).

    1 is refused with 81 where it is taken; 2 (commit write) changes nothing.
    """
    wanted = need_at_least(data, 1)[0] & 0x03
    if len(data) > 1:
        raise Completion(WRONG_LENGTH)
    if wanted == 3:
        raise Completion(INVALID_FIELD)
    if wanted == 1 and present == 1:
        raise Completion(IN_PROGRESS_TAKEN)
    if wanted == 2:
        refuse_if(commit_code)
        return present
    return wanted

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on request, one set for each BMC; the rack file or the control socket puts them in.

A pattern says which requests a fault meets: `NN/CC` in hex, or `NN/CC:DATA` for those whose data
starts with these bytes, such as `0C/01:0103` for Set LAN Configuration of channel 1's address.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .jsonable import decode
from .personalities import parse_command

MANGLES = ("truncated", "short", "long", "checksum", "garbage", "sequence")

STOPS = ("no_boot_device", "loader", "panic", "emergency")

# Requests that change something, beside Set User Password (06/47), where operation 3 does not.
WRITES = {
    (netfn, cmd)
    for netfn, cmds in {
        0x00: (0x02, 0x04, 0x05, 0x06, 0x08, 0x0A, 0x0B),
        0x04: (0x00, 0x11, 0x12, 0x16, 0x24, 0x26, 0x28),
        0x06: (0x02, 0x03, 0x22, 0x24, 0x2E, 0x40, 0x43, 0x45, 0x47, 0x4C, 0x56, 0x58, 0x60),
        0x0A: (0x12, 0x24, 0x44, 0x46, 0x47, 0x49, 0x5D),
        0x0C: (0x01, 0x10, 0x12, 0x21),
        0x2C: (0x04, 0x05, 0x08, 0x0A, 0x0B, 0x12),
    }.items()
    for cmd in cmds
}
PASSWORD = (0x06, 0x47)
# Makers' commands for the BMC's port (`commands/nic_mode.py`); Supermicro's reads as well.
WRITES |= {(0x30, 0x24), (0x30, 0x28)}
SUPERMICRO, SUPERMICRO_WRITES = (0x30, 0x70), b"\x0c\x01"
TEST_PASSWORD = 3
# Set Power Restore Policy's "no change": it asks.
RESTORE_POLICY, NO_CHANGE = (0x00, 0x06), 3
# Set Channel Security Keys: operation 0 reads.
SECURITY_KEYS, READ_KEY = (0x06, 0x56), 0

# Writes that are answered with data: the restore policies that there are, the key's lock state.
ANSWERS = {(0x00, 0x06): b"\x07", (0x06, 0x56): b"\x02"}
DCMI, DCMI_TEXTS = 0x2C, (0x08, 0x0A)  # these answer DC, and the text's length


def is_write(netfn: int, cmd: int, data: bytes) -> bool:
    """Whether a request changes something on the BMC or the host."""
    if (netfn, cmd) == PASSWORD:
        return len(data) < 2 or data[1] & 3 != TEST_PASSWORD
    if (netfn, cmd) == RESTORE_POLICY:
        return data[:1] != bytes((NO_CHANGE,))
    if (netfn, cmd) == SECURITY_KEYS:
        return len(data) < 2 or data[1] & 3 != READ_KEY
    if (netfn, cmd) == SUPERMICRO:
        return data.startswith(SUPERMICRO_WRITES)
    return (netfn, cmd) in WRITES


def ignored_answer(netfn: int, cmd: int, data: bytes) -> bytes:
    """What a BMC answers that has done nothing: 00, and the data that this command always has."""
    if netfn == DCMI:
        text = bytes((data[1] + data[2],)) if cmd in DCMI_TEXTS and len(data) > 2 else b""
        return b"\x00" + data[:1] + text
    return b"\x00" + ANSWERS.get((netfn, cmd), b"")


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern."""

    netfn: int
    cmd: int
    prefix: bytes = b""

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Raises ValueError if it is none."""
        command, _colon, prefix = text.partition(":")
        netfn, cmd = parse_command(command)
        return cls(netfn, cmd, bytes.fromhex(prefix))

    def meets(self, netfn: int, cmd: int, data: bytes) -> bool:
        return (netfn, cmd) == (self.netfn, self.cmd) and data.startswith(self.prefix)


@dataclass
class Faults:
    """The faults of one BMC. As it stands: none.

    Whatever takes a pattern takes `*` for every request inside a session.
    """

    silent: bool = False  # answers nothing at all
    silent_after: int | None = None  # answers so many more session requests, then nothing
    silent_for: float | None = None  # seconds that `silent_after` lasts, once; None: for good
    loss: float = 0.0  # percent of datagrams lost, each way
    delay: float = 0.0  # seconds that each answer waits
    busy: int = 0  # so many requests are answered C0
    busy_rate: float = 0.0  # percent of requests answered C0
    busy_writes_only: bool = False
    refuse: dict[str, int] = field(default_factory=dict)  # pattern to completion code
    ignore: list[str] = field(default_factory=list)  # answered 00, not done
    ignore_writes: bool = False  # all that would change something
    refuse_from_write: int | None = None  # the Nth write since, and those after it, get:
    refuse_write_code: int = 0xCC
    slots_taken: int = 0  # session slots that somebody else holds
    reset_before: list[str] = field(default_factory=list)  # restarts instead of doing it
    reset_after: list[str] = field(default_factory=list)  # does it, restarts, does not answer
    reset_at_write: int | None = None  # restarts instead of the Nth write since; once
    reset_after_write: int | None = None  # does the Nth write since, restarts, does not answer
    move_delay: float = 0.0  # seconds more until a new address is in use
    never_moves: bool = False  # a new address is stored, and never used
    mangle: str | None = None  # one of MANGLES: answers inside a session come malformed
    mangle_on: str = "*"
    mangle_count: int | None = None  # None: every one
    duplicate: bool = False  # each answer comes twice
    forgetful: bool = False  # executes repeated requests again
    drop_answers: int = 0  # so many requests are done, but their answers get lost
    drop_answers_on: str = "*"
    host_bit_rate: int | None = None  # bit/s of the host's serial port; None: that of the BMC
    host_silent: bool = False  # the operating system does not use its serial port
    system_bit_rate: int | None = None  # bit/s of the operating system alone; None: as firmware and loader
    host_stalled: bool = False  # the host takes no characters (flow control), so the BMC refuses them
    boot_stops: str | None = None  # one of STOPS: where the next boots end
    seed: int = 0  # of the dice for loss and busy_rate

    def __post_init__(self) -> None:
        if self.mangle is not None and self.mangle not in MANGLES:
            raise ValueError(f"mangle is one of {', '.join(MANGLES)}, not {self.mangle!r}")
        if self.boot_stops is not None and self.boot_stops not in STOPS:
            raise ValueError(f"boot_stops is one of {', '.join(STOPS)}, not {self.boot_stops!r}")
        for text in (*self.refuse, *self.ignore, *self.reset_before, *self.reset_after):
            _parse(text)
        _parse(self.mangle_on)
        _parse(self.drop_answers_on)
        self._writes = 0  # since these faults were put in
        self._silent_since: float | None = None
        self._dice = random.Random(self.seed)
        self.active = self != _NONE if _NONE is not None else False

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Faults:
        """Raises ValueError or TypeError, naming what is wrong."""
        return decode(cls, dict(data))

    def updated(self, data: Mapping[str, Any]) -> Faults:
        """These faults with some values set anew."""
        return Faults.from_mapping({**dataclasses.asdict(self), **data})

    def lost(self) -> bool:
        """Roll the dice for one datagram."""
        return bool(self.loss) and self._dice.uniform(0, 100) < self.loss

    def gone(self, in_session: bool, now: float) -> bool:
        """Whether the BMC is silent now; counts `silent_after` down."""
        if self.silent_after is not None and in_session:
            if self.silent_after <= 0 and not self.silent:
                self.silent, self._silent_since = True, now
            self.silent_after -= 1
        return self.silent

    def deaf(self, now: float) -> bool:
        """Whether nothing is heard and said; ends a silence that has lasted for `silent_for`."""
        over = self.silent_for is not None and self._silent_since is not None and now - self._silent_since >= self.silent_for
        if over:
            self.silent, self.silent_after, self._silent_since = False, None, None
        return self.silent

    def code(self, netfn: int, cmd: int, data: bytes) -> int | None:
        """The completion code that takes the place of the command, 0 to do nothing; None: none."""
        if self._is_busy(netfn, cmd, data):
            return 0xC0
        write = is_write(netfn, cmd, data)
        if write and self.refuse_from_write is not None and self._writes >= self.refuse_from_write:
            return self.refuse_write_code
        if write and self.ignore_writes:
            return 0
        for text, code in self.refuse.items():
            if meets(text, netfn, cmd, data):
                return code
        return 0 if any(meets(text, netfn, cmd, data) for text in self.ignore) else None

    def _is_busy(self, netfn: int, cmd: int, data: bytes) -> bool:
        if self.busy_writes_only and not is_write(netfn, cmd, data):
            return False
        if self.busy > 0:
            self.busy -= 1
            return True
        return bool(self.busy_rate) and self._dice.uniform(0, 100) < self.busy_rate

    def restart(self, netfn: int, cmd: int, data: bytes) -> str | None:
        """`before` or `after` if this request takes the BMC down; once for each pattern.

        To be asked once for each request that is not a repeated one: it counts the writes.
        """
        if is_write(netfn, cmd, data):
            self._writes += 1
            if self._writes == self.reset_at_write:
                return "before"
            if self._writes == self.reset_after_write:
                return "after"
        for when, patterns in (("before", self.reset_before), ("after", self.reset_after)):
            for text in tuple(patterns):
                if meets(text, netfn, cmd, data):
                    patterns.remove(text)
                    return when
        return None

    def answer_lost(self, netfn: int, cmd: int, data: bytes) -> bool:
        """Whether this request's answer gets lost after the work is done."""
        if self.drop_answers > 0 and meets(self.drop_answers_on, netfn, cmd, data):
            self.drop_answers -= 1
            return True
        return False

    def mangled(self, netfn: int, cmd: int, data: bytes, response: bytes) -> bytes:
        """The response message as this BMC sends it."""
        if self.mangle is None or not meets(self.mangle_on, netfn, cmd, data):
            return response
        if self.mangle_count is not None:
            if self.mangle_count <= 0:
                return response
            self.mangle_count -= 1
        return self._mangle(response)

    def _mangle(self, response: bytes) -> bytes:
        head, tail = response[:3], response[3:-1]
        if self.mangle == "truncated":  # mid-message, checksum and all
            return response[: max(4, len(response) // 2)]
        if self.mangle == "short":  # well-formed, but data is missing
            return _sealed(head, tail[: max(4, 4 + (len(tail) - 4) // 2)])
        if self.mangle == "long":
            return _sealed(head, tail + b"\xa5" * 5)
        if self.mangle == "checksum":
            return response[:-1] + bytes((response[-1] ^ 0xFF,))
        if self.mangle == "sequence":
            return _sealed(head, tail[:1] + bytes((tail[1] ^ 0x80,)) + tail[2:])
        return self._dice.randbytes(len(response))


def _sealed(head: bytes, tail: bytes) -> bytes:
    return head + tail + bytes((-sum(tail) & 0xFF,))


def _parse(text: str) -> Pattern | None:
    return None if text == "*" else Pattern.parse(text)


def meets(text: str, netfn: int, cmd: int, data: bytes) -> bool:
    """Whether a pattern, or `*`, meets a request."""
    pattern = _parse(text)
    return pattern is None or pattern.meets(netfn, cmd, data)


_NONE: Faults | None = None
_NONE = Faults()

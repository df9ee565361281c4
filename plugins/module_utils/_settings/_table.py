# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The table of settings: what a row is, and what a row must not be.

A `Parameter` is a piece of a BMC's state that one command reads and one command
writes as a whole. A `Setting` is one value in it, under the name of the module's
option. A `Section` is the table for one kind of thing (the LAN configuration of a
channel, a user slot, ...), an `Instance` is one such thing of one BMC.

Rows check themselves when they are made, so a wrong row fails at import.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import Command
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._parameters import get_request, payload, set_request

#: What a parameter's codec makes of its bytes: a frozen dataclass or an enum.
Record = t.Any
Decoded = t.TypeVar("Decoded")
#: What a setting is compared by: any value with equality.
Value = t.Any

_OPTION_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Target:
    """Which instance a parameter is read from: a channel, a user slot, or neither."""

    channel: int = 0
    user_id: int = 0


class Reader:
    """Reads for one pass over the table: the same request is sent once."""

    def __init__(self, bmc: Bmc, *, after_write: bool = False) -> None:
        self.bmc = bmc
        #: Whether this pass looks at what was just written.
        self.after_write = after_write
        #: What a reader of the result should know of the reading.
        self.notes: list[str] = []
        self._seen: dict[tuple[Command, bytes], bytes | CompletionError] = {}

    def read(self, command: Command, data: bytes, decode: t.Callable[[bytes], Decoded]) -> Decoded:
        """As `Bmc.read`; a repeated request answers from memory."""
        return self.bmc.decode(command, self.request(command, data), decode)

    def request(self, command: Command, data: bytes) -> bytes:
        """The answer's data; a repeated request answers from memory, refusals included."""
        key = (command, data)
        if key not in self._seen:
            try:
                self._seen[key] = self.bmc.request(command, data)
            except CompletionError as refusal:
                self._seen[key] = refusal
        seen = self._seen[key]
        if isinstance(seen, CompletionError):
            raise seen
        return seen


class Parameter:
    """A piece of state that is read and written as a whole."""

    #: For messages: "LAN parameter 20 (VLAN ID)".
    title: str
    #: Lower is written first.
    order: int
    #: Whether it can be written at all.
    writable: bool = True

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> Record:
        """Read it. `wanted` matters only to what can be tested but not read, such as a password."""
        raise NotImplementedError

    def store(self, bmc: Bmc, target: Target, new: Record, old: Record) -> None:
        """Write it as a whole. Raises CompletionError, AnswerLost."""
        raise NotImplementedError


class WireRecord(t.Protocol):
    """A record with both directions of its codec."""

    @classmethod
    def from_wire(cls, data: bytes) -> t.Any:
        """Bytes to record."""

    def to_wire(self) -> bytes:
        """Record to bytes."""


@dataclass(frozen=True)
class Family:
    """How the numbered parameters of one configuration (LAN, SOL) are read and written."""

    name: str
    get: Command
    set: Command


@dataclass(frozen=True)
class Numbered(Parameter):
    """A numbered parameter of a family."""

    family: Family
    number: int
    codec: type[t.Any]
    title: str
    order: int
    writable: bool = True

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> Record:
        def decode(answer: bytes) -> Record:
            return self.codec.from_wire(payload(answer))

        return reader.read(self.family.get, get_request(target.channel, self.number), decode)

    def store(self, bmc: Bmc, target: Target, new: Record, old: Record) -> None:
        bmc.request(self.family.set, set_request(target.channel, self.number, new.to_wire()))


def _same(value: t.Any) -> t.Any:
    return value


def cannot_be_put(record: Record, value: Value) -> t.NoReturn:
    """The `put` of a row whose parameter is read only: the plan reports it, and never comes here."""
    raise TypeError("what can only be read is never written")


@dataclass(frozen=True)
class Setting:
    """One row: an option's name, and where in which parameter its value is."""

    name: str
    parameter: Parameter
    #: Record to value, and record with another value.
    get: t.Callable[[Record], Value]
    put: t.Callable[[Record, Value], Record]
    #: The option's argument spec, without a default: None leaves the setting alone.
    spec: t.Mapping[str, t.Any]
    #: What the user typed to a value (raises ValueError with a reason), and a value to what results show.
    parse: t.Callable[[t.Any], Value] = _same
    show: t.Callable[[Value], t.Any] = _same
    #: Never in a result, a diff or a message.
    secret: bool = False
    #: Whether the value can be read, or only compared or written.
    readable: bool = True
    #: Writing it may end the session, if this is the instance that the session runs over.
    cuts: bool = False
    #: Other settings of the section whose value some BMCs change when this one is written.
    disturbs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _OPTION_NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not an option's name")
        if "default" in self.spec or "required" in self.spec:
            raise ValueError(f"{self.name}: a setting that is not given is left alone, so it has no default")
        if self.secret and not self.spec.get("no_log"):
            raise ValueError(f"{self.name}: a secret needs no_log")
        if self.secret and self.show is not _same:
            raise ValueError(f"{self.name}: a secret is never shown")
        if self.cuts and not self.parameter.writable:
            raise ValueError(f"{self.name}: what cannot be written cannot cut the connection")

    def value_of(self, typed: t.Any) -> Value:
        """The value of what the user typed. Raises BadOption, with no secret in it."""
        try:
            return self.parse(typed)
        except ValueError as error:
            given = "" if self.secret else f" {typed!r}"
            raise BadOption(f"{self.name}:{given} {error}") from None


@dataclass(frozen=True)
class Section:
    """The table of one kind of thing."""

    name: str
    settings: tuple[Setting, ...]
    #: The family whose set-in-progress brackets the writes; None where there is none.
    family: Family | None = None
    #: Written in the order of the parameters, or against it (removing undoes what creating does).
    backwards: bool = False

    def __post_init__(self) -> None:
        names = [setting.name for setting in self.settings]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a setting's name is there twice")
        for setting in self.settings:
            strangers = set(setting.disturbs) - set(names)
            if strangers:
                raise ValueError(f"{self.name}: {setting.name} disturbs {sorted(strangers)}, which are not in the section")

    def __getitem__(self, name: str) -> Setting:
        for setting in self.settings:
            if setting.name == name:
                return setting
        raise KeyError(name)

    def argument_spec(self) -> dict[str, dict[str, t.Any]]:
        """The options of the section's module."""
        return {setting.name: dict(setting.spec) for setting in self.settings}

    def wanted(self, params: t.Mapping[str, t.Any]) -> dict[str, Value]:
        """The values that the options ask for; those left out are left alone. Raises BadOption."""
        return {
            setting.name: setting.value_of(params[setting.name])
            for setting in self.settings
            if params.get(setting.name) is not None
        }

    def reversed(self) -> Section:
        """The same table, written in the opposite order."""
        return replace(self, backwards=not self.backwards)


@dataclass(frozen=True)
class Instance:
    """One thing of one BMC: the LAN configuration of channel 1, user slot 3."""

    section: Section
    target: Target
    #: For messages and results: "lan channel 1".
    label: str
    #: Whether the session runs over it: its channel, or its user.
    in_use: bool = False
    #: Values that a newly made thing is known to have, so they need no reading.
    known: t.Mapping[Parameter, Record] = field(default_factory=dict)

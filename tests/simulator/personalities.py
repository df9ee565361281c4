# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Personalities: what makes one maker's BMC differ from another's, read from `personalities/*.yml`.

A file has the sections of `Personality` (identity, protocol, commands, power, network) and those
of `traits.Traits`. All may be left out; `extends: NAME` starts from another file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .jsonable import decode
from .traits import Traits

FOLDER = Path(__file__).with_name("personalities")
INVALID_COMMAND = 0xC1


@dataclass(frozen=True)
class ProtocolTraits:
    """Sessions and packets."""

    ipmi15: bool = True
    rmcpplus: bool = True
    ping: bool = True  # answers ASF presence pings
    session_slots: int = 8
    session_timeout: float = 60.0  # seconds
    duplicate_detection: bool = True  # a repeated request is answered from memory
    messaging_off_blocks: bool = True  # "IPMI messaging" off keeps the user out
    requires_integrity: bool = True  # drops unauthenticated packets of a session with integrity
    sessionless_cipher_suites: bool = True  # Get Channel Cipher Suites before a session
    cipher_suites_in_15: bool = True  # and in a packet of the 1.5 form


@dataclass(frozen=True)
class SolQuirks:
    """Serial over LAN, beyond its configuration."""

    capacity: int = 1  # instances that Get Payload Activation Status tells
    inbound_size: int = 200  # payload bytes, header included
    outbound_size: int = 200
    tells_loser: bool = True  # a session that loses SOL gets the "deactivating" bit
    encrypts: bool = True  # False: it is refused in sessions that ask for encryption (83h)
    follows_port: bool = False  # True: the console goes over the port of parameter 8, and nobody is there
    activate_privilege: int = 0  # not 0: Activate Payload needs this, whatever SOL says


@dataclass(frozen=True)
class CommandTraits:
    """Commands that are not there: `NN/CC` in hex to the completion code of the answer."""

    refused: dict[str, int] = field(default_factory=dict)
    privileges: dict[str, int] = field(default_factory=dict)  # where it differs from the standard


@dataclass(frozen=True)
class PowerTraits:
    """The host's power supply, BIOS and operating system. Seconds."""

    on: bool = False  # fresh from the box
    on_delay: float = 0.5
    off_delay: float = 0.2
    soft_delay: float = 2.0
    os_obeys: bool = True  # the operating system shuts down when told to
    reset_delay: float = 0.2
    boot_read_delay: float = 0.2  # from power-on until the BIOS reads the boot options
    cycle_interval: float | None = None  # None: as Set Power Cycle Interval says
    control_stops_boot_timer: bool = True  # Chassis Control ends the 60 s of the boot flags
    redundant_code: int = 0  # on while on, off while off
    cycle_off_code: int = 0xD5  # cycle while off
    reset_off_code: int = 0xD5
    soft_off_code: int = 0
    diag_off_code: int = 0xD5


@dataclass(frozen=True)
class NetworkTraits:
    """How a new address comes into effect. Seconds."""

    move_delay: float = 0.0
    moves: bool = True  # False: the new address is stored, and never used before a reset
    reset_delay: float = 3.0  # silence after a cold reset
    warm_reset_delay: float = 1.0
    sessions_survive: bool = True  # a change of address leaves sessions open


@dataclass(frozen=True)
class Personality:
    """One maker's BMC."""

    name: str = "generic"
    title: str = "A plain BMC that has everything"
    protocol: ProtocolTraits = field(default_factory=ProtocolTraits)
    commands: CommandTraits = field(default_factory=CommandTraits)
    power: PowerTraits = field(default_factory=PowerTraits)
    network: NetworkTraits = field(default_factory=NetworkTraits)
    sol_quirks: SolQuirks = field(default_factory=SolQuirks)
    traits: Traits = field(default_factory=Traits)
    _refused: dict[tuple[int, int], int] = field(default_factory=dict, compare=False)
    _privileges: dict[tuple[int, int], int] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self._refused.update({parse_command(k): v for k, v in self.commands.refused.items()})
        self._privileges.update({parse_command(k): v for k, v in self.commands.privileges.items()})

    def refused_command(self, netfn: int, cmd: int) -> int | None:
        """The completion code of a command that this BMC does not have; None if it has it."""
        return self._refused.get((netfn, cmd)) if self._refused else None

    def command_privilege(self, netfn: int, cmd: int, standard: int) -> int:
        """The lowest privilege that may send a command."""
        return self._privileges.get((netfn, cmd), standard) if self._privileges else standard

    @classmethod
    def from_mapping(cls, name: str, data: Mapping[str, Any]) -> Personality:
        """Read a personality's sections. Raises ValueError or TypeError with the wrong place."""
        own = {key: value for key, value in data.items() if key not in Traits.names()}
        sections: dict[str, Any] = {}
        for key, kind in _SECTIONS.items():
            if key in own:
                sections[key] = decode(kind, own.pop(key))
        title = str(own.pop("title", name))
        if own:
            raise ValueError(f"personality {name}: unknown {', '.join(sorted(own))}")
        traits = Traits.from_mapping({k: v for k, v in data.items() if k in Traits.names()})
        return cls(name=name, title=title, traits=traits, **sections)


_SECTIONS: dict[str, type] = {
    "protocol": ProtocolTraits,
    "commands": CommandTraits,
    "power": PowerTraits,
    "network": NetworkTraits,
    "sol_quirks": SolQuirks,
}


def parse_command(text: str) -> tuple[int, int]:
    """`06/47` to (6, 71)."""
    try:
        netfn, cmd = (int(part, 16) for part in text.split("/"))
    except ValueError:
        raise ValueError(f"{text!r} is not a command like 06/47") from None
    return netfn, cmd


def names() -> list[str]:
    """The personalities that come with the simulator."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


@cache
def load(name: str) -> Personality:
    """A personality by its name. Raises ValueError if there is none or its file is wrong."""
    return Personality.from_mapping(name, sections(name))


def with_overrides(name: str, overrides: Mapping[str, Any]) -> Personality:
    """A personality with single values put over its file's, section by section."""
    if not overrides:
        return load(name)
    return Personality.from_mapping(name, merge(sections(name), overrides))


def sections(name: str) -> dict[str, Any]:
    """A personality's file, with what it extends."""
    data = dict(_file(name))
    base = data.pop("extends", None)
    return merge(sections(base), data) if base else data


@cache
def _file(name: str) -> Mapping[str, Any]:
    path = FOLDER / f"{name}.yml"
    if not path.is_file():
        raise ValueError(f"no personality {name!r}; there are {', '.join(names())}")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(data, Mapping)
    return data


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`; mappings are merged, everything else replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The port that the BMC uses, by the command of its maker where one is known.

It is written last of all: the BMC may come up on another port, in another network.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import require
from ansible_collections.lightsout.bmc.plugins.module_utils._nic_commands import NicCommands, NicMode
from ansible_collections.lightsout.bmc.plugins.module_utils._quirks import quirks_of
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import (
    CannotTell,
    Missing,
    make_plan,
    read_values,
    show,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import (
    Instance,
    Parameter,
    Reader,
    Section,
    Setting,
    Target,
    Value,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import choice, name_of

#: Seconds until a BMC that shows another port is taken to be there. None of the sources says how long it takes: they
#: read until the value shows, which takes seconds, and the link has to come up.
LINGERS: t.Final = 5.0

#: How a result says that a written mode waits for a restart.
_AFTER_RESTART = "lan channel {}: nic_mode is in force after a restart of the BMC (ipmi_controller, cold reset)"


@dataclass(frozen=True)
class Port:
    """What a BMC says of its port."""

    commands: NicCommands
    value: bytes
    #: The BMC must be restarted before what was written is in force.
    waits: bool = False

    @property
    def mode(self) -> NicMode | None:
        """The mode, or the one that is there after the restart; None for a value that is not known."""
        mode = self.commands.mode_of(self.value)
        if mode is not None and self.waits and len(self.commands.values) == 2:
            # It shows the value in force. The other one waits.
            return next(other for other in self.commands.values if other != mode)
        return mode

    def with_mode(self, mode: NicMode) -> Port:
        """With another mode."""
        return replace(self, value=self.commands.value_for(mode, self.value), waits=False)


class NicParameter(Parameter):
    """The NIC mode."""

    title = "NIC mode"
    order = 99

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> Port:
        commands = quirks_of(reader.bmc.device).nic_mode
        if commands is None:
            raise CannotTell("no command of this maker's is known")
        mode = wanted.get("nic_mode")
        if mode is not None and mode not in commands.values:
            raise CannotTell(f"this maker's BMCs have {', '.join(option(one) for one in commands.values)} only")

        def decode(answer: bytes) -> Port:
            end = commands.at + commands.size
            require(answer, end, "NIC mode")
            return Port(commands, answer[commands.at : end], _waits(commands, answer))

        port = reader.read(commands.get, commands.get_request(target.channel), decode)
        if reader.after_write and port.waits:
            reader.notes.append(_AFTER_RESTART.format(target.channel))
        return port

    def store(self, bmc: Bmc, target: Target, new: Port, old: Port) -> None:
        bmc.request(new.commands.set, new.commands.set_request(target.channel, new.value))


def _waits(commands: NicCommands, answer: bytes) -> bool:
    if commands.restart_flag is None:
        return False
    position, bit = commands.restart_flag
    require(answer, position + 1, "NIC mode")
    return bool(answer[position] & bit)


PORT: t.Final = NicParameter()

NIC_MODE: t.Final = Section(
    "nic_mode",
    (
        Setting(
            "nic_mode",
            PORT,
            get=lambda port: port.mode,
            put=lambda port, mode: port.with_mode(mode),
            spec={"type": "str", "choices": ["dedicated", "shared", "failover"]},
            parse=choice(NicMode),
            show=name_of,
            cuts=True,
        ),
    ),
)


def plan_nic_mode(reader: Reader, params: t.Mapping[str, t.Any], channel: int, own: bool) -> tuple[Cut, tuple[str, ...]]:
    """The NIC mode, with notes for the user. `own` says whether the session runs over the channel."""
    instance = Instance(NIC_MODE, Target(channel), f"lan channel {channel}", in_use=own or _of_the_whole_bmc(reader))
    plan = make_plan(reader, instance, NIC_MODE.wanted(params))
    waiting = "nic_mode" in plan.before and not plan.changes and PORT.load(reader, instance.target, {}).waits
    return Cut(plan, moves=True, lingers=LINGERS), (_AFTER_RESTART.format(channel),) if waiting else ()


def _of_the_whole_bmc(reader: Reader) -> bool:
    """Whether the mode is that of the session's port too, whichever channel the task names."""
    commands = quirks_of(reader.bmc.device).nic_mode
    return reader.bmc.connection.interface == "lan" and commands is not None and not commands.by_channel


def read_nic_mode(reader: Reader, channel: int) -> tuple[dict[str, t.Any], list[Missing]]:
    """The NIC mode for results; nothing, and no request of the maker's, where no command is known."""
    if quirks_of(reader.bmc.device).nic_mode is None:
        return {}, []
    values, missing = read_values(reader, Instance(NIC_MODE, Target(channel), f"lan channel {channel}"))
    return show(NIC_MODE, values), missing

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What a BMC is now, as one document. `ipmi_config` takes its parts back as they are."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError, Unsupported
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _session_info
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_SESSION_INFO,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._session_info import SessionInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _boot, _chassis, _find_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import NULL_USER, Slots, can_log_in
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import read_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._controller import CONTROLLER
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._ipv6 import read_ipv6
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._nic_mode import read_nic_mode
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import (
    ABSENT_ON_READ,
    Missing,
    read_values,
    show,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import SOL
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import USER


@dataclass
class Facts:
    """Gathers a document; what the BMC lacks is noted, not fatal."""

    reader: Reader
    missing: list[Missing] = field(default_factory=list)

    def gather(self, parts: t.Sequence[str]) -> dict[str, t.Any]:
        """The parts asked for. A part that the BMC lacks as a whole is left out and noted."""
        document: dict[str, t.Any] = {}
        for part in PARTS:
            if part not in parts:
                continue
            try:
                document[part] = PARTS[part](self)
            except CompletionError as error:
                if error.outcome not in ABSENT_ON_READ:
                    raise
                self.missing.append(Missing(part, part, f"completion code 0x{error.code:02X}"))
            except Unsupported as error:
                # Without a LAN channel there are no accounts and no console either.
                self.missing.append(Missing(part, part, str(error)))
        return document

    def _controller(self) -> dict[str, t.Any]:
        # A maker that is not known by its number is shown all the same.
        return {"manufacturer": None, **self._values(Instance(CONTROLLER, Target(), "controller"))}

    def _channels(self) -> list[dict[str, t.Any]]:
        return [self._channel(found) for found in _find_channel.all_channels(self.reader)]

    def _channel(self, found: ChannelInfo) -> dict[str, t.Any]:
        facts, missing = read_channel(self.reader, found, self.reader.bmc.connection)
        self.missing += missing
        return facts

    def _lan(self) -> list[dict[str, t.Any]]:
        channels = [
            found.channel
            for found in _find_channel.all_channels(self.reader)
            if found.medium in _find_channel.LAN_MEDIA
        ]
        return [self._lan_channel(number) for number in channels]

    def _lan_channel(self, number: int) -> dict[str, t.Any]:
        facts = self._section(Instance(LAN, Target(number), f"lan channel {number}"))
        ipv6, missing = read_ipv6(self.reader, number)
        port, unread = read_nic_mode(self.reader, number)
        self.missing += missing + unread
        return {**facts, **port, **({"ipv6": ipv6} if ipv6 else {})}

    def _sol(self) -> dict[str, t.Any]:
        number = _find_channel.lan_channel(self.reader, None)
        return self._section(Instance(SOL, Target(number), f"sol channel {number}"))

    def _section(self, instance: Instance) -> dict[str, t.Any]:
        return {"channel": instance.target.channel, **self._values(instance)}

    def _values(self, instance: Instance) -> dict[str, t.Any]:
        values, missing = read_values(self.reader, instance)
        self.missing += missing
        return show(instance.section, values)

    def _users(self) -> list[dict[str, t.Any]]:
        number = _find_channel.lan_channel(self.reader, None)
        slots = Slots(self.reader, number)
        users = []
        for slot in range(NULL_USER, slots.limits.max_users + 1):
            if slots.name(slot) or (slot == NULL_USER and can_log_in(self.reader, number, slot)):
                users.append(self._user(number, slot))
        return users

    def _user(self, channel: int, slot: int) -> dict[str, t.Any]:
        instance = Instance(USER, Target(channel, slot), f"user slot {slot}")
        return {"user_id": slot, **self._values(instance)}

    def _chassis(self) -> dict[str, t.Any]:
        # All of it is in one answer; without that there is nothing to name.
        _chassis.status_of(self.reader)
        return self._values(_chassis.INSTANCE)

    def _boot(self) -> dict[str, t.Any]:
        return self._values(_boot.INSTANCE)

    def _sessions(self) -> list[dict[str, t.Any]]:
        own = self.reader.read(GET_SESSION_INFO, _session_info.current_request(), SessionInfo.from_wire)
        sessions = []
        for index in range(1, own.active + 1):
            session = self.reader.read(GET_SESSION_INFO, _session_info.nth_request(index), SessionInfo.from_wire)
            if session.handle:
                sessions.append(_session(session, own))
        return sessions


def _session(session: SessionInfo, own: SessionInfo) -> dict[str, t.Any]:
    return {
        "handle": session.handle,
        "user_id": session.user_id,
        "privilege": None if session.privilege is None else option(session.privilege),
        "channel": session.channel,
        "address": None if session.address is None else str(session.address),
        "port": session.port,
        "own": session.handle == own.handle,
    }


#: The parts of the document, in the order of reading.
PARTS: t.Final[dict[str, t.Callable[[Facts], t.Any]]] = {
    "controller": Facts._controller,
    "channels": Facts._channels,
    "lan": Facts._lan,
    "users": Facts._users,
    "sol": Facts._sol,
    "chassis": Facts._chassis,
    "boot": Facts._boot,
    "sessions": Facts._sessions,
}

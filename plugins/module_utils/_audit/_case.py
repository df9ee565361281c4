# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What a check looks at: the BMC through one session, the BMC from outside, and what the site wants.

Nothing here changes the BMC. Each answer is read once for all checks; the `Evidence` of a check is every
exchange that it looked at, those that an earlier check had caused included.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile
from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BmcError, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_LAN,
    GET_SERIAL,
    READ_CHANNEL_SECURITY_KEYS,
    TEST_USER_PASSWORD,
    Command,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._serial import SerialParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _find_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

#: Commands whose request or answer is a secret as a whole.
_SECRET_COMMANDS: t.Final = frozenset({READ_CHANNEL_SECURITY_KEYS, TEST_USER_PASSWORD})
#: Parameters whose value is one; a number that the BMC calls may be one that nobody should know.
_SECRET_PARAMETERS: t.Final = frozenset({(GET_LAN, int(LanParameter.COMMUNITY)), (GET_SERIAL, int(SerialParameter.DIAL_STRING))})
_HIDDEN: t.Final = "(secret)"


class NotAssessed(BmcError):
    """A check cannot say anything; the text is the reason."""

    reason = "not_assessed"


class Evidence(Reader):
    """A reader that remembers what it was asked since `begin`."""

    def __init__(self, bmc: Bmc) -> None:
        super().__init__(bmc)
        self._trail: dict[tuple[t.Any, ...], dict[str, str]] = {}

    def begin(self) -> None:
        """A new check starts."""
        self._trail = {}

    def request(self, command: Command, data: bytes) -> bytes:
        """As `Reader.request`, noted down."""
        try:
            answer = super().request(command, data)
        except CompletionError as error:
            self._note(command, data, error.code, b"")
            raise
        self._note(command, data, 0, answer)
        return answer

    def _note(self, command: Command, data: bytes, code: int, answer: bytes) -> None:
        secret = is_secret(command, data)
        self._trail[(command, data)] = {
            "command": str(command),
            "request": _HIDDEN if command in _SECRET_COMMANDS else data.hex(" "),
            "completion_code": f"0x{code:02X}",
            "response": _HIDDEN if secret and answer else answer.hex(" "),
        }

    def note_probe(self, probe: str, result: str) -> None:
        """What was tried from outside, and what came of it: words without a secret."""
        self._trail[("probe", probe)] = {"probe": probe, "result": result}

    @property
    def trail(self) -> list[dict[str, str]]:
        """What the present check looked at, in the order of looking."""
        return list(self._trail.values())


def is_secret(command: Command, data: bytes) -> bool:
    """Whether the answer to this request is a secret."""
    if command in _SECRET_COMMANDS:
        return True
    return len(data) > 1 and (command, data[1]) in _SECRET_PARAMETERS


@dataclass
class Case:
    """One BMC under audit, and what is wanted of it."""

    reader: Evidence
    policy: t.Mapping[str, t.Any]  #: options of the controls; None where the site said nothing and nothing holds by itself
    profile: Profile
    probes: bool = True  #: whether the BMC may be tried from outside
    secrets: frozenset[str] = field(default_factory=frozenset, repr=False)  #: of the task: Ansible masks them in results, wherever they are
    _memory: dict[str, t.Any] = field(default_factory=dict)

    @property
    def bmc(self) -> Bmc:
        """The session."""
        return self.reader.bmc

    @property
    def connection(self) -> Connection:
        """How it was logged in to."""
        return self.bmc.connection

    def once(self, name: str, look: t.Callable[[], t.Any]) -> t.Any:
        """What several checks need and no reader remembers, such as a probe: made once."""
        if name not in self._memory:
            self._memory[name] = look()
        return self._memory[name]

    def wanted(self, name: str) -> t.Any:
        """A value of the policy; None where nobody said anything."""
        return self.policy.get(name)

    def would_be_masked(self, value: t.Any) -> bool:
        """Whether a result would show asterisks in place of a part of it: of a name, a choice, a number."""
        if isinstance(value, t.Mapping):
            return any(map(self.would_be_masked, value.values()))
        if isinstance(value, (list, tuple)):
            return any(map(self.would_be_masked, value))
        if isinstance(value, str):
            return any(secret in value for secret in self.secrets)
        return str(value) in self.secrets

    def need_outside(self) -> Connection:
        """The connection to probe. Raises NotAssessed where there is none, or where probes are not wanted."""
        if not self.probes:
            raise NotAssessed("probes are switched off (probes: false)")
        if self.connection.interface != "lan":
            raise NotAssessed("in band nothing can be tried from outside: run the audit over the network too")
        return self.connection

    def lan_channels(self) -> list[ChannelInfo]:
        """The BMC's LAN channels. Raises NotAssessed where it names none."""
        channels = {info.channel: info for info in _find_channel.all_channels(self.reader)}
        own = _find_channel.present(self.reader)
        if own is not None and own.channel in _find_channel.NUMBERS:
            # Its own number may be refused.
            channels.setdefault(own.channel, own)
        found = [info for _number, info in sorted(channels.items()) if info.medium in _find_channel.LAN_MEDIA]
        if not found:
            raise NotAssessed("the BMC names no LAN channel (Get Channel Info: none has medium 802.3)")
        return found

    def is_reached(self, channel: int) -> bool:
        """Whether what is tried from outside shows this LAN channel: the BMC says so, or has no other one."""
        own = _find_channel.present(self.reader)
        if own is not None and own.channel in _find_channel.NUMBERS:
            return own.channel == channel
        return [info.channel for info in self.lan_channels()] == [channel]

    def own_channel(self) -> int:
        """The LAN channel in use, else the first. Raises Unsupported where there is none."""
        return _find_channel.lan_channel(self.reader, None)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Both copies of the channels' access, for H-01 to H-07: which there are, what is wanted, what mends one."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AccessMode, ChannelAccess, ChannelInfo, Copy
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import ChannelMedium, Privilege, member
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _find_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import ACCESS, COPY_OPTIONS
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target

Fix = dict[str, t.Any]
#: What a channel may be limited to.
LIMITS: t.Final = range(Privilege.CALLBACK, Privilege.OEM + 1)


@dataclass(frozen=True)
class AccessCopy:
    """One copy of one channel's access."""

    channel: int
    copy: Copy

    @property
    def subject(self) -> str:
        """For verdicts."""
        return f"channel {self.channel}, {COPY_OPTIONS[self.copy].replace('_', '-')}"

    def load(self, case: Case) -> ChannelAccess:
        """Get Channel Access."""
        record: ChannelAccess = ACCESS[self.copy].load(case.reader, Target(self.channel), {})
        return record

    def fix(self, **settings: t.Any) -> Fix:
        """The document that sets something of this copy."""
        return {"channels": [{"channel": self.channel, COPY_OPTIONS[self.copy]: settings}]}


def copies(channels: t.Iterable[ChannelInfo]) -> list[AccessCopy]:
    """Both copies of each channel, the one in force first."""
    return [AccessCopy(info.channel, copy) for info in channels for copy in ACCESS]


def each_copy(channels: t.Iterable[ChannelInfo], judge: t.Callable[[AccessCopy], Verdict]) -> t.Iterator[Verdict]:
    """A verdict for each copy of each channel."""
    return each(copies(channels), lambda one: one.subject, judge)


def flag_is_on(case: Case, name: str, what: str) -> t.Iterator[Verdict]:
    """A verdict for each copy of each LAN channel: whether a flag of the access is on."""

    def judge(one: AccessCopy) -> Verdict:
        if getattr(one.load(case), name):
            return Verdict(State.PASS, f"{what} is on")
        return Verdict(State.FAIL, f"{what} is off", fix=one.fix(**{name: True}))

    return each_copy(case.lan_channels(), judge)


def serial_channels(case: Case) -> list[ChannelInfo]:
    """The BMC's serial channels; none is an answer. Raises NotAssessed where the BMC names no channel at all."""
    found = _find_channel.all_channels(case.reader)
    if not found:
        raise NotAssessed("the BMC names no channel at all (Get Channel Info)")
    return [info for info in found if info.medium == ChannelMedium.SERIAL]


def no_serial_channel() -> Verdict:
    """The verdict for a BMC without one."""
    return Verdict(State.NOT_APPLICABLE, "no serial channel", reason="the BMC has no channel of medium serial")


def is_own(case: Case, channel: int) -> bool:
    """Whether the session runs over the channel, or may do so."""
    return _find_channel.is_own(case.reader, channel, case.connection)


def mode_wanted(case: Case, channel: int) -> AccessMode | None:
    """What H-03 wants a LAN channel to be. None where nobody said it, and the session does not tell."""
    wanted = case.wanted("lan_channels")
    if wanted is None:
        used = _used_channel(case)
        if used is None:
            return None
        wanted = [used]
    return AccessMode.ALWAYS if channel in wanted else AccessMode.DISABLED


def limit_wanted(case: Case) -> Privilege:
    """What H-04 wants: the highest privilege of any session on a LAN channel."""
    return member(Privilege, case.wanted("privilege_limit"))


def _used_channel(case: Case) -> int | None:
    own = _find_channel.present(case.reader)
    if own is not None and own.is_lan and own.channel in _find_channel.NUMBERS:
        return own.channel
    channels = case.lan_channels()
    return channels[0].channel if len(channels) == 1 else None

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What the controls of IPMI 1.5 share: which authentication types are on at which privilege level (LAN parameters 1 and 2)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NOT_THERE, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import AuthTypeEnables
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import AuthType, option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import AUTH_SUPPORT, AUTH_TYPES
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target

LEVELS: t.Final = ("callback", "user", "operator", "administrator", "oem")

Types = t.AbstractSet[AuthType]


@dataclass(frozen=True)
class Enabled:
    """What a channel takes."""

    enables: AuthTypeEnables  #: as parameter 2 says
    support: Types | None  #: what the BMC has; None: it does not tell

    def at(self, level: str) -> Types:
        """What is on at a level, and there. Some makers switch on what their firmware does not have."""
        enabled: Types = getattr(self.enables, level)
        return enabled if self.support is None else enabled & self.support

    def on(self, kinds: Types) -> dict[str, Types]:
        """Those of these types that are on, by level."""
        return {level: found for level in LEVELS if (found := self.at(level) & kinds)}

    def idle(self, kinds: Types) -> Types:
        """Those of these types that are switched on and that the BMC does not have."""
        enabled = frozenset().union(*(getattr(self.enables, level) for level in LEVELS))
        return (enabled & kinds) - (enabled if self.support is None else self.support)


def enabled(case: Case, channel: int) -> Enabled:
    """Raises CompletionError where the BMC does not tell what is on."""
    target = Target(channel)
    enables = AUTH_TYPES.load(case.reader, target, {})
    try:
        support = AUTH_SUPPORT.load(case.reader, target, {}).types
    except CompletionError as error:
        if error.outcome not in NOT_THERE:
            raise
        support = None
    return Enabled(enables, support)


def off(case: Case, kinds: Types) -> t.Iterator[Verdict]:
    """A verdict for each LAN channel: whether these types are off at every level."""

    def judge(info: ChannelInfo) -> Verdict:
        found = enabled(case, info.channel)
        on = found.on(kinds)
        if not on:
            idle = found.idle(kinds)
            return Verdict(State.PASS, f"{names(idle)} is switched on, and the BMC does not have it" if idle else f"{names(kinds)} off")
        left = {level: [option(kind) for kind in sorted(found.at(level) - kinds)] for level in on}
        return Verdict(State.FAIL, shown(on), fix={"channels": [{"channel": info.channel, "auth_types": left}]})

    return each_lan(case, judge)


def names(kinds: Types) -> str:
    """Types as the specification writes them."""
    return ", ".join(kind.name for kind in sorted(kinds))


def shown(on: t.Mapping[str, Types]) -> str:
    """What is on, for a report."""
    kinds: Types = frozenset().union(*on.values())
    return "; ".join(f"{kind.name} is on for {', '.join(level for level in on if kind in on[level])}" for kind in sorted(kinds))

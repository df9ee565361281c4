# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The plans of one entry of a document: what a module's options, or one entry of ipmi_config's, ask for.

An entry may need several plans: a LAN channel has its IPv4 settings and its IPv6 settings, a
channel has two copies of its access. What users see is one dictionary all the same.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Plan

Shown = dict[str, t.Any]


@dataclass(frozen=True)
class Planned:
    """One entry's plans, in the order of writing."""

    #: What names the entry in results, such as its channel.
    identity: t.Mapping[str, t.Any]
    #: Each plan with the option whose dictionary holds its settings; "" is the entry itself.
    parts: tuple[tuple[str, Cut], ...]
    #: What the user should know of it, as warnings.
    notes: tuple[str, ...] = ()
    #: The name of an account that goes because the document does not name it.
    purged: str = ""

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The plans alone."""
        return tuple(cut for _option, cut in self.parts)

    @property
    def before(self) -> Shown:
        """The settings asked for, as they were."""
        return self._shown(lambda plan: plan.before_shown)

    @property
    def after(self) -> Shown:
        """The settings asked for, as they are afterwards."""
        return self._shown(lambda plan: plan.after_shown)

    def _shown(self, values: t.Callable[[Plan], Shown]) -> Shown:
        shown: Shown = {}
        for option, cut in self.parts:
            part = values(cut.plan)
            if not option:
                shown.update(part)
            elif part:
                shown.setdefault(option, {}).update(part)
        return shown


def one(cut: Cut, identity: t.Mapping[str, t.Any] | None = None) -> Planned:
    """An entry with a single plan."""
    return Planned(identity or {}, (("", cut),))

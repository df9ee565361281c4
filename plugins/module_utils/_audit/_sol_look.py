# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Serial over LAN of each LAN channel, for S-01 to S-05."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol import SolAuthentication
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import AUTHENTICATION
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Numbered, Target


def load(case: Case, parameter: Numbered, info: ChannelInfo) -> t.Any:
    """A SOL parameter of a channel."""
    return parameter.load(case.reader, Target(info.channel), {})


def fix(info: ChannelInfo, **settings: t.Any) -> dict[str, t.Any]:
    """The document that sets something of a channel's SOL configuration."""
    return {"sol": {"channel": info.channel, **settings}}


def is_forced(case: Case, name: str, what: str) -> t.Iterator[Verdict]:
    """A verdict for each LAN channel: whether the BMC insists on something."""

    def judge(info: ChannelInfo) -> Verdict:
        record: SolAuthentication = load(case, AUTHENTICATION, info)
        if getattr(record, name):
            return Verdict(State.PASS, f"{what} is forced")
        return Verdict(State.FAIL, f"{what} is left to the client", fix=fix(info, **{name: True}))

    return each_lan(case, judge)

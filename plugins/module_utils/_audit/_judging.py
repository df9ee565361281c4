# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What checks share: a verdict for each channel or account, and "cannot say" where a BMC does not."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BmcError, CompletionError, MalformedAnswer, Unsupported
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import CannotTell, WriteOnly

Thing = t.TypeVar("Thing")

#: A BMC that answers in one of these ways does not say. What ends the session is none of them: the audit fails then.
CANNOT_SAY: t.Final = (CompletionError, MalformedAnswer, Unsupported, CannotTell, WriteOnly, NotAssessed)


def unknown(error: BmcError, subject: str = "") -> Verdict:
    """The verdict where a BMC does not say."""
    return Verdict(State.NOT_ASSESSED, "unknown", subject=subject, reason=str(error))


def each(
    things: t.Iterable[Thing], name: t.Callable[[Thing], str], judge: t.Callable[[Thing], Verdict]
) -> t.Iterator[Verdict]:
    """A verdict for each thing. One that the BMC says nothing about does not hide the others."""
    for thing in things:
        try:
            yield replace(judge(thing), subject=name(thing))
        except CANNOT_SAY as error:
            yield unknown(error, name(thing))


def each_lan(case: Case, judge: t.Callable[[ChannelInfo], Verdict]) -> t.Iterator[Verdict]:
    """A verdict for each LAN channel."""
    return each(case.lan_channels(), lambda info: f"channel {info.channel}", judge)


def wish(actual: str, what: str, option: str) -> Verdict:
    """The verdict where the site did not say what it wants."""
    return Verdict(
        State.MANUAL, actual, expected=f"{what}, as the site wants it", reason=f"say what is wanted with policy.{option}; until then look at it"
    )

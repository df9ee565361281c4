# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Restarting a BMC, and seeing that it did restart and answers again (specification 20.2 and 20.3).

A BMC may answer the command and ignore it, or restart without an answer. Over the network the sessions
tell: none outlives a restart. So the old session must have ended, and a fresh login must work.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    CompletionError,
    NoSessionSlot,
    NotVerified,
    Unreachable,
    Unsupported,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import COLD_RESET, WARM_RESET
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line

RESETS: t.Final = {"cold": COLD_RESET, "warm": WARM_RESET}

#: Seconds after the command in which a BMC must go away.
_PATIENCE = 60.0
#: Seconds that a sign of life may take, and between two looks for one.
_TOUCH, _PAUSE = 1.0, 0.5
#: Seconds for one attempt to log in: one that the restart cuts in two never ends well.
_SLICE = 15.0


@dataclass(frozen=True)
class Restarted:
    """How a restart went."""

    seconds: float  #: from the command until the BMC answered a fresh login
    proved: bool  #: whether the BMC was seen to go away


def restart(line: Line, kind: str, timeout: float) -> Restarted:
    """Restart the BMC, and wait until it answers again; `line` then has a fresh session.

    Raises Unsupported, CompletionError; NotVerified where the old session goes on, Unreachable where no fresh
    login works within `timeout` seconds, LoginRefused.
    """
    bmc = line.bmc
    began = bmc.now()
    _send(bmc, kind)
    deadline, patience = began + timeout, began + min(_PATIENCE, timeout)
    if bmc.connection.interface != "lan":
        return _in_band(bmc, kind, began, patience, deadline)
    while True:
        if not _goes_silent(bmc, patience):
            raise NotVerified(
                f"{kind} reset: the BMC accepted it, and {bmc.now() - began:.0f} seconds later its old session still works. "
                "So it did not restart"
            )
        fresh = _log_in(line, kind, began, deadline)
        if not bmc.touch(_TOUCH):
            break
        # The way there was interrupted, nothing more.
        fresh.close()
    bmc.abandon()
    fresh.requests += bmc.requests
    line.bmc = fresh
    return Restarted(fresh.now() - began, proved=True)


def _send(bmc: Bmc, kind: str) -> None:
    try:
        bmc.request(RESETS[kind])
    except CompletionError as error:
        if error.outcome not in (Outcome.UNSUPPORTED, Outcome.INVALID):
            raise
        other = "cold" if kind == "warm" else "warm"
        raise Unsupported(
            f"the BMC does not support a {kind} reset (completion code 0x{error.code:02X}). Use reset: {other}"
        ) from error
    except AnswerLost:
        # Many restart at once. Whether this one does is looked at next.
        return


def _goes_silent(bmc: Bmc, patience: float) -> bool:
    """Whether the session stops answering."""
    while bmc.touch(_TOUCH):
        if bmc.now() >= patience:
            return False
        bmc.wait(_PAUSE)
    return True


def _log_in(line: Line, kind: str, began: float, deadline: float) -> Bmc:
    bmc = line.bmc
    while True:
        try:
            return line.open(bmc.connection, min(deadline, bmc.now() + _SLICE))
        except (Unreachable, NoSessionSlot) as error:
            if bmc.now() >= deadline:
                raise Unreachable(
                    f"{kind} reset: {bmc.now() - began:.0f} seconds later (reset_timeout) the BMC did not answer a fresh login: {error}"
                ) from error
        # Where the way itself is closed, a login fails at once.
        bmc.wait(_PAUSE)


def _in_band(bmc: Bmc, kind: str, began: float, patience: float, deadline: float) -> Restarted:
    """The driver may wait a restart out by itself, so a BMC that was never away may have restarted all the same."""
    gone = _goes_silent(bmc, patience)
    while not bmc.touch(_TOUCH):
        if bmc.now() >= deadline:
            raise Unreachable(f"{kind} reset: {bmc.now() - began:.0f} seconds later (reset_timeout) the BMC does not answer")
        bmc.wait(_PAUSE)
    return Restarted(bmc.now() - began, proved=gone)

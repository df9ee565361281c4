# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Chassis power: the operations, and waiting until they are done.

A BMC answers Chassis Control before the hardware has done anything, and has no way to
tell when it has. So the state is polled (Get Chassis Status) until it is what was asked
for, within the time given.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    CompletionError,
    NotNow,
    NotReached,
    SessionLost,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._chassis import ChassisControl, ChassisStatus
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import CHASSIS_CONTROL, GET_CHASSIS_STATUS
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome

STATES: t.Final = ["on", "off", "shutdown", "reset", "cycle", "boot"]

#: Seconds between two looks at the power state: quick at first, then sparing the BMC.
_POLLS = (0.2, 0.3, 0.5, 1.0)
_SLOW_POLL = 2.0


#: Seconds in which the off phase of a power cycle must show, to be seen.
_OFF_PHASE = 10.0
#: Seconds after a lost answer in which the state must follow, before the command is sent again.
_AFTER_LOSS = 5.0


@dataclass(frozen=True)
class Step:
    """What a state asks for, given whether the host is on."""

    control: ChassisControl | None  #: None: it is so already
    on: bool  #: the state to reach


def step(state: str, is_on: bool) -> Step:
    """The chassis control that leads from here to `state`. Raises NotNow for a restart of a host that is off."""
    if state == "on":
        return Step(None if is_on else ChassisControl.UP, on=True)
    if state == "off":
        return Step(ChassisControl.DOWN if is_on else None, on=False)
    if state == "shutdown":
        return Step(ChassisControl.SOFT if is_on else None, on=False)
    if state == "boot":
        return Step(ChassisControl.RESET if is_on else ChassisControl.UP, on=True)
    if not is_on:
        # The specification asks BMCs to refuse this; a machine that somebody switched off stays off.
        raise NotNow(f"power {state}: the host is off. state=boot switches it on if it is off, and resets it otherwise")
    return Step(ChassisControl.RESET if state == "reset" else ChassisControl.CYCLE, on=True)


@dataclass(frozen=True)
class Order:
    """What is asked of one chassis."""

    state: str
    timeout: float  #: seconds until the state is reached
    force_after: float | None = None  #: seconds of shutdown after which it is switched off hard
    bridge: int | None = None  #: IPMB address of the controller whose chassis it is


def is_on(bmc: Bmc, bridge: int | None = None) -> bool:
    """Whether the host is on."""
    return bmc.read(GET_CHASSIS_STATUS, b"", ChassisStatus.from_wire, bridge=bridge).power_on


@dataclass(frozen=True)
class Done:
    """How an order ended."""

    changed: bool
    before: str
    powerstate: str
    forced: bool = False


def word(on: bool) -> str:
    """As results say it."""
    return "on" if on else "off"


def carry_out(bmc: Bmc, order: Order, *, check_mode: bool) -> Done:
    """Bring the host to the state and see that it is there. Raises NotReached, CompletionError."""
    before = is_on(bmc, order.bridge)
    first = step(order.state, before)
    if first.control is None or check_mode:
        return Done(first.control is not None, word(before), word(first.on))
    forced = _send_and_wait(bmc, order, first)
    return Done(True, word(before), word(first.on), forced)


def _send_and_wait(bmc: Bmc, order: Order, first: Step) -> bool:
    """Whether the host had to be switched off hard."""
    if first.control is ChassisControl.SOFT and order.force_after is not None:
        return _shut_down_or_force(bmc, order, order.force_after)
    if first.control is None:
        return False
    _control(bmc, first.control, order.bridge)
    if first.control is ChassisControl.CYCLE:
        # Too short an off phase may pass unseen; then on is on.
        _reached(bmc, False, order.bridge, min(_OFF_PHASE, order.timeout))
    if not _reached(bmc, first.on, order.bridge, order.timeout):
        raise _not_reached(order, first.on)
    return False


def _shut_down_or_force(bmc: Bmc, order: Order, patience: float) -> bool:
    try:
        _control(bmc, ChassisControl.SOFT, order.bridge)
    except CompletionError as error:
        if error.outcome not in (Outcome.NOT_NOW, Outcome.UNSUPPORTED, Outcome.INVALID):
            raise
        # It cannot be asked politely, and the task says what then.
    else:
        if _reached(bmc, False, order.bridge, patience):
            return False
    if is_on(bmc, order.bridge):
        _control(bmc, ChassisControl.DOWN, order.bridge)
        if not _reached(bmc, False, order.bridge, order.timeout):
            raise _not_reached(order, False)
    return True


def _not_reached(order: Order, on: bool) -> NotReached:
    hint = ""
    if order.state == "shutdown":
        hint = " The operating system may not react to the power button; force_after switches it off hard"
    return NotReached(
        f"power {order.state}: the BMC accepted it, and after {order.timeout:g} seconds the host is still {word(not on)}.{hint}"
    )


def _control(bmc: Bmc, control: ChassisControl, bridge: int | None) -> None:
    """Send Chassis Control. A lost answer is not followed by a second restart.

    Up and down are sent again only if the host's state shows that they were not carried out.
    """
    try:
        bmc.request(CHASSIS_CONTROL, bytes([control]), bridge=bridge)
    except AnswerLost:
        if control in (ChassisControl.RESET, ChassisControl.CYCLE):
            raise AnswerLost(
                f"Chassis Control ({control.name.lower()}) got no answer: whether the host was restarted is not known. "
                "It was not sent again; look at the console, or at the time of the host's last boot"
            ) from None
        if control is ChassisControl.SOFT or _reached(bmc, control is ChassisControl.UP, bridge, _AFTER_LOSS):
            return
        bmc.request(CHASSIS_CONTROL, bytes([control]), bridge=bridge)


def _reached(bmc: Bmc, on: bool, bridge: int | None, seconds: float) -> bool:
    """Poll until the host is in the state. A BMC that is silent for a while is asked again."""
    deadline = bmc.now() + seconds
    polls = iter(_POLLS)
    while True:
        try:
            if is_on(bmc, bridge) is on:
                return True
        except SessionLost:
            if bmc.now() >= deadline:
                raise
        if bmc.now() >= deadline:
            return False
        bmc.wait(min(next(polls, _SLOW_POLL), max(0.0, deadline - bmc.now())))

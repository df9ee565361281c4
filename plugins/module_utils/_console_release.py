# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Free the console from whoever holds it, if the task says so; else wait, or fail and name who holds it.

Nobody is disturbed unasked. Between the look and the deactivation another may have come, so it is looked once more
right before. Deactivate Payload (06/49) is believed only when the BMC no longer shows the session: some say yes and
leave it active.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc, settle
from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import (
    FIRST,
    LAST,
    ConsoleState,
    Holder,
    Instance,
    State,
    read_console,
    with_staleness,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, BmcError, NotVerified
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import DEACTIVATE_PAYLOAD
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._payload import deactivate_request
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader

#: Deactivate Payload: it was inactive already (24.2).
_ALREADY_INACTIVE: t.Final = 0x80
#: Seconds in which a BMC must show that it carried out a deactivation, and the pause between two looks.
_SETTLED, _PAUSE = 3.0, 0.5
#: A session that is silent for a minute is ended by the BMC, so that waiting must ask more often.
LONGEST_INTERVAL: t.Final = 30
#: Seconds; a day.
LONGEST_WAIT: t.Final = 86400


class ConsoleInUse(BmcError):
    """Somebody has the console, and the task does not say that he may be cut off."""

    reason = "console_held"

    def __init__(self, text: str, console: ConsoleState, evicted: Holder | None = None) -> None:
        super().__init__(text)
        self.console = console
        self.evicted = evicted

    def facts(self) -> dict[str, t.Any]:
        facts: dict[str, t.Any] = {"reason": self.reason, "console": self.console.as_result()}
        if self.evicted is not None:
            facts |= {"evicted": self.evicted.as_result(), "changed": True}
        return facts


class HolderUnknown(ConsoleInUse):
    """The BMC does not say whether the console is free, or who has it."""

    reason = "console_unknown"


class StillHeld(NotVerified):
    """The BMC accepted the deactivation, and the session still has the console."""

    def __init__(self, text: str, console: ConsoleState) -> None:
        super().__init__(text)
        self.console = console

    def facts(self) -> dict[str, t.Any]:
        return {"reason": self.reason, "console": self.console.as_result()}


@dataclass(frozen=True)
class Expected:
    """Who is expected to hold the console; all that is given must be so."""

    user: str | None = None
    address: str | None = None
    session_id: int | None = None

    @classmethod
    def from_option(cls, given: t.Mapping[str, t.Any]) -> Expected:
        """Check what the task gives. Raises BadOption."""
        user, address, session = given.get("user"), given.get("address"), given.get("session_id")
        if user is None and address is None and session is None:
            raise BadOption("expect_holder says nothing: give user, address or session_id")
        if user == "":
            raise BadOption("expect_holder.user is empty")
        return cls(user, None if address is None else _ipv4(address), None if session is None else _session_id(session))

    def matches(self, holder: Holder) -> bool:
        """Whether it is the one. What the BMC does not tell matches nothing."""
        return (
            (self.user is None or self.user == holder.user)
            and (self.address is None or self.address == holder.address)
            and (self.session_id is None or self.session_id == holder.session_id)
        )

    def __str__(self) -> str:
        parts = [f"user {self.user}" if self.user else "", f"address {self.address}" if self.address else ""]
        parts.append("" if self.session_id is None else f"session 0x{self.session_id:08X}")
        return ", ".join(part for part in parts if part)


def _ipv4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise BadOption(f"expect_holder.address {text!r} is no IPv4 address; a BMC tells no other of a holder") from None


def _session_id(text: str) -> int:
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{1,8}", text):
        raise BadOption(f"expect_holder.session_id {text!r} is not 0x and up to eight hexadecimal digits, as results have it")
    return int(text, 16)


@dataclass(frozen=True)
class Wish:
    """What the task says about a console that is held."""

    when_held: str = "fail"  #: "fail", "wait" or "take"
    expected: Expected | None = None  #: needed to take
    stale: str = "release"  #: "fail", "release" (ours only) or "release_any"
    instance: int = FIRST  #: 1 to 15
    timeout: int = 300  #: seconds to wait
    interval: int = 5  #: seconds between two looks

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any]) -> Wish:
        """Check the options. Raises BadOption."""
        check_instance(params["instance"])
        for name, limit in (("wait_timeout", LONGEST_WAIT), ("wait_interval", LONGEST_INTERVAL)):
            if not 1 <= params[name] <= limit:
                raise BadOption(f"{name} is {params[name]}; it must be 1 to {limit} seconds")
        expected = params["expect_holder"]
        if params["when_held"] == "take" and expected is None:
            raise BadOption("when_held=take needs expect_holder: whom the console may be taken from")
        return cls(
            params["when_held"],
            None if expected is None else Expected.from_option(expected),
            params["stale"],
            params["instance"] or FIRST,
            params["wait_timeout"],
            params["wait_interval"],
        )

    def allows(self, holder: Holder) -> bool:
        """Whether the console may be taken from this holder at once."""
        if holder.ours:
            return True
        if holder.stale and (self.stale == "release_any" or (self.stale == "release" and holder.same_account)):
            return True
        return self.when_held == "take" and self.expected is not None and self.expected.matches(holder)


def check_instance(number: int | None) -> None:
    """Raises BadOption for an instance that there cannot be."""
    if number is not None and not FIRST <= number <= LAST:
        raise BadOption(f"instance is {number}; it must be {FIRST} to {LAST}")


def look(bmc: Bmc, machine: Machine, instance: int | None = None) -> ConsoleState:
    """All that can be known of who holds the console, read anew."""
    reader = Reader(bmc)
    return with_staleness(reader, read_console(reader, instance), machine)


@dataclass(frozen=True)
class Released:
    """How it ended."""

    before: ConsoleState
    after: ConsoleState  #: in check mode as it would be, as far as that is known
    evicted: Holder | None = None  #: who was cut off; in check mode who would be
    waited: float = 0.0  #: seconds
    note: str = ""


def release(bmc: Bmc, wish: Wish, machine: Machine, *, check_mode: bool) -> Released:
    """Bring the instance to be free. Raises ConsoleInUse, HolderUnknown, StillHeld, CompletionError, AnswerLost."""
    before = console = look(bmc, machine, wish.instance)
    waited = 0.0
    if wish.when_held == "wait" and not _is_done(console, wish):
        if check_mode:
            return Released(before, before, note=f"would wait up to {wish.timeout} seconds: {console}")
        waited = _wait(bmc, wish)
        console = look(bmc, machine, wish.instance)
    (instance,) = console.instances
    if instance.state is State.FREE:
        return Released(before, console, waited=waited, note="the holder left by himself" if waited else "")
    holder = _may_go(console, wish, waited)
    if check_mode:
        free = ConsoleState(console.capacity, (Instance(instance.number, State.FREE, instance.serial_port),))
        return Released(before, free, holder)
    left = _look_again(bmc, wish, machine, holder)
    if left is not None:
        return Released(before, left, waited=waited, note=f"{holder} left just before the console was to be taken")
    return Released(before, _deactivate(bmc, wish, machine, holder), holder, waited)


def _is_done(console: ConsoleState, wish: Wish) -> bool:
    """Whether there is nothing to wait for."""
    (instance,) = console.instances
    return instance.state is State.FREE or (instance.holder is not None and wish.allows(instance.holder))


def _may_go(console: ConsoleState, wish: Wish, waited: float) -> Holder:
    """The holder, if the task lets him be cut off. Raises ConsoleInUse, HolderUnknown."""
    (instance,) = console.instances
    holder = instance.holder
    patience = f" after {waited:g} seconds (wait_timeout)" if waited else ""
    if holder is None:
        raise HolderUnknown(
            f"{console}{patience}. Nobody is cut off whom the BMC does not name. Look who uses the console; "
            "ipmitool sol deactivate frees it whoever it is",
            console,
        )
    if wish.allows(holder):
        return holder
    raise ConsoleInUse(f"{_described(instance, holder)}{patience}. {_advice(wish, holder)}", console)


def _described(instance: Instance, holder: Holder) -> str:
    session = "" if holder.user_id is None else f" ({holder.session})"
    return f"the console (instance {instance.number}) is held by {holder}{session}: {holder.stale_reason}"


def _advice(wish: Wish, holder: Holder) -> str:
    if wish.when_held == "take":
        return f"It was not taken, because expect_holder names {wish.expected}"
    if holder.stale and not holder.same_account and wish.stale == "release":
        return "Whose it was is not known; stale=release_any releases it"
    if holder.stale:
        return "stale=release releases it"
    waiting = "" if wish.when_held == "wait" else "when_held=wait waits until it is free; "
    return f"Ask the holder to leave it. {waiting}when_held=take with expect_holder takes it from the one that it names"


def _wait(bmc: Bmc, wish: Wish) -> float:
    """Ask until the console is free or the time is over; how long that took, in seconds."""
    start = bmc.now()
    while True:
        rest = start + wish.timeout - bmc.now()
        if rest <= 0:
            break
        bmc.wait(min(wish.interval, rest))
        if _brief(bmc, wish).state is State.FREE:
            break
    return bmc.now() - start


def _brief(bmc: Bmc, wish: Wish) -> Instance:
    """Whether the instance is free, and which session has it; nothing about that session is asked."""
    return read_console(Reader(bmc), wish.instance, names=False).instances[0]


def _session_of(instance: Instance) -> int | None:
    return None if instance.holder is None else instance.holder.session_id


def _look_again(bmc: Bmc, wish: Wish, machine: Machine, holder: Holder) -> ConsoleState | None:
    """None: the same session still has it; else the console, which became free. Raises ConsoleInUse for another."""
    now = _brief(bmc, wish)
    if _session_of(now) == holder.session_id:
        return None
    console = look(bmc, machine, wish.instance)
    if console.state is State.FREE:
        return console
    raise ConsoleInUse(
        f"the console changed hands while the task looked: it was held by {holder}, and now {console}. Nobody was cut off", console
    )


def _deactivate(bmc: Bmc, wish: Wish, machine: Machine, holder: Holder) -> ConsoleState:
    """Deactivate Payload, and see that it is so. Raises StillHeld, or ConsoleInUse for one who came since."""

    def gone() -> bool:
        return _session_of(_brief(bmc, wish)) != holder.session_id

    code = 0

    def write() -> None:
        nonlocal code
        code, _data = bmc.ask(DEACTIVATE_PAYLOAD, deactivate_request(wish.instance), final={_ALREADY_INACTIVE})

    settle(bmc, write, gone)
    deadline = bmc.now() + _SETTLED
    while not _settled(_brief(bmc, wish), holder) and bmc.now() < deadline:
        bmc.wait(_PAUSE)
    console = look(bmc, machine, wish.instance)
    (instance,) = console.instances
    if instance.state is State.FREE:
        return console
    if instance.holder is not None and instance.holder.session_id != holder.session_id:
        raise ConsoleInUse(f"the console was released from {holder}, and since then {console}", console, holder)
    said = "says that the console was inactive already" if code else "accepted Deactivate Payload"
    raise StillHeld(
        f"the BMC {said}, and still {console}. Firmware is known that does so: resetting the BMC, "
        "or switching Serial over LAN off and on (ipmi_sol), frees it",
        console,
    )


def _settled(instance: Instance, holder: Holder) -> bool:
    return instance.state is State.FREE or _session_of(instance) not in (None, holder.session_id)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What stands between a console server (conserver, conman) and a BMC: it carries the console, and never steals it.

The guard asks the BMC before each opening who holds the console. While somebody does, it waits and says who, one
line for each change, and looks again every `interval` seconds. The lines go where the console's characters go, so
that they are in the console server's log and before the eyes of its users.
"""

from __future__ import annotations

import os
import re
import select
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import Holder, Instance, State
from ansible_collections.lightsout.bmc.plugins.module_utils._console_release import (
    ConsoleInUse,
    Expected,
    StillHeld,
    Wish,
    check_instance,
    look,
    release,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BadOption,
    BmcError,
    ConsoleHeld,
    ConsoleLost,
    ConsoleUnavailable,
    LoginRefused,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from ansible_collections.lightsout.bmc.plugins.module_utils._sol_console import Pace, SolConsole

#: What the console server's break sequence sends, for a break on the serial line: an operating system command of
#: terminals (OSC) that none has. A pseudo terminal and a Unix socket carry no break of their own.
BREAK: t.Final = b"\x1b]623;break\x07"
#: The policies about a console that somebody else holds.
POLICIES: t.Final = ("never", "if_idle_for", "always")
#: A session that is silent for a minute is ended by the BMC.
LONGEST_INTERVAL: t.Final = 30.0
#: Seconds until a login that was refused is tried again: BMCs count bad logins. Twice as long each time, up to the last.
_AFTER_REFUSAL, _LONGEST_PAUSE = 60.0, 3600.0
#: Which share of the interval may pass until a loss is noticed of which the BMC says nothing. The rest is for whoever
#: freed the console to open it: in all it is held again within the interval.
_NOTICE: t.Final = 0.75
#: The longest time between two looks whose the open console is, in seconds: the shortest-lived sessions known last 30.
_LONGEST_CHECK: t.Final = 15.0
#: Seconds for which a BMC may refuse what is typed, before it is told that it went nowhere.
_REFUSED: t.Final = 3.0
_CHUNK: t.Final = 4096


class Stop(Exception):
    """The console server has left, or the program was told to end."""


@dataclass(frozen=True)
class Entry:
    """One console: where its BMC is, and what may be done about one who holds it. Secrets are kept out of `repr`."""

    name: str
    connection: Connection
    instance: int = 1
    policy: str = "never"
    idle_for: float = 0.0  #: seconds, for the policy if_idle_for
    idle_counts_held: bool = False  #: whether a session that has held it for so long counts as idle though it lives
    interval: float = 5.0  #: seconds between two looks

    @classmethod
    def from_table(cls, name: str, given: t.Mapping[str, t.Any]) -> Entry:
        """One entry of the table that the role writes. Raises BadOption."""
        entry = cls(
            name,
            Connection.from_params(
                {
                    "bmc_interface": "lan",
                    "bmc_host": given["host"],
                    "bmc_port": int(given.get("port", 623)),
                    "bmc_user": given.get("user"),
                    "bmc_password": given.get("password"),
                    "bmc_kg": given.get("kg"),
                    "bmc_privilege": given.get("privilege", "administrator"),
                    "bmc_timeout": float(given.get("timeout", 10.0)),
                }
            ),
            int(given.get("instance", 1)),
            given.get("policy", "never"),
            float(given.get("idle_for", 0.0)),
            # Whatever else stands there: nobody is cut off for it.
            given.get("idle_counts_held") is True,
            float(given.get("interval", 5.0)),
        )
        check_instance(entry.instance)
        if entry.policy not in POLICIES:
            raise BadOption(f"the policy {entry.policy!r} of {name} is none of {', '.join(POLICIES)}")
        if not 0 < entry.interval <= LONGEST_INTERVAL:
            raise BadOption(f"the interval of {name} is {entry.interval:g}; it must be more than 0 and at most {LONGEST_INTERVAL:g} seconds")
        return entry

    def same_console(self, other: Entry) -> bool:
        """Whether an open console may stay open where this row replaces the other: only what the login takes differs."""
        return self._without_login() == other._without_login()

    def _without_login(self) -> Entry:
        return replace(self, connection=replace(self.connection, user="", password="", kg=None))

    @property
    def pace(self) -> Pace:
        """Of the open console."""
        return Pace(check=min(_NOTICE * self.interval, _LONGEST_CHECK), refused=_REFUSED)

    def wish(self, instance: Instance, held_for: float) -> Wish | None:
        """How the holder may be cut off now; None: he may not. A run of our own that died never counts as a holder."""
        holder = instance.holder
        if holder is None:
            # Nobody is cut off whom the BMC does not name.
            return None
        if holder.stale and holder.same_account:
            return Wish(stale="release", instance=self.instance)
        if self.policy == "always":
            return self._take(holder)
        if self.policy == "if_idle_for" and held_for >= self.idle_for:
            if holder.stale:
                return Wish(stale="release_any", instance=self.instance)
            if self.idle_counts_held:
                return self._take(holder)
        return None

    def _take(self, holder: Holder) -> Wish:
        """From this session and no other."""
        return Wish("take", Expected(session_id=holder.session_id), instance=self.instance)


@dataclass(frozen=True)
class Terminal:
    """The console server's end: a pseudo terminal, a socket or a pipe, that does not block.

    `stopped` becomes readable when the program is to end.
    """

    source: int
    sink: int
    stopped: int | None = None

    def wait(self, seconds: float, *others: int) -> bool:
        """Wait until there is something to read from the console server or the others. Whether it is the server. Raises Stop."""
        files = [self.source, *others] + ([] if self.stopped is None else [self.stopped])
        # poll, because select refuses file numbers from 1024 on.
        poll = select.poll()
        for number in files:
            poll.register(number, select.POLLIN)
        ready = {number for number, _event in poll.poll(max(0.0, seconds) * 1000)}
        if self.stopped in ready:
            raise Stop("told to end")
        return self.source in ready

    def read(self) -> bytes:
        """What has been typed; b"" for nothing. Raises Stop at the end."""
        try:
            data = os.read(self.source, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""  # a pseudo terminal without another end reads as an error
        if not data:
            raise Stop("the console server has left")
        return data

    def write(self, data: bytes) -> None:
        """Print. Raises Stop where nobody is there any more, or the program is to end while nobody reads."""
        while data:
            try:
                data = data[os.write(self.sink, data) :]
            except BlockingIOError:
                self._wait_for_room()
            except OSError as error:
                raise Stop(f"the console server has left: {error.strerror}") from None

    def _wait_for_room(self) -> None:
        """Meanwhile the BMC keeps the host's characters, for as long as it can."""
        poll = select.poll()
        poll.register(self.sink, select.POLLOUT)
        if self.stopped is not None:
            poll.register(self.stopped, select.POLLIN)
        if self.stopped in {number for number, _event in poll.poll()}:
            raise Stop("told to end")


class Keys:
    """Divides what is typed into characters and breaks; the sequence for a break may come in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def split(self, data: bytes) -> list[bytes]:
        """Characters as they are, and BREAK for each break. A piece of a break waits for the rest of it."""
        data = self._rest + data
        self._rest = b""
        # A lone escape is a key that people press, so it never waits.
        for size in range(len(BREAK) - 1, 1, -1):
            if data.endswith(BREAK[:size]):
                data, self._rest = data[:-size], BREAK[:size]
                break
        return [part for part in re.split(b"(" + re.escape(BREAK) + b")", data) if part]


class Relay:
    """One console, carried between the console server and the BMC until the console server leaves."""

    def __init__(self, entry: Entry, terminal: Terminal, machine: Machine | None = None, renew: t.Callable[[], Entry] | None = None) -> None:
        """`renew` gives the console's entry as it is now, before each login: passwords change."""
        self._entry = entry
        self._renew = renew or (lambda: entry)
        self._refusals = 0
        self._terminal = terminal
        self._machine = machine or Machine()
        self._said = ""
        self._again = False
        self._holder: int | None = None
        self._since = 0.0

    def run(self) -> None:
        """Until the console server leaves. The console is given back on every path."""
        try:
            while True:
                self._until_trouble()
        except Stop:
            return

    def _until_trouble(self) -> None:
        """Log in, wait for the console and carry it, until something goes wrong; then pause."""
        pause = self._entry.interval
        try:
            self._entry = self._renew()
            with open_session(self._entry.connection) as bmc:
                self._refusals = 0
                self._until_free(bmc)
                self._carry(bmc)
        except LoginRefused as error:
            self._after_refusal(error)
            return
        except BmcError as error:
            self.say(f"the console is not available: {error}")
            if isinstance(error, ConsoleLost) and not error.told:
                # It was lost some time ago.
                pause *= 1 - _NOTICE
        self._stand_by(pause)

    def _after_refusal(self, error: LoginRefused) -> None:
        """Leave the BMC alone for a while, or until there is another password, account or address to try."""
        self.say(f"the console is not available: {error}")
        refused = self._entry.connection
        until = time.monotonic() + min(_AFTER_REFUSAL * 2**self._refusals, _LONGEST_PAUSE)
        self._refusals += 1
        while (rest := until - time.monotonic()) > 0:
            self._stand_by(min(rest, self._entry.interval))
            try:
                changed = self._renew().connection != refused
            except BadOption as problem:
                self.say(f"the console is not available: {problem}")
                continue
            if changed:
                self._refusals = 0
                return

    # The guard.

    def _until_free(self, bmc: Bmc) -> None:
        """Return when the console may be opened. Raises Stop, BmcError."""
        while True:
            instance = look(bmc, self._machine, self._entry.instance).instances[0]
            # Where the BMC does not say, it is tried: Activate Payload takes the console from nobody, it is refused (80h).
            if instance.state is not State.HELD or self._dealt_with(bmc, instance):
                # Nothing is opened for a console server that has left meanwhile. What was typed until now reaches nobody.
                if self._terminal.wait(0.0):
                    self._terminal.read()
                return
            self._stand_by(self._entry.interval)

    def _dealt_with(self, bmc: Bmc, instance: Instance) -> bool:
        """Say who holds it, and cut him off where the policy says so. Whether it is free now."""
        number = None if instance.holder is None else instance.holder.session_id
        if number != self._holder or not self._since:
            self._holder, self._since = number, time.monotonic()
        wish = self._entry.wish(instance, time.monotonic() - self._since)
        if wish is None:
            self.say(f"the console is {instance}; it is taken back when he is done (looked at every {self._entry.interval:g} s)")
            return False
        try:
            released = release(bmc, wish, self._machine, check_mode=False)
        except (ConsoleInUse, StillHeld) as error:
            self.say(f"the console could not be freed: {error}")
            return False
        if released.evicted is not None:
            self.say(f"{released.evicted} was cut off (policy {self._entry.policy}): {released.evicted.stale_reason}")
        return True

    def _stand_by(self, seconds: float) -> None:
        """Pause. What is typed meanwhile reaches nobody; Enter asks for the state once more."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            if self._terminal.wait(rest) and b"\r" in self._terminal.read():
                self._again = True
                self.say(self._said)

    # The console.

    def _carry(self, bmc: Bmc) -> None:
        console = SolConsole(bmc, instance=self._entry.instance, pace=self._entry.pace)
        try:
            with console:
                self._holder = None
                self.say("the console is open")
                self._exchange(bmc, console)
        except ConsoleHeld:
            # Somebody came first, or a BMC that cannot tell says so now.
            instance = look(bmc, self._machine, self._entry.instance).instances[0]
            told = str(instance) if instance.state is State.HELD else "held; by whom the BMC does not say"
            self.say(f"the console is {told}; it is taken back when he is done (looked at every {self._entry.interval:g} s)")

    def _exchange(self, bmc: Bmc, console: SolConsole) -> None:
        keys = Keys()
        while True:
            printed = console.receive(bmc.now())
            if printed:
                self._terminal.write(printed)
                continue
            if self._terminal.wait(console.due - bmc.now(), console.fileno()):
                for part in keys.split(self._terminal.read()):
                    self._type(console, part)

    def _type(self, console: SolConsole, part: bytes) -> None:
        """Pass on characters or a break. A host that is off takes none, and its console stays open for when it starts."""
        try:
            if part == BREAK:
                console.send_break()
            else:
                console.send(part)
        except ConsoleUnavailable as error:
            self.say(f"what was typed has not reached the host: {error}")

    def say(self, text: str) -> None:
        """A line of ours in the console's stream, unless it was the last one already."""
        if text == self._said and not self._again:
            return
        self._said, self._again = text, False
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._terminal.write(f"\r\n[bmc-console {stamp} {self._entry.name}: {text}]\r\n".encode())

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Work at an open console: type, wait for patterns, watch a boot; what came of it, and when."""

from __future__ import annotations

import base64
import re
import typing as t
from collections import deque
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._boot_stages import STAGES, BootWatch
from ansible_collections.lightsout.bmc.plugins.module_utils._console_script import ENTER, Keys, Pattern, Script, Step
from ansible_collections.lightsout.bmc.plugins.module_utils._console_secrets import Secrets
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BmcError, CompletionError, NotReached
from ansible_collections.lightsout.bmc.plugins.module_utils._power import Order, carry_out
from ansible_collections.lightsout.bmc.plugins.module_utils._sol_console import SolConsole
from ansible_collections.lightsout.bmc.plugins.module_utils._terminal import Terminal

#: Bytes that are kept; of more, the last.
MOST_BYTES: t.Final = 1 << 20
#: Characters in which a pattern is looked for, back from the last one.
MOST_UNREAD: t.Final = 1 << 16
#: Events that are kept; of more, the last. An answered pattern may come without end.
MOST_EVENTS: t.Final = 10000
#: Seconds in which a host that is there answers the key Enter.
PROBE: t.Final = 3.0


class BootFailed(BmcError):
    """The host has stopped on its way to the login."""

    reason = "boot_failed"


@dataclass(frozen=True)
class Found:
    """A pattern that came."""

    name: str
    pattern: str
    text: str
    groups: tuple[str | None, ...]
    named_groups: t.Mapping[str, str | None]
    at: float  #: seconds since the console was opened
    step: int

    def as_result(self) -> dict[str, t.Any]:
        """As the module returns it."""
        return {
            "name": self.name,
            "pattern": self.pattern,
            "text": self.text,
            "groups": list(self.groups),
            "named_groups": dict(self.named_groups),
            "at": self.at,
            "step": self.step,
        }


class Talk:
    """One visit at a console. Its records stay when an error ends it."""

    def __init__(self, bmc: Bmc, secrets: Secrets | None = None) -> None:
        self.raw = bytearray()
        self.received = 0  #: bytes
        self.typed = False
        self.power: str | None = None  #: "reset" or "on", as soon as it may have been done
        self.boot: BootWatch | None = None
        self.matched: Found | None = None
        self.events: deque[dict[str, t.Any]] = deque(maxlen=MOST_EVENTS)
        self.secrets = secrets or Secrets()
        self._terminal = Terminal()
        self._bmc = bmc
        self._start = bmc.now()
        self._noted = 0  # events, those that were dropped included
        self._text = ""  # the last character that was read, and all that is unread
        self._read = 0
        self._boot_start = 0.0
        self._follows_boot = False

    @property
    def at(self) -> float:
        """Seconds since the console was opened."""
        return round(self._bmc.now() - self._start, 3)

    def _note(self, what: str, **more: t.Any) -> None:
        self._noted += 1
        self.events.append({"at": self.at, "event": what, **more})

    # Carrying out a script.

    def carry_out(self, console: SolConsole, script: Script) -> None:
        """All of it. Raises NotReached, BootFailed, and what ends a console."""
        self._start = self._bmc.now()
        deadline = console.deadline = self._start + script.timeout
        self._note("opened")
        if script.observe_boot:
            self._restart(console, script.timeout)
        for step in script.steps:
            self._do(console, step, deadline, script.timeout)
        if script.observe_boot and not script.expects:
            self._see_it_boot(console, deadline, script.timeout)
        elif not script.expects:
            self._collect(console, deadline)
        if script.probe and not self.received:
            console.deadline = self._bmc.now() + PROBE
            self._type(console, Keys(ENTER))
            self._collect(console, console.deadline, enough=1)

    def _collect(self, console: SolConsole, deadline: float, enough: int | None = None) -> None:
        """Take what comes until the deadline, or until there are so many bytes."""
        while self._take(console, deadline):
            if enough is not None and self.received >= enough:
                return

    def _do(self, console: SolConsole, step: Step, deadline: float, whole: float) -> None:
        if step.says and self._bmc.now() >= deadline:
            raise NotReached(f"step {step.number}: timeout, {whole:g} seconds, was over before it, so nothing of it was typed")
        if step.breaks or step.sysrq is not None:
            self._note("break" if step.sysrq is None else "sysrq", text=step.sysrq)
            self.typed = True
            console.send_break()
            if step.sysrq is not None:
                console.send(step.sysrq.encode())
        if step.keys is not None:
            self._type(console, step.keys)
        if not step.patterns:
            return
        until = deadline if step.timeout is None else min(deadline, self._bmc.now() + step.timeout)
        if not self._expect(console, step, until) and not step.only_answers:
            names = ", ".join(repr(pattern.name) for pattern in step.patterns if pattern.answer is None)
            limit = f"its timeout of {step.timeout:g}" if until < deadline and step.timeout is not None else f"timeout, {whole:g}"
            raise NotReached(f"step {step.number}: {names} did not come on the console within {limit} seconds")

    def _type(self, console: SolConsole, keys: Keys) -> None:
        if keys.value is not None:
            self.secrets.add(keys.value)
            self._note("sent", text=None, secret=keys.secret)
        else:
            self._note("sent", text=keys.text)
        self.typed = True
        console.send(keys.data)

    def _expect(self, console: SolConsole, step: Step, deadline: float) -> bool:
        """Whether a pattern without an answer came. Raises BootFailed for a boot that stops before."""
        over = False
        while True:
            found = _earliest(step.patterns, self._text, self._read)
            if found is not None:
                pattern, match = found
                # A pattern that only looks ahead would else be found for ever.
                self._read = max(match.end(), match.start() + 1)
                self._note("matched", name=pattern.name, step=step.number)
                if pattern.answer is None:
                    self._came(step, pattern, match)
                    return True
                if over:
                    return False
                self._type(console, pattern.answer)
            elif over or (step.only_answers and self.boot is not None and self.boot.done):
                return False
            else:
                if self._follows_boot:
                    self._raise_if_stopped()
                over = not self._take(console, deadline)
            over = over or self._bmc.now() >= deadline

    def _came(self, step: Step, pattern: Pattern, match: re.Match[str]) -> None:
        # What the host does after that is the task's own affair.
        self._follows_boot = False
        self.matched = Found(pattern.name, pattern.regex.pattern, match[0], match.groups(), match.groupdict(), self.at, step.number)

    def _take(self, console: SolConsole, deadline: float) -> bool:
        """Take what has come, or what comes next; False at the deadline."""
        data = console.receive(deadline)
        if not data:
            return False
        self.received += len(data)
        self.raw += data
        del self.raw[:-MOST_BYTES]
        text = self._terminal.feed(data)
        self._text += text
        self._read = max(self._read, len(self._text) - MOST_UNREAD)
        # One character more, which tells whether a line begins there.
        gone = max(0, self._read - 1)
        self._text, self._read = self._text[gone:], self._read - gone
        if self.boot is not None:
            for stage in self.boot.feed(text, round(self._bmc.now() - self._boot_start, 3)):
                self._note("stage", name=stage)
        # An endless stream must not keep the deadline from coming.
        return self._bmc.now() < deadline

    # A boot.

    def _restart(self, console: SolConsole, timeout: float) -> None:
        """Reset the host, or switch it on, and listen meanwhile."""
        self._collect(console, self._bmc.now())
        self._text, self._read = "", 0
        self.boot, self._boot_start = BootWatch(), self._bmc.now()
        self._note("restart")
        self.power, self._follows_boot = "unknown", True

        def pause(seconds: float) -> None:
            until = self._bmc.now() + seconds
            while self._bmc.now() < until and self._take(console, until):
                pass

        try:
            with self._bmc.pausing_by(pause):
                done = carry_out(self._bmc, Order("boot", timeout), check_mode=False)
        except CompletionError:
            self.power = None
            raise
        self.power = "reset" if done.before == "on" else "on"
        self._note("power", name=self.power)

    def _see_it_boot(self, console: SolConsole, deadline: float, whole: float) -> None:
        boot = self.boot
        while boot is not None and not boot.done:
            if not self._take(console, deadline) and not boot.done:
                seen = ", ".join(f"{name} after {at:g} seconds" for name, at in boot.times.items())
                raise NotReached(f"the host did not come to a login within timeout, {whole:g} seconds; seen: {seen or 'nothing of a boot'}")
        self._raise_if_stopped()

    def _raise_if_stopped(self) -> None:
        if self.boot is not None and self.boot.trouble is not None:
            name, text = self.boot.trouble
            self._note("trouble", name=name)
            raise BootFailed(f"the boot has stopped ({name}): {self.secrets.text(text)}")

    # What came of it.

    def as_result(self) -> dict[str, t.Any]:
        """As the module returns it, without secrets."""
        raw = self.secrets.raw(bytes(self.raw))
        result = {
            "transcript": self._terminal.text,
            "matched": None if self.matched is None else self.matched.as_result(),
            "events": list(self.events),
            "boot": self._boot_result(),
        }
        truncated = self._terminal.truncated or self.received > len(self.raw) or self._noted > len(self.events)
        plain: dict[str, t.Any] = self.secrets.everywhere(result)
        return {**plain, "raw": base64.b64encode(raw).decode(), "truncated": truncated}

    def _boot_result(self) -> dict[str, t.Any] | None:
        if self.boot is None:
            return None
        trouble = self.boot.trouble
        return {
            "action": self.power,
            "stages": dict(self.boot.times),
            "missing": [stage.name for stage in STAGES if stage.name not in self.boot.times],
            "trouble": None if trouble is None else {"name": trouble[0], "text": trouble[1]},
        }


def _earliest(patterns: t.Sequence[Pattern], text: str, start: int) -> tuple[Pattern, re.Match[str]] | None:
    """The pattern that comes first in a text from `start` on; of two at one place, the one that is given first."""
    found = [(pattern, match) for pattern in patterns if (match := pattern.regex.search(text, start)) is not None]
    return min(found, key=lambda one: one[1].start(), default=None)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What a task says is to be typed at a console, and waited for: from options to records, checked before anything is sent."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

#: What ends a line: the key Enter.
ENTER: t.Final = "\r"
#: Seconds that a task may stay at a console; a day.
LONGEST: t.Final = 86400
_TYPED: t.Final = ("send", "send_line", "send_secret")
_PATTERN_KEYS: t.Final = frozenset({"pattern", "name", *_TYPED})


@dataclass(frozen=True)
class Keys:
    """Characters to type."""

    text: str
    secret: str | None = None  #: the name that the secret has in the task; what is told of it

    @property
    def data(self) -> bytes:
        """As they go over the line."""
        return self.text.encode()

    @property
    def value(self) -> str | None:
        """What must not be told."""
        return None if self.secret is None else self.text[: -len(ENTER)]

    def __str__(self) -> str:
        return repr(self.text) if self.secret is None else f"the secret {self.secret}"

    def __repr__(self) -> str:
        # A dataclass' own would show the secret, in a traceback for example.
        return f"Keys({self})"


@dataclass(frozen=True)
class Pattern:
    """A text that is waited for."""

    name: str
    regex: re.Pattern[str]
    answer: Keys | None = None  #: typed each time it comes, and the waiting goes on


@dataclass(frozen=True)
class Step:
    """Something to do: type, then wait."""

    number: int  #: from 1
    keys: Keys | None = None
    breaks: bool = False
    sysrq: str | None = None  #: the key after the break
    patterns: tuple[Pattern, ...] = ()
    timeout: float | None = None  #: seconds; None: as long as the task has

    @property
    def says(self) -> bool:
        """Whether it begins by typing something."""
        return self.breaks or self.sysrq is not None or self.keys is not None

    @property
    def only_answers(self) -> bool:
        """Whether no pattern ends it: it answers as long as the task has time."""
        return all(pattern.answer for pattern in self.patterns)

    @property
    def shown(self) -> t.Iterator[str]:
        """What it does to the host, in words."""
        if self.breaks:
            yield "a break"
        if self.sysrq is not None:
            yield f"SysRq {self.sysrq}"
        if self.keys is not None:
            yield str(self.keys)
        yield from (f"{pattern.answer} at {pattern.name!r}" for pattern in self.patterns if pattern.answer)


@dataclass(frozen=True)
class Script:
    """All that a task does at a console."""

    steps: tuple[Step, ...]  #: the last waits for the task's own `expect`, if it has one
    timeout: float  #: seconds for the whole
    observe_boot: bool
    probe: bool
    secrets: tuple[str, ...] = field(default=(), repr=False)  #: the values, typed or not

    @property
    def expects(self) -> bool:
        """Whether it ends with a pattern of the task's."""
        return any(not step.only_answers for step in self.steps)

    @property
    def shown(self) -> list[str]:
        """What it does to the host, in words; for diff mode."""
        boot = ["a reset, or power on"] if self.observe_boot else []
        return boot + [words for step in self.steps for words in step.shown]

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any]) -> Script:
        """Check the options. Raises BadOption."""
        secrets = _secrets(params["secrets"])
        steps = [_step(number, step, secrets) for number, step in enumerate(params["steps"] or [], 1)]
        if params["expect"]:
            steps.append(Step(len(steps) + 1, patterns=_patterns("expect", params["expect"], secrets)))
        timeout = params["timeout"]
        if timeout is None:
            timeout = 900 if params["observe_boot"] else 30
        _seconds("timeout", timeout)
        return cls(tuple(steps), timeout, params["observe_boot"], params["probe"], tuple(secrets.values()))


def _seconds(name: str, value: float) -> None:
    if not 0 < value <= LONGEST:
        raise BadOption(f"{name} is {value:g}; it must be more than 0 and at most {LONGEST} seconds")


def _secrets(given: t.Mapping[str, t.Any] | None) -> dict[str, str]:
    found = {str(name): value for name, value in (given or {}).items()}
    for name, value in found.items():
        if not isinstance(value, str) or not value:
            raise BadOption(f"secrets.{name} must be a text, and not an empty one")
        _characters(f"secrets.{name}", value)
    return found


def _step(number: int, given: t.Mapping[str, t.Any], secrets: t.Mapping[str, str]) -> Step:
    where = f"steps[{number - 1}]"
    doings = [name for name in (*_TYPED, "send_break", "send_sysrq") if given.get(name) not in (None, False)]
    if len(doings) > 1:
        raise BadOption(f"{where} has {' and '.join(doings)}: give each a step of its own")
    if not doings and not given.get("expect"):
        raise BadOption(f"{where} says nothing to do: give send, send_line, send_secret, send_break, send_sysrq or expect")
    sysrq = given.get("send_sysrq")
    if sysrq is not None and not re.fullmatch(r"[0-9A-Za-z?]", sysrq):
        raise BadOption(f"{where}.send_sysrq is {sysrq!r}; it is one letter or digit, such as h (help), s (sync), b (restart)")
    if given.get("timeout") is not None:
        _seconds(f"{where}.timeout", given["timeout"])
    return Step(
        number,
        _keys(where, given, secrets),
        bool(given.get("send_break")),
        sysrq,
        _patterns(f"{where}.expect", given.get("expect") or [], secrets),
        given.get("timeout"),
    )


def _keys(where: str, given: t.Mapping[str, t.Any], secrets: t.Mapping[str, str]) -> Keys | None:
    name = given.get("send_secret")
    if name is not None:
        if name not in secrets:
            # Not the value: it may be the secret itself, in the wrong place.
            raise BadOption(f"{where}.send_secret must be a name, one that secrets has")
        return Keys(secrets[name] + ENTER, name)
    for key, ending in (("send_line", ENTER), ("send", "")):
        if given.get(key) is not None:
            _characters(f"{where}.{key}", given[key])
            return Keys(given[key] + ending)
    return None


def _characters(where: str, text: str) -> None:
    """Raises BadOption for what no text has, such as half of a pair of UTF-16. The text is not repeated."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadOption(f"{where} has a character that does not exist") from None


def _patterns(where: str, given: t.Sequence[t.Any], secrets: t.Mapping[str, str]) -> tuple[Pattern, ...]:
    return tuple(_pattern(f"{where}[{number}]", one, secrets) for number, one in enumerate(given))


def _pattern(where: str, given: t.Any, secrets: t.Mapping[str, str]) -> Pattern:
    entry: t.Mapping[str, t.Any] = {"pattern": given} if isinstance(given, str) else given
    if not isinstance(entry, dict) or not isinstance(entry.get("pattern"), str):
        raise BadOption(f"{where} must be a regular expression, or a dictionary with pattern")
    unknown = sorted(set(entry) - _PATTERN_KEYS)
    if unknown:
        raise BadOption(f"{where} has {', '.join(unknown)}; it may have {', '.join(sorted(_PATTERN_KEYS))}")
    for name in ("pattern", "name", *_TYPED):
        if not isinstance(entry.get(name, ""), str):
            raise BadOption(f"{where}.{name} must be a text")
        _characters(f"{where}.{name}", entry.get(name, ""))
    if sum(name in entry for name in _TYPED) > 1:
        raise BadOption(f"{where} has more than one answer: send, send_line and send_secret exclude each other")
    return Pattern(entry.get("name") or entry["pattern"], _regex(where, entry["pattern"]), _keys(where, entry, secrets))


def _regex(where: str, text: str) -> re.Pattern[str]:
    try:
        regex = re.compile(text, re.MULTILINE)
    except re.error as error:
        raise BadOption(f"{where} is no regular expression: {error}") from None
    if regex.search("") is not None:
        raise BadOption(f"{where}: {text!r} matches nothing at all too, so it would be there at once")
    return regex

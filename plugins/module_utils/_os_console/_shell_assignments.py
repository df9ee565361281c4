# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of shell assignments that a shell reads as a program, such as /etc/default/grub.

Assignments are understood as a shell does it: quotes, escapes, lines that go on, $NAME. Anything else (`lsb_release`, if ... fi) is
kept as it stands, and is refused only where a value that is needed depends on it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z_0-9]*)(?P<plus>\+?)=")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z_0-9]*)\}|([A-Za-z_][A-Za-z_0-9]*))")
#: What only a shell that runs knows: a program's output, its arguments and options, its number.
_SPECIAL = re.compile(r"\$[({0-9*@#?$!-]")
_SEPARATORS = ("", "\n", ";", "&", "|")
#: Words that begin and end what is not always done.
_DEPTH = {"if": 1, "for": 1, "while": 1, "until": 1, "case": 1, "fi": -1, "done": -1, "esac": -1}
_BRACKETS = {"{": 1, "(": 1, "}": -1, ")": -1}


class NotUnderstood(Exception):
    """The text is not what a shell reads, or a value hangs on more than assignments. Its text says the line and why."""


@dataclasses.dataclass(frozen=True)
class Statement:
    """A command of the file: text[start:end], from its first word to the end of its last one.

    conditional: it stands behind && or ||, or in a pipe.
    """

    start: int
    end: int
    line: int
    words: tuple[str, ...]
    conditional: bool


@dataclasses.dataclass(frozen=True)
class Assignment:
    """NAME=value or NAME+=value. raw: the value with its quotes."""

    name: str
    adds: bool
    raw: str
    statement: Statement


def statements(text: str) -> Iterator[Statement]:
    """The commands of a shell file, without comments. Raises NotUnderstood for a quote that is not closed, and for line ends of Windows."""
    if "\r" in text:
        raise NotUnderstood("it has line ends of Windows, which a shell takes for a part of the values")
    at = start = end = 0
    words: list[str] = []
    before = "\n"
    while at < len(text):
        at = _skip_blanks(text, at)
        if text[at : at + 1] == "#":
            at = text.find("\n", at) if "\n" in text[at:] else len(text)
        elif text[at : at + 1] in _SEPARATORS:
            if words:
                yield Statement(start, end, text.count("\n", 0, start) + 1, tuple(words), before in ("&", "|"))
                words = []
            before = text[at : at + 1]
            at += 1
        else:
            start = at if not words else start
            end = _word_end(text, at)
            words.append(text[at:end])
            at = end
    if words:
        yield Statement(start, end, text.count("\n", 0, start) + 1, tuple(words), before in ("&", "|"))


def _skip_blanks(text: str, at: int) -> int:
    """Past blanks, and lines that go on."""
    while at < len(text) and (text[at] in " \t" or text.startswith("\\\n", at)):
        at += 2 if text[at] == "\\" else 1
    return at


def _word_end(text: str, at: int) -> int:
    """Where the word that begins here ends."""
    start = at
    while at < len(text) and text[at] not in " \t\n;&|":
        if text[at] in "()<>":
            # Subshells and redirections: words of their own.
            return at if at > start else at + 1
        at = _piece_end(text, at)
    return at


def _piece_end(text: str, at: int) -> int:
    """Where a quoted piece, a substitution, an escape or a single character ends."""
    if text[at] == "\\":
        return min(at + 2, len(text))
    if text[at] == "'":
        return _closed(text, at, text.find("'", at + 1))
    if text.startswith("$(", at):
        return _nested(text, at + 2, ")", at)
    if text.startswith("${", at):
        return _nested(text, at + 2, "}", at)
    if text[at] in "\"`":
        return _nested(text, at + 1, text[at], at)
    return at + 1


def _nested(text: str, at: int, close: str, start: int) -> int:
    """Where the piece that this character closes ends."""
    while at < len(text) and text[at] != close:
        if close == '"' and text[at] == "'":
            at += 1
        elif close == ")" and text[at] == "(":
            at = _nested(text, at + 1, ")", start)
        else:
            at = _piece_end(text, at)
    return _closed(text, start, at if at < len(text) else -1)


def _closed(text: str, start: int, at: int) -> int:
    if at < 0:
        raise NotUnderstood(f"line {text.count(chr(10), 0, start) + 1}: {text[start]} is not closed")
    return at + 1


def assignments(text: str) -> list[Assignment]:
    """The assignments in their order, those behind `export` included. Raises NotUnderstood."""
    found = []
    for statement in statements(text):
        words = statement.words[1:] if statement.words[0] == "export" else statement.words
        matches = [match for match in map(_ASSIGNMENT.match, words) if match]
        # NAME=value command ... sets it for the command alone.
        if len(matches) == len(words) or statement.words[0] == "export":
            found += [Assignment(match["name"], bool(match["plus"]), match.string[match.end() :], statement) for match in matches]
    return found


def values(texts: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """What these variables are after a shell has read the texts one after the other; without those that nothing sets.

    Raises NotUnderstood where one of them hangs on a program's output, a condition, or anything else but assignments.
    """
    known: dict[str, str | None] = {}
    for text in texts:
        _refuse_conditions(text, names)
        for each in assignments(text):
            value = _value(each.raw, known)
            if each.adds:
                before = known.get(each.name, "")
                value = None if value is None or before is None else before + value
            if value is None and each.name in names:
                raise NotUnderstood(f"line {each.statement.line}: the value of {each.name} is more than text: {each.raw}")
            known[each.name] = value
    return {name: value for name, value in known.items() if name in names and value is not None}


def _refuse_conditions(text: str, names: Sequence[str]) -> None:
    """Raises NotUnderstood where a variable is set by something that is no plain assignment."""
    plain = {each.statement.start for each in assignments(text)}
    depth = 0
    for statement in statements(text):
        depth += _deeper(statement.words)
        if statement.start in plain and not statement.conditional and depth == 0:
            continue
        body = text[statement.start : statement.end]
        for name in names:
            if re.search(rf"(?<![A-Za-z0-9_$]){name}\+?=", body):
                raise NotUnderstood(f"line {statement.line}: {name} is set by more than a plain assignment: {body}")


def _deeper(words: Sequence[str]) -> int:
    """How many conditions, loops and functions these words open, less those that they close."""
    first = next((word for word in words if word not in ("then", "else", "do", "!")), "")
    return _DEPTH.get(first, 0) + sum(_BRACKETS.get(word, 0) for word in words)


def _value(raw: str, known: Mapping[str, str | None]) -> str | None:
    """What a shell makes of a word; None where it is more than text and variables."""
    out: list[str] = []
    at = 0
    while at < len(raw):
        end = _piece_end(raw, at)
        piece = raw[at:end]
        if piece[0] == "'":
            out.append(piece[1:-1])
        elif piece[0] == "\\":
            out.append("" if piece == "\\\n" else piece[1:])
        else:
            inner = piece[1:-1] if piece[0] == '"' else piece
            if piece == "$":
                # Not braces: the name follows.
                if _SPECIAL.match(raw, at):
                    return None
                match = _VARIABLE.match(raw, at)
                end = match.end() if match else end
                inner = raw[at:end]
            text = _expand(inner, known, quoted=piece[0] == '"')
            if text is None:
                return None
            out.append(text)
        at = end
    return "".join(out)


def _expand(inner: str, known: Mapping[str, str | None], *, quoted: bool) -> str | None:
    """Put in the variables, and take away the escapes of double quotes. None where that is not enough."""
    out: list[str] = []
    at = 0
    while at < len(inner):
        match = _VARIABLE.match(inner, at)
        if match:
            value = known.get(match[1] or match[2], "")
            if value is None:
                return None
            out.append(value)
            at = match.end()
        elif inner[at] == "`" or _SPECIAL.match(inner, at):
            return None
        elif quoted and inner[at] == "\\" and inner[at + 1 : at + 2] in ("$", "`", '"', "\\", "\n"):
            out.append(inner[at + 1].strip("\n"))
            at += 2
        else:
            out.append(inner[at])
            at += 1
    return "".join(out)


def quote(value: str) -> str:
    """The value in double quotes, as a shell reads it back."""
    return '"' + re.sub(r'([\\"$`])', r"\\\1", value) + '"'


def put(text: str, wanted: Mapping[str, str]) -> str:
    """The text with these variables set. Only what differs is written anew; what is not there yet comes at the end. Raises NotUnderstood."""
    now = values([text], list(wanted))
    for name, value in wanted.items():
        if now.get(name) == value:
            continue
        last = [each for each in assignments(text) if each.name == name][-1:]
        line = f"{name}={quote(value)}"
        if last and len(last[0].statement.words) == 1:
            text = text[: last[0].statement.start] + line + text[last[0].statement.end :]
        else:
            # Where the last line would go on, an empty one ends it.
            ended = not text or (text.endswith("\n") and not text.endswith("\\\n"))
            text += ("" if ended else "\n") + line + "\n"
    return text

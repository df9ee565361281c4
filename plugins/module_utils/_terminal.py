# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What a host prints, without the codes for a terminal: as lines to read, and as a stream to find patterns in.

Knows what serial consoles send (ECMA-48 as VT100 and xterm have it): colours, movements within a line, overwriting by
carriage return, erasing, titles. Screens that are drawn all over the place (firmware menus) come out line by line in
the order in which they were drawn.
"""

from __future__ import annotations

import codecs
import re
import typing as t
from collections import deque

ESCAPE: t.Final = "\x1b"
#: Columns of a serial terminal, to which programs wrap their lines.
WIDTH: t.Final = 80
#: Lines and characters that are kept; of more, the last.
MOST_LINES: t.Final = 20000
MOST_CHARACTERS: t.Final = 1 << 21
#: Columns of a line; what is beyond begins another one. A host may print without end, and without ends of lines.
MOST_COLUMNS: t.Final = 4096

# No sequence has more: what goes on is text that looks like one.
_CSI = r"\[(?P<params>[0-?]{0,64})[ -/]{0,8}"
_STRING = r"[\]PX^_][^\x07\x1b\n]{0,1024}"
_TOKEN = re.compile(
    rf"\x1b{_CSI}(?P<final>[@-~])"
    rf"|\x1b{_STRING}(?:\x07|\x1b\\)"  # OSC, DCS and their like: titles, colours of the terminal
    r"|\x1b[ -/]{1,8}[0-~]|\x1b[0-~]"  # character sets, modes; and what is left of a sequence that was broken off
    r"|(?P<plain>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
)
#: A sequence whose end has not come yet.
_BEGUN = re.compile(rf"\x1b(?:{_CSI}|{_STRING}\x1b?|[ -/]{{0,8}})\Z")
#: Movements that may leave the line: up, down, next, previous, position, row.
_TO_ANOTHER_LINE = frozenset("ABEFHfd")


class Terminal:
    """Takes bytes as they come; a character or a sequence may come in pieces."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = ""
        self._lines: deque[str] = deque()
        self._size = 0  # characters in them
        self._row: list[str] = []
        self._column = 0
        self._at_margin = False
        self._returned = False
        self._ended_line = True
        #: Whether lines were dropped, because there were too many.
        self.truncated = False

    def feed(self, data: bytes) -> str:
        """Take what came; the same as a stream, for patterns: no codes, each end of a line is one newline."""
        text = self._begun + self._decode.decode(data)
        begun = _BEGUN.search(text)
        end = len(text) if begun is None else begun.start()
        self._begun = text[end:]
        return "".join(self._stream(match) + self._draw(match) for match in _TOKEN.finditer(text, 0, end))

    @property
    def text(self) -> str:
        """All lines as they stand now, without spaces at their ends."""
        return "\n".join([*self._lines, _line(self._row)])

    # The stream.

    def _stream(self, match: re.Match[str]) -> str:
        kind = match.lastgroup
        if kind == "plain":
            return self._newline_due() + self._said(match["plain"])
        if kind == "control":
            return self._control_in_stream(match["control"])
        if kind == "final" and (match["final"] in _TO_ANOTHER_LINE or (match["final"] == "J" and match["params"] in ("2", "3"))):
            self._returned = False
            return self._newline()
        if kind == "final" and match["final"] == "C":
            return self._newline_due() + self._said(" ")
        return ""

    def _said(self, text: str) -> str:
        self._ended_line = False
        return text

    def _newline(self) -> str:
        if self._ended_line:
            return ""
        self._ended_line = True
        return "\n"

    def _newline_due(self) -> str:
        """A carriage return that no line feed followed."""
        due, self._returned = self._returned, False
        return self._newline() if due else ""

    def _control_in_stream(self, control: str) -> str:
        if control == "\n":
            self._returned, self._ended_line = False, True
            return "\n"
        if control == "\r":
            self._returned = True
        elif control == "\t":
            return self._newline_due() + self._said("\t")
        return ""

    # The lines.

    def _draw(self, match: re.Match[str]) -> str:
        """Nothing to add to the stream."""
        kind = match.lastgroup
        if kind == "plain":
            for character in match["plain"]:
                self._put(character)
            self._at_margin = self._column > 0 and self._column % WIDTH == 0
        elif kind == "control":
            self._control(match["control"])
        elif kind == "final":
            self._sequence(match["final"], match["params"])
        return ""

    def _put(self, character: str) -> None:
        if self._column >= MOST_COLUMNS:
            self._end_line()
        if self._column < len(self._row):
            self._row[self._column] = character
        else:
            self._row += [" "] * (self._column - len(self._row)) + [character]
        self._column += 1

    def _control(self, control: str) -> None:
        if control == "\n":
            self._end_line()
        elif control == "\r":
            # A line that was wrapped goes on below, and that is the line to return to.
            self._column = (self._column - self._at_margin) // WIDTH * WIDTH
            self._at_margin = False
        elif control == "\b":
            self._column = max(0, self._column - 1)
        elif control == "\t":
            self._column = min((self._column // 8 + 1) * 8, MOST_COLUMNS)

    def _end_line(self) -> None:
        line = _line(self._row)
        self._lines.append(line)
        self._size += len(line)
        while len(self._lines) > MOST_LINES or self._size > MOST_CHARACTERS:
            self._size -= len(self._lines.popleft())
            self.truncated = True
        self._row, self._column, self._at_margin = [], 0, False

    def _sequence(self, final: str, params: str) -> None:
        numbers = [int(number) if number.isdigit() else 0 for number in params.split(";")]
        count = min(max(1, numbers[0]), MOST_COLUMNS)
        if final in _TO_ANOTHER_LINE or (final == "J" and numbers[0] in (2, 3)):
            if self._row:
                self._end_line()
            self._column = min(numbers[1], MOST_COLUMNS) - 1 if final in "Hf" and len(numbers) > 1 and numbers[1] else 0
        elif final == "C":
            self._column = min(self._column + count, MOST_COLUMNS)
        elif final == "D":
            self._column = max(0, self._column - count)
        elif final == "G":
            self._column = count - 1
        else:
            self._erase(final, numbers[0], count)

    def _erase(self, final: str, what: int, count: int) -> None:
        if final in "KJ" and what == 0:
            del self._row[self._column :]
        elif final == "K":
            end = len(self._row) if what == 2 else min(self._column + 1, len(self._row))
            self._row[:end] = [" "] * end
        elif final == "P":
            del self._row[self._column : self._column + count]
        elif final == "X":
            end = min(self._column + count, len(self._row))
            self._row[self._column : end] = [" "] * max(0, end - self._column)
        elif final == "@" and self._column < len(self._row):
            self._row[self._column : self._column] = [" "] * count
            del self._row[MOST_COLUMNS:]


def _line(row: t.Sequence[str]) -> str:
    return "".join(row).rstrip()


#: Boxes and shades in the character set of PC firmware (code page 437): no text, and no sign of a wrong rate.
_BOXES = frozenset(range(0xB0, 0xE0))
_TEXT_CONTROLS = frozenset(b"\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x1b")


def junk(data: bytes) -> float:
    """The share of bytes that no text has, 0 to 1: control characters and what is no UTF-8. 0 where there are none.

    At a wrong bit rate it is most of them.
    """
    good = bad = 0
    for character in data.decode("utf-8", "surrogateescape"):
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            bad += code - 0xDC00 not in _BOXES
        elif (code < 0x20 and code not in _TEXT_CONTROLS) or 0x7F <= code <= 0x9F:
            bad += 1
        else:
            good += 1
    return bad / (good + bad) if good + bad else 0.0

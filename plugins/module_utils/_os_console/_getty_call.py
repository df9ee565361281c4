# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The call of a getty, as it stands in /etc/inittab and in upstart's jobs: on which line, and at what rate."""

from __future__ import annotations

import dataclasses
import re

_WORD = re.compile(r"\S+")
_RATES = re.compile(r"\d{3,7}(,\d{3,7})*$")
_LINE = re.compile(r"(/dev/)?(?P<device>(tty|cua)\w+|console|hvc\d+|xvc\d+)$")
#: Options of agetty whose value is a word of its own, and may be a number.
_WITH_VALUE = ("-a", "-d", "-f", "-H", "-I", "-l", "-o", "-P", "-r", "-t", "-w")


@dataclasses.dataclass(frozen=True)
class GettyCall:
    """A getty with its words.

    text: the command as it stands. device: without /dev. rates: bit/s, the first is used, the others follow on a BREAK; empty where it
    names none and the line stays as it is.
    """

    text: str
    device: str
    rates: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> GettyCall | None:
        """None where the command is no getty, or on no line that it names."""
        words = [match[0] for match in _WORD.finditer(text)]
        if not words or not words[0].lstrip("+").endswith("getty"):
            return None
        lines = [found["device"] for found in map(_LINE.match, words[1:]) if found]
        if not lines:
            return None
        rates = _rates_at(text)
        return cls(text, lines[0], () if rates is None else tuple(int(rate) for rate in rates[0].split(",")))

    def runs_at(self, bit_rate: int) -> bool:
        """Whether the line has this rate, or the one that the kernel set."""
        keeps = "--keep-baud" in self.text.split()
        return not self.rates or self.rates[0] == bit_rate or (keeps and bit_rate in self.rates)

    def at(self, bit_rate: int) -> str:
        """The command with this rate, and all else as it stands."""
        rates = _rates_at(self.text)
        if rates is None or self.runs_at(bit_rate):
            return self.text
        return self.text[: rates.start()] + str(bit_rate) + self.text[rates.end() :]


def _rates_at(text: str) -> re.Match[str] | None:
    """Where the rates stand: after -s of mgetty, else the first number that is no option's value."""
    words = list(_WORD.finditer(text))
    mgetty = words[0][0].endswith("mgetty")
    for at in range(1, len(words)):
        before = words[at - 1][0]
        fits = before == "-s" if mgetty else before not in _WITH_VALUE
        if fits and _RATES.match(words[at][0]):
            return words[at]
    return None

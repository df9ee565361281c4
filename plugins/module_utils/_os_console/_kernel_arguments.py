# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Linux's command line as tokens, and what a serial console makes of it.

The kernel prints on the first console of each type only, and the last console= is /dev/console. So there is one serial console, it comes
last, and every other one goes, wherever it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ._model import Wish

#: Serial ports of a PC by name, number (0 is ttyS0) or address, and screens; without a number the kernel takes 0. Consoles of another type (hvc0,
#: ttyAMA0, netcon0) stay.
_OURS = re.compile(r"console=(ttyS\d*|\d+|uart(8250)?,(io|mmio)\d*,\w+|tty\d*)(,.*)?$")
_QUIET = ("quiet", "rhgb")
_TOKEN = re.compile(
    r"""(?: \\.                    # an escaped character
         |  "(?:\\.|[^"\\])*"      # a value with spaces, as in dyndbg="file a.c +p"
         |  '[^']*'
         |  [^\s"'\\] )+""",
    re.VERBOSE | re.DOTALL,
)


def split(text: str) -> tuple[str, ...]:
    """The tokens of a command line, quotes and escapes as they stand. Raises ValueError where a quote is not closed."""
    tokens = []
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        match = _TOKEN.match(text, at)
        if match is None or text[match.end() :][:1].strip():
            raise ValueError(f"a quote is not closed in: {text.strip()}")
        tokens.append(match[0])
        at = match.end()
    return tuple(tokens)


def join(tokens: Iterable[str]) -> str:
    """The command line of these tokens."""
    return " ".join(tokens)


def wanted_consoles(wish: Wish) -> tuple[str, ...]:
    """The consoles of a wish, in their order: console=tty0 console=ttyS1,115200n8."""
    serial = f"console={wish.port.linux},{wish.bit_rate}n8"
    return ("console=tty0", serial) if wish.screen else (serial,)


def consoles(tokens: Iterable[str]) -> tuple[str, ...]:
    """Those that name a console, of whatever type."""
    return tuple(token for token in tokens if _unquoted(token).startswith("console="))


def without_consoles(tokens: Iterable[str]) -> tuple[str, ...]:
    """Those that name no screen and no serial port of a PC as console. earlycon= and consoles of other types stay."""
    return tuple(token for token in tokens if not _OURS.match(_unquoted(token)))


def _unquoted(token: str) -> str:
    """As the kernel takes it: quotes around an argument, or around its value, are no part of it."""
    return token.replace('"', "")


def without_quiet(tokens: Iterable[str], wish: Wish) -> tuple[str, ...]:
    """Those that stay where the kernel shall not be quiet; all where it may."""
    return tuple(token for token in tokens if wish.quiet is not False or token not in _QUIET)


def merge(tokens: Iterable[str], wish: Wish) -> tuple[str, ...]:
    """The tokens with the wish's consoles last, and quiet as wished. All others stay as they are, in their order.

    The same tokens come back where all is as wished.
    """
    kept = without_quiet(without_consoles(tokens), wish)
    if wish.quiet and "quiet" not in kept:
        kept += ("quiet",)
    return kept + wanted_consoles(wish)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Host names as node sets (`ccw[0001-0412,0414-1798]`), by ClusterShell."""

from __future__ import annotations

import re
import typing as t

try:
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet  # type: ignore[import-untyped]
except ImportError as error:
    NodeSet = None
    MISSING: ImportError | None = error
else:
    MISSING = None

HOW_TO_INSTALL: t.Final = "node sets need the Python package ClusterShell: python3 -m pip install ClusterShell"

#: Names with other characters mean something to the library: a comma, a bracket, an operator.
_PLAIN = re.compile(r"[\w.:-]+", re.ASCII)
_DIGITS = re.compile(r"(\d+)")


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """A sort key: n2 comes before n10."""
    return tuple((part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _DIGITS.split(name) if part)


def fold(names: t.Iterable[str]) -> str:
    """The names as one node set. What the library cannot take stands behind it as it is, after a comma.

    Raises ImportError with HOW_TO_INSTALL where ClusterShell is missing.
    """
    if NodeSet is None:
        raise ImportError(HOW_TO_INSTALL) from MISSING
    plain: list[str] = []
    odd: list[str] = []
    for name in names:
        (plain if _PLAIN.fullmatch(name) else odd).append(name)
    folded = str(NodeSet.fromlist(plain, resolver=RESOLVER_NOGROUP)) if plain else ""
    return ",".join(([folded] if folded else []) + sorted(odd, key=natural))

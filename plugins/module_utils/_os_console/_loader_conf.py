# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of name="value" lines that the loaders of FreeBSD and illumos read, one after the other; the last setting of a name counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ._model import FileChange
from ._part import System

_SETTING = re.compile(r"^[ \t]*(?P<name>[A-Za-z_][\w.\-]*)[ \t]*=[ \t]*(?:\"(?P<quoted>[^\"\r\n]*)\"|(?P<plain>[^\s\"#]*))[ \t]*(?:#.*)?\r?\n?$")


def same(value: str, wanted: str) -> bool:
    """Whether a value that is there means the same: YES and yes do, and so do 0x2F8, 0x2f8 and 760, and lists with and without blanks."""
    try:
        return int(value, 0) == int(wanted, 0)
    except ValueError:
        return re.sub(r"\s", "", value).casefold() == re.sub(r"\s", "", wanted).casefold()


def name_of(line: str) -> str | None:
    """The name that a line sets, None where it sets nothing."""
    match = _SETTING.match(line)
    return match["name"] if match else None


def settings(text: str) -> dict[str, str]:
    """What a file sets, the last of each name."""
    matches = [match for match in map(_SETTING.match, text.splitlines(keepends=True)) if match]
    return {match["name"]: match["quoted"] if match["quoted"] is not None else match["plain"] for match in matches}


def put(text: str, wanted: Mapping[str, str], drop: Sequence[str] = ()) -> str:
    """The text that sets each wanted name once, and none of those to drop.

    A line that already says it stays where it is; what is new comes first, so that the loader speaks as early as it can.
    """
    now = settings(text)
    right = {name for name, value in wanted.items() if name in now and same(now[name], value)}
    kept: list[str] = []
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        name = name_of(line)
        again = name is not None and any(name_of(later) == name for later in lines[at + 1 :])
        if name in drop or (name in wanted and (name not in right or again)):
            continue
        kept.append(line)
    end = "\r\n" if "\r\n" in text else "\n"
    return "".join(f'{name}="{value}"{end}' for name, value in wanted.items() if name not in right) + "".join(kept)


def without(text: str, names: Sequence[str]) -> str:
    """The text without the lines that set these names."""
    return "".join(line for line in text.splitlines(keepends=True) if name_of(line) not in names)


def converge(
    system: System, files: Sequence[str], ours: str, wanted: Mapping[str, str], drop: Sequence[str] = ()
) -> tuple[tuple[FileChange, ...], tuple[str, ...]]:
    """What makes one of the files set all that is wanted, where no other one says otherwise. Also notes.

    files: all of them, in the order in which the loader reads them; ours is one of them. Another file's lines on the same names go.
    """
    changes, notes = [], []
    for path in files:
        before = system.read(path)
        if path == ours:
            after = put(before or "", wanted, drop)
        else:
            now = settings(before or "")
            contrary = [name for name in now if name in drop or (name in wanted and not same(now[name], wanted[name]))]
            after = without(before or "", contrary)
            if contrary:
                notes.append(f"{path} said otherwise of {', '.join(contrary)}, which is removed there")
        if after != (before or ""):
            changes.append(FileChange(path, before, after))
    return tuple(changes), tuple(notes)

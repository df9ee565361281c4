# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A system in memory, for tests of one part: its files, its programs and what they answer."""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Mapping, Sequence

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import PartPlan, Port, Wish
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._part import Part, Refused

COM2 = Wish(Port(1), 115200)


@dataclasses.dataclass(frozen=True)
class Tree:
    """programs: paths. answers: what a program prints, by its words; one that is not here fails."""

    files: Mapping[str, str]
    programs: tuple[str, ...] = ()
    answers: Mapping[tuple[str, ...], str] = dataclasses.field(default_factory=dict)
    runs: bool = False

    def read(self, path: str) -> str | None:
        """The text of a file."""
        return self.files.get(path)

    def glob(self, pattern: str) -> list[str]:
        """The files and programs that match."""
        return sorted(fnmatch.filter((*self.files, *self.programs), pattern))

    def is_directory(self, path: str) -> bool:
        """Whether a file or a program is in it."""
        return any(name.startswith(path + "/") for name in (*self.files, *self.programs))

    def program(self, *names: str) -> str | None:
        """The first of these names that a program has."""
        return next((path for name in names for path in self.programs if path.rsplit("/", 1)[1] == name), None)

    def ask(self, argv: Sequence[str]) -> str:
        """What the test says that it answers."""
        if tuple(argv) not in self.answers:
            raise Refused(f"{' '.join(argv)} failed")
        return self.answers[tuple(argv)]


def after(tree: Tree, plan: PartPlan) -> Tree:
    """The system with a plan's files written. What a plan says that it found must be what was there."""
    files = dict(tree.files)
    for change in plan.files:
        assert files.get(change.path) == change.before
        files.pop(change.path, None)
        if change.after is not None:
            files[change.path] = change.after
    return dataclasses.replace(tree, files=files)


def converge(part: Part, tree: Tree, wish: Wish = COM2) -> tuple[Tree, PartPlan]:
    """The system after the part's plan, and the plan. A second plan must find nothing to do."""
    assert part.applies(tree)
    plan = part.plan(tree, wish)
    done = after(tree, plan)
    again = part.plan(done, wish)
    assert not again.changed, again
    return done, plan

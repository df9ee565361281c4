# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract between the parts of an operating system and the engine that applies what they plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ._model import Layer, PartPlan, Wish


class Refused(Exception):
    """A part cannot bring the system to the wish without breaking something. Its text says what it saw and what to do."""


class System(Protocol):
    """What a part may look at: the files of a system below a root, and the answers of its own programs."""

    @property
    def runs(self) -> bool:
        """Whether it is the system that runs here. Programs that talk to what runs (init, upstart) are for such a one only."""

    def read(self, path: str) -> str | None:
        """The text of a file, None where there is none. path is absolute, as the system itself sees it."""

    def glob(self, pattern: str) -> list[str]:
        """The paths that match, sorted, as the system itself sees them."""

    def is_directory(self, path: str) -> bool:
        """Whether there is such a directory."""

    def program(self, *names: str) -> str | None:
        """The path of the first of these programs that the system has."""

    def ask(self, argv: Sequence[str]) -> str:
        """What a program prints that changes nothing, such as grubby --info=ALL. Raises Refused where it fails."""


class Part(Protocol):
    """One loader, kernel command line or login of one family of systems.

    name: for results, such as grub2_debian. layer: when in a boot it speaks.
    """

    name: str
    layer: Layer

    def applies(self, system: System) -> bool:
        """Whether the system has this part."""

    def plan(self, system: System, wish: Wish) -> PartPlan:
        """What has to change, nothing where all is as wished. Raises Refused."""

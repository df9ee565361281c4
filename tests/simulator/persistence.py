# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State that survives a restart: one JSON file for each BMC, replaced atomically."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clock import Clock, Timer

if TYPE_CHECKING:
    from .bmc import Bmc

VERSION = 2
SAVE_DELAY = 0.5  # seconds that changes are gathered


class Store:
    """A folder of states. A file that is not one of ours is refused with ValueError."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._dirty: set[Bmc] = set()
        self._timer: Timer | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def load(self, name: str, maker: str) -> dict[str, Any] | None:
        """What was saved of a BMC; None if nothing was, or if it was another maker's."""
        path = self._path(name)
        if not path.exists():
            return None
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            version, kept_maker = data["version"], data["maker"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is not a saved state: {error}") from error
        if version != VERSION:
            raise ValueError(f"{path} is of version {version}, not {VERSION}: remove {self._folder} to begin anew")
        return data if kept_maker == maker else None

    def changed(self, bmc: Bmc) -> None:
        """Save a BMC soon."""
        self._dirty.add(bmc)
        if self._timer is None:
            self._timer = self._clock.call_later(SAVE_DELAY, self.flush)

    def flush(self) -> None:
        """Save every changed BMC now. Raises OSError; what is not saved stays to be saved."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for bmc in list(self._dirty):
            self._save(bmc)
            self._dirty.discard(bmc)

    def _save(self, bmc: Bmc) -> None:
        data = {
            "version": VERSION,
            "name": bmc.name,
            "maker": bmc.personality.name,
            "power": bmc.power.on,
            "state": bmc.state.to_json(),
        }
        write_atomically(self._path(bmc.name), json.dumps(data, indent=1, sort_keys=True) + "\n")

    def _path(self, name: str) -> Path:
        return self._folder / (re.sub(r"[^A-Za-z0-9._-]", "_", name) + ".json")


def write_atomically(path: Path, text: str) -> None:
    """Replace a file so that a reader sees the old or the new one, even over a power failure."""
    new = path.with_name(path.name + ".new")
    with open(new, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)  # passwords are in it
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)

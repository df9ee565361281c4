# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real system below a root: its files, and its own programs.

The root is / or a folder that holds another system, such as an image or a disk in a rescue system. Symbolic links of such a system mean
what they mean in it, so that none leads out of it, and its programs run with it as their root.
"""

from __future__ import annotations

import errno
import glob
import os
import subprocess
from collections.abc import Sequence

from ._part import Refused

_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin")
#: As many as Linux follows.
_MOST_LINKS = 40
#: Seconds for a program. update-grub asks all disks for other systems.
_PATIENCE = 600


class RealSystem:
    """What is below a root; see `System`."""

    def __init__(self, root: str = "/") -> None:
        """root: an absolute path."""
        self.root = os.path.realpath(root)

    @property
    def runs(self) -> bool:
        """Whether it is the system that runs here, and not a tree of files."""
        return self.root == "/"

    def real(self, path: str, *, follow: bool = True) -> str:
        """Where a path of the system is, with its links followed. Without follow the last part may be a link. Raises OSError for a loop."""
        done: list[str] = []
        left = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        links = 0
        while left:
            part = left.pop()
            if part == "..":
                del done[-1:]
                continue
            here = os.path.join(self.root, *done, part)
            if not os.path.islink(here) or not (left or follow):
                done.append(part)
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = os.readlink(here)
            if target.startswith("/"):
                done = []
            left.extend(step for step in reversed(target.split("/")) if step not in ("", "."))
        return os.path.join(self.root, *done)

    def read(self, path: str) -> str | None:
        """The text of a file, None where there is none. Bytes that are no UTF-8 survive a rewrite, and so do line ends."""
        try:
            with open(self.real(path), encoding="utf-8", errors="surrogateescape", newline="") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror}") from error

    def glob(self, pattern: str) -> list[str]:
        """The paths that match, sorted, as the system itself sees them. A link counts, wherever it leads."""
        folder, name = os.path.split(pattern)
        folders = self.glob(folder) if glob.has_magic(folder) else [folder]
        found = []
        for each in folders:
            real = self.real(each)
            matching = glob.glob(os.path.join(glob.escape(real), name))
            found += [os.path.join(each, os.path.basename(path)) for path in matching]
        return sorted(found)

    def is_directory(self, path: str) -> bool:
        """Whether there is such a directory."""
        return os.path.isdir(self.real(path))

    def program(self, *names: str) -> str | None:
        """The path of the first of these programs that the system has."""
        for name in names:
            for folder in _FOLDERS:
                path = f"{folder}/{name}"
                real = self.real(path)
                if os.path.isfile(real) and os.access(real, os.X_OK):
                    return path
        return None

    def ask(self, argv: Sequence[str]) -> str:
        """What a program prints, in English. Raises Refused where it cannot be started, fails, or takes too long."""
        command = list(argv) if self.runs else ["chroot", self.root, *argv]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd="/",
                env={"PATH": ":".join(_FOLDERS), "LC_ALL": "C", "HOME": "/root", **({} if self.runs else {"SYSTEMD_OFFLINE": "1"})},
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f"{argv[0]} took longer than {_PATIENCE} s") from error
        except OSError as error:
            raise Refused(f"{argv[0]} cannot be started: {error.strerror}") from error
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).decode("utf-8", "replace")
            raise Refused(f"{' '.join(argv)} failed ({done.returncode}): {said}")
        return done.stdout.decode("utf-8", "replace")

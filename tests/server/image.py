# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guest's disk, built once for each state of its recipe and kept in the checkout's cache."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing as t
from dataclasses import dataclass

from tests.integration.harness import CHECKOUT

RECIPE = pathlib.Path(__file__).with_name("guest.sh")
CACHE = CHECKOUT / ".cache/server"
#: Seconds that building may take, downloads included.
PATIENCE = 600
#: Whose wheels the guest may install: Debian 12 has Python 3.11.
_WHEELS: t.Final = ("--only-binary=:all:", "--implementation=cp", "--python-version=3.11") + tuple(
    f"--platform={platform}" for platform in ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "any")
)


@dataclass(frozen=True)
class Image:
    """A disk that boots, its kernel, and the key that opens it. `password` is root's."""

    folder: pathlib.Path
    password: str = "Sesam-auf-mich"

    @property
    def disk(self) -> pathlib.Path:
        """The whole disk, to be left as it is."""
        return self.folder / "disk.img"

    @property
    def key(self) -> pathlib.Path:
        """The SSH key that root accepts."""
        return self.folder / "key"

    @property
    def kernel(self) -> pathlib.Path:
        """For a start without a loader."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> pathlib.Path:
        """For a start without a loader."""
        return self.folder / "initrd.img"


def image() -> Image:
    """The image of the recipe as it is now. The first call builds it, and removes those of other states."""
    digest = hashlib.sha256(RECIPE.read_bytes() + repr(_WHEELS).encode()).hexdigest()[:16]
    CACHE.mkdir(parents=True, exist_ok=True)
    with _only_one():
        for other in CACHE.iterdir():
            if other.is_dir() and other.name != digest:
                shutil.rmtree(other)
        if not (CACHE / digest).exists():
            # A name of its own: what was interrupted may still be at work in its folder.
            new = pathlib.Path(tempfile.mkdtemp(prefix="new-", dir=CACHE))
            _build(new)
            new.rename(CACHE / digest)
    return Image(CACHE / digest)


@contextlib.contextmanager
def _only_one() -> t.Iterator[None]:
    """Two runs build one after the other."""
    with (CACHE / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(folder: pathlib.Path) -> None:
    if os.geteuid() != 0:
        raise PermissionError("building the guest's disk needs root: sudo make test-server")
    wheels = folder / "wheels"
    wheels.mkdir()
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "server", "-f", str(folder / "key"))
    _run(sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", *_WHEELS, "-d", str(wheels), "pyghmi")
    _run(str(RECIPE), str(folder), str(folder / "key.pub"), str(wheels))


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")

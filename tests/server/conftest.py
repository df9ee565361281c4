# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers for the tests: one boots from nothing, and the others go on from what it kept."""

from __future__ import annotations

import itertools
import os
import pathlib
import tempfile
import typing as t

import pytest

from tests.server.image import Image
from tests.server.image import image as build_image
from tests.server.server import Server

_numbers = itertools.count(1)

Starter = t.Callable[..., Server]

#: The snapshot of a server that has booted with a careless console configuration, and has no pyghmi.
CARELESS: t.Final = "careless"


def next_address() -> str:
    """An address of the loopback network that no other server has, nor one of another run."""
    number = next(_numbers)
    return f"127.43.{os.getpid() % 250}.{number}"


@pytest.fixture(scope="session")
def image() -> Image:
    """The guest's disk."""
    return build_image()


@pytest.fixture(scope="session")
def base() -> t.Iterator[pathlib.Path]:
    """A folder for all servers; pytest's own have names that are too long for sockets."""
    with tempfile.TemporaryDirectory(prefix="server-") as folder:
        yield pathlib.Path(folder)

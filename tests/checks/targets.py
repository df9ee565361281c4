# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a target of the Makefile as a test: so one pytest run, and its one closing line, tells all."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

CHECKOUT = pathlib.Path(__file__).parents[2]


def make(target: str) -> None:
    """Run `make target`; if it fails, fail with what it printed."""
    # What an outer make hands down (its jobs, its ARGS) is not meant for this one.
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ARGS"}}
    done = subprocess.run(["make", target], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"`make {target}` failed:\n{done.stdout}", pytrace=False)

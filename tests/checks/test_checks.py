# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that are programs of their own, as tests: so one run, and one closing line, tells all.

Each is a target of the Makefile, and `make <target>` runs it alone. The quick ones come first.
"""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

CHECKOUT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize("target", ["lint", "types", "docs-lint", "sanity", "build", "demo"])
def test_target(target: str) -> None:
    # What an outer make hands down (its jobs, its ARGS) is not meant for this one.
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ARGS"}}
    done = subprocess.run(["make", target], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"`make {target}` failed:\n{done.stdout}", pytrace=False)

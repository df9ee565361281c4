# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs on other hosts keeps to the syntax of Python 3.9; they have what their distribution has."""

from __future__ import annotations

import ast
import pathlib

import pytest

PLUGINS = pathlib.Path(__file__).parents[3] / "plugins"
SHIPPED = [
    path
    for folder in ("modules", "module_utils")
    for path in sorted((PLUGINS / folder).rglob("*.py"))
    if "_fleet" not in path.parts
]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_syntax_is_that_of_python_3_9(path: pathlib.Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_annotations_are_never_evaluated() -> None:
    """Without the future import, `int | None` fails on Python 3.9."""
    without = [path.name for path in SHIPPED if "from __future__ import annotations" not in path.read_text(encoding="utf-8")]
    assert not without

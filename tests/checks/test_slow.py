# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that take a minute or more: `make test` runs these last."""

from __future__ import annotations

import pytest

from tests.checks.targets import make


@pytest.mark.parametrize("target", ["build", "sanity", "molecule", "demo"])
def test_target(target: str) -> None:
    make(target)

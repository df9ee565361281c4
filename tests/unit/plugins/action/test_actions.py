# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action is its module's spec and work, and nothing else."""

from __future__ import annotations

import importlib
import pathlib

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._action_module import BmcActionModule
from tests.unit.plugins.documented import module

PACKAGE = "ansible_collections.lightsout.bmc.plugins.action"
FOLDER = pathlib.Path(__file__).parents[4] / "plugins/action"
NAMES = sorted(path.stem for path in FOLDER.glob("ipmi_*.py"))


def test_there_are_some() -> None:
    assert len(NAMES) >= 7


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_its_module(name: str) -> None:
    action = importlib.import_module(f"{PACKAGE}.{name}").ActionModule
    assert issubclass(action, BmcActionModule)
    assert action.SPEC is module(name).SPEC
    assert action.work is module(name).run
    assert {attribute for attribute in vars(action) if not attribute.startswith("_")} == {"SPEC", "work"}

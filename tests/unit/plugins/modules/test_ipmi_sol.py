# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_sol: what it documents is what it takes and returns."""

from __future__ import annotations

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, identified, sol

NAME = "ipmi_sol"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


def bmc() -> Scripted:
    scripted = identified(Scripted())
    sol(scripted)
    return scripted


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, bmc())(NAME, enabled=True, bit_rate="115200")
    assert undocumented(NAME, result) == set()
    assert result["changed"] is True
    assert result["after"] == {"enabled": True, "bit_rate_volatile": "115200", "bit_rate_non_volatile": "115200"}


def test_one_copy_may_differ_from_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, bmc())(NAME, bit_rate="115200", bit_rate_volatile="serial")
    assert result["after"] == {"bit_rate_volatile": "serial", "bit_rate_non_volatile": "115200"}


def test_check_mode_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    assert run(NAME, enabled=True, check_mode=True)["changed"] is True
    assert run.written == []

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_chassis: what it documents is what it takes and returns."""

from __future__ import annotations

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.module_utils._settings.test__chassis import Machine
from tests.unit.plugins.running import Runner

NAME = "ipmi_chassis"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, Machine().bmc)(NAME, power_restore_policy="previous", identify="timed", identify_seconds=60)
    assert undocumented(NAME, result) == set()
    assert result["changed"] is True
    assert result["diff"]["before"] == {"power_restore_policy": "always_off", "identify": "off"}
    assert result["after"] == {"power_restore_policy": "previous", "identify": "timed"}


@pytest.mark.parametrize(("given", "light"), [(True, "on"), (False, "off")])
def test_yaml_s_unquoted_on_and_off_work(monkeypatch: pytest.MonkeyPatch, given: bool, light: str) -> None:
    result = Runner(monkeypatch, Machine(light=1).bmc)(NAME, identify=given)
    assert (result["changed"], result["after"]) == (True, {"identify": light})


def test_what_is_written_each_time_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, Machine().bmc)
    result = run(NAME, power_cycle_interval=5, check_mode=True)
    assert (result["changed"], run.written) == (False, [])
    assert ["power_cycle_interval is written each time" in warning for warning in result["warnings"]] == [True]

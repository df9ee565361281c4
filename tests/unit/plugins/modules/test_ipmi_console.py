# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_console: what it documents is what it takes and returns."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.lightsout.bmc.plugins.module_utils._boot_stages import STAGES
from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.module_utils.consoles import JANE, Console
from tests.unit.plugins.running import Runner

NAME = "ipmi_console"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg", "secrets"}


def test_the_documented_stages_are_those_of_the_table() -> None:
    text = module(NAME).RETURN
    assert all(f"C({stage.name})" in text for stage in STAGES)


@pytest.mark.parametrize("given", [{}, {"observe_boot": True, "steps": [{"send_line": "x"}]}])
def test_check_mode_looks_and_opens_nothing(monkeypatch: pytest.MonkeyPatch, given: dict[str, t.Any]) -> None:
    run = Runner(monkeypatch, Console().bmc)
    result = run(NAME, check_mode=True, **given)
    assert (result.get("msg"), result["changed"], run.written) == (None, bool(given), [])
    assert undocumented(NAME, result) == set()
    assert result["diff"]["after"]["done"] == (["a reset, or power on", "'x\\r'"] if given else [])


def test_a_held_console_is_not_opened_and_its_failure_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, Console(JANE).bmc)
    result = run(NAME, steps=[{"send_line": "x"}])
    assert (result["failed"], result["reason"], result["changed"], run.written) == (True, "console_held", False, [])
    assert result["console"]["diagnosis"]["cause"] == "held" and "jane" in result["console"]["diagnosis"]["detail"]
    assert undocumented(NAME, result) == set()


def test_in_band_it_is_refused_before_anything_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, Console().bmc)
    result = run(NAME, bmc_interface="open")
    assert (result["failed"], result["reason"], run.written) == (True, "bad_option", [])
    assert "over the network only (lan)" in result["msg"] and undocumented(NAME, result) == set()


def test_a_session_that_cannot_carry_a_console_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # The scripted session has no Serial over LAN, as those in band and of IPMI 1.5.
    result = Runner(monkeypatch, Console().bmc)(NAME)
    assert (result["failed"], result["reason"], result["console"]["diagnosis"]["cause"]) == (True, "unsupported", "unsupported")


def test_its_samples_have_what_is_documented() -> None:
    returned = yaml.safe_load(module(NAME).RETURN)
    for name in ("matched", "boot", "console"):
        assert set(returned[name]["sample"]) <= set(returned[name]["contains"]), name

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_sol_session: what it documents is what it takes and returns."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.module_utils.consoles import JANE, Console
from tests.unit.plugins.running import Runner

NAME = "ipmi_sol_session"
TAKE: t.Final = {"state": "released", "when_held": "take", "expect_holder": {"user": "jane"}}


def keys(documented: t.Mapping[str, t.Any], value: t.Any) -> set[str]:
    """What a value has and its documentation does not, however deep."""
    if isinstance(value, list):
        return {key for one in value for key in keys(documented, one)}
    if not isinstance(value, dict):
        return set()
    contains = documented.get("contains", {})
    return set(value) - set(contains) | {key for name in value if name in contains for key in keys(contains[name], value[name])}


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


@pytest.mark.parametrize("given", [{}, TAKE])
def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch, given: dict[str, t.Any]) -> None:
    result = Runner(monkeypatch, Console(JANE).bmc)(NAME, **given)
    assert result.get("msg") is None
    assert undocumented(NAME, result) == set()
    console = yaml.safe_load(module(NAME).RETURN)["console"]
    assert keys(console, result["console"]) == set()
    assert keys(console, console["sample"]) == set()


def test_a_query_names_the_holder_and_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, Console(JANE).bmc)
    result = run(NAME)
    assert (result["changed"], run.written, result["console"]["state"]) == (False, [], "held")
    assert result["diff"]["before"] == result["diff"]["after"] == {"instance 1": "held by user 3 (jane) from 192.0.2.77"}


@pytest.mark.parametrize(("check_mode", "said"), [(False, "cut off user 3 (jane)"), (True, "would cut off user 3 (jane)")])
def test_who_is_cut_off_is_returned_and_warned_of(monkeypatch: pytest.MonkeyPatch, check_mode: bool, said: str) -> None:
    run = Runner(monkeypatch, Console(JANE).bmc)
    result = run(NAME, check_mode=check_mode, **TAKE)
    assert (result["changed"], result["evicted"]["user"], len(run.written)) == (True, "jane", 0 if check_mode else 1)
    assert [said in warning for warning in result["warnings"]] == [True]
    assert result["diff"]["after"] == {"instance 1": "free"}


def test_a_failure_says_who_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, Console(JANE).bmc)(NAME, state="released")
    assert result["failed"] and result["reason"] == "console_held"
    assert undocumented(NAME, result) == set()
    assert result["console"]["instances"][0]["holder"]["address"] == "192.0.2.77"

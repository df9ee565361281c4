# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_controller: what it documents is what it takes and returns."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NotVerified
from ansible_collections.lightsout.bmc.plugins.module_utils._reset import Restarted
from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.module_utils._settings.test__controller import KG, Machine
from tests.unit.plugins.running import Runner

NAME = "ipmi_controller"
COLD = "06/02"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg", "kg"}


def test_its_results_are_documented_and_hold_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, Machine().bmc)(NAME, asset_tag="4711", kg=KG.hex())
    assert undocumented(NAME, result) == set()
    assert (result["changed"], result["verified"]) == (True, True)
    assert result["after"] == {"asset_tag": "4711", "kg": "(as given)"}
    assert KG.hex() not in str(result) and KG.decode() not in str(result)


@pytest.fixture
def restarts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """The resets, as the module asks for them. Each takes 12 seconds."""
    asked: list[tuple[str, float]] = []

    def restart(line: object, kind: str, timeout: float) -> Restarted:
        asked.append((kind, timeout))
        return Restarted(12.34, proved=kind == "cold")

    monkeypatch.setattr(module(NAME), "restart", restart)
    return asked


def test_a_reset_comes_last_and_is_a_change(monkeypatch: pytest.MonkeyPatch, restarts: list[tuple[str, float]]) -> None:
    result = Runner(monkeypatch, Machine().bmc)(NAME, asset_tag="4711", reset="cold", reset_timeout=60)
    assert undocumented(NAME, result) == set()
    assert (result["changed"], result["seconds"], restarts) == (True, 12.3, [("cold", 60.0)])
    assert result["written"] == ["controller: asset_tag", "controller: cold reset"]


def test_a_reset_alone_reads_nothing(monkeypatch: pytest.MonkeyPatch, restarts: list[tuple[str, float]]) -> None:
    result = Runner(monkeypatch, Machine().bmc)(NAME, reset="warm")
    assert (result["changed"], result["requests"]) == (True, 0)
    assert "whether it restarted is not known" in result["warnings"][0]


def test_check_mode_does_not_reset(monkeypatch: pytest.MonkeyPatch, restarts: list[tuple[str, float]]) -> None:
    run = Runner(monkeypatch, Machine().bmc)
    result = run(NAME, reset="cold", check_mode=True)
    assert (result["changed"], restarts, run.written) == (True, [], [])


def test_a_failed_reset_says_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def restart(line: object, kind: str, timeout: float) -> Restarted:
        raise NotVerified("it did not restart")

    monkeypatch.setattr(module(NAME), "restart", restart)
    result = Runner(monkeypatch, Machine().bmc)(NAME, asset_tag="4711", reset="cold")
    assert (result["reason"], result["changed"]) == ("not_verified", True)
    assert result["written"] == ["controller: asset_tag", "controller: cold reset"]


def test_a_reset_that_the_bmc_lacks_was_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    machine.bmc.on("06/03", "C1")
    result = Runner(monkeypatch, machine.bmc)(NAME, reset="warm")
    assert (result["reason"], result["changed"], result["written"]) == ("unsupported", False, [])


@pytest.mark.parametrize("seconds", [0, 3601])
def test_a_reset_timeout_that_cannot_be(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    result = Runner(monkeypatch, Machine().bmc)(NAME, reset="cold", reset_timeout=seconds)
    assert result["reason"] == "bad_option" and "reset_timeout" in result["msg"]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_power: what it documents is what it takes and returns."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, identified

NAME = "ipmi_power"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


STATUS = "00/01"
ON, OFF = "00 01 00 00", "00 00 00 00"


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, identified(Scripted()).on("00/02", "00").on(STATUS, ON).once(STATUS, OFF))
    result = run(NAME, state="on")
    assert undocumented(NAME, result) == set()
    assert result["changed"] is True
    assert result["powerstate"] == "on"
    assert run.written == ["00/02 01"]


def test_the_results_of_bridged_targets_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, identified(Scripted()).on(STATUS, ON))
    result = run(NAME, machine=[{"targetAddress": 0x20, "state": "on"}, {"targetAddress": 0x22}], state="on")
    assert undocumented(NAME, result) == set()
    assert [one["targetAddress"] for one in result["status"]] == [0x20, 0x22]
    assert run.sessions[0].bridges == [0x20, 0x22]


def test_without_a_state_it_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, identified(Scripted()).on(STATUS, OFF))
    result = run(NAME)
    assert (result["changed"], result["powerstate"]) == (False, "off")
    assert run.written == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": 0}, "timeout is 0"),
        ({"force_after": -1}, "force_after is -1"),
        ({"machine": [{"targetAddress": 256}]}, "targetAddress is 256"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, t.Any], message: str
) -> None:
    run = Runner(monkeypatch, Scripted())
    result = run(NAME, state="on", **options)
    assert result["failed"] is True
    assert message in result["msg"]
    assert result["reason"] == "bad_option"
    assert run.sessions == []

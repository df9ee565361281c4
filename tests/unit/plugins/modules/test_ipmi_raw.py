# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_raw: what it documents is what it takes and returns."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, identified

NAME = "ipmi_raw"


@pytest.fixture
def bmc() -> Scripted:
    return identified(Scripted()).on("30/70", "00 04 0A").on("06/58", "00")


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    result = Runner(monkeypatch, bmc)(NAME, netfn="0x30", command="112", data="0c 01")
    assert undocumented(NAME, result) == set()
    assert (result["changed"], result["code"], result["completion_code"]) == (True, 0, "0x00")
    assert (result["data"], result["hex"], result["meaning"]) == ([4, 10], "04 0a", "completed normally")
    assert result["diff"]["after"] == {"sent": "Raw command (30/70)"}


def test_what_only_reads_is_no_change_and_is_sent_in_check_mode(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    run = Runner(monkeypatch, bmc)
    for check_mode in (False, True):
        result = run(NAME, netfn=6, command=1, check_mode=check_mode)
        assert (result["changed"], result["command"], result["data"][0]) == (False, "Get Device ID (06/01)", 0x20)
    assert run(NAME, netfn="0x30", command="0x70", changes=False, check_mode=True)["data"] == [4, 10]


def test_anything_else_is_skipped_in_check_mode(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    run = Runner(monkeypatch, bmc)
    result = run(NAME, netfn="0x30", command="0x70", check_mode=True)
    assert undocumented(NAME, result) == set()
    assert (result["skipped"], result["changed"], result["requests"]) == (True, False, 0)


def test_an_accepted_refusal_changes_nothing(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    bmc.on("30/70", "C1")
    result = Runner(monkeypatch, bmc)(NAME, netfn="0x30", command="0x70", accept=["0xc1"])
    assert (result["changed"], result["code"], result["hex"]) == (False, 0xC1, "")


@pytest.mark.parametrize("answer", ["00", "D4"])
def test_the_request_s_bytes_are_in_no_result(monkeypatch: pytest.MonkeyPatch, bmc: Scripted, answer: str) -> None:
    bmc.on("06/58", answer)
    seen: dict[str, t.Any] = {}
    from_params = module(NAME).Request.from_params

    def remember(params: dict[str, t.Any]) -> t.Any:
        seen.update(params)
        return from_params(params)

    monkeypatch.setattr(module(NAME).Request, "from_params", remember)
    result = Runner(monkeypatch, bmc)(NAME, netfn=6, command="0x58", data=list(b"geheim"))
    assert seen["data"] == list(b"geheim")
    for shape in ("geheim", b"geheim".hex(), b"geheim".hex(" "), str(list(b"geheim"))):
        assert shape not in str(result)


def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    result = Runner(monkeypatch, bmc)(NAME, netfn=7, command=1)
    assert (result["failed"], result["reason"]) == (True, "bad_option")

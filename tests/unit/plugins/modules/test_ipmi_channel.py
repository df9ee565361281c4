# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_channel: what it documents is what it takes and returns."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _cipher_look
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import Opening, Verdict
from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, identified, lan

NAME = "ipmi_channel"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


@pytest.fixture
def bmc(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Suites 3 and 17, of which it takes 17 alone at a login."""
    scripted = identified(Scripted())
    lan(scripted, 1, p22="02", p23="00 03 11", p24="00 44 00 00 00 00 00 00 00", p26="00 00 00 00 00 00")

    def probe(_host: str, _port: int, suites: list[int], _timeout: float) -> dict[int, Verdict]:
        return {suite: Verdict(Opening.ACCEPTED, 0, 4) if suite == 17 else Verdict(Opening.REFUSED, 0x11) for suite in suites}

    monkeypatch.setattr(_cipher_look, "probe", probe)
    return scripted


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    result = Runner(monkeypatch, bmc)(NAME, cipher_privileges={"3": "unused"}, bad_password={"threshold": 5})
    assert undocumented(NAME, result) == set()
    assert (result["changed"], result["verified"]) == (True, True)
    assert result["after"]["cipher_privileges"] == {"3": "unused", "17": "administrator"}
    assert [suite["opens"] for suite in result["cipher_suites"]] == [False, True]


def test_a_failure_after_the_writing_says_what_was_seen_and_written(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    result = Runner(monkeypatch, bmc)(NAME, cipher_privileges={"3": "user"})
    assert undocumented(NAME, result) == set()
    assert (result["failed"], result["reason"], result["changed"]) == (True, "not_verified", True)
    assert result["written"] == ["channel 1: cipher_privileges"]
    assert result["cipher_suites"][0]["opens"] is False


def test_an_unchanged_run_is_looked_at_too(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    bmc.suite = 3
    lan(bmc, 1, p22="02", p23="00 03 11", p24="00 04 00 00 00 00 00 00 00", p26="00 00 00 00 00 00")
    run = Runner(monkeypatch, bmc)
    result = run(NAME, cipher_privileges={"17": "unused"})
    assert (result["failed"], result["reason"]) == (True, "not_verified"), result
    assert "17 still begin" in result["msg"] and run.written == []


def test_the_look_can_be_left_out(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    result = Runner(monkeypatch, bmc)(NAME, cipher_privileges={"3": "administrator"}, cipher_probe=False)
    assert result["changed"] is False and "cipher_suites" not in result


def test_check_mode_writes_nothing_and_looks_at_nothing(monkeypatch: pytest.MonkeyPatch, bmc: Scripted) -> None:
    run = Runner(monkeypatch, bmc)
    result = run(NAME, cipher_privileges={"3": "user"}, check_mode=True)
    assert result["changed"] is True and "cipher_suites" not in result
    assert run.written == []

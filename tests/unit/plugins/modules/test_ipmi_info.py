# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_info: what it documents is what it takes and returns."""

from __future__ import annotations

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import SOL, Scripted, User, Users, identified, lan, named, sol

NAME = "ipmi_info"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


def bmc() -> Scripted:
    """A BMC that knows everything but its sessions."""
    scripted = named(identified(Scripted()))
    lan(scripted)
    sol(scripted)
    Users(scripted, {2: User("admin", b"secret".ljust(16, b"\0"), 0x34, True)})
    scripted.on("06/41", "00 22 04").on("00/01", "00 21 00 00").on("00/09 05", "00 01 05 80 04 00 00 00")
    return scripted.on("06/3D", "C1")


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME)
    assert undocumented(NAME, result) == set()
    assert list(result["bmc"]) == ["controller", "channels", "lan", "users", "sol", "chassis", "boot"]
    assert result["changed"] is False
    assert run.written == []
    assert len(run.sessions) == 1


def test_only_what_is_asked_for_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME, gather=["sol"])
    assert list(result["bmc"]) == ["sol"]
    assert len(run.sessions[0].asked_for("0C/22")) == len(SOL) - 1
    assert run.sessions[0].asked_for("0C/02") == []


def test_a_part_that_the_bmc_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, bmc())(NAME, gather=["sessions", "boot"])
    assert list(result["bmc"]) == ["boot"]
    assert result["unsupported"] == [{"what": "sessions", "setting": "sessions", "reason": "completion code 0xC1"}]

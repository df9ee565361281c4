# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_user: what it documents is what it takes and returns."""

from __future__ import annotations

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, User, Users, identified

NAME = "ipmi_user"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} >= {"bmc_password", "bmc_kg", "password"}


def bmc() -> Scripted:
    scripted = identified(Scripted())
    Users(scripted, {2: User("admin", b"secret".ljust(16, b"\0"), 0x34, True)})
    return scripted


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME, name="bob", password="hunter2", privilege="operator")
    assert undocumented(NAME, result) == set()
    assert (result["changed"], result["user_id"]) == (True, 3)
    assert result["after"]["password"] == "(as given)"
    assert "hunter2" not in str(result)


def test_absent_and_was(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, bmc())(NAME, name="bob", state="absent")
    assert undocumented(NAME, result) == set()
    assert (result["changed"], result["user_id"], result["diff"]) == (False, None, {"before": {}, "after": {}})


def test_ones_own_new_password_is_proved_by_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME, name="admin", password="brandnew")
    assert undocumented(NAME, result) == set()
    assert result["verified"] is True
    assert len(run.sessions) == 2
    assert "brandnew" not in str(result)


def test_ones_own_account_is_not_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME, name="admin", state="absent")
    assert (result["failed"], result["reason"]) == (True, "would_lock_out")
    assert run.written == []

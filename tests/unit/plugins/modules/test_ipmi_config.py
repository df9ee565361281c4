# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_config: what it documents is what it takes and returns."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, User, Users, identified, lan, sol

NAME = "ipmi_config"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


def bmc() -> Scripted:
    scripted = identified(Scripted())
    lan(scripted)
    sol(scripted)
    Users(scripted, {2: User("admin", b"secret".ljust(16, b"\0"), 0x34, True)})
    flags = ["00 00 00 00 00"]

    def write(data: bytes) -> bytes:
        flags[0] = data[1:].hex(" ")
        return b"\0"

    scripted.on("00/08", "00").on("00/08 05", write)
    return scripted.on("00/09 05", lambda data: bytes.fromhex("00 01 05 " + flags[0]))


DOCUMENT: dict[str, t.Any] = {
    "lan": [{"vlan_priority": 3, "snmp_community": "geheim"}],
    "users": [{"name": "bob", "password": "hunter2", "privilege": "operator", "sol_payload": True}],
    "sol": {"enabled": True, "bit_rate": "115200"},
    "boot": {"bootdev": "network"},
}


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME, **DOCUMENT)
    assert undocumented(NAME, result) == set()
    assert result["changed"] is True
    assert sorted(result["after"]) == ["boot", "lan", "sol", "users"]
    assert "hunter2" not in str(result)
    assert "geheim" not in str(result)
    assert len(run.sessions) == 1


def test_the_network_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    run(NAME, **DOCUMENT)
    families = list(dict.fromkeys(request[:5] for request in run.written))
    assert families == ["06/45", "06/47", "06/43", "06/4C", "0C/21", "00/08", "0C/01"]


def test_the_second_run_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    run(NAME, **DOCUMENT)
    before = len(run.written)
    result = run(NAME, **DOCUMENT)
    assert result["changed"] is False
    assert result["written"] == []
    assert len(run.written) == before


def test_no_request_is_sent_twice_while_planning(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    run(NAME, check_mode=True, **DOCUMENT)
    asked = run.sessions[0].asked
    assert sorted(set(asked)) == sorted(asked)


def test_nothing_is_written_where_one_part_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, bmc())
    result = run(NAME, **{**DOCUMENT, "lan": [{"vlan_id": 5000}]})
    assert result["reason"] == "bad_option"
    assert run.sessions == []


def test_a_channel_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Runner(monkeypatch, bmc())(NAME, lan=[{"vlan_id": 1}, {"vlan_id": 2}])
    assert result["reason"] == "bad_option"
    assert "more than once" in result["msg"]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program: its options, its exit codes, its control socket."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.simulator.clock import Clock
from tests.simulator.control import Control
from tests.simulator.rack import Rack, parse
from tests.unit.simulator.clients import free_port
from tests.unit.simulator.process import CHECKOUT, running, simulator

FILE: dict[str, Any] = {
    "bmcs": [
        {"name": "a", "address": "127.22.1.1", "users": {2: {"name": "admin", "password": "secret"}}},
        {"name": "b", "address": "127.22.1.2", "maker": "openbmc", "power": "on"},
    ]
}


def run(*words: str, cwd: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(simulator(*words), cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_help_by_module_and_by_folder(tmp_path: Path) -> None:
    by_module = run("--help")
    folder = [sys.executable, str(CHECKOUT / "tests" / "simulator"), "--help"]
    by_folder = subprocess.run(folder, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert by_module.returncode == by_folder.returncode == 0
    assert by_module.stdout == by_folder.stdout
    for option in ("--rack", "--state", "--port", "--log", "--control"):
        assert option in by_module.stdout


def test_list_of_makers() -> None:
    lines = run("--list-makers").stdout.splitlines()
    assert len(lines) >= 8
    assert any(line.startswith("idrac9 ") for line in lines)


def test_a_wrong_rack_file(tmp_path: Path) -> None:
    path = tmp_path / "rack.yml"
    path.write_text(yaml.safe_dump({"bmcs": [{"name": "a", "address": "nowhere"}]}), encoding="utf-8")
    done = run("--rack", str(path))
    assert done.returncode == 2
    assert done.stderr.startswith("simulator: a: ")
    assert "Traceback" not in done.stderr


def test_an_address_that_cannot_be_bound(tmp_path: Path) -> None:
    path = tmp_path / "rack.yml"
    path.write_text(yaml.safe_dump({"bmcs": [{"name": "a", "address": "192.0.2.1"}]}), encoding="utf-8")
    done = run("--rack", str(path), "--port", str(free_port()))
    assert done.returncode == 1
    assert "192.0.2.1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_state_survives_a_signal(tmp_path: Path, number: int) -> None:
    port, state = free_port(), tmp_path / "state"
    with running(tmp_path, FILE, port, "--state", str(state)) as rack:
        rack.do("power", bmc="a", set="on")
        assert rack.stop(number) == 0
    assert json.loads((state / "a.json").read_text(encoding="utf-8"))["power"] is True
    assert not rack.control.exists()
    with running(tmp_path, FILE, port, "--state", str(state)) as rack:
        assert rack.do("status", bmc="a")["bmcs"]["a"]["power"] == "on"


def test_control_socket(tmp_path: Path) -> None:
    with running(tmp_path, FILE, free_port()) as rack:
        assert rack.do("ping")["bmcs"] == ["a", "b"]
        status = rack.do("status")["bmcs"]
        assert status["a"]["address"] == "127.22.1.1"
        assert (status["b"]["maker"], status["b"]["power"]) == ("openbmc", "on")
        assert status["a"]["sessions"] == []
        assert rack.do("state", bmc="a")["bmcs"]["a"]["users"]["2"]["name"] == b"admin".hex()
        assert rack.do("faults", bmc=["a"], faults={"busy": 3})["bmcs"]["a"]["busy"] == 3
        assert rack.do("faults", bmc="a")["bmcs"]["a"]["busy"] == 3
        rack.do("heal")
        assert rack.do("faults", bmc="a")["bmcs"]["a"]["busy"] == 0
        before = rack.do("clock")["now"]
        assert rack.do("clock", advance=3600)["now"] - before == pytest.approx(3600, abs=5)
        rack.do("power", bmc="b", mains="off")
        rack.do("power", bmc="b", mains="on")
        assert [event["what"] for event in rack.do("history", bmc="b")["bmcs"]["b"]] == ["off"]
        held = rack.do("clock", hold=True)["now"]
        assert rack.do("clock")["now"] == held
        rack.do("clock", run=True)


def test_put_sets_what_no_command_would(tmp_path: Path) -> None:
    with running(tmp_path, FILE, free_port(), "--state", str(tmp_path / "state")) as rack:
        rack.do("put", bmc="a", at=["lan", "1", "auth_enables"], value="1514141400")
        rack.do("put", bmc="a", at=["lan", 1, "destinations", 2, "address"], value="c0000232")
        lan = rack.do("state", bmc="a")["bmcs"]["a"]["lan"]["1"]
        assert lan["auth_enables"] == "1514141400"
        assert [destination["address"] for destination in lan["destinations"][:3]] == ["00000000", "00000000", "c0000232"]
        assert rack.do("state", bmc="b")["bmcs"]["b"]["lan"]["1"]["auth_enables"] != "1514141400"
        login = ["-I", "lanplus", "-C", "17", "-H", "127.22.1.1", "-p", str(rack.port), "-U", "admin", "-P", "secret"]
        shown = subprocess.run(["ipmitool", *login, "lan", "print", "1"], check=True, capture_output=True, text=True, timeout=60)
        assert "Auth Type Enable        : Callback : NONE MD5 PASSWORD" in shown.stdout
        rack.do("factory", bmc="a")
        assert rack.do("state", bmc="a")["bmcs"]["a"]["lan"]["1"]["auth_enables"] != "1514141400"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"value": 1}, "at"),
        ({"at": ["lan", "1", "vlan_id"]}, "value"),
        ({"at": ["lan", "1", "no_such"], "value": 1}, "there is no no_such among"),
        ({"at": ["lan", "7", "vlan_id"], "value": 1}, "there is no 7 among 1"),
        ({"at": ["lan", "1", "auth_enables"], "value": "xyz"}, "hexadecimal"),
        ({"at": ["lan", "1", "vlan_id"], "value": "ten"}, "vlan_id"),
    ],
)
def test_a_put_that_cannot_be_changes_nothing(tmp_path: Path, values: dict[str, Any], text: str) -> None:
    rack = Rack.build(parse(FILE), Clock())
    before = rack.bmcs["a"].state.to_json()
    answer = Control(rack, tmp_path / "s").answer(json.dumps({"do": "put", "bmc": "a", **values}).encode())
    assert answer["ok"] is False
    assert text in answer["error"]
    assert rack.bmcs["a"].state.to_json() == before


def test_the_journal_keeps_what_was_asked_and_no_password(tmp_path: Path) -> None:
    with running(tmp_path, FILE, free_port()) as rack:
        login = ["-I", "lanplus", "-C", "17", "-H", "127.22.1.1", "-p", str(rack.port), "-U", "admin", "-P", "secret"]
        for command in (["user", "set", "password", "3", "Herzblatt", "16"], ["chassis", "power", "status"]):
            subprocess.run(["ipmitool", *login, *command], check=True, capture_output=True, timeout=60)
        journal = rack.do("journal", bmc="a")["bmcs"]["a"]
        asked = [(entry["netfn"], entry["cmd"], entry["write"], entry["code"]) for entry in journal]
        assert (0x06, 0x47, True, 0) in asked and (0x00, 0x01, False, 0) in asked
        assert b"Herzblatt".hex() not in json.dumps(journal)
        rack.do("clear_counters")
        assert rack.do("journal", bmc="a")["bmcs"]["a"] == []


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"do": "dance"}, "dance"),
        ({"do": "status", "bmc": "zz"}, "zz"),
        ({"do": "faults", "faults": {"mangle": "x"}}, "mangle is one of"),
        ({"do": "clock", "advance": -1}, "only moves ahead"),
        ({"do": "save"}, "without --state"),
        ({}, "do"),
    ],
)
def test_requests_that_are_wrong(tmp_path: Path, request_: dict[str, Any], text: str) -> None:
    control = Control(Rack.build(parse(FILE), Clock()), tmp_path / "s")
    answer = control.answer(json.dumps(request_).encode())
    assert answer["ok"] is False
    assert text in answer["error"]
    assert control.answer(b"{")["ok"] is False
    assert control.answer(b"[]")["ok"] is False


def test_ctl(tmp_path: Path) -> None:
    with running(tmp_path, FILE, free_port()) as rack:
        done = run("ctl", "--control", str(rack.control), "faults", "bmc=a", 'faults={"loss": 5}')
        assert done.returncode == 0
        assert json.loads(done.stdout)["bmcs"]["a"]["loss"] == 5
        assert run("ctl", "--control", str(rack.control), "status", "bmc=zz").returncode == 1
        assert run("ctl", "--control", str(rack.control), "status", "zz").returncode == 2
        missing = run("ctl", "--control", str(tmp_path / "none"), "ping")
        assert missing.returncode == 1
        assert "Traceback" not in missing.stderr

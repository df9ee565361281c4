# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""compliance_report writes what the hosts registered, once, and says what counts."""

from __future__ import annotations

import copy
import json
import os
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import CATALOGUE
from tests.integration.harness import act, ansible
from tests.integration.report import fake
from tests.integration.simulator.conftest import Target
from tests.unit.plugins.documented import undocumented

FILES = ["bmc-compliance.json", "bmc-compliance.junit.xml", "bmc-compliance.sarif", "bmc-compliance.html"]
SECRET = "Hocus-pocus-fidibus"
CRITICAL = next(control.id for control in CATALOGUE if control.severity.value == "critical")


def hosts(**states: str) -> dict[str, dict[str, t.Any]]:
    """A few hosts; `host=state` is the state of the worst control, and the others pass. "" is a host that was not reached."""
    found: dict[str, dict[str, t.Any]] = {}
    for name, state in states.items():
        found[name] = {"rack": "r1", "position": len(found) + 1, "bmc_password": SECRET}
        if state:
            room = next(iter(fake.room(1, 1).values()))
            result = {**copy.deepcopy(room["bmc_compliance_audit"])}
            result["audit"]["findings"] = [
                fake.finding(control, state if control["id"] == CRITICAL else "pass") for control in fake.padded(len(CATALOGUE))
            ]
            found[name]["bmc_compliance_audit"] = result
    return found


def report(folder: pathlib.Path, room: dict[str, dict[str, t.Any]], *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """The action's result; a task asks for all hosts unless `hosts` says otherwise."""
    options = {"dest": str(folder), "hosts": list(room), **options}
    result = act("compliance_report", options, check_mode=check_mode, variables={"hostvars": fake.Hostvars(room)})
    assert not undocumented("compliance_report", result)
    return result


def contents(folder: pathlib.Path) -> dict[str, bytes]:
    """Every file by its name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.promise("created")
def test_all_four_files_are_written_and_what_counts_is_told(tmp_path: pathlib.Path) -> None:
    result = report(tmp_path / "a/b", hosts(one="fail", two="pass", three=""))
    assert result["changed"] and not result["ok"]
    assert result["files"] == [str(tmp_path / "a/b" / name) for name in FILES]
    assert sorted(contents(tmp_path / "a/b")) == sorted(FILES)
    (counting,) = result["open"]
    assert (counting["host"], counting["control"], counting["severity"]) == ("one", CRITICAL, "critical")
    (missed,) = result["not_audited"]
    assert (missed["host"], missed["reason"]) == ("three", "not_reached")
    assert result["summary"]["hosts"] == {"all": 3, "audited": 2, "not_audited": 1}
    assert result["summary"]["open"]["critical"] == 1


@pytest.mark.promise("unchanged")
def test_the_same_findings_give_the_same_bytes_in_whatever_order(tmp_path: pathlib.Path) -> None:
    room = hosts(one="fail", two="waived", three="", ten="not_assessed")
    assert report(tmp_path, room)["changed"]
    before = contents(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    turned = dict(reversed(room.items()))
    result = report(tmp_path, turned, hosts=[*turned, "one"])
    assert not result["changed"]
    assert contents(tmp_path) == before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_change_and_writes_nothing(tmp_path: pathlib.Path) -> None:
    room = hosts(one="fail")
    told = report(tmp_path / "new", room, check_mode=True)
    assert told["changed"] and not (tmp_path / "new").exists()
    assert report(tmp_path / "new", room) == told
    assert not report(tmp_path / "new", room, check_mode=True)["changed"]
    before = contents(tmp_path / "new")
    assert report(tmp_path / "new", hosts(one="pass"), check_mode=True)["changed"]
    assert contents(tmp_path / "new") == before


def test_nothing_open_and_everything_audited_is_ok(tmp_path: pathlib.Path) -> None:
    result = report(tmp_path, hosts(one="pass", two="waived"))
    assert result["ok"] and result["open"] == result["not_audited"] == []


@pytest.mark.parametrize(("fail_on", "counts"), [("critical", True), ("info", True), ("never", False)])
def test_fail_on_is_the_mildest_that_counts(tmp_path: pathlib.Path, fail_on: str, counts: bool) -> None:
    result = report(tmp_path, hosts(one="fail"), fail_on=fail_on)
    assert bool(result["open"]) is counts
    assert result["ok"] is not counts


def test_what_the_baseline_has_is_accepted_and_what_is_new_counts(tmp_path: pathlib.Path) -> None:
    report(tmp_path / "base", hosts(one="fail", two="pass"))
    result = report(tmp_path / "now", hosts(one="fail", two="fail"), baseline=str(tmp_path / "base" / FILES[0]))
    assert [entry["host"] for entry in result["open"]] == ["two"]
    assert [entry["host"] for entry in result["accepted"]] == ["one"]
    assert not result["ok"]
    assert report(tmp_path / "now", hosts(one="fail", two="pass"), baseline=str(tmp_path / "base" / FILES[0]))["ok"]


def test_it_compares_with_the_file_that_it_then_writes_anew(tmp_path: pathlib.Path) -> None:
    report(tmp_path, hosts(one="fail", two="fail", three="fail", four="pass", five="fail"))
    result = report(tmp_path, hosts(one="pass", two="fail", three="", four="fail", five="waived"), previous=str(tmp_path / FILES[0]))
    assert result["compared"] == {"new": 1, "fixed": 1, "still_open": 1, "waived": 1, "unclear": 1}
    written = json.loads((tmp_path / FILES[0]).read_text(encoding="utf-8"))
    assert written["compared"]["fixed"] == [["one", CRITICAL]]
    assert written["compared"]["unclear"] == [["three", CRITICAL]]


def test_only_the_wanted_formats_are_written(tmp_path: pathlib.Path) -> None:
    result = report(tmp_path, hosts(one="fail"), formats=["html", "junit"], name="room")
    assert sorted(contents(tmp_path)) == ["room.html", "room.junit.xml"]
    assert len(result["files"]) == 2


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path: pathlib.Path) -> None:
    report(tmp_path, hosts(one="fail"))
    link = tmp_path.parent / "held.json"
    os.link(tmp_path / FILES[0], link)
    held = link.read_bytes()
    assert report(tmp_path, hosts(one="pass"))["changed"]
    assert link.read_bytes() == held != (tmp_path / FILES[0]).read_bytes()
    assert sorted(contents(tmp_path)) == sorted(FILES)


def test_not_everybody_on_the_controller_may_read_which_bmcs_are_weak(tmp_path: pathlib.Path) -> None:
    report(tmp_path, hosts(one="fail"))
    assert [path.name for path in tmp_path.iterdir() if path.stat().st_mode & 0o007] == []


def write(path: pathlib.Path, content: t.Any) -> str:
    """Put something where a report should be."""
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


GOOD = {"format": "lightsout.bmc.compliance_report", "version": 1}


@pytest.mark.promise("refused")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("no json", "is not JSON"),
        ({"version": 1}, "is no report of lightsout.bmc.compliance_report"),
        ([], "is no report of lightsout.bmc.compliance_report"),
        ({**GOOD, "version": 2}, "was written by a newer one"),
        (GOOD, "is damaged: KeyError: 'findings'"),
        ({**GOOD, "title": "", "date": "", "findings": [], "hosts": [{"name": "one", "findings": [0]}]}, "is damaged: IndexError"),
    ],
)
@pytest.mark.parametrize("option", ["baseline", "previous"])
def test_a_file_that_is_no_report_is_refused_and_nothing_written(tmp_path: pathlib.Path, option: str, content: t.Any, message: str) -> None:
    path = str(tmp_path / "nowhere.json") if content is None else write(tmp_path / "other.json", content)
    wrong: dict[str, t.Any] = {option: path}
    result = report(tmp_path / "new", hosts(one="fail"), **wrong)
    assert result["failed"] and result["reason"] == "bad_file"
    assert result["msg"].startswith(f"{option}: {path} ") and message in result["msg"]
    assert not (tmp_path / "new").exists()


@pytest.mark.promise("refused")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hosts": []}, "hosts is empty"),
        ({"hosts": ["one", "nobody"]}, "hosts: the inventory does not have nobody"),
        ({"formats": []}, "formats is empty"),
        ({"name": "a/b"}, "name is 'a/b'"),
        ({"fail_on": "worst"}, "value of fail_on must be one of"),
        ({"dest": None}, "missing required arguments: dest"),
    ],
)
def test_an_option_that_cannot_be_is_refused(tmp_path: pathlib.Path, options: dict[str, t.Any], message: str) -> None:
    given = {"dest": str(tmp_path / "new"), "hosts": ["one"], **options}
    given = {name: value for name, value in given.items() if value is not None}
    result = act("compliance_report", given, variables={"hostvars": fake.Hostvars(hosts(one="fail"))})
    assert result["failed"] and result["reason"] == "bad_option" and message in result["msg"]
    assert not (tmp_path / "new").exists()


@pytest.mark.promise("refused")
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: pathlib.Path, check_mode: bool) -> None:
    (tmp_path / "file").touch()
    result = report(tmp_path / "file/new", hosts(one="fail"), check_mode=check_mode)
    assert result["failed"] and result["reason"] == "not_written"
    assert result["msg"].startswith(f"dest: {tmp_path / 'file/new'} cannot be made: ")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"failed": True, "msg": "no\nanswer", "reason": "unreachable"}, "unreachable"),
        ({"unreachable": True, "msg": "no ssh"}, "unreachable"),
        ({"skipped": True, "skip_reason": "Conditional result was False"}, "skipped"),
        ({"changed": False}, "unreadable"),
        ({"audit": {"profile": "L1", "date": "2026-11-20", "bmc": {}, "findings": [{"id": "Q-99", "state": "pass", "severity": "low"}]}}, "unreadable"),
        ("a text", "unreadable"),
    ],
)
def test_a_host_without_a_result_is_not_audited_and_never_passes(tmp_path: pathlib.Path, value: t.Any, reason: str) -> None:
    room = hosts(one="")
    room["one"]["bmc_compliance_audit"] = value
    result = report(tmp_path, room)
    assert not result["ok"]
    (missed,) = result["not_audited"]
    assert missed["reason"] == reason and missed["msg"] and "\n" not in missed["msg"]


@pytest.mark.parametrize("texts", [False, True])
def test_what_an_audit_returns_is_read_as_it_is(bmc: Target, tmp_path: pathlib.Path, texts: bool) -> None:
    judged = act("ipmi_audit", {**bmc.options, "profile": "L3", "texts": texts})
    failed = act("ipmi_audit", {**bmc.options, "bmc_host": "127.31.250.246", "bmc_timeout": 1})
    room = {"one": {"bmc_compliance_audit": judged}, "dead": {"bmc_compliance_audit": failed}}
    result = report(tmp_path, room)
    written = json.loads((tmp_path / FILES[0]).read_text(encoding="utf-8"))
    (host,) = [host for host in written["hosts"] if host["audited"]]
    told = [written["findings"][at] for at in host["findings"]]
    assert told == [{name: finding[name] for name in told[0]} for finding in judged["audit"]["findings"]]
    assert set(judged["audit"]["findings"][0]) - set(told[0]) <= set(written["controls"][0])
    assert host["bmc"] == judged["audit"]["bmc"]
    assert written["summary"]["states"] == judged["audit"]["summary"]
    (missed,) = result["not_audited"]
    assert (missed["host"], missed["reason"], missed["msg"]) == ("dead", "unreachable", failed["msg"])


def test_racks_come_from_the_variables_that_are_named_and_templates_are_evaluated(tmp_path: pathlib.Path) -> None:
    room = hosts(one="pass")
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [
                {
                    "lightsout.bmc.compliance_report": {"dest": "out", "hosts": "{{ ansible_play_hosts_all }}", "rack": "cabinet", "variable": "judged"},
                    "run_once": True,
                    "register": "made",
                },
                {"ansible.builtin.assert": {"that": ["made.ok"]}, "run_once": True},
            ],
        }
    ]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    variables = {"cabinet": "k{{ row }}", "row": 7, "judged": room["one"]["bmc_compliance_audit"], "bmc_password": SECRET}
    inventory = {"all": {"hosts": {"one": variables}}}
    done = ansible(str(tmp_path / "play.yml"), program="ansible-playbook", inventory=inventory, tmp_path=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads((tmp_path / "out" / FILES[0]).read_text(encoding="utf-8"))
    assert [host["rack"] for host in written["hosts"]] == ["k7"]


@pytest.mark.promise("no_secret")
def test_no_file_and_no_output_holds_a_secret(tmp_path: pathlib.Path) -> None:
    room = hosts(one="fail", two="")
    options = {"dest": str(tmp_path / "out"), "hosts": "{{ ansible_play_hosts_all }}"}
    tasks = [
        {"lightsout.bmc.compliance_report": options, "run_once": True},
        {"lightsout.bmc.compliance_report": {**options, "baseline": "/nowhere.json"}, "run_once": True},
    ]
    (tmp_path / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    inventory = {"all": {"hosts": room}}
    done = ansible(str(tmp_path / "play.yml"), "-vvvv", program="ansible-playbook", inventory=inventory, tmp_path=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "cannot be read" in done.stdout and '"not_reached"' in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert sorted(contents(tmp_path / "out")) == sorted(FILES)
    assert all(SECRET.encode() not in content for content in contents(tmp_path / "out").values())

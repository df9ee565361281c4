# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callback lightsout.bmc.fold, through ansible and ansible-playbook."""

from __future__ import annotations

import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import typing as t

import pytest
import yaml

from tests.integration.harness import CHECKOUT, ansible
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, users

NAMES = [f"ccw{number:04d}" for number in range(1, 13)]
#: They alone are waited for shortly: the others may take their time on a busy machine.
SILENT = ("ccw0005", "ccw0006")
FOLD = {"ANSIBLE_STDOUT_CALLBACK": "lightsout.bmc.fold", "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"}
TEXT = {**FOLD, "LIGHTSOUT_FOLD_FORMAT": "text"}
JSON = {**FOLD, "LIGHTSOUT_FOLD_FORMAT": "json"}
#: Seconds for a run on a pseudo-terminal.
PATIENCE = 60


class Fleet(t.NamedTuple):
    """Twelve BMCs and their inventory."""

    rack: Rack
    inventory: dict[str, t.Any]


@pytest.fixture(scope="module")
def _fleet(start_rack: Starter, network: t.Callable[[], str]) -> Fleet:
    prefix = network()
    bmcs = [
        {
            "name": name,
            "maker": "generic",
            "address": f"{prefix}.{number}",
            "netmask": "255.255.255.0",
            "gateway": f"{prefix}.254",
            "source": "static",
            "users": users(),
        }
        for number, name in enumerate(NAMES, 1)
    ]
    rack = start_rack({"bmcs": bmcs})
    hosts: dict[str, dict[str, t.Any]] = {name: {"bmc_host": f"{prefix}.{number}"} for number, name in enumerate(NAMES, 1)}
    for name in SILENT:
        hosts[name]["bmc_timeout"] = 1
    variables = {
        "bmc_port": rack.port,
        "bmc_user": "admin",
        "bmc_password": PASSWORD,
        "bmc_timeout": 10,
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
    }
    return Fleet(rack, {"all": {"hosts": hosts, "vars": variables}})


@pytest.fixture
def fleet(_fleet: Fleet) -> Fleet:
    """All on, ccw0003 off; ccw0005 and ccw0006 silent, ccw0009 refuses."""
    _fleet.rack.ask("heal")
    _fleet.rack.ask("factory")
    _fleet.rack.ask("power", set="on")
    _fleet.rack.ask("power", "ccw0003", set="off")
    for name in SILENT:
        _fleet.rack.faults(name, silent=True)
    _fleet.rack.faults("ccw0009", refuse={"00/01": 0xC1})
    return _fleet


def ad_hoc(fleet: Fleet, tmp_path: pathlib.Path, *args: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """An ad hoc command with ipmi_power, or what `args` say."""
    command = args if "-m" in args else ("-m", "lightsout.bmc.ipmi_power", *args)
    return ansible("all", "-f", "12", *command, inventory=fleet.inventory, tmp_path=tmp_path, environment=environment or TEXT)


def play(
    fleet: Fleet, tmp_path: pathlib.Path, tasks: str, *args: str, environment: dict[str, str] | None = None, **keywords: t.Any
) -> subprocess.CompletedProcess[str]:
    """A play with these tasks."""
    path = tmp_path / "trial.yml"
    content = {"name": "Trial", "hosts": "all", "gather_facts": False, "tasks": yaml.safe_load(tasks), **keywords}
    path.write_text(yaml.safe_dump([content], sort_keys=False), encoding="utf-8")
    return ansible(
        str(path), "-f", "12", *args, program="ansible-playbook", inventory=fleet.inventory, tmp_path=tmp_path, environment=environment or TEXT
    )


def test_a_command_on_a_fleet_is_a_few_lines(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    done = ad_hoc(fleet, tmp_path)
    found = done.stdout.splitlines()
    assert found[0] == "on (8): ccw[0001-0002,0004,0007-0008,0010-0012]"
    assert found[1] == "off (1): ccw0003"
    assert found[2] == "failed: unreachable (2): ccw[0005-0006]"
    assert found[3].startswith("    no answer on UDP port")
    assert found[4] == "failed: refused 0xC1 (1): ccw0009"
    assert found[5].startswith("    Get Chassis Status (00/01) was refused")
    assert re.fullmatch(r"12 hosts: 9 ok, 3 failed in [\d.]+ s", found[6])
    assert len(found) == 7
    # Ansible's own blocks of errors, one for each host, are not there.
    assert done.stderr == ""
    assert done.returncode != 0


def test_changes_and_diffs_are_folded(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    done = ad_hoc(fleet, tmp_path, "-a", "state=on", "--diff", "--check")
    assert "changed: on (1): ccw0003\n    --- before\n    +++ after\n" in done.stdout
    assert '    -    "powerstate": "off"\n    +    "powerstate": "on"\n' in done.stdout
    assert done.stdout.count("+++ after") == 1


def test_hosts_are_folded_by_a_field(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    fields = {**TEXT, "LIGHTSOUT_FOLD_FIELDS": "bmc.controller.ipmi_version,bmc.controller.device_id"}
    done = ad_hoc(fleet, tmp_path, "-m", "lightsout.bmc.ipmi_info", "-a", "gather=controller", environment=fields)
    assert done.stdout.startswith("ipmi_version=2.0, device_id=32 (10): ccw[0001-0004,0007-0012]\nfailed: unreachable (2)"), done.stdout


def test_json_is_one_document(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    whole = json.loads(ad_hoc(fleet, tmp_path, environment=JSON).stdout)
    assert whole["interrupted"] is False and len(whole["plays"]) == 1
    (task,) = whole["plays"][0]["tasks"]
    assert task["action"] == "lightsout.bmc.ipmi_power" and task["counts"] == {"failed": 3, "ok": 9}
    by_cause = {result.get("cause"): result for result in task["results"]}
    assert by_cause["unreachable"]["hosts"] == ["ccw0005", "ccw0006"]
    assert by_cause["unreachable"]["nodes"] == "ccw[0005-0006]"
    assert by_cause["refused 0xC1"]["result"]["completion_code"] == "0xC1"
    states = {result["result"]["powerstate"]: result["count"] for result in task["results"] if result["status"] == "ok"}
    assert states == {"on": 8, "off": 1}
    assert {group.get("failed"): group["count"] for group in whole["recap"]} == {None: 9, 1: 3}


TASKS = """
- name: Read the power state
  lightsout.bmc.ipmi_power:
  ignore_errors: true
- name: Say
  ansible.builtin.debug:
    msg: "half {{ inventory_hostname[-1] | int % 2 }}"
- name: Loop
  ansible.builtin.command: "test {{ item }} != 2"
  loop: [1, 2]
  changed_when: false
  ignore_errors: true
- name: For one
  ansible.builtin.debug:
    msg: one
  when: inventory_hostname == 'ccw0001'
- name: Break
  ansible.builtin.fail:
    msg: "{{ inventory_hostname }} at {{ bmc_host }}: {{ no_such_variable if inventory_hostname == 'ccw0004' else 'no' }}"
  when: inventory_hostname in ['ccw0002', 'ccw0003', 'ccw0004']
- name: Tell
  ansible.builtin.command: "true"
  notify: Handle
- name: Once
  ansible.builtin.debug:
    msg: hello
  run_once: true
"""
HANDLERS = [{"name": "Handle", "ansible.builtin.command": "true"}]


def test_a_play_with_any_modules(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    done = play(fleet, tmp_path, TASKS, handlers=HANDLERS)
    text = done.stdout
    assert text.startswith("\nPLAY Trial (12 hosts)\nTASK Read the power state\n  on (8): ccw[0001-0002,0004,0007-0008,0010-0012]\n"), text
    assert "  failed: unreachable, ignored (2): ccw[0005-0006]\n      no answer" in text
    assert "TASK Say\n  half 0 (6): ccw[0002,0004,0006,0008,0010,0012]\n  half 1 (6)" in text
    assert "TASK Loop\n  1 (12): ccw[0001-0012]\n  failed: 2: rc 1, ignored (12): ccw[0001-0012]\n" in text
    assert "TASK For one\n  one (1): ccw0001\n  skipped (11): ccw[0002-0012]\n" in text
    assert "  failed (3): ccw[0002-0004]\n      <host> at <host>: no (2): ccw[0002-0003]\n" in text, text
    assert re.search(r"'no_such_variable' is undefined.* \(1\): ccw0004\n", text)
    assert text.count("the task is at") == 1
    assert "TASK Tell\n  changed (9): ccw[0001,0005-0012]\nTASK Once\n  hello (1): ccw0001\nHANDLER Handle\n  changed (9)" in text
    assert re.search(r"\nRECAP 12 hosts in \d", text)
    assert re.search(r"failed=1 skipped=1 ignored=1 \(3\): ccw\[0002-0004\]\n\Z", text), text
    assert done.stderr == ""


def test_batches_and_free_hosts(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    say = "- name: Say\n  ansible.builtin.debug:\n    msg: hello\n- name: Bye\n  ansible.builtin.debug:\n    msg: bye\n"
    batches = play(fleet, tmp_path, say, serial=5).stdout
    assert re.findall(r"PLAY Trial \((\d+) hosts\)", batches) == ["5", "5", "2"]
    free = play(fleet, tmp_path, say, strategy="free").stdout
    assert "TASK Say\n  hello (12): ccw[0001-0012]\nTASK Bye\n  bye (12): ccw[0001-0012]\n" in free
    assert play(fleet, tmp_path, say, hosts="!all").stdout.startswith("\nPLAY Trial (no hosts)\n")


SECRET = "Top-Secret-4711"
SECRETS = f"""
- name: Hidden
  ansible.builtin.command: echo {SECRET}
  no_log: true
- name: Hidden failure
  ansible.builtin.command: "false {SECRET}"
  no_log: true
  ignore_errors: true
- name: Argument
  ansible.builtin.command: "sh -c true {SECRET}"
- name: Items
  ansible.builtin.command: "true"
  loop:
    - {{name: admin, password: {SECRET}}}
- name: By name
  ansible.builtin.debug:
    var: thing
  vars:
    thing: {{password: {SECRET}}}
- name: Copied
  ansible.builtin.set_fact:
    bmc_kg: {SECRET}
"""


@pytest.mark.parametrize("environment", [TEXT, JSON], ids=["text", "json"])
@pytest.mark.parametrize("verbosity", [(), ("-v",)], ids=["plain", "v"])
def test_no_secret_is_shown(fleet: Fleet, tmp_path: pathlib.Path, environment: dict[str, str], verbosity: tuple[str, ...]) -> None:
    args = ("--diff", "--limit", "ccw0001,ccw0002", *verbosity)
    done = play(fleet, tmp_path, SECRETS, *args, environment={**environment, "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1"})
    assert done.returncode == 0, done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert "hidden by no_log" in done.stdout and "item 1" in done.stdout
    loud = ad_hoc(fleet, tmp_path, "-vvv", environment=environment)
    assert PASSWORD not in loud.stdout + loud.stderr


def terminal(command: list[str], environment: dict[str, str], *, interrupt_at: str | None = None) -> str:
    """What a program prints on a terminal of 100 columns, Ctrl-C being typed when a text appears."""
    master, slave = pty.openpty()
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm", "COLUMNS": "100", **environment}
    process = subprocess.Popen(command, cwd=CHECKOUT, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    found = b""
    try:
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not chunk:
                break
            found += chunk
            if interrupt_at is not None and interrupt_at.encode() in found:
                interrupt_at = None
                process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(master)
    return found.decode()


def on_terminal(fleet: Fleet, tmp_path: pathlib.Path, *args: str, interrupt_at: str | None = None, **environment: str) -> str:
    """The ad hoc command on a terminal."""
    inventory = tmp_path / "inventory.json"
    inventory.write_text(json.dumps(fleet.inventory), encoding="utf-8")
    program = str(pathlib.Path(sys.executable).parent / "ansible")
    command = [program, "all", "-i", str(inventory), "-f", "12", "-m", "lightsout.bmc.ipmi_power", *args]
    home = {"HOME": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path / "ansible"), "ANSIBLE_NOCOLOR": "1"}
    return terminal(command, {**TEXT, **home, **environment}, interrupt_at=interrupt_at)


def screen(text: str) -> list[str]:
    """The lines that stay on the screen."""
    kept = []
    for line in text.replace("\r\n", "\n").split("\n"):
        kept.append(re.split(r"\r\x1b\[K|\r", line)[-1])
    return kept


def test_a_terminal_shows_how_far_it_is(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    text = on_terminal(fleet, tmp_path)
    assert "0 done, 0 failed, 12 left, 0:00" in text
    assert re.search(r"[1-9]\d* done, \d failed, \d+ left, 0:0\d", text)
    assert screen(text)[0] == "on (8): ccw[0001-0002,0004,0007-0008,0010-0012]"
    assert not [line for line in screen(text) if " left, " in line]


def test_the_time_goes_on_while_nobody_answers(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    text = on_terminal(fleet, tmp_path, "-e", "bmc_timeout=5")
    # Between the last answer and the end of the silent ones nothing happens but the time.
    assert len(set(re.findall(r"10 done, 1 failed, 2 left, (0:\d\d)", text))) >= 3, text


@pytest.mark.parametrize("off", [{"LIGHTSOUT_FOLD_PROGRESS": "no"}, {"LIGHTSOUT_FOLD_FORMAT": "json"}], ids=["option", "json"])
def test_the_line_can_be_left_out(fleet: Fleet, tmp_path: pathlib.Path, off: dict[str, str]) -> None:
    text = on_terminal(fleet, tmp_path, **off)
    assert " left, " not in text and "\x1b[K" not in text


def test_a_pipe_has_no_line(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    done = ad_hoc(fleet, tmp_path)
    assert "\r" not in done.stdout and "\x1b" not in done.stdout and " left" not in done.stdout


def test_an_interrupted_run_shows_what_it_knows(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    text = on_terminal(fleet, tmp_path, "-e", "bmc_timeout=30", interrupt_at="10 done, 1 failed, 2 left, ")
    shown = screen(text)
    assert "on (8): ccw[0001-0002,0004,0007-0008,0010-0012]" in shown, text
    assert "no result (2): ccw[0005-0006]" in shown, text


def test_a_missing_library_is_named(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ClusterShell'] = None\n", encoding="utf-8")
    done = ad_hoc(fleet, tmp_path, environment={**TEXT, "PYTHONPATH": str(tmp_path)})
    assert done.returncode != 0
    assert "lightsout.bmc.fold: node sets need the Python package ClusterShell: python3 -m pip install ClusterShell" in done.stderr
    assert "Traceback" not in done.stderr

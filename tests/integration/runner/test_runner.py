# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example of the fleet guide under ansible-runner, the program that automation controller runs jobs with.

An execution environment is a container and is not made here. All else is as a job has it: a private data
directory, the account in the environment, artifacts, and slices of the inventory.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t
from dataclasses import dataclass

import pytest
import yaml

from tests.integration.harness import CHECKOUT
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, users

EXAMPLE = pathlib.Path(__file__).with_name("example")
BMCS, DEAD = 12, "n07"
#: Seconds that a job may take.
PATIENCE = 120


@dataclass
class Runner:
    """A private data directory, and ansible-runner for it."""

    folder: pathlib.Path
    home: pathlib.Path

    def run(self, job: str, *args: str, password: str = PASSWORD, status: int = 0) -> list[dict[str, t.Any]]:
        """A job, which must end with this status; its events."""
        secret = self.home / "bmc-password"
        secret.write_text(password, encoding="utf-8")
        programs = pathlib.Path(sys.executable).parent
        environment = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "ANSIBLE_HOME": str(self.home / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".collections"),
            # As a credential of automation controller puts them there.
            "BMC_USER": "admin",
            "BMC_PASSWORD_FILE": str(secret),
        }
        done = subprocess.run(
            [str(programs / "ansible-runner"), "run", str(self.folder), "--ident", job, *args],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        paths = (self.folder / "artifacts" / job / "job_events").glob("*.json")
        events = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        return sorted(events, key=lambda event: int(event["counter"]))


@pytest.fixture(scope="module")
def prefix(network: t.Callable[[], str]) -> str:
    return network()


@pytest.fixture(scope="module")
def started(start_rack: Starter, prefix: str) -> Rack:
    common = {"source": "static", "netmask": "255.255.255.0", "users": users()}
    rack = start_rack({"bmcs": [{"name": f"n[01-{BMCS}]", "maker": "generic", "address": f"{prefix}.[1-{BMCS}]", **common}]})
    rack.faults(DEAD, silent=True)
    return rack


@pytest.fixture
def rack(started: Rack) -> Rack:
    """The servers are off, and nobody has written anything."""
    started.ask("factory")
    started.ask("power", set="off")
    started.ask("clear_counters")
    return started


@pytest.fixture
def runner(started: Rack, prefix: str, tmp_path: pathlib.Path) -> Runner:
    """The example, with the simulated rack in the place of the network."""
    folder = tmp_path / "private"
    shutil.copytree(EXAMPLE, folder)
    path = folder / "inventory/rack.ipmi.yml"
    inventory = yaml.safe_load(path.read_text(encoding="utf-8"))
    inventory |= {"networks": [f"{prefix}.0/27"], "bmc_port": started.port, "probe_wait": 1}
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    return Runner(folder, home)


def hosts(events: t.Sequence[dict[str, t.Any]], event: str) -> list[str]:
    """The hosts of all events of a kind."""
    return sorted(one["event_data"]["host"] for one in events if one["event"] == event)


def alive(prefix: str) -> list[str]:
    """The hosts of the inventory: what does not answer in a network is none."""
    return sorted(f"node-{prefix}.{number}" for number in range(1, BMCS + 1) if f"n{number:02d}" != DEAD)


def test_an_ad_hoc_command(rack: Rack, runner: Runner, prefix: str) -> None:
    rack.ask("power", "n03", set="on")
    events = runner.run("power", "--module", "lightsout.bmc.ipmi_power", "--hosts", "all")
    assert hosts(events, "runner_on_ok") == alive(prefix)
    states = {one["event_data"]["host"]: one["event_data"]["res"]["powerstate"] for one in events if one["event"] == "runner_on_ok"}
    assert {host for host, state in states.items() if state == "on"} == {f"node-{prefix}.3"}


def test_a_play_brings_servers_up_and_then_changes_nothing(rack: Rack, runner: Runner, prefix: str) -> None:
    runner.run("first", "--playbook", "bring_up.yml")
    status = rack.ask("status")["bmcs"]
    assert {name for name, one in status.items() if one["power"] != "on"} == {DEAD}
    assert {name for name, one in status.items() if one["sessions"]} == set()
    writes = {name: one["writes"] for name, one in status.items()}
    again = runner.run("second", "--playbook", "bring_up.yml")
    (stats,) = [one["event_data"] for one in again if one["event"] == "playbook_on_stats"]
    assert sorted(stats["ok"]) == alive(prefix) and not stats["changed"] and not stats["failures"]
    assert {name: one["writes"] for name, one in rack.ask("status")["bmcs"].items()} == writes


def test_slices_share_the_servers(rack: Rack, runner: Runner, prefix: str) -> None:
    """A sliced job is several jobs, each with every n-th host; together they do all, and none twice."""
    done = []
    for number in range(3):
        part = alive(prefix)[number::3]
        events = runner.run(f"slice-{number}", "--module", "lightsout.bmc.ipmi_power", "-a", "state=on", "--hosts", "all", "--limit", ",".join(part))
        assert hosts(events, "runner_on_ok") == part
        done += part
    assert sorted(done) == alive(prefix)
    for name, one in rack.ask("status")["bmcs"].items():
        assert (one["power"], one["writes"]) == (("off", 0) if name == DEAD else ("on", 1))


def test_the_artifacts_hold_no_password(rack: Rack, runner: Runner) -> None:
    runner.run("good", "--module", "lightsout.bmc.ipmi_power", "--hosts", "all", "-vvvv")
    kept = [path for path in runner.folder.rglob("*") if path.is_file()]
    assert any(path.parent.name == "job_events" for path in kept)
    assert [path for path in kept if PASSWORD.encode() in path.read_bytes()] == []


def test_a_refused_login_is_told_in_the_events(rack: Rack, runner: Runner, prefix: str) -> None:
    """The inventory has the hosts all the same, in the group that says so; the task on them fails, and so does the job."""
    events = runner.run("refused", "--module", "lightsout.bmc.ipmi_power", "--hosts", "bmc_login_refused", password="not-" + PASSWORD[:10], status=2)
    failed = [one["event_data"] for one in events if one["event"] == "runner_on_failed"]
    assert sorted(one["host"] for one in failed) == alive(prefix)
    assert {one["res"]["reason"] for one in failed} == {"login_refused"}

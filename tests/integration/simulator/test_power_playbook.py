# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/power.yml against a simulated room: three racks, compute and storage."""

from __future__ import annotations

import itertools
import pathlib
import re
import typing as t

import pytest

from tests.integration.harness import CHECKOUT, ansible
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, users

PLAYBOOK = str(CHECKOUT / "playbooks" / "power.yml")
RACKS, POSITIONS = 3, 8
#: The first two of each rack hold the data.
STORAGE = [f"r{rack}n{position}" for rack in range(1, RACKS + 1) for position in (1, 2)]
HOSTS = [f"r{rack}n{position}" for rack in range(1, RACKS + 1) for position in range(1, POSITIONS + 1)]
COMPUTE = [host for host in HOSTS if host not in STORAGE]


class Room(t.NamedTuple):
    """The room and its inventory."""

    rack: Rack
    inventory: dict[str, t.Any]

    def events(self, what: str) -> list[tuple[float, str]]:
        """When which server was switched `on` or `off`, in order."""
        history = self.rack.ask("history")["bmcs"]
        return sorted((event["at"], name) for name, events in history.items() for event in events if event["what"] == what)

    def power(self) -> dict[str, str]:
        """How each server is."""
        return {name: "on" if status["power"] == "on" else "off" for name, status in self.rack.ask("status")["bmcs"].items()}

    def all(self, state: str) -> None:
        """Switch all, behind the BMCs' backs."""
        self.rack.ask("power", set=state)


class Run(t.NamedTuple):
    """What a run of the playbook printed."""

    code: int
    text: str

    def failed(self) -> set[str]:
        """Hosts that failed."""
        return set(re.findall(r"^(\w+) +: ok=.*failed=[1-9]", self.text, re.MULTILINE))


@pytest.fixture(scope="module")
def _room(start_rack: Starter, network: t.Callable[[], str]) -> Room:
    prefix = network()
    hosts: dict[str, dict[str, t.Any]] = {}
    bmcs = []
    for number, name in enumerate(HOSTS, 1):
        address = f"{prefix}.{number}"
        hosts[name] = {"bmc_host": address, "rack": name[:2]}
        bmcs.append(
            {
                "name": name,
                "maker": "generic",
                "address": address,
                "netmask": "255.255.255.0",
                "gateway": f"{prefix}.254",
                "source": "static",
                "users": users(),
                "personality": {"power": {"on_delay": 0.05, "off_delay": 0.05, "soft_delay": 0.5}},
            }
        )
    rack = start_rack({"bmcs": bmcs})
    variables = {"bmc_port": rack.port, "bmc_user": "admin", "bmc_password": PASSWORD, "bmc_timeout": 3}
    children: dict[str, t.Any] = {
        group: {"hosts": {name: {} for name in names}} for group, names in (("storage", STORAGE), ("compute", COMPUTE))
    }
    return Room(rack, {"all": {"hosts": hosts, "vars": variables, "children": children}})


@pytest.fixture
def room(_room: Room) -> Room:
    """The room with everything off, and nothing wrong with any BMC."""
    _room.rack.ask("heal")
    _room.rack.ask("factory")
    _room.rack.ask("close_sessions")
    _room.rack.ask("power", os_obeys=True)
    _room.all("off")
    _room.rack.ask("clear_counters")
    return _room


@pytest.fixture
def run(room: Room, tmp_path: pathlib.Path) -> t.Callable[..., Run]:
    """Runs the playbook; options as keywords."""

    def start(*args: str, **options: t.Any) -> Run:
        wanted = {"power_hosts": "all", "power_interval": 0, "power_retry_file": str(tmp_path / "power.retry"), **options}
        variables = "{" + ", ".join(f"{name}: {value}" for name, value in wanted.items() if value is not None) + "}"
        done = ansible(
            PLAYBOOK, "-f", "24", "-e", variables, *args, program="ansible-playbook", inventory=room.inventory, tmp_path=tmp_path
        )
        return Run(done.returncode, done.stdout + done.stderr)

    return start


Runner = t.Callable[..., Run]


def test_storage_comes_before_compute_a_few_at_a_time_in_each_rack(room: Room, run: Runner, tmp_path: pathlib.Path) -> None:
    seen = len(room.events("on"))
    done = run(power_state="on", power_order="[storage, compute]", power_batch=6, power_batch_per_rack=2, power_interval=1)
    assert done.code == 0, done.text
    assert set(room.power().values()) == {"on"}
    events = room.events("on")[seen:]
    assert {name for _at, name in events[: len(STORAGE)]} == set(STORAGE)
    batches = [events[start : start + 6] for start in range(0, len(HOSTS), 6)]
    for before, batch in itertools.pairwise(batches):
        assert batch[0][0] - before[-1][0] >= 1.0, events
    for batch in batches:
        racks = [name[:2] for _at, name in batch]
        assert {racks.count(rack) for rack in set(racks)} == {2}, batch
    assert "24 of 24 hosts" in done.text
    assert not (tmp_path / "power.retry").exists()
    writes = {name: room.rack.writes(name) for name in HOSTS}
    again = run(power_state="on", power_order="[storage, compute]")
    assert again.code == 0 and "changed=0" in again.text and not re.search("changed=[1-9]", again.text), again.text
    assert {name: room.rack.writes(name) for name in HOSTS} == writes
    assert PASSWORD not in done.text + again.text


def test_it_stops_when_too_many_fail_and_goes_on_with_those_that_are_left(room: Room, run: Runner, tmp_path: pathlib.Path) -> None:
    retry = tmp_path / "power.retry"
    for name in STORAGE[:3]:
        room.rack.faults(name, silent=True)
    options = {"power_state": "on", "power_order": "[storage, compute]", "power_batch": 6}
    done = run(**options)
    assert done.code != 0
    assert {name for name, state in room.power().items() if state == "on"} == set(STORAGE[3:])
    assert done.failed() == {*STORAGE[:3], *COMPUTE}, done.text
    assert "stopped in storage: more than 10% failed; not tried (18)" in done.text
    assert re.search(r"not known, the BMC does not say \(3\): r1n\[1-2\],r2n1", done.text), done.text
    assert set(retry.read_text(encoding="utf-8").split()) == {*STORAGE[:3], *COMPUTE}
    room.rack.ask("heal")
    writes = {name: room.rack.writes(name) for name in STORAGE[3:]}
    done = run("--limit", f"@{retry}", **options)
    assert done.code == 0, done.text
    assert set(room.power().values()) == {"on"}
    assert {name: room.rack.writes(name) for name in STORAGE[3:]} == writes
    assert "21 of 21 hosts" in done.text and not retry.exists()


def test_a_few_failures_do_not_stop_it_and_are_named(room: Room, run: Runner, tmp_path: pathlib.Path) -> None:
    room.rack.faults("r1n4", silent=True)
    room.rack.faults("r2n5", refuse={"00/02": 0xD5})
    done = run(power_state="on", power_batch=4)
    assert done.code != 0
    assert {name for name, state in room.power().items() if state == "off"} == {"r1n4", "r2n5"}
    assert done.failed() == {"r1n4", "r2n5"}
    assert "22 of 24 hosts" in done.text and "still off (1): r2n5" in done.text
    assert (tmp_path / "power.retry").read_text(encoding="utf-8").split() == ["r1n4", "r2n5"]


def test_a_room_is_shut_down_compute_first_and_hard_where_it_must(room: Room, run: Runner) -> None:
    room.all("on")
    deaf, dead = ["r1n3", "r3n2"], "r2n6"
    room.rack.ask("power", deaf, os_obeys=False)
    room.rack.faults(dead, silent=True)
    seen = len(room.events("off"))
    done = run(power_state="shutdown", power_order="[compute, storage]", power_force_after=6, power_budget=60)
    assert done.code != 0
    assert {name for name, state in room.power().items() if state == "on"} == {dead}
    assert done.failed() == {dead}
    order = [name for _at, name in room.events("off")[seen:]]
    assert set(order[: len(COMPUTE) - 1]) == set(COMPUTE) - {dead}
    # Those that did not listen went last in their group.
    assert order[len(COMPUTE) - 2] == "r1n3" and order[-1] == "r3n2"
    assert "23 of 24 hosts" in done.text and f"not known, the BMC does not say (1): {dead}" in done.text


def test_what_must_not_be_forced_stays_on_and_is_reported(room: Room, run: Runner) -> None:
    room.all("on")
    room.rack.ask("power", ["r1n3", "r1n4"], os_obeys=False)
    done = run(power_state="shutdown", power_force="false", power_force_after=4)
    assert done.failed() == {"r1n3", "r1n4"}
    assert {name for name, state in room.power().items() if state == "on"} == {"r1n3", "r1n4"}
    assert "still on (2): r1n[3-4]" in done.text


def _seconds(done: Run) -> int:
    took = re.search(r"24 of 24 hosts\s+in (\d+) s", done.text)
    assert took, done.text
    return int(took[1])


def test_the_budget_is_kept_by_giving_less_time_to_shut_down(room: Room, run: Runner) -> None:
    room.all("on")
    #: What Ansible itself needs for the same passes on this machine; all systems listen.
    needed = _seconds(run(power_state="shutdown", power_order="[compute, storage]"))
    room.all("on")
    room.rack.ask("power", os_obeys=False)
    done = run(power_state="shutdown", power_order="[compute, storage]", power_budget=12)
    assert done.code == 0, done.text
    assert set(room.power().values()) == {"off"}
    # Without it, those of each group have 300 seconds.
    assert _seconds(done) <= 12 + needed, done.text


def test_storage_stays_on_where_compute_must_be_off_first(room: Room, run: Runner, tmp_path: pathlib.Path) -> None:
    room.all("on")
    room.rack.faults("r2n6", silent=True)
    options = {"power_state": "shutdown", "power_order": "[compute, storage]", "power_max_fail_percentage": 0, "power_force_after": 5}
    done = run(**options)
    assert {name for name, state in room.power().items() if state == "on"} == {"r2n6", *STORAGE}
    assert done.failed() == {"r2n6", *STORAGE}
    assert "stopped in compute" in done.text and "still on (6): r[1-3]n[1-2]" in done.text
    room.rack.ask("heal")
    done = run("--limit", f"@{tmp_path / 'power.retry'}", **options)
    assert done.code == 0, done.text
    assert set(room.power().values()) == {"off"}


def test_a_restart_is_staggered_too_and_done_once(room: Room, run: Runner, tmp_path: pathlib.Path) -> None:
    room.rack.ask("power", COMPUTE, set="on")
    room.rack.ask("clear_counters")
    done = run(power_state="reset", power_hosts="'r1n1,r1n3,r1n4,r1n5'", power_batch=2)
    assert done.failed() == {"r1n1"}, done.text
    assert "3 of 4 hosts" in done.text and "not tried" not in done.text
    assert (tmp_path / "power.retry").read_text(encoding="utf-8").split() == ["r1n1"]
    history = room.rack.ask("history")["bmcs"]
    resets = {name: [event["what"] for event in events].count("reset") for name, events in history.items()}
    assert {name for name, count in resets.items() if count} == {"r1n3", "r1n4", "r1n5"}
    assert set(resets.values()) == {0, 1}


@pytest.mark.parametrize("state", ["on", "shutdown"])
def test_check_mode_switches_nothing_and_writes_no_file(room: Room, run: Runner, tmp_path: pathlib.Path, state: str) -> None:
    room.all("off" if state == "on" else "on")
    before = room.power()
    done = run("--check", power_state=state, power_order="[storage, compute]", power_interval=60)
    assert done.code == 0, done.text
    assert room.power() == before
    assert {room.rack.writes(name) for name in HOSTS} == {0}
    assert f"{state} (check mode): 24 of 24 hosts" in done.text
    assert not (tmp_path / "power.retry").exists()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"power_state": "sideways"},
        {"power_state": None},
        {"power_hosts": None},
        {"power_order": "[storage, tape]"},
        {"power_order": "storage"},
        {"power_batch": -1},
        {"power_interval": "soon"},
        {"power_max_fail_percentage": 101},
        {"power_state": "shutdown", "power_force_after": 100, "power_budget": 50},
        {"power_state": "shutdown", "power_budget": 0},
        {"power_force": "perhaps"},
    ],
    ids=str,
)
def test_nonsense_is_refused_before_the_first_command(
    room: Room, run: Runner, tmp_path: pathlib.Path, nonsense: dict[str, t.Any]
) -> None:
    done = run(**{"power_state": "on", **nonsense})
    assert done.code != 0
    assert "Nothing was done" in done.text, done.text
    assert {status["datagrams"] for status in room.rack.ask("status")["bmcs"].values()} == {0}
    assert not (tmp_path / "power.retry").exists()


def test_a_host_without_a_bmc_is_refused_by_name(room: Room, run: Runner) -> None:
    room.inventory["all"]["hosts"]["stray"] = {}
    try:
        done = run(power_state="on")
    finally:
        del room.inventory["all"]["hosts"]["stray"]
    assert "These hosts have no bmc_host: stray" in done.text
    assert set(room.power().values()) == {"off"}

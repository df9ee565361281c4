# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one power task costs the controller: this collection, community.general, and a task that does nothing."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass

from tests.integration.harness import CHECKOUT
from tests.integration.ipmi_sim.rig import IpmiSim

#: A virtual environment of its own: the `ansible` package brings community.general, and half a gigabyte of others.
VENV = CHECKOUT / ".cache/bench-venv"
#: The series of `ansible` that belongs to ansible-core 2.19; one ansible-core runs all that is compared.
PACKAGES: t.Final = ("ansible>=12,<13", "pyghmi>=1.6.19")
#: Seconds that one run of ansible-playbook may take.
PATIENCE: t.Final = 900


class CannotInstall(Exception):
    """The other party cannot be installed here."""


@dataclass(frozen=True)
class Party:
    """A task to measure, the same for every host."""

    name: str
    task: dict[str, t.Any]
    environment: tuple[tuple[str, str], ...] = ()


_OTHER: t.Final = {
    "community.general.ipmi_power": {
        "name": "{{ bmc_host }}",
        "port": "{{ bmc_port }}",
        "user": "{{ bmc_user }}",
        "password": "{{ bmc_password }}",
        "state": "on",
    }
}
OURS: t.Final = Party("lightsout.bmc.ipmi_power", {"lightsout.bmc.ipmi_power": {"state": "on"}})
THEIRS: t.Final = Party("community.general.ipmi_power", _OTHER)
PIPELINED: t.Final = Party("the same with pipelining", _OTHER, (("ANSIBLE_PIPELINING", "1"),))
NOTHING: t.Final = Party("ansible.builtin.debug", {"ansible.builtin.debug": {"msg": "nothing"}})
PARTIES: t.Final = (NOTHING, OURS, THEIRS, PIPELINED)


@dataclass(frozen=True)
class Cost:
    """What one run of ansible-playbook took."""

    cpu: float  #: seconds of processor, user and system, children included
    wall: float  #: seconds on the clock


def install() -> dict[str, str]:
    """Make the virtual environment once. The versions of what was compared; raises CannotInstall."""
    python = VENV / "bin/python"
    if not (VENV / "bin/ansible-playbook").exists():
        print(f"Installing {' and '.join(PACKAGES)} into {VENV.relative_to(CHECKOUT)}", flush=True)
        steps = [
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
        ]
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise CannotInstall((done.stderr.strip() or f"{step[0]} ended with {done.returncode}").splitlines()[-1])
    script = (
        "import json, importlib.metadata as m, pathlib, ansible_collections.community.general as c;"
        "manifest = json.loads((pathlib.Path(c.__path__[0]) / 'MANIFEST.json').read_text());"
        "print(json.dumps({**{n: m.version(n) for n in ('ansible-core', 'pyghmi')},"
        " 'community.general': manifest['collection_info']['version']}))"
    )
    shown = subprocess.run([str(python), "-c", script], capture_output=True, text=True, check=True)
    versions: dict[str, str] = json.loads(shown.stdout)
    return versions


class Runner:
    """Runs a party's task over all BMCs."""

    def __init__(self, folder: pathlib.Path, bmcs: t.Sequence[IpmiSim], user: str, password: str) -> None:
        self._folder = folder
        self._hosts = len(bmcs)
        hosts = {f"bmc{number}": {"bmc_host": bmc.host, "bmc_port": bmc.port} for number, bmc in enumerate(bmcs)}
        common = {
            "bmc_user": user,
            "bmc_password": password,
            "ansible_connection": "local",
            "ansible_python_interpreter": str(VENV / "bin/python"),
        }
        inventory = {"all": {"hosts": hosts, "vars": common}}
        (folder / "ansible.cfg").touch()
        (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")

    def run(self, party: Party, forks: int, *, only: str = "all") -> Cost:
        """One run; it must succeed and change nothing."""
        play = [{"hosts": "all", "gather_facts": False, "tasks": [party.task]}]
        playbook = self._folder / "play.json"
        playbook.write_text(json.dumps(play), encoding="utf-8")
        output = self._folder / "output"
        with output.open("wb") as out:
            start = os.times().elapsed
            process = subprocess.Popen(
                [str(VENV / "bin/ansible-playbook"), str(playbook), "-i", str(self._folder / "inventory.json")]
                + ["--forks", str(forks), "--limit", only],
                cwd=self._folder,
                env=self._environment(party),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            # wait4 tells the processor time of this program and all that it started and waited for.
            _pid, status, usage = os.wait4(process.pid, 0)
            wall = os.times().elapsed - start
        process.returncode = os.waitstatus_to_exitcode(status)
        self._check(process.returncode, output.read_text(encoding="utf-8"), self._hosts if only == "all" else 1)
        return Cost(usage.ru_utime + usage.ru_stime, wall)

    def _environment(self, party: Party) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self._folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self._folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".collections"),
            "ANSIBLE_NOCOLOR": "1",
            **dict(party.environment),
        }

    @staticmethod
    def _check(status: int, output: str, hosts: int) -> None:
        good = re.findall(r"^bmc\d+ +: ok=1 +changed=0 +unreachable=0 +failed=0 ", output, re.MULTILINE)
        if status != 0 or len(good) != hosts:
            raise RuntimeError(f"ansible-playbook ended with {status}; {len(good)} of {hosts} hosts are good:\n{output}")


def best(runner: Runner, party: Party, forks: int, rounds: int) -> Cost:
    """The cheapest of some runs: what else the machine does can only add."""
    costs = [runner.run(party, forks) for _round in range(rounds)]
    return min(costs, key=lambda cost: cost.cpu)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit of many BMCs costs, beside FreeIPMI's ipmi-config reading the keys that the same controls judge."""

from __future__ import annotations

import itertools
import json
import os
import pathlib
import shutil
import typing as t
from dataclasses import dataclass

from tests.bench import cost, cpu, rack
from tests.integration.harness import CHECKOUT

BMCS: t.Final = 200
FORKS: t.Final = 50
FREEIPMI: t.Final = "ipmi-config"
#: What ipmi-config reads too: controls, and the sections that hold the keys which those controls judge.
SHARED: t.Final[t.Mapping[tuple[str, ...], tuple[str, ...]]] = {
    ("A-02", "A-03", "A-04"): ("Lan_Conf_Auth",),
    ("C-05",): ("Rmcpplus_Conf_Privilege",),
    ("H-01", "H-02", "H-03", "H-04", "H-05"): ("Lan_Channel",),
    ("L-01",): ("Lan_Conf_User_Security",),
    ("N-01", "N-02", "N-03", "N-04"): ("Lan_Conf",),
    ("N-05",): ("Lan_Conf_Misc",),
    ("P-01",): ("Chassis_Boot_Flags",),
    ("S-01", "S-02", "S-03", "S-04", "S-05"): ("SOL_Conf",),
    ("T-01",): ("Community_String",),
    ("T-02",): tuple(f"Lan_Alert_Destination_{number}" for number in range(5)),
    ("T-03",): ("PEF_Conf",),
    ("U-02", "U-05", "U-06", "U-08", "U-09"): tuple(f"User{number}" for number in range(1, 17)),
}
CONTROLS: t.Final = tuple(itertools.chain.from_iterable(SHARED))
SECTIONS: t.Final = tuple(itertools.chain.from_iterable(SHARED.values()))
#: What a site says, so that the controls which need it have something to judge.
POLICY: t.Final = {
    "management_networks": ["127.64.0.0/18"],
    "vlan_id": 0,
    "gateway": "none",
    "sol_enabled": True,
    "allowed_users": [rack.USER],
    "sol_users": [rack.USER],
    "alert_destinations": ["192.0.2.1"],
    "cipher_privileges": {"17": "administrator", "others": "unused"},
}


@dataclass(frozen=True)
class Row:
    """What one way of reading all BMCs took."""

    name: str
    taken: cost.Cost
    requests: float  #: for each BMC, those of a login and a logout included


def run(folder: pathlib.Path, rounds: int) -> str:
    """All of it; the section of the page."""
    folder.mkdir()
    versions = cpu.install()
    at = rack.port()
    with rack.running(folder, BMCS, at) as bmcs:
        bench = _Bench(folder, at, rounds, bmcs)
        rows = [
            bench.nothing(),
            bench.ours("`ipmi_audit`, all controls of L3, probes from outside included", {"profile": "L3"}),
            bench.ours("`ipmi_audit`, the controls of the same keys", {"controls": list(CONTROLS), "probes": False}),
            bench.theirs("`ipmi-config --checkout` of the same keys, all BMCs in one process", together=True),
            bench.theirs("the same, one process after another for each BMC, as scripts do", together=False),
        ]
    return _page([row for row in rows if row is not None], versions)


@dataclass
class _Bench:
    folder: pathlib.Path
    port: int
    rounds: int
    bmcs: rack.Rack

    def ours(self, name: str, options: dict[str, t.Any]) -> Row:
        """ansible-playbook with one task, that fails where fewer controls were judged than there are."""
        audit = {"texts": False, "policy": POLICY, **options}
        least = len(options.get("controls", CONTROLS))
        return self._play(
            name,
            {
                "lightsout.bmc.ipmi_audit": audit,
                "register": "judged",
                "failed_when": f"judged.audit is not defined or judged.audit.findings | length < {least}",
            },
        )

    def nothing(self) -> Row:
        """What Ansible itself takes for as many hosts."""
        return self._play("`ansible.builtin.debug`, which does nothing", {"ansible.builtin.debug": {"msg": "nothing"}})

    def _play(self, name: str, task: dict[str, t.Any]) -> Row:
        play = [{"hosts": "all", "gather_facts": False, "tasks": [task]}]
        hosts = {rack.name(number): {"bmc_host": rack.address(number)} for number in range(1, BMCS + 1)}
        everywhere = {"bmc_port": self.port, "bmc_user": rack.USER, "bmc_password": rack.PASSWORD, "ansible_connection": "local"}
        (self.folder / "audit.json").write_text(json.dumps(play), encoding="utf-8")
        (self.folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": everywhere}}), encoding="utf-8")
        command = [str(cpu.VENV / "bin/ansible-playbook"), "-i", "hosts.json", "-f", str(FORKS), "audit.json"]
        return self._best(name, command, self._environment())

    def _environment(self) -> dict[str, str]:
        (self.folder / "ansible.cfg").touch()
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".collections"),
            "ANSIBLE_NOCOLOR": "1",
        }

    def theirs(self, name: str, *, together: bool) -> Row | None:
        """ipmi-config, which ends with 1 where a BMC lacks one of the keys."""
        if shutil.which(FREEIPMI) is None or self.port != rack.IPMI_PORT:
            return None
        login = ["-D", "LAN_2_0", "-I", "17", "-l", "ADMIN", "-u", rack.USER, "-p", rack.PASSWORD]
        sections = [word for section in SECTIONS for word in ("-S", section)]
        command = [FREEIPMI, *login, "-g", "core,chassis,pef", "--checkout", *sections]
        if together:
            return self._best(name, [*command, "-h", rack.node_set(BMCS)], None)
        script = self.folder / "one_by_one.sh"
        lines = [" ".join([*command, "-h", rack.address(number)]) for number in range(1, BMCS + 1)]
        script.write_text("\n".join([*lines, "exit 0", ""]), encoding="utf-8")
        return self._best(name, ["sh", str(script)], None)

    def _best(self, name: str, command: list[str], environment: dict[str, str] | None) -> Row:
        costs, requests = [], 0.0
        for _round in range(self.rounds):
            before = self.bmcs.requests()
            costs.append(cost.measure(command, self.folder, environment, may_fail=environment is None))
            requests = (self.bmcs.requests() - before) / BMCS
        return Row(name, min(costs, key=lambda one: one.cpu), requests)


def _page(rows: list[Row], versions: dict[str, str]) -> str:
    lines = [
        f"{BMCS} simulated BMCs in one process, {FORKS} forks; the cheapest run counts. ansible-core {versions['ansible-core']}, pyghmi {versions['pyghmi']}.",
        "",
        "| | requests a BMC | CPU a BMC | seconds for all |",
        "|---|---:|---:|---:|",
        *(
            f"| {row.name} | {row.requests:.0f} | {1000 * row.taken.cpu / BMCS:.0f} ms | {row.taken.wall:.1f} |"
            for row in rows
        ),
        "",
        f"The same keys: {len(CONTROLS)} controls ({', '.join(CONTROLS)}) against {len(SECTIONS)} sections of ipmi-config. "
        "Requests are those that the BMCs counted in sessions. The simulated rack shares the processors with who asks it.",
    ]
    return "\n".join(lines)

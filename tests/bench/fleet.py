# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet costs: finding BMCs, reading them, one task for all, and BMCs that are out of order."""

from __future__ import annotations

import itertools
import json
import os
import pathlib
import shutil
import sys
import typing as t
from dataclasses import dataclass, field

from tests.bench import cost, cpu, rack
from tests.bench.cost import Cost
from tests.bench.plot import plot
from tests.integration.harness import CHECKOUT

PLOTS = CHECKOUT / "docs/benchmarks"
#: BMCs of the issue, and addresses of a /21 and a /18 without the network's own and its broadcast address.
ALL: t.Final = 1800
DISCOVERED: t.Final = (450, 900, ALL)
READ: t.Final = (100, 450, 900, ALL)
SWITCHED: t.Final = (450, 900, ALL)
NETWORKS: t.Final = {prefix: 2 ** (32 - prefix) - 2 for prefix in (21, 20, 19, 18)}
FORKS: t.Final = 50
#: community.general's module takes minutes for all.
OTHERS: t.Final = 200
PARTS: t.Final = ("controller", "guid", "lan", "power")
#: The targets: seconds to find and to read all, MiB, and the time of a power task against one that does nothing.
FIND, READ_ALL, MEMORY, TASK = 2.5, 6.0, 200.0, 2.0
#: Out of order, in parts of all; and the seconds of a request of those that are slow.
DEAD, SLOW, REFUSING, DELAY = 0.05, 0.02, 0.01, 2.0
#: The inventory plugin's own defaults: seconds that a machine that is named has to answer a probe, and for a BMC in all.
PROBE, GATHER, REQUEST = 4.0, 20.0, 10.0
#: Seconds that nmap may take: it needs minutes where thousands are silent.
SCAN: t.Final = 30.0


@dataclass
class Bench:
    """Where things are."""

    folder: pathlib.Path
    port: int
    rounds: int
    noted: list[str] = field(default_factory=list)  #: what could not be compared

    def environment(self) -> dict[str, str]:
        """Of all that Ansible does: a home of its own, and the collection of this checkout."""
        (self.folder / "ansible.cfg").touch()
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
        }

    def inventory(self, options: dict[str, t.Any]) -> tuple[Cost, dict[str, t.Any]]:
        """ansible-inventory --list with the plugin: what it took, and the inventory."""
        source = self.folder / "bench.ipmi.yml"
        source.write_text(json.dumps({"plugin": "lightsout.bmc.ipmi", "bmc_port": self.port, **options}), encoding="utf-8")
        target = self.folder / "inventory.list"
        command = [str(cpu.VENV / "bin/ansible-inventory"), "-i", str(source), "--list", "--output", str(target)]
        taken = cost.measure(command, self.folder, self.environment())
        return taken, json.loads(target.read_text(encoding="utf-8"))

    def look(self, networks: t.Sequence[str], parts: t.Sequence[str], good: int) -> tuple[Cost, float]:
        """The same without Ansible around it: what the program took, and the seconds of the look alone."""
        asked = {"networks": networks, "port": self.port, "parts": parts, "user": rack.USER, "password": rack.PASSWORD}
        environment = {**self.environment(), "PYTHONPATH": str(CHECKOUT / ".collections")}
        program = [str(cpu.VENV / "bin/python"), str(CHECKOUT / "tests/bench/look.py")]
        taken = cost.measure(program, self.folder, environment, stdin=json.dumps(asked))
        told = json.loads(taken.output)
        if told["good"] != good:
            raise cost.Failed(f"{told['good']} of {good} BMCs are good")
        return taken, float(told["seconds"])

    def other(self, command: t.Sequence[str], word: str, good: int, patience: float = 600) -> Cost | None:
        """Another tool, if it is installed: its output must have the word once for each BMC. The quickest run."""
        if shutil.which(command[0]) is None:
            self._note(f"{command[0]} is not installed here, so its column is empty.")
            return None
        costs = [cost.measure(command, self.folder, may_fail=True, patience=patience) for _round in range(self.rounds)]
        for one in costs:
            if one.output.count(word) != good:
                self._note(f"{command[0]} got {one.output.count(word)} of {good} BMCs once.")
        return cost.best(costs)

    def nmap(self, network: str, good: int) -> Cost | None:
        """nmap's UDP scan of one port."""
        if self.port != rack.IPMI_PORT or os.geteuid() != 0:
            self._note("nmap needs root, and the BMCs at port 623; its column is empty.")
            return None
        command = ["nmap", "-sU", "-p", str(self.port), "--min-rate", "5000", "-n", "-Pn", "--open", "-oG", "-", network]
        try:
            return self.other(command, "/open/", good, SCAN)
        except cost.Failed:
            self._note(f"nmap had not finished {network} after {SCAN:g} s, so that its figure is missing: it asks silent addresses ever more slowly.")
            return None

    def freeipmi(self, command: t.Sequence[str], count: int, word: str) -> Cost | None:
        """A program of FreeIPMI for the first BMCs."""
        if self.port != rack.IPMI_PORT:
            self._note("FreeIPMI's programs are run with the BMCs at port 623 only, which needs root.")
            return None
        login = ["-D", "LAN_2_0", "-I", "3", "-l", "OPERATOR", "-u", rack.USER, "-p", rack.PASSWORD]
        return self.other([*command, *login, "-h", rack.node_set(count)], word, count)

    def _note(self, text: str) -> None:
        if text not in self.noted:
            self.noted.append(text)
            say(text)


def say(text: str) -> None:
    """How far it is, for who waits."""
    print(f"  {text}", file=sys.stderr, flush=True)


def run(folder: pathlib.Path, rounds: int) -> str:
    """All of it; the section of the page. Writes the plots."""
    folder.mkdir()
    versions = cpu.install()
    bench = Bench(folder, rack.port(), rounds)
    PLOTS.mkdir(exist_ok=True)
    parts = [
        *_discovery(bench),
        *_gathering(bench),
        *_task(bench, versions),
        *_disorder(bench),
    ]
    intro = [
        "### A fleet",
        "",
        f"Up to {ALL:,} BMCs of the simulated rack (`tests/simulator`, one Python process) on loopback addresses, port {bench.port}. **The rack shares "
        "the two cores with what is measured**: side by side with other tools on the same rack the figures say more than by themselves. Each is "
        f"{'one run' if rounds == 1 else f'the quickest of {rounds} runs'} of a whole program, with its start. CPU is user and system "
        "time of the program and its children, the rack's beside it; memory is the most that the program itself held (resident).",
    ]
    notes = ["", *(f"- {note}" for note in bench.noted)] if bench.noted else []
    return "\n".join([*intro, *notes, "", *parts])


def _row(*cells: t.Any) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _wall(one: Cost | None) -> str:
    return "" if one is None else f"{one.wall:.2f}"


def _cpu(one: Cost | None) -> str:
    return "" if one is None else f"{one.cpu:.2f}"


def _memory(one: Cost | None) -> str:
    return "" if one is None else f"{one.memory:.0f}"


def verdict(value: float, target: float, unit: str) -> str:
    """A figure against its target."""
    return f"**{'reached' if value <= target else 'missed'}**: {value:.2f}{unit}, target at most {target:g}{unit}"


def _draw(name: str, title: str, across: str, lines: t.Mapping[str, t.Sequence[tuple[float, float]]]) -> str:
    (PLOTS / f"{name}.svg").write_text(plot(title, across, {label: points for label, points in lines.items() if points}), encoding="utf-8")
    return f"![{title}](benchmarks/{name}.svg)"


@dataclass(frozen=True)
class _Found:
    """One row of discovery."""

    bmcs: int
    addresses: int
    prefix: int
    ours: Cost
    alone: float
    nmap: Cost | None

    @property
    def row(self) -> str:
        cells = [f"{self.bmcs:,}", f"{self.addresses:,} (/{self.prefix})", _wall(self.ours), f"{self.alone:.2f}", _cpu(self.ours), _memory(self.ours)]
        return _row(*cells, _wall(self.nmap), _cpu(self.nmap))


def _find(bench: Bench, bmcs: int, prefix: int) -> _Found:
    network = f"{rack.FIRST - 1}/{prefix}"
    with rack.silence(bmcs, NETWORKS[prefix], bench.port):
        runs = [bench.inventory({"networks": [network]}) for _round in range(bench.rounds)]
        for _cost, listed in runs:
            found = len(listed.get("bmc_ok", {}).get("hosts", []))
            if found != bmcs:
                raise cost.Failed(f"{found} of {bmcs} BMCs were found")
        alone = min(bench.look([network], (), bmcs)[1] for _round in range(bench.rounds))
        nmap = bench.nmap(network, bmcs)
    ours = cost.best(one for one, _listed in runs)
    say(f"discovery of {bmcs} BMCs in a /{prefix}: {ours.wall:.2f} s")
    return _Found(bmcs, NETWORKS[prefix], prefix, ours, alone, nmap)


def _discovery(bench: Bench) -> list[str]:
    few = []
    for bmcs in DISCOVERED[:-1]:
        with rack.running(bench.folder, bmcs, bench.port):
            few.append(_find(bench, bmcs, 21))
    with rack.running(bench.folder, ALL, bench.port):
        many = [_find(bench, ALL, prefix) for prefix in NETWORKS]
    by_bmcs, whole, widest = [*few, many[0]], many[0], many[-1]
    per_address = [found.alone / found.addresses * 1000 for found in many]
    # A tenth more is what the machine does beside.
    straight = all(later <= 1.1 * sooner for sooner, later in itertools.pairwise(per_address))
    slope = (widest.alone - whole.alone) / (widest.addresses - whole.addresses) * 1000
    return [
        "#### Discovery",
        "",
        "`ansible-inventory --list` with `networks:` and nothing else, at the default rate of 8,000 packets a second and with the default of 2.1 s for an "
        "address to answer; nobody answers at the other addresses, as in a network of BMCs, and they are asked again, up to five packets in all. Beside it "
        "`nmap -sU -p 623 --min-rate 5000 -n -Pn --open`, which knows only that something answers.",
        "",
        "| BMCs | addresses | ours, s | of it the look | CPU s | MiB | nmap, s | CPU s |",
        "|---|---|---|---|---|---|---|---|",
        *(found.row for found in [*few, *many]),
        "",
        f"- A /21 with {ALL:,} BMCs, the look: {verdict(whole.alone, FIND, ' s')}. Its floor are 0.26 s for the first packets and the 2.1 s that the last "
        "address has to answer (`probe_wait`).",
        f"- The same with Ansible's start and the writing of the inventory: {verdict(whole.ours.wall, FIND, ' s')}.",
        f"- Cost for each address from a /21 to a /18: {slope:.2f} ms (with the floor {per_address[0]:.2f} ms and {per_address[-1]:.2f} ms); "
        "where thousands are silent, the rate leaves no time to ask each a third time in its 2 s. "
        f"A straight line (no network costs more for each address than the one before): {'**reached**' if straight else '**missed**'}.",
        "",
        _draw(
            "discovery",
            f"Discovery of {ALL:,} BMCs",
            "addresses",
            {
                "lightsout.bmc.ipmi": [(one.addresses, one.ours.wall) for one in many],
                "of it the look": [(one.addresses, one.alone) for one in many],
                "nmap": [(one.addresses, one.nmap.wall) for one in many if one.nmap],
            },
        ),
        "",
        _draw(
            "discovery-bmcs",
            "Discovery of a /21",
            "BMCs",
            {
                "lightsout.bmc.ipmi": [(one.bmcs, one.ours.wall) for one in by_bmcs],
                "nmap": [(one.bmcs, one.nmap.wall) for one in by_bmcs if one.nmap],
            },
        ),
        "",
    ]


@dataclass(frozen=True)
class _Gathered:
    """One row of gathering."""

    bmcs: int
    ours: Cost
    rack: float  #: seconds of processor that the rack used meanwhile
    look: Cost
    alone: float
    info: Cost | None
    device: Cost | None
    power: Cost | None


def _gather(bench: Bench, one: rack.Rack, bmcs: int) -> _Gathered:
    networks = [f"{rack.address(1)}-{rack.address(bmcs)}"]
    options = {"networks": networks, "credentials": [{"user": rack.USER, "password": rack.PASSWORD}], "gather": list(PARTS)}
    runs = []
    for _round in range(bench.rounds):
        before = one.cpu()
        taken, listed = bench.inventory(options)
        runs.append((taken, one.cpu() - before))
        variables = listed["_meta"]["hostvars"].values()
        read = sum({"bmc_firmware", "bmc_guid", "bmc_mac", "bmc_power"} <= set(host) for host in variables)
        if read != bmcs:
            raise cost.Failed(f"{read} of {bmcs} BMCs were read")
    best, of_rack = min(runs, key=lambda run: run[0].wall)
    look, alone = min((bench.look(networks, PARTS, bmcs) for _round in range(bench.rounds)), key=lambda run: run[1])
    say(f"gathering from {bmcs} BMCs: {best.wall:.2f} s")
    return _Gathered(
        bmcs,
        best,
        of_rack,
        look,
        alone,
        bench.freeipmi(["bmc-info", "-F", "64"], bmcs, "Firmware Revision"),
        bench.freeipmi(["bmc-info", "-F", "64", "--get-device-id"], bmcs, "Firmware Revision"),
        bench.freeipmi(["ipmipower", "--stat"], bmcs, ": on"),
    )


def _gathering(bench: Bench) -> list[str]:
    with rack.running(bench.folder, ALL, bench.port) as one:
        found = [_gather(bench, one, bmcs) for bmcs in READ]
    last = found[-1]
    rows = [
        _row(
            f"{one.bmcs:,}",
            *(_wall(one.ours), f"{one.alone:.2f}", _cpu(one.ours), f"{one.rack:.2f}", _memory(one.ours), _memory(one.look)),
            *(_wall(one.info), _cpu(one.info), _wall(one.device), _cpu(one.device), _wall(one.power), _cpu(one.power), _memory(one.power)),
        )
        for one in found
    ]
    each = last.look.cpu / last.bmcs * 1000
    return [
        "#### Gathering",
        "",
        "`ansible-inventory --list` reads controller, GUID, LAN and power of all, with a session each (128 at the same time), after the probe that finds "
        "them. Beside it `bmc-info -F 64`, which reads controller, GUIDs, system information and channels, the same with `--get-device-id`, which reads the "
        "controller only, and `ipmipower --stat`, which reads the power only.",
        "",
        "| BMCs | ours, s | of it the look | CPU s | rack's CPU s | MiB | look alone, MiB | `bmc-info`, s | CPU s "
        "| `--get-device-id`, s | CPU s | `ipmipower`, s | CPU s | MiB |",
        "|" + "---|" * 14,
        *rows,
        "",
        f"- {ALL:,} BMCs: {verdict(last.ours.wall, READ_ALL, ' s')}; {verdict(last.ours.memory, MEMORY, ' MiB')}.",
        f"- The look alone, without Ansible's start and its own work for each host: {verdict(last.alone, READ_ALL, ' s')}; "
        f"{each:.2f} ms of CPU for each BMC. The rack answers with {last.rack / last.bmcs * 1000:.2f} ms of CPU for each.",
        "",
        _draw(
            "gathering",
            "Gathering with a session each",
            "BMCs",
            {
                "lightsout.bmc.ipmi: controller, GUID, LAN, power": [(one.bmcs, one.ours.wall) for one in found],
                "bmc-info -F 64": [(one.bmcs, one.info.wall) for one in found if one.info],
                "bmc-info -F 64 --get-device-id": [(one.bmcs, one.device.wall) for one in found if one.device],
                "ipmipower --stat": [(one.bmcs, one.power.wall) for one in found if one.power],
            },
        ),
        "",
    ]


_NOTHING, _OURS, _THEIRS = "ansible.builtin.debug", "lightsout.bmc.ipmi_power", "community.general.ipmi_power"
_ARGUMENTS: t.Final = {
    _NOTHING: "msg=nothing",
    _OURS: "",
    _THEIRS: "name={{ bmc_host }} port={{ bmc_port }} user={{ bmc_user }} password={{ bmc_password }} state=on",
}


def _ansible(bench: Bench, module: str, hosts: int, *, family: bool = False) -> Cost:
    """One ad hoc command for the first hosts."""
    common = {
        "bmc_port": bench.port,
        "bmc_user": rack.USER,
        "bmc_password": rack.PASSWORD,
        "ansible_connection": "local",
        "ansible_python_interpreter": str(cpu.VENV / "bin/python"),
    }
    named = {rack.name(number): {"bmc_host": rack.address(number)} for number in range(1, hosts + 1)}
    path = bench.folder / "static.json"
    path.write_text(json.dumps({"all": {"hosts": named, "vars": common}}), encoding="utf-8")
    command = [str(cpu.VENV / "bin/ansible"), "all", "-i", str(path), "--forks", str(FORKS), "-m", module]
    arguments = ["-a", _ARGUMENTS[module]] if _ARGUMENTS[module] else []
    taken = cost.measure([*command, *arguments], bench.folder, bench.environment(), family=family)
    good = taken.output.count(" | SUCCESS")
    if good != hosts:
        raise cost.Failed(f"{module}: {good} of {hosts} hosts are good:\n{taken.output[-2000:]}")
    say(f"{module} on {hosts}: {taken.wall:.1f} s")
    return taken


def _task(bench: Bench, versions: dict[str, str]) -> list[str]:
    measured: dict[str, dict[int, Cost]] = {_NOTHING: {}, _OURS: {}}
    with rack.running(bench.folder, ALL, bench.port):
        for module, costs in measured.items():
            # Once for one host: what is compiled at first is not what is measured.
            _ansible(bench, module, 1)
            for hosts in (OTHERS, *SWITCHED):
                costs[hosts] = cost.best(_ansible(bench, module, hosts) for _round in range(bench.rounds))
        whole = {module: _ansible(bench, module, ALL, family=True) for module in measured}
        theirs = _ansible(bench, _THEIRS, OTHERS)
    nothing, ours = measured[_NOTHING], measured[_OURS]
    rows = []
    for hosts in (OTHERS, *SWITCHED):
        for module, costs in measured.items():
            together = f"{whole[module].together:.0f}" if hosts == ALL else ""
            share = f"{costs[hosts].wall / nothing[hosts].wall:.2f}"
            rows.append(_row(f"{hosts:,}", f"`{module}`", f"{costs[hosts].wall:.1f}", share, _cpu(costs[hosts]), _memory(costs[hosts]), together))
        if hosts == OTHERS:
            share = f"{theirs.wall / nothing[hosts].wall:.2f}"
            rows.append(_row(f"{hosts:,}", f"`{_THEIRS}`", f"{theirs.wall:.1f}", share, _cpu(theirs), _memory(theirs), ""))
    factor = theirs.wall / ours[OTHERS].wall
    return [
        "#### One task for all",
        "",
        f"`ansible all -m lightsout.bmc.ipmi_power` with {FORKS} forks (ansible-core {versions['ansible-core']}, an inventory of JSON), against a task "
        f"that does nothing. community.general's module ({versions['community.general']}) is measured on {OTHERS} hosts, once: it takes minutes for all. "
        "Memory is that of Ansible's own process, and of all its processes together, shared pages counted once, in a run of its own.",
        "",
        "| hosts | task | wall s | of the no-op | CPU s | MiB | all processes, MiB |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"- {ALL:,} hosts: {verdict(ours[ALL].wall / nothing[ALL].wall, TASK, ' times the no-op')}.",
        f"- community.general's module takes {factor:.1f} times as long as ours on the same {OTHERS} hosts.",
        f"- A fork costs {(whole[_OURS].together - ours[ALL].memory) / FORKS:.0f} MiB of its own while it works; the rest it shares.",
        "",
        _draw(
            "task",
            f"One task for all, {FORKS} forks",
            "hosts",
            {module: [(hosts, one.wall) for hosts, one in costs.items()] for module, costs in measured.items()} | {_THEIRS: [(OTHERS, theirs.wall)]},
        ),
        "",
    ]


def _disorder(bench: Bench) -> list[str]:
    dead, slow, refusing = (round(ALL * share) for share in (DEAD, SLOW, REFUSING))
    locked = refusing // 2
    # Spread over the rack; the last ones have another password.
    numbers = iter(range(7, ALL - locked, (ALL - locked) // (dead + slow + refusing - locked + 1)))
    wrong = {
        "bmc_silent": {next(numbers) for _unused in range(dead)},
        "bmc_slow": {next(numbers) for _unused in range(slow)},
        "bmc_no_session_slot": {next(numbers) for _unused in range(refusing - locked)},
        "bmc_login_refused": set(range(ALL - locked + 1, ALL + 1)),
    }
    with rack.running(bench.folder, ALL, bench.port, locked=locked) as one:
        one.faults(wrong["bmc_silent"], silent=True)
        one.faults(wrong["bmc_slow"], delay=DELAY)
        one.faults(wrong["bmc_no_session_slot"], slots_taken=64)
        before = one.sessions()
        taken, listed = bench.inventory(_named())
        after = one.sessions()
    say(f"inventory with BMCs out of order: {taken.wall:.1f} s")
    grown = sorted(name for name, count in after.items() if count > before.get(name, 0))
    expected = {group: {rack.name(number) for number in members} for group, members in wrong.items()}
    found = {group: set(listed.get(group, {}).get("hosts", [])) for group in (*expected, "bmc_ok")}
    expected["bmc_ok"] = {rack.name(number) for number in range(1, ALL + 1)} - set().union(*expected.values())
    reasons = listed["_meta"]["hostvars"]
    allowed = PROBE + GATHER + REQUEST
    misplaced = sorted(set().union(*(found[group] ^ members for group, members in expected.items())))
    for name in misplaced[:5]:
        say(f"{name}: {reasons[name]['bmc_state']}: {reasons[name]['bmc_reason']}")
    rows = []
    for group, members in expected.items():
        reason = "" if group == "bmc_ok" else next((reasons[name]["bmc_reason"] for name in sorted(found[group])), "")
        rows.append(_row(f"`{group}`", len(members), len(found[group] & members), len(found[group] - members), reason))
    return [
        "#### Out of order",
        "",
        f"Of {ALL:,} named BMCs {dead} are dead, {slow} take {DELAY:g} s for each answer, {refusing} refuse (half have another password, half no session "
        "slot). One run with the defaults: 20 s for a BMC in all (`gather_timeout`), 10 s for a request (`bmc_timeout`).",
        "",
        "| group | should be in it | are | others in it | `bmc_reason` of the first |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"- The whole: {verdict(taken.wall, allowed, ' s')} ({PROBE:g} s for the probes, {GATHER:g} s for a BMC, {REQUEST:g} s for the last "
        f"request). {_cpu(taken)} s CPU, {_memory(taken)} MiB.",
        f"- Every BMC in the right group: {'**reached**' if not misplaced else f'**missed** ({len(misplaced)} are elsewhere: {_first(misplaced)})'}.",
        f"- No BMC's session count grows: {'**reached**' if not grown else f'**missed** ({len(grown)}: {_first(grown)})'}.",
    ]


def _first(names: t.Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")


def _named() -> dict[str, t.Any]:
    hosts = [{"name": rack.name(number), "bmc_host": rack.address(number)} for number in range(1, ALL + 1)]
    return {"hosts": hosts, "credentials": [{"user": rack.USER, "password": rack.PASSWORD}], "gather": list(PARTS)}

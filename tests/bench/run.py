# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark: what this collection costs, side by side with other tools.

Against OpenIPMI's ipmi_sim, and for a fleet against the simulated rack. Not a test: nothing fails because a figure is
high. The figures go to standard output and into docs/benchmarks.md, between each part's markers there.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import functools
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time
import typing as t

# As a program, this file's folder is the first place for imports; the checkout has to be, and the collection in it.
sys.path[:1] = [str(pathlib.Path(__file__).parents[2]), str(pathlib.Path(__file__).parents[2] / ".collections")]

from tests.bench import audit, consoles, cpu, everything, fleet, packets, rack  # noqa: E402
from tests.integration.harness import CHECKOUT  # noqa: E402
from tests.integration.ipmi_sim.rig import FACTORY_PASSWORD, FACTORY_USER, IpmiSim, Model, ipmi_port  # noqa: E402

PAGE = CHECKOUT / "docs/benchmarks.md"
#: Each part has its place on the page.
BEGIN, END = "<!-- begin: {part} -->", "<!-- end: {part} -->"
CORES: t.Final = 2
#: The targets: CPU against community.general, requests against FreeIPMI.
CPU_TARGET, REQUESTS_TARGET = 1 / 8, 1 / 2


def main() -> None:
    """Measure, print, and write the page."""
    options = _options()
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)
    about = _about(len(cores))
    with tempfile.TemporaryDirectory(prefix="lightsout-bench-") as name:
        folder = pathlib.Path(name)
        makers: dict[str, t.Callable[[], str]] = {
            "requests": lambda: _requests(folder),
            "cpu": lambda: _cpu(folder, options),
            "fleet": lambda: fleet.run(folder / "fleet", options.rounds),
            "audit": lambda: audit.run(folder / "audit", options.rounds),
            "consoles": lambda: consoles.run(folder / "consoles", options.rounds, options.consoles),
        }
        for part in options.only:
            text = f"{makers[part]()}\n\n{about}"
            print(text)
            _write(part, text)
            print(f"\nWritten to {PAGE.relative_to(CHECKOUT)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=100, help="how many ipmi_sim to start (100)")
    parser.add_argument("--forks", type=int, nargs="+", default=[10, 50], help="ansible-playbook's --forks (10 and 50)")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each; the cheapest counts (2)")
    parser.add_argument("--consoles", type=int, default=consoles.BMCS, help=f"how many consoles to ask for and to hold ({consoles.BMCS})")
    parts = ["requests", "cpu", "fleet", "audit", "consoles"]
    parser.add_argument("--only", nargs=1, choices=parts, default=parts, help="one part; the others stay on the page as they are")
    options = parser.parse_args()
    if not 1 <= options.hosts <= 250:
        parser.error("--hosts must be 1 to 250")
    return options


def _about(cores: int) -> str:
    today = datetime.datetime.now(tz=datetime.UTC).date()
    program = subprocess.run(["ipmi_sim", "--version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    simulator = re.search(r"\d[\d.]+", program.stdout + program.stderr)
    freeipmi = subprocess.run(["ipmi-config", "--version"], capture_output=True, text=True, check=True)
    freeipmi_version = re.search(r"\d[\d.]+", freeipmi.stdout)
    return (
        f"Measured on {today} with {cores} of the machine's {os.cpu_count()} cores ({_processor()}), "
        f"Python {platform.python_version()}, ipmi_sim {simulator[0] if simulator else '(version not told)'}, "
        f"FreeIPMI {freeipmi_version[0] if freeipmi_version else '(version not told)'}."
    )


def _processor() -> str:
    with contextlib.suppress(OSError):
        found = re.search(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1]
    return platform.machine()


@contextlib.contextmanager
def _fleet(folder: pathlib.Path, count: int) -> t.Iterator[list[IpmiSim]]:
    """Many BMCs whose hosts are on."""
    bmcs: list[IpmiSim] = []
    model = Model(power=True, log=False)
    try:
        for number in range(count):
            host = f"127.42.0.{number + 1}"
            bmcs.append(IpmiSim(folder / f"bmc{number}", host, ipmi_port(host), model, guid=number + 1))
        for bmc in bmcs:
            bmc.wait_until_ready()
        yield bmcs
    finally:
        for bmc in bmcs:
            bmc.stop()


def _cpu(folder: pathlib.Path, options: argparse.Namespace) -> str:
    try:
        versions = cpu.install()
    except cpu.CannotInstall as error:
        raise SystemExit(f"{' and '.join(cpu.PACKAGES)} cannot be installed, so there is nothing to compare with: {error}") from None
    rows = []
    with _fleet(folder / "fleet", options.hosts) as bmcs:
        runner = cpu.Runner(folder, bmcs, FACTORY_USER, FACTORY_PASSWORD)
        for party in cpu.PARTIES:
            # Once for one host: what is compiled or unpacked at first is not what is measured.
            runner.run(party, 1, only="bmc0")
        for forks in options.forks:
            costs = {}
            for party in cpu.PARTIES:
                started = time.monotonic()
                costs[party.name] = cpu.best(runner, party, forks, options.rounds)
                print(f"  {party.name}, {forks} forks: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
            rows += [_cpu_row(party, forks, cost, costs[cpu.THEIRS.name], options.hosts) for party, cost in costs.items()]
            verdict = _verdict(costs[cpu.OURS.name].cpu / costs[cpu.THEIRS.name].cpu, CPU_TARGET)
            rows.append(f"| *{forks} forks: target at most 1/8 of community.general* | | | | | {verdict} |")
    return "\n".join(
        [
            "### CPU of a power task",
            "",
            f"`ansible-playbook` with one task (`state: on`, the host is on) over {options.hosts} BMCs. CPU is user and system "
            f"time with all children; the cheapest of {options.rounds} runs. One ansible-core for all "
            f"({versions['ansible-core']}), community.general {versions['community.general']}, pyghmi {versions['pyghmi']}.",
            "",
            "| task | forks | CPU s | CPU s a host | wall s | of community.general |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )


def _cpu_row(party: str, forks: int, cost: cpu.Cost, theirs: cpu.Cost, hosts: int) -> str:
    share = f"1/{theirs.cpu / cost.cpu:.1f}"
    return f"| `{party}` | {forks} | {cost.cpu:.2f} | {cost.cpu / hosts:.4f} | {cost.wall:.1f} | {share} |"


def _verdict(ratio: float, target: float) -> str:
    return f"**{'reached' if ratio <= target else 'missed'}** ({ratio:.3f}, target {target:g})"


def _requests(folder: pathlib.Path) -> str:
    lines = [
        "### Requests of a converge",
        "",
        "LAN (source, address, netmask, both gateways, VLAN, priority), three accounts in given slots (name, password, "
        "privilege, IPMI messaging) and SOL (enabled, both bit rates). `ipmi_config` in one session against FreeIPMI's "
        "`ipmi-config`, each on a fresh ipmi_sim. Packets are all that the client sends; requests are the packets without "
        "those of login and logout.",
    ]
    for enabled in (False, True):
        part = folder / f"requests-{enabled}"
        part.mkdir()
        measured = packets.measure(part, "127.42.250.1", FACTORY_USER, FACTORY_PASSWORD, enabled=enabled)
        what = "The same with `enabled` too. ipmi_sim does not tell it, so `ipmi_config` logs in with each account." if enabled else ""
        lines += ["", *([what, ""] if what else []), *_table(measured)]
        if not enabled:
            lines += ["", "Where they go:", "", *_listing(measured)]
    return "\n".join([*lines, "", *_everything(folder)])


def _everything(folder: pathlib.Path) -> list[str]:
    """The converge of all that both know, on both kinds of BMC."""
    lines = [
        "### Requests of a converge of everything",
        "",
        "All keys that both know, of FreeIPMI's categories core and chassis: LAN with MAC addresses, VLAN and ARP, three accounts, both "
        "copies of the channel's access, authentication types for each privilege, privileges of cipher suites, bad-password threshold, SOL, IPv6, "
        "power restore policy, front panel and boot device. After `ipmi_config` has run, `ipmi-config --diff` finds nothing, so both bring "
        "the BMC to the same state. `ipmi_config` also begins a login with each cipher suite, to see which ones let it in; these are in its "
        "packets, and no requests. Left out: Kg, which most BMCs tell nobody, and the power cycle interval, which none does.",
    ]
    for name, sim in (("the simulated rack", False), ("ipmi_sim, which lacks a part", True)):
        part = folder / f"everything-{'sim' if sim else 'rack'}"
        part.mkdir()
        host = "127.42.250.1" if sim else rack.address(1)
        measured = everything.measure(functools.partial(_bmc, part, host, sim), host, sim=sim)
        lines += ["", f"On {name}, {measured.keys} keys:", "", *_table(measured.converge), "", "Where they go:", "", *_listing(measured.converge)]
        if measured.left_out:
            lines += ["", f"Not in it yet, as `ipmi_config` does not know them: {', '.join(measured.left_out)}."]
    return lines


def _bmc(folder: pathlib.Path, host: str, sim: bool, name: str) -> contextlib.AbstractContextManager[everything.Bench]:
    if sim:
        return everything.on_ipmi_sim(folder / name, host, FACTORY_USER, FACTORY_PASSWORD)
    return everything.on_the_rack(folder / name)


def _table(measured: packets.Converge) -> list[str]:
    (first, second), (commit, diff) = measured.ours, measured.freeipmi
    rows = [
        ("first run", first, "`--commit`", commit),
        ("first run, which reads back", first, "`--commit`, then `--diff`", commit + diff),
        ("second run", second, "`--diff`", diff),
    ]
    return [
        "| `ipmi_config` | requests | packets | FreeIPMI | requests | packets | requests: target at most 1/2 | packets |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {what} | {ours.requests} | {ours.packets} | {which} | {theirs.requests} | {theirs.packets} "
            f"| {_verdict(ours.requests / theirs.requests, REQUESTS_TARGET)} | {ours.packets / theirs.packets:.2f} |"
            for what, ours, which, theirs in rows
        ),
    ]


def _listing(measured: packets.Converge) -> list[str]:
    runs = [*measured.ours, *measured.freeipmi]
    names = sorted({name for run in runs for name in run.commands})
    return [
        "| request | `ipmi_config`, first | second | `--commit` | `--diff` |",
        "|---|---|---|---|---|",
        *(f"| {name} | " + " | ".join(str(run.commands[name]) for run in runs) + " |" for name in names),
        "| *not in the log (Get System GUID)* | "
        + " | ".join(str(run.requests - run.commands.total()) for run in runs)
        + " |",
        "| *login and logout* | " + " | ".join(str(run.packets - run.requests) for run in runs) + " |",
    ]


def _write(part: str, text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN.format(part=part))
    _old, end, after = rest.partition(END.format(part=part))
    if not begin or not end:
        raise SystemExit(f"{PAGE.relative_to(CHECKOUT)} has no place for {part}")
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

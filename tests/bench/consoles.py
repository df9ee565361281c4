# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet's consoles cost: asking who holds them, and how long a console server is blind after a restart."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import statistics
import subprocess
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_server import members
from tests.bench import cost, cpu, rack
from tests.bench.fleet import say
from tests.integration.harness import CHECKOUT

#: BMCs of the issue.
BMCS: t.Final = 1800
FORKS: t.Final = 50
#: ipmitool takes an answer that is late for one to its next question, and gives up: more at a time fail on two cores.
PROCESSES: t.Final = 10
#: One of so many consoles is measured where a process for each is started; what all would take is extrapolated.
SHARE: t.Final = 9
#: What the guard asks at least: Get Payload Activation Status, Get Payload Instance Info.
_STATUS, _INSTANCE = ("0x06", "0x4a", "0x01"), ("0x06", "0x4b", "0x01", "0x01")
#: Seconds until all consoles must be held, and between two looks whether they are.
_PATIENCE: t.Final = 300.0
_PAUSE: t.Final = 1.0
#: How a console's hold ends, in the simulated BMC's words.
_ENDS: t.Final = frozenset({"released", "taken", "closed", "expired", "ended"})


@dataclass(frozen=True)
class Check:
    """One way of asking who holds consoles."""

    name: str
    consoles: int
    taken: cost.Cost
    requests: float  #: for each console, those of login and logout included


@dataclass(frozen=True)
class Blind:
    """One restart."""

    name: str
    consoles: int
    seconds: t.Sequence[float]  #: for each console, from its loss until it is held again
    whole: float  #: seconds from the signal until the last is held again


def run(folder: pathlib.Path, rounds: int, count: int) -> str:
    """All of it; the section of the page."""
    folder.mkdir()
    load = os.getloadavg()[0]
    versions = cpu.install()
    bench = _Bench(folder, rack.port(), rounds, count, max(1, count // SHARE))
    with rack.running(folder, bench.count, bench.port) as one:
        checks = [*_checks(bench, one), *_others(bench, one)]
        server = _Server(bench, one, bench.count)
        try:
            started = server.start()
            checks.insert(1, bench.ours(one, "the same, while the console server holds all of them", "held"))
            blind = [started, server.restart_conserver(), server.restart_program(tell=False), server.restart_program(tell=True)]
            memory = server.memory()
        finally:
            server.stop()
        if shutil.which("ipmiconsole"):
            thieves = _Thieves(bench, one)
            try:
                blind += [thieves.start(), thieves.restart_conserver()]
            finally:
                thieves.stop()
    return "\n".join([*_check_page(bench, checks, versions, load), "", *_blind_page(bench, blind, memory)])


# Who holds it.


@dataclass
class _Bench:
    folder: pathlib.Path
    port: int
    rounds: int
    count: int  #: consoles
    sample: int  #: those of them that each get a process

    def environment(self) -> dict[str, str]:
        """Of all that Ansible does."""
        (self.folder / "ansible.cfg").touch()
        return {
            "PATH": os.environ["PATH"] + ":/usr/sbin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".collections"),
            "ANSIBLE_NOCOLOR": "1",
        }

    def inventory(self, **more: t.Any) -> str:
        """All BMCs; the path of the file."""
        hosts = {rack.name(number): {"bmc_host": rack.address(number)} for number in range(1, self.count + 1)}
        common = {"bmc_port": self.port, "bmc_user": rack.USER, "bmc_password": rack.PASSWORD, "ansible_connection": "local"}
        path = self.folder / "consoles.json"
        path.write_text(json.dumps({"all": {"hosts": hosts, "vars": common, **more}}), encoding="utf-8")
        return str(path)

    def check(self, one: rack.Rack, name: str, consoles: int, measure: t.Callable[[], cost.Cost]) -> Check:
        """The quickest of some runs."""
        runs = []
        for _round in range(self.rounds):
            before = one.requests()
            taken = measure()
            runs.append(Check(name, consoles, taken, (one.requests() - before) / consoles))
            say(f"{name}: {taken.wall:.1f} s")
        return min(runs, key=lambda run: run.taken.wall)

    def ours(self, one: rack.Rack, name: str, state: str) -> Check:
        """The guard's look at all consoles."""
        asked = {"hosts": [rack.address(number) for number in range(1, self.count + 1)], "port": self.port, "user": rack.USER, "password": rack.PASSWORD}
        environment = {**self.environment(), "PYTHONPATH": str(CHECKOUT / ".collections")}
        program = [str(cpu.VENV / "bin/python"), str(CHECKOUT / "tests/bench/console_look.py")]

        def measure() -> cost.Cost:
            taken = cost.measure(program, self.folder, environment, stdin=json.dumps(asked))
            states = json.loads(taken.output)["states"]
            if states != {state: self.count}:
                raise cost.Failed(f"not all {self.count} consoles are {state}: {states}")
            return taken

        return self.check(one, name, self.count, measure)


def _checks(bench: _Bench, one: rack.Rack) -> t.Iterator[Check]:
    yield bench.ours(one, "the guard's look at consoles that nobody holds, 128 at a time", "free")
    pattern = f"all[0:{bench.sample - 1}]"
    command = [str(cpu.VENV / "bin/ansible"), pattern, "-i", bench.inventory(), "--forks", str(FORKS), "-m", "lightsout.bmc.ipmi_sol_session"]

    def measure() -> cost.Cost:
        taken = cost.measure(command, bench.folder, bench.environment())
        good = taken.output.count(" | SUCCESS")
        if good != bench.sample:
            raise cost.Failed(f"{good} of {bench.sample} hosts are good:\n{taken.output[-2000:]}")
        return taken

    yield bench.check(one, f"`ansible all -m lightsout.bmc.ipmi_sol_session`, {FORKS} forks", bench.sample, measure)


def _others(bench: _Bench, one: rack.Rack) -> t.Iterator[Check]:
    login = ["-I", "lanplus", "-C", "3", "-p", str(bench.port), "-U", rack.USER, "-P", rack.PASSWORD]
    (bench.folder / "both").write_text(f"raw {' '.join(_STATUS)}\nraw {' '.join(_INSTANCE)}\n", encoding="ascii")
    once = ["ipmitool", *login, "-H", "$1", "exec", "both"]
    twice = [["ipmitool", *login, "-H", "$1", "raw", *question] for question in (_STATUS, _INSTANCE)]
    for name, lines in (("`ipmitool exec` of the two requests", [once]), ("`ipmitool raw 6 0x4a`, then `raw 6 0x4b`", twice)):
        script = bench.folder / "one_console.sh"
        script.write_text("\n".join([*(" ".join(words) for words in lines), ""]), encoding="ascii")
        hosts = "\n".join(rack.address(number) for number in range(1, bench.sample + 1))
        command = ["xargs", "-n", "1", "-P", str(PROCESSES), "sh", str(script)]
        measure = functools.partial(cost.measure, command, bench.folder, stdin=hosts, may_fail=True)
        check = bench.check(one, f"{name}, {PROCESSES} processes at a time", bench.sample, measure)
        failed = check.taken.output.count("no response from") + check.taken.output.count("Unable to establish")
        yield replace(check, name=f"{name}, {PROCESSES} processes at a time" + (f" ({failed} of them failed)" if failed else ""))
    if bench.port == rack.IPMI_PORT and shutil.which("ipmi-raw"):
        # LUN, network function, command, data.
        (bench.folder / "raw").write_text("".join(f"0 {' '.join(question)}\n" for question in (_STATUS, _INSTANCE)), encoding="ascii")
        command = ["ipmi-raw", "-D", "LAN_2_0", "-I", "3", "-l", "ADMIN", "-u", rack.USER, "-p", rack.PASSWORD, "-F", "64"]
        command += ["-h", rack.node_set(bench.count), "--file", "raw"]
        yield bench.check(one, "`ipmi-raw -F 64 --file` of the two requests", bench.count, lambda: cost.measure(command, bench.folder))


def _check_page(bench: _Bench, checks: t.Sequence[Check], versions: t.Mapping[str, str], load: float) -> list[str]:
    rows = []
    for one in checks:
        share = bench.count / one.consoles
        sign = "" if one.consoles == bench.count else "*"
        seconds, processor = (f"{value * share:.1f}{sign}" for value in (one.taken.wall, one.taken.cpu))
        rows.append(f"| {one.name} | {one.requests:.1f} | {seconds} | {processor} | {one.taken.cpu / one.consoles * 1000:.1f} ms |")
    return [
        "#### Who holds them",
        "",
        f"Asking {bench.count:,} BMCs of the simulated rack if their console is held, and by whom. The peers ask only whether; none of them has a word for "
        "it, so the two requests are given as bytes. Requests are those that the BMCs counted in sessions. The rack shares the two cores with who asks it. "
        f"ansible-core {versions['ansible-core']}. Before it began, so many processes had wanted the cores: {load:.1f} (the load of a minute).",
        "",
        f"| | requests a console | seconds for {bench.count:,} | CPU s for {bench.count:,} | CPU a console |",
        "|---|---:|---:|---:|---:|",
        *rows,
        "",
        f"\\* Measured on {bench.sample} consoles and extrapolated. `ipmitool sol info` and `ipmiconsole` do not ask: the first reads the configuration, the "
        "second takes the console from whoever has it.",
    ]


# Blind after a restart.


class _Server:
    """The role's program and Debian's conserver in front of all consoles, set up by the playbook."""

    name = "conserver and `bmc-console`"
    #: What conserver is started with, beside its files.
    options: t.Sequence[str]

    def __init__(self, bench: _Bench, one: rack.Rack, count: int) -> None:
        self._bench, self._rack, self._count = bench, one, count
        self.options = self._options()
        self._folder = bench.folder
        self._port = _free_port()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        (self._folder / "s").mkdir(exist_ok=True)
        (self._folder / "passwd").write_text("*any*:\n", encoding="ascii")
        self._set_up()

    def _set_up(self) -> None:
        folder = self._folder
        settings = {
            "console_server_install": False,
            "console_server_services": False,
            "console_server_become": False,
            "console_server_user": pwd.getpwuid(os.getuid()).pw_name,
            "console_server_servers": ["localhost"],
            "console_server_config": str(folder / "server.cf"),
            "console_server_passwd_file": str(folder / "passwd"),
            "console_server_server_log": str(folder / "server.log"),
            "console_server_log_folder": str(folder / "logs"),
            "console_server_logrotate": "",
            "console_server_port": self._port,
            "console_server_socket_folder": str(folder / "s"),
            "console_server_table": str(folder / "table/consoles.json"),
            "console_server_folder": str(folder / "opt"),
            "console_server_python": str(cpu.VENV / "bin/python"),
        }
        local = {"ansible_connection": "local", "ansible_python_interpreter": str(cpu.VENV / "bin/python")}
        inventory = self._bench.inventory(children={"console_servers": {"hosts": {"localhost": local}, "vars": settings}})
        command = [str(cpu.VENV / "bin/ansible-playbook"), "lightsout.bmc.console_server", "-i", inventory]
        taken = cost.measure(command, folder, self._bench.environment())
        say(f"the playbook for {self._count} consoles: {taken.wall:.0f} s")

    def _options(self) -> t.Sequence[str]:
        """As in the role's server.local."""
        return ("-m", str(members(self._count, 1)))

    def start(self) -> Blind:
        """Both, as after a restart of the machine. From then on all consoles are held."""
        begin, marks = time.monotonic(), self._marks()
        self._start_program()
        self._start_conserver()
        whole = self._all_held(begin)
        changes = self._rack.consoles()
        held = [changes[name][marks[name]]["at"] for name in self._names]
        seconds = [at - min(held) for at in held]
        return Blind(f"{self.name}, started; counted from the first console that is held", self._count, seconds, whole)

    @property
    def _names(self) -> list[str]:
        return [rack.name(number) for number in range(1, self._count + 1)]

    def restart_conserver(self) -> Blind:
        """The program stays."""
        begin, marks = time.monotonic(), self._marks()
        self._end("conserver")
        self._start_conserver()
        return Blind(f"{self.name}; conserver is restarted", self._count, self._gaps(begin, marks), self._whole)

    def restart_program(self, *, tell: bool) -> Blind:
        """conserver stays. `tell` it to try again what it lost."""
        begin, marks = time.monotonic(), self._marks()
        self._end("program")
        self._start_program()
        if tell:
            self._running["conserver"].send_signal(signal.SIGUSR1)
        name = f"{self.name}; `bmc-console` is restarted" + (", and conserver told so (SIGUSR1)" if tell else ", and conserver not told")
        return Blind(name, self._count, self._gaps(begin, marks), self._whole)

    def memory(self) -> float:
        """MiB of the program and its processes, shared pages counted once."""
        return cost.together(self._running["program"].pid)

    def stop(self) -> None:
        """End both."""
        for name in list(self._running):
            self._end(name)
        deadline = time.monotonic() + _PATIENCE
        while self._rack.held() and time.monotonic() < deadline:
            time.sleep(_PAUSE)

    def _start_program(self) -> None:
        self._spawn("program", str(self._folder / "opt/bin/bmc-console"), "--serve")
        sockets = [self._folder / "s" / name for name in self._names]
        deadline = time.monotonic() + _PATIENCE
        while not all(path.is_socket() for path in sockets):
            if time.monotonic() > deadline:
                raise cost.Failed(f"the program has not all its sockets:\n{self._output[-2000:]}")
            time.sleep(_PAUSE / 10)

    def _start_conserver(self) -> None:
        program = shutil.which("conserver", path=self._bench.environment()["PATH"]) or "conserver"
        self._spawn("conserver", program, *self.options, "-C", "server.cf", "-M", "127.0.0.1")

    def _spawn(self, name: str, *command: str) -> None:
        with (self._folder / "server.output").open("ab") as output:
            self._running[name] = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def _output(self) -> str:
        return (self._folder / "server.output").read_text(encoding="utf-8", errors="replace")

    def _end(self, name: str) -> None:
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            # Its children end with it; one that does not would hold the port.
            os.killpg(process.pid, signal.SIGTERM)

    def _marks(self) -> dict[str, int]:
        """How many changes of hands each BMC has seen."""
        return {name: len(changes) for name, changes in self._rack.consoles().items()}

    def _all_held(self, begin: float) -> float:
        deadline = time.monotonic() + _PATIENCE
        while (held := self._rack.held()) < self._count:
            if time.monotonic() > deadline:
                raise cost.Failed(f"{held} of {self._count} consoles are held after {_PATIENCE:g} s:\n{self._output[-2000:]}")
            time.sleep(_PAUSE)
        self._whole = time.monotonic() - begin
        say(f"all consoles are held after {self._whole:.0f} s")
        return self._whole

    def _gaps(self, begin: float, marks: t.Mapping[str, int]) -> list[float]:
        """For each console, the seconds from its loss until it is held again."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            self._all_held(begin)
            changes = self._rack.consoles()
            gaps = [_gap(changes[name][marks[name] :]) for name in self._names]
            found = [gap for gap in gaps if gap is not None]
            if len(found) == self._count:
                return found
            if time.monotonic() > deadline:
                raise cost.Failed(f"{self._count - len(found)} consoles were never lost")
            time.sleep(_PAUSE)


def _gap(changes: t.Sequence[t.Mapping[str, t.Any]]) -> float | None:
    """From the first loss to the last activation."""
    lost = [change["at"] for change in changes if change["what"] in _ENDS]
    again = [change["at"] for change in changes if change["what"] == "activated"]
    return again[-1] - lost[0] if lost and again and again[-1] >= lost[0] else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Thieves(_Server):
    """What is usual without this collection: a process of ipmiconsole for each console of conserver. It takes them from whoever has them."""

    name = "conserver and a process of `ipmiconsole` for each"

    def __init__(self, bench: _Bench, one: rack.Rack) -> None:
        super().__init__(bench, one, bench.sample)

    def _set_up(self) -> None:
        login = f"ipmiconsole -u {rack.USER} -p {rack.PASSWORD} -I 3"
        blocks = [
            f"config * {{ primaryport {self._port}; secondaryport 0; passwdfile {self._folder / 'passwd'}; sslrequired no; }}",
            "access * { allowed 127.0.0.1; }",
            *(
                f'console {rack.name(number)} {{ master localhost; type exec; exec "{login} -h {rack.address(number)}:{self._bench.port}"; rw *; }}'
                for number in range(1, self._bench.sample + 1)
            ),
        ]
        (self._folder / "server.cf").write_text("\n".join([*blocks, ""]), encoding="ascii")

    def _options(self) -> t.Sequence[str]:
        """Debian's."""
        return ()

    def _start_program(self) -> None:
        """There is none."""


def _blind_page(bench: _Bench, blind: t.Sequence[Blind], memory: float) -> list[str]:
    rows = [
        f"| {one.name} | {one.consoles:,} | {statistics.median(one.seconds):.1f} | {sorted(one.seconds)[int(len(one.seconds) * 0.95)]:.1f} "
        f"| {max(one.seconds):.1f} | {one.whole:.1f} |"
        for one in blind
    ]
    return [
        "#### Blind after a restart",
        "",
        f"conserver in front of {bench.count:,} consoles, set up by `playbooks/console_server.yml` with its defaults. A console is blind from the moment at "
        "which the BMC sees it given back until it is opened again; the last column is from the signal until all are open. conserver, the program and the rack "
        "share the two cores.",
        "",
        "| | consoles | median, s | 95 of 100, s | last, s | until all are held, s |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
        "",
        f"The program and its processes take {memory:.0f} MiB for {bench.count:,} open consoles.",
    ]

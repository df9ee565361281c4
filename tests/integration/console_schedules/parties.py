# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parties at a console, as real programs: how each is started, comes to its console, leaves and is killed."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass

from tests.integration.console_schedules.judge import INTERVAL
from tests.integration.harness import CHECKOUT
from tests.integration.person import ESTABLISHED, LEAVE, OPERATIONAL, Person, with_ipmiconsole, with_ipmitool

#: Seconds for what must happen soon, on a machine with much to do.
PATIENCE: t.Final = 30.0
_PORT: t.Final = 7782
_PROGRAM: t.Final = f"""
import sys
sys.path.insert(0, "{CHECKOUT}/.collections")
from ansible_collections.lightsout.bmc.plugins.module_utils._console_program import main
sys.exit(main(["--table", "@TABLE@", *sys.argv[1:]]))
"""
_MODULE: t.Final = """
import json, os, sys
from tests.integration.harness import act
host, port, user = sys.argv[1:]
options = {"bmc_host": host, "bmc_port": int(port), "bmc_user": user, "bmc_password": os.environ["BMC_PASSWORD"], "bmc_timeout": 10}
result = act("ipmi_console", {**options, "timeout": 15, "script": [{"send_line": "", "expect": ["# $"]}]})
print("module:", result.get("reason", "failed " + str(result.get("msg"))) if result.get("failed") else "done", flush=True)
"""
_CONSERVER: t.Final = """
config * {{ primaryport {port}; secondaryport 0; passwdfile {folder}/passwd; logfile {folder}/server.log; sslrequired no; }}
access * {{ allowed 127.0.0.1; trusted 127.0.0.1; }}
default bmc {{ {way} logfile "{folder}/&.log"; options autoreinit,reinitoncc; }}
console n1 {{ include bmc; master localhost; ro *; rw *; }}
"""
_WAYS: t.Final = {
    "socket": 'type uds; uds "{folder}/s/%"; udssubst "%=cs";',
    "exec": 'type exec; exec "{python} -IB {folder}/bmc-console %"; execsubst "%=cs"; options !ixon;',
}


@dataclass(frozen=True)
class Place:
    """A BMC, and where the parties of one schedule keep their files."""

    name: str
    host: str
    port: int
    password: str
    folder: pathlib.Path
    desk: str  #: an address of the loopback network for conserver, that no other schedule has

    def options(self, user: str) -> dict[str, t.Any]:
        """How somebody else's tool reaches it."""
        return {"bmc_host": self.host, "bmc_port": self.port, "bmc_user": user, "bmc_password": self.password}


def udp_ports(pids: t.Iterable[int]) -> set[int]:
    """The UDP ports that processes have open."""
    sockets = set()
    for pid in pids:
        with contextlib.suppress(OSError):  # it may end meanwhile
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    sockets.add(os.readlink(entry.path))
    tables = [path for path in (pathlib.Path("/proc/net/udp"), pathlib.Path("/proc/net/udp6")) if path.exists()]
    rows = [line.split() for path in tables for line in path.read_text(encoding="ascii").splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if f"socket:[{row[9]}]" in sockets}


def _pids_with(program: str, but: str) -> list[int]:
    """The processes that run a program, but not with a certain last argument."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                words = pathlib.Path(entry.path, "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
                if program in words and words[-1] != but:
                    found.append(int(entry.name))
    return found


def _kill(pids: t.Iterable[int]) -> set[int]:
    """Kill processes of ours; the UDP ports that they had. Stopped first, so that none opens another meanwhile."""
    stopped = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)
    ports = udp_ports(stopped)
    for pid in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return ports


class Party(t.Protocol):
    """One party. It may come, leave and come back."""

    def open(self) -> None:
        """Start it. It is on its way to the console when this returns."""

    def leave(self) -> None:
        """Have it leave, as a person or a service manager does."""

    def crash(self) -> set[int]:
        """Kill it; the UDP ports that it had."""

    def ports(self) -> set[int]:
        """The UDP ports that it has."""

    def types(self, text: str) -> bool | None:
        """Type, and wait for the echo. Whether it came; None where it has no console to type at."""

    def close(self) -> None:
        """Whatever it is doing: nothing of it is left."""


class Visitor:
    """A program on a terminal. What it prints when it has the console, what when it has not, and how it is left."""

    def __init__(self, start: t.Callable[[], Person], here: str, nots: tuple[str, ...], leave: str | int | None) -> None:
        self._start, self._here, self._nots, self._leave = start, here, nots, leave
        self._person: Person | None = None
        self._is_here = False

    def open(self) -> None:
        self.close()
        self._person, self._is_here = self._start(), False

    def _comes(self) -> bool:
        """Wait until it has the console, or will not get it."""
        if self._person is not None and not self._is_here:
            self._is_here = self._person.first_of(self._here, *self._nots, seconds=PATIENCE) == self._here
        return self._is_here

    def leave(self) -> None:
        if self._person is None:
            return
        if isinstance(self._leave, int):
            self._person.is_told(self._leave)
        elif self._comes() and self._leave is not None and self._person.there:
            with contextlib.suppress(OSError):  # it may end by itself meanwhile
                self._person.types(self._leave)
        self._person.leaves()
        self.close()

    def crash(self) -> set[int]:
        ports = set() if self._person is None or not self._person.there else _kill([self._person.pid])
        self.close()
        return ports

    def ports(self) -> set[int]:
        return set() if self._person is None else udp_ports([self._person.pid])

    def types(self, text: str) -> bool | None:
        if self._person is None or self._leave is None or not self._comes() or not self._person.there:
            return None
        self._person.types(text)
        return self._person.first_of(text, seconds=PATIENCE / 3) is not None

    def close(self) -> None:
        if self._person is not None:
            self._person.__exit__(None, None, None)
        self._person, self._is_here = None, False


class Program(Visitor):
    """`bmc-console NAME` on a terminal: it waits for its console for as long as it has to."""

    def _comes(self) -> bool:
        assert self._person is not None
        if not self._is_here:
            self._is_here = self._person.first_of(self._here, seconds=PATIENCE / 3) is not None
        return self._is_here


class Server:
    """conserver with the guard: as a service with a socket, or as a program that conserver starts."""

    def __init__(self, place: Place, relay: str) -> None:
        self._place, self._relay = place, relay
        folder = place.folder
        (folder / "passwd").write_text("*any*:\n", encoding="ascii")
        (folder / "s").mkdir()
        way = _WAYS[relay].format(folder=folder, python=sys.executable)
        (folder / "server.cf").write_text(_CONSERVER.format(port=_PORT, folder=folder, way=way), encoding="ascii")
        self._guard: subprocess.Popen[bytes] | None = None
        self._conserver: subprocess.Popen[bytes] | None = None

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._place.folder / "output").open("ab") as output:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)

    def open(self) -> None:
        folder = self._place.folder
        if self._relay == "socket":
            (folder / "s/n1").unlink(missing_ok=True)
            self._guard = self._spawn(*program(place=self._place), "--serve")
            deadline = time.monotonic() + PATIENCE
            while not (folder / "s/n1").is_socket():
                assert time.monotonic() < deadline, "the guard does not serve"
                time.sleep(0.02)  # a folder does not tell when there is a file in it
        self._open_conserver()

    def _open_conserver(self) -> None:
        conserver = shutil.which("conserver", path=os.environ["PATH"] + ":/usr/sbin")
        assert conserver is not None, "conserver is not installed; `make system-packages` does that"
        place = self._place
        self._conserver = self._spawn(conserver, "-C", str(place.folder / "server.cf"), "-M", place.desk, "-p", str(_PORT))

    def leave(self) -> None:
        for process in (self._conserver, self._guard):
            if process is not None:
                process.terminate()
        self.close(grace=PATIENCE)

    def restart(self) -> None:
        """conserver dies alone and is started again at once. A guard that it had started ends by itself."""
        left = self._pids() if self._relay == "exec" else []
        self._end_conserver()
        self._open_conserver()
        deadline = time.monotonic() + PATIENCE
        while not {*left}.isdisjoint(self._pids()):
            assert time.monotonic() < deadline, "the guard of a conserver that died does not end"
            time.sleep(0.02)  # only a parent is told that a process ends

    def _end_conserver(self) -> None:
        if self._conserver is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._conserver.pid, signal.SIGKILL)
            self._conserver.wait()
            self._conserver = None

    def _pids(self) -> list[int]:
        return _pids_with(str(self._place.folder / "bmc-console"), but="n2")

    def crash(self) -> set[int]:
        self._end_conserver()
        ports = _kill(self._pids())
        self.close()
        return ports

    def ports(self) -> set[int]:
        return udp_ports(self._pids())

    def types(self, text: str) -> bool | None:
        self._listens()
        command = ["console", "-n", "-M", self._place.desk, "-p", str(_PORT), "-l", "al", "n1"]
        with Person(*command) as client:
            if client.first_of("Enter `^Ec?", seconds=PATIENCE / 3) is None:
                return None
            client.types(text)
            return client.first_of(text, seconds=PATIENCE / 3) is not None

    def _listens(self) -> None:
        """conserver connects to its consoles first, and takes clients a second later."""
        deadline = time.monotonic() + PATIENCE / 3
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex((self._place.desk, _PORT)) == 0:
                    return
            time.sleep(0.05)  # a port does not tell when somebody listens

    def close(self, grace: float = 0.0) -> None:
        if grace and self._conserver is not None:
            self._conserver.wait(grace)
        self._end_conserver()
        deadline = time.monotonic() + grace
        # conserver does not wait for a program that it started.
        while grace and self._pids() and time.monotonic() < deadline:
            if self._guard is not None:
                self._guard.poll()
            time.sleep(0.02)
        _kill(self._pids())
        if self._guard is not None:
            self._guard.wait()
            self._guard = None


def make_party(kind: str, user: str, place: Place, relay: str) -> Party:
    """A party of a kind, with its account."""
    options = place.options(user)
    where = (place.host, str(place.port), user)
    if kind == "ipmitool":
        return Visitor(lambda: with_ipmitool(options), OPERATIONAL, ("already active", "Error"), LEAVE)
    if kind == "polite":
        return Visitor(lambda: with_ipmiconsole(options, "--dont-steal"), ESTABLISHED, ("SOL in use", "error"), "&.")
    if kind == "thief":
        return Visitor(lambda: with_ipmiconsole(options), ESTABLISHED, ("error",), "&.")
    if kind == "solo":
        return Visitor(lambda: _python("-m", "tests.integration.console_schedules.solo", *where), "solo: open", ("solo: held",), signal.SIGTERM)
    if kind == "module":
        return Visitor(lambda: _python("-c", _MODULE, *where), "module: done", ("module: ",), None)
    if kind == "program":
        return Program(lambda: Person(*program(place), "n2"), "the console is open", (), signal.SIGTERM)
    return Server(place, relay)


def program(place: Place) -> list[str]:
    """The guard's program. The interpreter is named, because a file that was just written cannot be executed while
    another thread starts something."""
    return [sys.executable, "-IB", str(place.folder / "bmc-console")]


def _python(*arguments: str) -> Person:
    return Person(sys.executable, *arguments)


def write_program(place: Place, users: t.Mapping[str, str]) -> None:
    """The guard's program with its table: n1 is the console server's, n2 the program's; the same BMC by two accounts or one."""
    path, table = place.folder / "bmc-console", place.folder / "consoles.json"
    row = {"host": place.host, "port": place.port, "password": place.password, "interval": INTERVAL}
    consoles = {"n1": {**row, "user": users["server"]}}
    if "program" in users:
        consoles["n2"] = {**row, "user": users["program"]}
    with os.fdopen(os.open(table, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"folder": str(place.folder / "s"), "consoles": consoles}, file)
    path.write_text(_PROGRAM.replace("@TABLE@", str(table)), encoding="utf-8")

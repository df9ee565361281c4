# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A console server that the playbook set up in a folder, in front of simulated BMCs; conserver and conman are Debian's."""

from __future__ import annotations

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
import typing as t

import pytest

from tests.integration.harness import ansible
from tests.integration.person import Person
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, network, start_rack, users

__all__ = ["network", "start_rack"]

#: Seconds for what must happen soon.
PATIENCE = 20.0
#: Seconds between two looks of the guard, in the tests.
INTERVAL = 1
NAMES = ("n1", "n2", "n3")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: t.Callable[[], t.Any], why: str, seconds: float = PATIENCE) -> t.Any:
    """Wait until it is true; the last value."""
    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, why
        time.sleep(0.05)  # neither a log nor a simulated BMC tells when it changes
    return value


def need(program: str) -> str:
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if found is None:
        if os.environ.get("LIGHTSOUT_WITHOUT_WITNESSES") == "1":
            pytest.skip(f"{program} is not installed")
        pytest.fail(f"{program} is not installed; `make system-packages` does that")
    return found


def names_from(hosts: pathlib.Path) -> dict[str, str]:
    """The environment of a process that reads these lines instead of those of /etc/hosts."""
    library = pathlib.Path(f"/usr/lib/{os.uname().machine}-linux-gnu/libnss_wrapper.so")
    if not library.exists():
        if os.environ.get("LIGHTSOUT_WITHOUT_WITNESSES") == "1":
            pytest.skip("libnss-wrapper is not installed")
        pytest.fail("libnss-wrapper is not installed; `make system-packages` does that")
    return {"LD_PRELOAD": str(library), "NSS_WRAPPER_HOSTS": str(hosts)}


class Site:
    """An inventory, and the folder that the playbook writes to."""

    def __init__(self, rack: Rack, folder: pathlib.Path, **settings: t.Any) -> None:
        self.rack, self.folder = rack, folder
        self.port = free_port()
        #: Where conserver listens, and the lines of its /etc/hosts where they are not those of the machine.
        self.listen = "127.0.0.1"
        self.names = ""
        #: How to reach BMCs that are not, or not directly, those of the rack.
        self.own: dict[str, dict[str, t.Any]] = {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.settings: dict[str, t.Any] = {
            "console_server_install": False,
            "console_server_services": False,
            "console_server_become": False,
            "console_server_user": pwd.getpwuid(os.getuid()).pw_name,
            "console_server_servers": ["localhost"],
            "console_server_config": str(folder / "server.cf"),
            "console_server_passwd_file": str(folder / "passwd"),
            "console_server_server_log": str(folder / "server.log"),
            "console_server_log_folder": str(folder / "logs"),
            "console_server_port": self.port,
            "console_server_conman_port": self.port,
            "console_server_conman_pidfile": str(folder / "conman.pid"),
            "console_server_socket_folder": str(folder / "s"),
            "console_server_table": str(folder / "table" / "consoles.json"),
            "console_server_folder": str(folder / "opt"),
            "console_server_logrotate": str(folder / "logrotate"),
            "console_server_python": sys.executable,
            "console_server_interval": INTERVAL,
            "console_server_user_groups": {"ops": ["al", "bo"]},
            "console_server_read": ["al", "bo", "zoe"],
            "console_server_write": ["ops"],
            **settings,
        }
        #: Variables of single hosts.
        self.hosts: dict[str, dict[str, t.Any]] = {name: {"rack": f"r{index // 2}"} for index, name in enumerate(NAMES)}
        folder.mkdir(exist_ok=True)
        (folder / "passwd").write_text("*any*:\n", encoding="ascii")
        (folder / "s").mkdir(exist_ok=True)

    def address(self, name: str) -> str:
        return str(self.rack.status(name)["address"])

    def options(self, name: str, user: str = "oper") -> dict[str, t.Any]:
        """How a person reaches a BMC."""
        return {"bmc_host": self.address(name), "bmc_port": self.rack.port, "bmc_user": user, "bmc_password": PASSWORD}

    def play(self, *arguments: str, playbook: str = "console_server", **changed: t.Any) -> subprocess.CompletedProcess[str]:
        """Run a playbook of ours."""
        machines = {name: {**(self.own.get(name) or self.options(name, "admin")), **values} for name, values in self.hosts.items()}
        inventory = {
            "all": {
                "hosts": machines,
                "children": {
                    "console_servers": {
                        "hosts": {"localhost": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}},
                        "vars": {**self.settings, **changed},
                    }
                },
            }
        }
        path = os.environ["PATH"] + ":/usr/sbin"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", path)
            return ansible(f"lightsout.bmc.{playbook}", *arguments, inventory=inventory, tmp_path=self.folder, program="ansible-playbook", timeout=300)

    def spawn(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, env={**os.environ, **environment}
            )
        self.processes.append(process)
        return process

    def start_program(self) -> subprocess.Popen[bytes]:
        """As systemd does: started when it says that all sockets are there."""
        notify = self.folder / "notify"
        notify.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(notify))
            manager.settimeout(PATIENCE)
            process = self.spawn(str(self.folder / "opt/bin/bmc-console"), "--serve", NOTIFY_SOCKET=str(notify))
            try:
                assert manager.recv(64) == b"READY=1"
            except TimeoutError:
                pytest.fail(f"the program did not become ready: {self.output}")
        assert all((self.folder / "s" / name).is_socket() for name in self.hosts)
        return process

    def start_conserver(self, *before: str) -> subprocess.Popen[bytes]:
        """`before` is a program that starts it, with its arguments."""
        environment: dict[str, str] = {}
        if self.names:
            (self.folder / "hosts").write_text(self.names, encoding="ascii")
            environment = names_from(self.folder / "hosts")
        process = self.spawn(*before, need("conserver"), "-C", str(self.folder / "server.cf"), "-M", self.listen, **environment)
        self.listens()
        return process

    def start_conman(self) -> subprocess.Popen[bytes]:
        process = self.spawn(need("conmand"), "-F", "-v", "-c", str(self.folder / "server.cf"))
        self.listens()
        return process

    def listens(self) -> None:
        """Wait until the console server takes clients. Before, a signal to end would leave its children behind."""

        def connects() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((self.listen, self.port)) == 0

        wait_for(connects, "the console server does not listen")

    @staticmethod
    def stop(process: subprocess.Popen[bytes]) -> None:
        """As a service manager does."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8", errors="replace")

    def log(self, name: str) -> str:
        """What the console server logged of a console."""
        path = self.folder / "logs" / f"{name}.log"
        return path.read_text(encoding="latin-1") if path.exists() else ""

    def logs(self, name: str, text: str, times: int = 1) -> None:
        """Wait until it is in the log so often."""
        deadline = time.monotonic() + PATIENCE
        while self.log(name).count(text) < times:
            assert time.monotonic() < deadline, f"{text!r} is not in the log of {name}: {self.log(name)!r}; {self.output}"
            time.sleep(0.05)  # a file does not tell when it grows

    def console(self, user: str, name: str, *more: str) -> Person:
        """A person at conserver's client."""
        return Person(need("console"), "-n", "-M", self.listen, "-p", str(self.port), "-l", user, *more, name)

    def ask(self, user: str, *arguments: str) -> str:
        """What conserver's client prints and then ends."""
        command = [need("console"), "-n", "-M", self.listen, "-p", str(self.port), "-l", user, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=PATIENCE)
        return done.stdout + done.stderr

    def close(self) -> None:
        for process in reversed(self.processes):
            self.stop(process)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def rack(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    prefix = network()
    accounts = users()
    # ipmitool asks for a session as administrator.
    accounts[3]["privilege"] = "administrator"
    row = {"name": "n[1-3]", "address": f"{prefix}.[1-3]", "source": "static", "netmask": "255.255.255.0", "users": accounts}
    return start_rack({"bmcs": [row]})


@pytest.fixture
def make_site(rack: Rack, tmp_path: pathlib.Path) -> t.Iterator[t.Callable[..., Site]]:
    """A site in front of BMCs whose hosts are at the login prompt."""
    for name in NAMES:
        rack.ask("heal", name)
        rack.ask("factory", name)
        rack.ask("close_sessions", name)
        rack.ask("power", name, set="off")
        rack.ask("power", name, set="on")
        rack.ask("clock", advance=30)
    made: list[Site] = []

    def make(folder: str = "", **settings: t.Any) -> Site:
        made.append(Site(rack, tmp_path / folder, **settings))
        return made[-1]

    yield make
    for site in made:
        site.close()

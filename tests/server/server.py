# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole server on the loopback network: QEMU, with ipmi_sim as its BMC.

* The BMC's chassis is QEMU (chassis.py): power, reset, soft shutdown and boot device do what they should.
* Serial over LAN is the guest's second serial port, COM2 or ttyS1, from the firmware's end on.
* The guest reaches the same BMC through its kernel's IPMI driver (KCS), as /dev/ipmi0.
* SSH into the guest is a port on the server's address. The guest reaches nothing else.

QEMU emulates the processor, so that this runs everywhere; the guest is some ten times slower than the machine.
Nothing here polls: the guest says when it is up, and QEMU tells what happens to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import typing as t
from dataclasses import dataclass, field

from tests.integration.harness import Result, act, ansible
from tests.integration.ipmi_sim.front import Front
from tests.integration.ipmi_sim.rig import Bmc, IpmiSim, Model, free_port, ipmi_port
from tests.server.image import Image

HERE = pathlib.Path(__file__).parent
#: Seconds in which anything that is waited for must come. A boot takes 20 to 30, and many times that on a machine that is busy.
PATIENCE = 300.0
#: TCP ports on the server's address: the guest's SSH, its BMC's system interface, its second serial port.
SSH_PORT, KCS_PORT, SERIAL_PORT = 2222, 9002, 9103
#: Seconds that a playbook may take; each module costs the guest two to six.
PLAYBOOK_TIMEOUT = 900.0


@dataclass(frozen=True)
class ServerModel(Model):
    """An ipmi_sim with a QEMU as its chassis, and a system interface."""

    chassis: bool = False
    serial: int = SERIAL_PORT
    monitor: str = ""  #: QEMU's monitor for chassis.py
    #: The address in its LAN configuration at first, if it is not the one where it answers.
    address: str | None = None

    def hardware(self, host: str) -> dict[str, str]:
        """What its LAN configuration is at first."""
        return super().hardware(self.address or host)

    def config(self, folder: pathlib.Path, host: str, port: int, guid: int) -> str:
        """The content of lan.conf."""
        program = f"{sys.executable} -IS {HERE / 'chassis.py'} {folder / 'hardware'} {self.monitor}"
        return super().config(folder, host, port, guid) + f'chassis_control "{program}"\nserial kcs {host} {KCS_PORT} codec VM\n'


class Lines:
    """A socket of QEMU's that lines come from."""

    def __init__(self, path: pathlib.Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._data = b""

    def send(self, line: str) -> None:
        """Write a line."""
        self._socket.sendall(line.encode() + b"\n")

    def next(self, seconds: float = PATIENCE) -> str:
        """Wait for a line."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._data:
            if not select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"no line came within {seconds:g} seconds")
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionError("QEMU is gone")
            self._data += data
        line, _newline, self._data = self._data.partition(b"\n")
        return line.decode().strip()

    def close(self) -> None:
        """Leave."""
        self._socket.close()


class Monitor:
    """QEMU's monitor: commands and events."""

    def __init__(self, path: pathlib.Path) -> None:
        self._lines = Lines(path)
        self._lines.next()
        self._events: list[str] = []
        self.do("qmp_capabilities")

    def do(self, command: str, **arguments: str) -> t.Any:
        """Execute a command; what it returns."""
        self._lines.send(json.dumps({"execute": command, "arguments": arguments}))
        while True:
            answer = json.loads(self._lines.next())
            if "event" in answer:
                self._events.append(answer["event"])
            elif "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']}")
            else:
                return answer["return"]

    def tell(self, line: str) -> None:
        """Execute a line of the monitor for people, which prints nothing unless it fails."""
        answer = self.do("human-monitor-command", **{"command-line": line})
        if answer:
            raise RuntimeError(f"{line}: {answer}")

    def forget(self) -> None:
        """`event` waits for what comes from now on."""
        self.do("query-status")
        self._events.clear()

    def event(self, name: str, seconds: float = PATIENCE) -> None:
        """Wait until it has happened."""
        deadline = time.monotonic() + seconds
        while name not in self._events:
            answer = json.loads(self._lines.next(max(0.0, deadline - time.monotonic())))
            self._events.append(answer["event"])
        self._events.remove(name)

    def close(self) -> None:
        """Leave."""
        self._lines.close()


@dataclass(frozen=True)
class Task:
    """What a task of a playbook returned."""

    name: str
    outcome: str  #: ok, failed or unreachable
    result: Result


@dataclass(frozen=True)
class Play:
    """What a run of ansible-playbook did."""

    text: str
    code: int
    tasks: list[Task] = field(default_factory=list)

    def __getitem__(self, name: str) -> Result:
        """What the one task of this name returned."""
        (found,) = [task.result for task in self.tasks if task.name == name]
        return found

    @property
    def changed(self) -> list[str]:
        """The tasks that changed something."""
        return [task.name for task in self.tasks if task.result.get("changed")]

    @property
    def failed(self) -> list[str]:
        """The tasks that failed."""
        return [task.name for task in self.tasks if task.outcome != "ok"]


class Qemu:
    """The machine: everything but the BMC. It is stopped until somebody says `cont`."""

    def __init__(self, folder: pathlib.Path, host: str, image: Image, *, bmc: t.Sequence[str], disk: pathlib.Path, more: t.Sequence[str] = ()) -> None:
        self.folder, self.host = folder, host
        self._image = image
        self._log = (folder / "qemu.log").open("wb")
        self._process = subprocess.Popen(
            [program("qemu-system-x86_64"), *_machine(folder, host, disk), *bmc, *more],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        self._died: str | None = None
        self._stopping = threading.Event()
        self._at_death: list[t.Callable[[], None]] = []
        self._dying = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, name="QEMU's end", daemon=True)
        self._watcher.start()
        self._await_socket(folder / "monitor")
        self.monitor = Monitor(folder / "monitor")
        self._ready = Lines(folder / "ready")

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def _watch(self) -> None:
        code = self._process.wait()
        if not self._stopping.is_set():
            with self._dying:
                self._died = f"QEMU ended by itself, with {code}: {self.log()}"
                for action in self._at_death:
                    action()

    def at_death(self, action: t.Callable[[], None]) -> None:
        """What else is to end where QEMU ends by itself, so that nobody waits for what cannot come."""
        with self._dying:
            self._at_death.append(action)
            if self._died:
                action()

    def _await_socket(self, path: pathlib.Path) -> None:
        """QEMU tells nobody when its sockets are there; it takes a tenth of a second."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"QEMU ended: {self.log()}")
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(path)) == 0:
                    return
            select.select([], [], [], 0.05)
        raise TimeoutError(f"QEMU did not start: {self.log()}")

    def log(self) -> str:
        """What QEMU had to say."""
        return (self.folder / "qemu.log").read_text(encoding="utf-8", errors="replace")

    def await_up(self, seconds: float = PATIENCE) -> None:
        """Wait until the guest says that SSH is served."""
        try:
            assert self._ready.next(seconds) == "ready"
        except TimeoutError as error:
            raise TimeoutError(f"the guest did not come up; its last words: {self.serial(0)[-500:]!r}") from error

    def serial(self, number: int) -> str:
        """All that the guest has printed on a serial port, ttyS0 or ttyS1."""
        return (self.folder / f"ttyS{number}.log").read_bytes().decode("utf-8", "replace")

    def ssh_options(self) -> list[str]:
        """How the guest is reached; one connection is kept and shared."""
        options = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "ConnectTimeout": f"{PATIENCE:g}",
            "ControlMaster": "auto",
            "ControlPersist": "600",
            "ControlPath": str(self.folder / "ssh"),
        }
        return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]

    def ssh(self, command: str, *, codes: t.Collection[int] = (0,), seconds: float = PATIENCE) -> str:
        """What a command in the guest prints. It must end with one of `codes`."""
        done = subprocess.run(
            ["ssh", *self.ssh_options(), "-i", str(self._image.key), "-p", str(SSH_PORT), f"root@{self.host}", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode in codes, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def hang_up(self) -> None:
        """End the kept SSH connection, if there is one: it does not outlive a restart or a snapshot."""
        if (self.folder / "ssh").exists():
            command = ["ssh", *self.ssh_options(), "-O", "exit", "-p", str(SSH_PORT), f"root@{self.host}"]
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)

    def inventory(self, **variables: t.Any) -> dict[str, t.Any]:
        """The guest as Ansible's host n1."""
        connection = {
            "ansible_host": self.host,
            "ansible_port": SSH_PORT,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self._image.key),
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        return {"all": {"hosts": {"n1": {**connection, **variables}}}}

    def play(self, playbook: str | list[dict[str, t.Any]], *args: str, seconds: float = PLAYBOOK_TIMEOUT, **variables: t.Any) -> Play:
        """Run a playbook of the collection or a file, or one's own tasks."""
        log = self.folder / "results"
        log.write_text("", encoding="utf-8")
        if not isinstance(playbook, str):
            path = self.folder / "play.json"
            path.write_text(json.dumps([{"name": "Own play", "hosts": "all", "gather_facts": False, "tasks": playbook}]), encoding="utf-8")
            playbook = str(path)
        environment = {
            "ANSIBLE_SSH_ARGS": " ".join(self.ssh_options()),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "RESULTS_LOG": str(log),
        }
        done = ansible(
            playbook,
            *args,
            program="ansible-playbook",
            inventory=self.inventory(**variables),
            tmp_path=self.folder,
            environment=environment,
            timeout=seconds,
        )
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        tasks = [Task(line["task"], line["outcome"], line["result"]) for line in lines]
        return Play(done.stdout + done.stderr, done.returncode, tasks)

    def stop(self) -> None:
        """End the process. Raises RuntimeError where it was gone already: what failed before failed because of that."""
        self.hang_up()
        self._stopping.set()
        self._ready.close()
        self.monitor.close()
        self._process.terminate()
        self._process.wait(timeout=PATIENCE)
        self._watcher.join(PATIENCE)
        self._log.close()
        if self._died:
            raise RuntimeError(self._died)


def program(name: str) -> str:
    """Where a program is."""
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed; `make server-packages` does that")
    return path


def _machine(folder: pathlib.Path, host: str, disk: pathlib.Path) -> list[str]:
    """QEMU's arguments for all but the BMC."""
    text = f"""
        -accel tcg,thread=multi,tb-size=256 -cpu Nehalem -smp 2 -m 512 -M pc -nodefaults -display none -vga std
        -S -no-shutdown -boot order=c,strict=off
        -drive file={disk},if=virtio,cache=unsafe
        -netdev user,id=net,restrict=on,hostfwd=tcp:{host}:{SSH_PORT}-:22 -device virtio-net-pci,netdev=net,romfile=
        -chardev file,id=com1,path={folder}/ttyS0.log -device isa-serial,chardev=com1,index=0
        -chardev socket,id=com2,host={host},port={SERIAL_PORT},server=on,wait=off,logfile={folder}/ttyS1.log
        -device isa-serial,chardev=com2,index=1
        -device virtio-serial-pci -chardev socket,id=ready,path={folder}/ready,server=on,wait=off
        -device virtserialport,chardev=ready,name=ready
        -qmp unix:{folder}/monitor,server=on,wait=off -qmp unix:{folder}/chassis,server=on,wait=off
    """
    return text.split()


def overlay(image: Image, path: pathlib.Path) -> pathlib.Path:
    """A disk that shows the image's content and keeps what is written, snapshots too."""
    command = [program("qemu-img"), "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(image.disk), str(path)]
    subprocess.run(command, check=True, timeout=PATIENCE)
    return path


class Server:
    """A machine with its BMC, new from the factory. The power is off; with a snapshot, the machine goes on from there."""

    def __init__(
        self,
        folder: pathlib.Path,
        host: str,
        image: Image,
        *,
        disk: pathlib.Path | None = None,
        snapshot: str | None = None,
        bmc_at: str | None = None,
    ) -> None:
        """Start it at an address. `bmc_at` is where the BMC answers until it is given an address; its own is none then."""
        self.folder, self.host, self.image = folder, host, image
        self.disk = disk or overlay(image, folder / "disk.qcow2")
        system_interface = (
            f"-chardev socket,id=kcs,host={host},port={KCS_PORT},reconnect=1 -device ipmi-bmc-extern,id=bmc,chardev=kcs -device isa-ipmi-kcs,bmc=bmc"
        )
        self.machine = Qemu(folder, host, image, bmc=system_interface.split(), disk=self.disk)
        model = ServerModel(monitor=str(folder / "chassis"), address="0.0.0.0" if bmc_at else None)
        self._sim = IpmiSim(folder / "bmc", host, free_port(host), model)
        outside = bmc_at or host
        self._front = Front((outside, ipmi_port(outside)), (host, self._sim.port), moved=folder / "bmc/hardware/moved")
        self._sim.wait_until_ready()
        self.machine.at_death(self._fall_silent)
        self.bmc = Bmc(self._sim, self._front)
        if snapshot:
            self.machine.monitor.tell(f"loadvm {snapshot}")
            self.machine.monitor.do("cont")

    def _fall_silent(self) -> None:
        """The BMC goes with its machine."""
        os.kill(self._sim.pid, signal.SIGKILL)

    @property
    def options(self) -> dict[str, t.Any]:
        """The connection options. ipmi_sim answers nobody while chassis.py waits for QEMU."""
        return {**self.bmc.options, "bmc_timeout": 20}

    @contextlib.contextmanager
    def hanging_bmc(self) -> t.Iterator[None]:
        """The BMC answers nobody meanwhile, neither the network nor the host."""
        os.kill(self._sim.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._sim.pid, signal.SIGCONT)

    def power(self, state: str, **options: t.Any) -> Result:
        """Our ipmi_power, over the network."""
        return act("ipmi_power", {**self.options, "state": state, **options})

    def console(self, **options: t.Any) -> Result:
        """Our ipmi_console."""
        return act("ipmi_console", {**self.options, **options})

    def keep(self, snapshot: str) -> None:
        """Keep the whole machine as it is now, for later servers of the same disk."""
        self.machine.hang_up()
        self.machine.monitor.do("stop")
        self.machine.monitor.tell(f"savevm {snapshot}")
        self.machine.monitor.do("cont")

    def stop(self) -> None:
        """End all its processes."""
        self._front.stop()
        self._sim.stop()
        self.machine.stop()


def folder_for(number: int, base: pathlib.Path) -> pathlib.Path:
    """A folder whose sockets have short enough names."""
    path = base / str(number)
    path.mkdir()
    assert len(os.fsencode(path / "monitor")) < 100, f"{path} is too long for a socket's name"
    return path

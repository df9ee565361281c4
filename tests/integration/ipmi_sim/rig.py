# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts OpenIPMI's `ipmi_sim` on the loopback network, and reads its log of all requests.

ipmi_sim is a BMC that this project did not write. Facts about it that matter here:

* ipmitool needs cipher suite 3 named (its question for the best one is not answered), FreeIPMI the
  workaround `opensesspriv`.
* LAN values reach the lan_config_program with the commit; without one ipmi_sim holds them itself.
* With debugging on and a console on standard output, it prints every request with its answer.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import time
import typing as t
from dataclasses import dataclass, field

import pytest

from tests.integration.harness import TOOL_TIMEOUT, Result, act, ipmitool
from tests.integration.ipmi_sim.front import Front

HARDWARE = pathlib.Path(__file__).with_name("hardware.sh")

#: What FreeIPMI's programs need for ipmi_sim: it echoes the privilege asked for in the login instead of the one granted.
FREEIPMI: t.Final = ("-D", "LAN_2_0", "-W", "opensesspriv", "-l", "ADMIN", "-I", "3")
#: Seconds until an ipmi_sim must answer.
READY = 20.0
#: The first packet of any discovery: RMCP with an ASF presence ping.
_PING = bytes.fromhex("0600ff06000011be80000000")

#: ipmi_sim keeps 16 bytes of a password.
FACTORY_USER, FACTORY_PASSWORD = "ADMIN", "Sesam-oeffne-di!"

_CONFIG = """\
name "bmc"
set_working_mc 0x20
startlan 1
  addr {host} {port}
  priv_limit admin
  allowed_auths_admin none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_callback none md2 md5 straight
  guid {guid:032x}
  {lan_program}
endlan
{in_band}
{chassis}
sol "tcp:{serial_host}:{serial}" 115200
user 1 false ""      "nothing" user  10 none md2 md5 straight
{users}
{satellite}
"""
#: Another controller on the IPMB, with a chassis of its own.
SATELLITE: t.Final = 0x30
_SATELLITE = """\
set_working_mc 0x30
chassis_control {program}
"""
_COMMANDS = """\
mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
"""
_SATELLITE_COMMANDS = """\
mc_add 0x30 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x30
"""

#: The requests that change something: network function and command, of the IPMI specification's appendix G.
#: Not among them: those that only concern the session itself.
WRITES: t.Final = frozenset(
    {
        (0x00, 0x02),  # Chassis Control
        (0x00, 0x04),  # Chassis Identify
        (0x00, 0x05),  # Set Chassis Capabilities
        (0x00, 0x06),  # Set Power Restore Policy
        (0x00, 0x08),  # Set System Boot Options
        (0x00, 0x0A),  # Set Front Panel Enables
        (0x00, 0x0B),  # Set Power Cycle Interval
        (0x04, 0x12),  # Set PEF Configuration Parameters
        (0x06, 0x02),  # Cold Reset
        (0x06, 0x03),  # Warm Reset
        (0x06, 0x40),  # Set Channel Access
        (0x06, 0x43),  # Set User Access
        (0x06, 0x45),  # Set User Name
        (0x06, 0x47),  # Set User Password, unless it is a test
        (0x06, 0x4C),  # Set User Payload Access
        (0x06, 0x56),  # Set Channel Security Keys
        (0x06, 0x58),  # Set System Info Parameters
        (0x0A, 0x49),  # Set SEL Time
        (0x0A, 0x5D),  # Set SEL Time UTC Offset
        (0x0C, 0x01),  # Set LAN Configuration Parameters
        (0x0C, 0x21),  # Set SOL Configuration Parameters
        (0x2C, 0x08),  # Set Asset Tag
        (0x2C, 0x0A),  # Set Management Controller Identifier String
    }
)
_TEST_PASSWORD = 3
#: Set Power Restore Policy that asks what there is.
_NO_CHANGE = b"\x03"


@dataclass(frozen=True)
class Request:
    """One request that ipmi_sim carried out, as its log shows it."""

    net_fn: int
    command: int
    data: bytes
    code: int | None  #: the completion code; None where the log has no answer

    @property
    def writes(self) -> bool:
        """Whether it was meant to change something."""
        if (self.net_fn, self.command) not in WRITES:
            return False
        if (self.net_fn, self.command) == (0x00, 0x06):
            return self.data != _NO_CHANGE
        return (self.net_fn, self.command) != (0x06, 0x47) or self.data[1] & 0x03 != _TEST_PASSWORD

    def __str__(self) -> str:
        return f"{self.net_fn:02X}/{self.command:02X}"


_RECEIVED = re.compile(
    r"Receive message:\n channel=\S+ netfn=0x(?P<net_fn>\w+) cmd=0x(?P<command>\w+)[^\n]*\n rq_lun[^\n]*\n"
    r"(?P<data>(?: (?:[\da-f]{2} ?)+\n|\n)*)"
    r"(?:Response message:[^\n]*\n (?P<code>[\da-f]{2}))?"
)


def requests_in(log: str) -> list[Request]:
    """The requests of a log, in order."""
    return [
        Request(
            int(found["net_fn"], 16),
            int(found["command"], 16),
            bytes.fromhex(found["data"]),
            None if found["code"] is None else int(found["code"], 16),
        )
        for found in _RECEIVED.finditer(log)
    ]


def free_port(host: str) -> int:
    """A UDP port that nobody has at the moment."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def ipmi_port(host: str) -> int:
    """623 where this user may have it, else a high port."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind((host, 623))
        except OSError as error:
            if error.errno != errno.EACCES:
                raise
            return free_port(host)
    return 623


@dataclass(frozen=True)
class Model:
    """What an ipmi_sim is like when it is switched on the first time."""

    users: t.Mapping[int, tuple[str, str, str]] = field(
        default_factory=lambda: {2: (FACTORY_USER, FACTORY_PASSWORD, "admin")}
    )
    power: bool = False
    #: Whether it has a chassis (power, boot options) of its own.
    chassis: bool = True
    #: Whether the LAN configuration is kept outside, by hardware.sh.
    lan: bool = True
    #: Whether there is another controller behind it.
    satellite: bool = False
    #: Whether it prints every request.
    log: bool = True
    source: str = "dhcp"
    #: The TCP port where the host's serial line is, at the BMC's address or another; nobody is there by default.
    serial: int = 9
    serial_host: str | None = None
    #: The TCP port of the system interface at the BMC's address, as QEMU uses it; None is none.
    in_band: int | None = None

    def config(self, folder: pathlib.Path, host: str, port: int, guid: int) -> str:
        """The content of lan.conf."""
        program = f'"{HARDWARE} {folder / "hardware"}"'
        users = [
            f'user {slot} true "{name}" "{password}" {privilege} 10 none md2 md5 straight'
            for slot, (name, password, privilege) in self.users.items()
        ]
        return _CONFIG.format(
            host=host,
            port=port,
            serial=self.serial,
            serial_host=self.serial_host or host,
            guid=guid,
            lan_program=f"lan_config_program {program}" if self.lan else "",
            in_band=f"serial kcs {host} {self.in_band} codec VM" if self.in_band else "",
            chassis=f"chassis_control {program}" if self.chassis else "",
            users="\n".join(users),
            satellite=_SATELLITE.format(program=f'"{HARDWARE} {folder / "satellite"}"') if self.satellite else "",
        )

    def commands(self) -> str:
        """The content of the command file."""
        return _COMMANDS + (_SATELLITE_COMMANDS if self.satellite else "") + ("debug msg\n" if self.log else "")

    def hardware(self, host: str) -> dict[str, str]:
        """What hardware.sh knows at first."""
        return {
            "power": "1" if self.power else "0",
            "boot": "none",
            "ip_addr": host,
            "ip_addr_src": self.source,
            "mac_addr": "52:54:00:00:00:01",
            "subnet_mask": "255.255.255.0",
            "default_gw_ip_addr": "0.0.0.0",
            "default_gw_mac_addr": "00:00:00:00:00:00",
            "backup_gw_ip_addr": "0.0.0.0",
            "backup_gw_mac_addr": "00:00:00:00:00:00",
        }


def program() -> str:
    """Where ipmi_sim is. A test without it fails, unless the environment excuses it."""
    path = shutil.which("ipmi_sim")
    if path is None:
        message = "ipmi_sim is not installed; `make system-packages` does that"
        if os.environ.get("LIGHTSOUT_WITHOUT_WITNESSES") == "1":
            pytest.skip(message)
        pytest.fail(message)
    return path


class IpmiSim:
    """One running ipmi_sim in a folder of its own."""

    def __init__(self, folder: pathlib.Path, host: str, port: int, model: Model, *, guid: int = 1) -> None:
        self.folder = folder
        self.host, self.port = host, port
        hardware = folder / "hardware"
        hardware.mkdir(parents=True)
        (folder / "state").mkdir()
        for name, value in model.hardware(host).items():
            (hardware / name).write_text(value + "\n", encoding="ascii")
        os.mkfifo(hardware / "moved")
        (folder / "lan.conf").write_text(model.config(folder, host, port, guid), encoding="ascii")
        (folder / "commands.emu").write_text(model.commands(), encoding="ascii")
        (folder / "satellite").mkdir()
        (folder / "satellite/power").write_text("0\n", encoding="ascii")
        arguments = ["-d"] if model.log else ["-n"]
        files = ["-c", str(folder / "lan.conf"), "-f", str(folder / "commands.emu"), "-s", str(folder / "state")]
        # Its console is on standard input and output. At the end of the input it would go on, deaf.
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [program(), *arguments, *files], stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd=folder
            )

    def wait_until_ready(self) -> None:
        """Ping it until it answers."""
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as client:
            client.connect((self.host, self.port))
            deadline = time.monotonic() + READY
            while time.monotonic() < deadline:
                assert self._process.poll() is None, f"ipmi_sim ended:\n{self.log()}"
                with contextlib.suppress(ConnectionRefusedError):
                    client.send(_PING)
                    if select.select([client], [], [], 0.1)[0]:
                        client.recv(64)
                        return
        raise AssertionError(f"ipmi_sim did not answer within {READY:g} seconds:\n{self.log()}")

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(timeout=READY)
        assert self._process.stdin is not None
        self._process.stdin.close()

    def log(self) -> str:
        """All that it printed."""
        # Its lines end as a terminal wants it.
        return (self.folder / "log").read_bytes().decode("utf-8", "replace").replace("\r", "")

    def hardware(self, name: str) -> str:
        """A value that hardware.sh keeps."""
        return (self.folder / "hardware" / name).read_text(encoding="ascii").strip()


@dataclass
class Bmc:
    """An ipmi_sim behind its front, the options that reach it, and the witnesses."""

    sim: IpmiSim
    front: Front
    user: str = FACTORY_USER
    password: str = FACTORY_PASSWORD
    _mark: int = 0
    _end: int | None = None

    @property
    def host(self) -> str:
        """Where it answers now."""
        return self.front.address

    @property
    def port(self) -> int:
        """The UDP port."""
        return self.front.port

    @property
    def options(self) -> dict[str, t.Any]:
        """The connection options."""
        return {
            "bmc_host": self.host,
            "bmc_port": self.port,
            "bmc_user": self.user,
            "bmc_password": self.password,
            "bmc_timeout": 3,
        }

    def mark(self) -> None:
        """`requests` and `writes` count from here."""
        self._mark, self._end = len(self.sim.log()), None

    def requests(self) -> list[Request]:
        """What it carried out for the last `run`, or since the mark, as its own log shows it."""
        return requests_in(self.sim.log()[self._mark : self._end])

    def writes(self) -> list[str]:
        """Those requests that were meant to change something."""
        return [f"{one} {one.data.hex(' ')}" for one in self.requests() if one.writes]

    def ipmitool(self, *command: str, user: str | None = None, password: str | None = None) -> str:
        """Ask with ipmitool."""
        return ipmitool(self.host, user or self.user, password or self.password, *command, port=self.port)

    def run(self, module: str, *, check_mode: bool = False, **args: t.Any) -> Result:
        """Run a module; `requests` and `writes` count from here, and no session may be left."""
        before = self.sessions()
        self.mark()
        result = act(module, {**self.options, **args}, check_mode=check_mode)
        self._end = len(self.sim.log())
        assert self.sessions() == before, f"{module} left a session"
        return result

    def converge(self, module: str, **args: t.Any) -> Result:
        """Check mode writes nothing, the first run changes, the second neither changes nor writes. The first run's result."""
        foreseen = self.run(module, check_mode=True, **args)
        assert (foreseen.get("msg"), foreseen["changed"], self.writes()) == (None, True, []), foreseen
        first = self.run(module, **args)
        assert (first.get("msg"), first["changed"]) == (None, True), first
        assert first["diff"] == foreseen["diff"]
        assert self.writes()
        second = self.run(module, **args)
        assert (second.get("msg"), second["changed"], self.writes()) == (None, False, []), second
        return first

    def sessions(self) -> int:
        """Sessions in use, without the one of ipmitool itself."""
        found = re.search(r"active sessions\s*: (\d+)", self.ipmitool("session", "info", "active"))
        assert found is not None
        return int(found[1]) - 1

    def checkout(self, *sections: str) -> dict[str, str]:
        """FreeIPMI's view of some sections, as `Section:Key`."""
        chosen = [f"--section={section}" for section in sections]
        done = subprocess.run(
            ["ipmi-config", *FREEIPMI, "-h", f"{self.host}:{self.port}", "-u", self.user, "-p", self.password]
            + ["--checkout", "--verbose", *chosen],
            capture_output=True,
            text=True,
            timeout=TOOL_TIMEOUT,
            check=False,
        )
        # 1 says that some key was not there; ipmi_sim lacks several of each section.
        assert done.returncode in (0, 1), done.stdout + done.stderr
        text = done.stdout
        found, section = {}, ""
        for line in text.splitlines():
            words = line.split(None, 1)
            if not words or words[0].startswith("#") or words[0] == "EndSection":
                continue
            if words[0] == "Section":
                section = words[1]
            else:
                found[f"{section}:{words[0]}"] = words[1].strip() if len(words) > 1 else ""
        return found

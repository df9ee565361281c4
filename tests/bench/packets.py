# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many packets a converge of LAN, three users and SOL sends: ipmi_config and FreeIPMI's ipmi-config."""

from __future__ import annotations

import collections
import contextlib
import pathlib
import subprocess
import typing as t
from dataclasses import dataclass, field

from tests.integration.harness import TOOL_TIMEOUT, ansible
from tests.integration.ipmi_sim.front import Front
from tests.integration.ipmi_sim.rig import FREEIPMI, IpmiSim, Model, free_port, requests_in

NETMASK, GATEWAY, BACKUP = "255.255.0.0", "127.42.255.254", "127.42.255.253"
VLAN, PRIORITY, RATE = 120, 2, "57600"
#: Slot, name, password, privilege.
USERS: t.Final = [
    (3, "deploy", "Deploy-secret-1", "administrator"),
    (4, "oper", "Oper-secret-2", "operator"),
    (5, "watch", "Watch-secret-3", "user"),
]

#: What the requests are called (IPMI specification, appendix G).
NAMES: t.Final = {
    (0x06, 0x01): "Get Device ID",
    (0x06, 0x37): "Get System GUID",
    (0x06, 0x3C): "Close Session (of the lost session)",
    (0x06, 0x41): "Get Channel Access",
    (0x06, 0x42): "Get Channel Info",
    (0x06, 0x43): "Set User Access",
    (0x06, 0x44): "Get User Access",
    (0x06, 0x45): "Set User Name",
    (0x06, 0x46): "Get User Name",
    (0x06, 0x47): "Set User Password (and test)",
    (0x06, 0x4C): "Set User Payload Access",
    (0x06, 0x4D): "Get User Payload Access",
    (0x00, 0x01): "Get Chassis Status",
    (0x00, 0x06): "Set Power Restore Policy",
    (0x00, 0x08): "Set System Boot Options",
    (0x00, 0x09): "Get System Boot Options",
    (0x00, 0x0A): "Set Front Panel Enables",
    (0x06, 0x3B): "Set Session Privilege Level",
    (0x06, 0x3D): "Get Session Info",
    (0x06, 0x40): "Set Channel Access",
    (0x06, 0x54): "Get Channel Cipher Suites",
    (0x0C, 0x01): "Set LAN Configuration Parameters",
    (0x0C, 0x02): "Get LAN Configuration Parameters",
    (0x0C, 0x21): "Set SOL Configuration Parameters",
    (0x0C, 0x22): "Get SOL Configuration Parameters",
}


#: Requests of a session itself, which ipmi_sim's log has only where another session is meant.
SESSION: t.Final = frozenset({(0x06, 0x3B), (0x06, 0x3C)})

#: Payload types of RMCP+ (specification, table 13-16): an IPMI message, and the last message of a login.
_IPMI, _RAKP_3 = 0x00, 0x14
#: Where the status of a RAKP message 3 is in its packet.
_STATUS: t.Final = 17
#: A login ends with Set Session Privilege Level, a logout is Close Session; both are sent in the session.
_OF_THE_SESSION: t.Final = 2


@dataclass(frozen=True)
class Count:
    """What one run sent."""

    packets: int = 0  #: UDP packets of the client, login and logout included
    requests: int = 0  #: those without login and logout
    commands: collections.Counter[str] = field(default_factory=collections.Counter)  #: the requests that the BMC itself counts

    def __add__(self, other: Count) -> Count:
        return Count(self.packets + other.packets, self.requests + other.requests, self.commands + other.commands)

    @classmethod
    def of(cls, packets: t.Sequence[bytes], commands: collections.Counter[str]) -> Count:
        """From what the client sent, and what the BMC says that it was asked.

        After the 4 bytes of RMCP: the authentication type (6 is RMCP+), the payload type (bits 5:0), the session's id (4
        bytes; 0 before there is one), its sequence number (4) and the payload's length (2). RAKP message 3 is a tag and a
        status, with which a client that only wants to see whether it would be let in ends a login that it began.
        """
        rmcpplus = [packet for packet in packets if packet[4] == 0x06]
        logins = sum(packet[5] & 0x3F == _RAKP_3 and packet[_STATUS] == 0 for packet in rmcpplus)
        in_session = sum(packet[5] & 0x3F == _IPMI and packet[6:10] != bytes(4) for packet in rmcpplus)
        return cls(len(packets), in_session - logins * _OF_THE_SESSION, commands)


def logged(log: str) -> collections.Counter[str]:
    """The requests of ipmi_sim's log, by name."""
    return collections.Counter(name_of((one.net_fn, one.command)) for one in requests_in(log))


@dataclass
class Bench:
    """One ipmi_sim behind a front that counts."""

    sim: IpmiSim
    front: Front
    folder: pathlib.Path
    user: str
    password: str

    def count(self, run: t.Callable[[], None]) -> Count:
        """What a run sends."""
        packets, log = len(self.front.sent_by_clients), len(self.sim.log())
        run()
        return Count.of(self.front.sent_by_clients[packets:], logged(self.sim.log()[log:]))

    def ours(self, *, changed: bool, enabled: bool) -> None:
        """ipmi_config, by the real program."""
        document = {
            "lan": [
                {
                    "channel": 1,
                    "ip_source": "static",
                    "ip_address": self.sim.host,
                    "netmask": NETMASK,
                    "gateway": GATEWAY,
                    "backup_gateway": BACKUP,
                    "vlan_id": VLAN,
                    "vlan_priority": PRIORITY,
                }
            ],
            "users": [
                {
                    "user_id": slot,
                    "name": name,
                    "password": password,
                    "privilege": privilege,
                    "ipmi_messaging": True,
                    **({"enabled": True} if enabled else {}),
                }
                for slot, name, password, privilege in USERS
            ],
            "users_channel": 1,
            "sol": {"channel": 1, "enabled": True, "bit_rate": RATE},
        }
        converge(self.front, self.user, self.password, document, self.folder, changed=changed)

    def freeipmi(self, action: str, *, enabled: bool) -> None:
        """ipmi-config with a file of the same keys."""
        lines = []
        for slot, name, password, privilege in USERS:
            keys = {"Username": name, "Password": password, "Lan_Enable_IPMI_Msgs": "Yes"}
            if enabled:
                keys["Enable_User"] = "Yes"
            lines += section(f"User{slot}", {**keys, "Lan_Privilege_Limit": privilege.capitalize()})
        lines += section(
            "Lan_Conf",
            {
                "IP_Address_Source": "Static",
                "IP_Address": self.sim.host,
                "Subnet_Mask": NETMASK,
                "Default_Gateway_IP_Address": GATEWAY,
                "Backup_Gateway_IP_Address": BACKUP,
                "Vlan_id": str(VLAN),
                "Vlan_Id_Enable": "Yes",
                "Vlan_Priority": str(PRIORITY),
            },
        )
        lines += section(
            "SOL_Conf", {"Enable_SOL": "Yes", "Non_Volatile_Bit_Rate": RATE, "Volatile_Bit_Rate": RATE}
        )
        ipmi_config(self.front, self.user, self.password, action, lines, self.folder)


def converge(
    front: Front, user: str, password: str, document: t.Mapping[str, t.Any], folder: pathlib.Path, *, changed: bool
) -> None:
    """Our ipmi_config, by the real program. Raises RuntimeError unless it is changed, or ok, as said."""
    connection = {"bmc_host": front.address, "bmc_port": front.port, "bmc_user": user, "bmc_password": password}
    inventory = {"all": {"hosts": {"bmc": {**connection, "document": document}}}}
    arguments = " ".join(f"{part}='{{{{ document.{part} }}}}'" for part in document)
    done = ansible(*("bmc", "-m", "lightsout.bmc.ipmi_config", "-a", arguments), inventory=inventory, tmp_path=folder)
    word = "CHANGED" if changed else "SUCCESS"
    if done.returncode != 0 or f"bmc | {word}" not in done.stdout:
        raise RuntimeError(f"ipmi_config: not {word}:\n{done.stdout}{done.stderr}")


def ipmi_config(
    front: Front, user: str, password: str, action: str, lines: t.Sequence[str], folder: pathlib.Path, categories: str = "core"
) -> str:
    """FreeIPMI's ipmi-config with a file of these lines; what it says. Raises RuntimeError if a key fails."""
    path = folder / "ipmi-config"
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    done = subprocess.run(
        ["ipmi-config", *FREEIPMI, "-h", f"{front.address}:{front.port}", "-u", user, "-p", password]
        + [f"--category={categories}", action, "--filename", str(path)],
        capture_output=True,
        text=True,
        timeout=TOOL_TIMEOUT,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"ipmi-config {action} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def section(name: str, keys: t.Mapping[str, str]) -> list[str]:
    """A section of ipmi-config's file."""
    return [f"Section {name}", *(f"\t{key} {value}" for key, value in keys.items()), "EndSection"]


def name_of(command: tuple[int, int]) -> str:
    """What a network function and command are called."""
    return NAMES.get(command, f"{command[0]:02X}/{command[1]:02X}")


@contextlib.contextmanager
def bench(folder: pathlib.Path, host: str, user: str, password: str) -> t.Iterator[Bench]:
    """A BMC as it comes from the factory."""
    folder.mkdir()
    sim = IpmiSim(folder / "bmc", host, free_port(host), Model(users={2: (user, password, "admin")}))
    try:
        sim.wait_until_ready()
        front = Front((host, free_port(host)), (host, sim.port))
        try:
            yield Bench(sim, front, folder, user, password)
        finally:
            front.stop()
    finally:
        sim.stop()


@dataclass(frozen=True)
class Converge:
    """The first run and the second, of both."""

    ours: tuple[Count, Count]
    freeipmi: tuple[Count, Count]


def measure(folder: pathlib.Path, host: str, user: str, password: str, *, enabled: bool) -> Converge:
    """Both on a BMC of their own, which are alike."""
    with bench(folder / "ours", host, user, password) as one:
        ours = (
            one.count(lambda: one.ours(changed=True, enabled=enabled)),
            one.count(lambda: one.ours(changed=False, enabled=enabled)),
        )
    with bench(folder / "freeipmi", host, user, password) as other:
        freeipmi = (
            other.count(lambda: other.freeipmi("--commit", enabled=enabled)),
            other.count(lambda: other.freeipmi("--diff", enabled=enabled)),
        )
    return Converge(ours, freeipmi)

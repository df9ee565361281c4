# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins, power, SOL and pings with ipmitool and FreeIPMI; a fleet of 250 BMCs."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.simulator import personalities
from tests.unit.simulator.clients import free_port, program
from tests.unit.simulator.process import Running, converse, running

KG = "6b65792d666f722d746869732d746573742d3031"
USERS = {
    2: {"name": "admin", "password": "secret"},
    3: {"name": "oper", "password": "operpass", "privilege": "operator"},
    4: {"name": "long", "password": "twenty-byte-password"},
}
ALL_SUITES = {"cipher_suites": [0, 1, 2, 3, 6, 7, 8, 15, 16, 17], "cipher_privileges": [4] * 10}
MAKERS = personalities.names()
FILE: dict[str, Any] = {
    "bmcs": [
        {"name": "plain", "address": "127.9.1.1", "users": USERS, "personality": {"lan": ALL_SUITES}, "power": "on",
         "satellites": [{"address": 0x72, "power": "on"}, {"address": 0x74, "power": "off"}]},
        {"name": "kg", "address": "127.9.1.2", "users": USERS, "kg": KG},
        {"name": "one", "address": "127.9.1.3", "users": USERS, "personality": {"protocol": {"session_slots": 1}}},
        {"name": "six", "address": "::1", "users": USERS},
        *(
            {"name": maker, "maker": maker, "address": f"127.23.2.{n}", "users": {3: {**USERS[2], "name": "tester"}}}
            for n, maker in enumerate(MAKERS, 1)
        ),
    ]
}
PLAIN, WITH_KG, ONE_SLOT = "127.9.1.1", "127.9.1.2", "127.9.1.3"


def low_port() -> int:
    """A free port that ipmiconsole takes: it calls a host with a port above 32767 invalid."""
    while True:
        port = random.randrange(20000, 32768)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            probe.bind((PLAIN, port))
            return port


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("rack"), FILE, low_port()) as made:
        yield made


@pytest.fixture(autouse=True)
def clean(rack: Running) -> Iterator[None]:
    """No test leaves a session or has broken a handler."""
    yield
    status = rack.do("status")["bmcs"]
    assert {name: row["internal_errors"] for name, row in status.items() if row["internal_errors"]} == {}
    assert {name: row["sessions"] for name, row in status.items() if row["sessions"]} == {}


def run(*words: str, home: str = "/nonexistent") -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HOME": home, "LC_ALL": "C"}
    command = [program(words[0]), *words[1:]]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def ipmitool(rack: Running, *words: str, host: str = PLAIN, user: str = "admin", password: str = "secret") -> str:
    done = run("ipmitool", "-H", host, "-p", str(rack.port), "-U", user, "-P", password, *words)
    return done.stdout + done.stderr


def ipmipower(rack: Running, *words: str, host: str = PLAIN, user: str = "admin", password: str = "secret") -> str:
    options = ["-D", "LAN_2_0", "-h", f"{host}:{rack.port}", "-u", user, "-p", password]
    done = run("ipmipower", *options, *words)
    return (done.stdout + done.stderr).partition(": ")[2].strip()


@pytest.mark.parametrize("suite", [0, 1, 2, 3, 6, 7, 8, 15, 16, 17])
def test_ipmitool_over_rmcpplus(rack: Running, suite: int) -> None:
    assert "Chassis Power is" in ipmitool(rack, "-I", "lanplus", "-C", str(suite), "power", "status")


def test_ipmitool_chooses_its_suite_itself(rack: Running) -> None:
    assert "Chassis Power is" in ipmitool(rack, "-I", "lanplus", "power", "status")


@pytest.mark.parametrize("auth", ["MD5", "PASSWORD"])
def test_ipmitool_over_ipmi_15(rack: Running, auth: str) -> None:
    assert "Manufacturer ID" in ipmitool(rack, "-I", "lan", "-A", auth, "mc", "info")


@pytest.mark.parametrize("suite", [0, 1, 2, 3, 6, 7, 8, 15, 16, 17])
def test_freeipmi_without_workarounds(rack: Running, suite: int) -> None:
    assert ipmipower(rack, "--stat", "-I", str(suite)) in ("on", "off")


@pytest.mark.parametrize(("name", "auth"), [("ipmipower", "MD5"), ("bmc-info", "MD5"), ("bmc-info", "STRAIGHT_PASSWORD_KEY")])
def test_freeipmi_over_ipmi_15(rack: Running, name: str, auth: str) -> None:
    options = ["-D", "LAN", "-a", auth, "-h", f"{PLAIN}:{rack.port}", "-u", "admin", "-p", "secret"]
    words, said = {"ipmipower": (["--stat"], ": on"), "bmc-info": (["--get-device-id"], "Device ID ")}[name]
    done = run(name, *options, *words)
    assert said in done.stdout, done.stderr


@pytest.mark.parametrize("maker", MAKERS)
def test_every_maker_answers_both(rack: Running, maker: str) -> None:
    host = f"127.23.2.{MAKERS.index(maker) + 1}"
    suites = personalities.load(maker).traits.lan.cipher_suites
    suite = "17" if 17 in suites else "3"
    options = ("-I", "lanplus", "-C", suite)
    name = f"{personalities.load(maker).traits.device.manufacturer_id}"
    shown = ipmitool(rack, *options, "mc", "info", host=host, user="tester")
    assert f"Manufacturer ID           : {name}" in shown
    assert ipmipower(rack, "--stat", "-I", suite, host=host, user="tester") == "off"


def test_what_each_client_says_of_a_bad_login(rack: Running) -> None:
    assert ipmipower(rack, "--stat", password="wrong") == "password invalid"
    assert ipmipower(rack, "--stat", user="nobody") == "username invalid"
    assert ipmipower(rack, "--stat", user="oper", password="operpass", host=WITH_KG) == "k_g invalid"
    assert ipmipower(rack, "--stat", "-l", "ADMIN", user="oper", password="operpass") == "privilege level cannot be obtained for this user"
    assert ipmipower(rack, "--stat", "-I", "8", "-k", f"0x{KG}", host=WITH_KG) == "cipher suite id unavailable"
    wrong = ipmitool(rack, "-v", "-I", "lanplus", "-C", "3", "power", "status", password="wrong")
    assert "RAKP 2 HMAC is invalid" in wrong
    assert "unauthorized name" in ipmitool(rack, "-v", "-I", "lanplus", "-C", "3", "power", "status", user="nobody")


def test_kg_and_long_passwords(rack: Running) -> None:
    user = {"user": "long", "password": "twenty-byte-password"}
    assert ipmipower(rack, "--stat", "-k", f"0x{KG}", host=WITH_KG, **user) == "off"
    options = ("-I", "lanplus", "-C", "17", "-y", KG)
    assert "is off" in ipmitool(rack, *options, "power", "status", host=WITH_KG, **user)


def test_no_free_slot(rack: Running) -> None:
    rack.do("faults", bmc="one", faults={"slots_taken": 1})
    said = ipmitool(rack, "-I", "lanplus", "-C", "3", "power", "status", host=ONE_SLOT)
    assert "insufficient resources for session" in said
    rack.do("heal", bmc="one")
    assert "is off" in ipmitool(rack, "-I", "lanplus", "-C", "3", "power", "status", host=ONE_SLOT)


def test_over_ipv6(rack: Running) -> None:
    assert "is off" in ipmitool(rack, "-I", "lanplus", "-C", "17", "power", "status", host="::1")
    assert "console ip" in ipmitool(rack, "-I", "lanplus", "session", "info", "active", host="::1")


@pytest.mark.parametrize("interface", ["lanplus", "lan"])
def test_bridged_requests(rack: Running, interface: str) -> None:
    for address, said in (("0x72", "is on"), ("0x74", "is off")):
        words = ("-I", interface, "-t", address, "-b", "0", "power", "status")
        assert said in ipmitool(rack, *words)
    words = ("-I", interface, "-t", "0x74", "-b", "0", "power", "on")
    assert "Up/On" in ipmitool(rack, *words)


def test_clients_over_a_network_that_loses_packets(rack: Running) -> None:
    rack.do("faults", bmc="plain", faults={"loss": 15, "seed": 7})
    said = [ipmipower(rack, "--stat", "--session-timeout", "20000", "--retransmission-timeout", "100") for _unused in range(5)]
    assert said == ["on"] * 5
    rack.do("heal", bmc="plain")
    rack.do("close_sessions", bmc="plain")


def test_power_by_freeipmi(rack: Running) -> None:
    rack.do("power", bmc="one", set="off")
    assert ipmipower(rack, "--on", "--wait-until-on", host=ONE_SLOT) == "ok"
    assert ipmipower(rack, "--stat", host=ONE_SLOT) == "on"
    assert ipmipower(rack, "--off", "--wait-until-off", host=ONE_SLOT) == "ok"
    assert ipmipower(rack, "--stat", host=ONE_SLOT) == "off"


def test_pings(rack: Running) -> None:
    # rmcpping and ipmiping have no option for the port: they are asked where port 623 may be bound.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.23.3.1", 623))
        except PermissionError:
            pytest.skip("this user may not bind port 623")
    file = {"bmcs": [{"name": "p", "address": "127.23.3.1"}]}
    folder = rack.control.parent / "ping"
    folder.mkdir()
    with running(folder, file, 623):
        assert "1 pongs received" in run("rmcpping", "-c", "1", "127.23.3.1").stdout
        assert "1 responses received" in run("ipmiping", "-c", "1", "127.23.3.1").stdout


LOGIN = [("login: ", "root\r"), ("Password: ", "simulator\r"), (":~# ", "seq 300\r"), ("\n300\r\n", "exit\r")]


def test_ipmitool_sol(rack: Running) -> None:
    command = [program("ipmitool"), "-I", "lanplus", "-C", "3", "-H", PLAIN, "-p", str(rack.port)]
    command += ["-U", "admin", "-P", "secret", "sol", "activate"]
    printed = converse(command, [("operational", "\r"), *LOGIN, ("login: ", "\r~.")])
    assert printed.replace("\r", "").count("\n150\n") == 1
    assert rack.do("status", bmc="plain")["bmcs"]["plain"]["sol"] == []


@pytest.mark.parametrize("suite", [3, 17, 2])
def test_ipmiconsole(rack: Running, suite: int) -> None:
    command = [program("ipmiconsole"), "-h", f"{PLAIN}:{rack.port}", "-u", "admin", "-p", "secret", "-I", str(suite)]
    printed = converse(command, [("SOL established", "\r"), *LOGIN, ("login: ", "&.")])
    assert printed.replace("\r", "").count("\n150\n") == 1


def test_the_loser_of_a_console_is_told(rack: Running) -> None:
    command = [program("ipmiconsole"), "-h", f"{PLAIN}:{rack.port}", "-u", "admin", "-p", "secret"]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(converse, command, [("SOL established", "\r"), ("login: ", "")])
        while not rack.do("status", bmc="plain")["bmcs"]["plain"]["sol"]:
            assert not first.done(), first.result()
            time.sleep(0.05)
        second = converse(command, [("SOL established", "\r"), ("login: ", "&.")])
        assert "SOL established" in second
        assert "SOL session stolen" in first.result(30)


def test_a_fleet_of_250_loses_no_request(tmp_path: Path) -> None:
    """ipmipower at its own fan-out: as many requests as BMCs, none of them sent twice."""
    row = {"name": "f[001-250]", "address": "127.24.1.[1-250]", "users": USERS}
    cpu = str(min(os.sched_getaffinity(0)))
    with running(tmp_path, {"bmcs": [row]}, free_port()) as fleet:
        os.sched_setaffinity(fleet.process.pid, {int(cpu)})
        done = run(
            "ipmipower", "-D", "LAN_2_0", "-u", "admin", "-p", "secret", "--stat",
            "-h", ",".join(f"127.24.1.{n}:{fleet.port}" for n in range(1, 251)),
        )  # fmt: skip
        answers = Counter(line.rpartition(": ")[2] for line in done.stdout.splitlines())
        assert answers == {"off": 250}
        rows = fleet.do("status")["bmcs"].values()
        # Capabilities, open, RAKP 1 and 3, privilege, status, close.
        assert {row["datagrams"] for row in rows} == {7}
        assert {row["requests"] for row in rows} == {3}
        assert {len(row["sessions"]) for row in rows} == {0}

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmitool and FreeIPMI as clients of one simulated BMC on the loopback network."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.bmc import Bmc
from tests.simulator.clock import Clock
from tests.simulator.rack import Rack, parse

ADDRESS = "127.0.0.1"
USER, PASSWORD = "admin", "top-secret"
SECONDS = 60  # for one run of a client
OPT_OUT = "LIGHTSOUT_WITHOUT_WITNESSES"


def program(name: str) -> str:
    """Where a client is. A test without its client fails, unless the environment excuses it."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get(OPT_OUT) == "1":
            pytest.skip(f"{name} is not installed, and {OPT_OUT} is 1")
        pytest.fail(f"{name} is not installed")
    return path


def free_port() -> int:
    """A UDP port that nobody has at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Witness:
    """A running BMC and the means to ask it from outside."""

    bmc: Bmc
    port: int
    folder: Path

    async def ipmitool(self, *words: str, suite: int = 3, status: int = 0) -> str:
        """Run ipmitool; its output. `status` is the exit code that has to be."""
        options = ["-I", "lanplus", "-C", str(suite), "-H", ADDRESS, "-p", str(self.port)]
        account = ["-U", USER, "-P", PASSWORD]
        return await self._run("ipmitool", [*options, *account, *words], status)

    async def freeipmi(self, name: str, *words: str, status: int = 0) -> str:
        """Run one of FreeIPMI's programs; its output."""
        options = ["-D", "LAN_2_0", "-h", f"{ADDRESS}:{self.port}", "-l", "ADMIN"]
        account = ["-u", USER, "-p", PASSWORD]
        return await self._run(name, [*options, *account, *words], status)

    async def checkout(self, category: str, status: int = 0) -> dict[str, str]:
        """ipmi-config's keys as `Section:Key`, in one category."""
        what = ("--checkout", f"--category={category}")
        text = await self.freeipmi("ipmi-config", *what, status=status)
        found, section = {}, ""
        for line in text.splitlines():
            # A key that cannot be written back is commented out, with its value.
            words = line.removeprefix("\t## ").split(None, 1)
            if not words or words[0].startswith("#") or words[0] == "EndSection":
                continue
            if words[0] == "Section":
                section = words[1]
            else:
                found[f"{section}:{words[0]}"] = words[1].strip() if len(words) > 1 else ""
        return found

    async def commit(self, category: str, **pairs: str) -> None:
        """ipmi-config --commit of `Section__Key=value` pairs."""
        words = [f"--key-pair={key.replace('__', ':')}={value}" for key, value in pairs.items()]
        await self.freeipmi("ipmi-config", "--commit", f"--category={category}", *words)

    async def _run(self, name: str, words: list[str], status: int) -> str:
        process = await asyncio.create_subprocess_exec(
            program(name),
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "HOME": str(self.folder), "LC_ALL": "C", "TZ": "UTC"},
        )
        try:
            output, _unused = await asyncio.wait_for(process.communicate(), SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        text = output.decode("utf-8", "replace")
        assert process.returncode == status, f"{name} {words[-3:]}: {process.returncode}\n{text}"
        assert self.bmc.counters.internal_errors == 0
        return text


@asynccontextmanager
async def witness(folder: Path, **entry: Any) -> AsyncIterator[Witness]:
    """Serve one BMC while the block runs. `entry` goes into its entry of the rack file."""
    port, clock = free_port(), Clock()
    row = {
        "name": "bmc7",
        "address": ADDRESS,
        "users": {2: {"name": USER, "password": PASSWORD}},
        "identity": {"serial": "SN0007", "model": "Server 1", "maker": "Acme", "asset_tag": "A7"},
        **entry,
    }
    rack = Rack.build(parse({"bmcs": [row]}), clock, port=port)
    clock.run(asyncio.get_running_loop())
    rack.network.start()
    try:
        yield Witness(rack.bmcs["bmc7"], port, folder)
    finally:
        rack.close()


def fields(text: str, separator: str = ":") -> dict[str, str]:
    """`Name : value` lines; the first of each name counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, mark, value = line.partition(separator)
        if mark:
            found.setdefault(name.strip(), value.strip())
    return found

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An ipmi_sim, new from the factory, for each test that asks for one."""

from __future__ import annotations

import itertools
import os
import typing as t

import pytest

from tests.integration.ipmi_sim.front import Front
from tests.integration.ipmi_sim.rig import Bmc, IpmiSim, Model, free_port, ipmi_port

_numbers = itertools.count(1)

Starter = t.Callable[..., Bmc]


def next_address() -> str:
    """An address of the loopback network that no other test has, nor one of another worker or run.

    The BMCs' port is 623, so two of them cannot share an address. Each process has two /24.
    """
    number = next(_numbers)
    return f"127.41.{2 * (os.getpid() % 120) + number // 250}.{number % 250 + 1}"


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Starter]:
    """Starts an ipmi_sim of a model; stopped at the end of the test."""
    running: list[tuple[IpmiSim, Front]] = []

    def build(model: Model | None = None, **kwargs: t.Any) -> Bmc:
        host = next_address()
        folder = tmp_path_factory.mktemp("ipmi_sim")
        sim = IpmiSim(folder / "bmc", host, free_port(host), model or Model(**kwargs), guid=len(running) + 1)
        front = Front((host, ipmi_port(host)), (host, sim.port), moved=folder / "bmc/hardware/moved")
        running.append((sim, front))
        sim.wait_until_ready()
        return Bmc(sim, front)

    yield build
    for sim, front in running:
        front.stop()
        sim.stop()


@pytest.fixture
def bmc(start: Starter) -> Bmc:
    """One BMC, as it comes from the factory."""
    return start()


@pytest.fixture
def address() -> str:
    """An address for a BMC to move to."""
    return next_address()

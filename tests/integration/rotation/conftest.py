# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rack for rotating passwords, and the stores of its site."""

from __future__ import annotations

import itertools
import os
import pathlib
import typing as t

import pytest

from tests.integration.rotation.site import Site
from tests.integration.rotation.stores import file_store, kv2, other_collections, own_store, password_store, secrets
from tests.integration.simulator.conftest import PASSWORD, Starter, start_rack, users

__all__ = ["file_store", "kv2", "other_collections", "own_store", "password_store", "secrets", "start_rack"]

_numbers = itertools.count(1)
Maker = t.Callable[..., Site]


@pytest.fixture(scope="module")
def network() -> t.Callable[[], str]:
    """A /24 of the loopback network for each rack, so that they do not meet, nor those of another run."""
    return lambda: f"127.42.{1 + (os.getpid() + 7 * next(_numbers)) % 250}"


@pytest.fixture(scope="module")
def make(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Starts a rack of its own; each row is a BMC's entry in the rack file."""

    def build(*rows: dict[str, t.Any]) -> Site:
        prefix = network()
        bmcs = [
            {"name": f"n{number}", "maker": "generic", "address": f"{prefix}.{number}", "netmask": "255.255.255.0",
             "gateway": f"{prefix}.254", "source": "static", "users": users(), **row}
            for number, row in enumerate(rows, 1)
        ]  # fmt: skip
        rack = start_rack({"bmcs": bmcs})
        addresses = {row["name"]: row["address"] for row in bmcs}
        variables = {"bmc_port": rack.port, "bmc_user": "admin", "bmc_password": PASSWORD, "bmc_timeout": 10}
        return Site(rack, tmp_path_factory.mktemp("site"), addresses, variables)

    return build


@pytest.fixture
def site(_site: Site, tmp_path: pathlib.Path) -> Site:
    """Four BMCs as they come from the factory, and no store yet."""
    for request in ("heal", "factory", "close_sessions", "clear_counters"):
        _site.rack.ask(request)
    return Site(_site.rack, tmp_path, dict(_site.addresses), dict(_site.variables))


@pytest.fixture(scope="module")
def _site(make: Maker) -> Site:
    return make({}, {}, {}, {})

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ipmi_info returns, fed back into ipmi_config, is in order: on every maker, part by part and as a whole."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _document, _facts
from tests.integration.harness import act
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target

MAKERS: t.Final = [
    "generic",
    "idrac9",
    "idrac10",
    "ilo5",
    "inventec_5441",
    "lenovo_xcc",
    "megarac_hpe",
    "nvidia_openbmc",
    "openbmc",
    "supermicro_x14",
]
#: Every part that ipmi_info reads and ipmi_config takes.
PARTS: t.Final = [part for part in _facts.PARTS if part in {one.name for one in _document.PARTS}]
#: Something of each part that makers have, so that not only the factory's state is fed back. What one lacks is left out.
SITE: t.Final[dict[str, t.Any]] = {
    "users": [
        {"name": "watch", "password": "Wa-tch-47111213", "privilege": "user", "sol_payload": False},
        {"name": "console", "password": "Con-sole-471112", "privilege": "operator", "sol_payload": True},
    ],
    "sol": {"enabled": True, "force_encryption": True, "bit_rate": "57600"},
    "boot": {"bootdev": "network", "persistent": True},
    "lan": [{"vlan_id": 120, "ipv6": {"addresses": ["2001:db8::10/64"], "gateway": "fe80::1"}}],
}


@pytest.fixture(scope="module")
def makers(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each maker, with an account of ours in slot 4."""
    prefix = network()
    bmcs = [
        {
            "name": maker,
            "maker": maker,
            "address": f"{prefix}.{number}",
            "gateway": f"{prefix}.254",
            "source": "static",
            "users": {4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"}},
        }
        for number, maker in enumerate(MAKERS, 1)
    ]
    return start_rack({"bmcs": bmcs})


def target(makers: Rack, maker: str) -> Target:
    """One of them."""
    return Target(makers, maker, makers.status(maker)["address"], user="auditor")


def read(bmc: Target) -> dict[str, t.Any]:
    """All of it."""
    result = act("ipmi_info", bmc.options)
    assert result.get("failed") is None, result
    return t.cast("dict[str, t.Any]", result["bmc"])


def feed_back(bmc: Target, document: dict[str, t.Any]) -> None:
    """It is in order, and nothing is written."""
    bmc.rack.ask("clear_counters", bmc.name)
    result = act("ipmi_config", {**bmc.options, **document})
    assert (result.get("msg"), result.get("changed"), result.get("written")) == (None, False, []), result
    assert result["unsupported"] == []
    assert result["diff"]["before"] == result["diff"]["after"]
    assert bmc.writes() == 0
    assert bmc.sessions() == 0


@pytest.fixture(scope="module")
def documents(makers: Rack) -> t.Callable[[str], dict[str, t.Any]]:
    """What ipmi_info says of a maker's BMC from the factory, read once."""
    found: dict[str, dict[str, t.Any]] = {}

    def of(maker: str) -> dict[str, t.Any]:
        if maker not in found:
            makers.ask("factory", maker)
            found[maker] = read(target(makers, maker))
        return found[maker]

    return of


def test_every_part_that_both_have_is_fed_back() -> None:
    assert {"lan", "users", "sol", "boot", "chassis", "controller", "channels"} <= set(PARTS)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("maker", MAKERS)
def test_each_part_alone(makers: Rack, documents: t.Callable[[str], dict[str, t.Any]], maker: str, part: str) -> None:
    document = documents(maker)
    assert part in document, f"{maker} has no {part}"
    feed_back(target(makers, maker), {part: document[part]})


@pytest.mark.parametrize("maker", MAKERS)
def test_the_whole_document_from_the_factory(
    makers: Rack, documents: t.Callable[[str], dict[str, t.Any]], maker: str
) -> None:
    feed_back(target(makers, maker), documents(maker))


@pytest.mark.parametrize("maker", MAKERS)
def test_the_whole_document_once_the_site_has_configured_it(makers: Rack, maker: str) -> None:
    bmc = target(makers, maker)
    makers.ask("factory", maker)
    made = act("ipmi_config", {**bmc.options, **SITE, "on_unsupported": "report"})
    assert (made.get("msg"), made["changed"]) == (None, True), made
    document = read(bmc)
    assert {"watch", "console"} <= {user["name"] for user in document["users"]}
    assert document["lan"][0]["ipv6"]["gateway"] == "fe80::1"
    feed_back(bmc, document)
    # Purging what the document does not name removes nobody: it names all.
    feed_back(bmc, {**document, "purge_users": True})
    makers.ask("factory", maker)

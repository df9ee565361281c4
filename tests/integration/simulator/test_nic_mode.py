# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_lan's nic_mode against the simulated makers, with ipmitool as the witness."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _nic_mode
from tests.integration.harness import act, ipmitool
from tests.integration.simulator.conftest import PASSWORD, SHORT, Rack, Starter, Target


@dataclass(frozen=True)
class Maker:
    """What ipmitool asks a maker's BMC, and what it is told for each mode."""

    ask: str
    told: dict[str, str]
    refused: str  #: the set request, as the faults of the simulator have it
    channel: int = 1


RAW_DELL = {"dedicated": "01 00", "shared": "02 00", "failover": "02 06"}
MAKERS: t.Final = {
    "idrac9": Maker("raw 0x30 0x29", RAW_DELL, "30/28"),
    "idrac10": Maker("raw 0x30 0x29", RAW_DELL, "30/28"),
    "supermicro_x14": Maker(
        "raw 0x30 0x70 0x0c 0x00", {"dedicated": "00", "shared": "01", "failover": "02"}, "30/70:0C01"
    ),
    "lenovo_xcc": Maker("raw 0x0c 0x02 1 0xc0 0 0", {"dedicated": "11 01", "shared": "11 00"}, "0C/01:01C0"),
}
OTHERS = ["generic", "inventec_5441", "megarac_hpe", "nvidia_openbmc", "openbmc"]
HPE: t.Final = "ilo5"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated BMCs are where they say at once, unless they have a delay."""
    monkeypatch.setattr(_nic_mode, "LINGERS", 0.1)


@pytest.fixture(scope="module")
def makers(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each maker, with an account of ours in slot 4."""
    prefix = network()
    bmcs = [
        {
            "name": maker,
            "maker": maker,
            "address": f"{prefix}.{number}",
            "source": "static",
            "users": {4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"}},
        }
        for number, maker in enumerate([*MAKERS, *OTHERS, HPE], 1)
    ]
    return start_rack({"bmcs": bmcs})


@pytest.fixture
def target(makers: Rack) -> t.Callable[[str], Target]:
    """One of them, from the factory."""

    def choose(maker: str) -> Target:
        for action in ("heal", "factory", "close_sessions", "clear_counters"):
            makers.ask(action, maker)
        return Target(makers, maker, makers.status(maker)["address"], user="auditor")

    return choose


def run(bmc: Target, mode: str, *, check_mode: bool = False, **args: t.Any) -> dict[str, t.Any]:
    return act("ipmi_lan", {**bmc.options, "nic_mode": mode, **args}, check_mode=check_mode)


def seen(bmc: Target, ask: str) -> str:
    """What ipmitool is told."""
    suite = 3 if bmc.name == HPE else 17
    return ipmitool(bmc.host, bmc.user, bmc.password, *ask.split(), port=bmc.rack.port, suite=suite).strip()


@pytest.mark.parametrize("maker", MAKERS)
def test_every_mode_that_the_maker_has(target: t.Callable[[str], Target], maker: str) -> None:
    bmc = target(maker)
    # The factory's mode comes last, so that each is a change.
    factory = act("ipmi_info", {**bmc.options, "gather": ["lan"]})["bmc"]["lan"][0]["nic_mode"]
    for mode in sorted(MAKERS[maker].told, key=lambda one: one == factory):
        foreseen = run(bmc, mode, check_mode=True)
        result = run(bmc, mode)
        assert (result.get("msg"), result["changed"], result["verified"]) == (None, True, True), result
        assert result["diff"] == foreseen["diff"] and result["after"] == {"nic_mode": mode}
        assert seen(bmc, MAKERS[maker].ask).startswith(MAKERS[maker].told[mode])
        writes = bmc.writes()
        again = run(bmc, mode)
        assert (again["changed"], again["written"], bmc.writes()) == (False, [], writes)
        [lan] = act("ipmi_info", {**bmc.options, "gather": ["lan"]})["bmc"]["lan"]
        assert lan["nic_mode"] == mode
    assert bmc.sessions() == 0


@pytest.mark.parametrize("maker", MAKERS)
def test_check_mode_writes_nothing(target: t.Callable[[str], Target], maker: str) -> None:
    bmc = target(maker)
    before = seen(bmc, MAKERS[maker].ask)
    assert run(bmc, "shared", check_mode=True)["changed"] is True
    assert bmc.writes() == 0 and seen(bmc, MAKERS[maker].ask) == before


@pytest.mark.parametrize("maker", MAKERS)
def test_a_refusal_is_one_clear_failure(target: t.Callable[[str], Target], maker: str) -> None:
    bmc = target(maker)
    bmc.faults(refuse={MAKERS[maker].refused: 0xD4})
    result = run(bmc, "shared")
    assert result["failed"] and result["completion_code"] == "0xD4" and "nic_mode" in result["msg"]


def test_a_write_that_the_bmc_ignores_is_noticed(target: t.Callable[[str], Target]) -> None:
    bmc = target("supermicro_x14")
    bmc.faults(ignore=[MAKERS["supermicro_x14"].refused])
    result = run(bmc, "shared")
    assert result["failed"] and result["reason"] == "not_verified", result


def test_a_licence_that_is_missing_is_named(target: t.Callable[[str], Target]) -> None:
    bmc = target("idrac9")
    run(bmc, "shared")
    bmc.faults(refuse={"30/28": 0x6F})
    result = run(bmc, "dedicated")
    assert result["failed"] and "the dedicated port needs a licence that is missing" in result["msg"]


def test_the_shared_port_stays_the_one_that_it_is(target: t.Callable[[str], Target]) -> None:
    bmc = target("idrac9")
    seen(bmc, "raw 0x30 0x28 0x04 0x00")
    assert run(bmc, "shared")["changed"] is False
    assert run(bmc, "failover")["changed"] is True
    assert seen(bmc, "raw 0x30 0x29") == "04 06"


@pytest.mark.parametrize("maker", OTHERS)
def test_of_other_makers_no_command_is_known(target: t.Callable[[str], Target], maker: str) -> None:
    bmc = target(maker)
    result = run(bmc, "dedicated")
    assert result["failed"] and result["reason"] == "unsupported"
    assert "no command of this maker's is known" in result["msg"] and bmc.writes() == 0
    reported = run(bmc, "dedicated", on_unsupported="report")
    assert (reported["changed"], [one["setting"] for one in reported["unsupported"]]) == (False, ["nic_mode"])
    assert all("nic_mode" not in lan for lan in act("ipmi_info", {**bmc.options, "gather": ["lan"]})["bmc"]["lan"])


@pytest.mark.parametrize("maker", ["lenovo_xcc", HPE])
def test_a_mode_that_the_maker_lacks_is_unsupported(target: t.Callable[[str], Target], maker: str) -> None:
    bmc = target(maker)
    result = run(bmc, "failover")
    assert result["failed"] and result["reason"] == "unsupported" and "only" in result["msg"]
    assert bmc.writes() == 0


def test_what_is_in_force_after_a_restart_only_says_so(target: t.Callable[[str], Target]) -> None:
    bmc = target(HPE)
    result = run(bmc, "shared")
    assert (result.get("msg"), result["changed"], result["verified"]) == (None, True, True), result
    assert "in force after a restart of the BMC" in result["warnings"][0]
    # The fourth byte: still dedicated; the fifth: restart needed.
    assert seen(bmc, "raw 0x0c 0x02 2 0xe0 0 0") == "11 00 00 00 01"
    writes = bmc.writes()
    again = run(bmc, "shared")
    assert (again["changed"], bmc.writes()) == (False, writes) and again["warnings"]
    bmc.rack.ask("reset", HPE, kind="cold")
    bmc.rack.ask("clock", HPE, advance=120)
    assert seen(bmc, "raw 0x0c 0x02 2 0xe0 0 0") == "11 00 00 01 00"
    done = run(bmc, "shared")
    assert (done["changed"], done.get("warnings")) == (False, None)


@pytest.fixture
def make(start_rack: Starter, network: t.Callable[[], str]) -> t.Callable[..., Target]:
    """Makes a BMC of a maker whose dedicated port may have no cable, or which is slow."""

    def build(maker: str, value: str, **entry: t.Any) -> Target:
        prefix = network()
        style = {"lenovo_xcc": "lenovo", "supermicro_x14": "supermicro"}[maker]
        row = {
            "name": "one",
            "maker": maker,
            "address": f"{prefix}.1",
            "source": "static",
            "users": {4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"}},
            "personality": {"nic_mode": {"style": style, "value": value, "delay": entry.pop("delay", 0)}},
            **entry,
        }
        return Target(start_rack({"bmcs": [row]}), "one", f"{prefix}.1", user="auditor", timeout=SHORT)

    return build


def test_a_port_that_shows_late_is_waited_for(make: t.Callable[..., Target]) -> None:
    bmc = make("lenovo_xcc", "01", delay=1.5)
    result = run(bmc, "shared")
    assert (result.get("msg"), result["changed"], result["verified"]) == (None, True, True)
    assert seen(bmc, "raw 0x0c 0x02 1 0xc0 0 0") == "11 00"
    assert bmc.writes() == 1


@pytest.mark.parametrize("delay", [0, 1.5])
def test_a_port_without_a_cable_is_no_success(make: t.Callable[..., Target], delay: float) -> None:
    # At first the BMC still answers where it was; that proves nothing.
    bmc = make("supermicro_x14", "01", delay=delay, unreachable_nics=[0])
    result = run(bmc, "dedicated", verify_timeout=2, bmc_timeout=1)
    assert result["failed"] and result["reason"] == "unreachable", result
    assert result["written"] == ["lan channel 1: nic_mode"] and "bmc_interface=open" in result["msg"]


def test_a_port_without_a_cable_may_be_meant(make: t.Callable[..., Target]) -> None:
    bmc = make("supermicro_x14", "01", unreachable_nics=[0])
    result = run(bmc, "dedicated", verify_login=False)
    assert (result.get("msg"), result["changed"], result["verified"]) == (None, True, False)
    assert bmc.state()["nic"]["value"] == "00"

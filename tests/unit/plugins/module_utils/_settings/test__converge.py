# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a converged BMC: everything is planned before anything is written."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, BmcError, Unsupported, WouldLockOut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import (
    Converged,
    converge,
    proof_from,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut, Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN, check_lan, plan_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import plan_sol
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import CONNECTION, Scripted, identified, lan, sol


def lan_options(**options: t.Any) -> dict[str, t.Any]:
    return dict.fromkeys(LAN.argument_spec()) | {"channel": None} | options


def never(connection: Connection, deadline: float) -> Bmc:
    raise AssertionError("no further login is needed")


def run(bmc: Scripted, *cuts: Cut, strict: bool = True, check_mode: bool = False) -> Converged:
    bmc.forget()
    return converge(Line(bmc.bmc(), never), cuts, check_mode=check_mode, proof=Proof(), strict=strict)


@pytest.fixture
def bmc() -> Scripted:
    made = identified(Scripted())
    lan(made, p21="")
    sol(made)
    return made


def plan_of(bmc: Scripted, **options: t.Any) -> Cut:
    return plan_lan(Reader(bmc.bmc()), lan_options(**options), CONNECTION).cuts[0]


class TestMissing:
    """Settings that a BMC lacks."""

    def test_strict_refuses_before_the_first_write_of_any_plan(self, bmc: Scripted) -> None:
        first = plan_sol(Reader(bmc.bmc()), {"enabled": True, "channel": None}).cuts[0]
        with pytest.raises(Unsupported, match=r"lan channel 1: vlan_priority \(completion code 0x80\). Nothing was written"):
            run(bmc, first, plan_of(bmc, vlan_priority=3))
        assert bmc.asked == []

    def test_otherwise_the_rest_is_done(self, bmc: Scripted) -> None:
        result = run(bmc, plan_of(bmc, vlan_priority=3, gratuitous_arp=False), strict=False)
        assert result.changed is True
        assert [missing["setting"] for missing in result.missing] == ["vlan_priority"]

    def test_what_only_writing_shows_is_a_failure_that_says_what_was_written(self, bmc: Scripted) -> None:
        bmc.on("0C/01 01 10", "82")
        with pytest.raises(Unsupported, match="snmp_community.*The rest was written") as caught:
            run(bmc, plan_of(bmc, snmp_community="x", gratuitous_arp=False))
        assert caught.value.progress is not None
        assert caught.value.progress.written == ["lan channel 1: gratuitous_arp"]

    def test_what_was_refused_as_unsupported_is_no_change(self, bmc: Scripted) -> None:
        bmc.on("0C/01 01 10", "82")
        result = run(bmc, plan_of(bmc, snmp_community="x"), strict=False)
        assert result.changed is False


class TestHomeless:
    """A change after which nobody knows where the BMC is."""

    def cut(self, bmc: Scripted) -> Cut:
        return replace(plan_of(bmc, gratuitous_arp=False), homeless="the address goes")

    @pytest.mark.parametrize("check_mode", [False, True])
    def test_it_is_refused_before_the_first_write(self, bmc: Scripted, check_mode: bool) -> None:
        with pytest.raises(WouldLockOut, match="lan channel 1: the address goes. Nothing was written.*verify_host"):
            run(bmc, self.cut(bmc), check_mode=check_mode)
        assert bmc.asked == []

    @pytest.mark.parametrize("proof", [Proof(wanted=False), Proof(host="192.0.2.99")])
    def test_it_is_made_where_the_task_says_how_it_is_meant(self, bmc: Scripted, proof: Proof) -> None:
        cut = self.cut(bmc)
        result = converge(Line(bmc.bmc(), never), [cut], check_mode=False, proof=proof, strict=True)
        assert result.progress.written == ["lan channel 1: gratuitous_arp"]


class TestOccupied:
    """A move to an address where another BMC answers."""

    def line(self, bmc: Scripted, asked: list[str], *, occupied: bool = True) -> Line:
        def answers(place: Connection) -> bool:
            asked.append(place.host)
            return occupied

        return Line(bmc.bmc(), never, answers)

    @pytest.mark.parametrize("check_mode", [False, True])
    def test_it_is_refused_before_the_first_write(self, bmc: Scripted, check_mode: bool) -> None:
        cut, asked = plan_of(bmc, ip_address="192.0.2.77", ip_source="static"), list[str]()
        bmc.forget()
        with pytest.raises(WouldLockOut, match="a BMC answers at 192.0.2.77 already.*Nothing was written"):
            converge(self.line(bmc, asked), [cut], check_mode=check_mode, proof=Proof(), strict=True)
        assert (asked, bmc.asked) == (["192.0.2.77"], [])

    @pytest.mark.parametrize(
        ("options", "proof", "places"),
        [
            ({"vlan_priority": 3}, Proof(), []),
            ({"gateway": "192.0.2.254"}, Proof(host="192.0.2.99"), []),
            ({"ip_address": "192.0.2.77"}, Proof(wanted=False), []),
            ({"ip_address": "192.0.2.77"}, Proof(host="192.0.2.99"), ["192.0.2.99"]),
        ],
    )
    def test_it_is_looked_at_where_the_bmc_will_answer_and_only_if_it_moves(
        self, bmc: Scripted, options: dict[str, t.Any], proof: Proof, places: list[str]
    ) -> None:
        asked = list[str]()
        line = self.line(bmc, asked, occupied=False)
        converge(line, [plan_of(bmc, **options)], check_mode=True, proof=proof, strict=False)
        assert asked == places


class TestFailures:
    """A failure carries what had been written by then."""

    def test_it(self, bmc: Scripted) -> None:
        bmc.on("0C/21 01 01", "D4")
        cuts = [plan_of(bmc, gratuitous_arp=False), plan_sol(Reader(bmc.bmc()), {"enabled": True, "channel": None}).cuts[0]]
        with pytest.raises(Refused) as caught:
            run(bmc, *cuts)
        error: BmcError = caught.value
        assert error.progress is not None
        assert error.progress.written == ["lan channel 1: gratuitous_arp"]

    def test_check_mode_sends_nothing(self, bmc: Scripted) -> None:
        result = run(bmc, plan_of(bmc, gratuitous_arp=False), check_mode=True)
        assert result.changed is True
        assert bmc.asked == []


class TestLan:
    """What LAN options mean together."""

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"ip_address": "192.0.2.0", "netmask": "24"}, "network's own address"),
            ({"ip_address": "192.0.2.255", "netmask": "24"}, "broadcast address of its /24"),
            ({"ip_address": "192.0.2.7", "netmask": "24", "gateway": "192.0.3.1"}, "not in the network of 192.0.2.7/24"),
        ],
    )
    def test_what_cannot_be(self, options: dict[str, str], message: str) -> None:
        with pytest.raises(BadOption, match=message):
            check_lan(lan_options(**options))

    @pytest.mark.parametrize(
        "options",
        [
            {"ip_address": "192.0.2.1", "netmask": "24", "gateway": "192.0.2.254"},
            {"ip_address": "192.0.2.0", "netmask": "31"},
            {"ip_address": "192.0.2.255", "netmask": "32"},
            {"ip_address": "192.0.2.255"},
            {"ip_address": "0.0.0.0", "netmask": "24"},
            {"ip_address": "192.0.2.7", "netmask": "24", "gateway": "0.0.0.0"},
        ],
    )
    def test_what_can(self, options: dict[str, str]) -> None:
        check_lan(lan_options(**options))

    @pytest.mark.parametrize("source", ["02", "03"])
    def test_an_address_of_ones_own_needs_a_static_source(self, bmc: Scripted, source: str) -> None:
        lan(bmc, p4=source)
        with pytest.raises(BadOption, match="Add ip_source: static"):
            plan_of(bmc, ip_address="192.0.2.77")
        plan_of(bmc, ip_address="192.0.2.77", ip_source="static")

    def test_the_address_that_dhcp_gave_may_be_named(self, bmc: Scripted) -> None:
        lan(bmc, p4="02")
        assert plan_of(bmc, ip_address="192.0.2.10").plan.changes == ()

    def test_afterwards_it_is_at_the_new_address_only_if_that_changes(self, bmc: Scripted) -> None:
        assert plan_of(bmc, ip_address="192.0.2.77").after(CONNECTION).host == "192.0.2.77"
        behind = CONNECTION.at("bmc.example")
        assert plan_of(bmc, ip_address="192.0.2.10", vlan_id=7).after(behind).host == "bmc.example"


@pytest.mark.parametrize("timeout", [0, 3601])
def test_a_timeout_of_the_proof_that_cannot_be(timeout: int) -> None:
    with pytest.raises(BadOption, match=f"verify_timeout is {timeout}"):
        proof_from({"verify_timeout": timeout, "verify_login": True, "verify_host": None})


def test_the_proof_options() -> None:
    assert proof_from({"verify_timeout": 5, "verify_login": False, "verify_host": "h"}) == Proof(False, 5.0, "h")

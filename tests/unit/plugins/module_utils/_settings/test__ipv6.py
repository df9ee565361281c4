# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPv6: what each option writes, how addresses find their slots, and where the BMC answers afterwards."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError, NotVerified
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress, write_and_verify
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._ipv6 import IPV6, check_ipv6, plan_ipv6, read_ipv6
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import CONNECTION, DROPPED, LOST, Parameters, Scripted

MAC = "02:00:00:00:00:0a"
OVER_IPV6 = replace(CONNECTION, host="2001:db8::10")
NONE = "00" * 16
ACTIVE, DISABLED, PENDING, FAILED = 0, 1, 2, 3
#: IPv6 and IPv4 are in use, nothing is set.
BOTH: t.Final[dict[int, str]] = {
    0: "00",
    50: "07",
    51: "02",
    55: "03 01 03",
    64: "02",
    **dict.fromkeys((65, 68, 69, 72), NONE),
    **dict.fromkeys((66, 70), "00" * 6),
    **dict.fromkeys((67, 71), "00"),
}


def packed(address: str) -> str:
    """An IPv6 address in hex."""
    return ipaddress.IPv6Address(address).packed.hex(" ").upper()


def slot(number: int, prefixed: str | None = None, state: int = ACTIVE) -> bytes:
    """A static address as parameter 56 tells it."""
    address, _slash, length = (prefixed or "::/0").partition("/")
    head = bytes((number, 0x80 if prefixed else 0))
    return head + ipaddress.IPv6Address(address).packed + bytes((int(length), state if prefixed else 1))


class Ipv6(Parameters):
    """The parameters, with addresses in slots."""

    def __init__(self, bmc: Scripted, *prefixed: str | None, slots: int = 3, **changed: str) -> None:
        values = {**BOTH, 55: f"{slots:02X} 01 03", **{int(name[1:]): value for name, value in changed.items()}}
        super().__init__(bmc, "0C/02", "0C/01", {number: value for number, value in values.items() if value})
        self.slots = [slot(number, prefixed[number] if number < len(prefixed) else None) for number in range(slots)]
        self.dynamic = bytes.fromhex(f"00 02 {packed('2001:db8::d')} 80 00")
        #: The states that a written address goes through, one for each look.
        self.states: list[int] = []

    def set_state(self, number: int, state: int) -> None:
        self.slots[number] = self.slots[number][:-1] + bytes([state])

    def _get(self, data: bytes) -> bytes:
        if data[1] == 56:
            if self.states and self.slots[data[2]][1] & 0x80:
                self.set_state(data[2], self.states.pop(0))
            return b"\x00\x11" + self.slots[data[2]]
        if data[1] == 59:
            return b"\x00\x11" + self.dynamic
        return super()._get(data)

    def _set(self, data: bytes) -> bytes:
        if data[1] == 56:
            self.slots[data[2]] = data[2:]
            return b"\x00"
        return super()._set(data)


def plan(bmc: Scripted, *, connection: t.Any = CONNECTION, own: bool = True, **options: t.Any) -> tuple[Cut, tuple[str, ...]]:
    spec = dict.fromkeys(IPV6.argument_spec())
    about = {key: options.pop(key) for key in ("ip_address",) if key in options}
    return plan_ipv6(Reader(bmc.bmc(connection)), {**about, "ipv6": {**spec, **options}}, 1, connection, own)


def bring_about(bmc: Scripted, **options: t.Any) -> list[str]:
    """Plan and write; the writes without set-in-progress."""
    cut, _notes = plan(bmc, **options)
    write_and_verify(bmc.bmc(), cut.plan, cut.plan.changes, Progress())
    return [one.removeprefix("0C/01 01 ") for one in bmc.written if not one.startswith("0C/01 01 00")]


@pytest.mark.parametrize(
    ("option", "value", "written"),
    [
        ("addressing", "ipv4", "33 00"),
        ("addressing", "ipv6", "33 01"),
        ("addresses", ["2001:db8::10/64"], f"38 00 80 {packed('2001:db8::10')} 40 00"),
        ("gateway_mac", MAC, "42 02 00 00 00 00 0A"),
        ("gateway", "::", None),
        ("backup_gateway_mac", MAC, "46 02 00 00 00 00 0A"),
        ("static_routers", True, "40 03"),
        ("dynamic_routers", False, "40 00"),
    ],
)
def test_what_an_option_writes(option: str, value: t.Any, written: str | None) -> None:
    bmc = Scripted()
    Ipv6(bmc)
    assert bring_about(bmc, **{option: value}) == ([written] if written else [])


@pytest.mark.parametrize(("option", "first"), [("gateway", 0x41), ("backup_gateway", 0x45)])
def test_a_router_and_the_network_behind_it(option: str, first: int) -> None:
    bmc = Scripted()
    Ipv6(bmc)
    written = bring_about(bmc, **{option: "fe80::1", f"{option}_prefix": "2001:db8:1::/48", "static_routers": True})
    assert written == [
        f"{first:02X} {packed('fe80::1')}",
        f"{first + 2:02X} 30",
        f"{first + 3:02X} {packed('2001:db8:1::')}",
        "40 03",
    ]


def test_a_gateway_switches_static_routers_on() -> None:
    bmc = Scripted()
    Ipv6(bmc)
    assert bring_about(bmc, gateway="fe80::1") == [f"41 {packed('fe80::1')}", "40 03"]


def test_a_gateway_leaves_static_routers_off_where_the_task_says_so() -> None:
    bmc = Scripted()
    Ipv6(bmc)
    assert bring_about(bmc, gateway="fe80::1", static_routers=False) == [f"41 {packed('fe80::1')}"]


def test_a_gateway_is_fine_on_a_bmc_without_router_control() -> None:
    bmc = Scripted()
    Ipv6(bmc, p64="")
    cut, _notes = plan(bmc, gateway="fe80::1")
    assert cut.plan.missing == () and len(cut.plan.changes) == 1


class TestAddresses:
    """The list and its slots."""

    def test_the_order_does_not_matter(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", None, "2001:db8::11/64")
        assert bring_about(bmc, addresses=["2001:DB8::11/64", "2001:db8:0::10/64"]) == []

    def test_what_is_there_stays_where_it_is_and_what_is_not_wanted_goes_last(self) -> None:
        bmc = Scripted()
        table = Ipv6(bmc, "2001:db8::99/64", "2001:db8::10/64")
        written = bring_about(bmc, addresses=["2001:db8::10/64", "2001:db8::11/64"])
        assert written == [
            f"38 02 80 {packed('2001:db8::11')} 40 00",
            f"38 00 00 {packed('2001:db8::99')} 40 00",
        ]
        assert table.slots[1] == slot(1, "2001:db8::10/64")

    def test_a_full_table_is_used_again(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::99/64", slots=1)
        assert bring_about(bmc, addresses=["2001:db8::10/64"]) == [f"38 00 80 {packed('2001:db8::10')} 40 00"]

    def test_another_prefix_is_another_address(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", slots=1)
        assert bring_about(bmc, addresses=["2001:db8::10/48"]) == [f"38 00 80 {packed('2001:db8::10')} 30 00"]

    def test_an_empty_list_switches_all_off(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", "2001:db8::11/64")
        assert [one[:8] for one in bring_about(bmc, addresses=[])] == ["38 00 00", "38 01 00"]

    def test_an_address_that_is_there_twice_is_there_once_afterwards(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", "2001:db8::10/64")
        cut, _notes = plan(bmc, addresses=["2001:db8::10/64"])
        # Both slots say the same, so nothing differs.
        assert cut.plan.changes == ()

    def test_too_many_are_refused_with_the_number_of_slots(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, slots=1)
        with pytest.raises(BadOption, match="2 addresses are given; this BMC has slots for 1"):
            plan(bmc, addresses=["2001:db8::10/64", "2001:db8::11/64"])

    def test_no_slot_at_all_is_unsupported(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, slots=0)
        cut, _notes = plan(bmc, addresses=["2001:db8::10/64"])
        assert [str(one) for one in cut.plan.missing] == [
            "lan channel 1 ipv6: addresses (the BMC has no slot for a static IPv6 address (LAN parameter 55))"
        ]

    def test_a_lost_answer_repeats_no_write_that_was_done(self) -> None:
        bmc = Scripted()
        Ipv6(bmc)
        bmc.once("0C/01 01 38 01", LOST)
        bring_about(bmc, addresses=["2001:db8::10/64", "2001:db8::11/64"])
        assert [one[:17] for one in bmc.written if one.startswith("0C/01 01 38")] == ["0C/01 01 38 00 80", "0C/01 01 38 01 80"]

    def test_a_write_that_never_arrived_is_made_again(self) -> None:
        bmc = Scripted()
        table = Ipv6(bmc)
        bmc.once("0C/01 01 38 00", DROPPED)
        bring_about(bmc, addresses=["2001:db8::10/64"])
        assert table.slots[0] == slot(0, "2001:db8::10/64")

    def test_the_one_that_the_session_runs_over_goes_last(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", "2001:db8::11/64", slots=2)
        cut, _notes = plan(bmc, connection=OVER_IPV6, addresses=["2001:db8::a/64", "2001:db8::b/64"])
        [change] = cut.plan.changes
        change.parameter.store(bmc.bmc(OVER_IPV6), change.instance.target, change.new, change.old)
        assert [one[12:14] for one in bmc.written] == ["01", "00"]


class TestDuplicates:
    """An address is set once the BMC has checked it."""

    def test_a_pending_one_is_waited_for(self) -> None:
        bmc = Scripted()
        Ipv6(bmc).states = [PENDING, PENDING, PENDING, ACTIVE]
        bring_about(bmc, addresses=["2001:db8::10/64"])
        assert bmc.clock.pauses == [0.5, 0.5, 0.5]

    def test_one_that_stays_pending_is_no_success(self) -> None:
        bmc = Scripted()
        Ipv6(bmc).states = [PENDING] * 100
        with pytest.raises(NotVerified, match="2001:db8::10 was written and is still pending after 10 seconds"):
            bring_about(bmc, addresses=["2001:db8::10/64"])

    def test_a_duplicate_is_no_success(self) -> None:
        bmc = Scripted()
        Ipv6(bmc).states = [PENDING, FAILED]
        with pytest.raises(NotVerified, match="2001:db8::10 was written and is failed: another machine has it"):
            bring_about(bmc, addresses=["2001:db8::10/64"])

    def test_one_that_is_there_and_failed_is_told_and_not_written(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64").set_state(0, FAILED)
        cut, notes = plan(bmc, addresses=["2001:db8::10/64"], dynamic_routers=False)
        assert [change.names for change in cut.plan.changes] == [("dynamic_routers",)]
        assert notes == ("lan channel 1 ipv6: address 2001:db8::10 is failed: another machine may have it",)

    def test_one_that_is_set_and_not_in_use_is_told_once_it_is_written_and_each_time_after(self) -> None:
        note = "lan channel 1 ipv6: address 2001:db8::10 is set and not in use. Is IPv6 off (addressing)?"
        bmc = Scripted()
        table = Ipv6(bmc, p51="00")
        table.states = [DISABLED] * 9
        cut, notes = plan(bmc, addresses=["2001:db8::10/64"])
        progress = Progress()
        write_and_verify(bmc.bmc(), cut.plan, cut.plan.changes, progress)
        assert (notes, progress.warnings) == ((), [note])
        assert plan(bmc, addresses=["2001:db8::10/64"])[1] == (note,)


class TestAddressing:
    """IPv4, IPv6 or both."""

    def test_both_come_first_and_one_alone_comes_last(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, p51="00")
        written = bring_about(bmc, addressing="both", addresses=["2001:db8::10/64"])
        assert [one[:2] for one in written] == ["33", "38"]
        bmc.forget()
        written = bring_about(bmc, addressing="ipv6", addresses=["2001:db8::11/64"])
        assert [one[:2] for one in written] == ["38", "38", "33"]

    @pytest.mark.parametrize(("support", "mode"), [("06", "ipv6"), ("05", "both")])
    def test_what_the_bmc_says_that_it_cannot_do_is_not_tried(self, support: str, mode: str) -> None:
        bmc = Scripted()
        Ipv6(bmc, p50=support, p51="00")
        cut, _notes = plan(bmc, addressing=mode)
        assert cut.plan.changes == ()
        assert "LAN parameter 50" in str(cut.plan.missing[0])

    def test_what_it_can_do_is(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, p50="02", p51="00")
        assert bring_about(bmc, addressing="both") == ["33 02"]


class TestTheWayOfTheSession:
    """What can cut it, and where the BMC is afterwards."""

    def after(self, connection: t.Any, **options: t.Any) -> tuple[bool, str, str]:
        """Whether it cuts, where the BMC is then, and why nobody knows."""
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", "2001:db8::11/64")
        cut, _notes = plan(bmc, connection=connection, **options)
        return bool(cut.plan.cutting), cut.after(connection).host, cut.homeless

    def test_over_ipv4_an_ipv6_address_cuts_nothing(self) -> None:
        assert self.after(CONNECTION, addresses=["2001:db8::20/64"]) == (False, CONNECTION.host, "")

    def test_over_ipv4_ipv6_alone_leads_to_the_first_address_given(self) -> None:
        options = {"addressing": "ipv6", "addresses": ["2001:db8::20/64", "2001:db8::10/64"]}
        assert self.after(CONNECTION, **options) == (True, "2001:db8::20", "")

    def test_over_ipv4_ipv6_alone_with_no_address_leads_nowhere(self) -> None:
        cuts, host, why = self.after(CONNECTION, addressing="ipv6")
        assert (cuts, host) == (True, CONNECTION.host) and "runs over IPv4" in why

    def test_over_ipv6_its_own_address_leads_to_the_new_one(self) -> None:
        assert self.after(OVER_IPV6, addresses=["2001:db8::20/64"]) == (True, "2001:db8::20", "")

    def test_over_ipv6_another_address_leaves_the_session_where_it_is(self) -> None:
        assert self.after(OVER_IPV6, addresses=["2001:db8::10/64"]) == (True, "2001:db8::10", "")

    def test_over_ipv6_no_address_leads_nowhere(self) -> None:
        cuts, _host, why = self.after(OVER_IPV6, addresses=[])
        assert cuts and "2001:db8::10, which the task takes away" in why

    def test_over_ipv6_ipv4_alone_leads_to_the_ipv4_address_given(self) -> None:
        assert self.after(OVER_IPV6, addressing="ipv4", ip_address="192.0.2.7") == (True, "192.0.2.7", "")
        assert "runs over IPv6" in self.after(OVER_IPV6, addressing="ipv4")[2]

    def test_a_name_stays_what_it_is(self) -> None:
        connection = replace(CONNECTION, host="bmc.example.org")
        assert self.after(connection, addressing="ipv6") == (True, "bmc.example.org", "")

    def test_another_channel_cuts_nothing(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64")
        cut, _notes = plan(bmc, connection=OVER_IPV6, own=False, addresses=[])
        assert (cut.plan.cutting, cut.homeless) == ((), "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"addresses": ["2001:db8::10"]}, "needs the length of its prefix"),
        ({"addresses": ["2001:db8::10/0"]}, "needs the length of its prefix, 1 to 128"),
        ({"addresses": ["2001:db8::10/129"]}, "1 to 128"),
        ({"addresses": ["2001:db8::10/-1"]}, "1 to 128"),
        ({"addresses": ["192.0.2.1/24"]}, "is not an IPv6 address"),
        ({"addresses": ["fe80::1/64"]}, "link-local"),
        ({"addresses": ["ff02::1/64"]}, "multicast"),
        ({"addresses": ["::/64"]}, "unspecified"),
        ({"addresses": ["::1/128"]}, "loopback"),
        ({"addresses": ["2001:db8::/64"]}, "subnet-router anycast"),
        ({"addresses": ["2001:db8::1/64", "2001:DB8:0::1/48"]}, "more than once"),
        ({"gateway": "ff02::2"}, "is not the address of a router"),
        ({"gateway": "2001:db8:1::1", "addresses": ["2001:db8::10/64"]}, "is not in the network of 2001:db8::10/64"),
        ({"gateway": "2001:db8::10", "addresses": ["2001:db8::10/64"]}, "is one of the BMC's own addresses"),
        ({"backup_gateway": "2001:db8:1::1", "addresses": ["2001:db8::10/64"]}, "backup_gateway: .* is not in the network"),
        ({"gateway_prefix": "2001:db8::1/64"}, "is not an IPv6 network"),
        ({"gateway_mac": "02:00"}, "is not a MAC address"),
    ],
)
def test_what_cannot_be(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadOption, match=message) as refused:
        check_ipv6(options)
    assert str(refused.value).startswith("ipv6.")


@pytest.mark.parametrize(
    "options",
    [
        {"addresses": ["2001:db8::10/64"], "gateway": "fe80::1"},
        {"addresses": ["2001:db8::10/64"], "gateway": "2001:db8::1"},
        {"addresses": ["2001:db8::10/64", "2001:db8:1::10/64"], "gateway": "2001:db8:1::1"},
        {"addresses": ["2001:db8::/127"]},
        {"addresses": ["fd00::1/128"]},
        {"addresses": [], "gateway": "2001:db8::1"},
        {"addresses": ["2001:db8::10/64"], "gateway": "::"},
        None,
    ],
)
def test_what_can_be(options: dict[str, t.Any] | None) -> None:
    assert set(check_ipv6(options)) == set(options or {})


class TestReading:
    """What ipmi_info shows."""

    def test_a_bmc_without_ipv6_costs_one_request(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, p50="")
        shown, missing = read_ipv6(Reader(bmc.bmc()), 1)
        assert (shown, [str(one) for one in missing]) == ({}, ["lan channel 1: ipv6 (completion code 0x80)"])
        assert bmc.asked == ["0C/02 01 32 00 00"]

    def test_a_refusal_for_another_reason_is_a_failure(self) -> None:
        bmc = Scripted()
        Ipv6(bmc)
        bmc.on("0C/02 01 32", "D4")
        with pytest.raises(CompletionError):
            read_ipv6(Reader(bmc.bmc()), 1)

    def test_of_an_ipv6_that_is_off_only_what_it_could_do_is_read(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, p51="00")
        shown, missing = read_ipv6(Reader(bmc.bmc()), 1)
        assert missing == []
        assert shown == {"addressing": "ipv4", "dhcpv6_supported": True, "slaac_supported": True, "address_slots": 3}

    def test_static_routers_are_read_where_they_are_used(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", p64="01", p65=packed("fe80::1"), p67="40", p68=packed("2001:db8::5"))
        shown, _missing = read_ipv6(Reader(bmc.bmc()), 1)
        assert (shown["gateway"], shown["gateway_prefix"], shown["backup_gateway"]) == ("fe80::1", "2001:db8::/64", "::")
        assert shown["addresses"] == ["2001:db8::10/64"]
        assert shown["address_states"] == [{"address": "2001:db8::10/64", "state": "active"}]
        assert shown["dynamic_addresses"] == [{"address": "2001:db8::d/128", "source": "dhcpv6", "state": "active"}]

    def test_nothing_is_asked_twice(self) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", p64="03")
        read_ipv6(Reader(bmc.bmc()), 1)
        assert sorted(set(bmc.asked)) == sorted(bmc.asked)

    @pytest.mark.parametrize("enables", ["00", "02"])
    def test_what_is_shown_is_in_order_when_it_is_fed_back(self, enables: str) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64", p51=enables, p64="03", p65=packed("fe80::1"))
        shown, _missing = read_ipv6(Reader(bmc.bmc()), 1)
        cut, notes = plan(bmc, **shown)
        assert (cut.plan.changes, cut.plan.missing, notes) == ((), (), ())

    @pytest.mark.parametrize("fact", ["dhcpv6_supported", "address_slots", "address_states", "dynamic_addresses"])
    def test_facts_are_read_only(self, fact: str) -> None:
        bmc = Scripted()
        Ipv6(bmc, "2001:db8::10/64")
        shown, _missing = read_ipv6(Reader(bmc.bmc()), 1)
        other: dict[type, t.Any] = {bool: False, int: 7, list: []}
        cut, _notes = plan(bmc, **{fact: other[type(shown[fact])]})
        assert [(one.setting, one.why) for one in cut.plan.missing] == [(fact, "read only")]

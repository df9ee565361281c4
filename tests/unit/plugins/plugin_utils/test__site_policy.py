# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy of all hosts together: what each BMC gets, and what is refused, in which words."""

from __future__ import annotations

import ipaddress
import time
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.filter.site_policy import site_policy
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_policy import ROLES

Vars = dict[str, t.Any]
SUBNET = {"bmc_network_subnet": "192.0.2.0/24", "bmc_network_pattern": r"(\d+)$"}
BY_NAME = {**SUBNET, "bmc_network_plan": "name"}


def gathered(role: str, hosts: t.Mapping[str, Vars], others: t.Mapping[str, Vars] | None = None) -> dict[str, t.Any]:
    """What the lookup gives: hosts of the play, and others."""
    found: dict[str, Vars] = {}
    for members, in_play in ((hosts, True), (others or {}, False)):
        found.update({name: {"values": values, "failed": {}, "refused": [], "in_play": in_play} for name, values in members.items()})
    return {"roles": [role], "hosts": found}


def network(hosts: t.Mapping[str, Vars], others: t.Mapping[str, Vars] | None = None) -> dict[str, t.Any]:
    return site_policy(gathered("bmc_network", hosts, others), "bmc_network")


def accounts(**values: t.Any) -> dict[str, t.Any]:
    return site_policy(gathered("bmc_accounts", {"n1": values}), "bmc_accounts")


def sol(**values: t.Any) -> dict[str, t.Any]:
    return site_policy(gathered("bmc_sol", {"n1": values}), "bmc_sol")


def lan(plan: dict[str, t.Any], host: str = "n1") -> Vars:
    assert plan["problems"] == []
    return t.cast("Vars", plan["hosts"][host]["lan"][0])


@pytest.mark.parametrize("role", sorted(ROLES))
def test_without_a_variable_nothing_is_set(role: str) -> None:
    assert site_policy(gathered(role, {"n1": {}}), role) == {"problems": [], "hosts": {"n1": {}}}


# Where the addresses come from.


def test_a_plan_by_name_takes_the_number_of_the_name() -> None:
    plan = network({"ccw0017": {**BY_NAME, "bmc_network_gateway": "192.0.2.254", "bmc_network_vlan_id": 100}})
    assert lan(plan, "ccw0017") == {
        "ip_source": "static",
        "ip_address": "192.0.2.17",
        "netmask": "255.255.255.0",
        "gateway": "192.0.2.254",
        "vlan_id": 100,
    }


@pytest.mark.parametrize(
    ("pattern", "offset", "name", "address"),
    [
        (r"(\d+)$", 0, "ccw0007", "192.0.2.7"),
        (r"(\d+)$", 100, "ccw0007", "192.0.2.107"),
        (r"n(\d+)", 0, "r12n09-sp", "192.0.2.9"),
        (r"(\d+)\.", -1000, "h1042.example.org", "192.0.2.42"),
    ],
)
def test_pattern_and_offset_make_the_number(pattern: str, offset: int, name: str, address: str) -> None:
    values = {**BY_NAME, "bmc_network_pattern": pattern, "bmc_network_offset": offset}
    assert lan(network({name: values}), name)["ip_address"] == address


def test_a_plan_by_position_counts_in_the_rack_hosts_outside_the_run_included() -> None:
    values = {**SUBNET, "bmc_network_plan": "position"}
    racks = {"bmc_network_racks": {"A": {"subnet": "192.0.2.0/25"}, "B": {"subnet": "192.0.2.128/25"}}}
    variables = gathered("bmc_network", {name: {**values, **racks, "bmc_network_rack": rack} for name, rack in [("x", "A"), ("y", "B"), ("z", "A")]})
    variables["hosts"]["x"]["in_play"] = False
    plan = site_policy(variables, "bmc_network")
    assert {name: document["lan"][0]["ip_address"] for name, document in plan["hosts"].items()} == {"y": "192.0.2.129", "z": "192.0.2.2"}


def test_a_position_that_the_inventory_gives_goes_before_counting() -> None:
    assert lan(network({"n1": {**SUBNET, "bmc_network_plan": "position", "bmc_network_position": "12"}}))["ip_address"] == "192.0.2.12"


def test_a_plan_by_list_takes_addresses_and_dictionaries() -> None:
    values = {**SUBNET, "bmc_network_plan": "list", "bmc_network_hosts": {"n1": "192.0.2.7", "n2": {"address": "192.0.2.8", "vlan_id": 7}}}
    plan = network({"n1": values, "n2": values})
    assert lan(plan)["ip_address"] == "192.0.2.7"
    assert lan(plan, "n2")["ip_address"] == "192.0.2.8" and lan(plan, "n2")["vlan_id"] == 7


def test_a_plan_by_bmc_host_takes_the_address_that_the_inventory_has() -> None:
    assert lan(network({"n1": {**SUBNET, "bmc_network_plan": "bmc_host", "bmc_host": "192.0.2.33"}}))["ip_address"] == "192.0.2.33"


def test_an_address_goes_before_the_plan() -> None:
    assert lan(network({"n1": {**BY_NAME, "bmc_network_address": "192.0.2.200"}}))["ip_address"] == "192.0.2.200"


@given(st.integers(1, 254))
def test_every_number_of_a_24_is_its_own_address(number: int) -> None:
    address = ipaddress.ip_address(lan(network({f"n{number}": BY_NAME}), f"n{number}")["ip_address"])
    assert int(address) - int(ipaddress.ip_address("192.0.2.0")) == number


# What goes over what.


def test_the_rack_goes_over_the_variable_the_host_over_the_rack_and_its_own_variable_over_all() -> None:
    values = {
        "bmc_network_vlan_id": 1,
        "bmc_network_vlan_priority": 1,
        "bmc_network_nic_mode": None,
        "bmc_network_netmask": 24,
        "bmc_network_rack": 4,
        "bmc_network_racks": {4: {"vlan_id": 2, "vlan_priority": 2, "netmask": 25}},
        "bmc_network_hosts": {"n1": {"vlan_id": 3, "vlan_priority": 3}},
        "bmc_network_override": {"vlan_id": 4},
    }
    assert lan(network({"n1": values})) == {"vlan_id": 4, "vlan_priority": 3, "netmask": "255.255.255.128"}


def test_null_in_an_entry_leaves_alone_what_a_wider_variable_sets() -> None:
    assert network({"n1": {"bmc_network_vlan_id": 1, "bmc_network_override": {"vlan_id": None}}})["hosts"] == {"n1": {}}


@pytest.mark.parametrize(
    ("gateway", "address"),
    [(-1, "192.0.2.254"), ("-1", "192.0.2.254"), (1, "192.0.2.1"), ("192.0.2.9", "192.0.2.9"), ("0.0.0.0", "0.0.0.0")],
)
def test_a_gateway_is_an_address_or_a_number_in_the_subnet(gateway: t.Any, address: str) -> None:
    assert lan(network({"n7": {**BY_NAME, "bmc_network_gateway": gateway}}), "n7")["gateway"] == address


def test_with_dhcp_no_address_netmask_and_gateway_are_written() -> None:
    values = {**BY_NAME, "bmc_network_gateway": -1, "bmc_network_ip_source": "dhcp", "bmc_network_vlan_id": 5}
    assert lan(network({"n1": values})) == {"ip_source": "dhcp", "vlan_id": 5}


def test_power_restore_policy_and_name_go_into_their_parts() -> None:
    plan = network({"n1": {"bmc_network_power_restore_policy": "previous", "bmc_network_controller_id": "n1-sp"}})
    assert plan["problems"] == []
    assert plan["hosts"]["n1"] == {"chassis": {"power_restore_policy": "previous"}, "controller": {"controller_id": "n1-sp"}}


def test_a_channel_alone_is_nothing_to_set() -> None:
    assert network({"n1": {"bmc_network_channel": 1}})["hosts"] == {"n1": {}}


# What is refused.

RACKS = {"bmc_network_racks": {"A": {}}}
WRONG: list[tuple[Vars, str]] = [
    ({**BY_NAME, "bmc_network_subnet": "192.0.2.5/24"}, "bmc_network_subnet is '192.0.2.5/24', the address of a host; its network is 192.0.2.0/24"),
    ({**BY_NAME, "bmc_network_subnet": "192.0.2.0"}, "bmc_network_subnet is '192.0.2.0', without the length of its prefix"),
    ({**BY_NAME, "bmc_network_subnet": "rack A"}, "bmc_network_subnet is 'rack A'; it is a network"),
    ({**BY_NAME, "bmc_network_subnet": None}, "there is a plan for addresses, and no bmc_network_subnet"),
    ({**BY_NAME, "bmc_network_offset": 300}, "its number 301 is outside its subnet 192.0.2.0/24"),
    ({**BY_NAME, "bmc_network_offset": -1}, "its address 192.0.2.0 is the network's own, of 192.0.2.0/24"),
    ({**BY_NAME, "bmc_network_offset": 254}, "its address 192.0.2.255 is the broadcast address of 192.0.2.0/24"),
    ({**BY_NAME, "bmc_network_offset": "x"}, "bmc_network_offset is 'x'; it is a whole number"),
    ({**BY_NAME, "bmc_network_gateway": "192.0.2.1"}, "its address 192.0.2.1 is the gateway's"),
    ({**BY_NAME, "bmc_network_gateway": 1}, "its address 192.0.2.1 is the gateway's"),
    ({**BY_NAME, "bmc_network_gateway": "198.51.100.1"}, "the gateway 198.51.100.1 is outside the subnet 192.0.2.0/24"),
    ({**BY_NAME, "bmc_network_gateway": "192.0.2.255"}, "the gateway 192.0.2.255 is the broadcast address of 192.0.2.0/24"),
    ({**BY_NAME, "bmc_network_gateway": 300}, "bmc_network_gateway is 300, which is outside the subnet"),
    ({**BY_NAME, "bmc_network_gateway": "router"}, "bmc_network_gateway is 'router'; it is an IPv4 address"),
    ({"bmc_network_gateway": 1}, "bmc_network_gateway is 1, a number in a subnet, and there is no subnet"),
    ({**BY_NAME, "bmc_network_pattern": "("}, "bmc_network_pattern is '(', which is no regular expression"),
    ({**BY_NAME, "bmc_network_pattern": r"\d+"}, "it has no group"),
    ({**BY_NAME, "bmc_network_pattern": r"(\d+)-sp"}, "bmc_network_pattern '(\\\\d+)-sp' finds no number in its name"),
    ({**BY_NAME, "bmc_network_plan": "rack"}, "bmc_network_plan is 'rack'; it is one of name, position, list, bmc_host"),
    ({**SUBNET, "bmc_network_plan": "position"}, "it has no position: neither bmc_network_position nor bmc_network_rack"),
    ({**SUBNET, "bmc_network_plan": "list"}, "bmc_network_hosts has no address for it"),
    ({**SUBNET, "bmc_network_plan": "bmc_host", "bmc_host": "n1-sp.example.org"}, "bmc_host is 'n1-sp.example.org'; it is an IPv4 address"),
    ({"bmc_network_address": "192.0.2.300"}, "bmc_network_address is '192.0.2.300'; it is an IPv4 address"),
    ({"bmc_network_address": "192.0.2.3"}, "it has the address 192.0.2.3, and neither bmc_network_subnet nor bmc_network_netmask"),
    ({**SUBNET, "bmc_network_address": "198.51.100.1"}, "its address 198.51.100.1 is outside the subnet 192.0.2.0/24"),
    ({**SUBNET, "bmc_network_address": "192.0.2.3", "bmc_network_ip_source": "dhcp"}, "ip_source is dhcp and there is an address"),
    ({"bmc_network_netmask": "255.0.255.0"}, "bmc_network_netmask is '255.0.255.0'; it is 255.255.255.0 or a length"),
    ({"bmc_network_vlan_id": 4095}, "vlan_id"),
    ({"bmc_network_vlan_id": "office"}, "vlan_id"),
    ({"bmc_network_vlan_priority": 8}, "vlan_priority"),
    ({"bmc_network_ip_source": "magic"}, "ip_source"),
    ({"bmc_network_nic_mode": "wireless"}, "nic_mode"),
    ({"bmc_network_power_restore_policy": "maybe"}, "power_restore_policy"),
    ({"bmc_network_ipv6_addressing": "ipv5"}, "addressing"),
    ({"bmc_network_mac_address": "52:54:00"}, "bmc_network_mac_address is '52:54:00'; it is not a MAC address"),
    ({**RACKS}, "it has no rack; bmc_network_rack says which one of bmc_network_racks it is in"),
    ({**RACKS, "bmc_network_rack": "Z9"}, "its rack 'Z9' is not in bmc_network_racks"),
    ({"bmc_network_rack": 1, "bmc_network_racks": {1: {"vlan": 5}}}, "bmc_network_racks[1] has the unknown vlan; known are address"),
    ({"bmc_network_rack": "A", "bmc_network_racks": {"A": 5}}, "bmc_network_racks[A] is not a dictionary"),
    ({"bmc_network_racks": [1]}, "bmc_network_racks is not a dictionary"),
    ({"bmc_network_hosts": {"n1": {"subnet": "x"}}}, "bmc_network_hosts[n1]: subnet is 'x'; it is a network"),
    ({"bmc_network_override": {"adress": "192.0.2.1"}}, "bmc_network_override has the unknown adress"),
    ({"bmc_network_controller_id": "x" * 64}, "has 64 bytes; at most 63 are possible"),
    ({"bmc_network_ipv6_address": "2001:db8::1"}, "it has the address 2001:db8::1, and no bmc_network_ipv6_subnet"),
    ({"bmc_network_ipv6_subnet": "2001:db8::1/64"}, "the address of a host; its network is 2001:db8::/64"),
    ({"bmc_network_ipv6_subnet": "2001:db8::/64", "bmc_network_ipv6_address": "2001:db9::1"}, "its address 2001:db9::1 is outside the subnet 2001:db8::/64"),
    ({"bmc_network_ipv6_subnet": "2001:db8::/64", "bmc_network_ipv6_gateway": "2001:db9::1"}, "the gateway 2001:db9::1 is outside the subnet"),
]


@pytest.mark.parametrize(("values", "problem"), WRONG)
def test_what_cannot_be_is_named_with_its_host_and_nothing_is_planned_for_it(values: Vars, problem: str) -> None:
    plan = network({"n1": values})
    assert len(plan["problems"]) == 1, plan["problems"]
    assert plan["problems"][0].startswith("n1: ") and problem in plan["problems"][0]


def test_an_address_that_two_hosts_get_is_named_at_both() -> None:
    plan = network({"a1": BY_NAME, "b1": BY_NAME, "a2": BY_NAME})
    assert plan["problems"] == ["a1: its address 192.0.2.1 is also that of b1", "b1: its address 192.0.2.1 is also that of a1"]


def test_an_address_of_a_host_outside_the_run_is_taken() -> None:
    plan = network({"a1": BY_NAME}, {"b1": BY_NAME, "b2": {**BY_NAME, "bmc_network_subnet": "wrong"}})
    assert plan["problems"] == ["a1: its address 192.0.2.1 is also that of b1 (not in this run)"]
    assert "b1" not in plan["hosts"]


def test_an_address_at_which_another_bmc_is_now_is_refused() -> None:
    swap = {"n1": {**BY_NAME, "bmc_host": "192.0.2.2"}, "n2": {**BY_NAME, "bmc_host": "192.0.2.1"}}
    assert network(swap)["problems"] == [
        "n1: its address 192.0.2.1 is where the BMC of n2 is now; move that one first, in a run of its own",
        "n2: its address 192.0.2.2 is where the BMC of n1 is now; move that one first, in a run of its own",
    ]


def test_a_bmc_that_is_in_its_place_already_is_no_obstacle() -> None:
    assert network({"n1": {**BY_NAME, "bmc_host": "192.0.2.1"}, "n2": {**BY_NAME, "bmc_host": "192.0.2.2"}})["problems"] == []


def test_all_problems_of_all_hosts_are_told_at_once() -> None:
    outside = {**BY_NAME, "bmc_network_gateway": "198.51.100.1"}
    plan = network({"n0": BY_NAME, "n1": outside, "n2": {"bmc_network_vlan_id": 5000}, "n3": BY_NAME})
    assert [problem.partition(":")[0] for problem in plan["problems"]] == ["n0", "n1", "n2"]


def test_hosts_with_the_same_problem_share_a_line() -> None:
    few = network({f"n{number}": RACKS for number in range(1, 4)})
    assert [problem.partition(":")[0] for problem in few["problems"]] == ["n1, n2, n3"]
    many = network({f"n{number:04}": RACKS for number in range(1, 1801)})
    assert [problem.partition(":")[0] for problem in many["problems"]] == ["n[0001-1800]"]


def test_a_variable_that_cannot_be_evaluated_is_a_problem_of_its_host() -> None:
    variables = gathered("bmc_accounts", {"n1": {}, "n2": {}}, {"n3": {}})
    for host in ("n2", "n3"):
        variables["hosts"][host]["failed"] = {"bmc_accounts": "'vault_monitor' is undefined"}
    assert site_policy(variables)["problems"] == ["n2: bmc_accounts cannot be evaluated: 'vault_monitor' is undefined"]


def test_a_value_of_the_wrong_kind_is_told_once_and_its_host_not_planned() -> None:
    variables = gathered("bmc_network", {"n1": {**BY_NAME, "bmc_network_offset": "x"}, "n2": BY_NAME})
    variables["hosts"]["n1"]["refused"] = ["argument 'bmc_network_offset' is of type str"]
    plan = site_policy(variables, "bmc_network")
    assert plan["problems"] == ["n1: argument 'bmc_network_offset' is of type str"]
    assert list(plan["hosts"]) == ["n2"]


def test_a_host_whose_variables_are_wrong_still_has_its_place_in_the_rack() -> None:
    values = {**SUBNET, "bmc_network_plan": "position", "rack": "A"}
    variables = gathered("bmc_network", {"n1": values, "n2": values})
    variables["hosts"]["n1"].update(in_play=False, refused=["argument 'bmc_network_vlan_id' is of type str"])
    assert site_policy(variables, "bmc_network")["hosts"]["n2"]["lan"][0]["ip_address"] == "192.0.2.2"


def test_nobody_is_counted_while_the_rack_of_one_host_is_not_known() -> None:
    values = {**SUBNET, "bmc_network_plan": "position"}
    variables = gathered("bmc_network", {"n2": {**values, "rack": "A"}, "n3": {**values, "bmc_network_position": 3}}, {"n1": {}})
    variables["hosts"]["n1"]["failed"] = {"rack": "'room' is undefined"}
    plan = site_policy(variables, "bmc_network")
    assert plan["problems"] == ["n2: its place cannot be counted, because the rack of n1 cannot be evaluated"]


# IPv6.


def test_the_number_is_the_same_in_both_subnets() -> None:
    values = {**BY_NAME, "bmc_network_ipv6_subnet": "2001:db8:1::/64", "bmc_network_ipv6_gateway": "fe80::1"}
    assert lan(network({"n17": values}), "n17")["ipv6"] == {"addressing": "both", "addresses": ["2001:db8:1::11/64"], "gateway": "fe80::1"}


def test_an_ipv6_address_alone_is_planned_too() -> None:
    values = {"bmc_network_ipv6_subnet": "2001:db8:1::/64", "bmc_network_ipv6_address": "2001:db8:1::7", "bmc_network_ipv6_addressing": "ipv6"}
    assert lan(network({"n1": values})) == {"ipv6": {"addressing": "ipv6", "addresses": ["2001:db8:1::7/64"]}}


def test_purging_is_part_of_the_document() -> None:
    plan = accounts(bmc_accounts=[{"name": "x", "password": "secret-x"}], bmc_accounts_purge=True)
    assert plan["hosts"]["n1"] == {"users": [{"name": "x", "password": "secret-x"}], "purge_users": True}


def test_a_given_ipv4_address_has_its_number_in_the_ipv6_subnet_too() -> None:
    values = {**SUBNET, "bmc_network_address": "192.0.2.33", "bmc_network_ipv6_subnet": "2001:db8:1::/64"}
    assert lan(network({"n1": values}))["ipv6"]["addresses"] == ["2001:db8:1::21/64"]


# Accounts.


@pytest.mark.parametrize(
    ("purpose", "privilege", "console"),
    [
        ("monitoring", "user", False),
        ("power", "operator", False),
        ("console", "operator", True),
        ("administration", "administrator", True),
        ("break_glass", "administrator", True),
    ],
)
def test_a_purpose_gives_the_least_that_it_needs(purpose: str, privilege: str, console: bool) -> None:
    plan = accounts(bmc_accounts=[{"name": "x", "password": "secret-x", "purpose": purpose}])
    assert plan == {
        "problems": [],
        "hosts": {"n1": {"users": [{"name": "x", "password": "secret-x", "privilege": privilege, "sol_payload": console}]}},
    }


def test_what_the_account_says_goes_before_its_purpose() -> None:
    plan = accounts(bmc_accounts=[{"name": "x", "password": "secret-x", "purpose": "administration", "privilege": "operator", "sol_payload": False}])
    assert plan["hosts"]["n1"]["users"][0] == {"name": "x", "password": "secret-x", "privilege": "operator", "sol_payload": False}


def test_absent_accounts_follow_and_the_channel_is_named() -> None:
    plan = accounts(bmc_accounts=[{"name": "x", "password": "secret-x"}], bmc_accounts_absent=["ADMIN"], bmc_accounts_channel=8)
    assert plan["hosts"]["n1"] == {"users": [{"name": "x", "password": "secret-x"}, {"name": "ADMIN", "state": "absent"}], "users_channel": 8}


def test_what_holds_for_all_accounts_is_handed_on() -> None:
    channels = [{"bad_password": {"threshold": 5}}]
    plan = accounts(bmc_accounts_channels=channels)
    assert (plan["problems"], plan["hosts"]["n1"]) == ([], {"channels": channels})


GOOD = {"name": "x", "password": "secret-x"}
OWN = {"bmc_user": "x", "bmc_password": "secret-x"}
WRONG_ACCOUNTS: list[tuple[Vars, str]] = [
    ({"bmc_accounts": [{**GOOD, "name": "a-very-long-name-x"}]}, "account a-very-long-name-x: the name has 18 bytes; at most 16 are possible"),
    ({"bmc_accounts": [{**GOOD, "name": "tenbytes-x"}], "bmc_accounts_name_max": 8}, "the name has 10 bytes; at most 8 are possible"),
    ({"bmc_accounts": [{**GOOD, "password": "p" * 21}]}, "account x: the password has 21 bytes; at most 20 are possible"),
    ({"bmc_accounts": [{**GOOD, "password": "ü" * 11}]}, "account x: the password has 22 bytes; at most 20 are possible"),
    ({"bmc_accounts": [{**GOOD, "password": "p" * 17}], "bmc_accounts_password_max": 16}, "the password has 17 bytes; at most 16 are possible"),
    ({"bmc_accounts": [{**GOOD, "password": "p" * 17, "password_size": 16}]}, "the password has 17 bytes; at most 16 are possible"),
    ({"bmc_accounts": [GOOD], "bmc_accounts_password_min": 13}, "the password has 8 bytes; at least 13 are needed"),
    ({"bmc_accounts_channels": [{"bad_password": {"threshold": 999}}]}, "threshold"),
    ({"bmc_accounts_channels": [{"lockout": 3}]}, "lockout"),
    # What is known of a maker: NVIDIA's DGX.
    ({"bmc_accounts": [GOOD], "bmc_manufacturer_id": 5703}, "the password has 8 bytes; at least 13 are needed"),
    ({"bmc_accounts": [GOOD], "bmc_manufacturer_id": -1}, "bmc_manufacturer_id is -1"),
    ({"bmc_accounts": [GOOD], "bmc_accounts_password_min": 13, "bmc_accounts_password_max": 12}, "bmc_accounts_password_min is 13, more than"),
    ({"bmc_accounts": [GOOD], "bmc_accounts_password_max": 40}, "bmc_accounts_password_max is 40; it is 0 to 20"),
    ({"bmc_accounts": [{"name": "x"}]}, "account x: it has no password"),
    ({"bmc_accounts": [{**GOOD, "password": ""}]}, "account x: it has no password"),
    ({"bmc_accounts": [{**GOOD, "password": 12345678}]}, "account x: the password is not a text; put it into quotes"),
    ({"bmc_accounts": [GOOD, GOOD]}, "account x is there twice"),
    ({"bmc_accounts": [GOOD], "bmc_accounts_absent": ["x"]}, "account x is there twice"),
    ({"bmc_accounts": [{**GOOD, "user_id": 3}, {**GOOD, "name": "y", "user_id": "3"}]}, "slot 3 is there twice"),
    ({"bmc_accounts": [{**GOOD, "user_id": 64}]}, "user_id is 64"),
    ({"bmc_accounts": [{"password": "secret-x"}]}, "entry 1 of bmc_accounts has no name"),
    ({"bmc_accounts": ["x"]}, "entry 1 of bmc_accounts has no name"),
    ({"bmc_accounts": "x"}, "bmc_accounts is not a list"),
    ({"bmc_accounts": [{**GOOD, "priv": "user"}]}, "account x has the unknown priv; known are callback"),
    ({"bmc_accounts": [{**GOOD, "purpose": "fun"}]}, "account x: purpose is 'fun'; it is one of monitoring, power"),
    ({"bmc_accounts": [{**GOOD, "purpose": "monitoring", "privilege": "administrator"}]}, "monitoring needs the privilege user, and administrator is more"),
    ({"bmc_accounts": [{**GOOD, "privilege": "root"}]}, "privilege"),
    ({"bmc_accounts_purge": True}, "bmc_accounts_purge is true and bmc_accounts is empty"),
    ({"bmc_accounts_absent": ["x"], **OWN}, "account x, which is in use, is to be taken away"),
    ({"bmc_accounts": [{**GOOD, "enabled": False}], **OWN}, "account x, which is in use, is to be disabled"),
    ({"bmc_accounts": [{**GOOD, "purpose": "power"}], **OWN}, "in use, is to have the privilege operator, and bmc_privilege asks for administrator"),
    ({"bmc_accounts": [{**GOOD, "password": "other-secret"}], **OWN}, "is to have another password than bmc_password"),
]


@pytest.mark.parametrize(("values", "problem"), WRONG_ACCOUNTS)
def test_accounts_that_cannot_be_are_refused_without_a_password_in_the_text(values: Vars, problem: str) -> None:
    plan = accounts(**values)
    assert len(plan["problems"]) == 1, plan["problems"]
    assert plan["problems"][0].startswith("n1: ") and problem in plan["problems"][0]
    assert not any(secret in plan["problems"][0] for secret in ("secret", "pppp", "12345678"))


@pytest.mark.parametrize(
    "values",
    [
        {"bmc_accounts": [{"name": "ADMIN", "enabled": False}]},
        {"bmc_accounts": [{"name": "ADMIN", "state": "absent"}]},
        {"bmc_accounts": [{**GOOD, "password": "other-secret"}], "bmc_accounts_change_own_password": True, **OWN},
        {"bmc_accounts": [{**GOOD, "password": "other-secret", "update_password": "on_create"}], **OWN},
        {"bmc_accounts": [{**GOOD, "purpose": "power"}], "bmc_privilege": "operator", **OWN},
        {"bmc_accounts": [{**GOOD, "password": "p" * 20, "name": "sixteen-bytes-xx"}]},
    ],
)
def test_accounts_that_can_be_are_let_through(values: Vars) -> None:
    assert accounts(**values)["problems"] == []


# Serial over LAN.


def test_the_single_variables_go_over_the_dictionary() -> None:
    plan = sol(bmc_sol={"bit_rate": 9600, "enabled": True}, bmc_sol_bit_rate=115200, bmc_sol_port=1)
    assert plan == {"problems": [], "hosts": {"n1": {"sol": {"bit_rate": "115200", "enabled": True}}}}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"bmc_sol_bit_rate": 4800}, "bit_rate"),
        ({"bmc_sol_port": 4}, "bmc_sol_port is 4; it is 0 to 3"),
        ({"bmc_sol_port": "ttyS1"}, "bmc_sol_port is 'ttyS1'; it is a whole number"),
        ({"bmc_sol_retry_interval": 15}, "retry_interval"),
        ({"bmc_sol": {"rate": 9600}}, "bmc_sol has the unknown rate"),
        ({"bmc_sol": 115200}, "bmc_sol is not a dictionary"),
    ],
)
def test_a_console_that_cannot_be_is_refused(values: Vars, problem: str) -> None:
    plan = sol(**values)
    assert len(plan["problems"]) == 1 and plan["problems"][0].startswith("n1: ") and problem in plan["problems"][0]


# The filter.


def test_documents_are_made_only_for_the_role_that_is_asked_for() -> None:
    variables = gathered("bmc_accounts", {"n1": {"bmc_accounts": [GOOD]}})
    assert site_policy(variables) == {"problems": [], "hosts": {}}


@pytest.mark.parametrize(
    ("variables", "role"), [({}, None), ({"roles": [], "hosts": {"n1": 5}}, None), ({"roles": ["bmc_sol"], "hosts": {}}, "bmc_network")]
)
def test_what_the_lookup_did_not_give_is_refused(variables: Vars, role: str | None) -> None:
    with pytest.raises(AnsibleFilterError, match="site_policy: "):
        site_policy(variables, role)


def test_1800_hosts_are_planned_in_seconds() -> None:
    racks = {"bmc_network_racks": {str(rack): {"subnet": f"10.1.{rack}.0/24", "gateway": -1, "vlan_id": 100 + rack} for rack in range(50)}}
    hosts = {f"n{number:04}": {**racks, "bmc_network_plan": "position", "bmc_network_rack": number // 36} for number in range(1800)}
    started = time.process_time()
    plan = network(hosts)
    assert plan["problems"] == [] and len({document["lan"][0]["ip_address"] for document in plan["hosts"].values()}) == 1800
    assert time.process_time() - started < 20

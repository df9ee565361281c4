# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IPv6 part of ipmi_lan against the simulated rack, with ipmitool and FreeIPMI as witnesses."""

from __future__ import annotations

import contextlib
import socket
import typing as t

import pytest

from tests.integration.harness import act, ipmitool, witness
from tests.integration.simulator.conftest import Rack, Starter, Target, users

STATIC: t.Final[dict[str, t.Any]] = {
    "addressing": "both",
    "addresses": ["2001:db8::10/64", "2001:db8:1::10/56"],
    "gateway": "fe80::1",
    "gateway_mac": "52:54:00:00:00:fe",
    "gateway_prefix": "::/0",
    "backup_gateway": "2001:db8::fd",
    "backup_gateway_mac": "52:54:00:00:00:fd",
    "backup_gateway_prefix": "2001:db8:2::/48",
    "static_routers": True,
    "dynamic_routers": False,
}
PENDING, FAILED = 2, 3


@pytest.fixture
def make(start_rack: Starter, network: t.Callable[[], str]) -> t.Callable[..., Target]:
    """Makes a BMC with room for three static IPv6 addresses."""

    def build(host: str | None = None, port: int = 6623, **lan: t.Any) -> Target:
        prefix = network()
        row = {
            "name": "m1",
            "maker": "generic",
            "address": host or f"{prefix}.1",
            "source": "static",
            "users": users(),
            "personality": {"lan": {"ipv6_static": 3, **lan}},
        }
        rack: Rack = start_rack({"bmcs": [row], "port": port})
        return Target(rack, "m1", host or f"{prefix}.1")

    return build


def run(bmc: Target, *, check_mode: bool = False, **args: t.Any) -> dict[str, t.Any]:
    return act("ipmi_lan", {**bmc.options, **args}, check_mode=check_mode)


def freeipmi(bmc: Target) -> dict[str, str]:
    """FreeIPMI's view of the IPv6 settings."""
    text = witness(
        *("ipmi-config", "-D", "LAN_2_0", "-I", "17", "-l", "ADMIN", "-h", f"{bmc.host}:{bmc.rack.port}"),
        *("-u", bmc.user, "-p", bmc.password, "--checkout", "--verbose", "-S", "Lan6_Conf"),
    )
    lines = (line.split(None, 1) for line in text.splitlines() if not line.strip().startswith("#"))
    return {words[0]: words[1].strip() for words in lines if len(words) == 2}


def print6(bmc: Target) -> dict[str, dict[str, str]]:
    """ipmitool's "lan6 print", by heading; what stands in the heading's own line is under ""."""
    text = ipmitool(bmc.host, bmc.user, bmc.password, "lan6", "print", "1", port=bmc.rack.port, suite=17)
    found: dict[str, dict[str, str]] = {}
    heading = ""
    for line in text.splitlines():
        name, _colon, value = (part.strip() for part in line.partition(":"))
        if not line.startswith(" "):
            heading, name = name, ""
        found.setdefault(heading, {})[name] = value
    return found


def test_everything_is_brought_about_and_ipmitool_and_freeipmi_see_it(make: t.Callable[..., Target]) -> None:
    bmc = make(ipv6_support=7)
    foreseen = run(bmc, ipv6=STATIC, check_mode=True)
    assert foreseen["changed"] is True and bmc.writes() == 0
    result = run(bmc, ipv6=STATIC)
    assert result.get("failed") is None, result
    assert result["changed"] is True and result["diff"] == foreseen["diff"]
    assert result["after"]["ipv6"]["addresses"] == ["2001:db8::10/64", "2001:db8:1::10/56"]
    seen = freeipmi(bmc)
    assert {
        "IPv6_IPv4_Addressing_Enables": "IPv6_and_IPv4",
        "IPv6_Static_Address_Enable_0": "Yes",
        "IPv6_Static_Address_0": "2001:db8::10",
        "IPv6_Static_Address_Prefix_Length_0": "64",
        "IPv6_Static_Address_1": "2001:db8:1::10",
        "IPv6_Static_Address_Prefix_Length_1": "56",
        "IPv6_Static_Address_Enable_2": "No",
        "IPv6_Static_Router_Address_Enable": "Yes",
        "IPv6_Static_Router_Address_1": "fe80::1",
        "IPv6_Static_Router_Mac_Address_1": "52:54:00:00:00:FE",
        "IPv6_Static_Router_Prefix_Length_1": "0",
        "IPv6_Static_Router_Prefix_Value_1": "::",
        "IPv6_Static_Router_Address_2": "2001:db8::fd",
        "IPv6_Static_Router_Mac_Address_2": "52:54:00:00:00:FD",
        "IPv6_Static_Router_Prefix_Length_2": "48",
        "IPv6_Static_Router_Prefix_Value_2": "2001:db8:2::",
    }.items() <= seen.items()
    printed = print6(bmc)
    assert printed["IPv6/IPv4 Addressing Enables"][""] == "both"
    assert printed["IPv6 Static Address 0"] == {"": "", "Enabled": "yes", "Address": "2001:db8::10/64", "Status": "active"}
    assert printed["IPv6 Static Router 1"]["Address"] == "fe80::1"
    assert printed["IPv6 Static Router 2"] == {
        "": "",
        "Address": "2001:db8::fd",
        "MAC": "52:54:00:00:00:fd",
        "Prefix": "2001:db8:2::/48",
    }
    control = printed["IPv6 Router Address Configuration Control"]
    assert (control["Enable static router address"], control["Enable dynamic router address"]) == ("yes", "no")
    writes = bmc.writes()
    again = run(bmc, ipv6={**STATIC, "addresses": STATIC["addresses"][::-1]})
    assert (again["changed"], again["written"], bmc.writes()) == (False, [], writes)
    assert bmc.sessions() == 0


def test_what_ipmitool_wrote_is_what_is_read(make: t.Callable[..., Target]) -> None:
    bmc = make()
    words = ("lan6", "set", "1", "static_addr", "1", "enable", "2001:db8::77", "60")
    ipmitool(bmc.host, bmc.user, bmc.password, *words, port=bmc.rack.port, suite=17)
    [lan] = act("ipmi_info", {**bmc.options, "gather": ["lan"]})["bmc"]["lan"]
    assert lan["ipv6"]["addresses"] == ["2001:db8::77/60"]
    assert lan["ipv6"]["address_slots"] == 3
    assert run(bmc, ipv6=lan["ipv6"])["changed"] is False


def test_ipv6_is_switched_off_and_then_not_read(make: t.Callable[..., Target]) -> None:
    bmc = make()
    assert run(bmc, ipv6={"addressing": "ipv4"})["changed"] is True
    assert print6(bmc)["IPv6/IPv4 Addressing Enables"][""] == "ipv4"
    [lan] = act("ipmi_info", {**bmc.options, "gather": ["lan"]})["bmc"]["lan"]
    assert set(lan["ipv6"]) == {"addressing", "dhcpv6_supported", "slaac_supported", "address_slots"}


def test_a_bmc_without_ipv6_costs_ipmi_info_one_request(make: t.Callable[..., Target]) -> None:
    bmc = make(ipv6=False)
    info = act("ipmi_info", {**bmc.options, "gather": ["lan"]})
    assert "ipv6" not in info["bmc"]["lan"][0]
    assert {"what": "lan channel 1", "setting": "ipv6", "reason": "completion code 0x80"} in info["unsupported"]
    refused = run(bmc, ipv6={"addresses": ["2001:db8::10/64"]})
    assert refused["failed"] and refused["reason"] == "unsupported"
    assert bmc.writes() == 0


@pytest.mark.parametrize("state", [PENDING, FAILED])
def test_an_address_that_does_not_become_active_is_no_success(make: t.Callable[..., Target], state: int) -> None:
    bmc = make(ipv6_static_status=state)
    result = run(bmc, ipv6={"addresses": ["2001:db8::10/64"]}, bmc_timeout=2)
    assert result["failed"] and result["reason"] == "not_verified", result
    assert "2001:db8::10 was written and is" in result["msg"]
    assert result["written"] == ["lan channel 1 ipv6: addresses"]
    assert bmc.sessions() == 0


def test_a_lost_answer_is_settled_slot_by_slot(make: t.Callable[..., Target]) -> None:
    bmc = make()
    bmc.faults(drop_answers=1, drop_answers_on="0C/01:013801")
    result = run(bmc, ipv6={"addresses": ["2001:db8::10/64", "2001:db8::11/64"]})
    assert (result.get("failed"), result["changed"]) == (None, True)
    # Set-in-progress, two slots, commit, complete: none of them twice.
    assert bmc.writes() == 5


def test_a_refused_address_is_one_clear_failure(make: t.Callable[..., Target]) -> None:
    bmc = make()
    bmc.faults(refuse={"0C/01:0138": 0xCC})
    result = run(bmc, ipv6={"addresses": ["2001:db8::10/64"]})
    assert result["failed"] and result["completion_code"] == "0xCC" and "addresses" in result["msg"]


def test_over_ipv4_ipv6_alone_needs_to_know_where(make: t.Callable[..., Target]) -> None:
    bmc = make()
    for check_mode in (True, False):
        refused = run(bmc, ipv6={"addressing": "ipv6"}, check_mode=check_mode)
        assert refused["failed"] and refused["reason"] == "would_lock_out" and "verify_host" in refused["msg"]
    assert bmc.writes() == 0
    proved = run(bmc, ipv6={"addressing": "ipv6"}, verify_host=bmc.host)
    assert (proved.get("msg"), proved["verified"]) == (None, True)
    assert print6(bmc)["IPv6/IPv4 Addressing Enables"][""] == "ipv6"


def test_over_ipv4_ipv6_alone_that_cannot_be_proved_is_put_back(make: t.Callable[..., Target]) -> None:
    bmc = make()
    # Nothing answers there: ::1 is not where this BMC is.
    options: dict[str, t.Any] = {"ipv6": {"addressing": "ipv6"}, "verify_host": "::1", "verify_timeout": 2, "bmc_timeout": 1}
    result = run(bmc, **options)
    assert result["failed"] and result["reason"] == "restored", result
    assert print6(bmc)["IPv6/IPv4 Addressing Enables"][""] == "both"


class TestOverIpv6:
    """A session that runs over IPv6 itself."""

    @pytest.fixture
    def bmc(self, make: t.Callable[..., Target]) -> Target:
        with contextlib.closing(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)) as probe:
            probe.bind(("::1", 0))
            port: int = probe.getsockname()[1]
        return make(host="::1", port=port)

    def test_what_is_in_there_is_proved_by_a_fresh_login(self, bmc: Target) -> None:
        result = run(bmc, ipv6=STATIC)
        assert (result.get("msg"), result["changed"], result["verified"]) == (None, True, True)
        assert print6(bmc)["IPv6 Static Address 1"]["Address"] == "2001:db8:1::10/56"
        assert run(bmc, ipv6=STATIC)["changed"] is False
        assert bmc.sessions() == 0

    def test_ipv4_alone_needs_to_know_where(self, bmc: Target) -> None:
        refused = run(bmc, ipv6={"addressing": "ipv4"})
        assert refused["failed"] and refused["reason"] == "would_lock_out"
        assert bmc.writes() == 0
        meant = run(bmc, ipv6={"addressing": "ipv4"}, verify_login=False)
        assert (meant["changed"], meant["verified"]) == (True, False)


@pytest.mark.parametrize(
    ("ipv6", "part"),
    [
        ({"addresses": ["fe80::10/64"]}, "link-local"),
        ({"addresses": ["2001:db8::10"]}, "needs the length of its prefix"),
        ({"addresses": ["2001:db8::10/64"], "gateway": "2001:db8:f::1"}, "is not in the network of 2001:db8::10/64"),
        ({"addresses": ["2001:db8::10/64", "2001:db8::11/64"]}, "slots for 1"),
    ],
)
def test_values_that_cannot_be_are_refused_before_anything_is_written(
    bmc: Target, ipv6: dict[str, t.Any], part: str
) -> None:
    result = run(bmc, ipv6=ipv6)
    assert result["failed"] and result["reason"] == "bad_option" and part in result["msg"], result
    assert bmc.writes() == 0

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""N-01 to N-08 against the simulated rack, with ipmitool as the witness."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harness import act, fields, ipmitool
from tests.integration.simulator.audit.judged import Finding, finding, findings, mend
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target

ALL = ("N-01", "N-02", "N-03", "N-04", "N-05", "N-06", "N-07", "N-08")
HERE, ELSEWHERE = ["192.0.2.0/24", "127.0.0.0/8"], ["192.0.2.0/24", "2001:db8::/32"]
WANTED = {"management_networks": HERE, "vlan_id": 0, "gateway": "none"}
MAKERS = ("openbmc", "megarac_hpe", "idrac9", "supermicro_x14")
DHCP, STATIC = 2, 1
LEARNED = "20010db8000000000000000000000007"


@pytest.fixture(scope="module")
def mixed(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each of some makers, and one whose port is as another maker tells it."""
    prefix = network()
    auditor = {4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"}}
    bmcs: list[dict[str, t.Any]] = [{"name": maker, "maker": maker} for maker in (*MAKERS, "ilo5")]
    for number, bmc in enumerate(bmcs, 1):
        bmc |= {"address": f"{prefix}.{number}", "source": "static", "users": auditor}
    return start_rack({"bmcs": bmcs})


def of(rack: Rack, name: str) -> Target:
    rack.ask("heal", name)
    rack.ask("factory", name)
    return Target(rack, name, rack.status(name)["address"], user="auditor")


def printed(bmc: Target) -> dict[str, str]:
    """ipmitool's view of channel 1."""
    return fields(ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port))


def parts(found: Finding) -> dict[str, str]:
    """The state of each of a finding's parts."""
    return {part["subject"]: part["state"] for part in found["parts"]}


@pytest.mark.control("N-01", "fail", "pass")
def test_an_address_outside_the_management_network_is_found(bmc: Target) -> None:
    found = finding(bmc, "N-01", {"management_networks": ELSEWHERE})
    assert (found["state"], found["fixes"], found["actual"]) == ("fail", [], f"channel 1: {bmc.host}")
    assert found["expected"] == "an address in 192.0.2.0/24 or 2001:db8::/32"
    assert finding(bmc, "N-01", {"management_networks": HERE})["state"] == "pass"


@pytest.mark.parametrize(("control", "option"), [("N-01", "management_networks"), ("N-03", "vlan_id"), ("N-04", "gateway")])
def test_what_only_the_site_knows_must_be_said(bmc: Target, control: str, option: str) -> None:
    found = finding(bmc, control)
    assert found["state"] == "manual" and f"policy.{option}" in found["reason"]


@pytest.mark.parametrize(
    ("control", "policy", "words"),
    [
        ("N-01", {"management_networks": ["192.0.2.1/24"]}, "'192.0.2.1/24' is not a network"),
        ("N-03", {"vlan_id": 4095}, "must be 0 to 4094"),
        ("N-04", {"gateway": "router"}, "'router' is neither none nor an IPv4 address"),
    ],
)
def test_a_wish_that_is_none_is_refused(bmc: Target, control: str, policy: dict[str, t.Any], words: str) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": [control], "policy": policy})
    assert result["failed"] and result["reason"] == "bad_option" and words in result["msg"]


@pytest.mark.control("N-02", "fail", "pass")
def test_an_address_that_somebody_else_gives_is_found_and_kept_as_a_static_one(bmc: Target) -> None:
    bmc.put("lan", "1", "source", value=DHCP)
    found = finding(bmc, "N-02")
    assert (found["state"], found["actual"], found["expected"]) == ("fail", "channel 1: dhcp", "the address is static")
    before = printed(bmc)
    mend(bmc, found)
    assert finding(bmc, "N-02")["state"] == "pass"
    after = printed(bmc)
    assert after["IP Address Source"] == "Static Address"
    for name in ("IP Address", "Subnet Mask", "Default Gateway IP"):
        assert after[name] == before[name]


def test_a_site_may_want_dhcp_and_moves_its_bmcs_itself(bmc: Target) -> None:
    found = finding(bmc, "N-02", {"ip_source": "dhcp"})
    assert (found["state"], found["fixes"]) == ("fail", [])
    bmc.put("lan", "1", "source", value=DHCP)
    assert finding(bmc, "N-02", {"ip_source": "dhcp"})["state"] == "pass"


def test_the_fixes_of_source_and_gateway_do_not_contradict_each_other(bmc: Target) -> None:
    bmc.put("lan", "1", "source", value=DHCP)
    found = findings(bmc, "N-02", "N-04", policy={"gateway": "none"})
    entries = [found[control]["fixes"][0]["lan"][0] for control in ("N-02", "N-04")]
    assert [entry["gateway"] for entry in entries] == ["0.0.0.0", "0.0.0.0"]


def test_a_netmask_that_is_none_is_not_written_back(bmc: Target) -> None:
    bmc.put("lan", "1", "source", value=DHCP)
    bmc.put("lan", "1", "netmask", value="ff00ff00")
    assert finding(bmc, "N-02")["fixes"] == []


def test_a_gateway_of_another_network_is_not_written_back(bmc: Target) -> None:
    bmc.put("lan", "1", "source", value=DHCP)
    bmc.put("lan", "1", "gateway", value="c0000201")
    assert finding(bmc, "N-02")["fixes"] == []
    # What the site wants of it is.
    assert [document["lan"][0]["gateway"] for document in finding(bmc, "N-02", {"gateway": "none"})["fixes"]] == ["0.0.0.0"]


def test_no_address_is_made_a_static_one_of_the_own_channel(bmc: Target) -> None:
    bmc.put("lan", "1", "source", value=DHCP)
    bmc.put("lan", "1", "address", value="00000000")
    found = finding(bmc, "N-02")
    assert (found["state"], found["fixes"]) == ("fail", [])


@pytest.mark.control("N-03", "fail", "pass")
def test_another_vlan_is_found_and_mended(bmc: Target) -> None:
    found = finding(bmc, "N-03", {"vlan_id": 20})
    assert (found["actual"], found["expected"]) == ("channel 1: no VLAN", "VLAN 20")
    mend(bmc, found)
    assert finding(bmc, "N-03", {"vlan_id": 20})["state"] == "pass"
    assert printed(bmc)["802.1q VLAN ID"] == "20"
    found = finding(bmc, "N-03", {"vlan_id": 0})
    assert found["actual"] == "channel 1: VLAN 20"
    mend(bmc, found)
    assert finding(bmc, "N-03", {"vlan_id": 0})["state"] == "pass"


@pytest.mark.control("N-04", "fail", "pass")
def test_another_gateway_is_found_and_mended(bmc: Target) -> None:
    present = printed(bmc)["Default Gateway IP"]
    assert finding(bmc, "N-04", {"gateway": present})["state"] == "pass"
    found = finding(bmc, "N-04", {"gateway": "none"})
    assert (found["actual"], found["expected"]) == (f"channel 1: {present}", "default gateway none")
    mend(bmc, found)
    assert finding(bmc, "N-04", {"gateway": "none"})["state"] == "pass"
    assert printed(bmc)["Default Gateway IP"] == "0.0.0.0"
    mend(bmc, finding(bmc, "N-04", {"gateway": present}))
    assert printed(bmc)["Default Gateway IP"] == present


def test_a_gateway_that_the_bmc_could_not_reach_is_not_written(bmc: Target) -> None:
    found = finding(bmc, "N-04", {"gateway": "192.0.2.1"})
    assert (found["state"], found["fixes"]) == ("fail", [])
    assert "not in the network of the BMC" in found["actual"]


@pytest.mark.control("N-05", "fail", "pass")
def test_announcements_and_missing_answers_are_found_and_mended(bmc: Target) -> None:
    assert finding(bmc, "N-05")["state"] == "pass"
    bmc.put("lan", "1", "arp", value=0b01)
    found = finding(bmc, "N-05")
    assert found["actual"] == "channel 1: gratuitous ARP on, ARP responses off"
    mend(bmc, found)
    assert finding(bmc, "N-05")["state"] == "pass"
    assert finding(bmc, "N-05", {"gratuitous_arp": True})["state"] == "fail"
    shown = ipmitool(bmc.host, bmc.user, bmc.password, "lan", "print", "1", port=bmc.rack.port)
    assert "ARP Responses Enabled, Gratuitous ARP Disabled" in shown


@pytest.mark.control("N-06", "fail", "pass")
def test_ipv6_that_nobody_set_up_is_found_and_switched_off(bmc: Target) -> None:
    found = finding(bmc, "N-06")
    assert (found["state"], found["actual"]) == ("fail", "channel 1: on, with no static address")
    assert finding(bmc, "N-06", {"ipv6": "any"})["state"] == "pass"
    mend(bmc, found)
    for wanted in ("static", "disabled", "any"):
        assert finding(bmc, "N-06", {"ipv6": wanted})["state"] == "pass"
    assert bmc.state()["lan"]["1"]["ipv6"]["enables"] == 0


def test_a_static_address_of_ipv6_is_enough_unless_the_bmc_learns_others(bmc: Target) -> None:
    act("ipmi_lan", {**bmc.options, "ipv6": {"addresses": ["2001:db8::10/64"]}})
    found = finding(bmc, "N-06")
    assert found["actual"] == "channel 1: on, and listens to router advertisements"
    mend(bmc, found)
    passed = finding(bmc, "N-06")
    assert (passed["state"], passed["actual"]) == ("pass", "channel 1: on, with 2001:db8::10")
    disabled = finding(bmc, "N-06", {"ipv6": "disabled"})
    assert disabled["fixes"] == [{"lan": [{"channel": 1, "ipv6": {"addressing": "ipv4"}}]}]
    bmc.put("lan", "1", "ipv6", "dynamic", 0, "address", value=LEARNED)
    learned = finding(bmc, "N-06")
    assert (learned["actual"], learned["fixes"]) == ("channel 1: on, with 2001:db8::7 by slaac", [])


def test_whether_a_bmc_learns_addresses_must_be_told(bmc: Target) -> None:
    act("ipmi_lan", {**bmc.options, "ipv6": {"addresses": ["2001:db8::10/64"], "dynamic_routers": False}})
    bmc.faults(refuse={"0C/02:0140": 0x80})
    assert finding(bmc, "N-06")["state"] == "not_assessed"


def test_ipv6_alone_is_not_switched_off(bmc: Target) -> None:
    bmc.put("lan", "1", "ipv6", "enables", value=1)
    found = finding(bmc, "N-06")
    assert (found["state"], found["fixes"]) == ("fail", [])
    bmc.put("lan", "1", "ipv6", "enables", value=7)
    assert finding(bmc, "N-06")["state"] == "not_assessed"


PARAMETERS = {"N-01": "03", "N-02": "04", "N-03": "14", "N-04": "0C", "N-05": "0A", "N-06": "33"}


@pytest.mark.parametrize("control", PARAMETERS)
def test_what_the_bmc_does_not_tell_is_no_pass(bmc: Target, control: str) -> None:
    bmc.faults(refuse={f"0C/02:01{PARAMETERS[control]}": 0x80})
    found = finding(bmc, control, WANTED)
    assert found["state"] == "not_assessed" and "0x80" in found["reason"]


@pytest.mark.control("N-07", "fail", "pass")
def test_a_port_that_others_use_too_is_found(mixed: Rack) -> None:
    bmc = of(mixed, "supermicro_x14")
    found = finding(bmc, "N-07")
    assert (found["state"], found["actual"], found["fixes"]) == ("fail", "failover", [])
    assert finding(bmc, "N-07", {"nic_mode": "failover"})["state"] == "pass"
    bmc.put("nic", "value", value="00")
    assert finding(bmc, "N-07")["state"] == "pass"
    bmc.put("nic", "value", value="09")
    assert finding(bmc, "N-07")["state"] == "not_assessed"


def test_of_a_port_that_waits_for_a_restart_both_count(mixed: Rack) -> None:
    bmc = of(mixed, "ilo5")
    assert finding(bmc, "N-07")["state"] == "pass"
    for now, later, actual in (("00", "01", "dedicated, shared"), ("01", "00", "shared, dedicated")):
        bmc.put("nic", "value", value=now)
        bmc.put("nic", "wanted", value=later)
        found = finding(bmc, "N-07")
        assert (found["state"], found["actual"]) == ("fail", f"{actual} after a restart of the BMC")


def test_the_port_of_a_maker_without_a_known_command_is_not_assessed(bmc: Target) -> None:
    found = finding(bmc, "N-07")
    assert found["state"] == "not_assessed" and "no command of this maker's is known" in found["reason"]


@pytest.mark.control("N-08", "only_manual")
def test_who_else_reaches_the_bmc_is_for_people_to_see(bmc: Target) -> None:
    found = finding(bmc, "N-08")
    assert (found["state"], found["severity"]) == ("manual", "critical")
    assert "623" in found["reason"]


EXPECTED = {
    # No ARP control, no command for the port.
    "openbmc": {"N-05": "not_assessed", "N-07": "not_assessed"},
    # Its second channel has no address, and is on.
    "megarac_hpe": {"N-01": "not_assessed", "N-04": "not_assessed", "N-07": "not_assessed"},
    "idrac9": {},
    "supermicro_x14": {"N-07": "fail"},
}


@pytest.mark.parametrize("maker", MAKERS)
def test_makers_say_what_they_are(mixed: Rack, maker: str) -> None:
    rows = {control: found["state"] for control, found in findings(of(mixed, maker), *ALL, policy=WANTED).items()}
    assert rows == {**dict.fromkeys(ALL, "pass"), "N-06": "fail", "N-08": "manual", **EXPECTED[maker]}


def test_a_channel_that_is_off_for_good_needs_no_network(mixed: Rack) -> None:
    bmc = of(mixed, "megarac_hpe")
    controls = ("N-01", "N-02", "N-03", "N-04", "N-05", "N-06")
    bmc.put("channels", "8", "volatile", "mode", value=0)
    assert parts(finding(bmc, "N-01", WANTED))["channel 8"] == "not_assessed"
    bmc.put("channels", "8", "non_volatile", "mode", value=0)
    for found in findings(bmc, *controls, policy=WANTED).values():
        assert parts(found)["channel 8"] == "not_applicable"
        assert parts(found)["channel 1"] in ("pass", "fail")
    # The session's own channel is not off, whatever the BMC says; of this one it does not tell whether it is that.
    bmc.faults(refuse={"06/42:0E": 0xCC})
    assert parts(finding(bmc, "N-01", WANTED))["channel 8"] == "not_assessed"
    mixed.ask("heal", bmc.name)
    assert parts(finding(bmc, "N-01", WANTED))["channel 8"] == "not_applicable"
    # A BMC that does not tell whether a channel is off may have it on.
    bmc.faults(refuse={"06/41:08": 0xD4})
    assert parts(finding(bmc, "N-01", WANTED))["channel 8"] == "not_assessed"


def test_a_channel_without_an_address_is_kept_from_taking_one(mixed: Rack) -> None:
    bmc = of(mixed, "megarac_hpe")
    bmc.put("lan", "8", "source", value=DHCP)
    found = finding(bmc, "N-02")
    assert found["fixes"] == [{"lan": [{"channel": 8, "ip_source": "static"}]}]
    mend(bmc, found)
    assert finding(bmc, "N-02")["state"] == "pass"

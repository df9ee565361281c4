# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""T-01 to T-03 against the simulated rack."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration.harness import act, witness
from tests.integration.simulator.audit.judged import finding, mend
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target, users

OWN = "Vogelfrei"
RECEIVER, OTHER = "192.0.2.50", "198.51.100.7"


@pytest.fixture(scope="module")
def rack(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC that has everything, and one without alerts."""
    prefix = network()
    common = {"netmask": "255.255.255.0", "source": "static"}
    return start_rack(
        {
            "bmcs": [
                {"name": "n1", "address": f"{prefix}.1", "users": users(), **common},
                {"name": "without", "maker": "openbmc", "address": f"{prefix}.2", "users": {2: {**users()[2], "password_size": 20}}, **common},
            ]
        }
    )


@pytest.fixture
def without(rack: Rack) -> Target:
    """A BMC that has neither communities nor event filtering."""
    return Target(rack, "without", rack.status("without")["address"], password=PASSWORD)


def community(text: str) -> str:
    """As the state holds it."""
    return text.encode().ljust(18, b"\0").hex()


def point(bmc: Target, number: int, address: str) -> None:
    """Give an alert destination its address."""
    octets = bytes(int(part) for part in address.split("."))
    bmc.put("lan", "1", "destinations", number, "address", value=octets.hex())


def lead(bmc: Target, number: int, *, on: bool = True) -> None:
    """Let the first alert policy lead to a destination on channel 1."""
    bmc.put("pef", "policies", 0, value=bytes([0x18 if on else 0x10, 0x10 | number, 0]).hex())


@pytest.mark.control("T-01", "fail", "pass")
@pytest.mark.parametrize("default", ["public", "private", "Public", ""])
def test_a_default_community_is_found_and_mended(bmc: Target, default: str) -> None:
    bmc.put("lan", "1", "community", value=community(default))
    found = finding(bmc, "T-01", {"snmp_community": OWN})
    assert (found["state"], found["actual"]) == ("fail", "channel 1: a well-known default")
    mend(bmc, found, snmp_community=OWN)
    assert finding(bmc, "T-01", {"snmp_community": OWN})["state"] == "pass"
    assert finding(bmc, "T-01")["parts"][0]["actual"] == "not a default"


def test_a_community_that_is_not_the_sites_is_found_and_never_shown(bmc: Target) -> None:
    bmc.put("lan", "1", "community", value=community("Hinterhof"))
    found = finding(bmc, "T-01", {"snmp_community": OWN})
    assert (found["state"], found["actual"]) == ("fail", "channel 1: not a default, and not the site's")
    shown = json.dumps(found)
    for secret in ("Hinterhof", OWN):
        assert secret not in shown
        assert secret.encode().hex(" ") not in shown
    mend(bmc, found, snmp_community=OWN)
    assert finding(bmc, "T-01", {"snmp_community": OWN})["state"] == "pass"


def test_without_the_sites_community_there_is_no_fix_to_offer(bmc: Target) -> None:
    assert finding(bmc, "T-01")["fixes"] == []
    assert finding(bmc, "T-01", {"snmp_community": "public"})["fixes"] == []
    assert finding(bmc, "T-01", {"snmp_community": "public"})["state"] == "fail"


def test_a_bmc_without_a_community_is_not_assessed(without: Target) -> None:
    found = finding(without, "T-01", {"snmp_community": OWN})
    assert found["state"] == "not_assessed"
    assert "0x80" in found["reason"]


@pytest.mark.control("T-02", "fail", "pass")
def test_destinations_that_are_not_the_sites_are_found(bmc: Target) -> None:
    point(bmc, 2, OTHER)
    found = finding(bmc, "T-02", {"alert_destinations": [RECEIVER]})
    assert found["state"] == "fail"
    assert found["actual"] == f"channel 1: destination 2 is {OTHER}: not the site's; {RECEIVER} is no destination"
    assert found["fixes"] == []
    point(bmc, 2, RECEIVER)
    lead(bmc, 2)
    found = finding(bmc, "T-02", {"alert_destinations": [RECEIVER]})
    assert found["state"] == "pass"
    assert found["parts"] == [
        {"subject": "channel 1", "state": "pass", "expected": f"only {RECEIVER}", "actual": f"destination 2 is {RECEIVER}", "reason": ""}
    ]


@pytest.mark.parametrize("policy", [0x10, 0x00])
def test_a_destination_that_no_alert_policy_leads_to_gets_no_alerts(bmc: Target, policy: int) -> None:
    point(bmc, 1, RECEIVER)
    bmc.put("pef", "policies", 0, value=bytes([policy, 0x11, 0]).hex())
    found = finding(bmc, "T-02", {"alert_destinations": [RECEIVER]})
    assert (found["state"], found["actual"]) == ("fail", f"no alert policy that is on leads to {RECEIVER}")


def test_an_empty_list_says_that_alerts_go_nowhere(bmc: Target) -> None:
    assert finding(bmc, "T-02", {"alert_destinations": []})["state"] == "pass"
    point(bmc, 1, OTHER)
    assert finding(bmc, "T-02", {"alert_destinations": []})["state"] == "fail"


def test_destinations_are_shown_where_nobody_said_what_is_wanted(bmc: Target) -> None:
    found = finding(bmc, "T-02")
    assert (found["state"], found["actual"]) == ("manual", "channel 1: no destination is set")
    assert "policy.alert_destinations" in found["reason"]
    point(bmc, 3, OTHER)
    assert finding(bmc, "T-02")["actual"] == f"channel 1: destination 3 is {OTHER}"


def test_where_the_alert_policies_cannot_be_read_nothing_passes(bmc: Target) -> None:
    point(bmc, 1, RECEIVER)
    bmc.faults(refuse={"04/13": 0xC1})
    assert finding(bmc, "T-02", {"alert_destinations": [RECEIVER]})["state"] == "not_assessed"


def test_a_channel_without_destinations_has_none_to_judge(without: Target) -> None:
    assert finding(without, "T-02", {"alert_destinations": [RECEIVER]})["state"] == "not_applicable"


def test_what_is_no_address_is_refused(bmc: Target) -> None:
    result = act("ipmi_audit", {**bmc.options, "controls": ["T-02"], "policy": {"alert_destinations": ["trap-receiver"]}})
    assert result["failed"]
    assert "policy.alert_destinations: 'trap-receiver' is not an IP address" in result["msg"]


@pytest.mark.control("T-03", "fail", "pass")
def test_event_filtering_that_is_off_is_found(bmc: Target) -> None:
    bmc.put("pef", "control", value=0)
    bmc.put("pef", "actions", value=0x3E)
    found = finding(bmc, "T-03")
    assert (found["state"], found["actual"]) == ("fail", "off: event filtering, event messages, the alert action")
    bmc.put("pef", "control", value=3)
    found = finding(bmc, "T-03")
    assert (found["state"], found["actual"]) == ("fail", "off: the alert action")
    bmc.put("pef", "actions", value=1)
    assert finding(bmc, "T-03")["state"] == "pass"


def test_ipmi_config_of_freeipmi_mends_event_filtering_as_the_control_says(bmc: Target) -> None:
    bmc.put("pef", "control", value=0)
    bmc.put("pef", "actions", value=0)
    assert finding(bmc, "T-03")["state"] == "fail"
    login = ("-D", "LAN_2_0", "-I", "3", "-h", f"{bmc.host}:{bmc.rack.port}", "-u", bmc.user, "-p", bmc.password, "-l", "ADMIN")
    keys = [f"--key-pair=PEF_Conf:{key}=Yes" for key in ("Enable_PEF", "Enable_PEF_Event_Messages", "Enable_Alert_Action")]
    witness("ipmi-config", *login, "--category=pef", "--commit", *keys)
    assert finding(bmc, "T-03")["state"] == "pass"


@pytest.mark.parametrize(("copy", "name"), [("volatile", "volatile"), ("non_volatile", "non-volatile")])
def test_a_channel_that_sends_no_alerts_is_found_and_mended(bmc: Target, copy: str, name: str) -> None:
    bmc.put("pef", "control", value=3)
    bmc.put("pef", "actions", value=1)
    bmc.put("channels", "1", copy, "pef_alerting", value=False)
    found = finding(bmc, "T-03")
    assert (found["state"], found["actual"]) == ("fail", f"channel 1: alerting is off in the {name} settings of the channel")
    mend(bmc, found)
    assert finding(bmc, "T-03")["state"] == "pass"


def test_a_bmc_without_event_filtering_is_not_assessed(without: Target) -> None:
    found = finding(without, "T-03")
    assert found["state"] == "not_assessed"
    assert "0xC1" in found["reason"]


def test_who_wants_no_alerts_is_not_told_that_none_are_sent(bmc: Target) -> None:
    assert finding(bmc, "T-03")["state"] == "fail"
    assert finding(bmc, "T-03", {"alert_destinations": []})["state"] == "not_applicable"
    assert finding(bmc, "T-03", {"alert_destinations": [RECEIVER]})["state"] == "fail"

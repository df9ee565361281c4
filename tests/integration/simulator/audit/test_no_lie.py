# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit does not lie: a BMC that refuses, cuts off, drops or hides something gets no pass for it.

The BMC here is open in every way that a command can show. Whatever it then keeps to itself, no control that
failed may pass, and nothing may end the audit as a fault of the collection.
"""

from __future__ import annotations

import random
import typing as t

import pytest

from tests.integration.harness import act
from tests.integration.simulator.audit.judged import Finding, finding
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target, users

#: How BMCs refuse.
CODES: t.Final = (0xC1, 0xC7, 0xC9, 0xCB, 0xCC, 0xD4, 0xD5, 0xFF)
#: How many requests, of those that an audit sends, are refused or cut off.
SAMPLE: t.Final = 30
DEVICE_ID, CHANNEL_INFO = (0x06, 0x01), (0x06, 0x42)
SYSTEM_INTERFACE: t.Final = {"medium": 12, "protocol": 5, "session_support": 0, "payload_types": 0}
POLICY: t.Final[dict[str, t.Any]] = {
    "allowed_users": ["auditor"],
    "user_privileges": {"auditor": "administrator", "oper": "user"},
    "sol_users": [],
    "sol_enabled": False,
    "sol_bit_rate": "9600",
    "management_networks": ["192.0.2.0/24"],
    "vlan_id": 7,
    "gateway": "none",
    "alert_destinations": ["192.0.2.9"],
    "firmware_minimum": "99.01",
    "max_administrators": 1,
}


@pytest.fixture(scope="module")
def open_rack(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """Two LAN channels and a serial one; accounts of the factory."""
    prefix = network()
    accounts = {
        1: {"name": "", "password": "", "privilege": "administrator", "enabled": True},
        **users(),
        4: {"name": "oper", "password": PASSWORD, "privilege": "administrator"},
        5: {"name": "ADMIN", "password": "ADMIN", "privilege": "administrator"},
        6: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"},
    }
    channels = {1: {}, 2: {"medium": 5, "session_support": 1}, 3: {}, 15: SYSTEM_INTERFACE}
    personality = {"channels": channels, "lan": {"channels": [1, 3], "cipher_suites": [0, 1, 3, 8, 17], "cipher_privileges": [4] * 5}}
    place = {"netmask": "255.255.255.0", "source": "static", "users": accounts, "personality": personality}
    return start_rack({"bmcs": [{"name": name, "address": f"{prefix}.{number}", **place} for number, name in enumerate(("open", "other"), 1)]})


@pytest.fixture
def open_bmc(open_rack: Rack) -> Target:
    """Open in every way."""
    return _open(open_rack, "open")


def _open(rack: Rack, name: str) -> Target:
    rack.ask("heal", name)
    rack.ask("factory", name)
    rack.ask("close_sessions", name)
    bmc = Target(rack, name, rack.status(name)["address"], user="auditor")
    for channel in ("1", "3"):
        bmc.put("lan", channel, "auth_enables", value="1717171717")
        bmc.put("lan", channel, "auth_support", value=0x17)
        bmc.put("lan", channel, "arp", value=1)
    for channel in ("1", "2", "3"):
        for copy in ("volatile", "non_volatile"):
            for flag in ("per_message_auth", "user_level_auth"):
                bmc.put("channels", channel, copy, flag, value=False)
        bmc.put("channels", channel, "non_volatile", "pef_alerting", value=False)
    parameters = bmc.state()["serial"]["2"]["parameters"]
    bmc.put("serial", "2", "parameters", value={**parameters, "5": "010201ffff", "20": "02", "21": "01012b3439" + 13 * "00"})
    return bmc


def judge(bmc: Target, **options: t.Any) -> dict[str, Finding]:
    """All findings; the audit itself must not fail."""
    result = act("ipmi_audit", {**bmc.options, "profile": "L3", "policy": POLICY, "texts": False, **options})
    assert not result.get("failed"), result
    return {found["id"]: found for found in result["audit"]["findings"]}


def asked(bmc: Target) -> list[tuple[int, int, str]]:
    """The requests of the last audit, each once."""
    entries = bmc.rack.ask("journal", bmc.name)["bmcs"][bmc.name]
    login = {(0x06, 0x3A), (0x06, 0x3B), (0x06, 0x3C)}
    found = dict.fromkeys((e["netfn"], e["cmd"], e["data"]) for e in entries if (e["netfn"], e["cmd"]) not in login)
    assert not any(e["write"] for e in entries), "an audit wrote"
    return list(found)


def softened(before: dict[str, Finding], after: dict[str, Finding]) -> dict[str, str]:
    """Controls that failed and now look good."""
    return {
        name: f"{after[name]['state']}: {after[name]['actual']}"
        for name, found in before.items()
        if found["state"] == "fail" and after[name]["state"] in ("pass", "not_applicable")
    }


ACCOUNTS: t.Final = ("U-01", "U-02", "U-03", "U-05", "U-06", "U-07", "U-08", "U-09")


@pytest.mark.parametrize("control", ACCOUNTS)
def test_slots_without_the_account_of_the_session_are_not_all(open_bmc: Target, control: str) -> None:
    """Its names are refused as BMCs refuse those of empty slots."""
    open_bmc.faults(refuse={"06/46": 0xCC})
    found = finding(open_bmc, control, POLICY)
    assert found["state"] == "not_assessed" and "so it has others" in found["reason"]


def test_the_accounts_of_a_serial_channel_are_not_all_either(open_bmc: Target) -> None:
    for copy in ("volatile", "non_volatile"):
        for flag in ("per_message_auth", "user_level_auth"):
            open_bmc.put("channels", "2", copy, flag, value=True)
    open_bmc.faults(refuse={"06/46": 0xCC})
    found = finding(open_bmc, "H-06")
    assert found["state"] == "not_assessed" and "so it has others" in found["reason"]


@pytest.mark.parametrize(("privilege", "state"), [(0, "pass"), (9, "fail"), (15, "pass")])
def test_a_reserved_privilege_on_a_serial_channel_counts_as_one(open_bmc: Target, privilege: int, state: str) -> None:
    for copy in ("volatile", "non_volatile"):
        for flag in ("per_message_auth", "user_level_auth"):
            open_bmc.put("channels", "2", copy, flag, value=True)
    for user_id, user in open_bmc.state()["users"].items():
        access = {"privilege": privilege, "messaging": True, "link_auth": False}
        open_bmc.put("users", user_id, "access", value={**user["access"], "2": access})
    assert finding(open_bmc, "H-06")["state"] == state


def test_a_default_password_on_another_channel_alone_is_no_pass(open_bmc: Target) -> None:
    for user_id in open_bmc.state()["users"]:
        if user_id != "6":
            open_bmc.put("users", user_id, "enabled", value=user_id == "5")
    open_bmc.put("users", "5", "access", value={"1": {"privilege": 15, "messaging": False}, "3": {"privilege": 4, "messaging": True}})
    found = finding(open_bmc, "U-04")
    assert found["state"] == "not_assessed" and "over channel 3 alone" in found["reason"]
    for copy in ("volatile", "non_volatile"):
        open_bmc.put("channels", "3", copy, "mode", value=0)
    assert finding(open_bmc, "U-04")["state"] == "pass"


def test_what_was_tried_over_one_channel_does_not_speak_for_another(open_bmc: Target) -> None:
    """The BMC does not say over which of its LAN channels the session runs; suite 0 is off on channel 1."""
    open_bmc.put("lan", "1", "cipher_privileges", value=[0, 0, 4, 0, 4] + [0] * 11)
    open_bmc.put("lan", "1", "auth_enables", value="0000000000")
    open_bmc.faults(refuse={"06/42:0E": 0xCC})
    for control in ("C-01", "A-01"):
        found = finding(open_bmc, control)
        assert {part["subject"]: part["state"] for part in found["parts"]} == {"channel 1": "pass", "channel 3": "fail"}, found
    assert "the BMC does not say over which channel" in finding(open_bmc, "C-01")["parts"][0]["actual"]


def test_the_channel_in_use_is_judged_though_its_number_is_refused(open_bmc: Target) -> None:
    open_bmc.faults(refuse={"06/42:01": 0xCC, "06/42:03": 0xCC})
    found = finding(open_bmc, "A-02")
    assert found["state"] == "fail" and found["actual"].startswith("channel 1: NONE is on")


def test_evidence_does_not_tell_the_number_that_the_bmc_calls(open_bmc: Target) -> None:
    found = finding(open_bmc, "H-07")
    (first, *_more) = [entry for entry in found["evidence"] if entry.get("request", "").startswith("02 15")]
    assert first["response"] == "(secret)" and "2b 34 39" not in str(found)


@pytest.mark.parametrize("kind", ["refuse", "short"])
def test_what_the_bmc_keeps_to_itself_mends_nothing(open_rack: Rack, kind: str) -> None:
    """A seeded sample of what the audit asks: single requests and whole commands."""
    open_bmc = _open(open_rack, "other")
    open_bmc.rack.ask("clear_counters", open_bmc.name)
    before = judge(open_bmc, probes=False)
    requests = asked(open_bmc)
    # The identity of the BMC is no control's. "No such channel" is an answer.
    single = [f"{net_fn:02X}/{code:02X}:{data}" for net_fn, code, data in requests if (net_fn, code) not in (DEVICE_ID, CHANNEL_INFO)]
    whole = list(dict.fromkeys(f"{net_fn:02X}/{code:02X}" for net_fn, code, _data in requests if (net_fn, code) != DEVICE_ID))
    dice = random.Random(kind)
    for pattern in [*whole, *dice.sample(single, SAMPLE)]:
        open_bmc.rack.ask("heal", open_bmc.name)
        if kind == "refuse":
            fault: dict[str, t.Any] = {"refuse": {pattern: dice.choice(CODES)}}
        else:
            fault = {"mangle": "short", "mangle_on": pattern}
        open_bmc.faults(**fault)
        assert not softened(before, judge(open_bmc, probes=False)), fault


def test_a_login_without_authentication_that_begins_though_it_is_off_is_no_pass(start_rack: Starter, network: t.Callable[[], str]) -> None:
    personality = {"lan": {"auth_enables": [0] * 5, "auth_accepts": 0x01}}
    place = {"netmask": "255.255.255.0", "source": "static", "users": users(), "personality": personality}
    rack = start_rack({"bmcs": [{"name": "lax", "address": f"{network()}.1", **place}]})
    bmc = Target(rack, "lax", rack.status("lax")["address"])
    found = finding(bmc, "A-02")
    assert found["state"] == "not_assessed" and "begin all the same" in found["reason"]
    assert finding(bmc, "A-02", probes=False)["state"] == "pass"


@pytest.mark.parametrize(
    "fault",
    [
        {"mangle": "long"},
        {"mangle": "truncated", "mangle_on": "0C/02", "mangle_count": 2},
        {"mangle": "garbage", "mangle_on": "06/44", "mangle_count": 2},
        {"mangle": "checksum", "mangle_on": "06/41", "mangle_count": 2},
        {"mangle": "sequence", "mangle_on": "06/42", "mangle_count": 2},
        {"duplicate": True},
        {"busy_rate": 20, "seed": 4},
        {"delay": 0.01},
        {"reset_before": ["0C/22"]},
        {"slots_taken": 2},
    ],
    ids=str,
)
def test_a_bmc_in_trouble_gets_no_pass_or_no_audit(open_bmc: Target, fault: dict[str, t.Any]) -> None:
    before = judge(open_bmc)
    open_bmc.rack.ask("close_sessions", open_bmc.name)
    open_bmc.faults(**fault)
    result = act("ipmi_audit", {**open_bmc.options, "profile": "L3", "policy": POLICY, "texts": False})
    if "reset_before" in fault:
        assert result["failed"] and result["reason"] == "session_lost", result
        return
    assert not result.get("failed"), result
    assert not softened(before, {found["id"]: found for found in result["audit"]["findings"]})

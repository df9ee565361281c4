# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""H-01 to H-07 against the simulated rack, with FreeIPMI as the witness."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.simulator.audit.judged import Finding, finding, findings, mend
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target
from tests.integration.simulator.test_ipmi_channel import freeipmi

ALL = ("H-01", "H-02", "H-03", "H-04", "H-05", "H-06", "H-07")
COPIES = ("volatile", "non_volatile")
#: Get Channel Access of channel 1, the copy in force and the stored one.
LIVE, STORED = "06/41:0180", "06/41:0140"
MAKERS = ("openbmc", "megarac_hpe", "idrac9", "supermicro_x14")
SYSTEM_INTERFACE = {"medium": 12, "protocol": 5, "session_support": 0, "payload_types": 0}


@pytest.fixture(scope="module")
def mixed(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each of some makers; one with a serial channel, one with two LAN channels."""
    prefix = network()
    auditor = {4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"}}
    bmcs: list[dict[str, t.Any]] = [{"name": maker, "maker": maker} for maker in MAKERS]
    bmcs += [
        {"name": "serial", "personality": {"channels": {1: {}, 2: {"medium": 5, "session_support": 1}, 15: SYSTEM_INTERFACE}}},
        {"name": "two", "personality": {"channels": {1: {}, 3: {}, 15: SYSTEM_INTERFACE}, "lan": {"channels": [1, 3]}}},
    ]
    for number, bmc in enumerate(bmcs, 1):
        bmc |= {"address": f"{prefix}.{number}", "source": "static", "users": auditor}
    return start_rack({"bmcs": bmcs})


def of(rack: Rack, name: str) -> Target:
    """One of them, factory-fresh."""
    rack.ask("heal", name)
    rack.ask("factory", name)
    return Target(rack, name, rack.status(name)["address"], user="auditor")


def parts(found: Finding) -> dict[str, str]:
    """The state of each of a finding's parts."""
    return {part["subject"]: part["state"] for part in found["parts"]}


def put_both(bmc: Target, channel: int, name: str, value: t.Any) -> None:
    for copy in COPIES:
        bmc.put("channels", str(channel), copy, name, value=value)


AUTHENTICATION = [("H-01", "per_message_auth", "per-message authentication"), ("H-02", "user_level_auth", "user level authentication")]


@pytest.mark.control("H-01", "fail", "pass")
@pytest.mark.control("H-02", "fail", "pass")
@pytest.mark.parametrize(("control", "flag", "what"), AUTHENTICATION)
def test_authentication_that_is_off_is_found_and_mended_in_both_copies(bmc: Target, control: str, flag: str, what: str) -> None:
    put_both(bmc, 1, flag, False)
    keys = {f"{copy}_Enable_{flag.title()}" for copy in ("Volatile", "Non_Volatile")}
    assert {freeipmi(bmc, "Lan_Channel")[key] for key in keys} == {"No"}
    found = finding(bmc, control)
    assert found["state"] == "fail"
    assert found["actual"] == f"channel 1, volatile: {what} is off; channel 1, non-volatile: {what} is off"
    assert [step["request"] for step in found["evidence"] if "(06/41)" in step["command"]] == ["01 80", "01 40"]
    mend(bmc, found)
    assert finding(bmc, control)["state"] == "pass"
    assert {freeipmi(bmc, "Lan_Channel")[key] for key in keys} == {"Yes"}


@pytest.mark.parametrize(("control", "flag", "what"), AUTHENTICATION)
@pytest.mark.parametrize("copy", COPIES)
def test_authentication_that_is_off_in_one_copy_is_found_and_mended_there(bmc: Target, control: str, flag: str, what: str, copy: str) -> None:
    bmc.put("channels", "1", copy, flag, value=False)
    found = finding(bmc, control)
    assert found["actual"] == f"channel 1, {copy.replace('_', '-')}: {what} is off"
    assert found["fixes"] == [{"channels": [{"channel": 1, copy: {flag: True}}]}]
    mend(bmc, found)
    assert finding(bmc, control)["state"] == "pass"


@pytest.mark.parametrize("control", ["H-01", "H-02", "H-03", "H-04", "H-05"])
def test_a_copy_that_the_bmc_does_not_tell_is_no_pass(bmc: Target, control: str) -> None:
    bmc.faults(refuse={STORED: 0xCC})
    found = finding(bmc, control)
    assert found["state"] == "not_assessed" and "0xCC" in found["reason"]


@pytest.mark.control("H-03", "fail", "pass")
def test_a_second_lan_channel_is_to_be_off(mixed: Rack) -> None:
    bmc = of(mixed, "two")
    found = finding(bmc, "H-03")
    assert found["actual"] == "channel 3, volatile: always; channel 3, non-volatile: always"
    assert found["expected"] == "access mode disabled"
    mend(bmc, found)
    assert finding(bmc, "H-03")["state"] == "pass"
    assert parts(finding(bmc, "H-03", {"lan_channels": [1, 3]})) == {
        "channel 1, volatile": "pass",
        "channel 1, non-volatile": "pass",
        "channel 3, volatile": "fail",
        "channel 3, non-volatile": "fail",
    }


def test_a_lan_channel_that_is_used_is_to_be_always_on(bmc: Target) -> None:
    bmc.put("channels", "1", "non_volatile", "mode", value=1)
    found = finding(bmc, "H-03")
    assert found["actual"] == "channel 1, non-volatile: pre_boot" and found["expected"] == "access mode always"
    mend(bmc, found)
    assert finding(bmc, "H-03")["state"] == "pass"


def test_the_own_channel_is_never_closed(mixed: Rack) -> None:
    bmc = of(mixed, "two")
    found = finding(bmc, "H-03", {"lan_channels": [3]})
    assert found["state"] == "fail" and found["fixes"] == []
    assert "this session runs over it" in found["actual"]


def test_which_of_two_lan_channels_is_used_must_be_said_where_the_bmc_does_not_tell(mixed: Rack) -> None:
    bmc = of(mixed, "two")
    bmc.faults(refuse={"06/42:0E": 0xCC})
    found = finding(bmc, "H-03")
    assert found["state"] == "manual" and "policy.lan_channels" in found["reason"]
    # Either may be the session's own.
    assert finding(bmc, "H-03", {"lan_channels": [1]})["fixes"] == []


def test_of_one_lan_channel_alone_the_bmc_need_not_tell(bmc: Target) -> None:
    bmc.faults(refuse={"06/42:0E": 0xCC})
    assert finding(bmc, "H-03")["state"] == "pass"


@pytest.mark.control("H-04", "fail", "pass")
def test_a_limit_above_the_sites_is_found_and_mended(bmc: Target) -> None:
    assert finding(bmc, "H-04")["state"] == "pass"
    put_both(bmc, 1, "privilege_limit", 5)
    found = finding(bmc, "H-04")
    assert found["actual"] == "channel 1, volatile: oem; channel 1, non-volatile: oem"
    assert found["expected"] == "at most administrator"
    mend(bmc, found)
    assert finding(bmc, "H-04")["state"] == "pass"
    seen = freeipmi(bmc, "Lan_Channel")
    assert (seen["Volatile_Channel_Privilege_Limit"], seen["Non_Volatile_Channel_Privilege_Limit"]) == ("Administrator", "Administrator")


def test_a_limit_that_the_session_needs_is_not_lowered(bmc: Target) -> None:
    found = finding(bmc, "H-04", {"privilege_limit": "operator"})
    assert found["state"] == "fail" and found["fixes"] == []
    assert "which this session itself needs" in found["actual"]


def test_a_limit_that_is_none_is_not_judged(bmc: Target) -> None:
    bmc.put("channels", "1", "non_volatile", "privilege_limit", value=0)
    found = finding(bmc, "H-04")
    assert found["state"] == "not_assessed" and found["reason"] == "channel 1, non-volatile: the BMC gives a limit that is none: 0"


@pytest.mark.control("H-05", "fail", "pass")
def test_copies_that_differ_are_found_and_take_the_safer_value(bmc: Target) -> None:
    assert finding(bmc, "H-05")["state"] == "pass"
    bmc.put("channels", "1", "volatile", "per_message_auth", value=False)
    bmc.put("channels", "1", "non_volatile", "pef_alerting", value=False)
    bmc.put("channels", "1", "volatile", "privilege_limit", value=5)
    bmc.put("channels", "1", "non_volatile", "mode", value=1)
    found = finding(bmc, "H-05")
    assert found["state"] == "fail"
    assert "access_mode is always in force and pre_boot stored" in found["actual"]
    assert "per_message_auth is off in force and on stored" in found["actual"]
    mend(bmc, found)
    assert finding(bmc, "H-05")["state"] == "pass"
    channel = bmc.state()["channels"]["1"]
    assert channel["volatile"] == channel["non_volatile"]
    assert channel["volatile"] == {"mode": 2, "pef_alerting": True, "per_message_auth": True, "user_level_auth": True, "privilege_limit": 4}


@pytest.mark.parametrize(
    ("live", "stored", "policy", "wanted"),
    [
        # Of two that are allowed the lower, but not below the session's own.
        (5, 4, "oem", "administrator"),
        (5, 2, "oem", "administrator"),
        (4, 2, "administrator", "administrator"),
        # One that is not allowed gives way to what is.
        (5, 2, "administrator", "administrator"),
        # The site's limit would end the session, and so would the stored one.
        (4, 2, "operator", None),
        # No limit at all.
        (4, 0, "administrator", None),
    ],
)
def test_of_two_limits_one_is_taken_that_the_other_controls_agree_with(bmc: Target, live: int, stored: int, policy: str, wanted: str | None) -> None:
    bmc.put("channels", "1", "volatile", "privilege_limit", value=live)
    bmc.put("channels", "1", "non_volatile", "privilege_limit", value=stored)
    entries = [document["channels"][0] for document in finding(bmc, "H-05", {"privilege_limit": policy})["fixes"]]
    assert {entry[copy]["privilege_limit"] for entry in entries for copy in COPIES if copy in entry} == ({wanted} if wanted else set())


def test_copies_of_the_own_channel_are_not_made_alike_by_closing_it(mixed: Rack) -> None:
    bmc = of(mixed, "two")
    bmc.put("channels", "1", "non_volatile", "mode", value=0)
    policy = {"lan_channels": [3]}
    assert finding(bmc, "H-05", policy)["fixes"] == []
    bmc.put("channels", "3", "non_volatile", "mode", value=0)
    (fixed,) = finding(bmc, "H-05", policy)["fixes"]
    assert fixed == {"channels": [{"channel": 3, "non_volatile": {"access_mode": "always"}}]}


def test_the_fixes_of_differing_copies_do_not_contradict_each_other(bmc: Target) -> None:
    bmc.put("channels", "1", "volatile", "per_message_auth", value=False)
    bmc.put("channels", "1", "non_volatile", "user_level_auth", value=False)
    bmc.put("channels", "1", "volatile", "privilege_limit", value=5)
    bmc.put("channels", "1", "non_volatile", "privilege_limit", value=2)
    bmc.put("channels", "1", "non_volatile", "mode", value=0)
    said: dict[tuple[str, str], set[t.Any]] = {}
    for found in findings(bmc, *ALL).values():
        for document in found["fixes"]:
            for copy in COPIES:
                for name, value in document["channels"][0].get(copy, {}).items():
                    said.setdefault((copy, name), set()).add(value)
    assert said and all(len(values) == 1 for values in said.values()), said


@pytest.mark.control("H-06", "fail", "pass")
def test_a_serial_channel_without_authentication_is_found_and_mended(mixed: Rack) -> None:
    bmc = of(mixed, "serial")
    bmc.put("channels", "2", "volatile", "per_message_auth", value=False)
    bmc.put("channels", "2", "non_volatile", "user_level_auth", value=False)
    found = finding(bmc, "H-06")
    assert parts(found) == {"channel 2, volatile": "fail", "channel 2, non-volatile": "fail", "channel 2, accounts": "pass"}
    assert found["actual"] == (
        "channel 2, volatile: always, without per-message authentication; channel 2, non-volatile: always, without user level authentication"
    )
    mend(bmc, found)
    assert set(parts(finding(bmc, "H-06")).values()) == {"pass"}


def test_an_account_without_link_authentication_on_a_serial_channel_is_named(mixed: Rack) -> None:
    bmc = of(mixed, "serial")
    access = {"privilege": 4, "link_auth": False, "messaging": True, "callback": False, "session_limit": 0}
    bmc.put("users", "4", "access", value={**bmc.state()["users"]["4"]["access"], "2": access})
    found = finding(bmc, "H-06")
    assert found["actual"] == "channel 2, accounts: without link authentication: user 4 (auditor)"
    mend(bmc, found)
    assert finding(bmc, "H-06")["state"] == "pass"
    assert bmc.state()["users"]["4"]["access"]["2"] == {**access, "link_auth": True}
    bmc.put("users", "1", "access", value={**bmc.state()["users"]["1"]["access"], "2": access})
    bmc.put("users", "1", "enabled", value=True)
    nameless = finding(bmc, "H-06")
    assert (nameless["actual"], nameless["fixes"]) == ("channel 2, accounts: without link authentication: user 1 (without a name)", [])
    bmc.put("users", "1", "enabled", value=False)
    # Who cannot log in there needs none.
    for name, value in {"messaging": False, "privilege": 15}.items():
        bmc.put("users", "4", "access", value={**bmc.state()["users"]["4"]["access"], "2": {**access, name: value}})
        assert finding(bmc, "H-06")["state"] == "pass"


def test_a_serial_channel_that_is_off_needs_no_authentication(mixed: Rack) -> None:
    bmc = of(mixed, "serial")
    for name, value in {"mode": 0, "per_message_auth": False, "user_level_auth": False}.items():
        put_both(bmc, 2, name, value)
    assert parts(finding(bmc, "H-06")) == {
        "channel 2, volatile": "pass",
        "channel 2, non-volatile": "pass",
        "channel 2, accounts": "not_applicable",
    }
    bmc.faults(refuse={"06/41:02": 0xD4})
    assert finding(bmc, "H-06")["state"] == "not_assessed"


@pytest.mark.control("H-07", "fail", "pass")
def test_a_modem_is_found(mixed: Rack) -> None:
    bmc = of(mixed, "serial")
    passed = finding(bmc, "H-07")
    assert passed["state"] == "pass"
    assert passed["evidence"][-1] == {
        "command": "Get Serial/Modem Configuration (0C/11)",
        "request": "02 14 00 00",
        "completion_code": "0x80",
        "response": "",
    }
    parameters = bmc.state()["serial"]["2"]["parameters"]
    # A modem; IPMI callback to destination 1; two dial strings, which this BMC answers alike.
    bmc.put("serial", "2", "parameters", value={**parameters, "3": "01", "5": "010201ffff", "20": "02", "21": "01012b3439" + 13 * "00"})
    found = finding(bmc, "H-07")
    assert found["state"] == "fail" and found["fixes"] == []
    assert found["actual"] == "channel 2: a modem is expected, the BMC calls back, dial string 1 is stored, dial string 2 is stored"
    bmc.put("serial", "2", "parameters", value={**parameters, "5": "0000ffffff", "20": "01", "21": "0101" + 16 * "00"})
    assert finding(bmc, "H-07")["state"] == "pass"
    bmc.put("serial", "2", "parameters", value={**parameters, "5": "020201ffff"})
    assert finding(bmc, "H-07")["actual"] == "channel 2: the BMC calls back"


@pytest.mark.parametrize("parameter", ["03", "05", "14"])
def test_what_the_bmc_does_not_tell_of_its_modem_is_no_pass(mixed: Rack, parameter: str) -> None:
    bmc = of(mixed, "serial")
    bmc.faults(refuse={f"0C/11:02{parameter}": 0xD4})
    assert finding(bmc, "H-07")["state"] == "not_assessed"


@pytest.mark.parametrize("control", ["H-06", "H-07"])
def test_without_a_serial_channel_there_is_nothing_to_judge(bmc: Target, control: str) -> None:
    found = finding(bmc, control)
    assert found["state"] == "not_applicable" and "medium serial" in found["reason"]
    bmc.faults(refuse={"06/42": 0xC1})
    assert finding(bmc, control)["state"] == "not_assessed"


@pytest.mark.parametrize("maker", MAKERS)
def test_makers_say_what_they_are(mixed: Rack, maker: str) -> None:
    states = {control: found["state"] for control, found in findings(of(mixed, maker), *ALL).items()}
    expected = dict.fromkeys(ALL, "pass") | {"H-06": "not_applicable", "H-07": "not_applicable"}
    # The second LAN channel of this one has no cable, and is on.
    assert states == {**expected, **({"H-03": "fail"} if maker == "megarac_hpe" else {})}


def test_a_maker_that_writes_both_copies_at_once_is_mended_all_the_same(mixed: Rack) -> None:
    bmc = of(mixed, "megarac_hpe")
    put_both(bmc, 1, "per_message_auth", False)
    found = findings(bmc, "H-01", "H-03")
    mend(bmc, found["H-01"])
    mend(bmc, found["H-03"])
    assert {one["state"] for one in findings(bmc, "H-01", "H-03", "H-05").values()} == {"pass"}

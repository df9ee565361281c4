# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""S-01 to S-06 against the simulated rack, with FreeIPMI and ipmitool as witnesses."""

from __future__ import annotations

import contextlib
import select
import subprocess
import typing as t

import pytest

from tests.integration.harness import TOOL_TIMEOUT, fields, ipmitool
from tests.integration.simulator.audit.judged import finding, findings, mend
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target
from tests.integration.simulator.test_ipmi_channel import freeipmi

SETTINGS = ("S-01", "S-02", "S-03", "S-04", "S-05")
WANTED = {"sol_enabled": True, "sol_bit_rate": "115200"}
MAKERS = ("openbmc", "idrac9", "supermicro_x14", "megarac_hpe")


@pytest.fixture(scope="module")
def mixed(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each of some makers, and one that says that it can have no console at all."""
    prefix = network()
    auditor = {4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"}}
    bmcs: list[dict[str, t.Any]] = [{"name": maker, "maker": maker} for maker in MAKERS]
    bmcs.append({"name": "none", "personality": {"sol_quirks": {"capacity": 0}}})
    for number, bmc in enumerate(bmcs, 1):
        bmc |= {"address": f"{prefix}.{number}", "source": "static", "users": auditor}
    return start_rack({"bmcs": bmcs})


def of(rack: Rack, name: str) -> Target:
    rack.ask("factory", name)
    return Target(rack, name, rack.status(name)["address"], user="auditor")


def sol_info(bmc: Target) -> dict[str, str]:
    """ipmitool's view."""
    return fields(ipmitool(bmc.host, bmc.user, bmc.password, "sol", "info", "1", port=bmc.rack.port))


@contextlib.contextmanager
def held(bmc: Target, user: str, level: str = "ADMINISTRATOR") -> t.Iterator[None]:
    """Somebody else has the serial console, in a session of ipmitool that stays open."""
    # Into a pipe ipmitool would keep what it prints until it ends.
    command = ["stdbuf", "-oL", "ipmitool", "-I", "lanplus", "-C", "17", "-L", level, "-H", bmc.host, "-p", str(bmc.rack.port)]
    shell = subprocess.Popen([*command, "-U", user, "-P", PASSWORD, "shell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert shell.stdin is not None and shell.stdout is not None
    try:
        shell.stdin.write("raw 0x06 0x48 1 1 0xc0 0 0 0\n")
        shell.stdin.flush()
        assert select.select([shell.stdout], [], [], TOOL_TIMEOUT)[0], "ipmitool said nothing"
        while not (line := shell.stdout.readline()).strip().startswith("00 00 00 00 "):
            assert line, "ipmitool ended"
        yield
    finally:
        # At the end of its input alone it goes round in circles.
        shell.communicate("exit\n", timeout=TOOL_TIMEOUT)


@pytest.mark.control("S-01", "fail", "pass")
@pytest.mark.parametrize("wanted", [True, False])
def test_a_console_that_is_on_or_off_against_the_sites_wish_is_found_and_mended(bmc: Target, wanted: bool) -> None:
    bmc.put("sol", "1", "enabled", value=not wanted)
    found = finding(bmc, "S-01", {"sol_enabled": wanted})
    assert found["state"] == "fail" and found["actual"] == f"channel 1: {'off' if wanted else 'on'}"
    mend(bmc, found)
    assert finding(bmc, "S-01", {"sol_enabled": wanted})["state"] == "pass"
    assert sol_info(bmc)["Enabled"] == str(wanted).lower()


def test_whether_a_console_is_wanted_must_be_said(bmc: Target) -> None:
    found = finding(bmc, "S-01")
    assert found["state"] == "manual" and "policy.sol_enabled" in found["reason"]


@pytest.mark.control("S-02", "fail", "pass")
@pytest.mark.control("S-03", "fail", "pass")
@pytest.mark.parametrize(("control", "what"), [("S-02", "encryption"), ("S-03", "authentication")])
def test_a_console_that_leaves_it_to_the_client_is_found_and_mended(bmc: Target, control: str, what: str) -> None:
    key = f"Force_SOL_Payload_{what.title()}"
    assert freeipmi(bmc, "SOL_Conf")[key] == "No"
    found = finding(bmc, control)
    assert found["state"] == "fail" and found["actual"] == f"channel 1: {what} is left to the client"
    assert found["evidence"][-1]["request"] == "01 02 00 00"
    mend(bmc, found)
    assert finding(bmc, control)["state"] == "pass"
    assert freeipmi(bmc, "SOL_Conf")[key] == "Yes"
    # The rest of the parameter stays as it was.
    assert (freeipmi(bmc, "SOL_Conf")["SOL_Privilege_Level"], list(freeipmi(bmc, "SOL_Conf").values()).count("Yes")) == ("User", 2)


@pytest.mark.control("S-04", "fail", "pass")
def test_a_console_for_the_privilege_user_is_found_and_mended(bmc: Target) -> None:
    found = finding(bmc, "S-04")
    assert (found["state"], found["actual"], found["expected"]) == ("fail", "channel 1: user", "at least operator")
    mend(bmc, found)
    assert finding(bmc, "S-04")["state"] == "pass"
    assert finding(bmc, "S-04", {"sol_privilege": "administrator"})["state"] == "fail"
    assert finding(bmc, "S-04", {"sol_privilege": "user"})["state"] == "pass"
    assert sol_info(bmc)["Privilege Level"] == "OPERATOR"


def test_a_privilege_that_is_none_is_not_judged(bmc: Target) -> None:
    bmc.put("sol", "1", "privilege", value=15)
    assert finding(bmc, "S-04")["state"] == "not_assessed"


@pytest.mark.control("S-05", "fail", "pass")
def test_another_rate_than_the_hosts_is_found_and_mended_in_both_copies(bmc: Target) -> None:
    bmc.put("sol", "1", "bit_rate", value=6)
    bmc.put("sol", "1", "volatile_bit_rate", value=0)
    policy = {"sol_bit_rate": "115200"}
    found = finding(bmc, "S-05", policy)
    assert found["actual"] == "channel 1, volatile: serial; channel 1, non-volatile: 9600"
    mend(bmc, found)
    assert finding(bmc, "S-05", policy)["state"] == "pass"
    rates = sol_info(bmc)
    assert (rates["Volatile Bit Rate (kbps)"], rates["Non-Volatile Bit Rate (kbps)"]) == ("115.2", "115.2")


def test_rates_that_differ_are_found_where_nobody_said_which_is_the_hosts(bmc: Target) -> None:
    assert finding(bmc, "S-05")["state"] == "pass"
    bmc.put("sol", "1", "bit_rate", value=6)
    found = finding(bmc, "S-05")
    assert found["state"] == "fail" and found["fixes"] == []
    assert found["actual"].startswith("channel 1: 115200 in force, 9600 stored")


def test_a_rate_that_is_none_is_not_judged(bmc: Target) -> None:
    for copy in ("bit_rate", "volatile_bit_rate"):
        bmc.put("sol", "1", copy, value=3)
    assert finding(bmc, "S-05")["state"] == "not_assessed"


def test_a_board_with_one_copy_of_the_rate_is_no_pass(bmc: Target) -> None:
    bmc.faults(refuse={"0C/22:0105": 0x80})
    assert finding(bmc, "S-05")["state"] == "not_assessed"
    found = finding(bmc, "S-05", {"sol_bit_rate": "9600"})
    assert [part["state"] for part in found["parts"]] == ["fail", "not_assessed"]


@pytest.mark.parametrize("maker", MAKERS)
def test_makers_say_what_they_are(mixed: Rack, maker: str) -> None:
    states = {control: found["state"] for control, found in findings(of(mixed, maker), *SETTINGS, "S-06", policy=WANTED).items()}
    if maker == "megarac_hpe":
        # It has the console, and no commands to configure it.
        assert states == {**dict.fromkeys(SETTINGS, "not_assessed"), "S-06": "pass"}
    else:
        assert states == {"S-01": "pass", "S-02": "fail", "S-03": "fail", "S-04": "fail", "S-05": "pass", "S-06": "pass"}


@pytest.mark.control("S-06", "fail", "pass")
def test_who_holds_the_console_is_named(bmc: Target) -> None:
    bmc.put("users", "3", "payloads", "1", value=[1])
    with held(bmc, "oper", "OPERATOR"):
        found = finding(bmc, "S-06")
        assert (found["state"], found["severity"], found["fixes"]) == ("fail", "info", [])
        assert found["actual"] == "instance 1: held by user 3 (oper) from 127.0.0.1"
    assert finding(bmc, "S-06")["state"] == "pass"


@pytest.mark.parametrize(
    ("refused", "actual"),
    [
        ("06/4B", "instance 1: held; by whom the BMC does not say ("),
        ("06/3D:FF", "instance 1: held by session 0x"),
        ("06/46", "instance 1: held by user 2 from 127.0.0.1"),
    ],
)
def test_a_bmc_that_tells_less_of_the_holder_still_tells_that_there_is_one(bmc: Target, refused: str, actual: str) -> None:
    with held(bmc, "admin"):
        bmc.faults(refuse={refused: 0xD4})
        found = finding(bmc, "S-06")
        assert found["state"] == "fail" and found["actual"].startswith(actual)


def test_a_bmc_that_tells_nothing_of_its_console_is_no_pass(bmc: Target) -> None:
    bmc.faults(refuse={"06/4A": 0xCC})
    found = finding(bmc, "S-06")
    assert found["state"] == "not_assessed" and "0xCC" in found["reason"]


def test_a_bmc_that_says_it_can_have_no_console_is_asked_all_the_same(mixed: Rack) -> None:
    bmc = of(mixed, "none")
    assert finding(bmc, "S-06")["state"] == "pass"
    bmc.put("users", "4", "payloads", "1", value=[1])
    with held(bmc, "auditor"):
        assert finding(bmc, "S-06")["actual"] == "instance 1: held by user 4 (auditor) from 127.0.0.1"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_controller against the simulated rack, with ipmitool and FreeIPMI as witnesses."""

from __future__ import annotations

import datetime
import pathlib
import re
import time
import typing as t

import pytest
import yaml

from tests.integration.harness import act, ansible, ipmitool, witness
from tests.integration.simulator.conftest import Target

LONG: t.Final = "rack 1, place 07, 0123456789 abcdefghijklmnopqrstuvwxyz"
EVERYTHING: t.Final[dict[str, t.Any]] = {
    "controller_id": "node7-bmc",
    "asset_tag": "4711",
    "system_name": "node7",
    "clock_offset": -7200,
    "utc_offset": "-120",
}
#: Kg in hex; its bytes are letters, so that it would be found as text too.
KG: t.Final = b"Kg-nicht-weitersagen".hex()
OTHER_KG: t.Final = b"Kg-ganz-ein-anderer-".hex()


def by_ipmitool(bmc: Target, *command: str) -> str:
    """What ipmitool prints."""
    return ipmitool(bmc.host, bmc.user, bmc.password, *command, port=bmc.rack.port).strip()


def value(bmc: Target, *command: str) -> str:
    """The text that ipmitool prints, behind its label if there is one."""
    return by_ipmitool(bmc, *command).rpartition(":")[2].strip(" \0")


def by_freeipmi(bmc: Target, program: str, *options: str) -> str:
    """What a program of FreeIPMI's prints."""
    session = ("-D", "LAN_2_0", "-I", "3", "-l", "ADMIN", "-h", f"{bmc.host}:{bmc.rack.port}", "-u", bmc.user, "-p", bmc.password)
    return witness(program, *session, *options).strip()


def clock(bmc: Target) -> float:
    """How many seconds the BMC's clock is ahead of UTC, by ipmitool."""
    shown = datetime.datetime.strptime(by_ipmitool(bmc, "sel", "time", "get"), "%m/%d/%y %H:%M:%S UTC")
    return shown.replace(tzinfo=datetime.UTC).timestamp() - time.time()


@pytest.mark.promise("created", "diff")
def test_every_setting_is_brought_about_and_others_see_it(bmc: Target) -> None:
    result = act("ipmi_controller", {**bmc.options, **EVERYTHING})
    assert result.get("failed") is None, result
    assert result["changed"] is True
    assert result["diff"]["after"] == {**EVERYTHING, "utc_offset": -120}
    assert value(bmc, "dcmi", "get_mc_id_string") == "node7-bmc"
    assert by_freeipmi(bmc, "ipmi-dcmi", "--get-management-controller-identifier-string") == "node7-bmc"
    assert value(bmc, "dcmi", "asset_tag") == "4711"
    assert by_freeipmi(bmc, "ipmi-dcmi", "--get-asset-tag") == "4711"
    assert by_ipmitool(bmc, "mc", "getsysinfo", "system_name") == "node7"
    assert re.search(r"System Name +: node7\n", by_freeipmi(bmc, "bmc-info"))
    assert clock(bmc) == pytest.approx(-7200, abs=5)
    assert by_freeipmi(bmc, "bmc-device", "--get-sel-time-utc-offset").endswith(": -120 minutes")
    assert bmc.sessions() == 0


@pytest.mark.parametrize("option", ["controller_id", "asset_tag", "system_name"])
def test_long_names_come_whole_and_short_ones_leave_nothing_of_them(bmc: Target, option: str) -> None:
    commands = {
        "controller_id": ("dcmi", "get_mc_id_string"),
        "asset_tag": ("dcmi", "asset_tag"),
        "system_name": ("mc", "getsysinfo", "system_name"),
    }
    for name in (LONG, "x", ""):
        assert act("ipmi_controller", {**bmc.options, option: name})["changed"] is True
        assert act("ipmi_controller", {**bmc.options, option: name})["changed"] is False
        assert value(bmc, *commands[option]) == name


@pytest.mark.promise("unchanged")
def test_the_second_run_writes_nothing(bmc: Target) -> None:
    act("ipmi_controller", {**bmc.options, **EVERYTHING})
    writes = bmc.writes()
    again = act("ipmi_controller", {**bmc.options, **EVERYTHING})
    assert (again["changed"], again["written"], again["requests"]) == (False, [], 5)
    assert bmc.writes() == writes


@pytest.mark.promise("check_mode")
def test_check_mode_says_what_would_change_and_writes_nothing(bmc: Target) -> None:
    result = act("ipmi_controller", {**bmc.options, **EVERYTHING, "kg": KG, "reset": "cold"}, check_mode=True)
    assert (result["changed"], bmc.writes(), bmc.rack.status(bmc.name)["logins"]) == (True, 0, 1)


def test_the_clock_is_set_to_utc_and_to_local_time(bmc: Target) -> None:
    by_ipmitool(bmc, "raw", "0x0a", "0x49", "0x00", "0xe1", "0x0b", "0x5e")
    assert act("ipmi_controller", {**bmc.options, "clock": "utc"})["changed"] is True
    assert clock(bmc) == pytest.approx(0, abs=5)
    local = act("ipmi_controller", {**bmc.options, "clock": "local"})
    offset = time.localtime().tm_gmtoff
    assert local["changed"] is bool(offset)
    assert clock(bmc) == pytest.approx(offset, abs=5)


class TestKey:
    """Kg, and the login that proves it."""

    def test_a_key_is_set_and_ipmitool_needs_it(self, bmc: Target) -> None:
        result = act("ipmi_controller", {**bmc.options, "kg": KG})
        assert (result.get("msg"), result["changed"], result["verified"]) == (None, True, True)
        assert "Device ID" in by_ipmitool(bmc, "-y", KG, "mc", "info")
        again = act("ipmi_controller", {**bmc.options, "kg": KG, "bmc_kg": KG})
        assert (again["changed"], again["written"], bmc.sessions()) == (False, [], 0)
        with pytest.raises(pytest.fail.Exception):
            by_ipmitool(bmc, "mc", "info")

    def test_it_is_taken_away(self, bmc: Target) -> None:
        act("ipmi_controller", {**bmc.options, "kg": KG})
        result = act("ipmi_controller", {**bmc.options, "kg": "", "bmc_kg": "0x" + KG})
        assert (result["changed"], result["verified"]) == (True, True)
        assert "Device ID" in by_ipmitool(bmc, "mc", "info")

    def test_a_bmc_that_ignores_it_keeps_the_old_one(self, bmc: Target) -> None:
        bmc.faults(ignore=["06/56"])
        result = act("ipmi_controller", {**bmc.options, "kg": KG})
        assert result["failed"] and result["reason"] == "restored", result
        assert "Device ID" in by_ipmitool(bmc, "mc", "info")

    @pytest.mark.promise("no_secret")
    @pytest.mark.parametrize("faults", [{}, {"ignore": ["06/56"]}, {"refuse": {"06/56": 0x80}}])
    def test_no_result_shows_a_key(self, bmc: Target, faults: dict[str, t.Any]) -> None:
        act("ipmi_controller", {**bmc.options, "kg": OTHER_KG})
        bmc.faults(**faults)
        result = act("ipmi_controller", {**bmc.options, "kg": KG, "bmc_kg": OTHER_KG})
        assert bool(result.get("failed")) is bool(faults)
        for secret in (KG, OTHER_KG, bmc.password):
            assert secret not in str(result)
            assert bytes.fromhex(KG).decode() not in str(result)

    @pytest.mark.parametrize("faults", [{}, {"ignore": ["06/56"]}])
    def test_ansible_prints_no_key_however_much_it_prints(self, bmc: Target, tmp_path: pathlib.Path, faults: dict[str, t.Any]) -> None:
        bmc.faults(**faults)
        playbook = tmp_path / "play.yml"
        task = {"lightsout.bmc.ipmi_controller": {"kg": "{{ wanted_kg }}"}}
        playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
        hosts = {"n1": {**bmc.options, "wanted_kg": KG}}
        arguments = (str(playbook), "-vvvv", "--diff")
        done = ansible(*arguments, program="ansible-playbook", inventory={"all": {"hosts": hosts}}, tmp_path=tmp_path)
        assert bool(done.returncode) is bool(faults), done.stdout + done.stderr
        assert "kg" in done.stdout
        for secret in (KG, bytes.fromhex(KG).decode(), bmc.password):
            assert secret not in done.stdout + done.stderr


class TestReset:
    """It is over when the BMC answers a fresh login, and it really was away."""

    @pytest.mark.parametrize("kind", ["cold", "warm"])
    def test_it_comes_back(self, bmc: Target, kind: str) -> None:
        result = act("ipmi_controller", {**bmc.options, "asset_tag": "4711", "reset": kind})
        assert (result.get("msg"), result["changed"]) == (None, True)
        assert result["written"] == ["controller: asset_tag", f"controller: {kind} reset"]
        assert 0.5 < result["seconds"] < 30
        assert bmc.rack.status(bmc.name)["by_command"][{"cold": "06/02", "warm": "06/03"}[kind]] == 1
        assert bmc.sessions() == 0

    def test_an_answer_that_never_comes_is_no_failure(self, bmc: Target) -> None:
        bmc.faults(reset_before=["06/02"])
        result = act("ipmi_controller", {**bmc.options, "bmc_timeout": 2, "reset": "cold"})
        assert (result.get("msg"), result["changed"]) == (None, True)

    def test_a_bmc_that_ignores_it_is_found_out(self, bmc: Target) -> None:
        bmc.faults(ignore=["06/02"])
        result = act("ipmi_controller", {**bmc.options, "reset": "cold", "reset_timeout": 2})
        assert result["failed"] and result["reason"] == "not_verified" and "did not restart" in result["msg"]
        assert bmc.sessions() == 0

    def test_a_bmc_without_a_warm_reset_says_so(self, bmc: Target) -> None:
        bmc.faults(refuse={"06/03": 0xC1})
        result = act("ipmi_controller", {**bmc.options, "reset": "warm"})
        assert result["failed"] and result["reason"] == "unsupported" and "reset: cold" in result["msg"]
        assert result["changed"] is False


@pytest.mark.promise("refused")
def test_a_refused_write_names_the_setting_and_the_code(bmc: Target) -> None:
    bmc.faults(refuse={"2C/08": 0xD4})
    result = act("ipmi_controller", {**bmc.options, "asset_tag": "4711"})
    assert result["failed"] and result["completion_code"] == "0xD4" and "asset_tag" in result["msg"]
    assert bmc.sessions() == 0


def test_what_the_bmc_lacks_is_reported_when_asked_to(bmc: Target) -> None:
    bmc.faults(refuse={"0A/5C": 0xC1, "06/59": 0xD4})
    args = {**bmc.options, "utc_offset": 60, "system_name": "x", "asset_tag": "4711"}
    assert act("ipmi_controller", args)["reason"] == "unsupported"
    result = act("ipmi_controller", {**args, "on_unsupported": "report"})
    assert result["changed"] is True
    assert sorted(missing["setting"] for missing in result["unsupported"]) == ["system_name", "utc_offset"]


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_controller", {**bmc.options, "reset": "cold", "bmc_host": "127.31.250.252", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.parametrize(
    "options",
    [{"asset_tag": "x" * 64}, {"clock": "utc", "clock_offset": 0}, {"utc_offset": "noon"}, {"kg": "xyz"}, {"reset": "cold", "reset_timeout": 0}],
)
def test_values_that_cannot_be_are_refused_before_anything_is_sent(bmc: Target, options: dict[str, t.Any]) -> None:
    result = act("ipmi_controller", {**bmc.options, **options})
    assert result["failed"] and result["reason"] == "bad_option"
    assert bmc.rack.status(bmc.name)["logins"] == 0

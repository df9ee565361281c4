# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_raw against the simulated rack, beside ipmitool's raw."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests.integration.harness import act, ansible, fields, ipmitool
from tests.integration.simulator.conftest import Rack, Starter, Target, users

LIGHT_ON: t.Final = {"netfn": "0x00", "command": "0x04", "data": "00 01"}
STATUS: t.Final = {"netfn": 0, "command": 1}
#: A name for the system, as a secret that somebody keeps there.
SECRET: t.Final = b"Geheimes-Wort."
WITH_SECRET: t.Final = {"netfn": 6, "command": "0x58", "data": [2, 0, 0, len(SECRET), *SECRET]}


@pytest.mark.promise("created", "diff")
def test_a_request_is_carried_out(bmc: Target) -> None:
    result = act("ipmi_raw", {**bmc.options, **LIGHT_ON})
    assert (result.get("msg"), result["changed"], result["code"], result["data"]) == (None, True, 0, [])
    assert result["diff"] == {"before": {}, "after": {"sent": "Chassis Identify (00/04)"}}
    shown = ipmitool(bmc.host, bmc.user, bmc.password, "raw", "0x00", "0x01", port=bmc.rack.port)
    assert bytes.fromhex(shown)[2] & 0x30 == 0x20
    assert bmc.sessions() == 0


@pytest.mark.promise("unchanged")
def test_what_only_reads_answers_as_ipmitool_s_does_and_changes_nothing(bmc: Target) -> None:
    for netfn, command, data in (("0", "1", ""), ("6", "0x37", ""), ("0x2c", "0x06", "dc 00 10"), ("0x0c", "0x02", "01 04 00 00")):
        result = act("ipmi_raw", {**bmc.options, "netfn": netfn, "command": command, "data": data})
        assert (result.get("msg"), result["changed"]) == (None, False)
        bytes_ = [f"0x{word}" for word in data.split()]
        shown = ipmitool(bmc.host, bmc.user, bmc.password, "raw", netfn, command, *bytes_, port=bmc.rack.port)
        assert result["data"] == list(bytes.fromhex(shown))
        assert result["hex"] == bytes.fromhex(shown).hex(" ")
    assert bmc.writes() == 0


@pytest.mark.promise("check_mode")
def test_check_mode_reads_and_skips_the_rest(bmc: Target) -> None:
    skipped = act("ipmi_raw", {**bmc.options, **LIGHT_ON}, check_mode=True)
    assert (skipped["skipped"], skipped["changed"], bmc.writes()) == (True, False, 0)
    assert "would have been sent" in skipped["msg"]
    assert act("ipmi_raw", {**bmc.options, **STATUS}, check_mode=True)["code"] == 0


@pytest.mark.promise("refused")
def test_a_refusal_has_its_code_and_may_be_accepted(bmc: Target) -> None:
    args = {**bmc.options, "netfn": "0x30", "command": "0x70"}
    result = act("ipmi_raw", args)
    assert result["failed"] and result["reason"] == "refused"
    assert (result["code"], result["completion_code"]) == (0xC1, "0xC1")
    assert result["meaning"] == "invalid or unsupported command"
    accepted = act("ipmi_raw", {**args, "accept": ["0xc1"]})
    assert (accepted.get("msg"), accepted["changed"], accepted["code"]) == (None, False, 0xC1)
    assert bmc.sessions() == 0


def test_a_lost_answer_is_not_followed_by_a_second_write(bmc: Target) -> None:
    bmc.faults(drop_answers=1, drop_answers_on="00/04")
    result = act("ipmi_raw", {**bmc.options, **LIGHT_ON})
    assert result["failed"] and result["reason"] == "answer_lost"
    assert bmc.rack.status(bmc.name)["by_command"]["00/04"] == 1


def test_the_session_is_the_module_s_own(bmc: Target) -> None:
    for command in ("0x3a", "0x3b"):
        assert act("ipmi_raw", {**bmc.options, "netfn": 6, "command": command, "data": "04"})["reason"] == "bad_option"
    assert act("ipmi_raw", {**bmc.options, "netfn": 6, "command": "0x3c", "data": "00 00 00 00"})["reason"] == "bad_option"


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_raw", {**bmc.options, **STATUS, "bmc_host": "127.31.250.252", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
@pytest.mark.parametrize("faults", [{}, {"refuse": {"06/58": 0xD4}}])
def test_the_request_s_bytes_are_in_no_output(bmc: Target, faults: dict[str, t.Any]) -> None:
    bmc.faults(**faults)
    result = act("ipmi_raw", {**bmc.options, **WITH_SECRET})
    assert bool(result.get("failed")) is bool(faults)
    for shape in (SECRET.decode(), SECRET.hex(), SECRET.hex(" "), str(list(SECRET))[1:-1], bmc.password):
        assert shape not in str(result)


def test_the_ordinary_module_shows_them_neither(bmc: Target, tmp_path: pathlib.Path) -> None:
    playbook = tmp_path / "play.yml"
    playbook.write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - lightsout.bmc.ipmi_raw:\n"
        "        netfn: '6'\n        command: '0x58'\n        data: \"{{ lookup('env', 'REQUEST') }}\"\n"
        "      async: 60\n      poll: 1\n      delegate_to: localhost\n",
        encoding="utf-8",
    )
    hosts = {"n1": {"ansible_connection": "local", **bmc.options}}
    hidden = bytes([2, 0, 0, len(SECRET)]) + SECRET
    done = ansible(
        *(str(playbook), "-vvv"),
        program="ansible-playbook",
        inventory={"all": {"hosts": hosts, "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}},
        tmp_path=tmp_path,
        environment={"REQUEST": hidden.hex(" ")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert SECRET.hex(" ") not in done.stdout + done.stderr
    assert ipmitool(bmc.host, bmc.user, bmc.password, "mc", "getsysinfo", "system_name", port=bmc.rack.port).strip() == SECRET.decode()


@pytest.fixture(scope="module")
def chassis(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC with another controller behind it."""
    address = f"{network()}.1"
    nodes = [{"address": 0x30}, {"address": 0x30, "channel": 7}]
    node = {"name": "c1", "maker": "generic", "address": address, "source": "static", "users": users(), "satellites": nodes}
    return start_rack({"bmcs": [node]})


def test_another_controller_is_reached_through_the_bmc(chassis: Rack) -> None:
    bmc = Target(chassis, "c1", chassis.status("c1")["address"])
    result = act("ipmi_raw", {**bmc.options, "netfn": 0, "command": 6, "data": [2], "target_address": "0x30"})
    assert (result.get("msg"), result["changed"]) == (None, True)

    def policy(*bridge: str) -> str:
        shown = ipmitool(bmc.host, bmc.user, bmc.password, *bridge, "chassis", "status", port=chassis.port)
        return fields(shown)["Power Restore Policy"]

    assert (policy("-t", "0x30"), policy()) == ("always-on", "always-off")
    other = {"netfn": 0, "command": 1, "target_address": "0x30", "target_channel": 7}
    assert act("ipmi_raw", {**bmc.options, **other})["data"][0] & 0x60 == 0
    assert act("ipmi_raw", {**bmc.options, **other, "target_channel": 0})["data"][0] & 0x60 == 0x40
    absent = act("ipmi_raw", {**bmc.options, **STATUS, "target_address": "0x32"})
    assert absent["failed"] and absent["completion_code"] == "0x83" and absent["command"].startswith("Send Message")

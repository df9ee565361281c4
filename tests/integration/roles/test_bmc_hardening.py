# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role bmc_hardening and playbooks/harden.yml against the simulated rack."""

from __future__ import annotations

import copy
import json
import pathlib
import re
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import BY_ID
from tests.integration.harness import ipmitool
from tests.integration.roles.rooms import Room, fresh, make_room
from tests.integration.simulator.conftest import PASSWORD, Starter

HARDEN = "lightsout.bmc.harden"


@pytest.fixture(scope="module")
def rack_of_six(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Started once. The fifth takes cipher suite 0 whatever it is told."""
    return make_room(start_rack, network(), tmp_path_factory.mktemp("room"), count=6, odd={"n5": {"lan": {"cipher_accepts": [0]}}})


@pytest.fixture
def room(rack_of_six: Room, tmp_path: pathlib.Path) -> Room:
    """BMCs as from the factory; two of them let anybody in over IPMI 1.5."""
    fresh(rack_of_six)
    room = Room(rack_of_six.rack, rack_of_six.prefix, copy.deepcopy(rack_of_six.inventory), tmp_path)
    room.spoil("n1")
    room.spoil("n2")
    room.variables["bmc_hardening_controls"] = ["A-02", "P-05"]
    return room


def test_what_is_open_is_mended_and_shown_and_the_second_run_changes_nothing(room: Room) -> None:
    room.variables["bmc_hardening_controls"] = ["A-02", "P-05", "P-08"]
    keep = {"content": "{{ bmc_hardening_result | to_json }}", "dest": f"{room.folder}/{{{{ inventory_hostname }}}}.json"}
    task = {"ansible.builtin.copy": keep, "delegate_to": "localhost", "connection": "local", "changed_when": False}
    found = room.play({"roles": ["lightsout.bmc.bmc_hardening"], "post_tasks": [task]})
    assert found.code == 0 and found.changed == {"n1", "n2"}, found.text
    assert not any(room.spoilt(name) for name in room.names)
    assert "A-02 [critical] Logins without authentication are off (2): n1, n2" in found.text
    assert "6 BMCs: 8 findings open before, 2 mended, 6 left; something went wrong on 0" in found.text
    result = json.loads((room.folder / "n1.json").read_text(encoding="utf-8"))
    assert result["before"]["states"] == {"A-02": "fail", "P-05": "pass", "P-08": "fail"}
    assert result["after"]["states"] == {"A-02": "pass", "P-05": "pass", "P-08": "fail"}
    assert result["fixed"] == ["A-02"] and result["steps"][0]["controls"] == ["A-02"]
    (left,) = result["left"]
    assert left["control"] == "P-08" and left["why"] == "nothing mends it" and left["how"] == BY_ID["P-08"].remedy.how
    writes = room.writes()
    again = room.run(HARDEN)
    assert again.code == 0 and not again.changed and room.writes() == writes, again.text


def test_check_mode_says_what_would_be_mended_and_writes_nothing(room: Room) -> None:
    found = room.run(HARDEN, "--check", "-e", "bmc_hardening_audit_only=false")
    assert found.code == 0 and found.changed == {"n1", "n2"}, found.text
    assert "would be mended:" in found.text and "2 would be mended" in found.text
    assert set(room.writes().values()) == {0}


def test_an_audit_alone_tells_the_same_and_writes_nothing(room: Room) -> None:
    found = room.run(HARDEN, "-e", "bmc_hardening_audit_only=yes")
    assert found.code == 0 and not found.changed, found.text
    assert "A-02 [critical] Logins without authentication are off (2): n1, n2" in found.text
    assert "2 would be mended" in found.text
    assert set(room.writes().values()) == {0}


def test_a_tag_hardens_one_control_alone_and_a_skipped_one_is_left_out(room: Room) -> None:
    del room.variables["bmc_hardening_controls"]
    room.rack.put("n1", "sol", "1", "force_encryption", value=False)
    found = room.run(HARDEN, "--limit", "n1", "--tags", "A-02")
    assert found.code == 0 and "1 findings open before, 1 mended" in found.text, found.text
    assert not room.spoilt("n1") and room.rack.state("n1")["sol"]["1"]["force_encryption"] is False
    room.spoil("n1")
    found = room.run(HARDEN, "--limit", "n1", "--tags", "A-02,S-02", "--skip-tags", "A-02")
    assert found.code == 0, found.text
    assert room.spoilt("n1") and room.rack.state("n1")["sol"]["1"]["force_encryption"] is True


def test_a_tag_of_something_else_leaves_the_bmcs_alone(room: Room) -> None:
    before = room.requests()
    found = room.play({"roles": ["lightsout.bmc.bmc_hardening"]}, "--tags", "something_else")
    assert found.code == 0 and room.requests() == before, found.text
    # The play's own tag for the role counts as the role.
    found = room.play({"roles": [{"role": "lightsout.bmc.bmc_hardening", "tags": ["doors"]}]}, "--tags", "doors")
    assert found.code == 0 and found.changed == {"n1", "n2"}, found.text


def test_each_control_of_the_catalogue_is_a_tag(room: Room) -> None:
    listed = room.run(HARDEN, "--list-tags")
    tags = set(re.findall(r"\b[A-Z]-[0-9]{2}\b", listed.text))
    assert tags == set(BY_ID), (tags ^ set(BY_ID), "the list is in roles/bmc_hardening/tasks/asked.yml")


@pytest.mark.parametrize("playbook", [HARDEN, "lightsout.bmc.compliance"])
def test_what_cannot_be_meant_is_told_for_all_hosts_before_any_bmc_is_asked(room: Room, playbook: str) -> None:
    role = "bmc_hardening" if playbook == HARDEN else "bmc_compliance"
    del room.variables["bmc_hardening_controls"]
    room.host("n1")[f"{role}_skip"] = ["X-99"]
    room.host("n2")[f"{role}_waivers"] = [{"control": "A-02", "reason": "Old.", "expires": "next spring"}]
    room.host("n3")[f"{role}_policy"] = {"allowed_user": ["admin"], "kg": "00112233445566778899"}
    found = room.run(playbook)
    assert found.code == 2, found.text
    for problem in (
        f"n1: {role}_skip: X-99 is not in the catalogue of controls",
        f"n2: {role}_waivers: A-02: expires is 'next spring'; a date is year-month-day, such as 2027-03-31",
        f"n3: {role}_policy has the unknown allowed_user; known are ",
    ):
        assert problem in found.text, found.text
    assert room.requests() == 0 and "00112233445566778899" not in found.text
    # Each on a line of its own.
    assert "\\\\n" not in found.text, found.text


def test_bmcs_that_misbehave_are_named_and_locked_out_nowhere_and_the_others_are_hardened(room: Room) -> None:
    room.variables["bmc_hardening_controls"] = ["A-02", "C-01", "C-02", "S-02"]
    for name in room.names:
        room.spoil(name)
        room.rack.put(name, "sol", "1", "force_encryption", value=False)
    # The console comes before the channels; that it fails does not keep the rest from being done.
    room.rack.faults("n1", ignore=["0C/21"])
    room.rack.faults("n2", refuse={"0C/01:0102": 0xD4})
    room.silence("n3")
    room.rack.faults("n4", reset_before=["0C/21"])
    found = room.run(HARDEN, forks=6)
    assert found.code == 2 and found.failed == {"n1", "n2", "n3", "n4", "n5"}, found.text
    assert [name for name in room.names if room.spoilt(name)] == ["n2", "n3", "n4"]
    assert room.rack.state("n2")["sol"]["1"]["force_encryption"] is True
    assert re.search(r"n1: the step 'Serial over LAN \(channel 1\)' failed.*: sol channel 1: the BMC accepted force_encryption", found.text), found.text
    assert re.search(r"n2: the step 'access of channels' failed.*0xD4", found.text), found.text
    assert "n3: nothing was written, because the audit failed" in found.text
    assert re.search(r"n4: the step 'Serial over LAN \(channel 1\)' failed.*not tried: access of channels", found.text), found.text
    assert re.search(r"n5: the step 'the other cipher suites' failed.*suites 0 still begin", found.text), found.text
    assert "something went wrong on 5" in found.text
    room.rack.ask("heal")
    for name in room.names:
        ipmitool(room.host(name)["bmc_host"], "admin", PASSWORD, "mc", "info", port=room.rack.port, suite=17)


def test_what_needs_a_secret_is_left_without_it_and_set_with_it_and_the_secret_is_nowhere(room: Room) -> None:
    room.variables["bmc_hardening_controls"] = ["C-06"]
    found = room.run(HARDEN, "--limit", "n1")
    assert found.code == 0 and not found.changed, found.text
    assert "the policy does not give kg (1): n1" in found.text and "to do: " in found.text
    key = "4c69676874732d6f75742d6b657921"
    room.variables["bmc_hardening_policy"] = {"kg": key}
    found = room.run(HARDEN, "--limit", "n1", "-vvvv", "--diff")
    assert found.code == 0 and found.changed == {"n1"}, found.text
    assert "C-06 [low]" in found.text and "1 mended, 0 left" in found.text
    assert "from now on the inventory must say the new bmc_kg, or no login works (1): n1" in found.text
    assert key not in found.text.lower() and PASSWORD not in found.text
    room.variables["bmc_kg"] = key
    again = room.run(HARDEN, "--limit", "n1")
    assert again.code == 0 and not again.changed, again.text


def test_the_suite_in_use_is_switched_off_only_after_a_login_over_the_better_one(room: Room) -> None:
    room.variables.update(bmc_hardening_controls=["C-04", "C-05"], bmc_hardening_profile="L3")
    only_3 = [0, 0, 0, 4, 0] + [0] * 11
    for name in ("n1", "n2"):
        room.rack.put(name, "lan", "1", "cipher_privileges", value=only_3)
    room.rack.faults("n2", refuse={"0C/01:0118": 0xD4})
    found = room.run(HARDEN, "--limit", "n1,n2")
    assert found.code == 2 and found.failed == {"n2"}, found.text
    # By place: 17 is the fifth, and 3 the fourth.
    assert room.rack.state("n1")["lan"]["1"]["cipher_privileges"][3:5] == [0, 4], found.text
    assert room.rack.state("n2")["lan"]["1"]["cipher_privileges"] == only_3
    assert re.search(r"C-05 \[medium\].*\(1\): n1", found.text), found.text
    for name, suite in (("n1", 17), ("n2", 3)):
        ipmitool(room.host(name)["bmc_host"], "admin", PASSWORD, "mc", "info", port=room.rack.port, suite=suite)

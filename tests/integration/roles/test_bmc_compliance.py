# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role bmc_compliance, playbooks/compliance.yml, and check mode as a gate against drift, against the simulated rack."""

from __future__ import annotations

import copy
import json
import pathlib
import typing as t

import pytest

from tests.integration.roles.rooms import Room, fresh, make_room
from tests.integration.simulator.conftest import PASSWORD, Starter

COMPLIANCE = "lightsout.bmc.compliance"
GATE = {"ANSIBLE_CALLBACKS_ENABLED": "lightsout.bmc.drift"}


@pytest.fixture(scope="module")
def rack_of_three(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Started once."""
    return make_room(start_rack, network(), tmp_path_factory.mktemp("room"))


@pytest.fixture
def room(rack_of_three: Room, tmp_path: pathlib.Path) -> Room:
    """Three BMCs as from the factory."""
    fresh(rack_of_three)
    room = Room(rack_of_three.rack, rack_of_three.prefix, copy.deepcopy(rack_of_three.inventory), tmp_path)
    room.variables.update(bmc_compliance_controls=["A-02", "P-05"], bmc_compliance_dest=str(tmp_path / "reports"))
    return room


def report(room: Room) -> dict[str, t.Any]:
    """The JSON report."""
    return t.cast("dict[str, t.Any]", json.loads((room.folder / "reports/bmc-compliance.json").read_text(encoding="utf-8")))


def test_closed_doors_pass_and_all_reports_are_there(room: Room) -> None:
    found = room.run(COMPLIANCE)
    assert found.code == 0 and not found.changed, found.text
    assert "3 of 3 BMCs audited at L1: 6 pass" in found.text
    suffixes = {path.suffix for path in (room.folder / "reports").iterdir()}
    assert suffixes == {".json", ".xml", ".sarif", ".html"}
    assert set(room.writes().values()) == {0}


def test_open_doors_and_bmcs_that_could_not_be_audited_fail_the_play_unless_they_are_accepted(room: Room) -> None:
    room.spoil("n2")
    room.silence("n3")
    # As a text, which -e makes of it.
    found = room.run(COMPLIANCE, "-e", "bmc_compliance_allow_unaudited=false", bmc_compliance_formats=["json"], bmc_compliance_fail_on="critical")
    assert found.code == 2, found.text
    assert "Open at or above critical (1 on 1 BMCs):" in found.text
    assert "A-02 [critical] Logins without authentication are off (1): n2" in found.text
    assert "Not audited, unreachable (1): n3" in found.text and "2 of 3 BMCs audited" in found.text
    (room.folder / "reports/bmc-compliance.json").rename(room.folder / "accepted.json")
    accepted: dict[str, t.Any] = {f"bmc_compliance_{name}": str(room.folder / "accepted.json") for name in ("baseline", "previous")}
    found = room.run(COMPLIANCE, bmc_compliance_allow_unaudited=True, **accepted)
    assert found.code == 0 and "Open and in the accepted baseline: 1" in found.text, found.text
    assert "Not audited, unreachable (1): n3" in found.text
    room.spoil("n1")
    found = room.run(COMPLIANCE, bmc_compliance_allow_unaudited=True, **accepted)
    assert found.code == 2 and "(1): n1" in found.text and "Since the earlier report: 1 new, 0 fixed, 1 still open" in found.text, found.text
    assert set(room.writes().values()) == {0}


def test_a_run_that_would_audit_nothing_ends_with_an_error(room: Room) -> None:
    nobody = room.run(COMPLIANCE, "-e", "compliance_hosts=nowhere")
    assert nobody.code != 0 and "No host of the inventory is one of nowhere" in nobody.text, nobody.text
    tagged = room.run(COMPLIANCE, "--tags", "A-02")
    assert tagged.code == 2 and "A-02: controls are tags of bmc_hardening alone" in tagged.text, tagged.text
    room.inventory["all"]["hosts"] = {}
    empty = room.run(COMPLIANCE)
    assert empty.code != 0 and "No host of the inventory is one of all" in empty.text, empty.text
    assert room.requests() == 0


def test_what_one_group_wants_of_the_end_of_the_run_does_not_silently_hold_for_all(room: Room) -> None:
    room.spoil("n2")
    room.host("n1")["bmc_compliance_fail_on"] = "never"
    found = room.run(COMPLIANCE)
    assert found.code == 2 and "n1: bmc_compliance_fail_on is 'never' here and not everywhere" in found.text, found.text


def test_a_host_that_ansible_cannot_reach_is_a_bmc_that_was_not_audited(room: Room) -> None:
    in_band = {"bmc_interface": "open", "ansible_connection": "ssh", "ansible_host": room.host("n1")["bmc_host"], "ansible_port": 9}
    room.host("n1").update(in_band)
    found = room.run(COMPLIANCE, bmc_compliance_allow_unaudited=False)
    assert found.code == 2 and "Not audited, unreachable (1): n1" in found.text, found.text
    found = room.run(COMPLIANCE, bmc_compliance_allow_unaudited=True)
    assert found.code == 0 and "Not audited, unreachable (1): n1" in found.text and "2 of 3 BMCs audited" in found.text, found.text


def test_a_waiver_counts_until_its_day(room: Room) -> None:
    for name, expires in (("n1", "2020-12-31"), ("n2", "2999-12-31")):
        room.spoil(name)
        room.host(name)["bmc_compliance_waivers"] = [{"control": "A-02", "reason": "The board is replaced.", "expires": expires}]
    found = room.run(COMPLIANCE)
    assert found.code == 2 and "1 waived" in found.text, found.text
    assert "A-02 [critical] Logins without authentication are off (1): n1" in found.text


def test_a_password_that_several_hosts_share_is_counted_and_shown_nowhere(room: Room) -> None:
    room.variables["bmc_compliance_controls"] = ["U-12"]
    other = "Abracadabra-4711"
    room.rack.put("n3", "users", "2", "password", value=other.encode().hex())
    room.host("n3")["bmc_password"] = other
    found = room.run(COMPLIANCE, "-vvvv", "--limit", "n1,n2,n3")
    assert found.code == 2 and "U-12 [high]" in found.text and "(2): n[1-2]" in found.text, found.text
    assert PASSWORD not in found.text and other not in found.text
    for path in (room.folder / "reports").iterdir():
        text = path.read_text(encoding="utf-8")
        assert PASSWORD not in text and other not in text


def test_check_mode_of_a_playbook_is_a_gate_that_fails_on_drift_and_names_the_bmc(room: Room) -> None:
    room.variables.update(
        bmc_hardening_controls=["A-02"],
        bmc_netmask=24,
        bmc_accounts=[{"name": "admin", "password": PASSWORD, "privilege": "administrator"}],
        bmc_factory_user="oper",
        bmc_factory_password=PASSWORD,
        provision_boot="never",
    )
    for name in room.names:
        room.host(name)["bmc_factory_host"] = room.host(name)["bmc_host"]
    done = room.run("lightsout.bmc.provision_rack")
    assert done.code == 0 and done.changed == set(room.names), done.text
    clean = room.run("lightsout.bmc.provision_rack", "--check", environment=GATE)
    assert clean.code == 0 and "DRIFT" not in clean.text, clean.text
    # Somebody was there.
    room.rack.put("n2", "sol", "1", "force_encryption", value=False)
    room.spoil("n3")
    drifted = room.run("lightsout.bmc.provision_rack", "--check", environment=GATE)
    assert drifted.code == 3 and "DRIFT: 1 of 3 hosts would change" in drifted.text, drifted.text
    assert drifted.text.rstrip().endswith("(1): n2")
    # Of one host that fails and one that drifted, Ansible's own error is the status.
    room.silence("n1")
    hardened = room.run("lightsout.bmc.harden", "--check", environment=GATE)
    assert hardened.code == 2 and "DRIFT: 1 of 3" in hardened.text and hardened.text.rstrip().endswith("(1): n3"), hardened.text

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role bmc_hardening and playbooks/harden.yml against the simulated rack."""

from __future__ import annotations

import copy
import pathlib
import typing as t

import pytest

from tests.integration.roles.rooms import Room, fresh, make_room
from tests.integration.simulator.conftest import Starter

HARDEN = "lightsout.bmc.harden"


@pytest.fixture(scope="module")
def rack_of_three(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Started once."""
    return make_room(start_rack, network(), tmp_path_factory.mktemp("room"))


@pytest.fixture
def room(rack_of_three: Room, tmp_path: pathlib.Path) -> Room:
    """Three BMCs as from the factory; two of them let anybody in over IPMI 1.5."""
    fresh(rack_of_three)
    room = Room(rack_of_three.rack, rack_of_three.prefix, copy.deepcopy(rack_of_three.inventory), tmp_path)
    room.spoil("n1")
    room.spoil("n2")
    room.variables["bmc_hardening_controls"] = ["A-02", "P-05"]
    return room


def test_what_is_open_is_mended_and_shown_and_the_second_run_changes_nothing(room: Room) -> None:
    found = room.run(HARDEN)
    print(found.text)
    assert found.code == 0, found.text
    assert found.changed == {"n1", "n2"}
    assert not any(room.spoilt(name) for name in room.names)
    assert "A-02 [critical] Logins without authentication are off (2): n1, n2" in found.text
    assert "3 BMCs: 2 findings open before, 2 mended, 0 left; something went wrong on 0" in found.text
    writes = room.writes()
    again = room.run(HARDEN)
    assert again.code == 0 and not again.changed and room.writes() == writes, again.text

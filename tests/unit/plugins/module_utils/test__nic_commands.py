# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The makers' commands for the NIC mode: the bytes of each."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._nic_commands import (
    LAN_PARAMETER_C0,
    LAN_PARAMETER_E0,
    SELECTION_AND_FAILOVER,
    SUBCOMMAND_0C,
    NicCommands,
    NicMode,
)
from tests.unit.plugins.scripted import shown

ALL = [SELECTION_AND_FAILOVER, SUBCOMMAND_0C, LAN_PARAMETER_C0, LAN_PARAMETER_E0]


@pytest.mark.parametrize(
    ("commands", "get", "set_dedicated"),
    [
        (SELECTION_AND_FAILOVER, "30/29", "30/28 01 00"),
        (SUBCOMMAND_0C, "30/70 0C 00", "30/70 0C 01 00"),
        (LAN_PARAMETER_C0, "0C/02 08 C0 00 00", "0C/01 08 C0 01"),
        (LAN_PARAMETER_E0, "0C/02 08 E0 00 00", "0C/01 08 E0 AA 55 00 FF"),
    ],
)
def test_requests(commands: NicCommands, get: str, set_dedicated: str) -> None:
    assert shown(commands.get, commands.get_request(8)) == get
    value = commands.value_for(NicMode.DEDICATED, b"\xee\xee")
    assert shown(commands.set, commands.set_request(8, value)) == set_dedicated
    assert commands.set.writes and not commands.get.writes


@pytest.mark.parametrize(
    ("value", "mode"),
    [
        ("01 00", NicMode.DEDICATED),
        ("02 00", NicMode.SHARED),
        ("05 00", NicMode.SHARED),
        ("02 06", NicMode.FAILOVER),
        ("03 02", NicMode.FAILOVER),
        ("03 03", None),
        ("01 06", None),
        ("06 00", None),
    ],
)
def test_selection_and_failover(value: str, mode: NicMode | None) -> None:
    assert SELECTION_AND_FAILOVER.mode_of(bytes.fromhex(value)) is mode


@pytest.mark.parametrize(
    ("present", "mode", "written"),
    [
        ("04 00", NicMode.FAILOVER, "04 06"),
        ("04 02", NicMode.SHARED, "04 00"),
        ("04 02", NicMode.DEDICATED, "01 00"),
        ("01 00", NicMode.SHARED, "02 00"),
        ("01 00", NicMode.FAILOVER, "02 06"),
    ],
)
def test_the_shared_port_stays_the_one_that_it_is(present: str, mode: NicMode, written: str) -> None:
    assert SELECTION_AND_FAILOVER.value_for(mode, bytes.fromhex(present)) == bytes.fromhex(written)


@pytest.mark.parametrize("commands", ALL)
def test_each_value_stands_for_one_mode_and_all_have_one_length(commands: NicCommands) -> None:
    every = [value for values in commands.values.values() for value in values]
    assert len(set(every)) == len(every)
    assert {len(value) for value in every} == {commands.size}
    for mode in commands.values:
        assert commands.mode_of(commands.value_for(mode, b"")) is mode


@pytest.mark.parametrize("commands", [LAN_PARAMETER_C0, LAN_PARAMETER_E0])
def test_a_mode_that_a_maker_lacks_is_not_made_up(commands: NicCommands) -> None:
    assert NicMode.FAILOVER not in commands.values

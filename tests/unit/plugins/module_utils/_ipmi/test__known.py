# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which command a request is, and whether it only reads."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _commands
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import Command
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._known import command_of

OWN = [value for value in vars(_commands).values() if isinstance(value, Command)]


@pytest.mark.parametrize(
    ("net_fn", "code", "data", "name", "writes"),
    [
        # ipmi.md 5.1, command index; 5.12.
        (0x06, 0x01, "", "Get Device ID", False),
        (0x00, 0x04, "00", "Chassis Identify", True),
        (0x04, 0x2D, "01", "Get Sensor Reading", False),
        (0x04, 0x26, "", "Set Sensor Thresholds", True),
        (0x0A, 0x43, "", "Get SEL Entry", False),
        (0x0A, 0x42, "", "Reserve SEL", True),
        (0x06, 0x33, "", "Get Message", True),
        (0x2C, 0x02, "DC 01 00 00", "Get Power Reading", False),
        (0x2C, 0x05, "DC 01 00 00", "Activate/Deactivate Power Limit", True),
        # The same number in PICMG's group, and without a group.
        (0x2C, 0x02, "00 01", "Raw command", True),
        (0x2C, 0x02, "", "Raw command", True),
        # A maker's.
        (0x30, 0x01, "", "Raw command", True),
        # Those that only ask, by a part of their data.
        (0x06, 0x47, "02 03", "Set User Password, test password", False),
        (0x06, 0x47, "02 02", "Set User Password", True),
        (0x06, 0x47, "02", "Set User Password", True),
        (0x06, 0x56, "01 00 01", "Set Channel Security Keys, read key", False),
        (0x06, 0x56, "01 01 01", "Set Channel Security Keys", True),
        (0x00, 0x06, "03", "Set Power Restore Policy, no change", False),
        (0x00, 0x06, "02", "Set Power Restore Policy", True),
    ],
)
def test_commands(net_fn: int, code: int, data: str, name: str, writes: bool) -> None:
    command = command_of(net_fn, code, bytes.fromhex(data))
    assert (command.net_fn, command.code, command.name, command.writes) == (net_fn, code, name, writes)


@pytest.mark.parametrize("command", OWN, ids=str)
def test_the_collection_s_own_are_among_them(command: Command) -> None:
    found = command_of(command.net_fn, command.code, b"\xdc" + b"\1" * 9)
    assert found.writes or not command.writes


def test_the_caller_may_know_better() -> None:
    assert command_of(0x30, 0x01, b"", writes=False).writes is False
    assert command_of(0x06, 0x01, b"", writes=True).writes is True
    assert command_of(0x06, 0x01, b"", lun=2).lun == 2

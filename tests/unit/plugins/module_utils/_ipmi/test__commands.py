# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of commands."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _commands
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import Command

COMMANDS = {name: value for name, value in vars(_commands).items() if isinstance(value, Command)}

# ipmi.md 5.1, command index: network function and number.
NUMBERS = {
    "GET_DEVICE_ID": (0x06, 0x01),
    "COLD_RESET": (0x06, 0x02),
    "WARM_RESET": (0x06, 0x03),
    "GET_SELF_TEST": (0x06, 0x04),
    "GET_DEVICE_GUID": (0x06, 0x08),
    "GET_NETFN_SUPPORT": (0x06, 0x09),
    "GET_COMMAND_SUPPORT": (0x06, 0x0A),
    "GET_CONFIGURABLE_COMMANDS": (0x06, 0x0C),
    "GET_GLOBAL_ENABLES": (0x06, 0x2F),
    "SEND_MESSAGE": (0x06, 0x34),
    "GET_SYSTEM_GUID": (0x06, 0x37),
    "GET_CHANNEL_AUTH_CAPABILITIES": (0x06, 0x38),
    "GET_SESSION_CHALLENGE": (0x06, 0x39),
    "SET_SESSION_PRIVILEGE": (0x06, 0x3B),
    "CLOSE_SESSION": (0x06, 0x3C),
    "GET_SESSION_INFO": (0x06, 0x3D),
    "SET_CHANNEL_ACCESS": (0x06, 0x40),
    "GET_CHANNEL_ACCESS": (0x06, 0x41),
    "GET_CHANNEL_INFO": (0x06, 0x42),
    "SET_USER_ACCESS": (0x06, 0x43),
    "GET_USER_ACCESS": (0x06, 0x44),
    "SET_USER_NAME": (0x06, 0x45),
    "GET_USER_NAME": (0x06, 0x46),
    "SET_USER_PASSWORD": (0x06, 0x47),
    "TEST_USER_PASSWORD": (0x06, 0x47),
    "ACTIVATE_PAYLOAD": (0x06, 0x48),
    "DEACTIVATE_PAYLOAD": (0x06, 0x49),
    "GET_PAYLOAD_STATUS": (0x06, 0x4A),
    "GET_PAYLOAD_INSTANCE": (0x06, 0x4B),
    "SET_USER_PAYLOAD_ACCESS": (0x06, 0x4C),
    "GET_USER_PAYLOAD_ACCESS": (0x06, 0x4D),
    "GET_CHANNEL_CIPHER_SUITES": (0x06, 0x54),
    "SET_CHANNEL_SECURITY_KEYS": (0x06, 0x56),
    "READ_CHANNEL_SECURITY_KEYS": (0x06, 0x56),
    "SET_SYSTEM_INFO": (0x06, 0x58),
    "GET_SYSTEM_INFO": (0x06, 0x59),
    "GET_COMMAND_ENABLES": (0x06, 0x61),
    "GET_PEF": (0x04, 0x13),
    "SET_LAN": (0x0C, 0x01),
    "GET_LAN": (0x0C, 0x02),
    "GET_SERIAL": (0x0C, 0x11),
    "SET_SOL": (0x0C, 0x21),
    "GET_SOL": (0x0C, 0x22),
    "GET_CHASSIS_STATUS": (0x00, 0x01),
    "CHASSIS_CONTROL": (0x00, 0x02),
    "CHASSIS_IDENTIFY": (0x00, 0x04),
    "SET_POWER_RESTORE_POLICY": (0x00, 0x06),
    "ASK_RESTORE_POLICIES": (0x00, 0x06),
    "GET_RESTART_CAUSE": (0x00, 0x07),
    "SET_BOOT_OPTIONS": (0x00, 0x08),
    "GET_BOOT_OPTIONS": (0x00, 0x09),
    "SET_FRONT_PANEL_ENABLES": (0x00, 0x0A),
    "SET_POWER_CYCLE_INTERVAL": (0x00, 0x0B),
    "GET_POH": (0x00, 0x0F),
    "GET_FRU_AREA_INFO": (0x0A, 0x10),
    "READ_FRU": (0x0A, 0x11),
    "GET_SEL_INFO": (0x0A, 0x40),
    "GET_SEL_TIME": (0x0A, 0x48),
    "SET_SEL_TIME": (0x0A, 0x49),
    "GET_SEL_UTC_OFFSET": (0x0A, 0x5C),
    "SET_SEL_UTC_OFFSET": (0x0A, 0x5D),
    "GET_ASSET_TAG": (0x2C, 0x06),
    "SET_ASSET_TAG": (0x2C, 0x08),
    "GET_CONTROLLER_ID": (0x2C, 0x09),
    "SET_CONTROLLER_ID": (0x2C, 0x0A),
}

#: Not called "Get", and still harmless to repeat.
HARMLESS = {"READ_FRU", "ASK_RESTORE_POLICIES", "READ_CHANNEL_SECURITY_KEYS", "TEST_USER_PASSWORD", "SET_SESSION_PRIVILEGE"}


def test_the_numbers_are_the_specifications() -> None:
    assert {name: (command.net_fn, command.code) for name, command in COMMANDS.items()} == NUMBERS


@pytest.mark.parametrize("name", COMMANDS)
def test_what_reads_and_what_writes(name: str) -> None:
    reads = name.startswith("GET_") or name in HARMLESS
    assert COMMANDS[name].writes is not reads


@pytest.mark.parametrize("name", COMMANDS)
def test_own_meanings_are_in_the_range_for_them(name: str) -> None:
    assert all(0x80 <= code <= 0xBE for code in COMMANDS[name].meanings)


def test_a_command_shows_its_name_and_numbers() -> None:
    assert str(_commands.SET_LAN) == "Set LAN Configuration Parameters (0C/01)"
    assert str(_commands.GET_CHASSIS_STATUS) == "Get Chassis Status (00/01)"


def test_commands_are_keys() -> None:
    assert len(set(COMMANDS.values())) == len(COMMANDS)
    assert copy.deepcopy(_commands.SET_LAN) in {_commands.SET_LAN: 1}
    assert _commands.TEST_USER_PASSWORD != _commands.SET_USER_PASSWORD

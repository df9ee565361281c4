# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Which command a request is, for requests that somebody else has put together (specification appendix G; DCMI 1.5, table 6-1).

A command that is not here may do anything, so it counts as one that changes something.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _commands
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import Command

#: Commands besides those that the collection itself uses, by network function: number and name.
_NAMES: t.Final[t.Mapping[int, t.Mapping[int, str]]] = {
    0x00: {
        0x00: "Get Chassis Capabilities",
        0x03: "Chassis Reset",
        0x05: "Set Chassis Capabilities",
    },
    0x04: {
        0x00: "Set Event Receiver",
        0x01: "Get Event Receiver",
        0x02: "Platform Event",
        0x10: "Get PEF Capabilities",
        0x11: "Arm PEF Postpone Timer",
        0x12: "Set PEF Configuration Parameters",
        0x13: "Get PEF Configuration Parameters",
        0x14: "Set Last Processed Event ID",
        0x15: "Get Last Processed Event ID",
        0x16: "Alert Immediate",
        0x17: "PET Acknowledge",
        0x20: "Get Device SDR Info",
        0x21: "Get Device SDR",
        0x22: "Reserve Device SDR Repository",
        0x23: "Get Sensor Reading Factors",
        0x24: "Set Sensor Hysteresis",
        0x25: "Get Sensor Hysteresis",
        0x26: "Set Sensor Thresholds",
        0x27: "Get Sensor Thresholds",
        0x28: "Set Sensor Event Enable",
        0x29: "Get Sensor Event Enable",
        0x2A: "Re-arm Sensor Events",
        0x2B: "Get Sensor Event Status",
        0x2D: "Get Sensor Reading",
        0x2E: "Set Sensor Type",
        0x2F: "Get Sensor Type",
        0x30: "Set Sensor Reading and Event Status",
    },
    0x06: {
        0x05: "Manufacturing Test On",
        0x06: "Set ACPI Power State",
        0x07: "Get ACPI Power State",
        0x09: "Get NetFn Support",
        0x0A: "Get Command Support",
        0x0B: "Get Command Sub-function Support",
        0x0C: "Get Configurable Commands",
        0x0D: "Get Configurable Command Sub-functions",
        0x22: "Reset Watchdog Timer",
        0x24: "Set Watchdog Timer",
        0x25: "Get Watchdog Timer",
        0x2E: "Set BMC Global Enables",
        0x2F: "Get BMC Global Enables",
        0x30: "Clear Message Flags",
        0x31: "Get Message Flags",
        0x32: "Enable Message Channel Receive",
        0x33: "Get Message",
        0x35: "Read Event Message Buffer",
        0x36: "Get BT Interface Capabilities",
        0x39: "Get Session Challenge",
        0x3A: "Activate Session",
        0x3F: "Get AuthCode",
        0x4E: "Get Channel Payload Support",
        0x4F: "Get Channel Payload Version",
        0x50: "Get Channel OEM Payload Info",
        0x52: "Master Write-Read",
        0x55: "Suspend/Resume Payload Encryption",
        0x57: "Get System Interface Capabilities",
        0x60: "Set Command Enables",
        0x61: "Get Command Enables",
        0x62: "Set Command Sub-function Enables",
        0x63: "Get Command Sub-function Enables",
    },
    0x0A: {
        0x12: "Write FRU Data",
        0x20: "Get SDR Repository Info",
        0x21: "Get SDR Repository Allocation Info",
        0x22: "Reserve SDR Repository",
        0x23: "Get SDR",
        0x24: "Add SDR",
        0x25: "Partial Add SDR",
        0x26: "Delete SDR",
        0x27: "Clear SDR Repository",
        0x28: "Get SDR Repository Time",
        0x29: "Set SDR Repository Time",
        0x2A: "Enter SDR Repository Update Mode",
        0x2B: "Exit SDR Repository Update Mode",
        0x2C: "Run Initialization Agent",
        0x40: "Get SEL Info",
        0x41: "Get SEL Allocation Info",
        0x42: "Reserve SEL",
        0x43: "Get SEL Entry",
        0x44: "Add SEL Entry",
        0x45: "Partial Add SEL Entry",
        0x46: "Delete SEL Entry",
        0x47: "Clear SEL",
        0x5A: "Get Auxiliary Log Status",
        0x5B: "Set Auxiliary Log Status",
    },
    0x0C: {
        0x03: "Suspend BMC ARPs",
        0x04: "Get IP/UDP/RMCP Statistics",
        0x10: "Set Serial/Modem Configuration",
        0x11: "Get Serial/Modem Configuration",
        0x12: "Set Serial/Modem Mux",
        0x20: "SOL Activating",
    },
}
#: Those of the group DCMI.
_DCMI_NAMES: t.Final[t.Mapping[int, str]] = {
    0x01: "Get DCMI Capabilities Info",
    0x02: "Get Power Reading",
    0x03: "Get Power Limit",
    0x04: "Set Power Limit",
    0x05: "Activate/Deactivate Power Limit",
    0x07: "Get DCMI Sensor Info",
    0x0B: "Set Thermal Limit",
    0x0C: "Get Thermal Limit",
    0x10: "Get Temperature Readings",
    0x12: "Set DCMI Configuration Parameters",
    0x13: "Get DCMI Configuration Parameters",
}
_GROUP_EXTENSION, _DCMI = 0x2C, 0xDC
#: They are called "Get", and take something away or make something.
_NOT_ONLY_READING: t.Final = frozenset({(0x06, 0x33), (0x06, 0x39), (0x0C, 0x04)})

#: Commands whose second byte, or first, says whether they only ask: where it is, its mask, the value that asks.
_ASKING: t.Final[t.Mapping[Command, tuple[Command, int, int, int]]] = {
    _commands.SET_USER_PASSWORD: (_commands.TEST_USER_PASSWORD, 1, 0x03, 3),
    _commands.SET_CHANNEL_SECURITY_KEYS: (_commands.READ_CHANNEL_SECURITY_KEYS, 1, 0x03, 0),
    _commands.SET_POWER_RESTORE_POLICY: (_commands.ASK_RESTORE_POLICIES, 0, 0x07, 3),
}


def _table() -> dict[tuple[int, int], Command]:
    table = {
        (net_fn, code): Command(net_fn, code, name, writes=not name.startswith("Get ") or (net_fn, code) in _NOT_ONLY_READING)
        for net_fn, names in {**_NAMES, _GROUP_EXTENSION: _DCMI_NAMES}.items()
        for code, name in names.items()
    }
    asking = [command for command, *_rest in _ASKING.values()]
    own = [value for value in vars(_commands).values() if isinstance(value, Command) and value not in asking]
    return {**table, **{(command.net_fn, command.code): command for command in own}}


_TABLE: t.Final = _table()


def command_of(net_fn: int, code: int, data: bytes, *, lun: int = 0, writes: bool | None = None) -> Command:
    """The command of a request. `writes` is what the caller knows better."""
    found = _TABLE.get((net_fn, code))
    if net_fn == _GROUP_EXTENSION and data[:1] != bytes([_DCMI]):
        # The same number is another command in each group.
        found = None
    if found is not None and found in _ASKING:
        asking, offset, mask, value = _ASKING[found]
        if len(data) > offset and data[offset] & mask == value:
            found = asking
    command = found or Command(net_fn, code, "Raw command", writes=True)
    return replace(command, lun=lun, writes=command.writes if writes is None else writes)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The IPMI commands in use: network function, number, name and what their own completion codes mean."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Command:
    """One IPMI command (specification appendix G)."""

    net_fn: int  #: of the request, 00h to 3Eh, even
    code: int  #: 00h to FFh
    name: str  #: as the specification says
    writes: bool  #: changes the BMC's or the host's state: its lost answer is never repeated blindly
    #: What the command's own completion codes, 80h to BEh, mean.
    meanings: t.Mapping[int, str] = field(default_factory=dict, hash=False)
    lun: int = 0  #: logical unit of the controller that it is for, 0 to 3

    def __str__(self) -> str:
        return f"{self.name} ({self.net_fn:02X}/{self.code:02X})"


_CHASSIS, _EVENT, _APP, _STORAGE, _TRANSPORT, _GROUP = 0x00, 0x04, 0x06, 0x0A, 0x0C, 0x2C

#: The numbered parameters of LAN, SOL, boot options and system info share these (23.1, 26.2, 28.12, 22.14a).
PARAMETER_MEANINGS: t.Final[t.Mapping[int, str]] = {
    0x80: "parameter not supported",
    0x81: "another program is writing: 'set in progress' is taken",
    0x82: "parameter is read only",
    0x83: "parameter is write only",
}
_CHANNEL_ACCESS: t.Final = {0x82: "not supported on this channel", 0x83: "access mode not supported"}
_TEST: t.Final = {0x80: "wrong password", 0x81: "wrong password size"}

GET_DEVICE_ID: t.Final = Command(_APP, 0x01, "Get Device ID", writes=False)
COLD_RESET: t.Final = Command(_APP, 0x02, "Cold Reset", writes=True)
WARM_RESET: t.Final = Command(_APP, 0x03, "Warm Reset", writes=True)
GET_SELF_TEST: t.Final = Command(_APP, 0x04, "Get Self Test Results", writes=False)
GET_DEVICE_GUID: t.Final = Command(_APP, 0x08, "Get Device GUID", writes=False)
GET_NETFN_SUPPORT: t.Final = Command(_APP, 0x09, "Get NetFn Support", writes=False)
GET_COMMAND_SUPPORT: t.Final = Command(_APP, 0x0A, "Get Command Support", writes=False)
GET_CONFIGURABLE_COMMANDS: t.Final = Command(_APP, 0x0C, "Get Configurable Commands", writes=False)
GET_GLOBAL_ENABLES: t.Final = Command(_APP, 0x2F, "Get BMC Global Enables", writes=False)
SEND_MESSAGE: t.Final = Command(
    _APP,
    0x34,
    "Send Message",
    # What it carries may change something.
    writes=True,
    meanings={
        0x80: "invalid session handle",
        0x81: "arbitration on the bus was lost",
        0x82: "bus error",
        0x83: "not acknowledged: nothing there, or it is off",
    },
)
GET_SYSTEM_GUID: t.Final = Command(_APP, 0x37, "Get System GUID", writes=False)
GET_CHANNEL_AUTH_CAPABILITIES: t.Final = Command(
    _APP, 0x38, "Get Channel Authentication Capabilities", writes=False
)
GET_SESSION_CHALLENGE: t.Final = Command(
    _APP,
    0x39,
    "Get Session Challenge",
    # Begins a login of IPMI 1.5 and goes no further.
    writes=False,
    meanings={0x81: "no such user name", 0x82: "the null user is not enabled"},
)
SET_SESSION_PRIVILEGE: t.Final = Command(
    _APP,
    0x3B,
    "Set Session Privilege Level",
    # Concerns this session alone, and asking twice ends in the same state.
    writes=False,
    meanings={
        0x80: "privilege level not available for this user",
        0x81: "privilege level is above the user's or the channel's limit",
        0x82: "user level authentication cannot be switched off",
    },
)
CLOSE_SESSION: t.Final = Command(
    _APP,
    0x3C,
    "Close Session",
    writes=True,
    meanings={0x87: "no session of that ID", 0x88: "no session of that handle"},
)
GET_SESSION_INFO: t.Final = Command(_APP, 0x3D, "Get Session Info", writes=False)
SET_CHANNEL_ACCESS: t.Final = Command(_APP, 0x40, "Set Channel Access", writes=True, meanings=_CHANNEL_ACCESS)
GET_CHANNEL_ACCESS: t.Final = Command(
    _APP, 0x41, "Get Channel Access", writes=False, meanings={0x82: _CHANNEL_ACCESS[0x82]}
)
GET_CHANNEL_INFO: t.Final = Command(_APP, 0x42, "Get Channel Info", writes=False)
SET_USER_ACCESS: t.Final = Command(_APP, 0x43, "Set User Access", writes=True)
GET_USER_ACCESS: t.Final = Command(_APP, 0x44, "Get User Access", writes=False)
SET_USER_NAME: t.Final = Command(_APP, 0x45, "Set User Name", writes=True)
GET_USER_NAME: t.Final = Command(_APP, 0x46, "Get User Name", writes=False)
SET_USER_PASSWORD: t.Final = Command(
    _APP,
    0x47,
    "Set User Password",
    writes=True,
    # Dell and Wistron C6220.
    meanings={0x8F: "rejected by the BMC's password policy"},
)
#: Operation 3 of Set User Password: asks, and changes nothing.
TEST_USER_PASSWORD: t.Final = Command(_APP, 0x47, "Set User Password, test password", writes=False, meanings=_TEST)
ACTIVATE_PAYLOAD: t.Final = Command(
    _APP,
    0x48,
    "Activate Payload",
    writes=True,
    meanings={
        0x80: "payload is already active in another session",
        0x81: "payload type is disabled",
        0x82: "limit of active payloads is reached",
        0x83: "cannot be activated with encryption",
        0x84: "cannot be activated without encryption",
    },
)
DEACTIVATE_PAYLOAD: t.Final = Command(
    _APP,
    0x49,
    "Deactivate Payload",
    writes=True,
    meanings={0x80: "payload is already inactive", 0x81: "payload type is disabled"},
)
GET_PAYLOAD_STATUS: t.Final = Command(_APP, 0x4A, "Get Payload Activation Status", writes=False)
GET_PAYLOAD_INSTANCE: t.Final = Command(_APP, 0x4B, "Get Payload Instance Info", writes=False)
SET_USER_PAYLOAD_ACCESS: t.Final = Command(_APP, 0x4C, "Set User Payload Access", writes=True)
GET_USER_PAYLOAD_ACCESS: t.Final = Command(_APP, 0x4D, "Get User Payload Access", writes=False)
GET_CHANNEL_CIPHER_SUITES: t.Final = Command(_APP, 0x54, "Get Channel Cipher Suites", writes=False)
SET_CHANNEL_SECURITY_KEYS: t.Final = Command(
    _APP,
    0x56,
    "Set Channel Security Keys",
    writes=True,
    meanings={
        0x80: "key is locked",
        0x81: "too few key bytes",
        0x82: "too many key bytes",
        0x83: "key does not meet the BMC's criteria",
        0x84: "key K_R is not used",
    },
)
#: Operation 0 of Set Channel Security Keys: reads a key, and changes nothing.
READ_CHANNEL_SECURITY_KEYS: t.Final = Command(
    _APP, 0x56, "Set Channel Security Keys, read key", writes=False, meanings={0x80: "key is locked"}
)
SET_SYSTEM_INFO: t.Final = Command(
    _APP, 0x58, "Set System Info Parameters", writes=True, meanings=PARAMETER_MEANINGS
)
GET_SYSTEM_INFO: t.Final = Command(
    _APP, 0x59, "Get System Info Parameters", writes=False, meanings=PARAMETER_MEANINGS
)
GET_COMMAND_ENABLES: t.Final = Command(_APP, 0x61, "Get Command Enables", writes=False)

GET_PEF: t.Final = Command(_EVENT, 0x13, "Get PEF Configuration Parameters", writes=False, meanings=PARAMETER_MEANINGS)

SET_LAN: t.Final = Command(
    _TRANSPORT, 0x01, "Set LAN Configuration Parameters", writes=True, meanings=PARAMETER_MEANINGS
)
GET_LAN: t.Final = Command(
    _TRANSPORT, 0x02, "Get LAN Configuration Parameters", writes=False, meanings=PARAMETER_MEANINGS
)
GET_SERIAL: t.Final = Command(
    _TRANSPORT, 0x11, "Get Serial/Modem Configuration", writes=False, meanings=PARAMETER_MEANINGS
)
SET_SOL: t.Final = Command(
    _TRANSPORT, 0x21, "Set SOL Configuration Parameters", writes=True, meanings=PARAMETER_MEANINGS
)
GET_SOL: t.Final = Command(
    _TRANSPORT, 0x22, "Get SOL Configuration Parameters", writes=False, meanings=PARAMETER_MEANINGS
)

GET_CHASSIS_STATUS: t.Final = Command(_CHASSIS, 0x01, "Get Chassis Status", writes=False)
CHASSIS_CONTROL: t.Final = Command(_CHASSIS, 0x02, "Chassis Control", writes=True)
CHASSIS_IDENTIFY: t.Final = Command(_CHASSIS, 0x04, "Chassis Identify", writes=True)
SET_POWER_RESTORE_POLICY: t.Final = Command(_CHASSIS, 0x06, "Set Power Restore Policy", writes=True)
#: Its policy 3, "no change": tells what is supported, and changes nothing.
ASK_RESTORE_POLICIES: t.Final = Command(_CHASSIS, 0x06, "Set Power Restore Policy, no change", writes=False)
GET_RESTART_CAUSE: t.Final = Command(_CHASSIS, 0x07, "Get System Restart Cause", writes=False)
SET_BOOT_OPTIONS: t.Final = Command(
    _CHASSIS, 0x08, "Set System Boot Options", writes=True, meanings=PARAMETER_MEANINGS
)
GET_BOOT_OPTIONS: t.Final = Command(
    _CHASSIS, 0x09, "Get System Boot Options", writes=False, meanings=PARAMETER_MEANINGS
)
SET_FRONT_PANEL_ENABLES: t.Final = Command(_CHASSIS, 0x0A, "Set Front Panel Enables", writes=True)
SET_POWER_CYCLE_INTERVAL: t.Final = Command(_CHASSIS, 0x0B, "Set Power Cycle Interval", writes=True)
GET_POH: t.Final = Command(_CHASSIS, 0x0F, "Get POH Counter", writes=False)

GET_FRU_AREA_INFO: t.Final = Command(_STORAGE, 0x10, "Get FRU Inventory Area Info", writes=False)
READ_FRU: t.Final = Command(_STORAGE, 0x11, "Read FRU Data", writes=False, meanings={0x81: "the FRU device is busy"})
GET_SEL_INFO: t.Final = Command(_STORAGE, 0x40, "Get SEL Info", writes=False, meanings={0x81: "the log is being erased"})
GET_SEL_TIME: t.Final = Command(_STORAGE, 0x48, "Get SEL Time", writes=False)
SET_SEL_TIME: t.Final = Command(_STORAGE, 0x49, "Set SEL Time", writes=True)
GET_SEL_UTC_OFFSET: t.Final = Command(_STORAGE, 0x5C, "Get SEL Time UTC Offset", writes=False)
SET_SEL_UTC_OFFSET: t.Final = Command(_STORAGE, 0x5D, "Set SEL Time UTC Offset", writes=True)

GET_ASSET_TAG: t.Final = Command(_GROUP, 0x06, "Get Asset Tag", writes=False)
SET_ASSET_TAG: t.Final = Command(_GROUP, 0x08, "Set Asset Tag", writes=True)
GET_CONTROLLER_ID: t.Final = Command(_GROUP, 0x09, "Get Management Controller Identifier String", writes=False)
SET_CONTROLLER_ID: t.Final = Command(_GROUP, 0x0A, "Set Management Controller Identifier String", writes=True)

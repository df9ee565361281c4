# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Completion codes: what kind of answer each is, what it means and what to do about it."""

from __future__ import annotations

import typing as t
from enum import Enum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    ACTIVATE_PAYLOAD,
    CLOSE_SESSION,
    GET_BOOT_OPTIONS,
    GET_CHANNEL_ACCESS,
    GET_LAN,
    GET_SERIAL,
    GET_SOL,
    GET_SYSTEM_INFO,
    SEND_MESSAGE,
    SET_BOOT_OPTIONS,
    SET_CHANNEL_ACCESS,
    SET_CHANNEL_SECURITY_KEYS,
    SET_LAN,
    SET_SESSION_PRIVILEGE,
    SET_SOL,
    SET_SYSTEM_INFO,
    SET_USER_PASSWORD,
    Command,
)


class Outcome(Enum):
    """What a completion code comes to for the one who asked."""

    OK = "ok"
    BUSY = "busy"  #: not done; may be asked again
    INITIALISING = "initialising"  #: not done; the BMC or a part of it is starting or updating
    UNSUPPORTED = "unsupported"  #: this BMC does not have it
    READ_ONLY = "read_only"
    WRITE_ONLY = "write_only"
    LOCKED = "locked"  #: set-in-progress is taken
    ABSENT = "absent"  #: no such channel, user, sensor, record
    INVALID = "invalid"  #: a field's value is not accepted
    LENGTH = "length"  #: the request is too short or too long
    PRIVILEGE = "privilege"
    NOT_NOW = "not_now"  #: not in the present state
    UNSPECIFIED = "unspecified"
    AMBIGUOUS = "ambiguous"  #: it may or may not have been done
    REFUSED = "refused"  #: anything else


#: Table 5-2, Completion Codes.
_GENERIC: t.Final[t.Mapping[int, tuple[Outcome, str]]] = {
    0x00: (Outcome.OK, "completed normally"),
    0xC0: (Outcome.BUSY, "node busy"),
    0xC1: (Outcome.UNSUPPORTED, "invalid or unsupported command"),
    0xC2: (Outcome.UNSUPPORTED, "command invalid for this LUN"),
    0xC3: (Outcome.AMBIGUOUS, "timeout inside the BMC"),
    0xC4: (Outcome.REFUSED, "out of space"),
    0xC5: (Outcome.REFUSED, "reservation cancelled or invalid"),
    0xC6: (Outcome.LENGTH, "request data truncated"),
    0xC7: (Outcome.LENGTH, "wrong length of the request"),
    0xC8: (Outcome.LENGTH, "request is too long"),
    0xC9: (Outcome.ABSENT, "parameter out of range"),
    0xCA: (Outcome.REFUSED, "that many bytes cannot be returned"),
    0xCB: (Outcome.ABSENT, "not present"),
    0xCC: (Outcome.INVALID, "invalid data field in the request"),
    0xCD: (Outcome.UNSUPPORTED, "not possible for this sensor or record"),
    0xCE: (Outcome.AMBIGUOUS, "no response could be given"),
    0xCF: (Outcome.AMBIGUOUS, "duplicate request"),
    0xD0: (Outcome.INITIALISING, "SDR repository is being updated"),
    0xD1: (Outcome.INITIALISING, "firmware is being updated"),
    0xD2: (Outcome.INITIALISING, "BMC is starting"),
    0xD3: (Outcome.ABSENT, "destination unavailable"),
    0xD4: (Outcome.PRIVILEGE, "insufficient privilege, or command disabled"),
    0xD5: (Outcome.NOT_NOW, "not possible in the present state"),
    0xD6: (Outcome.UNSUPPORTED, "sub-function disabled or unavailable"),
    0xFF: (Outcome.UNSPECIFIED, "unspecified error"),
}

_PARAMETER: t.Final[t.Mapping[int, Outcome]] = {
    0x80: Outcome.UNSUPPORTED,
    0x81: Outcome.LOCKED,
    0x82: Outcome.READ_ONLY,
    0x83: Outcome.WRITE_ONLY,
}
_PARAMETER_COMMANDS: t.Final = (
    GET_LAN,
    SET_LAN,
    GET_SERIAL,
    GET_SOL,
    SET_SOL,
    GET_BOOT_OPTIONS,
    SET_BOOT_OPTIONS,
    GET_SYSTEM_INFO,
    SET_SYSTEM_INFO,
)

#: Codes 80h to BEh mean something else for each command; those that are not here are REFUSED.
_SPECIFIC: t.Final[t.Mapping[Command, t.Mapping[int, Outcome]]] = {
    **dict.fromkeys(_PARAMETER_COMMANDS, _PARAMETER),
    SEND_MESSAGE: {0x81: Outcome.BUSY, 0x83: Outcome.ABSENT},
    SET_SESSION_PRIVILEGE: {0x80: Outcome.PRIVILEGE, 0x81: Outcome.PRIVILEGE, 0x82: Outcome.UNSUPPORTED},
    CLOSE_SESSION: {0x87: Outcome.ABSENT, 0x88: Outcome.ABSENT},
    GET_CHANNEL_ACCESS: {0x82: Outcome.UNSUPPORTED},
    SET_CHANNEL_ACCESS: {0x82: Outcome.UNSUPPORTED, 0x83: Outcome.UNSUPPORTED},
    SET_CHANNEL_SECURITY_KEYS: {0x84: Outcome.UNSUPPORTED},
}

_ADVICE: t.Final[t.Mapping[Outcome, str]] = {
    Outcome.BUSY: "The BMC stayed busy: raise bmc_timeout, or look for what else is talking to it",
    Outcome.INITIALISING: "Try again once the BMC has started or finished its update",
    Outcome.READ_ONLY: "Set it in the BMC's own web page or in the BIOS setup, or leave the option out",
    Outcome.LOCKED: "Another program is configuring the BMC: try again once it is done",
    Outcome.INVALID: "The BMC does not accept one of the values: its firmware may allow less than IPMI does",
    Outcome.PRIVILEGE: "Use an account with a higher privilege, and set bmc_privilege to it",
    Outcome.NOT_NOW: "The BMC may accept it in another state, for example with the host powered on",
    Outcome.UNSPECIFIED: "The BMC's own log may say more; a cold reset of the BMC may help",
    Outcome.AMBIGUOUS: "It may or may not have been done: look at the state before trying again",
}
_SPECIFIC_ADVICE: t.Final[t.Mapping[tuple[Command, int], str]] = {
    (SET_USER_PASSWORD, 0x8F): "Choose a password that is longer or has more kinds of characters",
    (ACTIVATE_PAYLOAD, 0x80): "Somebody has the console, or a session that died still blocks it until the BMC's timeout",
    (ACTIVATE_PAYLOAD, 0x81): "Enable Serial over LAN on the channel, and allow the account its use (sol_payload of ipmi_user)",
    (ACTIVATE_PAYLOAD, 0x82): "Others have all consoles that the BMC can open at a time",
    (ACTIVATE_PAYLOAD, 0x83): "This BMC cannot encrypt its console, and an unencrypted one is not opened",
    (ACTIVATE_PAYLOAD, 0x84): "The BMC wants its console encrypted: use a cipher suite that encrypts, such as 17 or 3",
}

#: Table 13-15, RMCP+ and RAKP Message Status Codes.
RMCP_STATUS: t.Final[t.Mapping[int, str]] = {
    0x00: "no errors",
    0x01: "insufficient resources to create a session",
    0x02: "invalid session ID",
    0x03: "invalid payload type",
    0x04: "invalid authentication algorithm",
    0x05: "invalid integrity algorithm",
    0x06: "no matching authentication payload",
    0x07: "no matching integrity payload",
    0x08: "inactive session ID",
    0x09: "invalid role",
    0x0A: "unauthorized role or privilege level",
    0x0B: "insufficient resources to create a session at this privilege level",
    0x0C: "invalid name length",
    0x0D: "unauthorized name",
    0x0E: "unauthorized GUID",
    0x0F: "invalid integrity check value",
    0x10: "invalid confidentiality algorithm",
    0x11: "no cipher suite match",
    0x12: "illegal or unrecognized parameter",
}


def classify(command: Command, code: int) -> Outcome:
    """What kind of answer a completion code (00h to FFh) is to this command."""
    if code in _GENERIC:
        return _GENERIC[code][0]
    return _SPECIFIC.get(command, {}).get(code, Outcome.REFUSED)


def meaning(command: Command, code: int) -> str:
    """A completion code in a few plain words, for a message."""
    if code in command.meanings:
        return command.meanings[code]
    if code in _GENERIC:
        return _GENERIC[code][1]
    if 0x01 <= code <= 0x7E:
        return "a code of the BMC's maker"
    if 0x80 <= code <= 0xBE:
        return "a code of this command that the specification does not give"
    return "a code that the specification does not give"


def advice(command: Command, code: int) -> str | None:
    """What to do about a completion code; None where nothing general can be said."""
    return _SPECIFIC_ADVICE.get((command, code)) or _ADVICE.get(classify(command, code))

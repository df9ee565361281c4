# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Completion codes."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _commands as commands
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import Command
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import (
    RMCP_STATUS,
    Outcome,
    advice,
    classify,
    meaning,
)

COMMANDS = [value for value in vars(commands).values() if isinstance(value, Command)]
FAMILIES = [
    commands.GET_LAN,
    commands.SET_LAN,
    commands.GET_SERIAL,
    commands.GET_SOL,
    commands.SET_SOL,
    commands.GET_BOOT_OPTIONS,
    commands.SET_BOOT_OPTIONS,
    commands.GET_SYSTEM_INFO,
    commands.SET_SYSTEM_INFO,
]

# ipmi.md 5.1, generic completion codes.
GENERIC = {
    0x00: Outcome.OK,
    0xC0: Outcome.BUSY,
    0xC1: Outcome.UNSUPPORTED,
    0xC2: Outcome.UNSUPPORTED,
    0xC3: Outcome.AMBIGUOUS,
    0xC4: Outcome.REFUSED,
    0xC5: Outcome.REFUSED,
    0xC6: Outcome.LENGTH,
    0xC7: Outcome.LENGTH,
    0xC8: Outcome.LENGTH,
    0xC9: Outcome.ABSENT,
    0xCA: Outcome.REFUSED,
    0xCB: Outcome.ABSENT,
    0xCC: Outcome.INVALID,
    0xCD: Outcome.UNSUPPORTED,
    0xCE: Outcome.AMBIGUOUS,
    0xCF: Outcome.AMBIGUOUS,
    0xD0: Outcome.INITIALISING,
    0xD1: Outcome.INITIALISING,
    0xD2: Outcome.INITIALISING,
    0xD3: Outcome.ABSENT,
    0xD4: Outcome.PRIVILEGE,
    0xD5: Outcome.NOT_NOW,
    0xD6: Outcome.UNSUPPORTED,
    0xFF: Outcome.UNSPECIFIED,
}


@pytest.mark.parametrize(("code", "outcome"), GENERIC.items())
def test_generic_codes_are_the_same_for_every_command(code: int, outcome: Outcome) -> None:
    assert {classify(command, code) for command in COMMANDS} == {outcome}


@pytest.mark.parametrize("command", FAMILIES, ids=str)
def test_codes_of_numbered_parameters(command: Command) -> None:
    # ipmi.md 5.2 (LAN), 5.5 (SOL), 5.7 (boot options), 5.9 (system info).
    assert [classify(command, code) for code in range(0x80, 0x85)] == [
        Outcome.UNSUPPORTED,
        Outcome.LOCKED,
        Outcome.READ_ONLY,
        Outcome.WRITE_ONLY,
        Outcome.REFUSED,
    ]
    assert meaning(command, 0x82) == "parameter is read only"


@pytest.mark.parametrize(
    ("command", "code", "outcome", "words"),
    [
        # ipmi.md 5.3: the same number is a verdict here, not a missing parameter.
        (commands.TEST_USER_PASSWORD, 0x80, Outcome.REFUSED, "wrong password"),
        (commands.TEST_USER_PASSWORD, 0x81, Outcome.REFUSED, "wrong password size"),
        (commands.SET_USER_PASSWORD, 0x80, Outcome.REFUSED, "a code of this command"),
        (commands.SET_USER_PASSWORD, 0x8F, Outcome.REFUSED, "password policy"),
        # ipmi.md 5.4.
        (commands.GET_CHANNEL_ACCESS, 0x82, Outcome.UNSUPPORTED, "not supported on this channel"),
        (commands.SET_CHANNEL_ACCESS, 0x83, Outcome.UNSUPPORTED, "access mode not supported"),
        (commands.SET_CHANNEL_SECURITY_KEYS, 0x80, Outcome.REFUSED, "key is locked"),
        (commands.SET_CHANNEL_SECURITY_KEYS, 0x84, Outcome.UNSUPPORTED, "K_R"),
        # ipmi.md 5.5.
        (commands.ACTIVATE_PAYLOAD, 0x80, Outcome.REFUSED, "already active"),
        (commands.DEACTIVATE_PAYLOAD, 0x80, Outcome.REFUSED, "already inactive"),
        # ipmi.md 5.6.
        (commands.SET_SESSION_PRIVILEGE, 0x80, Outcome.PRIVILEGE, "not available for this user"),
        (commands.SET_SESSION_PRIVILEGE, 0x81, Outcome.PRIVILEGE, "above"),
        (commands.CLOSE_SESSION, 0x87, Outcome.ABSENT, "no session"),
        (commands.SEND_MESSAGE, 0x81, Outcome.BUSY, "arbitration"),
        (commands.SEND_MESSAGE, 0x83, Outcome.ABSENT, "not acknowledged"),
    ],
)
def test_codes_of_single_commands(command: Command, code: int, outcome: Outcome, words: str) -> None:
    assert classify(command, code) is outcome
    assert words in meaning(command, code)


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_every_code_has_an_outcome_and_words(command: Command) -> None:
    for code in range(0x100):
        assert (classify(command, code) is Outcome.OK) is (code == 0)
        words = meaning(command, code)
        assert words
        assert not words.endswith(".")
        hint = advice(command, code)
        assert hint is None or (hint and not hint.endswith("."))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x01, "a code of the BMC's maker"),
        (0x7E, "a code of the BMC's maker"),
        (0xBE, "a code of this command that the specification does not give"),
        (0x7F, "a code that the specification does not give"),
        (0xD7, "a code that the specification does not give"),
    ],
)
def test_codes_without_a_meaning_of_their_own(code: int, words: str) -> None:
    assert meaning(commands.GET_DEVICE_ID, code) == words
    assert classify(commands.GET_DEVICE_ID, code) is Outcome.REFUSED


def test_a_raw_command_is_classified_too() -> None:
    raw = Command(0x30, 0x01, "Raw command", writes=True)
    assert classify(raw, 0x80) is Outcome.REFUSED
    assert classify(raw, 0xC1) is Outcome.UNSUPPORTED


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (commands.SET_LAN, 0xC0, "bmc_timeout"),
        (commands.SET_LAN, 0xD4, "bmc_privilege"),
        (commands.SET_LAN, 0x81, "Another program"),
        (commands.SET_USER_PASSWORD, 0x8F, "Choose a password"),
        (commands.ACTIVATE_PAYLOAD, 0x80, "Somebody has the console"),
        (commands.ACTIVATE_PAYLOAD, 0x81, "sol_payload"),
        (commands.ACTIVATE_PAYLOAD, 0x82, "at a time"),
        (commands.ACTIVATE_PAYLOAD, 0x83, "cannot encrypt"),
        (commands.ACTIVATE_PAYLOAD, 0x84, "cipher suite"),
    ],
)
def test_advice_says_what_to_do(command: Command, code: int, words: str) -> None:
    assert words in (advice(command, code) or "")


def test_no_advice_where_there_is_none() -> None:
    assert advice(commands.SET_LAN, 0x00) is None
    assert advice(commands.SET_LAN, 0xC4) is None


def test_login_status_codes() -> None:
    # ipmi.md 5.1, RMCP+ open/RAKP status.
    assert set(RMCP_STATUS) == set(range(0x13))
    assert RMCP_STATUS[0x01] == "insufficient resources to create a session"
    assert RMCP_STATUS[0x0D] == "unauthorized name"
    assert RMCP_STATUS[0x11] == "no cipher suite match"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tree of errors: words that playbooks branch on, and messages that say what to do."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _errors
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BmcError, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import SET_LAN, SET_USER_PASSWORD
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome

#: Playbooks branch on these: a release may add one, and never change or drop one.
REASONS = {
    "AnswerLost": "answer_lost",
    "BadOption": "bad_option",
    "CompletionError": "refused",
    "ConsoleDisabled": "console_disabled",
    "ConsoleEncryption": "console_encryption",
    "ConsoleHeld": "console_held",
    "ConsoleLimit": "console_limit",
    "ConsoleLost": "console_lost",
    "ConsoleRefused": "console_refused",
    "ConsoleUnavailable": "console_unavailable",
    "DriverUnavailable": "driver_unavailable",
    "LoginRefused": "login_refused",
    "MalformedAnswer": "malformed_answer",
    "MissingLibrary": "missing_library",
    "NameNotResolved": "name_not_resolved",
    "NoSessionSlot": "no_session_slot",
    "NotNow": "not_now",
    "NotReached": "timeout",
    "NotVerified": "not_verified",
    "PrivilegeRefused": "privilege_refused",
    "Restored": "restored",
    "SessionLost": "session_lost",
    "Unreachable": "unreachable",
    "Unsupported": "unsupported",
    "WouldLockOut": "would_lock_out",
}


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_reasons_stay(name: str, reason: str) -> None:
    kind = getattr(_errors, name)
    assert issubclass(kind, BmcError)
    assert kind.reason == reason


def test_no_two_kinds_share_a_reason() -> None:
    kinds = [kind for kind in vars(_errors).values() if isinstance(kind, type) and issubclass(kind, BmcError)]
    reasons = [kind.reason for kind in kinds]
    assert len(set(reasons)) == len(reasons)


def test_a_refusal_names_command_code_meaning_and_advice() -> None:
    error = CompletionError(SET_LAN, 0x82)
    assert str(error).startswith(
        "Set LAN Configuration Parameters (0C/01) was refused with completion code 0x82 (parameter is read only). "
    )
    assert error.outcome is Outcome.READ_ONLY
    assert error.facts() == {
        "reason": "refused",
        "command": "Set LAN Configuration Parameters (0C/01)",
        "completion_code": "0x82",
    }


def test_a_refusal_says_what_it_is_about() -> None:
    assert str(CompletionError(SET_USER_PASSWORD, 0x8F, about="user 'bob'")).startswith("user 'bob': Set User Password")


def test_nothing_was_written_unless_somebody_says_so() -> None:
    assert BmcError("x").progress is None

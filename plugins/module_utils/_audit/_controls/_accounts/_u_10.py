# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-10: passwords in the long form."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import Account, each_account_of
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import TEST_USER_PASSWORD
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import PasswordSize, test_password_request

#: Test Password: it is stored in the other size.
_WRONG_SIZE: t.Final = 0x81


def check(case: Case) -> t.Iterable[Verdict]:
    """Set User Password, operation test, with the right password: both sizes."""

    def judge(found: Account) -> Verdict | None:
        if not found.may_log_in:
            return None
        if not found.is_own:
            raise NotAssessed("the form of a password can be tested only by who knows it")
        return _judged({size for size in PasswordSize if _is_stored(case, found, size)})

    return each_account_of(case, case.own_channel(), judge)


def _is_stored(case: Case, found: Account, size: PasswordSize) -> bool:
    """Whether the password of the session is stored in this form. Never a wrong password: it may be counted."""
    password = case.connection.password.encode()
    if len(password) > size:
        return False
    try:
        case.reader.request(TEST_USER_PASSWORD, test_password_request(found.user_id, password, size))
    except CompletionError as error:
        if error.code != _WRONG_SIZE:
            raise
        return False
    return True


def _judged(sizes: set[PasswordSize]) -> Verdict:
    if sizes == {PasswordSize.TWENTY}:
        return Verdict(State.PASS, "stored in the form of 20 bytes")
    if sizes == {PasswordSize.SIXTEEN}:
        return Verdict(State.FAIL, "stored in the form of 16 bytes")
    raise NotAssessed("the BMC takes the password in both forms, or in none, so it does not tell")


CONTROL: t.Final = Control(
    id="U-10",
    title="Passwords are stored in the form of 20 bytes",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="A password of the 20-byte form cannot be used over IPMI 1.5, which does not encrypt, and may be longer.",
    expected="the password is stored in the form of 20 bytes",
    check=check,
    remedy=Remedy(
        how="Set a new password with password_size 20 (ipmi_user), or one of more than 16 bytes (playbook rotate_passwords).",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that log in over IPMI 1.5 with the account",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "FreeIPMI, authentication issue 23", "IPMI 2.0, 22.30"),
)

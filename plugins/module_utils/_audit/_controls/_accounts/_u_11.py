# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-11: the password's age."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import replace

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Method,
    Option,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import wish
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption


def check(case: Case) -> t.Iterable[Verdict]:
    """The day of the last change, which only the site knows. Raises BadOption for a day that is none."""
    given, most = case.wanted("password_changed"), case.wanted("password_max_age")
    if given is None:
        yield replace(wish("IPMI does not show it", "the password's age", "password_changed"), method=Method.METADATA)
        return
    age = (_today() - _day(given)).days
    if age < 0:
        raise NotAssessed(f"policy.password_changed is {given}, which has not come yet")
    state = State.PASS if age <= most else State.FAIL
    yield Verdict(state, f"changed {age} days ago", expected=f"changed at most {most} days ago", method=Method.METADATA)


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.timezone.utc).date()  # noqa: UP017  (this runs on Python 3.9 too)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadOption(f"policy.password_changed is {text!r}; a date is year-month-day, such as 2026-03-31") from None


CONTROL: t.Final = Control(
    id="U-11",
    title="The password is not too old",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale="BMCs keep passwords so that they can be recovered, and give their hashes to everybody who asks. Time is all that cracking needs.",
    expected="the password was changed at most password_max_age days ago",
    check=check,
    remedy=Remedy(
        how="Change the passwords (playbook rotate_passwords), and tell the audit when: password_changed.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever logs in with the old password",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "Dan Farmer, Sold Down the River"),
    options=(
        Option(
            "password_changed",
            {"type": "str", "no_log": False},
            "The day that the password of the account in use was last changed, as year-month-day. Where passwords are kept, that is known.",
            valid=_day,
        ),
        Option("password_max_age", {"type": "int", "no_log": False}, "How many days old a password may be.", default=365),
    ),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""L-01: wrong passwords lock an account for a while."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Option,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import BadPassword
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import BAD_PASSWORD
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target

_THRESHOLD, _LOCKOUT = "bad_password_threshold", "bad_password_lockout"


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 26. A lockout of 0 lasts until an administrator ends it."""
    most, least = case.wanted(_THRESHOLD), case.wanted(_LOCKOUT)
    expected = f"accounts are locked after 1 to {most} wrong passwords, for {least} s or longer"

    def judge(info: ChannelInfo) -> Verdict:
        rule = BAD_PASSWORD.load(case.reader, Target(info.channel), {})
        wrong: dict[str, int] = {}
        if not 1 <= rule.threshold <= most:
            wrong["threshold"] = most
        if 0 < rule.lockout_seconds < least:
            wrong["lockout_interval"] = least
        if not rule.threshold:
            # Without a threshold the interval was never meant by anybody, and 0 would lock for good.
            wrong["lockout_interval"] = max(rule.lockout_seconds, least)
        if not wrong:
            return Verdict(State.PASS, _shown(rule), expected)
        return Verdict(State.FAIL, _shown(rule), expected, fix={"channels": [{"channel": info.channel, "bad_password": wrong}]})

    return each_lan(case, judge)


def _passwords(most: int) -> None:
    if not 1 <= most <= 255:
        raise BadOption(f"policy.{_THRESHOLD}: {most} must be 1 to 255")


def _seconds(least: int) -> None:
    try:
        # The record knows its range.
        BadPassword(False, 0, 0, least)
    except ValueError as error:
        raise BadOption(f"policy.{_LOCKOUT}: {error}") from None


def _shown(rule: BadPassword) -> str:
    if not rule.threshold:
        return "wrong passwords never lock an account"
    span = f"for {rule.lockout_seconds} s" if rule.lockout_seconds else "until an administrator ends it"
    return f"accounts are locked after {rule.threshold} wrong passwords, {span}"


CONTROL: t.Final = Control(
    id="L-01",
    title="Wrong passwords lock an account for a while",
    severity=Severity.HIGH,
    profile=Profile.L2,
    rationale="Without a limit, passwords can be tried one after another as fast as the BMC answers. A lockout does not help against guessing "
    "offline, and somebody may lock accounts on purpose: keep the BMC's network closed as well.",
    expected="accounts are locked after 1 to 10 wrong passwords, for 60 s or longer",
    check=check,
    remedy=Remedy(
        how="Set bad_password of the channel (ipmi_channel). OpenBMC has no such parameter and locks accounts by settings of its own "
        "(Redfish, AccountLockoutThreshold and AccountLockoutDuration).",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="accounts that a forgotten client keeps trying with an old password: they are locked",
    ),
    sources=("Dan Farmer, IPMI-policy.ini", "Veritas NetBackup Appliance security guide", "IPMI 2.0, table 23-4, parameter 26"),
    options=(
        Option(
            _THRESHOLD,
            # Ansible would take it for a secret by its name.
            {"type": "int", "no_log": False},
            "After how many wrong passwords an account must be locked at the latest, 1 to 255.",
            default=10,
            valid=_passwords,
        ),
        Option(
            _LOCKOUT,
            {"type": "int", "no_log": False},
            "For how many seconds an account must be locked at least, in steps of 10.",
            default=60,
            valid=_seconds,
        ),
    ),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""U-04: no passwords of the factory."""

from __future__ import annotations

import typing as t

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._default_passwords import known_passwords
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._lan_look import is_off
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._rakp_look import looks, probe_name
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import Account, account, each_account_of, outsider_off
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import EnableStatus
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import Slots

#: Status of a RAKP message (table 13-15). Where an account is said to be enabled, it may be locked for a while.
_UNAUTHORIZED_NAME: t.Final = 0x0D


def check(case: Case) -> t.Iterable[Verdict]:
    """RAKP 2 of each account that may be enabled, compared here with known passwords."""

    def judge(found: Account) -> Verdict | None:
        if found.is_own:
            return _own(case, found)
        if not found.may_be_enabled or not (found.name or found.may_log_in):
            return None
        if not found.has_privilege:
            elsewhere = _elsewhere(case, found)
            if elsewhere:
                raise NotAssessed(f"it may log in over channel {elsewhere} alone, where its password cannot be looked at from here")
            return Verdict(State.NOT_APPLICABLE, found.what_it_is, reason="it has no privilege on this channel, so nobody can log in")
        return _other(case, found)

    return each_account_of(case, case.own_channel(), judge)


def _elsewhere(case: Case, found: Account) -> str:
    """The other LAN channels over which it may log in; those that are disabled do not count."""
    others = [info for info in case.lan_channels() if info.channel != found.channel and not is_off(case, info)]
    return ", ".join(str(info.channel) for info in others if account(case, info.channel, found.user_id).may_log_in)


def _known(case: Case, found: Account) -> tuple[bytes, ...]:
    return known_passwords(found.name, case.wanted("default_passwords") or [])


def _own(case: Case, found: Account) -> Verdict:
    known = _known(case, found)
    case.reader.note_probe(
        f"the password that this session was opened with, of user {found.name!r}", f"compared here with {len(known)} known passwords"
    )
    if case.connection.password.encode() in known:
        return Verdict(State.FAIL, f"its password is one of {len(known)} known ones", method=Method.METADATA)
    return Verdict(State.PASS, f"its password is none of {len(known)} known ones", method=Method.METADATA)


def _other(case: Case, found: Account) -> Verdict:
    if Slots(case.reader, found.channel).find(found.name) != found.user_id:
        raise NotAssessed("an account before it has the same name, and answers logins in its place")
    known = _known(case, found)
    answer = looks(case).at(found.name, min(int(found.access.privilege), Privilege.OEM))
    if answer.proof is None:
        case.reader.note_probe(probe_name(found.name), str(answer))
        if answer.status == _UNAUTHORIZED_NAME and found.access.status is EnableStatus.UNKNOWN:
            return Verdict(State.NOT_APPLICABLE, str(answer), reason="nobody can log in with it", method=Method.PROBE)
        raise NotAssessed(f"its password cannot be compared with known ones: {answer}")
    fits = any(answer.proof.fits(password) for password in known)
    what = f"compared with {len(known)} known passwords: {'one' if fits else 'none'} of them"
    case.reader.note_probe(probe_name(found.name), f"{answer}, {what}")
    if fits:
        return Verdict(State.FAIL, f"RAKP 2 {what}", method=Method.PROBE, fix=outsider_off(case, found))
    return Verdict(State.PASS, f"RAKP 2 {what}", method=Method.PROBE)


CONTROL: t.Final = Control(
    id="U-04",
    title="No account has a default password",
    severity=Severity.CRITICAL,
    profile=Profile.L1,
    rationale="The passwords of the factories are published, and tried first. Forced changes at the first login do not hold for IPMI on all BMCs.",
    expected="no enabled account has a published password, its name as password, or none",
    check=check,
    remedy=Remedy(
        how=(
            "Set another password (role bmc_accounts, playbook rotate_passwords). An account that nobody needs: leave it out of "
            "allowed_users, and it is disabled."
        ),
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever logs in with the old password",
    ),
    sources=(
        "NSA and CISA, Harden Baseboard Management Controllers, 2023",
        "Dell, statement on CERT VU#843044",
        "IPMI 2.0, 13.20, 13.21 and 13.31",
    ),
    options=(
        Option(
            "default_passwords",
            {"type": "list", "elements": "str", "no_log": True},
            (
                "Passwords of the site's own that no account may have any more. Those that makers are known for need not be repeated. "
                "Results hide what is given here, also where a name is like it."
            ),
        ),
    ),
)

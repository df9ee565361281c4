# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""C-05: each cipher suite has the privilege that the site wants."""

from __future__ import annotations

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._suites import Asked, Told, asked, ignored, told
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import LOGIN_SUITES
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _cipher_privileges as ciphers
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cipher_privileges import OTHERS, UNUSED, SuitePrivileges
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import is_own

#: The suite that the strict profile does without.
_OLD: t.Final = 3
_EXPECTED: t.Final = "every suite but 17 and 3 is unused, or as policy.cipher_privileges says"


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameters 22 to 24; suites that are unused are tried too."""
    wanted = _wanted(case)
    expected = _expected(case)

    def judge(info: ChannelInfo) -> Verdict:
        return _judge(case, info.channel, wanted, expected)

    return each_lan(case, judge)


def _wanted(case: Case) -> dict[int | str, int]:
    given = case.wanted(ciphers.OPTION)
    if given is not None:
        return _parsed(given)
    old: dict[int | str, int] = {_OLD: UNUSED} if case.profile is Profile.L3 else {}
    return {**old, OTHERS: UNUSED}


def _parsed(given: t.Mapping[str, t.Any]) -> dict[int | str, int]:
    try:
        return ciphers.parse(given)
    except ValueError as error:
        raise BadOption(f"policy.{ciphers.OPTION}: {error}") from None


def _expected(case: Case) -> str:
    given = case.wanted(ciphers.OPTION)
    if given is not None:
        return ", ".join(f"{suite} {level}" for suite, level in given.items())
    return "every suite but 17 is unused" if case.profile is Profile.L3 else "every suite but 17 and 3 is unused"


def _level(wanted: t.Mapping[int | str, int], suite: int, *, said: bool) -> int | None:
    """What a suite should have; None: nobody minds."""
    if suite in wanted:
        return wanted[suite]
    # Without a word of the site's the suites that logins use are left alone.
    return None if not said and suite in LOGIN_SUITES else wanted.get(OTHERS)


def _judge(case: Case, channel: int, wanted: t.Mapping[int | str, int], expected: str) -> Verdict:
    own = is_own(case.reader, channel, case.connection)
    settings = told(case, channel, own=own)
    table = settings.table
    if table is None:
        raise NotAssessed(settings.why)
    said = case.wanted(ciphers.OPTION) is not None
    levels = {suite: level for suite in table.kept if (level := _level(wanted, suite, said=said)) is not None}
    wrong = {suite: level for suite, level in levels.items() if not _is_as_wanted(table, suite, level)}
    # One policy is for boards of all ages: a suite that this one lacks opens nothing.
    lacking = [suite for suite, level in wanted.items() if isinstance(suite, int) and level and suite not in table.suites]
    notes = [f"suite {suite} is not among the BMC's suites" for suite in lacking]
    if wrong:
        mendable, more = _mendable(case, table, wrong, own=own)
        fix = {"channels": [{"channel": channel, ciphers.OPTION: ciphers.show(mendable)}]} if mendable else None
        return Verdict(State.FAIL, "; ".join(_deviations(table, wrong) + more + notes), expected, fix=fix)
    tried = _tried(case, settings, [suite for suite, level in levels.items() if level == UNUSED], expected, own=own)
    return replace(tried, actual="; ".join([tried.actual, *notes]))


def _is_as_wanted(table: SuitePrivileges, suite: int, level: int) -> bool:
    if table.place(suite) is None:
        # What has no privilege of its own is not limited, which is what an administrator's suite is to be.
        return level >= Privilege.ADMINISTRATOR
    return table.privilege(suite) == level


def _deviations(table: SuitePrivileges, wrong: t.Mapping[int, int]) -> list[str]:
    """What is wrong, suites with the same deviation together."""
    groups: dict[str, list[int]] = {}
    for suite, level in sorted(wrong.items()):
        groups.setdefault(_deviation(table, suite, level), []).append(suite)
    return [f"suite{'' if len(suites) == 1 else 's'} {', '.join(map(str, suites))}: {what}" for what, suites in groups.items()]


def _deviation(table: SuitePrivileges, suite: int, level: int) -> str:
    names = {number: name for name, number in ciphers.LEVELS.items()}
    has = table.privilege(suite)
    if has is not None:
        return f"{names.get(has, f'reserved value {has}')} instead of {names[level]}"
    if table.place(suite) is None:
        return f"without a privilege of its own, so it cannot be made {names[level]}"
    return "the BMC does not tell the privilege"


def _mendable(
    case: Case, table: SuitePrivileges, wrong: t.Mapping[int, int], *, own: bool
) -> tuple[dict[int, int], list[str]]:
    """What can be set without losing the way in, and what is left to be said."""
    mendable = {suite: level for suite, level in wrong.items() if table.place(suite) is not None}
    in_use = case.bmc.cipher_suite if own else None
    notes = []
    if in_use in mendable and mendable[in_use] < case.connection.privilege:
        del mendable[in_use]
        notes.append(f"suite {in_use} carries this session: mend it in one over another suite")
    if ciphers.takes_the_login_away(table, table.with_privileges(mendable), case.connection):
        mendable = {suite: level for suite, level in mendable.items() if suite not in LOGIN_SUITES}
        notes.append("no suite would be left to log in with, so suites 17 and 3 stay as they are")
    return mendable, notes


def _tried(case: Case, settings: Told, unused: t.Sequence[int], expected: str, *, own: bool) -> Verdict:
    """The settings are as wanted. Where it can be tried, unused suites must be refused too."""
    look = _outside(case) if own else None
    if look is not None and unused:
        look.ask(unused, unused)
        look.note(case, unused)
        opened = look.opened(unused)
        if opened:
            names = ", ".join(map(str, opened))
            actual = f"a login begins with cipher suite {names}{ignored(settings, opened)}"
            return Verdict(State.FAIL, actual, expected, method=Method.PROBE)
    return Verdict(State.PASS, str(settings), expected)


def _outside(case: Case) -> Asked | None:
    try:
        return asked(case)
    except NotAssessed:
        # What the settings say can be judged without.
        return None


CONTROL: t.Final = Control(
    id="C-05",
    title="Every cipher suite has the privilege that the site wants",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale="A suite that nobody uses is only of use to an attacker, who picks the weakest that works.",
    expected=_EXPECTED,
    check=check,
    remedy=Remedy(
        how="Set cipher_privileges of the channel (ipmi_channel), with others: unused. Suite 3 can be switched off once a login over 17 "
        "works. BMCs keep the privileges by a suite's ID or by its place in their list; the module finds out which, or cipher_index says.",
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="clients that are set to another suite",
        needs_reset=True,
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "OpenBMC, issue 3672", "IPMI 2.0, table 23-4, parameters 22 to 24"),
    options=(
        Option(
            ciphers.OPTION,
            {"type": "dict"},
            "The highest privilege of each cipher suite, by its ID or C(others), as the option of the same name of "
            "M(lightsout.bmc.ipmi_channel). Without it all but 17 and 3 must be V(unused), and at profile V(L3) 3 too.",
            valid=_parsed,
        ),
    ),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""C-04: a strong cipher suite works."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Method,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import CANNOT_SAY
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._suites import Told, told
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import LOGIN_SUITES
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option

_BEST: t.Final = 17


def check(case: Case) -> t.Iterable[Verdict]:
    """The session itself is the proof: a login proposes 17 first, then 3."""
    if case.connection.interface != "lan":
        raise NotAssessed("in band no login shows it: run the audit over the network too")
    suite = case.bmc.cipher_suite
    strict = case.profile is Profile.L3
    expected = f"cipher suite {_BEST} works" if strict else ""
    runs = "this session is one of IPMI 1.5" if suite is None else f"this session runs over cipher suite {suite}"
    actual = f"{runs} as {option(case.connection.privilege)}"
    if suite == _BEST:
        yield Verdict(State.PASS, actual, expected, method=Method.PROBE)
        return
    settings = _settings(case)
    about = f"{actual}; cipher suite {_BEST} {_state(settings)}"
    if suite in LOGIN_SUITES and not strict:
        yield Verdict(State.PASS, about, expected, method=Method.PROBE)
        return
    yield Verdict(State.FAIL, about, expected, method=Method.PROBE, fix=_fix(case, settings))


def _settings(case: Case) -> Told | None:
    try:
        return told(case, case.own_channel(), own=True)
    except CANNOT_SAY:
        # What cannot be read cannot be mended; the verdict stands without.
        return None


def _state(settings: Told | None) -> str:
    table = None if settings is None else settings.table
    if table is None:
        return "was refused, and what its settings say is not known"
    if _BEST not in table.suites:
        return "is not among the BMC's suites"
    return "is enabled, and the BMC did not take it" if table.opens(_BEST) else "is set to unused"


def _fix(case: Case, settings: Told | None) -> dict[str, t.Any] | None:
    table = None if settings is None else settings.table
    if settings is None or table is None or table.place(_BEST) is None or table.enough(_BEST, case.connection.privilege):
        return None
    return {"channels": [{"channel": settings.channel, "cipher_privileges": {str(_BEST): "administrator"}}]}


CONTROL: t.Final = Control(
    id="C-04",
    title="A strong cipher suite works",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale="Weak suites can only be switched off where a strong one lets everybody in who needs it. Suite 17 (SHA-256, AES) is the best "
    "that there is; 3 (SHA-1, AES) is the best that older firmware has.",
    expected="cipher suite 17 works, else 3",
    check=check,
    remedy=Remedy(
        how="Give suite 17 the privilege administrator in cipher_privileges of the channel (ipmi_channel). Firmware that does not have it "
        "needs an update.",
        fixable=Fixable.IPMI,
        disruption=Disruption.NONE,
    ),
    sources=("IBM, IPMI best practices", "MAAS, BMC configuration", "IPMI 2.0, 13.28 and table 22-20"),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""P-08: passwords' hashes are given to everybody."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._rakp_look import looks, probe_name


def check(case: Case) -> t.Iterable[Verdict]:
    """RAKP 2 of any account: its key exchange authentication code."""
    found = looks(case)
    name = found.given()
    if name is None:
        # Logins send a name in UTF-8, and slots hold bytes.
        name = case.connection.user.encode().decode("latin-1")
        answer = found.at(name, int(case.connection.privilege))
        if answer.proof is None:
            case.reader.note_probe(probe_name(name), str(answer))
            raise NotAssessed(f"no RAKP 2 was to be had: {answer}")
    case.reader.note_probe(probe_name(name), "answered with RAKP 2, which holds a hash of the password")
    yield Verdict(
        State.FAIL,
        f"the BMC gave a hash of the password of user {name!r} to somebody who did not show any password",
        method=Method.PROBE,
    )


CONTROL: t.Final = Control(
    id="P-08",
    title="Nobody gets the hash of a password before he shows that he knows it",
    severity=Severity.INFO,
    profile=Profile.L1,
    rationale="IPMI 2.0 has the BMC prove first that it knows the password. Whoever names an account gets a hash of its password, and can crack it in peace.",
    expected="no hash of a password without the password, which no BMC with IPMI 2.0 can do",
    check=check,
    remedy=Remedy(
        how=(
            "Nothing mends it: IPMI is made so. Use 20 random characters for each password, names that nobody guesses, and let only admin hosts "
            "reach port 623. Switch IPMI over LAN off where nobody needs it."
        ),
        fixable=Fixable.NONE,
        disruption=Disruption.NONE,
    ),
    sources=("CVE-2013-4786", "Dan Farmer, Sold Down the River", "Lenovo, LEN-10617", "IPMI 2.0, 13.21"),
)

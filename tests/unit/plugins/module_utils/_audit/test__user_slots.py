# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts of BMCs that contradict themselves, and what a fix may hold."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._audit import audit
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, Evidence
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import BY_ID, policy
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile, Verdict
from tests.unit.plugins.scripted import Scripted, identified, text

NOBODY, PASSWORD_ONLY, ANONYMOUS = "04", "06", "05"
#: The slot without a name: enabled and disabled, both administrator.
OPEN, SHUT = "03 42 01 14", "03 81 01 14"


def case(status: str, first: str = SHUT, **given: t.Any) -> Case:
    """A BMC with three slots: one without a name, the session's own, and one that is free."""
    scripted = identified(Scripted())
    scripted.on("06/42", "CC").on("06/42 0E", "00 01 04 01 80 F2 1B 00 00 00").on("06/42 01", "00 01 04 01 80 F2 1B 00 00 00")
    scripted.on("06/38 81 04", f"00 01 80 {status} 03 00 00 00 00")
    scripted.on("06/44 01 01", f"00 {first}").on("06/44 01 02", "00 03 41 01 14").on("06/44 01 03", "00 03 81 01 0F")
    scripted.on("06/46 01", "CC").on("06/46 02", f"00 {text('admin')}").on("06/46 03", "CC")
    return Case(Evidence(scripted.bmc()), policy(given), Profile.L1)


def judged(control: str, found: Case) -> Verdict:
    (verdict,) = BY_ID[control].check(found)
    return verdict


@pytest.mark.parametrize(
    ("status", "first", "anonymous", "nameless"),
    [
        (NOBODY, SHUT, "pass", "pass"),
        (PASSWORD_ONLY, OPEN, "pass", "fail"),
        (ANONYMOUS, OPEN, "fail", "fail"),
        # Some BMCs answer with a constant: then the slots count.
        (NOBODY, OPEN, "fail", "fail"),
        # Or it says that there is one, and no slot is.
        (ANONYMOUS, SHUT, "fail", "fail"),
        (PASSWORD_ONLY, SHUT, "pass", "fail"),
    ],
)
def test_the_worse_of_what_the_bmc_and_its_slots_say_counts(status: str, first: str, anonymous: str, nameless: str) -> None:
    assert judged("U-01", case(status, first)).state.value == anonymous
    assert judged("U-02", case(status, first)).state.value == nameless


def test_what_no_slot_shows_has_no_fix() -> None:
    assert judged("U-01", case(ANONYMOUS, SHUT)).fix is None
    assert judged("U-02", case(ANONYMOUS, SHUT)).fix is None


def test_a_slot_that_is_open_is_shut() -> None:
    entry = {"name": "", "user_id": 1, "enabled": False, "privilege": "no_access", "ipmi_messaging": False}
    assert judged("U-02", case(ANONYMOUS, OPEN)).fix == {"users": [entry]}


@pytest.mark.parametrize("control", ["U-01", "U-02", "U-03", "U-05", "U-06", "U-08"])
@pytest.mark.parametrize(("last", "words"), [("00", "no user slot at all"), ("01", "none of the 1 slots that the BMC shows")])
def test_a_bmc_that_shows_too_few_slots_gets_no_pass(control: str, last: str, words: str) -> None:
    found = case(NOBODY, f"{last} 81 01 14", allowed_users=[])
    (verdict,) = audit(found, [BY_ID[control]], {}, datetime.date(2026, 1, 1))
    assert verdict.state.value == "not_assessed" and words in verdict.as_dict(texts=False)["reason"]

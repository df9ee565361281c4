# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""S-06 where a BMC says what cannot be."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, Evidence
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._serial_over_lan import _s_06
from tests.unit.plugins.scripted import Scripted, identified

STATUS, INSTANCE, SESSION = "06/4A 01", "06/4B 01", "06/3D FF"
FREE = "00 00 00 00 00 00" + 7 * " 00"
HELD = "00 78 56 34 12 01" + 7 * " 00"


def judged(*rules: tuple[str, str]) -> list[Verdict]:
    scripted = identified(Scripted())
    for request, answer in rules:
        scripted.on(request, answer)
    return list(_s_06.check(Case(Evidence(scripted.bmc()), {}, Profile.L1)))


def only(*rules: tuple[str, str]) -> tuple[str, str]:
    (verdict,) = judged(*rules)
    return verdict.state.value, verdict.actual


def test_an_instance_that_is_active_and_that_nobody_has_is_no_pass_and_no_failure() -> None:
    (verdict,) = judged((STATUS, "00 01 01 00"), (INSTANCE, FREE))
    assert verdict.state.value == "not_assessed" and "contradicts itself" in verdict.reason


def test_a_holder_counts_though_the_status_does_not_show_one() -> None:
    told = (STATUS, "00 01 00 00"), (INSTANCE, HELD), (SESSION, "00 00 04 01")
    assert only(*told) == ("fail", "held by session 0x12345678, which the BMC does not list: the holder may be gone")


@pytest.mark.parametrize("answer", ["CC", "00 00"])
def test_a_free_instance_that_cannot_be_asked_about_is_free(answer: str) -> None:
    assert only((STATUS, "00 01 00 00"), (INSTANCE, answer)) == ("pass", "free")


def test_a_holder_over_ipv6_has_no_address() -> None:
    session = "00 05 04 02 03 03 11 00 00 00 00" + 6 * " 00" + " 39 30"
    told = (STATUS, "00 01 01 00"), (INSTANCE, HELD), (SESSION, session), ("06/46 03", "00" + 16 * " 00")
    assert only(*told) == ("fail", "held by user 3")


def test_an_answer_that_is_cut_off_hides_no_holder() -> None:
    told = (STATUS, "00 01 01 00"), (INSTANCE, HELD), (SESSION, "00 05")
    state, actual = only(*told)
    assert state == "fail" and actual.startswith("held by session 0x12345678, of which the BMC says no more")


def test_each_instance_is_looked_at_and_the_last_has_no_question() -> None:
    told = (STATUS, "00 0F 02 80"), (INSTANCE, FREE), ("06/4B 01 02", HELD), (SESSION, "C9")
    assert [(verdict.subject, verdict.state.value) for verdict in judged(*told)] == [
        ("instance 1", "pass"),
        ("instance 2", "fail"),
        ("instance 16", "fail"),
    ]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""N-06: which learned addresses count, and what is done over IPv6 itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, Evidence
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._network import _n_06
from tests.unit.plugins.scripted import CONNECTION, Scripted, identified

STATIC = "20 01 0D B8" + 11 * " 00" + " 10"
LEARNED = "20 01 0D B8" + 11 * " 00" + " 07"
LINK_LOCAL = "FE 80" + 13 * " 00" + " 07"
ACTIVE, DISABLED, PENDING, FAILED, DEPRECATED, INVALID = (f" {state:02X}" for state in range(6))


def judged(dynamic: str, *, host: str = "192.0.2.10", policy: str = "static") -> Verdict:
    scripted = identified(Scripted()).on("06/42", "CC")
    for channel in ("01", "0E"):
        scripted.on(f"06/42 {channel}", "00 01 04 01 80 F2 1B 00 00 00")
    parameters = {
        "33": "02",
        "37": "01 01 03",
        "38": f"00 80 {STATIC} 40 00",
        "3B": f"00 01 {dynamic}",
        "40": "00",
    }
    for number, data in parameters.items():
        scripted.on(f"0C/02 01 {number}", f"00 11 {data}")
    bmc = scripted.bmc(replace(CONNECTION, host=host))
    (verdict,) = _n_06.check(Case(Evidence(bmc), {"ipv6": policy}, Profile.L2))
    return verdict


@pytest.mark.parametrize("state", [ACTIVE, PENDING, DEPRECATED])
def test_a_learned_address_that_is_there_fails(state: str) -> None:
    verdict = judged(f"{LEARNED} 40{state}")
    assert (verdict.state.value, verdict.actual) == ("fail", "on, with 2001:db8::7 by slaac")


@pytest.mark.parametrize("state", [DISABLED, FAILED, INVALID])
def test_one_that_nobody_can_reach_does_not(state: str) -> None:
    assert judged(f"{LEARNED} 40{state}").state.value == "pass"


def test_nor_does_a_link_local_one() -> None:
    assert judged(f"{LINK_LOCAL} 40{ACTIVE}").state.value == "pass"


@pytest.mark.parametrize(("host", "mended"), [("192.0.2.10", True), ("2001:db8::10", False)])
def test_ipv6_is_not_switched_off_under_the_session(host: str, mended: bool) -> None:
    verdict = judged(f"{LINK_LOCAL} 40{ACTIVE}", host=host, policy="disabled")
    assert verdict.state.value == "fail"
    assert (verdict.fix is not None) is mended

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A-01 to A-04 and L-01 against the simulated rack."""

from __future__ import annotations

import pytest

from tests.integration.simulator.audit.judged import finding, mend
from tests.integration.simulator.conftest import Target


@pytest.mark.control("A-02", "fail", "pass")
def test_logins_without_authentication_are_found_and_mended(bmc: Target) -> None:
    bmc.put("lan", "1", "auth_enables", value="1415141400")
    found = finding(bmc, "A-02")
    assert found["state"] == "fail"
    assert found["actual"] == "channel 1: NONE is on for user"
    assert {"command": "Get LAN Configuration Parameters (0C/02)", "request": "01 02 00 00"}.items() <= found["evidence"][-1].items()
    mend(bmc, found)
    assert finding(bmc, "A-02")["state"] == "pass"

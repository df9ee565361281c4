# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controls of accounts against OpenIPMI's ipmi_sim, a BMC that this project did not write."""

from __future__ import annotations

import typing as t

from tests.integration.harness import act
from tests.integration.ipmi_sim.conftest import Starter
from tests.integration.ipmi_sim.rig import FACTORY_PASSWORD, FACTORY_USER, Bmc
from tests.integration.ipmi_sim.test_user import checked_out, may_log_in

USERS: t.Final = {
    2: (FACTORY_USER, FACTORY_PASSWORD, "admin"),
    3: ("root", "calvin", "admin"),
    4: ("oper", "No-known-one", "operator"),
}


def audit(bmc: Bmc, *controls: str, **policy: t.Any) -> dict[str, dict[str, t.Any]]:
    """What the audit finds, by control."""
    result = act("ipmi_audit", {**bmc.options, "controls": list(controls), "policy": policy})
    assert not result.get("failed"), result
    return {finding["id"]: finding for finding in result["audit"]["findings"]}


def test_a_default_password_is_proved_without_a_login_and_its_account_shut(start: Starter) -> None:
    bmc = start(users=USERS)
    assert may_log_in(bmc, "root", "calvin")
    allowed = [FACTORY_USER, "oper"]
    found = audit(bmc, "U-04", "P-08", allowed_users=allowed)
    states = {part["subject"]: part["state"] for part in found["U-04"]["parts"]}
    # It does not say that user 1 is disabled, and refuses its logins.
    assert states.pop("user 1 (without a name)") == "not_applicable"
    assert states == {f"user 2 ({FACTORY_USER})": "pass", "user 3 (root)": "fail", "user 4 (oper)": "pass"}
    assert found["P-08"]["state"] == "fail"
    (fix,) = found["U-04"]["fixes"]
    assert act("ipmi_config", {**bmc.options, **fix})["changed"] is True
    assert not may_log_in(bmc, "root", "calvin")
    assert may_log_in(bmc, "oper", "No-known-one")
    assert checked_out(bmc, 3)["Lan_Privilege_Limit"] == "No_Access"


def test_whoever_is_not_allowed_has_no_privilege_afterwards(start: Starter) -> None:
    bmc = start(users=USERS)
    allowed = [FACTORY_USER]
    found = audit(bmc, "U-05", allowed_users=allowed)["U-05"]
    assert [part["subject"] for part in found["parts"] if part["state"] == "fail"] == [
        "user 1 (without a name)",
        "user 3 (root)",
        "user 4 (oper)",
    ]
    for fix in found["fixes"]:
        assert act("ipmi_config", {**bmc.options, **fix})["changed"] is True
    assert audit(bmc, "U-05", allowed_users=allowed)["U-05"]["state"] == "pass"
    assert {checked_out(bmc, slot)["Lan_Privilege_Limit"] for slot in (1, 3, 4)} == {"No_Access"}
    assert may_log_in(bmc, FACTORY_USER, FACTORY_PASSWORD)
    assert not may_log_in(bmc, "root", "calvin") and not may_log_in(bmc, "oper", "No-known-one")

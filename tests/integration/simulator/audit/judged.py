# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of controls share.

Each control is shown failing and passing on a simulated BMC; a test says which by a marker:

    @pytest.mark.control("A-02", "fail", "pass")

`tests/unit/plugins/module_utils/_audit/test_catalogue.py` looks that none is left out.
"""

from __future__ import annotations

import typing as t

from tests.integration.harness import act
from tests.integration.simulator.conftest import Target

Finding = dict[str, t.Any]


def findings(bmc: Target, *controls: str, **options: t.Any) -> dict[str, Finding]:
    """What the audit finds, by control. Nothing may have been written."""
    before = bmc.writes()
    result = act("ipmi_audit", {**bmc.options, "controls": list(controls), **options})
    assert not result.get("failed"), result
    assert result["changed"] is False
    assert bmc.writes() == before, "an audit wrote"
    return {finding["id"]: finding for finding in result["audit"]["findings"]}


def finding(bmc: Target, control: str, policy: dict[str, t.Any] | None = None, **options: t.Any) -> Finding:
    """What the audit finds of one control."""
    found = findings(bmc, control, **({"policy": policy} if policy else {}), **options)[control]
    assert found["state"] in ("pass", "waived") or found["actual"], found
    return found


def mend(bmc: Target, found: Finding, **secrets: t.Any) -> None:
    """Do what the finding says that mends it, with ipmi_config; `secrets` are values that the policy holds."""
    assert found["fixes"], found
    for document in found["fixes"]:
        result = act("ipmi_config", {**bmc.options, **_filled(document, secrets)})
        assert not result.get("failed"), result
        assert result["changed"] is True


def _filled(value: t.Any, secrets: dict[str, t.Any]) -> t.Any:
    if isinstance(value, dict):
        if set(value) == {"from_policy"}:
            return secrets[value["from_policy"]]
        return {key: _filled(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, secrets) for inner in value]
    return value

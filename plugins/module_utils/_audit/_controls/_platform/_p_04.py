# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""P-04: how old the BMC's firmware is."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Option,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import wish
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_DEVICE_ID
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._device import DeviceId

#: Major revision in decimal, minor in two digits: BCD, or hex where a BMC does not keep to that.
_REVISION: t.Final = re.compile(r"([0-9]{1,3})\.([0-9A-Fa-f]{2})")


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Device ID, firmware revision."""
    firmware = case.reader.read(GET_DEVICE_ID, b"", DeviceId.from_wire).firmware
    minimum = case.wanted("firmware_minimum")
    if minimum is None:
        yield wish(firmware, "the oldest firmware", "firmware_minimum")
        return
    state = State.PASS if _revision(firmware) >= _revision(minimum) else State.FAIL
    yield Verdict(state, firmware, expected=f"{minimum} or later")


def _revision(text: str) -> tuple[int, int]:
    found = _REVISION.fullmatch(text)
    if not found:
        raise BadOption(f"policy.firmware_minimum: {text!r} must look like 2.05: the major revision, a point and two digits")
    # BCD digits read as hex keep their order.
    return int(found.group(1)), int(found.group(2), 16)


CONTROL: t.Final = Control(
    id="P-04",
    title="The BMC's firmware is recent enough",
    severity=Severity.HIGH,
    profile=Profile.L1,
    rationale="Holes in a BMC are closed by new firmware alone, and old ones are scanned for.",
    expected="the firmware is that of policy.firmware_minimum or later",
    check=check,
    remedy=Remedy(
        how="Update the firmware with the maker's tool, its web page, or over Redfish (UpdateService). Standard IPMI has no command for it.",
        fixable=Fixable.OEM,
        disruption=Disruption.RESTART,
        disturbs="consoles and monitoring for the minutes that the BMC takes to restart",
    ),
    sources=("NSA and CISA, Harden Baseboard Management Controllers", "Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, 20.1"),
    options=(
        Option(
            "firmware_minimum",
            {"type": "str"},
            "The oldest firmware revision that is good enough, such as 2.05, as the BMC shows it. It differs between models.",
            valid=_revision,
        ),
    ),
)

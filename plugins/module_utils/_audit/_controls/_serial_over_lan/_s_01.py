# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""S-01: Serial over LAN is on only where it is wanted."""

from __future__ import annotations

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan, wish
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._sol_look import fix, load
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import ENABLE


def check(case: Case) -> t.Iterable[Verdict]:
    """SOL parameter 1, bit 0."""
    wanted = case.wanted("sol_enabled")

    def judge(info: ChannelInfo) -> Verdict:
        enabled = load(case, ENABLE, info).enabled
        actual = "on" if enabled else "off"
        if wanted is None:
            return wish(actual, "Serial over LAN is on or off", "sol_enabled")
        expected = f"Serial over LAN is {'on' if wanted else 'off'}"
        if enabled is wanted:
            return Verdict(State.PASS, actual, expected=expected)
        return Verdict(State.FAIL, actual, expected=expected, fix=fix(info, enabled=wanted))

    return each_lan(case, judge)


CONTROL: t.Final = Control(
    id="S-01",
    title="Serial over LAN is on only where it is wanted",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale=(
        "The serial console is a keyboard in front of the server: boot loader, BIOS setup and single user mode included. Where nobody uses it, "
        "it is better off."
    ),
    expected="as policy.sol_enabled says",
    check=check,
    remedy=Remedy(
        how="Set enabled as it is wanted (ipmi_sol). A BMC without the configuration commands can be asked in its own pages only.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ACCOUNTS,
        disturbs="whoever uses the serial console",
    ),
    sources=("FreeIPMI, ipmi-config, section SOL_Conf", "IPMI 2.0, table 26-5, parameter 1"),
    options=(Option("sol_enabled", {"type": "bool"}, "Whether Serial over LAN shall be on."),),
)

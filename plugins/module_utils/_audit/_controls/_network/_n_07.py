# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""N-07: the BMC has a network port of its own."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
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
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import member, option
from ansible_collections.lightsout.bmc.plugins.module_utils._nic_commands import NicMode
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._nic_mode import PORT, Port
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target


def check(case: Case) -> t.Iterable[Verdict]:
    """The maker's own command."""
    wanted = member(NicMode, case.wanted("nic_mode"))
    port: Port = PORT.load(case.reader, Target(case.own_channel()), {})
    now, later = port.commands.mode_of(port.value), port.mode
    if now is None or later is None:
        raise NotAssessed(f"the BMC names a port that is not known: {port.value.hex(' ')}")
    actual = option(now) if now is later else f"{option(now)}, {option(later)} after a restart of the BMC"
    state = State.PASS if {now, later} == {wanted} else State.FAIL
    yield Verdict(state, actual, expected=f"NIC mode {option(wanted)}")


CONTROL: t.Final = Control(
    id="N-07",
    title="The BMC uses the network port that the site wants",
    severity=Severity.MEDIUM,
    profile=Profile.L2,
    rationale=(
        "A BMC that shares a port with its server is one cable away from every network the server is in, and may change over to that port when "
        "its own one has no link."
    ),
    expected="the NIC mode is that of policy.nic_mode",
    check=check,
    remedy=Remedy(
        how=(
            "Put the cable in, then set nic_mode (ipmi_lan), which logs in anew to prove it. No fix is offered, because a BMC on a port without a "
            "cable has to be got back from its server. Makers without a known command have it in the BMC's pages or in the BIOS setup."
        ),
        fixable=Fixable.OEM,
        disruption=Disruption.CONNECTION,
        disturbs="all, if the new port has no cable or is in another network",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "HPE, iLO 5 security guide", "xCAT, bmcsetup, for the makers' commands"),
    options=(
        Option(
            "nic_mode",
            {"type": "str", "choices": [option(mode) for mode in NicMode]},
            "Which of the server's network ports BMCs shall use: one of their own, one of the server's, or one of several.",
            option(NicMode.DEDICATED),
        ),
    ),
)

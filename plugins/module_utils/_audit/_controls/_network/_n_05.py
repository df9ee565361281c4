# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""N-05: the BMC answers ARP and does not announce itself."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._lan_look import each_used, fix, load
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import ArpControl
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import ARP


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameter 10."""
    wanted = ArpControl(responses=True, gratuitous=case.wanted("gratuitous_arp"))

    def judge(info: ChannelInfo) -> Verdict:
        record: ArpControl = load(case, ARP, info)
        if record == wanted:
            return Verdict(State.PASS, _shown(record), expected=_shown(wanted))
        changed = {}
        if record.gratuitous is not wanted.gratuitous:
            changed["gratuitous_arp"] = wanted.gratuitous
        if not record.responses:
            changed["arp_responses"] = True
        return Verdict(State.FAIL, _shown(record), expected=_shown(wanted), fix=fix(info, **changed))

    return each_used(case, judge)


def _shown(record: ArpControl) -> str:
    said = ("off", "on")
    return f"gratuitous ARP {said[record.gratuitous]}, ARP responses {said[record.responses]}"


CONTROL: t.Final = Control(
    id="N-05",
    title="The BMC answers ARP and does not announce itself",
    severity=Severity.LOW,
    profile=Profile.L2,
    rationale=(
        "Announcements tell everybody in the network that a BMC is there, and leave their mark in tables that nobody asked to be filled. Answers "
        "are needed, or nobody finds it."
    ),
    expected="gratuitous ARP as policy.gratuitous_arp says, ARP responses on",
    check=check,
    remedy=Remedy(
        how="Set gratuitous_arp: false and arp_responses: true (ipmi_lan). A few boards need the announcements to be reached at all.",
        fixable=Fixable.IPMI,
        disruption=Disruption.CONNECTION,
        disturbs="whoever relies on announcements, such as switches that forget a silent port",
    ),
    sources=(
        "Dan Farmer, IPMI++ Security Best Practices",
        "FreeIPMI, documented defects of boards",
        "IPMI 2.0, table 23-4, parameter 10",
    ),
    options=(Option("gratuitous_arp", {"type": "bool"}, "Whether BMCs shall announce their address.", False),),
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""T-03: platform event filtering at work."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._alerts import pef
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import CANNOT_SAY, each_lan, unknown
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._pef import PefActions, PefControl, PefParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import ACCESS, COPY_OPTIONS
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target


def check(case: Case) -> t.Iterable[Verdict]:
    """PEF parameters 1 and 2 of the BMC, and bit 5 of both copies of each LAN channel's access (1 says off)."""
    if case.wanted("alert_destinations") == []:
        yield Verdict(State.NOT_APPLICABLE, "no alerts are wanted", reason="policy.alert_destinations is empty: nobody is to get alerts (T-02)")
        return
    try:
        yield _filtering(case)
    except CANNOT_SAY as error:
        # Without event filtering a channel's switch for its alerts means nothing.
        yield unknown(error)
        return

    def judge(info: ChannelInfo) -> Verdict:
        off = [name for copy, name in COPY_OPTIONS.items() if not ACCESS[copy].load(case.reader, Target(info.channel), {}).pef_alerting]
        if not off:
            return Verdict(State.PASS, "the channel sends alerts")
        copies = " and ".join(name.replace("_", "-") for name in off)
        return Verdict(
            State.FAIL,
            f"alerting is off in the {copies} settings of the channel",
            fix={"channels": [{"channel": info.channel, "pef_alerting": True}]},
        )

    yield from each_lan(case, judge)


def _filtering(case: Case) -> Verdict:
    control = pef(case, PefParameter.CONTROL, PefControl.from_wire)
    actions = pef(case, PefParameter.ACTIONS, PefActions.from_wire)
    switches = {"event filtering": control.enabled, "event messages": control.event_messages, "the alert action": actions.alert}
    off = [name for name, on in switches.items() if not on]
    if off:
        return Verdict(State.FAIL, f"off: {', '.join(off)}")
    return Verdict(State.PASS, "event filtering, event messages and the alert action are on")


CONTROL: t.Final = Control(
    id="T-03",
    title="The BMC filters events and sends alerts",
    severity=Severity.LOW,
    profile=Profile.L1,
    rationale="A BMC that sends no alerts lets a chassis be opened, a fan fail or a power supply be pulled without a word.",
    expected="event filtering, its event messages and its alert action are on, and each LAN channel sends alerts",
    check=check,
    remedy=Remedy(
        how="The switch of a channel is pef_alerting (ipmi_channel). Event filtering itself is switched on with FreeIPMI: "
        "ipmi-config --category=pef --commit, section PEF_Conf, Enable_PEF, Enable_PEF_Event_Messages and Enable_Alert_Action.",
        fixable=Fixable.IPMI,
        disruption=Disruption.NONE,
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, table 30-6, parameters 1 and 2", "IPMI 2.0, table 22-28"),
)

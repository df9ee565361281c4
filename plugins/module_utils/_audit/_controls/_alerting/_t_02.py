# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""T-02: where alerts go."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._alerts import (
    Address,
    Destination,
    destination_count,
    destinations,
    policies,
)
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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import CANNOT_SAY, each_lan, unknown, wish
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo


def check(case: Case) -> t.Iterable[Verdict]:
    """LAN parameters 17 and 19, and where an address is wanted the alert policy table."""
    given = case.wanted("alert_destinations")
    wanted = None if given is None else _addresses(given)
    found: list[Destination] = []

    def judge(info: ChannelInfo) -> Verdict:
        if not destination_count(case, info.channel):
            return Verdict(State.NOT_APPLICABLE, "no alert destinations", reason="the channel has no alert destinations")
        there = destinations(case, info.channel)
        found.extend(there)
        actual = ", ".join(map(str, there)) or "no destination is set"
        if wanted is None:
            return wish(actual, "the receivers of alerts", "alert_destinations")
        strangers = [destination for destination in there if destination.address not in wanted]
        if strangers:
            return Verdict(State.FAIL, f"{', '.join(map(str, strangers))}: not the site's", expected=_expected(wanted))
        return Verdict(State.PASS, actual, expected=_expected(wanted))

    verdicts = list(each_lan(case, judge))
    yield from verdicts
    if wanted and any(verdict.state in (State.PASS, State.FAIL) for verdict in verdicts):
        yield _all_served(case, wanted, found)


def _addresses(given: t.Sequence[str]) -> list[Address]:
    return [_address(text) for text in given]


def _address(text: str) -> Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise BadOption(f"policy.alert_destinations: {text!r} is not an IP address") from None


def _expected(wanted: t.Sequence[Address]) -> str:
    return f"only {', '.join(map(str, wanted))}" if wanted else "no destination is set"


def _all_served(case: Case, wanted: t.Sequence[Address], found: t.Sequence[Destination]) -> Verdict:
    """Whether alerts reach each address that is wanted."""
    expected = f"alerts are sent to {', '.join(map(str, wanted))}"
    missing = [address for address in wanted if all(destination.address != address for destination in found)]
    if missing:
        return Verdict(State.FAIL, f"{', '.join(map(str, missing))} is no destination", expected=expected)
    waiting = {address: {(there.channel, there.number) for there in found if there.address == address} for address in wanted}
    try:
        for policy in policies(case):
            waiting = {address: places for address, places in waiting.items() if (policy.channel, policy.destination) not in places}
            if not waiting:
                return Verdict(State.PASS, expected, expected=expected)
    except CANNOT_SAY as error:
        return unknown(error)
    return Verdict(State.FAIL, f"no alert policy that is on leads to {', '.join(map(str, waiting))}", expected=expected)


CONTROL: t.Final = Control(
    id="T-02",
    title="Alerts go where the site wants them, and nowhere else",
    severity=Severity.LOW,
    profile=Profile.L1,
    rationale="A destination that nobody knows gets a copy of what happens on the server, and without one nobody hears of it.",
    expected="the destinations are those of policy.alert_destinations, and an alert policy leads to each",
    check=check,
    remedy=Remedy(
        how="Set the addresses with FreeIPMI (ipmi-config --category=pef, sections Lan_Alert_Destination_1 and on) or ipmitool "
        "(lan alert set), and switch on an alert policy that names each (sections Alert_Policy_1 and on; ipmitool pef policy).",
        fixable=Fixable.IPMI,
        disruption=Disruption.NONE,
    ),
    sources=("Dan Farmer, IPMI-policy.ini", "IPMI 2.0, table 23-4, parameters 17 to 19", "IPMI 2.0, table 30-6, parameter 9"),
    options=(
        Option(
            "alert_destinations",
            {"type": "list", "elements": "str"},
            "IP addresses of the receivers of alerts. An empty list says that alerts go nowhere; T-03 does not apply then.",
            valid=_addresses,
        ),
    ),
)

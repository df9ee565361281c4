# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""S-05: the bit rate of Serial over LAN."""

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
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each, each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._sol_look import fix, load
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol import SolBitRate
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import BIT_RATES, RATE_NON_VOLATILE, RATE_VOLATILE, SERIAL
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Numbered

#: The copies by their option in ipmi_sol.
_COPIES: t.Final = {"bit_rate_volatile": RATE_VOLATILE, "bit_rate_non_volatile": RATE_NON_VOLATILE}


def check(case: Case) -> t.Iterable[Verdict]:
    """SOL parameters 5 and 6."""
    wanted = case.wanted("sol_bit_rate")
    if wanted is None:
        return each_lan(case, lambda info: _judge_alike(case, info))
    each_copy = [(info, copy) for info in case.lan_channels() for copy in _COPIES]
    return each(each_copy, lambda one: f"channel {one[0].channel}, {_shown(one[1])}", lambda one: _judge(case, *one, wanted))


def _shown(copy: str) -> str:
    return copy.replace("bit_rate_", "").replace("_", "-")


def _judge_alike(case: Case, info: ChannelInfo) -> Verdict:
    live, stored = (_rate(case, info, parameter) for parameter in _COPIES.values())
    expected = "the rate in force is the one that is stored"
    if live == stored:
        return Verdict(State.PASS, live, expected=expected)
    return Verdict(State.FAIL, f"{live} in force, {stored} stored; say which is the host's with policy.sol_bit_rate", expected=expected)


def _judge(case: Case, info: ChannelInfo, copy: str, wanted: str) -> Verdict:
    rate = _rate(case, info, _COPIES[copy])
    if rate == wanted:
        return Verdict(State.PASS, rate, expected=wanted)
    return Verdict(State.FAIL, rate, expected=wanted, fix=fix(info, **{copy: wanted}))


def _rate(case: Case, info: ChannelInfo, parameter: Numbered) -> str:
    record: SolBitRate = load(case, parameter, info)
    if record.unknown_code:
        raise NotAssessed(f"the BMC gives a bit rate that is none: code {record.unknown_code}")
    return str(record.bit_rate) if record.bit_rate else SERIAL


CONTROL: t.Final = Control(
    id="S-05",
    title="The serial console has the bit rate of the host",
    severity=Severity.LOW,
    profile=Profile.L1,
    rationale=(
        "A console at another rate than the host's port shows rubbish or nothing, which is found out when it is needed. A rate that is in force "
        "and not stored is gone after a restart of the BMC."
    ),
    expected="both copies have the rate of policy.sol_bit_rate; where none is given, the same",
    check=check,
    remedy=Remedy(
        how="Set bit_rate to that of BIOS, boot loader and kernel (ipmi_sol). Some boards have the copy in force alone.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ALL_CLIENTS,
        disturbs="open consoles, if the host's port runs at another rate",
    ),
    sources=("Dan Farmer, zipmi, notes on bit rates", "FreeIPMI, documented defects of boards", "IPMI 2.0, table 26-5, parameters 5 and 6"),
    options=(
        Option(
            "sol_bit_rate",
            {"type": "str", "choices": list(BIT_RATES)},
            "The bit rate of the host's serial port. V(serial) is that of the serial configuration.",
        ),
    ),
)

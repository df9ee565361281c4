# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""C-06: the BMC key Kg is set."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Method,
    Option,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AuthCapabilities, ChannelInfo, auth_capabilities_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHANNEL_AUTH_CAPABILITIES
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._security_keys import NO_KEY, whole_key
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._controller import CONTROLLER

_FIX: t.Final[t.Mapping[str, t.Any]] = {"controller": {"kg": {"from_policy": "kg"}}}


def check(case: Case) -> t.Iterable[Verdict]:
    """Over RMCP+ the session itself shows it: its keys come of Kg. Else Get Channel Authentication Capabilities, byte 3, bit 5."""
    wanted = _key(case.wanted("kg"))

    def judge(info: ChannelInfo) -> Verdict:
        if case.bmc.cipher_suite is not None and case.connection.interface == "lan" and case.is_reached(info.channel):
            return _by_session(case, None if wanted is None else wanted.raw)
        return _by_bit(case, info.channel)

    return each_lan(case, judge)


def _key(given: str | None) -> t.Any:
    """As ipmi_controller reads its option. Raises BadOption for what is no key."""
    return CONTROLLER.wanted({"kg": given or None}).get("kg")


def _by_session(case: Case, wanted: bytes | None) -> Verdict:
    key = whole_key(case.connection.kg)
    if key == NO_KEY:
        return Verdict(State.FAIL, "no Kg is set: this session was opened without one", method=Method.PROBE, fix=_FIX)
    if wanted is not None and wanted != key:
        return Verdict(State.FAIL, "a Kg is set, and it is not that of the policy", method=Method.PROBE, fix=_FIX)
    return Verdict(State.PASS, "a Kg is set: this session was opened with it", method=Method.PROBE)


def _by_bit(case: Case, channel: int) -> Verdict:
    request = auth_capabilities_request(channel, case.connection.privilege)
    told = case.reader.read(GET_CHANNEL_AUTH_CAPABILITIES, request, AuthCapabilities.from_wire)
    if told.kg_set:
        return Verdict(State.PASS, "a Kg is set, as the BMC says; which, it does not tell")
    if not told.ipmi_2_0:
        return Verdict(State.NOT_APPLICABLE, "the channel has IPMI 1.5 alone", reason="Kg belongs to IPMI 2.0")
    actual = "no Kg is set, as the BMC says; some firmware, such as OpenBMC, always says so"
    if channel != case.own_channel():
        # The document sets that of one channel.
        return Verdict(State.FAIL, f"{actual}. Mend it in a session over this channel")
    return Verdict(State.FAIL, actual, fix=_FIX)


CONTROL: t.Final = Control(
    id="C-06",
    title="A BMC key (Kg) is set",
    severity=Severity.LOW,
    profile=Profile.L3,
    rationale="Without Kg a password alone opens the BMC. With it, a client needs a second secret of 20 bytes, which cannot be guessed.",
    expected="a Kg other than zeros is set",
    check=check,
    remedy=Remedy(
        how="Set kg with ipmi_controller, and give it to every client (bmc_kg here, ipmitool -y, FreeIPMI --k_g). "
        "Firmware that has no Kg, such as OpenBMC, refuses it.",
        fixable=Fixable.IPMI,
        disruption=Disruption.ALL_CLIENTS,
        disturbs="every client: none gets in without the key any more",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "Dan Farmer, IPMI-policy.ini", "IPMI 2.0, 13.31, 22.13 and 22.25"),
    options=(
        Option(
            "kg",
            {"type": "str", "no_log": True},
            "The BMC key that should be set, in hexadecimal, 20 bytes. Without it, any key is as good as another.",
            valid=_key,
        ),
    ),
)

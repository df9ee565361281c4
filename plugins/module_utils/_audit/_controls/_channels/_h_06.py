# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""H-06: serial channels are off, or ask for authentication."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._channel_access import (
    AccessCopy,
    copies,
    each_copy,
    no_serial_channel,
    serial_channels,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._user_slots import all_slots
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AccessMode, ChannelInfo
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, option
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import EnableStatus, UserAccess
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _user
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import Slots
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target

_FLAGS: t.Final = {"per_message_auth": "per-message authentication", "user_level_auth": "user level authentication"}


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Channel Access of channels of medium 5, both copies, and Get User Access there."""
    channels = serial_channels(case)
    if not channels:
        yield no_serial_channel()
        return
    yield from each_copy(channels, lambda one: _judge_copy(case, one))
    yield from each(channels, lambda info: f"channel {info.channel}, accounts", lambda info: _judge_accounts(case, info))


def _judge_copy(case: Case, one: AccessCopy) -> Verdict:
    access = one.load(case)
    if access.access_mode == AccessMode.DISABLED:
        return Verdict(State.PASS, "disabled")
    mode = option(access.access_mode)
    off = [name for name in _FLAGS if not getattr(access, name)]
    if not off:
        return Verdict(State.PASS, f"{mode}, with {' and '.join(_FLAGS.values())}")
    without = " and ".join(_FLAGS[name] for name in off)
    return Verdict(State.FAIL, f"{mode}, without {without}", fix=one.fix(**dict.fromkeys(off, True)))


def _judge_accounts(case: Case, info: ChannelInfo) -> Verdict:
    if all(one.load(case).access_mode == AccessMode.DISABLED for one in copies([info])):
        return Verdict(State.NOT_APPLICABLE, "the channel is disabled", reason="nobody can log in there")
    slots = Slots(case.reader, info.channel)
    open_links = [number for number in all_slots(case, info.channel) if _is_open(_user.ACCESS.load(case.reader, Target(info.channel, number), {}))]
    if not open_links:
        return Verdict(State.PASS, "no account may log in without link authentication")
    names = {number: slots.name(number) for number in open_links}
    named = ", ".join(f"user {number} ({name or 'without a name'})" for number, name in names.items())
    return Verdict(State.FAIL, f"without link authentication: {named}", fix=_ask_for_it(info, names))


def _ask_for_it(info: ChannelInfo, names: t.Mapping[int, str]) -> dict[str, t.Any] | None:
    """None where an account has no name to find it by."""
    if not all(names.values()):
        return None
    users = [{"user_id": number, "name": name, "link_auth": True} for number, name in names.items()]
    return {"users_channel": info.channel, "users": users}


def _is_open(access: UserAccess) -> bool:
    """Whether an account may log in, and its link is not authenticated."""
    can_log_in = access.ipmi_messaging and access.privilege not in (Privilege.UNSPECIFIED, Privilege.NO_ACCESS)
    return can_log_in and access.status is not EnableStatus.DISABLED and not access.link_auth


CONTROL: t.Final = Control(
    id="H-06",
    title="Serial channels are off, or ask for authentication",
    severity=Severity.MEDIUM,
    profile=Profile.L1,
    rationale=(
        "A serial port or a modem is a way in that no firewall sees. A cable in a locked room is no excuse: whoever gets to it, or dials the "
        "right number, is before the BMC."
    ),
    expected="the channel is disabled, or authenticates every message, every level and every link",
    check=check,
    remedy=Remedy(
        how=(
            "Set access_mode: disabled for the serial channel, or per_message_auth and user_level_auth: true (ipmi_channel), and link_auth: true "
            "for each account that may use it (ipmi_user with the number of that channel)."
        ),
        fixable=Fixable.IPMI,
        disruption=Disruption.OLD_TOOLS,
        disturbs="whoever uses the serial port without authentication",
    ),
    sources=("Dan Farmer, IPMI++ Security Best Practices", "IPMI 2.0, 22.23 (Get Channel Access) and 22.27 (Get User Access)"),
)

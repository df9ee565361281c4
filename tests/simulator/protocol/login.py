# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may open a session: users, limits, and the lock after bad passwords."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..commands.sel import add_event
from ..registry import Completion, Privilege

if TYPE_CHECKING:
    from ..bmc import Bmc
    from ..state import User

INTERVAL = 10.0  # seconds in a unit of LAN parameter 26
EVENT_REVISION, SESSION_AUDIT, SENSOR_SPECIFIC = 0x04, 0x2A, 0x6F
AUDIT_SENSOR = 0x2A  # its number; it has no record
PASSWORD_DISABLE = 3  # offset; data 2 is the user, data 3 the channel
BMC_GENERATOR = bytes((0x20, 0x00))


@dataclass(frozen=True)
class Account:
    """A user who may log in over a channel, and how far."""

    user_id: int
    user: User
    limit: Privilege

    @property
    def password(self) -> bytes:
        return self.user.password or b""


def channel_open(bmc: Bmc, channel: int) -> bool:
    """Whether the channel's access mode lets sessions in (volatile copy)."""
    mode = bmc.state.channels[channel].volatile.mode
    return mode in (2, 3) or (mode == 1 and not bmc.power.on)


def accounts(bmc: Bmc, channel: int, name: bytes) -> list[Account]:
    """The usable users of this name, by user id; their limits are cut to the channel's."""
    if not channel_open(bmc, channel):
        return []
    limit = bmc.state.channels[channel].volatile.privilege_limit
    found = []
    for user_id, user in bmc.state.users.items():
        if user.name == name and usable(bmc, user, channel):
            own = min(user.access[channel].privilege, limit)
            found.append(Account(user_id, user, Privilege(own)))
    return found


def usable(bmc: Bmc, user: User, channel: int) -> bool:
    """Whether a user may log in over a channel at all."""
    access = user.access.get(channel)
    if access is None or not user.enabled or locked(bmc, user):
        return False
    if not access.messaging and bmc.personality.protocol.messaging_off_blocks:
        return False
    return Privilege.CALLBACK <= access.privilege <= Privilege.OEM


def choose(found: list[Account], wanted: int, by_name_only: bool) -> Account | None:
    """The account to log in to, None if `wanted` is above its limit (IPMI 13.20, role byte).

    Privilege 0 asks for the highest. With a lookup by name only the first user of that name is
    meant; else the first one who has the wanted privilege.
    """
    if wanted == Privilege.UNSPECIFIED:
        return found[0]
    candidates = found[:1] if by_name_only else found
    return next((account for account in candidates if account.limit >= wanted), None)


def locked(bmc: Bmc, user: User) -> bool:
    """Whether bad passwords have shut a user out; a lock that has run out is taken off."""
    if user.locked_until is None:
        return False
    if bmc.clock.now() < user.locked_until:
        return True
    user.locked_until, user.failed = None, 0
    return False


def failed(bmc: Bmc, user: User, channel: int) -> None:
    """Count a bad password; lock the user at the threshold of LAN parameter 26."""
    policy = bmc.state.lan[channel].bad_password
    now = bmc.clock.now()
    if policy.reset_interval and now - user.failed_at >= policy.reset_interval * INTERVAL:
        user.failed = 0
    user.failed += 1
    user.failed_at = now
    if policy.threshold and user.failed >= policy.threshold:
        lasts = policy.lockout_interval * INTERVAL
        user.locked_until = now + lasts if lasts else math.inf
        bmc.log.info("user %r locked", user.name)
        if policy.log_event:
            _audit(bmc, user, channel)
    bmc.changed()


def _audit(bmc: Bmc, user: User, channel: int) -> None:
    """Log "invalid password disable", a Session Audit event (table 42-3, sensor type 2A)."""
    user_id = next(number for number, other in bmc.state.users.items() if other is user)
    event = bytes((EVENT_REVISION, SESSION_AUDIT, AUDIT_SENSOR, SENSOR_SPECIFIC))
    event += bytes((0xF0 | PASSWORD_DISABLE, user_id, channel))
    try:
        add_event(bmc.state, bmc.clock.now(), BMC_GENERATOR, event)
    except Completion:
        bmc.log.info("the event log is full")


def succeeded(user: User) -> None:
    """A good password ends the count."""
    user.failed = 0


def too_many(bmc: Bmc, account: Account, channel: int) -> bool:
    """Whether the user has as many sessions as Set User Access allows; 0 is no limit."""
    limit = account.user.access[channel].session_limit
    return bool(limit) and bmc.sessions.of_user(account.user_id) >= limit

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The user slots of a BMC, as the controls of accounts look at them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import CANNOT_SAY, unknown
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AuthCapabilities, auth_capabilities_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHANNEL_AUTH_CAPABILITIES
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, option
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import EnableStatus, UserAccess
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import NULL_USER, Slots
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import ACCESS

#: What becomes of an account that nobody is to log in to. Its name and password stay, so it can be switched on again.
_OFF: t.Final = {"enabled": False, "privilege": "no_access", "ipmi_messaging": False}


@dataclass(frozen=True)
class Account:
    """One user slot on one LAN channel."""

    channel: int
    user_id: int
    name: str  #: "" for a slot without a name
    access: UserAccess
    is_own: bool  #: the account of the session
    is_reserved: bool  #: the maker keeps the slot to itself
    on_own_channel: bool

    def __str__(self) -> str:
        where = "" if self.on_own_channel else f"channel {self.channel}, "
        return f"{where}user {self.user_id} ({self.name or 'without a name'})"

    @property
    def may_be_enabled(self) -> bool:
        """Whether it is enabled, or the BMC does not say that it is not."""
        return self.access.status is not EnableStatus.DISABLED

    @property
    def has_privilege(self) -> bool:
        """Whether it is granted any privilege on the channel."""
        return self.access.privilege not in (Privilege.UNSPECIFIED, Privilege.NO_ACCESS)

    @property
    def may_log_in(self) -> bool:
        """Whether logins are possible as far as the BMC says. IPMI messaging counts for nothing: some BMCs disregard it."""
        return self.may_be_enabled and self.has_privilege

    @property
    def privilege(self) -> str:
        """Its limit on the channel, as options spell it."""
        return option(self.access.privilege)

    @property
    def what_it_is(self) -> str:
        """For `actual`."""
        status = {EnableStatus.ENABLED: "enabled", EnableStatus.DISABLED: "disabled", EnableStatus.UNKNOWN: "may be enabled"}
        messaging = "on" if self.access.ipmi_messaging else "off"
        return f"{status[self.access.status]}, {self.privilege}, IPMI messaging {messaging}"

    def fix(self, **settings: t.Any) -> dict[str, t.Any]:
        """The document that sets these of the slot."""
        document: dict[str, t.Any] = {"users": [{"name": self.name, "user_id": self.user_id, **settings}]}
        return document if self.on_own_channel else {"users_channel": self.channel, **document}

    def switched_off(self) -> dict[str, t.Any] | None:
        """The document that keeps everybody from logging in to it. None where that is not to be, or cannot be, written."""
        if self.is_own or self.is_reserved:
            return None
        off = dict(_OFF)
        if self.access.status is EnableStatus.UNKNOWN:
            # What cannot be read back is not written: no privilege is enough.
            del off["enabled"]
        return self.fix(**off)

    @property
    def why_not(self) -> str:
        """Why nothing switches it off by itself, for the end of `actual`."""
        if self.is_own:
            return "; it is the account of this session, so another one has to do it"
        if self.is_reserved:
            return "; the maker keeps this slot to itself"
        return ""


def account(case: Case, channel: int, user_id: int) -> Account:
    """One slot on one channel. Raises CompletionError, MalformedAnswer."""
    # It remembers names by itself; a new one for each look lets the evidence show them.
    slots = Slots(case.reader, channel)
    return Account(
        channel=channel,
        user_id=user_id,
        name=slots.name(user_id),
        access=ACCESS.load(case.reader, Target(channel, user_id), {}),
        is_own=slots.in_use(user_id, case.connection),
        is_reserved=user_id in slots.quirks.reserved_user_ids,
        on_own_channel=channel == case.own_channel(),
    )


def all_slots(case: Case, channel: int) -> range:
    """The numbers of the slots. Raises CompletionError, MalformedAnswer, and NotAssessed where these cannot be all."""
    slots = Slots(case.reader, channel)
    last = slots.limits.max_users
    user = case.connection.user.encode().decode("latin-1")
    if last < NULL_USER:
        raise NotAssessed("the BMC says that it has no user slot at all")
    if case.connection.interface == "lan" and user and slots.find(user) is None:
        raise NotAssessed(f"the account of this session is in none of the {last} slots that the BMC shows, so it has others")
    return range(NULL_USER, last + 1)


def accounts(case: Case, channel: int) -> list[Account]:
    """All slots of a channel. Raises CompletionError, MalformedAnswer."""
    return [account(case, channel, user_id) for user_id in all_slots(case, channel)]


def named(found: t.Iterable[Account]) -> str:
    """Accounts in a list, for `actual`."""
    return ", ".join(map(str, found)) or "none"


def why_not(found: t.Iterable[Account]) -> str:
    """Why nothing switches these off by itself, for the end of `actual`."""
    return "".join(dict.fromkeys(one.why_not for one in found))


def login_status(case: Case, channel: int) -> AuthCapabilities:
    """Get Channel Authentication Capabilities of a channel. Raises CompletionError, MalformedAnswer."""
    request = auth_capabilities_request(channel, case.connection.privilege)
    return case.reader.read(GET_CHANNEL_AUTH_CAPABILITIES, request, AuthCapabilities.from_wire)


def all_switched_off(found: t.Iterable[Account]) -> dict[str, t.Any] | None:
    """`switched_off` for several accounts of one channel."""
    documents = [document for one in found if (document := one.switched_off()) is not None]
    if not documents:
        return None
    return {**documents[0], "users": [entry for document in documents for entry in document["users"]]}


def outsider_off(case: Case, found: Account) -> dict[str, t.Any] | None:
    """`switched_off` for an account that the policy does not allow; None for one that it does, or where it does not say."""
    allowed = case.wanted("allowed_users")
    return None if allowed is None or found.name in allowed else found.switched_off()


def each_account(case: Case, judge: t.Callable[[Account], Verdict | None]) -> t.Iterator[Verdict]:
    """A verdict for each slot of each LAN channel; None is none. One that the BMC says nothing about does not hide the others."""
    for info in case.lan_channels():
        yield from each_account_of(case, info.channel, judge)


def each_account_of(case: Case, channel: int, judge: t.Callable[[Account], Verdict | None]) -> t.Iterator[Verdict]:
    """`each_account` for one channel."""
    try:
        slots = all_slots(case, channel)
    except CANNOT_SAY as error:
        yield unknown(error, f"channel {channel}")
        return
    for user_id in slots:
        yield from _judged(case, channel, user_id, judge)


def _judged(case: Case, channel: int, user_id: int, judge: t.Callable[[Account], Verdict | None]) -> t.Iterator[Verdict]:
    subject = f"user {user_id}"
    try:
        found = account(case, channel, user_id)
        subject = str(found)
        verdict = judge(found)
    except CANNOT_SAY as error:
        yield unknown(error, subject)
        return
    if verdict is not None:
        yield replace(verdict, subject=subject)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""User accounts by name: finding the slot, making and removing an account, guarding one's own."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BadOption,
    CompletionError,
    LoginRefused,
    Unsupported,
    WouldLockOut,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_SESSION_INFO
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._payload import UserPayloadAccess
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._session_info import SessionInfo, current_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import EnableStatus, PasswordSize, UserAccess
from ansible_collections.lightsout.bmc.plugins.module_utils._quirks import Quirks, quirks_of
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import lan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import ABSENT_ON_READ, Change, Missing, Plan, make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned, one
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Parameter, Reader, Record, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import (
    ACCESS,
    ENABLE,
    NAME,
    PASSWORD,
    PAYLOAD,
    USER,
    Password,
)

#: The null user's slot. By the specification its name is empty for ever.
NULL_USER: t.Final = 1
#: What taking an account away writes; not finding one of these supported is no failure.
_GONE: t.Final = {
    "enabled": False,
    "sol_payload": False,
    "privilege": Privilege.NO_ACCESS,
    "ipmi_messaging": False,
}

#: Options of an account besides the settings of the table.
ACCOUNT_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "user_id": {"type": "int"},
    # Neither is a secret, whatever its name begins with; Ansible warns of it otherwise.
    "password_size": {"type": "str", "default": "auto", "choices": ["auto", "16", "20"], "no_log": False},
    "update_password": {"type": "str", "default": "always", "choices": ["always", "on_create"], "no_log": False},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
}

#: All options of one account; what the table names, and these.
ACCOUNT_OPTIONS: t.Final[dict[str, dict[str, t.Any]]] = {
    **USER.argument_spec(),
    **ACCOUNT_SPEC,
    "name": {"type": "str", "required": True},
}

Login = t.Callable[[Connection], None]


@dataclass
class Slots:
    """The user slots of one channel. Names are read once, and only as far as needed."""

    reader: Reader
    channel: int
    #: A slot that is read anyway: any Get User Access tells the limits.
    any_slot: int = NULL_USER
    _names: dict[int, str] = field(default_factory=dict)
    _taken: set[int] = field(default_factory=set)

    @property
    def limits(self) -> UserAccess:
        """How many slots there are and how many have a fixed name."""
        try:
            return ACCESS.load(self.reader, Target(self.channel, self.any_slot), {})
        except CompletionError as error:
            if error.outcome not in ABSENT_ON_READ:
                raise
            # That slot is beyond the last one.
            return ACCESS.load(self.reader, Target(self.channel, NULL_USER), {})

    @property
    def quirks(self) -> Quirks:
        """What this BMC does differently."""
        return quirks_of(self.reader.bmc.device)

    def name(self, user_id: int) -> str:
        """The name in a slot; "" for none."""
        if user_id not in self._names:
            record = NAME.load(self.reader, Target(self.channel, user_id), {})
            self._names[user_id] = record.name
        return self._names[user_id]

    def find(self, name: str) -> int | None:
        """The slot with this name. Of several the lowest, as BMCs do when one logs in."""
        last = self.limits.max_users if name else NULL_USER
        return next((slot for slot in range(NULL_USER, last + 1) if self.name(slot) == name), None)

    def in_use(self, slot: int, connection: Connection) -> bool:
        """Whether the session is that of the account in this slot."""
        name = self.name(slot)
        if connection.interface != "lan" or name != connection.user:
            return False
        if self.find(name) == slot:
            return True
        if not name:
            return False
        # BMCs pass over those that cannot log in. One that does not say which it took may mean this one.
        return self._user_of_the_session() in (slot, None)

    def _user_of_the_session(self) -> int | None:
        try:
            return self.reader.read(GET_SESSION_INFO, current_request(), SessionInfo.from_wire).user_id or None
        except CompletionError as error:
            if error.outcome not in ABSENT_ON_READ:
                raise
            return None

    def free(self) -> int:
        """The lowest slot that may be used for a new account. Raises Unsupported where all are taken."""
        limits = self.limits
        first = max(NULL_USER, limits.fixed_names) + 1
        for slot in range(first, limits.max_users + 1):
            if slot not in self._taken | self.quirks.reserved_user_ids and not self.name(slot):
                return slot
        raise Unsupported(
            f"all user slots are taken ({limits.max_users} in all, the first {first - 1} reserved). "
            "Remove an account with state=absent"
        )

    def take(self, slot: int) -> None:
        """Keep a slot for an account that will be made in it."""
        self._taken.add(slot)

    def fixed(self, slot: int) -> bool:
        """Whether the slot's name cannot be changed. Some makers use slot 1 as any other: it then has a name."""
        if slot == NULL_USER and not self.name(slot):
            return True
        return slot <= self.limits.fixed_names or slot in self.quirks.reserved_user_ids


@dataclass(frozen=True)
class Account:
    """What is asked for one account."""

    name: str
    user_id: int | None
    present: bool
    update_password: bool
    password: Password | None
    wanted: t.Mapping[str, t.Any]
    allow_self: bool = False

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any], *, allow_self: bool) -> Account:
        """Check one account's options. Raises BadOption."""
        wanted = {key: value for key, value in USER.wanted(params).items() if key not in ("name", "password")}
        name = USER["name"].value_of(params["name"])
        user_id = params.get("user_id")
        if user_id is not None and not 1 <= user_id <= 63:
            raise BadOption(f"user_id is {user_id}; user slots are 1 to 63")
        if not name and user_id is None and params["state"] == "present":
            raise BadOption("name is empty: the null user is user_id 1; give user_id to mean a slot")
        return cls(
            name=name,
            user_id=user_id,
            present=params["state"] == "present",
            update_password=params["update_password"] == "always",
            password=_password(params),
            wanted=wanted,
            allow_self=allow_self,
        )


def _password(params: t.Mapping[str, t.Any]) -> Password | None:
    if params.get("password") is None:
        return None
    size = None if params["password_size"] == "auto" else PasswordSize(int(params["password_size"]))
    length = len(params["password"].encode())
    limit = size or PasswordSize.TWENTY
    if length > limit:
        raise BadOption(f"password of user {params['name']!r} has {length} bytes; at most {int(limit)} are possible")
    return Password(params["password"], size)


def plan_account(slots: Slots, account: Account, connection: Connection, login: Login) -> Cut | None:
    """What is to be done for one account; None where there is nothing to look at.

    `login` tries a login and raises LoginRefused; it is asked only where the BMC itself does not tell.
    """
    slot = account.user_id if account.user_id is not None else slots.find(account.name)
    if slot is None:
        if not account.present:
            return None
        slot = slots.free()
    if slot > slots.limits.max_users:
        raise BadOption(f"user_id is {slot}; this BMC has {slots.limits.max_users} user slots")
    slots.take(slot)
    current = slots.name(slot)
    _refuse_twin(slots, account, slot, current, connection)
    target = Target(slots.channel, slot)
    instance = Instance(USER, target, f"user {account.name!r} (slot {slot})", in_use=slots.in_use(slot, connection))
    if account.present:
        plan = _plan_present(slots, instance, account, current, connection, login)
    else:
        plan = _plan_absent(slots, instance, account, current)
    _guard(plan, account)
    return _as_cut(plan)


def _refuse_twin(slots: Slots, account: Account, slot: int, current: str, connection: Connection) -> None:
    """No other slot gets the name of the account in use, unless the task says that this is meant.

    A login finds whichever account of a name the BMC comes to first, and that may then have another password.
    """
    makes_it = account.present and account.name == connection.user and current != account.name
    if not makes_it or not account.name or account.allow_self or connection.interface != "lan":
        return
    own = slots.find(account.name)
    if own is not None:
        raise WouldLockOut(
            f"slot {slot}: the account {account.name!r} of this session is in slot {own}; a second one of its name may take its "
            "place at the next login. Nothing was written. Leave user_id out, use another account, or set allow_self: true"
        )


def _plan_present(
    slots: Slots, instance: Instance, account: Account, current: str, connection: Connection, login: Login
) -> Plan:
    wanted = {"name": account.name, **account.wanted}
    created = current != account.name
    if created:
        if account.password is None and wanted.get("enabled", True):
            raise BadOption(f"user {account.name!r} does not exist yet: a password is needed to make it")
        for name, value in (("privilege", Privilege.USER), ("ipmi_messaging", True), ("enabled", True)):
            wanted.setdefault(name, value)
    if account.password is not None and (created or account.update_password):
        _check_password(account.name, account.password, slots.quirks)
        wanted["password"] = account.password
    instance = replace(instance, known=_known(slots, instance, account, created, wanted, connection, login))
    return make_plan(slots.reader, instance, wanted)


def _known(
    slots: Slots,
    instance: Instance,
    account: Account,
    created: bool,
    wanted: t.Mapping[str, t.Any],
    connection: Connection,
    login: Login,
) -> dict[Parameter, Record]:
    """What needs no reading, or cannot be read but found out otherwise."""
    if created:
        # A slot that changes hands gets everything anew, also where it has the right value by chance.
        opposite = EnableStatus.DISABLED if wanted["enabled"] else EnableStatus.ENABLED
        return {PASSWORD: Password(None), ENABLE: opposite, **_known_payload(slots.reader, instance, wanted)}
    known: dict[Parameter, Record] = {}
    if instance.in_use:
        # The session itself proves these.
        known[ENABLE] = EnableStatus.ENABLED
        if "password" in wanted:
            known[PASSWORD] = replace(wanted["password"], text=connection.password)
        return known
    status = ACCESS.load(slots.reader, instance.target, {}).status if "enabled" in wanted else None
    ask_status = status is EnableStatus.UNKNOWN and account.password is not None and connection.interface == "lan"
    tested = _tested_password(slots.reader, instance, wanted) if "password" in wanted else None
    ask_password = "password" in wanted and tested is None
    # One login answers both questions: a second one with a wrong password may lock the account.
    works = (ask_status or ask_password) and connection.interface == "lan" and _can_log_in(account, connection, login)
    if ask_status:
        known[ENABLE] = EnableStatus.ENABLED if works else EnableStatus.DISABLED
    if ask_password:
        tested = wanted["password"] if works else Password(None)
    if tested is not None:
        # The BMC was asked; the plan need not ask again.
        known[PASSWORD] = tested
    return known


def _known_payload(reader: Reader, instance: Instance, wanted: t.Mapping[str, t.Any]) -> dict[Parameter, Record]:
    """Several BMCs do not tell the payload access of a slot without a name. Then it counts as different."""
    if "sol_payload" not in wanted:
        return {}
    try:
        PAYLOAD.load(reader, instance.target, wanted)
    except CompletionError as error:
        if error.outcome is Outcome.INVALID:
            return {PAYLOAD: UserPayloadAccess(sol=not wanted["sol_payload"])}
        if error.outcome not in ABSENT_ON_READ:
            raise
    return {}


def _tested_password(reader: Reader, instance: Instance, wanted: t.Mapping[str, t.Any]) -> Password | None:
    """What Test Password says; None where the BMC does not have it."""
    try:
        return PASSWORD.load(reader, instance.target, wanted)
    except CompletionError as error:
        if error.outcome is not Outcome.UNSUPPORTED:
            raise
        return None


def _can_log_in(account: Account, connection: Connection, login: Login) -> bool:
    """One login with the account's own password, where the BMC cannot tell what it knows of it."""
    password = account.password.text if account.password else None
    try:
        login(replace(connection, user=account.name, password=password or "", privilege=Privilege.USER))
    except LoginRefused:
        return False
    return True


def _plan_absent(slots: Slots, instance: Instance, account: Account, current: str) -> Plan:
    if current != account.name:
        # Another account has the slot by now: the one meant is gone already.
        return Plan(instance, {})
    wanted: dict[str, t.Any] = dict(_GONE)
    if not slots.fixed(instance.target.user_id):
        wanted["name"] = ""
    status = ACCESS.load(slots.reader, instance.target, {}).status
    known: dict[Parameter, Record] = {ENABLE: EnableStatus.ENABLED} if status is EnableStatus.UNKNOWN else {}
    removal = replace(instance, section=USER.reversed(), known=known)
    plan = make_plan(slots.reader, removal, wanted)
    essential: tuple[Missing, ...] = tuple(m for m in plan.missing if m.setting in ("name", "privilege"))
    return replace(plan, missing=essential)


def _check_password(name: str, password: Password, quirks: Quirks) -> None:
    length = len((password.text or "").encode())
    if not quirks.password_min <= length <= quirks.password_max:
        raise BadOption(
            f"password of user {name!r} has {length} bytes; this BMC takes "
            f"{quirks.password_min} to {quirks.password_max}"
        )


def _rank(privilege: Privilege | int) -> int:
    return 0 if privilege == Privilege.NO_ACCESS else int(privilege)


def _guard(plan: Plan, account: Account) -> None:
    """Refuse to take away the account in use, unless the task says that this is meant."""
    if not plan.instance.in_use or account.allow_self:
        return
    losses = [loss for change in plan.changes for loss in _losses(change)]
    if losses:
        raise WouldLockOut(
            f"{plan.instance.label} is the account of this session; the task would {', '.join(losses)}. "
            "Nothing was written. Use another account, or set allow_self: true"
        )


def _losses(change: Change) -> t.Iterator[str]:
    values = {setting.name: (setting.get(change.old), setting.get(change.new)) for setting in change.settings}
    if "name" in values:
        yield "remove or rename it"
    if values.get("enabled") == (True, False):
        yield "disable it"
    if values.get("ipmi_messaging") == (True, False):
        yield "take IPMI messaging from it"
    if values.get("callback") == (False, True):
        yield "restrict it to callback"
    if "privilege" in values and _rank(values["privilege"][1]) < _rank(values["privilege"][0]):
        yield "lower its privilege"


def _as_cut(plan: Plan) -> Cut:
    final = any(True for change in plan.cutting for _loss in _losses(change))
    password = next((change.new for change in plan.cutting if change.parameter is PASSWORD), None)

    def after(connection: Connection) -> Connection:
        return connection if password is None else connection.with_password(password.text or "")

    return Cut(plan, after, final)


def plan_users(
    reader: Reader,
    accounts: t.Sequence[Account],
    channel: int | None,
    connection: Connection,
    login: Login,
    *,
    purge: bool = False,
) -> list[Planned]:
    """Several accounts on one channel. The account in use comes last, but for those that `purge` removes."""
    if not accounts and not purge:
        return []
    _refuse_twice(accounts)
    given = [account.user_id for account in accounts if account.user_id is not None]
    slots = Slots(reader, lan_channel(reader, channel), any_slot=given[0] if given else NULL_USER)
    # Given slots first, so that no new account is put into one of them.
    for slot in given:
        slots.take(slot)
    cuts = [cut for account in accounts if (cut := plan_account(slots, account, connection, login)) is not None]
    cuts.sort(key=lambda cut: cut.plan.instance.in_use)
    planned = [_entry(cut) for cut in cuts]
    return planned + _purge(slots, accounts, connection, login) if purge else planned


def _entry(cut: Cut) -> Planned:
    return one(cut, {"user_id": cut.plan.instance.target.user_id})


def _purge(slots: Slots, accounts: t.Sequence[Account], connection: Connection, login: Login) -> list[Planned]:
    """Remove the accounts besides `accounts`. The one in use, and slots that cannot be emptied, stay, with a note."""
    named = {account.user_id if account.user_id is not None else slots.find(account.name) for account in accounts}
    planned: list[Planned] = []
    kept: list[str] = []
    for slot in range(NULL_USER, slots.limits.max_users + 1):
        name = slots.name(slot)
        label = f"user {name!r} (slot {slot})"
        if slot in named:
            continue
        if connection.interface == "lan" and name == connection.user and (name or slot == NULL_USER):
            kept.append(f"{label} is not in the list and is kept: it is the account of this session")
        elif not name:
            if slot == NULL_USER and can_log_in(slots.reader, slots.channel, slot):
                kept.append(f"{label}, the user without a name, is kept, and it can log in: its slot cannot be emptied")
        elif slots.fixed(slot):
            kept.append(f"{label} is not in the list and is kept: its slot is fixed or reserved")
        else:
            planned += _removal(slots, slot, connection, login)
    return [*planned, Planned({}, (), tuple(kept))] if kept else planned


def _removal(slots: Slots, slot: int, connection: Connection, login: Login) -> list[Planned]:
    name = slots.name(slot)
    gone = Account(name, slot, present=False, update_password=False, password=None, wanted={})
    cut = plan_account(slots, gone, connection, login)
    return [] if cut is None else [replace(_entry(cut), purged=name)]


def can_log_in(reader: Reader, channel: int, slot: int) -> bool:
    """Whether a slot is an account that may open sessions, as far as the BMC tells."""
    access = ACCESS.load(reader, Target(channel, slot), {})
    return (
        access.status is not EnableStatus.DISABLED
        and access.ipmi_messaging
        and access.privilege not in (Privilege.NO_ACCESS, Privilege.UNSPECIFIED)
    )


def _refuse_twice(accounts: t.Sequence[Account]) -> None:
    names = [account.name for account in accounts if account.user_id is None]
    slots = [str(account.user_id) for account in accounts if account.user_id is not None]
    for values, what in ((names, "name"), (slots, "user_id")):
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise BadOption(f"users: {what} {', '.join(twice)} is there more than once")

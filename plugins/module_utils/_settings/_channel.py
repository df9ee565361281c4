# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The tables of a channel's settings, and a plan for one channel.

Access (specification 22.22 and 22.23) has two copies: the one in force, and the one loaded when the BMC
starts. Each is an instance of its own, the one in force first. Authentication types, cipher suite
privileges and the bad password threshold are LAN parameters (table 23-4) of which there is one.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, fields, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError, WouldLockOut
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _channel as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _lan as lan_wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import AccessMode, ChannelAccess, ChannelInfo, Copy
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_CHANNEL_ACCESS,
    GET_CHANNEL_INFO,
    SET_CHANNEL_ACCESS,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import AuthTypeEnables, BadPassword, LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import MASK_TYPES, AuthType, Privilege, member, option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _cipher_privileges as ciphers
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cipher_look import Look, probe_of
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cipher_privileges import CipherPrivileges, Numbering, SuitePrivileges
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._find_channel import CHANNEL_SPEC, LAN_MEDIA, is_own, lan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import FAMILY
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import (
    ABSENT_ON_READ,
    Change,
    Missing,
    Plan,
    make_plan,
    read_values,
    show,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import (
    Instance,
    Numbered,
    Parameter,
    Reader,
    Section,
    Setting,
    Target,
    Value,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import choice, name_of

Params = t.Mapping[str, t.Any]

# Access: two copies.


@dataclass(frozen=True)
class Access(Parameter):
    """Get and Set Channel Access of one copy."""

    copy: Copy
    title: str
    order: int

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> ChannelAccess:
        request = wire.get_access_request(target.channel, self.copy)
        return reader.read(GET_CHANNEL_ACCESS, request, ChannelAccess.from_wire)

    def store(self, bmc: Bmc, target: Target, new: ChannelAccess, old: ChannelAccess) -> None:
        in_force = Copy.VOLATILE
        if self.copy is in_force:
            return self._write(bmc, target, new, old)
        # Some boards change the copy in force along with the stored one: that is put back.
        live = ACCESS[in_force]
        before = live.load(Reader(bmc), target, {})
        self._write(bmc, target, new, old)
        after = before if before == new else live.load(Reader(bmc), target, {})
        if after != before:
            live.store(bmc, target, before, after)
        return None

    def _write(self, bmc: Bmc, target: Target, new: ChannelAccess, old: ChannelAccess) -> None:
        limit = new.privilege_limit != old.privilege_limit
        access = replace(new, privilege_limit=old.privilege_limit) != old
        bmc.request(SET_CHANNEL_ACCESS, new.set_request(target.channel, self.copy, access=access, limit=limit))


ACCESS: t.Final[t.Mapping[Copy, Access]] = {
    Copy.VOLATILE: Access(Copy.VOLATILE, "volatile channel access", 10),
    Copy.NON_VOLATILE: Access(Copy.NON_VOLATILE, "non-volatile channel access", 20),
}
#: The option that holds one copy's settings by itself.
COPY_OPTIONS: t.Final[t.Mapping[Copy, str]] = {copy: option(copy) for copy in ACCESS}


def _flag(name: str, parameter: Access, *, cuts: bool = False) -> Setting:
    return Setting(
        name,
        parameter,
        get=lambda record: getattr(record, name),
        put=lambda record, value: replace(record, **{name: value}),
        spec={"type": "bool"},
        cuts=cuts,
    )


def _access_section(parameter: Access) -> Section:
    limits = ["callback", "user", "operator", "administrator", "oem"]
    return Section(
        f"{option(parameter.copy)} channel access",
        (
            Setting(
                "access_mode",
                parameter,
                # A reserved value is none that could be asked for.
                get=lambda record: record.access_mode if isinstance(record.access_mode, AccessMode) else None,
                put=lambda record, value: replace(record, access_mode=value),
                spec={"type": "str", "choices": [option(mode) for mode in AccessMode]},
                parse=choice(AccessMode),
                show=name_of,
                cuts=True,
            ),
            # Both are about sessions of IPMI 1.5.
            _flag("per_message_auth", parameter, cuts=True),
            _flag("user_level_auth", parameter, cuts=True),
            _flag("pef_alerting", parameter),
            Setting(
                "privilege_limit",
                parameter,
                get=lambda record: record.privilege_limit if option(record.privilege_limit) in limits else None,
                put=lambda record, value: replace(record, privilege_limit=value),
                spec={"type": "str", "choices": limits},
                parse=choice(Privilege),
                show=name_of,
                cuts=True,
            ),
        ),
    )


ACCESS_SECTIONS: t.Final[t.Mapping[Copy, Section]] = {copy: _access_section(parameter) for copy, parameter in ACCESS.items()}
_ACCESS_OPTIONS: t.Final = ACCESS_SECTIONS[Copy.VOLATILE].argument_spec()

# What there is once.


@dataclass(frozen=True)
class Info(Parameter):
    """Get Channel Info."""

    title: str = "channel info"
    order: int = 0
    writable: bool = False

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> ChannelInfo:
        return reader.read(GET_CHANNEL_INFO, wire.get_info_request(target.channel), ChannelInfo.from_wire)


AUTH_SUPPORT: t.Final = Numbered(
    FAMILY, LanParameter.AUTH_TYPE_SUPPORT, lan_wire.AuthTypeSupport, "LAN parameter 1 (authentication type support)", 0, writable=False
)
AUTH_TYPES: t.Final = Numbered(FAMILY, LanParameter.AUTH_TYPE_ENABLES, AuthTypeEnables, "LAN parameter 2 (authentication type enables)", 60)
BAD_PASSWORD: t.Final = Numbered(FAMILY, LanParameter.BAD_PASSWORD, BadPassword, "LAN parameter 26 (bad password threshold)", 50)

_LEVELS: t.Final = tuple(level.name for level in fields(AuthTypeEnables))
_TYPES: t.Final = [option(kind) for kind in sorted(MASK_TYPES)]
#: Options of the bad password threshold and the record's fields.
_BAD_PASSWORD_FIELDS: t.Final[t.Mapping[str, str]] = {
    "threshold": "threshold",
    "reset_interval": "reset_seconds",
    "lockout_interval": "lockout_seconds",
    "log_event": "event",
}


def _parse_auth_types(given: Params) -> dict[str, frozenset[AuthType]]:
    return {
        level: frozenset(member(AuthType, kind) for kind in given[level]) for level in _LEVELS if given.get(level) is not None
    }


def _show_auth_types(record: AuthTypeEnables) -> dict[str, list[str]]:
    return {level: [option(kind) for kind in sorted(getattr(record, level))] for level in _LEVELS}


def _parse_bad_password(given: Params) -> dict[str, t.Any]:
    wanted = {name: given[key] for key, name in _BAD_PASSWORD_FIELDS.items() if given.get(key) is not None}
    # The record knows its ranges.
    BadPassword(**{"event": False, "threshold": 0, "reset_seconds": 0, "lockout_seconds": 0, **wanted})
    return wanted


def _show_bad_password(record: BadPassword) -> dict[str, t.Any]:
    return {key: getattr(record, name) for key, name in _BAD_PASSWORD_FIELDS.items()}


def _section(numbering: Numbering | None) -> Section:
    suites = CipherPrivileges(numbering)
    return Section(
        "channel",
        (
            Setting(
                "medium",
                Info(),
                get=lambda record: option(record.medium),
                put=lambda record, value: record,
                spec={"type": "str"},
            ),
            Setting(
                "auth_types",
                AUTH_TYPES,
                get=lambda record: record,
                put=lambda record, value: value,
                spec={
                    "type": "dict",
                    "options": {level: {"type": "list", "elements": "str", "choices": list(_TYPES)} for level in _LEVELS},
                },
                parse=_parse_auth_types,
                show=_show_auth_types,
                cuts=True,
            ),
            Setting(
                ciphers.OPTION,
                suites,
                get=lambda record: record.told,
                put=lambda record, value: record.with_privileges(value),
                spec={"type": "dict"},
                parse=ciphers.parse,
                show=ciphers.show,
                cuts=True,
            ),
            Setting(
                "bad_password",
                BAD_PASSWORD,
                get=lambda record: record,
                put=lambda record, value: value,
                spec={
                    "type": "dict",
                    # Ansible would take it for a secret by its name.
                    "no_log": False,
                    "options": {key: {"type": "bool" if key == "log_event" else "int"} for key in _BAD_PASSWORD_FIELDS},
                },
                parse=_parse_bad_password,
                show=_show_bad_password,
                # Not by itself; but once it is in force, the one refused login that shows an ignored password may lock the account.
                cuts=True,
            ),
        ),
        family=FAMILY,
    )


#: One for each reading of the cipher suite privileges; None: which one holds is not known.
CHANNEL: t.Final[t.Mapping[t.Any, Section]] = {numbering: _section(numbering) for numbering in (None, *Numbering)}
#: The options that only LAN channels have.
LAN_ONLY: t.Final = ("auth_types", ciphers.OPTION, "bad_password")

CHANNEL_OPTIONS: t.Final[dict[str, dict[str, t.Any]]] = {
    **CHANNEL_SPEC,
    **_ACCESS_OPTIONS,
    "scope": {"type": "str", "default": "both", "choices": ["both", *COPY_OPTIONS.values()]},
    **{name: {"type": "dict", "options": {key: dict(spec) for key, spec in _ACCESS_OPTIONS.items()}} for name in COPY_OPTIONS.values()},
    **CHANNEL[None].argument_spec(),
    "cipher_index": {"type": "str", "default": "auto", "choices": ["auto", *[numbering.value for numbering in Numbering]]},
    "cipher_probe": {"type": "bool", "default": True},
}

# Plans.


@dataclass(frozen=True)
class Wanted:
    """The values that channel options ask for."""

    access: t.Mapping[Copy, t.Mapping[str, Value]]
    rest: t.Mapping[str, Value]


def check_channel(params: Params) -> Wanted:
    """Raises BadOption for what cannot be, whatever the BMC."""
    access = {copy: _access_wanted(params, copy, name) for copy, name in COPY_OPTIONS.items()}
    return Wanted(access, CHANNEL[None].wanted(params))


def _access_wanted(params: Params, copy: Copy, name: str) -> dict[str, Value]:
    section = ACCESS_SECTIONS[copy]
    common = section.wanted(params) if params["scope"] in ("both", name) else {}
    own = section.wanted(params.get(name) or {})
    for setting in common.keys() & own.keys():
        if common[setting] != own[setting]:
            raise BadOption(f"{setting} is given twice for the {name} copy, and {name}.{setting} says something else")
    return {**common, **own}


def plan_channel(reader: Reader, params: Params, connection: Connection, *, allow_self: bool) -> Planned:
    """The settings of one channel. Raises WouldLockOut where they end the session's own way in."""
    wanted = check_channel(params)
    channel = lan_channel(reader, params.get("channel"))
    own = is_own(reader, channel, connection)
    parts: list[tuple[str, Cut]] = []
    if wanted.rest:
        parts.append(("", _plan_rest(reader, params, wanted.rest, channel, connection, own, allow_self)))
    parts += _plan_access(reader, wanted.access, channel, connection, own, allow_self)
    return Planned({"channel": channel}, tuple(parts))


def _plan_access(
    reader: Reader,
    access: t.Mapping[Copy, t.Mapping[str, Value]],
    channel: int,
    connection: Connection,
    own: bool,
    allow_self: bool,
) -> list[tuple[str, Cut]]:
    cuts: dict[str, Cut] = {}
    for copy, wanted in access.items():
        if wanted:
            plan = make_plan(reader, access_instance(channel, copy, own), wanted)
            losses = [loss for change in plan.cutting for loss in _access_losses(change, connection)]
            cuts[COPY_OPTIONS[copy]] = Cut(plan, final=_guard(plan, losses, allow_self), first=next(iter(cuts.values()), None))
    if any(cut.final for cut in cuts.values()):
        # Once the way in is closed nothing can be stored any more.
        return [(name, replace(cut, first=None)) for name, cut in reversed(list(cuts.items()))]
    return list(cuts.items())


def access_instance(channel: int, copy: Copy, own: bool = False) -> Instance:
    """One copy of a channel's access."""
    return Instance(ACCESS_SECTIONS[copy], Target(channel), f"channel {channel}, {COPY_OPTIONS[copy]} access", in_use=own)


def _access_losses(change: Change, connection: Connection) -> t.Iterator[str]:
    new = change.new
    if "access_mode" in change.names and new.access_mode is not AccessMode.ALWAYS:
        yield f"make the channel {option(new.access_mode)}"
    if "privilege_limit" in change.names and new.privilege_limit < connection.privilege:
        yield f"limit the channel to {option(new.privilege_limit)}"


def _guard(plan: Plan, losses: list[str], allow_self: bool) -> bool:
    """Whether the plan closes the session's own way in, as the task says that it may."""
    if losses and not allow_self:
        raise WouldLockOut(
            f"{plan.instance.label} is that of this session; the task would {' and '.join(losses)}. "
            "Nothing was written. Use another channel or account, or set allow_self: true"
        )
    return bool(losses)


def _plan_rest(
    reader: Reader,
    params: Params,
    wanted: t.Mapping[str, Value],
    channel: int,
    connection: Connection,
    own: bool,
    allow_self: bool,
) -> Cut:
    target, label = Target(channel), f"channel {channel}"
    complete = dict(wanted)
    numbering, suites = None, None
    if ciphers.OPTION in wanted:
        numbering, suites = _suites(reader, target, params, connection, own)
        if suites is not None:
            complete[ciphers.OPTION] = ciphers.completed(suites, wanted[ciphers.OPTION])
    if "auth_types" in wanted:
        complete["auth_types"] = _whole_auth_types(reader, target, wanted["auth_types"])
    if "bad_password" in wanted:
        stored = _read(lambda: BAD_PASSWORD.load(reader, target, {}))
        complete["bad_password"] = replace(stored, **wanted["bad_password"]) if stored else wanted["bad_password"]
    plan = make_plan(reader, Instance(CHANNEL[numbering], target, label, in_use=own), complete)
    losses = [loss for change in plan.cutting for loss in _suite_losses(change, connection)]
    cut = Cut(plan, final=_guard(plan, losses, allow_self))
    return cut if suites is None else _with_suites(cut, suites, wanted[ciphers.OPTION], look=own and params["cipher_probe"])


def _with_suites(cut: Cut, suites: SuitePrivileges, wanted: t.Mapping[t.Any, int], *, look: bool) -> Cut:
    """What the plan alone does not say of suites: those that the BMC lacks, and a look at what it does with them."""
    label = cut.plan.instance.label
    reasons = ciphers.impossible(suites, wanted)
    lacking = tuple(Missing(label, ciphers.OPTION, reason) for reason in reasons.values())
    plan = replace(cut.plan, missing=cut.plan.missing + lacking)
    if not look or cut.final:
        return replace(cut, plan=plan)
    whole = plan.wanted[ciphers.OPTION]
    asked_for = {suite: level for suite, level in wanted.items() if suite != ciphers.OTHERS and suite not in reasons}
    if ciphers.OTHERS in wanted:
        asked_for = {**whole, **asked_for}
    return replace(cut, plan=plan, look=Look(suites.with_privileges(whole), asked_for, label))


def _suite_losses(change: Change, connection: Connection) -> t.Iterator[str]:
    old, new = change.old, change.new
    if isinstance(new, SuitePrivileges) and ciphers.takes_the_login_away(old, new, connection):
        yield f"leave no cipher suite that this collection can log in with as {option(connection.privilege)}"


def _suites(
    reader: Reader, target: Target, params: Params, connection: Connection, own: bool
) -> tuple[Numbering | None, SuitePrivileges | None]:
    """How the BMC numbers its suites' privileges, and what they are; None where nothing shows it."""
    numbering: Numbering | None
    if params["cipher_index"] != "auto":
        numbering = Numbering(params["cipher_index"])
    elif _read(lambda: ciphers.read(reader, target, Numbering.ID)) is None:
        # The BMC lacks the parameters. The plan, which reads them too, says so.
        return Numbering.ID, None
    else:
        probe = probe_of(connection) if own and params["cipher_probe"] else None
        numbering = ciphers.find_numbering(reader, target, connection, own=own, probe=probe)
    if numbering is None:
        return None, None
    chosen = numbering
    return numbering, _read(lambda: ciphers.read(reader, target, chosen))


def _read(load: t.Callable[[], t.Any]) -> t.Any:
    """What a BMC has; None where it lacks it, which the plan will show by the same answer."""
    try:
        return load()
    except CompletionError as error:
        if error.outcome not in ABSENT_ON_READ:
            raise
        return None


def _whole_auth_types(reader: Reader, target: Target, wanted: t.Mapping[str, frozenset[AuthType]]) -> t.Any:
    """All five levels, because they are written at once. Those that are not named stay as they are."""
    stored = _read(lambda: AUTH_TYPES.load(reader, target, {}))
    if stored is None:
        return wanted
    whole = replace(stored, **wanted)
    if whole == stored:
        return whole
    # Dell refuses types that it does not have, those that it has itself switched on included.
    support = _read(lambda: AUTH_SUPPORT.load(reader, target, {}))
    if support is None or not support.types:
        return whole
    return replace(whole, **{level: getattr(whole, level) & support.types for level in _LEVELS if level not in wanted})


def read_channel(reader: Reader, info: ChannelInfo, connection: Connection) -> tuple[dict[str, t.Any], list[Missing]]:
    """What a channel is and how it is set, as `plan_channel` takes it, and what the BMC lacks of it."""
    number, label = info.channel, f"channel {info.channel}"
    shown: dict[str, t.Any] = {"channel": number}
    missing: list[Missing] = []
    names = ["medium", *(LAN_ONLY if info.medium in LAN_MEDIA else ())]
    numbering = _numbering_told(reader, number, connection) if ciphers.OPTION in names else None
    section = CHANNEL[numbering]
    values, lacking = read_values(reader, Instance(section, Target(number), label), names)
    shown.update(show(section, values))
    for copy, name in COPY_OPTIONS.items():
        access, unread = read_values(reader, access_instance(number, copy))
        if unread:
            # All of a copy is in one answer.
            missing.append(Missing(label, f"{name} access", unread[0].why))
        else:
            shown[name] = show(ACCESS_SECTIONS[copy], access)
    return shown, missing + lacking


def _numbering_told(reader: Reader, number: int, connection: Connection) -> Numbering | None:
    """As far as reading alone shows it."""
    target = Target(number)
    if _read(lambda: ciphers.read(reader, target, Numbering.ID)) is None:
        return Numbering.ID
    return ciphers.find_numbering(reader, target, connection, own=is_own(reader, number, connection), probe=None)

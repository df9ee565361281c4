# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Read and compare: what a desired state would change, without changing anything."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BmcError, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import (
    Instance,
    Parameter,
    Reader,
    Record,
    Section,
    Setting,
    Value,
)

#: A BMC that answers a read in one of these ways does not have the parameter (or not now).
ABSENT_ON_READ: t.Final = frozenset(
    {Outcome.UNSUPPORTED, Outcome.ABSENT, Outcome.INVALID, Outcome.NOT_NOW, Outcome.WRITE_ONLY, Outcome.REFUSED}
)


#: What results show of a secret.
_AS_GIVEN, _OTHER = "(as given)", "(another)"


class CannotTell(BmcError):
    """The BMC does not say what a setting is, or lacks a part of it. Raised by a parameter's `load` and `store`."""

    reason = "unsupported"


class WriteOnly(BmcError):
    """The BMC takes a parameter and does not tell it. Raised by a parameter's `load`, with what to start from."""

    reason = "unsupported"

    def __init__(self, base: Record, why: str = "the BMC does not tell it") -> None:
        super().__init__(why)
        self.base = base


@dataclass(frozen=True)
class Missing:
    """A setting that this BMC does not support, and how that shows."""

    label: str
    setting: str
    why: str

    def as_dict(self) -> dict[str, str]:
        """For results."""
        return {"what": self.label, "setting": self.setting, "reason": self.why}

    def __str__(self) -> str:
        return f"{self.label}: {self.setting} ({self.why})"


@dataclass(frozen=True)
class Change:
    """One parameter to write."""

    instance: Instance
    parameter: Parameter
    old: Record
    new: Record
    settings: tuple[Setting, ...]
    #: The BMC does not tell what it has, so this is written each time, and nobody knows whether it differs.
    blind: bool = False

    @property
    def cuts(self) -> bool:
        """Whether writing it may end the session."""
        return self.instance.in_use and any(setting.cuts for setting in self.settings)

    @property
    def names(self) -> tuple[str, ...]:
        """The settings that differ."""
        return tuple(setting.name for setting in self.settings)


@dataclass(frozen=True)
class Plan:
    """What one instance is, shall be, and what must be written for it."""

    instance: Instance
    wanted: t.Mapping[str, Value]
    before: t.Mapping[str, Value] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def safe(self) -> tuple[Change, ...]:
        """Changes that cannot end the session, in the order of writing."""
        return tuple(change for change in self.changes if not change.cuts)

    @property
    def cutting(self) -> tuple[Change, ...]:
        """Changes that may end the session, in the order of writing."""
        return tuple(change for change in self.changes if change.cuts)

    @property
    def after(self) -> dict[str, Value]:
        """What the settings are once the changes are made."""
        return {name: self.wanted.get(name, value) for name, value in self.before.items()}

    @property
    def before_shown(self) -> dict[str, t.Any]:
        """The settings as they were, for results: JSON types, and of a secret only whether it was the one given."""
        differs = {name for change in self.changes for name in change.names}
        return show(self.instance.section, self.before) | {
            name: _OTHER if name in differs else _AS_GIVEN for name in self._secrets()
        }

    @property
    def after_shown(self) -> dict[str, t.Any]:
        """The settings as they are once the changes are made, for results."""
        return show(self.instance.section, self.after) | dict.fromkeys(self._secrets(), _AS_GIVEN)

    def _secrets(self) -> list[str]:
        return [name for name in self.before if self.instance.section[name].secret]


def show(section: Section, values: t.Mapping[str, Value]) -> dict[str, t.Any]:
    """Values as results show them: JSON types, no secrets."""
    shown = {}
    for name, value in values.items():
        setting = section[name]
        if not setting.secret and value is not None:
            shown[name] = setting.show(value)
    return shown


def make_plan(reader: Reader, instance: Instance, wanted: t.Mapping[str, Value]) -> Plan:
    """Read what `wanted` names and nothing else, and compare."""
    before: dict[str, Value] = {}
    changes: list[Change] = []
    missing: list[Missing] = []
    for parameter, settings in _by_parameter(instance.section, wanted):
        try:
            old = _load(reader, instance, parameter, wanted)
        except WriteOnly as unread:
            changes.append(_blind(instance, parameter, unread.base, settings, wanted))
            continue
        except (CompletionError, CannotTell) as error:
            missing += [Missing(instance.label, setting.name, why_absent(error)) for setting in settings]
            continue
        before.update({setting.name: setting.get(old) for setting in settings})
        different = tuple(setting for setting in settings if before[setting.name] != wanted[setting.name])
        if different and not parameter.writable:
            missing += [Missing(instance.label, setting.name, "read only") for setting in different]
        elif different:
            new = old
            for setting in different:
                new = setting.put(new, wanted[setting.name])
            changes.append(Change(instance, parameter, old, new, different))
    return Plan(instance, wanted, before, tuple(_in_order(instance.section, changes)), tuple(missing))


def _blind(
    instance: Instance, parameter: Parameter, base: Record, settings: tuple[Setting, ...], wanted: t.Mapping[str, Value]
) -> Change:
    new = base
    for setting in settings:
        new = setting.put(new, wanted[setting.name])
    return Change(instance, parameter, base, new, settings, blind=True)


def read_values(
    reader: Reader, instance: Instance, names: t.Collection[str] | None = None
) -> tuple[dict[str, Value], list[Missing]]:
    """Settings of an instance that can be read (all, or those named), and those that this BMC lacks."""
    values: dict[str, Value] = {}
    missing: list[Missing] = []
    readable = {
        setting.name: None
        for setting in instance.section.settings
        if setting.readable and (names is None or setting.name in names)
    }
    for parameter, settings in _by_parameter(instance.section, readable):
        try:
            record = _load(reader, instance, parameter, {})
        except WriteOnly:
            # There is nothing to show, and nothing is missing.
            continue
        except (CompletionError, CannotTell) as error:
            missing += [Missing(instance.label, setting.name, why_absent(error)) for setting in settings]
            continue
        values.update({setting.name: setting.get(record) for setting in settings})
    return values, missing


def _load(reader: Reader, instance: Instance, parameter: Parameter, wanted: t.Mapping[str, Value]) -> Record:
    if parameter in instance.known:
        return instance.known[parameter]
    try:
        return parameter.load(reader, instance.target, wanted)
    except CompletionError as error:
        if error.outcome in ABSENT_ON_READ:
            raise
        error.about = instance.label
        raise Refused(instance.label, error) from error


class Refused(BmcError):
    """A refused request, with what it was about."""

    reason = "refused"

    def __init__(self, about: str, cause: CompletionError) -> None:
        self.about = about
        self.cause = cause
        super().__init__(f"{about}: {cause}")

    def facts(self) -> dict[str, t.Any]:
        return self.cause.facts()


def why_absent(error: CompletionError | CannotTell) -> str:
    """A few words for a result: how it shows that the BMC lacks something."""
    if isinstance(error, CompletionError):
        return f"completion code 0x{error.code:02X}"
    return str(error)


def _by_parameter(
    section: Section, wanted: t.Mapping[str, Value]
) -> t.Iterator[tuple[Parameter, tuple[Setting, ...]]]:
    groups: dict[Parameter, list[Setting]] = {}
    for setting in section.settings:
        if setting.name in wanted:
            groups.setdefault(setting.parameter, []).append(setting)
    for parameter, settings in groups.items():
        yield parameter, tuple(settings)


def _in_order(section: Section, changes: t.Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: change.parameter.order, reverse=section.backwards)


def again(bmc_reader: Reader, plan: Plan, names: t.Iterable[str]) -> Plan:
    """Compare again after writing: the named settings and those that writing them may disturb."""
    section = plan.instance.section
    touched = set(names)
    for name in names:
        touched.update(section[name].disturbs)
    wanted = {name: value for name, value in plan.wanted.items() if name in touched}
    compared = make_plan(bmc_reader, replace(plan.instance, known={}), wanted)
    return replace(compared, changes=tuple(change for change in compared.changes if not change.blind))

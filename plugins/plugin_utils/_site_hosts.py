# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What the parts of a site's policy share: a host's variables, problems, values, and the check of a document."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._document import check_document
from ansible_collections.lightsout.bmc.plugins.modules.ipmi_config import SPEC

#: A part of what ipmi_config takes.
Document = dict[str, t.Any]

_VALIDATOR: t.Final = ArgumentSpecValidator(SPEC.kwargs()["argument_spec"])
_YES: t.Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Host:
    """A host of the inventory, and what the roles' variables are for it."""

    name: str
    values: t.Mapping[str, t.Any]
    #: Variables that cannot be evaluated, and why.
    failed: t.Mapping[str, str] = field(default_factory=dict)
    #: What the roles' argument specs have against the values.
    refused: t.Sequence[str] = ()
    #: Hosts outside the play are looked at for what they have in common with those in it, and not judged.
    in_play: bool = True

    def get(self, variable: str, otherwise: str | None = None) -> t.Any:
        """The variable's value, or that of another one; None if none is set, or it is an empty text."""
        value = self.values.get(variable)
        if (value is None or value == "") and otherwise is not None:
            return self.get(otherwise)
        return None if value == "" else value


@dataclass(frozen=True)
class Problem:
    """Something that cannot be, and the host that it is about."""

    host: str
    text: str


@dataclass(frozen=True)
class Part:
    """What one role makes of the variables: the part of the document for each host of the play."""

    documents: t.Mapping[str, Document]
    problems: t.Sequence[Problem]


def hosts_from(variables: t.Mapping[str, t.Any]) -> list[Host]:
    """The hosts, in the inventory's order. Raises ValueError if that is not what `site_variables` gives."""
    try:
        return [
            Host(name, found["values"], found["failed"], found["refused"], found["in_play"])
            for name, found in variables["hosts"].items()
        ]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("this is not what the lookup lightsout.bmc.site_variables gives") from error


@contextlib.contextmanager
def noting(found: list[str]) -> t.Iterator[None]:
    """Keep the text of a ValueError, and go on: a plan is to be told all that is wrong with it."""
    try:
        yield
    except ValueError as error:
        found.append(str(error))


def truth(name: str, value: t.Any) -> bool:
    """Yes or no, as YAML or -e spell it. Raises ValueError."""
    known = _YES.get(str(value).lower())
    if known is None:
        raise ValueError(f"{name} is {value!r}; it is true or false")
    return known


def whole(name: str, value: t.Any, low: int | None = None, high: int | None = None) -> int:
    """A whole number, also as text (Jinja makes some). Raises ValueError."""
    try:
        number = int(str(value))
    except ValueError:
        raise ValueError(f"{name} is {value!r}; it is a whole number") from None
    if (low is not None and number < low) or (high is not None and number > high):
        limits = f"{low} or more" if high is None else f"{low} to {high}"
        raise ValueError(f"{name} is {number}; it is {limits}")
    return number


def entries(name: str, value: t.Any) -> list[t.Any]:
    """A list; nothing is an empty one. Raises ValueError."""
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise ValueError(f"{name} is not a list")
    return list(value)


def table(name: str, value: t.Any) -> dict[str, t.Any]:
    """A dictionary with its keys as text (YAML makes numbers of some); nothing is an empty one. Raises ValueError."""
    if value is None:
        return {}
    if not isinstance(value, t.Mapping):
        raise ValueError(f"{name} is not a dictionary")
    return {str(key): entry for key, entry in value.items()}


def only_known(name: str, given: t.Iterable[str], known: t.Collection[str]) -> None:
    """Raises ValueError, which names the keys that nothing reads."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{name} has the unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def without_none(values: t.Mapping[str, t.Any]) -> Document:
    """What is set."""
    return {key: value for key, value in values.items() if value is not None}


def check(document: Document) -> None:
    """What ipmi_config refuses without having asked a BMC. Raises ValueError; no secret is in its text."""
    validation = _VALIDATOR.validate(document)
    if validation.error_messages:
        raise ValueError("; ".join(validation.error_messages))
    try:
        check_document(validation.validated_parameters)
    except BadOption as error:
        raise ValueError(str(error)) from error

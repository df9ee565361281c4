# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's documentation beside its argument spec and its results."""

from __future__ import annotations

import importlib
import typing as t
from types import ModuleType

import yaml

_PLUGINS = "ansible_collections.lightsout.bmc.plugins"
_LISTS = ("choices", "aliases")


def module(name: str) -> ModuleType:
    """The module file `name`."""
    return importlib.import_module(f"{_PLUGINS}.modules.{name}")


def options(name: str) -> dict[str, t.Any]:
    """The documented options, those of the fragments included. What the module itself says comes over a fragment's."""
    documentation = yaml.safe_load(module(name).DOCUMENTATION)
    found: dict[str, t.Any] = {}
    for reference in documentation["extends_documentation_fragment"]:
        _namespace, _collection, fragment, *part = reference.split(".")
        holder = importlib.import_module(f"{_PLUGINS}.doc_fragments.{fragment}").ModuleDocFragment
        text = getattr(holder, part[0].upper() if part else "DOCUMENTATION")
        found = _merged(found, yaml.safe_load(text).get("options") or {})
    return _merged(found, documentation.get("options") or {})


def _merged(base: dict[str, t.Any], over: dict[str, t.Any]) -> dict[str, t.Any]:
    return base | {name: {**base.get(name, {}), **option} for name, option in over.items()}


def as_documented(spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """An argument spec as documentation would have it: type, default, choices, aliases, suboptions; no secrecy."""
    return {name: _facts(option, "options") for name, option in spec.items()}


def as_specified(documented: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The same facts of documented options."""
    return {name: _facts(option, "suboptions") for name, option in documented.items()}


def _facts(option: t.Mapping[str, t.Any], nested: str) -> dict[str, t.Any]:
    facts: dict[str, t.Any] = {
        "type": option.get("type", "str"),
        "elements": option.get("elements"),
        "required": option.get("required", False),
        "default": option.get("default"),
    }
    facts.update({key: sorted(map(str, option.get(key) or [])) for key in _LISTS})
    inner = option.get(nested)
    facts["options"] = {name: _facts(one, nested) for name, one in inner.items()} if inner else None
    return facts


def undocumented(name: str, result: t.Mapping[str, t.Any]) -> set[str]:
    """What a result has and RETURN does not. Keys that Ansible itself knows need no documentation."""
    known = {"changed", "failed", "msg", "diff", "warnings", "exception", "bmc_host"}
    return set(result) - set(yaml.safe_load(module(name).RETURN)) - known

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This fragment is private to lightsout.bmc: other collections must not use it.

from __future__ import annotations

import json
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import CATALOGUE

#: What documentation calls the keys of an argument spec.
_SPEC_KEYS: t.Final = ("type", "elements", "choices")


def _documentation() -> str:
    """The options of `policy`, from the catalogue. JSON is YAML."""
    suboptions = {}
    for control in CATALOGUE:
        for option in control.options:
            kept = "" if option.default is None else f" If it is not given, V({_shown(option.default)}) holds."
            suboptions[option.name] = {
                "description": [f"{option.description}{kept}", f"For the control {control.id}: {control.title}."],
                **{key: option.spec[key] for key in _SPEC_KEYS if key in option.spec},
            }
    policy = {
        "description": [
            "What the site wants, where a control depends on it. A control that needs a value that is not given is C(manual) and "
            "shows what the BMC has.",
        ],
        "type": "dict",
        "suboptions": suboptions,
    }
    return json.dumps({"options": {"policy": policy}})


def _shown(value: t.Any) -> str:
    """A value within Ansible's markup."""
    plain = value if isinstance(value, str) else json.dumps(value)
    return plain.replace("\\", "\\\\").replace(")", "\\)")


class ModuleDocFragment:
    """The option `policy` of ipmi_audit."""

    DOCUMENTATION = _documentation()

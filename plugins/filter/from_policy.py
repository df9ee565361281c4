# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: from_policy
short_description: Put the policy's secrets into a document
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - The C(fixes) of M(lightsout.bmc.ipmi_audit) hold no secret, but say which of the policy's belongs there, as C({"from_policy":"kg"}). This
    puts the secrets in.
  - Use it in the options of M(lightsout.bmc.ipmi_config) itself, so that no variable and no output ever holds the result.
options:
  _input:
    description: A document, or a part of one.
    type: raw
    required: true
  policy:
    description: The policy. The filter fails if it lacks what the document names.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Do what the first fix says about the controller
  lightsout.bmc.ipmi_config:
    controller: "{{ finding.fixes[0].controller | lightsout.bmc.from_policy(bmc_hardening_policy) }}"
"""

RETURN = r"""
_value:
  description: The same with the secrets in it.
  type: raw
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _hardening


def from_policy(document: t.Any, policy: dict[str, t.Any]) -> t.Any:
    """The document with its secrets; see the documentation."""
    try:
        return _hardening.from_policy(document, policy)
    except ValueError as error:
        raise AnsibleFilterError(f"from_policy: {error}") from error


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"from_policy": from_policy}

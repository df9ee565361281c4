# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_controls
short_description: List the controls of a profile
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - The controls that a profile of M(lightsout.bmc.ipmi_audit) holds, in the order of the catalogue, or only those that are named, without
    those that are left out.
options:
  _input:
    description: The profile, V(L1), V(L2) or V(L3).
    type: str
    required: true
  only:
    description: Only these, whatever their profile. Empty is all of the profile.
    type: list
    elements: str
    default: []
  skip:
    description: Not these.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Judge a BMC by all of L2 but two controls
  lightsout.bmc.ipmi_audit:
    profile: L2
    controls: "{{ 'L2' | lightsout.bmc.audit_controls(skip=['U-03', 'A-01']) }}"
"""

RETURN = r"""
_value:
  description: The controls. The filter fails for one that is not in the catalogue.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _audit_controls


def audit_controls(profile: str, only: list[str] | None = None, skip: list[str] | None = None) -> list[str]:
    """The controls; see the documentation."""
    try:
        return _audit_controls.audit_controls(profile, only, skip)
    except ValueError as error:
        raise AnsibleFilterError(f"audit_controls: {error}") from error


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"audit_controls": audit_controls}

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: power_batches
short_description: Plan in which order and how many at once machines are switched on
version_added: 0.1.0
description:
  - Divides hosts into stages, by the first of the groups of O(order) that each is in, and each stage into batches.
  - A batch takes from the racks in turn, so that no rack gets the inrush current of all of its machines at once.
  - The playbook C(lightsout.bmc.power) uses it.
options:
  _input:
    description: The hosts' names, in the order wanted inside each stage.
    type: list
    elements: str
    required: true
  order:
    description: Groups, in the order in which their hosts are switched. Hosts in none of them come last.
    type: list
    elements: str
    default: []
  groups:
    description: The inventory's groups, C(groups).
    type: dict
    default: {}
  racks:
    description: The rack of each host, by name. A host that is not in it is alone in a rack.
    type: dict
    default: {}
  batch:
    description: How many machines a batch may have. V(0) is no limit.
    type: int
    default: 0
  batch_per_rack:
    description: How many machines of one rack a batch may have. V(0) is no limit.
    type: int
    default: 0
author:
  - lightsout contributors (@lightsout)
"""

EXAMPLES = r"""
- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | lightsout.bmc.power_batches(order=['storage', 'compute'], groups=groups, batch=8) }}"
"""

RETURN = r"""
_value:
  description: The batches in order, each with its C(stage) (the group, or V(others)) and its C(hosts).
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lightsout.bmc.plugins.plugin_utils._power_batches import Limits, plan


def power_batches(
    hosts: list[str],
    *,
    order: list[str] | None = None,
    groups: dict[str, list[str]] | None = None,
    racks: dict[str, t.Any] | None = None,
    batch: int = 0,
    batch_per_rack: int = 0,
) -> list[dict[str, t.Any]]:
    """The batches; see the documentation."""
    named = {host: str(rack) for host, rack in (racks or {}).items() if rack not in (None, "")}
    try:
        found = plan(hosts, order or [], groups or {}, named, Limits(batch, batch_per_rack))
    except ValueError as error:
        raise AnsibleFilterError(f"power_batches: {error}") from error
    return [{"stage": one.stage, "hosts": one.hosts} for one in found]


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"power_batches": power_batches}

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: nodeset
short_description: Fold host names into a node set
version_added: 0.1.0
description:
  - Names such as C(ccw0001), C(ccw0002) become C(ccw[0001-0002]), as ClusterShell and its tools write them.
  - Where the Python package ClusterShell is missing, the result is the names with commas between, which the same tools
    take too.
options:
  _input:
    description: The names.
    type: list
    elements: str
    required: true
author:
  - lightsout contributors (@lightsout)
seealso:
  - plugin: lightsout.bmc.fold
    plugin_type: callback
"""

EXAMPLES = r"""
- name: Say which hosts are in the play
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | lightsout.bmc.nodeset }}"
"""

RETURN = r"""
_value:
  description: The node set, such as V(ccw[0001-0412,0414-1798]).
  type: str
"""

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _fold_nodes as node_sets


def nodeset(names: list[str]) -> str:
    """The node set; see the documentation."""
    if node_sets.MISSING is not None:
        return ",".join(sorted(names, key=node_sets.natural))
    return node_sets.fold(names)


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"nodeset": nodeset}

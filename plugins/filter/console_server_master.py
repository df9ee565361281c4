# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: console_server_master
short_description: Say which console server has a host's console
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - Which of several console servers P(lightsout.bmc.console_server#role) makes the master of a console.
options:
  _input:
    description: The host.
    type: str
    required: true
  servers:
    description: The console servers that are up.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Where the log of node7's console is
  ansible.builtin.debug:
    msg: "{{ 'node7' | lightsout.bmc.console_server_master(servers=['cs1', 'cs2']) }}"
"""

RETURN = r"""
_value:
  description: One of the servers; empty where there are none.
  type: str
"""

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_server import master


def console_server_master(host: str, servers: t.Sequence[str]) -> str:
    """The server; see the documentation."""
    return master(host, servers) if servers else ""


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"console_server_master": console_server_master}

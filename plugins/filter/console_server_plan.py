# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: console_server_plan
short_description: Plan a console server's configuration for the whole fleet
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - Makes conserver's or conman's configuration of the inventory, and the table that the program C(bmc-console) reads.
    All hosts are checked before anything is written.
  - The role P(lightsout.bmc.console_server#role) uses it, and its documentation explains the variables.
options:
  _input:
    description: The hosts whose consoles are served. One without C(bmc_host) has none.
    type: list
    elements: str
    required: true
  hostvars:
    description: The inventory's C(hostvars).
    type: dict
    required: true
  settings:
    description: The role's variables without their prefix C(console_server_).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: See what would be wrong
  ansible.builtin.debug:
    msg: "{{ (groups['all'] | lightsout.bmc.console_server_plan(hostvars=hostvars, settings=my_settings)).problems }}"
"""

RETURN = r"""
_value:
  description:
    - The plan, C(problems) (nothing is written if there are any), C(conserver) (the text of C(conserver.cf)), C(conman) (the text of
      C(conman.conf) by server), C(at_start) (what conserver reads only when it starts), C(members) (how many consoles one
      of its processes has),
      C(masters) (the server of each console), C(table), which holds passwords, and
      C(program) (the C(files) of the program C(bmc-console) by path, and their C(version)).
  type: dict
"""

import typing as t

from ansible.errors import AnsibleError
from jinja2 import Undefined, UndefinedError

from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_program_files import program_files
from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_server import VARIABLES, plan


def console_server_plan(
    hosts: list[str], *, hostvars: t.Mapping[str, t.Mapping[str, t.Any]], settings: dict[str, t.Any]
) -> dict[str, t.Any]:
    """The plan; see the documentation."""
    problems: list[str] = []
    variables: dict[str, dict[str, t.Any]] = {}
    for host in hosts:
        variables[host] = {}
        for name in (*VARIABLES, settings["rack_variable"]):
            try:
                variables[host][name] = _plain(hostvars[host].get(name))
            except (AnsibleError, UndefinedError):
                # The exception's text may show what a secret is made of.
                problems.append(f"{host}: the variable {name} cannot be evaluated")
    found = plan(hosts, variables, settings)
    problems += found.problems
    return {
        "problems": problems,
        "conserver": found.conserver,
        "conman": dict(found.conman),
        "at_start": found.at_start,
        "members": found.members,
        "masters": {console.name: console.master for console in found.consoles},
        "table": dict(found.table),
        "program": program_files(),
    }


def _plain(value: t.Any) -> t.Any:
    """The value, evaluated through and through. Raises UndefinedError, AnsibleError."""
    if isinstance(value, Undefined):
        raise UndefinedError
    return [_plain(one) for one in value] if isinstance(value, list) else value


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"console_server_plan": console_server_plan}

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: console_check
short_description: Say whether a host's console works, and at which layer it stops
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - Judges what the tasks of the playbook C(lightsout.bmc.console_check) have registered for one host. The first layer at which
    characters would stop is the verdict.
  - The guide on consoles (R(guide,ansible_collections.lightsout.bmc.docsite.console_guide)) lists the layers and causes.
options:
  _input:
    description:
      - The registered results, by C(bmc) (M(lightsout.bmc.ipmi_info) with C(chassis) and C(sol)), C(session) and C(server_session)
        (M(lightsout.bmc.ipmi_sol_session), from here and from the console server), C(guard) (the last line of the console server's program),
        C(started) and C(marked) (M(lightsout.bmc.console_marker) with C(async), and what came of it), C(listened)
        (M(lightsout.bmc.ipmi_console)), C(logged) and C(tail) (of the console server's log), and C(system) (the parts of the operating system).
      - C(server) is the console server's name, C(wanted) a dictionary with C(port) and C(login). What is left out is not known.
    type: dict
    required: true
  nonce:
    description: That of the markers.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    verdict: "{{ {'bmc': info, 'started': marking, 'marked': marked, 'listened': console} | lightsout.bmc.console_check(nonce='4f2a9c') }}"
"""

RETURN = r"""
_value:
  description: The verdict.
  type: dict
  contains:
    state: {description: 'V(works), V(fails), or V(unproven) where the check could not tell.', type: str}
    layer:
      description:
        - V(bmc), V(power), V(held), V(host), V(port), V(rate), V(loader), V(kernel), V(login) or V(console_server). Not set if it works.
      type: str
    cause: {description: 'One word, such as V(no_getty).', type: str}
    detail: {description: What it is told by., type: str}
    advice: {description: What to do., type: str}
    port: {description: 'The host''s port that Serial over LAN is wired to, such as V(ttyS1), where a marker showed it.', type: str}
    rate: {description: The rate in bit/s that the BMC uses., type: int}
    notes: {description: What should be known besides., type: list, elements: str}
"""

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_check import verdict
from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_evidence import evidence


def console_check(results: dict[str, t.Any], nonce: str) -> dict[str, t.Any]:
    """The verdict; see the documentation."""
    return verdict(evidence(results, nonce)).as_result()


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"console_check": console_check}

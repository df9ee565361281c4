# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: site_policy
short_description: Check the policy of all BMCs together, and make each one's part of it
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - Works out what the roles P(lightsout.bmc.bmc_network#role), P(lightsout.bmc.bmc_accounts#role) and
    P(lightsout.bmc.bmc_sol#role) would write to each host's BMC, and looks for everything in it that cannot be - an
    address that two hosts get, one outside its subnet, a gateway outside it, a rack that nobody described, a password too
    long for its BMC, two accounts of one name, and so on.
  - The variables of P(lightsout.bmc.bmc_hardening#role) and P(lightsout.bmc.bmc_compliance#role) are checked too - controls and options of
    the policy that there are not, waivers without a reason or a date. What is written there depends on what an audit finds.
  - No BMC is asked. The roles use it, before their first write.
options:
  _input:
    description: What P(lightsout.bmc.site_variables#lookup) gives.
    type: dict
    required: true
  role:
    description: The role whose part of the documents is wanted. Left out, none is made.
    type: str
    choices: [bmc_network, bmc_accounts, bmc_sol, bmc_hardening, bmc_compliance]
"""

EXAMPLES = r"""
- name: Show which address each BMC would get
  ansible.builtin.debug:
    msg: >-
      {{ (lookup('lightsout.bmc.site_variables', 'bmc_network', hosts=ansible_play_hosts_all, others=groups['all'])
          | lightsout.bmc.site_policy('bmc_network')).hosts }}
  run_once: true
"""

RETURN = r"""
_value:
  description: The whole run's plan.
  type: dict
  contains:
    problems:
      description: All that cannot be, each with the hosts that it is about. Nothing, if the plan is good.
      type: list
      elements: str
      sample: ["ccw0007, ccw0043: its address 192.0.2.7 is also that of ccw0007"]
    hosts:
      description:
        - By host, the part of O(role) in M(lightsout.bmc.ipmi_config)'s options. For V(bmc_compliance), C(password_shared_with), how many other hosts
          of the play have the same password.
      type: dict
      sample: {"ccw0007": {"lan": [{"ip_address": "192.0.2.7", "ip_source": "static", "netmask": "255.255.255.0"}]}}
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _site_policy


def site_policy(variables: dict[str, t.Any], role: str | None = None) -> dict[str, t.Any]:
    """The plan; see the documentation."""
    try:
        return _site_policy.site_policy(variables, role)
    except ValueError as error:
        raise AnsibleFilterError(f"site_policy: {error}") from error


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"site_policy": site_policy}

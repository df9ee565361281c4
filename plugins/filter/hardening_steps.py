# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: hardening_steps
short_description: Turn what an audit found into documents that mend it
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - Merges the C(fixes) of all failing findings of M(lightsout.bmc.ipmi_audit) into documents for M(lightsout.bmc.ipmi_config), one for
    each step, in an order that cannot lock anyone out - the accounts of others and everything harmless, a strong cipher suite, the
    other cipher suites, the network, and the account in use last.
  - Where several controls are about the same setting, the stricter value holds - the lower privilege, and only those authentication
    types that all of them leave. Where none is stricter, the filter fails and names both controls.
  - Secrets stay placeholders; P(lightsout.bmc.from_policy#filter) puts them in.
options:
  _input:
    description: C(audit.findings) of P(lightsout.bmc.ipmi_audit#module).
    type: list
    elements: dict
    required: true
  policy:
    description: The audit's option O(lightsout.bmc.ipmi_audit#module:policy). A fix that needs a secret that is not in it is left out.
    type: dict
  user:
    description: The account in use.
    type: str
  controls:
    description: Only these controls. Left out, all that fail.
    type: list
    elements: str
seealso:
  - plugin: lightsout.bmc.from_policy
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what would be written
  ansible.builtin.debug:
    msg: "{{ (judged.audit.findings | lightsout.bmc.hardening_steps(user=bmc_user)).steps }}"
"""

RETURN = r"""
_value:
  description: The plan for one BMC.
  type: dict
  contains:
    steps:
      description: What to do, in this order, each with C(name), C(title), the C(controls) that ask for it, and the C(document).
      type: list
      elements: dict
    left:
      description: By control, why it is in no step, or only with a part.
      type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _hardening


def hardening_steps(
    findings: list[dict[str, t.Any]], policy: dict[str, t.Any] | None = None, user: str | None = None, controls: list[str] | None = None
) -> dict[str, t.Any]:
    """The plan; see the documentation."""
    try:
        return _hardening.hardening_steps(findings, policy, user, controls)
    except ValueError as error:
        raise AnsibleFilterError(f"hardening_steps: {error}") from error


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"hardening_steps": hardening_steps}

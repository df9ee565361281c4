# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: hardening_result
short_description: Say what came of hardening one BMC
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - What P(lightsout.bmc.bmc_hardening#role) makes C(bmc_hardening_result) of - the two audits, and the steps between them.
options:
  _input:
    description: The registered result of the first M(lightsout.bmc.ipmi_audit).
    type: dict
    required: true
  after:
    description: That of the second one, if there was one.
    type: dict
  done:
    description: The registered result of M(lightsout.bmc.ipmi_config) in a loop over the steps.
    type: dict
  more:
    description: That of a second round of steps, made from O(after), if there was one.
    type: dict
  last:
    description: That of the audit behind the second round.
    type: dict
  policy:
    description: The policy, as P(lightsout.bmc.hardening_steps#filter) had it.
    type: dict
  user:
    description: The account in use.
    type: str
  writes:
    description: V(false) in check mode, and where only the audit was wanted.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Say what came of it
  ansible.builtin.set_fact:
    outcome: "{{ audited | lightsout.bmc.hardening_result(after=audited_again, done=mended, user=bmc_user) }}"
"""

RETURN = r"""
_value:
  description: What came of it.
  type: dict
  contains:
    before: {description: 'C(states) by control and C(summary) by state; none if the audit failed.', type: dict}
    after: {description: The same afterwards., type: dict}
    fixed: {description: Controls that failed and no longer do., type: list, elements: str}
    would_fix: {description: Without writing; controls that there is a step for., type: list, elements: str}
    left:
      description:
        - Controls that fail; C(control), C(title), C(severity), what was seen last (C(actual)), C(why) it is left, C(how) to mend it, and whether a
          C(reset) may do it.
      type: list
      elements: dict
    steps:
      description: What was done; C(name), C(title), C(controls), C(changed), C(written), C(failed), C(msg).
      type: list
      elements: dict
    reset_required: {description: Controls that may need a cold reset., type: list, elements: str}
    problem: {description: What went wrong; else empty., type: str}
"""

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _hardening_result


def hardening_result(
    before: dict[str, t.Any],
    after: dict[str, t.Any] | None = None,
    done: dict[str, t.Any] | None = None,
    policy: dict[str, t.Any] | None = None,
    user: str | None = None,
    writes: bool = True,
    more: dict[str, t.Any] | None = None,
    last: dict[str, t.Any] | None = None,
) -> dict[str, t.Any]:
    """The result; see the documentation."""
    rounds = [_hardening_result.Round(before, done), _hardening_result.Round(after, more)]
    return _hardening_result.hardening_result(rounds, last, policy, user, writes=writes)


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"hardening_result": hardening_result}

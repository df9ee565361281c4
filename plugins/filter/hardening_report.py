# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: hardening_report
short_description: Tell on one page what came of hardening many BMCs
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - Folds the results of P(lightsout.bmc.bmc_hardening#role) of all hosts - for each control, on which BMCs it was mended, on which it is left, why,
    and what to do; and which BMCs something went wrong on. BMCs with the same fate share a line.
options:
  _input:
    description: C(bmc_hardening_result), by host.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Tell about this batch
  ansible.builtin.debug:
    msg: "{{ dict(ansible_play_batch | zip(ansible_play_batch | map('extract', hostvars, 'bmc_hardening_result'))) | lightsout.bmc.hardening_report }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _hardening_result


def hardening_report(results: dict[str, dict[str, t.Any]]) -> list[str]:
    """The lines; see the documentation."""
    return _hardening_result.hardening_report(results)


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"hardening_report": hardening_report}

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: console_check_report
short_description: Tell on one page which consoles of a fleet work
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - Makes a report of the verdicts of P(lightsout.bmc.console_check#filter) for all hosts.
options:
  _input:
    description: The verdicts, by host. Nothing stands for a host whose check came to no end.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Tell
  ansible.builtin.debug:
    msg: "{{ (dict(ansible_play_hosts_all | zip(ansible_play_hosts_all | map('extract', hostvars, 'verdict')))
      | lightsout.bmc.console_check_report).lines }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    document:
      description: All of it as data; C(summary) with counts of C(hosts), of each state and of C(layers), and C(hosts) with the verdicts.
      type: dict
    lines: {description: For the screen. Hosts with the same fate share a line., type: list, elements: str}
    markdown: {description: A page with a table of all hosts., type: str}
    ok: {description: Whether every console works., type: bool}
"""

import typing as t

from jinja2 import Undefined

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _console_check_report as report


def console_check_report(results: dict[str, t.Any]) -> dict[str, t.Any]:
    """The report; see the documentation."""
    document = report.document({host: None if isinstance(result, Undefined) else result for host, result in results.items()})
    return {
        "document": document,
        "lines": report.lines(document),
        "markdown": report.markdown(document),
        "ok": document["summary"]["works"] == document["summary"]["hosts"],
    }


class FilterModule:
    """Ansible's entry."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filter by its name."""
        return {"console_check_report": console_check_report}

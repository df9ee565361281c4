# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drift
type: aggregate
short_description: Ends a run in check mode with an error if anything would change
version_added: 0.1.0
description:
  - C(ansible-playbook --check) ends well although something would change. With this, a pipeline fails then, so that any playbook is a
    gate against drift.
  - Behind the recap it names the tasks that would change something, and on which hosts. The run ends with the status 3, or with Ansible's own, such as
    2, if hosts failed.
  - Without C(--check) it does nothing. Tasks that say C(check_mode=false) and really change something count too.
  - It ends the run as soon as a playbook is through, so name it as the last one of the enabled callbacks. Of several playbooks in one command
    those after one with drift are not run, as after one that failed.
requirements:
  - enabled in configuration
author:
  - lightsout contributors (@lightsout)
seealso:
  - plugin: lightsout.bmc.fold
    plugin_type: callback
"""

EXAMPLES = r"""
ansible.cfg: |
  [defaults]
  # for every run with --check
  callbacks_enabled = lightsout.bmc.drift
command: ANSIBLE_CALLBACKS_ENABLED=lightsout.bmc.drift ansible-playbook -i inventory lightsout.bmc.harden --check --diff
"""

import typing as t

from ansible import context
from ansible.plugins.callback import CallbackBase

from ansible_collections.lightsout.bmc.plugins.filter.nodeset import nodeset

#: What the run ends with. Ansible has 1, 2, 4, 8 and those above 99.
STATUS: t.Final = 3


class CallbackModule(CallbackBase):
    """Ansible's entry."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "lightsout.bmc.drift"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        #: Hosts, by the name of the task that would change them.
        self._found: dict[str, list[str]] = {}

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """A task was carried out."""
        self._note(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """A task failed, and may have a change to tell all the same."""
        self._note(result)

    def _note(self, result: t.Any) -> None:
        if not context.CLIARGS.get("check") or not result.is_changed():
            return
        hosts = self._found.setdefault(result.task.get_name(), [])
        if result.host.get_name() not in hosts:
            hosts.append(result.host.get_name())

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        """The end of a playbook."""
        if not self._found:
            return
        drifted = list(dict.fromkeys(host for hosts in self._found.values() for host in hosts))
        self._display.display(f"DRIFT: {len(drifted)} of {len(stats.processed)} hosts would change")
        for task, hosts in self._found.items():
            self._display.display(f"  {task} ({len(hosts)}): {nodeset(hosts)}")
        if not stats.failures and not stats.dark:
            raise SystemExit(STATUS)

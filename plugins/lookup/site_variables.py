# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: site_variables
short_description: What the variables of the site's roles are for each host
version_added: 0.1.0
author:
  - lightsout contributors (@lightsout)
description:
  - Evaluates the variables of the roles P(lightsout.bmc.bmc_network#role), P(lightsout.bmc.bmc_accounts#role),
    P(lightsout.bmc.bmc_sol#role), P(lightsout.bmc.bmc_hardening#role) and P(lightsout.bmc.bmc_compliance#role) for each host of a run, so
    that P(lightsout.bmc.site_policy#filter) can check all of them before anything is written.
  - Each host gets what its own tasks would see - the inventory's variables, those of the play and of the role, and the
    role's defaults. A variable that cannot be evaluated, such as one that refers to a missing password, is reported with
    its reason and ends nothing.
  - The roles use it. It is here for playbooks that check a policy by themselves.
options:
  _terms:
    description: The roles, by their short names.
    type: list
    elements: str
    required: true
  hosts:
    description: The hosts of the play, usually C(ansible_play_hosts_all).
    type: list
    elements: str
    required: true
  others:
    description:
      - More hosts of the inventory, which the run leaves alone. Only what the inventory says of them is known. They are
        there to be counted, and to see whether one of their addresses is given away.
    type: list
    elements: str
    default: []
notes:
  - What the lookup gives holds the accounts' passwords. Hand it to the filter, and do not keep it in a variable.
"""

EXAMPLES = r"""
- name: Check the whole policy and touch no BMC
  ansible.builtin.assert:
    that: policy.problems | length == 0
    fail_msg: "{{ policy.problems | join('\n') }}"
  vars:
    policy: >-
      {{ lookup('lightsout.bmc.site_variables', 'bmc_network', 'bmc_accounts', hosts=ansible_play_hosts_all, others=groups['all'])
         | lightsout.bmc.site_policy }}
  run_once: true
"""

RETURN = r"""
_raw:
  description:
    - One dictionary - C(roles), and C(hosts), in the inventory's order, each with C(values) and C(failed), both by
      variable, C(refused), what the roles' argument specs have against the values, and C(in_play).
  type: list
  elements: dict
"""

import pathlib
import typing as t

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.lookup import LookupBase
from ansible.template import Templar

from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_policy import ROLES

Specs = dict[str, dict[str, t.Any]]

#: The collection's roles; this file is in plugins/lookup.
FOLDER: t.Final = pathlib.Path(__file__).parents[2] / "roles"


class LookupModule(LookupBase):
    """Ansible's entry."""

    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[dict[str, t.Any]]:
        """See the documentation."""
        self.set_options(var_options=variables, direct=kwargs)
        roles = [str(term).rsplit(".", 1)[-1] for term in terms]
        unknown = [role for role in roles if role not in ROLES]
        if unknown or not roles:
            raise AnsibleLookupError(f"site_variables: {', '.join(unknown) or 'nothing'} is none of the roles {', '.join(ROLES)}")
        if self._loader is None or self._templar is None:
            raise AnsibleLookupError("site_variables: it runs in a template of a play only")
        specs, defaults = _role_variables(self._loader, roles)
        seen = variables or {}
        play = dict.fromkeys(map(str, self.get_option("hosts")))
        others = dict.fromkeys(map(str, self.get_option("others")))
        # A task's own view tells what the play says, which hostvars do not hold.
        by_play = _by_play(seen, specs, defaults)
        evaluate = _Evaluation(self._templar, specs)
        found = {}
        for host in {**others, **play}:
            raw = {**defaults, **seen["hostvars"].raw_get(host), **(by_play if host in play else {})}
            found[host] = {**evaluate(raw), "in_play": host in play}
        return [{"roles": roles, "hosts": found}]


def _role_variables(loader: DataLoader, roles: list[str]) -> tuple[Specs, dict[str, t.Any]]:
    """What the roles' own files say: the argument specs of their variables, and their defaults."""
    specs: Specs = {}
    defaults: dict[str, t.Any] = {}
    for role in roles:
        specs.update(loader.load_from_file(str(FOLDER / role / "meta/argument_specs.yml"))["argument_specs"]["main"]["options"])
        defaults.update(loader.load_from_file(str(FOLDER / role / "defaults/main.yml"), trusted_as_template=True))
    return specs, defaults


class _Evaluation:
    """Evaluates variables as a host's tasks would, host after host. What does not change from host to host is done once."""

    def __init__(self, templar: Templar, specs: Specs) -> None:
        self._templar = templar
        self._specs = specs
        self._validator = ArgumentSpecValidator(specs)
        #: Values known to hold no template, by id; the reference keeps the id from being given again.
        self._constant: dict[int, t.Any] = {}

    def __call__(self, raw: dict[str, t.Any]) -> dict[str, t.Any]:
        """The values, what cannot be evaluated and why, and what the specs have against the values."""
        values: dict[str, t.Any] = {}
        failed: dict[str, str] = {}
        templar: Templar | None = None
        for name in self._specs:
            if name not in raw:
                continue
            if self._is_constant(raw[name]):
                values[name] = raw[name]
                continue
            templar = templar or self._templar.copy_with_new_env(available_variables=raw)
            try:
                values[name] = templar.template(raw[name])
            except AnsibleError as error:
                failed[name] = str(error)
        refused = self._validator.validate(values, validate_role_argument_spec=True).error_messages
        return {"values": values, "failed": failed, "refused": list(refused)}

    def _is_constant(self, value: t.Any) -> bool:
        """Whether there is nothing to evaluate in it. A group's big table is looked at once, and not for each host."""
        if not isinstance(value, list | dict):
            return _is_plain(value)
        if id(value) in self._constant:
            return True
        members = value.values() if isinstance(value, dict) else value
        if not all(map(self._is_constant, members)):
            return False
        self._constant[id(value)] = value
        return True


def _is_plain(value: t.Any) -> bool:
    # Anything else, such as a text of an inline vault, is the templar's.
    return value is None or isinstance(value, int | float) or (isinstance(value, str) and "{" not in value)


def _by_play(seen: dict[str, t.Any], specs: Specs, defaults: dict[str, t.Any]) -> dict[str, t.Any]:
    """The variables that the play or the role's call sets: neither the inventory's nor the defaults."""
    inventory = seen["hostvars"].raw_get(seen["inventory_hostname"])
    found = {}
    for name in specs:
        if name not in seen:
            continue
        value = seen[name]
        if name in inventory:
            is_inventory = value == inventory[name]
        else:
            is_inventory = name in defaults and value == defaults[name]
        if not is_inventory:
            found[name] = value
    return found

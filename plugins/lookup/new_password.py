# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: new_password
short_description: A new random password that a BMC takes
version_added: 0.1.0
description:
  - Makes a password for an account of a BMC, from the operating system's random numbers, by the rules of the BMC's maker.
  - Each has lower-case and upper-case letters, digits and symbols, begins with a letter or digit, has no character twice in
    a row, and does not hold the account's name.
  - It is another one each time that the expression is evaluated. Keep it with M(ansible.builtin.set_fact).
options:
  _terms:
    description: What RV(lightsout.bmc.ipmi_info#module:bmc) holds in C(controller), for each BMC.
    type: list
    elements: dict
    required: true
  size:
    description:
      - How many bytes, V(16) or V(20). IPMI stores passwords in one of these two forms, and some boards have only the first.
      - A maker that takes fewer gets fewer.
    type: int
    default: 20
  symbols:
    description: The characters besides letters and digits. Left out, they are those that the maker takes.
    type: str
  name:
    description: The account's name, which will not be in the password, neither forwards nor backwards.
    type: str
    default: ''
author:
  - lightsout contributors (@lightsout)
seealso:
  - module: lightsout.bmc.ipmi_user
"""

EXAMPLES = r"""
- name: Ask which BMC it is
  lightsout.bmc.ipmi_info:
    gather: [controller]
  register: found

- name: Think of a password
  ansible.builtin.set_fact:
    new_password: "{{ lookup('lightsout.bmc.new_password', found.bmc.controller, size=20, name='operator') }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: A password for each BMC.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.lightsout.bmc.plugins.plugin_utils._new_password import Controller, NoSuchPassword, generate, rules


class LookupModule(LookupBase):
    """Ansible's entry."""

    def run(self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        """The passwords; see the documentation."""
        self.set_options(var_options=variables, direct=kwargs)
        wanted = {key: self.get_option(key) for key in ("size", "symbols", "name")}
        try:
            return [generate(rules(Controller.from_facts(term), **wanted)) for term in terms]
        except NoSuchPassword as error:
            raise AnsibleError(f"new_password: {error}") from error

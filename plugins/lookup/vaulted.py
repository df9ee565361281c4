# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vaulted
short_description: Encrypt with the run's own vault password
version_added: 0.1.0
description:
  - Encrypts text as C(ansible-vault) does, with a vault password that the run was given, such as by C(-J) or
    C(--vault-password-file). Nobody has to put the vault password into a variable, as P(ansible.builtin.vault#filter) wants.
options:
  _terms:
    description: The texts to encrypt.
    type: list
    elements: str
    required: true
  vault_id:
    description:
      - Which of the run's vault passwords. Left out, it is that of C(vault_encrypt_identity) in Ansible's configuration, or
        else the first one.
    type: str
author:
  - lightsout contributors (@lightsout)
notes:
  - The result is another one each time that the expression is evaluated, because each encryption has its own salt.
  - M(ansible.builtin.copy) decrypts what it writes, unless it is told O(ansible.builtin.copy#module:decrypt=false).
seealso:
  - plugin: ansible.builtin.unvault
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Keep a secret in a file that only the vault password opens
  ansible.builtin.copy:
    content: "{{ lookup('lightsout.bmc.vaulted', secret) }}"
    decrypt: false
    dest: secret.yml
    mode: "0600"
  no_log: true
  delegate_to: localhost
"""

RETURN = r"""
_raw:
  description: The encrypted texts, each as the content of a file.
  type: list
  elements: str
"""

import typing as t

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, match_encrypt_secret
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    """Ansible's entry."""

    def run(self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        """The encrypted texts; see the documentation."""
        self.set_options(var_options=variables, direct=kwargs)
        secrets = self._secrets()
        wanted = self.get_option("vault_id") or C.config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
        vault_id, secret = match_encrypt_secret(secrets, encrypt_vault_id=wanted)
        # The name of the default one is not written into files, as ansible-vault does.
        label = None if vault_id == C.config.get_config_value("DEFAULT_VAULT_IDENTITY") else vault_id
        return [VaultLib(secrets).encrypt(str(term), secret, label).decode() for term in terms]

    def _secrets(self) -> list[tuple[str, t.Any]]:
        # The loader is what decrypts a run's files. Ansible has no public way to encrypt with the same passwords.
        secrets: list[tuple[str, t.Any]] = self._loader._vault.secrets if self._loader is not None else []
        if not secrets:
            raise AnsibleError("vaulted: the run has no vault password; give it one with -J or --vault-password-file")
        return secrets

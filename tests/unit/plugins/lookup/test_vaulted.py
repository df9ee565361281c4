# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Encrypting with the run's own vault password: ansible-vault's form, and the right one of several passwords."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.plugins.loader import lookup_loader

FIRST, SECOND = ("default", VaultSecret(b"one")), ("prod", VaultSecret(b"two"))


def vaulted(*secrets: tuple[str, VaultSecret], **options: str) -> str:
    """As a run with these vault passwords encrypts a word."""
    loader = DataLoader()
    loader.set_vault_secrets(list(secrets))
    (text,) = lookup_loader.get("lightsout.bmc.vaulted", loader=loader).run(["a secret"], {}, **options)
    assert isinstance(text, str)
    return text


def test_the_first_password_is_used_and_its_file_is_like_ansible_vaults() -> None:
    text = vaulted(FIRST, SECOND)
    assert text.startswith("$ANSIBLE_VAULT;1.1;AES256\n") and "a secret" not in text
    assert VaultLib([FIRST]).decrypt(text) == b"a secret"


def test_another_one_is_used_by_its_name_which_the_file_tells() -> None:
    text = vaulted(FIRST, SECOND, vault_id="prod")
    assert text.startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")
    assert VaultLib([SECOND]).decrypt(text) == b"a secret"


def test_a_run_without_vault_password_is_refused() -> None:
    with pytest.raises(AnsibleError, match="the run has no vault password"):
        vaulted()


def test_a_name_that_the_run_does_not_have_is_refused() -> None:
    with pytest.raises(AnsibleError, match="staging"):
        vaulted(FIRST, vault_id="staging")

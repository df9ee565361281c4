# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Takes secrets out of everything that leaves an action. Ansible does this for modules only."""

from __future__ import annotations

import typing as t

MASK: t.Final = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PARTLY: t.Final = "********"


def censor(value: t.Any, secrets: t.Collection[str]) -> t.Any:
    """The same structure without the secrets: a string that is one becomes a mask, one that holds one is masked there.

    Dictionary keys stay: they are names of options and settings.
    """
    ordered = sorted((secret for secret in map(str, secrets) if secret), key=len, reverse=True)
    return _censor(value, ordered)


def _censor(value: t.Any, secrets: list[str]) -> t.Any:
    if isinstance(value, dict):
        return {key: _censor(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_censor(item, secrets) for item in value]
    if isinstance(value, str):
        if value in secrets:
            return MASK
        for secret in secrets:
            value = value.replace(secret, PARTLY)
    return value

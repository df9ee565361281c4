# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""How the numbered parameters of a LAN configuration are read and written; its tables share this."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_LAN, SET_LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._lan import LanParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Family, Numbered

FAMILY: t.Final = Family("lan", GET_LAN, SET_LAN)


def lan_parameter(number: LanParameter, codec: type[t.Any], title: str, order: int, writable: bool = True) -> Numbered:
    """A parameter of table 23-4. Lower `order` is written first."""
    return Numbered(FAMILY, number, codec, f"LAN parameter {int(number)} ({title})", order, writable)

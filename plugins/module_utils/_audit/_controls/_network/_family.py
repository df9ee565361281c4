# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Addresses, VLAN and reachability: N-01 to N-08."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._network import (
    _n_01,
    _n_02,
    _n_03,
    _n_04,
    _n_05,
    _n_06,
    _n_07,
    _n_08,
)

CONTROLS: t.Final[tuple[Control, ...]] = (
    _n_01.CONTROL,
    _n_02.CONTROL,
    _n_03.CONTROL,
    _n_04.CONTROL,
    _n_05.CONTROL,
    _n_06.CONTROL,
    _n_07.CONTROL,
    _n_08.CONTROL,
)

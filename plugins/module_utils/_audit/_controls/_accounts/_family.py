# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Accounts and passwords: U-01 to U-12."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._accounts import (
    _u_01,
    _u_02,
    _u_03,
    _u_04,
    _u_05,
    _u_06,
    _u_07,
    _u_08,
    _u_09,
    _u_10,
    _u_11,
    _u_12,
)

CONTROLS: t.Final[tuple[Control, ...]] = (
    _u_01.CONTROL,
    _u_02.CONTROL,
    _u_03.CONTROL,
    _u_04.CONTROL,
    _u_05.CONTROL,
    _u_06.CONTROL,
    _u_07.CONTROL,
    _u_08.CONTROL,
    _u_09.CONTROL,
    _u_10.CONTROL,
    _u_11.CONTROL,
    _u_12.CONTROL,
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Cipher suites and the BMC key: C-01 to C-06."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._cipher_suites import (
    _c_01,
    _c_02,
    _c_03,
    _c_04,
    _c_05,
    _c_06,
)

CONTROLS: t.Final[tuple[Control, ...]] = (
    _c_01.CONTROL,
    _c_02.CONTROL,
    _c_03.CONTROL,
    _c_04.CONTROL,
    _c_05.CONTROL,
    _c_06.CONTROL,
)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Logins of IPMI 1.5 and the lockout after wrong passwords: A-01 to A-04, L-01."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._authentication import (
    _a_01,
    _a_02,
    _a_03,
    _a_04,
    _l_01,
)

CONTROLS: t.Final[tuple[Control, ...]] = (
    _a_01.CONTROL,
    _a_02.CONTROL,
    _a_03.CONTROL,
    _a_04.CONTROL,
    _l_01.CONTROL,
)

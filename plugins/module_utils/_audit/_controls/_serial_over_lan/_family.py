# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Serial over LAN: S-01 to S-06."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._serial_over_lan import (
    _s_01,
    _s_02,
    _s_03,
    _s_04,
    _s_05,
    _s_06,
)

CONTROLS: t.Final[tuple[Control, ...]] = (
    _s_01.CONTROL,
    _s_02.CONTROL,
    _s_03.CONTROL,
    _s_04.CONTROL,
    _s_05.CONTROL,
    _s_06.CONTROL,
)

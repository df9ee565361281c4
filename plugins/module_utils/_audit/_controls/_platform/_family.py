# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Boot flags, event log, clock, firmware and what IPMI cannot show: P-01 to P-08."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._platform import (
    _p_01,
    _p_02,
    _p_03,
    _p_04,
    _p_05,
    _p_06,
    _p_07,
    _p_08,
)

CONTROLS: t.Final[tuple[Control, ...]] = (
    _p_01.CONTROL,
    _p_02.CONTROL,
    _p_03.CONTROL,
    _p_04.CONTROL,
    _p_05.CONTROL,
    _p_06.CONTROL,
    _p_07.CONTROL,
    _p_08.CONTROL,
)

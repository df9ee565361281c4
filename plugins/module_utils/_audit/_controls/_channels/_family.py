# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Access to channels, serial ones included: H-01 to H-07."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._channels import (
    _h_01,
    _h_02,
    _h_03,
    _h_04,
    _h_05,
    _h_06,
    _h_07,
)

CONTROLS: t.Final[tuple[Control, ...]] = (
    _h_01.CONTROL,
    _h_02.CONTROL,
    _h_03.CONTROL,
    _h_04.CONTROL,
    _h_05.CONTROL,
    _h_06.CONTROL,
    _h_07.CONTROL,
)

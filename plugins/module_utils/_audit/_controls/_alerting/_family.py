# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Alerts: T-01 to T-03."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._alerting import _t_01, _t_02, _t_03

CONTROLS: t.Final[tuple[Control, ...]] = (_t_01.CONTROL, _t_02.CONTROL, _t_03.CONTROL)

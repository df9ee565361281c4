# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rack of the witnesses is that of the module tests."""

from __future__ import annotations

from tests.integration.simulator.conftest import network, rack, start_rack

__all__ = ["network", "rack", "start_rack"]

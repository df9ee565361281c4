# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulated BMCs and a console server, shared with those of other folders."""

from __future__ import annotations

from tests.integration.simulator.conftest import network, start_rack

__all__ = ["network", "start_rack"]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties are tried without a time limit for each example: machines that run tests are busy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("lightsout", deadline=None)
settings.load_profile("lightsout")

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.lightsout.bmc.plugins.modules import ipmi_console
from ansible_collections.lightsout.bmc.plugins.plugin_utils._action_module import BmcActionModule


class ActionModule(BmcActionModule):
    """Runs ipmi_console in the controller's own process."""

    SPEC = ipmi_console.SPEC
    work = staticmethod(ipmi_console.run)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.modules import ipmi_console
from ansible_collections.lightsout.bmc.plugins.plugin_utils._action_module import BmcActionModule


class ActionModule(BmcActionModule):
    """Runs ipmi_console in the controller's own process."""

    SPEC = ipmi_console.SPEC
    work = staticmethod(ipmi_console.run)

    def _runs_as_module(self, args: dict[str, t.Any]) -> bool:
        # In band there is no console: that is said here, whatever the managed host is and has.
        return args.get("bmc_interface") != "open" and super()._runs_as_module(args)

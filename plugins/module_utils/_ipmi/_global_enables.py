# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What the controller does with messages and events (IPMI 2.0, 22.1 and 22.2, BMC Global Enables)."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import require


@dataclass(frozen=True)
class GlobalEnables:
    """One byte: the maker's own 7:5; event log 3; event message buffer 2; its interrupt 1; receive queue's interrupt 0."""

    event_log: bool  #: events are written to the system event log

    @classmethod
    def from_wire(cls, answer: bytes) -> GlobalEnables:
        """Read the byte. Raises MalformedData."""
        require(answer, 1, "BMC global enables")
        return cls(bool(answer[0] & 0x08))

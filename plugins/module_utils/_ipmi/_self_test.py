# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The result of a BMC's self test (IPMI 2.0, 20.4, Get Self Test Results)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import require

PASSED: t.Final = 0x55
NOT_IMPLEMENTED: t.Final = 0x56
#: The second byte is a mask of what is corrupted or cannot be reached.
CORRUPTED: t.Final = 0x57
FATAL: t.Final = 0x58
#: Bits of the second byte after 57h, the lowest first.
_PARTS: t.Final = (
    "operational firmware corrupted",
    "boot block firmware corrupted",
    "internal use area of the BMC's FRU corrupted",
    "sensor data repository empty",
    "no answer on the IPMB",
    "BMC's FRU not accessible",
    "sensor data repository not accessible",
    "event log not accessible",
)


@dataclass(frozen=True)
class SelfTest:
    """Two bytes: result; detail."""

    result: int  #: 55h passed, 56h not implemented, 57h corrupted, 58h fatal, others the maker's own
    detail: int  #: 0 to 255

    @classmethod
    def from_wire(cls, answer: bytes) -> SelfTest:
        """Read the answer. Raises MalformedData."""
        require(answer, 2, "self test results")
        return cls(answer[0], answer[1])

    def __str__(self) -> str:
        if self.result == PASSED:
            return "passed"
        if self.result == NOT_IMPLEMENTED:
            return "the BMC has no self test"
        if self.result == CORRUPTED:
            return ", ".join(part for bit, part in enumerate(_PARTS) if self.detail >> bit & 1) or "corrupted, no part named"
        if self.result == FATAL:
            return f"fatal hardware error, detail 0x{self.detail:02X}"
        return f"failed with the maker's own code 0x{self.result:02X}, detail 0x{self.detail:02X}"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What the numbered parameters of LAN and SOL share: requests, answers, set-in-progress."""

from __future__ import annotations

from enum import IntEnum

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData, in_range, require


class SetInProgress(IntEnum):
    """Parameter 0 of LAN, SOL and boot options. One byte, bits 1:0."""

    COMPLETE = 0  #: nobody writes; where the BMC can roll back, also discards what was not committed
    IN_PROGRESS = 1  #: somebody writes
    COMMIT = 2  #: request only, optional: make what was written valid

    @classmethod
    def from_wire(cls, data: bytes) -> SetInProgress:
        """Read the byte. Raises MalformedData if it is missing or the reserved value 3."""
        require(data, 1, "set in progress")
        state = data[0] & 0x03
        if state > cls.COMMIT:
            raise MalformedData("set in progress", data, f"reserved value {state}")
        return cls(state)

    def to_wire(self) -> bytes:
        """The byte."""
        return bytes([self])


def get_request(channel: int, parameter: int, set_selector: int = 0, block_selector: int = 0) -> bytes:
    """Data of Get LAN or SOL Configuration Parameters.

    Channel 0 to 15, the others 0 to 255; ValueError otherwise. The selectors choose
    one of several instances and are 0 for parameters that have none.
    """
    in_range(channel, 0, 15, "the channel")
    return bytes([channel, parameter, set_selector, block_selector])


def set_request(channel: int, parameter: int, data: bytes) -> bytes:
    """Data of Set LAN or SOL Configuration Parameters. Channel 0 to 15; ValueError otherwise."""
    in_range(channel, 0, 15, "the channel")
    return bytes([channel, parameter]) + data


def payload(answer: bytes) -> bytes:
    """The parameter's data: the answer without its first byte, the revision. Raises MalformedData."""
    require(answer, 1, "parameter revision")
    return answer[1:]

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests, answers and set-in-progress of numbered parameters."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _parameters as parameters
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._parameters import SetInProgress
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData


def test_get_request() -> None:
    # ipmi.md 8, ipmitool lock cycle: 0C/02 01 00 00 00.
    assert parameters.get_request(1, 0) == bytes.fromhex("01 00 00 00")
    assert parameters.get_request(15, 19, 2, 3) == bytes.fromhex("0F 13 02 03")


def test_set_request() -> None:
    # ipmi.md 8: IP 10.1.2.3.
    assert parameters.set_request(1, 3, bytes.fromhex("0A 01 02 03")) == bytes.fromhex("01 03 0A 01 02 03")


@pytest.mark.parametrize("channel", [-1, 16])
def test_channels_outside_the_field(channel: int) -> None:
    with pytest.raises(ValueError, match="the channel must be 0 to 15"):
        parameters.get_request(channel, 3)
    with pytest.raises(ValueError, match="the channel must be 0 to 15"):
        parameters.set_request(channel, 3, b"")


def test_payload_drops_the_revision() -> None:
    # ipmi.md 8: answer 11 00.
    assert parameters.payload(bytes.fromhex("11 00")) == b"\0"
    assert parameters.payload(b"\x11") == b""
    with pytest.raises(MalformedData, match="parameter revision"):
        parameters.payload(b"")


# ipmi.md 5.2 parameter 0, and 8 (lock cycle).
@pytest.mark.parametrize(
    ("state", "byte"),
    [(SetInProgress.COMPLETE, 0), (SetInProgress.IN_PROGRESS, 1), (SetInProgress.COMMIT, 2)],
)
def test_set_in_progress(state: SetInProgress, byte: int) -> None:
    assert state.to_wire() == bytes([byte])
    assert SetInProgress.from_wire(bytes([byte])) is state
    assert SetInProgress.from_wire(bytes([byte | 0xFC, 0x55])) is state


@pytest.mark.parametrize("data", [b"", b"\x03"])
def test_set_in_progress_that_means_nothing(data: bytes) -> None:
    with pytest.raises(MalformedData, match="set in progress"):
        SetInProgress.from_wire(data)

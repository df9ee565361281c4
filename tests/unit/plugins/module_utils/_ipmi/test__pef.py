# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEF configuration parameters."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _pef as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._pef import AlertPolicy, PefActions, PefControl, PolicyCount
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData


@pytest.mark.parametrize(
    ("data", "record"),
    [
        ("00", PefControl(False, False)),
        ("01", PefControl(True, False)),
        ("0E", PefControl(False, True)),
        ("FF 00", PefControl(True, True)),
        ("01", PefActions(True)),
        ("3E", PefActions(False)),
        ("08", PolicyCount(8)),
        ("BC", PolicyCount(60)),
        # Parameter 9 (table 30-6): policy 1, on, always; channel 1, destination 2.
        ("03 18 12 00", AlertPolicy(3, True, 1, 1, 2)),
        ("83 F4 8F 81", AlertPolicy(3, False, 15, 8, 15)),
    ],
)
def test_records(data: str, record: t.Any) -> None:
    assert type(record).from_wire(bytes.fromhex(data)) == record


@pytest.mark.parametrize(("codec", "size"), [(PefControl, 1), (PefActions, 1), (PolicyCount, 1), (AlertPolicy, 4)])
def test_short_answers(codec: t.Any, size: int) -> None:
    with pytest.raises(MalformedData):
        codec.from_wire(bytes(size - 1))


def test_requests() -> None:
    assert wire.get_request(wire.PefParameter.POLICY, 3) == bytes.fromhex("09 03 00")
    with pytest.raises(ValueError, match="0 to 127"):
        wire.get_request(128)

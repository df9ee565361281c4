# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serial/modem configuration parameters."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._serial import (
    CallbackControl,
    ConnectionMode,
    DialString,
    DialStringCount,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

ROWS: t.Final = [
    # Parameter 3: bit 7 is a direct connection.
    ("87", ConnectionMode(modem=False, terminal=True, ppp=True, basic=True)),
    ("80", ConnectionMode(modem=False, terminal=False, ppp=False, basic=False)),
    ("01", ConnectionMode(modem=True, terminal=False, ppp=False, basic=True)),
    ("02", ConnectionMode(modem=True, terminal=False, ppp=True, basic=False)),
    ("04", ConnectionMode(modem=True, terminal=True, ppp=False, basic=False)),
    # Parameter 5: the numbers behind the first byte do not matter here.
    ("00 00 FF FF FF", CallbackControl(cbcp=False, ipmi=False)),
    ("01 02 01 FF FF", CallbackControl(cbcp=False, ipmi=True)),
    ("02 02 01 FF FF", CallbackControl(cbcp=True, ipmi=False)),
    # Parameter 20: bits 3:0.
    ("00", DialStringCount(0)),
    ("F4", DialStringCount(4)),
    # Parameter 21: selector, block, characters.
    ("01 01 2B 34 39 00 FF", DialString(1, "+49")),
    ("12 01" + 16 * " 35" + " 36", DialString(2, 16 * "5")),
    ("03 01" + 16 * " FF", DialString(3, "")),
    ("03 01" + 16 * " 00", DialString(3, "")),
    ("03 01", DialString(3, "")),
]
SHORTEST: t.Final = {ConnectionMode: 1, CallbackControl: 1, DialStringCount: 1, DialString: 2}


@pytest.mark.parametrize(("wire", "record"), ROWS)
def test_from_wire(wire: str, record: t.Any) -> None:
    assert type(record).from_wire(bytes.fromhex(wire)) == record


@pytest.mark.parametrize("codec", SHORTEST)
def test_short_answers(codec: t.Any) -> None:
    for size in range(SHORTEST[codec]):
        with pytest.raises(MalformedData):
            codec.from_wire(bytes(size))


@given(st.binary(min_size=2, max_size=20))
def test_every_answer_can_be_read(answer: bytes) -> None:
    assert ConnectionMode.from_wire(answer).modem is (answer[0] < 0x80)
    assert DialStringCount.from_wire(answer).count == answer[0] % 16
    assert CallbackControl.from_wire(answer).ipmi is bool(answer[0] % 2)
    assert len(DialString.from_wire(answer).text) <= 16

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SPCR tables against bytes written by hand, field by field (Microsoft's description of the table, revisions 1, 2 and 4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._spcr import AddressSpace, BadSpcr, Spcr

#: Revision 2, 80 bytes: COM2 by I/O address, 115200 bit/s.
COM2 = bytes.fromhex(
    "53504352"  # signature, SPCR
    "50000000"  # length 80
    "02"  # revision
    "00"  # checksum, put in below
    "4c4f56454c59"  # OEM ID
    "424f415244202020"  # OEM table ID
    "01000000"  # OEM revision
    "494e544c"  # creator
    "20210930"  # creator's revision
    "00"  # interface: 16550
    "000000"
    "01080000f802000000000000"  # base address: I/O, 8 bits, at 2F8h
    "01"  # interrupt type: 8259
    "03"  # IRQ 3
    "00000000"  # global interrupt
    "07"  # rate: 115200
    "00010003"  # parity, stop bits, flow control, terminal
    "00"  # language
    "ffffffff"  # no PCI device
    "000000"  # bus, device, function
    "00000000"  # PCI flags
    "00"  # PCI segment
    "00000000"
)


def table(changes: dict[int, bytes] | None = None, more: bytes = b"") -> bytes:
    """The table with other bytes at these offsets, its length and checksum put right."""
    raw = bytearray(COM2 + more)
    raw[4:8] = len(raw).to_bytes(4, "little")
    for offset, value in (changes or {}).items():
        raw[offset : offset + len(value)] = value
    raw[9] = 0
    raw[9] = -sum(raw) & 0xFF
    return bytes(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(table(), Spcr(0, AddressSpace.IO, 0x2F8, 115200), id="COM2 at 115200"),
        pytest.param(table({44: b"\xf8\x03", 58: b"\x03"}), Spcr(0, AddressSpace.IO, 0x3F8, 9600), id="COM1 at 9600"),
        pytest.param(table({58: b"\x04"}), Spcr(0, AddressSpace.IO, 0x2F8, 19200), id="19200"),
        pytest.param(table({58: b"\x06"}), Spcr(0, AddressSpace.IO, 0x2F8, 57600), id="57600"),
        pytest.param(table({58: b"\x00"}), Spcr(0, AddressSpace.IO, 0x2F8, None), id="rate left open"),
        pytest.param(table({58: b"\x05"}), Spcr(0, AddressSpace.IO, 0x2F8, None), id="rate with a reserved code"),
        pytest.param(
            table({36: b"\x03", 40: b"\x00\x20", 44: bytes.fromhex("0000090900000000")}),
            Spcr(3, AddressSpace.MEMORY, 0x09090000, 115200),
            id="ARM's PL011 in memory",
        ),
        pytest.param(table({40: b"\x7f"}), Spcr(0, 0x7F, 0x2F8, 115200), id="a space that is not known is kept"),
        pytest.param(
            table({8: b"\x04", 58: b"\x00"}, more=(1500000).to_bytes(4, "little") + bytes(4)),
            Spcr(0, AddressSpace.IO, 0x2F8, 1500000),
            id="revision 4 with a precise rate",
        ),
        pytest.param(table({8: b"\x04"}, more=bytes(8)), Spcr(0, AddressSpace.IO, 0x2F8, 115200), id="revision 4 without a precise rate"),
        pytest.param(
            table({8: b"\x02"}, more=(1500000).to_bytes(4, "little")),
            Spcr(0, AddressSpace.IO, 0x2F8, 115200),
            id="what stands there before revision 4 is no rate",
        ),
    ],
)
def test_a_table_is_read(raw: bytes, expected: Spcr) -> None:
    assert Spcr.from_bytes(raw) == expected


def test_an_address_of_zero_says_that_nothing_is_redirected() -> None:
    assert not Spcr.from_bytes(table({44: bytes(8)})).enabled
    assert Spcr.from_bytes(table()).enabled


def test_bytes_after_the_table_do_not_matter() -> None:
    assert Spcr.from_bytes(table() + b"\xff" * 7) == Spcr.from_bytes(table())


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "0 bytes are too few"),
        (table()[:75], "75 bytes are too few"),
        (table({0: b"DBG2"}), "the signature is b'DBG2'"),
        (table({4: b"\x51"}), "says that it has 81 bytes, of which 80 are there"),
        (table({4: b"\x24"}), "says that it has 36 bytes"),
        (table()[:58] + b"\x06" + table()[59:], "the checksum is wrong"),
    ],
)
def test_a_table_that_is_none_is_refused_with_the_reason(raw: bytes, why: str) -> None:
    with pytest.raises(BadSpcr, match=why):
        Spcr.from_bytes(raw)


def outcome(raw: bytes) -> Spcr | str:
    try:
        return Spcr.from_bytes(raw)
    except BadSpcr as error:
        return str(error)


@given(st.binary(max_size=120))
def test_any_bytes_give_a_table_or_the_reason(raw: bytes) -> None:
    assert outcome(raw) and outcome(b"SPCR" + raw)

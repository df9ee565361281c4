# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FRU data: header, areas, texts."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _fru as fru
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._fru import AreaInfo, Board, Chassis, Header, Product
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData


def sealed(text: str, size: int | None = None) -> bytes:
    """Bytes in hex with padding and the checksum that makes their sum 0."""
    data = bytes.fromhex(text)
    size = size or -(-(len(data) + 1) // 8) * 8
    data = data.ljust(size - 1, b"\0")
    return data + bytes([-sum(data) & 0xFF])


def field(text: str) -> str:
    """A field of 8-bit text, in hex."""
    return f"{0xC0 | len(text):02X}" + text.encode("latin-1").hex()


#: Format 1, five units long, language 25 (English), six fields of which one is empty, end mark.
PRODUCT = sealed("01 05 19" + field("ACME") + field("R1") + field("PN7") + "C0" + field("SN0042") + field("TAG") + "C1", 40)


class TestRequests:
    """IPMI 34.1 and 34.2."""

    def test_bytes(self) -> None:
        assert fru.area_info_request() == b"\x00"
        assert fru.read_request(0, 0x0108, 16) == bytes.fromhex("00 08 01 10")
        assert fru.read_answer(bytes.fromhex("02 AA BB")) == b"\xaa\xbb"

    @pytest.mark.parametrize("call", [lambda: fru.area_info_request(255), lambda: fru.read_request(0, 0, 0), lambda: fru.read_request(0, 0x10000, 1)])
    def test_out_of_range(self, call: object) -> None:
        with pytest.raises(ValueError, match="must be"):
            call()  # type: ignore[operator]

    @pytest.mark.parametrize(
        ("wire", "expected"), [("00 08 00", AreaInfo(0x800, False)), ("40 00 01", AreaInfo(64, True)), ("40 00 FE 99", AreaInfo(64, False))]
    )
    def test_area_info(self, wire: str, expected: AreaInfo) -> None:
        assert AreaInfo.from_wire(bytes.fromhex(wire)) == expected

    def test_short_answers(self) -> None:
        for decode, wire in ((AreaInfo.from_wire, "40 00"), (fru.read_answer, "00"), (Header.from_wire, "01 00 00"), (fru.area_size, "01")):
            with pytest.raises(MalformedData):
                decode(bytes.fromhex(wire))


class TestHeader:
    """Section 8."""

    def test_offsets_count_in_eights(self) -> None:
        assert Header.from_wire(bytes.fromhex("01 00 01 03 0A 00 00 F1")) == Header(chassis=8, board=24, product=80)
        assert Header.from_wire(bytes.fromhex("01 00 00 00 01 00 00 FE FF FF")) == Header(product=8)

    @pytest.mark.parametrize(("wire", "why"), [("01 00 01 03 0A 00 00 F2", "checksum"), ("02 00 01 03 0A 00 00 F0", "format"), ("FF" * 8, "format")])
    def test_damage(self, wire: str, why: str) -> None:
        with pytest.raises(MalformedData, match=why):
            Header.from_wire(bytes.fromhex(wire))


class TestAreas:
    """Sections 10 to 12."""

    def test_chassis(self) -> None:
        assert Chassis.from_wire(sealed("01 03 17" + field("PN-1") + field("CH0042") + "C1", 24)) == Chassis(0x17, "PN-1", "CH0042")

    def test_board(self) -> None:
        # 15,779,520 minutes after 1 January 1996 is 1 January 2026.
        wire = sealed("01 04 19" + "C0 C6 F0" + field("ACME") + field("Board") + field("B42") + field("PN") + "C0 C1", 32)
        assert Board.from_wire(wire) == Board(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), "ACME", "Board", "B42", "PN")
        assert Board.from_wire(sealed("01 02 00 00 00 00 C0 C0" + field("B4") + "C1", 16)).made is None

    def test_product(self) -> None:
        expected = Product("ACME", "R1", "PN7", "", "SN0042", "TAG")
        assert Product.from_wire(PRODUCT) == expected
        assert Product.from_wire(PRODUCT + b"more") == expected

    def test_missing_fields_are_empty(self) -> None:
        assert Product.from_wire(sealed("01 02 19" + field("ACME") + "C1", 16)) == Product("ACME", "", "", "", "", "")

    def test_damage(self) -> None:
        for wire, why in (
            (PRODUCT[:-1] + bytes([PRODUCT[-1] ^ 1]), "checksum"),
            (PRODUCT[:-1], "instead of 40"),
            (b"\x01\x00" + PRODUCT[2:], "length"),
            (sealed("01 01 19 FF 41", 8), "FRU field"),
        ):
            with pytest.raises(MalformedData, match=why):
                Product.from_wire(wire)

    @given(st.binary(max_size=80))
    def test_anything_else_is_refused_in_one_way(self, data: bytes) -> None:
        for decode in (Header.from_wire, Chassis.from_wire, Board.from_wire, Product.from_wire):
            try:
                decode(data)
            except MalformedData:
                continue
            assert sum(data[: data[1] * 8 if decode != Header.from_wire else 8]) & 0xFF == 0


class TestTexts:
    """Section 13: bits 7:6 of the type and length byte."""

    @pytest.mark.parametrize(
        ("coded", "expected"),
        [
            ("02 12 AB", "12ab"),  # binary
            ("44 12 3A 4B 5C", "123 4-5."),  # BCD plus: A blank, B -, C .
            ("C3 53 4E 31", "SN1"),
            ("C5 53 4E 31 20 00", "SN1"),  # padded
            ("C2 E4 31", "ä1"),  # Latin-1
        ],
    )
    def test_encodings(self, coded: str, expected: str) -> None:
        area = sealed("01 02 19 C0 C0 C0 C0" + coded + "C1", 16)
        assert Product.from_wire(area).serial == expected

    def test_six_bit_example_of_the_specification(self) -> None:
        # Section 13.2: "IPMI" is 29 DC A6.
        area = sealed("01 02 19 C0 C0 C0 C0 83 29 DC A6 C1", 16)
        assert Product.from_wire(area).serial == "IPMI"

    def test_other_languages_are_unicode_but_for_serial_numbers(self) -> None:
        # Language 7 is German: two bytes a character, the low one first.
        wide = "ü1".encode("utf-16-le").hex()
        area = sealed("01 04 07 C0 C4" + wide + "C0 C0" + field("SN12") + "C1", 32)
        assert Product.from_wire(area).name == "ü1"
        assert Product.from_wire(area).serial == "SN12"

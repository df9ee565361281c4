# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a FRU in pieces, against a scripted BMC."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError, MalformedAnswer
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._fru import FruReader
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._fru import Chassis, Product
from tests.unit.plugins.module_utils._ipmi.test__fru import PRODUCT
from tests.unit.plugins.scripted import Scripted

#: A header that points to a product area behind it.
IMAGE = bytes.fromhex("01 00 00 00 01 00 00 FE") + PRODUCT + b"\xff" * 16


def bmc(image: bytes = IMAGE, *, most: int = 255, words: bool = False, code: int = 0xCA) -> Scripted:
    """A BMC with a FRU of which it returns at most so many bytes at once."""
    unit = 2 if words else 1

    def read(data: bytes) -> bytes:
        offset, count = int.from_bytes(data[1:3], "little") * unit, data[3] * unit
        if count > most:
            return bytes([code])
        part = image[offset : offset + count]
        return bytes([0, len(part) // unit]) + part

    size = len(image).to_bytes(2, "little").hex(" ")
    return Scripted().on("0A/10 00", f"00 {size} {int(words):02X}").on("0A/11 00", read)


@pytest.mark.parametrize("most", [255, 64, 17, 8])
@pytest.mark.parametrize("words", [False, True])
def test_product(most: int, words: bool) -> None:
    fru = FruReader(bmc(most=most, words=words).bmc())
    product = fru.area("product", fru.header().product, Product.from_wire)
    assert product is not None and product.serial == "SN0042"
    assert fru.wrong == []


@pytest.mark.parametrize("code", [0xC6, 0xC7, 0xC8, 0xCA])
def test_fewer_bytes_are_asked_for_where_the_bmc_wants_that(code: int) -> None:
    scripted = bmc(most=16, code=code)
    fru = FruReader(scripted.bmc())
    assert fru.read(0, 48) == IMAGE[:48]
    sizes = [request[-2:] for request in scripted.asked_for("0A/11")]
    assert sizes == ["30", "20", "10", "10", "10"]


def test_a_bmc_that_returns_nothing_is_not_asked_for_ever() -> None:
    with pytest.raises(CompletionError):
        FruReader(bmc(most=4).bmc()).read(0, 8)


def test_a_short_piece_is_followed_by_the_rest() -> None:
    scripted = bmc().once("0A/11", "00 03 01 00 00")
    assert FruReader(scripted.bmc()).read(0, 8) == IMAGE[:8]
    assert scripted.asked_for("0A/11") == ["0A/11 00 00 00 08", "0A/11 00 03 00 05"]


def test_more_than_was_asked_for_is_cut() -> None:
    scripted = bmc().once("0A/11", "00 0A" + IMAGE[:10].hex())
    assert FruReader(scripted.bmc()).read(0, 8) == IMAGE[:8]


def test_a_damaged_area_is_noted() -> None:
    image = bytearray(IMAGE)
    image[20] ^= 1
    fru = FruReader(bmc(bytes(image)).bmc())
    assert fru.area("product", 8, Product.from_wire) is None
    assert fru.wrong == ["FRU product area: its checksum is wrong"]


def test_an_area_that_ends_behind_the_fru_is_noted() -> None:
    fru = FruReader(bmc(IMAGE[:24]).bmc())
    assert fru.area("product", 8, Product.from_wire) is None
    assert fru.wrong == ["FRU product area: it ends behind the FRU"]


def test_a_missing_area_costs_no_request() -> None:
    scripted = bmc()
    fru = FruReader(scripted.bmc())
    assert fru.area("chassis", 0, Chassis.from_wire) is None
    assert scripted.asked_for("0A/11") == [] and fru.wrong == []


def test_an_empty_fru() -> None:
    with pytest.raises(MalformedAnswer, match="FRU header"):
        FruReader(bmc(b"\xff" * 64).bmc()).header()

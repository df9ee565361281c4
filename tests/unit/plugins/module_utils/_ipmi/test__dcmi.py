# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DCMI texts: asset tag and controller identifier string."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _dcmi as dcmi
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._dcmi import TextPart
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

LATIN_1 = st.text(st.characters(codec="latin-1", exclude_characters="\0"), max_size=63)


@pytest.mark.parametrize(
    ("wire", "part"),
    [
        # ipmi.md 5.12, 06 and 09: length of the whole, part.
        ("DC 00", TextPart(0, b"")),
        ("DC 03 61 62 63", TextPart(3, b"abc")),
        ("DC 14 30 31", TextPart(20, b"01")),
    ],
)
def test_from_wire(wire: str, part: TextPart) -> None:
    assert TextPart.from_wire(bytes.fromhex(wire)) == part


@pytest.mark.parametrize("wire", ["", "DC", "00 03 61 62 63"])
def test_answers_that_mean_nothing(wire: str) -> None:
    with pytest.raises(MalformedData):
        TextPart.from_wire(bytes.fromhex(wire))


def test_get_requests() -> None:
    assert dcmi.get_request(0) == bytes.fromhex("DC 00 10")
    assert dcmi.get_request(48, 15) == bytes.fromhex("DC 30 0F")


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("", ["DC 00 01 00"]),
        ("rack 1", ["DC 00 06 72 61 63 6B 20 31"]),
        ("0123456789abcdef", ["DC 00 10" + b"0123456789abcdef".hex()]),
        ("0123456789abcdefg", ["DC 00 10" + b"0123456789abcdef".hex(), "DC 10 01 67"]),
        ("ü", ["DC 00 01 FC"]),
    ],
)
def test_asset_tag(text: str, wire: list[str]) -> None:
    assert dcmi.asset_tag_requests(text) == [bytes.fromhex(one) for one in wire]


def test_an_asset_tag_can_cover_what_stood_there() -> None:
    assert dcmi.asset_tag_requests("ab", at_least=17) == [bytes.fromhex("DC 00 10 61 62" + "00" * 14), bytes.fromhex("DC 10 01 00")]


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("", ["DC 00 01 00"]),
        ("bmc1", ["DC 00 05 62 6D 63 31 00"]),
        ("0123456789abcdef", ["DC 00 10" + b"0123456789abcdef".hex(), "DC 10 01 00"]),
    ],
)
def test_controller_id_ends_with_its_nul(text: str, wire: list[str]) -> None:
    assert dcmi.controller_id_requests(text) == [bytes.fromhex(one) for one in wire]


@given(LATIN_1)
def test_parts_follow_each_other_and_make_up_the_text(text: str) -> None:
    for requests, raw in (
        (dcmi.asset_tag_requests(text), text.encode("latin-1") or b"\0"),
        (dcmi.controller_id_requests(text), text.encode("latin-1") + b"\0"),
    ):
        whole = b""
        for request in requests:
            assert (request[0], request[1], request[2]) == (0xDC, len(whole), len(request) - 3)
            assert 1 <= request[2] <= 16
            whole += request[3:]
        assert whole == raw


def test_what_setting_answers() -> None:
    assert dcmi.total_length(bytes.fromhex("DC 07")) == 7
    with pytest.raises(MalformedData):
        dcmi.total_length(b"\xdc")


@pytest.mark.parametrize(
    "make",
    [
        lambda: dcmi.asset_tag_requests("x" * 64),
        lambda: dcmi.controller_id_requests("x" * 64),
        lambda: dcmi.asset_tag_requests("a\0b"),
        lambda: dcmi.controller_id_requests("\u0416"),
        lambda: dcmi.get_request(64),
        lambda: dcmi.get_request(0, 17),
    ],
)
def test_what_does_not_fit_is_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="63|16|NUL|store"):
        make()

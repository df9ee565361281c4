# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that a host echoes are told nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._console_secrets import MASK, Secrets

SECRET = "S3sam+öffne"


@pytest.mark.parametrize(
    "echo",
    [
        SECRET.encode(),
        b"\x1b[0m".join(bytes([byte]) for byte in SECRET.encode()),
        SECRET[:4].encode() + b" \r" + SECRET[4:].encode(),
        SECRET[:4].encode() + b"\r\n" + SECRET[4:].encode(),
    ],
)
def test_an_echo_goes_with_whatever_is_between_its_characters(echo: bytes) -> None:
    assert Secrets([SECRET]).raw(b"login: " + echo + b"\r\nPassword: ") == b"login: ******** \r\nPassword: ".replace(b"* \r", b"*\r")


def test_the_start_of_one_whose_rest_has_not_come_goes_too() -> None:
    assert Secrets([SECRET]).text("login: S3sa") == "login: " + MASK
    assert Secrets([SECRET]).text("login: S3sa, then more") == "login: S3sa, then more"


def test_the_end_of_one_whose_start_is_not_there_goes_too() -> None:
    assert Secrets([SECRET]).text("öffne\nlogin: ") == MASK + "\nlogin: "
    assert Secrets([SECRET]).raw(SECRET.encode()[1:]) == MASK.encode()


def test_a_secret_that_holds_another_goes_as_a_whole() -> None:
    assert Secrets(["abc", "abcdef"]).text("x abcdef y abc z") == f"x {MASK} y {MASK} z"


def test_structures_are_cleaned_and_keep_their_form() -> None:
    given_value = {"a": [SECRET, 1, None], SECRET: ("x" + SECRET,)}
    assert Secrets([SECRET]).everywhere(given_value) == {"a": [MASK, 1, None], SECRET: ["x" + MASK]}


def test_without_secrets_nothing_changes() -> None:
    assert Secrets().raw(bytes(range(256))) == bytes(range(256))
    assert Secrets([""]).text("text") == "text"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=3, max_size=20), st.text(max_size=50), st.text(max_size=50))
def test_no_text_holds_it_afterwards(secret: str, before: str, after: str) -> None:
    if secret not in MASK:
        assert secret not in Secrets([secret]).text(before + secret + after)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of a user slot: requests, and how BMCs differ in answering them."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import EnableStatus, PasswordSize
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import CannotTell
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import (
    ENABLE,
    NAME,
    PASSWORD,
    USER,
    Password,
)
from tests.unit.plugins.scripted import Scripted, text

SLOT = Target(1, 3)


class TestName:
    """Get User Name."""

    @pytest.mark.parametrize(
        ("answer", "name"),
        [
            (f"00 {text('bob')}", "bob"),
            (f"00 {text('')}", ""),
            ("00" + " FF" * 16, ""),
            ("CC", ""),
            ("00 62 6F 62", "bob"),
        ],
    )
    def test_it(self, answer: str, name: str) -> None:
        assert NAME.load(Reader(Scripted().on("06/46 03", answer).bmc()), SLOT, {}).name == name

    @pytest.mark.parametrize("code", ["D4", "C9", "C1"])
    def test_another_refusal_is_the_callers_matter(self, code: str) -> None:
        with pytest.raises(CompletionError):
            NAME.load(Reader(Scripted().on("06/46", code).bmc()), SLOT, {})


class TestPassword:
    """Test Password, in the sizes that may be right."""

    @pytest.mark.parametrize(
        ("password", "answers", "tests", "right"),
        [
            (Password("x"), ["00"], [16], True),
            (Password("x"), ["80"], [16], False),
            (Password("x"), ["81", "00"], [16, 20], True),
            (Password("x"), ["81", "80"], [16, 20], False),
            (Password("x"), ["81", "81"], [16, 20], False),
            (Password("x", PasswordSize.SIXTEEN), ["81"], [16], False),
            (Password("x", PasswordSize.TWENTY), ["00"], [20], True),
            (Password("x" * 17), ["00"], [20], True),
        ],
    )
    def test_it(self, password: Password, answers: list[str], tests: list[int], right: bool) -> None:
        bmc = Scripted().once("06/47", *answers)
        found = PASSWORD.load(Reader(bmc.bmc()), SLOT, {"password": password})
        assert (found == password) is right
        given = (password.text or "").encode()
        expected = [bytes([3 | (0x80 if size == 20 else 0), 3]) + given.ljust(size, b"\0") for size in tests]
        assert bmc.asked == [f"06/47 {data.hex(' ').upper()}" for data in expected]
        assert bmc.written == []

    def test_a_refusal_is_the_callers_matter(self) -> None:
        with pytest.raises(CompletionError):
            PASSWORD.load(Reader(Scripted().on("06/47", "C1").bmc()), SLOT, {"password": Password("x")})

    @pytest.mark.parametrize(
        ("password", "written"),
        [
            (Password("geheim"), f"06/47 03 02 {text('geheim')}"),
            (Password("geheim", PasswordSize.TWENTY), f"06/47 83 02 {text('geheim', 20)}"),
            (Password("x" * 17), f"06/47 83 02 {text('x' * 17, 20)}"),
        ],
    )
    def test_writing(self, password: Password, written: str) -> None:
        bmc = Scripted().on("06/47", "00")
        PASSWORD.store(bmc.bmc(), SLOT, password, Password(None))
        assert bmc.written == [written]

    def test_it_is_in_no_repr_and_no_message(self) -> None:
        bmc = Scripted().on("06/47", "8F")
        with pytest.raises(CompletionError) as caught:
            PASSWORD.store(bmc.bmc(), SLOT, Password("geheim"), Password(None))
        assert "geheim" not in str(caught.value) + repr(caught.value) + repr(Password("geheim"))
        assert "password policy" in str(caught.value)


class TestEnable:
    """Whether a user is enabled."""

    @pytest.mark.parametrize(("status", "enabled"), [("42", EnableStatus.ENABLED), ("82", EnableStatus.DISABLED)])
    def test_reading(self, status: str, enabled: EnableStatus) -> None:
        bmc = Scripted().on("06/44 01 03", f"00 0A {status} 01 14")
        assert ENABLE.load(Reader(bmc.bmc()), SLOT, {}) is enabled

    @pytest.mark.parametrize("status", ["02", "C2"])
    def test_a_bmc_that_does_not_tell(self, status: str) -> None:
        bmc = Scripted().on("06/44", f"00 0A {status} 01 14")
        with pytest.raises(CannotTell):
            ENABLE.load(Reader(bmc.bmc()), SLOT, {})

    @pytest.mark.parametrize("code", ["C6", "C7"])
    def test_a_bmc_that_wants_password_bytes(self, code: str) -> None:
        bmc = Scripted().on("06/47", "00").once("06/47", code)
        ENABLE.store(bmc.bmc(), SLOT, EnableStatus.ENABLED, EnableStatus.DISABLED)
        assert bmc.written == ["06/47 03 01", f"06/47 03 01 {text('')}"]

    def test_another_refusal_is_the_callers_matter(self) -> None:
        bmc = Scripted().on("06/47", "CC")
        with pytest.raises(CompletionError):
            ENABLE.store(bmc.bmc(), SLOT, EnableStatus.DISABLED, EnableStatus.ENABLED)
        assert bmc.written == ["06/47 03 00"]


def test_the_order_is_name_password_access_payload_enable() -> None:
    parameters = {setting.parameter for setting in USER.settings}
    titles = [parameter.title for parameter in sorted(parameters, key=lambda parameter: parameter.order)]
    assert titles == ["user name", "user password", "user access", "user payload access", "user enabled"]


def test_only_the_password_is_secret_and_cannot_be_read() -> None:
    assert [setting.name for setting in USER.settings if setting.secret] == ["password"]
    assert [setting.name for setting in USER.settings if not setting.readable] == ["password"]

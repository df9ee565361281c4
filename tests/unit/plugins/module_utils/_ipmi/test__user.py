# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users: access, names and passwords."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _user as user
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._user import (
    EnableStatus,
    PasswordSize,
    UserAccess,
    UserName,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData

ACCESS = UserAccess(
    max_users=63,
    status=EnableStatus.UNKNOWN,
    enabled_users=2,
    fixed_names=1,
    callback=False,
    link_auth=False,
    ipmi_messaging=True,
    privilege=Privilege.ADMINISTRATOR,
)


class TestAccess:
    """Get and Set User Access."""

    @pytest.mark.parametrize(
        ("wire", "access"),
        [
            # ipmi.md 8: read access.
            ("3F 02 01 14", ACCESS),
            # ipmi.md 5.3, command 44: status in 7:6.
            ("3F 42 01 14", replace(ACCESS, status=EnableStatus.ENABLED)),
            ("3F 82 01 14", replace(ACCESS, status=EnableStatus.DISABLED)),
            ("3F C2 01 14", replace(ACCESS, status=EnableStatus.UNKNOWN)),
            # b6 callback, b5 link, b4 messaging, b3:0 limit.
            (
                "0A 4A 02 6F",
                UserAccess(10, EnableStatus.ENABLED, 10, 2, True, True, False, Privilege.NO_ACCESS),
            ),
            # Limit 0 on slots that were never set; 7 is not in the specification.
            ("3F 02 01 00", replace(ACCESS, ipmi_messaging=False, privilege=Privilege.UNSPECIFIED)),
            ("3F 02 01 17", replace(ACCESS, privilege=7)),
            # Reserved bits of bytes 1, 3 and 4, and a tail.
            ("FF 02 C1 94 77", ACCESS),
        ],
    )
    def test_from_wire(self, wire: str, access: UserAccess) -> None:
        assert UserAccess.from_wire(bytes.fromhex(wire)) == access

    @pytest.mark.parametrize("size", range(4))
    def test_short_answers(self, size: int) -> None:
        with pytest.raises(MalformedData, match="user access"):
            UserAccess.from_wire(bytes(size))

    @pytest.mark.parametrize(
        ("access", "wire"),
        [
            # ipmi.md 8: 91 05 04 00, here without the optional fourth byte.
            (ACCESS, "91 05 04"),
            (replace(ACCESS, callback=True, link_auth=True, privilege=Privilege.NO_ACCESS), "F1 05 0F"),
            (replace(ACCESS, ipmi_messaging=False, privilege=Privilege.CALLBACK), "81 05 01"),
        ],
    )
    def test_set_request(self, access: UserAccess, wire: str) -> None:
        assert access.set_request(1, 5) == bytes.fromhex(wire)

    def test_get_request(self) -> None:
        # ipmi.md 8: 06/44 01 02.
        assert user.get_access_request(1, 2) == bytes.fromhex("01 02")

    @given(st.binary(min_size=4, max_size=6), st.integers(0, 15), st.integers(1, 63))
    def test_what_is_written_is_what_was_read(self, answer: bytes, channel: int, user_id: int) -> None:
        access = UserAccess.from_wire(answer)
        request = access.set_request(channel, user_id)
        assert len(request) == 3
        assert request[0] == 0x80 | answer[3] & 0x70 | channel
        assert request[1] == user_id
        assert UserAccess.from_wire(answer[:3] + bytes([request[0] & 0x70 | request[2]])) == access


class TestName:
    """Get and Set User Name."""

    @pytest.mark.parametrize(
        ("name", "wire"),
        [
            ("bob", "62 6F 62" + "00" * 13),  # ipmi.md 8
            ("", "00" * 16),
            ("0123456789abcdef", "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66"),
            ("jürgen", "6A FC 72 67 65 6E" + "00" * 10),
            ("ÿ" * 16, "FF" * 16),
        ],
    )
    def test_bytes(self, name: str, wire: str) -> None:
        data = bytes.fromhex(wire)
        assert UserName.from_wire(data) == UserName(name)
        assert UserName.from_wire(data + b"tail") == UserName(name)
        assert UserName(name).to_wire() == data
        assert user.name_request(5, name) == b"\x05" + data

    @pytest.mark.parametrize(("wire", "name"), [("", ""), ("62 6F", "bo"), ("62 00 6F" + "00" * 13, "b")])
    def test_the_name_ends_at_a_nul_or_the_end(self, wire: str, name: str) -> None:
        assert UserName.from_wire(bytes.fromhex(wire)).name == name

    @pytest.mark.parametrize("name", ["0123456789abcdefg", "a\0b", "λ"])
    def test_names_that_cannot_be_stored(self, name: str) -> None:
        with pytest.raises(ValueError, match="the text"):
            UserName(name)
        with pytest.raises(ValueError, match="the text"):
            user.name_request(5, name)

    @given(st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=16))
    def test_round_trip(self, name: str) -> None:
        assert UserName.from_wire(UserName(name).to_wire()).name == name

    def test_get_request(self) -> None:
        assert user.get_name_request(5) == b"\x05"


class TestPassword:
    """Set User Password, operations set, test, enable and disable."""

    def test_set(self) -> None:
        # ipmi.md 8: 05 02 ...16, 85 02 ...20.
        short = user.set_password_request(5, b"secret", PasswordSize.SIXTEEN)
        assert short == b"\x05\x02secret" + bytes(10)
        assert user.set_password_request(5, b"secret", PasswordSize.TWENTY) == b"\x85\x02secret" + bytes(14)

    def test_test(self) -> None:
        # ipmi.md 8: test 05 03, 85 03.
        assert user.test_password_request(5, b"x" * 16, PasswordSize.SIXTEEN) == b"\x05\x03" + b"x" * 16
        assert user.test_password_request(5, b"x" * 20, PasswordSize.TWENTY) == b"\x85\x03" + b"x" * 20

    @pytest.mark.parametrize("size", PasswordSize)
    @pytest.mark.parametrize("request_of", [user.set_password_request, user.test_password_request])
    def test_a_password_that_is_too_long_is_not_shown(
        self, request_of: t.Callable[[int, bytes, PasswordSize], bytes], size: PasswordSize
    ) -> None:
        assert len(request_of(5, b"s" * size, size)) == 2 + size
        with pytest.raises(ValueError, match=f"^the password has more than {int(size)} bytes$"):
            request_of(5, b"s" * (size + 1), size)

    def test_enable_and_disable(self) -> None:
        # ipmi.md 8: FreeIPMI 05 01, ipmitool 05 01 00x16.
        assert user.enable_request(5, padded=False) == bytes.fromhex("05 01")
        assert user.enable_request(5) == bytes.fromhex("05 01" + "00" * 16)
        assert user.disable_request(5, padded=False) == bytes.fromhex("05 00")
        assert user.disable_request(5) == bytes.fromhex("05 00" + "00" * 16)


@pytest.mark.parametrize(
    "make",
    [
        lambda: user.get_access_request(16, 2),
        lambda: user.get_access_request(1, 0),
        lambda: user.get_access_request(1, 64),
        lambda: ACCESS.set_request(1, 64),
        lambda: ACCESS.set_request(-1, 2),
        lambda: user.get_name_request(64),
        lambda: user.name_request(0, "bob"),
        lambda: user.set_password_request(64, b"", PasswordSize.SIXTEEN),
        lambda: user.enable_request(0),
        lambda: user.disable_request(64),
        lambda: replace(ACCESS, privilege=16),
        lambda: replace(ACCESS, max_users=64),
        lambda: replace(ACCESS, enabled_users=64),
        lambda: replace(ACCESS, fixed_names=64),
    ],
)
def test_values_that_do_not_fit_are_refused(make: t.Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()

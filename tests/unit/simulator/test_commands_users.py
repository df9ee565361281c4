# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The user table: what a BMC answers, and what each personality makes of it."""

from __future__ import annotations

import pytest

from tests.unit.simulator.handlers import Bench, text


def test_the_factory_table() -> None:
    Bench().script(
        """
        06/44 01 02 -> 00 0a 41 01 34
        06/44 0e 02 -> 00 0a 41 01 34
        06/44 01 03 -> 00 0a 81 01 0f
        06/46 02 -> 00 41 44 4d 49 4e 00 00 00 00 00 00 00 00 00 00 00
        06/46 01 -> 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        06/44 01 0b -> c9
        06/44 01 00 -> c9
        06/44 07 02 -> cc
        06/44 0f 02 -> cc
        06/44 01 -> c7
        06/46 -> c7
        """
    )


def test_an_account_is_made() -> None:
    bench = Bench()
    assert bench.ask("06/45", "05 " + text("bob", 16)) == "00"
    assert bench.ask("06/47", "05 02 " + text("secret", 16)) == "00"
    bench.script(
        """
        06/43 91 05 04 00 -> 00
        06/47 05 01 -> 00
        06/44 01 05 -> 00 0a 42 01 14
        06/43 01 05 03 -> 00
        06/44 01 05 -> 00 0a 42 01 13
        06/43 f1 05 03 -> 00
        06/44 01 05 -> 00 0a 42 01 73
        06/4c 01 05 02 00 00 00 -> 00
        06/4d 01 05 -> 00 02 00 00 00
        06/4c 01 45 02 00 00 00 -> 00
        06/4d 01 05 -> 00 00 00 00 00
        06/47 05 00 -> 00
        06/44 01 05 -> 00 0a 81 01 73
        """
    )
    user = bench.state.users[5]
    assert (user.name, user.password, user.password_size) == (b"bob", b"secret", 16)


@pytest.mark.parametrize(
    ("stored", "tested", "answer"),
    [
        ("02 02 " + text("one", 16), "02 03 " + text("one", 16), "00"),
        ("02 02 " + text("one", 16), "02 03 " + text("two", 16), "80"),
        ("02 02 " + text("one", 16), "82 03 " + text("one", 20), "81"),
        ("82 02 " + text("one", 20), "82 03 " + text("one", 20), "00"),
        ("82 02 " + text("one", 20), "02 03 " + text("one", 16), "81"),
        ("82 02 " + text("a" * 20, 20), "82 03 " + text("a" * 19, 20), "80"),
    ],
)
def test_passwords_are_tested_by_size(stored: str, tested: str, answer: str) -> None:
    bench = Bench()
    assert bench.ask("06/47", stored) == "00"
    assert bench.ask("06/47", tested) == answer


@pytest.mark.parametrize(
    "request_bytes",
    ["02 02 " + text("x", 20), "82 02 " + text("x", 16), "02 02", "02", "02 03 00", "02 01 00"],
)
def test_a_password_of_a_wrong_length_is_refused(request_bytes: str) -> None:
    bench = Bench()
    assert bench.ask("06/47", request_bytes) == "c7"
    assert bench.state.users[2].password == b"ADMIN"


def test_the_null_user_keeps_its_name() -> None:
    bench = Bench()
    assert bench.ask("06/45", "01 " + text("root", 16)) == "cc"
    assert bench.state.users[1].name == b""


@pytest.mark.parametrize(
    ("traits", "steps"),
    [
        ({"max_users": 16, "fixed_names": [1, 2]}, f"06/45 02 {text('x', 16)} -> cc"),
        ({"max_users": 16, "fixed_names": [1, 2]}, "06/44 01 02 -> 00 10 41 02 34"),
        ({"reserved": [3], "reserved_code": 0xD5}, "06/43 91 03 04 -> d5"),
        ({"reserved": [3]}, f"06/45 03 {text('x', 16)} -> cc"),
        ({"reserved": [3]}, "06/4c 01 03 02 00 00 00 -> cc"),
        ({"name_pattern": "[a-z]*"}, f"06/45 03 {text('a b', 16)} -> cc"),
        ({"name_max": 4}, f"06/45 03 {text('abcde', 16)} -> cc"),
        ({"empty_name_code": 0xCC}, f"06/45 03 {text('', 16)} -> cc"),
        ({"unset_name_code": 0xCC}, "06/46 03 -> cc"),
        ({"duplicate_name_code": 0xCC}, f"06/45 03 {text('ADMIN', 16)} -> cc"),
        ({"duplicate_name_code": 0xCC}, f"06/45 02 {text('ADMIN', 16)} -> cc"),
        ({"password_sizes": [16]}, f"06/47 82 02 {text('x', 20)} -> c7"),
        ({"password_min": 8, "password_policy_code": 0x8F}, f"06/47 02 02 {text('short', 16)} -> 8f"),
        ({"password_classes": 3}, f"06/47 02 02 {text('lower-case', 16)} -> cc"),
        ({"password_classes": 3}, f"06/47 02 02 {text('Upper-1', 16)} -> 00"),
        ({"password_not_name": True}, f"06/47 02 02 {text('xADMINx', 16)} -> cc"),
        ({"test_password_code": 0xCC}, f"06/47 02 03 {text('ADMIN', 16)} -> cc"),
        ({"enable_without_password_code": 0xD5}, "06/47 03 01 -> d5"),
        ({"enable_without_name_code": 0xCC}, "06/47 03 01 -> cc"),
        ({"redundant_disable_code": 0xCC}, "06/47 03 00 -> cc"),
        ({"enable_needs_password_bytes": True}, "06/47 02 00 -> c7"),
        ({"enable_needs_password_bytes": True}, f"06/47 02 00 {text('', 16)} -> 00"),
        ({"reports_enable_status": False}, "06/44 01 02 -> 00 0a 01 01 34"),
        ({"access_without_name_code": 0xCC}, "06/43 91 03 04 -> cc"),
        ({"payload_without_name_code": 0xCC}, "06/4d 01 03 -> cc"),
        ({"unspecified_privilege_code": 0xCC}, "06/43 91 03 00 -> cc"),
        ({"unused_privilege": 0}, "06/44 01 03 -> 00 0a 81 01 00"),
        ({}, "06/43 91 03 07 -> cc"),
        ({}, "06/43 91 03 -> c7"),
        ({}, "06/43 91 03 04 00 00 -> c7"),
    ],
)
def test_rules_of_a_personality(traits: dict[str, object], steps: str) -> None:
    Bench(users=traits).script(steps)


def test_a_session_limit_can_be_written_only() -> None:
    bench = Bench()
    bench.script("06/43 01 02 04 03 -> 00\n06/44 01 02 -> 00 0a 41 01 34\n06/43 01 02 04 -> 00")
    assert bench.state.users[2].access[1].session_limit == 3


def test_enabling_forgives_failed_logins() -> None:
    bench = Bench()
    user = bench.state.users[2]
    user.failed, user.locked_until = 3, 5.0
    bench.script("06/47 02 01 -> 00")
    assert user.failed == 0
    assert user.locked_until is None


def test_a_user_may_not_write() -> None:
    bench = Bench()
    bench.session.privilege = bench.session.privilege.__class__(3)
    bench.script("06/47 02 00 -> d4\n06/43 01 02 04 -> d4\n06/44 01 02 -> 00 ..")


def test_payloads_of_a_channel() -> None:
    Bench().script(
        """
        06/4e 0e -> 00 03 00 3f 00 00 00 00 00
        06/4e 0f -> 00 00 00 00 00 00 00 00 00
        06/4e 0b -> cc
        06/4f 01 01 -> 00 10
        06/4f 01 02 -> 80
        06/4c 01 02 02 00 00 -> c7
        06/4c 01 82 02 00 00 00 -> cc
        06/4c 01 02 00 00 01 00 -> 00
        06/4d 01 02 -> 00 02 00 01 00
        """
    )

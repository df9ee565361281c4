# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Channels, keys, the controller's own commands."""

from __future__ import annotations

from tests.unit.simulator.handlers import Bench, text

KEY = "11 " * 20


def test_channel_access_has_two_copies_and_disable_bits() -> None:
    bench = Bench()
    bench.script(
        """
        06/41 01 80 -> 00 02 04
        06/41 01 40 -> 00 02 04
        06/40 01 aa 83 -> 00
        06/41 01 80 -> 00 2a 03
        06/41 01 40 -> 00 02 04
        06/40 01 52 42 -> 00
        06/41 01 40 -> 00 12 02
        06/40 01 00 84 -> 00
        06/41 01 80 -> 00 2a 04
        """
    )
    volatile = bench.state.channels[1].volatile
    assert (volatile.pef_alerting, volatile.per_message_auth, volatile.user_level_auth) == (
        False,
        True,
        False,
    )
    bench.state.restart()
    bench.script("06/41 01 80 -> 00 12 02")


def test_channel_access_refusals() -> None:
    bench = Bench(channels={1: {"modes": [2, 3]}, 15: {"medium": 12, "session_support": 0}})
    bench.script(
        """
        06/41 01 00 -> cc
        06/41 01 c0 -> cc
        06/41 0f 80 -> 82
        06/40 0f 82 84 -> 82
        06/40 01 80 84 -> 83
        06/40 01 82 80 -> cc
        06/40 01 82 86 -> cc
        06/40 01 c2 84 -> cc
        06/40 01 82 -> c7
        06/41 09 80 -> cc
        06/41 01 80 -> 00 02 04
        """
    )


def test_a_board_that_writes_both_copies() -> None:
    bench = Bench(channels={1: {"non_volatile_sets_both": True}})
    bench.script("06/40 01 41 43 -> 00\n06/41 01 80 -> 00 01 03")


def test_channel_info() -> None:
    Bench().script(
        """
        06/42 01 -> 00 01 04 01 81 f2 1b 00 00 00
        06/42 0e -> 00 01 04 01 81 f2 1b 00 00 00
        06/42 0f -> 00 0f 0c 05 00 f2 1b 00 00 00
        06/42 02 -> cc
        06/42 -> c7
        """
    )


def test_kg_is_set_read_where_allowed_and_locked() -> None:
    bench = Bench(device={"kg_read_code": 0})
    bench.script(
        f"""
        06/56 01 00 01 -> 00 02 {"00 " * 20}
        06/56 01 01 01 {KEY} -> 00 02
        06/56 01 00 01 -> 00 02 {KEY}
        06/56 01 01 01 11 11 -> 81
        06/56 01 01 01 {KEY} 11 -> 82
        06/56 01 01 02 {KEY} -> cc
        06/56 01 02 01 -> 00 01
        06/56 01 01 01 {KEY} -> 80
        """.replace(" \n", "\n")
    )
    assert bench.state.kg == bytes.fromhex(KEY)


def test_kg_cleared_by_zeros_and_kept_from_readers() -> None:
    bench = Bench()
    bench.script(f"06/56 01 01 01 {KEY} -> 00 02\n06/56 01 00 01 -> cc")
    bench.script(f"06/56 01 01 01 {'00 ' * 20} -> 00 02")
    assert bench.state.kg is None


def test_device_id() -> None:
    device = {"manufacturer_id": 0x2A7C, "product_id": 0x1234, "aux_firmware": "01020304"}
    bench = Bench(device=device)
    bench.script(
        """
        06/01 -> 00 20 81 01 23 02 bf 7c 2a 00 34 12 01 02 03 04
        06/01 00 -> c7
        06/04 -> 00 55 00
        06/08 -> 00 55 44 33 22 11 02 00 80 00 40 73 74 68 67 69 6c
        06/07 -> 00 05 00
        06/2f -> 00 08
        06/2e 0f -> 00
        06/2f -> 00 0f
        06/2e 10 -> cc
        """
    )


def test_resets_are_told_to_the_bmc() -> None:
    bench = Bench(device={"warm_reset_code": 0xC1})
    bench.script("06/03 -> c1\n06/02 -> 00")
    bench.clock.advance(0.1)
    assert bench.bmc.resetting


def test_system_info() -> None:
    bench = Bench()
    long = "a name with more than fourteen characters"
    head = long.encode()[:14].hex(" ")
    bench.script(
        f"""
        06/59 00 02 00 00 -> 00 11 00 00 05 6e 6f 64 65 37 {"00 " * 8}00
        06/59 00 00 00 00 -> 00 11 00
        06/59 80 02 00 00 -> 00 11
        06/58 02 00 00 29 {head} -> 00
        06/58 02 01 {long.encode()[14:30].hex(" ")} -> 00
        06/59 00 02 00 00 -> 00 11 00 00 29 {head}
        06/59 00 02 01 00 -> 00 11 01 {long.encode()[14:30].hex(" ")}
        06/59 00 02 09 00 -> c9
        06/59 00 63 00 00 -> 80
        06/58 63 00 00 -> 80
        06/58 00 01 -> 00
        06/58 00 01 -> 81
        06/58 00 00 -> 00
        06/59 00 02 00 -> c7
        """
    )
    Bench(device={"system_info_code": 0xD4}).script(f"06/59 00 02 00 00 -> d4\n06/58 02 00 {text('x', 16)} -> d4")


def test_watchdog() -> None:
    bench = Bench()
    bench.script(
        """
        06/22 -> 80
        06/24 04 01 05 3e 64 00 -> 00
        06/25 -> 00 04 01 05 00 64 00 64 00
        06/22 -> 00
        """
    )
    bench.clock.advance(5)
    bench.script("06/25 -> 00 44 01 05 00 64 00 32 00")
    bench.clock.advance(6)
    bench.script("06/25 -> 00 04 01 05 10 64 00 00 00")

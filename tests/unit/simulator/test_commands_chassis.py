# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chassis and boot options."""

from __future__ import annotations

import pytest

from tests.unit.simulator.handlers import Bench


def test_status_and_power() -> None:
    bench = Bench()
    bench.script("00/01 -> 00 00 00 40 f0\n00/02 01 -> 00")
    bench.clock.advance(5)
    bench.script("00/01 -> 00 01 10 40 f0\n00/07 -> 00 01 01\n00/02 05 -> 00")
    bench.clock.advance(10)
    bench.script("00/01 -> 00 00 10 40 f0\n00/02 06 -> cc\n00/02 -> c7")


def test_status_without_its_fourth_byte() -> None:
    Bench(chassis={"status_front_panel": False}).script("00/01 -> 00 00 00 40")


def test_identify_ends_by_itself() -> None:
    bench = Bench()
    bench.script("00/04 -> 00\n00/01 -> 00 00 00 50 f0")
    bench.clock.advance(14)
    bench.script("00/01 -> 00 00 00 50 f0")
    bench.clock.advance(1)
    bench.script("00/01 -> 00 00 00 40 f0\n00/04 00 01 -> 00\n00/01 -> 00 00 00 60 f0")
    bench.clock.advance(1000)
    bench.script(
        """
        00/01 -> 00 00 00 60 f0
        00/04 00 -> 00
        00/01 -> 00 00 00 40 f0
        00/04 0a -> 00
        00/01 -> 00 00 00 50 f0
        00/04 01 02 03 -> c7
        """
    )
    Bench(chassis={"identify_force": False}).script("00/04 00 01 -> c7")
    Bench(chassis={"identify_shown": 3}).script("00/04 00 01 -> 00\n00/01 -> 00 00 00 70 f0")


def test_restore_policy() -> None:
    bench = Bench(chassis={"restore_policies": 5})
    bench.script(
        """
        00/06 03 -> 00 05
        00/06 02 -> 00 05
        00/01 -> 00 40 00 40 f0
        00/06 03 -> 00 05
        00/01 -> 00 40 00 40 f0
        00/06 01 -> cc
        00/06 04 -> cc
        """
    )


def test_front_panel_interval_hours() -> None:
    bench = Bench(chassis={"front_panel": 0x03})
    bench.script(
        """
        00/0a 01 -> 00
        00/01 -> 00 00 00 40 31
        00/0a 08 -> cc
        00/0b 14 -> 00
        00/0f -> 00 3c 00 00 00 00
        00/00 -> 00 00 20 20 20 20 20
        00/05 01 20 20 20 22 -> 00
        00/00 -> 00 01 20 20 20 22 20
        """
    )
    assert bench.state.chassis.cycle_interval == 20
    bench.script("00/02 01 -> 00")
    bench.clock.advance(7300)
    bench.script("00/0f -> 00 3c 02 00 00 00")
    Bench(chassis={"poh_minutes": 0}).script("00/0f -> c1")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("01 02", "02"),
        ("02 01", "01"),
        ("03 1f", "1f"),
        ("05 e0 04 00 00 00", "e0 04 00 00 00"),
        ("05 80 18 02 00 11", "80 18 02 00 11"),
        ("06 01 01 02 03 04 05 06 07 08", "01 01 02 03 04 05 06 07 08"),
        ("07 00 " + "f2 1b 00 " + "aa " * 13, "00 f2 1b 00 " + "aa " * 13),
    ],
)
def test_a_boot_option_keeps_what_is_written(written: str, shown: str) -> None:
    number = written[:2]
    Bench().script(f"00/08 {written} -> 00\n00/09 {number} 00 00 -> 00 01 {number} {shown.strip()}")


def test_boot_options_as_ipmitool_writes_them() -> None:
    bench = Bench()
    bench.script(
        """
        00/09 05 00 00 -> 00 01 05 00 00 00 00 00
        00/08 00 01 -> 00
        00/08 00 01 -> 81
        00/08 04 01 01 -> 00
        00/09 04 00 00 -> 00 01 04 00 01
        00/08 05 80 04 00 00 00 -> 00
        00/08 00 02 -> 00
        00/08 00 00 -> 00
        00/09 05 00 00 -> 00 01 05 80 04 00 00 00
        00/08 04 01 00 -> 00
        00/09 04 00 00 -> 00 01 04 00 00
        00/08 84 -> 00
        00/09 04 00 00 -> 00 01 84 00 00
        00/08 04 01 00 -> 00
        00/09 04 00 00 -> 00 01 04 00 00
        00/08 05 80 04 00 00 -> c7
        00/08 05 80 34 00 00 00 -> cc
        00/08 08 00 -> 80
        00/09 08 00 00 -> 80
        00/09 07 10 00 -> c9
        00/09 05 00 -> c7
        """
    )


def test_flags_lose_valid_after_a_minute() -> None:
    bench = Bench()
    bench.script("00/08 05 80 04 00 00 00 -> 00")
    bench.clock.advance(59)
    bench.script("00/09 05 00 00 -> 00 01 05 80 04 00 00 00")
    bench.clock.advance(1)
    bench.script("00/09 05 00 00 -> 00 01 05 00 04 00 00 00")


def test_flags_stay_with_the_timeout_off() -> None:
    for order in (("03 08", "05 80 04 00 00 00"), ("05 80 04 00 00 00", "03 08")):
        bench = Bench()
        bench.script("\n".join(f"00/08 {step} -> 00" for step in order))
        bench.clock.advance(3600)
        bench.script("00/09 05 00 00 -> 00 01 05 80 04 00 00 00")


def test_a_boot_uses_a_request_for_one_boot_up() -> None:
    bench = Bench()
    bench.script("00/08 05 80 04 00 00 00 -> 00\n00/02 01 -> 00")
    bench.clock.advance(30)
    bench.script("00/09 05 00 00 -> 00 01 05 00 04 00 00 00\n00/08 05 c0 08 00 00 00 -> 00\n00/02 03 -> 00")
    bench.clock.advance(300)
    bench.script("00/09 05 00 00 -> 00 01 05 c0 08 00 00 00")


def test_boot_options_that_a_maker_leaves_out() -> None:
    traits = {
        "boot": {"unsupported": {0: 0x80, 3: 0xCC}},
        "boot_devices": [0, 1, 2],
        "boot_device_code": 0xFF,
    }
    Bench(chassis=traits).script(
        """
        00/08 00 01 -> 80
        00/09 00 00 00 -> 80
        00/08 03 08 -> cc
        00/08 05 80 14 00 00 00 -> ff
        00/08 05 80 08 00 00 00 -> 00
        """
    )

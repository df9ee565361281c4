# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LAN and SOL configuration."""

from __future__ import annotations

import pytest

from tests.unit.simulator.handlers import Bench, text


def test_what_a_fresh_bmc_shows() -> None:
    Bench().script(
        f"""
        0c/02 01 00 00 00 -> 00 11 00
        0c/02 81 03 00 00 -> 00 11
        0c/02 01 01 00 00 -> 00 11 14
        0c/02 01 02 00 00 -> 00 11 14 14 14 14 00
        0c/02 01 03 00 00 -> 00 11 7f 28 00 07
        0c/02 0e 03 00 00 -> 00 11 7f 28 00 07
        0c/02 01 04 00 00 -> 00 11 01
        0c/02 01 05 00 00 -> 00 11 02 11 22 33 44 55
        0c/02 01 06 00 00 -> 00 11 ff ff 00 00
        0c/02 01 07 00 00 -> 00 11 40 40 10
        0c/02 01 08 00 00 -> 00 11 6f 02
        0c/02 01 09 00 00 -> 00 11 98 02
        0c/02 01 0a 00 00 -> 00 11 02
        0c/02 01 0c 00 00 -> 00 11 7f 28 00 01
        0c/02 01 10 00 00 -> 00 11 {text("public", 18)}
        0c/02 01 11 00 00 -> 00 11 04
        0c/02 01 12 01 00 -> 00 11 01 00 00 00
        0c/02 01 13 01 00 -> 00 11 01 00 00 00 00 00 00 00 00 00 00 00 00
        0c/02 01 14 00 00 -> 00 11 00 00
        0c/02 01 16 00 00 -> 00 11 05
        0c/02 01 17 00 00 -> 00 11 00 00 01 02 03 11
        0c/02 01 18 00 00 -> 00 11 00 44 44 04 00 00 00 00 00
        0c/02 01 1a 00 00 -> 00 11 00 00 00 00 00 00
        0c/02 01 c0 00 00 -> 80
        0c/02 01 1b 00 00 -> 80
        0c/02 00 03 00 00 -> cc
        0c/02 09 03 00 00 -> cc
        0c/02 01 03 00 -> c7
        """
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("03 0a 01 02 03", "0a 01 02 03"),
        ("04 01", "01"),
        ("05 02 00 00 00 00 09", "02 00 00 00 00 09"),
        ("06 ff ff ff 00", "ff ff ff 00"),
        ("07 20 40 11", "20 40 11"),
        ("08 70 02", "70 02"),
        ("0a 03", "03"),
        ("0b 07", "07"),
        ("0c 0a 01 02 01", "0a 01 02 01"),
        ("0d 02 00 00 00 00 01", "02 00 00 00 00 01"),
        ("0e 0a 01 02 02", "0a 01 02 02"),
        ("0f 02 00 00 00 00 02", "02 00 00 00 00 02"),
        ("10 " + text("rack", 18), text("rack", 18)),
        ("14 64 80", "64 80"),
        ("14 64 00", "64 00"),
        ("14 00 00", "00 00"),
        ("15 05", "05"),
        ("18 00 44 24 00 00 00 00 00 00", "00 44 24 00 00 00 00 00 00"),
        ("1a 01 03 06 00 1e 00", "01 03 06 00 1e 00"),
        ("33 01", "01"),
        ("34 08", "08"),
        ("35 20", "20"),
        ("36 01 23 45", "01 23 45"),
        ("40 03", "03"),
        ("41 " + "fd " * 16, "fd " * 16),
        ("42 02 00 00 00 00 03", "02 00 00 00 00 03"),
        ("43 40", "40"),
        ("48 " + "fe " * 16, "fe " * 16),
    ],
)
def test_a_parameter_keeps_what_is_written(written: str, shown: str) -> None:
    bench = Bench()
    bench.script(f"0c/01 01 {written} -> 00\n0c/02 01 {written[:2]} 00 00 -> 00 11 {shown.strip()}")


@pytest.mark.parametrize(
    ("written", "selector", "shown"),
    [
        ("12 02 80 05 03", "02 00", "02 80 05 03"),
        ("13 02 00 01 0a 00 00 05 02 00 00 00 00 07", "02 00", "02 00 01 0a 00 00 05 02 00 00 00 00 07"),
        ("13 02 10 " + "fd " * 16, "02 00", "02 10 " + "fd " * 16),
        ("19 02 01 64 80", "02 00", "02 01 64 80"),
        ("38 00 80 " + "fd " * 16 + "40", "00 00", "00 80 " + "fd " * 16 + "40 00"),
        ("38 00 00 " + "fd " * 16 + "40 00", "00 00", "00 00 " + "fd " * 16 + "40 01"),
        ("3a 00 00 " + "0d " * 16, "00 00", "00 00 " + "0d " * 16),
        ("3f 00 01 " + "07 " * 16, "00 01", "00 01 " + "07 " * 16),
        ("50 00 00 " + "08 " * 16, "00 00", "00 00 " + "08 " * 16),
    ],
)
def test_a_parameter_with_a_selector(written: str, selector: str, shown: str) -> None:
    bench = Bench()
    read = f"0c/02 01 {written[:2]} {selector} -> 00 11 {shown.strip()}"
    bench.script(f"0c/01 01 {written} -> 00\n{read}")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("03 0a 01 02", "c7"),
        ("04 00", "cc"),
        ("04 04", "cc"),
        ("01 00", "82"),
        ("11 03", "82"),
        ("16 03", "82"),
        ("17 00 01", "82"),
        ("32 00", "82"),
        ("3b 00", "82"),
        ("02 ff 14 14 14 00", "cc"),
        ("12 05 00 00 00", "c9"),
        ("12 01 01 00 00", "cc"),
        ("13 01 20 00 0a 00 00 05 02 00 00 00 00 07", "cc"),
        ("13 01 10 00 0a 00 00 05 02 00 00 00 00 07", "c7"),
        ("14 ff 8f", "c9"),
        ("14 00 80", "c9"),
        ("15 08", "cc"),
        ("18 00 06 00 00 00 00 00 00 00", "cc"),
        ("33 03", "cc"),
        ("38 05 80 " + "fd " * 16 + "40", "c9"),
        ("38 00 81 " + "fd " * 16 + "40", "cc"),
        ("38 00 80 " + "fd " * 16 + "81", "cc"),
        ("c0 00", "80"),
    ],
)
def test_refused_writes_change_nothing(written: str, code: str) -> None:
    bench = Bench()
    before = bench.state.to_json()
    bench.script(f"0c/01 01 {written} -> {code}")
    assert bench.state.to_json() == before
    assert bench.moved == []


def test_ipv6_facts() -> None:
    Bench().script(
        """
        0c/02 01 32 00 00 -> 00 11 07
        0c/02 01 37 00 00 -> 00 11 01 01 03
        0c/02 01 3b 00 00 -> 00 11 00 01 fe 80 00 00 00 00 00 00 00 11 22 ff fe 33 44 55 40 00
        0c/02 01 3b 01 00 -> c9
        0c/02 01 49 00 00 -> 00 11 00
        0c/02 01 4a 00 00 -> c9
        0c/02 01 4e 00 00 -> 00 11 40
        """
    )
    Bench(lan={"ipv6": False}).script("0c/02 01 32 00 00 -> 80\n0c/01 01 33 01 -> 80")


def test_set_in_progress_without_rollback() -> None:
    bench = Bench()
    bench.script(
        """
        0c/01 01 00 01 -> 00
        0c/01 01 00 01 -> 81
        0c/02 01 00 00 00 -> 00 11 01
        0c/01 01 14 64 80 -> 00
        0c/02 01 14 00 00 -> 00 11 64 80
        0c/01 01 00 02 -> 00
        0c/01 01 00 03 -> cc
        0c/01 01 00 00 -> 00
        0c/02 01 00 00 00 -> 00 11 00
        """
    )
    Bench(lan={"commit_code": 0xCC}).script("0c/01 01 00 02 -> cc")


def test_set_in_progress_with_rollback() -> None:
    bench = Bench(lan={"rollback": True})
    bench.script(
        """
        0c/01 01 00 01 -> 00
        0c/01 01 03 0a 00 00 09 -> 00
        0c/02 01 03 00 00 -> 00 11 7f 28 00 07
        0c/01 01 00 00 -> 00
        0c/02 01 03 00 00 -> 00 11 7f 28 00 07
        """
    )
    assert bench.moved == []
    bench.script(
        """
        0c/01 01 00 01 -> 00
        0c/01 01 03 0a 00 00 09 -> 00
        0c/01 01 00 02 -> 00
        0c/02 01 03 00 00 -> 00 11 0a 00 00 09
        0c/02 01 00 00 00 -> 00 11 01
        0c/01 01 00 00 -> 00
        0c/01 01 00 02 -> cc
        """
    )
    assert bench.moved == [1]


def test_the_network_changes_only_when_it_differs() -> None:
    bench = Bench()
    bench.script("0c/01 01 03 7f 28 00 07 -> 00\n0c/01 01 14 64 00 -> 00\n0c/01 01 15 03 -> 00")
    assert bench.moved == []
    bench.script("0c/01 01 03 7f 28 00 08 -> 00\n0c/01 01 14 64 80 -> 00")
    assert bench.moved == [1, 1]


def test_the_network_changes_at_set_complete() -> None:
    bench = Bench(lan={"on_complete": True})
    bench.script("0c/01 01 00 01 -> 00\n0c/01 01 03 7f 28 00 08 -> 00\n0c/01 01 14 64 80 -> 00")
    assert bench.moved == []
    bench.script("0c/01 01 00 00 -> 00")
    assert bench.moved == [1]


@pytest.mark.parametrize(
    ("traits", "steps"),
    [
        ({"address_with_dhcp": "refuse"}, "0c/01 01 03 01 02 03 04 -> d5"),
        ({"address_with_dhcp": "refuse", "address_with_dhcp_code": 0xCC}, "0c/01 01 03 01 02 03 04 -> cc"),
        ({"address_with_dhcp": "ignore"}, "0c/01 01 03 01 02 03 04 -> 00\n0c/02 01 03 00 00 -> 00 11 7f 28 00 07"),
        ({}, "0c/01 01 03 01 02 03 04 -> 00\n0c/02 01 03 00 00 -> 00 11 01 02 03 04"),
    ],
)  # fmt: skip
def test_an_address_in_dhcp_mode(traits: dict[str, object], steps: str) -> None:
    bench = Bench(lan=traits)
    bench.state.lan[1].source = 2
    bench.script(steps)
    bench.script("0c/01 01 04 01 -> 00\n0c/01 01 03 05 06 07 08 -> 00\n0c/02 01 03 00 00 -> 00 11 05 06 07 08")


def test_parameters_that_a_maker_leaves_out() -> None:
    traits = {
        "parameters": {"unsupported": {26: 0xC9, 0: 0x80}, "read_only": {2: 0xD5}, "ignored": [5]},
        "netmask_resets_gateway": True,
    }
    Bench(lan=traits).script(
        """
        0c/02 01 1a 00 00 -> c9
        0c/01 01 1a 01 03 06 00 1e 00 -> c9
        0c/02 01 00 00 00 -> 80
        0c/01 01 00 01 -> 80
        0c/01 01 02 14 14 14 14 00 -> d5
        0c/02 01 02 00 00 -> 00 11 14 14 14 14 00
        0c/01 01 05 02 00 00 00 00 01 -> 00
        0c/02 01 05 00 00 -> 00 11 02 11 22 33 44 55
        0c/01 01 06 ff ff ff 00 -> 00
        0c/02 01 0c 00 00 -> 00 11 00 00 00 00
        """
    )


@pytest.mark.parametrize(("index", "limits"), [("position", {0: 4, 3: 2, 17: 3, 6: 0}), ("id", {0: 4, 3: 3, 17: 5})])
def test_a_suite_s_limit_by_both_conventions(index: str, limits: dict[int, int]) -> None:
    lan = {"cipher_suites": [0, 3, 17], "cipher_privileges": [4, 2, 3, 3], "cipher_index": index}
    bench = Bench(lan=lan)
    assert {suite: bench.state.suite_limit(1, suite) for suite in limits} == limits


def test_arps_and_statistics() -> None:
    bench = Bench()
    bench.bmc.counters.datagrams, bench.bmc.counters.dropped = 0x10001, 0xFFFF
    bench.script(
        """
        0c/01 01 0a 03 -> 00
        0c/03 01 01 -> 00 02
        0c/03 01 00 -> 00 03
        0c/04 01 00 -> 00 ff ff 00 00 00 00 00 00 02 00 ff ff 02 00 00 00 00 00
        0c/04 01 01 -> 00 ff ..
        0c/04 01 00 -> 00 00 ..
        """
    )


def test_sol_parameters() -> None:
    bench = Bench()
    bench.script(
        """
        0c/22 01 00 00 00 -> 00 11 00
        0c/22 81 00 00 00 -> 00 11
        0c/22 01 01 00 00 -> 00 11 01
        0c/22 01 02 00 00 -> 00 11 02
        0c/22 01 03 00 00 -> 00 11 0c 60
        0c/22 01 04 00 00 -> 00 11 07 32
        0c/22 01 05 00 00 -> 00 11 0a
        0c/22 01 06 00 00 -> 00 11 0a
        0c/22 01 07 00 00 -> 00 11 01
        0c/22 01 08 00 00 -> 00 11 6f 02
        0c/22 01 09 00 00 -> 80
        0c/22 00 01 00 00 -> cc
        0c/21 01 00 01 -> 00
        0c/21 01 00 01 -> 81
        0c/21 01 01 00 -> 00
        0c/22 01 01 00 00 -> 00 11 00
        0c/21 01 02 c4 -> 00
        0c/22 01 02 00 00 -> 00 11 c4
        0c/21 01 02 01 -> cc
        0c/21 01 03 06 30 -> 00
        0c/22 01 03 00 00 -> 00 11 06 30
        0c/21 01 03 00 30 -> cc
        0c/21 01 04 03 14 -> 00
        0c/22 01 04 00 00 -> 00 11 03 14
        0c/21 01 05 06 -> 00
        0c/21 01 06 07 -> 00
        0c/22 01 05 00 00 -> 00 11 06
        0c/22 01 06 00 00 -> 00 11 07
        0c/21 01 05 03 -> cc
        0c/21 01 07 01 -> 82
        0c/21 01 08 70 02 -> 00
        0c/22 01 08 00 00 -> 00 11 70 02
        0c/21 01 08 70 -> c7
        0c/21 01 00 02 -> 00
        0c/21 01 00 00 -> 00
        """
    )
    bench.state.restart()
    bench.script("0c/22 01 06 00 00 -> 00 11 06")


def test_sol_without_some_parameters() -> None:
    traits = {"parameters": {"unsupported": {4: 0x80}}, "bit_rates": [0, 10], "commit_code": 0x80}
    Bench(sol=traits).script(
        "0c/22 01 04 00 00 -> 80\n0c/21 01 05 09 -> cc\n0c/21 01 05 00 -> 00\n0c/21 01 00 02 -> 80"
    )


def test_serial_parameters() -> None:
    serial = {"medium": 5, "session_support": 1, "payload_types": 0}
    bench = Bench(channels={1: {}, 2: serial})
    bench.script(
        """
        0c/11 02 03 00 00 -> 00 11 87
        0c/10 02 03 04 -> 00
        0c/11 02 03 00 00 -> 00 11 04
        0c/10 02 07 00 -> c7
        0c/10 02 01 00 -> 82
        0c/11 02 63 00 00 -> 80
        0c/10 02 00 01 -> 00
        0c/10 02 00 01 -> 81
        0c/11 01 03 00 00 -> cc
        0c/11 82 03 00 00 -> 00 11
        """
    )

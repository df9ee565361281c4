# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The makers' own commands for the port that the BMC uses, with ipmitool and FreeIPMI as witnesses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator import personalities
from tests.simulator.faults import is_write
from tests.unit.simulator.clients import witness
from tests.unit.simulator.handlers import Bench

IDRAC_13G = "0000000000000000200000"  # the last generation that ipmitool 1.8.19 knows


def test_dell() -> None:
    Bench(nic_mode={"style": "dell", "value": "0100"}).script(
        """
        30/29         -> 00 01 00
        30/28 02 06   -> 00
        30/29         -> 00 02 06
        30/28 03 02   -> 00
        30/28 03 03   -> cc
        30/28 01 02   -> cc
        30/28 06 00   -> cc
        30/28 02 01   -> cc
        30/28 02      -> c7
        30/29         -> 00 03 02
        30/25         -> c1
        30/70 0c 00   -> c1
        """
    )


def test_dell_without_a_licence_has_no_dedicated_port() -> None:
    Bench(nic_mode={"style": "dell", "value": "0200", "refused": {1: 0x6F}}).script(
        """
        30/28 01 00   -> 6f
        30/29         -> 00 02 00
        30/28 05 00   -> 00
        30/29         -> 00 05 00
        """
    )


def test_dell_of_the_11th_generation() -> None:
    Bench(nic_mode={"style": "dell_11g", "value": "02"}).script(
        """
        30/25      -> 00 02
        30/24 03   -> 00
        30/24 04   -> cc
        30/25      -> 00 03
        30/29      -> c1
        """
    )


def test_supermicro() -> None:
    Bench(nic_mode={"style": "supermicro", "value": "02"}).script(
        """
        30/70 0c 00      -> 00 02
        30/70 0c 01 00   -> 00
        30/70 0c 01 03   -> cc
        30/70 0c 01      -> c7
        30/70 0d 00      -> cc
        30/70 0c         -> c7
        30/70 0c 00      -> 00 00
        """
    )


def test_lenovo_shows_the_new_port_after_a_while() -> None:
    bench = Bench(nic_mode={"style": "lenovo", "value": "01", "delay": 3})
    bench.script(
        """
        0C/02 01 c0 00 00   -> 00 11 01
        0C/01 01 c0 03      -> cc
        0C/01 01 c0 00 02   -> 00
        0C/02 01 c0 00 00   -> 00 11 01
        """
    )
    bench.clock.advance(3)
    assert bench.ask("0C/02", "01 c0 00 00") == "00 11 00 02"


def test_ilo_needs_a_reset() -> None:
    bench = Bench(nic_mode={"style": "ilo", "value": "00", "needs_reset": True})
    bench.script(
        """
        0C/02 01 e0 00 00         -> 00 11 00 00 00 00
        0C/01 01 e0 aa 55 02 ff   -> cc
        0C/01 01 e0 01            -> c7
        0C/01 01 e0 aa 55 01 ff   -> 00
        0C/02 01 e0 00 00         -> 00 11 00 00 00 01
        0C/01 01 c5 02 01 00      -> 00
        0C/02 01 c5 00 00         -> 00 11 02 01 03
        """
    )
    bench.state.restart()
    assert bench.ask("0C/02", "01 e0 00 00") == "00 11 00 00 01 00"


def test_nobody_else_has_one() -> None:
    Bench().script(
        """
        30/29               -> c1
        30/25               -> c1
        30/70 0c 00         -> c1
        0C/02 01 c0 00 00   -> 80
        0C/01 01 e0 01      -> 80
        """
    )


@pytest.mark.parametrize(
    ("maker", "style"),
    [("idrac9", "dell"), ("idrac10", "dell"), ("supermicro_x14", "supermicro"), ("lenovo_xcc", "lenovo"), ("ilo5", "ilo"), ("openbmc", "")],
)
def test_makers(maker: str, style: str) -> None:
    assert personalities.load(maker).traits.nic_mode.style == style


def test_reading_is_no_write() -> None:
    assert not is_write(0x30, 0x70, b"\x0c\x00")
    assert is_write(0x30, 0x70, b"\x0c\x01\x00")
    assert is_write(0x30, 0x28, b"\x01\x00")
    assert not is_write(0x30, 0x29, b"")


async def test_ipmitool_sets_and_shows_dell(tmp_path: Path) -> None:
    personality = {"nic_mode": {"style": "dell", "value": "0100"}, "device": {"system_info_oem": {0xDD: IDRAC_13G}}}
    async with witness(tmp_path, personality=personality) as running:
        assert "dedicated" in await running.ipmitool("delloem", "lan", "get")
        await running.ipmitool("delloem", "lan", "set", "shared", "with", "lom2")
        await running.ipmitool("delloem", "lan", "set", "shared", "with", "failover", "all", "loms")
        assert running.bmc.state.nic.value == bytes((3, 6))
        shown = await running.ipmitool("delloem", "lan", "get")
        assert "shared with lom2" in shown
        assert "failover all loms" in shown


async def test_freeipmi_sets_and_shows_dell_of_the_11th_generation(tmp_path: Path) -> None:
    async with witness(tmp_path, personality={"nic_mode": {"style": "dell_11g", "value": "02"}}) as running:
        assert "dedicated" in await running.freeipmi("ipmi-oem", "dell", "get-nic-selection")
        await running.freeipmi("ipmi-oem", "dell", "set-nic-selection", "shared_failover_all")
        assert running.bmc.state.nic.value == bytes((3,))


async def test_ipmitool_reads_supermicro_and_lenovo_raw(tmp_path: Path) -> None:
    async with witness(tmp_path, personality={"nic_mode": {"style": "supermicro", "value": "02"}}) as running:
        await running.ipmitool("raw", "0x30", "0x70", "0x0c", "1", "0")
        assert (await running.ipmitool("raw", "0x30", "0x70", "0x0c", "0")).split() == ["00"]
    async with witness(tmp_path, personality={"nic_mode": {"style": "lenovo", "value": "01"}}) as running:
        await running.ipmitool("raw", "0x0c", "1", "1", "0xc0", "0")
        assert (await running.ipmitool("raw", "0x0c", "2", "1", "0xc0", "0", "0")).split() == ["11", "00"]

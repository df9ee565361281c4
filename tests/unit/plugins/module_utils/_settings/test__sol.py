# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SOL table: what each option writes."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress, write_and_verify
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import SOL, plan_sol
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Target
from tests.unit.plugins.scripted import Scripted, identified, sol


@pytest.mark.parametrize(
    ("option", "value", "written"),
    [
        ("enabled", True, "01 01"),
        ("force_encryption", True, "02 82"),
        ("force_authentication", True, "02 42"),
        ("privilege", "administrator", "02 04"),
        ("accumulate_interval", 5, "03 01 60"),
        ("accumulate_interval", 1275, "03 FF 60"),
        ("send_threshold", 0, "03 0C 00"),
        ("retry_count", 0, "04 00 32"),
        ("retry_interval", 2550, "04 07 FF"),
        ("bit_rate_non_volatile", "115200", "05 0A"),
        ("bit_rate_volatile", "19200", "06 07"),
        ("bit_rate_volatile", "serial", "06 00"),
        ("payload_channel", 2, "07 02"),
        ("payload_port", 1623, "08 57 06"),
    ],
)
def test_what_an_option_writes(option: str, value: t.Any, written: str) -> None:
    bmc = Scripted()
    sol(bmc)
    plan = make_plan(Reader(bmc.bmc()), Instance(SOL, Target(1), "sol"), SOL.wanted({option: value}))
    write_and_verify(bmc.bmc(), plan, plan.changes, Progress())
    assert bmc.written[1:-2] == [f"0C/21 01 {written}"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("accumulate_interval", 0),
        ("accumulate_interval", 7),
        ("accumulate_interval", 1280),
        ("send_threshold", 256),
        ("retry_count", 8),
        ("retry_interval", 15),
        ("payload_port", 0),
        ("payload_port", 65536),
    ],
)
def test_what_cannot_be(option: str, value: int) -> None:
    with pytest.raises(BadOption, match=f"^{option}: "):
        SOL.wanted({option: value})


def test_an_interval_of_0_that_a_bmc_holds_can_be_read_and_kept() -> None:
    bmc = Scripted()
    sol(bmc, p3="00 60")
    plan = make_plan(Reader(bmc.bmc()), Instance(SOL, Target(1), "sol"), {"send_threshold": 1})
    write_and_verify(bmc.bmc(), plan, plan.changes, Progress())
    assert "0C/21 01 03 00 01" in bmc.written


def test_bit_rate_is_both_copies_the_volatile_first() -> None:
    bmc = identified(Scripted())
    sol(bmc)
    (cut,) = plan_sol(Reader(bmc.bmc()), {"bit_rate": "115200", "channel": None}).cuts
    assert [change.names for change in cut.plan.changes] == [("bit_rate_volatile",), ("bit_rate_non_volatile",)]


def test_nothing_of_it_can_cut_the_session() -> None:
    assert not any(setting.cuts for setting in SOL.settings)

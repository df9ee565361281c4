# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between makers: each row fits what it is about, and nothing else."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _quirks
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._device import DeviceId, DeviceSupport
from ansible_collections.lightsout.bmc.plugins.module_utils._nic_commands import (
    LAN_PARAMETER_C0,
    LAN_PARAMETER_E0,
    SELECTION_AND_FAILOVER,
    SUBCOMMAND_0C,
    NicCommands,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._quirks import ROWS, Quirks, Row, quirks_of

PLAIN = DeviceId(0x20, 1, True, False, "2.50", "2.0", DeviceSupport(0xBF), 343, 0x1234)


def test_a_maker_without_rows_keeps_to_the_specification() -> None:
    assert quirks_of(PLAIN) == Quirks()


@pytest.mark.parametrize(
    ("manufacturer", "differs"),
    [
        (674, {"reserved_user_ids": frozenset({1}), "nic_mode": SELECTION_AND_FAILOVER}),
        (5703, {"password_min": 13}),
        (10876, {"nic_mode": SUBCOMMAND_0C}),
        (47488, {"nic_mode": SUBCOMMAND_0C}),
        (19046, {"nic_mode": LAN_PARAMETER_C0}),
        (20301, {"nic_mode": LAN_PARAMETER_C0}),
        (11, {"nic_mode": LAN_PARAMETER_E0}),
    ],
)
def test_rows(manufacturer: int, differs: dict[str, t.Any]) -> None:
    assert quirks_of(replace(PLAIN, manufacturer_id=manufacturer)) == replace(Quirks(), **differs)


@pytest.mark.parametrize(("product", "commands"), [(220, LAN_PARAMETER_C0), (221, None)])
def test_rows_about_one_product(product: int, commands: NicCommands | None) -> None:
    assert quirks_of(replace(PLAIN, manufacturer_id=2, product_id=product)).nic_mode == commands


def test_every_row_says_from_where() -> None:
    assert all(row.source for row in ROWS)


def row(**limits: t.Any) -> Row:
    return Row(343, "a test", differs={"password_max": 16}, **limits)


@pytest.mark.parametrize(
    ("made", "fits"),
    [
        (row(), True),
        (row(product_ids=frozenset({0x1234})), True),
        (row(product_ids=frozenset({0x9999})), False),
        (row(firmware_before=(2, 0x51)), True),
        (row(firmware_before=(2, 0x50)), False),
        (row(firmware_before=(10, 0)), True),
        (row(firmware_before=(1, 0x99)), False),
    ],
)
def test_what_a_row_is_about(made: Row, fits: bool) -> None:
    assert made.fits(PLAIN) is fits


@pytest.mark.parametrize("firmware", ["2.0a", "3.ff"])
def test_firmware_that_does_not_keep_to_bcd_is_compared_nonetheless(firmware: str) -> None:
    assert row(firmware_before=(9, 0)).fits(replace(PLAIN, firmware=firmware))


def test_later_rows_come_over_earlier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (row(), Row(343, "a test", differs={"password_max": 18, "password_min": 8}))
    monkeypatch.setattr(_quirks, "ROWS", rows)
    assert quirks_of(PLAIN) == Quirks(password_max=18, password_min=8)


@pytest.mark.parametrize(
    ("source", "differs"), [("", {"password_max": 16}), ("a test", {}), ("a test", {"password_maximum": 16})]
)
def test_a_wrong_row_is_refused_when_it_is_made(source: str, differs: dict[str, t.Any]) -> None:
    with pytest.raises(ValueError, match="quirk of 343"):
        Row(343, source, differs=differs)

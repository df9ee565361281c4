# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The habits of makers are rows with a source."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._usual_ports import USUAL_PORTS, UsualPort, usual_port


@pytest.mark.parametrize(
    ("vendor", "number"),
    [("Supermicro", 1), ("Supermicro Corporation", 1), ("Super Micro Computer, Inc.", 1), ("DELL INC.", 1), (" Dell Inc. \n", 1)],
)
def test_a_maker_is_known_as_DMI_spells_it(vendor: str, number: int) -> None:
    row = usual_port(vendor)
    assert row is not None and row.number == number


@pytest.mark.parametrize("vendor", ["", "HPE", "To Be Filled By O.E.M.", "Not Dell"])
def test_of_other_makers_no_habit_is_made_up(vendor: str) -> None:
    assert usual_port(vendor) is None


def test_every_row_says_where_it_is_known_from() -> None:
    assert all(len(row.source) > 20 for row in USUAL_PORTS)


@pytest.mark.parametrize("row", [("", 1, "source"), ("Maker", 1, ""), ("Maker", 4, "source")])
def test_a_row_that_says_nothing_is_refused(row: tuple[str, int, str]) -> None:
    with pytest.raises(ValueError, match="says nothing"):
        UsualPort(*row)

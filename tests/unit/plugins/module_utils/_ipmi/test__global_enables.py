# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BMC global enables."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._global_enables import GlobalEnables
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData


@pytest.mark.parametrize(("byte", "logs"), [("08", True), ("0F AA", True), ("F7", False), ("00", False)])
def test_bit_3_is_the_event_log(byte: str, logs: bool) -> None:
    assert GlobalEnables.from_wire(bytes.fromhex(byte)).event_log is logs


def test_short_answer() -> None:
    with pytest.raises(MalformedData):
        GlobalEnables.from_wire(b"")

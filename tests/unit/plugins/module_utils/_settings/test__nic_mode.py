# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The NIC mode: read, written and proved by the maker's own command."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, MalformedAnswer, NotVerified
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress, write_and_verify
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._nic_mode import plan_nic_mode, read_nic_mode
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import LOST, Scripted

RESTART = "lan channel 1: nic_mode is in force after a restart of the BMC (ipmi_controller, cold reset)"
#: Manufacturers, as Get Device ID has them.
SUPERMICRO, HPE, UNKNOWN = 10876, 11, 343


class Port:
    """A BMC of a maker, with its port."""

    def __init__(self, manufacturer: int, value: str, *, ignores: bool = False) -> None:
        self.bmc = Scripted()
        self.value, self.waits, self.ignores = bytes.fromhex(value), False, ignores
        number = manufacturer.to_bytes(3, "little").hex(" ")
        self.bmc.on("06/01", f"00 20 01 02 05 02 BF {number} 00 20")
        self.bmc.on("30/70 0C 00", lambda data: b"\0" + self.value)
        self.bmc.on("30/70 0C 01", self._set)
        self.bmc.on("0C/02 01 E0", lambda data: b"\0\x11\0\0" + self.value + bytes([self.waits]))
        self.bmc.on("0C/01 01 E0 AA 55", self._set_for_later)

    def _set(self, data: bytes) -> bytes:
        self.value = self.value if self.ignores else data[2:]
        return b"\0"

    def _set_for_later(self, data: bytes) -> bytes:
        assert data[-1] == 0xFF
        self.waits = data[4:5] != self.value
        return b"\0"

    def plan(self, mode: str) -> tuple[Cut, tuple[str, ...]]:
        return plan_nic_mode(Reader(self.bmc.bmc()), {"nic_mode": mode}, 1, True)

    def bring_about(self, mode: str) -> Progress:
        cut, _notes = self.plan(mode)
        progress = Progress()
        write_and_verify(self.bmc.bmc(), cut.plan, cut.plan.changes, progress)
        return progress


def test_it_is_written_and_read_back() -> None:
    port = Port(SUPERMICRO, "02")
    port.bring_about("dedicated")
    assert (port.value, port.bmc.written) == (b"\0", ["30/70 0C 01 00"])


def test_it_may_cut_the_connection() -> None:
    cut, _notes = Port(SUPERMICRO, "02").plan("shared")
    assert [change.names for change in cut.plan.cutting] == [("nic_mode",)]


@pytest.mark.parametrize(("manufacturer", "cuts"), [(SUPERMICRO, True), (HPE, False)])
def test_where_there_is_one_mode_for_all_channels_it_may_so_by_any_channel(manufacturer: int, cuts: bool) -> None:
    port = Port(manufacturer, "00")
    port.bmc.on("0C/02 02 E0", "00 11 00 00 00 00")
    cut, _notes = plan_nic_mode(Reader(port.bmc.bmc()), {"nic_mode": "shared"}, 2, False)
    assert (bool(cut.plan.cutting), bool(cut.plan.safe)) == (cuts, not cuts)


def test_what_is_so_already_is_not_written() -> None:
    cut, notes = Port(SUPERMICRO, "02").plan("failover")
    assert (cut.plan.changes, cut.plan.before_shown, notes) == ((), {"nic_mode": "failover"}, ())


def test_a_value_that_nobody_knows_is_not_shown_and_is_replaced() -> None:
    port = Port(SUPERMICRO, "07")
    assert read_nic_mode(Reader(port.bmc.bmc()), 1) == ({}, [])
    assert len(port.plan("dedicated")[0].plan.changes) == 1


def test_a_write_that_is_ignored_is_noticed() -> None:
    with pytest.raises(NotVerified):
        Port(SUPERMICRO, "00", ignores=True).bring_about("shared")


def test_a_lost_answer_is_settled_by_reading() -> None:
    port = Port(SUPERMICRO, "00")
    port.bmc.once("30/70 0C 01", LOST)
    port.bring_about("shared")
    assert port.bmc.written == ["30/70 0C 01 01"]


def test_a_short_answer_is_malformed() -> None:
    port = Port(SUPERMICRO, "")
    with pytest.raises(MalformedAnswer):
        port.plan("shared")


@pytest.mark.parametrize(
    ("manufacturer", "mode", "why"),
    [
        (UNKNOWN, "dedicated", "no command of this maker's is known"),
        (HPE, "failover", "this maker's BMCs have dedicated, shared only"),
    ],
)
def test_what_a_maker_lacks_is_unsupported(manufacturer: int, mode: str, why: str) -> None:
    port = Port(manufacturer, "00")
    cut, _notes = port.plan(mode)
    assert [(one.setting, one.why) for one in cut.plan.missing] == [("nic_mode", why)]
    assert port.bmc.asked == ["06/01"]


def test_of_an_unknown_maker_nothing_is_read_and_nothing_is_missing() -> None:
    port = Port(UNKNOWN, "00")
    assert read_nic_mode(Reader(port.bmc.bmc()), 1) == ({}, [])
    assert port.bmc.asked == ["06/01"]


def test_a_refusal_is_told_as_what_is_missing() -> None:
    port = Port(SUPERMICRO, "00")
    port.bmc.on("30/70 0C 00", "C1")
    shown, missing = read_nic_mode(Reader(port.bmc.bmc()), 1)
    assert (shown, [str(one) for one in missing]) == ({}, ["lan channel 1: nic_mode (completion code 0xC1)"])


def test_what_waits_for_a_restart_is_told_and_not_written_again() -> None:
    port = Port(HPE, "00")
    assert port.bring_about("shared").warnings == [RESTART]
    assert port.bmc.written == ["0C/01 01 E0 AA 55 01 FF"]
    cut, notes = port.plan("shared")
    assert (cut.plan.changes, notes) == ((), (RESTART,))
    assert read_nic_mode(Reader(port.bmc.bmc()), 1)[0] == {"nic_mode": "shared"}


def test_what_waits_can_be_taken_back() -> None:
    port = Port(HPE, "00")
    port.bring_about("shared")
    assert port.bring_about("dedicated").warnings == []
    assert port.waits is False


def test_no_other_mode() -> None:
    with pytest.raises(BadOption, match="nic_mode"):
        Port(SUPERMICRO, "00").plan("both")

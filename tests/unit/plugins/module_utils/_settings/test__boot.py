# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The boot override: what is written around it, and when there is one at all."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._boot import BOOT, DEVICES, INSTANCE, complete, plan_boot
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress, write_and_verify
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Refused, read_values, show
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import LOST, Scripted

READ, WRITE = "00/09 05", "00/08 05"
TAKE, FREE = "00/08 00 01", "00/08 00 00"
KEEP, ACKNOWLEDGE = "00/08 03 08", "00/08 04 01 01"


class Machine:
    """Boot flags that can be read and written. `shows_valid` false: the valid bit is never shown."""

    def __init__(self, flags: str, *, shows_valid: bool = True) -> None:
        self.bmc = Scripted()
        self.flags = bytes.fromhex(flags)
        self.shows_valid = shows_valid
        self.bmc.on("00/08", "00").on(WRITE, self._write).on(READ, self._read)

    def _read(self, data: bytes) -> bytes:
        first = self.flags[0] if self.shows_valid else 0
        return bytes([0, 1, 5, first]) + self.flags[1:]

    def _write(self, data: bytes) -> bytes:
        self.flags = data[1:]
        return b"\0"

    def set(self, **options: t.Any) -> Progress:
        plan = plan_boot(Reader(self.bmc.bmc()), options).cuts[0].plan
        self.bmc.forget()
        progress = Progress()
        write_and_verify(self.bmc.bmc(), plan, plan.changes, progress)
        return progress

    def shown(self) -> dict[str, t.Any]:
        values, _missing = read_values(Reader(self.bmc.bmc()), INSTANCE)
        return show(BOOT, values)


def test_parameters_3_and_4_come_first_under_set_in_progress() -> None:
    machine = Machine("00 00 00 00 00")
    machine.set(bootdev="network", uefiboot=True)
    assert machine.bmc.written == [TAKE, KEEP, ACKNOWLEDGE, f"{WRITE} A0 04 00 00 00", FREE]


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({"bootdev": "network"}, "80 04 00 00 00"),
        ({"bootdev": "hd", "persistent": True}, "C0 08 00 00 00"),
        ({"bootdev": "safe"}, "80 0C 00 00 00"),
        ({"bootdev": "diagnostic"}, "80 10 00 00 00"),
        ({"bootdev": "optical", "persistent": True, "uefiboot": True}, "E0 14 00 00 00"),
        ({"bootdev": "setup"}, "80 18 00 00 00"),
        ({"bootdev": "remote_floppy"}, "80 1C 00 00 00"),
        ({"bootdev": "remote_optical"}, "80 20 00 00 00"),
        ({"bootdev": "remote_media"}, "80 24 00 00 00"),
        ({"bootdev": "remote_hd"}, "80 2C 00 00 00"),
        ({"bootdev": "floppy"}, "80 3C 00 00 00"),
    ],
)
def test_flags(options: dict[str, t.Any], flags: str) -> None:
    machine = Machine("00 00 00 00 00")
    machine.set(**options)
    assert machine.flags == bytes.fromhex(flags)
    machine.set(**options)
    assert machine.bmc.written == []


@pytest.mark.parametrize("flags", ["00 04 00 00 00", "60 04 00 00 00"])
def test_without_the_valid_bit_there_is_no_override(flags: str) -> None:
    machine = Machine(flags)
    assert machine.shown() == {"bootdev": "default", "persistent": False, "uefiboot": False}
    machine.set(bootdev="default")
    assert machine.bmc.written == []
    machine.set(bootdev="network")
    assert machine.flags == bytes.fromhex("80 04 00 00 00")


def test_default_removes_it_and_does_not_tell_the_bmc_to_keep_it() -> None:
    machine = Machine("E0 04 00 00 00")
    machine.set(bootdev="default", persistent=True)
    assert machine.bmc.written == [TAKE, ACKNOWLEDGE, f"{WRITE} 00 00 00 00 00", FREE]


def test_other_bits_of_a_valid_override_stay() -> None:
    machine = Machine("81 06 60 08 01")
    machine.set(bootdev="hd")
    assert machine.flags == bytes.fromhex("81 0A 60 08 01")


def test_those_of_a_stale_one_do_not() -> None:
    machine = Machine("40 86 60 08 01")
    machine.set(bootdev="hd")
    assert machine.flags == bytes.fromhex("80 08 00 00 00")


@pytest.mark.parametrize("code", ["80", "81", "82", "C1", "C7", "C9", "CC", "D5"])
def test_a_bmc_without_the_parameters_around_it(code: str) -> None:
    machine = Machine("00 00 00 00 00")
    for parameter in ("00", "03", "04"):
        machine.bmc.on(f"00/08 {parameter}", code)
    machine.set(bootdev="network")
    assert machine.flags == bytes.fromhex("80 04 00 00 00")


def test_a_refusal_of_the_flags_gives_set_in_progress_back() -> None:
    machine = Machine("00 00 00 00 00")
    machine.bmc.on(WRITE, "D4")
    with pytest.raises(Refused, match="boot: bootdev.*0xD4"):
        machine.set(bootdev="network")
    assert machine.bmc.written[-1] == FREE


def test_too_little_privilege_for_the_parameters_around_it_is_a_failure() -> None:
    machine = Machine("00 00 00 00 00")
    machine.bmc.on("00/08 03", "D4")
    with pytest.raises((CompletionError, Refused), match="0xD4"):
        machine.set(bootdev="network")


def test_a_lost_answer_is_looked_up() -> None:
    machine = Machine("00 00 00 00 00")
    machine.bmc.once(WRITE, LOST)
    machine.set(bootdev="network")
    assert len(machine.bmc.asked_for(WRITE)) == 1


def test_a_bmc_that_never_shows_the_valid_bit_is_believed_with_a_note() -> None:
    machine = Machine("00 00 00 00 00", shows_valid=False)
    progress = machine.set(bootdev="network", persistent=True)
    assert machine.flags == bytes.fromhex("C0 04 00 00 00")
    assert ["'valid' bit" in warning for warning in progress.warnings] == [True]


def test_what_is_left_out_is_once_and_legacy() -> None:
    assert complete({}) == {}
    assert complete({"bootdev": DEVICES["hd"]}) == {"bootdev": DEVICES["hd"], "persistent": False, "uefiboot": False}
    assert complete({"bootdev": DEVICES["default"], "persistent": True}) == {"bootdev": DEVICES["default"]}


def test_a_device_without_a_name_is_shown_by_its_number() -> None:
    assert Machine("80 28 00 00 00").shown()["bootdev"] == "unknown_10"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_boot: what it documents is what it takes and returns."""

from __future__ import annotations

import pytest

from tests.unit.plugins.documented import as_documented, as_specified, module, options, undocumented
from tests.unit.plugins.running import Runner
from tests.unit.plugins.scripted import Scripted, identified

NAME = "ipmi_boot"


def test_its_options_are_the_documented_ones() -> None:
    assert as_documented(module(NAME).SPEC.argument_spec()) == as_specified(options(NAME))


def test_secrets_are_marked() -> None:
    spec = module(NAME).SPEC.argument_spec()
    assert {name for name, option in spec.items() if option.get("no_log")} == {"bmc_password", "bmc_kg"}


def boot(flags: str) -> Scripted:
    """A BMC with these boot flags."""
    bmc = identified(Scripted()).on("00/09 05", f"00 01 05 {flags}").on("00/08", "00")

    def write(data: bytes) -> bytes:
        bmc.on("00/09 05", "00 01 05 " + data[1:].hex(" "))
        return b"\0"

    return bmc.on("00/08 05", write)


def test_its_results_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, boot("00 00 00 00 00"))
    result = run(NAME, bootdev="network", uefiboot=True)
    assert undocumented(NAME, result) == set()
    assert result["changed"] is True
    assert (result["bootdev"], result["persistent"], result["uefimode"]) == ("network", False, True)


def test_absent_for_another_device_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, boot("80 04 00 00 00"))
    result = run(NAME, bootdev="hd", state="absent")
    assert (result["changed"], result["bootdev"]) == (False, "network")
    assert run.written == []


def test_absent_for_its_device_removes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, boot("E0 04 00 00 00"))
    result = run(NAME, bootdev="network", state="absent")
    assert (result["changed"], result["bootdev"], result["persistent"]) == (True, "default", False)
    assert "00/08 05 00 00 00 00 00" in run.written


def test_default_cannot_be_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, Scripted())
    assert run(NAME, bootdev="default", state="absent")["reason"] == "bad_option"
    assert run.sessions == []


def test_check_mode_says_what_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Runner(monkeypatch, boot("00 00 00 00 00"))
    result = run(NAME, bootdev="setup", check_mode=True)
    assert (result["changed"], result["bootdev"]) == (True, "setup")
    assert run.written == []

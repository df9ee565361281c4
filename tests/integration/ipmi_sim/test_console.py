# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_console on ipmi_sim; the host is a socket that the test holds, ipmitool the other party."""

from __future__ import annotations

import base64
import typing as t
from concurrent.futures import ThreadPoolExecutor

from tests.integration.harness import TOOL_TIMEOUT, act
from tests.integration.ipmi_sim import rig
from tests.integration.ipmi_sim.test_sol_console import LEAVE, OPERATIONAL, Host, at_the_console, machine, serial

__all__ = ["machine", "serial"]
Machine = tuple[rig.Bmc, Host]


def visiting(pool: ThreadPoolExecutor, bmc: rig.Bmc, **options: t.Any) -> t.Any:
    """The module at work, while the test is the host."""
    return pool.submit(act, "ipmi_console", {**bmc.options, "timeout": 20, **options})


def test_a_dialogue_with_the_host(machine: Machine) -> None:
    bmc, host = machine
    steps = [{"send_line": "", "expect": ["login: "]}, {"send_secret": "root", "expect": [r"Hello (\w+)"]}]
    with ThreadPoolExecutor(1) as pool:
        visit = visiting(pool, bmc, steps=steps, secrets={"root": "Sesam-auf-mich"})
        assert host.reads(1) == b"\r"
        host.prints(b"\x1b[2J\x1b[1mhost\x1b[0m login: ")
        assert host.reads(15) == b"Sesam-auf-mich\r"
        # It echoes what it should not.
        host.prints(b"Sesam-auf-mich\r\nHello root\r\n")
        result = visit.result(TOOL_TIMEOUT)
    assert (result.get("msg"), result["matched"]["groups"]) == (None, ["root"])
    assert result["transcript"].startswith("host login: ********\nHello root")
    assert b"Sesam" not in base64.b64decode(result["raw"])


def test_a_person_keeps_the_console_and_afterwards_it_is_ours(machine: Machine) -> None:
    bmc, host = machine
    with at_the_console(bmc) as person:
        person.sees(OPERATIONAL)
        refused = act("ipmi_console", {**bmc.options, "timeout": 1})
        assert (refused["failed"], refused["reason"]) == (True, "console_held")
        host.prints(b"still here\r\n")
        person.sees("still here")
        # Two packets: ipmi_sim takes a new holder's first packet for the last holder's one of the same number, and drops it.
        person.types("x")
        assert host.reads(1) == b"x"
        person.types(LEAVE)
        person.leaves()
    assert host.reads(1) == b"\r"
    with ThreadPoolExecutor(1) as pool:
        visit = visiting(pool, bmc, steps=[{"send_line": "who"}], expect=["nobody"])
        assert host.reads(4) == b"who\r"
        host.prints(b"nobody\r\n")
        assert visit.result(TOOL_TIMEOUT).get("msg") is None
    with at_the_console(bmc) as person:
        person.sees(OPERATIONAL)


def test_a_host_that_does_not_answer(machine: Machine) -> None:
    bmc, host = machine
    result = act("ipmi_console", {**bmc.options, "timeout": 0.5, "probe": True})
    assert (result.get("msg"), result["console"]["diagnosis"]["cause"]) == (None, "not_configured")
    assert host.reads(1) == b"\r"

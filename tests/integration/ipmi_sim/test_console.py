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


#: What a real machine prints: SeaBIOS, GRUB, Linux, a login.
FIRMWARE: t.Final = b"\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\n\r\nBooting from Hard Disk...\r\n"
LOADER: t.Final = b"\x1b[?25lGRUB loading..\r\n\x1b[H\x1b[J\x1b[1;1HGNU GRUB  version 2.06-13+deb12u1\r\n"
KERNEL: t.Final = b"\x1b[0m[    0.000000] Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org)\r\n"
LOGIN: t.Final = b"\r\nDebian GNU/Linux 12 n1 ttyS0\r\n\r\nn1 login: "


class TestBoot:
    """observe_boot. What the host prints comes in pieces that know nothing of codes or lines."""

    @staticmethod
    def booting(bmc: rig.Bmc, visit: t.Any) -> None:
        """Wait until the BMC was told to restart the host."""
        while "00/02" not in map(str, bmc.requests()):
            assert not visit.done(), visit.result()

    def watched(self, machine: Machine, *printed: bytes, **options: t.Any) -> dict[str, t.Any]:
        bmc, host = machine
        bmc.mark()
        with ThreadPoolExecutor(1) as pool:
            visit = visiting(pool, bmc, observe_boot=True, **options)
            self.booting(bmc, visit)
            for text in printed:
                for start in range(0, len(text), 7):
                    host.prints(text[start : start + 7])
            result: dict[str, t.Any] = visit.result(TOOL_TIMEOUT)
        assert bmc.sessions() == 0
        return result

    def test_a_boot_is_returned_with_its_times(self, machine: Machine) -> None:
        result = self.watched(machine, FIRMWARE, LOADER, KERNEL, LOGIN)
        assert (result.get("msg"), result["changed"], result["boot"]["action"], result["boot"]["missing"]) == (None, True, "reset", [])
        stages = result["boot"]["stages"]
        assert list(stages) == ["firmware", "loader", "kernel", "login"] and 0 <= stages["firmware"] <= stages["login"] < 20
        assert result["transcript"].splitlines()[0].startswith("SeaBIOS") and result["transcript"].endswith("n1 login:")
        assert base64.b64decode(result["raw"]) == FIRMWARE + LOADER + KERNEL + LOGIN

    def test_a_host_that_is_off_is_switched_on(self, machine: Machine) -> None:
        bmc, _host = machine
        bmc.ipmitool("power", "off")
        result = self.watched(machine, FIRMWARE, KERNEL, LOGIN)
        assert (result.get("msg"), result["boot"]["action"], result["boot"]["missing"]) == (None, "on", ["loader"])

    def test_a_panic_ends_it_at_once(self, machine: Machine) -> None:
        result = self.watched(machine, FIRMWARE, KERNEL, b"[    1.3] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n", timeout=300)
        assert (result["failed"], result["reason"], result["boot"]["trouble"]["name"]) == (True, "boot_failed", "kernel_panic")
        assert "VFS: Unable to mount root fs" in result["msg"]

    def test_a_kernel_at_another_rate_is_told_from_one_without_a_console(self, machine: Machine) -> None:
        garbage = self.watched(machine, FIRMWARE, LOADER, b"\xff\x00\xe6\x80\xf8\x00" * 40, timeout=3)
        assert (garbage["reason"], garbage["console"]["diagnosis"]["cause"]) == ("timeout", "wrong_rate")
        assert "console=ttyS" in garbage["msg"]
        silent = self.watched(machine, FIRMWARE, LOADER, timeout=3)
        assert (silent["reason"], silent["console"]["diagnosis"]["cause"]) == ("timeout", "not_configured")
        assert "nothing of an operating system" in silent["msg"]

    def test_a_boot_of_which_nothing_comes(self, machine: Machine) -> None:
        result = self.watched(machine, timeout=2)
        assert (result["reason"], result["console"]["diagnosis"]["cause"], result["changed"]) == ("timeout", "not_configured", True)
        assert "a whole boot was not shown" in result["msg"]

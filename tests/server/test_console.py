# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The serial console of a whole server: firmware, loader, kernel and login over the BMC, as a person would use it."""

from __future__ import annotations

import base64

from tests.integration.ipmi_sim.test_sol_console import at_the_console
from tests.integration.person import LEAVE, OPERATIONAL
from tests.server.conftest import CONSOLE, LOGIN, VARIABLES, Lived, Starter, boot_id
from tests.server.server import PATIENCE

#: What each part of a boot prints and no other does, in order.
LOADER, KERNEL = "GNU GRUB", "Linux version 6"


def test_ipmi_power_starts_a_server_from_nothing(careless: Lived) -> None:
    assert (careless.result.get("msg"), careless.result["changed"], careless.result["powerstate"]) == (None, True, "on")


def test_a_careless_server_says_nothing_on_its_console(start: Starter, careless: Lived) -> None:
    result = start(careless).console(timeout=0.5, probe=True)
    assert (result.get("msg"), result["console"]["diagnosis"]["cause"]) == (None, "not_configured")
    assert result["transcript"] == ""


def test_the_role_restarts_nothing(applied: Lived) -> None:
    assert applied.play is not None and applied.play.changed
    assert applied.boot_ids[0] == applied.boot_ids[1] != ""


def test_the_second_run_of_the_role_changes_nothing(start: Starter, restarted: Lived) -> None:
    server = start(restarted)
    # The BMC is new from the factory, unlike the server.
    first = server.machine.play(CONSOLE, **server.options, **VARIABLES)
    assert (first.code, len(first.changed)) == (0, 1), first.text
    server.bmc.mark()
    second = server.machine.play(CONSOLE, **server.options, **VARIABLES)
    assert (second.code, second.changed, server.bmc.writes()) == (0, [], []), second.text


def test_after_a_reset_by_ipmi_power_loader_kernel_and_login_arrive_in_order(restarted: Lived) -> None:
    result = restarted.result
    assert (result.get("msg"), result["matched"]["pattern"]) == (None, LOGIN)
    transcript = result["transcript"]
    places = [transcript.rfind(sign) for sign in (LOADER, KERNEL, "n1 login:")]
    assert -1 not in places and places == sorted(places), transcript[:4000]
    assert "console=tty0 console=ttyS1,115200" in transcript


def test_observe_boot_resets_the_server_times_each_stage_and_misses_nothing(start: Starter, restarted: Lived) -> None:
    server = start(restarted)
    before = boot_id(server)
    server.machine.hang_up()
    result = server.console(timeout=PATIENCE, observe_boot=True)
    boot = result["boot"]
    assert (result.get("msg"), boot["action"], boot["trouble"]) == (None, "reset", None), result
    times = [boot["stages"][stage] for stage in ("loader", "kernel", "login")]
    assert times == sorted(times) and 0 < times[0] < times[2] < PATIENCE
    assert server.machine.serial(1).encode().startswith(base64.b64decode(result["raw"]))
    server.machine.await_up()
    assert boot_id(server) != before


def test_a_soft_shutdown_and_the_boot_from_off(start: Starter, restarted: Lived) -> None:
    server = start(restarted)
    server.machine.monitor.forget()
    result = server.power("shutdown")
    assert result.get("msg") is None and result["changed"], result
    server.machine.monitor.event("SHUTDOWN")
    result = server.console(timeout=PATIENCE, observe_boot=True)
    assert (result.get("msg"), result["boot"]["action"]) == (None, "on"), result
    assert list(result["boot"]["stages"])[-1] == "login"


def test_a_person_logs_in_over_the_console(start: Starter, restarted: Lived) -> None:
    server = start(restarted)
    steps = [
        {"send_line": "", "expect": [LOGIN]},
        {"send_line": "root", "expect": ["Password: "]},
        {"send_secret": "root", "expect": ["# $"]},
        {"send_line": "tty", "expect": [r"^(/dev/\S+)"]},
        {"send_line": "exit", "expect": [LOGIN]},
    ]
    result = server.console(timeout=PATIENCE, steps=steps, secrets={"root": server.image.password})
    assert result.get("msg") is None, result
    assert "\n/dev/ttyS1\n" in result["transcript"]
    assert server.image.password not in result["transcript"]


def test_ipmitool_sees_the_same_console(start: Starter, restarted: Lived) -> None:
    server = start(restarted)
    with at_the_console(server.bmc) as person:
        person.sees(OPERATIONAL)
        person.types("\r")
        person.sees("n1 login: ", PATIENCE)
        person.types(LEAVE)
        person.leaves()


def test_a_configuration_that_grub_rejects_replaces_nothing(start: Starter, careless: Lived) -> None:
    server = start(careless)
    # Somebody's own menu entry lacks its end.
    server.machine.ssh("printf '#!/bin/sh\\necho menuentry broken {\\n' > /etc/grub.d/42_own; chmod 755 /etc/grub.d/42_own")
    before = server.machine.ssh("sha256sum /boot/grub/grub.cfg")
    play = server.machine.play(CONSOLE, **server.options, **VARIABLES)
    assert play.code != 0 and play.failed, play.text
    assert server.machine.ssh("sha256sum /boot/grub/grub.cfg") == before

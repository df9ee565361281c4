# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each cause by what is told of it: one good console, and one thing wrong at a time."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_check import Layer, State, verdict
from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_evidence import Evidence, MarkedPort, Part

S0, S1 = MarkedPort("ttyS0", False, 9600), MarkedPort("ttyS1", True, 115200)
GOOD = Evidence(
    power="on",
    sol_enabled=True,
    rate=115200,
    stored_rate=115200,
    ports=(S0, S1),
    cmdline=("tty0", "ttyS1,115200n8"),
    active=("tty0", "ttyS1"),
    logins=("ttyS1",),
    arrived=("ttyS1",),
)
#: A console server has the console, and its log has the marker.
SERVED: dict[str, t.Any] = {"holder": "held by user 2 (admin)", "served": True, "server": "cs1", "arrived": (), "logged": ("ttyS1",)}


def but(**changed: t.Any) -> Evidence:
    return dataclasses.replace(GOOD, **changed)


def test_a_good_console_works() -> None:
    found = verdict(GOOD)
    assert (found.state, found.layer, found.cause, found.port, found.rate, found.notes) == (State.WORKS, None, "works", "ttyS1", 115200, ())
    assert "came to Serial over LAN" in found.detail


def test_so_does_one_through_a_console_server() -> None:
    found = verdict(but(**SERVED))
    assert (found.state, found.port) == (State.WORKS, "ttyS1") and "log of the console server cs1" in found.detail


@pytest.mark.parametrize(
    ("changed", "layer", "cause", "told"),
    [
        ({"bmc_reason": "unreachable", "bmc_message": "192.0.2.1 is silent"}, Layer.BMC, "bmc_unreachable", "192.0.2.1 is silent"),
        ({"bmc_reason": "login_refused", "bmc_message": "wrong password"}, Layer.BMC, "bmc_failed", "wrong password"),
        ({"sol_enabled": False}, Layer.BMC, "sol_off", "switched off"),
        ({"sol_enabled": None, "refusal": ("not_enabled", "81h", "x")}, Layer.BMC, "sol_off", "81h"),
        ({"refusal": ("not_allowed", "user 2 may not", "x")}, Layer.BMC, "not_allowed", "user 2 may not"),
        ({"refusal": ("unsupported", "C1h", "x")}, Layer.BMC, "unsupported", "C1h"),
        ({"power": "off"}, Layer.POWER, "host_off", "off"),
        ({"refusal": ("host_off", "the host is off", "x")}, Layer.POWER, "host_off", "off"),
        ({"holder": "held by user 4 (jane) from 192.0.2.7"}, Layer.HELD, "held", "user 4 (jane) from 192.0.2.7"),
        ({"holder": "held by user 4 (jane)", "server": "cs1", "guard": "n1: the console is held by user 4"}, Layer.HELD, "held", "cs1 waits"),
        ({"refusal": ("held", "user 4 came first", "x"), "arrived": ()}, Layer.HELD, "held", "came first"),
        ({"refusal": ("console_held", "user 4 came first", "x"), "arrived": ()}, Layer.HELD, "held", "came first"),
        ({"arrived": (), "garbage": "90% of 20 bytes are no text"}, Layer.RATE, "wrong_rate", "90% of 20 bytes"),
        ({"arrived": (), "rate": 9600}, Layer.RATE, "wrong_rate", "the BMC uses 9600, the host has ttyS1 at 115200"),
        ({"arrived": (), "ports": ()}, Layer.PORT, "no_port", "no serial port"),
        ({"arrived": (), "ports": (S0, dataclasses.replace(S1, blocked=True))}, Layer.PORT, "flow_control", "ttyS1"),
        ({"arrived": ()}, Layer.PORT, "not_wired", "written on ttyS0, ttyS1 did not come to Serial over LAN"),
        ({**SERVED, "logged": ()}, Layer.PORT, "not_wired", "log of the console server cs1"),
        ({"arrived": ("ttyS0",)}, Layer.PORT, "wrong_port", "wired to ttyS0, and the kernel's console is ttyS1"),
        ({"cmdline": ("tty0", "ttyS0"), "active": ("tty0", "ttyS0")}, Layer.PORT, "wrong_port", "the kernel's console is ttyS0"),
        ({"cmdline": (), "active": ("tty0",)}, Layer.KERNEL, "no_console", "no console= for ttyS1"),
        ({"cmdline": (), "active": None}, Layer.KERNEL, "no_console", "not known"),
        ({"cmdline": ("ttyS0", "ttyS1"), "active": ("ttyS0",)}, Layer.KERNEL, "console_unused", "prints on ttyS0"),
        ({"cmdline": ("ttyS1,9600",)}, Layer.RATE, "kernel_rate", "at 9600 bit/s when it starts, and the line works at 115200"),
        ({"logins": ()}, Layer.LOGIN, "no_getty", "on serial ports: none"),
        ({"logins": ("ttyS0",)}, Layer.LOGIN, "no_getty", "on serial ports: ttyS0"),
        ({"server": "cs1"}, Layer.CONSOLE_SERVER, "not_served", "it does not have the console"),
        ({"server": "cs1", "guard": "the console is not available"}, Layer.CONSOLE_SERVER, "not_served", "not available"),
        ({"parts": (Part("grub2_debian", "loader", True),)}, Layer.LOADER, "loader_not_set", "grub2_debian"),
        ({"parts": (Part("grub2_debian", "loader", False), Part("cmdline", "kernel", True))}, Layer.KERNEL, "kernel_not_set", "cmdline"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, t.Any], layer: Layer, cause: str, told: str) -> None:
    found = verdict(but(**changed))
    assert (found.state, found.layer, found.cause) == (State.FAILS, layer, cause)
    assert told in found.detail and found.advice


@pytest.mark.parametrize(
    ("changed", "layer", "cause", "told"),
    [
        ({"unreachable": "ssh: timed out", "arrived": (), "said": "n1 login:"}, Layer.HOST, "host_unreachable", "the console said 'n1 login:'"),
        ({"marking": "Permission denied", "arrived": ()}, Layer.HOST, "not_marked", "Permission denied"),
        ({"arrived": (), "ports": (S1, MarkedPort("ttyS0", True, None, 0, error="another program has it"))}, Layer.PORT, "not_tried", "ttyS0: another"),
        ({**SERVED, "logged": (), "log_problem": "No such file"}, Layer.CONSOLE_SERVER, "log_unreadable", "No such file"),
    ],
)
def test_what_cannot_be_told_is_not_called_broken(changed: dict[str, t.Any], layer: Layer, cause: str, told: str) -> None:
    found = verdict(but(**changed))
    assert (found.state, found.layer, found.cause) == (State.UNPROVEN, layer, cause) and told in found.detail and found.advice


class TestOrder:
    """Of several things that are wrong, the one where characters stop first."""

    def test_a_host_that_is_off_is_not_called_mute(self) -> None:
        assert verdict(but(power="off", arrived=(), ports=(), unreachable="ssh: timed out")).cause == "host_off"

    def test_an_unset_kernel_is_told_before_the_loader_and_the_login(self) -> None:
        parts = (Part("grub2_debian", "loader", True), Part("systemd_getty", "login", True))
        assert verdict(but(cmdline=(), active=("tty0",), logins=(), parts=parts)).cause == "no_console"

    def test_garbage_with_a_marker_in_it_is_no_wrong_rate(self) -> None:
        assert verdict(but(garbage="20% of 900 bytes are no text")).cause == "works"

    def test_unknown_facts_of_the_host_fail_nothing(self) -> None:
        assert verdict(but(cmdline=None, active=None, logins=None, rate=None)).state is State.WORKS

    def test_a_login_that_nobody_wants_is_not_missed(self) -> None:
        parts = (Part("systemd_getty", "login", True),)
        assert verdict(but(logins=(), wants_login=False, parts=parts)).state is State.WORKS

    def test_a_port_that_nobody_uses_says_nothing_about_the_rate(self) -> None:
        assert verdict(but(arrived=(), ports=(S0,))).cause == "not_wired"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"stored_rate": 9600}, "9600 after its next restart"),
        ({"wanted_port": 0}, "bmc_sol_port is 0, and Serial over LAN is wired to ttyS1"),
        ({"active": ("ttyS1", "tty0")}, "/dev/console is tty0"),
        ({"system_problem": "no loader was found"}, "not known: no loader was found"),
        ({"reboot_needed": True}, "a restart is needed"),
    ],
)
def test_what_should_be_known_of_a_console_that_works_is_noted(changed: dict[str, t.Any], told: str) -> None:
    found = verdict(but(**changed))
    assert found.state is State.WORKS and told in "; ".join(found.notes)


def test_the_result_is_plain_data() -> None:
    result = verdict(but(sol_enabled=False, stored_rate=9600)).as_result()
    assert (result["state"], result["layer"], result["cause"]) == ("fails", "bmc", "sol_off") and isinstance(result["notes"], list)

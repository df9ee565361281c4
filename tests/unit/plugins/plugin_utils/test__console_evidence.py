# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registered results, as records."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._console_evidence import Evidence, MarkedPort, Part, evidence, markers

NONCE = "4f2a9c"
BMC = {"bmc": {"chassis": {"power": "on"}, "sol": {"enabled": True, "bit_rate_volatile": "115200", "bit_rate_non_volatile": "serial"}}}
PORT = {"name": "ttyS1", "in_use": True, "bit_rate": 115200, "markers": 3, "blocked": False, "error": ""}
RUNNING = {"cmdline_consoles": ["ttyS1"], "active": ["ttyS1"], "logins": []}
SKIPPED = {"skipped": True, "changed": False}
HOLDER = {"user_id": 4, "user": "jane", "address": "192.0.2.7"}


def look(**results: t.Any) -> Evidence:
    return evidence({"bmc": BMC, **results}, NONCE)


def session(holder: dict[str, t.Any] | None) -> dict[str, t.Any]:
    state = "free" if holder is None else "held"
    return {"console": {"state": state, "instances": [{"instance": 1, "state": state, "holder": holder, "reason": ""}]}}


def test_the_bmc() -> None:
    found = look()
    assert (found.power, found.sol_enabled, found.rate, found.stored_rate, found.bmc_reason) == ("on", True, 115200, None, "")


def test_one_that_does_not_answer() -> None:
    found = look(bmc={"failed": True, "reason": "unreachable", "msg": "silent"})
    assert (found.bmc_reason, found.bmc_message, found.power) == ("unreachable", "silent", None)


def test_tasks_that_were_left_out_tell_nothing() -> None:
    names = ("session", "server_session", "guard", "started", "marked", "listened", "logged", "tail", "system")
    found = look(**dict.fromkeys(names, SKIPPED))
    assert (found.holder, found.ports, found.arrived, found.refusal, found.parts) == ("", (), (), None, ()) and found.marking


class TestHolder:
    """Whose it is."""

    def test_a_person(self) -> None:
        found = look(session=session(HOLDER))
        assert (found.holder, found.served) == ("held by user 4 (jane) from 192.0.2.7", False)

    def test_somebody_whom_the_bmc_does_not_name(self) -> None:
        assert look(session=session(None) | {"console": {"state": "held", "instances": [{"state": "held", "reason": "C1h"}]}}).holder == "held; C1h"

    @pytest.mark.parametrize(
        ("seen", "guard", "served"),
        [
            ({**HOLDER, "same_account": True, "stale": False}, "", True),
            ({**HOLDER, "same_account": True, "stale": True}, "", False),
            ({**HOLDER, "same_account": True, "stale": False}, "bmc-console n1: the console is held by user 4", False),
            ({**HOLDER, "same_account": False}, "bmc-console n1: the console is open", False),
            ({**HOLDER, "same_account": None}, "bmc-console n1: the console is open", True),
            ({**HOLDER, "same_account": None}, "bmc-console n1: the console is held by user 4", False),
        ],
    )
    def test_the_console_server(self, seen: dict[str, t.Any], guard: str, served: bool) -> None:
        found = look(session=session(HOLDER), server_session=session(seen), guard={"stdout": guard}, server="cs1")
        assert (found.served, found.server) == (served, "cs1")


class TestHost:
    """What was written, and what runs."""

    def test_ports_and_consoles(self) -> None:
        found = look(started={"ansible_job_id": "j1"}, marked={"ports": [PORT], "running": RUNNING})
        assert found.ports == (MarkedPort("ttyS1", True, 115200, 3),) and found.marking == ""
        assert (found.cmdline, found.active, found.logins) == (("ttyS1",), ("ttyS1",), ())

    def test_one_that_is_not_reached(self) -> None:
        assert look(started={"unreachable": True, "msg": "ssh: timed out"}).unreachable == "ssh: timed out"

    def test_one_that_may_not_be_written_on(self) -> None:
        found = look(started={"ansible_job_id": "j1"}, marked={"failed": True, "msg": "none could be", "ports": [PORT], "running": RUNNING})
        assert (found.marking, found.active) == ("none could be", ("ttyS1",))

    def test_ports_that_nothing_was_written_on_prove_nothing(self) -> None:
        assert look(started={}, marked={"ports": [{**PORT, "markers": 0}], "running": RUNNING}).marking == "no markers were written"
        assert look(started={}, marked={"ports": [{**PORT, "markers": 0, "blocked": True}], "running": RUNNING}).marking == ""

    def test_the_parts_of_the_system(self) -> None:
        parts = [{"name": "grub2_debian", "layer": "loader", "changed": True, "notes": []}]
        found = look(system={"parts": parts, "reboot_needed": True})
        assert found.parts == (Part("grub2_debian", "loader", True),) and found.reboot_needed
        assert look(system={"failed": True, "msg": "no loader"}).system_problem == "no loader"


class TestConsole:
    """What came over Serial over LAN."""

    def test_a_marker(self) -> None:
        found = look(listened={"transcript": f"n1 login:\nlightsout-console-check {NONCE} ttyS1\n", "console": {"diagnosis": None}})
        assert (found.arrived, found.said) == (("ttyS1",), "n1 login:")

    def test_garbage(self) -> None:
        diagnosis = {"cause": "wrong_rate", "detail": "90%", "advice": "x"}
        found = look(listened={"failed": True, "reason": "timeout", "transcript": "?", "console": {"diagnosis": diagnosis}})
        assert (found.garbage, found.refusal) == ("90%", None)

    def test_one_that_is_not_opened(self) -> None:
        diagnosis = {"cause": "not_allowed", "detail": "81h", "advice": "x"}
        found = look(listened={"failed": True, "reason": "console_disabled", "msg": "no", "console": {"diagnosis": diagnosis}})
        assert found.refusal == ("not_allowed", "81h", "x")
        assert look(listened={"failed": True, "reason": "session_lost", "msg": "gone"}).refusal == ("session_lost", "gone", "")

    @pytest.mark.parametrize(
        ("text", "ports"),
        [
            (f"lightsout-console-check {NONCE} ttyS1\n", ("ttyS1",)),
            (f"lightsout-console-check {NONCE} ttyS", ()),
            (f"lightsout-console-check {NONCE}0 ttyS1\n", ()),
            ("lightsout-console-check 000000 ttyS1\n", ()),
            (f"x lightsout-console-check {NONCE} ttyS10 lightsout-console-check {NONCE} ttyS10", ("ttyS10",)),
        ],
    )
    def test_only_whole_markers_of_this_run_count(self, text: str, ports: tuple[str, ...]) -> None:
        assert markers(text, NONCE) == ports


class TestLog:
    """What came to the console server."""

    def test_a_marker(self) -> None:
        assert look(logged={"stdout": f"lightsout-console-check {NONCE} ttyS1"}).logged == ("ttyS1",)

    def test_garbage(self) -> None:
        tail = {"stdout": base64.b64encode(bytes(range(128, 160)) * 4).decode()}
        assert "of the last 128 bytes" in look(logged={"failed": True, "stdout": "", "stderr": ""}, tail=tail).garbage

    def test_what_the_server_writes_itself_hides_no_garbage(self) -> None:
        own = b"[bmc-console 2026-11-21T21:29:45Z n1: the console is open]\r\n[Sat Nov  7 21:29:45 2026]\n[-- al@localhost attached --]\n"
        tail = {"stdout": base64.b64encode(own * 5 + bytes(range(128, 140))).decode()}
        assert look(logged={"failed": True, "stdout": "", "stderr": ""}, tail=tail).garbage

    def test_text_without_a_marker(self) -> None:
        tail = {"stdout": base64.b64encode(b"Welcome\r\nn1 login: ").decode()}
        found = look(logged={"failed": True, "stdout": "", "stderr": ""}, tail=tail)
        assert (found.garbage, found.said) == ("", "n1 login:")

    def test_one_that_cannot_be_read(self) -> None:
        assert look(logged={"failed": True, "stdout": "", "stderr": "tail: cannot open"}).log_problem == "tail: cannot open"


def test_what_the_site_wants() -> None:
    found = look(wanted={"port": "1", "login": False})
    assert (found.wanted_port, found.wants_login) == (1, False)
    assert (look(wanted={"port": ""}).wanted_port, look().wants_login) == (None, True)

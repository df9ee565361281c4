# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A visit at a scripted console: what is typed and waited for, when it ends, and that the console is given back."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _console_talk
from ansible_collections.lightsout.bmc.plugins.module_utils._console_diagnosis import Seen, of_refusal, of_silence
from ansible_collections.lightsout.bmc.plugins.module_utils._console_release import Wish
from ansible_collections.lightsout.bmc.plugins.module_utils._console_script import Keys, Script
from ansible_collections.lightsout.bmc.plugins.module_utils._console_visit import Visit, VisitFailed
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError, ConsoleDisabled, ConsoleEncryption, ConsoleLimit
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import ACTIVATE_PAYLOAD
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol_packet import BmcPacket, ConsolePacket, Status
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.module_utils.test__sol_console import OWNER, scripted
from tests.unit.plugins.scripted import Scripted

GIVEN_BACK = "06/49 01 01 00 00 00 00"
ON, OFF = "00 01 00 00", "00 00 00 00"
OPTIONS: t.Final[dict[str, t.Any]] = {
    "secrets": None,
    "steps": None,
    "expect": None,
    "timeout": 10.0,
    "observe_boot": False,
    "probe": False,
}


class Host:
    """A host behind a scripted BMC; answers lines."""

    def __init__(self, **answers: bytes) -> None:
        self.bmc, self.wire = scripted()
        # Nobody has it; then we do, and then nobody.
        self.bmc.on("06/4A 01", "00 01 00 00").once(OWNER, "00 00 00 00 00 01").on("00/01", ON)
        for silent in ("06/3D", "06/42", "0C/22"):
            self.bmc.on(silent, "C1")
        self.typed = bytearray()
        self.start = self.wire.clock.now()
        self.answers = {line.encode(): text for line, text in answers.items()}
        self._number = 0
        self._line = bytearray()
        self.wire.react = self._react

    def says(self, text: bytes, delay: float = 0.01) -> None:
        self._number = self._number % 15 + 1
        self.wire.say(BmcPacket(self._number, characters=text), delay=delay)

    def _react(self, packet: ConsolePacket) -> None:
        if not packet.sequence:
            return
        self.wire.say(BmcPacket(0, packet.sequence, len(packet.characters)))
        self.typed += packet.characters
        self._line += packet.characters
        while b"\r" in self._line:
            line, _enter, rest = bytes(self._line).partition(b"\r")
            self._line = bytearray(rest)
            if line in self.answers:
                self.says(self.answers[line])

    def visit(self, **options: t.Any) -> dict[str, t.Any]:
        """The result, or the facts of the failure; the console is given back."""
        visit = Visit(self.bmc.bmc(), Wish(), Script.from_params({**OPTIONS, **options}), Machine())
        try:
            return visit.run(check_mode=False)
        except VisitFailed as failed:
            return {"msg": str(failed), **failed.facts()}
        finally:
            assert self.bmc.written[-1] == GIVEN_BACK and self.wire.arrived is None


def test_answers_are_typed_each_time_until_a_pattern_ends_it() -> None:
    host = Host(list=b"one\r\n--More--", m=b"two\r\n--More--")
    result = host.visit(steps=[{"send_line": "list"}], expect=[{"pattern": "--More--", "send_line": "m"}, {"pattern": "two", "name": "end"}])
    assert bytes(host.typed) == b"list\rm\r" and result["matched"]["name"] == "end"
    assert [event["event"] for event in result["events"]] == ["opened", "sent", "matched", "sent", "matched"]


def test_of_two_patterns_the_one_that_comes_first_ends_it() -> None:
    host = Host()
    host.says(b"panic, then login: ")
    result = host.visit(expect=["login: ", {"pattern": "(?P<what>pan)ic", "name": "panic"}])
    assert (result["matched"]["name"], result["matched"]["named_groups"]) == ("panic", {"what": "pan"})


def test_what_was_found_is_not_found_again() -> None:
    host = Host()
    host.says(b"# ")
    host.says(b"# ", delay=3.0)
    result = host.visit(steps=[{"expect": ["# "]}, {"expect": ["# "]}])
    assert [event["at"] for event in result["events"] if event["event"] == "matched"] == [0.01, 3.0]


def test_the_middle_of_a_line_is_not_its_start() -> None:
    host = Host()
    host.says(b"step one done\r\n")
    host.says(b"one more\r\n", delay=2.0)
    result = host.visit(steps=[{"expect": ["step "]}, {"expect": ["^one"]}])
    assert [event["at"] for event in result["events"] if event["event"] == "matched"] == [0.01, 2.0]


def test_a_pattern_and_a_code_may_come_in_pieces() -> None:
    host = Host()
    for number, byte in enumerate(b"\x1b[1;32mn1 lo\x1b[0mgin: "):
        host.says(bytes([byte]), delay=0.1 + number / 10)
    result = host.visit(expect=[r"^(\S+) login: $"])
    assert (result["matched"]["groups"], result["transcript"]) == (["n1"], "n1 login:")


def test_a_pattern_that_only_looks_ahead_is_answered_once() -> None:
    host = Host()
    host.says(b"--More--")
    host.visit(timeout=2.0, expect=[{"pattern": "(?=More)", "send": "m"}])
    assert bytes(host.typed) == b"m"


def test_events_without_end_are_dropped_from_the_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_console_talk, "MOST_EVENTS", 10)
    host = Host()
    for tenth in range(1, 30):
        host.says(b"x", delay=tenth / 10)
    result = host.visit(timeout=5.0, expect=[{"pattern": "x", "send": "y"}])
    assert len(result["events"]) == 10 and result["truncated"] and bytes(host.typed) == b"y" * 29


def test_steps_end_with_the_time_of_the_task() -> None:
    host = Host()
    host.wire.react = lambda packet: None  # nothing is acknowledged any more
    result = host.visit(timeout=3.0, steps=[{"send": "a"}, {"send": "b"}])
    assert (result["reason"], host.wire.clock.now() - host.start) == ("timeout", pytest.approx(3.0, abs=0.3))


def test_a_step_after_the_time_of_the_task_types_nothing() -> None:
    host = Host()
    host.says(b"now", delay=2.0)
    result = host.visit(timeout=2.0, steps=[{"expect": ["now"]}, {"send_line": "late"}])
    assert (result["reason"], bytes(host.typed)) == ("timeout", b"") and "step 2: timeout, 2 seconds, was over" in result["msg"]


def test_a_bmc_that_does_not_say_who_holds_it_is_tried_at_once_and_not_waited_for() -> None:
    host = Host()
    host.bmc.on("06/4A 01", "C1").on(OWNER, "C1")
    host.says(b"text")
    wish = Wish("wait", timeout=300, interval=5)
    visit = Visit(host.bmc.bmc(), wish, Script.from_params({**OPTIONS, "timeout": 1.0}), Machine())
    assert visit.run(check_mode=False)["transcript"] == "text"
    assert host.wire.clock.now() - host.start < 5


def test_a_secret_that_an_earlier_run_typed_is_masked_too() -> None:
    host = Host()
    host.says(b"hunter2: not found\r\n# ")
    result = host.visit(timeout=1.0, secrets={"root": "hunter2"})
    assert result["transcript"].startswith("********: not found") and b"hunter2" not in base64.b64decode(result["raw"])


def test_a_secret_that_was_cut_in_two_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_console_talk, "MOST_BYTES", 10)
    host = Host()
    host.says(b"login: hunter2 no\r\n")
    result = host.visit(timeout=1.0, secrets={"root": "hunter2"})
    assert base64.b64decode(result["raw"]) == b"******** no\r\n"
    matched = Host()
    matched.says(b"hunter2 ")
    result = matched.visit(steps=[{"expect": ["hunt"]}], expect=[r"(\S+) "], secrets={"root": "hunter2"})
    assert (result["matched"]["groups"], result["matched"]["text"]) == (["********"], "******** ")


def test_a_pattern_that_comes_with_the_deadline_counts() -> None:
    host = Host()
    host.says(b"login: ", delay=10.0)
    assert host.visit(expect=["login: "])["matched"]["at"] == 10.0


def test_an_endless_stream_does_not_outlast_the_deadline() -> None:
    host = Host()
    for tenth in range(1, 400):
        host.says(b"x" * 50, delay=tenth / 10)
    result = host.visit(expect=["login: "])
    assert result["reason"] == "timeout" and 10 <= host.wire.clock.now() - host.start < 12


def test_only_the_last_bytes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_console_talk, "MOST_BYTES", 8)
    host = Host()
    host.says(b"0123456789")
    result = host.visit(timeout=1.0)
    assert (base64.b64decode(result["raw"]), result["truncated"], result["transcript"]) == (b"23456789", True, "0123456789")


def test_a_probe_is_typed_only_if_nothing_came() -> None:
    silent, speaking = Host(), Host()
    speaking.says(b"text")
    assert silent.visit(timeout=1.0, probe=True)["console"]["diagnosis"]["cause"] == "not_configured"
    assert speaking.visit(timeout=1.0, probe=True)["console"]["diagnosis"] is None
    assert (bytes(silent.typed), bytes(speaking.typed)) == (b"\r", b"")


@pytest.mark.parametrize(
    ("text", "name"), [(b"SeaBIOS\r\nKernel panic - not syncing: x\r\n", "kernel_panic"), (b"SeaBIOS\r\nNo bootable device.\r\n", "no_boot_device")]
)
def test_a_boot_that_stops_fails_at_once_and_says_why(text: bytes, name: str) -> None:
    host = Host()
    host.bmc.on("00/02", "00")
    host.says(text, delay=1.0)
    result = host.visit(observe_boot=True, timeout=900.0)
    assert (result["reason"], result["boot"]["trouble"]["name"], result["boot"]["action"]) == ("boot_failed", name, "reset")
    assert host.wire.clock.now() - host.start < 20


def test_an_error_keeps_what_came_before_it() -> None:
    host = Host()
    host.says(b"last words")
    host.wire.say(BmcPacket(0, status=Status.DEACTIVATING), delay=1.0)
    visit = Visit(host.bmc.bmc(), Wish(), Script.from_params({**OPTIONS, "expect": ["never"]}), Machine())
    with pytest.raises(VisitFailed) as failed:
        visit.run(check_mode=False)
    facts = failed.value.facts()
    assert (facts["reason"], facts["transcript"], facts["changed"]) == ("console_lost", "last words", False)
    assert GIVEN_BACK not in host.bmc.written, "it is not ours to end"


def test_an_interruption_gives_the_console_back() -> None:
    host = Host()

    def interrupt() -> None:
        raise KeyboardInterrupt

    host.wire.later(1.0, interrupt)
    with pytest.raises(KeyboardInterrupt):
        host.visit()


def test_a_secret_is_in_no_record() -> None:
    assert "hunter2" not in repr(Keys("hunter2\r", "root")) + str(Keys("hunter2\r", "root"))


class TestDiagnosis:
    """Only what can be told is told."""

    @pytest.mark.parametrize(
        ("error", "cause"),
        [
            (ConsoleLimit(ACTIVATE_PAYLOAD, 0x82), "limit"),
            (ConsoleEncryption(ACTIVATE_PAYLOAD, 0x83), "encryption"),
            (ConsoleDisabled(ACTIVATE_PAYLOAD, 0x81), "not_enabled"),
            (CompletionError(ACTIVATE_PAYLOAD, 0xD4), "not_allowed"),
        ],
    )
    def test_of_refusals(self, error: t.Any, cause: str) -> None:
        # A BMC that answers nothing else: where it does not say which switch is off, both are named.
        bmc = Scripted().on("06/42", "C1").on("0C/22", "C1").on("06/3D", "C1")
        found = of_refusal(Reader(bmc.bmc()), error)
        assert found is not None and found.cause == cause and found.advice
        assert (cause != "not_enabled") or "not whether" in found.detail

    @pytest.mark.parametrize(
        ("raw", "power", "typed", "cause"),
        [
            (b"", ON, False, "quiet"),
            (b"", ON, True, "not_configured"),
            (b"", OFF, True, "host_off"),
            (b"", "C1", True, "not_configured"),
            (b"\x80\xff\x00\xe6" * 5, ON, False, "wrong_rate"),
            (b"\xe6", ON, False, None),
            (b"login: ", ON, True, None),
            (b"SeaBIOS 1.16\r\n" * 10 + b"\x80\xff\x00\xe6" * 30, ON, False, "wrong_rate"),
            (b"SeaBIOS 1.16\r\n" * 10 + b"\xff\x00login: ", ON, False, None),
        ],
    )
    def test_of_silence(self, raw: bytes, power: str, typed: bool, cause: str | None) -> None:
        bmc = Scripted().on("06/42", "C1").on("0C/22", "C1").on("00/01", power)
        found = of_silence(Reader(bmc.bmc()), Seen(raw, typed))
        assert (None if found is None else found.cause) == cause
        if power == "C1":
            assert found is not None and "the host is on" not in found.detail, "that is not known"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked again, for how long, and what a lost answer comes to."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import settle
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    CompletionError,
    MalformedAnswer,
    SessionLost,
    Unreachable,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    CHASSIS_CONTROL,
    GET_CHASSIS_STATUS,
    GET_DEVICE_ID,
    GET_LAN,
    SET_LAN,
    TEST_USER_PASSWORD,
    Command,
)
from tests.unit.plugins.scripted import CONNECTION, DROPPED, LOST, Scripted, identified

READ, WRITE = "00/01", "00/02 01"
STATUS = "00 01 00 00"


def ask(bmc: Scripted, command: Command = GET_CHASSIS_STATUS, data: bytes = b"") -> bytes:
    return bmc.bmc().request(command, data)


class TestRepetition:
    """The policy for each kind of completion code."""

    @pytest.mark.parametrize("code", ["C0", "D0", "D1", "D2"])
    def test_not_done_is_asked_again_also_of_writes(self, code: str) -> None:
        bmc = Scripted().on("00/02", "00").once("00/02", code, code)
        assert ask(bmc, CHASSIS_CONTROL, b"\1") == b""
        assert bmc.asked == [WRITE] * 3
        assert bmc.clock.pauses == [0.1, 0.2]

    @pytest.mark.parametrize("code", ["C3", "CE", "CF"])
    def test_ambiguous_is_asked_again_of_reads(self, code: str) -> None:
        bmc = Scripted().on(READ, STATUS).once(READ, code)
        assert ask(bmc) == b"\1\0\0"
        assert len(bmc.asked) == 2

    @pytest.mark.parametrize("code", ["C3", "CE", "CF"])
    def test_ambiguous_is_a_lost_answer_of_writes(self, code: str) -> None:
        bmc = Scripted().on("00/02", code)
        with pytest.raises(AnswerLost, match=f"0x{code}"):
            ask(bmc, CHASSIS_CONTROL, b"\1")
        assert bmc.asked == [WRITE]

    def test_unspecified_is_asked_once_more_of_reads(self) -> None:
        bmc = Scripted().on(READ, "FF")
        with pytest.raises(CompletionError) as caught:
            ask(bmc)
        assert caught.value.code == 0xFF
        assert len(bmc.asked) == 2

    def test_unspecified_is_final_of_writes(self) -> None:
        bmc = Scripted().on("00/02", "FF")
        with pytest.raises(CompletionError):
            ask(bmc, CHASSIS_CONTROL, b"\1")
        assert bmc.asked == [WRITE]

    @pytest.mark.parametrize("code", ["C1", "C7", "C9", "CB", "CC", "D4", "D5", "80", "01"])
    def test_a_refusal_is_final(self, code: str) -> None:
        bmc = Scripted().on(READ, code)
        with pytest.raises(CompletionError) as caught:
            ask(bmc)
        assert caught.value.facts() == {
            "reason": "refused",
            "command": "Get Chassis Status (00/01)",
            "completion_code": f"0x{code}",
        }
        assert len(bmc.asked) == 1
        assert bmc.clock.pauses == []

    def test_a_locked_configuration_is_the_engines_matter(self) -> None:
        bmc = Scripted().on("0C/01", "81")
        with pytest.raises(CompletionError):
            ask(bmc, SET_LAN, bytes([1, 0, 1]))
        assert len(bmc.asked) == 1

    def test_busy_for_ever_ends_at_the_deadline(self) -> None:
        bmc = Scripted().on(READ, "C0")
        with pytest.raises(CompletionError, match=r"0xC0 \(node busy\).*bmc_timeout"):
            ask(bmc)
        assert bmc.clock.pauses[:5] == [0.1, 0.2, 0.4, 0.8, 1.0]
        assert 8.5 < sum(bmc.clock.pauses) < 10.0

    def test_a_password_test_changes_nothing_so_it_counts_as_a_read(self) -> None:
        bmc = Scripted().on("06/47", "00").once("06/47", "CE")
        ask(bmc, TEST_USER_PASSWORD, bytes([2, 3]) + bytes(16))
        assert len(bmc.asked) == 2
        assert bmc.written == []


class TestDeadlines:
    """A request takes bmc_timeout in all, repetitions included."""

    def test_a_read_has_all_the_time_and_may_be_sent_again(self) -> None:
        bmc = Scripted().on(READ, STATUS)
        ask(bmc)
        assert bmc.patience == [(10.0, True)]

    def test_a_write_leaves_time_to_find_out_and_is_sent_once(self) -> None:
        bmc = Scripted().on("00/02", "00")
        ask(bmc, CHASSIS_CONTROL, b"\1")
        assert bmc.patience == [(4.0, False)]

    def test_a_write_after_busy_answers_keeps_to_the_deadline(self) -> None:
        bmc = Scripted().on("00/02", "C0")
        with pytest.raises(CompletionError):
            ask(bmc, CHASSIS_CONTROL, b"\1")
        assert bmc.patience[-1][0] < 4.0
        assert bmc.clock.time < 1010.0

    def test_a_silent_read_is_a_lost_session(self) -> None:
        bmc = Scripted().on(READ, STATUS).once(READ, DROPPED)
        with pytest.raises(SessionLost, match=r"Get Chassis Status \(00/01\) got no answer within 10 seconds"):
            ask(bmc)
        assert bmc.clock.time == 1010.0

    def test_a_silent_write_is_a_lost_answer(self) -> None:
        bmc = Scripted().on("00/02", "00").once("00/02", LOST)
        with pytest.raises(AnswerLost, match="may or may not"):
            ask(bmc, CHASSIS_CONTROL, b"\1")
        assert bmc.asked == [WRITE]
        assert bmc.clock.time == 1004.0

    def test_silent_tells_of_the_last_request(self) -> None:
        bmc = Scripted().on(READ, STATUS).on("06/01", "00").once(READ, DROPPED)
        session = bmc.bmc()
        told = [session.silent]
        with pytest.raises(SessionLost):
            session.request(GET_CHASSIS_STATUS)
        told.append(session.silent)
        session.request(GET_CHASSIS_STATUS)
        assert [*told, session.silent] == [False, True, False]

    def test_a_sign_of_life_has_its_own_deadline(self) -> None:
        bmc = Scripted().on("06/01", "00").once("06/01", DROPPED)
        session = bmc.bmc()
        assert session.touch(1.0) is False
        assert session.silent
        assert bmc.clock.time == 1001.0

    def test_a_sign_of_life_over_a_way_that_is_gone_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bmc = Scripted()

        def unreachable(*args: object, **kwargs: object) -> None:
            raise Unreachable("network is unreachable")

        monkeypatch.setattr(bmc, "exchange", unreachable)
        session = bmc.bmc()
        assert session.touch(1.0) is False
        assert session.silent


class TestAnswers:
    """Decoding, bridging, counting."""

    def test_a_short_answer_is_malformed(self) -> None:
        bmc = Scripted().on("06/01", "00 20")
        with pytest.raises(MalformedAnswer, match=r"Get Device ID \(06/01\) .*1 byte instead of 11"):
            _unused = bmc.bmc().device

    def test_the_device_id_is_asked_once(self) -> None:
        bmc = identified(Scripted())
        session = bmc.bmc()
        assert session.device is session.device
        assert bmc.asked == ["06/01"]

    def test_a_bridged_request_names_its_target(self) -> None:
        bmc = Scripted().on(READ, STATUS)
        session = bmc.bmc()
        session.request(GET_CHASSIS_STATUS, bridge=0x72)
        session.request(GET_CHASSIS_STATUS)
        assert bmc.bridges == [0x72, None]

    def test_the_code_can_be_asked_for(self) -> None:
        bmc = Scripted().on(READ, STATUS).once(READ, "C0", "80 01", "C0")
        session = bmc.bmc()
        assert session.ask(GET_CHASSIS_STATUS, final=[0x80]) == (0x80, b"\x01")
        assert session.ask(GET_CHASSIS_STATUS, final=[0xC0]) == (0xC0, b"")
        assert session.ask(GET_CHASSIS_STATUS) == (0, bytes.fromhex(STATUS)[1:])
        assert len(bmc.asked) == 4

    def test_every_request_sent_is_counted(self) -> None:
        bmc = Scripted().on(READ, STATUS).once(READ, "C0")
        session = bmc.bmc()
        session.request(GET_CHASSIS_STATUS)
        assert session.requests == 2

    def test_a_session_is_given_back_also_after_an_error(self) -> None:
        bmc = Scripted().on("0C/02", "80")
        with pytest.raises(CompletionError), bmc.bmc() as session:
            session.request(GET_LAN, bytes(4))
        assert bmc.closed == 1

    def test_a_message_names_the_command_and_what_to_do(self) -> None:
        bmc = Scripted().on("06/01", "D4")
        with pytest.raises(CompletionError, match=r"Get Device ID \(06/01\).*0xD4 \(insufficient.*bmc_privilege"):
            ask(bmc, GET_DEVICE_ID)


class TestSettle:
    """A write whose answer may get lost."""

    def attempt(self, lost: int, done_after: int | None) -> list[str]:
        """The steps, where the first `lost` answers get lost and the state shows after so many looks."""
        steps: list[str] = []

        def write() -> None:
            steps.append("write")
            if steps.count("write") <= lost:
                raise AnswerLost("lost")

        def done() -> bool:
            steps.append("look")
            return done_after is not None and steps.count("look") >= done_after

        settle(Scripted().bmc(CONNECTION), write, done)
        return steps

    def test_an_answered_write_needs_no_look(self) -> None:
        assert self.attempt(0, None) == ["write"]

    def test_a_lost_answer_is_looked_up(self) -> None:
        assert self.attempt(1, 1) == ["write", "look"]

    def test_what_was_not_done_is_written_again(self) -> None:
        assert self.attempt(1, None) == ["write", "look", "write"]

    def test_three_lost_answers_are_enough(self) -> None:
        with pytest.raises(AnswerLost):
            self.attempt(3, None)

    def test_the_third_is_looked_up_too(self) -> None:
        assert self.attempt(3, 3) == ["write", "look"] * 3


def test_what_pauses_meanwhile_does_so_no_longer_afterwards() -> None:
    scripted, pauses = Scripted(), list[float]()
    bmc = scripted.bmc(CONNECTION)

    def interrupted() -> None:
        with bmc.pausing_by(pauses.append):
            bmc.wait(1.5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    bmc.wait(2.5)
    assert (pauses, scripted.clock.pauses) == ([1.5], [2.5])

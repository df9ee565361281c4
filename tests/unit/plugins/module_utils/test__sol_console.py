# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The serial console: never taken, characters exactly once, and given back on every path."""

from __future__ import annotations

import functools
import heapq
import itertools
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    BmcError,
    CompletionError,
    ConsoleDisabled,
    ConsoleEncryption,
    ConsoleHeld,
    ConsoleLimit,
    ConsoleLost,
    ConsoleUnavailable,
    MalformedAnswer,
    NotReached,
    SessionLost,
    Unsupported,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._sol_packet import (
    BmcPacket,
    ConsolePacket,
    Operation,
    Status,
    next_sequence,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._sol_console import Pace, SolConsole
from tests.unit.plugins.scripted import DROPPED, LOST, Scripted

ACTIVATE, DEACTIVATE, OWNER = "06/48 01 01", "06/49 01 01", "06/4B 01 01"
#: Inbound and outbound size 68: 64 characters; port 623, no VLAN.
ACTIVATED = "00 00 00 00 00 44 00 44 00 6F 02 FF FF"
OURS, NOBODYS, OTHERS = ("00 01 00 00 00 01", "00 00 00 00 00 01", "00 99 00 00 00 01")


class Wire:
    """A `SolLink`: what it carries takes a time, and only waiting makes it pass."""

    def __init__(self, bmc: Scripted) -> None:
        self.clock = bmc.clock
        self.sent: list[ConsolePacket] = []
        #: What the BMC does about a packet.
        self.react: t.Callable[[ConsolePacket], None] = lambda packet: None
        self.arrived: t.Callable[[bytes], None] | None = None
        self._coming: list[tuple[float, int, t.Callable[[], None]]] = []
        self._number = itertools.count()
        bmc.sol = self

    def listen(self, arrived: t.Callable[[bytes], None] | None) -> None:
        self.arrived = arrived

    def send(self, payload: bytes) -> None:
        packet = ConsolePacket.from_wire(payload)
        self.sent.append(packet)
        self.react(packet)

    def wait(self, deadline: float) -> None:
        if self._coming and self._coming[0][0] <= max(deadline, self.clock.time):
            when, _number, event = heapq.heappop(self._coming)
            self.clock.time = max(self.clock.time, when)
            event()
        else:
            self.clock.time = max(self.clock.time, deadline)

    def fileno(self) -> int:
        return 42

    def later(self, delay: float, event: t.Callable[[], None]) -> None:
        heapq.heappush(self._coming, (self.clock.time + delay, next(self._number), event))

    def say(self, *packets: BmcPacket, delay: float = 0.01) -> None:
        """The BMC sends packets."""
        for packet in packets:
            self.later(delay, functools.partial(self.hand_over, packet.to_wire()))

    def hand_over(self, payload: bytes) -> None:
        if self.arrived is not None:
            self.arrived(payload)


def accept(wire: Wire, *answers: tuple[int, Status], keeps: int = 0) -> bytearray:
    """A BMC that takes so many characters of each packet and then all; what the host gets.

    `keeps` is the number of the last packet of another console, which it still compares with.
    """
    typed, script, last = bytearray(), list(answers), [keeps, 5]

    def react(packet: ConsolePacket) -> None:
        if not packet.sequence:
            return
        status = Status.NONE
        if packet.sequence != last[0]:
            count, status = script.pop(0) if script else (len(packet.characters), Status.NONE)
            typed.extend(packet.characters[:count])
            last[:] = packet.sequence, count
        wire.say(BmcPacket(0, packet.sequence, last[1], status))

    wire.react = react
    return typed


def scripted() -> tuple[Scripted, Wire]:
    bmc = Scripted().on(ACTIVATE, ACTIVATED).on(DEACTIVATE, "00").on(OWNER, OURS).on("06/01", "00 20 01 02 05 02 BF")
    return bmc, Wire(bmc)


def opened(*, introduced: bool = True, **pace: t.Any) -> tuple[SolConsole, Scripted, Wire]:
    """A console, by default with the packet that goes before the first characters behind it and forgotten."""
    bmc, wire = scripted()
    console = SolConsole(bmc.bmc(), pace=Pace(**pace))
    console.activate()
    if introduced:
        console._introduced = True
    bmc.forget()
    return console, bmc, wire


def read(console: SolConsole, wire: Wire, seconds: float = 1.0) -> bytes:
    """All that comes within some seconds."""
    text, deadline = b"", wire.clock.now() + seconds
    while data := console.receive(deadline):
        text += data
    return text


class TestDeadline:
    """What is typed ends with the time that there is for it."""

    def test_characters_that_nobody_acknowledges_are_given_up_at_the_deadline(self) -> None:
        console, _bmc, wire = opened()
        start = console.deadline = wire.clock.now() + 2.0
        with pytest.raises(NotReached, match="3 characters may or may not have reached it"):
            console.send(b"who")
        assert wire.clock.now() == start

    def test_a_bmc_that_refuses_is_given_up_at_the_deadline_and_said_to_refuse(self) -> None:
        console, _bmc, wire = opened()
        accept(wire, *[(0, Status.NACK)] * 50)
        end = console.deadline = wire.clock.now() + 2.0
        with pytest.raises(ConsoleUnavailable, match=r"refused characters for the host for (2|1\.9\d*) seconds"):
            console.send(b"who")
        assert wire.clock.now() == end

    def test_nothing_is_typed_after_it(self) -> None:
        console, _bmc, wire = opened()
        accept(wire)
        console.deadline = wire.clock.now()
        with pytest.raises(NotReached):
            console.send(b"who")
        assert wire.sent == []

    def test_a_long_text_ends_at_it(self) -> None:
        console, _bmc, wire = opened()
        typed = accept(wire)
        end = console.deadline = wire.clock.now() + 0.5
        with pytest.raises(NotReached):
            console.send(b"x" * 100_000)
        assert end <= wire.clock.now() < end + 0.1 and 0 < len(typed) < 100_000


class TestAnotherPort:
    """A BMC that carries the console over another UDP port than the session's."""

    @staticmethod
    def console(port: str) -> tuple[SolConsole, Wire]:
        bmc, wire = scripted()
        bmc.on(ACTIVATE, ACTIVATED.replace("6F 02", port))
        console = SolConsole(bmc.bmc())
        console.activate()
        return console, wire

    def test_is_named_where_nothing_is_acknowledged_over_the_session_s(self) -> None:
        console, wire = self.console("56 18")
        console.deadline = wire.clock.now()
        assert console.elsewhere() == 6230

    def test_is_none_where_it_is_acknowledged_because_somebody_forwards_ports(self) -> None:
        console, wire = self.console("56 18")
        accept(wire)
        assert console.elsewhere() is None and len(wire.sent) == 1

    @pytest.mark.parametrize("port", ["6F 02", "02 6F", "00 00"])
    def test_is_none_where_the_port_is_the_session_s_or_not_said(self, port: str) -> None:
        console, wire = self.console(port)
        assert console.elsewhere() is None and wire.sent == []


class TestOpening:
    """Activate Payload."""

    def test_it_is_asked_for_encrypted_and_authenticated_with_cts_on(self) -> None:
        bmc, wire = scripted()
        with SolConsole(bmc.bmc()) as console:
            assert console.active
        # b7 encryption, b6 authentication, b3:2 alerts deferred, b1 CTS off.
        assert bmc.written == ["06/48 01 01 C4 00 00 00", "06/49 01 01 00 00 00 00"]
        assert wire.arrived is None

    @pytest.mark.parametrize(
        ("code", "error", "words"),
        [
            ("80", ConsoleHeld, "Somebody has the console"),
            ("81", ConsoleDisabled, "sol_payload"),
            ("82", ConsoleLimit, "at a time"),
            ("83", ConsoleEncryption, "cannot encrypt"),
            ("84", ConsoleEncryption, "wants its console encrypted"),
            ("D4", CompletionError, "bmc_privilege"),
        ],
    )
    def test_a_refusal_says_which_and_nothing_is_taken(self, code: str, error: type[CompletionError], words: str) -> None:
        bmc, wire = scripted()
        bmc.on(ACTIVATE, code)
        with pytest.raises(error, match=words) as caught, SolConsole(bmc.bmc()):
            pytest.fail("it was opened")
        assert caught.value.__class__ is error
        assert caught.value.facts()["completion_code"] == f"0x{code}"
        assert bmc.asked == ["06/48 01 01 C4 00 00 00"]
        assert wire.arrived is None

    def test_in_band_there_is_none(self) -> None:
        with pytest.raises(Unsupported, match="bmc_interface=lan"):
            SolConsole(Scripted(session=None).bmc())

    @pytest.mark.parametrize("lost", [LOST, DROPPED])
    def test_a_lost_answer_is_looked_after(self, lost: str) -> None:
        bmc, _wire = scripted()
        bmc.once(ACTIVATE, lost).once(OWNER, OURS if lost == LOST else NOBODYS)
        console = SolConsole(bmc.bmc())
        console.activate()
        assert console.active
        given_back = ["06/49 01 01 00 00 00 00"] if lost == LOST else []
        assert bmc.written == ["06/48 01 01 C4 00 00 00", *given_back, "06/48 01 01 C4 00 00 00"]

    def test_numbers_begin_anew_when_it_is_opened_anew(self) -> None:
        bmc, wire = scripted()

        def activated(_data: bytes) -> bytes:
            wire.say(BmcPacket(1, characters=b"hello"))
            return bytes.fromhex(ACTIVATED)

        def deactivated(_data: bytes) -> bytes:
            wire.wait(wire.clock.now() + 1)
            return b"\0"

        bmc.on(ACTIVATE, activated).once(ACTIVATE, LOST)
        console = SolConsole(bmc.bmc())
        bmc.on(DEACTIVATE, deactivated)
        console.activate()
        assert read(console, wire, 2) == b"hellohello"

    def test_a_lost_answer_and_then_somebody_else_is_held(self) -> None:
        bmc, _wire = scripted()
        bmc.once(ACTIVATE, DROPPED, "80").on(OWNER, OTHERS)
        with pytest.raises(ConsoleHeld):
            SolConsole(bmc.bmc()).activate()
        assert not bmc.asked_for("06/49")

    def test_answers_lost_for_good_leave_nothing_open(self) -> None:
        bmc, _wire = scripted()
        bmc.once(ACTIVATE, LOST, LOST, LOST)
        with pytest.raises(AnswerLost):
            SolConsole(bmc.bmc()).activate()
        assert bmc.written[-1] == "06/49 01 01 00 00 00 00"

    @pytest.mark.parametrize("request_", [ACTIVATE, OWNER])
    @pytest.mark.parametrize("tells", [True, False])
    def test_an_interruption_while_opening_leaves_nothing_open(self, request_: str, tells: bool) -> None:
        bmc, wire = scripted()
        interruptions = [KeyboardInterrupt()]

        def interrupted(_data: bytes) -> bytes:
            if interruptions:
                raise interruptions.pop()
            return bytes.fromhex(OURS if tells else "C1")

        bmc.on(request_, interrupted)
        with pytest.raises(KeyboardInterrupt), SolConsole(bmc.bmc()):
            pytest.fail("it was opened")
        assert bmc.written[-1] == "06/49 01 01 00 00 00 00"
        assert wire.arrived is None

    def test_an_answer_that_is_too_short_leaves_nothing_open(self) -> None:
        bmc, _wire = scripted()
        bmc.on(ACTIVATE, "00 00 00")
        with pytest.raises(MalformedAnswer), SolConsole(bmc.bmc()):
            pytest.fail("it was opened")
        assert bmc.written[-1] == "06/49 01 01 00 00 00 00"

    def test_an_error_while_cleaning_up_does_not_hide_the_first(self) -> None:
        bmc, wire = scripted()
        bmc.on(ACTIVATE, "00 00 00").on(DEACTIVATE, "D4")
        with pytest.raises(MalformedAnswer):
            SolConsole(bmc.bmc()).activate()
        assert wire.arrived is None

    def test_a_console_that_was_lost_can_be_opened_again(self) -> None:
        console, bmc, wire = opened()
        bmc.on(OWNER, NOBODYS)
        with pytest.raises(ConsoleLost):
            console.check()
        console.release()
        bmc.on(OWNER, OURS)
        console.activate()
        wire.say(BmcPacket(1, characters=b"again"))
        assert console.active and read(console, wire) == b"again"

    def test_one_that_went_to_another_session_at_once_is_left_to_it(self) -> None:
        bmc, wire = scripted()
        bmc.on(OWNER, OTHERS)
        with SolConsole(bmc.bmc()) as console, pytest.raises(ConsoleLost, match="0x00000099"):
            console.receive(wire.clock.now() + 1)
        assert not bmc.asked_for("06/49")

    @pytest.mark.parametrize(("size", "characters"), [("44 00", 64), ("00 01", 252), ("FF 03", 255), ("00 44", 64), ("00 00", 16), ("FF FF", 16)])
    def test_the_size_of_packets(self, size: str, characters: int) -> None:
        bmc, wire = scripted()
        bmc.on(ACTIVATE, f"00 00 00 00 00 {size} 44 00 6F 02 FF FF")
        accept(wire)
        with SolConsole(bmc.bmc()) as console:
            console.send(bytes(1000))
        assert max(len(packet.characters) for packet in wire.sent) == characters


class TestReceiving:
    """What the host prints."""

    def test_packets_are_acknowledged_and_joined(self) -> None:
        console, _bmc, wire = opened()
        wire.say(BmcPacket(1, characters=b"log"), BmcPacket(2, characters=b"in: "))
        assert read(console, wire) == b"login: "
        assert wire.sent == [ConsolePacket(0, 1, 3), ConsolePacket(0, 2, 4)]

    def test_a_repeated_packet_is_acknowledged_again_and_dropped(self) -> None:
        console, _bmc, wire = opened()
        one = BmcPacket(1, characters=b"one", status=Status.OVERRUN)
        wire.say(one, one, one, BmcPacket(2, characters=b"one"))
        assert read(console, wire) == b"oneone"
        assert len(wire.sent) == 4
        assert console.overruns == 1

    def test_a_repeated_packet_may_have_more_or_less(self) -> None:
        console, _bmc, wire = opened()
        for text in (b"ab", b"abcd", b"a", b"abcdef"):
            wire.say(BmcPacket(1, characters=text))
        assert read(console, wire) == b"abcdef"
        assert [packet.accepted for packet in wire.sent] == [2, 4, 1, 6]

    def test_the_same_number_with_other_characters_is_new(self) -> None:
        console, _bmc, wire = opened()
        wire.say(BmcPacket(1, characters=b"ab"), BmcPacket(1, characters=b"xyz"))
        assert read(console, wire) == b"abxyz"

    def test_a_short_packet_is_as_good_as_lost(self) -> None:
        console, _bmc, wire = opened()
        wire.later(0.01, lambda: wire.hand_over(b"\1\0\0"))
        wire.say(BmcPacket(1, characters=b"a"), delay=0.02)
        assert read(console, wire) == b"a"

    def test_the_deadline_is_kept_and_what_is_there_is_returned_after_it(self) -> None:
        console, _bmc, wire = opened()
        start = wire.clock.now()
        assert console.receive(start + 3) == b""
        assert wire.clock.now() == start + 3
        wire.say(BmcPacket(1, characters=b"a"), delay=0)
        assert console.receive(start) == b"a"

    def test_breaks_of_the_host_are_counted(self) -> None:
        console, _bmc, wire = opened()
        wire.say(BmcPacket(status=Status.BREAK), BmcPacket(1, status=Status.BREAK | Status.OVERRUN, characters=b"x"))
        assert read(console, wire) == b"x"
        assert (console.breaks, console.overruns) == (2, 1)

    def test_what_comes_during_a_request_is_kept(self) -> None:
        console, bmc, wire = opened()

        def owner(_data: bytes) -> bytes:
            wire.hand_over(BmcPacket(1, characters=b"meanwhile").to_wire())
            return bytes.fromhex(OURS)

        bmc.on(OWNER, owner)
        console.check()
        assert wire.sent == [ConsolePacket(0, 1, 9)]
        assert read(console, wire) == b"meanwhile"

    def test_one_can_wait_for_it_and_for_something_else_at_once(self) -> None:
        console, _bmc, _wire = opened()
        assert console.fileno() == 42

    def test_pause_and_resume(self) -> None:
        console, _bmc, wire = opened()
        accept(wire)
        console.pause()
        wire.say(BmcPacket(1, characters=b"late"))
        assert read(console, wire) == b"late"
        console.resume()
        assert [packet.operation for packet in wire.sent] == [Operation.CTS_PAUSE, Operation.CTS_PAUSE, Operation.NONE]


class TestSending:
    """What is typed."""

    def test_chunks_and_sequence_numbers(self) -> None:
        console, _bmc, wire = opened()
        typed = accept(wire)
        text = bytes(n % 251 for n in range(64 * 16 + 5))
        console.send(text)
        assert typed == text
        assert [packet.sequence for packet in wire.sent] == [*range(1, 16), 1, 2]
        assert {len(packet.characters) for packet in wire.sent} == {64, 5}

    @pytest.mark.parametrize("last", range(1, 16))
    def test_the_number_of_whoever_typed_before_costs_no_character(self, last: int) -> None:
        # ipmi_sim keeps the number over activations, and drops what comes with the same one.
        console, _bmc, wire = opened(introduced=False)
        typed = accept(wire, keeps=last)
        console.send(b"root\r")
        assert typed == b"root\r"

    def test_a_bmc_that_does_not_acknowledge_the_packet_before_the_first_is_typed_at(self) -> None:
        console, _bmc, wire = opened(introduced=False, resend=0.5)
        typed = accept(wire)
        good = wire.react
        wire.react = lambda packet: good(packet) if packet.characters else None
        console.send(b"ls\r")
        console.send(b"pwd\r")
        assert typed == b"ls\rpwd\r"
        assert [packet.sequence for packet in wire.sent] == [1, 1, 1, 2, 3]

    def test_a_lost_packet_is_sent_again_unchanged(self) -> None:
        console, _bmc, wire = opened(resend=0.5)
        typed = accept(wire)
        good, start = wire.react, wire.clock.now()
        wire.react = lambda packet: good(packet) if len(wire.sent) > 2 else None
        console.send(b"ls\r")
        assert typed == b"ls\r"
        assert wire.sent == [ConsolePacket(1, characters=b"ls\r")] * 3
        assert 1.0 < wire.clock.now() - start < 1.1

    def test_a_lost_acknowledgement_doubles_nothing(self) -> None:
        console, _bmc, wire = opened()
        typed = accept(wire)
        wire.later(0.015, lambda: None)
        real, seen = wire.arrived, []

        def first_is_lost(payload: bytes) -> None:
            seen.append(payload)
            if len(seen) > 1 and real is not None:
                real(payload)

        wire.arrived = first_is_lost
        console.send(b"x")
        assert typed == b"x"
        assert len(wire.sent) == 2

    def test_what_was_not_accepted_goes_out_again_with_the_next_number(self) -> None:
        console, _bmc, wire = opened()
        typed = accept(wire, (3, Status.NONE), (0, Status.NACK), (2, Status.NACK))
        console.send(b"abcdefgh")
        assert typed == b"abcdefgh"
        texts = [(packet.sequence, packet.characters) for packet in wire.sent]
        assert texts == [(1, b"abcdefgh"), (2, b"defgh"), (3, b"defgh"), (4, b"fgh")]

    @pytest.mark.parametrize("refusal", [(0, Status.NACK), (1, Status.NACK), (0, Status.NONE)])
    def test_a_refusal_makes_it_wait_before_the_next_packet(self, refusal: tuple[int, Status]) -> None:
        console, _bmc, wire = opened(resend=0.5)
        start = wire.clock.now()
        accept(wire, refusal)
        console.send(b"ab")
        assert 0.5 <= wire.clock.now() - start < 0.6

    @pytest.mark.parametrize(
        ("status", "words"),
        [(Status.NACK | Status.UNAVAILABLE, "powered off"), (Status.NACK, "flow control")],
    )
    def test_a_host_that_takes_nothing_is_named(self, status: Status, words: str) -> None:
        console, _bmc, wire = opened(refused=4)
        start = wire.clock.now()
        accept(wire, *[(0, status)] * 100)
        with pytest.raises(ConsoleUnavailable, match=words):
            console.send(b"a")
        assert 4 <= wire.clock.now() - start < 5
        with pytest.raises(ConsoleUnavailable, match=words):
            console.send_break()

    def test_a_slow_host_is_waited_for(self) -> None:
        console, _bmc, wire = opened(resend=0.5, refused=2)
        typed = accept(wire, *[(0, Status.NACK), (1, Status.NACK)] * 20)
        start = wire.clock.now()
        console.send(b"twenty characters...")
        assert typed == b"twenty characters..."
        assert wire.clock.now() - start > 10

    def test_more_accepted_than_sent_is_all(self) -> None:
        console, _bmc, wire = opened()
        accept(wire, (200, Status.NONE))
        console.send(b"ab")
        assert len(wire.sent) == 1

    def test_no_acknowledgement_at_all(self) -> None:
        console, bmc, wire = opened(tries=4)
        with pytest.raises(AnswerLost, match="4 tries; 2 characters may or may not"):
            console.send(b"ab")
        assert len(wire.sent) == 4
        assert bmc.asked == ["06/4B 01 01"]

    def test_no_acknowledgement_because_it_is_another_s(self) -> None:
        console, bmc, _wire = opened(tries=4)
        bmc.on(OWNER, OTHERS)
        with pytest.raises(ConsoleLost):
            console.send(b"ab")

    def test_an_acknowledgement_of_another_packet_does_not_count(self) -> None:
        console, _bmc, wire = opened(tries=2)
        wire.react = lambda packet: wire.say(BmcPacket(0, next_sequence(packet.sequence), 2))
        with pytest.raises(AnswerLost):
            console.send(b"ab")

    def test_text_that_comes_while_typing_is_kept(self) -> None:
        console, _bmc, wire = opened()
        wire.react = lambda packet: wire.say(BmcPacket(1, packet.sequence, 1, characters=b"echo")) if packet.sequence else None
        console.send(b"a")
        assert read(console, wire) == b"echo"

    def test_a_break_is_sent_until_it_is_acknowledged(self) -> None:
        console, _bmc, wire = opened()
        accept(wire, (0, Status.NACK))
        console.send_break()
        assert wire.sent == [ConsolePacket(1, operation=Operation.BREAK), ConsolePacket(2, operation=Operation.BREAK)]


class TestOwnership:
    """Whose it is, while it is open and at the end."""

    def test_an_idle_console_asks_whose_it_is(self) -> None:
        console, bmc, wire = opened(check=15)
        assert console.receive(wire.clock.now() + 50) == b""
        assert bmc.asked == ["06/4B 01 01"] * 3

    def test_a_console_that_is_used_asks_too(self) -> None:
        # BMCs may end a session in which only characters come and go.
        console, bmc, wire = opened(check=15)
        for number in range(1, 6):
            wire.say(BmcPacket(number, characters=b"."), delay=10 * number)
        assert read(console, wire, 55) == b"....."
        assert bmc.asked == ["06/4B 01 01"] * 3

    def test_whoever_waits_for_something_else_too_is_told_when_to_ask(self) -> None:
        console, bmc, wire = opened(check=15)
        start = wire.clock.now()
        assert console.due == start + 15
        wire.clock.time += 14
        assert console.receive(wire.clock.now()) == b"" and not bmc.asked
        wire.clock.time += 1
        assert console.receive(wire.clock.now()) == b"" and bmc.asked == ["06/4B 01 01"]
        assert console.due == wire.clock.now() + 15

    @pytest.mark.parametrize("told", [True, False])
    def test_a_loss_says_whether_it_has_just_happened(self, told: bool) -> None:
        console, bmc, wire = opened(check=1)
        if told:
            wire.say(BmcPacket(status=Status.DEACTIVATING))
        else:
            bmc.on(OWNER, OTHERS)
        with pytest.raises(ConsoleLost) as caught:
            read(console, wire, 5)
        assert caught.value.told is told

    def test_typing_for_long_asks_too(self) -> None:
        console, bmc, wire = opened(check=15)
        accept(wire)
        console.send(bytes(64 * 4000))
        seconds = wire.clock.now() - 1000
        assert seconds > 35
        assert bmc.asked == ["06/4B 01 01"] * int(seconds / 15)

    @pytest.mark.parametrize("gone", [False, True])
    def test_text_from_before_the_loss_is_not_lost_with_it(self, gone: bool) -> None:
        console, bmc, wire = opened(check=15)

        def taken(_data: bytes) -> bytes:
            wire.hand_over(BmcPacket(1, characters=b"last words").to_wire())
            bmc.gone = gone
            return bytes.fromhex(OTHERS)

        bmc.on(OWNER, taken)
        if gone:
            bmc.once(OWNER, LOST)
        assert console.receive(wire.clock.now() + 20) == b"last words"
        with pytest.raises(SessionLost if gone else ConsoleLost):
            console.receive(wire.clock.now() + 20)

    @pytest.mark.parametrize(("owner", "words"), [(OTHERS, "0x00000099"), (NOBODYS, "has ended it")])
    def test_a_console_that_was_taken_silently_is_noticed_and_left_alone(self, owner: str, words: str) -> None:
        bmc, wire = scripted()
        with SolConsole(bmc.bmc(), pace=Pace(check=15)) as console:
            bmc.on(OWNER, owner)
            start = wire.clock.now()
            with pytest.raises(ConsoleLost, match=words):
                console.receive(start + 60)
            assert wire.clock.now() == start + 15
            assert not console.active
            with pytest.raises(ConsoleLost, match=words):
                console.send(b"x")
        assert bmc.written == ["06/48 01 01 C4 00 00 00"]

    def test_the_bmc_s_own_word_ends_it_after_what_came_before(self) -> None:
        bmc, wire = scripted()
        with SolConsole(bmc.bmc()) as console:
            wire.say(BmcPacket(1, characters=b"bye"), BmcPacket(status=Status.DEACTIVATING))
            assert console.receive(wire.clock.now() + 1) == b"bye"
            with pytest.raises(ConsoleLost, match="says that it ends it"):
                console.receive(wire.clock.now() + 1)
        assert not bmc.asked_for("06/49")

    def test_it_was_taken_just_before_it_is_given_back(self) -> None:
        bmc, _wire = scripted()
        with SolConsole(bmc.bmc()):
            bmc.on(OWNER, OTHERS)
        assert not bmc.asked_for("06/49")

    @pytest.mark.parametrize("says", ["C1", "CC", "D4", "00", NOBODYS])
    def test_a_bmc_that_cannot_tell_is_kept_awake_otherwise(self, says: str) -> None:
        bmc, wire = scripted()
        bmc.on(OWNER, says)
        accept(wire)
        with SolConsole(bmc.bmc(), pace=Pace(check=15)) as console:
            bmc.forget()
            assert console.receive(wire.clock.now() + 20) == b""
            assert bmc.asked == ["06/01"]
        assert bmc.written == ["06/49 01 01 00 00 00 00"]

    @pytest.mark.parametrize("lost", [0, 2])
    def test_a_bmc_that_cannot_tell_shows_by_its_acknowledgement_whose_it_is(self, lost: int) -> None:
        bmc, wire = scripted()
        bmc.on(OWNER, "C1")
        typed, react, packets = accept(wire), wire.react, itertools.count()
        wire.react = lambda packet: react(packet) if next(packets) >= lost else None
        with SolConsole(bmc.bmc()) as console:
            # What was to be typed until then is another matter.
            console.deadline = wire.clock.now()
        assert bmc.written[-1] == "06/49 01 01 00 00 00 00"
        assert not typed

    @pytest.mark.parametrize("typing", [True, False])
    def test_one_that_may_be_another_s_is_left_alone_by_a_bmc_that_cannot_tell(self, typing: bool) -> None:
        # Somebody took it, and this session was not told: its packets are acknowledged no more.
        bmc, _wire = scripted()
        bmc.on(OWNER, "C1")
        with SolConsole(bmc.bmc()) as console:
            if typing:
                with pytest.raises(AnswerLost):
                    console.send(b"x")
        assert not bmc.asked_for("06/49")

    def test_the_bmc_s_word_that_it_ends_it_comes_while_it_is_given_back(self) -> None:
        bmc, wire = scripted()
        bmc.on(OWNER, "C1")
        wire.react = lambda packet: wire.say(BmcPacket(status=Status.DEACTIVATING))
        with SolConsole(bmc.bmc()):
            pass
        assert not bmc.asked_for("06/49")

    def test_inactive_already_is_given_back(self) -> None:
        bmc, _wire = scripted()
        bmc.on(DEACTIVATE, "80")
        with SolConsole(bmc.bmc()):
            pass
        assert len(bmc.asked_for("06/49")) == 1

    @pytest.mark.parametrize("after", [NOBODYS, OTHERS])
    def test_a_lost_answer_when_giving_it_back_hits_nobody_else(self, after: str) -> None:
        bmc, _wire = scripted()
        bmc.once(DEACTIVATE, LOST).once(OWNER, OURS, OURS, after)
        with SolConsole(bmc.bmc()):
            pass
        assert len(bmc.asked_for("06/49")) == 1

    def test_a_lost_request_to_give_it_back_is_sent_again(self) -> None:
        bmc, _wire = scripted()
        bmc.once(DEACTIVATE, DROPPED)
        with SolConsole(bmc.bmc()):
            pass
        assert len(bmc.asked_for("06/49")) == 2

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, AnswerLost])
    def test_it_is_given_back_whatever_goes_wrong(self, error: type[BaseException]) -> None:
        bmc, wire = scripted()
        with pytest.raises(error), SolConsole(bmc.bmc()):
            raise error
        assert bmc.written[-1] == "06/49 01 01 00 00 00 00"
        assert wire.arrived is None

    def test_an_error_of_giving_it_back_does_not_hide_the_first(self) -> None:
        bmc, _wire = scripted()
        bmc.on(DEACTIVATE, "D4")
        with pytest.raises(ValueError, match="first"), SolConsole(bmc.bmc()):
            raise ValueError("first")
        with pytest.raises(CompletionError), SolConsole(bmc.bmc()):
            pass

    def test_a_bmc_that_went_silent_is_not_asked_again(self) -> None:
        bmc, wire = scripted()
        with SolConsole(bmc.bmc(), pace=Pace(check=15)) as console:
            bmc.gone = True
            with pytest.raises(SessionLost):
                console.receive(wire.clock.now() + 60)
        assert not bmc.asked_for("06/49")
        assert wire.arrived is None

    def test_giving_it_back_twice_is_once(self) -> None:
        console, bmc, _wire = opened()
        console.release()
        console.release()
        assert len(bmc.asked_for("06/49")) == 1


class Peer:
    """A BMC's side of a bad network: takes, acknowledges, sends, repeats. `fate` says what becomes of each packet."""

    def __init__(self, wire: Wire, text: bytes, fate: t.Iterator[int]) -> None:
        self.wire, self.fate = wire, fate
        self.typed = bytearray()
        self._text, self._sequence, self._current = text, 0, b""
        # As if another console had sent one packet.
        self._last = (1, 3)
        wire.react = self._through
        self._next()

    def _through(self, packet: ConsolePacket) -> None:
        for _copy in range(next(self.fate)):
            self._got(packet)

    def _say(self, packet: BmcPacket) -> None:
        for _copy in range(next(self.fate)):
            self.wire.say(packet)

    def _got(self, packet: ConsolePacket) -> None:
        if packet.acknowledged == self._sequence and self._current:
            self._text = self._current[packet.accepted :] + self._text
            self._next()
        if packet.sequence:
            if packet.sequence != self._last[0]:
                count = min(len(packet.characters), 1 + packet.sequence % 7)
                self.typed += packet.characters[:count]
                self._last = packet.sequence, count
            self._say(BmcPacket(0, *self._last))

    def _next(self) -> None:
        self._current, self._text = self._text[:5], self._text[5:]
        if self._current:
            self._sequence = next_sequence(self._sequence)
            self._repeat(self._sequence)

    def _repeat(self, sequence: int) -> None:
        """Send it, until it is acknowledged; a repetition may have grown."""
        if sequence == self._sequence and self._current:
            more = self._text[:2]
            self._current, self._text = self._current + more, self._text[2:]
            self._say(BmcPacket(sequence, characters=self._current))
            self.wire.later(0.1, lambda: self._repeat(sequence))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=150), st.binary(max_size=150), st.lists(st.integers(0, 2), max_size=300))
def test_whatever_is_lost_or_doubled_on_the_way_each_character_arrives_once(printed: bytes, typed: bytes, fates: list[int]) -> None:
    # After the misfortunes that were drawn, the network is good.
    console, _bmc, wire = opened(introduced=False, tries=1000, check=1e6)
    peer = Peer(wire, printed, itertools.chain(fates, itertools.repeat(1)))
    console.send(typed)
    assert read(console, wire, 100) == printed
    assert peer.typed == typed


def test_no_error_of_this_layer_is_without_a_place_in_the_tree() -> None:
    kinds = (ConsoleHeld, ConsoleDisabled, ConsoleLimit, ConsoleEncryption, ConsoleLost, ConsoleUnavailable)
    assert all(issubclass(kind, BmcError) for kind in kinds)

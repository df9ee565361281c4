# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Freeing the console: who may be cut off, when it is not done, and what is believed."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from hypothesis import given as schedules
from hypothesis import settings
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import Holder, State
from ansible_collections.lightsout.bmc.plugins.module_utils._console_release import (
    ConsoleInUse,
    Expected,
    HolderUnknown,
    Released,
    StillHeld,
    Wish,
    release,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import AnswerLost, BadOption, BmcError, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from tests.unit.plugins.module_utils.consoles import JANE, JOE, LEFT, OUR_PORT, OURS, Console, Session
from tests.unit.plugins.scripted import DROPPED, LOST

TAKE_JANE: t.Final = Wish(when_held="take", expected=Expected(user="jane"))
DEACTIVATE: t.Final = "06/49 01 01 00 00 00 00"
PARAMS: t.Final = {
    "when_held": "fail",
    "expect_holder": None,
    "stale": "release",
    "instance": None,
    "wait_timeout": 300,
    "wait_interval": 5,
}


def free(console: Console, wish: Wish = TAKE_JANE, *, check_mode: bool = False, machine: Machine | None = None) -> Released:
    return release(console.bmc.bmc(), wish, machine or console.machine(OUR_PORT), check_mode=check_mode)


@pytest.mark.parametrize("wish", [Wish(), Wish("wait"), TAKE_JANE])
def test_a_free_console_is_left_alone(wish: Wish) -> None:
    console = Console()
    assert free(console, wish).evicted is None
    assert (console.bmc.written, len(console.bmc.asked)) == ([], 2)


class TestAPerson:
    """Somebody else has the console."""

    def test_it_is_not_taken_unasked(self) -> None:
        console = Console(JANE)
        with pytest.raises(ConsoleInUse, match=r"held by user 3 \(jane\) from 192.0.2.77 \(session 0x12345678\)") as failed:
            free(console, Wish())
        assert console.bmc.written == []
        facts = failed.value.facts()
        assert facts["reason"] == "console_held" and facts["console"]["instances"][0]["holder"]["user"] == "jane"
        assert "changed" not in facts

    @pytest.mark.parametrize(
        "expected",
        [Expected("jane"), Expected(address="192.0.2.77"), Expected("jane", "192.0.2.77"), Expected(session_id=0x12345678)],
    )
    def test_it_is_taken_from_the_expected_one(self, expected: Expected) -> None:
        console = Console(JANE)
        done = free(console, Wish("take", expected))
        assert done.evicted is not None and (done.evicted.user, done.evicted.address) == ("jane", "192.0.2.77")
        assert console.bmc.written == [DEACTIVATE]
        assert (done.before.state, done.after.state) == (State.HELD, State.FREE)

    @pytest.mark.parametrize(
        "expected",
        [Expected("joe"), Expected("jane", "192.0.2.78"), Expected("joe", "192.0.2.77"), Expected("jane", session_id=1)],
    )
    def test_and_from_no_other(self, expected: Expected) -> None:
        console = Console(JANE)
        with pytest.raises(ConsoleInUse, match="expect_holder names") as failed:
            free(console, Wish("take", expected))
        assert console.bmc.written == [] and "jane" in str(failed.value) and str(expected) in str(failed.value)

    def test_what_the_bmc_does_not_tell_matches_nothing(self) -> None:
        console = Console(JANE)
        console.bmc.on("06/46", "D4")
        with pytest.raises(ConsoleInUse):
            free(console)
        assert console.bmc.written == []

    def test_an_expectation_alone_takes_nothing(self) -> None:
        console = Console(JANE)
        with pytest.raises(ConsoleInUse):
            free(console, Wish("fail", Expected("jane")))
        assert console.bmc.written == []

    @pytest.mark.parametrize("instance", [1, 2])
    def test_only_the_instance_that_is_meant_is_taken(self, instance: int) -> None:
        console = Console(JANE, JANE, capacity=2)
        done = free(console, Wish("take", Expected("jane"), instance=instance))
        assert list(console.holders) == [3 - instance]
        assert [one.number for one in done.after.instances] == [instance]

    def test_check_mode_says_who_would_be_cut_off(self) -> None:
        console = Console(JANE)
        done = free(console, check_mode=True)
        assert done.evicted is not None and done.evicted.user == "jane" and done.after.state is State.FREE
        assert console.bmc.written == []

    def test_check_mode_fails_where_the_task_would(self) -> None:
        with pytest.raises(ConsoleInUse):
            free(Console(JANE), Wish(), check_mode=True)


class TestStale:
    """A session with nobody behind it."""

    def test_ours_is_released_by_default(self) -> None:
        console = Console(LEFT)
        done = free(console, Wish())
        assert done.evicted is not None and done.evicted.stale and console.holders == {}

    @pytest.mark.parametrize(
        ("wish", "advice"), [(Wish(stale="fail"), "stale=release releases it"), (Wish("wait", stale="fail", timeout=1), "stale=release")]
    )
    def test_not_if_the_task_says_so(self, wish: Wish, advice: str) -> None:
        console = Console(LEFT)
        with pytest.raises(ConsoleInUse, match=advice):
            free(console, wish)
        assert console.bmc.written == []

    def test_one_that_still_runs_is_somebody_s(self) -> None:
        console = Console(LEFT)
        with pytest.raises(ConsoleInUse, match="still has UDP port"):
            free(console, Wish(), machine=console.machine(OUR_PORT, LEFT.port))
        assert console.bmc.written == []

    @pytest.mark.parametrize("stale", ["release", "release_any"])
    def test_where_it_is_not_known_it_is_somebody_s(self, stale: str) -> None:
        console = Console(LEFT)
        with pytest.raises(ConsoleInUse, match="cannot be seen"):
            free(console, Wish(stale=stale), machine=console.machine(OUR_PORT, local=False))
        assert console.bmc.written == []

    def test_one_that_is_not_listed_may_be_anybody_s(self) -> None:
        console = Console(JANE)
        console.forget(JANE)
        with pytest.raises(ConsoleInUse, match="stale=release_any"):
            free(console, Wish())
        assert console.bmc.written == []
        assert free(console, Wish(stale="release_any")).evicted == Holder(
            JANE.number, listed=False, stale=True, stale_reason="the BMC no longer lists the session"
        )

    def test_our_own_session_gives_its_console_back(self) -> None:
        console = Console(OURS)
        done = free(console, Wish(stale="fail"))
        assert done.evicted is not None and done.evicted.ours and console.holders == {}


class TestWaiting:
    """Asks for the console, for nothing else, as often as the task says."""

    def test_it_ends_when_the_holder_leaves(self) -> None:
        console = Console(JANE)
        console.meanwhile = lambda look: console.holders.clear() if look == 4 else None
        done = free(console, Wish("wait", timeout=60, interval=7))
        assert (done.evicted, done.waited, done.note) == (None, 21, "the holder left by himself")
        assert console.bmc.clock.pauses == [7, 7, 7] and console.bmc.written == []

    def test_nothing_else_is_asked_meanwhile(self) -> None:
        console = Console(JANE)
        with pytest.raises(ConsoleInUse):
            free(console, Wish("wait", timeout=20, interval=5))
        # A whole look at both ends, and four short ones.
        whole = ["06/4A 01", "06/4B 01 01", "06/3D FF 78 56 34 12", "06/46 03", "06/3D 00"]
        assert console.bmc.asked == whole + 4 * ["06/4A 01", "06/4B 01 01"] + whole

    def test_at_the_end_of_the_time_it_says_who_holds_it_then(self) -> None:
        console = Console(JANE)
        console.meanwhile = lambda look: console.holders.update({1: JOE}) if look == 3 else None
        with pytest.raises(ConsoleInUse, match=r"held by user 4 \(joe\).* after 12 seconds"):
            free(console, Wish("wait", timeout=12, interval=5))
        assert console.bmc.clock.pauses == [5, 5, 2] and console.bmc.written == []

    def test_a_stale_session_of_ours_is_not_waited_for(self) -> None:
        console = Console(LEFT)
        assert free(console, Wish("wait")).waited == 0 and console.bmc.clock.pauses == []

    def test_an_unknown_console_is_waited_for(self) -> None:
        console = Console()
        console.bmc.once("06/4A 01", "00 01 01 00", "00 01 01 00")
        assert free(console, Wish("wait", interval=3)).waited == 6

    def test_check_mode_does_not_wait(self) -> None:
        console = Console(JANE)
        done = free(console, Wish("wait", timeout=60), check_mode=True)
        assert done.evicted is None and "would wait up to 60 seconds" in done.note and console.bmc.clock.pauses == []


class TestUnknown:
    """Nobody is cut off whom the BMC does not name."""

    @pytest.mark.parametrize("wish", [Wish(), TAKE_JANE, Wish("wait", timeout=1), Wish(stale="release_any")])
    @pytest.mark.parametrize("rules", [{"06/4B": "C1"}, {"06/4A": "CC", "06/4B": "C1"}, {"06/4B": "00" + 12 * " 00"}])
    def test_it_is_left_alone(self, wish: Wish, rules: dict[str, str]) -> None:
        console = Console(JANE)
        for request, answer in rules.items():
            console.bmc.on(request + " 01", answer)
        with pytest.raises(HolderUnknown) as failed:
            free(console, wish)
        assert console.bmc.written == [] and failed.value.facts()["reason"] == "console_unknown"


class TestRace:
    """Between the look and the deactivation the holder may change."""

    def test_another_who_came_is_not_cut_off(self) -> None:
        console = Console(JANE)
        console.meanwhile = lambda look: console.holders.update({1: JOE}) if look == 2 else None
        with pytest.raises(ConsoleInUse, match=r"changed hands.*user 3 \(jane\).*now instance 1 is held by user 4 \(joe\)") as failed:
            free(console)
        assert console.bmc.written == [] and failed.value.evicted is None

    def test_one_who_left_need_not_be_cut_off(self) -> None:
        console = Console(JANE)
        console.meanwhile = lambda look: console.holders.clear() if look == 2 else None
        done = free(console)
        assert done.evicted is None and "left just before" in done.note and console.bmc.written == []

    def test_the_look_is_the_last_thing_before_the_deactivation(self) -> None:
        console = Console(JANE)
        free(console)
        at = console.bmc.asked.index(DEACTIVATE)
        assert console.bmc.asked[at - 2 : at] == ["06/4A 01", "06/4B 01 01"]

    def test_one_who_comes_at_once_is_named_and_who_was_cut_off_too(self) -> None:
        console = Console(JANE)
        console.successor = JOE
        with pytest.raises(ConsoleInUse, match=r"released from user 3 \(jane\).*since then .*user 4 \(joe\)") as failed:
            free(console)
        facts = failed.value.facts()
        assert (facts["changed"], facts["evicted"]["user"]) == (True, "jane")
        assert console.bmc.written == [DEACTIVATE]


@settings(max_examples=600, deadline=None)
@schedules(
    comings=st.lists(st.sampled_from([JANE, JOE, None, LEFT, OURS]), min_size=1, max_size=6),
    wish=st.builds(
        Wish,
        when_held=st.sampled_from(["fail", "wait", "take"]),
        expected=st.sampled_from([Expected("jane"), Expected(address=JOE.address)]),
        stale=st.sampled_from(["fail", "release"]),
        timeout=st.integers(1, 12),
    ),
    check_mode=st.booleans(),
)
def test_whatever_the_others_do_only_those_are_cut_off_whom_the_task_names(comings: list[Session | None], wish: Wish, check_mode: bool) -> None:
    console = Console()
    lost: list[Session] = []
    events = iter(comings)

    def come_and_go() -> None:
        for now in itertools.islice(events, 1):
            console.holders = {} if now is None else {1: now}

    def names_us(_data: bytes) -> bytes:
        # The last question of a whole look: between it and the next look anything may happen.
        come_and_go()
        return b"\0" + OURS.wire()

    def deactivate(data: bytes) -> bytes:
        lost.extend(console.holders.values())
        return console._deactivate(data)

    console.meanwhile = lambda _look: come_and_go()
    console.bmc.on("06/49 01", deactivate).on("06/3D 00", names_us)
    evicted: Holder | None = None
    try:
        done = free(console, wish, check_mode=check_mode)
        evicted = None if check_mode else done.evicted
        assert check_mode or done.after.state is State.FREE
    except ConsoleInUse as error:
        evicted = error.evicted
    except StillHeld:
        # Whoever was cut off came back at once, in the same session.
        assert len(lost) == 1
        lost.clear()
    except BmcError as error:
        pytest.fail(f"{error}")
    allowed = {JANE: wish.expected == Expected("jane"), JOE: wish.expected != Expected("jane")}
    for one in lost:
        assert one is OURS or (one is LEFT and wish.stale == "release") or (wish.when_held == "take" and allowed.get(one)), one
    # Who was cut off is said, and nobody else.
    assert [one.number for one in lost] == ([] if evicted is None else [evicted.session_id])


class TestBelief:
    """A deactivation counts when the session is gone."""

    @pytest.mark.parametrize(("answer", "said"), [("00", "accepted"), ("80", "inactive already")])
    def test_yes_is_not_believed_where_it_stays(self, answer: str, said: str) -> None:
        console = Console(JANE)
        console.obeys = False
        console.bmc.on("06/49", answer).on("06/49 01", answer)
        with pytest.raises(StillHeld, match=said) as failed:
            free(console)
        facts = failed.value.facts()
        assert facts["reason"] == "not_verified" and facts["console"]["state"] == "held" and "changed" not in facts
        assert console.bmc.written == [DEACTIVATE]

    def test_a_bmc_may_take_its_time(self) -> None:
        console = Console(JANE)
        console.obeys = False
        console.bmc.clock.meanwhile = console.holders.clear
        assert free(console).after.state is State.FREE and console.bmc.clock.pauses == [0.5]

    def test_a_status_that_stays_active_is_no_proof(self) -> None:
        console = Console(JANE)
        console.bmc.on("06/4A 01", "00 01 01 00")
        with pytest.raises(StillHeld, match="contradicts itself"):
            free(console)

    def test_a_refusal_is_one(self) -> None:
        console = Console(JANE)
        console.bmc.on("06/49 01", "D4")
        with pytest.raises(CompletionError, match="0xD4"):
            free(console)

    def test_a_lost_answer_is_followed_by_a_look(self) -> None:
        console = Console(JANE)
        console.bmc.once("06/49", LOST)
        assert free(console).evicted is not None and console.bmc.written == [DEACTIVATE]

    def test_and_by_a_second_try_only_if_the_same_session_still_has_it(self) -> None:
        console = Console(JANE)
        console.bmc.once("06/49", DROPPED)
        assert free(console).evicted is not None and console.bmc.written == 2 * [DEACTIVATE]

    def test_another_who_came_while_the_answer_was_lost_is_not_cut_off(self) -> None:
        console = Console(JANE)
        console.successor = JOE
        console.bmc.once("06/49", LOST)
        with pytest.raises(ConsoleInUse, match="since then"):
            free(console)
        assert console.bmc.written == [DEACTIVATE] and console.holders == {1: JOE}

    def test_answers_that_are_always_lost_end_it(self) -> None:
        console = Console(JANE)
        console.bmc.once("06/49", DROPPED, DROPPED, DROPPED)
        with pytest.raises(AnswerLost):
            free(console)


class TestOptions:
    """What cannot be meant is refused before anything is sent."""

    @pytest.mark.parametrize(
        ("given", "text"),
        [
            ({"instance": 0}, "instance is 0"),
            ({"instance": 16}, "1 to 15"),
            ({"wait_timeout": 0}, "wait_timeout is 0"),
            ({"wait_timeout": 86401}, "1 to 86400"),
            ({"wait_interval": 0}, "wait_interval is 0"),
            ({"wait_interval": 31}, "1 to 30 seconds"),
            ({"when_held": "take"}, "needs expect_holder"),
            ({"when_held": "take", "expect_holder": {}}, "says nothing"),
            ({"expect_holder": {"user": ""}}, "is empty"),
            ({"expect_holder": {"address": "2001:db8::1"}}, "no IPv4 address"),
            ({"expect_holder": {"address": "console.example.org"}}, "no IPv4 address"),
            ({"expect_holder": {"session_id": "12"}}, "is not 0x"),
            ({"expect_holder": {"session_id": "0x123456789"}}, "is not 0x"),
        ],
    )
    def test_it_is_said(self, given: dict[str, t.Any], text: str) -> None:
        with pytest.raises(BadOption, match=text):
            Wish.from_params({**PARAMS, **given})

    def test_the_rest_is_taken(self) -> None:
        assert Wish.from_params(PARAMS) == Wish()
        expected = {"user": "jane", "address": "192.0.2.77", "session_id": "0xBeef"}
        wish = Wish.from_params({**PARAMS, "when_held": "take", "expect_holder": expected, "instance": 15, "wait_interval": 30})
        assert (wish.expected, wish.instance, wish.interval) == (Expected("jane", "192.0.2.77", 0xBEEF), 15, 30)

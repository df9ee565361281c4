# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Never locked out: what may cut the connection comes last, and is proved or put back."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BmcError,
    LoginRefused,
    NameNotResolved,
    NoSessionSlot,
    NotVerified,
    Restored,
    SessionLost,
    Unreachable,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import Converged, converge
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut, Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._lan import LAN, plan_lan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Refused, make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import PASSWORD, USER, Password
from tests.unit.plugins.scripted import CONNECTION, LOST, Clock, Parameters, Scripted, address, identified, lan

TAKE, COMMIT, COMPLETE = "0C/01 01 00 01", "0C/01 01 00 02", "0C/01 01 00 00"
GUID = "06/37"
TOUCH = "06/01"
CLOSE_OLD = "06/3C 01 00 00 00"
NEW_ADDRESS = f"0C/01 01 03 {address('192.0.2.77')}"
OLD_ADDRESS = f"0C/01 01 03 {address('192.0.2.10')}"
VLAN_7, NO_VLAN = "0C/01 01 14 07 80", "0C/01 01 14 00 00"
READ_VLAN = "0C/02 01 14 00 00"


@dataclass
class World:
    """One BMC, the session in use, and what becomes of further logins."""

    old: Scripted
    parameters: Parameters
    logins: list[tuple[str, str]] = field(default_factory=list)
    outcomes: list[Scripted | BmcError] = field(default_factory=list)
    connection: Connection = CONNECTION

    @property
    def clock(self) -> Clock:
        return self.old.clock

    def open(self, connection: Connection, deadline: float) -> Bmc:
        """The next outcome; the last one stays."""
        self.logins.append((connection.host, connection.password))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Unreachable):
            self.clock.time = deadline
        if isinstance(outcome, BmcError):
            raise outcome
        return outcome.bmc(connection)

    def line(self) -> Line:
        return Line(self.old.bmc(self.connection), self.open)

    def plan(self, **options: t.Any) -> Cut:
        params = dict.fromkeys(LAN.argument_spec()) | options
        (cut,) = plan_lan(Reader(self.old.bmc(self.connection)), params, self.connection).cuts
        assert self.old.written == []
        self.old.forget()
        return cut

    def run(self, proof: Proof | None = None, **options: t.Any) -> tuple[Line, Converged]:
        cut = self.plan(**options)
        line = self.line()
        return line, converge(line, [cut], check_mode=False, proof=proof or Proof(), strict=False)

    def fail(self, kind: type[BmcError], proof: Proof | None = None, **options: t.Any) -> BmcError:
        with pytest.raises(kind) as caught:
            self.run(proof, **options)
        return caught.value


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A BMC whose first login after a change works."""
    old = identified(Scripted())
    made = World(old, lan(old))
    made.outcomes = [old.another()]
    monkeypatch.setattr(_cut, "time", made.clock)
    return made


def fresh_of(world: World) -> Scripted:
    outcome = world.outcomes[-1]
    assert isinstance(outcome, Scripted)
    return outcome


class TestProof:
    """A change that may cut the connection is proved by a fresh login."""

    def test_cutting_changes_are_written_last(self, world: World) -> None:
        world.run(vlan_id=7, vlan_priority=3, snmp_community="other", ip_address="192.0.2.77")
        assert [int(request.split()[2], 16) for request in world.old.written] == [0, 16, 21, 3, 20, 0, 0]

    def test_the_login_goes_to_the_new_address_and_reads_it_back(self, world: World) -> None:
        line, result = world.run(ip_address="192.0.2.77")
        assert world.logins == [("192.0.2.77", "secret")]
        fresh = fresh_of(world)
        assert fresh.asked == [GUID, "0C/02 01 03 00 00", CLOSE_OLD]
        assert result.progress.verified is True
        assert line.bmc.connection.host == "192.0.2.77"

    def test_the_session_moves_and_the_old_one_is_given_back(self, world: World) -> None:
        line, _result = world.run(vlan_id=7)
        fresh = fresh_of(world)
        assert fresh.written[-1] == CLOSE_OLD
        assert (world.old.closed, world.old.abandoned, fresh.closed) == (0, 1, 0)
        line.close()
        assert (world.old.closed, fresh.closed) == (0, 1)

    @pytest.mark.parametrize("refusal", ["88", "D4"])
    def test_an_old_session_that_the_new_one_may_not_end_ends_itself(self, world: World, refusal: str) -> None:
        fresh_of(world).on("06/3C", refusal)
        world.run(vlan_id=7)
        assert (world.old.closed, world.old.abandoned) == (1, 0)

    def test_the_machine_is_identified_only_if_the_address_changes(self, world: World) -> None:
        world.run(vlan_id=7)
        assert world.old.asked_for(GUID) == fresh_of(world).asked_for(GUID) == []

    def test_all_requests_are_counted(self, world: World) -> None:
        line, _result = world.run(vlan_id=7)
        assert line.bmc.requests == len(fresh_of(world).asked) + len([one for one in world.old.asked if one != TOUCH])

    def test_a_bmc_that_moved_at_once_has_its_old_session_closed_from_the_new_one(self, world: World) -> None:
        def go(data: bytes) -> bytes:
            world.parameters.values[3] = data[2:]
            world.old.gone = True
            return b"\0"

        world.old.on("0C/01 01 03", go)
        world.run(ip_address="192.0.2.77")
        assert (world.old.closed, world.old.abandoned) == (0, 1)
        assert fresh_of(world).written[-1] == CLOSE_OLD

    def test_so_has_one_that_answers_and_moves_later(self, world: World) -> None:
        """Up to the fresh login the old session has answered everything."""
        fresh = fresh_of(world)

        def open_late(connection: Connection, deadline: float) -> Bmc:
            world.old.gone = True
            return fresh.bmc(connection)

        cut = world.plan(ip_address="192.0.2.77")
        line = Line(world.old.bmc(), open_late)
        converge(line, [cut], check_mode=False, proof=Proof(), strict=True)
        assert (world.old.closed, world.old.abandoned) == (0, 1)
        assert fresh.written[-1] == CLOSE_OLD

    def test_an_old_session_that_the_bmc_ended_itself_is_fine(self, world: World) -> None:
        def go(data: bytes) -> bytes:
            world.parameters.values[3] = data[2:]
            world.old.gone = True
            return b"\0"

        world.old.on("0C/01 01 03", go).on("06/3C", "87")
        _line, result = world.run(ip_address="192.0.2.77")
        assert result.progress.verified is True

    def test_an_old_session_whose_number_the_new_one_has_is_not_closed(self, world: World) -> None:
        """A BMC that restarted counts its sessions from the beginning."""
        world.outcomes = [world.old.another(b"\x01\0\0\0")]
        world.run(vlan_id=7)
        assert fresh_of(world).written == [] and (world.old.closed, world.old.abandoned) == (0, 1)

    def test_a_lost_answer_while_moving_is_expected(self, world: World) -> None:
        def go(data: bytes) -> bytes:
            world.parameters.values[3] = data[2:]
            world.old.gone = True
            return b"\0"

        world.old.on("0C/01 01 03", go).once("0C/01 01 03", LOST)
        _line, result = world.run(ip_address="192.0.2.77")
        assert result.progress.written == ["lan channel 1: ip_address"]
        assert result.progress.verified is True

    def test_what_did_not_get_through_is_written_over_the_new_session(self, world: World) -> None:
        """The BMC moves after the address; the VLAN comes after it."""

        def go(data: bytes) -> bytes:
            world.parameters.values[3] = data[2:]
            world.old.gone = True
            return b"\0"

        world.old.on("0C/01 01 03", go)
        first, second = world.old.another(), world.old.another(b"\x03\0\0\0")
        world.outcomes = [first, second]
        line, result = world.run(ip_address="192.0.2.77", vlan_id=7)
        assert first.written[:2] == [COMMIT, COMPLETE]
        assert [one for one in first.written if one.startswith("0C/01 01")][2:] == [TAKE, VLAN_7, COMMIT, COMPLETE]
        assert world.logins == [("192.0.2.77", "secret")] * 2
        assert result.progress.verified is True
        assert (first.abandoned, second.closed) == (1, 0)
        line.close()
        assert second.closed == 1

    def test_a_bmc_that_takes_its_time_is_waited_for_with_signs_of_life(self, world: World) -> None:
        world.outcomes = [Unreachable("not yet"), Unreachable("not yet"), fresh_of(world)]
        _line, result = world.run(vlan_id=7)
        assert len(world.logins) == 3
        assert len(world.old.asked_for(TOUCH)) == 2
        assert result.progress.verified is True

    def test_no_free_slot_is_waited_for(self, world: World) -> None:
        world.outcomes = [NoSessionSlot("full"), fresh_of(world)]
        _line, result = world.run(vlan_id=7)
        assert result.progress.verified is True

    def test_verify_host_says_where(self, world: World) -> None:
        world.run(Proof(host="10.0.0.9"), ip_address="192.0.2.77")
        assert world.logins == [("10.0.0.9", "secret")]

    def test_verify_login_false_leaves_it_out(self, world: World) -> None:
        line, result = world.run(Proof(wanted=False), ip_address="192.0.2.77")
        assert world.logins == []
        assert result.progress.verified is False
        assert line.bmc.connection.host == "192.0.2.10"
        assert NEW_ADDRESS in world.old.written

    def test_nothing_that_cuts_needs_no_proof(self, world: World) -> None:
        _line, result = world.run(vlan_priority=3)
        assert world.logins == []
        assert world.old.asked_for(GUID) == []
        assert result.progress.verified is None

    def test_a_setting_that_turns_out_to_be_read_only_is_missing_and_nothing_is_proved(self, world: World) -> None:
        world.old.on("0C/01 01 14", "82")
        _line, result = world.run(vlan_id=7)
        assert [missing["reason"] for missing in result.missing] == ["read only"]
        assert world.logins == []
        assert result.changed is False

    def test_of_two_of_which_one_is_read_only_the_other_is_proved(self, world: World) -> None:
        world.old.on("0C/01 01 0D", "82")
        _line, result = world.run(vlan_id=7, gateway_mac="02:00:00:00:00:09")
        assert [missing["setting"] for missing in result.missing] == ["gateway_mac"]
        assert result.progress.verified is True
        assert world.old.asked_for("0C/01 01 0D") == ["0C/01 01 0D 02 00 00 00 00 09"]

    def test_a_setting_that_the_bmc_ignores_is_not_verified(self, world: World) -> None:
        world.old.on("0C/01 01 14", "00")
        world.outcomes = [world.old.another(bytes([number, 0, 0, 0])) for number in (2, 3, 4)]
        error = world.fail(NotVerified, vlan_id=7)
        assert "lan channel 1: the BMC accepted vlan_id" in str(error)
        assert len(world.logins) == 3

    def test_a_setting_that_is_refused_half_way_has_what_came_before_it_put_back(self, world: World) -> None:
        world.old.on("0C/01 01 14", "D4")
        error = world.fail(Refused, vlan_id=7, ip_address="192.0.2.77")
        assert "put back" in str(error)
        assert [one for one in world.old.written if one.startswith("0C/01 01 03")] == [NEW_ADDRESS, OLD_ADDRESS]
        assert error.progress is not None
        assert error.progress.written == []
        assert world.logins == []

    def test_what_is_put_back_goes_into_the_set_in_progress_of_what_was_refused(self, world: World) -> None:
        world.old.on("0C/01 01 14", "D4")
        world.fail(Refused, vlan_id=7, ip_address="192.0.2.77")
        assert world.old.written == [TAKE, NEW_ADDRESS, VLAN_7, OLD_ADDRESS, COMMIT, COMPLETE]

    def half(self, world: World, *after: Scripted | BmcError) -> tuple[Scripted, Refused]:
        """The BMC leaves with half of it, and is found at the new address, in the session that is given back here."""

        def refuse(data: bytes) -> bytes:
            world.old.gone = True
            return bytes([0xD4])

        world.old.on("0C/01 01 14", refuse)
        fresh = fresh_of(world)
        world.outcomes = [Unreachable("no answer"), fresh, *after]
        error = world.fail(Refused, vlan_id=7, ip_address="192.0.2.77")
        assert isinstance(error, Refused) and "put back" in str(error)
        assert [host for host, _password in world.logins] == ["192.0.2.10", "192.0.2.77", "192.0.2.10"]
        return fresh, error

    def test_a_bmc_that_went_away_with_half_of_it_is_looked_for_at_both_addresses(self, world: World) -> None:
        fresh, _error = self.half(world, world.old.another(b"\x03\0\0\0"))
        assert OLD_ADDRESS in fresh.written
        assert world.parameters[3] == address("192.0.2.10")

    def test_where_the_old_address_leads_it_is_followed_and_the_session_given_back_from_there(self, world: World) -> None:
        back = world.old.another(b"\x03\0\0\0")
        fresh, error = self.half(world, back)
        assert back.asked == [GUID, "06/3C 02 00 00 00"] and fresh.abandoned == 1
        assert "does not prove it" not in str(error)

    def test_a_bmc_that_does_not_come_back_yet_is_told(self, world: World) -> None:
        _fresh, error = self.half(world, Unreachable("no answer"))
        assert "(what was written before it was put back, but a login to 192.0.2.10 does not prove it: no answer)" in str(error)

    def test_one_that_is_found_nowhere_is_unreachable_with_what_was_written(self, world: World) -> None:
        def refuse(data: bytes) -> bytes:
            world.old.gone = True
            return bytes([0xD4])

        world.old.on("0C/01 01 14", refuse)
        cut = world.plan(vlan_id=7, ip_address="192.0.2.77")
        world.outcomes = [Unreachable("no answer")]
        with pytest.raises(Unreachable, match="went silent with ip_address written.*no answer"):
            converge(world.line(), [cut], check_mode=False, proof=Proof(), strict=False)


class TestLingering:
    """A BMC that goes on answering the old way for a while proves nothing until then."""

    def run(self, world: World) -> Converged:
        cut = replace(world.plan(vlan_id=7), lingers=5.0)
        return converge(world.line(), [cut], check_mode=False, proof=Proof(timeout=30), strict=False)

    def test_the_login_comes_after_that(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        at: list[float] = []
        began, login = world.clock.time, world.open

        def opened(connection: Connection, deadline: float) -> Bmc:
            at.append(world.clock.time - began)
            return login(connection, deadline)

        monkeypatch.setattr(world, "open", opened)
        assert self.run(world).progress.verified is True
        assert at == [5.0]

    def test_one_that_leaves_later_still_is_looked_for_once_more(self, world: World) -> None:
        leaving, there = world.old.another(), world.old.another(b"\x03\0\0\0")
        leaving.gone = True
        world.outcomes = [leaving, there]
        assert self.run(world).progress.verified is True
        assert len(world.logins) == 2 and leaving.closed == 1
        assert world.old.written.count(VLAN_7) == 1 and VLAN_7 not in there.written

    def test_one_that_is_gone_for_good_is_unreachable(self, world: World) -> None:
        leaving = world.old.another()
        leaving.gone = True
        world.outcomes = [leaving, Unreachable("no answer")]
        world.old.once(TOUCH, *["dropped"] * 9)
        with pytest.raises(Unreachable, match="after writing vlan_id, a fresh login to .* failed"):
            self.run(world)


class TestFallingSilent:
    """A BMC that is silent for a while is looked for until it is found; one that stays silent is named with where it was."""

    def test_a_session_that_is_lost_while_it_is_read_is_followed_by_another(self, world: World) -> None:
        leaving, there = world.old.another(), world.old.another(b"\x03\0\0\0")
        leaving.gone = True
        world.outcomes = [leaving, there]
        _line, result = world.run(ip_address="192.0.2.77")
        assert result.progress.verified is True
        assert [host for host, _password in world.logins] == ["192.0.2.77", "192.0.2.77"] and leaving.closed == 1

    def test_after_three_it_is_told_where_the_bmc_answered_and_what_was_written(self, world: World) -> None:
        leaving = [world.old.another(bytes([number, 0, 0, 0])) for number in (2, 3, 4, 5)]
        for session in leaving:
            session.gone = True
        world.outcomes = [*leaving]
        error = world.fail(SessionLost, ip_address="192.0.2.77")
        assert "after writing ip_address, 192.0.2.77 answered, and fell silent 3 times" in str(error)
        assert [session.closed for session in leaving] == [1, 1, 1, 0]
        assert error.progress is not None and error.progress.written == ["lan channel 1: ip_address"]

    def test_before_anything_is_written_no_other_login_is_tried(self, world: World) -> None:
        world.old.once(TAKE, "dropped").once("0C/02 01 00", "dropped")
        world.fail(SessionLost, vlan_id=7)
        assert world.logins == [] and world.parameters[20] == "00 00"

    def away(self, world: World, *, silences: int = 0) -> None:
        """VLAN is refused; the BMC leaves as soon as it has its old address back, and then answers not every reading."""

        def leave(data: bytes) -> bytes:
            world.parameters[3] = data[2:].hex(" ").upper()
            world.old.gone = True
            world.old.once("0C/02", *["dropped"] * silences)
            return b"\0"

        world.old.on("0C/01 01 14", "D4").on(OLD_ADDRESS, leave)

    def test_a_refusal_is_told_where_the_bmc_left_before_it_was_unlocked(self, world: World) -> None:
        self.away(world)
        back = fresh_of(world)
        error = world.fail(Refused, vlan_id=7, ip_address="192.0.2.77")
        assert "vlan_id (what was written before it was put back)" in str(error)
        assert [host for host, _password in world.logins] == ["192.0.2.10"]
        assert COMPLETE in back.written, "the lost session's set-in-progress stayed"
        assert back.written == [CLOSE_OLD, COMPLETE], "what the lost session had written was put in force"

    def test_what_the_lost_session_had_left_and_comes_into_force_at_the_end_is_seen(self, world: World) -> None:
        """This BMC shows what is in force, and applies what was written once set-in-progress is complete."""
        waiting: list[bytes] = []

        def store(data: bytes) -> bytes:
            waiting.append(data[2:])
            return b"\0"

        def complete(data: bytes) -> bytes:
            world.parameters.values.update({0: b"\0", 3: (waiting or [world.parameters.values[3]])[-1]})
            return b"\0"

        def refuse(data: bytes) -> bytes:
            world.old.gone = True
            return bytes([0xD4])

        world.old.on("0C/01 01 03", store).on(COMPLETE, complete).on("0C/01 01 14", refuse)
        world.fail(Refused, vlan_id=7, ip_address="192.0.2.77")
        assert world.parameters[3] == address("192.0.2.10")

    def test_a_lock_that_the_silence_left_is_taken_off_though_the_old_session_answers_again(self, world: World) -> None:
        cut = world.plan(vlan_id=7)
        world.old.once(VLAN_7, LOST).once(READ_VLAN, "dropped")
        fresh = fresh_of(world)
        world.outcomes = [Unreachable("not yet"), fresh]
        result = converge(world.line(), [cut], check_mode=False, proof=Proof(), strict=True)
        assert result.progress.verified is True
        assert fresh.written[:2] == [COMMIT, COMPLETE] and world.parameters[0] == "00"

    def test_old_values_that_are_refused_are_told_with_what_was_refused_before(self, world: World) -> None:
        world.old.on("0C/01 01 14", "D4").on(OLD_ADDRESS, "D5")
        error = world.fail(NotVerified, vlan_id=7, ip_address="192.0.2.77", snmp_community="other")
        assert "lan channel 1: vlan_id: " in str(error) and "failed too: lan channel 1: ip_address: " in str(error)
        assert error.progress is not None and "lan channel 1: ip_address" in error.progress.written
        assert [one for one in world.old.written if one.startswith("0C/01 01 10")][1:], "one refusal kept the rest from being put back"

    def test_as_often_as_it_falls_silent_then_it_is_looked_for(self, world: World) -> None:
        self.away(world, silences=3)
        sessions = [world.old.another(bytes([number, 0, 0, 0])) for number in (2, 3, 4, 5)]
        world.outcomes = [*sessions]
        world.fail(Refused, vlan_id=7, ip_address="192.0.2.77")
        assert len(world.logins) == 4 and [session.closed + session.abandoned for session in sessions] == [1, 1, 1, 0]

    def test_not_for_ever(self, world: World) -> None:
        self.away(world, silences=1000)
        world.outcomes = [world.old.another(bytes([number, 0, 0, 0])) for number in range(2, 12)]
        error = world.fail(NotVerified, vlan_id=7, ip_address="192.0.2.77")
        assert "was not seen to work" in str(error) and len(world.logins) == 6

    def test_one_that_falls_silent_right_after_the_login_is_tried_again(self, world: World) -> None:
        world.connection = replace(CONNECTION, timeout=3.0)
        self.away(world)
        silent, there = world.old.another(), world.old.another(b"\x03\0\0\0")
        world.old.once(GUID, "00" + " 11" * 16, "dropped")
        world.outcomes = [silent, there]
        world.fail(Refused, vlan_id=7, ip_address="192.0.2.77")
        assert [host for host, _password in world.logins] == ["192.0.2.10"] * 2 and silent.closed == 1

    def test_nobody_elses_bmc_gets_the_old_values(self, world: World) -> None:
        self.away(world)
        strangers = [identified(Scripted(world.clock), guid="00" + " 22" * 16) for _place in range(2)]
        world.outcomes = [*strangers]
        error = world.fail(Unreachable, vlan_id=7, ip_address="192.0.2.77")
        assert "another machine's BMC" in str(error)
        assert [(stranger.written, stranger.closed) for stranger in strangers] == [([], 1)] * 2

    def test_old_values_that_make_the_bmc_leave_are_seen_to_in_a_fresh_session(self, world: World) -> None:
        def leave(data: bytes) -> bytes:
            world.parameters[20] = "00 00"
            world.old.gone = True
            return b"\0"

        world.old.on(NO_VLAN, leave)
        world.outcomes = [LoginRefused("wrong"), world.old.another()]
        error = world.fail(Restored, vlan_id=7)
        assert "over a fresh session to 192.0.2.10" in str(error) and world.parameters[20] == "00 00"


class TestRefusedLogins:
    """BMCs lock accounts after a few refused logins."""

    def leaves(self, world: World, request: str) -> None:
        """The BMC goes away with a write, which it does not carry out."""

        def leave(data: bytes) -> bytes:
            world.old.gone = True
            return b"\0"

        world.old.on(request, leave)

    def test_the_new_place_is_not_tried_again(self, world: World) -> None:
        self.leaves(world, OLD_ADDRESS)
        world.outcomes = [LoginRefused("wrong"), Unreachable("no answer")]
        world.fail(Unreachable, ip_address="192.0.2.77")
        assert [host for host, _password in world.logins] == ["192.0.2.77", "192.0.2.10"]

    def test_one_place_is_tried_once_more_after_the_old_values_were_sent_there(self, world: World) -> None:
        self.leaves(world, NO_VLAN)
        world.outcomes = [LoginRefused("wrong")]
        world.fail(Unreachable, vlan_id=7)
        assert len(world.logins) == 2

    def test_a_password_that_cannot_be_tested_is_written_where_the_new_one_is_in_force(self, world: World) -> None:
        stored: list[str] = []

        def password(data: bytes) -> bytes:
            if data[1] & 3 == 3:
                return b"\xc1"
            text = data[2:].rstrip(b"\0").decode()
            if text == CONNECTION.password and world.outcomes[0] is refused:
                world.old.gone = True
            else:
                stored.append(text)
            return b"\0"

        world.old.on("06/47", password)
        refused, new = LoginRefused("wrong"), Password("changed")
        world.outcomes = [Unreachable("no answer"), refused, world.old.another()]
        known: dict[t.Any, t.Any] = {PASSWORD: Password(CONNECTION.password)}
        plan = make_plan(Reader(world.old.bmc()), Instance(USER, Target(1, 2), "user 'admin'", True, known), {"password": new})
        cut = Cut(plan, lambda connection: connection.with_password("changed"))
        with pytest.raises(Restored):
            converge(world.line(), [cut], check_mode=False, proof=Proof(timeout=5.0), strict=True)
        assert stored == ["changed", CONNECTION.password]
        assert [password for _host, password in world.logins] == ["changed", CONNECTION.password, "changed"]

    def test_a_place_that_refused_comes_after_the_one_that_did_not(self, world: World) -> None:
        """The BMC takes the new address's login, goes silent and takes it again."""
        silent, there = world.old.another(), world.old.another(b"\x03\0\0\0")
        world.outcomes = [Unreachable("no answer"), LoginRefused("wrong"), silent, there]

        def leave(data: bytes) -> bytes:
            world.old.gone, silent.gone = True, bool(silent.asked)
            if there.asked:
                world.parameters.values[3] = data[2:]
            return b"\0"

        world.old.on(OLD_ADDRESS, leave)
        world.fail(Restored, Proof(timeout=5.0), ip_address="192.0.2.77")
        assert [host for host, _password in world.logins] == ["192.0.2.77", "192.0.2.10", "192.0.2.77", "192.0.2.77"]


class TestNoWayThere:
    """Where the way itself is closed, or the name server is silent, an attempt fails at once."""

    @pytest.mark.parametrize("cause", [NameNotResolved("no answer"), Unreachable("nothing can be sent there")])
    def test_it_is_tried_again_at_intervals_until_the_old_values_are_put_back(
        self, world: World, monkeypatch: pytest.MonkeyPatch, cause: BmcError
    ) -> None:
        def fail_at_once(connection: Connection, deadline: float) -> Bmc:
            world.logins.append((connection.host, connection.password))
            if len(world.logins) > 25:
                pytest.fail("more than 25 attempts in 10 seconds")
            raise cause

        monkeypatch.setattr(world, "open", fail_at_once)
        world.fail(Restored, Proof(timeout=10.0), vlan_id=7)
        assert len(world.logins) > 5 and world.parameters[20] == "00 00"


class TestPuttingBack:
    """A fresh login that fails, while the old session still answers."""

    def test_what_the_bmc_changed_along_is_put_back_too(self, world: World) -> None:
        """Set to DHCP, this BMC forgets its address; nobody had named the address."""

        def forget(data: bytes) -> bytes:
            world.parameters.values[4] = data[2:]
            if data[2] == 2:
                world.parameters.values[3] = bytes(4)
            return b"\0"

        world.old.on("0C/01 01 04", forget)
        world.outcomes = [Unreachable("no answer")]
        error = world.fail(Restored, ip_source="dhcp")
        assert world.old.written[-4:] == [TAKE, OLD_ADDRESS, COMMIT, COMPLETE]
        assert error.progress is not None
        assert error.progress.written == []

    @pytest.mark.parametrize("cause", [LoginRefused("wrong password"), Unreachable("no answer")])
    def test_the_old_values_are_put_back_in_reverse(self, world: World, cause: BmcError) -> None:
        world.outcomes = [cause]
        error = world.fail(Restored, vlan_id=7, ip_address="192.0.2.77", gateway="192.0.2.254")
        cutting, back = world.old.written[:6], world.old.written[6:]
        assert cutting == [TAKE, f"0C/01 01 0C {address('192.0.2.254')}", NEW_ADDRESS, VLAN_7, COMMIT, COMPLETE]
        assert back == [TAKE, NO_VLAN, OLD_ADDRESS, f"0C/01 01 0C {address('192.0.2.1')}", COMMIT, COMPLETE]
        assert world.parameters[3] == address("192.0.2.10")
        message = str(error)
        assert "after writing gateway, ip_address, vlan_id, a fresh login to 192.0.2.77 failed" in message
        assert "old values were put back" in message

    def test_the_old_values_are_read_back(self, world: World) -> None:
        world.outcomes = [LoginRefused("wrong")]
        world.fail(Restored, vlan_id=7)
        assert world.old.asked[-1] == READ_VLAN

    def test_a_refused_login_is_not_tried_again(self, world: World) -> None:
        world.outcomes = [LoginRefused("wrong")]
        world.fail(Restored, vlan_id=7)
        assert len(world.logins) == 1

    def test_silence_is_waited_out_until_verify_timeout(self, world: World) -> None:
        world.outcomes = [Unreachable("no answer")]
        start = world.clock.time
        world.fail(Restored, Proof(timeout=35.0), vlan_id=7)
        assert len(world.logins) == 4
        assert world.clock.time - start == pytest.approx(35.0)

    def test_a_slow_bmc_is_not_taken_for_one_that_is_gone(self, world: World) -> None:
        world.outcomes = [LoginRefused("wrong")]
        world.fail(Restored, vlan_id=7)
        assert world.old.patience[world.old.asked.index(TOUCH)][0] == CONNECTION.timeout

    def test_the_old_session_stays_the_one_in_use(self, world: World) -> None:
        world.outcomes = [LoginRefused("wrong")]
        cut, line = world.plan(vlan_id=7), world.line()
        with pytest.raises(Restored):
            converge(line, [cut], check_mode=False, proof=Proof(), strict=True)
        assert line.bmc.connection.host == "192.0.2.10"
        assert (world.old.closed, world.old.abandoned) == (0, 0)

    def test_an_old_session_that_is_silent_too_leaves_nothing_to_do_but_say_so(self, world: World) -> None:
        def go(data: bytes) -> bytes:
            world.old.gone = True
            return b"\0"

        world.old.on("0C/01 01 14", go)
        world.outcomes = [Unreachable("no answer")]
        error = world.fail(Unreachable, vlan_id=7)
        assert not isinstance(error, Restored)
        assert "nothing could be put back. Written: vlan_id" in str(error)
        assert error.progress is not None
        assert error.progress.written == ["lan channel 1: vlan_id"]
        assert VLAN_7 in world.old.written
        assert NO_VLAN not in world.old.written

    def restarts(self, world: World, *, at_vlan: bool = False) -> None:
        """The BMC forgets the session instead of doing the write."""

        def restart(data: bytes) -> bytes:
            world.old.gone = True
            return b"\0"

        world.old.on("0C/01 01 14" if at_vlan else "0C/01 01 03", restart)

    def test_a_bmc_that_restarted_where_it_was_gets_the_old_values_there(self, world: World) -> None:
        """With half of the new ones it might not be reached the next time."""
        self.restarts(world)
        back = world.old.another()
        world.outcomes = [Unreachable("no answer"), Unreachable("no answer"), back]
        error = world.fail(Restored, Proof(timeout=15.0), gateway="192.0.2.254", ip_address="192.0.2.77")
        assert [host for host, _password in world.logins] == ["192.0.2.77", "192.0.2.77", "192.0.2.10"]
        assert world.parameters[12] == address("192.0.2.1")
        assert NEW_ADDRESS not in back.written and OLD_ADDRESS not in back.written
        assert "put back" in str(error) and "192.0.2.10" in str(error)
        assert error.progress is not None and error.progress.written == []

    def test_another_machine_at_the_old_address_is_left_alone(self, world: World) -> None:
        self.restarts(world)
        stranger = identified(Scripted(world.clock, session=b"\x09\0\0\0"), guid="00" + " 22" * 16)
        world.outcomes = [Unreachable("no answer"), stranger]
        error = world.fail(Unreachable, Proof(timeout=5.0), ip_address="192.0.2.77")
        assert not isinstance(error, Restored) and "another machine's BMC" in str(error)
        assert (stranger.written, stranger.closed) == ([], 1)

    def test_where_the_proof_was_tried_already_no_other_login_is(self, world: World) -> None:
        self.restarts(world, at_vlan=True)
        world.outcomes = [LoginRefused("wrong")]
        error = world.fail(Unreachable, vlan_id=7)
        assert "nothing could be put back" in str(error) and len(world.logins) == 1

    def test_values_that_cannot_be_put_back_are_named(self, world: World) -> None:
        world.outcomes = [LoginRefused("wrong")]
        world.old.on(NO_VLAN, "D4")
        error = world.fail(Unreachable, vlan_id=7)
        assert "Putting the old values back failed too: lan channel 1: vlan_id" in str(error)


class TestAnotherMachine:
    """Whoever answers at the new address must be the same BMC."""

    def stranger(self, world: World) -> Scripted:
        return identified(Scripted(world.clock, session=b"\x09\0\0\0"), guid="00" + " 22" * 16)

    def test_at_another_guid_the_old_address_is_put_back_and_that_session_given_back(self, world: World) -> None:
        stranger = self.stranger(world)
        world.outcomes = [stranger]
        error = world.fail(Restored, ip_address="192.0.2.77")
        assert "another machine's BMC" in str(error)
        assert "192.0.2.77" in str(error)
        assert stranger.written == []
        assert (stranger.closed, world.old.closed) == (1, 0)
        assert OLD_ADDRESS in world.old.written and world.parameters[3] == address("192.0.2.10")

    def test_where_nothing_can_be_put_back_both_machines_are_told_of(self, world: World) -> None:
        def go(data: bytes) -> bytes:
            world.old.gone = True
            return b"\0"

        world.old.on("0C/01 01 03", go)
        world.outcomes = [self.stranger(world), Unreachable("no answer")]
        error = world.fail(Unreachable, ip_address="192.0.2.77")
        assert "Two BMCs have this address now" in str(error) and "nothing could be put back" in str(error)

    def test_a_bmc_without_a_guid_is_believed(self, world: World) -> None:
        world.old.on(GUID, "C1")
        _line, result = world.run(ip_address="192.0.2.77")
        assert result.progress.verified is True
        assert fresh_of(world).asked_for(GUID) == []


class TestInBand:
    """Over the operating system's driver nothing is cut."""

    def test_it_is_read_back_and_no_login_is_tried(self, world: World) -> None:
        world.connection = Connection("", interface="open")
        reader = Reader(world.old.bmc(world.connection))
        plan = make_plan(reader, Instance(LAN, Target(1), "lan channel 1", in_use=True), {"vlan_id": 7})
        world.old.forget()
        result = converge(world.line(), [Cut(plan)], check_mode=False, proof=Proof(host="10.0.0.9"), strict=True)
        assert world.logins == []
        assert world.old.written == [TAKE, VLAN_7, COMMIT, COMPLETE]
        assert world.old.asked[-1] == READ_VLAN
        assert result.progress.verified is None

    def test_the_lan_channel_is_then_not_the_sessions_own(self, world: World) -> None:
        world.connection = Connection("", interface="open")
        cut = world.plan(vlan_id=7)
        assert cut.plan.cutting == ()


class TestOwnChannel:
    """Only the channel that the session runs over can be cut."""

    def test_another_channel_needs_no_proof(self, world: World) -> None:
        lan(world.old, channel=8)
        cut = world.plan(channel=8, vlan_id=7)
        assert (len(cut.plan.safe), len(cut.plan.cutting)) == (1, 0)

    def test_a_bmc_that_does_not_say_is_taken_to_run_over_it(self, world: World) -> None:
        world.old.on("06/42 0E", "CC")
        cut = world.plan(channel=1, vlan_id=7)
        assert len(cut.plan.cutting) == 1


class TestCheckMode:
    """Check mode writes nothing and logs in nowhere."""

    def test_it(self, world: World) -> None:
        cut = world.plan(vlan_id=7, vlan_priority=3)
        result = converge(world.line(), [cut], check_mode=True, proof=Proof(), strict=True)
        assert result.changed is True
        assert world.old.asked == []
        assert world.logins == []

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The channel's tables: what each option writes, in which order, and what is refused."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, NotVerified, Restored, Unreachable, WouldLockOut
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._channel import CHANNEL, CHANNEL_OPTIONS, check_channel, plan_channel
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import Converged, converge
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Refused
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import CONNECTION, DROPPED, Scripted, identified, lan

#: Authentication types MD5 and password but for OEM; suites 3 and 17 for administrators.
PARAMETERS: t.Final = {
    "p1": "16",
    "p2": "14 14 14 14 00",
    "p22": "03",
    "p23": "00 00 03 11",
    "p24": "00 44 04 00 00 00 00 00 00",
    "p26": "00 00 00 00 00 00",
}
ALWAYS_ADMINISTRATOR: t.Final = b"\x02\x04"


class Channel:
    """Access settings as the commands 06/40 and 06/41 show them; `joined`: the stored copy changes the one in force too."""

    def __init__(self, bmc: Scripted, *, channel: int = 1, joined: bool = False) -> None:
        self.copies = {1: ALWAYS_ADMINISTRATOR, 2: ALWAYS_ADMINISTRATOR}  # 1 non-volatile, 2 volatile
        self.joined = joined
        bmc.on(f"06/41 {channel:02X}", lambda data: b"\0" + self.copies[data[1] >> 6])
        bmc.on(f"06/40 {channel:02X}", self._set)

    def _set(self, data: bytes) -> bytes:
        for place in (0, 1):
            copy = data[1 + place] >> 6
            for one in (1, 2) if self.joined and copy == 1 else (copy,) if copy else ():
                value = bytearray(self.copies[one])
                value[place] = data[1 + place] & 0x3F
                self.copies[one] = bytes(value)
        return b"\0"

    def restart(self) -> None:
        """The stored copy comes into force."""
        self.copies[2] = self.copies[1]


def make(**changed: str) -> Scripted:
    bmc = identified(Scripted())
    lan(bmc, 1, **{**PARAMETERS, **changed})
    return bmc


@pytest.fixture
def bmc() -> Scripted:
    return make()


def params(**given: t.Any) -> dict[str, t.Any]:
    """Options as the argument spec hands them over."""
    return {name: given.get(name, option.get("default")) for name, option in CHANNEL_OPTIONS.items()} | {"cipher_probe": False} | given


def plan(bmc: Scripted, connection: Connection = CONNECTION, *, allow_self: bool = False, **given: t.Any) -> Planned:
    return plan_channel(Reader(bmc.bmc(connection)), params(**given), connection, allow_self=allow_self)


class Sessions:
    """Fresh sessions with a BMC; `refuse` makes the first so many logins fail."""

    def __init__(self, bmc: Scripted, *, refuse: int = 0) -> None:
        self.bmc, self.refuse = bmc, refuse
        self.made: list[Scripted] = []

    def __call__(self, connection: Connection, _deadline: float) -> Bmc:
        if len(self.made) < self.refuse:
            self.made.append(self.bmc)
            raise Unreachable("no answer")
        self.made.append(self.bmc.another())
        return self.made[-1].bmc(connection)

    @property
    def written(self) -> list[str]:
        return [request for one in [self.bmc, *self.made] for request in one.written]


def carry_out(bmc: Scripted, planned: Planned, sessions: Sessions | None = None, *, timeout: float = 60.0) -> Converged:
    line = Line(bmc.bmc(), sessions or Sessions(bmc))
    return converge(line, planned.cuts, check_mode=False, proof=Proof(timeout=timeout), strict=True)


def written(bmc: Scripted, planned: Planned) -> list[str]:
    """All that is written, without set-in-progress and the end of sessions."""
    sessions = Sessions(bmc)
    carry_out(bmc, planned, sessions)
    return [one for one in sessions.written if not one.startswith(("0C/01 01 00", "06/3C"))]


@pytest.mark.parametrize(
    ("given", "requests"),
    [
        # ipmi.md 5.4, command 40: b7:6 of each byte say which copy; "do not change" is 0. Bits 5:3 switch off.
        ({"pef_alerting": False, "scope": "volatile"}, ["06/40 01 A2 04"]),
        ({"pef_alerting": False, "scope": "non_volatile"}, ["06/40 01 62 04"]),
        ({"pef_alerting": False}, ["06/40 01 A2 04", "06/40 01 62 04"]),
        ({"per_message_auth": False}, ["06/40 01 92 04", "06/40 01 52 04"]),
        ({"user_level_auth": False}, ["06/40 01 8A 04", "06/40 01 4A 04"]),
        ({"privilege_limit": "oem"}, ["06/40 01 02 85", "06/40 01 02 45"]),
        ({"privilege_limit": "oem", "pef_alerting": False}, ["06/40 01 A2 85", "06/40 01 62 45"]),
        ({"volatile": {"pef_alerting": False}, "non_volatile": {"privilege_limit": "oem"}}, ["06/40 01 A2 04", "06/40 01 02 45"]),
        ({"access_mode": "always", "privilege_limit": "administrator"}, []),
        # Five bytes at once, those that are not named as they were.
        ({"auth_types": {"user": ["md5"], "oem": []}}, ["0C/01 01 02 14 04 14 14 00"]),
        # None is not among the types that the BMC has: it is sent all the same, because it is asked for by name.
        ({"auth_types": {"callback": [], "administrator": ["md2", "none"]}}, ["0C/01 01 02 00 14 14 03 00"]),
        ({"cipher_privileges": {"0": "unused"}}, ["0C/01 01 18 00 40 04 00 00 00 00 00 00"]),
        ({"cipher_privileges": {17: "administrator", "others": "user"}}, ["0C/01 01 18 00 22 04 00 00 00 00 00 00"]),
        # Reset and lockout intervals are in units of 10 s, the low byte first.
        (
            {"bad_password": {"threshold": 3, "reset_interval": 60, "lockout_interval": 300, "log_event": True}},
            ["0C/01 01 1A 01 03 06 00 1E 00"],
        ),
        ({"bad_password": {"threshold": 5}}, ["0C/01 01 1A 00 05 00 00 00 00"]),
    ],
)
def test_what_an_option_writes(given: dict[str, t.Any], requests: list[str], bmc: Scripted) -> None:
    Channel(bmc)
    assert written(bmc, plan(bmc, **given)) == requests


def test_only_what_is_named_is_read(bmc: Scripted) -> None:
    Channel(bmc)
    plan(bmc, channel=1, pef_alerting=True, scope="volatile")
    assert bmc.asked == ["06/42 0E", "06/41 01 80"]
    bmc.forget()
    plan(bmc, channel=1, bad_password={"threshold": 0})
    assert bmc.asked == ["06/42 0E", "0C/02 01 1A 00 00"]


def test_types_that_the_bmc_lacks_are_dropped_from_levels_that_are_not_named() -> None:
    # Dell: OEM is switched on and cannot be written.
    bmc = make(p2="34 34 34 34 20")
    Channel(bmc)
    assert written(bmc, plan(bmc, auth_types={"user": ["md5"]})) == ["0C/01 01 02 14 04 14 14 00"]


def test_where_nothing_else_differs_they_are_left_alone() -> None:
    bmc = make(p2="34 34 34 34 20")
    Channel(bmc)
    assert written(bmc, plan(bmc, auth_types={"user": ["md5", "password", "oem"]})) == []
    assert bmc.asked_for("0C/02 01 01") == []


def test_the_copies_are_shown_under_their_names(bmc: Scripted) -> None:
    Channel(bmc)
    planned = plan(bmc, pef_alerting=False, bad_password={"threshold": 5})
    assert planned.identity == {"channel": 1}
    assert planned.after == {
        "volatile": {"pef_alerting": False},
        "non_volatile": {"pef_alerting": False},
        "bad_password": {"threshold": 5, "reset_interval": 0, "lockout_interval": 0, "log_event": False},
    }


def test_a_reserved_value_that_a_bmc_has_is_not_shown(bmc: Scripted) -> None:
    Channel(bmc).copies[2] = b"\x06\x00"
    planned = plan(bmc, volatile={"privilege_limit": "administrator", "access_mode": "always"})
    assert planned.before == {}
    assert planned.after == {"volatile": {"access_mode": "always", "privilege_limit": "administrator"}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pef_alerting": True, "volatile": {"pef_alerting": False}}, "pef_alerting is given twice"),
        ({"privilege_limit": "user", "non_volatile": {"privilege_limit": "oem"}}, "non_volatile.privilege_limit says something else"),
        ({"cipher_privileges": {"x": "user"}}, "^cipher_privileges: "),
        ({"bad_password": {"threshold": 256}}, "^bad_password: .*threshold must be 0 to 255"),
        ({"bad_password": {"reset_interval": 15}}, "^bad_password: .*steps of 10"),
        ({"bad_password": {"lockout_interval": 655360}}, "^bad_password: .*lockout interval"),
    ],
)
def test_what_cannot_be(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadOption, match=message):
        check_channel(params(**given))


def test_saying_the_same_twice_is_no_contradiction() -> None:
    wanted = check_channel(params(pef_alerting=False, volatile={"pef_alerting": False}))
    assert [list(values) for values in wanted.access.values()] == [["pef_alerting"], ["pef_alerting"]]


def test_the_scope_does_not_limit_what_a_copy_says_itself() -> None:
    wanted = check_channel(params(pef_alerting=False, scope="volatile", non_volatile={"pef_alerting": True}))
    assert [list(values.values()) for values in wanted.access.values()] == [[False], [True]]


def test_the_medium_can_only_be_read(bmc: Scripted) -> None:
    assert plan(bmc, medium="lan").cuts[0].plan.missing == ()
    [missing] = plan(bmc, medium="serial").cuts[0].plan.missing
    assert (missing.setting, missing.why) == ("medium", "read only")


def test_all_tables_have_the_same_options() -> None:
    assert len({tuple(section.argument_spec()) for section in CHANNEL.values()}) == 1


class TestWayIn:
    """The session's own way in is not closed."""

    @pytest.mark.parametrize(
        "given",
        [
            {"access_mode": "disabled"},
            {"access_mode": "pre_boot", "scope": "non_volatile"},
            {"volatile": {"access_mode": "shared"}},
            {"privilege_limit": "operator"},
            {"cipher_privileges": {"others": "unused"}},
            {"cipher_privileges": {"3": "operator", "17": "unused"}},
        ],
    )
    def test_it_is_refused_before_anything_is_written(self, bmc: Scripted, given: dict[str, t.Any]) -> None:
        Channel(bmc)
        with pytest.raises(WouldLockOut, match="allow_self: true"):
            plan(bmc, **given)
        assert bmc.written == []

    def test_of_a_session_with_less_privilege_the_limit_may_be_lower(self, bmc: Scripted) -> None:
        Channel(bmc)
        assert plan(bmc, replace(CONNECTION, privilege=Privilege.OPERATOR), privilege_limit="operator").cuts

    def test_one_of_the_two_suites_is_enough(self, bmc: Scripted) -> None:
        Channel(bmc)
        assert written(bmc, plan(bmc, cipher_privileges={"17": "unused"})) == ["0C/01 01 18 00 44 00 00 00 00 00 00 00"]

    def test_another_channel_may_be_closed(self, bmc: Scripted) -> None:
        bmc.on("06/42 02", "00 02 04 01 80 F2 1B 00 00 00")
        Channel(bmc, channel=2)
        planned = plan(bmc, channel=2, access_mode="disabled")
        assert written(bmc, planned) == ["06/40 02 80 04", "06/40 02 40 04"]

    def test_where_it_is_meant_the_stored_copy_comes_first_and_nobody_logs_in(self, bmc: Scripted) -> None:
        Channel(bmc)
        sessions = Sessions(bmc)
        result = carry_out(bmc, plan(bmc, allow_self=True, access_mode="disabled"), sessions)
        assert sessions.written == ["06/40 01 40 04", "06/40 01 80 04"]
        assert (result.progress.verified, sessions.made) == (False, [])


class TestCopies:
    """The copy in force is tried first; the two belong together."""

    def test_each_is_proved_by_a_fresh_login(self, bmc: Scripted) -> None:
        channel, sessions = Channel(bmc), Sessions(bmc)
        result = carry_out(bmc, plan(bmc, privilege_limit="oem"), sessions)
        assert result.progress.verified is True and len(sessions.made) == 2
        assert sessions.made[0].written[-1] == "06/40 01 02 45"
        assert set(channel.copies.values()) == {b"\x02\x05"}

    def test_alerting_cuts_nobody_off(self, bmc: Scripted) -> None:
        Channel(bmc)
        sessions = Sessions(bmc)
        carry_out(bmc, plan(bmc, pef_alerting=False), sessions)
        assert sessions.made == []

    def test_a_login_that_fails_puts_the_copy_in_force_back_and_stores_nothing(self, bmc: Scripted) -> None:
        channel, sessions = Channel(bmc), Sessions(bmc, refuse=1)
        with pytest.raises(Restored):
            carry_out(bmc, plan(bmc, privilege_limit="oem"), sessions, timeout=0)
        assert set(channel.copies.values()) == {ALWAYS_ADMINISTRATOR}
        assert "06/40 01 02 45" not in sessions.written

    @pytest.mark.parametrize("given", [{"privilege_limit": "oem"}, {"pef_alerting": False}])
    def test_a_refused_stored_copy_puts_the_one_in_force_back(self, bmc: Scripted, given: dict[str, t.Any]) -> None:
        channel = Channel(bmc)
        bmc.once("06/40 01 02 45", "D4").once("06/40 01 62", "D4")
        with pytest.raises(Refused) as refused:
            carry_out(bmc, plan(bmc, **given))
        assert set(channel.copies.values()) == {ALWAYS_ADMINISTRATOR}
        assert "channel 1, volatile access was put back" in str(refused.value)
        assert refused.value.progress is not None and refused.value.progress.written == []

    def test_a_restart_between_the_two_loses_neither(self, bmc: Scripted) -> None:
        channel = Channel(bmc)
        # The write of the stored copy is lost in a restart, which loads the old one.
        store = bmc._rules["06/40 01"]
        restarts = iter([True])

        def stored(data: bytes) -> bytes:
            if next(restarts, False):
                channel.restart()
                return b"\xc0"
            return store(data)

        bmc.on("06/40 01 02 45", stored)
        carry_out(bmc, plan(bmc, privilege_limit="oem"))
        assert set(channel.copies.values()) == {b"\x02\x05"}

    def test_a_lost_answer_is_not_repeated_blindly(self, bmc: Scripted) -> None:
        channel, sessions = Channel(bmc), Sessions(bmc)
        bmc.once("06/40 01 A2", DROPPED)
        carry_out(bmc, plan(bmc, pef_alerting=False), sessions)
        assert set(channel.copies.values()) == {b"\x22\x04"}
        first = bmc.asked.index("06/40 01 A2 04")
        assert bmc.asked[first + 1] == "06/41 01 80"

    def test_a_board_that_changes_both_keeps_the_one_in_force(self, bmc: Scripted) -> None:
        channel = Channel(bmc, joined=True)
        carry_out(bmc, plan(bmc, pef_alerting=False, scope="non_volatile"))
        assert channel.copies == {1: b"\x22\x04", 2: ALWAYS_ADMINISTRATOR}

    def test_a_board_that_changes_both_costs_no_more_where_both_are_to_change(self, bmc: Scripted) -> None:
        channel, sessions = Channel(bmc, joined=True), Sessions(bmc)
        carry_out(bmc, plan(bmc, pef_alerting=False), sessions)
        assert sessions.written == ["06/40 01 A2 04", "06/40 01 62 04"]
        assert set(channel.copies.values()) == {b"\x22\x04"}

    def test_a_mode_that_the_channel_lacks_is_unsupported(self, bmc: Scripted) -> None:
        Channel(bmc)
        bmc.on("06/40", "83").on("06/40 01", "83")
        line = Line(bmc.bmc(), Sessions(bmc))
        planned = plan(bmc, allow_self=True, access_mode="shared")
        result = converge(line, planned.cuts, check_mode=False, proof=Proof(), strict=False)
        assert [(missing["setting"], missing["reason"]) for missing in result.missing] == [("access_mode", "completion code 0x83")] * 2
        assert result.changed is False

    def test_a_channel_without_access_is_no_read_only_one(self, bmc: Scripted) -> None:
        Channel(bmc)
        bmc.on("06/41 01", "82")
        [first, second] = plan(bmc, pef_alerting=True).cuts
        assert [missing.why for missing in first.plan.missing + second.plan.missing] == ["completion code 0x82"] * 2

    def test_a_bmc_that_ignores_it_is_found_out(self, bmc: Scripted) -> None:
        Channel(bmc)
        bmc.on("06/40 01", "00")
        with pytest.raises(NotVerified, match="accepted pef_alerting and still has another value"):
            carry_out(bmc, plan(bmc, pef_alerting=False))


class TestSuites:
    """What is done where the BMC lacks suites, or does not show how it numbers them."""

    def test_a_bmc_without_the_parameters_lacks_the_setting(self) -> None:
        bmc = make(p24="")
        [missing] = plan(bmc, cipher_privileges={"0": "unused"}).cuts[0].plan.missing
        assert (missing.setting, missing.why) == ("cipher_privileges", "completion code 0x80")
        assert len(bmc.asked_for("0C/02 01 18")) == 1

    def test_one_that_is_not_offered(self, bmc: Scripted) -> None:
        planned = plan(bmc, cipher_privileges={"8": "user", "7": "unused", "0": "unused"})
        assert [missing.why for missing in planned.cuts[0].plan.missing] == ["suite 8 is not among the BMC's suites 0, 3, 17"]
        assert planned.after == {"cipher_privileges": {"0": "unused", "3": "administrator", "17": "administrator"}}

    def test_the_numbering_may_be_given(self) -> None:
        bmc = make(p22="02", p23="00 01 03", p24="00 44 44 44 44 44 44 44 44")
        assert written(bmc, plan(bmc, cipher_privileges={"1": "unused"}, cipher_index="id")) == [
            "0C/01 01 18 00 04 44 44 44 44 44 44 44"
        ]
        bmc = make(p22="02", p23="00 01 03", p24="00 44 44 44 44 44 44 44 44")
        assert written(bmc, plan(bmc, cipher_privileges={"1": "unused"}, cipher_index="position")) == [
            "0C/01 01 18 00 40 44 44 44 44 44 44 44"
        ]

    def test_where_nothing_shows_it_nothing_is_written(self) -> None:
        bmc = make(p22="02", p23="00 01 03", p24="00 44 44 44 44 44 44 44 44")
        [missing] = plan(bmc, cipher_privileges={"1": "unused"}).cuts[0].plan.missing
        assert "cipher_index" in missing.why

    def test_a_login_that_fails_puts_the_suites_back(self, bmc: Scripted) -> None:
        with pytest.raises(Restored):
            carry_out(bmc, plan(bmc, cipher_privileges={"0": "unused"}), Sessions(bmc, refuse=1), timeout=0)
        assert plan(bmc, cipher_privileges={"0": "administrator"}).cuts[0].plan.changes == ()

    @pytest.mark.parametrize(("wanted", "seen"), [(True, {"cipher_suites": []}), (False, {})])
    def test_they_are_looked_at_only_where_the_bmc_is_still_there(self, bmc: Scripted, wanted: bool, seen: dict[str, t.Any]) -> None:
        [cut] = plan(bmc, cipher_privileges={"0": "unused"}).cuts
        cut = replace(cut, look=lambda _bmc, _progress: {"cipher_suites": []})
        line = Line(bmc.bmc(), Sessions(bmc))
        assert converge(line, [cut], check_mode=False, proof=Proof(wanted=wanted), strict=True).seen == seen

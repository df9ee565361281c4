# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts by name: their slots, what is written for them and in which order, and one's own account."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

import pytest
from ansible.module_utils.basic import PASSWD_ARG_RE

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BadOption,
    CompletionError,
    LoginRefused,
    Unreachable,
    Unsupported,
    WouldLockOut,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._accounts import ACCOUNT_OPTIONS, Account, plan_users
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import converge
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut, Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import CONNECTION, Scripted, User, Users, identified, text

ADMIN = User("admin", b"secret".ljust(16, b"\0"), access=0x34, enabled=True)
BOB = User("bob", b"hunter2".ljust(16, b"\0"), access=0x33, enabled=True, payload=0x02)


def account(name: str, *, allow_self: bool = False, **options: t.Any) -> Account:
    defaults = {option: spec.get("default") for option, spec in ACCOUNT_OPTIONS.items()}
    return Account.from_params({**defaults, "name": name, **options}, allow_self=allow_self)


@dataclass
class Bench:
    """A BMC with accounts, and logins that work only with the right password."""

    users: Users
    bmc: Scripted
    connection: Connection = CONNECTION
    logins: list[str] = field(default_factory=list)

    def login(self, connection: Connection) -> None:
        self.logins.append(connection.user)
        for user in self.users.slots.values():
            if user.name == connection.user and user.enabled and user.password.rstrip(b"\0") == connection.password.encode():
                return
        raise LoginRefused("wrong")

    def plan(self, *accounts: Account) -> list[Cut]:
        planned = plan_users(Reader(self.bmc.bmc(self.connection)), list(accounts), None, self.connection, self.login)
        cuts = [cut for entry in planned for cut in entry.cuts]
        assert self.bmc.written == [], "planning writes nothing"
        self.bmc.forget()
        return cuts

    def run(self, *accounts: Account) -> list[str]:
        """Plan and write; what was written, without what can be lost on the way to a fresh login."""
        cuts = self.plan(*accounts)
        line = Line(self.bmc.bmc(self.connection), lambda connection, deadline: self.fresh())
        converge(line, cuts, check_mode=False, proof=Proof(), strict=True)
        return self.bmc.written

    def fresh(self) -> t.Any:
        raise Unreachable("not in this test")


def bench(slots: t.Mapping[int, User] | None = None, *, connection: Connection = CONNECTION, **table: t.Any) -> Bench:
    bmc = identified(Scripted())
    given = {2: User(**vars(ADMIN)), **{number: User(**vars(user)) for number, user in (slots or {}).items()}}
    return Bench(Users(bmc, given, **table), bmc, connection)


class TestSlots:
    """Where an account is, or goes."""

    def slot(self, cuts: list[Cut]) -> int:
        [cut] = cuts
        return cut.plan.instance.target.user_id

    def test_by_name(self) -> None:
        assert self.slot(bench({5: BOB}).plan(account("bob", privilege="user"))) == 5

    def test_of_two_with_a_name_the_lower(self) -> None:
        assert self.slot(bench({5: BOB, 3: BOB}).plan(account("bob", privilege="user"))) == 3

    def test_a_new_one_gets_the_first_free(self) -> None:
        assert self.slot(bench({3: User("carol")}).plan(account("bob", password="x"))) == 4

    def test_fixed_names_are_left_alone(self) -> None:
        assert self.slot(bench(fixed=4).plan(account("bob", password="x"))) == 5

    def test_a_slot_that_the_maker_reserves_is_left_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _accounts

        quirks = _accounts.Quirks(reserved_user_ids=frozenset({3, 4}))
        monkeypatch.setattr(_accounts, "quirks_of", lambda device: quirks)
        assert self.slot(bench().plan(account("bob", password="x"))) == 5

    def test_two_new_ones_get_two_slots(self) -> None:
        cuts = bench().plan(account("bob", password="x"), account("carol", password="y"))
        assert [cut.plan.instance.target.user_id for cut in cuts] == [3, 4]

    def test_a_slot_that_another_entry_gives_is_not_taken(self) -> None:
        cuts = bench().plan(account("bob", password="x"), account("carol", password="y", user_id=3))
        assert [cut.plan.instance.target.user_id for cut in cuts] == [4, 3]

    def test_a_name_of_ff_bytes_is_none(self) -> None:
        made = bench()
        made.bmc.on("06/46 03", "00" + " FF" * 16)
        assert self.slot(made.plan(account("bob", password="x"))) == 3

    def test_a_name_that_is_refused_is_none(self) -> None:
        made = bench()
        made.bmc.on("06/46 03", "CC")
        assert self.slot(made.plan(account("bob", password="x"))) == 3

    def test_names_are_read_only_as_far_as_needed(self) -> None:
        made = bench({3: BOB})
        plan_users(Reader(made.bmc.bmc()), [account("bob", privilege="user")], None, CONNECTION, made.login)
        assert made.bmc.asked_for("06/46") == ["06/46 01", "06/46 02", "06/46 03"]

    def test_all_taken(self) -> None:
        full = {number: User(f"u{number}") for number in range(3, 6)}
        with pytest.raises(Unsupported, match=r"all user slots are taken \(5 in all, the first 1 reserved\)"):
            bench(full, size=5).plan(account("bob", password="x"))

    def test_a_slot_that_there_is_not(self) -> None:
        with pytest.raises(BadOption, match="user_id is 11; this BMC has 10 user slots"):
            bench().plan(account("bob", password="x", user_id=11))

    @pytest.mark.parametrize(
        ("accounts", "message"),
        [
            ([account("bob"), account("bob")], "name bob"),
            ([account("a", user_id=3), account("b", user_id=3)], "user_id 3"),
        ],
    )
    def test_twice(self, accounts: list[Account], message: str) -> None:
        with pytest.raises(BadOption, match=f"users: {message} is there more than once"):
            bench().plan(*accounts)


class TestPresent:
    """Making and changing an account."""

    def test_a_new_one_is_written_in_order(self) -> None:
        made = bench()
        written = made.run(account("bob", password="hunter2", privilege="operator", sol_payload=True))
        assert written == [
            f"06/45 03 {text('bob')}",
            f"06/47 03 02 {text('hunter2')}",
            "06/43 91 03 03",
            "06/4C 01 03 02 00 00 00",
            "06/47 03 01",
        ]
        assert made.users[3] == User("bob", b"hunter2".ljust(16, b"\0"), 0x13, True, 0x02)

    def test_the_second_run_writes_nothing(self) -> None:
        made = bench()
        wanted = account("bob", password="hunter2", privilege="operator", sol_payload=True, enabled=True)
        made.run(wanted)
        made.bmc.forget()
        assert made.run(wanted) == []
        assert made.logins == []

    def test_a_new_one_may_do_what_users_may_and_no_more(self) -> None:
        made = bench()
        assert made.run(account("bob", password="x"))[2:] == ["06/43 91 03 02", "06/47 03 01"]

    def test_only_what_differs_and_the_other_flags_stay(self) -> None:
        made = bench({3: BOB})
        assert made.run(account("bob", privilege="administrator", password="hunter2")) == ["06/43 B1 03 04"]

    def test_a_new_one_needs_a_password(self) -> None:
        with pytest.raises(BadOption, match="'bob' does not exist yet: a password is needed"):
            bench().plan(account("bob"))

    def test_unless_it_is_disabled(self) -> None:
        made = bench()
        assert made.run(account("bob", enabled=False))[0] == f"06/45 03 {text('bob')}"
        assert not made.users[3].enabled

    @pytest.mark.parametrize("password", [None, "hunter2"])
    def test_a_slot_that_changes_hands_disabled_is_disabled(self, password: str | None) -> None:
        made = bench({4: User("eve", b"old", 0x34, enabled=True)})
        made.run(account("bob", user_id=4, enabled=False, password=password))
        assert (made.users[4].name, made.users[4].enabled) == ("bob", False)

    def test_a_slot_that_changes_hands_gets_a_password_that_is_the_old_one_by_chance(self) -> None:
        made = bench({4: BOB})
        written = made.run(account("carol", user_id=4, password="hunter2"))
        assert f"06/47 04 02 {text('hunter2')}" in written
        assert "06/47 04 01" in written

    def test_a_fixed_slot_is_found_by_its_name(self) -> None:
        made = bench(fixed=2, connection=Connection("192.0.2.10", user="other"))
        assert made.run(account("admin", link_auth=False)) == ["06/43 91 02 04"]

    def test_disabling_refused_for_its_length_is_padded(self) -> None:
        made = bench({3: BOB})
        made.bmc.once("06/47 03 00", "C7")
        assert made.run(account("bob", enabled=False)) == ["06/47 03 00", "06/47 03 00" + " 00" * 16]

    def test_what_the_bmc_lacks_is_reported(self) -> None:
        made = bench({3: BOB})
        made.bmc.on("06/4D", "C1")
        [cut] = made.plan(account("bob", sol_payload=True, privilege="operator"))
        assert [missing.setting for missing in cut.plan.missing] == ["sol_payload"]


class TestPassword:
    """Setting a password only where the BMC says that it is another one."""

    def test_the_right_one_is_not_written(self) -> None:
        made = bench({3: BOB})
        assert made.run(account("bob", password="hunter2")) == []

    def test_a_wrong_one_is_tested_once_and_written_and_tested(self) -> None:
        made = bench({3: BOB})
        assert made.run(account("bob", password="other")) == [f"06/47 03 02 {text('other')}"]
        assert made.bmc.asked_for("06/47") == [f"06/47 03 02 {text('other')}", f"06/47 03 03 {text('other')}"]

    def test_auto_accepts_either_size(self) -> None:
        made = bench({3: User("bob", b"hunter2".ljust(20, b"\0"), 0x14, True)})
        assert made.run(account("bob", password="hunter2")) == []

    def test_a_given_size_is_brought_about(self) -> None:
        made = bench({3: User("bob", b"hunter2".ljust(20, b"\0"), 0x14, True)})
        assert made.run(account("bob", password="hunter2", password_size="16")) == [f"06/47 03 02 {text('hunter2')}"]

    def test_seventeen_bytes_need_the_long_form(self) -> None:
        made = bench({3: BOB})
        password = "seventeen-bytes-x"
        assert made.run(account("bob", password=password)) == [f"06/47 83 02 {text(password, 20)}"]

    @pytest.mark.parametrize(
        ("password", "size", "message"),
        [("x" * 21, "auto", "21 bytes; at most 20"), ("x" * 17, "16", "17 bytes; at most 16"), ("ä" * 11, "auto", "22 bytes")],
    )
    def test_one_too_long_is_found_without_a_bmc(self, password: str, size: str, message: str) -> None:
        with pytest.raises(BadOption, match=message) as caught:
            account("bob", password=password, password_size=size)
        assert password not in str(caught.value)

    def test_what_the_maker_takes_is_checked_before_anything_is_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _accounts

        monkeypatch.setattr(_accounts, "quirks_of", lambda device: _accounts.Quirks(password_min=13, password_max=16))
        with pytest.raises(BadOption, match="7 bytes; this BMC takes 13 to 16"):
            bench().plan(account("bob", password="hunter2"))

    def test_on_create_leaves_it_alone(self) -> None:
        made = bench({3: BOB})
        assert made.run(account("bob", password="other", update_password="on_create")) == []

    def test_on_create_sets_that_of_a_new_one(self) -> None:
        made = bench()
        assert f"06/47 03 02 {text('x')}" in made.run(account("bob", password="x", update_password="on_create"))

    def test_a_bmc_that_cannot_test_is_asked_by_a_login(self) -> None:
        made = bench({3: BOB})
        made.bmc.on("06/47 03 03", "C1")
        assert made.run(account("bob", password="hunter2")) == []
        assert made.logins == ["bob"]

    def test_and_the_password_is_written_if_that_is_refused(self) -> None:
        made = bench({3: BOB})
        made.bmc.on("06/47 03 03", "C1")
        assert made.run(account("bob", password="other")) == [f"06/47 03 02 {text('other')}"]
        assert made.logins == ["bob"]

    def test_a_refused_test_is_a_failure(self) -> None:
        made = bench({3: BOB})
        made.bmc.on("06/47 03 03", "D4")
        with pytest.raises(CompletionError):
            made.plan(account("bob", password="hunter2"))


class TestUnknownStatus:
    """BMCs that do not tell whether an account is enabled."""

    def test_without_a_password_it_is_unsupported(self) -> None:
        [cut] = bench({3: BOB}, tells=False).plan(account("bob", enabled=True))
        assert [(missing.setting, missing.why) for missing in cut.plan.missing] == [("enabled", "the BMC does not tell whether a user is enabled")]

    def test_a_login_tells(self) -> None:
        made = bench({3: BOB}, tells=False)
        assert made.run(account("bob", password="hunter2", enabled=True)) == []
        assert made.logins == ["bob"]

    def test_a_refused_login_is_not_tried_twice(self) -> None:
        made = bench({3: BOB}, tells=False)
        made.bmc.on("06/47 03 03", "C1")
        assert made.run(account("bob", password="other", enabled=True)) == [f"06/47 03 02 {text('other')}", "06/47 03 01"]
        assert made.logins == ["bob"]

    def test_removing_disables_anyway(self) -> None:
        made = bench({3: BOB}, tells=False)
        assert made.run(account("bob", state="absent"))[0] == "06/47 03 00"


class TestAbsent:
    """Removing an account."""

    def test_it_is_undone_in_the_opposite_order(self) -> None:
        made = bench({3: BOB})
        assert made.run(account("bob", state="absent")) == [
            "06/47 03 00",
            "06/4C 01 43 02 00 00 00",
            "06/43 A1 03 0F",
            f"06/45 03 {text('')}",
        ]

    def test_the_second_time_there_is_nothing_to_look_at(self) -> None:
        made = bench({3: BOB})
        made.run(account("bob", state="absent"))
        made.bmc.forget()
        assert made.plan(account("bob", state="absent")) == []

    def test_a_fixed_name_stays_and_the_second_time_is_quiet(self) -> None:
        made = bench({3: BOB}, fixed=3)
        assert made.run(account("bob", state="absent"))[-1] == "06/43 A1 03 0F"
        made.bmc.forget()
        assert made.run(account("bob", state="absent")) == []

    def test_a_slot_that_somebody_else_has_by_now_is_left_alone(self) -> None:
        made = bench({3: User("carol", b"x", 0x14, True)})
        assert made.run(account("bob", user_id=3, state="absent")) == []
        assert made.users[3].name == "carol"

    def test_what_the_bmc_lacks_does_not_matter(self) -> None:
        made = bench({3: BOB})
        made.bmc.on("06/4D", "C1")
        assert made.run(account("bob", state="absent")) == ["06/47 03 00", "06/43 A1 03 0F", f"06/45 03 {text('')}"]


class TestOwnAccount:
    """The account that opens the session."""

    @pytest.mark.parametrize(
        ("options", "loss"),
        [
            ({"state": "absent"}, "disable it"),
            ({"enabled": False}, "disable it"),
            ({"privilege": "operator"}, "lower its privilege"),
            ({"privilege": "no_access"}, "lower its privilege"),
            ({"ipmi_messaging": False}, "take IPMI messaging from it"),
            ({"callback": True}, "restrict it to callback"),
        ],
    )
    def test_it_is_not_taken_away(self, options: dict[str, t.Any], loss: str) -> None:
        with pytest.raises(WouldLockOut, match=loss) as caught:
            bench().plan(account("admin", **options))
        assert "user 'admin' (slot 2)" in str(caught.value)

    def test_it_is_not_renamed(self) -> None:
        with pytest.raises(WouldLockOut, match="remove or rename it"):
            bench().plan(account("bob", user_id=2, password="x"))

    @pytest.mark.parametrize("options", [{"privilege": "administrator"}, {"enabled": True}, {"link_auth": False}, {"sol_payload": True}])
    def test_what_takes_nothing_away_is_fine(self, options: dict[str, t.Any]) -> None:
        assert len(bench().plan(account("admin", **options))) == 1

    def test_it_is_taken_away_if_that_is_meant(self) -> None:
        made = bench()
        [cut] = made.plan(account("admin", state="absent", allow_self=True))
        assert cut.final
        assert made.run(account("admin", state="absent", allow_self=True))[0] == "06/47 02 00"

    @pytest.mark.parametrize(("session", "own"), [("00 01 05 01 02 04 11", False), ("00 01 05 01 05 04 11", True), ("C1", True)])
    def test_of_two_accounts_of_its_name_the_session_tells_which_it_is(self, session: str, own: bool) -> None:
        """BMCs take the first that can log in; one that does not say which that was may mean either."""
        made = bench({5: User("admin", b"x", 0x14, True)})
        made.bmc.on("06/3D 00", session)
        if own:
            with pytest.raises(WouldLockOut, match=r"user 'admin' \(slot 5\)"):
                made.plan(account("admin", user_id=5, state="absent"))
        else:
            [cut] = made.plan(account("admin", user_id=5, state="absent"))
            assert not cut.plan.instance.in_use

    @pytest.mark.parametrize("slot", [1, 3])
    def test_no_other_slot_gets_its_name(self, slot: int) -> None:
        """A login would find whichever account of the name the BMC comes to first."""
        with pytest.raises(WouldLockOut, match=rf"slot {slot}.*'admin' of this session is in slot 2"):
            bench({3: BOB}).plan(account("admin", user_id=slot, password="brandnew"))

    def test_another_slot_gets_it_if_that_is_meant(self) -> None:
        [cut] = bench({3: BOB}).plan(account("admin", user_id=3, password="brandnew", allow_self=True))
        assert "name" in [name for change in cut.plan.changes for name in change.names]

    def test_in_band_another_slot_may_have_its_name(self) -> None:
        made = bench({3: BOB}, connection=Connection("", user="admin", interface="open"))
        assert len(made.plan(account("admin", user_id=3, password="brandnew"))) == 1

    def test_in_band_no_account_is_ones_own(self) -> None:
        made = bench(connection=Connection("", user="admin", interface="open"))
        assert made.run(account("admin", enabled=False)) == ["06/47 02 00"]

    def test_its_password_is_known_without_a_test(self) -> None:
        made = bench()
        made.plan(account("admin", password="secret"))
        assert made.run(account("admin", password="secret")) == []
        assert made.bmc.asked_for("06/47") == []

    def test_afterwards_the_new_password_holds(self) -> None:
        [cut] = bench().plan(account("admin", password="brandnew"))
        assert cut.after(CONNECTION).password == "brandnew"
        assert not cut.final

    def test_it_comes_last(self) -> None:
        cuts = bench().plan(account("admin", password="brandnew"), account("bob", password="x"))
        assert [cut.plan.instance.target.user_id for cut in cuts] == [3, 2]


class TestOptions:
    """What is wrong whatever the BMC."""

    @pytest.mark.parametrize("user_id", [0, 64, -1])
    def test_a_slot_that_no_bmc_has(self, user_id: int) -> None:
        with pytest.raises(BadOption, match="user slots are 1 to 63"):
            account("bob", user_id=user_id)

    def test_no_name(self) -> None:
        with pytest.raises(BadOption, match="name is empty"):
            account("")

    def test_a_name_too_long(self) -> None:
        with pytest.raises(BadOption, match="has 17 bytes; at most 16"):
            account("x" * 17)

    def test_a_password_is_not_in_any_repr(self) -> None:
        assert "hunter2" not in repr(account("bob", password="hunter2"))

    def test_nothing_asked_asks_nothing(self) -> None:
        made = bench()
        plan_users(Reader(made.bmc.bmc()), [], None, CONNECTION, made.login)
        assert made.bmc.asked == []


class TestPurge:
    """Accounts that nobody names."""

    def plan(self, made: Bench, *accounts: Account) -> tuple[list[str], list[str], list[Cut]]:
        """Names of those that go, notes on those that stay, and all plans."""
        reader = Reader(made.bmc.bmc(made.connection))
        planned = plan_users(reader, list(accounts), None, made.connection, made.login, purge=True)
        assert made.bmc.written == [], "planning writes nothing"
        notes = [note for entry in planned for note in entry.notes]
        return [entry.purged for entry in planned if entry.purged], notes, [cut for entry in planned for cut in entry.cuts]

    def purge(self, made: Bench, *accounts: Account) -> list[str]:
        """Plan and write; the notes."""
        _names, notes, cuts = self.plan(made, *accounts)
        line = Line(made.bmc.bmc(made.connection), lambda connection, deadline: made.fresh())
        converge(line, cuts, check_mode=False, proof=Proof(), strict=True)
        return notes

    def test_they_go_and_the_others_stay(self) -> None:
        made = bench({3: BOB, 4: replace_user(BOB, name="eve"), 5: replace_user(BOB, name="mallory")})
        assert self.plan(made, account("admin"), account("bob"))[:2] == (["eve", "mallory"], [])
        self.purge(made, account("admin"), account("bob"))
        assert [user.name for user in made.users.slots.values() if user.name] == ["admin", "bob"]
        assert (made.users[4].enabled, made.users[4].access & 0x1F) == (False, 0x0F)

    def test_the_second_time_nothing_is_written(self) -> None:
        made = bench({3: BOB})
        self.purge(made, account("admin"))
        made.bmc.forget()
        assert self.plan(made, account("admin"))[:2] == ([], [])
        self.purge(made, account("admin"))
        assert made.bmc.written == []

    def test_the_account_in_use_stays_also_if_the_list_is_empty(self) -> None:
        made = bench({3: BOB})
        names, notes, _cuts = self.plan(made)
        assert names == ["bob"]
        assert notes == ["user 'admin' (slot 2) is not in the list and is kept: it is the account of this session"]
        self.purge(made)
        assert made.users[2] == ADMIN

    def test_what_has_the_name_of_the_account_in_use_stays_too(self) -> None:
        names, notes, _cuts = self.plan(bench({5: ADMIN}))
        assert names == [] and len(notes) == 2

    def test_the_user_without_a_name_in_use_is_not_every_empty_slot(self) -> None:
        made = bench({1: User("", b"", 0x34, True), 3: BOB}, connection=replace(CONNECTION, user=""))
        names, notes, _cuts = self.plan(made, account("admin"))
        assert names == ["bob"]
        assert notes == ["user '' (slot 1) is not in the list and is kept: it is the account of this session"]

    def test_in_band_no_account_is_in_use(self) -> None:
        made = bench({3: BOB}, connection=replace(CONNECTION, interface="open"))
        assert self.plan(made, account("bob"))[:2] == (["admin"], [])

    def test_a_fixed_slot_stays_and_is_named(self) -> None:
        made = bench({1: replace_user(BOB, name="anonymous"), 3: BOB}, fixed=1)
        names, notes, _cuts = self.plan(made, account("admin"))
        assert names == ["bob"]
        assert notes == ["user 'anonymous' (slot 1) is not in the list and is kept: its slot is fixed or reserved"]

    def test_a_fixed_slot_that_is_in_the_list_needs_no_note(self) -> None:
        made = bench({1: replace_user(BOB, name="anonymous")}, fixed=1)
        assert self.plan(made, account("admin"), account("anonymous", enabled=True))[:2] == ([], [])

    def test_a_slot_reserved_by_the_maker_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _accounts

        monkeypatch.setattr(_accounts, "quirks_of", lambda device: _accounts.Quirks(reserved_user_ids=frozenset({3})))
        names, notes, _cuts = self.plan(bench({3: BOB}), account("admin"))
        assert names == [] and "user 'bob' (slot 3)" in notes[0]

    @pytest.mark.parametrize(("enabled", "notes"), [(True, 1), (False, 0)])
    def test_the_user_without_a_name_stays_and_is_told_if_it_can_log_in(self, enabled: bool, notes: int) -> None:
        made = bench({1: User("", b"", 0x14, enabled)})
        found = self.plan(made, account("admin"))
        assert found[0] == [] and len(found[1]) == notes
        assert all("can log in" in note for note in found[1])

    def test_it_is_written_after_the_accounts_that_are_wanted(self) -> None:
        made = bench({3: BOB})
        _names, _notes, cuts = self.plan(made, account("admin"), account("eve", password="pass-word"))
        assert [cut.plan.instance.label for cut in cuts][-1] == "user 'bob' (slot 3)"
        assert cuts[0].plan.instance.target.user_id == 4

    def test_an_account_that_the_list_takes_away_is_not_purged_besides(self) -> None:
        names, _notes, cuts = self.plan(bench({3: BOB}), account("admin"), account("bob", state="absent"))
        assert names == [] and len(cuts) == 2

    def test_without_it_nothing_goes(self) -> None:
        made = bench({3: BOB})
        assert [cut.plan.instance.target.user_id for cut in made.plan(account("admin"))] == [2]


def replace_user(user: User, **changed: t.Any) -> User:
    return User(**{**vars(user), **changed})


def test_each_option_that_ansible_takes_for_a_secret_says_whether_it_is_one() -> None:
    suspects = [name for name in ACCOUNT_OPTIONS if PASSWD_ARG_RE.search(name)]
    assert "password" in suspects
    assert all("no_log" in ACCOUNT_OPTIONS[name] for name in suspects)

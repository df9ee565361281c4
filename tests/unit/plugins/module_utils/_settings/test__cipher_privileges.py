# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cipher suite privileges: which nibble is whose, and what may be written."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _cipher_privileges as ciphers
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cipher_privileges import Numbering, SuitePrivileges
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import CannotTell, WriteOnly
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader, Target
from tests.unit.plugins.scripted import CONNECTION, Scripted, lan

ID, POSITION = Numbering.ID, Numbering.POSITION
LETTERS: t.Final = {"X": 0, "c": 1, "u": 2, "o": 3, "a": 4, "O": 5}


def packed(letters: str) -> str:
    """ipmitool's "Cipher Suite Priv Max" as parameter 24, in hex."""
    nibbles = [LETTERS[letter] for letter in letters]
    return bytes([0, *(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))]).hex()


def offering(suites: t.Sequence[int], letters: str, *, session: int | None = 17, count: int | None = -1) -> Scripted:
    """A BMC with this list of suites and these privileges."""
    bmc = Scripted()
    bmc.suite = session
    entries = bytes([0, *suites]).ljust(17, b"\0").hex()
    number = len(suites) if count == -1 else count
    lan(bmc, 1, p22="" if number is None else f"{number:02X}", p23=entries, p24=packed(letters))
    return bmc


class Asked:
    """A probe that answers from a list of the suites that open, and keeps what it was asked."""

    def __init__(self, *opens: int, silent: t.Collection[int] = ()) -> None:
        self.opens, self.silent = opens, silent
        self.suites: list[int] = []

    def __call__(self, suites: t.Sequence[int]) -> dict[int, bool | None]:
        self.suites += suites
        return {suite: None if suite in self.silent else suite in self.opens for suite in suites}


def find(bmc: Scripted, probe: Asked | None = None, *, own: bool = True) -> Numbering | None:
    return ciphers.find_numbering(Reader(bmc.bmc()), Target(1), CONNECTION, own=own, probe=probe)


X16 = "X" * 16


@pytest.mark.parametrize(
    ("suites", "letters", "session", "numbering"),
    [
        # The list is 0 to n-1: both readings are one.
        ([0, 1, 2, 3], "XaaaXXXXXXXXXXXX", 3, ID),
        # ipmi.md 0.3: Supermicro's list and privileges. It keeps those of suite 0, which it does not list.
        ([1, 2, 3, 6, 7, 8, 11, 12], "aaaaXXaaaXXaaXXX", 3, ID),
        # ipmi.md 0.3: Intel's: suites 3 and 17.
        ([1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17], "XXaXXXXXXXaXXXXX", 17, POSITION),
        # Dell, Lenovo: two suites, the nibbles of which would by ID be those of 0 and 1.
        ([3, 17], "aaXXXXXXXXXXXXXX", 17, POSITION),
        # OpenBMC: 17 alone.
        ([17], "aXXXXXXXXXXXXXXX", 17, POSITION),
        # A Supermicro X14: 17 too, which by ID has no privilege of its own.
        ([1, 2, 3, 6, 7, 8, 11, 12, 17], "XaaaXXaaaXXaaXXX", 17, ID),
        # The suite of the session is unused by position, so it is by ID; and the other way round.
        ([1, 3, 6], "XXXaXXXXXXXXXXXX", 3, ID),
        ([1, 3, 6], "XaXXXXXXXXXXXXXX", 3, POSITION),
        # ipmi_sim: fifteen suites, and one privilege more than suites.
        (list(range(1, 16)), "a" * 16, 3, ID),
    ],
)
def test_how_a_bmc_numbers_is_found_without_asking_it(suites: list[int], letters: str, session: int, numbering: Numbering) -> None:
    probe = Asked()
    assert find(offering(suites, letters, session=session), probe) is numbering
    assert probe.suites == []


def test_a_level_below_the_session_s_is_evidence_too() -> None:
    # By position suite 3 would be for users only, and this session is an administrator's.
    assert find(offering([2, 3], "auXaXXXXXXXXXXXX", session=3)) is ID


def test_the_session_tells_nothing_of_another_channel() -> None:
    bmc = offering([1, 3], "aaXXXXXXXXXXXXXX", session=3)
    assert find(bmc, own=True) is POSITION
    # Nor in band, nor in a session of IPMI 1.5.
    assert find(offering([1, 3], "aaXaXXXXXXXXXXXX", session=None)) is ID
    assert find(offering([1, 3], "XaXXXXXXXXXXXXXX", session=3), own=False) is None


AMBIGUOUS = ([1, 2, 3, 6], "XaaaXXXXXXXXXXXX")


@pytest.mark.parametrize(("opens", "numbering"), [((2, 3, 6), POSITION), ((1, 2, 3), ID)])
def test_where_reading_does_not_tell_a_login_is_begun(opens: tuple[int, ...], numbering: Numbering) -> None:
    probe = Asked(*opens)
    assert find(offering(*AMBIGUOUS, session=3), probe) is numbering
    # Only suites on which the readings disagree.
    assert probe.suites == [1, 6]


@pytest.mark.parametrize("probe", [None, Asked(1, 6), Asked(), Asked(silent=(1, 6))])
def test_where_nothing_tells_nothing_is_guessed(probe: Asked | None) -> None:
    assert find(offering(*AMBIGUOUS, session=3), probe) is None


def test_one_suite_that_tells_is_enough() -> None:
    assert find(offering(*AMBIGUOUS, session=3), Asked(6, silent=(1,))) is POSITION


def test_a_suite_above_15_decides_where_nothing_contradicts() -> None:
    # All unused but 17, which has no privilege by ID: both readings let everybody in over it.
    probe = Asked(17)
    assert find(offering([3, 17], "XaXXXXXXXXXXXXXX", session=17), probe) is POSITION
    assert find(offering([17, 18], "aaXXXXXXXXXXXXXX", session=17), Asked(17, 18)) is POSITION


def test_every_privilege_the_same_is_no_evidence() -> None:
    assert find(offering([1, 2, 3, 6], "a" * 16, session=3)) is None


def test_a_list_of_1_to_16_means_0_to_15() -> None:
    # ipmi.md 2.2, Intel S2600JF.
    bmc = offering(list(range(1, 17)), "a" * 16)
    assert ciphers.listed(Reader(bmc.bmc()), Target(1)) == tuple(range(16))
    assert find(bmc) is ID


def test_without_a_count_zeros_at_the_end_are_filling() -> None:
    def seen(suites: list[int]) -> tuple[int, ...]:
        return ciphers.listed(Reader(offering(suites, X16, count=None).bmc()), Target(1))

    assert seen([0, 1, 2, 3]) == (0, 1, 2, 3)
    assert seen([3, 17]) == (3, 17)
    assert seen([0]) == (0,)


def test_a_count_that_is_refused_for_another_reason_is_a_failure() -> None:
    bmc = offering([3], X16).on("0C/02 01 16", "D4")
    with pytest.raises(CompletionError):
        ciphers.listed(Reader(bmc.bmc()), Target(1))


def table(suites: t.Sequence[int] = (1, 2, 3, 17), nibbles: str = "XaauXXXXXXXXXXXX", numbering: Numbering = POSITION) -> SuitePrivileges:
    return SuitePrivileges(tuple(suites), tuple(LETTERS[letter] for letter in nibbles), numbering)


def test_the_two_readings() -> None:
    assert table().told == {1: 0, 2: 4, 3: 4, 17: 2}
    assert table(numbering=ID).told == {0: 0, 1: 4, 2: 4, 3: 2}
    assert (table(numbering=ID).place(17), table(numbering=ID).opens(17)) == (None, True)
    assert table().place(5) is None and not table().opens(5)


def test_by_id_suite_0_has_its_nibble_listed_or_not() -> None:
    # ipmi.md 0.3: Supermicro.
    found = table((1, 2, 3), "aaaaXXXXXXXXXXXX", ID)
    assert (found.place(0), found.privilege(0), found.opens(0)) == (0, 4, True)
    assert ciphers.completed(found, {"others": 0, 3: 4}) == {0: 0, 1: 0, 2: 0, 3: 4}
    assert ciphers.impossible(found, {0: 0}) == {}
    mended = found.with_privileges({0: 0})
    assert (mended.nibbles[:4], mended.opens(0)) == ((0, 4, 4, 4), False)
    # By position the first nibble is another suite's; and without a list nothing is known.
    assert table((1, 2, 3), "aaaaXXXXXXXXXXXX").place(0) is None
    assert table((), "aaaaXXXXXXXXXXXX", ID).told == {}


@given(
    st.lists(st.integers(0, 20), unique=True, min_size=1, max_size=16),
    st.sampled_from(list(Numbering)),
    st.data(),
)
def test_what_is_written_is_what_is_read(suites: list[int], numbering: Numbering, data: st.DataObject) -> None:
    found = SuitePrivileges(tuple(suites), tuple(data.draw(st.lists(st.integers(0, 5), min_size=16, max_size=16))), numbering)
    wanted = data.draw(st.dictionaries(st.sampled_from(suites), st.integers(0, 5)))
    written = found.with_privileges(wanted)
    expressible = {suite: level for suite, level in wanted.items() if found.place(suite) is not None}
    assert written.told == {**found.told, **expressible}


@pytest.mark.parametrize(
    ("given_", "parsed"),
    [
        ({17: "administrator", "3": "unused", "others": "user"}, {17: 4, 3: 0, "others": 2}),
        ({"0": "callback", "1": "oem", "2": "operator"}, {0: 1, 1: 5, 2: 3}),
        ({}, {}),
    ],
)
def test_what_the_user_types(given_: dict[t.Any, str], parsed: dict[t.Any, int]) -> None:
    assert ciphers.parse(given_) == parsed


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"x": "user"}, "neither the ID of a suite"),
        ({256: "user"}, "neither the ID of a suite"),
        ({"-1": "user"}, "neither the ID of a suite"),
        ({3: "admin"}, "'admin' is no level"),
        ({3: None}, "'None' is no level"),
        ({3: "user", "3": "unused"}, "suite 3 is there twice"),
    ],
)
def test_what_cannot_be(given_: dict[t.Any, t.Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ciphers.parse(given_)


def test_reserved_values_are_not_shown() -> None:
    assert ciphers.show({3: 4, 0: 0, 1: 9}) == {"0": "unused", "3": "administrator"}


def test_others_are_all_that_is_not_named() -> None:
    assert ciphers.completed(table(), {17: 4, "others": 0}) == {1: 0, 2: 0, 3: 0, 17: 4}
    assert ciphers.completed(table(), {17: 4}) == {1: 0, 2: 4, 3: 4, 17: 4}


def test_what_a_suite_cannot_have() -> None:
    assert ciphers.impossible(table(), {8: 4, 9: 0, 3: 4, "others": 0}) == {8: "suite 8 is not among the BMC's suites 1, 2, 3, 17"}
    reasons = ciphers.impossible(table(numbering=ID), {17: 0, 3: 4})
    assert list(reasons) == [17] and "no privilege of its own" in reasons[17]


@pytest.mark.parametrize(
    ("new", "lost"),
    [({17: 0}, False), ({3: 0}, True), ({3: 3}, True), ({3: 3, 17: 4}, False), ({3: 5}, False), ({1: 4, 2: 0}, False)],
)
def test_when_the_login_is_taken_away(new: dict[int, int], lost: bool) -> None:
    # An administrator logs in over 3; 17 is for users only.
    assert ciphers.takes_the_login_away(table(), table().with_privileges(new), CONNECTION) is lost


def test_a_reading_by_which_nobody_could_log_in_before_takes_nothing_away() -> None:
    locked = table(nibbles=X16)
    assert not ciphers.takes_the_login_away(locked, locked.with_privileges({1: 4}), CONNECTION)


class TestShortRecord:
    """A BMC that tells fewer than 16 privileges (ipmi.md 2.2, HP DL145)."""

    SHORT = SuitePrivileges((0, 1, 2, 3), (4, 4), ID)

    def test_what_is_missing_is_not_made_up(self) -> None:
        assert self.SHORT.told == {0: 4, 1: 4}
        assert self.SHORT.untold == (2, 3)

    def test_all_must_be_named_where_something_is_written(self) -> None:
        with pytest.raises(BadOption, match="does not tell the privilege of suites 2, 3"):
            ciphers.completed(self.SHORT, {0: 0})
        assert ciphers.completed(self.SHORT, {0: 0, "others": 4}) == {0: 0, 1: 4, 2: 4, 3: 4}

    def test_what_it_has_already_needs_no_others(self) -> None:
        assert ciphers.completed(self.SHORT, {0: 4}) == {0: 4, 1: 4}

    def test_it_is_written_without_comparing(self) -> None:
        bmc = offering([0, 1, 2, 3], "aa")
        parameter = ciphers.CipherPrivileges(ID)
        assert parameter.load(Reader(bmc.bmc()), Target(1), {}).told == {0: 4, 1: 4}
        with pytest.raises(WriteOnly) as unread:
            parameter.load(Reader(bmc.bmc()), Target(1), {"cipher_privileges": {2: 4}})
        new = unread.value.base.with_privileges({0: 0, 1: 4, 2: 4, 3: 2})
        parameter.store(bmc.bmc(), Target(1), new, unread.value.base)
        assert bmc.written == ["0C/01 01 18 00 40 24 00 00 00 00 00 00"]


def test_without_a_numbering_nothing_is_said() -> None:
    with pytest.raises(CannotTell, match="give cipher_index"):
        ciphers.CipherPrivileges(None).load(Reader(offering([3], X16).bmc()), Target(1), {})

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cipher suites: what is asked, in which order, and what is made of answers, silences and settings."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit import _suites
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, Evidence
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Method, Profile, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._cipher_suites import _c_04, _c_05, _c_06
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import CANNOT_SAY
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._suites import off
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import Opening
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import Verdict as Answer
from tests.unit.plugins.scripted import CONNECTION, Scripted, identified

REFUSED: t.Final = Answer(Opening.REFUSED, 0x11)
TAKEN: t.Final = Answer(Opening.ACCEPTED, 0, 4)
SILENT: t.Final = Answer(Opening.SILENT)


class Prober:
    """Gives answers by suite; what it was asked is kept, questions that were asked together as one."""

    def __init__(self, answers: t.Mapping[int, Answer], error: Exception | None = None) -> None:
        self.asked: list[int | list[int]] = []
        self._answers, self._error = answers, error

    def each(self, suites: t.Iterable[int]) -> t.Iterator[tuple[int, Answer]]:
        for suite in suites:
            if self._error is not None:
                raise self._error
            self.asked.append(suite)
            yield suite, self._answers.get(suite, REFUSED)

    def together(self, suites: t.Iterable[int]) -> dict[int, Answer]:
        self.asked.append(list(suites))
        return {suite: self._answers.get(suite, REFUSED) for suite in suites}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., Prober]:
    """Makes the BMC answer so from outside."""

    def put(answers: t.Mapping[int, Answer], error: Exception | None = None) -> Prober:
        prober = Prober(answers, error)
        monkeypatch.setattr(_suites, "Prober", lambda *_arguments: prober)
        monkeypatch.setattr(_suites, "is_clear", lambda *_arguments: True)
        return prober

    return put


def suites(scripted: Scripted, channel: int, **privileges: int) -> None:
    """What a channel's parameters 22 to 24 say: `s8=0` is suite 8, unused."""
    listed = [int(name[1:]) for name in privileges]
    levels = [*privileges.values(), *[0] * (16 - len(privileges))]
    pairs = zip(levels[::2], levels[1::2], strict=True)
    scripted.on(f"0C/02 0{channel} 16", f"00 11 {len(listed):02X}")
    scripted.on(f"0C/02 0{channel} 17", "00 11 00 " + bytes(listed).ljust(16, b"\0").hex(" "))
    scripted.on(f"0C/02 0{channel} 18", "00 11 00 " + bytes(low | high << 4 for low, high in pairs).hex(" "))


def bmc(channels: t.Sequence[int] = (1,)) -> Scripted:
    """A BMC with these LAN channels; the session runs over channel 1."""
    scripted = identified(Scripted()).on("06/42", "CC")
    for channel in channels:
        scripted.on(f"06/42 0{channel}", f"00 0{channel} 04 01 80 F2 1B 00 00 00")
    return scripted.on("06/42 0E", "00 01 04 01 81 F2 1B 00 00 00")


def case(scripted: Scripted, *, profile: Profile = Profile.L1, in_band: bool = False, **policy: t.Any) -> Case:
    if in_band:
        scripted.suite = None
    connection = replace(CONNECTION, interface="open") if in_band else CONNECTION
    return Case(Evidence(scripted.bmc(connection)), policy, profile)


def one(verdicts: t.Iterable[Verdict]) -> Verdict:
    (verdict,) = verdicts
    return verdict


def test_those_that_should_be_refused_are_asked_first_and_none_after_one_that_opens(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc()
    suites(scripted, 1, s1=4, s2=4, s6=0, s17=4)
    prober = answers({1: TAKEN, 2: TAKEN})
    found = one(off(case(scripted), (0, 1, 2, 6, 7)))
    assert found.state is State.FAIL and prober.asked == [0, 6, 7, 1]


def test_what_was_asked_is_not_asked_again(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc()
    suites(scripted, 1, s3=4, s17=4)
    prober, audited = answers({}), case(scripted)
    assert one(off(audited, (0,))).state is State.PASS
    audited.reader.begin()
    assert one(off(audited, (0, 1))).state is State.PASS
    assert prober.asked == [0, 1]
    assert [entry["probe"] for entry in audited.reader.trail if "probe" in entry] == [
        "Open Session with cipher suite 0 (0/0/0)",
        "Open Session with cipher suite 1 (1/0/0)",
    ]


def test_two_logins_are_begun_at_most(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc()
    suites(scripted, 1, s3=4, s17=4)
    prober, audited = answers(dict.fromkeys(range(20), TAKEN)), case(scripted)
    states = [one(off(audited, weak)).state for weak in ((0,), (1, 2), (4, 5))]
    assert states == [State.FAIL, State.FAIL, State.NOT_ASSESSED]
    assert prober.asked == [0, 1]


def test_a_bmc_that_chooses_another_suite_has_begun_a_login_and_passes(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc()
    suites(scripted, 1, s3=4, s17=4)
    answers({0: Answer(Opening.OTHER)})
    assert one(off(case(scripted), (0,))).state is State.PASS


def test_silence_is_a_refusal_where_the_bmc_answers_about_the_suite_in_use(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc()
    suites(scripted, 1, s3=4, s17=4)
    prober = answers({0: SILENT, 17: TAKEN})
    found = one(off(case(scripted), (0,)))
    assert (found.state, prober.asked) == (State.PASS, [0, 17, [0]])


def test_silence_about_everything_is_no_pass(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc()
    suites(scripted, 1, s3=4, s17=4)
    answers({0: SILENT, 17: SILENT})
    found = one(off(case(scripted), (0,)))
    assert found.state is State.NOT_ASSESSED and "cipher suite 0: no answer" in found.reason


def test_after_two_silences_the_rest_is_asked_at_once_but_for_what_is_enabled(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc()
    suites(scripted, 1, s3=4, s8=4, s17=4)
    prober = answers({4: SILENT, 5: SILENT, 9: SILENT, 10: SILENT, 8: REFUSED})
    assert one(off(case(scripted), (4, 5, 8, 9, 10))).state is State.PASS
    assert prober.asked == [4, 5, [9, 10], 8, [4, 5, 9, 10]]


@pytest.mark.parametrize(
    "answer", [Answer(Opening.NO_SLOT, 0x01), Answer(Opening.UNCLEAR, 0x02), Answer(Opening.MALFORMED)], ids=lambda one: one.opening.value
)
def test_what_says_nothing_of_the_suite_is_not_assessed(answers: t.Callable[..., Prober], answer: Answer) -> None:
    scripted = bmc()
    suites(scripted, 1, s3=4, s17=4)
    answers({1: answer})
    found = one(off(case(scripted), (0, 1)))
    assert found.state is State.NOT_ASSESSED and f"cipher suite 1: {answer}" in found.reason
    assert "cipher suite 0" not in found.reason


def test_what_cannot_be_sent_is_not_assessed(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc()
    suites(scripted, 1, s3=4, s17=4)
    answers({}, Unreachable("nothing can be sent there"))
    found = one(off(case(scripted), (0,)))
    assert found.state is State.NOT_ASSESSED and "nothing can be sent there" in found.reason


def test_in_band_the_settings_are_told_and_nothing_passes() -> None:
    scripted = bmc()
    suites(scripted, 1, s0=0, s3=4, s17=4)
    found = one(off(case(scripted, in_band=True), (0,)))
    assert found.state is State.NOT_ASSESSED and "in band" in found.reason
    assert found.actual == "by its settings: 0 unused, 3 administrator, 17 administrator"


def test_a_channel_that_cannot_be_reached_is_judged_by_its_settings(answers: t.Callable[..., Prober]) -> None:
    scripted = bmc((1, 2))
    suites(scripted, 1, s0=0, s3=4)
    suites(scripted, 2, s0=4, s3=4)
    answers({})
    own, other = off(case(scripted), (0,))
    assert (own.subject, own.state, own.method) == ("channel 1", State.PASS, Method.PROBE)
    assert (other.subject, other.state, other.method) == ("channel 2", State.FAIL, Method.CONFIG)
    assert other.fix == {"channels": [{"channel": 2, "cipher_privileges": {"0": "unused"}}]}
    suites(scripted, 2, s0=0, s3=4)
    _own, other = off(case(scripted), (0,))
    assert (other.state, other.method) == (State.PASS, Method.CONFIG)
    scripted.on("0C/02 02 18", "80")
    _own, other = off(case(scripted), (0,))
    assert other.state is State.NOT_ASSESSED


def test_in_band_no_suite_is_proved() -> None:
    with pytest.raises(CANNOT_SAY, match="in band"):
        one(_c_04.check(case(bmc(), in_band=True)))


def test_in_band_privileges_are_judged_by_the_settings() -> None:
    scripted = bmc()
    suites(scripted, 1, s0=0, s3=4, s17=4)
    assert one(_c_05.check(case(scripted, in_band=True))).state is State.PASS
    strict = one(_c_05.check(case(scripted, in_band=True, profile=Profile.L3)))
    assert strict.fix == {"channels": [{"channel": 1, "cipher_privileges": {"3": "unused"}}]}


@pytest.mark.parametrize(
    ("levels", "left"),
    [
        # In band nobody knows which suite others log in with: one stays.
        ({"s0": 0, "s1": 4, "s3": 4}, {"1": "unused"}),
        ({"s1": 4, "s3": 4, "s17": 0}, {"1": "unused"}),
        ({"s1": 4, "s3": 4, "s17": 4}, {"1": "unused", "3": "unused"}),
    ],
)
def test_the_last_suite_to_log_in_with_stays(levels: dict[str, int], left: dict[str, str]) -> None:
    scripted = bmc()
    suites(scripted, 1, **levels)
    found = one(_c_05.check(case(scripted, in_band=True, profile=Profile.L3)))
    assert found.fix == {"channels": [{"channel": 1, "cipher_privileges": left}]}


@pytest.mark.parametrize(
    ("answer", "state", "fixed"),
    [
        ("00 01 84 24 03 00 00 00 00", State.PASS, False),
        ("00 01 84 04 03 00 00 00 00", State.FAIL, True),
        ("00 01 04 04 00 00 00 00 00", State.NOT_APPLICABLE, False),
    ],
)
def test_in_band_the_bmc_says_whether_a_kg_is_set(answer: str, state: State, fixed: bool) -> None:
    scripted = bmc().on("06/38 81 04", answer)
    found = one(_c_06.check(case(scripted, in_band=True)))
    assert (found.state, found.fix is not None) == (state, fixed)

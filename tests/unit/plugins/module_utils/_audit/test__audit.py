# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How verdicts become a finding, and what evidence keeps and leaves out."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._audit import audit, summary
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, Evidence, NotAssessed, is_secret
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import (
    Control,
    Disruption,
    Fixable,
    Profile,
    Remedy,
    Severity,
    State,
    Verdict,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._waiver import Waiver
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import SessionLost
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_LAN,
    GET_SELF_TEST,
    READ_CHANNEL_SECURITY_KEYS,
    TEST_USER_PASSWORD,
)
from tests.unit.plugins.scripted import Scripted, identified

TODAY = datetime.date(2026, 11, 21)


def control(check: t.Callable[[Case], t.Iterable[Verdict]], **values: t.Any) -> Control:
    given = {
        "id": "Z-01",
        "title": "All is well",
        "severity": Severity.LOW,
        "profile": Profile.L1,
        "rationale": "It should be.",
        "expected": "well",
        "check": check,
        "remedy": Remedy("Mend it.", Fixable.NONE, Disruption.NONE),
        "sources": ("nobody",),
    }
    return Control(**{**given, **values})


def case(scripted: Scripted | None = None, **values: t.Any) -> Case:
    return Case(Evidence((scripted or identified(Scripted())).bmc()), {}, Profile.L1, **values)


def state_of(*verdicts: Verdict) -> State:
    (found,) = audit(case(), [control(lambda _case: verdicts)], {}, TODAY)
    return found.state


PASS = Verdict(State.PASS, "well")
FAIL = Verdict(State.FAIL, "ill")
NO_IDEA = Verdict(State.NOT_ASSESSED, "unknown", reason="it does not say")
LOOK = Verdict(State.MANUAL, "?", reason="look yourself")
NOT_HERE = Verdict(State.NOT_APPLICABLE, "none", reason="it has none")


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ((PASS, FAIL, NO_IDEA), State.FAIL),
        ((PASS, NO_IDEA), State.NOT_ASSESSED),
        ((PASS, LOOK), State.MANUAL),
        ((PASS, NOT_HERE), State.PASS),
        ((NOT_HERE,), State.NOT_APPLICABLE),
    ],
)
def test_the_worst_part_speaks_for_the_whole(verdicts: tuple[Verdict, ...], state: State) -> None:
    assert state_of(*verdicts) is state


def test_a_check_that_says_nothing_is_no_pass() -> None:
    assert state_of() is State.NOT_APPLICABLE


@pytest.mark.parametrize("code", ["C1", "D4", "FF", "80"])
def test_a_bmc_that_refuses_is_not_assessed_and_the_reason_names_the_code(code: str) -> None:
    def check(one: Case) -> t.Iterable[Verdict]:
        one.reader.request(GET_SELF_TEST, b"")
        yield PASS

    (found,) = audit(case(identified(Scripted()).on("06/04", code)), [control(check)], {}, TODAY)
    assert found.state is State.NOT_ASSESSED
    assert f"0x{code}" in found.verdicts[0].reason
    assert found.evidence[0]["completion_code"] == f"0x{code}"


def test_one_part_that_cannot_be_read_does_not_hide_the_failure_of_another() -> None:
    def judge(number: int) -> Verdict:
        if number == 1:
            raise NotAssessed("no idea")
        return FAIL

    verdicts = list(each([1, 2], lambda number: f"channel {number}", judge))
    assert [(verdict.subject, verdict.state) for verdict in verdicts] == [
        ("channel 1", State.NOT_ASSESSED),
        ("channel 2", State.FAIL),
    ]
    assert state_of(*verdicts) is State.FAIL


def test_a_lost_session_ends_the_audit() -> None:
    def check(_case: Case) -> t.Iterable[Verdict]:
        raise SessionLost("gone")

    with pytest.raises(SessionLost):
        audit(case(), [control(check)], {}, TODAY)


def test_evidence_holds_what_an_earlier_check_had_read_too() -> None:
    def check(one: Case) -> t.Iterable[Verdict]:
        one.reader.request(GET_SELF_TEST, b"")
        yield PASS

    scripted = identified(Scripted()).on("06/04", "00 55 00")
    one = case(scripted)
    first, second = audit(one, [control(check), control(check, id="Z-02")], {}, TODAY)
    assert first.evidence == second.evidence != []
    assert one.bmc.requests == 1


@pytest.mark.parametrize(
    ("command", "data"),
    [(GET_LAN, b"\x01\x10\0\0"), (READ_CHANNEL_SECURITY_KEYS, b"\x01\0\0"), (TEST_USER_PASSWORD, b"\x02\x03secret")],
)
def test_what_holds_a_secret_is_known(command: t.Any, data: bytes) -> None:
    assert is_secret(command, data)


def test_evidence_leaves_secrets_out() -> None:
    def check(one: Case) -> t.Iterable[Verdict]:
        one.reader.request(GET_LAN, b"\x01\x10\0\0")
        one.reader.request(TEST_USER_PASSWORD, b"\x02\x03hush")
        yield PASS

    scripted = identified(Scripted()).on("0C/02 01 10", "00 11 " + b"hidden".hex()).on("06/47", "00")
    (found,) = audit(case(scripted), [control(check)], {}, TODAY)
    text = str(found.as_dict(texts=True))
    assert b"hidden".hex(" ") not in text and b"hush".hex(" ") not in text
    assert [exchange["completion_code"] for exchange in found.evidence] == ["0x00", "0x00"]
    assert found.evidence[0]["response"] == found.evidence[1]["request"] == "(secret)"


@pytest.mark.parametrize(("secret", "shown"), [("adm", False), ("admin", False), ("4", False), ("4711", True), ("", True)])
def test_a_fix_that_results_would_mask_is_left_out_and_said(secret: str, shown: bool) -> None:
    fix = {"users": [{"name": "admin", "user_id": 4, "privilege": "no_access"}]}
    secrets = frozenset({secret} - {""})
    (found,) = audit(case(secrets=secrets), [control(lambda _case: [Verdict(State.FAIL, "ill", fix=fix)])], {}, TODAY)
    told = found.as_dict(texts=False)
    assert (told["fixes"] == [fix]) is shown
    assert ("cannot be shown" in told["actual"]) is not shown


def test_probes_can_be_switched_off() -> None:
    with pytest.raises(NotAssessed, match="probes: false"):
        case(probes=False).need_outside()


@pytest.mark.parametrize(("day", "state"), [(TODAY, State.WAIVED), (TODAY - datetime.timedelta(1), State.FAIL)])
def test_the_last_day_of_a_waiver_counts(day: datetime.date, state: State) -> None:
    waiver = Waiver("Z-01", "known", day)
    (found,) = audit(case(), [control(lambda _case: [FAIL])], {"Z-01": waiver}, TODAY)
    assert found.state is state and found.found is State.FAIL


def test_the_summary_counts_every_state() -> None:
    findings = audit(case(), [control(lambda _case: [FAIL]), control(lambda _case: [PASS], id="Z-02")], {}, TODAY)
    assert summary(findings) == {"fail": 1, "not_assessed": 0, "manual": 0, "pass": 1, "not_applicable": 0, "waived": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "Z1"},
        {"title": " "},
        {"sources": ()},
        {"remedy": Remedy("Mend it.", Fixable.IPMI, Disruption.ACCOUNTS)},
        {"remedy": Remedy("Mend it.", Fixable.IPMI, Disruption.NONE, "somebody")},
    ],
)
def test_a_wrong_control_is_refused(wrong: dict[str, t.Any]) -> None:
    with pytest.raises(ValueError, match="."):
        control(lambda _case: [PASS], **wrong)


def test_states_that_need_a_reason_have_one() -> None:
    with pytest.raises(ValueError, match="reason"):
        Verdict(State.NOT_ASSESSED, "unknown")
    with pytest.raises(ValueError, match="mended"):
        Verdict(State.PASS, "well", fix={"lan": []})

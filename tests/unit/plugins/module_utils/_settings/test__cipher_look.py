# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC does with its suites at a login, compared with what it says."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _cipher_look
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cipher_look import Look, SuitesDiffer, probe_of
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cipher_privileges import Numbering, SuitePrivileges
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Missing
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import Opening, Verdict
from tests.unit.plugins.scripted import CONNECTION, Scripted

OPENS, CLOSED = Verdict(Opening.ACCEPTED, 0, 4), Verdict(Opening.REFUSED, 0x11)
NO_ALGORITHM, SILENT = Verdict(Opening.REFUSED, 0x10), Verdict(Opening.SILENT)
#: 0 is unused, 3 and 17 are for administrators.
TABLE = SuitePrivileges((0, 3, 17), (0, 4, 4, *[0] * 13), Numbering.POSITION)
Asked = list[tuple[str, int, list[int], float]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What was asked; the answers are in `VERDICTS`."""
    found: Asked = []

    def probe(host: str, port: int, suites: t.Iterable[int], timeout: float) -> dict[int, Verdict]:
        found.append((host, port, list(suites), timeout))
        return {suite: VERDICTS.get(suite, CLOSED) for suite in found[-1][2]}

    monkeypatch.setattr(_cipher_look, "probe", probe)
    VERDICTS.clear()
    VERDICTS.update({3: OPENS, 17: OPENS})
    return found


VERDICTS: dict[int, Verdict] = {}


def written() -> Progress:
    """Of a run that wrote the privileges."""
    return Progress(written=["channel 1: cipher_privileges"])


def look(progress: Progress | None = None, table: SuitePrivileges = TABLE, **asked_for: int) -> list[dict[str, t.Any]]:
    suites = {int(name.removeprefix("s")): level for name, level in asked_for.items()}
    seen: list[dict[str, t.Any]] = Look(table, suites, "channel 1")(Scripted().bmc(), progress or written())["cipher_suites"]
    return seen


def test_every_suite_is_shown(asked: Asked) -> None:
    assert look(s0=0) == [
        {"suite": 0, "privilege": "unused", "opens": False, "status": "0x11 (no cipher suite match)"},
        {"suite": 3, "privilege": "administrator", "opens": True, "status": "0x00 (no errors)"},
        {"suite": 17, "privilege": "administrator", "opens": True, "status": "used by this session"},
    ]


def test_those_that_should_be_refused_are_asked_first_and_the_one_in_use_not_at_all(asked: Asked) -> None:
    look(s8=0)
    assert asked == [(CONNECTION.host, CONNECTION.port, [0, 8, 3], CONNECTION.timeout)]


def test_one_that_is_unused_and_opens_is_a_failure(asked: Asked) -> None:
    VERDICTS[0] = OPENS
    with pytest.raises(SuitesDiffer, match="cipher suites 0 still begin, though they are unused. Nothing was put back") as failure:
        look(s0=0)
    facts = failure.value.facts()
    assert facts["reason"] == "not_verified"
    assert facts["cipher_suites"][0] == {"suite": 0, "privilege": "unused", "opens": True, "status": "0x00 (no errors)"}


def test_one_that_is_not_even_offered_and_opens_is_a_failure(asked: Asked) -> None:
    VERDICTS[8] = OPENS
    with pytest.raises(SuitesDiffer, match="cipher suites 8 still begin"):
        look(s8=0)


def test_one_that_is_enabled_and_refused_is_a_failure(asked: Asked) -> None:
    VERDICTS[3] = CLOSED
    with pytest.raises(SuitesDiffer, match="cipher suites 3 are refused, though they are enabled.*cipher_index"):
        look(s3=4)


def test_what_the_task_does_not_name_is_a_warning(asked: Asked) -> None:
    VERDICTS.update({3: CLOSED})
    progress = written()
    look(progress, s0=0)
    assert progress.warnings == ["channel 1: cipher suites 3: the BMC does not do at a login what it is set to"]


def test_a_suite_whose_algorithms_the_bmc_lacks_is_a_warning(asked: Asked) -> None:
    VERDICTS[3] = NO_ALGORITHM
    progress = written()
    look(progress, s3=4)
    assert progress.warnings == ["channel 1: cipher suites 3: the BMC lists them and does not have their algorithms"]


def test_silence_proves_nothing(asked: Asked) -> None:
    VERDICTS.update({0: SILENT, 3: SILENT})
    progress = written()
    seen = look(progress, s0=0, s3=4)
    assert [suite["opens"] for suite in seen] == [None, None, True]
    assert progress.warnings == ["channel 1: cipher suites 3: the BMC does not tell whether logins over them are possible"]


def test_a_suite_without_a_privilege_of_its_own_is_not_judged(asked: Asked) -> None:
    by_id = SuitePrivileges((0, 3, 17), (0, 0, 0, 4, *[0] * 12), Numbering.ID)
    VERDICTS[17] = CLOSED
    progress = written()
    bmc = Scripted()
    bmc.suite = 3
    seen = Look(by_id, {0: 0, 3: 4}, "channel 1")(bmc.bmc(), progress)["cipher_suites"]
    assert seen[-1] == {"suite": 17, "privilege": None, "opens": False, "status": "0x11 (no cipher suite match)"}
    assert progress.warnings == []


def test_how_a_bmc_is_asked_while_planning(asked: Asked) -> None:
    VERDICTS[8] = SILENT
    assert probe_of(CONNECTION)([3, 8, 0]) == {3: True, 8: None, 0: False}


def test_a_bmc_that_applies_late_is_given_time(asked: Asked) -> None:
    VERDICTS[0] = OPENS
    bmc = Scripted()
    bmc.clock.meanwhile = lambda: VERDICTS.update({0: CLOSED})
    progress = written()
    seen = Look(TABLE, {0: 0}, "channel 1")(bmc.bmc(), progress)["cipher_suites"]
    assert seen[0]["opens"] is False
    # Only the suite that was wrong is asked again.
    assert [suites for _host, _port, suites, _timeout in asked] == [[0, 3], [0]]


def test_where_nothing_was_written_nothing_is_waited_for(asked: Asked) -> None:
    VERDICTS[0] = OPENS
    bmc = Scripted()
    with pytest.raises(SuitesDiffer):
        Look(TABLE, {0: 0}, "channel 1")(bmc.bmc(), Progress())
    assert bmc.clock.pauses == [] and len(asked) == 1


def test_a_run_that_wrote_nothing_asks_for_the_unused_ones_only(asked: Asked) -> None:
    seen = look(Progress(), s0=0, s3=4)
    assert [suites for _host, _port, suites, _timeout in asked] == [[0]]
    assert seen[1] == {"suite": 3, "privilege": "administrator", "opens": None, "status": "not asked, because nothing was written"}


def test_what_the_bmc_did_not_take_is_not_looked_at(asked: Asked) -> None:
    progress = Progress(missing=[Missing("channel 1", "cipher_privileges", "read only")])
    assert Look(TABLE, {0: 0}, "channel 1")(Scripted().bmc(), progress) == {}
    assert asked == []

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where passwords can be compared with known ones, and which those are."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, Evidence, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._default_passwords import FACTORY, known_passwords
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._rakp_look import looks
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NameNotResolved, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._rakp_probe import Answer, Outcome
from tests.unit.plugins.scripted import CONNECTION, Scripted


def case(suite: int | None = 17, **values: t.Any) -> Case:
    scripted = Scripted()
    scripted.suite = suite
    connection = replace(CONNECTION, interface="open") if suite is None else CONNECTION
    return Case(Evidence(scripted.bmc(connection)), {}, Profile.L1, **values)


class Prober:
    """Answers, or raises."""

    def __init__(self, result: Answer | Exception) -> None:
        self.asked: list[tuple[bytes, int]] = []
        self._result = result

    def ask(self, name: bytes, privilege: int) -> Answer:
        self.asked.append((name, privilege))
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


def test_in_band_nothing_can_be_asked() -> None:
    with pytest.raises(NotAssessed, match="in band"):
        looks(case(None))


def test_without_probes_nothing_is_asked() -> None:
    with pytest.raises(NotAssessed, match="probes: false"):
        looks(case(probes=False))


@pytest.mark.parametrize("suite", [0, 8, 128])
def test_a_suite_whose_hash_is_not_known_here_says_so(suite: int) -> None:
    with pytest.raises(NotAssessed, match=f"cipher suite {suite}"):
        looks(case(suite))


def test_a_name_is_asked_for_once_for_all_controls() -> None:
    found = looks(audited := case())
    found.prober = prober = Prober(Answer(Outcome.REFUSED, "RAKP 1", 0x0D))
    found.at("admin", 4)
    looks(audited).at("admin", 4)
    assert prober.asked == [(b"admin", 4)]
    assert found.given() is None


@pytest.mark.parametrize("error", [Unreachable("the way is closed"), NameNotResolved("no address")])
def test_a_probe_that_cannot_be_made_does_not_end_the_audit(error: Exception) -> None:
    found = looks(case())
    found.prober = Prober(error)
    with pytest.raises(NotAssessed, match=str(error)):
        found.at("admin", 4)


def test_each_known_password_fits_a_bmc_and_has_a_source() -> None:
    for row in FACTORY:
        assert 0 < len(row.password.encode()) <= 20 and len(row.name.encode()) <= 16
        assert row.source.strip()
    assert len({(row.name, row.password) for row in FACTORY}) == len(FACTORY)


def test_what_is_compared_is_each_known_password_the_name_none_and_the_site_s_own() -> None:
    known = known_passwords("monitor", ["a password of 24 bytes..", "short"])
    assert {b"", b"monitor", b"ADMIN", b"calvin", b"PASSW0RD", b"0penBmc", b"short"} <= set(known)
    assert {b"a password of 24", b"a password of 24 byt"} <= set(known)
    assert max(map(len, known)) == 20
    assert len(set(known)) == len(known)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a result, and from an error to a failure."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils import _module
from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import CONNECTION_SPEC, Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BadOption,
    LoginRefused,
    NotVerified,
    Unreachable,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_CHASSIS_STATUS
from ansible_collections.lightsout.bmc.plugins.module_utils._module import (
    COMMUNITY_GENERAL_ALIASES,
    ArgumentSpec,
    Result,
    report,
    with_bmc,
    with_line,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import Converged
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Missing
from ansible_collections.lightsout.bmc.plugins.plugin_utils._action_module import Done, InProcessModule
from tests.unit.plugins.scripted import Scripted


def stand_in(*, check_mode: bool = False, **options: t.Any) -> InProcessModule:
    params = {name: option.get("default") for name, option in CONNECTION_SPEC.items()}
    return InProcessModule({**params, "bmc_host": "192.0.2.10", **options}, check_mode)


def outcome(module: InProcessModule, work: t.Callable[[Bmc], Result], **options: t.Any) -> Result:
    with pytest.raises(Done) as done:
        with_bmc(module, work, **options)
    return done.value.result


@pytest.fixture
def bmc(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    made = Scripted().on("00/01", "00 01 00 00")
    monkeypatch.setattr(_module, "open_session", lambda connection, deadline=None: made.bmc(connection))
    return made


def test_success_counts_the_requests_and_gives_the_session_back(bmc: Scripted) -> None:
    def work(session: Bmc) -> Result:
        session.request(GET_CHASSIS_STATUS)
        return {"changed": True}

    assert outcome(stand_in(), work) == {"changed": True, "requests": 1}
    assert bmc.closed == 1


def test_warnings_name_the_bmc(bmc: Scripted) -> None:
    module = stand_in()
    assert outcome(module, lambda session: {"warnings": ["odd"]}) == {"changed": False, "requests": 0}
    assert module.warnings == ["192.0.2.10: odd"]


def test_a_failure_names_the_bmc_and_gives_the_session_back(bmc: Scripted) -> None:
    def work(session: Bmc) -> Result:
        session.request(GET_CHASSIS_STATUS)
        raise NotVerified("ignored")

    assert outcome(stand_in(bmc_port=1623), work) == {
        "failed": True,
        "msg": "192.0.2.10:1623: ignored",
        "bmc_host": "192.0.2.10:1623",
        "reason": "not_verified",
    }
    assert bmc.closed == 1


@pytest.mark.parametrize(("check_mode", "told"), [(False, True), (True, False)])
def test_a_failure_tells_what_was_written_but_not_in_check_mode(bmc: Scripted, check_mode: bool, told: bool) -> None:
    def work(session: Bmc) -> Result:
        error = NotVerified("ignored")
        error.progress = Progress(written=["lan channel 1: vlan_id"])
        raise error

    result = outcome(stand_in(check_mode=check_mode), work)
    assert ("written" in result) is told
    assert result.get("changed", False) is told


def test_an_error_that_is_not_a_bmcs_is_not_swallowed_and_gives_the_session_back(bmc: Scripted) -> None:
    def work(session: Bmc) -> Result:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        with_bmc(stand_in(), work)
    assert bmc.closed == 1


@pytest.mark.parametrize("error", [Unreachable("no answer"), LoginRefused("wrong password")])
def test_a_login_that_fails(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(connection: Connection, deadline: float | None = None) -> Bmc:
        raise error

    monkeypatch.setattr(_module, "open_session", refuse)
    result = outcome(stand_in(), lambda session: {})
    assert result["msg"] == f"192.0.2.10: {error}"


def test_bad_options_are_found_before_a_session(bmc: Scripted) -> None:
    def check(params: t.Mapping[str, t.Any]) -> None:
        raise BadOption("state: cannot be")

    result = outcome(stand_in(), lambda session: {}, check=check)
    assert result == {"failed": True, "msg": "state: cannot be", "reason": "bad_option"}
    assert bmc.closed == 0


def test_the_session_that_is_in_use_at_the_end_is_the_one_that_is_given_back(bmc: Scripted) -> None:
    fresh = bmc.another()

    def work(line: t.Any, connection: Connection) -> Result:
        line.move_to(fresh.bmc(connection))
        return {}

    bmc.on("06/01", "00").on("06/3C", "00")
    with pytest.raises(Done):
        with_line(stand_in(), work)
    assert (bmc.closed + bmc.abandoned, fresh.closed) == (1, 1)


class TestArgumentSpec:
    """A module's options and the shared ones."""

    def test_the_shared_ones_are_there(self) -> None:
        spec = ArgumentSpec({"state": {"type": "str"}}).argument_spec()
        assert set(spec) == {*CONNECTION_SPEC, "state"}
        assert "aliases" not in spec["bmc_host"]

    def test_other_names(self) -> None:
        spec = ArgumentSpec({}, connection_aliases=COMMUNITY_GENERAL_ALIASES).argument_spec()
        assert spec["bmc_password"]["aliases"] == ["password"]
        assert "aliases" not in CONNECTION_SPEC["bmc_password"]

    def test_check_mode_is_supported(self) -> None:
        assert ArgumentSpec({}).kwargs()["supports_check_mode"] is True


class TestReport:
    """What all configuring modules return."""

    def test_it(self) -> None:
        progress = Progress(written=["a: b"], missing=[Missing("a", "c", "read only")], warnings=["odd"], verified=True)
        assert report(Converged((), progress), {"x": 1}, {"x": 2}) == {
            "changed": False,
            "before": {"x": 1},
            "after": {"x": 2},
            "diff": {"before": {"x": 1}, "after": {"x": 2}},
            "written": ["a: b"],
            "unsupported": [{"what": "a", "setting": "c", "reason": "read only"}],
            "warnings": ["not supported by this BMC: a: c (read only)", "odd"],
            "verified": True,
        }

    def test_verified_is_there_only_where_something_needed_a_proof(self) -> None:
        assert "verified" not in report(Converged(()), {}, {})

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restarting a BMC: it must have gone away, and a fresh login must work."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    CompletionError,
    LoginRefused,
    NotVerified,
    Unreachable,
    Unsupported,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._reset import Restarted, restart
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line
from tests.unit.plugins.scripted import CONNECTION, DROPPED, Scripted, identified

COLD, WARM = "06/02", "06/03"


class Controller:
    """A BMC that goes down some time after the command, and comes up some time later."""

    def __init__(self, *, down_after: float = 0.0, away: float = 30.0, restarts: bool = True, answers: bool = True) -> None:
        self.bmc = identified(Scripted())
        self.down_after, self.away, self.restarts = down_after, away, restarts
        self.down_at: float | None = None
        self.logins = 0
        self.fresh: list[Scripted] = []
        #: Times at which nothing gets through, without a restart.
        self.hiccup: tuple[float, float] | None = None
        self.bmc.on(COLD, self._reset).on(WARM, self._reset)
        if not answers:
            self.bmc.once(COLD, DROPPED)
            self.down_at = self.now if restarts else None

    @property
    def now(self) -> float:
        return self.bmc.clock.now()

    @property
    def is_up(self) -> bool:
        if self.hiccup and self.hiccup[0] <= self.now < self.hiccup[1]:
            return False
        return self.down_at is None or not self.down_at <= self.now < self.down_at + self.away

    def _reset(self, data: bytes) -> bytes:
        if self.restarts:
            self.down_at = self.now + self.down_after
        return b"\0"

    def open(self, connection: Connection, deadline: float) -> Bmc:
        self.logins += 1
        if not self.is_up:
            self.bmc.clock.time = deadline
            raise Unreachable("no answer")
        self.fresh.append(self.bmc.another())
        return self.fresh[-1].bmc(connection)

    def restart(self, kind: str = "cold", timeout: float = 300.0, connection: Connection = CONNECTION) -> tuple[Line, Restarted]:
        session = _Session(self)
        line = Line(session.bmc(connection), self.open)
        return line, restart(line, kind, timeout)


class _Session(Scripted):
    """The session of before: gone for good with the restart."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller.bmc.clock)
        self._controller = controller
        self._rules, self._once = controller.bmc._rules, controller.bmc._once

    def _answer(self, request: str, data: bytes) -> bytes | None:
        down_at = self._controller.down_at
        ended = down_at is not None and down_at <= self._controller.now
        if request != COLD and (ended or not self._controller.is_up):
            return None
        return super()._answer(request, data)


@pytest.mark.parametrize("kind", ["cold", "warm"])
def test_it_is_done_when_a_fresh_login_works(kind: str) -> None:
    controller = Controller(down_after=2.0, away=40.0)
    line, done = controller.restart(kind)
    assert done.proved is True
    assert 42.0 <= done.seconds <= 62.0
    assert line.bmc.touch(1.0) is True


def test_the_answer_may_never_come() -> None:
    _line, done = Controller(answers=False).restart()
    assert done.proved is True


def test_a_bmc_that_ignores_it_is_found_out() -> None:
    controller = Controller(restarts=False)
    with pytest.raises(NotVerified, match="old session still works. So it did not restart"):
        controller.restart()
    assert controller.logins == 0
    assert controller.now < 1000 + 70


def test_a_lost_packet_is_no_restart() -> None:
    controller = Controller(restarts=False)
    controller.hiccup = (controller.now, controller.now + 3)
    with pytest.raises(NotVerified, match="did not restart"):
        controller.restart()
    assert [session.closed for session in controller.fresh] == [1]


def test_one_that_starts_late_is_waited_for() -> None:
    _line, done = Controller(down_after=30.0, away=20.0).restart()
    assert done.proved is True and done.seconds >= 50.0


def test_one_that_never_comes_back_costs_the_timeout() -> None:
    controller = Controller(away=10_000.0)
    with pytest.raises(Unreachable, match="cold reset: 9[0-2] seconds later .reset_timeout.*no answer"):
        controller.restart(timeout=90.0)


def test_a_refused_login_is_final(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = Controller(away=5.0)

    def refuse(connection: Connection, deadline: float) -> Bmc:
        controller.logins += 1
        raise LoginRefused("wrong password")

    monkeypatch.setattr(controller, "open", refuse)
    with pytest.raises(LoginRefused):
        controller.restart()
    assert controller.logins == 1


@pytest.mark.parametrize("code", ["C1", "CC", "D6"])
def test_a_bmc_without_a_warm_reset_says_what_to_do(code: str) -> None:
    controller = Controller()
    controller.bmc.on(WARM, code)
    with pytest.raises(Unsupported, match=f"warm reset .completion code 0x{code}.. Use reset: cold"):
        controller.restart("warm")


def test_another_refusal_is_as_it_is() -> None:
    controller = Controller()
    controller.bmc.on(COLD, "D4")
    with pytest.raises(CompletionError, match="0xD4"):
        controller.restart()


def test_in_band_it_is_waited_for_too() -> None:
    local = Connection("", interface="open")
    bmc = identified(Scripted(session=None))
    bmc.on(COLD, "00")
    bmc.once("06/01", DROPPED, DROPPED, DROPPED)
    line = Line(bmc.bmc(local), _never)
    assert restart(line, "cold", 300.0).proved is True
    assert restart(line, "cold", 300.0).proved is False


def _never(connection: Connection, deadline: float) -> Bmc:
    raise AssertionError("in band there is no login")

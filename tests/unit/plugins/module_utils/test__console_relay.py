# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guard may take, and how a break is told from keys."""

from __future__ import annotations

import itertools
import os
import threading
import time
import types
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils import _console_relay
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import Holder, Instance, State
from ansible_collections.lightsout.bmc.plugins.module_utils._console_relay import BREAK, Entry, Keys, Relay, Stop, Terminal
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, LoginRefused

ALIVE = Holder(7, listed=True, user_id=3, stale=False)
OURS_DEAD = Holder(7, listed=True, user_id=2, same_account=True, stale=True)
GONE = Holder(7, listed=False, stale=True)
UNSURE = Holder(7, listed=True, user_id=2, same_account=True, stale=None)


def entry(**given: t.Any) -> Entry:
    return Entry.from_table("n1", {"host": "192.0.2.1", "password": "secret", **given})


@pytest.mark.parametrize(
    ("policy", "holder", "seconds", "taken"),
    [
        ({"policy": "never"}, ALIVE, 1e9, False),
        ({"policy": "never"}, GONE, 1e9, False),
        ({"policy": "never"}, UNSURE, 1e9, False),
        ({"policy": "never"}, OURS_DEAD, 0, True),
        ({"policy": "if_idle_for", "idle_for": 60}, ALIVE, 1e9, False),
        ({"policy": "if_idle_for", "idle_for": 60}, GONE, 59, False),
        ({"policy": "if_idle_for", "idle_for": 60}, GONE, 60, True),
        ({"policy": "if_idle_for", "idle_for": 60, "idle_counts_held": True}, ALIVE, 59, False),
        ({"policy": "if_idle_for", "idle_for": 60, "idle_counts_held": True}, ALIVE, 60, True),
        ({"policy": "always"}, ALIVE, 0, True),
        ({"policy": "always"}, None, 1e9, False),
    ],
)
def test_a_console_is_taken_only_where_the_policy_says_so(policy: dict[str, t.Any], holder: Holder | None, seconds: float, taken: bool) -> None:
    wish = entry(**policy).wish(Instance(1, State.HELD, holder=holder), seconds)
    assert (wish is not None and holder is not None and wish.allows(holder)) is taken


@pytest.mark.parametrize("given", ["false", "no", None, 0, "true"])
def test_only_a_plain_yes_lets_a_living_session_be_cut_off(given: object) -> None:
    entry = Entry.from_table("n1", {"host": "192.0.2.1", "policy": "if_idle_for", "idle_for": 1, "idle_counts_held": given})
    assert not entry.idle_counts_held


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"password": "new"}, True),
        ({"user": "other"}, True),
        ({"kg": "6B6579"}, True),
        ({"host": "192.0.2.2"}, False),
        ({"port": 6230}, False),
        ({"instance": 2}, False),
        ({"interval": 7}, False),
        ({"policy": "always"}, False),
    ],
)
def test_a_console_stays_open_where_only_the_login_has_changed(changed: dict[str, t.Any], same: bool) -> None:
    assert entry(**changed).same_console(entry()) is same


def test_an_entry_shows_no_password() -> None:
    assert "secret" not in repr(entry())


@given(st.lists(st.sampled_from([b"a", b"\x1b", b"\x1b]", b"]623;", BREAK, b"\x07"]), max_size=12), st.lists(st.integers(0, 60), max_size=8))
def test_breaks_are_found_however_the_keys_come_in_pieces(parts: list[bytes], cuts: list[int]) -> None:
    # A key that is pressed last lets go what waits.
    data = b"".join(parts) + b"z"
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    keys = Keys()
    pieces = [part for start, end in itertools.pairwise(edges) for part in keys.split(data[start:end])]
    assert b"".join(pieces) == data
    # An escape that comes alone is a key, and does not wait.
    if not any(data[edge - 1 : edge] == b"\x1b" for edge in edges[1:-1]):
        assert pieces.count(BREAK) == data.count(BREAK)


@pytest.mark.parametrize("interval", [0.5, 1, 5, 20, 30])
def test_a_silent_loss_is_noticed_and_the_console_open_again_within_the_interval(interval: float) -> None:
    pace = entry(interval=interval).pace
    assert pace.check + interval * (1 - 0.75) <= interval
    # The shortest-lived sessions known last 30 seconds.
    assert pace.check <= 15


class Hand:
    """The console server's end without one: time passes only here, and Stop ends the test."""

    def __init__(self, patch: pytest.MonkeyPatch, until: float) -> None:
        self.time, self.said, self._until = 1000.0, "", 1000.0 + until
        clock = types.SimpleNamespace(monotonic=lambda: self.time, gmtime=time.gmtime, strftime=time.strftime)
        patch.setattr(_console_relay, "time", clock)

    def wait(self, seconds: float, *_others: int) -> bool:
        self.time += max(seconds, 0.001)
        if self.time > self._until:
            raise Stop("the test is over")
        return False

    def read(self) -> bytes:
        return b""

    def write(self, data: bytes) -> None:
        self.said += data.decode()


class TestRefusedLogin:
    """BMCs count bad logins, and lock accounts."""

    def tried(self, patch: pytest.MonkeyPatch, seconds: float, renew: t.Callable[[float], Entry]) -> list[tuple[float, str]]:
        """When which password is tried, in seconds from the start; all of them are refused."""
        tries: list[tuple[float, str]] = []
        hand = Hand(patch, seconds)

        def refuse(connection: Connection) -> t.NoReturn:
            tries.append((round(hand.time - 1000), connection.password))
            raise LoginRefused("wrong password")

        patch.setattr(_console_relay, "open_session", refuse)
        Relay(entry(), t.cast("Terminal", hand), renew=lambda: renew(hand.time - 1000)).run()
        return tries

    def test_it_is_tried_again_ever_less_often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tries = self.tried(monkeypatch, 20_000, lambda _now: entry())
        pauses = [after - before for (before, _one), (after, _other) in itertools.pairwise(tries)]
        assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]

    def test_another_password_is_tried_within_the_interval(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tries = self.tried(monkeypatch, 500, lambda now: entry(password="new" if now > 202 else "secret"))
        assert tries[:3] == [(0, "secret"), (60, "secret"), (180, "secret")]
        assert tries[3][1] == "new" and tries[3][0] <= 208
        assert tries[4][0] - tries[3][0] == 60

    def test_a_table_that_cannot_be_read_meanwhile_is_told_and_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def renew(now: float) -> Entry:
            if 10 < now < 20:
                raise BadOption("the table is being written")
            return entry(password="new" if now > 20 else "secret")

        tries = self.tried(monkeypatch, 50, renew)
        assert [password for _at, password in tries] == ["secret", "new"]


def test_printing_waits_for_a_reader_and_ends_when_told_to() -> None:
    got: list[int] = []
    source, sink = os.pipe()
    stopped, stop = os.pipe()
    os.set_blocking(sink, False)
    reader = threading.Thread(target=lambda: got.append(len(os.read(source, 65536))))
    terminal = Terminal(source, sink, stopped)
    reader.start()
    terminal.write(b"x" * 70_000)  # a pipe takes 65,536
    reader.join()
    assert got and got[0] > 0
    os.write(stop, b".")
    with pytest.raises(Stop, match="told to end"):
        terminal.write(b"x" * 70_000)
    for file in (source, sink, stopped, stop):
        os.close(file)

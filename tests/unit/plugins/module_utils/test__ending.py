# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signal that ends the process first leaves every context, and then does what it would have done."""

from __future__ import annotations

import signal
import threading
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ending import ending_orderly

SIGNALS = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]


@pytest.fixture
def delivered() -> t.Iterator[list[int]]:
    """What reaches the handlers that were there before."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _frame: came.append(number)) for number in SIGNALS}
    yield came
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_contexts_are_left_before_the_signal_does_its_work(number: signal.Signals, delivered: list[int]) -> None:
    steps: list[str] = []

    def work() -> None:
        try:
            signal.raise_signal(number)
            steps.append("went on")
        finally:
            # A second one, as Ansible sends it, does not disturb that.
            signal.raise_signal(signal.SIGTERM)
            steps.append(f"left, {len(delivered)} delivered")

    with pytest.raises(SystemExit) as ended, ending_orderly():
        work()
    assert (steps, delivered, ended.value.code) == (["left, 0 delivered"], [number], 128 + number)


def test_without_a_signal_nothing_changes(delivered: list[int]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ending_orderly():
        pass
    with pytest.raises(ValueError, match="an error"), ending_orderly():
        raise ValueError("an error")
    assert signal.getsignal(signal.SIGTERM) is before and delivered == []


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_is_ignored_stays_ignored(number: signal.Signals, delivered: list[int]) -> None:
    signal.signal(number, signal.SIG_IGN)
    with ending_orderly():
        signal.raise_signal(number)
    assert delivered == [] and signal.getsignal(number) is signal.SIG_IGN


def test_another_thread_has_no_signals_to_put_off(delivered: list[int]) -> None:
    before, seen = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        with ending_orderly():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before] and delivered == []

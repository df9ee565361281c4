# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever comes in, a BMC answers; and what it refuses, it has not done."""

from __future__ import annotations

import json
import pickle
import random

import pytest

from tests.simulator import commands as _commands  # noqa: F401  registers the handlers
from tests.simulator import personalities
from tests.simulator.bmc import Bmc
from tests.simulator.clock import Clock
from tests.simulator.registry import HANDLERS, Context, dispatch
from tests.simulator.state import BmcState
from tests.unit.simulator.handlers import PLACE, START, Bench

# Sessions and payloads have tests of their own; a reset or a closed session ends the bench.
ELSEWHERE = {(6, cmd) for cmd in (0x02, 0x03, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x48, 0x49, 0x53)}
COMMANDS = sorted(set(HANDLERS) - ELSEWHERE)
# First bytes that make sense: channel 1, group DC, parameters, "revision only".
FIRST = (0x01, 0xDC, 0x00, 0x02, 0x05, 0x0E, 0x81, 0x82)
REQUESTS = 60
LONGEST = 24
FULL_LOG = 0xC4


def again(state: BmcState, personality: personalities.Personality) -> BmcState:
    """The state after a restart of the program."""
    return BmcState.from_json(json.loads(json.dumps(state.to_json())), personality)


def any_requests(command: tuple[int, int]) -> list[bytes]:
    """Requests of every length with chance bytes, the same at each run."""
    chance = random.Random(repr(command))
    chosen = [chance.randbytes(length % (LONGEST + 1)) for length in range(REQUESTS)]
    return [bytes((chance.choice(FIRST),)) + data[1:] if data else data for data in chosen]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda pair: f"{pair[0]:02x}/{pair[1]:02x}")
def test_any_request(command: tuple[int, int]) -> None:
    bench = Bench()
    context = Context(bench.bmc, bench.session, 1)
    for request in any_requests(command):
        before = pickle.dumps(bench.state)
        answer = dispatch(context, *command, request)
        assert 1 <= len(answer) <= 250
        if answer[0] not in (0, FULL_LOG):
            assert pickle.loads(before) == bench.state, request.hex()
    assert again(bench.state, bench.personality) == bench.state


@pytest.mark.parametrize("maker", personalities.names())
def test_every_maker_answers_every_command(maker: str) -> None:
    personality = personalities.load(maker)
    state = BmcState.new(personality, PLACE)
    bmc = Bmc(maker, personality, Clock(START), state)
    bench = Bench()
    channel = state.first_lan_channel()
    for command in COMMANDS:
        for request in (b"", bytes((channel,)), bytes((channel, 1, 0, 0)), b"\xdc\x01"):
            answer = dispatch(Context(bmc, bench.session, channel), *command, request)
            assert answer[0] != 0xFF
    assert again(state, personality) == state

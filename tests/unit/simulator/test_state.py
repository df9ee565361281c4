# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State to JSON and back, and what a restart of the controller loses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from tests.simulator.jsonable import decode, encode
from tests.simulator.state import BmcState, User, UserAccess
from tests.simulator.traits import Traits
from tests.unit.simulator.handlers import PLACE, Bench, text


def through_json(state: BmcState) -> BmcState:
    return BmcState.from_json(json.loads(json.dumps(state.to_json())), state.traits)


def test_a_fresh_state_comes_back() -> None:
    state = BmcState.new(Traits(), PLACE)
    assert through_json(state) == state


def test_a_used_state_comes_back() -> None:
    bench = Bench(lan={"rollback": True})
    assert bench.ask("06/45", "05 " + text("bob", 16)) == "00"
    bench.script(
        f"""
        06/47 85 02 {text("secret", 20)} -> 00
        06/43 91 05 03 -> 00
        06/4c 01 05 02 00 00 00 -> 00
        06/40 01 91 83 -> 00
        06/56 01 01 01 {"ab " * 20} -> 00 02
        06/58 02 00 00 03 41 42 43 -> 00
        0c/01 01 00 01 -> 00
        0c/01 01 14 64 80 -> 00
        0c/21 01 06 07 -> 00
        00/08 05 80 04 00 00 00 -> 00
        00/08 07 02 {"01 " * 16} -> 00
        00/04 05 -> 00
        0a/44 {"00 " * 16} -> 00 01 00
        04/26 01 18 00 00 00 50 58 00 -> 00
        04/12 09 03 18 11 00 -> 00
        2c/08 dc 00 03 78 79 7a -> 00 dc 03
        2c/0b dc 37 01 40 2d 3c 00 00 -> 00 dc
        0a/12 00 fe 01 aa bb -> 00 02
        """
    )
    state = bench.state
    assert state != BmcState.new(state.traits, PLACE)
    again = through_json(state)
    assert again == state
    assert again.users[5].password == b"secret"
    assert again.users[5].payloads == {1: {1}}
    assert again.lan_staged[1].vlan_id == 100
    assert again.traits is state.traits


def test_a_restart_loses_what_is_volatile() -> None:
    bench = Bench(lan={"rollback": True})
    bench.script(
        """
        06/40 01 80 82 -> 00
        0c/01 01 00 01 -> 00
        0c/01 01 14 64 80 -> 00
        0c/01 01 12 00 80 00 00 -> 00
        0c/21 01 00 01 -> 00
        04/12 00 01 -> 00
        0a/42 -> 00 01 00
        06/24 04 01 05 3e 64 00 -> 00
        """
    )
    bench.state.restart()
    bench.script(
        """
        06/41 01 80 -> 00 02 04
        0c/02 01 00 00 00 -> 00 11 00
        0c/02 01 14 00 00 -> 00 11 00 00
        0c/02 01 12 00 00 -> 00 11 00 00 00 00
        0c/22 01 00 00 00 -> 00 11 00
        04/13 00 00 00 -> 00 11 00
        06/25 -> 00 00 00 00 00 00 00 00 00
        """
    )


def test_what_is_not_a_state_is_refused() -> None:
    good = BmcState.new(Traits()).to_json()
    with pytest.raises(ValueError, match="unknown power"):
        BmcState.from_json({**good, "power": 1}, Traits())
    with pytest.raises(TypeError, match=r"BmcState\.users"):
        BmcState.from_json({**good, "users": [1]}, Traits())
    with pytest.raises(TypeError, match="has no traits"):
        BmcState.from_json(good, 7)
    with pytest.raises(ValueError, match="unknown nonsense"):
        BmcState.new({"lan": {"nonsense": 1}})


@dataclass
class Sample:
    """Each kind of field that the codec knows."""

    number: int = 0
    real: float = 0.0
    flag: bool = False
    maybe: float | None = None
    raw: bytes = b""
    names: tuple[str, ...] = ()
    kinds: set[int] = field(default_factory=set)
    users: dict[int, User] = field(default_factory=dict)
    secret: int = field(default=7, metadata={"saved": False})


def test_every_kind_of_field() -> None:
    sample = Sample(1, 2.5, True, 3.0, b"\x01\xff", ("a", "b"), {3, 1}, {2: User(b"x")}, 9)
    sample.users[2].access[1] = UserAccess(4, True)
    data = json.loads(json.dumps(encode(sample)))
    assert data["raw"] == "01ff"
    assert data["kinds"] == [1, 3]
    assert "secret" not in data
    sample.secret = 7
    assert decode(Sample, data) == sample


def test_places_come_from_the_rack_file() -> None:
    state = BmcState.new(Traits(), {**PLACE, "guid": "00112233445566778899aabbccddeeff"})
    assert state.device.guid == bytes.fromhex("ffeeddccbbaa99887766554433221100")
    assert state.lan[1].source == 1
    assert str(state.lan[1].ipv4) == "127.40.0.7"
    assert BmcState.new(Traits(), {}).lan[1].source == 2

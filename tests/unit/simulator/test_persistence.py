# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State that survives a restart of the simulator."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.simulator import persistence
from tests.simulator.clock import Clock
from tests.simulator.rack import Rack, parse
from tests.unit.simulator.client import START, Client

FILE = parse({"bmcs": [{"name": "a", "address": "127.0.0.1", "users": {2: {"name": "admin", "password": "secret"}}}]})


def rack(folder: Path, maker: str = "generic") -> Rack:
    file = FILE
    if maker != "generic":
        file = parse({"bmcs": [{"name": "a", "address": "127.0.0.1", "maker": maker}]})
    return Rack.build(file, Clock(START), state_folder=folder)


def test_changes_are_saved_and_found_again(tmp_path: Path) -> None:
    first = rack(tmp_path)
    client = Client(first.bmcs["a"]).login()
    assert client.ask("06/45", "03" + b"bob".ljust(16, b"\0").hex()) == "00"
    assert client.ask("00/02", "01") == "00"
    first.clock.advance(2)
    first.close()
    second = rack(tmp_path).bmcs["a"]
    assert second.state.users[3].name == b"bob"
    assert second.state.users[2].password == b"secret"
    assert second.power.on


def test_changes_are_gathered_before_they_are_written(tmp_path: Path) -> None:
    made = rack(tmp_path)
    client = Client(made.bmcs["a"]).login()
    client.ask("06/45", "03" + b"bob".ljust(16, b"\0").hex())
    assert list(tmp_path.iterdir()) == []
    made.clock.advance(persistence.SAVE_DELAY)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_reading_saves_nothing(tmp_path: Path) -> None:
    made = rack(tmp_path)
    Client(made.bmcs["a"]).login().ask("06/01")
    made.clock.advance(10)
    assert list(tmp_path.iterdir()) == []


def test_passwords_are_for_the_owner_alone(tmp_path: Path) -> None:
    made = rack(tmp_path)
    made.close()
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o600


def test_another_maker_starts_anew(tmp_path: Path) -> None:
    made = rack(tmp_path)
    made.bmcs["a"].state.users[3].name = b"bob"
    made.close()
    assert rack(tmp_path, "idrac9").bmcs["a"].state.users[3].name == b""


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 1}', '{"version": 99, "maker": "generic"}'])
def test_a_broken_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="a.json is"):
        rack(tmp_path)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    persistence.write_atomically(path, "old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(persistence.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        persistence.write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "old"


def test_a_factory_reset_goes_back_to_the_rack_file(tmp_path: Path) -> None:
    made = rack(tmp_path)
    bmc = made.bmcs["a"]
    Client(bmc).login()
    bmc.state.users[2].password = b"other"
    bmc.network.restarted = lambda bmc: None  # type: ignore[method-assign]
    made.factory_reset(bmc)
    assert bmc.state.users[2].password == b"secret"
    assert len(bmc.sessions) == 0


def test_what_is_saved_is_json(tmp_path: Path) -> None:
    rack(tmp_path).close()
    data = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (data["version"], data["name"], data["maker"], data["power"]) == (2, "a", "generic", False)

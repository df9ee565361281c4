# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rack file: what it may say, and what it is told when it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.simulator import personalities
from tests.simulator.clock import Clock
from tests.simulator.rack import Entry, Rack, RackError, fresh_state, parse, read
from tests.unit.simulator.client import START

EXAMPLES = Path(__file__).parents[3] / "tests" / "simulator" / "examples"


def one(**row: Any) -> Entry:
    return parse({"bmcs": [{"name": "a", "address": "127.0.0.1", **row}]}).bmcs[0]


def test_ranges() -> None:
    row = {"name": "r1n[01-03]", "dhcp": {"address": "127.5.1.[101-103]"}, "mac": "02:00:00:00:01:[07-09]"}
    found = parse({"defaults": {"maker": "openbmc"}, "bmcs": [row]}).bmcs
    assert [entry.name for entry in found] == ["r1n01", "r1n02", "r1n03"]
    assert [entry.dhcp.address for entry in found if entry.dhcp] == ["127.5.1.101", "127.5.1.102", "127.5.1.103"]
    assert found[2].mac == "02:00:00:00:01:09"
    assert {entry.maker for entry in found} == {"openbmc"}


def test_the_name_is_the_address_where_none_is_given() -> None:
    assert [entry.name for entry in parse({"bmcs": [{"address": "127.5.1.[9-10]"}]}).bmcs] == ["127.5.1.9", "127.5.1.10"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, "mapping"),
        ({"bmcs": []}, "'bmcs' has to be a list"),
        ({"bmcs": ["a"]}, "no mapping"),
        ({"bmcs": [{"name": "a"}], "colour": 1}, "unknown key colour"),
        ({"bmcs": [{}]}, "neither name nor address"),
        ({"bmcs": [{"name": "a"}]}, "a: neither 'address' nor 'dhcp'"),
        ({"bmcs": [{"name": "a", "address": "127.0.0.1", "colour": 1}]}, "a: Entry: unknown colour"),
        ({"bmcs": [{"name": "a", "address": "127.0.0.300"}]}, "a: '127.0.0.300'"),
        ({"bmcs": [{"address": "127.0.0.[1-2]", "name": "a[1-3]"}]}, "different lengths"),
        ({"bmcs": [{"address": "127.0.0.[2-1]"}]}, "runs backwards"),
        ({"bmcs": [{"address": "127.0.0.[1-2]", "name": "a"}]}, "two BMCs have the name a"),
        ({"bmcs": [{"address": "127.0.0.1"}], "port": 99999}, "port 99999"),
    ],
)
def test_what_is_wrong_is_named(data: object, text: str) -> None:
    with pytest.raises(RackError, match=text.replace("[", r"\[")):
        parse(data)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"maker": "acme"}, "no personality 'acme'; there are generic"),
        ({"source": "magic"}, "source is one of static, dhcp, bios, other"),
        ({"power": "maybe"}, "power is one of on, off"),
        ({"mac": "02:00"}, "mac '02:00'"),
        ({"kg": "00" * 21}, "more than 20 bytes"),
        ({"kg": "xx"}, "hexadecimal"),
        ({"netmask": "255.0"}, "255.0"),
        ({"users": {2: {"name": "a", "privilege": "king"}}}, "privilege is one of"),
        ({"users": {2: {"name": "a" * 17}}}, "16 bytes at most"),
        ({"users": {2: {"name": "a", "password": "b" * 21}}}, "a password 20"),
        ({"users": {63: {"name": "a"}}}, "user 63: this maker has 16 users"),
        ({"users": {2: {"nmae": "a"}}}, "unknown nmae"),
        ({"personality": {"lan": {"colour": 1}}}, "unknown colour"),
        ({"personality": {"paint": {}}}, "unknown paint"),
        ({"faults": {"mangle": "softly"}}, "mangle is one of"),
        ({"identity": {"colour": "red"}}, "unknown colour"),
        ({"port": 0}, "port 0"),
    ],
)
def test_what_is_wrong_with_an_entry_is_named(row: dict[str, Any], text: str) -> None:
    with pytest.raises(RackError, match=text):
        one(**row)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RackError, match="cannot read"):
        read(tmp_path / "none.yml")
    bad = tmp_path / "bad.yml"
    bad.write_text("bmcs: [", encoding="utf-8")
    with pytest.raises(RackError, match="is not YAML"):
        read(bad)


def test_what_an_entry_sets() -> None:
    entry = one(
        users={3: {"name": "op", "password": "p" * 17, "privilege": "operator", "sol": False, "messaging": False}},
        kg="0102",
        gateway="127.0.0.9",
        mac="02:00:00:00:00:77",
        identity={"serial": "S1"},
    )
    state = fresh_state(entry, personalities.load("generic"))
    user = state.users[3]
    assert (user.name, user.password_size, user.enabled) == (b"op", 20, True)
    assert (user.access[1].privilege, user.access[1].messaging) == (3, False)
    assert user.payloads[1] == set()
    assert state.kg == b"\x01\x02" + bytes(18)
    assert state.lan[1].gateway == bytes((127, 0, 0, 9))
    assert state.lan[1].mac == bytes.fromhex("020000000077")
    assert state.lan[1].source == 1


def test_a_made_mac_is_its_own_and_always_the_same() -> None:
    macs = [fresh_state(one(name=name), personalities.load("generic")).lan[1].mac for name in ("a", "b", "a")]
    assert macs[0] == macs[2] != macs[1]
    assert macs[0][0] == 2


@pytest.mark.parametrize("name", personalities.names())
def test_every_personality_starts_and_says_who_it_is(name: str) -> None:
    rack = Rack.build(parse({"bmcs": [{"name": "a", "maker": name, "address": "127.0.0.1"}]}), Clock(START))
    bmc = rack.bmcs["a"]
    assert bmc.personality.title != name
    factory = [user for user in bmc.state.users.values() if user.enabled and user.password]
    assert len(factory) == 1
    assert 8 <= len(factory[0].password or b"") <= 20 or name == "generic"


@pytest.mark.parametrize("name", personalities.names())
def test_the_readme_tells_the_factory_account(name: str) -> None:
    text = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `") and f"`{name}`" in line]
    for account in personalities.load(name).traits.users.factory.values():
        if account.password:
            assert any(account.name in row and account.password in row for row in rows)


def test_eight_makers_or_more() -> None:
    assert {"idrac9", "idrac10", "supermicro_x14", "megarac_hpe", "openbmc", "nvidia_openbmc", "generic"} <= set(personalities.names())


def test_the_example_of_24() -> None:
    file = read(EXAMPLES / "rack24.yml")
    assert len(file.bmcs) == 24
    assert [entry.dhcp.address for entry in file.bmcs if entry.dhcp] == [f"127.20.1.{n}" for n in range(101, 125)]
    assert len({entry.maker for entry in file.bmcs}) >= 6
    rack = Rack.build(file, Clock(START))
    for bmc in rack.bmcs.values():
        assert bmc.state.lan[bmc.channel].source == 2
        assert not bmc.power.on


def test_overrides_go_over_the_makers_values() -> None:
    made = personalities.with_overrides("idrac9", {"lan": {"cipher_suites": [3], "cipher_privileges": [4]}})
    assert made.traits.lan.cipher_suites == (3,)
    assert made.traits.lan.destinations == personalities.load("idrac9").traits.lan.destinations == 8


def test_extending_keeps_what_is_not_said_anew() -> None:
    assert personalities.load("idrac10").traits.device.product_id == personalities.load("idrac9").traits.device.product_id
    assert personalities.load("idrac10").refused_command(0x0C, 0x04) == 0xC1

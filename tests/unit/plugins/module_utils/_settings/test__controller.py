# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's table: names, clock, key."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BadOption,
    BmcError,
    LoginRefused,
    NotVerified,
    Restored,
    Unsupported,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings import _controller
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._controller import (
    CONTROLLER,
    ClockOffset,
    Key,
    check_controller,
    plan_controller,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._converge import Converged, converge
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Line, Proof
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import Refused, read_values, show
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Instance, Reader, Target
from tests.unit.plugins.scripted import CONNECTION, DROPPED, LOST, Scripted, identified

GET_TAG, SET_TAG, GET_ID, SET_ID = "2C/06", "2C/08", "2C/09", "2C/0A"
GET_INFO, SET_INFO, KEYS = "06/59", "06/58", "06/56"
GET_TIME, SET_TIME, GET_UTC, SET_UTC = "0A/48", "0A/49", "0A/5C", "0A/5D"
NOW = 1_800_000_000
KG, OTHER_KG = bytes(range(0x61, 0x75)), bytes(range(0x41, 0x55))


class Machine:
    """A controller with all of it. Logins work only with its key."""

    def __init__(self, *, tag: bytes = b"", name: bytes = b"\0", ahead: int | None = 0, kg: bytes | None = None) -> None:
        self.bmc = identified(Scripted())
        self.tag, self.id, self.info = tag, name, bytes(80)
        self.ahead, self.utc, self.kg = ahead, b"\xff\x07", kg
        #: Keeps what stands behind the last byte of a tag.
        self.keeps = False
        #: Says that it takes a key, and does not.
        self.forgets = False
        self.logins: list[Connection] = []
        for request, handler in {
            GET_TAG: lambda data: self._get(self.tag, data),
            SET_TAG: self._set_tag,
            GET_ID: lambda data: self._get(self.id, data),
            SET_ID: self._set_id,
            GET_INFO: lambda data: bytes([0, 0x11, data[2]]) + self.info[data[2] * 16 : data[2] * 16 + 16],
            SET_INFO: self._set_info,
            GET_TIME: self._get_time,
            SET_TIME: self._set_time,
            GET_UTC: lambda data: b"\0" + self.utc,
            SET_UTC: self._set_utc,
            KEYS: self._set_key,
        }.items():
            self.bmc.on(request, handler)

    @property
    def now(self) -> float:
        return NOW + self.bmc.clock.now() - 1000

    @staticmethod
    def _get(text: bytes, data: bytes) -> bytes:
        return bytes([0, 0xDC, len(text)]) + text[data[1] : data[1] + data[2]]

    def _set_tag(self, data: bytes) -> bytes:
        tail = self.tag[data[1] + data[2] :] if self.keeps else b""
        self.tag = self.tag[: data[1]] + data[3:] + tail
        return bytes([0, 0xDC, len(self.tag)])

    def _set_id(self, data: bytes) -> bytes:
        self.id = self.id[: data[1]] + data[3:]
        return bytes([0, 0xDC, data[1]])

    def _set_info(self, data: bytes) -> bytes:
        start = data[1] * 16
        self.info = self.info[:start] + data[2:] + self.info[start + 16 :]
        return b"\0"

    def _get_time(self, data: bytes) -> bytes:
        clock = 0xFFFFFFFF if self.ahead is None else int(self.now) + self.ahead
        return b"\0" + clock.to_bytes(4, "little")

    def _set_time(self, data: bytes) -> bytes:
        self.ahead = int.from_bytes(data, "little") - int(self.now)
        return b"\0"

    def _set_utc(self, data: bytes) -> bytes:
        self.utc = data
        return b"\0"

    def _set_key(self, data: bytes) -> bytes:
        if not self.forgets:
            self.kg = data[3:] if any(data[3:]) else None
        return b"\0"

    def open(self, connection: Connection, deadline: float) -> Bmc:
        self.logins.append(connection)
        if connection.kg != self.kg:
            raise LoginRefused("the BMC key bmc_kg is not the BMC's")
        return self.bmc.another().bmc(connection)

    def connection(self) -> Connection:
        return replace(CONNECTION, kg=self.kg)

    def plan(self, connection: Connection | None = None, **options: t.Any) -> tuple[Line, Planned]:
        self.bmc = self.bmc.another()
        chosen = connection or self.connection()
        line = Line(self.bmc.bmc(chosen), self.open)
        params = {"clock_tolerance": 5, **options}
        return line, plan_controller(Reader(line.bmc), params, chosen)

    def set(self, connection: Connection | None = None, *, strict: bool = True, **options: t.Any) -> tuple[Line, Converged]:
        line, planned = self.plan(connection, **options)
        return line, converge(line, planned.cuts, check_mode=False, proof=Proof(), strict=strict)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(_controller, "utc_now", lambda: made.now)
    return made


TEXTS = ["", "a", "rack 1 / 07", "0123456789abcdef", "0123456789abcdefg", "x" * 63, "zürich"]


class TestTexts:
    """Names that come in parts."""

    @pytest.mark.parametrize("option", ["controller_id", "asset_tag", "system_name"])
    def test_each_text_is_read_back_and_then_left_alone(self, machine: Machine, option: str) -> None:
        for text in [*TEXTS, *reversed(TEXTS)]:
            machine.set(**{option: text})
            _line, again = machine.set(**{option: text})
            assert (again.changed, machine.bmc.written) == (False, []), text

    @pytest.mark.parametrize(
        ("option", "written"),
        [
            ("controller_id", [f"{SET_ID} DC 00 03 61 62 00"]),
            ("asset_tag", [f"{SET_TAG} DC 00 02 61 62"]),
            ("system_name", [f"{SET_INFO} 02 00 00 02 61 62" + " 00" * 12]),
        ],
    )
    def test_what_is_written(self, machine: Machine, option: str, written: list[str]) -> None:
        _line, done = machine.set(**{option: "ab"})
        assert (done.changed, machine.bmc.written) == (True, written)

    def test_a_short_one_takes_one_request_to_read(self, machine: Machine) -> None:
        machine.plan(controller_id="", asset_tag="", system_name="")
        assert machine.bmc.asked == [f"{GET_ID} DC 00 10", f"{GET_TAG} DC 00 10", f"{GET_INFO} 00 02 00 00"]

    def test_a_long_one_takes_as_many_as_it_has_parts(self, machine: Machine) -> None:
        machine.tag = b"x" * 33
        machine.plan(asset_tag="")
        assert machine.bmc.asked == [f"{GET_TAG} DC 00 10", f"{GET_TAG} DC 10 10", f"{GET_TAG} DC 20 01"]

    def test_a_text_that_is_longer_than_can_be_set_can_be_fed_back(self, machine: Machine) -> None:
        machine.tag, machine.info = b"x" * 64, bytes([0, 78]) + b"y" * 78
        values, _missing = read_values(Reader(machine.bmc.bmc()), Instance(CONTROLLER, Target(), "controller"), ["asset_tag", "system_name"])
        assert machine.set(**show(CONTROLLER, values))[1].changed is False

    def test_a_bmc_that_keeps_the_rest_of_a_longer_tag_gets_it_covered(self, machine: Machine) -> None:
        machine.tag, machine.keeps = b"old and long", True
        machine.set(asset_tag="new")
        assert machine.tag == b"new".ljust(12, b"\0")
        machine.set(asset_tag="")
        assert machine.tag == bytes(12)

    @pytest.mark.parametrize("answer", ["00", "00 DC"])
    def test_an_answer_without_the_length_is_fine(self, machine: Machine, answer: str) -> None:
        # ipmi.md 2.2: Supermicro's Set Asset Tag.
        def take(data: bytes) -> bytes:
            machine._set_tag(data)
            return bytes.fromhex(answer)

        machine.bmc.on(SET_TAG, take)
        assert machine.set(asset_tag="4711")[1].changed is True

    def test_a_name_in_an_encoding_that_does_not_fit_is_replaced(self, machine: Machine) -> None:
        machine.info = b"\x07\x03abc".ljust(80, b"\0")
        machine.set(system_name="node7")
        assert machine.info.startswith(b"\0\x05node7")

    def test_such_a_name_is_not_called_empty(self, machine: Machine) -> None:
        machine.info = b"\x07\x03abc".ljust(80, b"\0")
        instance = Instance(CONTROLLER, Target(), "controller")
        values, missing = read_values(Reader(machine.bmc.bmc()), instance, ["system_name"])
        assert show(CONTROLLER, values) == {} and "encoding 7" in missing[0].why
        assert machine.set(system_name="")[1].changed is True
        assert machine.info[:2] == b"\0\0"

    @pytest.mark.parametrize("code", ["C1", "D4", "C7", "FF", "80"])
    @pytest.mark.parametrize(("option", "request_"), [("controller_id", GET_ID), ("asset_tag", GET_TAG), ("system_name", GET_INFO)])
    def test_a_bmc_that_does_not_have_it_says_so(self, machine: Machine, option: str, request_: str, code: str) -> None:
        machine.bmc.on(request_, code)
        with pytest.raises(Unsupported, match=f"controller: {option} .completion code 0x{code}"):
            machine.set(**{option: "x"})
        assert machine.bmc.written == []

    def test_an_answer_of_another_group_is_no_text(self, machine: Machine) -> None:
        machine.bmc.on(GET_TAG, "00 00 00")
        with pytest.raises(Unsupported, match="asset_tag .*does not follow the specification"):
            machine.set(asset_tag="x")

    def test_an_ignored_write_is_not_believed(self, machine: Machine) -> None:
        machine.bmc.on(SET_ID, "00 DC 00")
        with pytest.raises(NotVerified, match="controller_id"):
            machine.set(controller_id="x")

    def test_a_lost_answer_is_looked_up(self, machine: Machine) -> None:
        machine.bmc.once(SET_TAG, LOST)
        machine.set(asset_tag="x")
        assert machine.bmc.written == [f"{SET_TAG} DC 00 01 78"]
        machine.bmc.once(SET_TAG, DROPPED)
        machine.set(asset_tag="y")
        assert machine.bmc.written == [f"{SET_TAG} DC 00 01 79"] * 2


class TestClock:
    """The clock, within a tolerance."""

    @pytest.mark.parametrize(("ahead", "changed"), [(0, False), (4, False), (-4, False), (7, True), (-7, True), (3600, True), (None, True)])
    def test_it_is_set_where_it_is_off(self, machine: Machine, ahead: int | None, changed: bool) -> None:
        machine.ahead = ahead
        _line, done = machine.set(clock="utc")
        assert done.changed is changed
        assert machine.ahead == (0 if changed else ahead)

    def test_what_is_near_enough_is_shown_as_it_is(self, machine: Machine) -> None:
        machine.ahead = 3
        _line, planned = machine.plan(clock="utc")
        assert planned.before == planned.after
        assert planned.before["clock_offset"] in (3, 4)

    def test_a_clock_that_was_never_set_has_no_before(self, machine: Machine) -> None:
        machine.ahead = None
        _line, planned = machine.plan(clock="utc")
        assert (planned.before, planned.after) == ({}, {"clock_offset": 0})

    def test_an_offset_may_be_asked_for(self, machine: Machine) -> None:
        machine.set(clock_offset=-7200)
        assert machine.ahead == -7200

    def test_local_is_the_zone_of_where_it_runs(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_controller, "_local_offset", lambda: 5400)
        machine.set(clock="local")
        assert machine.ahead == 5400

    def test_a_clock_of_another_decade_can_be_fed_back(self, machine: Machine) -> None:
        # As AMI's MegaRAC has it after a restart: the year 2000.
        machine.ahead = -850_000_000
        values, _missing = read_values(Reader(machine.bmc.bmc()), Instance(CONTROLLER, Target(), "controller"), ["clock_offset"])
        assert machine.set(**show(CONTROLLER, values))[1].changed is False

    def test_the_tolerance_counts(self, machine: Machine) -> None:
        machine.ahead = 30
        assert machine.set(clock="utc", clock_tolerance=60)[1].changed is False
        assert machine.set(clock="utc", clock_tolerance=10)[1].changed is True

    def test_half_of_a_slow_answer_s_time_is_allowed_for(self, machine: Machine) -> None:
        def slow(data: bytes) -> bytes:
            machine.bmc.clock.time += 4
            answer = machine._get_time(data)
            machine.bmc.clock.time += 4
            return answer

        machine.bmc.on(GET_TIME, slow)
        assert machine.set(clock="utc", clock_tolerance=1)[1].changed is False

    def test_offsets_are_the_same_within_the_larger_tolerance(self) -> None:
        assert ClockOffset(0, 5) == ClockOffset(5) and ClockOffset(5) == ClockOffset(0, 5)
        assert ClockOffset(0, 5) != ClockOffset(6)
        assert ClockOffset(0, 5) != 0


@pytest.mark.parametrize(("given", "written", "shown"), [("60", "3C 00", 60), (-90, "A6 FF", -90), ("0", "00 00", 0)])
def test_the_utc_offset(machine: Machine, given: t.Any, written: str, shown: int) -> None:
    _line, planned = machine.plan(utc_offset=given)
    assert (planned.before, planned.after) == ({"utc_offset": "unset"}, {"utc_offset": shown})
    machine.set(utc_offset=given)
    assert machine.bmc.written == [f"{SET_UTC} {written}"]
    assert machine.set(utc_offset=given)[1].changed is False
    machine.set(utc_offset="unset")
    assert machine.bmc.written == [f"{SET_UTC} FF 07"]


class TestKey:
    """Kg: what it is follows from the session; a new one is proved by a login."""

    @pytest.mark.parametrize("kg", [None, KG])
    def test_the_session_s_own_key_needs_no_write(self, machine: Machine, kg: bytes | None) -> None:
        machine.kg = kg
        _line, done = machine.set(kg=(kg or b"").hex())
        assert (done.changed, machine.bmc.written, machine.logins) == (False, [], [])

    def test_a_new_one_is_proved_by_a_login_with_it(self, machine: Machine) -> None:
        line, done = machine.set(kg="0x" + KG.hex())
        assert machine.bmc.written == [f"{KEYS} 01 01 01 {KG.hex(' ').upper()}"]
        assert (done.changed, done.progress.verified, line.bmc.connection.kg) == (True, True, KG)
        assert [login.kg for login in machine.logins] == [KG]

    @pytest.mark.parametrize("none", ["", "00" * 20, "0x00"])
    def test_it_is_taken_away(self, machine: Machine, none: str) -> None:
        machine.kg = KG
        line, done = machine.set(kg=none)
        assert (done.changed, machine.kg, line.bmc.connection.kg) == (True, None, None)

    def test_a_short_key_is_filled_up_as_bmc_kg_is(self, machine: Machine) -> None:
        machine.set(kg="ab")
        assert machine.kg == b"\xab".ljust(20, b"\0")
        assert machine.set(replace(CONNECTION, kg=b"\xab"), kg="ab00")[1].changed is False

    def test_a_bmc_that_ignores_it_keeps_the_old_one(self, machine: Machine) -> None:
        machine.kg, machine.forgets = KG, True
        with pytest.raises(Restored, match="controller: after writing kg.*put back"):
            machine.set(kg=OTHER_KG.hex())
        assert machine.bmc.written[-1] == f"{KEYS} 01 01 01 {KG.hex(' ').upper()}"

    def test_a_lost_answer_is_settled_by_the_login(self, machine: Machine) -> None:
        machine.bmc.once(KEYS, LOST)
        assert machine.set(kg=KG.hex())[1].progress.verified is True
        assert len(machine.bmc.asked_for(KEYS)) == 1

    def test_a_lost_request_is_put_back_and_fails(self, machine: Machine) -> None:
        machine.bmc.once(KEYS, DROPPED)
        with pytest.raises(Restored):
            machine.set(kg=KG.hex())
        assert machine.kg is None

    def test_a_refusal_leaves_everything(self, machine: Machine) -> None:
        machine.bmc.on(KEYS, "80")
        with pytest.raises(Refused, match="kg.*0x80 .key is locked"):
            machine.set(kg=KG.hex())
        assert machine.logins == []

    def test_it_comes_after_everything_else(self, machine: Machine) -> None:
        machine.set(kg=KG.hex(), asset_tag="x", clock_offset=600)
        assert [request[:5] for request in machine.bmc.written] == [SET_TAG, SET_TIME, KEYS]

    def test_it_is_shown_nowhere(self, machine: Machine) -> None:
        machine.kg = OTHER_KG
        line, planned = machine.plan(kg=KG.hex())
        assert (planned.before, planned.after) == ({"kg": "(another)"}, {"kg": "(as given)"})
        texts = [repr(planned), repr(line.bmc.connection), repr(Key(KG))]
        machine.forgets = True
        with pytest.raises(BmcError) as caught:
            converge(line, planned.cuts, check_mode=False, proof=Proof(), strict=True)
        for text in [*texts, str(caught.value)]:
            assert not any(secret in text for secret in (KG.hex(), OTHER_KG.hex(), KG.decode(), OTHER_KG.decode()))

    def test_in_band_it_is_read_where_the_bmc_tells_it(self, machine: Machine) -> None:
        local = Connection("", interface="open")
        machine.bmc.on(f"{KEYS} 01 00 01", f"00 00 {KG.hex(' ')}")
        assert machine.set(local, kg=KG.hex())[1].changed is False
        machine.bmc.on(f"{KEYS} 01 00 01", f"00 00 {OTHER_KG.hex(' ')}")
        _line, planned = machine.plan(local, kg=KG.hex())
        assert planned.cuts[0].plan.cutting == () and len(planned.cuts[0].plan.changes) == 1

    @pytest.mark.parametrize("code", ["CC", "80", "C7"])
    def test_in_band_it_is_written_each_time_where_it_does_not(self, machine: Machine, code: str) -> None:
        local = Connection("", interface="open")
        machine.bmc.on(f"{KEYS} 01 00 01", code)
        _line, done = machine.set(local, kg=KG.hex())
        assert (done.changed, done.blind, machine.kg) == (False, ["controller: kg"], KG)


def test_facts_can_be_named_and_not_set(machine: Machine) -> None:
    _line, done = machine.set(manufacturer_id=343, manufacturer="Intel", firmware="2.05", guid="11111111-1111-1111-1111-111111111111")
    assert done.changed is False
    with pytest.raises(Unsupported, match="firmware .read only"):
        machine.set(firmware="2.06")


def test_what_is_read_and_how_it_shows(machine: Machine) -> None:
    machine.tag, machine.ahead, machine.utc = b"4711", 0, b"\x3c\0"
    values, missing = read_values(Reader(machine.bmc.bmc()), Instance(CONTROLLER, Target(), "controller"))
    shown = show(CONTROLLER, values)
    assert missing == []
    assert {name: shown[name] for name in ("controller_id", "asset_tag", "system_name", "utc_offset")} == {
        "controller_id": "",
        "asset_tag": "4711",
        "system_name": "",
        "utc_offset": 60,
    }
    assert shown["clock_offset"] in (0, 1)
    assert "kg" not in shown
    assert len(machine.bmc.asked) == len(set(machine.bmc.asked)) == 7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"controller_id": "x" * 64}, "^controller_id: .*64 bytes; at most 63"),
        ({"asset_tag": "a\0b"}, "NUL"),
        ({"system_name": "x" * 65}, "65 bytes; at most 64"),
        ({"clock": "utc", "clock_offset": 0}, "either clock or clock_offset"),
        ({"clock_offset": -2_000_000_000}, "^clock_offset: -2000000000 seconds from now is not a time"),
        ({"clock_offset": 4_000_000_000}, "1987 to 2106"),
        ({"clock_tolerance": 0}, "^clock_tolerance: 0"),
        ({"utc_offset": "1441"}, "-1440 to 1440"),
        ({"utc_offset": "noon"}, "neither"),
        ({"kg": "xy"}, "^kg: is not hexadecimal"),
        ({"kg": "aa" * 21}, "21 bytes; at most 20"),
    ],
)
def test_what_cannot_be(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadOption, match=message) as caught:
        check_controller({"clock_tolerance": 5, **options})
    assert "kg" not in options or options["kg"] not in str(caught.value)

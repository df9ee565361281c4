# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds the console: what BMCs tell, what they do not, and whether anybody is behind a session."""

from __future__ import annotations

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._console_holder import (
    ConsoleState,
    Holder,
    State,
    read_console,
    with_staleness,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import SessionLost
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.module_utils.consoles import HERE, JANE, JOE, LEFT, OUR_PORT, OURS, Console, Session
from tests.unit.plugins.scripted import DROPPED

STATUS, INSTANCE, BY_ID, OWN = "06/4A 01", "06/4B 01", "06/3D FF", "06/3D 00"


def read(console: Console, instance: int | None = None) -> ConsoleState:
    return read_console(Reader(console.bmc.bmc()), instance)


def judged(console: Console, machine: Machine | None = None) -> Holder:
    reader = Reader(console.bmc.bmc())
    holder = with_staleness(reader, read_console(reader), machine or console.machine(OUR_PORT)).instances[0].holder
    assert holder is not None
    return holder


def test_a_free_console_costs_two_requests() -> None:
    console = Console()
    reader = Reader(console.bmc.bmc())
    found = with_staleness(reader, read_console(reader), console.machine())
    assert (found.state, found.capacity, found.instances[0].serial_port) == (State.FREE, 1, 1)
    assert console.bmc.asked == ["06/4A 01", "06/4B 01 01"]


def test_the_holder_is_named_with_all_that_the_bmc_tells() -> None:
    found = read(Console(JANE))
    holder = found.instances[0].holder
    assert found.state is State.HELD and holder is not None
    assert (holder.user_id, holder.user, holder.privilege, holder.channel) == (3, "jane", Privilege.ADMINISTRATOR, 1)
    assert (holder.session_id, holder.handle, holder.address, holder.mac, holder.port) == (0x12345678, 3, "192.0.2.77", None, 51322)
    assert str(found) == "instance 1 is held by user 3 (jane) from 192.0.2.77"


def test_a_capacity_of_none_is_one() -> None:
    assert read(Console(capacity=0)).capacity == 1


def test_every_active_instance_is_looked_at_or_the_one_that_is_asked_for() -> None:
    console = Console(JANE, JOE, capacity=2)
    assert [one.number for one in read(console).instances] == [1, 2]
    (second,) = read(console, 2).instances
    assert second.holder is not None and second.holder.user == "joe"
    assert read(console, 3).state is State.FREE


def test_a_short_look_asks_nothing_about_the_session() -> None:
    console = Console(JANE)
    found = read_console(Reader(console.bmc.bmc()), 1, names=False)
    assert found.instances[0].holder == Holder(JANE.number)
    assert console.bmc.asked == ["06/4A 01", "06/4B 01 01"]


@pytest.mark.parametrize(
    ("rules", "state", "reason"),
    [
        ({STATUS: "CC", INSTANCE: "CC"}, State.UNKNOWN, "Activation Status (06/4A) was refused"),
        ({STATUS: "CC", INSTANCE: "00" + 12 * " 00"}, State.UNKNOWN, "0xCC"),
        ({STATUS: "00 01"}, State.UNKNOWN, "does not follow the specification"),
        ({STATUS: "00 01 01 00", INSTANCE: "00" + 12 * " 00"}, State.UNKNOWN, "contradicts itself"),
        ({STATUS: "00 01 01 00", INSTANCE: "C1"}, State.HELD, "by whom the BMC does not say"),
        ({STATUS: "00 01 00 00", INSTANCE: "C1"}, State.FREE, ""),
        ({STATUS: "00 01 01 80"}, State.HELD, ""),
    ],
)
def test_what_is_not_known_is_not_free(rules: dict[str, str], state: State, reason: str) -> None:
    console = Console()
    for request, answer in rules.items():
        console.bmc.on(request, answer)
    found = read(console)
    assert found.state is state and reason in found.instances[0].reason


@pytest.mark.parametrize("status", ["CC", "00 01 00 00"])
def test_a_holder_counts_though_the_status_does_not_show_one(status: str) -> None:
    console = Console(JANE)
    console.bmc.on(STATUS, status)
    assert read(console).state is State.HELD


def test_the_worst_of_the_instances_is_the_state() -> None:
    console = Console(JANE, capacity=2)
    console.bmc.on(STATUS, "00 02 03 00")
    assert [one.state for one in read(console).instances] == [State.HELD, State.UNKNOWN]
    assert read(console).state is State.HELD


def test_a_bmc_that_falls_silent_is_no_unknown_console() -> None:
    console = Console()
    console.bmc.once(STATUS, DROPPED)
    with pytest.raises(SessionLost):
        read(console)


class TestOurs:
    """Our own session, and those that are only like it."""

    def test_our_own_session_is_known_by_its_id(self) -> None:
        holder = judged(Console(OURS))
        assert (holder.ours, holder.same_account, holder.stale) == (True, True, False)

    def test_or_by_its_handle_where_the_bmc_has_another_id_for_it(self) -> None:
        console = Console(Session(0x77, OURS.handle))
        console.listed[0x77] = OURS
        assert judged(console).ours

    @pytest.mark.parametrize("held", [JANE, LEFT])
    def test_another_is_not_ours(self, held: Session) -> None:
        assert not judged(Console(held)).ours


class TestStale:
    """Whether anybody is behind it: only what is known to be dead is called so."""

    def test_another_user_s_session_counts_as_alive(self) -> None:
        holder = judged(Console(JANE))
        assert (holder.stale, holder.same_account) == (False, False) and "another user" in holder.stale_reason

    def test_our_user_from_another_address_counts_as_alive(self) -> None:
        console = Console(LEFT)
        console.move(LEFT, "192.0.2.6")
        holder = judged(console)
        assert (holder.stale, holder.same_account) == (False, False) and HERE in holder.stale_reason

    def test_ours_by_user_and_address_without_a_program_died(self) -> None:
        holder = judged(Console(LEFT))
        assert (holder.stale, holder.same_account, holder.ours) == (True, True, False)
        assert "UDP port 40009 open any more" in holder.stale_reason

    def test_ours_by_user_and_address_with_a_program_is_alive(self) -> None:
        console = Console(LEFT)
        holder = judged(console, console.machine(OUR_PORT, LEFT.port))
        assert (holder.stale, holder.same_account) == (False, True) and "still has UDP port 40009" in holder.stale_reason

    @pytest.mark.parametrize(
        "machine",
        [
            pytest.param(Machine(lambda _address: False, lambda: frozenset({OUR_PORT})), id="address translated"),
            pytest.param(Machine(lambda _address: True, lambda: frozenset({1})), id="port translated"),
            pytest.param(Machine(lambda _address: True, lambda: None), id="system does not list"),
        ],
    )
    def test_where_programs_cannot_be_seen_it_is_not_known(self, machine: Machine) -> None:
        holder = judged(Console(LEFT), machine)
        assert (holder.stale, holder.same_account) == (None, True) and "cannot be seen" in holder.stale_reason

    def test_a_session_that_the_bmc_no_longer_lists_is_stale(self) -> None:
        console = Console(JANE)
        console.forget(JANE)
        holder = judged(console)
        assert (holder.stale, holder.same_account, holder.listed) == (True, None, False)

    def test_unless_it_does_not_list_the_one_that_asks_either(self) -> None:
        console = Console(JANE)
        console.listed.clear()
        assert judged(console).stale is None

    def test_nor_in_band_where_its_list_cannot_be_tried(self) -> None:
        console = Console(JANE)
        console.forget(JANE)
        console.bmc._session = None
        assert judged(console).stale is None

    @pytest.mark.parametrize(
        ("rules", "reason"),
        [
            ({BY_ID: "C1"}, "says nothing about the session"),
            ({OWN: "C1"}, "which user and address are ours"),
            ({OWN: "00 00 04 01"}, "which user and address are ours"),
            ({BY_ID: "00 05 04 02"}, "which user it is"),
            ({BY_ID: "00 05 04 02 02 04 11 00 00 00 00" + 6 * " 00" + " 49 9C"}, "from which address"),
            ({BY_ID: "00 05 04 02 02 04 11 C0 00 02 05" + 8 * " 00"}, "which port"),
        ],
    )
    def test_where_the_bmc_does_not_tell_it_is_not_known(self, rules: dict[str, str], reason: str) -> None:
        console = Console(LEFT)
        for request, answer in rules.items():
            console.bmc.on(request, answer)
        holder = judged(console)
        assert holder.stale is None and reason in holder.stale_reason


def test_results_hold_all_of_it() -> None:
    reader = Reader(Console(JANE).bmc.bmc())
    result = with_staleness(reader, read_console(reader), Console().machine(OUR_PORT)).as_result()
    assert (result["state"], result["capacity"]) == ("held", 1)
    (instance,) = result["instances"]
    assert (instance["instance"], instance["state"], instance["serial_port"]) == (1, "held", 1)
    assert instance["holder"]["session_id"] == "0x12345678" and instance["holder"]["privilege"] == "administrator"
    assert instance["holder"]["stale"] is False and instance["holder"]["user"] == "jane"

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machine a BMC belongs to, and what is remembered of it."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._identity import Assignment, Host, remember, unique_identities
from ansible_collections.lightsout.bmc.plugins.module_utils._fleet._model import Entry, Place, Record, State

MAC_1, MAC_2, GUID = "02:00:00:00:00:01", "02:00:00:00:00:02", "6c696768-7473-4000-8000-02c365fdf665"


def found(number: int, **facts: t.Any) -> tuple[str, Record]:
    address = f"192.0.2.{number}"
    return Place(address).key, Record(State.OK, address=address, facts=facts, seen=100.0, read=100.0)


def silent(number: int) -> tuple[str, Record]:
    address = f"192.0.2.{number}"
    return Place(address).key, Record(State.SILENT, "no answer", address)


def entry(name: str, number: int, **identity: str) -> Entry:
    return Entry(name, Place(f"192.0.2.{number}"), "hosts", **identity)


def assign(records: list[tuple[str, Record]], *entries: Entry, known: t.Any = None, hostnames: tuple[str, ...] = ("{address}",)) -> dict[str, Host]:
    names = {one.place.host: one.place.host for one in entries}
    assignment = Assignment(dict(records), names, known or {})
    assignment.assign(entries)
    assignment.discover(hostnames)
    assert len({host.name for host in assignment.hosts}) == len(assignment.hosts)
    return {host.name: host for host in assignment.hosts}


def test_a_bmc_at_its_address_is_taken() -> None:
    hosts = assign([found(1, mac=MAC_1)], entry("a", 1, mac=MAC_1))
    assert list(hosts) == ["a"] and hosts["a"].moved_from is None


def test_the_surest_identity_decides() -> None:
    # The serial number was typed wrong, or the board was put into another chassis: the MAC address is right.
    assert assign([found(1, mac=MAC_1, serial="X")], entry("a", 1, mac=MAC_1, serial="Y"))["a"].record.state is State.OK
    assert assign([found(1, mac=MAC_1, serial="X")], entry("a", 1, serial="Y"))["a"].record.state is State.OTHER_BMC
    # Nothing to compare with.
    assert assign([found(1, mac=MAC_1)], entry("a", 1, serial="Y"))["a"].record.state is State.OK


def test_a_moved_bmc_is_found() -> None:
    hosts = assign([silent(1), found(2, mac=MAC_1), found(3, mac=MAC_2)], entry("a", 1, mac=MAC_1))
    assert (hosts["a"].place.host, hosts["a"].moved_from) == ("192.0.2.2", "192.0.2.1")
    assert list(hosts) == ["a", "192.0.2.3"]


def test_a_dead_bmc_is_looked_for_by_what_was_known() -> None:
    hosts = assign([silent(1), found(2, guid=GUID)], entry("a", 1), known={"a": {"guid": GUID}})
    assert hosts["a"].place.host == "192.0.2.2"


def test_a_bmc_that_answers_at_its_address_is_not_looked_for() -> None:
    # A new board: what was known of the old one does not matter.
    hosts = assign([found(1, guid="x"), found(2, guid=GUID)], entry("a", 1), known={"a": {"guid": GUID}})
    assert hosts["a"].place.host == "192.0.2.1"


def test_what_several_claim_is_nobody_s() -> None:
    records = [silent(1), found(2, guid=GUID), found(3, guid=GUID)]
    assert unique_identities(dict(records)) == {}
    hosts = assign(records, entry("a", 1, guid=GUID))
    assert hosts["a"].record.state is State.SILENT and len(hosts) == 3


def test_another_machine_s_bmc_is_not_taken() -> None:
    hosts = assign([silent(1), found(2, mac=MAC_1)], entry("b", 2), entry("a", 1, mac=MAC_1))
    assert hosts["b"].place.host == "192.0.2.2" and hosts["a"].record.state is State.SILENT


def test_the_order_of_the_sources_stays() -> None:
    hosts = assign([silent(1), found(2), found(3, mac=MAC_1)], entry("a", 1), entry("b", 2), entry("c", 4, mac=MAC_1))
    assert list(hosts) == ["a", "b", "c"]


def test_names_of_discovered_bmcs() -> None:
    records = [found(10, mac=MAC_1, serial="S 1"), found(9, serial="S 1"), found(8), found(7, serial="{{ x }}")]
    hosts = assign(records, hostnames=("{serial}", "bmc-{mac}", "{address}"))
    assert list(hosts) == ["192.0.2.7", "192.0.2.8", "S_1", "bmc-02-00-00-00-00-01"]


def test_facts_are_kept_while_a_bmc_is_silent() -> None:
    key, old = found(1, mac=MAC_1, firmware="1")
    kept = remember(dict([silent(1)]), {key: old})[key]
    assert kept.stale and kept.facts == old.facts and (kept.state, kept.seen, kept.read) == (State.SILENT, 100.0, 100.0)
    again = remember(dict([silent(1)]), {key: kept})[key]
    assert again == kept


def test_new_facts_replace_old_ones() -> None:
    key, old = found(1, mac=MAC_1, firmware="1")
    new = found(1, mac=MAC_1, firmware="2")[1]
    assert remember({key: new}, {key: old})[key] == new


def test_facts_go_with_a_bmc_that_moved() -> None:
    key, old = found(1, mac=MAC_1, firmware="1")
    now = remember(dict([silent(1), found(2, mac=MAC_1)]), {key: old})
    assert now[key].facts == {} and not now[key].stale


def test_what_does_not_answer_for_long_is_forgotten() -> None:
    key, old = found(1, mac=MAC_1)
    records = remember(dict([silent(1)]), {key: old})
    assignment = Assignment(records, {})
    assignment.discover(("{address}",), oldest=101.0)
    assert assignment.hosts == [] and assignment.used() == {}


def test_records_survive_json() -> None:
    for record in (found(1, mac=MAC_1)[1], silent(1)[1], Record()):
        assert Record.from_json({**record.as_json(), "unknown": 1}) == record

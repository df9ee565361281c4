# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One document for a whole BMC."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._document import (
    DOCUMENT_SPEC,
    Document,
    check_document,
    plan_document,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Reader
from tests.unit.plugins.scripted import CONNECTION, Scripted, User, Users, identified, lan, named, sol

PARTS: dict[str, t.Any] = {
    "lan": [{"vlan_priority": 3}],
    "users": [{"name": "bob", "password": "hunter2"}],
    "sol": {"enabled": True},
    "boot": {"bootdev": "network"},
    "chassis": {"power_button": False},
    "controller": {"asset_tag": "4711"},
}


def params(**document: t.Any) -> dict[str, t.Any]:
    validated = ArgumentSpecValidator(DOCUMENT_SPEC).validate(document)
    assert not validated.error_messages
    return {**validated.validated_parameters, "allow_self": False}


def never(connection: Connection) -> None:
    raise AssertionError("no login is needed")


def plan(**document: t.Any) -> tuple[Scripted, Document]:
    bmc = named(identified(Scripted())).on("00/09 05", "00 01 05 00 00 00 00 00").on("00/01", "00 00 00 00 F0")
    lan(bmc)
    sol(bmc)
    Users(bmc, {2: User("admin", b"x", 0x34, True)})
    return bmc, plan_document(Reader(bmc.bmc()), params(**document), CONNECTION, never)


def test_the_network_is_written_last() -> None:
    bmc, document = plan(**PARTS)
    assert [cut.plan.instance.section.name for cut in document.cuts] == ["user", "sol", "boot", "chassis", "controller", "lan"]
    assert bmc.written == []


def test_before_and_after_have_the_documents_form() -> None:
    _bmc, document = plan(**PARTS)
    assert document.before()["lan"] == [{"channel": 1, "vlan_priority": 0}]
    assert document.after()["lan"] == [{"channel": 1, "vlan_priority": 3}]
    assert document.after()["users"][0]["user_id"] == 3
    assert document.after()["sol"] == {"enabled": True}
    assert document.after()["boot"] == {"bootdev": "network", "persistent": False, "uefiboot": False}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_alone_reads_nothing_of_the_others(part: str) -> None:
    bmc, document = plan(**{part: PARTS[part]})
    assert list(document.after()) == [part]
    families = {"lan": "0C/02", "users": "06/46", "sol": "0C/22", "boot": "00/09", "chassis": "00/01", "controller": "2C/06"}
    assert [name for name, begin in families.items() if bmc.asked_for(begin)] == [part]


@pytest.mark.parametrize("numbers", [(None, 1), (1, 14)])
def test_two_entries_that_mean_the_same_channel_are_refused(numbers: tuple[int | None, int | None]) -> None:
    with pytest.raises(BadOption, match="lan: a channel is there more than once"):
        plan(lan=[{"channel": number, "vlan_priority": 3} for number in numbers])


def test_nothing_at_all() -> None:
    bmc, document = plan()
    assert (document.cuts, document.before(), bmc.asked) == ((), {}, [])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"lan": [{"vlan_id": 5000}]}, "vlan_id: 5000"),
        ({"lan": [{"channel": 1}, {"channel": 1}]}, "a channel is there more than once"),
        ({"sol": {"retry_count": 9}}, "retry_count: 9"),
        ({"chassis": {"identify_seconds": 9}}, "identify: timed only"),
        ({"controller": {"clock": "utc", "clock_offset": 1}}, "either clock or clock_offset"),
        ({"users": [{"name": "x" * 17}]}, "17 bytes"),
        ({"users": [{"name": "bob", "password": "x" * 21}]}, "21 bytes"),
    ],
)
def test_what_cannot_be_is_found_without_a_bmc(document: dict[str, t.Any], message: str) -> None:
    with pytest.raises(BadOption, match=message):
        check_document(params(**document))


def test_an_empty_list_of_accounts_says_something_where_others_are_purged() -> None:
    bmc, document = plan(users=[], purge_users=True)
    assert (document.cuts, document.purged, document.before()) == ((), [], {})
    assert ["user 'admin' (slot 2)" in note for note in document.notes] == [True]
    assert bmc.asked


def test_an_empty_list_alone_asks_nothing() -> None:
    bmc, document = plan(users=[])
    assert (document.cuts, document.notes, bmc.asked) == ((), [], [])


def test_purged_accounts_are_in_before_and_after() -> None:
    bmc = identified(Scripted())
    Users(bmc, {2: User("admin", b"x", 0x34, True), 3: User("eve", b"x", 0x34, True)})
    document = plan_document(Reader(bmc.bmc()), params(users=[{"name": "admin"}], purge_users=True), CONNECTION, never)
    assert document.purged == ["eve"]
    assert [user["name"] for user in document.before()["users"]] == ["admin", "eve"]
    assert [user["name"] for user in document.after()["users"]] == ["admin", ""]


def test_purging_needs_the_list_of_those_that_stay() -> None:
    with pytest.raises(BadOption, match="purge_users needs users"):
        check_document(params(purge_users=True))


def test_an_ipv6_address_that_cannot_be_is_found_without_a_bmc() -> None:
    with pytest.raises(BadOption, match="ipv6.addresses: .*link-local"):
        check_document(params(lan=[{"ipv6": {"addresses": ["fe80::1/64"]}}]))

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each store, by the same promises: what is written first, what a killed run leaves, what the next one makes of it."""

from __future__ import annotations

import pytest

from tests.integration.rotation.site import Site
from tests.integration.rotation.stores import Store
from tests.integration.rotation.vault_server import Secrets
from tests.integration.simulator.conftest import OTHER_PASSWORD, PASSWORD


@pytest.fixture(params=["file_store", "kv2", "password_store", "own_store"])
def store(request: pytest.FixtureRequest, site: Site) -> Store:
    """Each of the four. The site of the test uses it."""
    found: Store = request.getfixturevalue(request.param)
    site.environment.update(found.environment)
    return found


def test_a_store_that_knows_nothing_yet_gets_the_new_passwords(site: Site, store: Store) -> None:
    done = site.run(max_age=30, **store.variables)
    assert done.code == 0, done.text
    found = {host: store.read(host) for host in site.addresses}
    assert len({record["current"] for record in found.values()} | {PASSWORD}) == 5
    for host, record in found.items():
        assert record["pending"] is None and record["changed"]
        assert site.may_log_in(host, record["current"])
    # A second run within the age writes neither to the store nor to a BMC.
    site.rack.ask("clear_counters")
    again = site.run(max_age=30, **store.variables)
    assert again.code == 0 and {counts["changed"] for counts in again.recap.values()} == {0}, again.text
    assert {host: store.read(host) for host in site.addresses} == found
    assert {site.rack.status(host)["datagrams"] for host in site.addresses} == {0}


def test_what_a_killed_run_left_in_the_store_is_finished(site: Site, store: Store) -> None:
    # Set by a killed run; not yet set by one; promoted half-way, as only pass can be; nothing left over.
    store.write("n1", {"current": OTHER_PASSWORD, "pending": PASSWORD, "changed": "2026-01-01T00:00:00Z"})
    store.write("n2", {"current": PASSWORD, "pending": OTHER_PASSWORD, "changed": "2026-01-01T00:00:00Z"})
    store.write("n3", {"current": PASSWORD, "pending": PASSWORD, "changed": "2026-01-01T00:00:00Z"})
    store.write("n4", {"current": PASSWORD, "changed": "2020-01-01T00:00:00Z"})
    done = site.run(max_age=1500, **store.variables)
    assert done.code == 0, done.text
    found = {host: store.read(host) for host in site.addresses}
    assert found["n1"]["current"] == PASSWORD and found["n2"]["current"] == OTHER_PASSWORD
    assert found["n3"]["current"] == PASSWORD and found["n4"]["current"] not in (PASSWORD, OTHER_PASSWORD)
    for host, record in found.items():
        assert record["pending"] is None or host == "n3"
        assert site.may_log_in(host, record["current"])


def test_a_bmc_that_keeps_the_old_password_has_it_in_the_store(site: Site, store: Store) -> None:
    site.rack.faults("n2", ignore=["06/47:0202", "06/47:8202"])
    done = site.run("--limit", "n2", **store.variables)
    assert done.failed() == {"n2"} and "the old password is in force" in done.text, done.text
    record = store.read("n2")
    assert (record["current"], record["pending"]) == (PASSWORD, None)
    site.rack.ask("heal")
    again = site.run("--limit", "n2", **store.variables)
    assert again.code == 0 and store.read("n2")["current"] != PASSWORD, again.text


def test_what_else_is_in_the_secret_stays(site: Site, kv2: Store, secrets: Secrets) -> None:
    site.environment.update(kv2.environment)
    kv2.write("n1", {"current": PASSWORD})
    done = site.run("--limit", "n1", **kv2.variables)
    assert done.code == 0, done.text
    versions = secrets.versions["bmc/n1/admin"]
    assert [version.get("pending") is None for version in versions] == [True, False, True]
    assert {version["owner"] for version in versions} == {"the tests"}
    assert versions[1]["current"] == PASSWORD and versions[1]["pending"] == versions[2]["current"]


def test_a_store_that_cannot_be_written_leaves_the_bmc_as_it_is(site: Site, kv2: Store, secrets: Secrets) -> None:
    site.environment.update(kv2.environment)
    secrets.refuse_writes = 403
    done = site.run("--limit", "n1", **kv2.variables)
    assert done.failed() == {"n1"} and "Permission Denied" in done.text, done.text
    assert site.password("n1") == PASSWORD and site.rack.writes("n1") == 0


def test_a_wrong_token_is_refused_before_the_first_packet(site: Site, kv2: Store) -> None:
    site.environment.update({**kv2.environment, "VAULT_TOKEN": "s.another"})
    done = site.run(**kv2.variables)
    assert done.code != 0 and "Nothing was done" in done.text and "community.hashi_vault" in done.text, done.text
    assert {site.rack.status(host)["datagrams"] for host in site.addresses} == {0}


def test_a_store_that_forgets_what_it_is_given_keeps_the_bmc_from_being_written(site: Site, own_store: Store) -> None:
    (site.folder / "write.yml").write_text("- name: Do nothing\n  ansible.builtin.meta: noop\n", encoding="utf-8")
    done = site.run("--limit", "n1", **own_store.variables)
    assert done.failed() == {"n1"} and "does not give back what was written" in done.text, done.text
    assert site.rack.writes("n1") == 0 and site.password("n1") == PASSWORD


def test_the_entries_of_pass_keep_their_other_lines(site: Site, password_store: Store) -> None:
    site.environment.update(password_store.environment)
    password_store.write("n1", {"current": PASSWORD})
    done = site.run("--limit", "n1", **password_store.variables)
    assert done.code == 0, done.text
    assert password_store.read("n1")["owner"] == "the tests"

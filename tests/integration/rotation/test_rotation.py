# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/rotate_passwords.yml with the store "file": what people rely on."""

from __future__ import annotations

import datetime
import json
import pathlib
import re
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.plugin_utils._new_password import Rules
from tests.integration.harness import act, ansible
from tests.integration.rotation.conftest import Maker
from tests.integration.rotation.site import PLAYBOOK, Run, Site
from tests.integration.simulator.conftest import OTHER_PASSWORD, PASSWORD

PENDING: t.Final = "Noch-nicht-bewiesen1"


def ends(done: Run) -> dict[str, str]:
    """The report: hosts by how it ended."""
    return dict(re.findall(r'"(.+?) \(\d+\): (\S+)"', done.text))


def in_the_store(site: Site, account: str = "admin") -> dict[str, str]:
    """The current password of each BMC, tried with ipmitool, and nothing pending."""
    found = {}
    for host in site.addresses:
        record = site.stored(host, account)
        assert record["pending"] is None, host
        assert site.may_log_in(host, record["current"], account)
        found[host] = record["current"]
    return found


def test_each_bmc_gets_a_password_of_its_own_that_is_in_the_store(site: Site) -> None:
    done = site.run()
    assert done.code == 0, done.text
    passwords = set(in_the_store(site).values())
    assert len(passwords) == 4 and PASSWORD not in passwords
    assert {len(password) for password in passwords} == {20}
    assert ends(done) == {"rotated": "n[1-4]"}
    age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(site.stored("n1")["changed"])
    assert abs(age.total_seconds()) < 300


def test_the_next_run_begins_with_what_the_store_has(site: Site) -> None:
    assert site.run().code == 0
    first = in_the_store(site)
    done = site.run()
    assert done.code == 0, done.text
    second = in_the_store(site)
    assert not set(first.values()) & set(second.values())


def test_another_account_is_proved_by_its_own_login_and_the_one_in_use_stays(site: Site) -> None:
    done = site.run(account="oper")
    assert done.code == 0, done.text
    assert len(set(in_the_store(site, "oper").values())) == 4
    assert {site.password(host) for host in site.addresses} == {PASSWORD}
    assert not (site.passwords / "admin").exists()


def test_only_what_is_old_enough_is_due(site: Site) -> None:
    assert site.run(max_age=30).code == 0
    first = in_the_store(site)
    site.store("n2", current=first["n2"], changed="2020-02-29T12:00:00Z")
    site.rack.ask("clear_counters")
    files = {path: path.stat().st_mtime_ns for path in site.passwords.rglob("*.json")}
    done = site.run(max_age=30)
    assert done.code == 0, done.text
    assert ends(done) == {"rotated": "n2", "not due": "n[1,3-4]"}
    changed = {path.stem for path in site.passwords.rglob("*.json") if path.stat().st_mtime_ns != files[path]}
    assert changed == {"n2"}
    assert {host for host in site.addresses if site.rack.status(host)["datagrams"]} == {"n2"}
    again = site.run(max_age=30)
    assert {counts["changed"] for counts in again.recap.values()} == {0}, again.text


def test_check_mode_says_what_would_be_done_and_writes_nothing(site: Site) -> None:
    site.store("n1", current=PASSWORD, pending=PENDING)
    site.store("n2", current=OTHER_PASSWORD, pending=PASSWORD)
    site.store("n3", current=PASSWORD, changed="2999-01-01T00:00:00Z")
    site.rack.ask("clear_counters")
    before = {path: path.read_bytes() for path in site.folder.rglob("*") if path.is_file()}
    done = site.run("--check", "--diff", max_age=1)
    assert done.code == 0, done.text
    assert ends(done) == {
        "would be rotated": "n[1,4]",
        "would be finished, the pending password is in force already": "n2",
        "not due": "n3",
    }
    assert {site.rack.writes(host) for host in site.addresses} == {0}
    assert {site.password(host) for host in site.addresses} == {PASSWORD}
    after = {path: path.read_bytes() for path in before}
    assert after == before
    assert not (site.passwords / "admin" / "n4.json").exists() and not (site.folder / "rotate.retry").exists()


@pytest.mark.parametrize("in_force", ["current", "pending"])
def test_what_a_killed_run_left_is_finished_with_the_same_password(site: Site, in_force: str) -> None:
    stored = {"current": PASSWORD, "pending": PENDING} if in_force == "current" else {"current": OTHER_PASSWORD, "pending": PASSWORD}
    for host in site.addresses:
        site.store(host, **stored)
    done = site.run(max_age=3650)
    assert done.code == 0, done.text
    assert set(in_the_store(site).values()) == {stored["pending"]}


def test_a_bmc_that_accepts_the_write_and_ignores_it_keeps_the_old_password(site: Site) -> None:
    site.rack.faults("n2", ignore=["06/47:0202", "06/47:8202"])
    done = site.run()
    assert done.failed() == {"n2"}, done.text
    assert ends(done) == {"rotated": "n[1,3-4]", "failed: the old password is in force, and in the store": "n2"}
    record = site.stored("n2")
    assert (record["current"], record["pending"]) == (PASSWORD, None)
    assert (site.folder / "rotate.retry").read_text(encoding="utf-8") == "n2\n"
    site.rack.ask("heal")
    again = site.run("--limit", f"@{site.folder / 'rotate.retry'}")
    assert again.code == 0 and not (site.folder / "rotate.retry").exists(), again.text
    in_the_store(site)


def test_another_account_on_a_bmc_that_ignores_the_write_keeps_the_old_password(site: Site) -> None:
    site.rack.faults("n2", ignore=["06/47:0302", "06/47:8302"])
    done = site.run(account="oper", current_password=PASSWORD)
    assert done.failed() == {"n2"}, done.text
    record = site.stored("n2", "oper")
    assert (record["current"], record["pending"]) == (PASSWORD, None)
    assert site.may_log_in("n2", PASSWORD, "oper")


def test_a_bmc_that_refuses_the_password_is_named_with_its_code(site: Site) -> None:
    site.rack.faults("n3", refuse={"06/47:0202": 0x8F, "06/47:8202": 0x8F})
    done = site.run()
    assert done.failed() == {"n3"}
    assert "0x8F" in done.text and "failed: the old password is in force, and in the store" in ends(done)
    assert site.stored("n3")["pending"] is None, done.text
    assert site.may_log_in("n3", PASSWORD)


def test_a_bmc_that_falls_silent_in_the_middle_has_one_of_two_passwords_that_are_both_stored(site: Site) -> None:
    # Everything until the write is answered, and nothing after it.
    site.silence("n4", drop_answers=1000000, drop_answers_on="06/47")
    done = site.run()
    assert done.failed() == {"n4"}, done.text
    record = site.stored("n4")
    assert site.password("n4") in (record["current"], record["pending"])
    site.heal()
    again = site.run(max_age=1)
    assert again.code == 0, again.text
    in_the_store(site)


@pytest.mark.parametrize("account", ["admin", "oper"])
def test_bmcs_that_fall_silent_after_any_request_lose_no_password(make: Maker, tmp_path: pathlib.Path, account: str) -> None:
    # A whole rotation takes 20 requests, of another account 29.
    made = make(*({} for _number in range(31)))
    site = Site(made.rack, tmp_path, made.addresses, made.variables)
    *silent, last = site.addresses
    for number, host in enumerate(silent):
        site.silence(host, silent_after=number)
    site.rack.faults(last, silent_after=len(silent))
    first = site.run("-f", "31", account=account, batch=["100%"], max_fail_percentage=100)
    assert "n1" in first.failed() and "n31" not in first.failed(), first.text
    unsure = 0
    for host in site.addresses:
        if (site.passwords / account / f"{host}.json").exists():
            record = site.stored(host, account)
            known = {record["current"] or PASSWORD, record["pending"]}
            unsure += record["pending"] == site.password(host, account)
        else:
            known = {PASSWORD}
        assert site.password(host, account) in known, host
    # Some had the new password already.
    assert unsure
    site.heal()
    again = site.run(account=account, max_age=1, batch=["100%"])
    assert again.code == 0, again.text
    in_the_store(site, account)


def test_a_bmc_that_is_gone_before_anything_was_written_is_untouched(site: Site) -> None:
    site.silence("n1")
    done = site.run(batch=["100%"])
    assert done.failed() == {"n1"}
    assert ends(done)["failed: nothing was written"] == "n1"
    assert not (site.passwords / "admin" / "n1.json").exists()


def test_an_account_that_cannot_log_in_gets_its_old_password_back(site: Site) -> None:
    host = "n2"
    args = {"bmc_host": site.addresses[host], "bmc_port": site.rack.port, "bmc_user": "admin", "bmc_password": PASSWORD}
    act("ipmi_user", {**args, "name": "oper", "ipmi_messaging": False})
    done = site.run(account="oper", current_password=PASSWORD)
    assert done.failed() == {host}, done.text
    record = site.stored(host, "oper")
    # Neither can be proved by a login: both stay in the store.
    assert record["current"] == PASSWORD and record["pending"]
    assert site.password(host, "oper") == PASSWORD
    assert "both are in the store" in done.text


def test_a_store_and_a_bmc_that_do_not_agree_need_somebody_and_cost_one_login_each(site: Site) -> None:
    site.store("n1", current=OTHER_PASSWORD, pending=PENDING)
    done = site.run()
    assert done.failed() == {"n1"}
    assert ends(done)["failed: neither the old nor the pending password of the store is accepted"] == "n1"
    assert site.user("n1")["failed"] == 2
    assert {site.stored("n1")[key] for key in ("current", "pending")} == {OTHER_PASSWORD, PENDING}


def test_an_account_that_is_not_there_is_not_created(site: Site) -> None:
    done = site.run(account="nobody")
    assert done.failed() == set(site.addresses)
    assert {site.rack.writes(host) for host in site.addresses} == {0}
    assert "does not exist" in done.text


def test_the_fleet_is_stopped_when_too_many_fail(make: Maker, tmp_path: pathlib.Path) -> None:
    made = make(*({} for _number in range(12)))
    site = Site(made.rack, tmp_path, made.addresses, made.variables)
    site.silence("n2")
    site.silence("n3")
    done = site.run(batch=[1, 4], fail_minimum=5, max_fail_percentage=39)
    assert done.code != 0
    # Two of five are 40 percent.
    assert ends(done) == {
        "rotated": "n[1,4-5]",
        "failed: nothing was written": "n[2-3]",
        "stopped: more than 39% failed; not tried": "n[6-12]",
    }, done.text
    assert done.failed() == {"n2", "n3", *(f"n{number}" for number in range(6, 13))}
    assert {site.password(f"n{number}") for number in range(6, 13)} == {PASSWORD}
    left = (tmp_path / "rotate.retry").read_text(encoding="utf-8").split()
    assert set(left) == done.failed()
    site.heal()
    again = site.run("--limit", f"@{tmp_path / 'rotate.retry'}", batch=[5], fail_minimum=5, max_fail_percentage=40)
    assert again.code == 0, again.text
    assert len(set(in_the_store(site).values())) == 12


MAKERS: t.Final = (
    "generic", "idrac9", "idrac10", "supermicro_x14", "megarac_hpe", "openbmc", "nvidia_openbmc", "lenovo_xcc", "ilo5", "inventec_5441",
)  # fmt: skip


@pytest.mark.parametrize("size", [16, 20])
def test_every_maker_takes_the_passwords(make: Maker, tmp_path: pathlib.Path, size: int) -> None:
    slots = {2: {"name": "admin", "password": PASSWORD, "password_size": 20, "privilege": "administrator"}}
    made = make(*({"maker": maker, "users": slots} for maker in MAKERS))
    site = Site(made.rack, tmp_path, made.addresses, made.variables)
    done = site.run(password_size=size, batch=["100%"])
    assert done.code == 0, done.text
    found = in_the_store_with_suite_17(site)
    assert len(set(found.values())) == len(MAKERS)
    assert all(Rules(size, "-_.+", "admin").kept_by(password) for password in found.values())


def in_the_store_with_suite_17(site: Site) -> dict[str, str]:
    """As `in_the_store`, with our own login: some makers have suite 17 only, others 3 only."""
    found = {}
    for host, address in site.addresses.items():
        password = found[host] = site.stored(host)["current"]
        args = {"bmc_host": address, "bmc_port": site.rack.port, "bmc_user": "admin", "bmc_password": password}
        assert "bmc" in act("ipmi_info", {**args, "gather": []}), host
    return found


def test_a_site_says_what_passwords_are_like_for_some_hosts(site: Site) -> None:
    done = site.run(password_size=16, password_symbols="#")
    assert done.code == 0, done.text
    for password in in_the_store(site).values():
        assert len(password) == 16 and "#" in password and not set(password) & set("-_.+")


NONSENSE: t.Final[dict[str, dict[str, t.Any]]] = {
    "store": {"store": "drawer"},
    "own without files": {"store": "own"},
    "own with files that are not there": {"store": "own", "store_read": "nowhere.yml", "store_write": "nowhere.yml"},
    "size": {"password_size": 12},
    "age": {"max_age": "soon"},
    "share": {"max_fail_percentage": 101},
    "account": {"account": "../../etc/passwd"},
    "a collection that is not installed": {"store": "kv2"},
    "another one": {"store": "pass"},
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused_before_the_first_packet(site: Site, name: str) -> None:
    done = site.run(**NONSENSE[name])
    assert done.code != 0 and "Nothing was done" in done.text, done.text
    assert {site.rack.status(host)["datagrams"] for host in site.addresses} == {0}
    assert not site.passwords.exists()


def test_without_a_vault_password_nothing_is_done(site: Site) -> None:
    done = ansible(PLAYBOOK, program="ansible-playbook", inventory=site.inventory, tmp_path=site.folder)
    text = done.stdout + done.stderr
    assert done.returncode != 0 and "Nothing was done" in text and "no vault password" in text
    assert {site.rack.writes(host) for host in site.addresses} == {0}


def test_two_names_for_one_bmc_are_refused(site: Site) -> None:
    site.addresses["alias"] = site.addresses["n2"]
    done = site.run()
    assert done.code != 0 and "These have the BMC of another host: n2" in done.text, done.text
    assert {site.rack.status(host)["datagrams"] for host in ("n1", "n2")} == {0}


def test_the_inventory_gets_the_password_from_the_store(site: Site) -> None:
    site.variables["bmc_password"] = (
        "{{ (lookup('ansible.builtin.unvault', file) | from_json).current if file is exists else 'Sesam-oeffne-dich' }}"
    )
    site.variables["file"] = "{{ inventory_dir }}/bmc_passwords/admin/{{ inventory_hostname }}.json"
    assert site.run().code == 0
    assert site.run().code == 0
    done = ansible(
        "all", "-m", "lightsout.bmc.ipmi_power", "--vault-password-file", str(site.folder / "vault-password"),
        inventory=site.inventory, tmp_path=site.folder,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.count("powerstate") == 4, done.stdout
    assert json.dumps(site.stored("n1")["current"]) not in done.stdout


def test_the_name_of_the_collection_leads_to_the_playbook(site: Site) -> None:
    vault = site.folder / "vault-password"
    vault.write_text("x", encoding="utf-8")
    done = ansible(
        "lightsout.bmc.rotate_passwords", "--vault-password-file", str(vault), "--check", "--limit", "n1",
        program="ansible-playbook", inventory=site.inventory, tmp_path=site.folder,
    )  # fmt: skip
    assert done.returncode == 0 and "would be rotated (1): n1" in done.stdout, done.stdout + done.stderr

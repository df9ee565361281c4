# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killed at every step and run again: no BMC ends with a password that is in no store.

The steps are counted in a run that nobody kills, so a task that is added later is a step of these tests too. Each step has BMCs
of its own, one for each case, so one run at the end finds all that the killed runs left behind. The BMCs lock an account after two
refused logins in a row: a recovery that guesses would not get in.
"""

from __future__ import annotations

import pathlib
import signal
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.rotation.conftest import Maker
from tests.integration.rotation.site import Site
from tests.integration.simulator.conftest import PASSWORD

#: More than the playbook has tasks. A test says so when it is not.
STEPS: t.Final = 48
#: Runs at a time.
AT_ONCE: t.Final = 2
FIRST: t.Final = "Erstes-in-der-Liste0"
PENDING: t.Final = "Noch-nicht-bewiesen1"


def callback(log: pathlib.Path, **more: str) -> dict[str, str]:
    """The environment in which the callback of these tests works."""
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(pathlib.Path(__file__).parent / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "kill_at",
        "KILL_LOG": str(log),
        **more,
    }


class Case(t.NamedTuple):
    """How a BMC and the store are before the run that is killed."""

    account: str
    on_bmc: str
    stored: dict[str, str] | None
    #: Refused logins in a row that lock the account.
    threshold: int


CASES: t.Final = {
    # The account in use, which no store knows yet.
    "own, for the first time": Case("admin", PASSWORD, None, 2),
    "another one, for the second time": Case("oper", FIRST, {"current": FIRST}, 2),
    # Each of two killed runs may have had one login refused.
    "own, set by a killed run": Case("admin", PENDING, {"current": FIRST, "pending": PENDING}, 3),
}


def entry(case: Case) -> dict[str, t.Any]:
    """A BMC for the rack file, as the case says."""
    rows: dict[int, dict[str, t.Any]] = {
        2: {"name": "admin", "password": PASSWORD, "privilege": "administrator"},
        3: {"name": "oper", "privilege": "operator"},
    }
    slot = next(number for number, row in rows.items() if row["name"] == case.account)
    rows[slot].update(password=case.on_bmc, password_size=20)
    return {"users": rows, "personality": {"lan": {"bad_password_threshold": case.threshold}}}


def prepare(make: Maker, folder: pathlib.Path, cases: t.Sequence[Case]) -> tuple[Site, dict[str, Case]]:
    """A rack with a BMC for each case, and the case of each host."""
    made = make(*(entry(case) for case in cases))
    of_host = dict(zip(made.addresses, cases, strict=True))
    accounts = {host: {"rotate_account": case.account} for host, case in of_host.items()}
    site = Site(made.rack, folder, made.addresses, made.variables, accounts)
    for host, case in of_host.items():
        if case.stored is not None:
            site.store(host, case.account, **case.stored)
    return site, of_host


def left_behind(site: Site, host: str, case: Case) -> str | None:
    """After a killed run, what the BMC has is in the store, or is what the site began with. What is pending."""
    path = site.passwords / case.account / f"{host}.json"
    if not path.exists():
        assert site.password(host, case.account) == PASSWORD, host
        return None
    record = site.stored(host, case.account)
    assert site.password(host, case.account) in (record["current"], record.get("pending")), host
    pending: str | None = record.get("pending")
    return pending


def test_killed_at_every_step_and_run_again(make: Maker, tmp_path: pathlib.Path) -> None:
    site, of_host = prepare(make, tmp_path, list(CASES.values()) * STEPS)
    hosts = list(of_host)
    share = [hosts[first : first + len(CASES)] for first in range(0, len(hosts), len(CASES))]
    whole = site.run("--limit", ",".join(share[0]), environment=callback(tmp_path / "steps"), batch=["100%"])
    assert whole.code == 0, whole.text
    steps = (tmp_path / "steps").read_text(encoding="utf-8").splitlines()
    assert 20 < len(steps) < STEPS, steps

    def kill(step: int) -> dict[str, str | None]:
        environment = callback(tmp_path / f"steps{step}", KILL_AT=str(step))
        limit = ",".join(share[step])
        done = site.run("--limit", limit, environment=environment, home=tmp_path / f"home{step}", batch=["100%"])
        assert done.code == -signal.SIGKILL, (steps[step - 1], done.text)
        return {host: left_behind(site, host, of_host[host]) for host in share[step]}

    pending: dict[str, str | None] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(kill, range(1, len(steps) + 1)):
            pending.update(found)

    again = site.run("--limit", ",".join(pending), max_age=1, batch=["100%"])
    assert again.code == 0, again.text
    for step, name in enumerate(steps, 1):
        for host in share[step]:
            account, what = of_host[host].account, (name, of_host[host])
            record = site.stored(host, account)
            assert record["pending"] is None and record["current"] not in (PASSWORD, FIRST), what
            assert pending[host] in (None, record["current"]), what
            assert site.may_log_in(host, record["current"], account), what
            user = site.user(host, account)
            assert user["locked_until"] is None and user["failed"] == 0, what


@pytest.mark.parametrize("account", ["admin", "oper"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_in_the_middle_of_the_write(make: Maker, tmp_path: pathlib.Path, account: str, when: str) -> None:
    case = Case(account, FIRST, {"current": FIRST}, 2)
    site, _cases = prepare(make, tmp_path, [case])
    log = tmp_path / "steps"
    done = site.run(environment=callback(log, KILL_WRITE=when))
    assert done.code == -signal.SIGKILL, done.text
    assert log.read_text(encoding="utf-8").splitlines()[-1].endswith("Set it on the BMC")
    pending = site.stored("n1", account)["pending"]
    assert site.password("n1", account) == (FIRST if when == "before" else pending)
    again = site.run()
    assert again.code == 0, again.text
    assert site.stored("n1", account)["current"] == pending and site.may_log_in("n1", pending, account)
    assert site.user("n1", account)["locked_until"] is None

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No password in any output at -vvvv, in any program's arguments or environment, or in any file that is left behind."""

from __future__ import annotations

import pathlib
import signal
import typing as t

import pytest

from tests.integration.rotation.site import VAULT_PASSWORD, Site
from tests.integration.rotation.stores import Store
from tests.integration.rotation.test_killed import callback
from tests.integration.simulator.conftest import OTHER_PASSWORD, PASSWORD

#: What the tests themselves write down, and what is meant to hold passwords of this kind.
GIVEN: t.Final = ("inventory.json", "vault-password")


def texts(folder: pathlib.Path) -> dict[str, str]:
    """The files below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in GIVEN)
    return {str(path): path.read_bytes().decode("latin-1") for path in found}


def passwords(site: Site, account: str) -> set[str]:
    """What the BMCs have by now, and what they had."""
    return {PASSWORD, VAULT_PASSWORD, *(site.password(host, account) for host in site.addresses)}


def watched(site: Site) -> dict[str, str]:
    """The environment in which started programs are written down, and temporary files kept with the site."""
    temporary = site.folder / "temporary"
    temporary.mkdir(exist_ok=True)
    return {**callback(site.folder / "steps"), "ANSIBLE_CALLBACKS_ENABLED": "kill_at,programs",
            "PROGRAMS_LOG": str(site.folder / "programs"), "TMPDIR": str(temporary)}  # fmt: skip


@pytest.mark.parametrize("name", ["file", "kv2", "password_store", "own_store"])
@pytest.mark.parametrize("account", ["admin", "oper"])
def test_no_secret_leaves_the_run(request: pytest.FixtureRequest, site: Site, account: str, name: str) -> None:
    store: Store | None = None if name == "file" else request.getfixturevalue(name)
    options = {} if store is None else store.variables
    site.environment.update({} if store is None else store.environment)
    # One of each kind of failure: before the write, in the write, after it.
    slot = {"admin": "02", "oper": "03"}[account]
    site.rack.faults("n2", refuse={f"06/47:{slot}02": 0x8F, f"06/47:8{slot[1]}02": 0x8F})
    site.rack.faults("n3", ignore=[f"06/47:{slot}02", f"06/47:8{slot[1]}02"])
    site.silence("n4")
    # Not with -e: Ansible itself prints what was typed.
    site.variables["rotate_current_password"] = PASSWORD
    done = site.run(
        "-vvvv", "--diff", account=account, batch=["100%"], max_fail_percentage=100,
        environment=watched(site), **options,
    )  # fmt: skip
    assert done.failed() == {"n2", "n3", "n4"}, done.text
    known = passwords(site, account)
    assert len(known) == 3
    assert not {secret for secret in known if secret in done.text}
    programs = (site.folder / "programs").read_text(encoding="utf-8")
    assert name == "kv2" or "Popen" in programs
    allowed = str(site.folder / "drawer")
    for path, text in {**texts(site.folder), "programs": programs}.items():
        assert path.startswith(allowed) or not {secret for secret in known if secret in text}, path


@pytest.mark.parametrize("step", ["Write the file", "Set it on the BMC", "Promote it"])
def test_a_killed_run_leaves_no_plain_password_behind(site: Site, step: str) -> None:
    log = site.folder / "steps"
    assert site.run("--limit", "n1", environment=watched(site)).code == 0
    number = log.read_text(encoding="utf-8").splitlines().index(step) + 1
    environment = {**watched(site), "KILL_AT": str(number + (step == "Write the file"))}
    done = site.run("--limit", "n2", environment=environment)
    assert done.code == -signal.SIGKILL
    pending = {site.stored("n2")["pending"]} if (site.passwords / "admin" / "n2.json").exists() else set()
    known = passwords(site, "admin") | pending | {OTHER_PASSWORD}
    for path, text in texts(site.folder).items():
        assert not {secret for secret in known if secret in text}, path

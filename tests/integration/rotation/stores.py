# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stores that a site may have, each with what it needs to be tried."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing as t
import zipfile
from dataclasses import dataclass, field

import pytest

from tests.integration.harness import CHECKOUT, witness
from tests.integration.rotation.site import Site
from tests.integration.rotation.vault_server import TOKEN, Secrets, serving

CACHE: t.Final = CHECKOUT / ".cache" / "rotation"
#: The series of `ansible` that belongs to ansible-core 2.19; of its collections only two are kept.
PACKAGE: t.Final = "ansible>=12,<13"
COLLECTIONS: t.Final = ("community/general/", "community/hashi_vault/")
Record = dict[str, t.Any]


@dataclass
class Store:
    """A store of a site: how the playbook is told of it, and how the tests look into it."""

    variables: dict[str, t.Any]
    read: t.Callable[[str], Record]
    write: t.Callable[[str, Record], None]
    environment: dict[str, str] = field(default_factory=dict)
    #: Where its files are, if it has any.
    folder: pathlib.Path | None = None


@pytest.fixture(scope="session")
def other_collections() -> dict[str, str]:
    """The environment in which Ansible finds the collections that the stores need. Fetched once, by pip."""
    ready = CACHE / "ready"
    if not ready.exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        with tempfile.TemporaryDirectory() as folder:
            steps = (
                [*pip, "download", "--no-deps", "--only-binary", ":all:", "--dest", folder, PACKAGE],
                [*pip, "install", "--target", str(CACHE / "python"), "hvac>=2.3,<3"],
            )
            for step in steps:
                done = subprocess.run(step, capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    _cannot(f"{PACKAGE} and hvac cannot be fetched: {done.stderr.strip()}")
            (wheel,) = pathlib.Path(folder).glob("ansible-*.whl")
            with zipfile.ZipFile(wheel) as archive:
                wanted = tuple(f"ansible_collections/{name}" for name in COLLECTIONS)
                archive.extractall(CACHE, [name for name in archive.namelist() if name.startswith(wanted)])
        ready.touch()
    return {"ANSIBLE_COLLECTIONS_PATH": f"{CHECKOUT / '.collections'}:{CACHE}", "PYTHONPATH": str(CACHE / "python")}


def _cannot(message: str) -> t.NoReturn:
    if os.environ.get("LIGHTSOUT_WITHOUT_WITNESSES") == "1":
        pytest.skip(message)
    pytest.fail(message)


@pytest.fixture
def file_store(site: Site) -> Store:
    """Files that the vault password opens."""
    return Store({}, site.stored, lambda host, record: site.store(host, **record), folder=site.passwords)


@pytest.fixture
def secrets() -> Secrets:
    """What the KV2 server keeps."""
    return Secrets()


@pytest.fixture
def kv2(other_collections: dict[str, str], secrets: Secrets) -> t.Iterator[Store]:
    """HashiCorp Vault, by the lookups of community.hashi_vault."""

    def path(host: str) -> str:
        return f"bmc/{host}/admin"

    def write(host: str, record: Record) -> None:
        secrets.versions.setdefault(path(host), []).append({"owner": "the tests", **record})

    def read(host: str) -> Record:
        return secrets.versions[path(host)][-1]

    with serving(secrets) as url:
        environment = {**other_collections, "VAULT_TOKEN": TOKEN}
        yield Store({"store": "kv2", "kv2_options": {"url": url}}, read, write, environment)


@pytest.fixture
def password_store(other_collections: dict[str, str]) -> t.Iterator[Store]:
    """The real pass, with a key of its own."""
    # gpg-agent's socket is in this folder, and its name must be short.
    with tempfile.TemporaryDirectory() as home:
        folder = pathlib.Path(home) / "store"
        environment = {"GNUPGHOME": home, "PASSWORD_STORE_DIR": str(folder)}

        def run(*command: str, stdin: str | None = None) -> str:
            with pytest.MonkeyPatch.context() as patch:
                for name, value in environment.items():
                    patch.setenv(name, value)
                return witness(*command, stdin=stdin)

        def entry(host: str) -> str:
            return f"bmc/{host}/admin"

        def read(host: str) -> Record:
            first, *lines = run("pass", "show", entry(host)).splitlines()
            pending = run("pass", "show", f"{entry(host)}.pending").splitlines()[0]
            keys = dict(line.split(": ", 1) for line in lines)
            return {"current": first, "pending": None if pending in ("(none)", first) else pending, **keys}

        def write(host: str, record: Record) -> None:
            lines = [record["current"], "owner: the tests"]
            if record.get("changed"):
                lines.append(f"changed: {record['changed']}")
            run("pass", "insert", "-m", entry(host), stdin="\n".join(lines) + "\n")
            if record.get("pending"):
                run("pass", "insert", "-m", f"{entry(host)}.pending", stdin=record["pending"] + "\n")

        run("gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "tests@example.org", "default", "default", "never")
        run("pass", "init", "tests@example.org")
        yield Store({"store": "pass"}, read, write, {**other_collections, **environment}, folder)
        run("gpgconf", "--kill", "gpg-agent")


READ = """
- name: See whether there is anything
  ansible.builtin.stat:
    path: "{{ site_drawer }}/{{ inventory_hostname }}"
  delegate_to: localhost
  register: site_file

- name: Read it
  ansible.builtin.set_fact:
    rotate_stored: "{{ lookup('ansible.builtin.file', site_drawer ~ '/' ~ inventory_hostname) | from_json }}"
  no_log: true
  when: site_file.stat.exists
"""
WRITE = """
- name: Write it
  ansible.builtin.copy:
    content: "{{ rotate_record | to_json }}"
    dest: "{{ site_drawer }}/{{ inventory_hostname }}"
    mode: "0600"
  delegate_to: localhost
  no_log: true
"""


@pytest.fixture
def own_store(site: Site) -> Store:
    """Two files of tasks of the site's own."""
    drawer = site.folder / "drawer"
    drawer.mkdir()
    for name, tasks in (("read", READ), ("write", WRITE)):
        (site.folder / f"{name}.yml").write_text(tasks, encoding="utf-8")
    site.variables["site_drawer"] = str(drawer)

    def read(host: str) -> Record:
        found: Record = json.loads((drawer / host).read_text(encoding="utf-8"))
        return found

    def write(host: str, record: Record) -> None:
        (drawer / host).write_text(json.dumps(record), encoding="utf-8")

    variables = {"store": "own", "store_read": str(site.folder / "read.yml"), "store_write": str(site.folder / "write.yml")}
    return Store(variables, read, write)

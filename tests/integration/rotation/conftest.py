# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rack for rotating passwords, the playbook, and what a site's stores hold."""

from __future__ import annotations

import itertools
import json
import os
import pathlib
import typing as t
from dataclasses import dataclass, field

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.harness import CHECKOUT, ansible, ipmitool
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, start_rack, users

__all__ = ["start_rack"]

PLAYBOOK: t.Final = str(CHECKOUT / "playbooks" / "rotate_passwords.yml")
VAULT_PASSWORD: t.Final = "vault-of-the-tests"
_numbers = itertools.count(1)


@dataclass
class Run:
    """What a run of the playbook left behind."""

    code: int
    text: str

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """The counts of each host."""
        lines = self.text.partition("PLAY RECAP")[2].splitlines()[1:]
        hosts = (line.split(":", 1) for line in lines if ": ok=" in line.replace(" ", "").replace(":ok=", ": ok="))
        return {
            name.strip(): {key: int(value) for key, value in (pair.split("=") for pair in counts.split())}
            for name, counts in hosts
        }

    def failed(self) -> set[str]:
        """Hosts that failed."""
        return {host for host, counts in self.recap.items() if counts["failed"]}


@dataclass
class Site:
    """Some BMCs, their inventory, and the folder that ansible is started for."""

    rack: Rack
    folder: pathlib.Path
    addresses: dict[str, str]
    variables: dict[str, t.Any]
    #: Of single hosts.
    host_variables: dict[str, dict[str, t.Any]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def inventory(self) -> dict[str, t.Any]:
        """The inventory."""
        hosts = {name: {"bmc_host": address, **self.host_variables.get(name, {})} for name, address in self.addresses.items()}
        return {"all": {"hosts": hosts, "vars": self.variables}}

    @property
    def passwords(self) -> pathlib.Path:
        """The folder of the store "file"."""
        return self.folder / "bmc_passwords"

    def run(
        self, *args: str, environment: t.Mapping[str, str] | None = None, home: pathlib.Path | None = None, **variables: t.Any
    ) -> Run:
        """Run the playbook, with `rotate_` in front of the variables' names.

        Runs at the same time need a `home` each.
        """
        vault = self.folder / "vault-password"
        if not vault.exists():
            vault.write_text(VAULT_PASSWORD, encoding="utf-8")
        wanted = {"retry_file": str(self.folder / "rotate.retry"), **variables}
        if home is not None:
            home.mkdir()
            wanted["folder"] = str(self.passwords)
        extra = json.dumps({f"rotate_{name}": value for name, value in wanted.items()})
        done = ansible(
            PLAYBOOK, "-f", "8", "--vault-password-file", str(vault), "-e", extra, *args,
            program="ansible-playbook", inventory=self.inventory, tmp_path=home or self.folder,
            environment={**self.environment, **(environment or {})}, timeout=300,
        )  # fmt: skip
        return Run(done.returncode, done.stdout + done.stderr)

    def stored(self, host: str, account: str = "admin") -> dict[str, t.Any]:
        """What the store "file" holds."""
        path = self.passwords / account / f"{host}.json"
        text = path.read_bytes()
        assert text.startswith(b"$ANSIBLE_VAULT;1.1;AES256\n"), "not encrypted"
        assert path.stat().st_mode & 0o777 == 0o600
        plain: dict[str, t.Any] = json.loads(VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))]).decrypt(text))
        return plain

    def store(self, host: str, account: str = "admin", **record: t.Any) -> None:
        """Fill the store "file"."""
        path = self.passwords / account / f"{host}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))]).encrypt(json.dumps({"account": account, **record}))
        path.write_bytes(text)
        path.chmod(0o600)

    def user(self, host: str, account: str = "admin") -> dict[str, t.Any]:
        """The account as the BMC itself has it."""
        rows: dict[str, dict[str, t.Any]] = self.rack.state(host)["users"]
        return next(row for row in rows.values() if bytes.fromhex(row["name"]) == account.encode())

    def password(self, host: str, account: str = "admin") -> str:
        """The password that the BMC itself has."""
        return bytes.fromhex(self.user(host, account)["password"]).decode()

    def may_log_in(self, host: str, password: str, account: str = "admin") -> bool:
        """Whether ipmitool gets in. It fails the test if not."""
        status = ipmitool(
            self.addresses[host], account, password, "-L", "USER", "chassis", "power", "status", port=self.rack.port
        )
        return "Chassis Power is" in status


@pytest.fixture(scope="module")
def network() -> t.Callable[[], str]:
    """A /24 of the loopback network for each rack, so that they do not meet, nor those of another run."""
    return lambda: f"127.42.{1 + (os.getpid() + 7 * next(_numbers)) % 250}"


Maker = t.Callable[..., Site]


@pytest.fixture(scope="module")
def make(start_rack: Starter, network: t.Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Starts a rack of its own; each row is a BMC's entry in the rack file."""

    def build(*rows: dict[str, t.Any]) -> Site:
        prefix = network()
        bmcs = [
            {"name": f"n{number}", "maker": "generic", "address": f"{prefix}.{number}", "netmask": "255.255.255.0",
             "gateway": f"{prefix}.254", "source": "static", "users": users(), **row}
            for number, row in enumerate(rows, 1)
        ]  # fmt: skip
        rack = start_rack({"bmcs": bmcs})
        addresses = {row["name"]: row["address"] for row in bmcs}
        variables = {"bmc_port": rack.port, "bmc_user": "admin", "bmc_password": PASSWORD, "bmc_timeout": 2}
        return Site(rack, tmp_path_factory.mktemp("site"), addresses, variables)

    return build


@pytest.fixture
def site(_site: Site, tmp_path: pathlib.Path) -> Site:
    """Four BMCs as they come from the factory, and no store yet."""
    for request in ("heal", "factory", "close_sessions", "clear_counters"):
        _site.rack.ask(request)
    return Site(_site.rack, tmp_path, _site.addresses, dict(_site.variables))


@pytest.fixture(scope="module")
def _site(make: Maker) -> Site:
    return make({}, {}, {}, {})

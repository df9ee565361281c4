# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site that rotates passwords: some BMCs, the playbook, and its files."""

from __future__ import annotations

import json
import pathlib
import typing as t
from dataclasses import dataclass, field

from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.harness import CHECKOUT, ansible, ipmitool
from tests.integration.simulator.conftest import Rack

PLAYBOOK: t.Final = str(CHECKOUT / "playbooks" / "rotate_passwords.yml")
VAULT_PASSWORD: t.Final = "vault-of-the-tests"
#: Seconds that a run may take; one has a hundred hosts.
TIMEOUT: t.Final = 900
#: How long a BMC is waited for that does not answer, in the whole and for the proof of a password.
SHORT: t.Final = {"bmc_timeout": 1, "rotate_verify_timeout": 2}


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
            environment={**self.environment, **(environment or {})}, timeout=TIMEOUT,
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

    def silence(self, host: str, **faults: t.Any) -> None:
        """Make a BMC misbehave so that it answers no more, at once or later.

        It alone is waited for shortly: the others may take their time on a busy machine.
        """
        self.host_variables.setdefault(host, {}).update(SHORT)
        self.rack.faults(host, **(faults or {"silent": True}))

    def heal(self) -> None:
        """End all misbehaviour."""
        for variables in self.host_variables.values():
            for name in SHORT:
                variables.pop(name, None)
        self.rack.ask("heal")

    def may_log_in(self, host: str, password: str, account: str = "admin") -> bool:
        """Whether ipmitool gets in. It fails the test if not."""
        status = ipmitool(
            self.addresses[host], account, password, "-L", "USER", "chassis", "power", "status", port=self.rack.port
        )
        return "Chassis Power is" in status

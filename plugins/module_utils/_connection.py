# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Where a BMC is and how to log in to it: the options that every module shares."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege, member

#: Longest user name of IPMI, in bytes.
MAX_USER = 16
#: Longest password of IPMI 2.0, in bytes.
MAX_PASSWORD = 20
#: Length of the BMC key Kg, in bytes; a shorter one is padded with zeros.
MAX_KG = 20
#: The cipher suites that a login proposes, one after the other.
LOGIN_SUITES: t.Final = (17, 3)

#: The shared options, as Ansible's argument spec. The documentation fragment `_connection` describes them.
CONNECTION_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {
    "bmc_host": {"type": "str"},
    "bmc_port": {"type": "int", "default": 623},
    "bmc_user": {"type": "str"},
    "bmc_password": {"type": "str", "no_log": True},
    "bmc_kg": {"type": "str", "no_log": True},
    "bmc_privilege": {
        "type": "str",
        "default": "administrator",
        "choices": ["administrator", "operator", "user"],
    },
    "bmc_interface": {"type": "str", "default": "lan", "choices": ["lan", "open"]},
    "bmc_timeout": {"type": "float", "default": 10.0},
}

#: Environment variables that stand in for an option that nothing else gives.
ENVIRONMENT: t.Final[dict[str, str]] = {
    "bmc_host": "BMC_HOST",
    "bmc_user": "BMC_USER",
    "bmc_password": "BMC_PASSWORD",
    "bmc_kg": "BMC_KG",
}


@dataclass(frozen=True)
class Connection:
    """One BMC, one account. Secrets are kept out of `repr`."""

    host: str  #: name or address; "" in band
    port: int = 623  #: UDP port
    user: str = ""  #: at most 16 bytes; "" is the null user
    password: str = field(default="", repr=False)  #: at most 20 bytes
    kg: bytes | None = field(default=None, repr=False)  #: at most 20 bytes
    privilege: Privilege = Privilege.ADMINISTRATOR  #: level that the session asks for
    interface: str = "lan"  #: "lan" or "open"
    timeout: float = 10.0  #: seconds in all for one request, retries included

    def __str__(self) -> str:
        if self.interface == "open":
            return "BMC of this host"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 623 else f"{host}:{self.port}"

    def at(self, host: str) -> Connection:
        """The same account of the same BMC at another address."""
        return replace(self, host=host)

    def with_password(self, password: str) -> Connection:
        """The same BMC and account with another password."""
        return replace(self, password=password)

    def with_kg(self, kg: bytes | None) -> Connection:
        """The same BMC and account with another key Kg; None is no key."""
        return replace(self, kg=kg)

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any]) -> Connection:
        """Check the options. Raises BadOption, naming the option and what is wrong with it."""
        interface = params["bmc_interface"]
        if interface == "lan" and not params.get("bmc_host"):
            raise BadOption(
                "bmc_host is missing: say where the BMC is, in the task, in module_defaults, "
                "as a variable of the host or in the environment variable BMC_HOST"
            )
        return cls(
            host=params.get("bmc_host") or "",
            port=_port(params["bmc_port"]),
            user=_bounded("bmc_user", params.get("bmc_user"), MAX_USER),
            password=_bounded("bmc_password", params.get("bmc_password"), MAX_PASSWORD),
            kg=parse_kg(params.get("bmc_kg")),
            privilege=member(Privilege, params["bmc_privilege"]),
            interface=interface,
            timeout=_timeout(params["bmc_timeout"]),
        )


def parse_kg(text: str | None) -> bytes | None:
    """A BMC key in hex, with or without 0x, at most 20 bytes. Raises BadOption without repeating it."""
    if not text:
        return None
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    try:
        kg = bytes.fromhex(digits)
    except ValueError:
        # The original exception repeats what it was given, which is a secret.
        raise BadOption("bmc_kg is not hexadecimal (two digits for each byte)") from None
    if len(kg) > MAX_KG:
        raise BadOption(f"bmc_kg has {len(kg)} bytes; a BMC key has at most {MAX_KG}")
    return kg


def _bounded(option: str, text: str | None, limit: int) -> str:
    size = len((text or "").encode())
    if size > limit:
        raise BadOption(f"{option} has {size} bytes; IPMI allows at most {limit}")
    return text or ""


def _port(port: int) -> int:
    if not 1 <= port <= 65535:
        raise BadOption(f"bmc_port is {port}; a UDP port is 1 to 65535")
    return port


def _timeout(seconds: float) -> float:
    if not 0 < seconds <= 3600:
        raise BadOption(f"bmc_timeout is {seconds:g}; it must be more than 0 and at most 3600 seconds")
    return seconds

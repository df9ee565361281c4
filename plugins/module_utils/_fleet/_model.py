# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What is known of many BMCs: the records that the other files of this folder hand to each other."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, field, fields, replace
from enum import Enum

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BmcError,
    LoginRefused,
    NameNotResolved,
    NoSessionSlot,
    PrivilegeRefused,
    Unreachable,
)

Value = t.Any
Facts = dict[str, Value]

#: What can be read with a session, in the order of reading.
PARTS: t.Final = ("controller", "guid", "lan", "power", "fru", "sol")


class State(Enum):
    """How a BMC was found. The values are part of the interface: host variables and groups are named after them."""

    OK = "ok"  #: it answers, and what was to be read was read
    UNKNOWN = "unknown"  #: not asked
    SILENT = "silent"  #: no answer to any probe
    PORT_CLOSED = "port_closed"  #: a machine is there that says that nothing listens on the port
    NAME_NOT_RESOLVED = "name_not_resolved"
    LOST = "lost"  #: answers a probe, and then not a session
    NO_IPMI = "no_ipmi"  #: answers the RMCP presence ping, and not IPMI
    LOGIN_REFUSED = "login_refused"
    PRIVILEGE_REFUSED = "privilege_refused"
    NO_SESSION_SLOT = "no_session_slot"
    SLOW = "slow"  #: answers, but not all of it in the time that one BMC may take
    ONLY_IPMI_1_5 = "only_ipmi_1_5"  #: sessions need IPMI 2.0
    NO_CREDENTIAL = "no_credential"  #: something was to be read, and no credential is for this BMC
    OTHER_BMC = "other_bmc"  #: at its address there is another BMC
    FAILED = "failed"  #: it answers, but not what the specification says

    @classmethod
    def of(cls, error: BmcError) -> State:
        """The state that an error leads to."""
        for kind, state in _STATES:
            if isinstance(error, kind):
                return state
        return cls.FAILED


_STATES: t.Final[tuple[tuple[type[BmcError], State], ...]] = (
    (NameNotResolved, State.NAME_NOT_RESOLVED),
    (PrivilegeRefused, State.PRIVILEGE_REFUSED),
    (LoginRefused, State.LOGIN_REFUSED),
    (NoSessionSlot, State.NO_SESSION_SLOT),
    (Unreachable, State.LOST),
)

#: The parent of a state's group. "bmc_out_of_order" has them all.
PARENTS: t.Final[dict[State, str]] = {
    State.SILENT: "bmc_unreachable",
    State.PORT_CLOSED: "bmc_unreachable",
    State.NAME_NOT_RESOLVED: "bmc_unreachable",
    State.LOST: "bmc_unreachable",
    State.NO_IPMI: "bmc_out_of_order",
    State.LOGIN_REFUSED: "bmc_out_of_order",
    State.PRIVILEGE_REFUSED: "bmc_login_refused",
    State.NO_SESSION_SLOT: "bmc_out_of_order",
    State.SLOW: "bmc_out_of_order",
    State.ONLY_IPMI_1_5: "bmc_out_of_order",
    State.OTHER_BMC: "bmc_out_of_order",
    State.FAILED: "bmc_out_of_order",
}


@dataclass(frozen=True)
class Place:
    """Where a BMC is."""

    host: str  #: name or address
    port: int = 623  #: UDP port

    @property
    def key(self) -> str:
        """For tables in JSON."""
        return f"{self.host} {self.port}"

    @classmethod
    def from_key(cls, key: str) -> Place:
        """The place that the key is of."""
        host, port = key.rsplit(" ", 1)
        return cls(host, int(port))


@dataclass(frozen=True)
class Entry:
    """One machine that the inventory's sources name."""

    name: str
    place: Place
    source: str  #: for messages: "hosts", "servers.csv:17"
    maker: str | None = None
    serial: str | None = None
    mac: str | None = None  #: lower case, with colons
    guid: str | None = None  #: lower case, with hyphens
    groups: tuple[str, ...] = ()
    variables: t.Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Probed:
    """What a BMC tells anybody, without a session."""

    ipmi_1_5: bool = False
    ipmi_2_0: bool = False
    oem_id: int = 0  #: IANA enterprise number, 0 where the BMC does not give one
    anonymous_login: bool = False  #: an account without name and password
    null_users: bool = False  #: an account without a name
    no_authentication: bool = False  #: sessions of IPMI 1.5 without a password
    kg_set: bool = False
    pong: bool = False  #: it answered the presence ping


@dataclass(frozen=True)
class Record:
    """What is known of the BMC at one place. Holds no secret and can be kept as JSON."""

    state: State = State.UNKNOWN
    reason: str = ""
    address: str = ""  #: numeric
    probed: Probed | None = None
    facts: t.Mapping[str, Value] = field(default_factory=dict)
    credential: str | None = None  #: the name of the one that was taken
    refused: tuple[str, ...] = ()  #: the names of those that were refused
    seconds: float = 0.0  #: that the BMC took, probe and session
    seen: float | None = None  #: when it last answered, seconds since 1970
    read: float | None = None  #: when the facts were read, seconds since 1970
    stale: bool = False  #: the facts are from an earlier look

    def as_json(self) -> dict[str, t.Any]:
        """For the cache."""
        return {**asdict(self), "state": self.state.value, "refused": list(self.refused)}

    @classmethod
    def from_json(cls, data: t.Mapping[str, t.Any]) -> Record:
        """From the cache. What another release wrote and this one does not know is left out."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        probed = values.get("probed")
        if probed is not None:
            values["probed"] = Probed(**{one.name: probed[one.name] for one in fields(Probed) if one.name in probed})
        values["state"] = State(values["state"])
        values["refused"] = tuple(values.get("refused", ()))
        return cls(**values)

    def failed(self, state: State, reason: str) -> Record:
        """The same with another outcome."""
        return replace(self, state=state, reason=reason)

# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What a control of the catalogue is, and what looking at it gives.

A control is a file in `_controls/` that holds one `Control`: its texts, its options, its check. Records
check themselves when they are made, so a wrong control fails at import.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from enum import Enum

if t.TYPE_CHECKING:
    from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case

_ID = re.compile(r"[A-Z]-[0-9]{2}")


class Severity(Enum):
    """How bad an open finding is; the first is the worst."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Profile(Enum):
    """How strict: each holds the controls of those before it."""

    L1 = "L1"  #: locks nobody out
    L2 = "L2"  #: may break old tools
    L3 = "L3"  #: one cipher suite, a BMC key, fixed addresses

    @property
    def rank(self) -> int:
        """1 to 3."""
        return int(self.value[1])


class State(Enum):
    """What is known of a control. Of several parts the first of these that one is in."""

    FAIL = "fail"
    NOT_ASSESSED = "not_assessed"  #: the BMC cannot or will not say, or the probe could not be made
    MANUAL = "manual"  #: IPMI does not show it, or nobody said what is wanted
    PASS = "pass"
    NOT_APPLICABLE = "not_applicable"  #: the BMC does not have what the control is about
    WAIVED = "waived"  #: it fails, and that was accepted until a day


#: Which of several parts' states speaks for the whole.
RANKING: t.Final = (State.FAIL, State.NOT_ASSESSED, State.MANUAL, State.PASS, State.NOT_APPLICABLE)


class Method(Enum):
    """How a verdict was reached."""

    CONFIG = "config"  #: what the BMC says of itself
    PROBE = "probe"  #: tried from outside
    METADATA = "metadata"  #: from what the task says, such as a password's age


class Fixable(Enum):
    """What can mend a failing control."""

    IPMI = "ipmi"  #: this collection
    OEM = "oem"  #: commands or settings of the maker
    REDFISH = "redfish"
    NETWORK = "network"
    NONE = "none"


class Disruption(Enum):
    """What mending it disturbs."""

    NONE = "none"
    OLD_TOOLS = "old_tools"  #: clients that know only what was switched off
    ACCOUNTS = "accounts"  #: whoever logs in with the account in question
    ALL_CLIENTS = "all_clients"  #: each client needs a new setting
    CONNECTION = "connection"  #: the BMC may have to be reached in another way
    RESTART = "restart"  #: of the BMC or the server


@dataclass(frozen=True)
class Option:
    """A value of the site's that a control looks for: a key of the module's option `policy`."""

    name: str
    spec: t.Mapping[str, t.Any]  #: as in an argument spec, without a default
    description: str
    default: t.Any = None  #: what holds where the site says nothing
    #: Raises BadOption for a value that cannot be; asked before anything is sent.
    valid: t.Callable[[t.Any], object] | None = None


@dataclass(frozen=True)
class Remedy:
    """How to mend it."""

    how: str  #: plain words; the maker's way where IPMI has none
    fixable: Fixable
    disruption: Disruption
    disturbs: str = ""  #: whom or what, in words; "" only where nothing is disturbed
    needs_reset: bool = False  #: some BMCs apply it at their next cold reset only


@dataclass(frozen=True)
class Verdict:
    """What was found, for the BMC as a whole or for one of its channels or accounts.

    `fix` is the part of an `ipmi_config` document that mends it; a value {"from_policy": "kg"} stands for
    a secret that the document must get from the site. Neither texts nor `fix` ever hold a secret.
    """

    state: State
    actual: str
    expected: str = ""  #: "" says the control's own `expected`
    subject: str = ""  #: "channel 1", "user 3 (oper)"; "" is the BMC
    reason: str = ""  #: why nothing can be said, or does not apply; needed for these states
    method: Method = Method.CONFIG
    fix: t.Mapping[str, t.Any] | None = None

    def __post_init__(self) -> None:
        if self.state in (State.NOT_ASSESSED, State.MANUAL, State.NOT_APPLICABLE) and not self.reason:
            raise ValueError(f"{self.state.value} needs a reason")
        if self.fix is not None and self.state is not State.FAIL:
            raise ValueError("only what fails is mended")


Check = t.Callable[["Case"], t.Iterable[Verdict]]


@dataclass(frozen=True)
class Control:
    """One control of the catalogue."""

    id: str  #: such as "C-01"
    title: str  #: what holds where it passes
    severity: Severity
    profile: Profile  #: the mildest that holds it
    rationale: str
    expected: str
    check: Check
    remedy: Remedy
    sources: tuple[str, ...]  #: who asks for it, and where traps are described
    options: tuple[Option, ...] = field(default=())

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is not a control's ID")
        texts = {"title": self.title, "rationale": self.rationale, "expected": self.expected, "how": self.remedy.how}
        for name, text in texts.items():
            if not text.strip() or text != text.strip():
                raise ValueError(f"{self.id}: {name} is empty or has blanks around it")
        if not self.sources:
            raise ValueError(f"{self.id}: nobody is named who asks for it")
        if (self.remedy.disruption is Disruption.NONE) is bool(self.remedy.disturbs):
            raise ValueError(f"{self.id}: the disruption and what it disturbs do not fit")

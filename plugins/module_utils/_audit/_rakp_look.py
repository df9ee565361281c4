# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What a BMC gives away of passwords: one login for each account, begun and not carried through."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NameNotResolved, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rakp import HASHES
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_open import SUITES
from ansible_collections.lightsout.bmc.plugins.module_utils._rakp_probe import Answer, RakpProber


@dataclass
class Looks:
    """The answers so far, by name."""

    prober: RakpProber
    suite: int
    answers: dict[str, Answer] = field(default_factory=dict)

    def at(self, name: str, privilege: int) -> Answer:
        """The answer for this name; the BMC is asked once. Raises NotAssessed where it cannot be."""
        if name not in self.answers:
            try:
                self.answers[name] = self.prober.ask(name.encode("latin-1"), privilege)
            except (NameNotResolved, Unreachable) as error:
                raise NotAssessed(str(error)) from None
        return self.answers[name]

    def given(self) -> str | None:
        """A name for which the BMC gave its RAKP 2; None: none so far."""
        return next((name for name, answer in self.answers.items() if answer.proof is not None), None)


def looks(case: Case) -> Looks:
    """What is known of this BMC. Raises NotAssessed where nothing can be tried from outside."""
    connection = case.need_outside()
    suite = case.bmc.cipher_suite
    if suite is None or suite not in SUITES or SUITES[suite].authentication not in HASHES:
        raise NotAssessed(f"the session runs over cipher suite {suite}, whose logins are not known here")

    def begin() -> Looks:
        return Looks(RakpProber(connection.host, connection.port, suite, connection.timeout), suite)

    return t.cast(Looks, case.once("RAKP 2", begin))


def probe_name(name: str) -> str:
    """What the probe is called in the evidence."""
    return f"Open Session and RAKP 1 for user {name!r}"

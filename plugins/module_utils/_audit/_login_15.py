# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A login of IPMI 1.5 that is begun and goes no further, for A-01 and A-02."""

from __future__ import annotations

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._auth_types import names
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import NameNotResolved, Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi_15_probe import Login15, outcome, probe_15


def login_15(case: Case) -> Login15 | None:
    """A login of IPMI 1.5, begun, and noted as evidence; None where it cannot be tried."""

    def begin() -> Login15 | str:
        connection = case.connection
        try:
            return probe_15(connection.host, connection.port, connection.user, connection.timeout)
        except (NameNotResolved, Unreachable, ValueError) as error:
            return str(error)

    try:
        case.need_outside()
    except NotAssessed:
        # The settings are judged alone.
        return None
    login: Login15 | str = case.once("ipmi 1.5", begin)
    if isinstance(login, str):
        case.reader.note_probe("a login of IPMI 1.5", f"could not be tried: {login}")
        return None
    _note(case, login)
    return login


def _note(case: Case, login: Login15) -> None:
    told = login.capabilities
    offers = "no usable answer" if told is None else f"IPMI 1.5 {'on' if told.ipmi_1_5 else 'off'}, types: {names(told.auth_types) or 'none'}"
    case.reader.note_probe("Get Channel Authentication Capabilities in an IPMI 1.5 packet", offers)
    for kind, code in login.codes.items():
        case.reader.note_probe(f"Get Session Challenge for {kind.name} in an IPMI 1.5 packet", outcome(code))

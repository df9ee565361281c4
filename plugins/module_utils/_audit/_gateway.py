# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The gateway that the site wants, for N-02 and N-04."""

from __future__ import annotations

import ipaddress

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._lan_look import NOWHERE
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

NONE = "none"


def gateway_wanted(case: Case) -> ipaddress.IPv4Address | None:
    """The address, 0.0.0.0 for none at all, or None where the site did not say. Raises BadOption."""
    given = case.wanted("gateway")
    return None if given is None else parse_gateway(given)


def parse_gateway(given: str) -> ipaddress.IPv4Address:
    """0.0.0.0 for C(none). Raises BadOption."""
    if given.strip().lower() == NONE:
        return NOWHERE
    try:
        return ipaddress.IPv4Address(given.strip())
    except ValueError:
        raise BadOption(f"policy.gateway: {given!r} is neither none nor an IPv4 address such as 192.0.2.1") from None


def shown(gateway: ipaddress.IPv4Address) -> str:
    """For verdicts."""
    return NONE if gateway == NOWHERE else str(gateway)
